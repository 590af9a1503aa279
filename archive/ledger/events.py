"""Events: told once, in order, flushed to the vault in segments by one writer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, insert, update
from sqlmodel import Session, col, select

from archive.chain import Head, json_line
from archive.ledger import images
from archive.ledger.engine import Store
from archive.records import Event, dump
from archive.tables import ChangedRow, EventRow, LetterRow, MetaRow

HEAD = "log-head"
"""Under this name the ledger remembers where the chain of the log stands: {segment, digest}."""


@dataclass(frozen=True)
class Segment:
    """What is not yet in the vault: events, images of the rows that changed, the bytes of letters. before: the chain
    so far; rows: what `images` were taken of."""

    before: Head
    events: tuple[Event, ...]
    letters: dict[str, bytes]
    rows: tuple[ChangedRow, ...] = ()
    images: tuple[images.Image, ...] = ()


def add(session: Session, events: Iterable[Event]) -> None:
    """Tell events inside a running transaction."""
    rows = [
        {
            "at": e.at,
            "kind": e.kind,
            "number": e.number,
            "campaign": e.campaign,
            "unit": e.unit,
            "who": e.who,
            "value": dict(e.data),
        }
        for e in events
    ]
    if rows:
        session.execute(insert(EventRow), rows)


def _event(row: EventRow) -> Event:
    return Event(row.at, row.kind, row.number, row.campaign, row.unit, row.who, row.value)


class Events:
    """What happened."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def tell(self, *events: Event) -> None:
        """Tell events in a transaction of their own."""
        with self._store.write() as session:
            add(session, events)

    def of(self, number: str) -> tuple[Event, ...]:
        """Everything told of one 件, oldest first."""
        with self._store.read() as session:
            rows = session.exec(select(EventRow).where(EventRow.number == number).order_by(col(EventRow.id)))
            return tuple(_event(row) for row in rows)

    def next_segment(self, most: int = 5000) -> Segment | None:
        """Up to `most` events and as many rows for the next segment; one not marked kept is given again."""
        with self._store.write() as session:
            open_ = session.exec(
                select(EventRow).where(col(EventRow.segment).is_(None)).order_by(col(EventRow.id)).limit(most)
            ).all()
            rows = tuple(images.changed(session, most))
            if not open_ and not rows:
                return None
            found, bodies = images.images(session, rows)
            keys = [str(row.value.get("key")) for row in open_ if row.kind == "letter-sent"]
            letters = session.exec(select(LetterRow).where(col(LetterRow.key).in_(keys))).all()
            bodies |= {row.key: row.body for row in letters}
            return Segment(_head(session), tuple(_event(row) for row in open_), bodies, rows, tuple(found))

    def head(self) -> Head:
        """Where the chain of the log stands."""
        with self._store.read() as session:
            return _head(session)

    def mark_kept(self, segment: Segment, head: Head) -> None:
        """The segment lies in the vault, and the chain stands there now."""
        with self._store.write() as session:
            ids = session.exec(
                select(EventRow.id)
                .where(col(EventRow.segment).is_(None))
                .order_by(col(EventRow.id))
                .limit(len(segment.events))
            ).all()
            if ids:
                session.execute(update(EventRow).where(col(EventRow.id).in_(ids)).values(segment=head.segment))
            images.taken(session, segment.rows, segment.letters)
            session.merge(MetaRow(key=HEAD, value={"segment": head.segment, "digest": head.digest}))


def _head(session: Session) -> Head:
    row = session.get(MetaRow, HEAD)
    if row is None:  # segments written before there was a chain
        return Head(session.exec(select(func.max(EventRow.segment))).one() or 0, "")
    return Head(row.value["segment"], row.value["digest"])


def as_lines(segment: Segment) -> list[dict[str, object]]:
    """The events of a segment as JSON data, one a line."""
    return [dump(event) for event in segment.events]


def as_rows(segment: Segment) -> bytes:
    """The images of a segment as JSON lines."""
    return b"".join(json_line(image) + b"\n" for image in segment.images)
