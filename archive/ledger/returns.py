"""What came back for our letters, and which addresses are no good because of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from archive.ledger.questions import ask
from archive.records import Event, Report
from archive.tables import DecisionRow, EventRow, LetterRow, QuestionRow, SubmissionRow

PEOPLE = ("submission", "query", "withdrawal")
"""Roles of a mail that a person wrote."""
QUIET = timedelta(days=1)
"""A letter that has not come back for so long was delivered."""
WITHIN = timedelta(days=30)
"""A report that names our letter only by address and subject speaks of one sent within this time."""

_FULL = re.compile(r"^[45]\.2\.2$")
_REFUSED = re.compile(r"^(550|551|553)\b(?!.*(\b5\.[27]\.\d|\bspam\b|内容|垃圾))", re.IGNORECASE | re.DOTALL)
"""What a server says at once of an address that does not exist; not of a full mailbox or of what it takes for spam."""


def note_report(session: Session, report: Report, number: str, at: datetime) -> list[Event]:
    """Record what came back, with the key of its letter; nothing when it is for none of ours.

    5.x.x: the letter is bounced and staff are asked; a full mailbox and 4.x.x are told but leave the address good.
    A complaint stops reminders to the address until staff have dealt with it.
    """
    row = _letter(session, report, at)
    if row is None:
        return []
    what = {"key": row.key, "what": report.what, "status": report.status, "recipient": row.recipient}
    kind = "letter-reported"
    if report.what == "complaint":
        kind = "letter-complaint"
        _ask(
            session, row, number, at, "complaint", "对方把我们的信投诉为垃圾邮件：", "处理完这一行之前，此地址不再提醒"
        )
    elif report.what == "bounce":
        kind = "letter-bounced"
        row.state, row.trouble = "bounced", f"退信 {report.status or '原因不明'}"
        session.add(row)
        if _FULL.match(report.status or ""):
            _ask(session, row, number, at, "mailbox-full", "对方邮箱已满，退回了", "地址仍然有效；急事请电话联系")
        else:
            why = f"被退回（{report.status or '未说明原因'}），请核实邮箱地址"
            _ask(session, row, number, at, "bounced", why, "此地址不再用于提醒，请电话联系；该地址再来信即恢复")
    return [Event(at, kind, number, row.campaign, row.unit, "auto", what)]


def _ask(session: Session, row: LetterRow, number: str, at: datetime, kind: str, words: str, consequence: str) -> None:
    text = f"{words}《{row.subject}》" if words.endswith(("：", "了")) else words
    ask(session, kind, f"{_to(row.recipient)}{text}", consequence, at, row.campaign, row.unit, number)


def _to(address: str) -> str:
    return f"发往 {address} 的信件"


def _letter(session: Session, report: Report, at: datetime) -> LetterRow | None:
    """By Message-ID; else the newest letter to one of the addresses whose subject stands in the report's words."""
    if report.ids:
        row = session.exec(select(LetterRow).where(col(LetterRow.message_id).in_(report.ids))).first()
        if row is not None:
            return row
    if not report.recipients:
        return None
    words, addresses = _squeezed(report.words), [each.lower() for each in report.recipients]
    sent = session.exec(
        select(LetterRow)
        .where(func.lower(LetterRow.recipient).in_(addresses), col(LetterRow.sent) > at - WITHIN)
        .order_by(col(LetterRow.sent).desc())
    ).all()
    named = (row for row in sent if _squeezed(row.subject) in words)
    no_such_user = report.what == "bounce" and (report.status or "").startswith("5.1.")
    return next(named, sent[0] if sent and no_such_user else None)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def heard_from(session: Session, senders: Iterable[str], at: datetime) -> None:
    """A person wrote from these addresses: what staff were asked of them as bounced is settled."""
    open_ = session.exec(select(QuestionRow).where(QuestionRow.kind == "bounced", col(QuestionRow.settled).is_(None)))
    begins = tuple(_to(sender.lower()) for sender in senders if sender)
    for row in open_:
        if begins and row.question.lower().startswith(begins):
            row.settled, row.settled_by = at, "auto"
            session.add(row)


def bad_addresses(session: Session, now: datetime) -> dict[str, str]:
    """Address (lower case) → why no letter but an answer goes to it, in words for staff.

    It bounced or was refused for good, and since then no person wrote from it, and no letter to it has been out for a
    day without coming back; or somebody there complained, and staff have not dealt with it yet.
    """
    found: dict[str, str] = {}
    for address, (since, why) in _bounced(session).items():
        if not _heard_of(session, address, since) and not _reached(session, address, since, now):
            found[address] = why
    return found | dict.fromkeys(_complaining(session), "对方把我们的信投诉为垃圾邮件，尚未处理")


def _bounced(session: Session) -> dict[str, tuple[datetime, str]]:
    """Address → when it last proved bad, and how."""
    failed = select(LetterRow.key, LetterRow.recipient).where(col(LetterRow.state).in_(("bounced", "failed")))
    recipients = dict(session.exec(failed).all())
    if not recipients:
        return {}
    told = select(EventRow.at, EventRow.kind, EventRow.value).order_by(col(EventRow.id))
    found: dict[str, tuple[datetime, str]] = {}
    for at, kind, value in session.exec(told.where(col(EventRow.kind).in_(("letter-bounced", "letter-failed")))):
        why = _why(kind, value)
        if why and value["key"] in recipients:
            found[recipients[value["key"]].lower()] = at, why
    return found


def _why(kind: str, value: Mapping[str, Any]) -> str | None:
    """What is wrong with the address of a letter that did not arrive; None when nothing is."""
    if kind == "letter-bounced":
        status = value.get("status") or ""
        return None if _FULL.match(status) else f"退信（{status or '未说明原因'}）"
    trouble = value.get("trouble") or ""
    return f"对方服务器拒收（{trouble}）" if _REFUSED.match(trouble) else None


def _heard_of(session: Session, address: str, since: datetime) -> bool:
    mails = select(SubmissionRow.number).join(DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
    return (
        session.exec(
            mails.where(
                func.lower(SubmissionRow.sender) == address,
                SubmissionRow.received > since,
                col(DecisionRow.current).is_(True),
                col(DecisionRow.role).in_(PEOPLE),
            )
        ).first()
        is not None
    )


def _reached(session: Session, address: str, since: datetime, now: datetime) -> bool:
    letters = select(LetterRow.key).where(func.lower(LetterRow.recipient) == address, LetterRow.state == "sent")
    out = col(LetterRow.sent)
    return session.exec(letters.where(out > since, out <= now - QUIET)).first() is not None


def _complaining(session: Session) -> set[str]:
    open_ = select(QuestionRow.number).where(QuestionRow.kind == "complaint", col(QuestionRow.settled).is_(None))
    numbers = [number for number in session.exec(open_) if number]
    told = select(EventRow.value).where(EventRow.kind == "letter-complaint", col(EventRow.number).in_(numbers))
    return {str(value["recipient"]).lower() for value in session.exec(told)} if numbers else set()
