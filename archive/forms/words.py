"""How days, states and counts are written in an office's tables. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from archive.records import ItemResult, TotalResult, UnitState
from config.campaign import Campaign

CHANNELS = {
    "mail": "邮件", "disc": "光盘", "upload": "网上上传", "hand": "当面交来", "paper": "纸质", "external": "网上填报",
}  # fmt: skip
UNIT: dict[UnitState, str] = {
    "complete": "√ 已齐", "faulty": "× 有误", "short": "△ 不足", "silent": "○ 未报", "review": "？ 待核对",
}  # fmt: skip
LEGEND = "√ 已齐（件数已齐，内容以审核为准）　× 有误，待补正　△ 不足　○ 未报　？ 待经办人核对　— 不要求"


def day_words(day: date) -> str:
    """2018年8月20日."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    """2018-08-06 09:30, in the zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def last_moment(deadline: datetime | None, zone: ZoneInfo) -> str:
    """2018年8月20日 for the end of that day, with the hour where it is another; "" for none."""
    if deadline is None:
        return ""
    local = deadline.astimezone(zone)
    if (local.hour, local.minute) == (0, 0):
        return day_words((local - timedelta(microseconds=1)).date())
    return f"{day_words(local.date())}{local:%H:%M}"


def item_words(item: ItemResult) -> str:
    """How one line of the checklist stands, in a cell: √ 2件, △ 1/3, ○ 未报 …"""
    late = "（迟报）" if item.late else ""
    if item.state == "complete":
        return f"√ {item.have}件{late}"
    if item.state == "faulty":
        return f"× 有误{late}"
    if item.state == "short":
        return f"△ {item.have}/{item.need}" if item.need is not None else "△ 不足"
    if item.state == "none":
        return "○ 另报" if item.announced else "○ 未报" if item.need else ""
    if item.state == "review":
        return f"？ {item.have}件待核对" if item.have else "？ 待核对"
    if item.state == "rolling":
        return f"{item.have}件" if item.have else ""
    return "系统外"


def total_words(total: TotalResult) -> str:
    """A minimum over several items: √ 3/3, △ 2/3."""
    return f"{'√' if total.state == 'complete' else '△'} {total.have}/{total.need}"


def year_of(campaign: Campaign) -> int | None:
    """The year a campaign belongs to: of its notice, else of its first deadline."""
    day = campaign.issued or campaign.opens or min((one.by for one in campaign.deadlines if one.by), default=None)
    return None if day is None else day.year
