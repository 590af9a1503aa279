"""Rebuilding: rows put back from what the archive tells; the only writer of a ledger that is being made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, func, select

from archive.chain import Head
from archive.ledger import decisions, images
from archive.ledger.arrivals import piece_rows
from archive.ledger.engine import Store
from archive.ledger.events import HEAD
from archive.records import Decision, Event, Submission, dump
from archive.tables import CounterRow, EventRow, MetaRow, SubmissionRow, UidRow

HELD = "sending-held"


class Rebuilding:
    """One new ledger file."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)

    def rows(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows of a table as the log tells them."""
        with self._store.write() as session:
            images.restore(session, name, rows)

    def events(self, told: Sequence[tuple[int, Event]]) -> None:
        """Events with the number of their segment, in order."""
        with self._store.write() as session:
            session.add_all(
                EventRow(
                    at=e.at, kind=e.kind, number=e.number, campaign=e.campaign, unit=e.unit, who=e.who,
                    value=dict(e.data), segment=segment,
                )
                for segment, e in told
            )  # fmt: skip

    def submission(self, row: Mapping[str, Any], submission: Submission, decided: Sequence[Decision]) -> None:
        """A 件 with its pieces and every decision. row: columns that the log tells; the rest is the submission's."""
        mail = submission.mail
        own: dict[str, Any] = {
            "number": submission.number, "state": "accepted", "channel": submission.channel,
            "received": images.plain(submission.received), "sha256": submission.sha256, "size": submission.size,
            "sender": mail.sender, "subject": mail.subject, "message_id": mail.message_id,
        }  # fmt: skip
        with self._store.write() as session:
            images.restore(session, "submission", [{**own, **row, "value": dump(submission)}])
            piece_rows(session, [submission])
            for decision in decided:
                decisions.add(session, [(decision, True)])

    def seen(self, submission: Submission) -> None:
        """A UID the log does not tell: the mail whose object lies there was fetched."""
        source = submission.source
        with self._store.write() as session:
            key = (source.mailbox, source.folder, source.uidvalidity, source.uid)
            if source.uid and session.get(UidRow, key) is None:
                session.add(
                    UidRow(
                        mailbox=source.mailbox, folder=source.folder, uidvalidity=source.uidvalidity, uid=source.uid,
                        state="archived", number=submission.number, sha256=submission.sha256, at=submission.received,
                    )
                )  # fmt: skip

    def used(self, number: str) -> None:
        """A number that has an object is never given again."""
        code_year, _, count = number.rpartition("-")
        code, year = code_year[:-4], code_year[-4:]
        if not (code and year.isdigit() and count.isdigit()):
            return
        with self._store.write() as session:
            row = session.get(CounterRow, (code, int(year))) or CounterRow(code=code, year=int(year), last=0)
            row.last = max(row.last, int(count))
            session.add(row)

    def finish(self, head: Head, held: str) -> None:
        """Everything lies in the log already; nothing leaves until staff say so. held: why (Chinese)."""
        with self._store.write() as session:
            session.merge(MetaRow(key=HEAD, value={"segment": head.segment, "digest": head.digest}))
            images.nothing_changed(session)
            session.merge(MetaRow(key=HELD, value=held))

    def counts(self) -> dict[str, int]:
        """What was made again: 件, events."""
        with self._store.read() as session:
            return {"submissions": _count(session, SubmissionRow), "events": _count(session, EventRow)}

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()


def _count(session: Session, table: Any) -> int:
    return int(session.exec(select(func.count()).select_from(table)).one())
