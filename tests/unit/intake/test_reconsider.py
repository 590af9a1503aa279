"""Judging anew: what the program decided may change, what a person decided never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from archive.records import Decision, Evidence, Source, Submission
from intake.decide import Ours, decide
from intake.known import CampaignRoster, Known
from intake.reconsider import changes, reconsider
from intake.rounds.learning import roster_named
from tests.unit.intake.judged import HAINAN, HAINAN_ROSTER, KNOWN, attach, mail, table
from tests.unit.intake.test_learned import TAUGHT

AT = datetime(2017, 7, 10, tzinfo=UTC)
OURS = Ours(frozenset({"box@office.test"}), lambda _: False, ())
BEFORE = Known((CampaignRoster(HAINAN, HAINAN_ROSTER),))
NAMED = Known((CampaignRoster(HAINAN, roster_named(HAINAN_ROSTER, [("南渡江新城", "HK"), ("无此单位", "XX")])),))
TAUGHT_TOO = replace(BEFORE, learned=lambda _: TAUGHT)
STAFF = Evidence("staff", "由王指定", 100.0)


def came(subject: str, *files: str, sender: str = "someone@qq.test") -> Submission:
    said = mail(subject, "现报送开放周材料。", sender)
    return Submission("HN2017-0001", Source("hainan"), "mail", AT, "0" * 64, 1, said, attach(*files))


def first(one: Submission, known: Known = BEFORE) -> Decision:
    return decide(one.number, one.mail, one.pieces, "hainan", known, OURS, AT)


def told(one: Submission, old: Decision, known: Known) -> list[tuple[str | None, str, str]]:
    return [(c.piece, c.was, c.now) for c in changes(old, reconsider(one, old, known, OURS, AT))]


def test_with_nothing_new_nothing_changes() -> None:
    for one in (
        came("南渡江新城开放周活动总结", "活动总结.docx"),
        came("材料", "窗口见闻录.docx", sender="hk@hk.test"),
    ):
        old = first(one)
        assert told(one, old, BEFORE) == []


def test_a_name_taught_since_gives_a_mail_its_unit_and_says_why() -> None:
    one = came("南渡江新城开放周活动总结", "活动总结.docx")
    old = first(one)
    assert old.unit is None
    new = reconsider(one, old, NAMED, OURS, AT)
    (change,) = [each for each in changes(old, new) if each.piece is None]
    assert (change.was, change.now) == ("hainan-2017/单位待定", "hainan-2017/HK")
    assert "南渡江新城" in change.why
    assert (new.version, new.by, new.reply_to) == (old.version, old.by, old.reply_to)


def test_an_undecided_piece_is_decided_by_what_was_confirmed_since() -> None:
    one = came("开放周材料", "窗口见闻录.docx", sender="hk@hk.test")
    old = first(one)
    assert told(one, old, TAUGHT_TOO) == [("2", "待核对", "experience·窗口见闻录")]


def test_what_a_person_assigned_or_classified_stays() -> None:
    one = came("南渡江新城开放周活动总结", "窗口见闻录.docx", "活动总结.docx")
    old = first(one)
    assigned = replace(old, unit="SY", evidence=(STAFF, *old.evidence))
    both = replace(NAMED, learned=lambda _: TAUGHT)
    assert [piece for piece, _, _ in told(one, assigned, both)] in ([], ["2"])  # the unit never; an open piece may
    assert reconsider(one, assigned, both, OURS, AT).unit == "SY"
    mine = replace(old.pieces[0], item="summary", evidence=(STAFF,))
    classified = replace(old, pieces=(mine, *old.pieces[1:]))
    new = reconsider(one, classified, both, OURS, AT)
    assert new.unit == old.unit
    assert new.piece("2") == mine


def test_a_mail_is_never_taken_for_unrelated_afterwards() -> None:
    one = came("南渡江新城开放周活动总结", "活动总结.docx")
    old = first(one, NAMED)
    assert reconsider(one, old, Known(), OURS, AT).role == "submission"


# --- 记住此发件人


def test_a_remembered_sender_yields_to_another_unit_in_the_tables_header() -> None:
    """learned@qq.test was confirmed for WD; the table says 荣成."""
    said = mail("青年文明号创建材料", "现报送材料。", "learned@qq.test")
    alone = decide("", said, attach("活动总结.docx"), "weihai", KNOWN, OURS, AT)
    assert (alone.unit, alone.known_address) == ("WD", True)
    listed = attach(("推荐成果汇总表.xlsx", table("荣成市团委", ("青之见", "新路", "征文", "甲", "乙"))))
    other = decide("", said, listed, "weihai", KNOWN, OURS, AT)
    assert (other.unit, other.known_address) == ("RC", False)


def test_a_remembered_sender_holds_for_its_campaign_alone() -> None:
    said = mail("开放周活动总结", "现报送总结。", "learned@qq.test")
    assert decide("", said, attach("活动总结.docx"), "hainan", KNOWN, OURS, AT).unit is None
