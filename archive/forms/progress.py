"""How a campaign stands, as tables: 进度表, 未报送名单, and one unit's 应报清单. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from archive.forms.table import Column, Table, clean, filled
from archive.forms.words import CHANNELS, LEGEND, UNIT, item_words, last_moment, moment_words, total_words
from archive.judging.findings import CODES, OFFICE_CODES
from archive.layout import OLD, OPEN, Entry, Withheld
from archive.records import Checklist, Finding, Holdings, ItemResult
from config.campaign import Campaign
from config.roster import Roster, Unit

_PLACES = {"current": "", "old": f"已由后报的代替（{OLD}）", "open": f"尚未归类（{OPEN}）"}


def progress(campaign: Campaign, roster: Roster, listed: Mapping[str, Checklist], now: datetime) -> Table:
    """Units down, items across, a mark and a word in each cell."""
    items = [item for item in campaign.items if item.owed_by == "unit"]
    heads = [Column("序号", 6, True), Column("单位")]
    heads += [Column(item.name, 0, True) for item in items]
    heads += [Column("合计", 0, True) for _ in campaign.totals]
    heads.append(Column("总体", 11, True))
    rows = []
    for place, unit in enumerate(roster.units, 1):
        one = listed[unit.code]
        by_item = {result.item: item_words(result) for result in one.items}
        by_rule = {total.rule: total_words(total) for total in one.totals}
        cells = [by_item.get(item.id, "—") for item in items]
        cells += [by_rule.get(total.id, "—") for total in campaign.totals]
        rows.append((str(place), unit.name, *cells, "—" if unit.owes == () else UNIT[one.state]))
    above = (f"活动：{campaign.title}", f"截至：{moment_words(now, campaign.zone)}")
    done = sum(listed[unit.code].state == "complete" for unit in roster.units if unit.owes != ())
    below = (LEGEND, f"共{len(rows)}个单位，已齐{done}个。")
    return Table("进度表", f"{campaign.short}报送进度表", tuple(heads), filled(rows, len(heads)), above, (), below)


def not_yet(campaign: Campaign, roster: Roster, listed: Mapping[str, Checklist], now: datetime) -> Table:
    """Who has not sent what is owed, with whom to call and room for what was said; for the office alone."""
    rows: list[tuple[str, ...]] = []
    for unit in roster.units:
        lacking = [item for item in listed[unit.code].items if _lacks(campaign, unit, item)]
        totals = [total.text for total in listed[unit.code].totals if total.state == "short"]
        if lacking or totals:
            what = "\n".join([*(_lacking_words(item) for item in lacking), *totals])
            days = [item.deadline for item in lacking if item.deadline is not None]
            until = last_moment(min(days), campaign.zone) if days else ""
            rows.append((str(len(rows) + 1), unit.name, what, until, unit.contact or "", unit.phone or "", ""))
    heads = (
        Column("序号", 6, True), Column("单位"), Column("未报送的材料", 40), Column("期限", 18, True),
        Column("联系人", 10, True), Column("电话", 16, True), Column("通话记录", 26),
    )  # fmt: skip
    above = (f"活动：{campaign.title}", f"截至：{moment_words(now, campaign.zone)}")
    below = ("本名单供内部催报使用，不发各单位。",)
    return Table("未报送名单", f"{campaign.short}未报送单位名单", heads, filled(rows, len(heads)), above, (), below)


def _lacks(campaign: Campaign, unit: Unit, item: ItemResult) -> bool:
    return unit.owes_item(item.item) and item.need is not None and item.have < item.need and item.state != "external"


def _lacking_words(item: ItemResult) -> str:
    notes = [CHANNELS[item.channel]] if item.channel != "mail" else []
    notes += [f"缺{item.need - item.have}件"] if item.have and item.need else []
    notes += ["来信说另报"] if item.announced else []
    return item.name + (f"（{'，'.join(notes)}）" if notes else "")


# --- one unit ---------------------------------------------------------------------------------------------------------


def of_unit(campaign: Campaign, unit: Unit, listed: Checklist, withheld: Sequence[Withheld] = ()) -> Table:
    """The unit's checklist with every finding; it tells no time of ours, so that it changes only when it does.

    Of a file that is withheld the code's plain words stand alone: what it is called can be a secret too.
    """
    hidden = {(one.number, one.piece) for one in withheld}
    heads = (
        Column("序号", 6, True), Column("应报材料", 28), Column("方式", 10, True), Column("期限", 18, True),
        Column("要求", 8, True), Column("已收", 8, True), Column("情况", 14, True), Column("核对结果", 46),
    )  # fmt: skip
    rows = []
    for place, item in enumerate(listed.items, 1):
        need = "随时" if item.state == "rolling" else f"{item.need}件" if item.need else "选报"
        until = last_moment(item.deadline, campaign.zone) or ("不定期" if item.state == "rolling" else "")
        found = "\n".join(_finding_words(one, hidden) for one in item.findings)
        row = (str(place), item.name, CHANNELS[item.channel], until, need, f"{item.have}件", item_words(item), found)
        rows.append(row)
    below = [f"[要求] {total.text}" for total in listed.totals if total.state == "short"] + [LEGEND]
    above = (f"单位：{unit.name}", f"总体：{UNIT[listed.state]}")
    return Table(
        "应报清单", f"{campaign.short}应报清单", heads, filled(rows, len(heads)), above, (), tuple(map(clean, below))
    )


def _finding_words(one: Finding, hidden: Set[tuple[str, str]]) -> str:
    mark = "待办" if one.code in OFFICE_CODES else "要求" if one.severity == "demand" else "建议"
    if (one.number, one.piece) in hidden:
        return f"[{mark}] {CODES[one.code]}（{one.number}）"
    return f"[{mark}] {one.text}" + (f"（{one.number}）" if one.number and one.number not in one.text else "")


def files(campaign: Campaign, unit: Unit, entries: Sequence[Entry], holdings: Holdings, at: Mapping[str, str]) -> Table:
    """Every file of the unit: where it lies, which 件 brought it and when. at: path → where it lies in truth."""
    came = {one.submission.number: one.submission.received for one in holdings.held}
    names = {item.id: item.name for item in campaign.items}
    rows = [
        (
            str(place), names.get(one.item or "", ""), at.get(one.path, one.path).partition("/")[2], one.number,
            moment_words(came[one.number], campaign.zone), one.name, _PLACES[one.place],
        )
        for place, one in enumerate(sorted(entries, key=lambda one: one.place == "old"), 1)
    ]  # fmt: skip
    heads = (
        Column("序号", 6, True), Column("材料", 24), Column("文件", 44), Column("来件编号", 15, True),
        Column("收到时间", 17, True), Column("单位所用文件名", 30), Column("说明", 18),
    )  # fmt: skip
    return Table("文件", f"{campaign.short}已收文件", heads, filled(rows, len(heads)), (f"单位：{unit.name}",))


def left_out(unit: Unit, withheld: Sequence[Withheld]) -> Table:
    """What does not lie in the folder and why; what it is called is not told, for names can be secrets too."""
    heads = (
        Column("序号", 6, True),
        Column("来件编号", 16, True),
        Column("附件", 14, True),
        Column("未放入的原因", 60),
    )
    rows = [(str(place), one.number, _part_number(one.piece), one.why) for place, one in enumerate(withheld, 1)]
    below = ("原件在存档中，请负责人按规定处理；不要转发、复制。",)
    return Table(
        "未放入的文件", "未放入材料夹的文件", heads, filled(rows, len(heads)), (f"单位：{unit.name}",), (), below
    )


def _part_number(piece: str) -> str:
    first = piece.partition("/")[0]
    return f"附件{first}" if first.isdigit() else ""
