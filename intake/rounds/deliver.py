"""Delivering: lease one letter, send it, mark it. 250 is sent; a connection lost after the final dot is tried again
with the same bytes and Message-ID, the only way a letter can go twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from archive.ledger.letters import Caps, Leased
from archive.ledger.projected import KINDS
from archive.records import Question
from config.secrets import SecretMissing
from intake.post import Permanent, Sent, SmtpDown, Transient, Unknown, send
from intake.rounds.office import Office
from intake.rounds.remind import NO_REASON, decided_again

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
AGAIN = timedelta(minutes=15)
"""When a letter whose reason is in doubt is looked at again."""
BACK_OFF = (1, 5, 15, 60, 180, 360, 720)
"""Minutes to the next try after the first, second, … transient failure."""


def sending(office: Office) -> str | None:
    """Why nothing leaves now; None when letters may leave."""
    if not office.config.settings.answers.sending:
        return "发送开关未打开（settings.yaml 中 answers.sending: true 后才会发信）"
    held: str | None = office.ledger.versions.get("sending-held")
    return held


def deliver_one(office: Office) -> bool:
    """Send the most urgent letter that may leave now; False when there is none."""
    if sending(office) is not None:
        return False
    answers = office.config.settings.answers
    caps = Caps(answers.per_hour, answers.per_day, answers.per_address_hour, answers.per_address_day)
    leased = office.ledger.letters.lease_one(office.now(), LEASE, caps)
    if leased is None:
        return False
    if leased.letter.kind not in KINDS or _has_reason(office, leased):
        _send(office, leased)
    return True


def _has_reason(office: Office, leased: Leased) -> bool:
    """A reminder is decided again when it is about to leave: it never goes after arrival, at night or on a day off."""
    letter, now = leased.letter, office.now()
    due = decided_again(office, letter)
    if due is not None and due.letter and due.due <= now:
        return True
    if due is None:
        office.ledger.letters.outcome(letter.key, "cancelled", now, NO_REASON)
    elif letter.tries == 1:
        office.ledger.projected.put_back(letter.key, due.reason, max(due.due, now + AGAIN))
    else:
        office.ledger.letters.outcome(letter.key, "deferred", now, due.reason, max(due.due, now + AGAIN))
    return False


def _send(office: Office, leased: Leased) -> None:
    letter, letters = leased.letter, office.ledger.letters
    box = office.config.settings.mailboxes.get(leased.mailbox)
    if box is None or box.smtp is None:
        letters.outcome(letter.key, "held", office.now(), f"邮箱 {leased.mailbox} 没有设置发信服务器（smtp）")
        return
    try:
        password = office.secret(box.smtp.password) if box.smtp.user else ""
        outcome = asyncio.run(send(box.smtp, password, box.address, letter.to, letter.body))
    except (SmtpDown, SecretMissing) as trouble:
        sentence = str(trouble)
        _later(office, leased, sentence)
        question = Question(0, "smtp-down", None, None, f"发信服务器：{sentence}", (), "信件稍后自动重发", office.now())
        office.ledger.decisions.ask(question, letter.campaign, None)
        return
    match outcome:
        case Sent():
            letters.outcome(letter.key, "sent", office.now(), None)
        case Permanent(code, text):
            letters.outcome(letter.key, "failed", office.now(), f"{code} {text}")
        case Transient(code, text):
            _later(office, leased, f"{code} {text}")
        case Unknown(text):
            _later(office, leased, f"发送结果不明：{text}")


def _later(office: Office, leased: Leased, trouble: str) -> None:
    letter, now = leased.letter, office.now()
    if letter.tries > len(BACK_OFF):
        office.ledger.letters.outcome(letter.key, "failed", now, f"多次发送未成功：{trouble}")
        return
    wait = timedelta(minutes=BACK_OFF[max(letter.tries, 1) - 1])
    office.ledger.letters.outcome(letter.key, "deferred", now, trouble, now + wait)
