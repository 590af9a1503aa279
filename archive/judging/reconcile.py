"""The summary table held against the works that came, both ways: each row finds at most one work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.judging.findings import called
from archive.judging.item_rules import View, told_part
from archive.judging.kinds import stem
from archive.judging.parts import Group, Part
from archive.judging.rules import about, noun, unknown, unreadable
from archive.judging.spelling import fold
from archive.judging.titles import NEARLY, agreement
from archive.records import Finding
from config.campaign import Campaign, Category, Item, ReconcileRule, Subkind

_TITLES = ("作品名称", "作品题目", "作品标题", "作品", "题目", "名称", "标题")
_CLASSES = ("类别", "形式", "类型", "种类")
_NUMBERS = ("序号", "编号")
_CAPTIONS = ("说明", "简介", "介绍", "内容概要")


@dataclass(frozen=True)
class Row:
    """One row of a summary table: its place as a reader counts it, the work's title, what its class columns say.

    caption: what a column of 说明 or 简介 says of the work. cells: the whole row, as the table's columns.
    """

    group: Group
    part: Part
    place: str
    title: str
    classes: tuple[str, ...]
    caption: str = ""
    cells: tuple[str, ...] = ()


def check_reconcile(rule: ReconcileRule, view: View) -> list[Finding]:
    """作品名称 of every row against the works that came, both ways, and the class a row gives its work."""
    ids = rule.with_items or tuple(item.id for item in view.campaign.items if item.kind == "work")
    works = [group for id in ids for group in view.others.get(id, ())]
    found: list[Finding] = []
    rows: list[Row] = []
    for group in view.groups:
        mine = rows_of(group)
        if mine is None:
            part = told_part(group) or group.parts[0]
            if not all(unreadable(each) for each in group.parts):
                found += unknown(rule, group, part, "作品名称栏", "与所报作品一致")
        else:
            rows += mine
    if found or not rows:
        return found
    pairs = paired(rows, works)
    for place, row in enumerate(rows):
        work = pairs.get(place)
        if work is not None:
            found += _differences(rule, view.campaign, ids, row, work)
        elif not _elsewhere(view, ids, row):
            text = f"{noun(row.part)} 第{row.place}行《{_bare(row.title)}》未收到文件，请核对是否漏报"
            found.append(about(rule, "row-without-file", row.group, row.part, text, "未收到", row.title))
    taken = set(map(id, pairs.values()))
    for work in works:
        if id(work) not in taken:
            text = f"{_files(work)}（《{work.title}》）未列入{view.item.name}，请核对"
            found.append(about(rule, "file-not-in-table", work, None, text, "未列入", "列入汇总表"))
    return found


def rows_of(group: Group) -> list[Row] | None:
    """The rows of a table that name a work; None when no column of titles could be read."""
    part = told_part(group, scans=True)
    title = None if part is None else _column(part.piece.facts.columns, _TITLES, bad=("类别", "集体", "形式"))
    if part is None or title is None:
        return None
    columns = part.piece.facts.columns
    number, words = _column(columns, _NUMBERS), _column(columns, _CAPTIONS)
    classes = [place for word in _CLASSES for place, name in enumerate(columns) if word in name]
    found: list[Row] = []
    above = dict.fromkeys(classes, "")
    for count, cells in enumerate(part.piece.facts.cells, 1):
        for place in classes:
            if place < len(cells) and cells[place].strip():
                above[place] = cells[place].strip()
        name, own, caption = (_cell(cells, place) for place in (title, number, words))
        if fold(name):
            shown = own if own.isdigit() else str(count)
            found.append(Row(group, part, shown, name, tuple(above.values()), caption, tuple(cells)))
    return found


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""


def paired(rows: Sequence[Row], works: Sequence[Group]) -> dict[int, Group]:
    """Which work each row (by its place in `rows`) means: the pairs that agree best first, each work once."""
    scores = [
        (score, -row, -work)
        for row, each in enumerate(rows)
        for work, group in enumerate(works)
        if (score := _score(each.title, group)) >= NEARLY
    ]
    pairs: dict[int, Group] = {}
    taken: set[int] = set()
    for _, row, work in sorted(scores, reverse=True):
        if -row not in pairs and -work not in taken:
            pairs[-row] = works[-work]
            taken.add(-work)
    return pairs


def _score(title: str, work: Group) -> float:
    return max((agreement(title, name) for name in names_of(work)), default=0.0)


def names_of(work: Group) -> list[str]:
    """Every name a work came under: its title, its files, their folders, its documents' own titles."""
    names = [work.title, work.key]
    for part in (*work.parts, *work.companions):
        names += [part.piece.name, *(step for step in part.piece.path.split("/")[1:] if not step.isdigit())]
        names.append(part.piece.facts.title or "")
    return [name for name in dict.fromkeys(names) if name]


def _column(columns: Sequence[str], wanted: Sequence[str], bad: Sequence[str] = ()) -> int | None:
    names = [fold(name).replace("\n", "") for name in columns]
    for word in wanted:
        for place, name in enumerate(names):
            if word in name and not any(other in name for other in bad):
                return place
    return None


def _bare(title: str) -> str:
    quoted = re.search(r"《([^《》]+)》", title)
    return quoted[1] if quoted else stem(title.strip()).strip("《》〈〉")


def _files(work: Group) -> str:
    first = work.parts[0]
    return noun(first) if len(work.parts) == 1 else f"{noun(first)} 等{len(work.parts)}个文件"


# --- where a row and its work differ --------------------------------------------------------------------------------


def _differences(rule: ReconcileRule, campaign: Campaign, ids: Sequence[str], row: Row, work: Group) -> list[Finding]:
    found: list[Finding] = []
    where = f"{noun(row.part)} 第{row.place}行《{_bare(row.title)}》"
    if _score(row.title, work) < 90:
        text = f"{where}与所报《{work.title}》名称不一致，请核对以哪个为准"
        found.append(about(rule, "title-differs", row.group, row.part, text, work.title, row.title))
    said = _class_said(campaign, ids, row)
    if said is not None and not _agrees(said, work):
        item = campaign.item(work.item)
        came = next((one.name for one in item.categories if one.id == work.category), item.name)
        text = f"{where}类别填为{called(said[1])}，所报文件归入{called(came)}，请核对"
        found.append(about(rule, "class-differs", row.group, row.part, text, came, said[1]))
    return found


def _agrees(said: tuple[str, str, str | None], work: Group) -> bool:
    item, _, category = said
    return item == work.item and (category is None or work.category is None or category == work.category)


def _class_said(campaign: Campaign, ids: Sequence[str], row: Row) -> tuple[str, str, str | None] | None:
    """(item, words, category) as the first of the row's class columns says that names one item alone; else None."""
    for cell in row.classes:
        named = [
            (item.id, cell, part.id if part else None)
            for item in map(campaign.item, ids)
            for part in _named(item, cell)
        ]
        if len({item for item, _, _ in named}) == 1:
            categories = {category for _, _, category in named if category}
            return named[0][0], cell, next(iter(categories)) if len(categories) == 1 else None
    return None


def _named(item: Item, cell: str) -> list[Category | None]:
    """What of the item a cell names: categories, or the item itself (None)."""
    text = fold(cell).replace("\n", "")
    found: list[Category | None] = [part for part in item.categories if _speaks(part, text)]
    if not found and (_speaks(item, text) or any(_speaks(part, text) for part in item.subkinds)):
        found = [None]
    return found


def _speaks(part: Item | Category | Subkind, text: str) -> bool:
    names = [name for each in (part.name, *part.aliases) if len(name := fold(each)) >= 2]
    return any(name in text or (len(text) >= 2 and text in name) or agreement(name, text) >= NEARLY for name in names)


def _elsewhere(view: View, ids: Sequence[str], row: Row) -> bool:
    """Whether the row's work may have come, or may still come, by another way than mail: nobody can say it lacks."""
    said = _class_said(view.campaign, ids, row)
    meant = [said[0]] if said else list(ids)
    if any(note.by == "disc" and note.item in ("", *meant) for note in view.notes):
        return True
    return all(view.campaign.item(id).channel in ("disc", "paper") and not view.others.get(id) for id in meant)
