"""Fixity: when each object was last read, what was wrong with it, and which is to be read next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from archive.damages import Ailing, Checked, Damage, Standing
from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event
from archive.tables import FixityRow, SubmissionRow


class Fixity:
    """The last look at each object."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def expected(self) -> list[str]:
        """Places of every accepted number."""
        query = select(SubmissionRow.mailbox, SubmissionRow.year, SubmissionRow.number)
        with self._store.read() as session:
            rows = session.exec(query.where(SubmissionRow.state == "accepted"))
            return [f"{mailbox}/{year:04d}/{number}" for mailbox, year, number in rows]

    def listed(self, root: str, places: Collection[str], damages: Sequence[Damage], at: datetime) -> None:
        """The root was walked: objects not seen before are to be read; damages lie outside any object."""
        with self._store.write() as session:
            known = set(session.exec(select(FixityRow.place).where(FixityRow.root == root)))
            new = sorted({*places} - known)
            if new:
                session.execute(
                    insert(FixityRow),
                    [
                        {"root": root, "place": p, "since": at, "files": 0, "bytes": 0, "damaged": 0, "damages": []}
                        for p in new
                    ],
                )
            _note(session, root, Checked("", 0, 0, tuple(damages)), at)

    def walked(self, root: str) -> datetime | None:
        """When the root was last walked."""
        with self._store.read() as session:
            row = session.get(FixityRow, (root, ""))
            return None if row is None else row.checked

    def next(self, root: str, before: datetime) -> str | None:
        """The object that has waited longest, if it was never read or last before that time."""
        mine = select(FixityRow.place).where(FixityRow.root == root, FixityRow.place != "")
        checked = col(FixityRow.checked)
        with self._store.read() as session:
            unread = session.exec(mine.where(checked.is_(None)).limit(1)).first()
            return unread or session.exec(mine.where(checked < before).order_by(checked).limit(1)).first()

    def checked(self, root: str, results: Sequence[Checked], at: datetime) -> bool:
        """These objects were read; what was found new, or is well again, is told as an event. True when one was."""
        with self._store.write() as session:
            changed = [_note(session, root, one, at) for one in results]
        return any(changed)

    def damaged(self) -> list[Ailing]:
        """Every object with a damage when it was last read."""
        with self._store.read() as session:
            rows = session.exec(
                select(FixityRow).where(FixityRow.damaged > 0).order_by(col(FixityRow.root), col(FixityRow.place))
            ).all()
        return [
            Ailing(row.root, row.place, row.checked or row.since, tuple(Damage(**one) for one in row.damages))
            for row in rows
        ]

    def of(self, root: str, place: str) -> tuple[datetime | None, tuple[Damage, ...]]:
        """When the object was last read (None: never), and its damages then."""
        with self._store.read() as session:
            row = session.get(FixityRow, (root, place))
            return (None, ()) if row is None else (row.checked, tuple(Damage(**one) for one in row.damages))

    def oldest(self, root: str) -> datetime | None:
        """The longest any object has waited since it was last read, or first seen; None when there is none."""
        mine = (FixityRow.root == root, FixityRow.place != "")
        unread = select(func.min(FixityRow.since)).where(*mine, col(FixityRow.checked).is_(None))
        with self._store.read() as session:
            found = [session.exec(unread).one(), session.exec(select(func.min(FixityRow.checked)).where(*mine)).one()]
        return min((moment for moment in found if moment is not None), default=None)

    def standing(self, root: str) -> Standing:
        """How far the checking of that root has come. Adds up all its rows."""
        mine = (FixityRow.root == root, FixityRow.place != "")
        sums = select(
            func.count(), func.coalesce(func.sum(FixityRow.files), 0), func.coalesce(func.sum(FixityRow.bytes), 0)
        ).where(*mine)
        unread = select(func.count()).where(*mine, col(FixityRow.checked).is_(None))
        newest = select(func.max(FixityRow.checked)).where(*mine)
        with self._store.read() as session:
            objects, files, size = session.exec(sums).one()
            return Standing(objects, session.exec(unread).one(), files, size, session.exec(newest).one())


def _note(session: Session, root: str, one: Checked, at: datetime) -> bool:
    row = session.get(FixityRow, (root, one.object)) or FixityRow(root=root, place=one.object, since=at)
    damages = [asdict(damage) for damage in one.damages]
    changed = damages != (row.damages or [])
    if changed:
        what = {"root": root, "place": one.object, "codes": sorted({damage.code for damage in one.damages})}
        number = one.object.rpartition("/")[2] if one.object and not one.object.startswith("_") else None
        kind = "damaged" if damages else "whole-again"
        events.add(session, [Event(at, kind, number, None, None, "auto", what)])
    row.checked, row.files, row.bytes, row.damages, row.damaged = at, one.files, one.bytes, damages, len(damages)
    session.add(row)
    return changed
