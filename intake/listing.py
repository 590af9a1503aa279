"""Reading an exported list: which 集体, in what state, under which unit of the roster, and of what day. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive.judging.applicants import keys
from archive.judging.spelling import fold
from archive.records import Entry, FilingState
from config.campaign import Campaign
from config.roster import Roster
from config.sheets import Row
from intake.clues.namings import INSIDE, NameIndex, office

HEADER_SEARCH = 30
_NAME = re.compile(r"(?:青年文明号|创建|申报|报备|获评|命名)*(?:集体|单位和集体|青年集体)(?:名称|全称|名)?")
_NAMED_TOO = re.compile(r"(?:获奖|命名|表彰|青年文明号)?(?:名称|单位|集体)")
_STATE = re.compile(
    r"(?:当前|报备|审核|审批|流程|办理|管理单位审核)*(?:状态|结果|情况|审核)|是否(?:审核)?通过(?:审核)?"
)
_UNIT = re.compile(r"(?:上级|所属|归口|直接)?(?:管理|归口|推荐|申报|主管|所属)(?:单位|部门|组织)(?:名称)?")
_DAY = re.compile(r"(20\d\d)\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})")
_SUM = re.compile(r"^(?:合计|总计|小计|共计|注|说明|备注|导出|填表|制表)")


@dataclass(frozen=True)
class Read:
    """What a list says. day: written above or below its rows, None when nothing is; unknown: words not understood."""

    entries: tuple[Entry, ...]
    day: date | None
    unknown_units: tuple[str, ...]
    unknown_states: tuple[str, ...]


class NotAList(Exception):
    """Why a table is no such list; str() is one sentence (Chinese)."""


def read_list(found: Sequence[Sequence[Row]], states: bool, campaign: Campaign, roster: Roster) -> Read:
    """The entries of the first sheet that has the columns. states: a filing list, which must have a column of states.

    NotAList when no sheet has them.
    """
    for rows in found:
        for place, (_, cells) in enumerate(rows[:HEADER_SEARCH]):
            columns = _columns(cells, states)
            if "name" in columns and ("state" in columns or not states):
                return _read(rows, place, columns, states, campaign, roster)
    seen = next((cells for rows in found for _, cells in rows if sum(map(bool, cells)) > 1), [])
    wanted = "“集体名称”和“状态”（或“审核状态”）两栏" if states else "“集体名称”一栏"
    had = f"，只看到：{'、'.join(cell for cell in seen if cell)[:80]}" if seen else ""
    raise NotAList(f"名单里没有{wanted}{had}")


def _columns(cells: Sequence[str], states: bool) -> dict[str, int]:
    """Name, state and unit by the words of the header row; the first that fits, the plainest name first."""
    folded = [re.sub(r"\([^()]*\)", "", fold(cell)) for cell in cells]
    columns: dict[str, int] = {}
    kinds = [("name", _NAME), ("state", _STATE), ("unit", _UNIT)]
    if not states:
        kinds.append(("name", _NAMED_TOO))
    for kind, words in kinds:
        place = next((n for n, text in enumerate(folded) if words.fullmatch(text)), None)
        if place is not None and place not in columns.values():
            columns.setdefault(kind, place)
    return columns


def _read(
    rows: Sequence[Row], header: int, columns: Mapping[str, int], states: bool, campaign: Campaign, roster: Roster
) -> Read:
    find = UnitFinder(campaign, roster)
    passing = "通过" in rows[header][1][columns["state"]] if states else False
    entries: list[Entry] = []
    odd: dict[str, None] = {}
    around = [" ".join(cells) for _, cells in rows[:header]]
    for _, cells in rows[header + 1 :]:
        field = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
        name = field["name"]
        if not keys(name)[0] or _SUM.match(fold(name)) or sum(map(bool, cells)) < min(2, len(columns)):
            around.append(" ".join(cells))
            continue
        state, known = state_of(field["state"], passing) if states else ("passed", True)
        if not known:
            odd[field["state"]] = None
        written = field.get("unit", "")
        entries.append(Entry(name, state, find.code(written), written))
    lost = dict.fromkeys(one.listed_unit for one in entries if one.listed_unit and one.unit is None)
    return Read(tuple(entries), _day(around), tuple(lost), tuple(odd))


def _day(lines: Sequence[str]) -> date | None:
    """The latest day written around the rows; 2017-2018年度 is none."""
    found = []
    for line in lines:
        for year, month, day in _DAY.findall(line):
            try:
                found.append(date(int(year), int(month), int(day)))
            except ValueError:
                continue
    return max(found, default=None)


# --- states -------------------------------------------------------------------------------------------------------

_STATES: tuple[tuple[FilingState, str], ...] = (
    ("none", r"未(?:上报|提交|报备|报|填)|没有报|草稿|暂存|编辑|已删除|已撤"),
    ("returned", r"退回|驳回|打回|(?:不|未)(?:予)?通过|不合格|不同意|拒绝"),
    ("pending", r"待|未审|审核中|审批中|初审|已(?:上报|提交|报备)|受理"),
    ("passed", r"通过|合格|已审|同意|审核完成|已完成|已备案|办结"),
)


def state_of(text: str, passing: bool = False) -> tuple[FilingState, bool]:
    """(state, whether the word was understood); a blank is 未报. passing: the column asks 是否通过."""
    said = fold(text)
    if not said:
        return "none", True
    if re.fullmatch(r"是|√|✓|y|yes", said):
        return ("passed", True) if passing else ("pending", True)
    if re.fullmatch(r"否|×|✗|x|n|no|-|无", said):
        return ("pending", True) if passing else ("none", True)
    for state, words in _STATES:
        if re.search(words, said):
            return state, True
    return "pending", False


# --- units --------------------------------------------------------------------------------------------------------


class UnitFinder:
    """The roster's unit that a cell of a list means."""

    def __init__(self, campaign: Campaign, roster: Roster) -> None:
        parent = campaign.parent.issuer if campaign.parent else None
        self._index = NameIndex(roster, office(campaign.issuer, parent or ""))
        self._names: dict[str, set[str]] = {}
        for unit in roster.units:
            for name in (unit.name, *unit.aliases):
                self._names.setdefault(fold(name), set()).add(unit.code)
        self._known: dict[str, str | None] = {}

    def code(self, written: str) -> str | None:
        """Its code; None when no unit or more than one is meant."""
        if written not in self._known:
            self._known[written] = self._find(fold(written)) if written else None
        return self._known[written]

    def _find(self, text: str) -> str | None:
        own = self._names.get(text, set())
        if len(own) == 1:
            return next(iter(own))
        best: dict[str, float] = {}
        for hit in self._index.hits(text):
            best[hit.unit] = max(best.get(hit.unit, 0.0), hit.strength)
        top = [code for code, strength in best.items() if strength == max(best.values()) and strength > INSIDE]
        if len(top) == 1:
            return top[0]
        near = self._index.near(text) if not best else None
        return near[0] if near is not None else None
