"""Row images: what the archive's log keeps of the ledger's own rows, so that the ledger can be made again from it.

Triggers note in `changed` each row that an insert, an update that says something new, or a delete touched. The
segment that is written next takes the row as it then is. What can be made from objects and events is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from archive.tables import ChangedRow, KeptLetterRow, UTCDateTime

KEPT: Mapping[str, tuple[str, ...]] = {
    "meta": (),
    "mailbox": ("last_success", "last_trouble", "failures", "next_try"),
    "uid": (),
    "counter": (),
    "submission": ("value",),
    "sighting": (),
    "decision": ("recorded", "value"),
    "answer_window": (),
    "answer": (),
    "letter": ("lease", "body"),
    "plan": (),
    "note": (),
    "question": (),
    "taught": (),
    "registered": (),
    "aside": (),
    "version": ("kept", "text"),
    "listing": (),
    "selection": (),
}
"""Table → its columns that are not kept: they say nothing for good, or stand elsewhere in the archive."""
QUIET: Mapping[str, tuple[str, ...]] = {"answer_window": ("due",), "letter": ("next_try",)}
"""Columns that are kept, but whose change alone is no news: waiting moves them on every minute."""
OWN_META = ("log-head", "search")
"""What is remembered of the log and of the index; it follows from the archive."""

Image = dict[str, Any]
"""`{"table": name, "key": [..], "row": {column: value} | null}`; null: the row is gone."""


def prepare(connection: Connection) -> None:
    """Make the triggers that are not there; every row of a table that had none is to be kept."""
    there = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
    for name in KEPT:
        if f"kept_{name}_insert" not in there:
            table = _table(name)
            for event, row in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
                connection.execute(text(f"DROP TRIGGER IF EXISTS kept_{name}_{event}"))
                connection.execute(text(_trigger(table, event, row)))
            own = f" WHERE key NOT IN {OWN_META}" if name == "meta" else ""
            every = f"SELECT '{name}', {_key(table, name)}, 1 FROM {name}{own}"
            connection.execute(text(f"INSERT OR REPLACE INTO changed {every}"))


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def _key(table: Table, row: str) -> str:
    return f"json_array({', '.join(f'{row}.{column.name}' for column in table.primary_key)})"


def _trigger(table: Table, event: str, row: str) -> str:
    """A trigger that notes the row; an update only where a column that is kept says something new."""
    name = table.name
    own = f"{row}.key NOT IN {OWN_META}" if name == "meta" else "1"
    if event == "update":
        quiet = (*KEPT[name], *QUIET.get(name, ()))
        told = [c.name for c in table.columns if c.name not in quiet or c.name in ("body", "value")]
        own += f" AND ({' OR '.join(f'OLD.{each} IS NOT NEW.{each}' for each in told)})"
    return (
        f"CREATE TRIGGER kept_{name}_{event} AFTER {event.upper()} ON {name} WHEN {own} BEGIN "
        f"INSERT INTO changed VALUES ('{name}', {_key(table, row)}, 1) "
        "ON CONFLICT (name, key) DO UPDATE SET times = times + 1; END"
    )


# --- into a segment


def changed(session: Session, most: int) -> list[ChangedRow]:
    """Rows that changed, in no order of meaning."""
    query = select_rows(ChangedRow).order_by(col(ChangedRow.name), col(ChangedRow.key))
    return list(session.exec(query.limit(most)))


def images(session: Session, rows: Sequence[ChangedRow]) -> tuple[list[Image], dict[str, bytes]]:
    """How these rows stand now, and the bytes of letters that are not in the log yet, by key."""
    found, letters = [], {}
    for row in rows:
        key = json.loads(row.key)
        values = _values(session, row.name, key)
        found.append({"table": row.name, "key": key, "row": values})
        if row.name == "letter" and values is not None:
            body = session.execute(select(_table("letter").c.body).where(_table("letter").c.key == key[0])).scalar_one()
            values["body"] = hashlib.sha256(body).hexdigest()
            kept = session.get(KeptLetterRow, key[0])
            if kept is None or kept.sha256 != values["body"]:
                letters[str(key[0])] = body
    return found, letters


def _values(session: Session, name: str, key: Sequence[Any]) -> Image | None:
    table = _table(name)
    query = select(table).where(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
    row = session.execute(query).mappings().first()
    if row is None:
        return None
    values = {column: plain(value) for column, value in row.items() if column not in KEPT[name]}
    if name == "decision" and not row["recorded"] and not _removed(session, row["number"]):
        values["value"] = row["value"]  # record.json does not tell it yet
    return values


def _removed(session: Session, number: str) -> bool:
    """Whether the 件 was discarded: what it said must not go into the log."""
    gone = "SELECT 1 FROM decision WHERE number = :number AND current AND role = 'discarded'"
    return session.execute(text(gone), {"number": number}).first() is not None


def plain(value: Any) -> Any:
    """JSON data of a value of a row."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def taken(session: Session, rows: Sequence[ChangedRow], letters: Mapping[str, bytes]) -> None:
    """These lie in the log now; a row that changed again meanwhile waits for the next segment."""
    table = _table("changed").c
    for row in rows:
        session.execute(
            delete(ChangedRow).where(table.name == row.name, table.key == row.key, table.times == row.times)
        )
    for key, body in letters.items():
        session.merge(KeptLetterRow(key=key, sha256=hashlib.sha256(body).hexdigest()))


# --- out of the log


def restore(session: Session, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows of a table back; what is not kept has its default."""
    table = _table(name)
    if rows:
        session.execute(insert(table).prefix_with("OR REPLACE"), [dict(_typed(table, row)) for row in rows])


def _typed(table: Table, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        if column.name in row:
            yield column.name, _value(column.type, row[column.name])


def _value(kind: Any, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind.__class__.__name__ == "Date" else value


def nothing_changed(session: Session) -> None:
    """All rows lie in the log already: they came from it."""
    session.execute(delete(ChangedRow))
