"""The notice's own 汇总表: blank, as one unit filled it in, and all units' rows in one 总表. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from archive.barred import barred
from archive.forms.table import Column, Table, filled
from archive.forms.words import day_words
from archive.judging.item_rules import standing_for, told_part
from archive.judging.kinds import PICTURES, SOUNDS, VIDEOS
from archive.judging.parts import Group
from archive.judging.spelling import fold
from archive.judging.works import counted, grouped, submissions
from archive.records import Holdings
from config.campaign import Campaign, ColumnsRule, HeaderRule, Item, ReconcileRule, SealRule
from config.roster import Roster, Unit

BLANK_ROWS = 8


@dataclass(frozen=True)
class FilledIn:
    """What one unit's table says. told: by its own table, by the works that came, or nothing (secret: it is barred).

    day: written on the table, else when it arrived (campaign's zone); None when nothing came.
    """

    rows: tuple[tuple[str, ...], ...] = ()
    told: Literal["table", "works", "nothing", "secret"] = "nothing"
    written: str = ""
    day: date | None = None


def summary_items(campaign: Campaign) -> tuple[Item, ...]:
    """The tables the notice asks of units, of which it says the columns."""
    return tuple(item for item in campaign.items if item.kind == "table" and item.owed_by == "unit" and columns(item))


def columns(item: Item) -> tuple[str, ...]:
    """The columns in the notice's order."""
    return next((rule.names for rule in item.rules if isinstance(rule, ColumnsRule)), ())


def filled_in(campaign: Campaign, item: Item, holdings: Holdings) -> FilledIn:
    """The rows of the unit's own tables; where it sent none that can be read, a row for each work that came."""
    parts = list(counted(campaign, holdings))
    closed = {one.submission.number: barred(one.submission.pieces) for one in submissions(campaign, holdings)}
    rows: list[tuple[str, ...]] = []
    written, day, secret = "", None, False
    for group in grouped(campaign, item, parts):
        part = told_part(group, scans=True)
        if part is None:
            continue
        if part.piece.path in closed[part.number]:
            secret = True
            continue
        facts = part.piece.facts
        rows += _rows(columns(item), facts.columns, facts.cells)
        arrived = part.received.astimezone(campaign.zone).date()
        day = arrived if day is None else max(day, arrived)
        written = next((value for name, value in facts.header.items() if "日期" in name and value.strip()), written)
    if rows:
        return FilledIn(filled(rows, len(columns(item))), "table", written, day)
    if secret:
        return FilledIn(told="secret")
    works = [group for id in _covered(campaign, item) for group in grouped(campaign, campaign.item(id), parts)]
    works = [group for group in works if not group.loose and not _is_closed(group, closed)]
    own = [row for group in works if (row := _row_of_work(campaign, columns(item), group)) is not None]
    if not own:
        return FilledIn()
    day = max(group.received for group in works).astimezone(campaign.zone).date()
    return FilledIn(filled(own, len(columns(item))), "works", "", day)


def _is_closed(work: Group, closed: Mapping[str, Mapping[str, str]]) -> bool:
    """A work that holds a secret is not named."""
    return any(part.piece.path in closed[part.number] for part in (*work.parts, *work.companions))


def _rows(wanted: Sequence[str], have: Sequence[str], cells: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The table's rows in the notice's columns; a class that stands once above its rows is repeated beside each."""
    places = standing_for(wanted, have)
    classes = [place for place, name in enumerate(wanted) if "类别" in name]
    weightless = {*classes, *(place for place, name in enumerate(wanted) if "序号" in name)}
    above = dict.fromkeys(classes, "")
    found = []
    for line in cells:
        row = [
            line[places[place]] if place in places and places[place] < len(line) else "" for place in range(len(wanted))
        ]
        for place in classes:
            above[place] = row[place] = row[place].strip() or above[place]
        if any(cell.strip() for place, cell in enumerate(row) if place not in weightless):
            found.append(tuple(row))
    return found


def _covered(campaign: Campaign, item: Item) -> tuple[str, ...]:
    """The works this table lists."""
    named = next((rule.with_items for rule in item.rules if isinstance(rule, ReconcileRule)), ())
    return named or tuple(one.id for one in campaign.items if one.kind == "work")


def _row_of_work(campaign: Campaign, wanted: Sequence[str], work: Group) -> tuple[str, ...] | None:
    """What is known of a work without the unit's table; None where the table names no works."""
    item = campaign.item(work.item)
    category = next((one.name for one in item.categories if one.id == work.category), "")
    forms = any("形式" in name for name in wanted)
    row, titled = [], False
    for name in wanted:
        if "类别" in name:
            row.append(item.name if forms else category or item.name)
        elif "形式" in name:
            row.append(category or _form(work))
        elif "作品" in name and not titled:
            titled = True
            row.append(work.title)
        else:
            row.append("")
    return tuple(row) if titled else None


def _form(work: Group) -> str:
    kinds = {part.type for part in work.parts}
    return "图片" if kinds & PICTURES else "视频" if kinds & VIDEOS else "音频" if kinds & SOUNDS else "文字"


# --- as tables --------------------------------------------------------------------------------------------------------


def blank(item: Item) -> Table:
    """The form to be filled in, for units that lost theirs."""
    rows = tuple(("",) * len(columns(item)) for _ in range(BLANK_ROWS))
    return Table("空白表", item.name, _columns(item), rows, (f"{_unit_label(item)}：", f"{_date_label(item)}："))


def of_unit(item: Item, unit: Unit, told: FilledIn) -> Table:
    """One unit's table in the notice's form."""
    when = told.written or (day_words(told.day) if told.day else "")
    above = (f"{_unit_label(item)}：{unit.name}", f"{_date_label(item)}：{when}")
    below = _REMARKS.get(told.told, ())
    return Table(unit.name, item.name, _columns(item), _numbered(item, told.rows), above, _merged(item), below)


def of_all(campaign: Campaign, item: Item, roster: Roster, told: Mapping[str, FilledIn]) -> Table:
    """All units' rows in the roster's order, the unit before them; those without a table of their own are marked."""
    rows: list[tuple[str, ...]] = []
    for unit in roster.units:
        one = told.get(unit.code, FilledIn())
        mark = "※" if one.told == "works" else ""
        rows += [(f"{unit.name}{mark}", *row) for row in one.rows]
    rows = list(_numbered(item, rows, 1))
    secret = [unit.name for unit in roster.units if told.get(unit.code, FilledIn()).told == "secret"]
    none = [
        u.name
        for u in roster.units
        if u.owes_item(item.id) and not told.get(u.code, FilledIn()).rows and u.name not in secret
    ]
    below = []
    if any("※" in row[0] for row in rows):
        below.append("※ 该单位未报汇总表，按所报作品整理，空栏待补。")
    if secret:
        below.append(f"汇总表含有不宜外传的内容、未列入：{'、'.join(secret)}。请负责人处理。")
    if none:
        below.append(f"尚无内容可列：{'、'.join(none)}。")
    days = [one.day for one in told.values() if one.day is not None]
    above = (f"汇总单位：{campaign.issuer}", f"截至：{day_words(max(days))}来件" if days else "")
    heads = (Column("报送单位"), *_columns(item))
    merged = (0, *(place + 1 for place in _merged(item)))
    return Table("总表", f"{item.name}（总表）", heads, tuple(rows), above, merged, tuple(below))


_REMARKS: Mapping[str, tuple[str, ...]] = {
    "works": ("本单位未报汇总表，按所报作品整理，空栏待补。",),
    "secret": ("本单位汇总表含有不宜外传的内容，未列入，请负责人处理。",),
    "nothing": ("尚未收到。",),
}


def _columns(item: Item) -> tuple[Column, ...]:
    return tuple(Column(name, 0, "序号" in name or "类别" in name or "形式" in name) for name in columns(item))


def _merged(item: Item) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(columns(item)) if "类别" in name)


def _numbered(item: Item, rows: Sequence[tuple[str, ...]], shift: int = 0) -> tuple[tuple[str, ...], ...]:
    """序号 counts anew from 1."""
    place = next((at + shift for at, name in enumerate(columns(item)) if "序号" in name), None)
    if place is None:
        return tuple(rows)
    return tuple((*row[:place], str(count), *row[place + 1 :]) for count, row in enumerate(rows, 1))


def _unit_label(item: Item) -> str:
    seal = "（加盖公章）" if any(isinstance(rule, SealRule) for rule in item.rules) else ""
    return f"{_label(item, ('报送单位', '单位名称'))}{seal}"


def _date_label(item: Item) -> str:
    return _label(item, ("报送日期",))


def _label(item: Item, known: Sequence[str]) -> str:
    fields = [name for rule in item.rules if isinstance(rule, HeaderRule) for name in rule.fields]
    return next((name for name in fields if fold(name) in known), known[0])
