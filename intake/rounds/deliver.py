"""Delivering: lease one letter, send it, mark it. 250 is sent; a connection lost after the final dot is tried again
with the same bytes and Message-ID, the only way a letter can go twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from archive.ledger.leases import Caps, Leased
from archive.ledger.projected import KINDS
from archive.records import Question
from config.secrets import SecretMissing
from intake.post import Outcome, Permanent, Post, Sent, SmtpDown, Transient, Unknown, is_of_the_server, is_suspicion
from intake.rounds.office import Office
from intake.rounds.pace import rest, resting, sends_again
from intake.rounds.planning import decided_again
from intake.rounds.remind import NO_REASON

log = structlog.get_logger()

LEASE = timedelta(minutes=30)
"""Longer than any sending takes, the ten minutes after the dot included: two programs never send the same letter."""
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


def deliver(
    office: Office, stop: threading.Event | None = None, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Send what may leave now, over one connection a mailbox; gives how many letters were dealt with.

    stop: once it is set, the letter under way is the last.
    """
    count = 0
    with Post() as post:
        while not (stop is not None and stop.is_set()) and deliver_one(office, post):
            count += 1
            progress(1)
    return count


def deliver_one(office: Office, post: Post | None = None) -> bool:
    """Send the most urgent letter that may leave now; False when there is none. post: a connection to be kept."""
    if post is None:
        with Post() as own:
            return deliver_one(office, own)
    if sending(office) is not None:
        return False
    answers = office.config.settings.answers
    caps = Caps(answers.per_hour, answers.per_day, answers.per_address_hour, answers.per_address_day)
    leased = office.ledger.letters.lease_one(office.now(), LEASE, caps, resting(office))
    if leased is None:
        return False
    if leased.letter.kind not in KINDS or _has_reason(office, leased):
        _send(office, post, leased)
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


def _send(office: Office, post: Post, leased: Leased) -> None:
    letter, letters = leased.letter, office.ledger.letters
    box = office.config.settings.mailboxes.get(leased.mailbox)
    if box is None or box.smtp is None:
        letters.outcome(letter.key, "held", office.now(), f"邮箱 {leased.mailbox} 没有设置发信服务器（smtp）")
        return
    try:
        password = office.secret(box.smtp.password) if box.smtp.user else ""
        outcome = post.send(box.smtp, password, box.sender, letter.to, letter.body)
    except (SmtpDown, SecretMissing) as trouble:
        _rests(office, leased, "smtp-down", str(trouble))
        return
    _mark(office, leased, outcome)


def _mark(office: Office, leased: Leased, outcome: Outcome) -> None:
    letter, letters = leased.letter, office.ledger.letters
    match outcome:
        case Sent():
            letters.outcome(letter.key, "sent", office.now(), None)
            sends_again(office, leased.mailbox)
            if letter.tries > 1:
                office.ledger.decisions.settle_kind("mailbox-full", _full(letter.to), office.now())
        case Permanent(552, text) if "5.3.4" not in text:  # RFC 5321: his mailbox is full; RFC 3463: too large a letter
            _later(office, leased, f"552 {text}")
            _tell_of_full(office, leased, text)
        case Permanent(code, text):
            letters.outcome(letter.key, "failed", office.now(), f"{code} {text}")
        case Transient(code, text) if is_suspicion(outcome):
            said = f"服务商把信判为垃圾邮件（{code} {text}），已放慢发信；一再出现请联系服务商，或调低 per_hour"
            _later(office, leased, f"{code} {text}")
            rest(office, leased.mailbox, "taken-for-spam", said)
        case Transient(code, text) if is_of_the_server(outcome):
            said = f"发信服务器{'没有应答' if code == 0 else '暂不收信'}（{f'{code} ' if code else ''}{text}）"
            _rests(office, leased, "smtp-down", said)
        case Transient(code, text):
            _later(office, leased, f"{code} {text}")
        case Unknown(text):
            _later(office, leased, f"发送结果不明：{text}")


def _full(address: str) -> str:
    return f"发往 {address} 的信件暂时送不到：对方邮箱已满"


def _tell_of_full(office: Office, leased: Leased, text: str) -> None:
    words = f"{_full(leased.letter.to)}（{text}）"
    question = Question(0, "mailbox-full", None, None, words, (), "稍后自动重发；急事请电话联系", office.now())
    office.ledger.decisions.ask(question, leased.letter.campaign, leased.letter.unit)


def _rests(office: Office, leased: Leased, kind: str, trouble: str) -> None:
    """The server refuses us, not this letter: it is never given up, and others of the mailbox wait too."""
    letter, now = leased.letter, office.now()
    wait = timedelta(minutes=min(60, BACK_OFF[min(letter.tries, len(BACK_OFF) - 1)]))
    office.ledger.letters.outcome(letter.key, "deferred", now, trouble, now + wait)
    rest(office, leased.mailbox, kind, trouble)


def _later(office: Office, leased: Leased, trouble: str) -> None:
    letter, now = leased.letter, office.now()
    if letter.tries > len(BACK_OFF):
        office.ledger.letters.outcome(letter.key, "failed", now, f"多次发送未成功：{trouble}")
        return
    wait = timedelta(minutes=BACK_OFF[max(letter.tries, 1) - 1])
    office.ledger.letters.outcome(letter.key, "deferred", now, trouble, now + wait)
