"""Acts on the plan: what staff want of letters that are not written yet, and notes on letters. Losing them loses only
a staff hold or note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Act, Event
from archive.tables import PlanRow


class Acts:
    """One row for each key of a letter."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, Act]:
        """Key → what staff want of it."""
        with self._store.read() as session:
            return {row.key: _act(row) for row in session.exec(select(PlanRow))}

    def act(
        self, keys: Sequence[str], act: Literal["hold", "cancel", "now"], campaign: str | None, at: datetime, who: str
    ) -> None:
        """Hold, cancel or send now the planned letters of these keys; the last act stands."""
        with self._store.write() as session:
            for key in keys:
                self._put(session, key, act, None, at, who)
            what = {"keys": list(keys)}
            events.add(session, [Event(at, f"plan-{act}", None, campaign, None, who, what)])

    def note(self, key: str, text: str, campaign: str | None, at: datetime, who: str) -> None:
        """A note on the letter of this key, planned or written; it replaces an earlier one."""
        with self._store.write() as session:
            self._put(session, key, None, text, at, who)
            what = {"key": key, "note": text}
            events.add(session, [Event(at, "plan-noted", None, campaign, None, who, what)])

    def release(self, key: str, campaign: str | None, at: datetime, who: str) -> int:
        """Lift a hold or take back a cancellation, of all that was held with it; gives how many there were (0 or 1)."""
        with self._store.write() as session:
            row = session.get(PlanRow, key)
            if row is None or not row.act:
                return 0
            together = select(PlanRow).where(PlanRow.act == row.act, PlanRow.at == row.at, PlanRow.who == row.who)
            rows = session.exec(together).all()
            what = {"keys": [one.key for one in rows]}
            for one in rows:
                one.act = ""
                session.add(one)
            events.add(session, [Event(at, "plan-released", None, campaign, None, who, what)])
            return 1

    @staticmethod
    def _put(session: Session, key: str, act: str | None, note: str | None, at: datetime, who: str) -> None:
        row = session.get(PlanRow, key) or PlanRow(key=key, at=at, who=who)
        row.note = row.note if note is None else note
        if act is not None:
            row.act, row.at, row.who = act, at, who
        session.add(row)


def _act(row: PlanRow) -> Act:
    act: Any = row.act
    return Act(row.key, act, row.note, row.at, row.who)
