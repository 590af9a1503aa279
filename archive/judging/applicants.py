"""The 集体 that units apply for: rows of their tables, told apart and found again however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from archive.judging.findings import finding
from archive.judging.kinds import EDITABLE
from archive.judging.parts import Group, Part
from archive.judging.rules import unreadable
from archive.judging.spelling import fold
from archive.judging.works import counted, grouped
from archive.records import Facts, Finding, Holdings
from config.campaign import Campaign, ColumnsRule, Item

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_SIGNS = re.compile(r"[\s()\[\]【】:、,。.·•*_\-—–/]+")
_SUFFIX = re.compile(r"(?:(?:创建|申报|候选|先进|青年)?集体|青年文明号(?:创建)?(?:集体)?)$")
_SUM = re.compile(r"^(?:合计|总计|小计|注|说明|备注)")
LONG_ENOUGH = 5
"""Characters from which on the short name of a 集体 may be the end of its full one (办税服务厅 …税务局办税服务厅)."""


@dataclass(frozen=True)
class Applicant:
    """One 集体 a unit applies for. row: its table's columns with their cells; filed: what the row says of 网上报备."""

    name: str
    number: str | None = None
    piece: str | None = None
    row: Mapping[str, str] = field(default_factory=dict)

    @property
    def filed(self) -> bool | None:
        """True for 是, False for 否, None when the row does not say."""
        said = next((fold(cell) for column, cell in self.row.items() if "报备" in column), "")
        if not said:
            return None
        if re.match(r"否|未|没|无|x|×|✗|n", said):
            return False
        return True if re.match(r"是|已|有|√|✓|y|对|完成|通过", said) else None


@lru_cache(maxsize=65536)
def keys(name: str) -> tuple[str, str]:
    """(whole, plain): the name without signs and suffixes; plain also without what stands in brackets."""
    text = fold(name)
    return _bare(text), _bare(_BRACKETS.sub("", text)) or _bare(text)


def _bare(text: str) -> str:
    text = _SIGNS.sub("", text)
    while (shorter := _SUFFIX.sub("", text)) and shorter != text:
        text = shorter
    return text


def same(one: str, other: str) -> bool:
    """Whether two names are one 集体: 第一税务所（北区） is not 第一税务所（南区）, but may be 第一税务所."""
    left, right = keys(one), keys(other)
    return left[0] == right[0] or left[1] == right[0] or left[0] == right[1]


def is_end(one: str, other: str) -> bool:
    """Whether one name is written short: the end of the other."""
    shorter, longer = sorted((keys(one)[0], keys(other)[0]), key=len)
    return len(shorter) >= LONG_ENOUGH and longer.endswith(shorter)


# --- the tables ---------------------------------------------------------------------------------------------------


def applicants_item(campaign: Campaign) -> Item | None:
    """The table in which units name the 集体 they apply for; None when the campaign asks for none."""
    for item in campaign.items:
        names = [name for rule in item.rules if isinstance(rule, ColumnsRule) for name in rule.names]
        if item.owed_by == "unit" and item.kind == "table" and _name_column(names) is not None:
            return item
    return None


def _name_column(columns: Sequence[str]) -> int | None:
    folded = [_BRACKETS.sub("", fold(name)) for name in columns]
    for place, name in enumerate(folded):
        if re.fullmatch(r"(?:申报|创建|青年文明号)*(?:集体名称|申报集体)", name):
            return place
    return None


def applicants(groups: Iterable[Group]) -> tuple[Applicant, ...]:
    """The rows of the tables that came, each 集体 once and in their order; what could not be read has none."""
    found: list[Applicant] = []
    for one in rows(groups):
        if not any(keys(one.name)[0] == keys(other.name)[0] for other in found):
            found.append(one)
    return tuple(found)


def rows(groups: Iterable[Group]) -> Iterator[Applicant]:
    """Every row that names a 集体, as often as it stands there."""
    for group in groups:
        part = _readable(group)
        place = None if part is None else _name_column(part.piece.facts.columns)
        if part is None or place is None:
            continue
        columns = part.piece.facts.columns
        for cells in part.piece.facts.cells:
            name = cells[place].strip() if place < len(cells) else ""
            if keys(name)[0] and not _SUM.match(fold(name)):
                row = {fold(column): cell.strip() for column, cell in zip(columns, cells, strict=False)}
                yield Applicant(name, part.number, part.piece.path, row)


def _readable(group: Group) -> Part | None:
    read = [part for part in group.parts if part.piece.facts.columns and unreadable(part) is None]
    return max(read, key=lambda part: (part.type in EDITABLE, part.received), default=None)


def applied_for(campaign: Campaign, holdings: Holdings) -> tuple[Applicant, ...]:
    """The 集体 of one unit's tables, from all that is held."""
    item = applicants_item(campaign)
    if item is None:
        return ()
    return applicants(grouped(campaign, item, tuple(counted(campaign, holdings))))


_ITS_NAME = re.compile(r"(?:申报|创建|创作|推报|推荐|报备|青年文明号)*集体(?:名称)?")


def collectives(held: Mapping[str, Holdings]) -> dict[str, tuple[str, str, str]]:
    """Name key → (集体, unit code, where it stands): every 集体 that units' tables and the filing list name.

    held: every unit's holdings, by code. A name that several units have is nobody's.
    """
    named: list[tuple[str, str, str]] = []
    for code, holdings in held.items():
        for one in holdings.held:
            for piece in one.submission.pieces:
                named += [(name, code, "汇总表") for name in _collectives_in(piece.facts)]
    for listing in next((holdings.lists for holdings in held.values()), ()):
        if listing.kind == "filing":
            named += [(one.name, one.unit, "报备名单") for one in listing.entries if one.unit in held and one.unit]
    units: dict[str, set[str]] = {}
    for name, code, _ in named:
        units.setdefault(keys(name)[0], set()).add(code)
    return {keys(each[0])[0]: each for each in named if len(units[keys(each[0])[0]]) == 1}


def _collectives_in(facts: Facts) -> Iterator[str]:
    places = [at for at, name in enumerate(facts.columns) if _ITS_NAME.fullmatch(_BRACKETS.sub("", fold(name)))]
    for cells in facts.cells:
        yield from (cells[at].strip() for at in places[:1] if at < len(cells) and keys(cells[at])[0])


# --- one 集体, one way ----------------------------------------------------------------------------------------------


def repeated(groups: Iterable[Group]) -> list[Finding]:
    """A 集体 that stands twice in the unit's own table: told as advice."""
    seen: list[Applicant] = []
    told: list[str] = []
    found = []
    for one in rows(groups):
        key = keys(one.name)[0]
        if any(keys(other.name)[0] == key for other in seen) and key not in told:
            told.append(key)
            text = f"申报集体“{one.name}”在汇总表中重复填写，请核对"
            found.append(
                finding(
                    "applicant-repeated", text, severity="advice", number=one.number, piece=one.piece, seen=one.name
                )
            )
        seen.append(one)
    return found


Elsewhere = dict[str, tuple[str, ...]]
"""集体 as a unit writes it → the other units that have it too."""


def twice(campaign: Campaign, held: Mapping[str, Holdings], parents: Mapping[str, str | None]) -> dict[str, Elsewhere]:
    """Unit code → its 集体 that other units (by code) apply for too, or that the filing list has under them.

    held: every unit's, by code; parents: unit code → the unit above it, which may well manage what is below.
    """
    named: list[tuple[str, str]] = []
    for code, holdings in held.items():
        named += [(code, one.name) for one in applied_for(campaign, holdings)]
    lists = next((holdings.lists for holdings in held.values()), ())
    for listing in lists:
        if listing.kind == "filing":
            named += [(entry.unit, entry.name) for entry in listing.entries if entry.unit in held and entry.unit]
    return _shared(tuple(dict.fromkeys(named)), parents)


def _shared(named: Sequence[tuple[str, str]], parents: Mapping[str, str | None]) -> dict[str, Elsewhere]:
    alike: dict[str, list[tuple[str, str]]] = {}
    for pair in named:
        for key in set(keys(pair[1])):
            alike.setdefault(key, []).append(pair)
    result: dict[str, Elsewhere] = {}
    for code, name in named:
        others = {
            other
            for key in set(keys(name))
            for other, written in alike[key]
            if other != code and same(name, written) and not _above(code, other, parents)
        }
        if others:
            mine = result.setdefault(code, {})
            mine[name] = tuple(sorted({*mine.get(name, ()), *others}))
    return result


def _above(one: str, other: str, parents: Mapping[str, str | None]) -> bool:
    """Whether one unit is above the other."""
    for low, high in ((one, other), (other, one)):
        at, steps = parents.get(low), 0
        while at is not None and steps < len(parents):
            if at == high:
                return True
            at, steps = parents.get(at), steps + 1
    return False


def found_elsewhere(elsewhere: Mapping[str, tuple[str, ...]], mine: Sequence[Applicant]) -> list[Finding]:
    """For staff only: the 集体 that another unit also applies for. elsewhere: 集体 → names of the other units."""
    found = []
    for name, others in elsewhere.items():
        at = next((one for one in mine if same(one.name, name)), Applicant(name))
        text = f"集体“{name}”同时见于{'、'.join(others)}的申报或报备，不可多途径申报，请核定由哪个单位申报"
        found.append(
            finding(
                "applicant-twice", text, number=at.number, piece=at.piece, seen="、".join(others), wanted="一个途径"
            )
        )
    return found
