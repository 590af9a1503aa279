"""Notes on units: told by phone, or answered by staff in the webmail. What they say keeps reminders back."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event, Note
from archive.tables import NoteRow


class Notes:
    """What staff noted, oldest first; nothing is ever taken out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, note: Note) -> int:
        """Keep a note, with the event that tells of it; gives its id."""
        with self._store.write() as session:
            row = NoteRow(
                campaign=note.campaign,
                unit=note.unit,
                kind=note.kind,
                text=note.text,
                at=note.at,
                who=note.who,
                until=note.until,
                number=note.number,
            )
            session.add(row)
            session.flush()
            what = {"kind": note.kind, "text": note.text, "until": note.until.isoformat() if note.until else None}
            events.add(session, [Event(note.at, "noted", note.number, note.campaign, note.unit, note.who, what)])
            return int(row.id or 0)

    def of(self, campaign: str, unit: str) -> tuple[Note, ...]:
        """The notes on one unit."""
        return tuple(note for note in self.all(campaign) if note.unit == unit)

    def all(self, campaign: str) -> tuple[Note, ...]:
        """The notes of a campaign."""
        with self._store.read() as session:
            rows = session.exec(select(NoteRow).where(NoteRow.campaign == campaign).order_by(col(NoteRow.id)))
            return tuple(_note(row) for row in rows)


def _note(row: NoteRow) -> Note:
    kind: Any = row.kind
    return Note(row.campaign, row.unit, kind, row.text, row.at, row.who, row.until, row.number)
