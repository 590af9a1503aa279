"""The second copy: what it holds, what waits to be copied, what is withheld from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from archive.damages import ARCHIVE
from archive.ledger.engine import Store
from archive.tables import CopyRow, DecisionRow, EventRow, FixityRow, SubmissionRow, VersionRow


@dataclass(frozen=True)
class Pending:
    """An object to be copied. number: of a 件, None for a log. version: of its decision, as the vault records it."""

    place: str
    number: str | None = None
    version: int = 0


class Copies:
    """What lies in the second copy."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self, most: int = 1) -> list[Pending]:
        """Objects that are new or changed since they were copied: 件 first, in order of arrival, then logs."""
        with self._store.read() as session:
            found = _submissions(session, most)
            return found if len(found) >= most else [*found, *_logs(session, most - len(found))]

    def done(self, one: Pending, at: datetime, why: str | None = None) -> None:
        """It lies in the second copy as it is now; or it is withheld: why."""
        with self._store.write() as session:
            session.merge(CopyRow(place=one.place, number=one.number, version=one.version, at=at, why=why))

    def again(self, places: Sequence[str]) -> None:
        """These are not in step: copy them anew."""
        with self._store.write() as session:
            for row in session.exec(select(CopyRow).where(col(CopyRow.place).in_(places))):
                session.delete(row)

    def held(self) -> list[str]:
        """Places that lie in the second copy."""
        with self._store.read() as session:
            return list(session.exec(select(CopyRow.place).where(col(CopyRow.why).is_(None))))

    def withheld(self) -> dict[str, str]:
        """Number -> why it is not copied."""
        with self._store.read() as session:
            rows = session.exec(select(CopyRow).where(col(CopyRow.why).is_not(None)))
            return {row.number or row.place: row.why or "" for row in rows}

    def copied(self, place: str) -> datetime | None:
        """When it was copied last; None when it does not lie there."""
        with self._store.read() as session:
            row = session.get(CopyRow, place)
            return None if row is None or row.why is not None else row.at


def _submissions(session: Session, most: int) -> list[Pending]:
    query = (
        select(SubmissionRow.mailbox, SubmissionRow.year, SubmissionRow.number, func.max(DecisionRow.version))
        .join(DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
        .join(CopyRow, col(CopyRow.number) == col(SubmissionRow.number), isouter=True)
        .where(SubmissionRow.state == "accepted", col(DecisionRow.recorded).is_(True))
        .group_by(col(SubmissionRow.number), col(CopyRow.version))
        .having(col(CopyRow.version).is_(None) | (func.max(DecisionRow.version) > col(CopyRow.version)))
        .order_by(col(SubmissionRow.received), col(SubmissionRow.number))
        .limit(most)
    )
    rows = session.exec(query).all()
    return [Pending(f"{mailbox}/{year:04d}/{number}", number, version) for mailbox, year, number, version in rows]


def _logs(session: Session, most: int) -> list[Pending]:
    """Versions of campaigns and rosters, segments of events, and whatever else was seen in the archive."""
    copied = set(session.exec(select(CopyRow.place).where(col(CopyRow.number).is_(None))))
    kept = session.exec(select(VersionRow).where(col(VersionRow.kept).is_(True)).order_by(col(VersionRow.id)))
    places = [f"_log/{row.kind}/{row.name}/{row.sha256[:16]}" for row in kept]
    segments = session.exec(select(func.max(EventRow.segment))).one() or 0
    places += [f"_log/events/{number:08d}" for number in range(1, segments + 1)]
    seen = select(FixityRow.place).where(FixityRow.root == ARCHIVE, col(FixityRow.place).startswith("_log/"))
    places += sorted(session.exec(seen))
    return [Pending(place) for place in dict.fromkeys(places) if place not in copied][:most]
