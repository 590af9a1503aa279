"""Arrivals: which UIDs were seen, which numbers were reserved, and the one transaction that accepts a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import Session, SQLModel, col, select

from archive.ledger import decisions, events, returns, search, windows
from archive.ledger.engine import Store
from archive.ledger.held import as_submission
from archive.ledger.questions import ask, question_row
from archive.records import Channel, Decision, Event, Question, Report, Source, Submission, dump
from archive.tables import (
    AsideRow,
    CounterRow,
    FolderRow,
    MailboxRow,
    PieceRow,
    SightingRow,
    SubmissionRow,
    UidRow,
)

FINAL = ("archived", "duplicate", "aside", "left", "vanished")


@dataclass(frozen=True)
class FolderMemory:
    """What is known of one folder; uidvalidity None when it was never opened."""

    uidvalidity: int | None
    cursor: int
    rows: frozenset[int]
    uidnext: int | None
    messages: int | None
    reconciled: datetime | None


@dataclass(frozen=True)
class Wanted:
    """A number asked for: `code` and `year` form it, `mailbox` is the folder it will lie in."""

    source: Source
    mailbox: str
    code: str
    year: int
    channel: Channel
    received: datetime
    sha256: str
    size: int
    sender: str


@dataclass(frozen=True)
class Place:
    """A number and where its object lies; accepted = the ledger already has it."""

    number: str
    mailbox: str
    year: int
    accepted: bool


@dataclass(frozen=True)
class Accepted:
    """One 件 that is durable in the vault, with what was decided and how it is to be answered."""

    submission: Submission
    decision: Decision
    answering: windows.Answering | None = None
    questions: tuple[Question, ...] = ()
    report: Report | None = None
    whole: search.Whole = search.nothing_more
    """The whole text of a piece, for search."""


@dataclass(frozen=True)
class Sight:
    """A UID (or an imported file) that becomes no 件: duplicate aside left failed vanished."""

    source: Source
    state: str
    at: datetime
    sha256: str | None = None
    number: str | None = None
    why: str | None = None
    sender: str = ""
    subject: str = ""
    received: datetime | None = None
    file: str | None = None


class Arrivals:
    """From the first sight of a UID to an accepted 件."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- mailboxes and folders

    def connected(self, mailbox: str, at: datetime) -> datetime:
        """Note a successful connection; gives the time of the very first one."""
        with self._store.write() as session:
            row = session.get(MailboxRow, mailbox) or MailboxRow(name=mailbox)
            row.connected = row.connected or at
            row.last_success, row.failures, row.last_trouble, row.next_try = at, 0, None, None
            session.add(row)
            return row.connected

    def trouble(self, mailbox: str, at: datetime, sentence: str, next_try: datetime) -> int:
        """Note a failed poll; gives the number of failures in a row."""
        with self._store.write() as session:
            row = session.get(MailboxRow, mailbox) or MailboxRow(name=mailbox)
            if row.failures == 0:
                what = {"mailbox": mailbox, "sentence": sentence}
                events.add(session, [Event(at, "mailbox-down", None, None, None, "auto", what)])
            row.failures += 1
            row.last_trouble, row.next_try = sentence, next_try
            session.add(row)
            return row.failures

    def mailbox(self, name: str) -> MailboxRow | None:
        """How a mailbox fares; None when it was never tried."""
        with self._store.read() as session:
            return session.get(MailboxRow, name)

    def folder(self, mailbox: str, folder: str, tries: int = 3) -> FolderMemory:
        """What is known of a folder; a UID that could not be fetched `tries` times no longer holds the cursor."""
        with self._store.read() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is None:
                return FolderMemory(None, 0, frozenset(), None, None, None)
            final = col(UidRow.state).in_(FINAL) | ((col(UidRow.state) == "failed") & (col(UidRow.tries) >= tries))
            above = session.exec(
                select(UidRow.uid).where(
                    UidRow.mailbox == mailbox,
                    UidRow.folder == folder,
                    UidRow.uidvalidity == row.uidvalidity,
                    UidRow.uid > row.cursor,
                    final,
                )
            )
            return FolderMemory(
                row.uidvalidity, row.cursor, frozenset(above), row.uidnext, row.messages, row.reconciled
            )

    def open_folder(self, mailbox: str, folder: str, uidvalidity: int, at: datetime) -> bool:
        """Before reading: a changed UIDVALIDITY starts the folder again from UID 1. True when it changed."""
        with self._store.write() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is not None and row.uidvalidity == uidvalidity:
                return False
            changed = row is not None
            row = row or FolderRow(mailbox=mailbox, folder=folder)
            old, row.uidvalidity, row.cursor, row.uidnext, row.messages = row.uidvalidity, uidvalidity, 0, 0, 0
            row.reconciled = None
            session.add(row)
            if changed:
                what = {"mailbox": mailbox, "folder": folder, "was": old, "is": uidvalidity}
                events.add(session, [Event(at, "uidvalidity-changed", None, None, None, "auto", what)])
            return changed

    def advance(self, mailbox: str, folder: str, uidvalidity: int, cursor: int, uidnext: int, messages: int) -> None:
        """After a batch is accepted: all UIDs up to `cursor` have rows, and what the folder looked like."""
        with self._store.write() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is not None and row.uidvalidity == uidvalidity:
                row.cursor = max(row.cursor, cursor)
                row.uidnext, row.messages = uidnext, messages
                session.add(row)

    def rewind(self, mailbox: str, folder: str, cursor: int) -> None:
        """A mail below the cursor has no row: read on from before it."""
        with self._store.write() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is not None:
                row.cursor = min(row.cursor, cursor)
                session.add(row)

    def uids(self, mailbox: str, folder: str, uidvalidity: int, low: int, high: int) -> Mapping[int, str]:
        """UID -> state of the rows in a window, both ends included."""
        with self._store.read() as session:
            rows = session.exec(
                select(UidRow.uid, UidRow.state).where(
                    UidRow.mailbox == mailbox,
                    UidRow.folder == folder,
                    UidRow.uidvalidity == uidvalidity,
                    UidRow.uid >= low,
                    UidRow.uid <= high,
                )
            )
            return dict(rows.all())

    def reconciled(self, mailbox: str, folder: str, missing: Sequence[int], at: datetime) -> None:
        """A folder's window was compared with the server: UIDs that never came and are gone have vanished."""
        with self._store.write() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is None:
                return
            row.reconciled = at
            session.add(row)
            for uid in missing:
                source = Source(mailbox, folder, row.uidvalidity, uid)
                _put_uid(session, source, "vanished", at, None, None, "已不在服务器上")

    # --- numbers

    def known(self, sha256: Sequence[str]) -> Mapping[str, Place]:
        """Which of these bytes have a number already."""
        with self._store.read() as session:
            rows = session.exec(select(SubmissionRow).where(col(SubmissionRow.sha256).in_(sha256)))
            return {r.sha256: Place(r.number, r.mailbox, r.year, r.state != "reserved") for r in rows}

    def reserve(self, wanted: Sequence[Wanted], at: datetime) -> list[Place]:
        """Give numbers, committed before anything is filed; the same bytes get the number they already have."""
        with self._store.write() as session:
            rows = session.exec(select(SubmissionRow).where(col(SubmissionRow.sha256).in_([w.sha256 for w in wanted])))
            have = {r.sha256: Place(r.number, r.mailbox, r.year, r.state != "reserved") for r in rows}
            fresh = {want.sha256: want for want in wanted if want.sha256 not in have}
            numbers = _next_numbers(session, list(fresh.values()))
            for want, number in zip(fresh.values(), numbers, strict=True):
                have[want.sha256] = Place(number, want.mailbox, want.year, False)
            if fresh:
                session.execute(insert(SubmissionRow), [_reserved(w, have[w.sha256].number) for w in fresh.values()])
            places = [have[want.sha256] for want in wanted]
            seen = [
                (want.source, "reserved", place.number, want.sha256, None)
                for want, place in zip(wanted, places, strict=True)
                if want.source.uid and not place.accepted
            ]
            _uid_rows(session, seen, at)
            return places

    def reserved(self) -> list[Place]:
        """Numbers given but not accepted: of a batch under way, or left by a crash."""
        with self._store.read() as session:
            rows = session.exec(select(SubmissionRow).where(SubmissionRow.state == "reserved"))
            return [Place(r.number, r.mailbox, r.year, False) for r in rows]

    def accept(self, accepted: Sequence[Accepted], sights: Sequence[Sight], at: datetime) -> None:
        """One transaction: submissions, pieces, decisions, search, events, questions, UID rows, answer windows."""
        told: list[Event] = []
        with self._store.write() as session:
            _accept_rows(session, accepted)
            for one in accepted:
                told.append(_accepted_event(one, at))
                if one.report is not None:
                    told.extend(returns.note_report(session, one.report, one.submission.number, at))
            people = [one for one in accepted if one.decision.role in returns.PEOPLE]
            returns.heard_from(session, [one.submission.mail.sender for one in people], at)
            piece_rows(session, [one.submission for one in accepted])
            decisions.add(session, [(one.decision, True) for one in accepted])
            search.index_new(session, [(one.submission, one.decision, one.whole) for one in accepted])
            answered = [(one.submission.number, one.answering) for one in accepted if one.answering is not None]
            windows.join_windows(session, answered, at)
            _uid_rows(
                session,
                [
                    (one.submission.source, "archived", one.submission.number, one.submission.sha256, None)
                    for one in accepted
                    if one.submission.source.uid
                ],
                at,
            )
            for sight in sights:
                told.extend(_sight_row(session, sight))
            for one in accepted:
                session.add_all(question_row(q, one.decision.campaign, one.decision.unit) for q in one.questions)
            events.add(session, told)

    # --- reading

    def submission(self, number: str) -> Submission | None:
        """One 件 as received; None when there is none."""
        with self._store.read() as session:
            row = session.get(SubmissionRow, number)
            return None if row is None or row.value is None else as_submission(row)

    def piece_digests(self, number: str) -> dict[str, str]:
        """Path -> SHA-256 of the pieces of a 件, as they are looked up."""
        with self._store.read() as session:
            rows = session.exec(select(PieceRow.path, PieceRow.sha256).where(PieceRow.number == number))
            return dict(rows.all())

    def lately_from(self, sender: str, since: datetime) -> list[Submission]:
        """件 that came from this address since then."""
        with self._store.read() as session:
            query = select(SubmissionRow).where(SubmissionRow.sender == sender, SubmissionRow.received > since)
            rows = session.exec(query.where(SubmissionRow.state == "accepted"))
            return [as_submission(row) for row in rows]

    def by_message_id(self, ids: Sequence[str]) -> list[str]:
        """Numbers of the 件 that came with one of these Message-IDs."""
        with self._store.read() as session:
            query = select(SubmissionRow.number).where(col(SubmissionRow.message_id).in_(ids))
            return list(session.exec(query.where(SubmissionRow.state == "accepted")))

    def place(self, number: str) -> Place | None:
        """Where a number's object lies."""
        with self._store.read() as session:
            row = session.get(SubmissionRow, number)
            return None if row is None else Place(row.number, row.mailbox, row.year, row.state != "reserved")

    def numbers(self) -> list[str]:
        """All accepted numbers, in order of arrival here."""
        with self._store.read() as session:
            query = select(SubmissionRow.number).where(SubmissionRow.state == "accepted")
            return list(session.exec(query.order_by(col(SubmissionRow.received), col(SubmissionRow.number))))

    def sightings(self, number: str) -> list[dict[str, Any]]:
        """Where the same bytes were seen again."""
        with self._store.read() as session:
            return [row.value for row in session.exec(select(SightingRow).where(SightingRow.number == number))]

    def counts(self) -> dict[str, int]:
        """How many UIDs are in each state, over all mailboxes."""
        with self._store.read() as session:
            counts: dict[str, int] = {}
            for state in session.exec(select(UidRow.state)):
                counts[state] = counts.get(state, 0) + 1
            return counts

    def asides(self) -> list[AsideRow]:
        """Unrelated mail, newest first."""
        with self._store.read() as session:
            return list(session.exec(select(AsideRow).order_by(col(AsideRow.received).desc())))

    def drop_asides(self, before: datetime) -> list[str]:
        """Files of unrelated mail that came before `before`; their lines stay without a file."""
        with self._store.write() as session:
            query = select(AsideRow).where(AsideRow.since < before, col(AsideRow.file).is_not(None))
            files = []
            for row in session.exec(query):
                files.append(str(row.file))
                row.file = None
                session.add(row)
            return files


def _next_numbers(session: Session, wanted: Sequence[Wanted]) -> list[str]:
    counters: dict[tuple[str, int], CounterRow] = {}
    numbers = []
    for want in wanted:
        key = (want.code, want.year)
        if key not in counters:
            counters[key] = session.get(CounterRow, key) or CounterRow(code=want.code, year=want.year, last=0)
        counters[key].last += 1
        numbers.append(f"{want.code}{want.year}-{counters[key].last:04d}")
    session.add_all(counters.values())
    return numbers


def _reserved(want: Wanted, number: str) -> dict[str, Any]:
    return {
        "number": number,
        "mailbox": want.mailbox,
        "year": want.year,
        "state": "reserved",
        "channel": want.channel,
        "received": want.received,
        "sha256": want.sha256,
        "size": want.size,
        "sender": want.sender,
        "subject": "",
        "message_id": "",
    }


_SUBMISSIONS = SQLModel.metadata.tables["submission"]
_ACCEPT = (
    _SUBMISSIONS.update()
    .where(_SUBMISSIONS.c.number == bindparam("key"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("channel", "received", "sender", "subject", "message_id", "value")}
        | {"state": "accepted"}
    )
)


def _accept_rows(session: Session, accepted: Sequence[Accepted]) -> None:
    rows = [
        {
            "key": one.submission.number,
            "new_channel": one.submission.channel,
            "new_received": one.submission.received,
            "new_sender": one.submission.mail.sender,
            "new_subject": one.submission.mail.subject,
            "new_message_id": one.submission.mail.message_id,
            "new_value": dump(one.submission),
        }
        for one in accepted
    ]
    if rows:
        session.connection().execute(_ACCEPT, rows)


def _accepted_event(one: Accepted, at: datetime) -> Event:
    s, d = one.submission, one.decision
    what = {"sha256": s.sha256, "role": d.role, "channel": s.channel, "received": s.received.isoformat()}
    return Event(at, "accepted", s.number, d.campaign, d.unit, "auto", what)


def piece_rows(session: Session, submissions: Sequence[Submission]) -> None:
    """The pieces of 件, for looking up."""
    rows = [
        {
            "number": one.number,
            "path": p.path,
            "name": p.name,
            "sha256": p.sha256,
            "size": p.size,
            "type": p.facts.type,
        }
        for one in submissions
        for p in one.pieces
    ]
    if rows:
        session.execute(insert(PieceRow), rows)


def _sight_row(session: Session, sight: Sight) -> list[Event]:
    source = sight.source
    if source.uid:
        _put_uid(session, source, sight.state, sight.at, sight.number, sight.sha256, sight.why)
    what: dict[str, Any] = {"mailbox": source.mailbox, "folder": source.folder, "uid": source.uid}
    if sight.why:
        what["why"] = sight.why
    if sight.state == "duplicate":
        session.add(SightingRow(number=str(sight.number), value=dump(source)))
        return [Event(sight.at, "seen-again", sight.number, None, None, "auto", what | {"path": source.path})]
    if sight.state == "aside" and sight.sha256:
        if session.get(AsideRow, sight.sha256) is None:
            session.add(
                AsideRow(
                    sha256=sight.sha256,
                    mailbox=source.mailbox,
                    folder=source.folder,
                    uidvalidity=source.uidvalidity,
                    uid=source.uid,
                    sender=sight.sender,
                    subject=sight.subject,
                    received=sight.received or sight.at,
                    since=sight.at,
                    file=sight.file,
                )
            )
        return []
    if sight.state == "left":
        text = f"邮箱 {source.mailbox} 的 {source.folder} 中有一封邮件过大，未取回（{sight.why}）"
        ask(session, "mail-left", text, "请在网页邮箱中查看，必要时手工保存后用 import 导入", sight.at)
    return [Event(sight.at, f"uid-{sight.state}", sight.number, None, None, "auto", what)]


def _put_uid(
    session: Session, source: Source, state: str, at: datetime, number: str | None, sha256: str | None, why: str | None
) -> None:
    _uid_rows(session, [(source, state, number, sha256, why)], at)


def _uid_rows(
    session: Session, rows: Sequence[tuple[Source, str, str | None, str | None, str | None]], at: datetime
) -> None:
    if not rows:
        return
    statement = upsert(UidRow)
    statement = statement.on_conflict_do_update(
        index_elements=["mailbox", "folder", "uidvalidity", "uid"],
        set_={
            "state": statement.excluded.state,
            "number": statement.excluded.number,
            "sha256": statement.excluded.sha256,
            "why": statement.excluded.why,
            "at": statement.excluded.at,
            "tries": col(UidRow.tries) + statement.excluded.tries,
        },
    )
    session.execute(
        statement,
        [
            {
                "mailbox": source.mailbox,
                "folder": source.folder,
                "uidvalidity": source.uidvalidity,
                "uid": source.uid,
                "state": state,
                "number": number,
                "sha256": sha256,
                "why": why,
                "tries": 1 if state == "failed" else 0,
                "at": at,
            }
            for source, state, number, sha256, why in rows
        ],
    )
