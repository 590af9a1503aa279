"""The plan as a person reads it: each unit once for each last day, with its letter or with why none goes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archive.records import Checklist, ItemResult, Letter, LetterKind
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.reminders import OVERDUE_DAYS, Due
from intake.saying.lacking import BY_MAIL, is_fault, is_promised
from intake.saying.owing import last_day

TOLD = {"reminder": "已于{day}提醒，不再发", "overdue": "已于{day}发逾期提示，不再发"}
NOT_TOLD = {"cancelled": "提醒已取消", "failed": "提醒未能发出", "bounced": "提醒被退回"}


@dataclass(frozen=True)
class Line:
    """One unit and one last day (None: nothing it owes has a day). at: when its letters go (UTC), () = none goes.

    why: Chinese, for staff; what is open stands in `open` by name.
    """

    unit: Unit
    day: date | None
    at: tuple[datetime, ...]
    to: str
    kinds: tuple[LetterKind, ...]
    why: str
    open: tuple[str, ...] = ()


def overview(
    campaign: Campaign,
    roster: Roster,
    checklists: Mapping[str, Checklist],
    planned: Sequence[Due],
    said: Sequence[Letter],
    now: datetime,
) -> tuple[Line, ...]:
    """A line for every unit of the roster and every last day that binds it, in the roster's order."""
    lines = []
    for unit in roster.units:
        dues = [due for due in planned if due.unit == unit.code and due.kind != "phone"]
        letters = [letter for letter in said if letter.unit == unit.code and letter.kind in TOLD]
        by_day = _by_day(campaign, unit, checklists[unit.code])
        days = sorted({*by_day, *(day for due in dues for day in _days(campaign, due))})
        for day in days:
            mine = [due for due in dues if day in _days(campaign, due)]
            lines.append(_line(campaign, unit, day, mine, by_day.get(day, []), letters, now))
        if not days:
            why = "不承担报送任务，不发" if unit.owes == () else "没有定期限的材料，不催"
            lines.append(Line(unit, None, (), "", (), why))
    return tuple(lines)


def named(campaign: Campaign, items: Sequence[str]) -> tuple[str, ...]:
    """The names of items, and of totals by the items they run over."""
    names = {item.id: item.name for item in campaign.items}
    totals = {total.id: "、".join(names[id] for id in total.items) for total in campaign.totals}
    return tuple(names.get(id) or f"{totals[id]}（合计）" for id in items if id in names or id in totals)


def _by_day(campaign: Campaign, unit: Unit, checklist: Checklist) -> dict[date, list[ItemResult]]:
    found: dict[date, list[ItemResult]] = {}
    for result in checklist.items:
        if result.deadline is not None and result.state != "rolling" and unit.owes_item(result.item):
            found.setdefault(last_day(result.deadline, campaign), []).append(result)
    return found


def _days(campaign: Campaign, due: Due) -> set[date]:
    return {last_day(deadline, campaign) for deadline in due.deadlines}


def _line(
    campaign: Campaign,
    unit: Unit,
    day: date,
    dues: Sequence[Due],
    results: Sequence[ItemResult],
    letters: Sequence[Letter],
    now: datetime,
) -> Line:
    going = [due for due in dues if due.letter]
    told = going or list(dues)[:1]
    if not told:
        return Line(unit, day, (), "", (), _why_not(campaign, day, results, letters, now))
    why = told[0].reason + ("（几个期限合为一封）" if len(told[0].deadlines) > 1 else "")
    kinds = tuple(dict.fromkeys(due.kind for due in told if due.kind != "phone"))
    open_ = named(campaign, tuple(dict.fromkeys(item for due in told for item in due.items)))
    return Line(unit, day, tuple(due.due for due in going), told[0].to, kinds, why, open_)


def _why_not(
    campaign: Campaign, day: date, results: Sequence[ItemResult], letters: Sequence[Letter], now: datetime
) -> str:
    """Why a unit that the plan does not speak of gets nothing about this day."""
    lacking = [one for one in results if one.have < (one.need or 0)]
    faulty = any(is_fault(finding) for one in results for finding in one.findings)
    if not lacking and not faulty:
        return _nothing_open(results)
    if lacking and not faulty and all(is_promised(one) for one in lacking):
        return "以链接发来或光盘尚未查看，由经办人处理，不发"
    told = [letter for letter in letters if any(_speaks(key, day) for key in (letter.key, *_also(letter)))]
    if told:
        return _told(campaign, told[-1])
    if all(one.channel not in BY_MAIL for one in lacking):
        return "光盘、纸质或系统外材料没有新近的登记截至日期，不发"
    if last_day(now, campaign) <= day:
        return "提醒的日子已过，期限内不再发"
    if not campaign.late.overdue_letters:
        return "期限已过，本活动不发逾期提示"
    return f"期限已过{OVERDUE_DAYS}天以上，不再发"


def _nothing_open(results: Sequence[ItemResult]) -> str:
    if any(one.state == "review" for one in results):
        return "已收到，待经办人核对，不发"
    if all(one.have == 0 for one in results):
        return "没有必须报送的材料，不发"
    return "已齐，不发"


def _told(campaign: Campaign, letter: Letter) -> str:
    if letter.state in NOT_TOLD:
        return NOT_TOLD[letter.state] + (f"：{letter.trouble}" if letter.trouble else "")
    at = (letter.sent or letter.due or None) and (letter.sent or letter.due)
    local = at.astimezone(campaign.zone) if at is not None else None
    return TOLD[letter.kind].format(day=f"{local.month}月{local.day}日" if local else "此前")


def _also(letter: Letter) -> Sequence[str]:
    found: Sequence[str] = letter.said.get("also", ())
    return found


def _speaks(key: str, day: date) -> bool:
    return f":{day.isoformat()}:" in key
