"""Who and when of a mail: mail-parser reads the addresses and the date, our decoder the words around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import mailparser

from intake.mime.headers import clean, decode_header, decode_octets
from intake.mime.split import Headers, first

_HEADERS = ("from", "sender", "reply-to", "to", "cc")
_FOREIGN = re.compile(
    rb"=\?[^?\s=]{1,60}\?[bBqQ]\?[^?]*\?=(?:[ \t\r\n]*=\?[^?\s=]{1,60}\?[bBqQ]\?[^?]*\?=)*|[\x80-\xff][\x40-\xff]*"
)
_UTF8_FOREIGN = re.compile(
    rb"=\?[^?\s=]{1,60}\?[bBqQ]\?[^?]*\?=(?:[ \t\r\n]*=\?[^?\s=]{1,60}\?[bBqQ]\?[^?]*\?=)*|[\x80-\xff]+"
)
_TOKEN = re.compile(r"zqx(\d+)xqz")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@=?]{1,200}@[^\s<>,;:\"()@=?]{1,250}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_LONGEST = 64 * 1024


@dataclass(frozen=True)
class Correspondents:
    """Addresses in lower-case domains as written; display names decoded."""

    sender: str
    sender_name: str
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    date: datetime | None


def correspondents(headers: Headers) -> Correspondents:
    """Read by mail-parser from a skeleton of these few headers; where it fails, by our own bounded look."""
    words: list[str] = []
    skeleton = [b"%s: %s\r\n" % (name.encode(), _masked(headers, name, words)) for name in _HEADERS]
    skeleton = [line for line in skeleton if not line.endswith(b": \r\n")]
    skeleton.append(b"date: %s\r\n\r\n" % _one_line(first(headers, "date")))
    own = look(headers)
    try:
        parsed = mailparser.parse_from_bytes(b"".join(skeleton))
        senders = _unmasked(parsed.from_, words) or _unmasked(parsed.sender, words)
        return Correspondents(
            sender=senders[0][1] if senders else own.sender,
            sender_name=senders[0][0] if senders else own.sender_name,
            reply_to=_addresses(parsed.reply_to, words) or own.reply_to,
            to=_addresses(parsed.to, words) or own.to,
            cc=_addresses(parsed.cc, words) or own.cc,
            date=_utc(parsed.date) or own.date,
        )
    except Exception:  # mail-parser raises outside its own exceptions on malformed mail; our own look carries on
        return own


def _addresses(pairs: list[tuple[str, str]], words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for _, address in _unmasked(pairs, words)))


def _one_line(raw: bytes) -> bytes:
    return b" ".join(raw[:_LONGEST].split())


def _masked(headers: Headers, name: str, words: list[str]) -> bytes:
    """The header with every encoded or 8-bit run replaced by a plain word, so that structure is read first."""

    def mask(match: re.Match[bytes]) -> bytes:
        words.append(decode_header(match.group()))
        return b"zqx%dxqz" % (len(words) - 1)

    raw = _one_line(b", ".join(value for known, value in headers if known == name))
    try:
        raw.decode("utf-8")
        return _UTF8_FOREIGN.sub(mask, raw)
    except UnicodeDecodeError:
        return _FOREIGN.sub(mask, raw)


def _unmasked(pairs: list[tuple[str, str]], words: list[str]) -> list[tuple[str, str]]:
    def restored(text: str) -> str:
        return clean(
            _TOKEN.sub(lambda match: words[int(match.group(1))] if int(match.group(1)) < len(words) else "", text)
        )

    found = []
    for name, address in pairs if isinstance(pairs, list) else []:
        address = restored(address)
        if _ADDRESS.fullmatch(address):
            found.append((restored(name).strip(" \"'"), address))
    return found


def look(headers: Headers) -> Correspondents:
    """The same by a bounded search for addresses, without any parser; never raises."""
    text = {name: decode_octets(_one_line(first(headers, name))) for name in _HEADERS}
    found = {name: tuple(dict.fromkeys(_ADDRESS.findall(value))) for name, value in text.items()}
    raw = _one_line(first(headers, "from")) or _one_line(first(headers, "sender"))
    name = decode_header(raw.rsplit(b"<", 1)[0]) if b"<" in raw else ""
    senders = found["from"] or found["sender"]
    return Correspondents(
        sender=senders[-1] if senders else "",
        sender_name=name.strip(" \"'"),
        reply_to=found["reply-to"],
        to=found["to"],
        cc=found["cc"],
        date=_date(first(headers, "date")),
    )


def _date(raw: bytes) -> datetime | None:
    try:
        return _utc(parsedate_to_datetime(decode_header(raw[:200])))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _utc(date: datetime | None) -> datetime | None:
    """In UTC; a date without zone is taken as UTC, an impossible one is None."""
    if date is None:
        return None
    try:
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def message_ids(raw: bytes) -> tuple[str, ...]:
    """Message-IDs of a header, with their angle brackets, in order; a bare one gets brackets."""
    text = decode_header(raw[:_LONGEST])
    found = _MESSAGE_ID.findall(text)
    if not found and text and "@" in text and " " not in text and len(text) < 990:
        found = [f"<{text.strip('<>')}>"]
    return tuple(dict.fromkeys(found))
