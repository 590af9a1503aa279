"""The quota table an office fills in: unit, places allotted, and whether the number is still the shipped example."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.problems import Problem
from config.reading import read_bytes
from config.sheets import Row, Unreadable, sheets
from config.yaml_lines import short

EXAMPLE = "示例"
"""Stands in the remark of a shipped number."""
_COLUMNS = {
    "unit": ("code", "编号", "单位编号", "代码"),
    "name": ("name", "单位名称", "名称", "单位"),
    "places": ("places", "评选分配名额", "分配名额", "名额"),
    "note": ("note", "备注", "说明"),
}


@dataclass(frozen=True)
class Place:
    """How many places one unit was allotted. example: the number is still the shipped one."""

    unit: str
    name: str
    places: float
    example: bool = False


def load_places(path: Path, shown: str, codes: Sequence[str]) -> tuple[tuple[Place, ...], list[Problem]]:
    """The rows of a quota table (CSV or workbook) and what is wrong with it; all problems are warnings. Never raises.

    codes: the units of the roster.
    """
    if not path.is_file():
        return (), []
    data, problems = read_bytes(path, shown)
    if problems:
        return (), problems
    try:
        found = sheets(data)
    except Unreadable as trouble:
        return (), [Problem(shown, trouble.line, "quota-broken", {"detail": short(trouble)})]
    for rows in found:
        for place, (_, cells) in enumerate(rows[:10]):
            columns = _columns(cells)
            if {"unit", "places"} <= columns.keys():
                return _places(rows[place + 1 :], columns, shown, codes)
    return (), [Problem(shown, None, "quota-broken", {"detail": "没有“单位编号”和“评选分配名额”两栏"})]


def _columns(cells: Sequence[str]) -> dict[str, int]:
    folded = ["".join(unicodedata.normalize("NFKC", cell).split()).casefold() for cell in cells]
    return {key: folded.index(name) for key, names in _COLUMNS.items() for name in reversed(names) if name in folded}


def _places(
    rows: Sequence[Row], columns: Mapping[str, int], shown: str, codes: Sequence[str]
) -> tuple[tuple[Place, ...], list[Problem]]:
    found: list[Place] = []
    problems: list[Problem] = []
    for line, cells in rows:
        field = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        if not any(field.values()):
            continue
        number = _number(field["places"])
        if number is None:
            problems.append(Problem(shown, line, "quota-number", {"value": short(field["places"])}))
        elif field["unit"] not in codes:
            problems.append(Problem(shown, line, "quota-unit", {"value": short(field["unit"])}))
        else:
            example = EXAMPLE in field.get("note", "")
            found.append(Place(field["unit"], field.get("name", "") or field["unit"], number, example))
    return tuple(found), problems


def _number(text: str) -> float | None:
    try:
        value = float(unicodedata.normalize("NFKC", text))
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None
