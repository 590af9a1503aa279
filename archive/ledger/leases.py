"""Which letter may leave now: the most urgent one that is due, not leased, and within the caps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from archive.ledger import events
from archive.ledger.questions import ask
from archive.records import Event, Letter
from archive.tables import LetterRow

WAITING = ("queued", "deferred")
CAPPED = "已达"
"""How the reason begins of a letter that a cap holds back."""
EXPIRED = "截止时间已过，信件失去意义，请电话联系"


@dataclass(frozen=True)
class Caps:
    """Letters an hour and a day from one mailbox, and to one address."""

    per_hour: int
    per_day: int
    per_address_hour: int
    per_address_day: int


@dataclass(frozen=True)
class Leased:
    """A letter that is this caller's to send until the lease ends."""

    letter: Letter
    mailbox: str


def cancel_expired(session: Session, now: datetime) -> None:
    """Letters that did not leave while they had a sense: cancelled; if it was a unit's, staff are told to telephone."""
    rows = session.exec(
        select(LetterRow).where(
            col(LetterRow.state).in_((*WAITING, "sending")),
            col(LetterRow.expires).is_not(None),
            col(LetterRow.expires) <= now,
            col(LetterRow.lease).is_(None) | (col(LetterRow.lease) <= now),
        )
    )
    for row in rows:
        why = f"（{row.trouble}）" if row.trouble else ""
        row.state, row.trouble, row.lease = "cancelled", EXPIRED, None
        session.add(row)
        if row.kind != "digest":
            text = f"发往 {row.recipient} 的《{row.subject}》到截止时间仍未发出{why}，已作废"
            ask(session, "letter-expired", text, "请电话联系该单位", now, row.campaign, row.unit)
        what = {"key": row.key, "why": row.trouble}
        events.add(session, [Event(now, "letter-expired", None, row.campaign, row.unit, "auto", what)])


def take(session: Session, now: datetime, lease: timedelta, caps: Caps, resting: Collection[str]) -> LetterRow | None:
    """Lease the first letter in the order of priority and age that its caps let leave; those held back say why."""
    ready = _ready(now)
    full = set(resting)
    for mailbox in session.exec(select(LetterRow.mailbox).where(ready).distinct()):
        if mailbox not in full and (free := _full(session, LetterRow.mailbox, mailbox, now, caps)) is not None:
            full.add(mailbox)
            _say_why(session, ready, mailbox, free[1])
    order = (col(LetterRow.priority), col(LetterRow.created), col(LetterRow.key))
    first = select(LetterRow).where(ready, col(LetterRow.mailbox).not_in(full)).order_by(*order).limit(1)
    while (row := session.exec(first).first()) is not None:
        free = None if row.state == "sending" else _full(session, LetterRow.recipient, row.recipient, now, caps)
        session.add(row)
        if free is None:
            row.state, row.lease, row.tries = "sending", now + lease, row.tries + 1
            return row
        row.next_try, row.trouble = free
        session.flush()  # it is not ready any more
    return None


def _ready(now: datetime) -> ColumnElement[bool]:
    waiting = col(LetterRow.state).in_(WAITING)
    run_out = (col(LetterRow.state) == "sending") & (col(LetterRow.lease) <= now)
    due = col(LetterRow.due).is_(None) | (col(LetterRow.due) <= now)
    again = col(LetterRow.next_try).is_(None) | (col(LetterRow.next_try) <= now)
    return (waiting | run_out) & due & again


def _full(session: Session, which: Any, value: str, now: datetime, caps: Caps) -> tuple[datetime, str] | None:
    """When the caps of this mailbox or address let a letter leave, and why not now; None when one may leave now.

    A letter that is on its way counts as well.
    """
    of_address = which is LetterRow.recipient
    hour, day = (caps.per_address_hour, caps.per_address_day) if of_address else (caps.per_hour, caps.per_day)
    whose = "同一地址" if of_address else ""
    under_way = session.exec(
        select(func.count()).where(col(which) == value, LetterRow.state == "sending", col(LetterRow.lease) > now)
    ).one()
    for span, most, words in ((timedelta(hours=1), hour, "每小时"), (timedelta(days=1), day, "每日")):
        within = (col(which) == value, col(LetterRow.sent) > now - span)
        left = most - session.exec(select(func.count()).where(*within)).one() - under_way
        if left <= 0:
            sent = select(LetterRow.sent).where(*within).order_by(col(LetterRow.sent))
            freeing = session.exec(sent.offset(-left).limit(1)).first()
            return (freeing + span if freeing else now + timedelta(minutes=1)), (
                f"{CAPPED}{whose}{words}发信上限 {most} 封，稍后自动发出"
            )
    return None


def _say_why(session: Session, ready: ColumnElement[bool], mailbox: str, why: str) -> None:
    """Every letter of a full mailbox says why it waits."""
    silent = ready & (col(LetterRow.mailbox) == mailbox) & (LetterRow.state == "queued")
    silent &= col(LetterRow.trouble).is_(None) | (col(LetterRow.trouble) != why)
    session.execute(update(LetterRow).where(silent).values(trouble=why).execution_options(synchronize_session=False))
