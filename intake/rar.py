"""What the headers of a RAR archive say that libarchive does not: volumes, solid archives, passwords of RAR 5."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

RAR4, RAR5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MAIN4, _VOLUME4, _SOLID4, _SECRET4 = 0x73, 0x01, 0x08, 0x80
_MAIN5, _FILE5 = 1, 2
_ENCRYPTION = 1
_HEADERS = 100_000
_END4, _END5 = re.compile(rb"\x7b(.)\x40", re.DOTALL), re.compile(rb"\x03\x05\x04(.)", re.DOTALL)


def is_solid_rar4(path: Path) -> bool:
    """Whether the main header of a RAR 4 archive says so, and its headers can be read."""
    with path.open("rb") as file:
        head = file.read(12)
    return _is_main4(head) and head[10] & (_SOLID4 | _SECRET4) == _SOLID4


def is_volume(path: Path) -> bool:
    """Whether the main header says that the archive is one of several volumes."""
    with path.open("rb") as file:
        head = file.read(12)
        if not head.startswith(RAR5):
            return _is_main4(head) and bool(head[10] & _VOLUME4)
        file.seek(len(RAR5))
        return any(kind == _MAIN5 and bool(flags & 1) for kind, flags, _ in _headers5(file))


def says_more(path: Path) -> bool:
    """Whether the end header of a volume announces the next one; a volume without an end header was cut."""
    with path.open("rb") as file:
        four = file.read(len(RAR4)) == RAR4
        file.seek(max(0, file.seek(0, 2) - 64))
        ends = (_END4 if four else _END5).findall(file.read())
    return not ends or bool(ends[-1][0] & 1)


def has_password5(path: Path) -> bool:
    """Whether a file in a RAR 5 archive is encrypted: libarchive 3.6 gives out such bytes as if they were plain."""
    with path.open("rb") as file:
        if file.read(len(RAR5)) != RAR5:
            return False
        return any(kind == _FILE5 and _ENCRYPTION in records for kind, _, records in _headers5(file))


def _is_main4(head: bytes) -> bool:
    return head.startswith(RAR4) and len(head) == 12 and head[9] == _MAIN4


def _headers5(file: BinaryIO) -> Iterator[tuple[int, int, set[int]]]:
    """Kind, archive flags (of the main header) and kinds of extra records, header by header; ends where they break.

    RAR 5.0 archive format, “General archive block format”: CRC32, then sizes and numbers of seven bits a byte.
    """
    for _ in range(_HEADERS):
        begin = file.read(7)
        size, place = _number(begin, 4)
        header = begin[place:] + file.read(max(0, size - len(begin) + place))
        if not size or len(header) < size:
            return
        kind, at = _number(header, 0)
        flags, at = _number(header, at)
        extra, at = _number(header, at) if flags & 1 else (0, at)
        data, at = _number(header, at) if flags & 2 else (0, at)
        yield kind, _number(header, at)[0] if kind == _MAIN5 else 0, _records(header[len(header) - extra :])
        file.seek(data, 1)


def _records(extra: bytes) -> set[int]:
    found: set[int] = set()
    at = 0
    while at < len(extra):
        size, begin = _number(extra, at)
        found.add(_number(extra, begin)[0])
        at = begin + max(size, 1)
    return found


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """A vint and where it ends; 0 where the octets do."""
    value = shift = 0
    while at < len(octets) and shift < 64:
        value |= (octets[at] & 0x7F) << shift
        shift += 7
        at += 1
        if octets[at - 1] < 0x80:
            return value, at
    return 0, at
