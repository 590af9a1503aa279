"""What comes back for a letter: reports for machines, and the 系统退信 of providers that only people can read."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from archive.records import Mail, Report
from config.settings import LimitSettings
from intake.guard import judge
from intake.mail import read_mail
from intake.returned import came_back

LETTER = "<0123456789abcdef01234567.baosong@office.example.test>"
OTHER = "<1@unit.example.test>"
GONE = "gone@unit.example.test"
OURS = frozenset({"box@office.example.test"})
SUBJECT = "【回执】“青春在岗位”活动来件已收悉（编号 WH2018-0042）"


def original(to: str = GONE) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "box@office.example.test", to, SUBJECT, LETTER
    mail.set_content("来件已收悉。\n")
    return mail


def notice(sender: str, subject: str, text: str = "", html: str = "", **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, "box@office.example.test", subject
    mail["Message-ID"] = "<notice-1@mx.example.test>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(text)
    return mail


def report(kind: str, *parts: tuple[str, str], subject: str = "Undelivered Mail Returned to Sender") -> bytes:
    """A multipart/report as servers write it."""
    lines = [
        "From: Mail Delivery System <mailer-daemon@mx.example.test>", "To: <box@office.example.test>",
        f"Subject: {subject}", "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"', "",
        "--b", "Content-Type: text/plain; charset=utf-8", "", "This is a report.",
    ]  # fmt: skip
    for mime, body in parts:
        lines += ["--b", f"Content-Type: {mime}", "", *body.splitlines()]
    return "\r\n".join([*lines, "--b--", ""]).encode()


RETURNED = f"From: box@office.example.test\nMessage-ID: {LETTER}\nSubject: x\n"


def dsn(status: str, action: str = "failed") -> bytes:
    fields = (
        f"Reporting-MTA: dns; mx.example.test\n\nFinal-Recipient: rfc822; {GONE}\nAction: {action}\nStatus: {status}"
    )
    return report("delivery-status", ("message/delivery-status", fields), ("text/rfc822-headers", RETURNED))


def read(tmp_path: Path, mail: EmailMessage | bytes) -> tuple[Mail, str]:
    """The mail as the journey reads it, and the guard's rule for it."""
    file = tmp_path / "message.eml"
    file.write_bytes(mail if isinstance(mail, bytes) else mail.as_bytes())
    found, _ = read_mail(file, tmp_path / "files", LimitSettings())
    return found, judge(found, OURS, {LETTER}.__contains__, ()).rule


def told(tmp_path: Path, mail: EmailMessage | bytes) -> Report | None:
    return came_back(*read(tmp_path, mail))


# --- for machines


@pytest.mark.parametrize(
    ("status", "what"), [("5.1.1", "bounce"), ("5.2.2", "bounce"), ("4.4.1", "delayed"), ("2.0.0", "read")]
)
def test_a_delivery_report_names_the_letter_its_address_and_what_became_of_it(
    tmp_path: Path, status: str, what: str
) -> None:
    found = told(tmp_path, dsn(status))
    assert found is not None
    assert (found.what, found.status, LETTER in found.ids, GONE in found.recipients) == (what, status, True, True)


def test_a_read_receipt_is_no_bounce(tmp_path: Path) -> None:
    fields = f"Final-Recipient: rfc822; {GONE}\nOriginal-Message-ID: {LETTER}\nDisposition: manual-action; displayed"
    mail = report("disposition-notification", ("message/disposition-notification", fields), subject="已读: 【回执】")
    found = told(tmp_path, mail)
    assert found is not None and (found.what, found.status) == ("read", None)
    assert LETTER in found.ids


def test_a_complaint_names_the_letter_of_its_original(tmp_path: Path) -> None:
    fields = "Feedback-Type: abuse\nUser-Agent: mx/1\nVersion: 1"
    parts = (("message/feedback-report", fields), ("message/rfc822", RETURNED + "\ntext"))
    found = told(tmp_path, report("feedback-report", *parts, subject="complaint about message"))
    assert found is not None and (found.what, found.ids) == ("complaint", (LETTER,))


@pytest.mark.parametrize(
    "mail",
    [
        notice("wang@unit.example.test", f"自动回复：{SUBJECT}", "我在外出差，回来后处理。"),
        notice("wang@unit.example.test", "外出", "我休假。", Auto_Submitted="auto-replied", In_Reply_To=LETTER),
        notice(
            "wang@unit.example.test", "Automatic reply: x", "away", X_Auto_Response_Suppress="All", References=LETTER
        ),
    ],
    ids=["subject alone", "header", "exchange"],
)
def test_an_automatic_answer_is_known_by_the_letter_it_names_or_by_sender_and_subject(
    tmp_path: Path, mail: EmailMessage
) -> None:
    found = told(tmp_path, mail)
    assert found is not None
    assert (found.what, found.recipients) == ("vacation", ("wang@unit.example.test",))
    assert LETTER in found.ids or SUBJECT in found.words


# --- for people alone


def qq() -> EmailMessage:
    """QQ: HTML that tells subject, address and reason; nothing attached."""
    html = (
        "<div><h2>很抱歉您发送的邮件被退回，以下是该邮件的相关信息：</h2><table>"
        f"<tr><td>被退回邮件</td><td>主题：{SUBJECT}<br>时间：2018-08-06 10:20:00</td></tr>"
        f"<tr><td>无法发送到</td><td>{GONE}</td></tr>"
        f"<tr><td>退信原因</td><td>收件人邮件地址（{GONE}）不存在，邮件无法送达。</td></tr></table></div>"
    )
    return notice("PostMaster@qq.example.test", "系统退信", html=html)


def netease() -> EmailMessage:
    """163: text that tells the reason with the server's words, the letter attached."""
    text = (
        "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n"
        f"收件人：{GONE}\n退信原因：SMTP error, RCPT TO: 550 User not found: {GONE}\n"
    )
    mail = notice("Postmaster@163.example.test", "系统退信", text)
    mail.add_attachment(original(), filename="原邮件.eml")
    return mail


def exim() -> EmailMessage:
    """Exim before it wrote reports: a copy of the headers as text, the address in a header."""
    text = (
        "A message that you sent could not be delivered to one or more of its recipients.\n\n"
        f"  {GONE}\n    SMTP error from remote mail server: 550 5.1.1 no such user\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{original().as_string()}"
    )
    subject = "Mail delivery failed: returning message to sender"
    return notice("Mailer-Daemon@mx.example.test", subject, text, X_Failed_Recipients=GONE)


def sina() -> EmailMessage:
    """The reason in words, the letter named by subject and address alone."""
    text = f"来自系统的退信\n您的邮件“{SUBJECT}”未能送达 <{GONE}>，原因：该用户不存在。"
    return notice("mailer-daemon@sina.example.test", "来自 sina.example.test 的退信", text)


@pytest.mark.parametrize("make", [qq, netease, exim, sina])
def test_a_returned_letter_of_a_provider_that_writes_for_people_is_understood(tmp_path: Path, make: object) -> None:
    assert callable(make)
    mail, rule = read(tmp_path, make())
    assert rule in ("bounce", "failed-recipients")
    found = came_back(mail, rule)
    assert found is not None and found.what == "bounce"
    assert found.status in ("5.1.1", "5.0.0") and GONE in found.recipients
    assert LETTER in found.ids or "".join(SUBJECT.split()) in "".join(found.words.split())


@pytest.mark.parametrize(
    ("reason", "status", "what"),
    [
        ("对方邮箱空间不足，无法接收", "5.2.2", "bounce"),
        ("552 5.2.2 mailbox is full", "5.2.2", "bounce"),
        ("对方拒收您的邮件，被判为垃圾邮件", "5.7.1", "bounce"),
        ("450 4.7.1 please try again later", "4.7.1", "delayed"),
        ("451 greylisted", "4.0.0", "delayed"),
        ("原因不明", None, "bounce"),
    ],
)
def test_the_reason_in_words_becomes_a_status(tmp_path: Path, reason: str, status: str | None, what: str) -> None:
    text = f"您发给 {GONE} 的邮件《{SUBJECT}》被退回。退信原因：{reason}。"
    found = told(tmp_path, notice("postmaster@mx.example.test", "系统退信", text))
    assert found is not None and (found.what, found.status) == (what, status)


def test_a_warning_that_a_letter_is_late_is_no_bounce(tmp_path: Path) -> None:
    mail = notice("mailer-daemon@mx.example.test", "Delivery status notification (delay)", "will be retried")
    found = told(tmp_path, mail)
    assert found is not None and found.what == "delayed"


def test_a_postmaster_who_only_answers_is_no_bounce(tmp_path: Path) -> None:
    mail = notice("postmaster@mx.example.test", "收到", "您的邮件已经收到。", In_Reply_To=LETTER)
    found = told(tmp_path, mail)
    assert found is not None and found.what == "delayed"


@pytest.mark.parametrize(
    "mail",
    [
        notice("wang@unit.example.test", "收到系统退信", f"给 {GONE} 的信退回来了，550 User not found"),
        notice("wang@unit.example.test", f"回复：{SUBJECT}", "补报材料见附件", In_Reply_To=LETTER),
    ],
    ids=["a person tells of it", "a person answers"],
)
def test_what_a_person_writes_reports_nothing(tmp_path: Path, mail: EmailMessage) -> None:
    assert told(tmp_path, mail) is None
