"""What a file's company says of it: the text beside a set, the table a scan is of, what is left for the other text."""

from __future__ import annotations

import re

from archive.judging.spelling import fold
from intake.clues.cases import NAME, ROW, Case, Shared, named_in
from intake.clues.profiles import Profile, matches
from intake.clues.titles import own_name
from intake.clues.told import SCANNED

LEFT = 20.0
BESIDE_CAPTION = 20.0
_HINTS = frozenset({"told", "title", "name"})
_STAMPED = re.compile(r"盖[了过好]?章|签[了过]?字")
_ONLY_A_SCAN = re.compile(r"(?:扫描件?|scan|盖章件?|签字件?|img)?[\d_ -]*")
_CAPTION = re.compile(r"说明|简介|文案|配文|文字")


def weigh_by_caption(cases: list[Case], shared: Shared) -> None:
    """A set whose caption lies beside it bears the caption's title: the table's row for that title is the set's."""
    for case in cases:
        if not case.picture_set or case.row:
            continue
        beside = [each for each in cases if each.kind == "document" and each.place == case.place]
        listed = [each for each in beside if each.row and _is_caption(each, shared)]
        if case.place and len(beside) == 1 and beside[0].row:
            listed = beside
        if len(listed) == 1 and listed[0].row:
            case.row = listed[0].row
            named_in(case, shared, "row", f"汇总表列有《{case.row.title[:30]}》", [case.row.classes], ROW, quote=False)
        elif case.place and len(beside) == 1 and _CAPTION.search(own_name(beside[0].pieces[0])):
            captioned = [each for each in shared.profiles if _wants_caption(each)]
            if len(captioned) == 1:
                case.add(captioned[0].id, "beside", "同一文件夹里有文字说明", BESIDE_CAPTION)


def _is_caption(case: Case, shared: Shared) -> bool:
    """A document whose row in the table is of works made of pictures: it can only be their caption."""
    items = {found.item for found in matches(case.row.classes if case.row else "", shared.profiles)}
    return bool(items) and all(_wants_caption(shared.profile(item)) for item in items)


def _wants_caption(profile: Profile) -> bool:
    """Whether its works are sets of pictures that bring a text with them."""
    checks = {rule.check for rule in profile.item.rules}
    return profile.item.kind == "work" and {"group", "companion"} <= checks


def weigh_scans(cases: list[Case], shared: Shared) -> None:
    """“扫描的那个是盖了章的”: a file that is only called a scan, beside the one table, is the table stamped."""
    tables = {
        item for case in cases for item, found in case.evidence.items() if any(e.kind == "columns" for e in found)
    }
    if len(tables) != 1 or not _STAMPED.search(fold(shared.mail.text)):
        return
    for case in cases:
        name = own_name(case.pieces[0])
        if case.kind in ("picture", "document") and len(case.pieces) == 1 and _ONLY_A_SCAN.fullmatch(name):
            case.add(min(tables), "told", "正文说扫描件盖了章，另有一份电子表", SCANNED)


def weigh_what_is_left(cases: list[Case]) -> None:
    """“总结、征文各一篇”: where one document names itself the 总结, the other is the 征文.

    So it is where the other's words speak for one more item, though too little to decide.
    """
    documents = [case for case in cases if case.kind == "document"]
    plain = {id(case): _said_itself(case) for case in documents}
    for case in documents:
        spoken = [item for item, found in case.evidence.items() if any(each.kind in _HINTS for each in found)]
        taken = {item for other in documents if other is not case for item in plain[id(other)]}
        left = [item for item in spoken if item not in taken]
        if not plain[id(case)] and len(left) == 1 and taken:
            case.add(left[0], "left", "可能的另一项已有文件写明", LEFT)


def _said_itself(case: Case) -> list[str]:
    """Items that a document's own name or title tells."""
    kinds = ("name", "title", "report", "columns", "row")
    return [
        item
        for item, found in case.evidence.items()
        if sum(each.points for each in found if each.kind in kinds) >= NAME / 2
    ]
