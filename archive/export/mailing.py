"""How attachments are spread over mails no larger than a mailbox takes, and what each mail says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.export.parcel import Enclosed

TEXT = 20_000
"""Bytes kept for the text and headers of a mail."""


@dataclass(frozen=True)
class Spread:
    """The attachments of each mail, in order; and those too large for any mail, that go another way."""

    mails: tuple[tuple[Enclosed, ...], ...]
    too_large: tuple[Enclosed, ...]


def encoded(size: int) -> int:
    """Bytes of an attachment inside a mail: base64 in lines of 76 with CRLF (RFC 2045 section 6.8), and its headers."""
    return -(-size // 57) * 78 + 1000


def spread(first: Sequence[Enclosed], others: Sequence[Enclosed], limit: int) -> Spread:
    """`first` lie in the first mail, what follows in its order; limit: bytes of a whole mail."""
    room = limit - TEXT
    mails: list[list[Enclosed]] = [list(first)]
    used = sum(encoded(one.size) for one in first)
    too_large = tuple(one for one in others if encoded(one.size) > room)
    for one in others:
        if one in too_large:
            continue
        if used + encoded(one.size) > room:
            mails.append([])
            used = 0
        mails[-1].append(one)
        used += encoded(one.size)
    return Spread(tuple(map(tuple, mails)), too_large)
