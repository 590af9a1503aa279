"""Recurring deadlines: one turn after the other, and extensions of some units, items and turns only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.campaign import Campaign
from config.loading import parse_campaign
from config.turns import turn_before, turn_from
from tests.unit.intake.letter_cases import campaign


def monthly(**more: Any) -> Campaign:
    items = [
        {"id": "news", "name": "活动信息", "deadlines": ["monthly"]},
        {"id": "photo", "name": "图片", "deadlines": ["monthly"]},
    ]
    base: dict[str, Any] = {"deadlines": [{"id": "monthly", "every": "month", "day": 25}], "items": items}
    return campaign(**(base | more))


def span(of: Campaign, now: datetime, item: str = "news", unit: str = "hc") -> tuple[str, str]:
    """Begin and end of what runs at `now`, as days of the campaign's zone: the first that counts, the first late."""
    begin = of.period_begins(of.item(item), unit, "", now)
    end = of.deadline_for(of.item(item), unit, "", None, now)
    assert begin is not None and end is not None
    return tuple(moment.astimezone(of.zone).strftime("%m-%d %H:%M") for moment in (begin, end))  # type: ignore[return-value]


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2018, month, day, hour, tzinfo=campaign().zone).astimezone(UTC)


@given(
    st.sampled_from(["month", "quarter"]),
    st.one_of(st.just("end"), st.none(), st.integers(1, 31)),
    st.dates(date(2001, 1, 1), date(2099, 1, 1)),
)
def test_turns_follow_each_other_without_gap(every: Any, day: Any, on: date) -> None:
    following, before = turn_from(every, day, on), turn_before(every, day, on)
    assert before < on <= following
    assert turn_from(every, day, before + timedelta(days=1)) == following
    assert turn_before(every, day, following) == before


def test_a_month_without_that_day_has_its_turn_on_the_last() -> None:
    assert turn_from("month", 31, date(2018, 2, 3)) == date(2018, 2, 28)
    assert turn_from("quarter", "end", date(2018, 10, 1)) == date(2018, 12, 31)
    assert turn_before("month", 25, date(2018, 1, 25)) == date(2017, 12, 25)


def test_a_turn_begins_when_the_one_before_is_late() -> None:
    assert span(monthly(), at(8, 25, 23)) == ("07-26 00:00", "08-26 00:00")
    assert span(monthly(), at(8, 26, 0)) == ("08-26 00:00", "09-26 00:00")


def test_a_deadline_that_does_not_recur_has_no_beginning() -> None:
    asked = campaign()
    assert asked.period_begins(asked.item("photo"), "hc", "", at(8, 1)) is None


def test_an_extension_of_a_recurring_deadline_moves_one_turn_only() -> None:
    asked = monthly(extensions=[{"deadline": "monthly", "by": date(2018, 8, 31)}])
    assert span(asked, at(7, 20)) == ("06-26 00:00", "07-26 00:00")
    assert span(asked, at(8, 20)) == ("07-26 00:00", "09-01 00:00")
    assert span(asked, at(8, 30)) == ("07-26 00:00", "09-01 00:00"), "still the turn of August"
    assert span(asked, at(9, 1)) == ("09-01 00:00", "09-26 00:00")


def test_an_extension_may_be_for_some_units_and_some_items() -> None:
    asked = monthly(extensions=[{"deadline": "monthly", "by": date(2018, 8, 28), "units": ["hc"], "items": ["photo"]}])
    assert span(asked, at(8, 20), "photo")[1] == "08-29 00:00"
    assert span(asked, at(8, 20), "news")[1] == "08-26 00:00"
    assert span(asked, at(8, 20), "photo", "rc")[1] == "08-26 00:00"
    once = campaign(extensions=[{"by": date(2018, 8, 31), "items": ["essay"]}])
    assert once.deadline_for(once.item("essay"), "hc", "") == datetime(2018, 8, 31, 16, tzinfo=UTC)
    assert once.deadline_for(once.item("photo"), "hc", "") == datetime(2018, 8, 20, 16, tzinfo=UTC)


GOOD = """\
id: demo
title: 通知
short: 活动
issuer: 办公室
issued: 2018-07-19
roster: demo.csv
contact: {name: 办公室, phone: 0000}
deadlines:
  - {id: main, by: 2018-08-20, quote: 8月20日前}
  - {id: later, by: 2018-09-03, quote: 9月3日前}
items:
  - {id: essay, name: 征文, deadlines: [main]}
  - {id: photo, name: 图片, deadlines: [later]}
extensions:
  - {deadline: main, by: 2018-08-27, items: [ITEM], confirm: 电话同意}
"""


@pytest.mark.parametrize(
    ("item", "found"), [("essay", []), ("photo", [("unknown-id", 15)]), ("film", [("unknown-id", 15)])]
)
def test_an_extension_names_items_that_its_deadline_binds(item: str, found: list[tuple[str, int]]) -> None:
    _, problems = parse_campaign(GOOD.replace("ITEM", item), "demo.yaml")
    assert [(one.code, one.line) for one in problems] == found
    assert all("essay" in one.text("zh") for one in problems), "the way out: what may stand there"
