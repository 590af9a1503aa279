"""The statutory days off of a year by the calendar alone, for years whose 放假安排 nobody has entered."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from borax.calendars.lunardate import LunarDate, TermUtils

LUNAR_YEARS = range(1901, 2100)
"""Years of which the lunar months and the solar terms are known."""
_QINGMING = 6
"""Its place among the solar terms, 小寒 being 0."""


@cache
def statutory_days(year: int) -> frozenset[date]:
    """The days off of 全国年节及纪念日放假办法, article 2, as in force since 2025: 13 days, fewer where two coincide.

    元旦 1, 春节 4 (除夕 to 初三), 清明 1, 劳动节 2, 端午 1, 中秋 1, 国庆节 3. Make-up days and days taken in lieu of a
    weekend are announced year by year and are not guessed. Before 2025: only those of a fixed date then.
    """
    fixed = {date(year, 1, 1), date(year, 5, 1), *(date(year, 10, day) for day in (1, 2, 3))}
    if year < 2025:
        return frozenset(fixed)
    fixed.add(date(year, 5, 2))
    return frozenset(fixed | _lunar(year) if year in LUNAR_YEARS else fixed)


def _lunar(year: int) -> set[date]:
    new_year = _solar(year, 1, 1)
    spring = {new_year + timedelta(days=day) for day in range(-1, 3)}
    return {*spring, TermUtils.nth_term_day(year, _QINGMING), _solar(year, 5, 5), _solar(year, 8, 15)}


def _solar(year: int, month: int, day: int) -> date:
    found: date = LunarDate(year, month, day).to_solar_date()
    return found
