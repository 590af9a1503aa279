"""Whether two ledgers tell the same: every row but those that follow from others or say nothing for good."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LEFT_OUT = frozenset({"changed", "kept_letter", "alembic_version", "search", "unit_name", "fixity", "second_copy",
                      "account", "role", "login", "link", "folder"})  # fmt: skip
"""Tables that are made anew, or are not the archive's."""
OWN: Mapping[str, frozenset[str]] = {
    "mailbox": frozenset({"last_success", "last_trouble", "failures", "next_try"}),
    "letter": frozenset({"lease", "next_try"}),
    "answer_window": frozenset({"due"}),
    "event": frozenset({"id"}),
    "sighting": frozenset({"id"}),
}
"""Columns that say how things stand at the moment, or only number the rows."""


SHORT = ("number", "version", "mailbox", "year", "role", "campaign", "kind", "uid")
"""What is compared of what was discarded."""


def differences(one: Path, other: Path) -> list[str]:
    """Table and row of everything that only one of them tells; what was discarded is compared without its words."""
    found = []
    with sqlite3.connect(one) as first, sqlite3.connect(other) as second:
        names = [name for (name,) in first.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        gone = {number for (number,) in first.execute("SELECT number FROM decision WHERE role = 'discarded'")}
        for name in names:
            if name in LEFT_OUT or name.startswith(("sqlite_", "search_")):
                continue
            mine, theirs = _rows(first, name, gone), _rows(second, name, gone)
            found += [f"{name}: lost {row}" for row in mine if row not in theirs]
            found += [f"{name}: new {row}" for row in theirs if row not in mine]
    first.close()
    second.close()
    return found


def _rows(base: sqlite3.Connection, name: str, gone: set[str]) -> list[str]:
    base.row_factory = sqlite3.Row
    found = []
    for row in base.execute(f"SELECT * FROM {name}"):
        told: dict[str, Any] = {key: _plain(row[key]) for key in row.keys() if key not in OWN.get(name, ())}  # noqa: SIM118
        if told.get("number") in gone:
            told = {key: told[key] for key in SHORT if key in told}
        if (name == "piece" and told["number"] in gone) or told.get("key") in ("sending-held", "search"):
            continue
        found.append(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str))
    return found


def _plain(value: Any) -> Any:
    """JSON columns say the same whatever the order of their keys."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
