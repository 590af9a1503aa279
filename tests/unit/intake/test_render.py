"""The bytes of a letter: what a stranger's mail program reads is what was written, whatever came in."""

from __future__ import annotations

import email
import re
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import LetterKind
from intake.letters import Words
from intake.render import render
from intake.saying.wording import clean

WORDS = Words(
    "【补报通知】青年文明号优秀成果 [编号 WH2018-0042、WH2018-0043]",
    "共青团威海市环翠区委员会：\n\n　　已收悉。\n",
    "<!DOCTYPE html>\n<p>共青团威海市环翠区委员会：</p>\n",
)
GIVEN: dict[str, Any] = {
    "sender": "weihai@example.test",
    "sender_name": "威海市青年文明号活动领导小组办公室",
    "to": "hc@example.test",
    "message_id": "<WH2018-0042.r@baosong.example.test>",
    "date": datetime(2018, 8, 6, 10, 20, tzinfo=timezone(timedelta(hours=8))),
    "in_reply_to": "<their.1@example.test>",
    "references": ("<first@example.test>", "<their.1@example.test>"),
    "kind": "receipt",
    "token": "tok-1",
}


def written(words: Words = WORDS, **changes: Any) -> tuple[bytes, EmailMessage]:
    """The bytes and what the standard library reads in them."""
    data = render(words, **(GIVEN | changes))
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return data, message


def sender_name(data: bytes) -> str:
    """The display name as RFC 2047 has it (email.policy puts a space between adjacent encoded words of a phrase)."""
    phrase = str(email.message_from_bytes(data)["From"]).rpartition("<")[0].strip()
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1])
    return str(make_header(decode_header(phrase)))


def test_the_letter_reads_back_word_for_word() -> None:
    data, message = written()
    assert message["Subject"] == WORDS.subject
    assert sender_name(data) == GIVEN["sender_name"]
    assert message["From"].addresses[0].addr_spec == "weihai@example.test"
    assert message["To"].addresses[0].addr_spec == "hc@example.test"
    assert message["Date"].datetime == GIVEN["date"]
    assert message["Message-ID"] == GIVEN["message_id"]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == WORDS.text
    assert html.get_content().replace("\r\n", "\n") == WORDS.html
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects


def test_it_belongs_to_the_thread_it_answers() -> None:
    _, message = written()
    assert message["In-Reply-To"] == "<their.1@example.test>"
    assert message["References"].split() == ["<first@example.test>", "<their.1@example.test>"]
    _, fresh = written(in_reply_to=None, references=())
    assert fresh["In-Reply-To"] is None
    assert fresh["References"] is None


def test_references_gain_the_mail_that_is_answered_and_keep_the_first_of_a_long_thread() -> None:
    many = tuple(f"<{n}@example.test>" for n in range(60))
    _, message = written(references=many)
    kept = message["References"].split()
    assert len(kept) == 20
    assert kept[0] == "<0@example.test>"
    assert kept[-1] == "<their.1@example.test>"


@pytest.mark.parametrize(
    ("kind", "marked"),
    [
        ("receipt", "auto-replied"),
        ("complete", "auto-replied"),
        ("shortfall", "auto-replied"),
        ("neutral", "auto-replied"),
        ("thanks", "auto-replied"),
        ("reminder", "auto-generated"),
        ("overdue", "auto-generated"),
        ("digest", "auto-generated"),
    ],
)
def test_every_letter_says_that_a_machine_wrote_it(kind: LetterKind, marked: str) -> None:
    _, message = written(kind=kind)
    assert message["Auto-Submitted"] == marked
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Loop"] == "weihai@example.test"
    assert message["X-Baosong-Token"] == "tok-1"


def test_the_same_arguments_give_the_same_bytes_and_another_id_another_boundary() -> None:
    data, message = written()
    assert data == render(WORDS, **GIVEN)
    assert written(message_id="<other@example.test>")[1].get_boundary() != message.get_boundary()


def test_bytes_are_ascii_with_crlf_only_and_short_lines() -> None:
    data, _ = written(Words("长" * 300, "长" * 5000 + "\n.\n", "<p>" + "长" * 5000))
    assert data.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(len(row) for row in data.split(b"\r\n")) <= 78
    assert data.endswith(b"--\r\n")


def test_a_reply_may_be_asked_to_another_address() -> None:
    assert written(reply_to="desk@example.test")[1]["Reply-To"] == "desk@example.test"
    assert written()[1]["Reply-To"] is None


@pytest.mark.parametrize("field", ["sender_name", "token", "in_reply_to"])
def test_no_value_from_outside_makes_a_header(field: str) -> None:
    data, message = written(WORDS, **{field: "x\r\nBcc: all@example.test\r\n\r\n<body@x>\u202e"})
    assert message["Bcc"] is None
    assert b"\r\nBcc" not in data
    assert not message.defects


def test_no_subject_makes_a_header() -> None:
    _, message = written(Words("回执\r\nBcc: all@example.test\x00\u202e", "x", "x"))
    assert message["Bcc"] is None
    assert message["Subject"] == "回执 Bcc: all@example.test"


def test_what_is_no_message_id_is_dropped_from_the_thread() -> None:
    _, message = written(
        in_reply_to="garbage", references=("no", "<a b@x>", "<ok@example.test>", "<" + "y" * 2000 + ">")
    )
    assert message["In-Reply-To"] is None
    assert message["References"] == "<ok@example.test>"


@pytest.mark.parametrize("bad", ["", "a", "a@b, c@d", "a@b\r\nBcc: c@d", "<a@b>", "a b@c", "张@example.test"])
@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
def test_an_address_that_is_not_one_plain_address_is_refused(field: str, bad: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        render(WORDS, **(GIVEN | {field: bad}))


def test_a_bad_message_id_or_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Message-ID"):
        render(WORDS, **(GIVEN | {"message_id": "a@b"}))
    with pytest.raises(ValueError, match="time zone"):
        render(WORDS, **(GIVEN | {"date": datetime(2018, 8, 6, 10, 20)}))  # noqa: DTZ001  a naive date is the point


def test_a_name_in_ascii_is_quoted() -> None:
    assert written(sender_name='Office "A", B\\C')[1]["From"].addresses[0].display_name == 'Office "A", B\\C'


def test_a_sender_without_a_name_is_its_address() -> None:
    assert written(sender_name="")[1]["From"].addresses[0].addr_spec == "weihai@example.test"


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_subject_and_name_come_back_clean_and_whole(subject: str, name: str) -> None:
    data, message = written(Words(subject, "x", "x"), sender_name=name)
    assert (message["Subject"] or "") == clean(subject, 400)
    assert sender_name(data) == clean(name, 120)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(len(row) for row in data.split(b"\r\n")) <= 998


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_comes_back_line_for_line(text: str) -> None:
    _, message = written(Words("s", text, "x"), date=datetime(2018, 8, 6, tzinfo=UTC))
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_payload(decode=True) == ("\r\n".join(text.splitlines()) + "\r\n").encode()
