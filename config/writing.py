"""From values back to the office's files: a roster as CSV, a campaign file with its comments kept where it changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from config.roster import Roster, Unit
from config.roster_files import COLUMNS


def roster_csv(roster: Roster) -> bytes:
    """UTF-8 with a mark that spreadsheets know, columns in the order of `roster_files.COLUMNS`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(unit) for unit in roster.units)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(unit: Unit) -> list[str]:
    """As they stand in the file; `owes` is `-` for a unit that owes nothing."""
    return ["-" if column == "owes" and unit.owes == () else _cell(getattr(unit, column)) for column in COLUMNS]


def _cell(value: str | Sequence[str] | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else "|".join(value)


def with_changes(text: str, data: Mapping[str, Any]) -> str:
    """The YAML text with `data` in place of what it said; comments stay beside what did not change."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 200, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    kept = yaml.load(text) if text.strip() else CommentedMap()
    out = io.StringIO()
    yaml.dump(_merged(kept if isinstance(kept, CommentedMap) else CommentedMap(), data), out)
    return out.getvalue()


def _merged(kept: Any, new: Any) -> Any:
    if isinstance(new, Mapping):
        found = kept if isinstance(kept, CommentedMap) else CommentedMap()
        for key in [key for key in found if key not in new]:
            del found[key]
        for key, value in new.items():
            found[key] = _merged(found.get(key), value)
        return found
    if isinstance(new, (list, tuple)):
        if isinstance(kept, CommentedSeq) and list(kept) == list(new):
            return kept
        before = list(kept) if isinstance(kept, CommentedSeq) else []
        entries = CommentedSeq(_merged(_like(before, place, value), value) for place, value in enumerate(new))
        if isinstance(kept, CommentedSeq) and kept.fa.flow_style():
            entries.fa.set_flow_style()
        return entries
    return kept if kept == new and type(kept) is not bool else new


def _like(before: Sequence[Any], place: int, value: Any) -> Any:
    """The entry that was this one: of the same id where entries have one, else the one that stood there."""
    if isinstance(value, Mapping) and "id" in value:
        return next((one for one in before if isinstance(one, Mapping) and one.get("id") == value["id"]), None)
    return before[place] if place < len(before) else None
