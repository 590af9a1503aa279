"""What staff taught: an address or a name that stands for a unit in one campaign; listed, and forgotten on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event
from archive.tables import TaughtRow

Kind = Literal["address", "alias"]


@dataclass(frozen=True)
class Lesson:
    """One thing learned. text: an address in lower case, or a name as staff wrote it. number: the 件 it came from."""

    id: int
    kind: Kind
    campaign: str
    text: str
    unit: str
    number: str | None
    at: datetime
    who: str


class Taught:
    """Addresses and names learned from staff, each for one campaign."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def teach(
        self, kind: Kind, text: str, campaign: str, unit: str, at: datetime, who: str, number: str | None = None
    ) -> None:
        """This address or name stands for this unit; it replaces what the same text stood for before."""
        text = text.strip().lower() if kind == "address" else text.strip()
        with self._store.write() as session:
            row = _same(session, kind, campaign, text)
            if row is None:
                row = TaughtRow(kind=kind, campaign=campaign, text=text, unit=unit, number=number, at=at, who=who)
            row.unit, row.number, row.at, row.who = unit, number, at, who
            session.add(row)
            what: dict[str, str] = {kind: text}
            events.add(session, [Event(at, f"{kind}-learned", number, campaign, unit, who, what)])

    def forget(self, id: int, campaign: str, at: datetime, who: str) -> Lesson | None:
        """It no longer holds; decisions made by it stay. None when this campaign has no such lesson."""
        with self._store.write() as session:
            row = session.get(TaughtRow, id)
            if row is None or row.campaign != campaign:
                return None
            lesson = _lesson(row)
            session.delete(row)
            what: dict[str, str] = {lesson.kind: lesson.text}
            told = Event(at, f"{lesson.kind}-forgotten", lesson.number, campaign, lesson.unit, who, what)
            events.add(session, [told])
            return lesson

    def all(self, campaign: str) -> tuple[Lesson, ...]:
        """Everything learned for a campaign, oldest first."""
        with self._store.read() as session:
            rows = session.exec(select(TaughtRow).where(TaughtRow.campaign == campaign).order_by(col(TaughtRow.id)))
            return tuple(map(_lesson, rows))

    def addresses(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Address -> (campaign, unit) pairs, over all campaigns."""
        with self._store.read() as session:
            result: dict[str, tuple[tuple[str, str], ...]] = {}
            for row in session.exec(select(TaughtRow).where(TaughtRow.kind == "address").order_by(col(TaughtRow.id))):
                result[row.text] = (*result.get(row.text, ()), (row.campaign, row.unit))
            return result

    def aliases(self, campaign: str) -> tuple[tuple[str, str], ...]:
        """(name, unit) pairs of a campaign, oldest first."""
        return tuple((one.text, one.unit) for one in self.all(campaign) if one.kind == "alias")


def _same(session: Session, kind: str, campaign: str, text: str) -> TaughtRow | None:
    same = select(TaughtRow).where(TaughtRow.kind == kind, TaughtRow.campaign == campaign, TaughtRow.text == text)
    return session.exec(same).first()


def _lesson(row: TaughtRow) -> Lesson:
    kind: Kind = "address" if row.kind == "address" else "alias"
    return Lesson(row.id or 0, kind, row.campaign, row.text, row.unit, row.number, row.at, row.who)
