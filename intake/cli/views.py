"""Tables for people, and the shapes that need an open office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from archive import shapes
from archive.desk import Waiting
from archive.judging.periods import recurs
from archive.judging.promises import shown_size
from archive.records import Announced, Checklist, Event, Letter
from config.campaign import Campaign
from config.roster import Roster
from intake.cli.common import ZONE, Told
from intake.overview import Line, named
from intake.reminders import Due
from intake.rounds.findings import findings_of
from intake.rounds.office import Office
from intake.saying.names import FOR_STAFF
from intake.saying.owing import last_day

STATES = {
    "complete": "[green]✓ 齐[/]",
    "faulty": "[red]! 有误[/]",
    "short": "[yellow]… 不足[/]",
    "none": "— 未报",
    "silent": "— 未报",
    "review": "[cyan]? 待核对[/]",
    "rolling": "· 随时",
    "external": "⇱ 系统外",
}
LETTER_STATES = {
    "planned": "计划",
    "draft": "待审",
    "held": "暂缓",
    "queued": "待发",
    "sending": "发送中",
    "sent": "已发",
    "deferred": "稍后重发",
    "failed": "[red]失败[/]",
    "bounced": "[red]退信[/]",
    "cancelled": "取消",
}
REPORT_KINDS = ("letter-reported", "letter-bounced", "letter-complaint")
REPORTED = {
    "bounce": "被退回",
    "delayed": "暂时送不到，对方服务器仍在重试",
    "read": "已送达或已读",
    "vacation": "由对方自动回复",
    "complaint": "被对方投诉为垃圾邮件",
}


def handed_line(handed: Mapping[str, Any]) -> str:
    """How a disc or what came by hand was handed over, as far as staff wrote it down."""
    said = [f"以{handed['via']}交来"] if handed["via"] else []
    named = (("标签", "label"), ("送交", "giver"), ("寄出", "posted"), ("接收", "receiver"))
    said += [f"{word} {handed[key]}" for word, key in named if handed[key]]
    said += [f"无法读取 {len(handed['unreadable'])} 个文件"] if handed["unreadable"] else []
    return f"交接：{'，'.join(said) or '未写明'}"


def show_of(opened: Office, number: str) -> dict[str, Any]:
    """The `show` shape of one 件; Told when there is none."""
    submission = opened.ledger.arrivals.submission(number)
    decision = opened.ledger.decisions.current(number)
    if submission is None or decision is None:
        raise Told(f"没有编号 {number}；baosong status CAMPAIGN 和 queue 可以看到现有的来件")
    found = opened.campaign(decision.campaign)
    zone = found[0].zone if found else ZONE
    letters = opened.ledger.letters.of(number)
    return shapes.show(submission, decision, decision.version, findings_of(opened, number), letters, zone)


def status_table(campaign: Campaign, roster: Roster, listed: Mapping[str, Checklist]) -> Table:
    """Unit × item."""
    table = Table(title=f"{campaign.title}  应报清单")
    table.add_column("单位")
    table.add_column("状态")
    columns = [item for item in campaign.items if item.owed_by == "unit"]
    for item in columns:
        table.add_column(item.name)
    for unit in roster.units:
        one = listed[unit.code]
        cells = {result.item: result for result in one.items}
        row = [unit.name, "· 可不报" if unit.owes == () and one.state == "complete" else STATES[one.state]]
        for item in columns:
            result = cells.get(item.id)
            if result is None:
                row.append("")
                continue
            count = f" {result.have}/{result.need}" if result.need else (f" {result.have}" if result.have else "")
            row.append(STATES[result.state] + count + (" 迟" if result.late else ""))
        table.add_row(*row)
    return table


def period_lines(campaign: Campaign, now: datetime) -> list[str]:
    """Of each recurring deadline the turn that runs: 活动信息：本期7月26日—8月25日. Single units' extensions apart."""
    if not recurs(campaign):
        return []
    found: dict[str, list[str]] = {}
    for item in campaign.items:
        begin, end = campaign.period_begins(item, "", "", now), campaign.deadline_for(item, "", "", None, now)
        if begin is not None and end is not None:
            first, last = begin.astimezone(campaign.zone).date(), last_day(end, campaign)
            span = f"本期{first.month}月{first.day}日—{last.month}月{last.day}日"
            found.setdefault(span, []).append(item.name)
    return [f"{'、'.join(names)}：{span}，只计本期收到的" for span, names in found.items()]


def plan_tables(campaign: Campaign, lines: Sequence[Line], calls: Sequence[Due], roster: Roster) -> list[Table]:
    """Who gets what when and why, who not and why, and whom staff call; every unit stands once for each day in one of
    the first two."""
    going = [line for line in lines if line.at]
    rest = [line for line in lines if not line.at]
    gets = _table(f"{campaign.id} 会收到的（{len(going)}）", "单位", "期限", "种类", "时间", "发往", "材料", "说明")
    for line in going:
        times = "、".join(_local(at, campaign) for at in line.at)
        kinds = "、".join(FOR_STAFF[kind] for kind in line.kinds)
        gets.add_row(line.unit.name, _day(line), kinds, times, line.to, "、".join(line.open), line.why)
    none = _table(f"{campaign.id} 不发的（{len(rest)}）", "单位", "期限", "尚缺", "原因")
    for line in rest:
        none.add_row(line.unit.name, _day(line), "、".join(line.open), line.why)
    phone = _table(f"{campaign.id} 到时仍缺的打电话（{len(calls)}）", "单位", "时间", "联系人", "电话", "材料", "说明")
    for due in calls:
        unit = roster.unit(due.unit)
        items = "、".join(named(campaign, due.items))
        when = _local(due.due, campaign)
        phone.add_row(unit.name, when, unit.contact or "", unit.phone or "", items, due.reason)
    return [gets, none, phone]


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _day(line: Line) -> str:
    return line.day.isoformat() if line.day else ""


def _local(at: datetime, campaign: Campaign) -> str:
    return at.astimezone(campaign.zone).strftime("%m-%d %H:%M")


def outbox_table(letters: Sequence[Letter], notes: Mapping[str, str]) -> Table:
    """The outbox; notes: key of a letter → what staff noted on it."""
    table = Table(title="待发与已发")
    for name in ("信件", "种类", "状态", "发往", "主题", "时间", "说明"):
        table.add_column(name)
    for one in letters:
        when = (one.sent or one.due or None) and (one.sent or one.due)
        told = [one.trouble or "", f"备注：{notes[one.key]}" if one.key in notes else ""]
        table.add_row(
            one.key,
            FOR_STAFF[one.kind],
            LETTER_STATES[one.state],
            one.to,
            one.subject,
            when.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if when else "",
            "；".join(part for part in told if part),
        )
    return table


def queue_table(lines: Sequence[Waiting]) -> Table:
    """What waits for a person: the question, what it may be, why, and what follows."""
    table = Table(title="待核对" if lines else "待核对（没有待核对的事）", show_lines=True)
    for name in ("序号", "来件", "问题", "可能是", "依据", "确认后"):
        table.add_column(name, overflow="fold")
    for line in lines:
        one = line.question
        likely, why = "\n".join(line.likely), "\n".join(line.reasons)
        table.add_row(str(one.id), one.number or "", one.question, likely, why, one.consequence)
    return table


def reported_lines(events: Sequence[Event]) -> list[str]:
    """What a mail reports of letters of ours: 回报：信件 answer:WH2018-0001（发往 a@b.test）已读."""
    return [
        f"回报：信件 {one.data['key']}（发往 {one.data['recipient']}）{REPORTED[str(one.data['what'])]}"
        for one in events
        if one.kind in REPORT_KINDS
    ]


def announced_line(word: Announced) -> str:
    """One announced piece for people: what it is, how large, until when, where, and for which items."""
    told = [word.text if word.kind != "link" else f"《{word.name}》以链接发来" if word.name else "以链接发来"]
    if word.size:
        told.append(shown_size(word.size))
    if word.expires:
        told.append(f"{word.expires.astimezone(ZONE):%Y-%m-%d %H:%M}失效")
    told += [f"提取码 {word.code}"] if word.code else []
    told += [word.url] if word.url else []
    return "，".join(told) + (f"  → {'、'.join(word.items)}" if word.items else "")
