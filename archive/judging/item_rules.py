"""Rules that speak about an item as a whole: how many, its table's columns and header, seal, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from archive.judging.findings import called, finding
from archive.judging.kinds import EDITABLE, MEDIA, SCANS, stem
from archive.judging.parts import Group, Part
from archive.judging.rules import about, noun, unknown, unreadable
from archive.judging.spelling import fold
from archive.records import Finding, Listing, Registered
from config.campaign import (
    Campaign,
    ColumnsRule,
    CountRule,
    HeaderRule,
    Item,
    NameRule,
    RuleBase,
    SealRule,
)
from config.roster import Unit


@dataclass(frozen=True)
class View:
    """One item of one unit as the rules see it. registered: what staff registered that speaks of this item.

    groups: its works; loose: texts not yet given to a work; others: the works of every item, by item id.
    """

    campaign: Campaign
    unit: Unit
    item: Item
    groups: tuple[Group, ...] = ()
    loose: tuple[Group, ...] = ()
    registered: tuple[Registered, ...] = ()
    others: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    notes: tuple[Registered, ...] = ()
    """All that staff registered for the unit."""
    lists: tuple[Listing, ...] = ()
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """集体 → names of other units that apply for it too; empty where nobody looked."""

    @property
    def by_hand(self) -> int:
        """Works that came on disc or paper, as registered."""
        return sum(max(note.count, 0) for note in self.registered if note.by in ("disc", "paper"))

    def limited(self, rule: RuleBase) -> tuple[Group, ...]:
        """The works that the rule's categories and sub-kind cover."""
        return tuple(
            group
            for group in self.groups
            if (not rule.categories or group.category in rule.categories)
            and (rule.subkind is None or group.subkind == rule.subkind)
        )


def check_count(rule: CountRule, view: View) -> list[Finding]:
    """Too few of what has begun to come is a demand; one more than asked never is."""
    named = [category.name for category in view.item.categories if category.id in rule.categories]
    what = f"{called(view.item.name)}" + (f"（{'、'.join(named)}）" if named else "")
    have = len(view.limited(rule)) + (0 if rule.categories or rule.subkind else view.by_hand)
    if rule.min is not None and have < rule.min:
        if have == 0 and not view.groups and not view.by_hand:
            return []
        if rule.categories and view.by_hand:
            return []
        wanted = f"不少于{rule.min}件"
        text = f"{what}共收到{have}件，要求{wanted}，请补报{rule.min - have}件"
        return [finding("too-few", text, rule=rule, seen=f"{have}件", wanted=wanted)]
    if rule.max is not None and have > rule.max:
        wanted = f"{rule.max}件" if rule.min == rule.max else f"不超过{rule.max}件"
        text = f"{what}共收到{have}件，要求{wanted}，如有更替请说明以哪件为准"
        return [finding("too-many", text, rule=rule, severity="advice", seen=f"{have}件", wanted=wanted)]
    return []


# --- tables -------------------------------------------------------------------------------------------------------

_REMARK = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_FILLING = re.compile(r"[\s:、,。.·•*_\-—]+")
_LIKE = 75.0
"""Share (0…100) of two names that agrees, from which on a slip of the pen is believed."""


def folded(text: str) -> str:
    """Names as they are compared: without spaces, remarks in brackets and punctuation, in lower case."""
    return _FILLING.sub("", fold(_REMARK.sub("", text))) or _FILLING.sub("", fold(text))


def missing_names(wanted: Sequence[str], have: Sequence[str]) -> list[str]:
    """The wanted names that none of `have` stands for."""
    found = standing_for(wanted, have)
    return [want for place, want in enumerate(wanted) if place not in found]


def standing_for(wanted: Sequence[str], have: Sequence[str]) -> dict[int, int]:
    """Which of `have` stands for each wanted name, by their places; each for one, the best fit first.

    类别 stands for 作品类别, 集体联系人 for 集体联系人及联系方式, and one wrong character is forgiven.
    """
    fits = sorted(
        (
            (-fit, place, other)
            for place, want in enumerate(wanted)
            for other, name in enumerate(have)
            if (fit := _fit(folded(want), folded(name)))
        )
    )
    found: dict[int, int] = {}
    for _, place, other in fits:
        if place not in found and other not in found.values():
            found[place] = other
    return found


def _fit(want: str, name: str) -> float:
    if want == name:
        return 100.0
    shorter, longer = sorted((want, name), key=len)
    if len(shorter) >= 2 and shorter in longer:
        return 90.0
    return score if len(shorter) >= 4 and (score := float(fuzz.ratio(want, name))) >= _LIKE else 0.0


def told_part(group: Group, scans: bool = False) -> Part | None:
    """The part whose table could be read.

    Words read off a scan, or cells told by where they stand alone, may be wrong: a demand never rests on them.
    """
    read = [part for part in group.parts if part.piece.facts.columns and unreadable(part) is None]
    read = [part for part in read if scans or not (part.piece.facts.scanned or part.piece.facts.unruled)]
    return max(read, key=lambda part: (part.type in EDITABLE, part.received), default=None)


def _hopeless(group: Group) -> bool:
    """Nothing of it could be opened: that was told already."""
    return all(unreadable(part) for part in group.parts)


def check_columns(rule: ColumnsRule, view: View) -> list[Finding]:
    """Every column named must stand in the table, spaces and remarks aside; a scan waits for a person."""
    found: list[Finding] = []
    wanted = "、".join(rule.names)
    for group in view.limited(rule):
        part = told_part(group)
        if _hopeless(group):
            continue
        if part is None:
            found += unknown(rule, group, group.parts[0], "栏目", f"有 {wanted}")
            continue
        missing = missing_names(rule.names, part.piece.facts.columns)
        if missing:
            text = f"{noun(part)} 缺少栏目：{'、'.join(missing)}，请按通知所附表样填报"
            seen = f"有 {'、'.join(filter(None, part.piece.facts.columns))}"
            found.append(about(rule, "columns-missing", group, part, text, seen, wanted))
        if part.piece.facts.rows == 0 or (part.piece.facts.rows is None and not part.piece.facts.cells):
            text = f"{noun(part)} 没有填写内容，请填写后重发"
            found.append(about(rule, "table-empty", group, part, text, "0行", "至少1行"))
    return found


def check_header(rule: HeaderRule, view: View) -> list[Finding]:
    """The fields above the table must be filled in."""
    found: list[Finding] = []
    wanted = "、".join(rule.fields)
    for group in view.limited(rule):
        read = [part for part in group.parts if part.piece.facts.header and unreadable(part) is None]
        read = [part for part in read if not (part.piece.facts.scanned or part.piece.facts.unruled)]
        part = max(read, key=lambda part: part.received) if read else told_part(group)
        if _hopeless(group):
            continue
        if part is None:
            found += unknown(rule, group, group.parts[0], "表头", f"填写 {wanted}")
            continue
        filled = [name for name, value in part.piece.facts.header.items() if value.strip()]
        missing = missing_names(rule.fields, filled)
        if missing:
            text = f"{noun(part)} 表头未填写：{'、'.join(missing)}，请补填后重发"
            found.append(about(rule, "header-missing", group, part, text, "未填写", wanted))
    return found


def check_seal(rule: SealRule, view: View) -> list[Finding]:
    """A person confirms the seal; a scan that came after the confirmation must be looked at again."""
    if not view.groups and not view.by_hand:
        return []
    scans = [part for group in view.groups for part in group.parts if part.type in SCANS]
    newest = max((part.received for part in scans), default=None)
    for note in view.registered:
        if note.by == "seal" and (newest is None or note.at >= newest):
            return []
    if scans:
        last = max(scans, key=lambda part: part.received)
        text = f"{noun(last)} {_red(last)}是否加盖公章待人工确认"
        number: str | None = last.number
        piece: str | None = last.piece.path
    else:
        text = f"{called(view.item.name)}未见盖章扫描件，请核实是否已收到加盖公章的纸质件"
        number, piece = (view.groups[0].number if view.groups else None), None
    return [
        finding("seal-unconfirmed", text, rule=rule, number=number, piece=piece, seen="待人工确认", wanted="加盖公章")
    ]


def _red(scan: Part) -> str:
    """Where red stands that looks like a seal: a hint for the person who looks."""
    facts = scan.piece.facts
    if facts.seal_at is None:
        return "未认出像公章的红印，" if facts.seal is not None else ""
    share = f"，占{facts.seal:.1%}" if facts.seal else ""
    return f"{facts.seal_at}有红色印迹（像公章{share}），"


# --- names --------------------------------------------------------------------------------------------------------


def check_name(rule: NameRule, view: View) -> list[Finding]:
    """Subject or file names after the notice's pattern; spaces and the kind of dash do not matter."""
    pattern = _pattern(rule.pattern, view)
    wanted = re.sub(r"\{(\w+)\}", lambda place: _PLACES.get(place[1], "…"), rule.pattern)
    found: list[Finding] = []
    told: set[str] = set()
    for group in view.limited(rule):
        for part in group.parts:
            given = part.subject if rule.of == "subject" else stem(part.piece.name)
            if pattern.search(_dashes(given)) or (rule.of == "subject" and part.number in told):
                continue
            if rule.of == "file" and part.type in MEDIA and len(group.parts) > 1:
                continue  # 1.jpg … 6.jpg of one set: the set is named by its folder
            told.add(part.number)
            what = f"邮件主题“{given}”" if rule.of == "subject" else f"文件名“{part.name}”"
            way = "请改名后重发" if rule.severity == "demand" else "下次报送请注意"
            text = f"{what}未按要求命名，要求为“{wanted}”，{way}"
            found.append(about(rule, "name-differs", group, part, text, given, wanted))
    return found


_PLACES = {"unit": "单位名称", "item": "材料名称", "title": "作品名称"}
"""What stands for each place holder when a clerk reads a pattern."""


def _dashes(text: str) -> str:
    return re.sub(r"[\s　]+", "", re.sub(r"[—–－＿_\-]+", "-", text)).lower()


def _pattern(pattern: str, view: View) -> re.Pattern[str]:
    known = {
        "unit": (view.unit.name, *view.unit.aliases),
        "item": (view.item.name, *view.item.aliases),
    }
    result = ""
    for piece in re.split(r"(\{\w+\})", pattern):
        names = known.get(piece.strip("{}")) if piece.startswith("{") else None
        if names:
            result += "(?:" + "|".join(re.escape(_dashes(name)) for name in names) + ")"
        else:
            result += ".+" if piece.startswith("{") else re.escape(_dashes(piece))
    return re.compile(f"^{result}$")


ItemCheck = Callable[[Any, View], list[Finding]]

ITEM_RULES: dict[str, ItemCheck] = {
    "count": check_count,
    "columns": check_columns,
    "header": check_header,
    "seal": check_seal,
    "name": check_name,
}
"""The rules that speak about an item alone, by the name of their check."""

SHOWN_ONLY = frozenset({"human"})
"""Checks nobody computes: staff see their question beside the work, and no finding is made of them."""
