"""Working days with 调休, published years, the office's own calendar and years nobody entered."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from borax.calendars.lunardate import LunarDate, TermUtils
from chinese_calendar import Holiday
from hypothesis import given
from hypothesis import strategies as st

from config.statutory import statutory_days
from config.workdays import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(frozenset(), frozenset())
MIN, MAX = datetime.fromisoformat("2003-01-01"), datetime.fromisoformat("2035-01-01")


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2018, 8, 20), True),
        (date(2018, 8, 19), False),
        (date(2018, 9, 29), True),  # Saturday worked for the National Day
        (date(2018, 10, 1), False),
        (date(2018, 10, 5), False),  # Friday off
        (date(2026, 2, 17), False),  # Spring Festival
    ],
)
def test_published_years_know_days_off_and_make_up_days(day: date, worked: bool) -> None:
    assert PLAIN.is_workday(day) is worked


def test_the_offices_own_days_win_over_the_published_ones() -> None:
    own = Calendar(off=frozenset({date(2018, 8, 20)}), on=frozenset({date(2018, 8, 19)}))
    assert not own.is_workday(date(2018, 8, 20))
    assert own.is_workday(date(2018, 8, 19))


def test_a_year_without_data_falls_back_to_weekdays_without_the_fixed_statutory_days() -> None:
    assert not PLAIN.known(2027)
    assert PLAIN.known(2026)
    assert Calendar(off=frozenset({date(2027, 10, 1)})).known(2027)
    assert not Calendar(off=frozenset({date(2027, 1, 1)})).known(2027), "元旦 alone is not the year"
    assert not PLAIN.is_workday(date(2027, 10, 1))  # Friday
    assert PLAIN.is_workday(date(2027, 10, 8))  # Friday
    assert not PLAIN.is_workday(date(2027, 10, 9))  # Saturday
    assert not PLAIN.is_workday(date(2028, 5, 2))  # Tuesday, statutory since 2025
    assert PLAIN.is_workday(date(2003, 5, 2))  # Friday, before the second of May was one


@pytest.mark.parametrize("year", range(2008, 2027))
def test_moon_and_sun_agree_with_every_arrangement_published_since_2008(year: int) -> None:
    lunar = [LunarDate(year, month, day).to_solar_date() for month, day in ((1, 1), (5, 5), (8, 15))]
    published = [chinese_calendar.get_holiday_detail(day) for day in (*lunar, TermUtils.nth_term_day(year, 6))]
    names = [Holiday.spring_festival, Holiday.dragon_boat_festival, Holiday.mid_autumn_festival]
    for (off, name), expected in zip(published, [*names, Holiday.tomb_sweeping_day], strict=True):
        assert off and name in (expected.value, Holiday.national_day.value, None), "None: it fell on a weekend"
    if year >= 2025:
        assert all(not PLAIN.is_workday(day) for day in statutory_days(year))
        assert {*lunar, date(year, 10, 3)} < statutory_days(year)


def test_a_year_without_data_is_off_on_the_lunar_holidays_too() -> None:
    assert sorted(day.isoformat()[5:] for day in statutory_days(2027)) == [
        "01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15",
        "10-01", "10-02", "10-03",
    ]  # fmt: skip
    assert not PLAIN.is_workday(date(2027, 6, 9)), "端午, a Wednesday"
    assert not PLAIN.is_workday(date(2027, 4, 5)), "清明, a Monday"
    assert PLAIN.is_workday(date(2027, 2, 9)), "what is taken in lieu of a weekend is not guessed"
    assert len(statutory_days(2031)) == 12, "中秋 falls on the National Day"
    assert len(statutory_days(2150)) == 6, "beyond the lunar tables the days of a fixed date are left"


def test_counting_back_steps_over_weekends_and_holidays() -> None:
    assert PLAIN.workdays_before(date(2018, 8, 20), 3) == date(2018, 8, 15)
    assert PLAIN.workdays_before(date(2018, 10, 9), 3) == date(2018, 9, 29)
    assert PLAIN.workdays_before(date(2018, 8, 19), 0) == date(2018, 8, 19)
    assert PLAIN.next_workday(date(2018, 9, 30)) == date(2018, 10, 8)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2018-08-20T09:30", "2018-08-20T09:30"),
        ("2018-08-20T09:00", "2018-08-20T09:00"),
        ("2018-08-20T08:59", "2018-08-20T09:00"),
        ("2018-08-20T17:30", "2018-08-21T09:00"),
        ("2018-08-17T23:00", "2018-08-20T09:00"),
        ("2018-08-18T10:00", "2018-08-20T09:00"),
    ],
)
def test_a_letter_waits_for_the_next_office_hour(at: str, expected: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    found = PLAIN.office_moment(moment, ZONE, time(9, 0), time(17, 30))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=ZONE)
    assert found.tzinfo is UTC


@given(st.datetimes(MIN, MAX), st.integers(0, 30))
def test_office_moments_are_never_earlier_and_always_on_a_working_day(naive: datetime, n: int) -> None:
    at = naive.replace(tzinfo=UTC)
    found = PLAIN.office_moment(at, ZONE, time(9, 0), time(17, 30))
    assert found >= at
    assert PLAIN.is_workday(found.astimezone(ZONE).date())
    day = PLAIN.workdays_before(at.date(), n)
    between = [date.fromordinal(o) for o in range(day.toordinal(), at.date().toordinal())]
    assert sum(PLAIN.is_workday(d) for d in between) == n
