"""Which work staff mean when they choose one, where a chosen one stands now, and what a form says of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.judging.kinds import PICTURES, VIDEOS
from archive.judging.parts import Group, Part
from archive.judging.reconcile import Row, paired, rows_of
from archive.judging.spelling import fold
from archive.judging.titles import NEARLY, agreement
from archive.judging.works import work_groups
from archive.records import Holdings, Selection
from config.campaign import Campaign
from config.roster import Unit

_REMARK = re.compile(r"[（(].*?[）)]")


def choosable(campaign: Campaign, holdings: Holdings) -> tuple[Group, ...]:
    """Everything of a unit that can be chosen: its works, and its documents and materials; no tables."""
    tables = {item.id for item in campaign.items if item.kind == "table"}
    return tuple(group for group in work_groups(campaign, holdings) if group.item not in tables)


def meant(groups: Sequence[Group], number: str, told: str) -> list[Group]:
    """The works with a file of this 件 that `told` names: by that file's way inside the mail, else by its title."""
    mine = [group for group in groups if any(part.number == number for part in files_of(group))]
    by_piece = [group for group in mine if _has(group, number, told)]
    by_name = [group for group in mine if fold(group.title) == fold(told)]
    return by_piece or by_name or [group for group in mine if agreement(group.title, told) >= NEARLY]


def standing(chosen: Selection, groups: Sequence[Group]) -> Group | None:
    """The work that has the chosen file now; None when a later one has replaced it, or it was decided otherwise."""
    return next((group for group in groups if _has(group, chosen.number, chosen.piece)), None)


def anchor(group: Group, number: str) -> str:
    """The file of this 件 by which the work is found again."""
    return next(part.piece.path for part in files_of(group) if part.number == number)


def files_of(group: Group) -> tuple[Part, ...]:
    """All files of a work: those judged, then those that go with them."""
    return (*group.parts, *group.companions)


def _has(group: Group, number: str, piece: str) -> bool:
    return any(part.number == number and part.piece.path == piece for part in files_of(group))


# --- the upper office's form ------------------------------------------------------------------------------------------


def table_rows(campaign: Campaign, holdings: Holdings) -> dict[tuple[str, str], Row]:
    """(item, key) of each work → its row in the unit's own 汇总表, where the two agree."""
    every = work_groups(campaign, holdings)
    tables = {item.id for item in campaign.items if item.kind == "table"}
    rows = [row for group in every if group.item in tables for row in rows_of(group) or ()]
    works = [group for group in every if group.item not in tables]
    return {(work.item, work.key): rows[place] for place, work in paired(rows, works).items()}


def cell(
    column: str, place: int, chosen: Selection, group: Group, campaign: Campaign, unit: Unit | None, row: Row | None
) -> str:
    """What the form's column says of a work: from the unit's own row where it has that column, else what is known.

    place: from 1. "" where nobody knows.
    """
    name = _bare(column)
    if name in ("序号", "排序", "名次"):
        return str(place)
    if row is not None and (told := _own(name, row)):
        return told
    item = campaign.item(group.item)
    category = next((one.name for one in item.categories if one.id == group.category), "")
    known = {
        "编号": group.number,
        "作品名称": chosen.title,
        "名称": chosen.title,
        "作品": chosen.title,
        "题目": chosen.title,
        "作品类别": item.name,
        "类别": item.name,
        "展示形式": category or _form(group),
        "作品形式": category or _form(group),
        "推荐单位": unit.name if unit else "",
        "报送单位": unit.name if unit else "",
        "推报单位": unit.name if unit else "",
        "单位": unit.name if unit else "",
        "联系人": (unit.contact or "") if unit else "",
        "联系方式": (unit.phone or "") if unit else "",
        "联系电话": (unit.phone or "") if unit else "",
        "联系人及联系方式": " ".join(filter(None, (unit.contact, unit.phone))) if unit else "",
        "字数": str(group.parts[0].piece.facts.characters or ""),
        "备注": chosen.note,
    }
    return known.get(name, "")


def _bare(column: str) -> str:
    return fold(_REMARK.sub("", column)).replace("\n", "").replace(" ", "")


def _own(name: str, row: Row) -> str:
    for column, text in zip(row.part.piece.facts.columns, row.cells, strict=False):
        if _bare(column) == name:
            return text.strip()
    return ""


def _form(group: Group) -> str:
    kinds = {part.type for part in group.parts}
    return "图片" if kinds <= PICTURES else "视频" if kinds <= VIDEOS else "文字"
