"""Files behind links: which still wait, what closes them, and what the checklist says meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.judging.promises import parts_here, promises, same_size, shown_size
from archive.records import Announced, Facts, Held, Holdings, Piece, PieceDecision, Registered
from intake.saying.promised import alarm, consequence, question
from tests.unit.archive.asked import UNIT, WEIHAI, at, codes, mail, said, seen

QQ = f"http://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k={'0a1b2c3d' * 8}&code=7684decd"
EXPIRES = datetime(2018, 8, 20, 2, 0, tzinfo=UTC)
"""8月20日10:00 in Shanghai."""


def link(name: str = "宣传片.mp4", size: int | None = 1288490189, url: str = QQ, **more: Any):
    return Announced("视频见超大附件", "link", url=url, name=name, size=size, **{"expires": EXPIRES, **more})


def file(name: str, size: int = 1000, kind: str = "mp4") -> tuple[Piece, PieceDecision]:
    return said(Piece("2", name, f"files/{name}", name, size, Facts(kind)), None)


def waiting(*held: Held, notes: tuple[Registered, ...] = ()) -> list[str]:
    found = promises(WEIHAI, Holdings(WEIHAI.id, UNIT.code, held, notes))
    return [one.id for one in found]


def first(*links: Announced) -> Held:
    return mail(WEIHAI, "W-1", at(7, 20), announced=links or (link(),))


def test_a_link_waits_until_something_comes() -> None:
    assert waiting(first()) == ["W-1 link-1"]
    assert waiting(first(), mail(WEIHAI, "W-2", at(7, 21), file("别的.docx", kind="docx"))) == ["W-1 link-1"]


@pytest.mark.parametrize("name", ["宣传片.mp4", "宣传片 (1).MP4", "宣传片（2）.mp4"])
def test_a_later_mail_of_the_same_name_brings_it(name: str) -> None:
    assert waiting(first(), mail(WEIHAI, "W-2", at(7, 21), file(name))) == []


def test_a_later_file_of_the_same_size_and_ending_brings_it() -> None:
    assert waiting(first(), mail(WEIHAI, "W-2", at(7, 21), file("最终版.mp4", 1_300_000_000))) == []
    assert waiting(first(), mail(WEIHAI, "W-2", at(7, 21), file("最终版.zip", 1_300_000_000))) == ["W-1 link-1"]


def test_a_file_that_came_before_closes_nothing() -> None:
    early = mail(WEIHAI, "W-0", at(7, 19), file("宣传片.mp4"))
    assert waiting(early, first()) == ["W-1 link-1"]


@pytest.mark.parametrize("channel", ["upload", "hand", "disc"])
def test_a_hand_over_closes_the_only_promise_of_the_unit(channel: str) -> None:
    assert waiting(first(), mail(WEIHAI, "Q-1", at(7, 21), file("视频终稿.wmv", kind="wmv"), channel=channel)) == []


def test_an_essay_brought_by_hand_is_not_the_promised_video() -> None:
    essay = mail(WEIHAI, "Q-1", at(7, 21), file("征文.docx", kind="docx"), channel="hand")
    assert waiting(first(), essay) == ["W-1 link-1"]


def test_a_hand_over_of_another_name_closes_none_of_two() -> None:
    two = first(link(), link("照片.zip", 5000, "http://mail.qq.com/ftn?k=2"))
    assert len(waiting(two, mail(WEIHAI, "Q-1", at(7, 21), file("其他.mp4"), channel="upload"))) == 2
    assert waiting(two, mail(WEIHAI, "Q-1", at(7, 21), file("照片.zip"), channel="upload")) == ["W-1 link-1"]


def test_staff_say_that_it_is_dealt_with() -> None:
    note = Registered(UNIT.code, "", "link", at(7, 22), "王", "W-1 link-1")
    assert waiting(first(), notes=(note,)) == []
    assert waiting(first(), notes=(replace(note, note="W-9 link-1"),)) == ["W-1 link-1"]


def test_two_mails_promising_the_same_file_are_one_promise() -> None:
    again = mail(WEIHAI, "W-2", at(7, 21), announced=(link(),))
    assert waiting(first(), again) == ["W-1 link-1"]
    newer = mail(WEIHAI, "W-2", at(7, 21), announced=(link(url="http://mail.qq.com/ftn?k=9"),))
    assert waiting(first(), newer) == ["W-2 link-1"]
    assert len(waiting(first(), mail(WEIHAI, "W-2", at(7, 21), announced=(link("另一部.mp4", url="x"),)))) == 2


def test_a_file_that_came_is_not_promised_again_by_a_quoted_link() -> None:
    came = mail(WEIHAI, "W-2", at(7, 21), file("宣传片.mp4"))
    assert waiting(first(), came, mail(WEIHAI, "W-3", at(7, 22), announced=(link(),))) == []


def test_a_relay_promises_for_its_own_unit_alone() -> None:
    relayed = first()
    choice = (PieceDecision("2", unit=UNIT.code),)
    assert waiting(replace(relayed, decision=replace(relayed.decision, unit="OTHER", pieces=choice))) == []


# --- what the checklist says ------------------------------------------------------------------------------------------


def promised_for(*items: str, **more: Any) -> Held:
    return first(link(items=items, **more))


def test_a_promised_item_is_in_review_and_not_counted() -> None:
    listed = seen(WEIHAI, promised_for("promo"))
    assert listed.item("promo").state == "review" and listed.item("promo").have == 0 and listed.item("promo").announced
    assert codes(listed, "promo") == ["promised-file"]
    assert listed.item("promo").findings[0].text == "《宣传片.mp4》以链接发来，尚未下载"
    assert not listed.item("essay").announced and listed.item("essay").state == "none"


def test_a_link_of_unknown_use_holds_all_that_is_open() -> None:
    assert [one.item for one in seen(WEIHAI, promised_for()).items if one.findings] == ["materials"]
    came = mail(
        WEIHAI, "W-2", at(7, 21), said(Piece("3", "信息.docx", "files/信息.docx", "a", 9, Facts("docx")), "materials")
    )
    listed = seen(WEIHAI, promised_for(), came)
    assert [one.item for one in listed.items if one.state == "review"] == ["photo", "promo", "essay", "works_table"]
    assert listed.state == "review"


def test_a_link_that_ran_out_leaves_the_item_open() -> None:
    listed = seen(WEIHAI, promised_for("promo", expires=at(7, 31)))
    assert listed.item("promo").state == "none" and not listed.item("promo").announced and not codes(listed, "promo")


# --- parts ------------------------------------------------------------------------------------------------------------


def part(number: str, day: int, word: Announced) -> Held:
    return mail(WEIHAI, number, at(7, day), announced=(word,))


def test_parts_are_here_when_every_number_came_in_any_order() -> None:
    words = [Announced(f"（{n}/3）", "part", n, 3) for n in (1, 3, 2)]
    held = [part(f"W-{n}", n, word) for n, word in enumerate(words, 1)]
    assert not seen(WEIHAI, *held).item("materials").announced
    assert seen(WEIHAI, *held[:2]).item("materials").announced
    assert parts_here(words[0], held, held) and not parts_here(words[0], held[:2], held[:2])


def test_three_mails_end_what_was_said_to_come_in_three() -> None:
    said_once = part("W-1", 1, Announced("分三封发送", "part", None, 3))
    more = [mail(WEIHAI, f"W-{n}", at(7, n)) for n in (2, 3)]
    assert seen(WEIHAI, said_once, more[0]).item("materials").announced
    assert not seen(WEIHAI, said_once, *more).item("materials").announced


# --- sizes and words --------------------------------------------------------------------------------------------------


def test_sizes_are_compared_as_cards_write_them() -> None:
    assert same_size(1288490189, 1_300_000_000) and not same_size(1288490189, 1_400_000_000)
    assert same_size(367525888, 367_500_000) and not same_size(3_000_000, 3_010_000 + 100_000)
    assert same_size(20977, 20977) and not same_size(20977, 20978)
    assert [shown_size(n) for n in (1288490189, 367525888, 88_000, 10)] == ["1.2GB", "350.5MB", "86KB", "1KB"]


def told(word: Announced, now: datetime, provider: str = "qq") -> str:
    (one,) = promises(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first(word),)))
    return question(one, provider, "环翠区团委", now, WEIHAI.zone)


def test_the_line_of_the_queue() -> None:
    now = EXPIRES - timedelta(days=5)
    assert told(link(), now) == (
        "环翠区团委的《宣传片.mp4》（1.2GB）以QQ邮箱超大附件发来，8月20日10:00失效（还有5天），"
        "请下载后用 import --channel upload 存入"
    )
    assert "今天到期" in told(link(), EXPIRES - timedelta(hours=3))
    assert "2019年1月3日18:00失效" in told(link(expires=datetime(2019, 1, 3, 10, tzinfo=UTC)), now)
    assert "链接已失效，请联系单位重发" in told(link(), EXPIRES)
    cloud = link("", None, "https://pan.baidu.com/s/1abc", expires=None, code="x7k2")
    assert told(cloud, now, "baidu") == (
        "环翠区团委的网盘或超大附件中的文件以百度网盘链接发来：https://pan.baidu.com/s/1abc，提取码 x7k2，"
        "请下载后用 import --channel upload 存入"
    )
    assert "未能读出链接" in told(Announced("正文提到云链接或超大附件", "link"), now, "other")


@pytest.mark.parametrize(
    ("before", "step"),
    [
        (timedelta(days=9), None),
        (timedelta(days=7, hours=10), "T-7"),
        (timedelta(days=3), "T-7"),
        (timedelta(days=2, hours=9), "T-2"),
        (timedelta(minutes=1), "T-2"),
        (timedelta(0), "expired"),
        (timedelta(days=-30), "expired"),
    ],
)
def test_which_alarm_is_due(before: timedelta, step: str | None) -> None:
    (one,) = promises(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first(),)))
    assert alarm(one, EXPIRES - before, WEIHAI.zone) == step
    assert ("照常提醒" in consequence(one, EXPIRES - before)) == (step == "expired")


def test_a_link_without_a_date_never_runs_out() -> None:
    (one,) = promises(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first(link(expires=None)),)))
    assert alarm(one, EXPIRES + timedelta(days=900), WEIHAI.zone) is None and not one.expired(EXPIRES)
