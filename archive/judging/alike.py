"""Whether two pictures look the same, told from their fingerprints."""

from __future__ import annotations

BITS = 64
NEAR = 3
"""Bits in which copies of one picture may differ: saved again, made smaller, brighter, sent through a messenger.

Measured on 9 photographs and 40 pages of text (docs/formats.md): copies differ in 3 bits at most, pages of other text
in 4 at least, photographs taken one after another (moved by a tenth of the picture) in 4 at least.
"""
PLAIN = 8
"""A fingerprint with fewer bits of one kind is of a plain area or one even gradient, which many pictures share."""


def nearly_equal(a: str | None, b: str | None) -> bool:
    """Whether two fingerprints (16 hex digits, `Facts.fingerprint`) are of one picture, perhaps saved anew.

    False for plain pictures, for a missing fingerprint and for anything that is none: then only the bytes can tell.
    """
    one, other = _bits(a), _bits(b)
    if one is None or other is None or _plain(one) or _plain(other):
        return False
    return (one ^ other).bit_count() <= NEAR


def _bits(fingerprint: str | None) -> int | None:
    try:
        return int(fingerprint, 16) if fingerprint and len(fingerprint) * 4 == BITS else None
    except ValueError:
        return None


def _plain(bits: int) -> bool:
    return not PLAIN <= bits.bit_count() <= BITS - PLAIN
