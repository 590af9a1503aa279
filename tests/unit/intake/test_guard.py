"""The answering rules: every row of the table from its own example, and the people who must never be refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.records import Mail
from intake.guard import GUARD_HEADERS, RULES, Before, Rule, Verdict, address, bare, judge

OURS = frozenset({"box@office.test", "Box2@Office.test"})
LETTERS = {"<letter-1@office.test>"}
NEVER = ("boss@province.test", "@upper.test")
NO_GUARD_HEADERS = {"from", "subject", "message-id", "in-reply-to", "received-after", "came-before"}
PERSON = Mail(sender="wang@town.test", to=("box@office.test",), subject="报送材料", content_type="multipart/mixed")


def mail_of(lines: tuple[str, ...]) -> Mail:
    headers = [line.split(": ", 1) for line in lines]
    found = {name.lower(): value for name, value in headers}
    return Mail(
        sender=address(found["from"]) or found["from"],
        to=("box@office.test",),
        subject=found.get("subject", "报送材料"),
        content_type=found.get("content-type", "text/plain"),
        message_id=found.get("message-id", ""),
        in_reply_to=(found["in-reply-to"],) if "in-reply-to" in found else (),
        guard_headers=tuple((n.lower(), v) for n, v in headers if n.lower() not in NO_GUARD_HEADERS),
    )


def before_of(lines: tuple[str, ...]) -> Before:
    found = {line.split(": ", 1)[0]: line.split(": ", 1)[1] for line in lines}
    after = float(found["Received-After"]) if "Received-After" in found else None
    return Before(after, found.get("Came-Before") == "yes")


def ask(mail: Mail, before: Before = Before()) -> Verdict:  # noqa: B008  # a frozen value
    return judge(mail, OURS, LETTERS.__contains__, NEVER, before)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_refuses_its_own_example(rule: Rule) -> None:
    verdict = ask(mail_of(rule.example), before_of(rule.example))
    assert verdict == Verdict(rule.verdict, False, rule.id, None)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_example_is_a_persons_mail_once_its_mark_is_gone(rule: Rule) -> None:
    mail = mail_of(rule.example)
    verdict = ask(replace(mail, guard_headers=(), content_type="text/plain", subject="报送材料", sender="li@town.test"))
    assert verdict == Verdict(None, True, "person", "li@town.test")


NEARLY: dict[str, tuple[tuple[str, ...], ...]] = {
    "own-letter": (
        ("From: wg@town.test", "Message-ID: <letter-2@office.test>"),
        ("From: wg@town.test", "In-Reply-To: <letter-1@office.test>"),
    ),
    "own-address": (("From: box3@office.test",), ("From: box@office.test.cn",), ("From: 'box' <wang@town.test>",)),
    "delivery-report": (("From: wang@town.test", "Content-Type: multipart/mixed; name=report.pdf"),),
    "read-receipt": (("From: wang@town.test", "Subject: 已读，现报送材料", "Content-Type: multipart/mixed"),),
    "bounce": (("From: wang@town.test", "Subject: 系统退信"), ("From: wang@town.test", "Subject: 退信通知收到了吗")),
    "failed-recipients": (("From: wang@town.test", "X-Failed-Logins: 3"),),
    "feedback-report": (("From: wang@town.test", "Content-Type: multipart/mixed", "Subject: feedback report"),),
    "null-sender": (("From: wang@town.test", "Return-Path: <wang@town.test>"), ("From: a@town.test", "Return-Path: ")),
    "auto-submitted": (("From: wang@town.test", "Auto-Submitted: no (a person wrote it); x=1"),),
    "list": (("From: wang@town.test", "Listen-To: me"),),
    "precedence": (("From: wang@town.test", "Precedence: first-class"), ("From: a@town.test", "Precedence: urgent")),
    "auto-response-suppress": (("From: wang@town.test", "X-Auto-Response-Suppress: None"),),
    "autoreply-header": (("From: wang@town.test", "X-Mailer: autoreply tool 2"),),
    "loop-header": (("From: wang@town.test", "X-Looper: 1"),),
    "feedback-id": (("From: wang@town.test", "Feedback: 1:2"),),
    "system-sender": (("From: noreplyteam@town.test",), ("From: post.master@town.test",), ("From: owner@town.test",)),
    "auto-reply-subject": (
        ("From: wang@town.test", "Subject: 自动回复怎么设置"),
        ("From: wang@town.test", "Subject: 回复：自动回复的问题"),
        ("From: wang@town.test", "Subject: 自动回复：材料", "Content-Type: multipart/mixed"),
    ),
    "answers-at-once": (
        ("From: wang@town.test", "In-Reply-To: <letter-1@office.test>", "Received-After: 31"),
        ("From: wang@town.test", "In-Reply-To: <letter-1@office.test>", "Received-After: -31"),
    ),
    "repeats-itself": (("From: wang@town.test", "In-Reply-To: <letter-1@office.test>", "Came-Before: no"),),
}
"""Rule → mails of people that look nearly like its machines (a clock that is wrong by minutes included)."""


def test_every_rule_has_a_persons_mail_that_looks_nearly_like_it() -> None:
    assert NEARLY.keys() == {rule.id for rule in RULES}


@pytest.mark.parametrize(("rule", "lines"), [(rule, lines) for rule, mails in NEARLY.items() for lines in mails])
def test_a_persons_mail_that_looks_nearly_like_a_machines_is_answered(rule: str, lines: tuple[str, ...]) -> None:
    verdict = ask(mail_of(lines), before_of(lines))
    assert (verdict.role, verdict.answerable, verdict.rule) == (None, True, "person"), rule


def test_no_rule_reads_a_header_that_is_not_announced() -> None:
    named = {line.split(": ")[0].lower() for rule in RULES for line in rule.example} - NO_GUARD_HEADERS
    assert all(name in GUARD_HEADERS or name.startswith("list-") for name in named)


@pytest.mark.parametrize("value", ["no", "No", "NO (a person); x=1", "no; x=1", " no "])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    assert ask(replace(PERSON, guard_headers=(("auto-submitted", value),))).answerable


@pytest.mark.parametrize(
    "value", ["auto-replied", "AUTO-REPLIED (vacation)", "auto-generated; owner-email=a@b.test", "auto-notified", "x"]
)
def test_every_other_auto_submitted_is_a_machine(value: str) -> None:
    assert ask(replace(PERSON, guard_headers=(("Auto-Submitted", value),))).role == "machine"


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.test",
        "postmaster@mx.test",
        "news-bounces@mx.test",
        "news-request@mx.test",
        "owner-news@mx.test",
        "noreply@shop.test",
        "no-reply@shop.test",
        "do_not_reply@shop.test",
        "oa-noreply@shop.test",
        "bounce+7=a@shop.test",
    ],
)
def test_system_senders_are_never_answered(sender: str) -> None:
    verdict = ask(replace(PERSON, sender=sender))
    assert (verdict.role, verdict.answerable, verdict.reply_to) == ("machine", False, None)


@pytest.mark.parametrize(
    "subject",
    [
        "收到系统退信，请问邮箱是否正确？",
        "转发：系统退信",
        "退信了请帮忙看看",
        "自动回复功能怎么关闭",
        "回复: 自动回复的事情",
        "Auto show 活动信息",
        "关于自动回复设置的说明",
    ],
)
def test_a_person_who_writes_about_machines_is_a_person(subject: str) -> None:
    assert ask(replace(PERSON, subject=subject, content_type="text/plain")).rule == "person"


@pytest.mark.parametrize(
    "sender", ["bounty@town.test", "noreplyteam@town.test", "requests@town.test", "owner@town.test"]
)
def test_people_with_odd_names_are_people(sender: str) -> None:
    assert ask(replace(PERSON, sender=sender)).rule == "person"


@pytest.mark.parametrize(
    "subject", ["自动回复: 【回执】已收悉", "自动回复", "Automatic reply: 【报送提醒】", "[自动回复]：您好"]
)
def test_an_auto_reply_without_headers_is_known_by_its_subject(subject: str) -> None:
    assert ask(replace(PERSON, subject=subject, content_type="text/html")).rule == "auto-reply-subject"


def test_a_mail_named_auto_reply_that_brings_files_is_a_person() -> None:
    assert ask(replace(PERSON, subject="自动回复：材料")).rule == "person"


def test_a_bounce_with_the_status_of_our_letter_is_a_report() -> None:
    mail = replace(PERSON, subject="退回", report_for="<letter-1@office.test>", report_status="5.1.1")
    assert ask(mail).role == "report"


def test_an_answer_of_a_postmaster_to_our_letter_is_a_report() -> None:
    mail = replace(PERSON, sender="postmaster@mx.test", subject="?", references=("<letter-1@office.test>",))
    assert (ask(mail).role, ask(mail).rule) == ("report", "bounce")


def test_our_own_letter_coming_back_is_known_by_its_message_id() -> None:
    assert ask(replace(PERSON, message_id="<letter-1@office.test>")).role == "own"


def test_our_addresses_are_ours_in_any_case() -> None:
    assert ask(replace(PERSON, sender="BOX2@office.TEST")).rule == "own-address"


def test_a_blind_copy_has_no_answer_but_is_still_a_persons_mail() -> None:
    assert ask(replace(PERSON, to=("other@town.test",))) == Verdict(None, False, "not-addressed", None)


@pytest.mark.parametrize("header", ["delivered-to", "x-original-to"])
def test_delivered_to_us_counts_as_addressed(header: str) -> None:
    assert ask(replace(PERSON, to=(), guard_headers=((header, "<Box@office.test>"),))).answerable


def test_a_copy_to_us_counts_as_addressed_with_a_display_name() -> None:
    assert ask(replace(PERSON, to=(), cc=('"报送, 邮箱" <box@office.test>',))).answerable


@pytest.mark.parametrize("sender", ["boss@province.test", "BOSS@province.test", "a@upper.test", "a@sub.upper.test"])
def test_those_on_the_never_list_get_nothing(sender: str) -> None:
    assert ask(replace(PERSON, sender=sender)) == Verdict(None, False, "never-list", None)


def test_a_domain_that_only_ends_alike_is_not_on_the_never_list() -> None:
    assert ask(replace(PERSON, sender="a@notupper.test")).answerable


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "王老师",
        "a b@town.test",
        "@town.test",
        "a@",
        "a@town",
        "a@b@c.test",
        "a..b@town.test",
        "a@town.test\r\nBcc: x@y.test",
    ],
)
def test_no_answer_goes_to_what_is_no_address(sender: str) -> None:
    assert ask(replace(PERSON, sender=sender)) == Verdict(None, False, "no-sender", None)


@pytest.mark.parametrize(
    ("reply_to", "expected"),
    [
        (("li@town.test",), "li@town.test"),
        (("Li <LI@Town.test>",), "li@town.test"),
        (("li@other.test",), "wang@town.test"),
        (("li@town.test", "zhao@town.test"), "wang@town.test"),
        (("li@town.test, zhao@town.test",), "wang@town.test"),
        (("no-reply@town.test",), "wang@town.test"),
        (("nonsense",), "wang@town.test"),
        ((), "wang@town.test"),
    ],
)
def test_an_answer_goes_to_one_address_of_the_senders_own_domain(reply_to: tuple[str, ...], expected: str) -> None:
    assert ask(replace(PERSON, reply_to=reply_to)).reply_to == expected


def test_reply_to_ourselves_is_not_followed() -> None:
    mail = replace(PERSON, sender="wang@office.test", reply_to=("box@office.test",))
    assert ask(mail).reply_to == "wang@office.test"


@pytest.mark.parametrize(
    ("value", "expected"), [("no; x=1", "no"), ("Auto-Replied (vacation)", "auto-replied"), ("", "")]
)
def test_comments_and_parameters_are_left_out(value: str, expected: str) -> None:
    assert bare(value) == expected
