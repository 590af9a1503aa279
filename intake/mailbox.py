"""Reads one mailbox: new mails stream into the spool, nothing is passed over, nothing hangs; IMAP ends in this file.

*Seen* is (mailbox, folder, UIDVALIDITY, UID), never the server's UNSEEN: staff read the mailbox too. UIDs are listed by
FETCH in closed windows; SEARCH, which several Chinese servers answer from a stale index, is asked only where the server
refuses that FETCH. A mail counts as fetched when its own UID came back with the length the server told before.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from archive.records import Source
from config.settings import LimitSettings, MailboxSettings
from intake.imap.answers import Answer, Literal, Spool, SpoolFailed, read_answers, read_texts
from intake.imap.session import FolderRefused, FolderStatus, LoginRefused, MailboxDown, Session, is_bad, words
from intake.imap.stream import StreamingClient

__all__ = [
    "Backoff",
    "FolderRefused",
    "FolderState",
    "FolderStatus",
    "Left",
    "LoginRefused",
    "Looked",
    "Mailbox",
    "MailboxDown",
    "SpoolFailed",
    "Spooled",
    "Unfetched",
]

WIDEST_WINDOW = 16_000
"""UIDs in one listing: it begins with one batch and grows over gaps up to this."""
FETCH_MAILS = 100
FETCH_BYTES = 4 * 1024 * 1024
"""Mails and bytes of one body FETCH; a larger mail is fetched alone."""
SETTLE_MAILS = 200
HEADER_BYTES = 60_000


@dataclass(frozen=True)
class FolderState:
    """What the ledger knows of a folder.

    cursor: highest UID below which (and with which) all have rows. rows: UIDs above it that have a final row.
    uidnext, exists, reconciled: as of the last look.
    """

    uidvalidity: int | None = None
    cursor: int = 0
    rows: frozenset[int] = frozenset()
    uidnext: int | None = None
    exists: int | None = None
    reconciled: datetime | None = None


@dataclass(frozen=True)
class Spooled:
    """A mail that lies whole in `folder`/message.eml (not yet synced). received: INTERNALDATE in UTC; a server that
    gives none: the moment it was fetched."""

    source: Source
    folder: Path
    sha256: str
    size: int
    received: datetime


@dataclass(frozen=True)
class Left:
    """A mail larger than `limits.mail_bytes`: it stays on the server and staff are told."""

    source: Source
    size: int
    received: datetime | None


@dataclass(frozen=True)
class Unfetched:
    """The server gave nothing usable for this UID; try again later. why: Chinese."""

    source: Source
    why: str


@dataclass(frozen=True)
class Looked:
    """How far the last `new()` looked: what is in (cursor, high] without a row and not `present` does not exist."""

    high: int
    present: frozenset[int]


@dataclass(frozen=True)
class Backoff:
    """How long to leave a mailbox alone after failures: doubling from `first` to `longest` seconds, with jitter
    (QQ locks out clients that log in every 15 s)."""

    first: float = 30.0
    longest: float = 1800.0

    def delay(self, failures: int, chance: float) -> float:
        """Seconds until the next try after so many failures in a row (≥ 1); chance in [0, 1) spreads by up to 25 %."""
        plain = min(self.longest, self.first * 2.0 ** min(max(failures, 1) - 1, 30))
        return min(self.longest, plain * (1 + chance / 4))


Outcome = Spooled | Left | Unfetched


@dataclass(frozen=True)
class _Wanted:
    source: Source
    size: int
    received: datetime | None


class Mailbox:
    """One connection to one mailbox, for one thread. Connects on `connect()` or on entering the context.

    After any MailboxDown but FolderRefused and a plain NO the connection is gone; `connect()` makes a new one.
    """

    looked: Looked = Looked(0, frozenset())
    """What the last `new()` saw, valid once it is exhausted."""

    def __init__(
        self,
        name: str,
        settings: MailboxSettings,
        password: str,
        spool: Path,
        limits: LimitSettings,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._spool = spool
        self._limits = limits
        read_only = settings.settle == "nothing"
        self._session = Session(settings.imap, password, settings.id_name, read_only, trust)

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Connect, log in, say who we are (RFC 2971: NetEase opens no folder without). LoginRefused, MailboxDown."""
        self._session.connect()

    def close(self) -> None:
        """Log out if the server still listens. Never raises."""
        self._session.close()

    def open(self, folder: str) -> FolderStatus:
        """Open a folder by its plain name: EXAMINE while nothing is settled, so that no flag changes, else SELECT.

        FolderRefused when the server says NO, MailboxDown for the rest.
        """
        return self._session.open(folder)

    # --- new mail -----------------------------------------------------------------------------------------------

    def new(self, state: FolderState, status: FolderStatus, skip: frozenset[int] = frozenset()) -> Iterator[Outcome]:
        """One batch of mails above the cursor without a row, by UID: at most `batch_mails` or `batch_bytes`.

        skip: UIDs to pass over this time (they failed before); they stay above the cursor. `looked` afterwards tells
        which UIDs exist. ValueError when `state` belongs to another UIDVALIDITY (begin with an empty state then).
        MailboxDown when the connection falls: what had arrived whole was yielded before, and the one mail that was
        under way as Unfetched, so that a mail which breaks the server cannot hold up those behind it for ever.
        """
        if state.uidvalidity not in (None, status.uidvalidity):
            raise ValueError("the state belongs to another UIDVALIDITY")
        batch: list[_Wanted] = []
        total = 0
        for wanted in self._listed(state, status, skip):
            if isinstance(wanted, Unfetched):
                yield wanted
            elif wanted.size > self._limits.mail_bytes:
                yield Left(wanted.source, wanted.size, wanted.received)
            elif batch and (len(batch) >= self._limits.batch_mails or total + wanted.size > self._limits.batch_bytes):
                self.looked = Looked(wanted.source.uid - 1, self.looked.present)
                break
            else:
                batch.append(wanted)
                total += wanted.size
        for group in _groups(batch):
            yield from self._fetch(group)

    def _listed(self, state: FolderState, status: FolderStatus, skip: frozenset[int]) -> Iterator[_Wanted | Unfetched]:
        low, width = state.cursor + 1, self._limits.batch_mails
        top = max(status.uidnext, state.uidnext or 0) - 1
        self.looked = Looked(state.cursor, frozenset())
        while low <= top:
            while low in state.rows:  # one mail that fails for weeks must not make each poll list all behind it
                low += 1
            high = min(top, low + width - 1)
            if low > high:
                self.looked = Looked(top, self.looked.present)
                return
            with self._session.mapped("列出新邮件"):
                found = self._window(low, high, "(UID RFC822.SIZE INTERNALDATE)")
            self.looked = Looked(high, self.looked.present | found.keys())
            for uid in sorted(found.keys() - state.rows - skip):
                source = Source(self.name, self._session.folder, status.uidvalidity, uid, seen_at=datetime.now(UTC))
                size = found[uid].size
                if size is None:
                    yield Unfetched(source, "服务器没有说明这封邮件的大小")
                else:
                    yield _Wanted(source, size, found[uid].received)
            width = self._limits.batch_mails if found else min(width * 2, WIDEST_WINDOW)
            low = high + 1

    def present(self, low: int, high: int) -> frozenset[int]:
        """The UIDs from low to high (inclusive) that exist in the opened folder. MailboxDown."""
        found: set[int] = set()
        with self._session.mapped("核对邮件"):
            for start in range(low, high + 1, WIDEST_WINDOW):
                found |= self._window(start, min(high, start + WIDEST_WINDOW - 1), "(UID)").keys()
        return frozenset(found)

    def _window(self, low: int, high: int, items: str) -> dict[int, Answer]:
        """What exists from low to high. Answers for other UIDs are dropped, whatever the server sends."""
        client = self._session.client()
        kind, _ = client.uid_fetch(f"{low}:{high}", items)
        answers = read_answers(client.take_fetched())
        if kind == "NO":
            searched = client.search([b"UID", b"%d:%d" % (low, high)])
            answers = []
            uids = sorted({int(uid) for uid in searched if low <= int(uid) <= high})
            for start in range(0, len(uids), FETCH_MAILS):
                client.uid_fetch(_numbers(uids[start : start + FETCH_MAILS]), items)
                answers += read_answers(client.take_fetched())
            answers += [Answer(uid=uid) for uid in uids]
        self._session.watch()
        found: dict[int, Answer] = {}
        for answer in answers:
            if answer.uid is not None and low <= answer.uid <= high:
                found[answer.uid] = found.get(answer.uid, Answer()).joined(answer)
        return found

    def _fetch(self, group: Sequence[_Wanted]) -> Iterator[Outcome]:
        """The mails of one FETCH; what did not come is asked for once more, alone, before it counts as unfetched."""
        missing: list[_Wanted] = []
        for wanted, got in self._bodies(group):
            if isinstance(got, Literal):
                yield _spooled(wanted, got)
            elif len(group) == 1 or not self._session.alive:
                yield Unfetched(wanted.source, got)
            else:
                missing.append(wanted)
        for wanted in missing:
            for _, again in self._bodies([wanted]):
                yield _spooled(wanted, again) if isinstance(again, Literal) else Unfetched(wanted.source, again)

    def _bodies(self, group: Sequence[_Wanted]) -> Iterator[tuple[_Wanted, Literal | str]]:
        """Each mail of the group with its file or with the reason (Chinese) why there is none.

        When the connection falls: first what is whole, then the first that is not, then MailboxDown.
        """
        spool = Spool(self._spool, [wanted.size for wanted in group])
        down: MailboxDown | None = None
        said = ""
        client = self._session.client()
        try:
            try:
                with self._session.mapped("取信"):
                    uids = _numbers([wanted.source.uid for wanted in group])
                    kind, told = client.uid_fetch(uids, "(UID BODY.PEEK[])", spool)
                    said = "" if kind == "OK" else told
                    self._session.watch()
            except MailboxDown as error:
                down = error
            answers = read_answers(client.take_fetched())
            if client.current_uidvalidity() not in (None, group[0].source.uidvalidity):
                answers = []
            for wanted in group:
                got = _pick(wanted, answers, said)
                if isinstance(got, Literal):
                    spool.keep(got)
                elif down:
                    yield wanted, down.sentence
                    raise down
                yield wanted, got
            if down:
                raise down
        finally:
            spool.clear()

    # --- settling -----------------------------------------------------------------------------------------------

    def settle(self, uids: Sequence[int]) -> None:
        """Mark archived mails of the opened folder as the settings say: nothing, a keyword, or a move.

        Without MOVE: COPY, \\Deleted and UID EXPUNGE; without UIDPLUS they stay marked \\Deleted, for a plain EXPUNGE
        would take away what staff deleted. FolderRefused on NO, MailboxDown for the rest.
        """
        if self._settings.settle == "nothing":
            return
        for start in range(0, len(uids), SETTLE_MAILS):
            some = list(uids[start : start + SETTLE_MAILS])
            with self._session.mapped("标记已归档的邮件"):
                client = self._session.client()
                self._session.watch()
                try:
                    if self._settings.settle == "keyword":
                        client.add_flags(some, [self._settings.settle_to.encode()], silent=True)
                    else:
                        _move(client, some, self._settings.settle_to)
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error as error:
                    if is_bad(error):
                        raise
                    raise FolderRefused(
                        f"服务器不许标记或移动已归档的邮件（{words(error)}）。请核对 settle_to。"
                    ) from error

    # --- the Sent folder ----------------------------------------------------------------------------------------

    def lay(self, folder: str, message: bytes, at: datetime) -> None:
        """APPEND a message to a folder (its plain name), read already, with that INTERNALDATE.

        FolderRefused when the server says NO (no such folder, box full), MailboxDown for the rest.
        """
        with self._session.mapped(f"向“{folder}”存信"):
            client = self._session.client()
            try:
                client.append(folder, message, [b"\\Seen"], at)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                if is_bad(error):
                    raise
                names = "、".join(str(name) for _, _, name in client.list_folders())
                said = f"服务器不许把信存进文件夹“{folder}”（{words(error)}）。现有的文件夹：{names}。"
                raise FolderRefused(f"{said}请核对设置里的 sent_folder。") from error

    def has(self, message_id: str) -> bool:
        """Whether a mail with this Message-ID lies in the opened folder, as far as the server's index knows."""
        with self._session.mapped("查找已存的信"):
            client = self._session.client()
            try:
                return bool(client.search(["HEADER", "Message-ID", message_id]))
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                return False

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """UID → the mail's headers as the server sends them, at most HEADER_BYTES of each. MailboxDown."""
        found: dict[int, bytes] = {}
        with self._session.mapped("读取已发送的信"):
            client = self._session.client()
            for start in range(0, len(uids), FETCH_MAILS):
                some = uids[start : start + FETCH_MAILS]
                client.uid_fetch(_numbers(some), f"(UID BODY.PEEK[HEADER]<0.{HEADER_BYTES}>)")
                told = read_texts(client.take_fetched())
                found |= {uid: octets for uid, octets in told if uid in some}
            self._session.watch()
        return found


def _move(client: StreamingClient, uids: list[int], folder: str) -> None:
    if not client.folder_exists(folder):
        client.create_folder(folder)
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)


def _spooled(wanted: _Wanted, got: Literal) -> Spooled:
    received = wanted.received or datetime.now(UTC)
    return Spooled(wanted.source, got.folder, got.sha256, got.size, received)


def _pick(wanted: _Wanted, answers: Sequence[Answer], said: str) -> Literal | str:
    """The one whole literal that came for this UID, or why there is none."""
    mine = [answer for answer in answers if answer.uid == wanted.source.uid and answer.speaks_of_body]
    bodies = [answer.body for answer in mine if answer.body is not None]
    if not mine:
        return f"服务器没有给出这封邮件（{said}）" if said else "服务器没有给出这封邮件"
    if len(mine) > 1:
        return "服务器对这封邮件给出了几个答复"
    if not bodies:
        return "服务器说这封邮件没有内容"
    if bodies[0].size != wanted.size:
        return f"服务器给出 {bodies[0].size} 字节，而此前说有 {wanted.size} 字节"
    return bodies[0]


def _groups(batch: Sequence[_Wanted]) -> Iterator[list[_Wanted]]:
    group: list[_Wanted] = []
    total = 0
    for wanted in batch:
        if group and (len(group) >= FETCH_MAILS or total + wanted.size > FETCH_BYTES):
            yield group
            group, total = [], 0
        group.append(wanted)
        total += wanted.size
    if group:
        yield group


def _numbers(uids: Sequence[int]) -> str:
    """UIDs as an IMAP set; neighbours as ranges, so that the line stays short."""
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and ranges[-1][1] == uid - 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)
