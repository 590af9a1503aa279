"""What Outlook packs: files and words of a winmail.dat (TNEF) and of a saved message (.msg)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import olefile
from tnefparse import TNEF
from tnefparse.properties import MAPI_ATTACH_LONG_FILENAME

from archive.records import Nested
from intake.entries import Entry, Unreadable, raw_name
from intake.mime.headers import clean, decode_octets
from intake.mime.text import body_text, text_of_html, tidy

TNEF_MAGIC = b"\x78\x9f\x3e\x22"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT_BYTES = 1024 * 1024
_BLOCK = 1024 * 1024
_DEPTH = 5
logging.getLogger("tnefparse").disabled = True  # a line for each of the millions a bad file claims


@dataclass
class Message:
    """What stands in one file of Outlook: its own words, its files, and the mails it is or holds (path behind it)."""

    words: str = ""
    entries: list[Entry] = field(default_factory=list)
    mails: list[Nested] = field(default_factory=list)


def open_tnef(path: Path) -> Message:
    """[MS-OXTNEF]. The words are the plain body, else the HTML's; a body in RTF alone is left. Raises Unreadable."""
    octets = path.read_bytes()
    try:
        # names without a code page of their own are Chinese; a code page the file states comes later and wins
        tnef = TNEF(octets[:6] + _CODE_PAGE_936 + octets[6:], do_checksum=False)
    except MemoryError:
        raise
    except Exception:  # struct, index, value and type errors, whatever the damage
        raise Unreadable("damaged") from None
    words = tidy(_words(tnef.body)) or text_of_html(_words(tnef.htmlbody))
    entries = [
        Entry(_tnef_name(attachment, number), "file", partial(_one, attachment.data))
        for number, attachment in enumerate(tnef.attachments, 1)
    ]
    return Message(words, entries)


_CODE_PAGE_936 = b"\x01\x07\x90\x06\x00\x08\x00\x00\x00\xa8\x03\x00\x00\x00\x00\x00\x00\xab\x00"
"""attOemCodepage of GBK ([MS-OXTNEF] 2.1.3.2) with its checksum."""


def _one(data: Any) -> Iterator[bytes]:
    yield data if isinstance(data, bytes) else b""


def _words(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        value = decode_octets(value[:_TEXT_BYTES])
    return str(value or "")[:_TEXT_BYTES].replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def _tnef_name(attachment: Any, number: int) -> str:
    """The long name, else the title; octets as UTF-8 or GBK, whatever code page is stated."""
    long = [each.data for each in attachment.mapi_attrs if each.name == MAPI_ATTACH_LONG_FILENAME]
    for given in (*long, attachment._name):
        given = given[0] if isinstance(given, list) and given else given
        name = raw_name(given) if isinstance(given, bytes) else str(given or "")
        if name := clean(name.split("\x00", 1)[0]):
            return name
    return f"附件{number}" + (".dat" if attachment.data[:4] == TNEF_MAGIC else "")


# --- .msg, [MS-OXMSG] ---------------------------------------------------------------------------------------------


def is_msg(path: Path) -> bool:
    """Whether an OLE file is a message: the properties of one stand at its root."""
    try:
        with olefile.OleFileIO(path) as ole:
            return bool(ole.exists("__properties_version1.0"))
    except (OSError, ValueError, IndexError, TypeError, AttributeError):
        return False


def open_msg(path: Path, at: str) -> Message:
    """The message with its attachments, and messages attached to it, to a depth. `at`: its path in the mail.

    Raises Unreadable.
    """
    found = Message()
    try:
        with olefile.OleFileIO(path) as ole:
            _gather(ole, path, [], "", at, found)
    except MemoryError:
        raise
    except Exception:  # olefile raises anything on damaged files
        raise Unreadable("damaged") from None
    return found


def _gather(ole: Any, path: Path, place: list[str], folder: str, at: str, found: Message) -> None:
    sender = _text(ole, place, "5D01") or _text(ole, place, "0C1F")
    subject = clean(_text(ole, place, "0037"))
    found.mails.append(Nested(at, sender, clean(_text(ole, place, "0C1A")), subject, _sent(ole, place)))
    words = _text(ole, place, "1000") or text_of_html(
        body_text(_octets(ole, [*place, _stream("1013", "0102")]), "", True)
    )
    found.words = tidy(f"{found.words}\n\n{words}")
    for number, attachment in enumerate(_attachments(ole, place), 1):
        inner = [*place, attachment]
        name = clean(_text(ole, inner, "3707") or _text(ole, inner, "3704") or _text(ole, inner, "3001"))
        name = f"{folder}{name or f'附件{number}'}"
        if ole.exists([*inner, _stream("3701", "0102")]):
            found.entries.append(Entry(name, "file", partial(_chunks, path, [*inner, _stream("3701", "0102")])))
        elif ole.exists([*inner, _stream("3701", "000D"), "__properties_version1.0"]) and len(place) < 2 * _DEPTH:
            _gather(ole, path, [*inner, _stream("3701", "000D")], f"{name}/", f"{at}/{name}", found)
        else:
            found.entries.append(Entry(name, "link", partial(_one, b"")))


def _attachments(ole: Any, place: list[str]) -> list[str]:
    depth = len(place)
    under = (entry for entry in ole.listdir(streams=True, storages=False) if entry[:depth] == place)
    return sorted({entry[depth] for entry in under if entry[depth].startswith("__attach_version1.0_#")})


def _stream(tag: str, kind: str) -> str:
    return f"__substg1.0_{tag}{kind}"


def _text(ole: Any, place: list[str], tag: str) -> str:
    """A string property: 001F is UTF-16, 001E octets of some code page."""
    octets = _octets(ole, [*place, _stream(tag, "001F")])
    text = octets.decode("utf-16-le", "replace") if octets else _octet_text(ole, place, tag)
    return text.rstrip("\x00").replace("\r\n", "\n").replace("\r", "\n")


def _octet_text(ole: Any, place: list[str], tag: str) -> str:
    return decode_octets(_octets(ole, [*place, _stream(tag, "001E")]))


def _octets(ole: Any, stream: list[str]) -> bytes:
    return bytes(ole.openstream(stream).read(_TEXT_BYTES)) if ole.exists(stream) else b""


def _chunks(path: Path, stream: list[str]) -> Iterator[bytes]:
    try:
        with olefile.OleFileIO(path) as ole:
            file = ole.openstream(stream)
            while chunk := file.read(_BLOCK):
                yield chunk
    except (OSError, ValueError, IndexError, TypeError):
        raise Unreadable("damaged") from None


def _sent(ole: Any, place: list[str]) -> datetime | None:
    """PidTagClientSubmitTime 0x00390040 among the fixed-size properties: 100 ns since 1601 ([MS-OXMSG] 2.4)."""
    octets = _octets(ole, [*place, "__properties_version1.0"])
    for at in range(32 if not place else 24, len(octets) - 15, 16):
        if octets[at : at + 4] == b"\x40\x00\x39\x00":
            ticks = int.from_bytes(octets[at + 8 : at + 16], "little")
            try:
                return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
            except OverflowError:
                return None
    return None
