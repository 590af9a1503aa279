"""What the ledger forgets of a 件 that is discarded: what its mail and files said, and what was concluded from it.

Number, hashes, sizes, names, sender, subject and who decided what stay: the tombstone tells no less.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text
from sqlmodel import Session, col, select

from archive.ledger.search import index_again
from archive.records import Decision, Facts, Piece, PieceDecision, Submission, dump, load
from archive.tables import DecisionRow, QuestionRow, SubmissionRow


def empty(session: Session, number: str) -> None:
    """Inside the transaction that discards a 件; the bytes on the disk are overwritten, not only set free."""
    session.flush()
    session.execute(text("PRAGMA secure_delete=ON"))
    row = session.get(SubmissionRow, number)
    if row is not None and row.value is not None:
        row.value = dump(_emptied(load(Submission, row.value)))
        session.add(row)
    for version in session.exec(select(DecisionRow).where(DecisionRow.number == number)):
        version.value = dump(without_words(load(Decision, version.value)))
        session.add(version)
    for asked in session.exec(select(QuestionRow).where(col(QuestionRow.number) == number)):
        asked.question = "（已销毁）"
        session.add(asked)
    index_again(session, number)
    session.flush()
    session.execute(text("PRAGMA secure_delete=OFF"))


def without_words(decision: Decision) -> Decision:
    """The decision without what it leaned on."""
    pieces = tuple(
        PieceDecision(p.path, p.item, p.category, p.subkind, unit=p.unit, none=p.none) for p in decision.pieces
    )
    return replace(decision, evidence=(), guesses=(), announced=(), pieces=pieces)


def _emptied(submission: Submission) -> Submission:
    mail = replace(submission.mail, text="", quoted="", nested=(), cards=())
    return replace(submission, mail=mail, pieces=tuple(_piece(piece) for piece in submission.pieces))


def _piece(piece: Piece) -> Piece:
    return replace(piece, facts=Facts(piece.facts.type, piece.facts.mime))
