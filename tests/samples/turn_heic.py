"""Adds an `irot` property to the one picture of a HEIC written by heif-enc, as telephones do for portrait pictures.

Usage: python turn_heic.py FROM TO QUARTERS (anticlockwise). `heif-convert` shows the result turned.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path


def box(kind: bytes, body: bytes) -> bytes:
    """A box of ISO/IEC 14496-12, 4.2."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + length]
        at += length


def turned(properties: bytes, quarters: int) -> bytes:
    """`iprp` with one property more, which the first item gets."""
    inner = dict(boxes(properties))
    listed = [*boxes(inner[b"ipco"]), (b"irot", bytes([quarters]))]
    old = inner[b"ipma"]
    entries, item, count = struct.unpack_from(">IHB", old, 4)
    new = old[:4] + struct.pack(">IHB", entries, item, count + 1) + old[11 : 11 + count]
    new += bytes([0x80 | len(listed)]) + old[11 + count :]
    return box(b"ipco", b"".join(box(*one) for one in listed)) + box(b"ipma", new)


def moved(iloc: bytes, by: int) -> bytes:
    """`iloc` of version 0 as heif-enc writes it, every base offset `by` bytes further on."""
    out, at = bytearray(iloc), 8
    for _ in range(struct.unpack_from(">H", iloc, 6)[0]):
        struct.pack_into(">I", out, at + 4, struct.unpack_from(">I", iloc, at + 4)[0] + by)
        at += 10 + 8 * struct.unpack_from(">H", iloc, at + 8)[0]
    return bytes(out)


def main(source: Path, target: Path, quarters: int) -> None:
    """The command."""
    content = source.read_bytes()
    begin = content.index(b"meta") - 4
    size = struct.unpack_from(">I", content, begin)[0]
    inner = dict(boxes(content[begin + 12 : begin + size]))
    grown = turned(inner[b"iprp"], quarters)
    inner[b"iloc"] = moved(inner[b"iloc"], len(grown) - len(inner[b"iprp"]))
    inner[b"iprp"] = grown
    meta = box(b"meta", bytes(4) + b"".join(box(*one) for one in inner.items()))
    target.write_bytes(content[:begin] + meta + content[begin + size :])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
