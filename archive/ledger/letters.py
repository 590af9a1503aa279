"""Letters: the outbox, and what came back for a letter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from archive.ledger import events, leases, returns
from archive.ledger.engine import Store
from archive.ledger.leases import Caps, Leased
from archive.ledger.questions import ask
from archive.records import Event, Letter, LetterState
from archive.tables import LetterRow, QuestionRow

UNSENT = ("planned", "draft", "held", "queued")


@dataclass(frozen=True)
class NewLetter:
    """A letter to put into the outbox; priority 0 leaves first. asks: a question to staff that goes with it."""

    letter: Letter
    mailbox: str
    priority: int
    faults: tuple[str, ...] = ()
    asks: str | None = None
    also_hold: str | None = None
    """Unsent letters that name this `item:code` are held too."""


_LETTERS = SQLModel.metadata.tables["letter"]
_BY_MESSAGE_ID = sql_select(_LETTERS.c.campaign, _LETTERS.c.unit).where(_LETTERS.c.message_id == bindparam("id"))
"""Asked for every mail that comes, so without the ORM."""


# --- inside a running transaction


def insert_letter(session: Session, new: NewLetter, at: datetime) -> None:
    """Put a letter into the outbox inside a running transaction, with what it asks of staff."""
    letter = new.letter
    session.add(
        LetterRow(
            key=letter.key,
            kind=letter.kind,
            priority=new.priority,
            mailbox=new.mailbox,
            campaign=letter.campaign,
            unit=letter.unit,
            recipient=letter.to,
            subject=letter.subject,
            numbers=list(letter.numbers),
            faults=list(new.faults),
            state=letter.state,
            due=letter.due,
            expires=letter.expires,
            created=at,
            message_id=str(letter.message_id),
            body=letter.body,
            text=letter.text,
            said=dict(letter.said) or None,
        )
    )
    session.flush()
    what = {"key": letter.key, "kind": letter.kind, "to": letter.to, "numbers": list(letter.numbers)}
    events.add(session, [Event(at, "letter-written", None, letter.campaign, letter.unit, "auto", what)])
    if new.asks:
        open_ = session.exec(
            select(QuestionRow).where(QuestionRow.question == new.asks, col(QuestionRow.settled).is_(None))
        ).first()
        if open_ is None:
            way = "相关补报通知已暂缓；确认无误后在待发中放行"
            ask(session, "rule-fails-for-many", new.asks, way, at, letter.campaign)
    if new.also_hold:
        for row in session.exec(
            select(LetterRow).where(LetterRow.campaign == letter.campaign, LetterRow.state == "queued")
        ):
            if new.also_hold in row.faults and row.tries == 0:
                row.state = "held"
                session.add(row)


def letter_of(row: LetterRow) -> Letter:
    """The letter of a row."""
    state: Any = row.state
    kind: Any = row.kind
    return Letter(
        row.key,
        kind,
        row.campaign,
        row.unit,
        row.recipient,
        row.subject,
        tuple(row.numbers),
        state,
        row.due,
        row.sent,
        row.message_id,
        row.body,
        row.text,
        row.tries,
        row.trouble,
        row.expires,
        row.said or {},
    )


class Letters:
    """What is said, and whether it left."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, new: NewLetter, at: datetime) -> bool:
        """Write a letter once; False when its key is already there."""
        with self._store.write() as session:
            if session.get(LetterRow, new.letter.key) is not None:
                return False
            insert_letter(session, new, at)
            return True

    def said(self, campaign: str, unit: str | None = None) -> tuple[Letter, ...]:
        """All letters of a campaign, or those of one of its units, oldest first."""
        mine = select(LetterRow).where(LetterRow.campaign == campaign)
        if unit is not None:
            mine = mine.where(LetterRow.unit == unit)
        with self._store.read() as session:
            return tuple(letter_of(row) for row in session.exec(mine.order_by(col(LetterRow.created))))

    def outbox(self) -> tuple[Letter, ...]:
        """All letters, oldest first."""
        with self._store.read() as session:
            rows = session.exec(select(LetterRow).order_by(col(LetterRow.created), col(LetterRow.key)))
            return tuple(letter_of(row) for row in rows)

    def of(self, number: str) -> tuple[str, ...]:
        """Keys of the letters that answer this 件, oldest first."""
        named = cast(col(LetterRow.numbers), Text).contains(f'"{number}"', autoescape=True)
        with self._store.read() as session:
            found = session.exec(
                select(LetterRow.key).where(named, LetterRow.state != "cancelled").order_by(col(LetterRow.created))
            )
            return tuple(found)

    def by_message_id(self, message_id: str) -> tuple[str | None, str | None] | None:
        """Campaign and unit of the letter that had this Message-ID."""
        with self._store.read() as session:
            row = session.connection().execute(_BY_MESSAGE_ID, {"id": message_id}).first()
            return None if row is None else (row.campaign, row.unit)

    def last_sent(self, message_ids: Sequence[str]) -> datetime | None:
        """When the newest of our letters with these Message-IDs left; None when none of them did."""
        with self._store.read() as session:
            ids = col(LetterRow.message_id).in_(message_ids)
            return session.exec(select(func.max(LetterRow.sent)).where(ids)).one()

    def last_sent_to(self, address: str) -> datetime | None:
        """When the newest of our letters to this address left; None when none did."""
        with self._store.read() as session:
            to = col(LetterRow.recipient).in_((address, address.lower()))
            return session.exec(select(func.max(LetterRow.sent)).where(to)).one()

    def asks_to_mend(self, message_id: str) -> frozenset[str] | None:
        """The items that a 补报通知 or 更正 of ours with this Message-ID asked to mend; None when it asked for none."""
        with self._store.read() as session:
            row = session.exec(select(LetterRow).where(LetterRow.message_id == message_id)).first()
            if row is None or row.kind not in ("shortfall", "change"):
                return None
            faults = [fault.partition(":") for fault in row.faults]
            items = frozenset(item for item, _, code in faults if code)
            return items if items or row.kind == "shortfall" else None

    def bad_addresses(self, now: datetime) -> dict[str, str]:
        """Address (lower case) → why no letter but an answer goes to it, in words for staff."""
        with self._store.read() as session:
            return returns.bad_addresses(session, now)

    def bounced_addresses(self, now: datetime) -> frozenset[str]:
        """Addresses (lower case) that are no good as of now; see `bad_addresses`."""
        return frozenset(self.bad_addresses(now))

    def uncopied(self, mailbox: str, since: datetime, most: int = 200) -> tuple[Letter, ...]:
        """Letters that left this mailbox after `since` and of which no copy was laid into its Sent folder yet."""
        left = (col(LetterRow.sent) > since) & col(LetterRow.copied).is_(None) & (LetterRow.mailbox == mailbox)
        with self._store.read() as session:
            rows = session.exec(select(LetterRow).where(left).order_by(col(LetterRow.sent)).limit(most))
            return tuple(letter_of(row) for row in rows)

    def copied(self, key: str, at: datetime) -> None:
        """Its copy lies in the Sent folder."""
        with self._store.write() as session:
            session.execute(update(LetterRow).where(col(LetterRow.key) == key).values(copied=at))

    def set_state(self, keys: Sequence[str] | None, was: Sequence[str], to: LetterState, at: datetime, who: str) -> int:
        """Release, hold or cancel the letters named (None = all) that are in one of the states `was`."""
        with self._store.write() as session:
            query = select(LetterRow).where(col(LetterRow.state).in_(was))
            if keys is not None:
                query = query.where(col(LetterRow.key).in_(keys))
            rows = session.exec(query).all()
            for row in rows:
                row.state = to
                session.add(row)
            events.add(
                session,
                [Event(at, f"letter-{to}", None, r.campaign, r.unit, who, {"key": r.key}) for r in rows],
            )
            return len(rows)

    def lease_one(
        self, now: datetime, lease: timedelta, caps: Caps, resting: Collection[str] = frozenset()
    ) -> Leased | None:
        """Take the most urgent letter that may leave now; a lease that ran out is taken again, with the same bytes.

        resting: mailboxes from which nothing leaves now.
        """
        with self._store.write() as session:
            leases.cancel_expired(session, now)
            row = leases.take(session, now, lease, caps, resting)
            return None if row is None else Leased(letter_of(row), row.mailbox)

    def outcome(
        self, key: str, state: LetterState, at: datetime, trouble: str | None, next_try: datetime | None = None
    ) -> None:
        """What became of a leased letter: sent, deferred (with the next try), failed."""
        with self._store.write() as session:
            row = session.get(LetterRow, key)
            if row is None:
                raise KeyError(key)
            row.state, row.trouble, row.next_try, row.lease = state, trouble, next_try, None
            if state == "sent":
                row.sent = at
            session.add(row)
            what: dict[str, Any] = {"key": key, "kind": row.kind, "to": row.recipient, "message_id": row.message_id}
            what |= {"numbers": row.numbers, "trouble": trouble}
            events.add(session, [Event(at, f"letter-{state}", None, row.campaign, row.unit, "auto", what)])
            if state == "failed":
                text = f"发往 {row.recipient} 的信件《{row.subject}》发送失败：{trouble}"
                way = "对方未收到此信，请电话联系或更正地址后重发"
                ask(session, "letter-failed", text, way, at, row.campaign, row.unit)
