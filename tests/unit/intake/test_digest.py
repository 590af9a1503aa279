"""The daily digest: what it says of units, letters and the office, when it is written, and who never gets it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from archive.ledger.letters import Caps
from archive.records import Announced, Event, Note, Registered
from intake.cli import app
from intake.daily.paper import words
from intake.daily.units import together
from intake.digest import Digest, build
from intake.rounds.digest import FIXITY, compose, digest_one, gather
from intake.rounds.office import Office
from tests.unit.intake.daily_office import (
    STAFF,
    Clock,
    arrive,
    ask,
    at,
    dump,
    failed,
    furnish,
    link,
    opened,
    polled,
    settings,
    write_letter,
    yaml,
)

MORNING = at("2018-08-17T08:30")
"""Friday before Monday 8月20日, the deadline: T-1, the day of the telephone list."""
ALL = {"总结.docx": "summary", "照片1.jpg": "photos", "照片2.jpg": "photos"}
FREE = Caps(1000, 1000, 1000, 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock(at("2018-08-10T10:00"))


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    furnish(tmp_path)
    with opened(tmp_path, clock) as one:
        polled(one)
        yield one


def rows(digest: Digest, id: str) -> list[tuple[str, ...]]:
    """All rows of one part; [] when the part is not there."""
    return [row for one in digest.sections if one.id == id for table in one.tables for row in table.rows]


def lines(digest: Digest, id: str) -> list[str]:
    return [line for one in digest.sections if one.id == id for line in one.lines]


def morning(office: Office, clock: Clock, when: datetime = MORNING) -> Digest:
    clock.now = when
    polled(office)
    return compose(office)


# --- units ---------------------------------------------------------------------------------------------------------


def test_each_running_campaign_is_told_with_its_days_and_how_many_units_stand_how(office: Office, clock: Clock) -> None:
    arrive(office, "T1", ALL)
    arrive(office, "T2", {"总结.docx": "summary"})
    (row,) = rows(morning(office, clock), "campaigns")  # of the museum, which owes nothing, nothing is counted
    assert row[:2] == ("青春在岗位活动", "8月20日（还有3天）")
    assert dict(zip(("complete", "faulty", "short", "silent", "review", "all"), row[2:], strict=True)) == {
        "complete": "1", "faulty": "—", "short": "1", "silent": "3", "review": "—", "all": "5",
    }  # fmt: skip


def test_who_lacks_what_stands_in_the_rosters_order_with_contact_phone_and_an_empty_column(
    office: Office, clock: Clock
) -> None:
    arrive(office, "T1", ALL)
    arrive(office, "T2", {"总结.docx": "summary", "照片1.jpg": "photos"})
    digest = morning(office, clock)
    found = rows(digest, "lacking")
    assert [row[0] for row in found] == [
        "共青团西山区委员会", "共青团南桥县委员会", "共青团北塔县委员会", "示例市图书馆团支部",
    ]  # fmt: skip
    assert found[0] == ("共青团西山区委员会", "李示例", "0000-2", "活动照片（缺1件）\n※今天请电话联系", "")
    assert found[1][3] == "活动总结；活动照片\n※今天请电话联系"
    (table,) = next(one for one in digest.sections if one.id == "lacking").tables
    assert table.heads[-1] == "通话记录" and table.caption == "青春在岗位活动　8月20日截止（还有3天）　4个单位"
    assert digest.headline == "在办活动 1 个；尚缺材料的单位 4 个；今天需电话联系 4 个。"


def test_the_telephone_list_is_of_the_last_working_day_not_earlier(office: Office, clock: Clock) -> None:
    assert "电话联系" not in morning(office, clock, at("2018-08-16T08:30")).headline
    assert "今天需电话联系 5 个" in morning(office, clock).headline
    assert "今天需电话联系 5 个" in morning(office, clock, at("2018-08-20T08:30")).headline, "the last day itself"
    assert "电话联系" not in morning(office, clock, at("2018-08-21T08:30")).headline


def test_units_that_no_letter_reaches_are_marked_with_why(office: Office, clock: Clock) -> None:
    written = write_letter(office, "answer:1", "receipt", "bounced")
    what = {"key": written.key, "what": "bounce", "status": "5.1.1", "recipient": "xishan@town.example.test"}
    office.ledger.events.tell(Event(clock.now, "letter-bounced", None, "town-2018", "T2", "auto", what))
    why = office.ledger.letters.bad_addresses(clock.now)["xishan@town.example.test"]
    found = {row[0]: row[3] for row in rows(morning(office, clock), "lacking")}
    assert "※没有邮箱地址" in found["示例市图书馆团支部"]
    assert f"※xishan@town.example.test {why}" in found["共青团西山区委员会"]
    assert "※" not in found["共青团东河区委员会"].replace("※今天请电话联系", "")
    assert ("xishan@town.example.test", "共青团西山区委员会", why) in rows(compose(office), "returned")


def test_what_is_faulty_or_on_disc_is_said_with_the_item(tmp_path: Path, clock: Clock) -> None:
    file = yaml.load((Path(__file__).parents[2] / "journeys" / "campaigns" / "town-2018.yaml").read_text("utf-8"))
    file["items"][0]["channel"] = "disc"
    file["items"][1]["rules"][1]["min_width"] = 4000
    furnish(tmp_path, changes={"items": file["items"]})
    with opened(tmp_path, clock) as office:
        arrive(office, "T1", {"照片1.jpg": "photos", "照片2.jpg": "photos"})
        told = rows(morning(office, clock), "lacking")[0][3]
    assert told.startswith("活动总结（光盘）；活动照片（图片像素低于要求）")


def test_what_comes_by_disc_with_nothing_else_to_say_stands_together() -> None:
    lacking = ["申报表", "照片（光盘）", "视频（光盘，来信说另报）", "征文（光盘）"]
    assert together(lacking) == ["申报表", "光盘：照片、征文", "视频（光盘，来信说另报）"]
    assert together(["活动总结（光盘）", "照片"]) == ["活动总结（光盘）", "照片"]


def test_deadlines_come_one_after_the_other_and_what_has_none_comes_last(tmp_path: Path, clock: Clock) -> None:
    file = yaml.load((Path(__file__).parents[2] / "journeys" / "campaigns" / "town-2018.yaml").read_text("utf-8"))
    file["deadlines"].append({"id": "early", "by": date(2018, 8, 14), "quote": "于8月14日前"})
    file["items"][1]["deadlines"] = ["early"]
    file["items"].append(
        {"id": "table", "name": "汇总表", "kind": "table", "rules": [{"check": "count", "min": 1, "quote": "表"}]}
    )
    furnish(tmp_path, changes={"items": file["items"], "deadlines": file["deadlines"]})
    with opened(tmp_path, clock) as office:
        digest = morning(office, clock)
    (section,) = [one for one in digest.sections if one.id == "lacking"]
    assert [table.caption.split("　")[1] for table in section.tables] == [
        "8月14日截止（已过3天）", "8月20日截止（还有3天）", "未定期限",
    ]  # fmt: skip
    assert rows(digest, "campaigns")[0][1] == "8月14日（已过3天）\n8月20日（还有3天）"


def test_a_unit_whose_mail_waits_here_is_not_called_in_vain(office: Office, clock: Clock) -> None:
    arrive(office, "T2", {"总结.docx": "summary"}, asks="附件是哪项材料？")
    note = Note("town-2018", "T4", "phone", "张科长说明天报", at("2018-08-16T15:00"), "经办人甲")
    office.ledger.notes.add(note)
    found = {row[0]: row[3] for row in rows(morning(office, clock), "lacking")}
    assert "※有事项待核对" in found["共青团西山区委员会"]
    assert "※8月16日（1天前）已电话联系：张科长说明天报" in found["共青团北塔县委员会"]


def test_rolling_campaigns_and_units_that_owe_nothing_are_never_said_to_lack(tmp_path: Path, clock: Clock) -> None:
    items = [{"id": "info", "name": "信息", "kind": "materials", "rolling": True}]
    furnish(tmp_path, changes={"items": items, "deadlines": []})
    with opened(tmp_path, clock) as office:
        digest = morning(office, clock)
    assert rows(digest, "lacking") == []
    assert rows(digest, "campaigns")[0][1] == "随时报送"


@pytest.mark.parametrize("status", ["example", "draft", "closed"])
def test_only_open_campaigns_are_told(tmp_path: Path, clock: Clock, status: str) -> None:
    furnish(tmp_path, changes={"status": status})
    with opened(tmp_path, clock) as office:
        digest = morning(office, clock)
    assert rows(digest, "campaigns") == rows(digest, "lacking") == []
    assert digest.headline == "没有在办活动；没有待办事项。"


def test_links_that_run_out_are_told_the_earliest_first(office: Office, clock: Clock) -> None:
    arrive(office, "T2", ALL, announced=(link("视频.mp4", None),))
    arrive(office, "T1", ALL, announced=(link("宣传片.mp4", at("2018-08-19T10:00")),))
    arrive(office, "T3", ALL, announced=(link("照片.rar", at("2018-08-12T10:00")),))
    assert rows(morning(office, clock), "links") == [
        ("共青团南桥县委员会", "《照片.rar》", "TN2018-0003", "8月12日10:00\n已失效，请联系单位重发"),
        ("共青团东河区委员会", "《宣传片.mp4》", "TN2018-0002", "8月19日10:00\n还有2天"),
        ("共青团西山区委员会", "《视频.mp4》", "TN2018-0001", "未注明"),
    ]


def test_what_was_announced_and_has_not_come_is_told_until_it_comes(office: Office, clock: Clock) -> None:
    arrive(office, "T1", {"总结.docx": "summary"}, announced=(Announced("照片另发", "more"),))
    clock.now += timedelta(days=1)
    arrive(office, "T2", {"照片1.jpg": "photos"}, announced=(Announced("其余另发", "more"),))
    assert rows(morning(office, clock), "announced") == [
        ("共青团东河区委员会", "“照片另发”", "活动照片", "8月10日（7天前）"),
        ("共青团西山区委员会", "“其余另发”", "活动总结、活动照片", "8月11日（6天前）"),
    ]
    assert "活动照片（来信说另报）" in rows(compose(office), "lacking")[0][3]
    arrive(office, "T1", {"照片1.jpg": "photos", "照片2.jpg": "photos"})
    assert [row[0] for row in rows(compose(office), "announced")] == ["共青团西山区委员会"]


# --- queue and letters ---------------------------------------------------------------------------------------------


def test_the_queue_is_told_oldest_first_with_since_when_and_nothing_twice(office: Office, clock: Clock) -> None:
    arrive(office, None, {"总结.docx": "summary"}, asks="来件是哪个单位的？")
    ask(office, "bounced", "发往 x 的信件被退回", clock.now)
    ask(office, "mailbox-down", "邮箱 town：登录失败", clock.now)
    clock.now += timedelta(days=3)
    ask(office, "supersede-or-add", "替换还是增加？")
    digest = morning(office, clock)
    assert rows(digest, "queue") == [
        ("8月10日（7天前）", "来件是哪个单位的？", "TN2018-0001"),
        ("8月13日（4天前）", "替换还是增加？", ""),
    ]
    assert lines(digest, "returned") == ["发往 x 的信件被退回"]
    assert "待核对 2 条" in digest.headline
    assert words(digest).text.count("发往 x 的信件被退回") == 1


def test_a_very_long_queue_is_cut_and_says_so(office: Office, clock: Clock) -> None:
    for turn in range(75):
        ask(office, "unknown-unit", f"第{turn}封是哪个单位的？")
    digest = morning(office, clock)
    assert len(rows(digest, "queue")) == 60
    assert lines(digest, "queue") == ["另有 15 条没有列出，见 baosong queue"]


def test_drafts_are_gathered_by_campaign_and_kind(office: Office, clock: Clock) -> None:
    write_letter(office, "a", "shortfall", "draft", "T1")
    write_letter(office, "b", "shortfall", "draft", "T2")
    write_letter(office, "c", "reminder", "draft", "T3")
    digest = morning(office, clock)
    assert rows(digest, "drafts") == [
        ("青春在岗位活动", "补报通知", "2", "共青团东河区委员会、共青团西山区委员会"),
        ("青春在岗位活动", "报送提醒", "1", "共青团南桥县委员会"),
    ]
    assert "待放行 3 封" in digest.headline


def test_letters_that_are_held_deferred_or_capped_are_told_with_why_and_others_are_not(
    office: Office, clock: Clock
) -> None:
    letters = office.ledger.letters
    write_letter(office, "held", "shortfall", "held", "T1")
    write_letter(office, "later", "receipt", "queued", "T2")
    letters.outcome("later", "deferred", clock.now, "451 请稍后再试", clock.now + timedelta(hours=1))
    write_letter(office, "first", "receipt", "queued", "T3", "a@town.example.test")
    write_letter(office, "second", "receipt", "queued", "T4", "b@town.example.test")
    assert letters.lease_one(clock.now, timedelta(minutes=10), Caps(1, 1, 1, 1)) is not None
    letters.outcome("first", "sent", clock.now, None)
    assert letters.lease_one(clock.now, timedelta(minutes=10), Caps(1, 1, 1, 1)) is None
    write_letter(office, "new", "receipt", "queued", "T3", "c@town.example.test")
    found = rows(morning(office, clock), "letters")
    assert [row[:5] for row in found] == [
        ("暂缓", "青春在岗位活动", "补报通知", "1", "共青团东河区委员会"),
        ("稍后重发", "青春在岗位活动", "回执", "1", "共青团西山区委员会"),
        ("到上限，稍后发", "青春在岗位活动", "回执", "1", "共青团北塔县委员会"),
    ]
    assert "451 请稍后再试" in found[1][5] and "上限" in found[2][5]


def test_letters_that_failed_are_told_until_staff_settle_it(office: Office, clock: Clock) -> None:
    write_letter(office, "a", "receipt", "queued")
    office.ledger.letters.outcome("a", "failed", clock.now, "550 no such user")
    digest = morning(office, clock)
    assert "550 no such user" in lines(digest, "letters")[0]
    office.ledger.decisions.settle(office.ledger.decisions.questions()[0].id, clock.now, "staff")
    assert lines(compose(office), "letters") == []


# --- the office ------------------------------------------------------------------------------------------------------


def test_mailboxes_are_told_well_or_not_with_the_trouble_in_plain_words(office: Office, clock: Clock) -> None:
    (well,) = rows(morning(office, clock), "running")
    assert well == ("town\nbaosong@town.example.test", "今天08:30", "正常")
    clock.now += timedelta(minutes=40)
    failed(office, "登录失败，请检查授权码")
    digest = compose(office)
    assert rows(digest, "running") == [("town\nbaosong@town.example.test", "今天08:30（40分钟前）", "异常，见上")]
    assert lines(digest, "running")[0] == "邮箱 town 收信失败：登录失败，请检查授权码（最近一次成功是今天08:30）"
    assert "运行异常 1 处" in digest.headline


def test_a_year_without_arrangement_is_told_and_from_november_the_next_one_when_something_falls_into_it(
    tmp_path: Path, clock: Clock
) -> None:
    furnish(tmp_path, changes={"deadlines": [{"id": "main", "by": date(2027, 1, 4), "quote": "于1月4日前"}]})
    with opened(tmp_path, clock) as office:
        assert lines(morning(office, clock, at("2026-10-30T08:30")), "calendar") == []
        told = "2027 安排未录入，按周末和法定假日推算；公布后请把放假和调休日期写进 calendar.yaml"
        assert lines(morning(office, clock, at("2026-11-02T08:30")), "calendar") == [told]
        assert lines(morning(office, clock, at("2027-01-04T08:30")), "calendar") == [told]
    furnish(tmp_path, changes={"deadlines": [{"id": "main", "by": date(2026, 12, 30), "quote": "于12月30日前"}]})
    with opened(tmp_path, clock) as office:
        assert lines(morning(office, clock, at("2026-11-02T08:30")), "calendar") == [], "nothing falls into it"


def test_faulty_files_come_before_warnings_and_alike_ones_are_counted(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path, changes={"deadlines": [{"id": "main", "by": date(2018, 8, 19), "quote": "于8月19日前"}]})
    dump(tmp_path / "campaigns" / "other-2018.yaml", {"id": "other-2018"})
    with opened(tmp_path, clock) as office:
        told = lines(morning(office, clock), "files")
    assert told[0].startswith("［错误，未启用］campaigns/other-2018.yaml") and "同类共" in told[0]
    assert any(one.startswith("［请留意］campaigns/town-2018.yaml") and "不是工作日" in one for one in told)


def test_the_last_fixity_check_is_told_where_there_was_one(office: Office, clock: Clock) -> None:
    assert "archive" not in [one.id for one in morning(office, clock).sections]
    office.ledger.versions.set(FIXITY, {"at": at("2018-08-16T02:00").isoformat(), "files": 812, "damages": 0})
    assert lines(compose(office), "archive") == ["8月16日02:00校验 812 个文件：完好。"]
    office.ledger.versions.set(FIXITY, {"at": at("2018-08-16T02:00").isoformat(), "files": 812, "damages": 2})
    assert "发现 2 处损坏" in lines(compose(office), "archive")[0]


# --- paper -----------------------------------------------------------------------------------------------------------


def plain(html: str) -> str:
    """The words of the page, without spaces."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)))


def test_paper_and_text_say_the_same(office: Office, clock: Clock) -> None:
    arrive(office, "T2", {"总结.docx": "summary"}, asks="附件是哪项材料？", announced=(Announced("照片另发", "more"),))
    write_letter(office, "a", "shortfall", "draft", "T1")
    digest = morning(office, clock)
    said = words(digest)
    page, text = plain(said.html), re.sub(r"\s+", "", said.text)
    assert len(digest.sections) >= 6
    for section in digest.sections:
        assert section.title.replace(" ", "") in page and section.title.replace(" ", "") in text
        for value in [*section.lines, *(v for table in section.tables for row in table.rows for v in row)]:
            for part in value.split("\n"):
                assert re.sub(r"\s+", "", part) in page, part
                assert re.sub(r"\s+", "", part) in text, part


def test_words_of_units_cannot_become_markup(office: Office, clock: Clock) -> None:
    ask(office, "unknown-unit", "来信<script>alert(1)</script>是哪个单位的？")
    said = words(morning(office, clock))
    assert "<script>" not in said.html and "&lt;script&gt;" in said.html
    assert "http" not in said.html and "src=" not in said.html, "nothing is loaded from anywhere"


def test_the_same_facts_give_the_same_digest(office: Office, clock: Clock) -> None:
    arrive(office, "T2", {"总结.docx": "summary"})
    morning(office, clock)
    facts = gather(office)
    assert words(build(facts)) == words(build(facts))


# --- the round -------------------------------------------------------------------------------------------------------


def digests(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "digests").glob("*")) if (home / "digests").exists() else []


def mail(office: Office, key: str) -> EmailMessage:
    (letter,) = [one for one in office.ledger.letters.outbox() if one.key == key]
    found: Any = message_from_bytes(letter.body, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_it_is_written_once_on_a_working_day_not_before_its_time(office: Office, clock: Clock, tmp_path: Path) -> None:
    clock.now = at("2018-08-17T08:29")
    assert not digest_one(office)
    clock.now = MORNING
    assert digest_one(office)
    clock.now += timedelta(hours=5)
    assert not digest_one(office)
    assert digests(tmp_path) == ["2018-08-17.html", "2018-08-17.txt"]
    assert [one.key for one in office.ledger.letters.outbox()] == [f"digest:2018-08-17:{STAFF}"]


@pytest.mark.parametrize(
    ("now", "written"),
    [
        ("2018-08-18T10:00", False),  # Saturday
        ("2018-10-03T10:00", False),  # National Day
        ("2018-09-29T10:00", True),  # a Saturday that is worked
        ("2018-09-30T10:00", True),
    ],
)
def test_days_off_have_none_and_make_up_days_have(
    office: Office, clock: Clock, tmp_path: Path, now: str, written: bool
) -> None:
    clock.now = at(now)
    assert digest_one(office) is written
    assert bool(digests(tmp_path)) is written


def test_after_downtime_only_todays_is_written(office: Office, clock: Clock, tmp_path: Path) -> None:
    clock.now = at("2018-08-14T08:30")
    assert digest_one(office)
    clock.now = at("2018-08-17T21:00")
    assert digest_one(office) and not digest_one(office)
    assert digests(tmp_path) == ["2018-08-14.html", "2018-08-14.txt", "2018-08-17.html", "2018-08-17.txt"]


def test_the_settings_say_when(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path, settings(digest={"at": "16:00", "to": []}))
    with opened(tmp_path, clock) as office:
        clock.now = MORNING
        assert not digest_one(office)
        clock.now = at("2018-08-17T16:00")
        assert digest_one(office)


def test_each_reader_gets_a_letter_of_his_own_with_the_same_page_as_the_file(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path, settings((STAFF, "chief@office.example.test")))
    with opened(tmp_path, clock) as office:
        clock.now = MORNING
        assert digest_one(office)
        for to in (STAFF, "chief@office.example.test"):
            told = mail(office, f"digest:2018-08-17:{to}")
            assert [one.addr_spec for one in told["To"].addresses] == [to]
            assert told["Subject"].startswith("【每日摘要】8月17日 尚缺材料的单位 5 个")
            assert told["Auto-Submitted"] == "auto-generated"
            for kind, name in (("html", "2018-08-17.html"), ("plain", "2018-08-17.txt")):
                body = told.get_body((kind,))
                assert isinstance(body, EmailMessage)
                assert body.get_content().split() == (tmp_path / "digests" / name).read_text("utf-8").split()


def test_it_leaves_from_the_login_as_every_letter_does(tmp_path: Path, clock: Clock) -> None:
    told = settings()
    told["mailboxes"]["town"]["smtp"]["user"] = "login@town.example.test"
    furnish(tmp_path, told)
    with opened(tmp_path, clock) as office:
        clock.now = MORNING
        assert digest_one(office)
        letter = mail(office, f"digest:2018-08-17:{STAFF}")
    assert [one.addr_spec for one in letter["From"].addresses] == ["login@town.example.test"]
    assert [one.addr_spec for one in letter["Reply-To"].addresses] == ["baosong@town.example.test"]


def test_every_other_letter_leaves_before_it(office: Office, clock: Clock) -> None:
    clock.now = MORNING
    assert digest_one(office)
    write_letter(office, "late", "overdue", "queued")
    leased = office.ledger.letters.lease_one(clock.now, timedelta(minutes=10), FREE)
    assert leased is not None and leased.letter.key == "late"


def test_a_digest_that_could_not_leave_is_useless_the_next_day(office: Office, clock: Clock) -> None:
    clock.now = MORNING
    assert digest_one(office)
    clock.now = at("2018-08-18T00:01")
    assert office.ledger.letters.lease_one(clock.now, timedelta(minutes=10), FREE) is None
    assert [one.state for one in office.ledger.letters.outbox()] == ["cancelled"]
    assert office.ledger.decisions.questions() == (), "no unit is to be telephoned for it"


def test_without_sending_the_file_is_written_all_the_same_and_old_letters_do_not_pile_up(
    tmp_path: Path, clock: Clock
) -> None:
    furnish(tmp_path, settings(answers={"sending": False}))
    with opened(tmp_path, clock) as office:
        for day in (15, 16, 17):
            clock.now = at(f"2018-08-{day}T08:30")
            assert digest_one(office)
        assert [one.state for one in office.ledger.letters.outbox()] == ["cancelled", "cancelled", "queued"]
    assert len(digests(tmp_path)) == 6


def test_an_office_without_readers_has_only_the_file(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path, settings(()))
    with opened(tmp_path, clock) as office:
        clock.now = MORNING
        assert digest_one(office)
        assert office.ledger.letters.outbox() == ()
    assert digests(tmp_path) == ["2018-08-17.html", "2018-08-17.txt"]


def test_a_crash_between_letter_and_mark_sends_nothing_twice(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock.now = MORNING
    with monkeypatch.context() as broken:
        broken.setattr(office.ledger.versions, "set", _crash)
        with pytest.raises(KeyboardInterrupt):
            digest_one(office)
    clock.now += timedelta(minutes=1)
    assert digest_one(office)
    assert len(office.ledger.letters.outbox()) == 1
    assert digests(tmp_path) == ["2018-08-17.html", "2018-08-17.txt"], "no half file is left"


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_ledger_is_free_while_a_digest_is_composed(office: Office, clock: Clock) -> None:
    """Composing with another thread in the middle of a write: it neither waits nor writes."""
    arrive(office, "T2", {"总结.docx": "summary"})
    clock.now = MORNING
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with office.ledger._store.write():
            inside.set()
            assert done.wait(30)

    holding = threading.Thread(target=hold)
    holding.start()
    assert inside.wait(30)
    began = time.monotonic()
    digest = compose(office)
    took = time.monotonic() - began
    done.set()
    holding.join()
    assert rows(digest, "lacking") and took < 20, "SQLite would have waited a minute for the lock"


def test_six_hundred_units_and_three_campaigns_take_less_than_two_seconds(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path)
    told = "".join(f"T{n},单位{n},,,,u{n}@unit.example.test,人{n},0000-{n},你单位,\n" for n in range(600))
    head = "code,name,aliases,kind,parent,emails,contact,phone,address_as,owes\n"
    (tmp_path / "rosters" / "town.csv").write_text(head + told, encoding="utf-8")
    base = yaml.load((tmp_path / "campaigns" / "town-2018.yaml").read_text("utf-8"))
    for id in ("b-2018", "c-2018"):
        dump(tmp_path / "campaigns" / f"{id}.yaml", {**base, "id": id, "short": id})
    with opened(tmp_path, clock) as office:
        for turn, id in enumerate(("town-2018", "b-2018", "c-2018")):
            for n in range(40):
                arrive(office, f"T{n}", ALL, campaign=id, filed=100 * turn + n + 1)
        clock.now = MORNING
        began = time.process_time()
        said = words(compose(office))
        took = time.process_time() - began
    assert said.html.count("<tr") > 1680
    assert took < 2, f"{took:.1f} s"


# --- who never gets it ------------------------------------------------------------------------------------------------


def codes(home: Path) -> list[tuple[str, int | None]]:
    run = CliRunner().invoke(app, ["--home", str(home), "check", "--json"])
    found: list[dict[str, Any]] = yaml.load(run.output)
    return [(one["code"], one["line"]) for one in found if one["code"].startswith("digest")]


def test_check_refuses_an_address_that_is_a_units_or_our_own_or_none(tmp_path: Path) -> None:
    furnish(tmp_path, settings((STAFF, "XiShan@town.example.test", "baosong@town.example.test", "科长")))
    assert sorted(code for code, line in codes(tmp_path) if line) == [
        "digest-address", "digest-own-mailbox",
    ]  # fmt: skip
    furnish(tmp_path, settings((STAFF, "XiShan@town.example.test")))
    assert [code for code, line in codes(tmp_path) if line] == ["digest-to-unit"]
    run = CliRunner().invoke(app, ["--home", str(tmp_path), "check"])
    assert run.exit_code == 1 and "共青团西山区委员会" in run.output
    started = CliRunner().invoke(app, ["--home", str(tmp_path), "digest", "--at", "2018-08-17T08:30"])
    assert "settings.yaml 有误" in str(started.exception) + started.output and digests(tmp_path) == []


def test_an_address_that_staff_confirmed_for_a_unit_gets_none_and_staff_are_told(office: Office, clock: Clock) -> None:
    office.ledger.taught.teach("address", STAFF, "town-2018", "T2", clock.now, "甲")
    clock.now = MORNING
    assert digest_one(office)
    assert office.ledger.letters.outbox() == ()
    assert [one.kind for one in office.ledger.decisions.questions()] == ["digest-to-unit"]


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_look_at_any_hour_writes_nothing_and_sends_nothing(tmp_path: Path) -> None:
    furnish(tmp_path)
    home = ["--home", str(tmp_path), "digest"]
    look = CliRunner().invoke(app, [*home, "--at", "2018-08-18T20:00", "--dry-run"])
    assert look.exit_code == 0 and "每日摘要　2018年8月18日（星期六）" in look.output
    out = tmp_path / "今天.html"
    kept = CliRunner().invoke(app, [*home, "--at", "2018-08-18T20:00", "--out", str(out), "--json"])
    shown = yaml.load(kept.stdout)
    assert [one["id"] for one in shown["sections"]][:2] == ["campaigns", "lacking"]
    assert shown["day"] == date(2018, 8, 18) or shown["day"] == "2018-08-18"
    assert "每日摘要" in out.read_text("utf-8")
    assert digests(tmp_path) == []
    early = CliRunner().invoke(app, [*home, "--at", "2018-08-17T07:00"])
    assert "还没到 08:30" in early.output
    first = CliRunner().invoke(app, [*home, "--at", "2018-08-17T09:00"])
    again = CliRunner().invoke(app, [*home, "--at", "2018-08-17T09:00"])
    assert first.output.startswith("已写") and "今天的已经写好" in again.output
    off = CliRunner().invoke(app, [*home, "--at", "2018-08-18T09:00"])
    assert "今天不是工作日" in off.output


def test_registered_discs_are_no_longer_lacking(tmp_path: Path, clock: Clock) -> None:
    file = yaml.load((Path(__file__).parents[2] / "journeys" / "campaigns" / "town-2018.yaml").read_text("utf-8"))
    file["items"][0]["channel"] = "disc"
    furnish(tmp_path, changes={"items": file["items"][:1]})
    with opened(tmp_path, clock) as office:
        office.ledger.decisions.register("town-2018", Registered("T1", "summary", "disc", clock.now, "甲"))
        assert "共青团东河区委员会" not in [row[0] for row in rows(morning(office, clock), "lacking")]
