"""The digest's parts about the office itself: mailboxes, what is wrong, calendar, files, the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from archive.desk import Trouble
from config.campaign import Campaign
from config.crosschecks import all_dates, step_days
from config.problems import Problem
from config.workdays import Calendar
from intake.daily.parts import Facts, Section, Table
from intake.health import Box, megabytes, moment_words, span_words, year_words
from intake.saying.wording import clean

PROBLEMS = 40
"""Problems of files that are printed; the others are counted."""
ELSEWHERE = ("calendar-missing", "digest-missing", "files-faulty", "queue-old", "letters-failed")
"""Troubles that another part of the digest tells, or that the digest itself ends."""
NEXT_YEAR_FROM = 11
"""From this month on the next year's arrangement is published and wanted."""


def running(facts: Facts) -> Section:
    """Each mailbox with its last success, and everything that is not well."""
    rows = tuple(_box_row(box, facts) for box in facts.vitals.boxes)
    told = [clean(one.text, 240) for one in troubles_here(facts)]
    disk = f"磁盘剩余 {megabytes(facts.vitals.disk_free)}。"
    return Section(
        "running", "邮箱与运行", (*told, disk), (Table(("邮箱", "最近一次收信", "情况"), rows, (34, 28, 38)),)
    )


def troubles_here(facts: Facts) -> list[Trouble]:
    """The troubles that no other part tells."""
    return [one for one in facts.troubles if one.code not in ELSEWHERE]


def _box_row(box: Box, facts: Facts) -> tuple[str, str, str]:
    last = box.last_success
    when = "还没有" if last is None else moment_words(last, facts.now)
    if last is not None and box.stale(facts.now):
        when += f"（{span_words(facts.now - last)}前）"
    well = "正常" if last is not None and not box.stale(facts.now) and not box.failures else "异常，见上"
    retried = f"；{box.retried} 封未能取回，正在重试" if box.retried else ""
    return f"{clean(box.name)}\n{clean(box.address, 80)}", when, well + retried


def calendar(facts: Facts) -> Section:
    """This year's arrangement, and from November on the next year's when something falls into it."""
    years = [facts.day.year]
    if facts.day.month >= NEXT_YEAR_FROM and any(
        _reaches(asked.campaign, facts.day.year + 1, facts.calendar) for asked in facts.asked
    ):
        years.append(facts.day.year + 1)
    return Section("calendar", "工作日历", tuple(year_words(year) for year in years if not facts.calendar.known(year)))


def _reaches(campaign: Campaign, year: int, calendar: Calendar) -> bool:
    """Whether a deadline or a reminder of the campaign lies in that year; a recurring one goes on."""
    return any(deadline.every for deadline in campaign.deadlines) or year in {
        day.year for day in _days(campaign, calendar)
    }


def _days(campaign: Campaign, calendar: Calendar) -> Iterator[date]:
    yield from (day for _, day, binding in all_dates(campaign) if binding)
    yield from (day for _, _, day in step_days(campaign, calendar))


def files(facts: Facts) -> Section:
    """Problems of settings, campaigns and rosters: first those that keep a file out; alike ones are counted."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for one in facts.problems:
        if one.code != "year-unknown":
            alike.setdefault((one.severity, one.file, one.code), []).append(one)
    lines = [_file_line(same, facts.language) for _, same in sorted(alike.items(), key=lambda each: each[0][0])]
    more = [f"另有 {len(lines) - PROBLEMS} 处，见 baosong check"] if len(lines) > PROBLEMS else []
    return Section("files", "活动、名册和设置文件", (*lines[:PROBLEMS], *more))


def _file_line(same: Sequence[Problem], language: str) -> str:
    mark = "［错误，未启用］" if same[0].severity == "fault" else "［请留意］"
    more = f"（同类共 {len(same)} 处，见 baosong check）" if len(same) > 1 else ""
    return f"{mark}{clean(same[0].text(language), 300)}{more}"


def archive(facts: Facts) -> Section:
    """The last 校验, the second copy, and the head of the log's chain: on paper it shows any later rewrite."""
    lines = [facts.second] if facts.second is not None else []
    fixity = facts.fixity
    if fixity is not None:
        found = "完好" if not fixity.damages else f"发现 {fixity.damages} 处损坏，请运行 baosong verify 查看"
        lines.insert(0, f"{moment_words(fixity.at, facts.now)}校验 {fixity.files} 个文件：{found}。")
    if facts.head.segment:
        lines.append(f"记录到第 {facts.head.segment} 段，链首 {facts.head.digest}")
    return Section("archive", "档案", tuple(lines))
