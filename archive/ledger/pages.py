"""What the pages read at a glance, in few columns and without loading whole values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import SQLModel, col, func, select

from archive.ledger.engine import Store
from archive.ledger.letters import letter_of
from archive.records import Event, Letter
from archive.tables import DecisionRow, EventRow, LetterRow, SubmissionRow

_SUBMISSION, _DECISION = SQLModel.metadata.tables["submission"].c, SQLModel.metadata.tables["decision"].c
_OF_MAIL = ("number", "received", "sender", "subject", "channel")
_OF_DECISION = ("role", "campaign", "unit", "made_by")


@dataclass(frozen=True)
class Mail:
    """One line of the list of 件."""

    number: str
    received: datetime
    sender: str
    subject: str
    channel: str
    role: str
    campaign: str | None
    unit: str | None
    made_by: str


class Pages:
    """Reads only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def revision(self) -> int:
        """Grows with everything that happens: what was computed at one revision holds until the next."""
        with self._store.read() as session:
            return session.exec(select(func.max(EventRow.id))).one() or 0

    def arrivals(self, campaign: str, since: datetime) -> list[datetime]:
        """When the submissions of a campaign came, since that moment (UTC), oldest first."""
        query = (
            select(SubmissionRow.received)
            .join(DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
            .where(
                DecisionRow.campaign == campaign,
                col(DecisionRow.current).is_(True),
                DecisionRow.role == "submission",
                SubmissionRow.received >= since,
            )
            .order_by(col(SubmissionRow.received))
        )
        with self._store.read() as session:
            return list(session.exec(query))

    def mails(
        self, *, campaigns: Collection[str] | None = None, unit: str | None = None, role: str | None = None,
        before: tuple[datetime, str] | None = None, most: int = 50,
    ) -> list[Mail]:  # fmt: skip
        """件, the newest first. campaigns: only those (None = all, and what belongs to none yet); before: (received,
        number) of the last line of the page before."""
        query = (
            sql_select(*(_SUBMISSION[name] for name in _OF_MAIL), *(_DECISION[name] for name in _OF_DECISION))
            .join_from(SubmissionRow, DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
            .where(col(DecisionRow.current).is_(True), col(SubmissionRow.state) == "accepted")
        )
        if campaigns is not None:
            query = query.where(col(DecisionRow.campaign).in_(list(campaigns)))
        if unit is not None:
            query = query.where(col(DecisionRow.unit) == unit)
        if role:
            query = query.where(col(DecisionRow.role) == role)
        if before is not None:
            at, number = before
            older = (col(SubmissionRow.received) < at) | (
                (col(SubmissionRow.received) == at) & (col(SubmissionRow.number) < number)
            )
            query = query.where(older)
        query = query.order_by(col(SubmissionRow.received).desc(), col(SubmissionRow.number).desc()).limit(most)
        with self._store.read() as session:
            return [Mail(*row) for row in session.connection().execute(query)]

    def events(
        self, *, campaigns: Collection[str] | None = None, unit: str | None = None, number: str | None = None,
        before: int | None = None, most: int = 100,
    ) -> list[tuple[int, Event]]:  # fmt: skip
        """(id, event), the newest first; before: id of the last line of the page before."""
        query = select(EventRow).order_by(col(EventRow.id).desc()).limit(most)
        if campaigns is not None:
            query = query.where(col(EventRow.campaign).in_(list(campaigns)))
        if unit is not None:
            query = query.where(EventRow.unit == unit)
        if number is not None:
            query = query.where(EventRow.number == number)
        if before is not None:
            query = query.where(col(EventRow.id) < before)
        with self._store.read() as session:
            return [
                (r.id or 0, Event(r.at, r.kind, r.number, r.campaign, r.unit, r.who, r.value))
                for r in session.exec(query)
            ]

    def letter(self, key: str) -> Letter | None:
        """One letter with its bytes."""
        with self._store.read() as session:
            row = session.get(LetterRow, key)
            return None if row is None else letter_of(row)
