"""The plan of reminders: each once, none after arrival or deadline, one catch-up, never at night or on a day off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from archive.records import Checklist, Letter, LetterState, TotalResult
from config.campaign import Campaign
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar
from intake.reminders import Due, Situation, is_never, last_day, plan
from tests.unit.intake.letter_cases import DUE, UNIT, campaign, checklist, line, small_photo

ASKED = campaign(late={"overdue_letters": True})
ZONE = ASKED.zone
CALENDAR = Calendar()
"""August 2018 has no public holiday: Monday to Friday."""
ADDRESSES = {"hc": "hc@example.test"}
KEY = "reminder:weihai-2018:hc:2018-08-20:3"


def at(day: int, hour: int, minute: int = 0, month: int = 8) -> datetime:
    """A time of 2018 in Weihai, in UTC."""
    return datetime(2018, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def owing(of: Campaign = ASKED, unit: str = "hc") -> Checklist:
    """Nothing has come."""
    return checklist(
        line(of, "photo"), line(of, "essay"), line(of, "table"), line(of, "disc"), line(of, "filing"), unit=unit
    )


def spoken(key: str = KEY, state: LetterState = "sent") -> Letter:
    """A letter of the ledger."""
    return Letter(key, "reminder", "weihai-2018", "hc", "hc@example.test", "", (), state, None)


def planned(now: datetime, of: Campaign = ASKED, **changes: Any) -> tuple[Due, ...]:
    """The plan for one unit that owes everything."""
    given: dict[str, Any] = {
        "roster": Roster((UNIT,)),
        "said": (),
        "calendar": CALENDAR,
        "settings": AnswerSettings(),
        "situation": Situation(addresses=ADDRESSES),
    }
    if "checklists" not in changes:
        given["checklists"] = {"hc": owing(of)}
    return plan(of, now=now, **(given | changes))


def reminders(now: datetime, of: Campaign = ASKED, **changes: Any) -> list[Due]:
    """Only the reminders of it."""
    return [due for due in planned(now, of, **changes) if due.kind == "reminder"]


def test_a_unit_that_owes_is_reminded_three_working_days_before_at_half_past_nine() -> None:
    (due,) = reminders(at(6, 10))
    assert due.due == at(15, 9, 30), "8月20日 is a Monday: 17, 16, 15"
    assert due.key == KEY
    assert due.letter
    assert due.to == "hc@example.test"
    assert due.items == ("photo", "essay", "table"), "neither disc nor filing nor rolling news"


def test_days_off_are_not_counted_and_make_up_days_are() -> None:
    calendar = Calendar(off=frozenset({date(2018, 8, 16)}), on=frozenset({date(2018, 8, 18)}))
    (due,) = reminders(at(6, 10), calendar=calendar)
    assert due.due == at(15, 9, 30), "18 (make-up), 17, 15"
    (later,) = reminders(at(6, 10), calendar=Calendar(on=frozenset({date(2018, 8, 18), date(2018, 8, 19)})))
    assert later.due == at(17, 9, 30)


def test_steps_by_setting_are_each_planned_once() -> None:
    asked = campaign(reminders={"letters": [5, 1], "at": time(10, 0)})
    dues = reminders(at(6, 10), asked)
    assert [(due.due, due.key[-2:]) for due in dues] == [(at(13, 10), ":5"), (at(17, 10), ":1")]


def test_a_step_on_the_deadline_day_that_is_a_day_off_goes_the_working_day_before() -> None:
    asked = campaign(reminders={"letters": [0]}, deadlines=[{"id": "main", "by": date(2018, 8, 19)}])
    assert [due.due for due in reminders(at(6, 10), asked)] == [at(17, 9, 30)]


def test_a_reminder_that_was_said_is_never_planned_again() -> None:
    states: tuple[LetterState, ...] = ("draft", "held", "queued", "sending", "sent", "deferred", "failed", "cancelled")
    for state in states:
        assert reminders(at(15, 10), said=(spoken(state=state),)) == []
    assert len(reminders(at(15, 9), said=(spoken(state="planned"),))) == 1


def test_nothing_is_planned_after_everything_arrived() -> None:
    lines = checklist(*(line(ASKED, item, 1) for item in ("photo", "essay", "table")))
    assert planned(at(15, 10), checklists={"hc": lines}) == ()


def test_a_faulty_item_is_reason_enough_and_advice_is_not() -> None:
    faulty = checklist(line(ASKED, "photo", 1, 1, (small_photo(),)))
    assert [due.items for due in reminders(at(6, 10), checklists={"hc": faulty})] == [("photo",)]
    advised = checklist(line(ASKED, "photo", 1, 1, (small_photo(severity="advice"),)))
    assert reminders(at(6, 10), checklists={"hc": advised}) == []


def test_no_reminder_goes_after_the_deadline() -> None:
    assert reminders(DUE) == []
    assert reminders(DUE + timedelta(days=5)) == []


def test_after_downtime_one_catch_up_goes_at_once_in_office_hours() -> None:
    asked = campaign(reminders={"letters": [5, 3]})
    (due,) = reminders(at(16, 14), asked)
    assert due.due == at(16, 14)
    assert due.key == KEY, "the earlier step is skipped"
    (night,) = reminders(at(16, 22), asked)
    assert night.due == at(17, 9)
    assert reminders(at(16, 14), asked, said=(spoken(),)) == []


def test_a_catch_up_gives_way_to_a_later_step_of_the_same_day() -> None:
    asked = campaign(reminders={"letters": [3, 1]})
    assert [due.key[-2:] for due in reminders(at(16, 22), asked)] == [":1"]
    assert [due.key[-2:] for due in reminders(at(16, 14), asked)] == [":3", ":1"]


def test_a_catch_up_that_would_miss_the_deadline_is_not_made() -> None:
    asked = campaign(deadlines=[{"id": "main", "by": date(2018, 8, 19)}])
    assert reminders(at(18, 10), asked) == [], "the weekend is off and Sunday is the last day"


def test_steps_before_the_campaign_opened_are_not_caught_up() -> None:
    assert reminders(at(17, 10), campaign(opens=date(2018, 8, 16))) == []


def test_an_extension_of_one_unit_moves_only_its_reminder() -> None:
    asked = campaign(extensions=[{"by": date(2018, 8, 31), "units": ["rc"]}])
    units = Roster((UNIT, Unit("rc", "共青团荣成市委员会")))
    both = {"hc": owing(asked), "rc": owing(asked, "rc")}
    situation = Situation(addresses=ADDRESSES | {"rc": "rc@example.test"})
    dues = reminders(at(6, 10), asked, roster=units, checklists=both, situation=situation)
    assert [(due.unit, due.due) for due in dues] == [("hc", at(15, 9, 30)), ("rc", at(28, 9, 30))]
    assert dues[1].key == "reminder:weihai-2018:rc:2018-08-31:3"


def test_two_deadlines_are_two_letters_with_their_own_items() -> None:
    asked = campaign(
        deadlines=[{"id": "main", "by": date(2018, 8, 20)}, {"id": "later", "by": date(2018, 9, 7)}],
        items=[
            {"id": "photo", "name": "图片", "deadlines": ["main"]},
            {"id": "table", "name": "汇总表", "deadlines": ["later"]},
        ],
    )
    lines = {"hc": checklist(line(asked, "photo"), line(asked, "table"))}
    assert [due.items for due in reminders(at(6, 10), asked, checklists=lines)] == [("photo",), ("table",)]


def test_a_short_total_is_reminded_by_its_id() -> None:
    asked = campaign(totals=[{"id": "works", "items": ["photo", "essay"], "min": 3}])
    lines = checklist(
        line(asked, "photo", 1), line(asked, "essay", 1), totals=(TotalResult("works", "hc", 2, 3, "short"),)
    )
    assert [due.items for due in reminders(at(6, 10), asked, checklists={"hc": lines})] == [("works",)]


def test_a_total_over_two_deadlines_is_due_at_the_earlier() -> None:
    asked = campaign(
        deadlines=[{"id": "main", "by": date(2018, 8, 20)}, {"id": "later", "by": date(2018, 9, 7)}],
        items=[
            {"id": "photo", "name": "图片", "deadlines": ["main"], "optional": True},
            {"id": "essay", "name": "征文", "deadlines": ["later"], "optional": True},
        ],
        totals=[{"id": "either", "items": ["photo", "essay"], "min": 1}],
    )
    lines = checklist(line(asked, "photo"), line(asked, "essay"), totals=(TotalResult("either", "hc", 0, 1, "short"),))
    assert [due.due for due in reminders(at(6, 10), asked, checklists={"hc": lines})] == [at(15, 9, 30)]


def test_discs_and_filings_are_reminded_only_while_a_fresh_registration_stands() -> None:
    lines = {"hc": checklist(line(ASKED, "disc"), line(ASKED, "filing"))}
    assert planned(at(15, 10), checklists=lines) == ()
    fresh = Situation(addresses=ADDRESSES, registered={"disc": date(2018, 8, 14), "external": date(2018, 8, 1)})
    assert [due.items for due in reminders(at(15, 10), checklists=lines, situation=fresh)] == [("disc",)]


def test_a_fault_in_what_is_due_on_disc_is_not_reminded() -> None:
    lines = {"hc": checklist(line(ASKED, "disc", 1, 1, (small_photo(),)))}
    assert planned(at(6, 10), checklists=lines) == ()


def test_a_busy_unit_is_not_written_to_and_the_reason_is_kept() -> None:
    (due,) = reminders(at(6, 10), situation=Situation(busy={"hc": "来件待核对"}, addresses=ADDRESSES))
    assert not due.letter
    assert due.reason == "来件待核对"
    assert due.key == KEY


def test_what_was_all_announced_is_not_reminded() -> None:
    lines = checklist(line(ASKED, "photo", announced=True))
    (due,) = reminders(at(6, 10), checklists={"hc": lines})
    assert not due.letter
    assert "另行报送" in due.reason


def test_a_unit_without_address_goes_to_the_phone_list() -> None:
    (due,) = reminders(at(6, 10), situation=Situation())
    assert (due.letter, due.to) == (False, "")
    assert "电话" in due.reason


@pytest.mark.parametrize("entry", ["hc@example.test", "HC@Example.test", "@example.test"])
def test_the_never_list_is_kept(entry: str) -> None:
    (due,) = reminders(at(6, 10), settings=AnswerSettings(never=(entry,)))
    assert not due.letter
    (other,) = reminders(at(6, 10), situation=Situation(addresses=ADDRESSES, never=frozenset({entry})))
    assert not other.letter
    assert not is_never("hc@sub.example.test", frozenset({"@example.test"}))


def test_the_day_before_staff_get_a_row_of_the_phone_list() -> None:
    rows = [due for due in planned(at(6, 10)) if due.kind == "phone"]
    assert [(row.due, row.letter, row.to) for row in rows] == [(at(17, 9, 30), False, "")]
    busy = Situation(busy={"hc": "已电话告知"})
    assert [row.reason for row in planned(at(6, 10), situation=busy) if row.kind == "phone"] == [
        "电话提醒名单（已电话告知）"
    ]


@pytest.mark.parametrize(
    "changes",
    [{"status": "example"}, {"status": "closed"}, {"status": "draft"}, {"mode": "silent"}],
)
def test_a_campaign_that_is_not_open_or_silent_plans_nothing(changes: dict[str, str]) -> None:
    assert planned(at(6, 10), campaign(**changes)) == ()


def test_a_rolling_campaign_plans_nothing() -> None:
    asked = campaign(deadlines=[], items=[{"id": "news", "name": "活动信息", "rolling": True}])
    assert planned(at(6, 10), asked, checklists={"hc": checklist(line(asked, "news"))}) == ()


def test_an_overdue_letter_goes_once_on_the_next_working_day_in_office_hours() -> None:
    (due,) = planned(at(21, 0, 5))
    assert (due.kind, due.due, due.letter) == ("overdue", at(21, 9), True)
    assert due.key == "overdue:weihai-2018:hc:2018-08-20:0"
    assert planned(at(22, 10), said=(spoken(due.key),)) == ()
    friday = campaign(late={"overdue_letters": True}, deadlines=[{"id": "main", "by": date(2018, 8, 17)}])
    assert [each.due for each in planned(at(18, 11), friday)] == [at(20, 9)]


def test_a_deadline_with_an_hour_still_leaves_the_day_in_peace() -> None:
    noon = campaign(late={"overdue_letters": True}, deadlines=[{"id": "main", "by": at(20, 12)}])
    assert [each.due for each in planned(at(20, 14), noon)] == [at(21, 9)]


def test_overdue_letters_go_only_where_the_campaign_wants_them_and_not_weeks_later() -> None:
    assert planned(at(21, 10), campaign()) == ()
    assert planned(at(10, 10, month=9)) == ()


def test_overdue_letters_wait_while_the_queue_is_not_empty() -> None:
    (due,) = planned(at(21, 10), situation=Situation(addresses=ADDRESSES, queue_empty=False))
    assert not due.letter


def test_many_units_are_reminded_early_enough_for_the_caps() -> None:
    units = tuple(Unit(f"u{n}", f"单位{n}") for n in range(25))
    dues = reminders(
        at(1, 10),
        roster=Roster(units),
        checklists={unit.code: owing(unit=unit.code) for unit in units},
        situation=Situation(addresses={unit.code: f"{unit.code}@example.test" for unit in units}),
        settings=AnswerSettings(per_day=10),
    )
    per_day = [sum(due.due == at(day, 9, 30) for due in dues) for day in (13, 14, 15)]
    assert per_day == [10, 10, 5]
    assert len({due.key for due in dues}) == 25


def test_the_last_day_of_a_deadline_is_the_day_the_notice_names() -> None:
    assert last_day(DUE, ASKED) == date(2018, 8, 20)
    assert last_day(at(20, 12), ASKED) == date(2018, 8, 20)


def test_through_a_whole_season_every_unit_is_written_to_once_a_step_and_only_by_day() -> None:
    asked = campaign(reminders={"letters": [5, 3, 1]}, late={"overdue_letters": True})
    said: list[Letter] = []
    sent: list[tuple[str, datetime]] = []
    now = at(6, 0)
    while now < at(30, 0):
        if not at(14, 0) < now < at(16, 12):
            for due in planned(now, asked, said=said):
                if due.letter and due.due <= now:
                    sent.append((due.key[:8] + due.key[-2:], now.astimezone(ZONE)))
                    said.append(spoken(due.key))
        now += timedelta(minutes=30)
    assert [key for key, _ in sent] == ["reminder:5", "reminder:3", "reminder:1", "overdue::0"]
    assert [moment.strftime("%m-%d %H:%M") for _, moment in sent] == [
        "08-13 09:30",
        "08-16 12:00",
        "08-17 09:30",
        "08-21 09:00",
    ]


def test_keys_of_a_plan_are_unique() -> None:
    dues = planned(at(6, 10), campaign(reminders={"letters": [5, 3, 1], "phone": [2, 1]}))
    assert len({due.key for due in dues}) == len(dues) == 5


def test_a_checklist_that_is_not_there_plans_nothing() -> None:
    assert planned(at(6, 10), checklists={}) == ()
