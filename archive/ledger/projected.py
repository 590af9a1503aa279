"""Letters that are only a projection until they leave: reminders and overdue letters that were written but not sent."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.ledger.letters import UNSENT
from archive.records import Event, Letter, LetterState
from archive.tables import LetterRow

KINDS = ("reminder", "overdue")


class Projected:
    """Unsent letters follow the plan; a letter that was tried once keeps its bytes for good."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def unsent(self, campaign: str) -> frozenset[str]:
        """Keys of the campaign's reminders and overdue letters that are written, not cancelled and never tried."""
        with self._store.read() as session:
            return frozenset(
                session.exec(
                    select(LetterRow.key).where(
                        LetterRow.campaign == campaign,
                        col(LetterRow.kind).in_(KINDS),
                        col(LetterRow.state).in_(UNSENT),
                        LetterRow.tries == 0,
                    )
                )
            )

    def rewrite(self, letter: Letter, at: datetime) -> None:
        """The same letter as of now: new words, not before `letter.due`; one set back to `planned` is due again."""
        with self._store.write() as session:
            row = _row(session, letter.key)
            if row is None:
                return
            row.due, row.expires, row.recipient = letter.due, letter.expires, letter.to
            row.subject, row.body, row.text = letter.subject, letter.body, letter.text
            row.message_id, row.said = str(letter.message_id), dict(letter.said) or None
            if row.state == "planned":
                row.state, row.trouble = letter.state, None
                what = {"key": row.key, "state": row.state}
                events.add(session, [Event(at, "letter-due-again", None, row.campaign, row.unit, "auto", what)])
            session.add(row)

    def withdraw(self, key: str, state: LetterState, why: str, at: datetime) -> None:
        """It has lost its reason: for good (`cancelled`), or for now (`planned`)."""
        with self._store.write() as session:
            row = _row(session, key)
            if row is None or (row.state, row.trouble) == (state, why):
                return
            row.state, row.trouble = state, why
            session.add(row)
            events.add(
                session,
                [Event(at, f"letter-{state}", None, row.campaign, row.unit, "auto", {"key": key, "why": why})],
            )

    def put_back(self, key: str, why: str, next_try: datetime) -> None:
        """It was leased but not tried: something is in the way; look again at `next_try`."""
        with self._store.write() as session:
            row = session.get(LetterRow, key)
            if row is not None and row.state == "sending":
                row.state, row.trouble, row.next_try, row.lease = "queued", why, next_try, None
                row.tries -= 1
                session.add(row)


def _row(session: Session, key: str) -> LetterRow | None:
    row = session.get(LetterRow, key)
    return row if row is not None and row.state in UNSENT and row.tries == 0 else None
