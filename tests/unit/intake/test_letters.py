"""Letters: which one answers a mail, what it says, and what it must never say (domain: Letters)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from archive.records import Announced, Finding, PieceDecision, TotalResult
from config.campaign import Contact
from intake.letters import Context, Words, answer, overdue, reminder
from intake.saying.wording import ACTIONS, clean, deadline_text, number_text
from tests.unit.intake.letter_cases import (
    DUE,
    NOW,
    QUOTE_ESSAY,
    QUOTE_PHOTO,
    UNIT,
    campaign,
    checklist,
    context,
    held,
    line,
    photos,
    piece,
    rolling,
    small_photo,
)

ASKED = campaign()
ZONE = ASKED.zone


def faulty(*findings: Finding, **changes: Any) -> Context:
    """Pictures with these findings, the table not yet there."""
    lines = checklist(line(ASKED, "photo", 1, 1, findings), line(ASKED, "essay", 1), line(ASKED, "table"))
    return replace(context(checklist=lines), **changes)


def without_table(**changes: Any) -> Context:
    """All but the table, the disc and the filing."""
    lines = checklist(
        line(ASKED, "photo", 1),
        line(ASKED, "essay", 1),
        line(ASKED, "table"),
        line(ASKED, "disc"),
        line(ASKED, "filing"),
    )
    return replace(context(checklist=lines), **changes)


def said(context: Context) -> tuple[str, str]:
    """Kind and text of the answer."""
    kind, words = answer(context)
    return kind, words.text


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def folded(words: Words) -> str:
    """The HTML's words without white space."""
    parser = _Text()
    parser.feed(words.html)
    return re.sub(r"\s", "", "".join(parser.found))


# --- which letter ---


def test_nothing_to_mend_is_a_receipt() -> None:
    kind, text = said(context())
    assert kind == "receipt"
    assert "已收悉" in text
    assert "已收到，不代表审核通过" in text


def test_a_fault_makes_the_one_letter_a_shortfall_that_is_the_receipt() -> None:
    kind, text = said(faulty(small_photo()))
    assert kind == "shortfall"
    assert "已收到，不代表审核通过" in text
    assert "编号WH2018-0042，2018年8月6日10时12分收到" in text
    assert "海边1.jpg、海边2.jpg" in text


def test_advice_alone_never_makes_a_shortfall() -> None:
    kind, text = said(faulty(small_photo(severity="advice")))
    assert kind == "receipt"
    assert "1080×810" not in text


@pytest.mark.parametrize("code", ["too-few", "too-many", "late", "wrong-channel", "not-evaluated", "seal-unconfirmed"])
def test_absence_lateness_and_what_a_person_judges_are_no_faults(code: str) -> None:
    assert said(faulty(small_photo(code=code)))[0] == "receipt"


def test_a_new_fault_without_number_of_an_item_that_did_not_come_now_is_not_this_mails() -> None:
    lines = checklist(line(ASKED, "table", 1, 1, (small_photo(None, None, code="header-missing"),)))
    assert said(context(checklist=lines))[0] == "receipt"


def test_a_fault_of_an_earlier_mail_makes_no_new_shortfall_but_stays_named() -> None:
    kind, text = said(faulty(small_photo("WH2018-0007", "9")))
    assert kind == "receipt"
    assert "此前来件中仍待补报：“改革开放青观察”图片作品" in text
    assert "件数已齐" not in text


def test_a_fault_without_number_counts_when_it_is_new_and_its_item_came_now() -> None:
    fresh = small_photo(None, None)
    assert said(faulty(fresh))[0] == "shortfall"
    old = checklist(line(ASKED, "photo", 1, 1, (fresh,)))
    assert said(faulty(fresh, before=old))[0] == "receipt"


def test_an_unknown_unit_gets_a_neutral_receipt_about_its_own_mail_only() -> None:
    kind, words = answer(context(unit=None, checklist=None, known_address=False))
    assert kind == "neutral"
    assert words.subject.startswith("【回执】")
    assert "已收到，未能确定报送单位" in words.text
    assert words.text.startswith("您好：")
    assert UNIT.name not in words.text
    assert "尚待报送" not in words.text


def test_a_rolling_campaign_is_thanked_and_never_told_of_a_shortfall() -> None:
    asked = rolling()
    broken = small_photo(code="damaged", text="图片 海边1.jpg 已损坏，请检查后重发")
    lines = checklist(line(asked, "news", 3, None, (broken,)))
    mail = held(files=((piece("2", "海边1.jpg"), PieceDecision("2", "news")),))
    kind, words = answer(context(asked, checklist=lines, held=(mail,), all_said=True))
    assert kind == "thanks"
    assert words.subject.startswith("【回执】")
    assert "感谢" in words.text
    assert "已损坏" in words.text
    assert "尚待报送" not in words.text


def test_who_says_all_is_sent_while_something_lacks_gets_a_shortfall_that_says_what() -> None:
    kind, text = said(without_table(all_said=True))
    assert kind == "shortfall"
    assert "来信说明材料已全部报送。经核对，以下材料尚未收到：作品汇总表。" in text
    assert "请于8月20日前补报" in text
    assert "尚待报送" not in text
    assert "光盘" not in text


def test_who_says_all_is_sent_and_is_right_gets_a_receipt() -> None:
    assert said(context(all_said=True))[0] == "receipt"


def test_what_was_announced_does_not_lack_when_all_is_said_to_be_sent() -> None:
    lines = checklist(line(ASKED, "photo", 1), line(ASKED, "table", announced=True))
    kind, text = said(context(checklist=lines, all_said=True))
    assert kind == "receipt"
    assert "作品汇总表（来信说明另行报送）" in text


# --- what is still open ---


def test_before_the_deadline_one_neutral_line_says_what_is_open() -> None:
    kind, text = said(without_table())
    assert kind == "receipt"
    assert "尚待报送：作品汇总表，8月20日前。" in text
    assert text.count("尚待报送") == 1
    assert "缺" not in text
    assert "未报" not in text


def test_discs_paper_and_filings_are_not_spoken_of_until_registered() -> None:
    _, text = said(without_table())
    assert "光盘" not in text
    assert "网络报备" not in text
    _, told = said(without_table(registered={"disc": date(2018, 8, 5), "external": date(2018, 7, 20)}))
    assert "作品光盘（登记截至8月5日）" in told
    assert "网络报备" not in told, "a list that old says nothing any more"


def test_a_total_is_phrased_neutrally_with_its_numbers() -> None:
    asked = campaign(totals=[{"id": "works", "items": ["photo", "essay"], "min": 3, "each_min": 1}])
    lines = checklist(
        line(asked, "photo", 1), line(asked, "essay", 1), totals=(TotalResult("works", "hc", 2, 3, "short"),)
    )
    _, text = said(replace(context(checklist=lines), campaign=asked))
    assert "合计不少于3件，各类不少于1件，现已收到2件" in text
    assert "件数已齐" not in text
    _, strange = said(replace(context(checklist=lines), campaign=asked, known_address=False))
    assert "合计不少于3件，各类不少于1件" in strange
    assert "现已收到" not in strange


def test_a_total_due_on_disc_is_not_spoken_of() -> None:
    asked = campaign(totals=[{"id": "works", "items": ["photo", "essay"], "min": 3, "channel": "disc"}])
    lines = checklist(line(asked, "photo", 1), totals=(TotalResult("works", "hc", 1, 3, "short"),))
    _, text = said(replace(context(checklist=lines), campaign=asked))
    assert "不少于" not in text
    assert "以邮件报送的材料件数已齐" in text


def test_all_counted_says_the_content_is_still_to_be_reviewed() -> None:
    lines = checklist(line(ASKED, "photo", 1), line(ASKED, "essay", 1), line(ASKED, "table", 1))
    kind, text = said(context(checklist=lines))
    assert kind == "complete"
    assert "　　件数已齐，内容待审核。" in text
    assert "已收到，不代表审核通过" in text
    kind, text = said(context())
    assert kind == "receipt", "the disc is still to come"
    assert "以邮件报送的材料件数已齐，内容待审核" in text
    lines = checklist(line(ASKED, "photo", 1, 1, (small_photo(),)), line(ASKED, "essay", 1), line(ASKED, "table", 1))
    assert said(context(checklist=lines))[0] == "shortfall", "what has come is to be mended"
    assert "件数已齐" not in said(without_table())[1]
    assert "件数已齐" not in said(faulty(small_photo()))[1]
    more = held(announced=(Announced("（1/3）", "part", 1, 3),))
    assert "件数已齐" not in said(context(checklist=lines, held=(more,)))[1], "two thirds are still to come"


def test_after_the_deadline_an_open_line_names_no_day_that_has_passed() -> None:
    _, text = said(without_table(now=datetime(2018, 8, 22, 2, 0, tzinfo=UTC)))
    assert "尚待报送：作品汇总表。" in text


def test_optional_and_rolling_items_and_what_the_office_owes_are_never_open() -> None:
    items = [
        {"id": "photo", "name": "图片", "deadlines": ["main"]},
        {"id": "extra", "name": "自选材料", "optional": True, "deadlines": ["main"]},
        {"id": "news", "name": "典型事迹", "rolling": True},
        {"id": "own", "name": "专题会议", "owed_by": "office", "kind": "evidence", "deadlines": ["main"]},
    ]
    asked = campaign(items=items)
    lines = checklist(line(asked, "photo", 1), line(asked, "extra"), line(asked, "news"), line(asked, "own"))
    _, text = said(replace(context(checklist=lines), campaign=asked))
    assert not any(name in text for name in ("自选材料", "典型事迹", "专题会议", "尚待报送"))


# --- faults ---


def test_all_faults_stand_in_one_letter_with_item_trouble_demand_fact_and_remedy() -> None:
    essay = small_photo(
        at="5", code="too-many-characters", work="我们的品牌", seen="2316字", quote=QUOTE_ESSAY, text="字数超过要求"
    )
    lines = checklist(
        line(ASKED, "photo", 1, 1, (small_photo(), small_photo(at="3", seen="1280×960"))),
        line(ASKED, "essay", 1, 1, (essay,)),
    )
    _, text = said(context(checklist=lines))
    assert "其中3处与通知要求不一致，现一次性告知如下" in text
    assert "1. “改革开放青观察”图片作品《绿水青山》：海边1.jpg" in text
    assert "2. “改革开放青观察”图片作品《绿水青山》：海边2.jpg" in text
    assert f"要求：“{QUOTE_PHOTO}”" in text
    assert "实际：1080×810" in text
    assert "实际：1280×960" in text
    assert "处理：请发送原图" in text
    assert "实际：2316字" in text
    assert "请于8月20日前补报" in text


def test_without_a_sentence_of_the_notice_the_wanted_value_stands_for_it() -> None:
    assert "要求：不低于1600×1200" in said(faulty(small_photo(quote=None)))[1]


def test_a_remedy_in_the_findings_own_sentence_is_not_said_twice() -> None:
    _, text = said(faulty(small_photo(text="图片 海边1.jpg 像素为1080×810，请发送原图（不要截图）")))
    assert "问题：图片 海边1.jpg 像素为1080×810\n" in text
    assert "处理：请发送原图（不要截图）\n" in text
    assert text.count("请发送原图") == 1


def test_only_the_faulty_file_is_asked_for_again() -> None:
    _, text = said(faulty(small_photo()))
    kept = next(row for row in text.splitlines() if "不需重复报送" in row)
    assert "海边2.jpg" in kept
    assert "我们的品牌.docx" in kept
    assert "海边1.jpg" not in kept


def test_a_whole_work_at_fault_is_asked_for_again_but_a_missing_text_or_one_too_many_is_not() -> None:
    whole = small_photo(at=None, work="绿水青山", code="wrong-format")
    kept = next(row for row in said(faulty(whole))[1].splitlines() if "不需重复报送" in row)
    assert "海边" not in kept
    for code in ("no-companion", "group-too-large"):
        again = replace(whole, code=code)
        adding = next(row for row in said(faulty(again))[1].splitlines() if "以下材料" in row)
        assert "海边1.jpg、海边2.jpg" in adding


def test_two_deadlines_are_told_with_each_fault() -> None:
    asked = campaign(
        deadlines=[{"id": "main", "by": date(2018, 8, 20)}, {"id": "later", "by": date(2018, 9, 1)}],
        items=[
            {"id": "photo", "name": "图片", "deadlines": ["main"]},
            {"id": "essay", "name": "征文", "deadlines": ["later"]},
        ],
    )
    lines = checklist(
        line(asked, "photo", 1, 1, (small_photo(),)),
        line(asked, "essay", 1, 1, (small_photo(at="5", work="我们的品牌"),)),
    )
    _, text = said(replace(context(checklist=lines), campaign=asked))
    assert "处理：请发送原图，8月20日前" in text
    assert "处理：请发送原图，9月1日前" in text
    assert "请按各项材料的报送时间补报" in text


def test_after_the_deadline_mending_has_no_passed_day() -> None:
    _, text = said(faulty(small_photo(), now=datetime(2018, 8, 22, 2, 0, tzinfo=UTC)))
    assert "请于收到本通知后及时补报" in text
    assert "8月20日前" not in text


# --- strangers ---


def test_a_stranger_hears_nothing_of_earlier_files() -> None:
    theirs = small_photo("WH2018-0007", "9", text="图片 旧照片.jpg 像素过低")
    before = checklist(line(ASKED, "photo", 3, 5, (theirs,)))
    lines = checklist(line(ASKED, "photo", 4, 5, (theirs,)), line(ASKED, "essay", 1), line(ASKED, "table"))
    own = context(checklist=lines, before=before, known_address=False)
    kind, text = said(own)
    assert kind == "receipt"
    assert not any(word in text for word in ("旧照片", "0007", "现已收到", "此前", "件数已齐"))
    assert "尚待报送：“改革开放青观察”图片作品（不少于5件）、作品汇总表，8月20日前" in text
    _, known = said(replace(own, known_address=True))
    assert "现已收到4件" in known
    assert "此前来件中仍待补报" in known


def test_a_stranger_hears_of_the_faults_of_its_own_files() -> None:
    kind, text = said(faulty(small_photo(), known_address=False))
    assert kind == "shortfall"
    assert "实际：1080×810" in text


def test_a_stranger_does_not_hear_how_many_pictures_others_sent() -> None:
    group = small_photo(at=None, work="绿水青山", code="group-too-large", seen="12幅", text="该组图片12幅")
    before = checklist(line(ASKED, "photo", 1))
    assert said(faulty(group, known_address=False, before=before))[0] == "receipt"
    assert said(faulty(group, known_address=False))[0] == "shortfall"


def test_a_stranger_hears_of_a_small_picture_even_when_others_came_before() -> None:
    before = checklist(line(ASKED, "photo", 3))
    assert said(faulty(small_photo(), known_address=False, before=before))[0] == "shortfall"


def test_a_stranger_is_not_told_that_all_has_come_or_what_others_sent_is_in_review() -> None:
    lines = checklist(line(ASKED, "photo", 1, state="review"), line(ASKED, "table", 1))
    _, text = said(context(checklist=lines, known_address=False))
    assert "件数已齐" not in text
    assert "由经办人核对" not in text
    assert "件数已齐" in said(context(checklist=lines))[1]


# --- what came ---


def test_every_file_is_listed_with_what_it_was_taken_for() -> None:
    mail = held(
        files=(
            (piece("2", "材料.zip"), PieceDecision("2")),
            (piece("2/1", "海边.jpg", within="2"), PieceDecision("2/1", "photo", work="绿水青山")),
            (piece("3", "不知道.doc"), PieceDecision("3")),
            (piece("4", "logo.png", inline=True), PieceDecision("4", none=True)),
            (piece("5", "外单位.doc"), PieceDecision("5", "essay", unit="rc")),
        )
    )
    _, text = said(context(held=(mail,)))
    assert "图片作品《绿水青山》：海边.jpg" in text
    assert "已解开，其中文件另列：材料.zip" in text
    assert "由经办人核对：不知道.doc" in text
    assert "属其他单位，另行登记：外单位.doc" in text
    assert "logo.png" not in text


def test_several_mails_answered_together_are_each_named() -> None:
    first, second = photos("WH2018-0042"), photos("WH2018-0043")
    _, words = answer(context(held=(first, second), numbers=("WH2018-0042", "WH2018-0043")))
    assert words.subject == "【回执】青年文明号优秀成果 [编号 WH2018-0042、WH2018-0043]"
    assert "编号WH2018-0042" in words.text
    assert "编号WH2018-0043" in words.text


def test_a_mail_that_was_kept_but_not_understood_is_said_to_be_safe() -> None:
    _, text = said(context(held=(held(understood=False),)))
    assert "由经办人核对：来件已完整保存" in text


def test_a_long_row_of_files_is_counted() -> None:
    files = tuple((piece(str(n), f"{n}.jpg"), PieceDecision(str(n), "photo")) for n in range(2, 32))
    _, text = said(context(held=(held(files=files),)))
    assert "13.jpg等30个文件" in text
    assert "14.jpg" not in text


def test_announced_parts_are_shown_as_announced_and_links_are_the_offices_task() -> None:
    told = (Announced("视频另寄光盘", "disc"), Announced("网盘", "link", url="https://pan.example.test/x"))
    _, text = said(context(held=(held(announced=told),)))
    assert "来信说明另行报送：“视频另寄光盘”" in text
    assert "由经办人下载" in text
    assert "pan.example.test" not in text


def test_parts_that_are_all_here_are_no_longer_announced() -> None:
    first = held("WH2018-0041", announced=(Announced("（1/2）", "part", 1, 2), Announced("另一封随后发送", "more")))
    second = held("WH2018-0042", announced=(Announced("（2/2）", "part", 2, 2),))
    assert "来信说明另行报送" not in said(context(held=(first, second)))[1]
    assert "来信说明另行报送：“共2封，此为第1封”、“另一封随后发送”。" in said(context(held=(first,)))[1]
    last = held("WH2018-0042", announced=(Announced("（2/2）", "part", 2, 2), Announced("光盘另寄", "disc")))
    assert "来信说明另行报送：“光盘另寄”。" in said(context(held=(first, last)))[1]


def test_quotation_marks_inside_quotation_marks_are_single() -> None:
    _, text = said(context(campaign(short="“我的中国梦”活动"), checklist=checklist()))
    assert "“‘我的中国梦’活动”材料" in text
    assert "““" not in text


def test_only_a_work_is_called_by_its_title() -> None:
    _, text = said(context())
    assert "图片作品《绿水青山》：" in text
    assert "“品牌建设青之见”征文：我们的品牌.docx" in text


def test_what_waits_for_a_person_is_said_to() -> None:
    lines = checklist(line(ASKED, "photo", 1, state="review"), line(ASKED, "essay", 1))
    assert "“改革开放青观察”图片作品由经办人核对" in said(context(checklist=lines))[1]


def test_late_mail_is_said_to_be_registered_without_blame() -> None:
    mail = photos()
    late = replace(mail, submission=replace(mail.submission, received=DUE))
    _, text = said(context(held=(late,), now=datetime(2018, 8, 21, 1, 0, tzinfo=UTC)))
    assert "收到时间晚于8月20日，已登记" in text
    in_time = replace(mail, submission=replace(mail.submission, received=datetime(2018, 8, 20, 15, 59, tzinfo=UTC)))
    assert "晚于" not in said(context(held=(in_time,)))[1]


def test_checksums_follow_the_setting() -> None:
    digest = photos().submission.pieces[0].sha256
    assert digest[:12] not in said(context())[1]
    assert f"海边1.jpg（校验{digest[:12]}）" in said(context(checksums="short"))[1]
    assert digest not in said(context(checksums="short"))[1]
    assert f"海边1.jpg：{digest}" in said(context(checksums="list"))[1]


# --- reminders and overdue letters ---


def test_a_reminder_names_what_is_open_what_to_mend_and_may_be_ignored() -> None:
    words = reminder(faulty(small_photo(), held=(), numbers=(), now=datetime(2018, 8, 15, 1, 30, tzinfo=UTC)), DUE)
    assert words.subject == "【报送提醒】青年文明号优秀成果"
    assert "请于8月20日前报送。截至2018年8月15日9时30分" in words.text
    assert "1. 作品汇总表" in words.text
    assert "图片作品（来件WH2018-0042）" in words.text
    assert "实际：1080×810" in words.text
    assert "如已报送请忽略" in words.text
    assert "征文" not in words.text


def test_a_reminder_quotes_the_notice_and_leaves_discs_and_other_deadlines_out() -> None:
    asked = campaign(
        deadlines=[{"id": "main", "by": date(2018, 8, 20)}, {"id": "later", "by": date(2018, 9, 1)}],
        items=[
            {"id": "essay", "name": "征文", "deadlines": ["main"], "quote": "每单位报送1篇征文"},
            {"id": "table", "name": "汇总表", "deadlines": ["later"]},
            {"id": "disc", "name": "光盘", "channel": "disc", "deadlines": ["main"]},
        ],
    )
    lines = checklist(line(asked, "essay"), line(asked, "table"), line(asked, "disc"))
    text = reminder(replace(context(checklist=lines, held=(), numbers=()), campaign=asked), DUE).text
    assert "通知要求：“每单位报送1篇征文”" in text
    assert "汇总表" not in text
    assert "光盘" not in text


def test_a_reminder_says_nothing_of_faults_in_what_is_due_on_disc() -> None:
    disc = small_photo(code="too-long", text="视频超过3分钟")
    lines = checklist(line(ASKED, "table"), line(ASKED, "disc", 1, 1, (disc,)))
    assert "视频" not in reminder(context(checklist=lines, held=(), numbers=()), DUE).text


def test_with_only_faults_open_a_reminder_speaks_only_of_them() -> None:
    lines = checklist(line(ASKED, "photo", 1, 1, (small_photo(),)))
    text = reminder(context(checklist=lines, held=(), numbers=()), DUE).text
    assert "以下1处请于8月20日前补报" in text
    assert "待报送" not in text


def test_an_overdue_letter_states_day_and_fact() -> None:
    words = overdue(without_table(held=(), numbers=(), now=datetime(2018, 8, 21, 1, 30, tzinfo=UTC)), DUE)
    assert words.subject.startswith("【逾期提示】")
    assert "报送时间为8月20日前" in words.text
    assert "1. 作品汇总表" in words.text
    assert "如已报送请忽略" in words.text


def test_a_reminder_needs_a_unit() -> None:
    with pytest.raises(ValueError, match="needs a unit"):
        reminder(context(unit=None, checklist=None), DUE)


# --- tone and form ---


def every_letter() -> list[Words]:
    """One of each kind."""
    asked = rolling()
    thanks = context(asked, checklist=checklist(line(asked, "news", 1, None)))
    later = without_table(held=(), numbers=())
    answers = (context(), faulty(small_photo()), context(unit=None, checklist=None), thanks)
    return [*(answer(each)[1] for each in answers), reminder(later, DUE), overdue(later, DUE)]


@pytest.mark.parametrize("words", every_letter())
def test_every_letter_is_signed_polite_and_tells_how_to_answer(words: Words) -> None:
    assert "威海市青年文明号活动领导小组办公室\n" in words.text
    assert "2018年8月6日\n" in words.text
    assert "联系人：办公室，电话：0000-0000000" in words.text
    assert "本邮件由系统自动发出，直接回复并附材料即可" in words.text
    assert not re.search(r"[!！]|错误|不合格|务必|批评|通报|@|None", words.text)
    assert "\n\n\n" not in words.text


@pytest.mark.parametrize("words", every_letter())
def test_html_says_the_same_words_without_links_scripts_or_remote_loads(words: Words) -> None:
    spoken = re.sub(r"\s", "", words.text)
    for row in words.text.splitlines():
        for value in re.split(r"^\s*\d+\. |：", row):
            assert re.sub(r"\s", "", value) in folded(words)
    assert len(folded(words)) < len(spoken) * 1.5
    assert not re.search(r"<(script|img|a|link|iframe|style)\b|https?:|url\(", words.html)


def test_the_unit_is_addressed_by_its_full_name_and_as_the_roster_says() -> None:
    _, text = said(context(unit=replace(UNIT, address_as="贵单位")))
    assert text.startswith(f"{UNIT.name}：\n")
    assert "贵单位报送的" in text
    assert "你单位" not in text


def test_values_from_units_are_escaped_in_html_and_cannot_make_lines_in_text() -> None:
    nasty = "<script>x</script>\r\n尚待报送：一切\u202egpj.exe"
    mail = held(files=((piece("2", nasty), PieceDecision("2", "photo", work="<b>山</b>")),))
    words = answer(context(held=(mail,)))[1]
    assert "<script>" not in words.html
    assert "&lt;script&gt;" in words.html
    assert "\u202e" not in words.text + words.html
    assert not any(row.startswith(("尚待", "@")) for row in words.text.splitlines())


def test_the_text_is_not_escaped_for_html() -> None:
    words = answer(context(unit=replace(UNIT, name="A&B <团委>")))[1]
    assert words.text.startswith("A&B <团委>：")
    assert "A&amp;B &lt;团委&gt;：" in words.html


def test_a_file_named_like_a_templates_marker_stays_a_file_name() -> None:
    mail = held(files=((piece("2", "@faults@"), PieceDecision("2", "photo", work="{{ 7*7 }}")),))
    text = said(context(held=(mail,)))[1]
    assert "@faults@" in text
    assert "{{ 7*7 }}" in text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (DUE, "8月20日"),
        (datetime(2018, 8, 20, 9, 0, tzinfo=UTC), "8月20日17时"),
        (datetime(2018, 8, 20, 9, 30, tzinfo=UTC), "8月20日17时30分"),
        (datetime(2018, 12, 31, 16, 0, tzinfo=UTC), "12月31日"),
        (datetime(2019, 1, 31, 16, 0, tzinfo=UTC), "2019年1月31日"),
    ],
)
def test_a_deadline_is_told_as_the_notice_prints_it(moment: datetime, text: str) -> None:
    assert deadline_text(moment, ZONE, NOW) == text


def test_many_numbers_are_counted_in_the_subject() -> None:
    assert number_text(["A1", "A2", "A3", "A4"]) == "A1、A2、A3等4件"


def test_cleaning_leaves_one_line_without_control_or_bidi_characters() -> None:
    assert clean("a\r\nb\x00\u202e\u200bc\t d") == "a bc d"
    assert len(clean("长" * 500)) == 160


def test_every_remedy_is_a_request() -> None:
    assert all(action.startswith("请") for action in ACTIONS.values())


def test_a_contact_that_is_not_filled_in_is_not_named() -> None:
    empty = ASKED.model_copy(update={"contact": Contact(name="（请填写联系人）", phone="（请填写电话）")})
    assert "联系人：" in said(context())[1]
    assert "联系人：" not in said(context(empty))[1]


def test_files_of_one_work_with_the_same_fault_are_one_entry() -> None:
    alike = [small_photo(at=at, text=f"图片 海边{n}.jpg 为 1080×810，请发送原图") for n, at in ((1, "2"), (2, "3"))]
    _, text = said(faulty(*alike))
    assert "其中1处与通知要求不一致" in text
    assert "《绿水青山》：海边1.jpg、海边2.jpg" in text
    assert "图片 海边1.jpg、海边2.jpg 为 1080×810" in text
