"""How a unit stands under the five notices: states, totals, late, other channels, what is announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.checklist import checklist
from archive.records import Announced, Holdings, PieceDecision
from config.campaign import Extension, Total
from config.roster import Unit
from tests.unit.archive.asked import (
    ANQING,
    BINGTUAN,
    FIVE,
    GUANGDONG,
    HAINAN,
    UNIT,
    WEIHAI,
    at,
    campaign,
    codes,
    essay,
    good_table,
    mail,
    photo,
    photos,
    piece,
    registered,
    ruled,
    said,
    seen,
    video,
)

NEWS = said(piece("信息.docx"), "materials")
PROMO = said(video("片.mp4"), "promo", "片", category="video")
ESSAY = said(essay("征文.docx"), "essay", "征文")


# --- the five notices ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", FIVE, ids=lambda asked: asked.id)
def test_a_unit_that_sent_nothing_is_silent(asked):
    listed = seen(asked)
    assert listed.state == "silent"
    assert not any(item.findings for item in listed.items)
    assert {item.state for item in listed.items} <= {"none", "rolling", "external"}


@pytest.mark.parametrize("asked", FIVE, ids=lambda asked: asked.id)
def test_a_unit_that_owes_nothing_has_an_empty_list(asked):
    listed = seen(asked, unit=Unit("u1", "成员单位", owes=()))
    assert (listed.state, listed.items, listed.totals) == ("complete", (), ())


def test_hainan_one_summary_one_experience_and_one_work_on_disc_are_complete():
    day = at(7, 1, year=2017)
    texts = [said(essay("总结.docx"), "summary"), said(essay("经验.docx"), "experience")]
    listed = seen(HAINAN, mail(HAINAN, "H-1", day, *texts), notes=(registered("disc", "works", day),))
    assert listed.state == "complete"
    assert {item.item: item.state for item in listed.items} == {
        "summary": "complete",
        "experience": "complete",
        "works": "complete",
        "works_table": "none",
    }


def test_hainan_a_video_by_mail_counts_with_advice_until_staff_accept_it_once_for_all():
    day = at(7, 1, year=2017)
    sent = mail(HAINAN, "H-1", day, said(video("微视频.wmv", 170), "works", "微视频", category="video"))
    listed = seen(HAINAN, sent)
    assert (listed.item("works").state, codes(listed, "works")) == ("complete", ["wrong-channel"])
    for unit in ("", UNIT.code):
        assert codes(seen(HAINAN, sent, notes=(registered("accept", "works", day, unit=unit),)), "works") == []


def test_hainan_every_fault_of_a_video_is_told_at_once():
    bad = video("微视频.wmv", 200, width=640, height=480, video_bit_rate=8_000_000)
    sent = mail(HAINAN, "H-1", at(7, 1, year=2017), said(bad, "works", "微视频", category="video"), channel="disc")
    assert codes(seen(HAINAN, sent), "works") == ["too-long", "resolution-too-small", "bit-rate-too-low"]


def test_hainan_two_summaries_where_one_is_asked_are_advice():
    pairs = [said(essay("总结.docx"), "summary"), said(essay("总结二.docx"), "summary")]
    listed = seen(HAINAN, mail(HAINAN, "H-1", at(7, 1, year=2017), *pairs))
    assert (listed.item("summary").state, codes(listed, "summary", "advice")) == ("complete", ["too-many"])


def test_weihai_needs_only_materials_and_classes_are_free():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), NEWS))
    assert listed.state == "complete"
    assert (listed.item("photo").state, listed.item("photo").need) == ("none", 0)
    assert (listed.item("news").state, listed.item("news").need) == ("rolling", None)


def test_weihai_a_faulty_work_of_a_free_class_is_told_all_the_same():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), NEWS, *photos(3)))
    assert (listed.state, listed.item("photo").state, codes(listed, "photo")) == (
        "faulty",
        "faulty",
        ["group-too-small"],
    )


def test_bingtuan_counts_three_classes_together_and_each():
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *photos(4), PROMO))
    (total,) = listed.totals
    assert (total.have, total.need, total.state) == (2, 3, "short")
    assert total.text.startswith("三类作品共收到2件，要求不少于3件") and "品牌建设青之见" in total.text
    assert listed.state == "short"
    (total,) = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *photos(4), PROMO, ESSAY)).totals
    assert (total.have, total.state) == (3, "complete")
    more = [said(essay(f"{n}.docx"), "essay", str(n)) for n in range(3)]
    (total,) = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *more)).totals
    assert (total.have, total.state) == (3, "short")


def test_bingtuan_is_complete_without_the_filing_that_has_no_day():
    names = ("集体名称", "所获师级青年文明号时间", "是否网上报备")
    tables = [
        said(piece("申报.xls", columns=names, rows=2), "applicants_table"),
        said(good_table(titles=("青观察之一", "片", "征文")), "works_table"),
    ]
    notes = (registered("seal", "works_table", at(7, 2)),)
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *photos(4), PROMO, ESSAY, *tables), notes=notes)
    assert (listed.item("filing").state, listed.state) == ("external", "complete")


def test_anqing_can_never_lack_anything():
    listed = seen(ANQING, mail(ANQING, "A-1", at(10, 1, year=2013), said(piece("信息.docx"), "info")))
    assert (listed.state, listed.item("info").state, listed.item("info").have) == ("complete", "rolling", 1)


def test_guangdong_is_open_until_the_filing_is_registered_and_asks_units_for_nothing_of_the_office():
    assert [item.item for item in seen(GUANGDONG).items] == ["filing"]
    question = mail(GUANGDONG, "G-1", at(9, 1, year=2017))
    assert seen(GUANGDONG, question).state == "review"
    listed = seen(GUANGDONG, notes=(registered("external", "filing", at(9, 1, year=2017)),))
    assert (listed.state, listed.item("filing").state, listed.item("filing").late) == ("complete", "complete", False)
    late = seen(GUANGDONG, notes=(registered("external", "filing", at(9, 8, year=2017)),))
    assert late.item("filing").late


# --- states -------------------------------------------------------------------------------------------------------


def test_some_but_fewer_than_asked_is_short_and_none_is_none():
    asked = ruled({"check": "count", "min": 2}, kind="work")
    listed = seen(asked, mail(asked, "W-1", at(8, 1), said(photo("1.jpg"), "thing", "一")))
    assert (listed.item("thing").state, codes(listed, "thing"), listed.state) == ("short", ["too-few"], "short")
    listed = seen(asked, mail(asked, "W-2", at(8, 1)))
    assert (listed.item("thing").state, listed.state) == ("none", "short")


def test_a_minimum_of_each_category_is_checked_on_its_own():
    rules = [{"check": "count", "min": 1, "categories": [kind]} for kind in ("a", "b")]
    kinds = [{"id": "a", "name": "甲类"}, {"id": "b", "name": "乙类"}]
    asked = ruled(*rules, kind="work", categories=kinds)
    both = [said(photo(f"{n}.jpg"), "thing", str(n), category="a") for n in range(2)]
    listed = seen(asked, mail(asked, "W-1", at(8, 1), *both))
    assert (listed.item("thing").state, listed.item("thing").need) == ("short", 2)
    assert "乙类" in listed.item("thing").findings[0].text


def test_a_quota_follows_the_kind_of_unit_and_an_unknown_kind_waits_for_a_person():
    asked = ruled({"check": "count", "min": 3, "units": ["区市"]}, {"check": "count", "min": 1, "units": ["系统"]})
    sent = mail(asked, "W-1", at(8, 1), said(piece("1.docx"), "thing"))
    assert seen(asked, sent).item("thing").need == 3
    assert seen(asked, sent, unit=Unit("u1", "某局", kind="系统")).state == "complete"
    assert seen(asked, sent, unit=Unit("u1", "某局")).item("thing").state == "review"


def test_an_undecided_file_makes_open_items_wait_for_a_person():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(piece("材料.docx"), None)))
    assert (listed.item("materials").state, listed.state) == ("review", "review")
    assert codes(listed, "materials") == ["undecided-piece"]
    guess = said(piece("材料.docx"), None, guesses=(("summary", 0.4),))
    listed = seen(HAINAN, mail(HAINAN, "H-1", at(7, 1, year=2017), guess))
    assert (listed.item("summary").state, listed.item("experience").state) == ("review", "none")


def test_an_attachment_quoted_back_is_not_an_open_question():
    again = mail(HAINAN, "H-2", at(7, 2, year=2017), said(essay("总结.docx"), None))
    listed = seen(HAINAN, mail(HAINAN, "H-1", at(7, 1, year=2017), said(essay("总结.docx"), "summary")), again)
    assert (listed.item("experience").state, codes(listed, "experience"), listed.state) == ("none", [], "short")


def test_an_archive_that_could_not_be_opened_is_forgotten_once_it_came_whole_under_its_name():
    broken = said(piece("材料.zip", "zip", problem="truncated"), None)
    first = mail(WEIHAI, "W-1", at(8, 1), broken)
    assert codes(seen(WEIHAI, first), "materials") == ["truncated"]
    whole = said(piece("材料.zip", "zip", size=3000), None, none=True)
    again = mail(WEIHAI, "W-2", at(8, 2), whole, said(photo("现场.jpg"), "materials"))
    assert codes(seen(WEIHAI, first, again), "materials") == []
    other = mail(WEIHAI, "W-2", at(8, 2), said(piece("别的.zip", "zip", size=3000), None, none=True))
    assert codes(seen(WEIHAI, first, other), "materials") == ["truncated"]


def test_a_total_is_not_called_short_to_a_unit_whose_file_is_undecided():
    loose = said(piece("某材料.zip"), None, guesses=(("essay", 0.5),))
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *photos(4), PROMO, loose))
    assert listed.item("essay").state == "review"
    assert listed.totals[0].state == "short"
    tables = ruled(
        {"check": "human", "question": "原创"},
        kind="work",
        optional=True,
    ).model_copy(update={"totals": (Total(id="any", items=("thing",), min=1),)})
    assert seen(tables, mail(tables, "W-1", at(8, 1))).state == "short"


def test_an_encrypted_archive_is_told_at_once_though_nobody_knows_what_is_in_it():
    listed = seen(HAINAN, mail(HAINAN, "H-1", at(7, 1, year=2017), said(piece("材料.rar", problem="encrypted"), None)))
    assert (listed.state, codes(listed, "summary")) == ("faulty", ["encrypted"])
    assert listed.item("experience").state == "review"


def test_a_mail_that_could_not_be_read_is_not_nothing():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), understood=False))
    assert (listed.state, codes(listed, "materials")) == ("review", ["not-understood"])


def test_what_is_not_a_material_plays_no_part():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), NEWS, said(piece("logo.png"), None, none=True)))
    assert listed.state == "complete"


def test_an_item_that_is_not_owed_is_shown_only_when_something_came_for_it():
    unit = Unit("u1", "环翠区团委", owes=("materials",))
    assert [item.item for item in seen(WEIHAI, unit=unit).items] == ["materials"]
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), NEWS, ESSAY), unit=unit)
    assert [item.item for item in listed.items] == ["materials", "essay"]
    assert (listed.item("essay").need, listed.state) == (0, "complete")


def test_a_disc_registered_without_an_item_waits_for_a_person():
    listed = seen(HAINAN, notes=(registered("disc", "", at(7, 1, year=2017)),))
    assert (listed.item("works").state, codes(listed, "works")) == ("review", ["disc-unsorted"])


def test_announced_parts_are_shown_until_they_come():
    first = mail(WEIHAI, "W-1", at(8, 1), announced=(Announced("其余另发", "more"),))
    assert seen(WEIHAI, first).item("materials").announced
    assert not seen(WEIHAI, first, mail(WEIHAI, "W-2", at(8, 2), NEWS)).item("materials").announced
    disc = mail(HAINAN, "H-1", at(7, 1, year=2017), announced=(Announced("光盘另寄", "disc"),))
    text = mail(HAINAN, "H-2", at(7, 2, year=2017), said(essay("总结.docx"), "summary"))
    assert seen(HAINAN, disc, text).item("works").announced
    note = registered("disc", "works", at(7, 3, year=2017))
    assert not seen(HAINAN, disc, text, notes=(note,)).item("works").announced


def test_an_announcement_that_names_something_speaks_of_that_alone():
    table = mail(
        WEIHAI, "W-1", at(8, 1), announced=(Announced("推荐成果汇总表随后补报", "more", items=("works_table",)),)
    )
    assert seen(WEIHAI, table).item("works_table").announced
    assert not seen(WEIHAI, table).item("materials").announced
    disc = mail(HAINAN, "H-1", at(7, 1, year=2017), announced=(Announced("光盘另寄", "disc"),))
    assert not seen(HAINAN, disc).item("summary").announced


# --- late ---------------------------------------------------------------------------------------------------------


def test_the_day_itself_is_in_time_to_its_last_second_and_midnight_is_late():
    end = at(8, 21, 0)
    in_time = seen(WEIHAI, mail(WEIHAI, "W-1", end - timedelta(seconds=1), NEWS)).item("materials")
    late = seen(WEIHAI, mail(WEIHAI, "W-1", end, NEWS)).item("materials")
    assert (in_time.late, in_time.deadline, late.late, late.state) == (False, end, True, "complete")
    assert late.findings[0].text == "文档 信息.docx 于8月21日00:00收到，报送截止时间为8月20日24:00，已计入并注明"


def test_an_extension_for_one_unit_is_applied():
    more = WEIHAI.model_copy(update={"extensions": (Extension(by=date(2018, 8, 25), units=("u1",)),)})
    assert not seen(more, mail(more, "W-1", at(8, 22), NEWS)).item("materials").late
    assert seen(more, mail(more, "W-1", at(8, 26), NEWS)).item("materials").late
    assert seen(more, unit=Unit("u2", "别家", kind="区市")).item("materials").deadline == at(8, 21, 0)


def test_where_late_is_refused_the_version_that_was_in_time_stands():
    items = [{"id": "summary", "name": "总结", "deadlines": ["main"]}]
    asked = campaign("late", date(2018, 8, 20), items, late={"policy": "refuse"})
    first = mail(asked, "L-1", at(8, 1), said(essay("总结.docx"), "summary"))
    later = mail(asked, "L-2", at(8, 22), said(essay("总结.docx", 9), "summary"))
    both = seen(asked, first, later).item("summary")
    only = seen(asked, later).item("summary")
    assert (both.have, both.late, only.have, only.state) == (1, True, 0, "faulty")
    assert [one.code for one in only.findings] == ["late"] and "不予计入" in only.findings[0].text


def test_where_late_is_accepted_nothing_is_said():
    items = [{"id": "summary", "name": "总结", "deadlines": ["main"]}]
    asked = campaign("late", date(2018, 8, 20), items, late={"policy": "accept"})
    line = seen(asked, mail(asked, "L-1", at(8, 22), said(essay("总结.docx"), "summary"))).item("summary")
    assert (line.state, line.late, line.findings) == ("complete", True, ())


# --- properties ---------------------------------------------------------------------------------------------------

TYPES = ["jpeg", "png", "wmv", "mp4", "docx", "doc", "pdf", "xlsx", "zip", "rar", "unknown", ""]
maybe = st.one_of(st.none(), st.integers(0, 6000))


@st.composite
def holdings(draw, asked):
    """Any mails whatever, decided any way whatever."""
    ids = [item.id for item in asked.items] + ["gone", None]
    mails = []
    for number in range(draw(st.integers(0, 3))):
        pairs = []
        for place in range(draw(st.integers(0, 4))):
            facts = {name: draw(maybe) for name in ("width", "height", "duration", "characters", "pages", "rows")}
            facts["columns"] = draw(st.sampled_from([(), ("作品名称",), ("", "x")]))
            facts["cells"] = draw(st.sampled_from([(), (("一",),), ((), ("a", "b", "c"))]))
            trouble = draw(st.sampled_from([None, None, None, "encrypted", "odd"]))
            one = piece(f"{draw(st.integers(0, 5))}.{place}", draw(st.sampled_from(TYPES)), problem=trouble, **facts)
            item = draw(st.sampled_from(ids))
            kinds = [kind.id for kind in asked.item(item).categories] if item in [i.id for i in asked.items] else []
            more = {"category": draw(st.sampled_from([*kinds, None, "odd"]))}
            pairs.append(said(one, item, draw(st.sampled_from([None, "一", "二"])), **more))
        role = draw(st.sampled_from(["submission", "submission", "query"]))
        channel = draw(st.sampled_from(["mail", "disc", "upload"]))
        heard = draw(st.booleans())
        day = at(draw(st.integers(1, 12)), 5)
        mails.append(mail(asked, f"N-{number}", day, *pairs, role=role, channel=channel, understood=heard))
    notes = [
        registered(draw(st.sampled_from(["disc", "paper", "external", "seal", "accept"])), item or "", at(7, 9))
        for item in draw(st.lists(st.sampled_from(ids), max_size=2))
    ]
    return Holdings(asked.id, UNIT.code, tuple(mails), tuple(notes))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_checklist_has_an_answer_for_anything_and_the_order_of_mails_does_not_matter(data):
    asked = data.draw(st.sampled_from(FIVE))
    given_ = data.draw(holdings(asked))
    listed = checklist(asked, UNIT, given_, at(8, 1))
    turned = Holdings(given_.campaign, given_.unit, given_.held[::-1], given_.registered)
    assert checklist(asked, UNIT, turned, at(8, 1)) == listed
    for line in listed.items:
        if line.state == "complete":
            assert not any(one.severity == "demand" for one in line.findings)
            assert line.need is None or line.have >= line.need


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_one_more_good_work_never_makes_a_total_shorter(data):
    given_ = data.draw(holdings(BINGTUAN))
    before = checklist(BINGTUAN, UNIT, given_, at(8, 1)).totals[0]
    extra = mail(BINGTUAN, "N-9", at(12, 30), said(essay("新征文.docx", 1000), "essay", "另一篇"))
    more = Holdings(given_.campaign, given_.unit, (*given_.held, extra), given_.registered)
    after = checklist(BINGTUAN, UNIT, more, at(8, 1)).totals[0]
    assert after.have == before.have + 1
    assert (before.state, after.state) != ("complete", "short")


def test_what_was_not_taken_out_of_an_archive_is_told_beside_what_was():
    box = piece("材料.zip", problem="link")
    inner = replace(essay("材料.zip/征文.docx"), within="材料.zip")
    choices = ((box, PieceDecision(box.path, none=True)), said(inner, "essay", "征文", subkind="practice"))
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *choices))
    assert codes(listed, "essay") == ["left-out"]
    assert listed.item("essay").state == "complete"
