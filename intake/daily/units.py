"""The digest's parts about units: how campaigns stand, who lacks what, links that run out, what was announced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archive.judging.findings import CODES, FILING_CODES
from archive.judging.promises import Promise, promises
from archive.records import Checklist, Finding, Held, Holdings, ItemResult
from config.campaign import Campaign
from config.crosschecks import step_day
from config.roster import Unit
from intake.daily.parts import Asked, Facts, Section, Table, ago_words, day_words
from intake.reminders import last_day
from intake.saying.promised import NO_DATE, days_left, moment_text
from intake.saying.wording import clean

STATES = (("complete", "已齐"), ("faulty", "需补正"), ("short", "缺件"), ("silent", "未报"), ("review", "待核"))
CHANNELS = {"disc": "光盘", "paper": "纸质件", "external": "网上报备"}
NO_DAY = date.max
"""Stands for what has no deadline; such rows come last."""


@dataclass(frozen=True)
class Lacking:
    """What one unit lacks for one deadline. day: its last day. call: staff are to telephone today."""

    unit: Unit
    day: date
    what: tuple[str, ...]
    marks: tuple[str, ...]
    call: bool


def standing(facts: Facts) -> Section:
    """Each running campaign: its deadlines and how many units stand how."""
    rows = []
    for asked in facts.asked:
        states = [one.state for one in asked.listed.values() if one.items]  # whoever owes nothing is not counted
        counts = tuple(str(states.count(state) or "—") for state, _ in STATES)  # type: ignore[arg-type]  # the same words
        rows.append((clean(asked.campaign.short), _deadlines(asked, facts), *counts, str(len(states))))
    heads = ("活动", "截止", *(name for _, name in STATES), "单位")
    return Section("campaigns", "在办活动", (), (Table(heads, tuple(rows), (24, 26, 8, 9, 8, 8, 8, 9)),))


def _deadlines(asked: Asked, facts: Facts) -> str:
    """The last deadline that passed while somebody lacks something, and those ahead, each with its days."""
    zone = asked.campaign.zone
    days = {
        last_day(item.deadline, asked.campaign)
        for listed in asked.listed.values()
        for item in listed.items
        if item.deadline is not None and item.state != "rolling"
    }
    today = facts.now.astimezone(zone).date()
    ahead = sorted(day for day in days if day >= today)
    passed = sorted(day for day in days if day < today)[-1:]
    shown = [f"{day_words(day, today)}（{_left(day, today)}）" for day in (*passed, *ahead[:3])]
    return "\n".join(shown) or "随时报送"


def _left(day: date, today: date) -> str:
    days = (day - today).days
    return "今天截止" if days == 0 else f"还有{days}天" if days > 0 else f"已过{-days}天"


# --- who lacks what ------------------------------------------------------------------------------------------------


def lacking(facts: Facts) -> Section:
    """One table for each campaign and deadline, the earliest first; rows in the roster's order."""
    groups: dict[tuple[date, int], list[Lacking]] = {}
    for place, asked in enumerate(facts.asked):
        for row in rows_of(asked, facts):
            groups.setdefault((row.day, place), []).append(row)
    tables = tuple(
        _table(facts.asked[place], day, rows, facts)
        for (day, place), rows in sorted(groups.items(), key=lambda one: one[0])
    )
    return Section("lacking", "尚缺材料的单位", (), tables)


def _table(asked: Asked, day: date, rows: list[Lacking], facts: Facts) -> Table:
    today = facts.now.astimezone(asked.campaign.zone).date()
    until = "未定期限" if day == NO_DAY else f"{day_words(day, today)}截止（{_left(day, today)}）"
    caption = f"{clean(asked.campaign.short)}　{until}　{len(rows)}个单位"
    told = tuple(
        (
            clean(row.unit.name),
            clean(row.unit.contact or ""),
            clean(row.unit.phone or ""),
            "\n".join(("；".join(together(row.what)), *(f"※{mark}" for mark in row.marks))),
            "",
        )
        for row in rows
    )
    return Table(("单位", "联系人", "电话", "尚缺（※备注）", "通话记录"), told, (20, 8, 14, 38, 20), caption)


def together(what: Sequence[str]) -> list[str]:
    """What comes by one channel beside the mail and is plainly missing, in one breath: 光盘：照片、视频."""
    found = list(what)
    for channel in CHANNELS.values():
        alone = [one for one in found if one.endswith(f"（{channel}）")]
        if len(alone) > 1:
            names = "、".join(one.removesuffix(f"（{channel}）") for one in alone)
            found[found.index(alone[0])] = f"{channel}：{names}"
            found = [one for one in found if one not in alone]
    return found


def rows_of(asked: Asked, facts: Facts) -> Iterator[Lacking]:
    """What each unit lacks, unit by unit in the roster's order, deadline by deadline."""
    for unit in asked.roster.units:
        for day, what in sorted(_open(asked.campaign, asked.listed[unit.code]).items()):
            call = _call_today(asked, day, facts)
            marks = _marks(asked, unit, call, facts)
            yield Lacking(unit, day, tuple(what), marks, call)


def _marks(asked: Asked, unit: Unit, call: bool, facts: Facts) -> tuple[str, ...]:
    found = [asked.no_mail.get(unit.code, ""), asked.busy.get(unit.code, ""), "今天请电话联系" if call else ""]
    note = asked.noted.get(unit.code)
    if note is not None:
        how = "已电话联系" if note.kind == "phone" else "经办人已回信"
        found.append(f"{ago_words(note.at, facts.now)}{how}：{note.text}")
    return tuple(clean(mark, 60) for mark in found if mark)


def _call_today(asked: Asked, day: date, facts: Facts) -> bool:
    """Whether a step of the telephone list has come and the deadline's day is not over."""
    steps = asked.campaign.reminders.phone
    if day == NO_DAY or not steps:
        return False
    today = facts.now.astimezone(asked.campaign.zone).date()
    return step_day(day, max(steps), facts.calendar) <= today <= day


def _open(campaign: Campaign, listed: Checklist) -> dict[date, list[str]]:
    """Last day → what lacks or is not as asked, each in a few words."""
    found: dict[date, list[str]] = {}
    for item in listed.items:
        if words := _item_words(campaign, item):
            found.setdefault(_last(campaign, item.deadline), []).append(words)
    for total in listed.totals:
        if total.state == "short":
            asked = next((one.items for one in campaign.totals if one.id == total.rule), ())
            moments = [item.deadline for item in listed.items if item.item in asked and item.deadline is not None]
            lines = found.setdefault(_last(campaign, min(moments, default=None)), [])
            lines.append(clean(total.text.partition("；尚缺")[0] if lines else total.text))
    return found


def _last(campaign: Campaign, deadline: datetime | None) -> date:
    return NO_DAY if deadline is None else last_day(deadline, campaign)


def _item_words(campaign: Campaign, item: ItemResult) -> str:
    """活动照片（光盘，缺2件，图片像素低于要求，来信说另报）; "" when nothing lacks, or only staff are to judge it."""
    if campaign.item(item.item).rolling or item.state in ("complete", "review", "rolling", "external"):
        return ""
    lacks = item.need is not None and item.have < item.need
    faults = dict.fromkeys(CODES[one.code] for one in item.findings if _is_fault(one))
    if not lacks and not faults and item.state != "short":
        return ""
    notes = [CHANNELS[item.channel]] if item.channel in CHANNELS else []
    missing = (item.need or 0) - item.have
    if campaign.item(item.item).kind == "filing":
        notes += [f"{missing}个集体未通过审核"] if lacks else []
    elif lacks and item.have:
        notes.append(f"缺{missing}件")
    notes += faults
    if item.announced:
        notes.append("来信说另报")
    return clean(item.name) + (f"（{'，'.join(notes)}）" if notes else "")


def _is_fault(finding: Finding) -> bool:
    return finding.severity == "demand" and finding.code not in ("too-few", *FILING_CODES)


# --- links and announcements ---------------------------------------------------------------------------------------


def links(facts: Facts) -> Section:
    """Files behind links that are still to be downloaded, the earliest to run out first."""
    found: list[tuple[datetime, tuple[str, ...]]] = []
    for asked in facts.asked:
        for unit in asked.roster.units:
            for promise in promises(asked.campaign, asked.held[unit.code]):
                found.append((promise.word.expires or NO_DATE, _link_row(asked, unit, promise, facts.now)))
    rows = tuple(row for _, row in sorted(found, key=lambda one: one[0]))
    table = Table(("单位", "文件", "来件", "失效时间"), rows, (28, 34, 14, 24))
    return Section("links", "以链接发来、尚未下载的文件", (), (table,) if rows else ())


def _link_row(asked: Asked, unit: Unit, promise: Promise, now: datetime) -> tuple[str, ...]:
    zone = asked.campaign.zone
    left = days_left(promise, now, zone)
    if promise.dead:
        until = "链接打不开，已请单位重发"
    elif left is None:
        until = "未注明"
    elif promise.expired(now):
        until = f"{moment_text(promise, now, zone)}\n已失效，请联系单位重发"
    else:
        until = f"{moment_text(promise, now, zone)}\n{f'还有{left}天' if left else '今天失效'}"
    return clean(unit.name), clean(promise.called), promise.number, until


def announced(facts: Facts) -> Section:
    """What units wrote they would send and have not, the longest waiting first."""
    found: list[tuple[datetime, tuple[str, ...]]] = []
    for asked in facts.asked:
        for unit in asked.roster.units:
            waiting = [
                item
                for item in asked.listed[unit.code].items
                if item.announced and not any(one.code == "promised-file" for one in item.findings)
            ]
            said = _said(asked.held[unit.code]) if waiting else None
            if said is not None:
                since, words = said[0].submission.received, said[1]
                items = "、".join(clean(item.name) for item in waiting)
                found.append((since, (clean(unit.name), f"“{words}”", items, ago_words(since, facts.now))))
    rows = tuple(row for _, row in sorted(found, key=lambda one: one[0]))
    table = Table(("单位", "来信所说", "还没到的材料", "自"), rows, (26, 26, 28, 20))
    return Section("announced", "说了另报、还没有到", (), (table,) if rows else ())


def _said(held: Holdings) -> tuple[Held, str] | None:
    """The last mail that announced more, and its words."""
    for one in reversed(held.held):
        texts = [clean(word.text, 40) for word in one.decision.announced if word.kind != "link"]
        if texts:
            return one, "、".join(dict.fromkeys(texts))
    return None
