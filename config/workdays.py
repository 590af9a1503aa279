"""Working days with 调休: the published calendar, the office's own calendar.yaml over it, else Monday to Friday
without the statutory days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar.constants import holidays as _published

from config.statutory import statutory_days

KNOWN_YEARS = range(min(_published).year, max(_published).year + 1)
"""Years whose arrangement the library carries (2004–2026); only its `is_workday` is used."""

ZONE = ZoneInfo("Asia/Shanghai")
"""The office's own zone: that of the digest, and of what belongs to no campaign."""


@cache
def _arranged(day: date) -> bool:
    """Whether the published arrangement works that day; the library looks through all its days at every call."""
    return bool(chinese_calendar.is_workday(day))


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. off: days off, on: make-up working days, both as the office entered them."""

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked; the office's own entries win over the published arrangement."""
        if day in self.on:
            return True
        if day in self.off:
            return False
        if day.year in KNOWN_YEARS:
            return _arranged(day)
        return day.weekday() < 5 and day not in statutory_days(day.year)

    def known(self, year: int) -> bool:
        """Whether the year's arrangement is published here or was entered by the office; else it is only a guess.

        Every arrangement has 国庆节 in it, so an office that entered no more than 元旦 has not entered the year.
        """
        return year in KNOWN_YEARS or date(year, 10, 1) in self.off

    def workdays_before(self, day: date, n: int) -> date:
        """The day n working days before `day` (n = 0: `day` itself, worked or not)."""
        while n > 0 and day > date.min:
            day -= timedelta(days=1)
            n -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        day += timedelta(days=1)
        while not self.is_workday(day) and day < date.max:
            day += timedelta(days=1)
        return day

    def office_moment(self, at: datetime, zone: ZoneInfo, begin: time, end: time) -> datetime:
        """`at` (aware) within [begin, end) of a working day of `zone`, else the next beginning; in UTC."""
        local = at.astimezone(zone)
        day = local.date()
        if self.is_workday(day):
            if begin <= local.time() < end:
                return at.astimezone(UTC)
            if local.time() < begin:
                return datetime.combine(day, begin, zone).astimezone(UTC)
        return datetime.combine(self.next_workday(day), begin, zone).astimezone(UTC)
