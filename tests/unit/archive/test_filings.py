"""网络报备 by an imported list, one 集体 by one way, conditions, quotas and the office's own evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from archive.checklist import checklist
from archive.judging.applicants import applicants_item, keys, same, twice
from archive.judging.beside import eligibility
from archive.judging.eligible import bounds, figure
from archive.judging.filings import listing_for, matched
from archive.judging.own_items import own_items
from archive.judging.quotas import quota_lines
from archive.records import Checklist, Entry, Holdings, Listing, Registered
from config.campaign import Campaign, Eligibility, Quota
from config.quota_files import Place
from config.roster import Unit
from tests.unit.archive.asked import UNIT, at, codes, mail, piece, registered, said, seen
from tests.unit.archive.judges import FIVE, shipped

BINGTUAN, GUANGDONG = shipped("bingtuan-2018"), shipped("guangdong-2017")
DAY = at(7, 10)
COLUMNS = ("集体名称", "所获师级青年文明号时间", "是否网上报备")


def listing(*entries: Entry, day: date = date(2018, 7, 15), kind: str = "filing", unit: str = "") -> Listing:
    at_noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return Listing("bingtuan-2018", kind, "名单.csv", day, str(day), at_noon, "王", entries, unit)


def entry(name: str, state: str = "passed", unit: str | None = UNIT.code) -> Entry:
    return Entry(name, state, unit, "")  # type: ignore[arg-type]  # a state


def table(*rows: tuple[str, ...], columns: tuple[str, ...] = COLUMNS):
    header = {"单位名称": "环翠区团委"}
    made = piece("申报集体汇总表.xlsx", columns=columns, cells=rows, rows=len(rows), header=header)
    return said(made, "applicants_table")


def judged(
    *lists: Listing,
    rows: tuple[tuple[str, ...], ...] = (),
    notes: tuple[Registered, ...] = (),
    asked: Campaign = BINGTUAN,
) -> Checklist:
    held = (mail(asked, "N-1", DAY, table(*rows)),) if rows else ()
    return checklist(asked, UNIT, Holdings(asked.id, UNIT.code, held, notes, lists), at(8, 1))


ROWS = (("税务局办税服务厅", "2016年", "是"), ("人民医院急诊科", "2015年", "是"), ("客运站", "2014年", ""))


# --- by the list --------------------------------------------------------------------------------------------------


def test_without_a_list_a_filing_is_external_and_only_what_the_unit_itself_denies_is_told():
    listed = judged(rows=(("税务局办税服务厅", "2016年", "是"), ("客运站", "2014年", "否")))
    assert (listed.item("filing").state, listed.item("filing").have) == ("external", 0)
    assert [one.text for one in listed.item("filing").findings] == [
        "申报集体“客运站”在汇总表中填写为未网上报备，请尽快完成报备"
    ]


def test_each_applicant_is_held_against_the_list_and_the_finding_names_its_day():
    listed = judged(listing(entry("税务局办税服务厅"), entry("人民医院（急诊科）", "pending")), rows=ROWS)
    filing = listed.item("filing")
    assert (filing.state, filing.have, filing.need) == ("short", 1, 3)
    assert [(one.code, one.severity) for one in filing.findings] == [
        ("filing-pending", "demand"), ("not-filed", "demand"),
    ]  # fmt: skip
    assert all("截至7月15日导出的名单" in one.text for one in filing.findings)
    assert all(one.quote == "没有网上报备的不予以评选表彰" for one in filing.findings)
    assert listed.state == "short"


def test_a_row_that_says_yes_although_the_list_has_none_is_told_as_the_contradiction_it_is():
    (found,) = judged(listing(), rows=(("客运站", "2014年", "是"),)).item("filing").findings
    assert found.code == "not-filed"
    assert "在汇总表中填写已网上报备，但截至7月15日导出的名单中未见" in found.text


def test_all_passed_is_complete_and_what_was_sent_back_is_not():
    done = judged(listing(*(entry(name) for name, _, _ in ROWS)), rows=ROWS).item("filing")
    assert (done.state, done.have, done.need, done.findings) == ("complete", 3, 3, ())
    assert codes(judged(listing(entry("客运站", "returned")), rows=ROWS[2:]), "filing") == ["filing-returned"]


def test_without_a_table_the_lists_own_rows_of_the_unit_are_what_must_pass():
    filing = judged(listing(entry("甲班组"), entry("乙班组", "pending"), entry("丙班组", unit="u2"))).item("filing")
    assert (filing.state, filing.have, filing.need) == ("short", 1, 2)
    nothing = judged(listing(entry("丙班组", unit="u2"))).item("filing")
    assert (nothing.state, nothing.have, nothing.need) == ("none", 0, 1)


def test_the_newest_day_counts_whatever_was_imported_last_and_a_units_own_list_only_for_it():
    old, new = listing(entry("甲", "pending"), day=date(2018, 7, 10)), listing(entry("甲"))
    late = replace(old, at=new.at + timedelta(days=3))
    assert judged(new, late).item("filing").state == "complete"
    own = listing(entry("甲", "returned", None), day=date(2018, 7, 16), unit=UNIT.code)
    assert codes(judged(new, own), "filing") == ["filing-returned"]
    assert listing_for((new, own), "filing", "u2") is new


def test_what_staff_register_after_the_list_was_imported_counts_and_what_they_did_before_does_not():
    one = listing(entry("客运站", "pending"))
    early, later = (registered("external", "filing", one.at + timedelta(days=days)) for days in (-1, 1))
    assert judged(one, rows=ROWS[2:], notes=(early,)).item("filing").state == "short"
    done = judged(one, rows=ROWS[2:], notes=(later,)).item("filing")
    assert (done.state, done.findings) == ("complete", ())


def test_a_filing_makes_no_file_faulty_and_a_unit_that_owes_none_is_asked_for_none():
    assert judged(listing(), rows=ROWS).item("applicants_table").state != "faulty"
    free = Unit("u1", "成员单位", owes=())
    listed = checklist(BINGTUAN, free, Holdings(BINGTUAN.id, "u1", lists=(listing(),)), at(8, 1))
    assert (listed.state, listed.items) == ("complete", ())


def test_where_units_mail_nothing_the_list_alone_makes_them_complete_short_or_silent():
    states = {}
    for state in ("passed", "pending", "returned", "none"):
        lists = (replace(listing(entry("甲班组", state)), campaign=GUANGDONG.id),)
        states[state] = checklist(GUANGDONG, UNIT, Holdings(GUANGDONG.id, UNIT.code, lists=lists), at(8, 1)).state
    assert states == {"passed": "complete", "pending": "short", "returned": "short", "none": "silent"}
    assert seen(GUANGDONG).state == "silent"


# --- one name in many spellings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("税务局 办税服务厅", "税务局办税服务厅"),
        ("税务局办税服务厅青年文明号", "税务局办税服务厅"),
        ("税务局办税服务厅青年集体", "税务局办税服务厅"),
        ("税务局（办税服务厅）", "税务局(办税服务厅)"),
        ("人民医院（急诊科）", "人民医院急诊科"),
        ("客运站（2016年命名）", "客运站"),
        ("ＡＢ班组", "ab班组"),
        ("“木棉”班组", "木棉班组"),
    ],
)
def test_two_spellings_are_one_collective(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("第一税务所（北区）", "第一税务所（南区）"), ("一车间", "二车间"), ("集体", "青年文明号"), ("甲班", "甲班组")],
)
def test_what_differs_in_more_than_spelling_is_two(one, other):
    assert not same(one, other)


def test_a_name_that_is_nothing_but_a_suffix_keeps_it():
    assert keys("青年文明号")[0] and keys("集体")[0]


def test_a_row_serves_one_applicant_and_what_may_be_two_rows_is_neither():
    told = table(("办税服务厅", "", ""), ("第一分局办税服务厅", "", ""))[0].facts
    assert told.rows == 2
    listed = judged(listing(entry("第一分局办税服务厅")), rows=(("办税服务厅", "", ""), ("第一分局办税服务厅", "", "")))
    assert (listed.item("filing").have, codes(listed, "filing")) == (1, ["not-filed"])
    either = listing(entry("第一分局办税服务厅"), entry("第二分局办税服务厅"))
    assert judged(either, rows=(("办税服务厅", "", ""),)).item("filing").have == 0
    alone = listing(entry("第一分局办税服务厅"))
    assert judged(alone, rows=(("办税服务厅", "", ""),)).item("filing").have == 1
    stranger = listing(entry("第一分局办税服务厅", unit="u2"))
    assert judged(stranger, rows=(("办税服务厅", "", ""),)).item("filing").have == 0, "a short name counts at home only"


def test_of_several_rows_of_one_collective_the_units_own_come_first_and_the_best_of_them_counts():
    rows = listing(entry("客运站", "returned"), entry("客运站", "pending"), entry("客运站", "passed", "u2"))
    ((_, found),) = matched(eligible_one(), rows, UNIT.code)
    assert found is not None and found.state == "pending"
    ((_, found),) = matched(eligible_one(), listing(entry("客运站", "passed", None)), UNIT.code)
    assert found is not None and found.state == "passed", "the managing unit is not on the roster"


def eligible_one():
    found = eligibility(
        BINGTUAN, UNIT, Holdings(BINGTUAN.id, UNIT.code, (mail(BINGTUAN, "N", DAY, table(ROWS[2])),)), DAY
    )
    return [found[0].applicant]


def test_five_thousand_rows_are_looked_up_and_not_gone_through_for_each_unit():
    many = listing(*(entry(f"第{number}供电所营业班", unit=f"u{number}") for number in range(5000)))
    rows = tuple((f"第{number}供电所营业班", "", "是") for number in range(100))
    for _ in range(20):
        assert judged(many, rows=rows).item("filing").have == 100


# --- by one way ---------------------------------------------------------------------------------------------------


def holdings(unit: str, *rows: tuple[str, ...], lists: tuple[Listing, ...] = ()) -> Holdings:
    sent = (mail(BINGTUAN, f"N-{unit}", DAY, table(*rows), unit=unit),) if rows else ()
    return Holdings(BINGTUAN.id, unit, sent, (), lists)


def test_one_collective_in_two_units_tables_or_lists_is_found_for_both():
    held = {"u1": holdings("u1", ("水电站（运行班）", "", "")), "u2": holdings("u2", ("水电站运行班", "", ""))}
    assert twice(BINGTUAN, held, {}) == {"u1": {"水电站（运行班）": ("u2",)}, "u2": {"水电站运行班": ("u1",)}}
    lists = (listing(entry("客运站", unit="u2")),)
    held = {"u1": holdings("u1", ("客运站", "", ""), lists=lists), "u2": holdings("u2", lists=lists)}
    assert twice(BINGTUAN, held, {}) == {"u1": {"客运站": ("u2",)}, "u2": {"客运站": ("u1",)}}


def test_the_unit_above_may_manage_what_is_below_it():
    lists = (listing(entry("客运站", unit="u2")),)
    held = {"u1": holdings("u1", ("客运站", "", ""), lists=lists), "u2": holdings("u2", lists=lists)}
    assert twice(BINGTUAN, held, {"u1": "u2", "u2": None}) == {}


def test_that_another_unit_applies_too_is_for_staff_only():
    held = holdings(UNIT.code, ("客运站", "", "是"))
    listed = checklist(BINGTUAN, UNIT, held, DAY, {"客运站": ("第二师团委",)})
    (found,) = [one for one in listed.item("applicants_table").findings if one.code == "applicant-twice"]
    assert (found.severity, found.number, found.seen) == ("advice", "N-u1", "第二师团委")
    assert "applicant-twice" not in codes(checklist(BINGTUAN, UNIT, held, DAY), "applicants_table")


def test_a_collective_twice_in_the_units_own_table_is_advice_and_counts_once():
    listed = judged(listing(), rows=(("客运站", "", ""), ("客运站 集体", "", ""), ("客运站", "", "")))
    assert codes(listed, "applicants_table", "advice").count("applicant-repeated") == 1
    assert listed.item("filing").need == 1


def test_only_the_table_of_applicants_is_read_for_them():
    items = {name: applicants_item(shipped(name)) for name in FIVE}
    assert {name: item.id for name, item in items.items() if item} == {"bingtuan-2018": "applicants_table"}


# --- conditions ---------------------------------------------------------------------------------------------------


ON = date(2018, 7, 20)


@pytest.mark.parametrize(
    ("field", "row", "value"),
    [
        ("人数", {"人数": "20人"}, 20),
        ("人数", {"集体人数(人)": "２０"}, 20),
        ("人数", {"35周岁以下人数": "12"}, None),
        ("人数", {"人数": "10-20"}, None),
        ("35周岁以下比例", {"35周岁以下比例": "62%"}, 0.62),
        ("35周岁以下比例", {"35周岁以下比例": "0.5"}, 0.5),
        ("35周岁以下比例", {"35周岁以下比例(%)": "62"}, 0.62),
        ("35周岁以下比例", {"人数": "20", "35周岁以下人数": "9"}, 0.45),
        ("35周岁以下比例", {"人数": "0", "35周岁以下人数": "9"}, None),
        ("号长年龄", {"号长年龄": "40岁"}, 40),
        ("号长年龄", {"号长出生年月": "1978年7月20日"}, 40),
        ("号长年龄", {"号长出生年月": "1978-07-21"}, 39),
        ("号长年龄", {"号长出生年月": "1978.08"}, 39),
        ("号长年龄", {"号长": "王"}, None),
    ],
)
def test_figures_are_read_as_they_are_declared(field, row, value):
    assert figure(field, row, ON) == value


def with_figures(*row: str, notes: tuple[Registered, ...] = ()) -> Checklist:
    columns = ("集体名称", "人数", "35周岁以下人数", "号长年龄", "所获师级青年文明号时间", "是否网上报备")
    sent = mail(BINGTUAN, "N-1", DAY, table(row, columns=columns))
    return checklist(BINGTUAN, UNIT, Holdings(BINGTUAN.id, UNIT.code, (sent,), notes), DAY)


def test_a_figure_that_fails_a_demand_is_for_the_office_to_decide_and_a_soft_one_is_advice():
    listed = with_figures("客运站", "5", "2", "41", "2016年", "是")
    told = {one.code: one.text for one in listed.item("applicants_table").findings if one.code.startswith("elig")}
    assert listed.item("applicants_table").state == "review"
    assert told["eligibility-soft"] == "申报集体“客运站”人数为5，要求6至200，通知为一般性要求，供参考"
    failed = [one.seen for one in listed.item("applicants_table").findings if one.code == "eligibility-fails"]
    assert failed == ["40%", "41"]


def test_figures_that_hold_exactly_are_met():
    listed = with_figures(
        "客运站", "6", "3", "40", "2016年", "是", notes=(registered("seal", "applicants_table", DAY),)
    )
    assert (listed.item("applicants_table").state, listed.item("applicants_table").findings) == ("complete", ())


def test_a_tick_of_staff_settles_a_condition_for_one_collective_or_all():
    tick = Registered(UNIT.code, "leader", "eligible", DAY, "王", "客运站集体")
    everyone = replace(tick, unit="", note="")
    assert "eligibility-fails" not in codes(
        with_figures("客运站", "6", "3", "41", "2016年", "是", notes=(everyone,)), "applicants_table"
    )
    for note, left in (
        (tick, 0),
        (replace(tick, note=""), 0),
        (replace(tick, note="别的集体"), 1),
        (replace(tick, unit="u2"), 1),
    ):
        listed = with_figures("客运站", "6", "3", "41", "2016年", "是", notes=(note,))
        assert codes(listed, "applicants_table").count("eligibility-fails") == left


def test_open_conditions_keep_no_item_from_being_complete():
    listed = judged(rows=ROWS, notes=(registered("seal", "applicants_table", DAY),))
    assert listed.item("applicants_table").state == "complete"
    held = Holdings(BINGTUAN.id, UNIT.code, (mail(BINGTUAN, "N-1", DAY, table(*ROWS)),))
    assert {one.state for one in eligibility(BINGTUAN, UNIT, held, DAY)} == {"open"}


def test_a_named_list_and_a_passed_filing_show_a_condition():
    lists = (listing(entry("客运站"), kind="named:title", day=date(2017, 5, 3)), listing(entry("客运站")))
    held = Holdings(BINGTUAN.id, UNIT.code, (mail(BINGTUAN, "N-1", DAY, table(*ROWS[1:])),), (), lists)
    found = {
        (one.condition.id, one.applicant.name): (one.state, one.why) for one in eligibility(BINGTUAN, UNIT, held, DAY)
    }
    assert found["title", "客运站"] == ("met", "见于命名名单“名单.csv”（2017年5月3日）")
    assert found["title", "人民医院急诊科"] == ("open", "未见于命名名单“名单.csv”（2017年5月3日）")
    assert found["reported", "客运站"][0] == "met"
    assert found["reported", "人民医院急诊科"][0] == "open"


def test_where_there_is_no_table_the_conditions_are_those_of_the_listed_collectives():
    lists = (replace(listing(entry("甲班组"), entry("乙班组", unit="u2")), campaign=GUANGDONG.id),)
    held = Holdings(GUANGDONG.id, UNIT.code, lists=lists)
    found = {one.condition.id: (one.applicant.name, one.state) for one in eligibility(GUANGDONG, UNIT, held, DAY)}
    assert found == {"title": ("甲班组", "open"), "route": ("甲班组", "met")}
    elsewhere = {"甲班组": ("第二师",)}
    states = {one.condition.id: one.state for one in eligibility(GUANGDONG, UNIT, held, DAY, elsewhere)}
    assert states["route"] == "open"


def test_bounds_are_said_in_the_notices_units():
    assert bounds(Eligibility(id="a", question="?", field="人数", min=6, max=200)) == "6至200"
    assert bounds(Eligibility(id="a", question="?", field="青年比例", min=0.5)) == "不低于50%"
    assert bounds(Eligibility(id="a", question="?", field="号长年龄", max=40)) == "不超过40"


# --- quotas and the office's own ----------------------------------------------------------------------------------


def test_only_what_passed_counts_against_factor_times_places():
    quota = Quota(file="q.csv", factor=10, question="?")
    lists = (
        listing(entry("甲"), entry("甲 集体"), entry("乙", "pending"), entry("丙", "none"), entry("丁", unit="u2")),
    )
    one, two, both = quota_lines(quota, (Place("u1", "一", 0.1), Place("u2", "二", 0.11, True)), lists)
    assert (one.passed, one.filed, one.need, one.reached) == (1, 2, 1, True)
    assert (two.passed, two.need, two.reached, two.example) == (1, 2, False, True)
    assert (both.unit, both.name, both.passed, both.need) == ("", "合计", 2, 3)
    assert quota_lines(quota, (), lists) == ()


def test_the_offices_own_slots_are_filled_from_any_mail_and_by_hand_and_asked_of_no_unit():
    meeting = said(piece("纪要.docx"), "evidence_meeting")
    by_unit = mail(GUANGDONG, "G-1", DAY, meeting)
    gone = mail(GUANGDONG, "G-2", DAY, said(piece("调研.docx"), "evidence_inspection"), discarded=True)
    notes = (Registered("", "evidence_training", "paper", DAY, "王"),)
    slots = {one.item: one for one in own_items(GUANGDONG, [by_unit, by_unit, gone], notes)}
    assert {id.removeprefix("evidence_"): (one.have, one.need) for id, one in slots.items()} == {
        "meeting": (1, 1), "training": (1, 1), "inspection": (0, 1), "activity": (0, 1), "platform": (0, 1),
    }  # fmt: skip
    assert slots["evidence_meeting"].numbers == ("G-1",)
    assert [item.item for item in seen(GUANGDONG).items] == ["filing"]
