"""The plan of reminders: each once, none after arrival or deadline, one catch-up, never at night or on a day off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from archive.records import Act, Checklist, Letter, LetterState, Note, TotalResult
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


def spoken(
    key: str = KEY,
    state: LetterState = "sent",
    also: tuple[str, ...] = (),
    sent: datetime | None = None,
    unit: str = "hc",
) -> Letter:
    """A letter of the ledger."""
    kind: Any = key.partition(":")[0]
    said = {"also": list(also)} if also else {}
    return Letter(key, kind, "weihai-2018", unit, "hc@example.test", "", (), state, sent, sent, said=said)


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
    (due,) = reminders(at(16, 14), asked)
    assert (due.key[-2:], due.also) == (":3", (KEY[:-1] + "1",)), "17 follows 16: one letter for both steps"


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
    fresh = Situation(addresses=ADDRESSES, registered={"hc": {"disc": date(2018, 8, 14), "external": date(2018, 8, 1)}})
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
                    said.append(spoken(due.key, also=due.also, sent=now))
        now += timedelta(minutes=30)
    assert [key for key, _ in sent] == ["reminder:5", "reminder:3", "overdue::0"], "17 follows 16"
    assert [moment.strftime("%m-%d %H:%M") for _, moment in sent] == [
        "08-13 09:30",
        "08-16 12:00",
        "08-21 09:00",
    ]


def test_keys_of_a_plan_are_unique() -> None:
    dues = planned(at(6, 10), campaign(reminders={"letters": [5, 3, 1], "phone": [2, 1]}))
    assert len({due.key for due in dues}) == len(dues) == 5


def test_a_checklist_that_is_not_there_plans_nothing() -> None:
    assert planned(at(6, 10), checklists={}) == ()


# --- how close letters may come


def two(first: date = date(2018, 8, 20), second: date = date(2018, 8, 21), **more: Any) -> Campaign:
    """Pictures by one day, the table by another."""
    items = [
        {"id": "photo", "name": "图片", "deadlines": ["main"]},
        {"id": "table", "name": "汇总表", "deadlines": ["later"]},
    ]
    deadlines = [{"id": "main", "by": first}, {"id": "later", "by": second}]
    return campaign(deadlines=deadlines, items=items, **more)


def both(of: Campaign, photo: int = 0) -> dict[str, Checklist]:
    return {"hc": checklist(line(of, "photo", photo), line(of, "table"))}


def test_steps_of_two_deadlines_on_following_days_are_one_letter() -> None:
    (due,) = reminders(at(6, 10), two(), checklists=both(two()))
    assert (due.due, due.items) == (at(15, 9, 30), ("photo", "table"))
    assert due.also == ("reminder:weihai-2018:hc:2018-08-21:3",)
    assert due.deadlines == (at(21, 0), at(22, 0))
    said = (spoken(KEY, also=due.also, sent=at(15, 9, 30)),)
    assert reminders(at(15, 10), two(), checklists=both(two()), said=said) == [], "both steps are said"
    assert reminders(at(20, 10), two(), checklists=both(two()), said=said) == []


def test_a_weekend_does_not_set_two_letters_apart() -> None:
    of = two(date(2018, 8, 22), date(2018, 8, 23))
    (due,) = reminders(at(6, 10), of, checklists=both(of))
    assert due.due == at(17, 9, 30), "a Friday; the other step is the Monday after it"


def test_with_a_working_day_between_there_are_two_letters() -> None:
    of = two(second=date(2018, 8, 22))
    assert [due.due for due in reminders(at(6, 10), of, checklists=both(of))] == [at(15, 9, 30), at(17, 9, 30)]
    wide = two(second=date(2018, 8, 22), reminders={"min_gap": 2})
    assert len(reminders(at(6, 10), wide, checklists=both(wide))) == 1
    none = two(reminders={"min_gap": 0})
    assert len(reminders(at(6, 10), none, checklists=both(none))) == 2


def test_what_a_cancelled_letter_stood_for_is_planned_again() -> None:
    also = ("reminder:weihai-2018:hc:2018-08-21:3",)
    said = (spoken(KEY, "cancelled", also),)
    (due,) = reminders(at(15, 9), two(), checklists=both(two(), photo=1), said=said)
    assert (due.key, due.items) == (also[0], ("table",))


def test_what_is_new_soon_after_a_letter_waits_for_the_gap() -> None:
    said = (spoken("reminder:weihai-2018:hc:2018-08-19:3", sent=at(14, 9, 30)),)
    (due,) = reminders(at(15, 9), said=said)
    assert due.due == at(16, 9)
    close = (spoken("reminder:weihai-2018:hc:2018-08-19:3", sent=at(20, 9, 30)),)
    (kept,) = reminders(at(20, 10), said=close)
    assert not kept.letter and "太近" in kept.reason


def test_two_deadlines_of_one_day_are_one_letter_with_one_key() -> None:
    of = two(at(20, 12), date(2018, 8, 20))
    (due,) = reminders(at(6, 10), of, checklists=both(of))
    assert (due.key, due.items, due.deadlines) == (KEY, ("photo", "table"), (at(20, 12), at(21, 0)))
    later = [due for due in planned(at(20, 13), of, checklists=both(of)) if due.kind == "reminder"]
    assert [due.items for due in later] == [("table",)], "the first of them has passed"


def test_no_more_reminders_of_one_deadline_than_the_campaign_says() -> None:
    of = campaign(reminders={"letters": [9, 7, 5, 3], "most": 2})
    rows = reminders(at(1, 8), of)
    assert [due.letter for due in rows] == [True, True, False, False]
    assert rows[2].reason == "已提醒2次，不再发信"
    said = (spoken("reminder:weihai-2018:hc:2018-08-20:9", sent=at(7, 9, 30)),)
    assert [due.letter for due in reminders(at(7, 10), of, said=said)] == [True, False, False]


def test_an_overdue_letter_keeps_its_distance_from_a_reminder() -> None:
    of = campaign(late={"overdue_letters": True}, reminders={"letters": [0]})
    said = (spoken("reminder:weihai-2018:hc:2018-08-20:0", sent=at(20, 9, 30)),)
    (due,) = planned(at(21, 0, 5), of, said=said)
    assert (due.kind, due.due) == ("overdue", at(22, 9))


# --- what staff noted and want


def phoned(until: date | None, unit: str = "hc", kind: Any = "phone", day: int = 13) -> Note:
    return Note("weihai-2018", unit, kind, "尽快补齐", at(day, 10), "王", until)


def test_a_unit_told_by_phone_rests_until_the_day_noted() -> None:
    resting = Situation(addresses=ADDRESSES, notes=[phoned(date(2018, 8, 16))])
    (due,) = reminders(at(15, 9), situation=resting)
    assert (due.letter, due.reason) == (False, "已电话告知：尽快补齐（8月16日及以前不提醒）")
    (later,) = reminders(at(17, 9), situation=resting)
    assert (later.letter, later.due) == (True, at(17, 9)), "one catch-up after the rest"
    for_good = Situation(addresses=ADDRESSES, notes=[phoned(None)])
    assert not any(due.letter for due in planned(at(21, 10), situation=for_good))
    other = Situation(addresses=ADDRESSES, notes=[phoned(None, "rc")])
    assert reminders(at(15, 9), situation=other)[0].letter


def test_a_unit_that_staff_answered_rests_three_working_days() -> None:
    answered = Situation(addresses=ADDRESSES, notes=[phoned(None, kind="answered", day=14)])
    (due,) = reminders(at(15, 9), situation=answered)
    assert due.reason == "经办人已答复：尽快补齐（8月17日及以前不提醒）"
    assert reminders(at(20, 10), situation=answered)[0].letter


def wanted(act: Any, key: str = KEY, note: str = "") -> Situation:
    return Situation(
        addresses=ADDRESSES,
        busy={"hc": "来件待核对"} if act == "now" else {},
        acts={key: Act(key, act, note, at(13, 9), "王")},
    )


def test_what_staff_hold_or_take_out_stays_on_the_plan_with_their_word() -> None:
    (held,) = reminders(at(15, 10), situation=wanted("hold", note="等领导意见"))
    assert (held.letter, held.reason) == (False, "已暂缓：等领导意见")
    (out,) = reminders(at(15, 10), situation=wanted("cancel"))
    assert (out.letter, out.reason) == (False, "已取消")
    assert reminders(at(15, 10), situation=wanted(""))[0].letter


def test_holding_one_letter_leaves_the_other_deadline_alone() -> None:
    held, other = reminders(at(6, 10), two(), checklists=both(two()), situation=wanted("hold"))
    assert (held.letter, held.items) == (False, ("photo",))
    assert (other.letter, other.items, other.due) == (True, ("table",), at(16, 9, 30))


def test_now_is_now_whatever_hour_it_is_and_whoever_is_busy() -> None:
    (due,) = reminders(at(11, 23), situation=wanted("now"))
    assert (due.letter, due.due, due.forced) == (True, at(11, 23), True), "a Saturday night"
    said = (spoken("reminder:weihai-2018:hc:2018-08-19:3", sent=at(11, 22)),)
    assert reminders(at(11, 23), situation=wanted("now"), said=said)[0].due == at(11, 23)


def test_now_does_not_reach_a_bad_address_or_beyond_the_deadline() -> None:
    (due,) = reminders(at(11, 23), situation=replace(wanted("now"), addresses={}))
    assert (due.letter, due.reason) == (False, "没有可用的邮件地址，请电话联系")
    (never,) = reminders(at(11, 23), situation=wanted("now"), settings=AnswerSettings(never=("@example.test",)))
    assert not never.letter
    assert reminders(at(21, 10), situation=wanted("now")) == []


# --- desk, roster, turns


def test_after_the_deadline_a_disc_is_missing_only_when_every_day_is_registered() -> None:
    lines = {"hc": checklist(line(ASKED, "disc"))}
    for day, letters in ((19, []), (20, ["overdue"])):
        upto = Situation(addresses=ADDRESSES, registered={"hc": {"disc": date(2018, 8, day)}})
        assert [due.kind for due in planned(at(21, 10), checklists=lines, situation=upto)] == letters


def test_what_came_without_being_owed_is_never_asked_for_again() -> None:
    invited = Unit("hc", "共青团威海市环翠区委员会", owes=("essay",))
    faulty = checklist(line(ASKED, "photo", 1, 1, (small_photo(),)), line(ASKED, "essay"))
    assert [due.items for due in reminders(at(6, 10), roster=Roster((invited,)), checklists={"hc": faulty})] == [
        ("essay",)
    ]
    nothing = Unit("hc", "共青团威海市环翠区委员会", owes=())
    assert planned(at(6, 10), roster=Roster((nothing,)), checklists={"hc": faulty}) == ()


def test_a_turn_that_closed_is_asked_after_with_its_own_key_while_the_next_one_runs() -> None:
    of = campaign(
        late={"overdue_letters": True},
        deadlines=[{"id": "monthly", "every": "month", "day": 25}],
        items=[{"id": "news", "name": "活动信息", "deadlines": ["monthly"]}],
    )
    now, end = at(27, 10), at(26, 0)
    running = replace(checklist(line(of, "news")), now=now)
    closed = replace(checklist(line(of, "news")), now=end - timedelta(microseconds=1))
    dues = planned(
        now, of, checklists={"hc": running}, situation=Situation(addresses=ADDRESSES, closed={"hc": [closed]})
    )
    assert [(due.key, due.due) for due in dues if due.letter] == [
        ("overdue:weihai-2018:hc:2018-08-25:0", now),
        ("reminder:weihai-2018:hc:2018-09-25:3", at(19, 9, 30, month=9)),
    ]
    settled = replace(checklist(line(of, "news", 1)), now=closed.now)
    done = Situation(addresses=ADDRESSES, closed={"hc": [settled]})
    assert [due.kind for due in planned(now, of, checklists={"hc": running}, situation=done) if due.letter] == [
        "reminder"
    ]
