"""What a digest is made of: sections of lines and plain tables, which paper and mail show alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from archive.chain import Head
from archive.desk import Trouble
from archive.records import Checklist, Holdings, Letter, Note
from config.campaign import Campaign
from config.problems import Problem
from config.roster import Roster
from config.workdays import ZONE, Calendar
from intake.health import Vitals
from intake.saying.wording import clean


@dataclass(frozen=True)
class Table:
    """caption: "" for none. widths: per cent of the page for each column. A value may hold several lines."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """One part of the digest. id: stable."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it has nothing to say."""
        return not self.lines and not any(table.rows for table in self.tables)


@dataclass(frozen=True)
class Asked:
    """One running campaign as it stands. listed, held: by unit code, in the roster's order.

    no_mail: unit code → why no letter reaches it. busy: unit code → what of it still waits here. noted: unit code → the
    last note of staff (told by phone, answered by themselves).
    """

    campaign: Campaign
    roster: Roster
    listed: Mapping[str, Checklist]
    held: Mapping[str, Holdings]
    no_mail: Mapping[str, str]
    busy: Mapping[str, str]
    noted: Mapping[str, Note]


@dataclass(frozen=True)
class Fixity:
    """The last 校验 of the archive: when (UTC), how many files, how many damages."""

    at: datetime
    files: int
    damages: int


@dataclass(frozen=True)
class Facts:
    """Everything a digest is made from, as it stands at `now` (UTC); `day` is its day in the office's zone.

    letters: written and not out. bad: address → why no letter goes to it. campaigns: all by id, for their names.
    second: how far the second copy of the archive is, where there is one.
    """

    now: datetime
    day: date
    calendar: Calendar
    asked: Sequence[Asked]
    letters: Sequence[Letter]
    bad: Mapping[str, str]
    vitals: Vitals
    troubles: Sequence[Trouble]
    problems: Sequence[Problem]
    campaigns: Mapping[str, Campaign]
    rosters: Mapping[str, Roster]
    language: str = "zh"
    fixity: Fixity | None = None
    second: str | None = None
    head: Head = field(default_factory=Head)
    """Where the chain of the archive's log stands."""

    def called(self, campaign: str | None, unit: str | None, otherwise: str = "") -> str:
        """The name of a unit; `otherwise` when it is not known."""
        roster = self.rosters.get(campaign or "")
        found = roster.find(unit) if roster is not None else None
        return clean(found.name) if found is not None else otherwise


def day_words(day: date, today: date) -> str:
    """8月20日, with the year when it is not this one."""
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日"


def ago_words(since: datetime, now: datetime) -> str:
    """8月10日（5天前）, in the office's zone; today is 今天."""
    day, today = since.astimezone(ZONE).date(), now.astimezone(ZONE).date()
    days = (today - day).days
    return "今天" if days <= 0 else f"{day_words(day, today)}（{days}天前）"


def some(names: Sequence[str], most: int = 8) -> str:
    """The names, a long row of them counted."""
    once = list(dict.fromkeys(names))
    return "、".join(once[:most]) + (f"等{len(once)}个" if len(once) > most else "")
