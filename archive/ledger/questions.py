"""A question to staff becomes a row of the queue; every part of the ledger that asks does it here."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from archive.records import Question, dump
from archive.tables import QuestionRow


def question_row(question: Question, campaign: str | None, unit: str | None) -> QuestionRow:
    """The row of a new question."""
    return QuestionRow(
        kind=question.kind,
        number=question.number,
        piece=question.piece,
        campaign=campaign,
        unit=unit,
        question=question.question,
        guesses=[dump(guess) for guess in question.guesses],
        consequence=question.consequence,
        since=question.since,
    )


def ask(
    session: Session,
    kind: str,
    text: str,
    consequence: str,
    at: datetime,
    campaign: str | None = None,
    unit: str | None = None,
    number: str | None = None,
) -> None:
    """Ask inside a running transaction, about no guess and no piece."""
    session.add(question_row(Question(0, kind, number, None, text, (), consequence, at), campaign, unit))
