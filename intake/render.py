"""Words become the final bytes of a letter: RFC 5322, CRLF, plain text beside HTML. Same arguments, same bytes."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from archive.records import LetterKind
from intake.letters import Words
from intake.saying.wording import clean

ANSWERS = frozenset({"receipt", "complete", "shortfall", "neutral", "thanks", "problem"})
"""Kinds that answer a mail (Auto-Submitted: auto-replied, RFC 3834 section 5); all others are auto-generated."""

REFERENCES = 20
"""Message-IDs kept in References: the first, and the newest (RFC 5322 section 3.6.4 names no limit; servers do)."""

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[A-Za-z0-9.\-\[\]:]+")


def render(
    words: Words,
    *,
    sender: str,
    sender_name: str,
    to: str,
    message_id: str,
    date: datetime,
    in_reply_to: str | None,
    references: Sequence[str],
    kind: LetterKind,
    token: str,
    reply_to: str | None = None,
) -> bytes:
    """The letter's bytes, ready for SMTP DATA (before dot-stuffing): CRLF only, every line ≤ 78 octets where it folds.

    sender, to, reply_to: plain addresses. message_id: ours, with its angle brackets. date: aware. in_reply_to and
    references come from outside: what is not a Message-ID is dropped. token: marks our own letters for the loop guard.
    ValueError when an address, the Message-ID or the date cannot stand in a header.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a letter needs a time zone")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"not a Message-ID: {clean(message_id)!r}")
    boundary = "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]
    headers = [
        f"From: {_mailbox(sender_name, sender)}",
        f"To: <{_address(to)}>",
        f"Subject: {_encoded(words.subject, 9)}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: {message_id}",
    ]
    if reply_to is not None:
        headers.append(f"Reply-To: <{_address(reply_to)}>")
    answered = _ids([in_reply_to] if in_reply_to else [])
    if answered:
        headers.append(f"In-Reply-To: {answered[0]}")
    thread = _ids([*references, *answered[:1]])
    if thread:
        kept = thread if len(thread) <= REFERENCES else [thread[0], *thread[1 - REFERENCES :]]
        headers.append("References: " + "\r\n ".join(kept))
    headers += [
        f"Auto-Submitted: {'auto-replied' if kind in ANSWERS else 'auto-generated'}",
        "X-Auto-Response-Suppress: All",
        f"X-Loop: {_address(sender)}",
        f"X-Baosong-Token: {_encoded(token, 17)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
    ]
    lines = [
        *headers,
        "",
        f"--{boundary}",
        *_part("plain", words.text),
        f"--{boundary}",
        *_part("html", words.html),
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _part(subtype: str, text: str) -> list[str]:
    """One text part as base64 of UTF-8 with CRLF line ends (RFC 2045 section 6.8: lines of 76)."""
    data = "\r\n".join(text.splitlines()) + "\r\n"
    coded = b64encode(data.encode("utf-8")).decode("ascii")
    return [
        f"Content-Type: text/{subtype}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        *(coded[start : start + 76] for start in range(0, len(coded), 76)),
    ]


def _encoded(value: str, used: int) -> str:
    """A header value, folded: plain when it is short ASCII, else encoded words (RFC 2047) that never split a character.

    used: columns the header's name has taken on the first line.
    """
    line = clean(value, 400)
    if line.isascii() and len(line) + used <= 78 and "=?" not in line:
        return line
    words, chunk = [], b""
    for char in line:
        octets = char.encode("utf-8")
        if len(chunk) + len(octets) > 42:
            words.append(chunk)
            chunk = b""
        chunk += octets
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?B?{b64encode(word).decode('ascii')}?=" for word in words)


def _mailbox(name: str, address: str) -> str:
    """Display name and address; the name always as encoded words or a quoted string."""
    shown = clean(name, 120)
    if not shown:
        return f"<{_address(address)}>"
    if shown.isascii() and len(shown) <= 60:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"\r\n <{_address(address)}>'
    return f"{_encoded(shown, 6)}\r\n <{_address(address)}>"


def _address(value: str) -> str:
    if len(value) > 254 or not _ADDRESS.fullmatch(value):
        raise ValueError(f"not a mail address: {clean(value)!r}")
    return value


def _ids(values: Sequence[str]) -> list[str]:
    """The Message-IDs in these header values, each once, in order."""
    return list(dict.fromkeys(found for value in values for found in _MESSAGE_ID.findall(value)))
