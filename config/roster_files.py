"""A roster from a table an office keeps: CSV (UTF-8, GB18030) or a workbook (xlsx, xls, et), columns in any order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal

from config.problems import Problem, faults
from config.roster import Roster, Unit
from config.sheets import Row, Unreadable, sheets
from config.yaml_lines import short

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("编号", "单位编号", "代码"),
    "name": ("单位名称", "名称", "报送单位"),
    "aliases": ("别名", "简称", "又名"),
    "kind": ("类别", "单位类别"),
    "parent": ("上级", "上级编号", "归口"),
    "emails": ("邮箱", "电子邮箱", "邮件地址", "email"),
    "contact": ("联系人",),
    "phone": ("电话", "联系电话", "手机"),
    "address_as": ("称呼",),
    "owes": ("应报", "应报材料"),
}
"""Column -> the other names its header may have."""

_NAMES = {alias.casefold(): column for column, others in COLUMNS.items() for alias in (column, *others)}
_SPLIT = re.compile(r"[|｜;；、\n]+")
_SPLIT_MAIL = re.compile(r"[|｜;；、,，\s]+")
_MAIL = re.compile(r"[^@\s<>()\[\]\",:;\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
_NOTHING = ("-", "－", "—", "无")
_TITLE_ROWS = 10
"""A title may stand above the header row of a workbook; it is looked for in that many rows."""


def parse_roster(data: bytes, file: str) -> tuple[Roster | None, list[Problem]]:
    """The roster, or None when there is any fault; problems carry the row. Never raises."""
    roster, _, problems = parse_roster_lines(data, file)
    return roster, problems


def parse_roster_lines(data: bytes, file: str) -> tuple[Roster | None, Mapping[str, int], list[Problem]]:
    """As `parse_roster`, with the row (from 1) of each unit by code between."""
    rows, problems = _rows(data, file)
    if problems:
        return None, {}, problems
    rows = [(line, cells) for line, cells in rows if any(cells)]
    header = next((n for n, (_, cells) in enumerate(rows[:_TITLE_ROWS]) if _is_header(cells)), None)
    if header is None:
        return None, {}, [Problem(file, rows[0][0] if rows else None, "roster-no-header" if rows else "file-empty")]
    columns, problems = _columns(rows[header], file)
    units, lines, found = _units(rows[header + 1 :], columns, file)
    problems += found
    return (None if faults(problems) else Roster(units)), lines, problems


def _rows(data: bytes, file: str) -> tuple[list[Row], list[Problem]]:
    """Rows of the first visible sheet that has a header; else of the first visible one."""
    try:
        found = sheets(data)
    except Unreadable as trouble:
        if trouble.encoding:
            return [], [Problem(file, None, "file-encoding")]
        return [], [Problem(file, trouble.line, "roster-broken", {"detail": short(trouble)})]
    headed = [rows for rows in found if any(_is_header(cells) for _, cells in rows[:_TITLE_ROWS])]
    chosen = headed or found
    return (chosen[0] if chosen else []), []


def _is_header(cells: Iterable[str]) -> bool:
    named = {_NAMES.get(_header(cell)) for cell in cells}
    return "code" in named and "name" in named


def _header(cell: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell)).casefold()


def _columns(header: Row, file: str) -> tuple[dict[str, int], list[Problem]]:
    line, cells = header
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    for position, cell in enumerate(cells):
        column = _NAMES.get(_header(cell))
        if not cell:
            continue
        if column is None:
            known = ", ".join(f"{name}/{others[0]}" for name, others in COLUMNS.items())
            problems.append(Problem(file, line, "roster-unknown-column", {"column": short(cell), "known": known}))
        elif column in columns:
            problems.append(Problem(file, line, "roster-double-column", {"column": short(cell)}))
        else:
            columns[column] = position
    return columns, problems


def _units(
    rows: list[Row], columns: Mapping[str, int], file: str
) -> tuple[tuple[Unit, ...], dict[str, int], list[Problem]]:
    units: list[Unit] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for line, cells in rows:
        fields = {name: cells[position] if position < len(cells) else "" for name, position in columns.items()}
        if not any(fields.values()):
            continue
        unit, found = _unit(fields, line, file)
        problems += found
        if unit.code in first:
            problems.append(Problem(file, line, "roster-double-code", {"code": unit.code, "first": first[unit.code]}))
        elif unit.code:
            first[unit.code] = line
            units.append(unit)
    for unit in units:
        if unit.parent is not None and (unit.parent not in first or unit.parent == unit.code):
            problems.append(Problem(file, first[unit.code], "roster-no-parent", {"value": short(unit.parent)}))
    if not units and not problems:
        problems.append(Problem(file, None, "roster-empty"))
    return tuple(units), first, sorted(problems, key=lambda problem: problem.line or 0)


def _unit(fields: Mapping[str, str], line: int, file: str) -> tuple[Unit, list[Problem]]:
    problems: list[Problem] = []

    def note(problem: str, **params: object) -> None:
        problems.append(Problem(file, line, problem, params))

    def field(name: str) -> str:
        return fields.get(name, "")

    if not field("code"):
        note("roster-no-code")
    if not field("name"):
        note("roster-no-name", code=field("code"))
    emails = _several(unicodedata.normalize("NFKC", field("emails")), _SPLIT_MAIL)
    for address in emails:
        if not _MAIL.match(address):
            note("roster-bad-email", value=short(address))
    address_as: Literal["你单位", "贵单位"] = "贵单位" if field("address_as") == "贵单位" else "你单位"
    if field("address_as") not in ("", "你单位", "贵单位"):
        note("roster-address-as", value=short(field("address_as")))
    owes = field("owes")
    unit = Unit(
        code=field("code"),
        name=field("name"),
        aliases=_several(field("aliases"), _SPLIT),
        kind=field("kind"),
        parent=field("parent") or None,
        emails=emails,
        contact=field("contact") or None,
        phone=field("phone") or None,
        address_as=address_as,
        owes=None if not owes else () if owes in _NOTHING else _several(owes, _SPLIT_MAIL),
    )
    return unit, problems


def _several(text: str, split: re.Pattern[str]) -> tuple[str, ...]:
    """The values of one cell, in order, each once."""
    return tuple(dict.fromkeys(part.strip() for part in split.split(text) if part.strip()))


def column_of(header: str) -> str | None:
    """The column a header names, by any of its names; None for another one."""
    return _NAMES.get(_header(header))


def units_of(rows: list[list[str]]) -> tuple[tuple[Unit, ...], list[str]]:
    """Units from rows of cells below one row of column names, and each problem as a sentence (Chinese)."""
    columns = {name: place for place, name in enumerate(rows[0])}
    found: list[Unit] = []
    problems: list[Problem] = []
    for line, cells in enumerate(rows[1:], 2):
        unit, wrong = _unit({n: cells[p] if p < len(cells) else "" for n, p in columns.items()}, line, "名册")
        found.append(unit)
        problems += wrong
    return tuple(found), [problem.text() for problem in problems]
