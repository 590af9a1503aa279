"""Selections: works staff chose for an upper office, and the result. Each event tells all a rebuild needs.

`selected` carries the row as it then is, `unselected` its key, `selection-result` its key and the result.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event, Selection, dump, load
from archive.tables import SelectionRow

Key = tuple[str, str, str]
"""number, piece, whom."""


class Selections:
    """What was chosen, for whom, and what became of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def choose(self, chosen: Selection) -> None:
        """Choose a work, or change rank and note of one that is chosen; its result stays."""
        with self._store.write() as session:
            row = session.get(SelectionRow, (chosen.number, chosen.piece, chosen.whom))
            if row is not None:
                old = load(Selection, row.value)
                told = (old.result, old.result_note, old.result_at)
                chosen = replace(chosen, result=told[0], result_note=told[1], result_at=told[2])
            _put(session, row, chosen)
            what: dict[str, Any] = {"piece": chosen.piece, "whom": chosen.whom, "item": chosen.item}
            what |= {"title": chosen.title, "rank": chosen.rank, "note": chosen.note}
            _tell(session, chosen, "selected", chosen.at, chosen.who, what)

    def drop(self, key: Key, at: datetime, who: str) -> bool:
        """It is no longer chosen; False when it was not."""
        with self._store.write() as session:
            row = session.get(SelectionRow, key)
            if row is None:
                return False
            session.delete(row)
            what = {"piece": key[1], "whom": key[2]}
            _tell(session, load(Selection, row.value), "unselected", at, who, what)
            return True

    def result(self, key: Key, result: Literal["used", "unused"], note: str, at: datetime, who: str) -> bool:
        """What the upper office did with it; False when it was not chosen."""
        with self._store.write() as session:
            row = session.get(SelectionRow, key)
            if row is None:
                return False
            chosen = replace(load(Selection, row.value), result=result, result_note=note, result_at=at)
            _put(session, row, chosen)
            what = {"piece": key[1], "whom": key[2], "result": result, "note": note}
            _tell(session, chosen, "selection-result", at, who, what)
            return True

    def all(self, campaign: str, whom: str | None = None) -> tuple[Selection, ...]:
        """Those of a campaign: by office, ranked ones first, else in the order they were chosen."""
        query = select(SelectionRow).where(SelectionRow.campaign == campaign)
        if whom is not None:
            query = query.where(SelectionRow.whom == whom)
        with self._store.read() as session:
            found = [load(Selection, row.value) for row in session.exec(query.order_by(col(SelectionRow.number)))]
        return tuple(sorted(found, key=lambda one: (one.whom, one.rank is None, one.rank or 0, one.at, one.number)))


def _put(session: Session, row: SelectionRow | None, chosen: Selection) -> None:
    if row is None:
        row = SelectionRow(number=chosen.number, piece=chosen.piece, whom=chosen.whom, campaign=chosen.campaign)
    row.campaign, row.value = chosen.campaign, dump(chosen)
    session.add(row)


def _tell(session: Session, one: Selection, kind: str, at: datetime, who: str, what: dict[str, Any]) -> None:
    events.add(session, [Event(at, kind, one.number, one.campaign, one.unit, who, what)])
