"""What a mail that came back says of a letter of ours: bounced, delayed, read, answered by a machine, complained of.

Reports are RFC 3464 (delivery), RFC 8098 (read receipts) and RFC 5965 (complaints); 系统退信 of the big Chinese
providers are text for people, with the letter attached or only named by its address and subject. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from archive.records import Mail, Report
from intake.guard import is_bounce_subject

REPORTS = frozenset({"delivery-report", "bounce", "failed-recipients"})
"""Rules of the guard for mails that say what became of a letter."""
MACHINES = frozenset(
    {"null-sender", "auto-submitted", "precedence", "auto-response-suppress", "autoreply-header", "loop-header",
     "auto-reply-subject", "answers-at-once", "repeats-itself"}
)  # fmt: skip
"""Rules for what answers by itself."""
WORDS = 4000
"""Characters of a report that are read."""
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,120}\.baosong@[!-;=?-~]{1,120}>")
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -](?=\D)")
_MEANINGS: Mapping[str, re.Pattern[str]] = {
    "5.2.2": re.compile(
        r"(空间|容量|邮箱)已?(不足|满)|超出.{0,6}(容量|空间)|(mailbox|quota).{0,20}(full|exceed)|over ?quota"
    ),
    "5.1.1": re.compile(
        r"(收件人|用户|地址|邮箱|账号|帐号).{0,50}?(不存在|无效|有误|已注销)|无此用户|找不到收件人"
        r"|(user|recipient|mailbox|address).{0,30}(not found|not exist|unknown|unavailable|invalid)"
        r"|(unknown|no such) (user|recipient)"
    ),
    "5.7.1": re.compile(r"垃圾邮件|拒收|被.{0,6}拒绝|spam|blocked|denied|rejected"),
}  # fmt: skip
"""What a report means that says it in words alone, as an RFC 3463 status."""
_DELAYED = re.compile(r"延迟|延误|稍后.{0,6}重试|delay(ed)?\b|still being retried|warning:", re.IGNORECASE)


def came_back(mail: Mail, rule: str) -> Report | None:
    """What this mail reports of a letter, by the guard's rule that fired; None when it reports nothing.

    Whether the letter is one of ours is for whoever looks it up.
    """
    if rule == "feedback-report":
        return Report("complaint", _ids(mail), None, _recipients(mail), _words(mail))
    if rule == "read-receipt":
        return Report("read", _ids(mail), None, (mail.sender.lower(),), _words(mail))
    if rule in REPORTS:
        return _delivery(mail)
    if rule in MACHINES:
        return Report("vacation", (*mail.in_reply_to, *mail.references), None, (mail.sender.lower(),), mail.subject)
    return None


def _delivery(mail: Mail) -> Report:
    status = mail.report_status or _status(mail)
    failed = (status or "").startswith("5") or (status is None and is_bounce_subject(mail.subject))
    what: Literal["bounce", "delayed", "read"] = "bounce" if failed else "delayed"
    if (status or "").startswith("2"):
        what = "read"
    elif mail.report_status is None and _DELAYED.search(mail.subject):
        what = "delayed"
    return Report(what, _ids(mail), status, _recipients(mail), _words(mail))


def _ids(mail: Mail) -> tuple[str, ...]:
    """Every Message-ID the report may mean: as machines tell it, of the letter attached, as text, as its answer."""
    attached = tuple(each.message_id for each in mail.nested if each.message_id)
    written = tuple(_MESSAGE_ID.findall(f"{mail.text}\n{mail.quoted}"[:WORDS]))
    told = (mail.report_for,) if mail.report_for else ()
    return tuple(dict.fromkeys((*told, *attached, *written, *mail.in_reply_to, *mail.references)))


def _recipients(mail: Mail) -> tuple[str, ...]:
    told = (mail.report_recipient,) if mail.report_recipient else ()
    failed = tuple(value for name, value in mail.guard_headers if name == "x-failed-recipients")
    found = _ADDRESS.findall("\n".join((*told, *failed, mail.text[:WORDS], mail.quoted[:WORDS])))
    return tuple(dict.fromkeys(each.lower() for each in found))[:20]


def _words(mail: Mail) -> str:
    attached = "\n".join(each.subject for each in mail.nested)
    return "\n".join((mail.subject, attached, mail.text[:WORDS], mail.quoted[:WORDS]))


def _status(mail: Mail) -> str | None:
    """The status a report for people tells by number or in words."""
    text = mail.text[:WORDS]
    enhanced = _ENHANCED.search(text)
    if enhanced:
        return enhanced.group(1)
    meant = next((status for status, pattern in _MEANINGS.items() if pattern.search(text.lower())), None)
    code = _CODE.search(text)
    if meant is None or (code and code.group(1).startswith("4")):
        return f"{code.group(1)[0]}.0.0" if code else meant
    return meant
