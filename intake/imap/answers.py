"""What the server answered to FETCH, read with tolerance, and the spool into which mails stream while they arrive."""

from __future__ import annotations

import hashlib
import imaplib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from imapclient.datetime_util import parse_to_datetime

_UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{1,60})"', re.IGNORECASE)
_BODY = re.compile(rb"\bBODY\[\]", re.IGNORECASE)
_BODY_LITERAL = re.compile(rb"\bBODY\[\] ~?\{\d+\}$", re.IGNORECASE)
_FLAGS = re.compile(rb"\bFLAGS \([^)]*\)", re.IGNORECASE)


class SpoolFailed(Exception):
    """Writing to the spool failed (disk full, for instance): not the mailbox's fault. `sentence` is Chinese."""

    def __init__(self, error: OSError) -> None:
        self.sentence = f"写不进暂存文件夹（{error.strerror or error}）。请检查磁盘空间和权限。"
        super().__init__(self.sentence)


@dataclass(frozen=True)
class Literal:
    """One literal as it lies on disk: `folder`/message.eml."""

    folder: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Answer:
    """One FETCH answer; None = not said. speaks_of_body: BODY[] was mentioned, be it NIL."""

    uid: int | None = None
    size: int | None = None
    received: datetime | None = None
    body: Literal | None = None
    speaks_of_body: bool = False

    def joined(self, other: Answer) -> Answer:
        """Both answers about one UID as one; what the other says anew wins only where this one is silent."""
        return replace(
            self,
            uid=self.uid or other.uid,
            size=other.size if self.size is None else self.size,
            received=self.received or other.received,
        )


def read_answers(fetched: Sequence[object]) -> list[Answer]:
    """imaplib's list of FETCH answers as values. An answer that makes no sense says nothing (uid None)."""
    answers: list[Answer] = []
    text: list[bytes] = []
    body: Literal | None = None
    for piece in fetched:
        if isinstance(piece, tuple):
            before, literal = piece
            text.append(before)
            if isinstance(literal, Literal) and _BODY_LITERAL.search(before):
                body = literal
        elif isinstance(piece, bytes):
            text.append(piece)
            answers.append(_answer(b" ".join(text), body))
            text, body = [], None
    return answers


def read_texts(fetched: Sequence[object]) -> list[tuple[int, bytes]]:
    """(UID, octets) of FETCH answers that bring one small text each; those without a UID are left out."""
    found: list[tuple[int, bytes]] = []
    text, octets = b"", b""
    for piece in fetched:
        if isinstance(piece, tuple) and isinstance(piece[1], bytes):
            text, octets = text + piece[0], piece[1]
        elif isinstance(piece, bytes):
            uid = _UID.search(_FLAGS.sub(b"", text + piece))
            if uid:
                found.append((int(uid[1]), octets))
            text, octets = b"", b""
    return found


def _answer(text: bytes, body: Literal | None) -> Answer:
    text = _FLAGS.sub(b"", text)
    uid, size, date = _UID.search(text), _SIZE.search(text), _DATE.search(text)
    return Answer(
        uid=int(uid[1]) if uid else None,
        size=int(size[1]) if size else None,
        received=_moment(date[1]) if date else None,
        body=body,
        speaks_of_body=_BODY.search(text) is not None,
    )


def _moment(text: bytes) -> datetime | None:
    """INTERNALDATE in UTC; None when it is none or names no zone."""
    try:
        moment: datetime = parse_to_datetime(text, normalise=False)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


@dataclass
class Spool:
    """Takes the literals of one FETCH into folders of their own below `root`, hashing on the way.

    sizes: what the server announced for the mails asked for; much more than that is refused (IMAP4.abort).
    Folders that were not kept are removed by `clear`.
    """

    root: Path
    sizes: Sequence[int]
    _made: set[Path] = field(default_factory=set)
    _budget: int = 0
    _most: int = 0

    def __post_init__(self) -> None:
        self._most = max(map(_allowed, self.sizes), default=0)
        self._budget = sum(map(_allowed, self.sizes))

    def __call__(self, size: int, octets: Iterator[memoryview]) -> Literal:
        """Write the octets to a new folder's message.eml. SpoolFailed when the disk refuses."""
        self._budget -= size
        if size > self._most or self._budget < 0:
            raise imaplib.IMAP4.abort(f"the server announces {size} bytes, more than it said before")
        folder = self.root / secrets.token_hex(10)
        digest = hashlib.sha256()
        try:
            folder.mkdir(mode=0o700)
            self._made.add(folder)
            file = os.open(folder / "message.eml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise SpoolFailed(error) from error
        try:
            for piece in octets:
                digest.update(piece)
                _write(file, piece)
        finally:
            os.close(file)
        return Literal(folder, digest.hexdigest(), size)

    def keep(self, literal: Literal) -> None:
        """That folder now belongs to the caller."""
        self._made.discard(literal.folder)

    def clear(self) -> None:
        """Remove what was not kept."""
        for folder in self._made:
            shutil.rmtree(folder, ignore_errors=True)
        self._made.clear()


def _allowed(size: int) -> int:
    return size + size // 8 + 65_536


def _write(file: int, piece: memoryview) -> None:
    try:
        while piece:
            piece = piece[os.write(file, piece) :]
    except OSError as error:
        raise SpoolFailed(error) from error
