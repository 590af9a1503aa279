"""What came back for letters: which addresses are no good, until when, and what staff are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from archive.ledger import Ledger
from archive.ledger.leases import Caps
from archive.ledger.letters import NewLetter
from archive.records import Letter, Report, Role
from tests.unit.archive.test_ledger import MINUTE, NOW, accepted, file

DAY = timedelta(days=1)
ADDRESS = "Wang@u.example.test"
NO_CAPS = Caps(1000, 1000, 1000, 1000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


def id_of(key: str) -> str:
    return f"<{key}.baosong@weihai.example.test>"


def sent(ledger: Ledger, key: str, at: datetime = NOW, to: str = ADDRESS, subject: str = "【报送提醒】作品") -> None:
    letter = Letter(key, "reminder", "weihai-2018", "WH01", to, subject, (), "queued", at, message_id=id_of(key),
                    body=b"x")  # fmt: skip
    ledger.letters.put(NewLetter(letter, "weihai", 2), at)
    assert ledger.letters.lease_one(at, 10 * MINUTE, NO_CAPS) is not None
    ledger.letters.outcome(key, "sent", at, None)


def came(
    ledger: Ledger,
    uid: int,
    report: Report | None,
    at: datetime,
    role: str = "report",
    sender: str = "postmaster@mx.test",
) -> None:
    one = accepted(f"WH2018-{uid:04d}", uid, answer=False)
    mail = replace(one.submission.mail, sender=sender)
    submission = replace(one.submission, mail=mail, received=at)
    file(ledger, replace(one, submission=submission, decision=replace(one.decision, role=cast("Role", role)),
                         report=report), at=at)  # fmt: skip


def bounce(key: str = "r1", status: str | None = "5.1.1") -> Report:
    return Report("bounce", (id_of(key),), status)


def state(ledger: Ledger, key: str = "r1") -> str:
    return {one.key: one.state for one in ledger.letters.outbox()}[key]


def kinds(ledger: Ledger) -> list[str]:
    return [one.kind for one in ledger.decisions.questions()]


def test_a_bounce_marks_its_letter_the_address_and_asks_staff(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(), NOW + MINUTE)
    assert (state(ledger), kinds(ledger)) == ("bounced", ["bounced"])
    assert ledger.letters.bad_addresses(NOW + MINUTE) == {ADDRESS.lower(): "退信（5.1.1）"}
    (event,) = [each for each in ledger.events.of("WH2018-0001") if each.kind == "letter-bounced"]
    assert (event.data["key"], event.data["recipient"]) == ("r1", ADDRESS)


@pytest.mark.parametrize("status", ["5.2.2", "4.2.2"])
def test_a_full_mailbox_is_told_but_stays_a_good_address(ledger: Ledger, status: str) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(status=status), NOW + MINUTE)
    assert kinds(ledger) == ["mailbox-full"]
    assert ledger.letters.bounced_addresses(NOW + MINUTE) == frozenset()


@pytest.mark.parametrize("what", ["delayed", "read", "vacation"])
def test_what_is_only_told_leaves_letter_and_address_as_they_are(ledger: Ledger, what: str) -> None:
    sent(ledger, "r1")
    came(ledger, 1, Report(what, (id_of("r1"),)), NOW + MINUTE)  # type: ignore[arg-type]  # one of its words
    assert (state(ledger), kinds(ledger)) == ("sent", [])
    assert ledger.letters.bounced_addresses(NOW + MINUTE) == frozenset()
    (event,) = [each for each in ledger.events.of("WH2018-0001") if each.kind == "letter-reported"]
    assert (event.data["key"], event.data["what"]) == ("r1", what)


def test_a_complaint_stops_reminders_until_staff_have_dealt_with_it(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, Report("complaint", (id_of("r1"),)), NOW + MINUTE)
    assert (state(ledger), kinds(ledger)) == ("sent", ["complaint"])
    assert ledger.letters.bounced_addresses(NOW + 9 * DAY) == {ADDRESS.lower()}
    (question,) = ledger.decisions.questions()
    ledger.decisions.settle(question.id, NOW + 9 * DAY, "甲")
    assert ledger.letters.bounced_addresses(NOW + 9 * DAY) == frozenset()


@pytest.mark.parametrize("role", ["submission", "query", "withdrawal"])
def test_a_later_mail_of_a_person_clears_the_address_and_what_staff_were_asked(ledger: Ledger, role: str) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(), NOW + MINUTE)
    came(ledger, 2, None, NOW + 2 * MINUTE, role, "wang@U.example.test")
    assert ledger.letters.bounced_addresses(NOW + 2 * MINUTE) == frozenset()
    assert (state(ledger), kinds(ledger)) == ("bounced", [])


@pytest.mark.parametrize(("role", "sender"), [("machine", ADDRESS), ("submission", "li@u.example.test")])
def test_a_machine_or_another_address_clears_nothing(ledger: Ledger, role: str, sender: str) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(), NOW + MINUTE)
    came(ledger, 2, None, NOW + 2 * MINUTE, role, sender)
    assert ledger.letters.bounced_addresses(NOW + 2 * MINUTE) == {ADDRESS.lower()}
    assert kinds(ledger) == ["bounced"]


def test_a_mail_that_came_before_the_bounce_clears_nothing(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 2, None, NOW, "submission", ADDRESS)
    came(ledger, 1, bounce(), NOW + MINUTE)
    assert ledger.letters.bounced_addresses(NOW + MINUTE) == {ADDRESS.lower()}


def test_a_later_letter_that_did_not_come_back_within_a_day_clears_the_address(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(), NOW + MINUTE)
    sent(ledger, "r2", NOW + 2 * MINUTE)
    assert ledger.letters.bounced_addresses(NOW + DAY) == {ADDRESS.lower()}
    assert ledger.letters.bounced_addresses(NOW + DAY + 2 * MINUTE) == frozenset()


def test_a_later_letter_that_bounced_as_well_clears_nothing(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, bounce(), NOW + MINUTE)
    sent(ledger, "r2", NOW + 2 * MINUTE)
    came(ledger, 2, bounce("r2"), NOW + 3 * MINUTE)
    assert ledger.letters.bounced_addresses(NOW + 9 * DAY) == {ADDRESS.lower()}


@pytest.mark.parametrize(
    ("trouble", "bad"),
    [
        ("550 5.1.1 User unknown", True),
        ("550 User not found: wang@u.example.test", True),
        ("553 5.1.3 bad address", True),
        ("550 5.7.1 blocked as spam", False),
        ("550 Mail content denied 邮件内容含有垃圾信息", False),
        ("552 5.2.2 mailbox full", False),
        ("554 content refused", False),
        ("多次发送未成功：451 greylisted", False),
    ],
)
def test_an_address_refused_at_once_is_bad_but_not_a_refused_content(ledger: Ledger, trouble: str, bad: bool) -> None:
    sent(ledger, "r1")
    ledger.letters.outcome("r1", "failed", NOW, trouble)
    assert ledger.letters.bounced_addresses(NOW) == ({ADDRESS.lower()} if bad else frozenset())


# --- whose report


def test_a_report_without_message_id_finds_the_newest_letter_to_that_address_by_its_subject(ledger: Ledger) -> None:
    sent(ledger, "r1", subject="【报送提醒】 作品 一")
    sent(ledger, "r2", NOW + MINUTE, subject="【报送提醒】作品二")
    report = Report("bounce", (), None, (ADDRESS, "x@y.test"), "主题：【报送提醒】作品\n一 无法送达")
    came(ledger, 1, report, NOW + 2 * MINUTE)
    assert (state(ledger, "r1"), state(ledger, "r2")) == ("bounced", "sent")


def test_an_address_that_a_report_calls_unknown_needs_no_subject(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, Report("bounce", (), "5.1.1", (ADDRESS,), "no such user"), NOW + MINUTE)
    assert state(ledger) == "bounced"


@pytest.mark.parametrize(
    "report",
    [
        Report("bounce", ("<other@weihai.example.test>",), "5.1.1"),
        Report("bounce", (), "5.7.1", (ADDRESS,), "主题：别的信"),
        Report("bounce", (), "5.1.1", ("li@u.example.test",), "【报送提醒】作品"),
    ],
    ids=["another Message-ID", "another subject", "another address"],
)
def test_a_report_for_a_letter_that_is_not_ours_marks_nothing(ledger: Ledger, report: Report) -> None:
    sent(ledger, "r1")
    came(ledger, 1, report, NOW + MINUTE)
    assert (state(ledger), kinds(ledger)) == ("sent", [])


def test_a_report_names_only_letters_of_the_last_month(ledger: Ledger) -> None:
    sent(ledger, "r1")
    came(ledger, 1, Report("bounce", (), None, (ADDRESS,), "【报送提醒】作品"), NOW + 31 * DAY)
    assert state(ledger) == "sent"
