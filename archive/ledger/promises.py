"""Promised files in the queue: one line for each that waits behind a link, and each alarm told once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast
from sqlmodel import Session, col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.ledger.held import holdings
from archive.ledger.questions import question_row
from archive.records import Event, Holdings, Question
from archive.tables import DecisionRow, EventRow, QuestionRow

KIND = "promised-file"
ALARM = "promise-alarm"


@dataclass(frozen=True)
class Waiting:
    """A promised file as the queue tells it. key: which link of the mail; alarm: T-7, T-2, expired or None."""

    number: str
    key: str
    question: str
    consequence: str
    since: datetime
    alarm: str | None = None


class Promises:
    """The lines of the queue that follow the links units sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def holdings(self, campaign: str, units: Collection[str] | None = None) -> dict[str, Holdings]:
        """What is held for those of the units (None = all) that sent a link or still have a line in the queue."""
        links = select(DecisionRow.unit).where(
            DecisionRow.campaign == campaign,
            col(DecisionRow.current).is_(True),
            cast(col(DecisionRow.value), Text).contains('"kind": "link"'),
        )
        lines = select(QuestionRow.unit).where(
            QuestionRow.campaign == campaign, QuestionRow.kind == KIND, col(QuestionRow.settled).is_(None)
        )
        with self._store.read() as session:
            found = {unit for unit in (*session.exec(links), *session.exec(lines)) if unit}
            chosen = sorted(found if units is None else found & set(units))
            return holdings(session, campaign, chosen) if chosen else {}

    def tend(self, campaign: str, unit: str, waiting: Sequence[Waiting], at: datetime) -> list[Waiting]:
        """Make the unit's lines those of `waiting`: new ones asked, others settled; gives those alarmed of now."""
        with self._store.write() as session:
            open_ = {(row.number, row.piece): row for row in _rows(session, campaign, unit)}
            for one in waiting:
                row = open_.pop((one.number, one.key), None) or _new(campaign, unit, one)
                row.question, row.consequence = one.question, one.consequence
                session.add(row)
            for row in open_.values():
                row.settled, row.settled_by = at, "auto"
                session.add(row)
                what = {"kind": KIND, "question": row.question}
                events.add(session, [Event(at, "question-settled", row.number, campaign, unit, "auto", what)])
            alarmed = [one for one in waiting if one.alarm and not _alarmed(session, one)]
            told = [{"piece": one.key, "step": one.alarm, "question": one.question} for one in alarmed]
            numbers = [one.number for one in alarmed]
            events.add(
                session,
                [Event(at, ALARM, n, campaign, unit, "auto", what) for n, what in zip(numbers, told, strict=True)],
            )
            return alarmed


def _rows(session: Session, campaign: str, unit: str) -> Sequence[QuestionRow]:
    return session.exec(
        select(QuestionRow).where(
            QuestionRow.kind == KIND,
            QuestionRow.campaign == campaign,
            QuestionRow.unit == unit,
            col(QuestionRow.settled).is_(None),
        )
    ).all()


def _new(campaign: str, unit: str, one: Waiting) -> QuestionRow:
    asked = Question(0, KIND, one.number, one.key, one.question, (), one.consequence, one.since)
    return question_row(asked, campaign, unit)


def _alarmed(session: Session, one: Waiting) -> bool:
    told = session.exec(select(EventRow.value).where(EventRow.number == one.number, EventRow.kind == ALARM))
    return any(value.get("piece") == one.key and value.get("step") == one.alarm for value in told)
