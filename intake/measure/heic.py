"""HEIC: the pixels of the main picture as a viewer shows it, and whether the file is whole, from its boxes alone.

ISO/IEC 23008-12 (HEIF) on ISO/IEC 14496-12 (boxes). Nothing is decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from archive.records import Facts

META_LIMIT = 4 * 2**20
"""Bytes of the `meta` box up to which it is read; a telephone's has a few thousand."""
BOXES_LIMIT = 10_000
CUT = "图片数据不完整，结尾部分缺失"


def measure_heic(path: Path, known: Facts) -> Facts:
    """Facts of a HEIC picture: width and height after `clap` and `irot` of the primary item, and truncated."""
    size = path.stat().st_size
    with path.open("rb") as file:
        meta, cut = _top(file, size)
    try:
        if meta is None:
            raise ValueError("no meta box")
        item = _read_meta(meta)
        cut = cut or item.end > size
        learned = replace(known, width=item.width, height=item.height, frames=1, truncated=cut)
    except (struct.error, IndexError, KeyError, ValueError, ZeroDivisionError):
        return replace(known, truncated=cut or None, error=CUT if cut else "HEIC 图片已损坏，没有找到尺寸")
    return replace(learned, error=CUT) if cut else learned


def boxes_cut(path: Path) -> bool:
    """Whether a top-level box reaches beyond the file's end; holds for AVIF too."""
    with path.open("rb") as file:
        return _top(file, path.stat().st_size)[1]


@dataclass(frozen=True)
class _Item:
    """The primary item: pixels as shown, and where in the file the last byte of any item lies."""

    width: int
    height: int
    end: int


def _top(file: BinaryIO, size: int) -> tuple[bytes | None, bool]:
    """The content of the top-level `meta` box (None when missing or cut) and whether a box passes the file's end."""
    meta: bytes | None = None
    at = 0
    for _ in range(BOXES_LIMIT):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return meta, bool(head)
        length, kind, begin = _box(head, size - at)
        if length < begin:
            return meta, True
        if at + length > size:
            return meta, True
        if kind == b"meta" and length <= META_LIMIT:
            file.seek(at + begin)
            meta = file.read(length - begin)
        at += length
        if at == size:
            return meta, False
    return meta, False


def _box(head: bytes, left: int) -> tuple[int, bytes, int]:
    """Length of the box that begins here, its type, and where its content begins (14496-12, 4.2)."""
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1 and len(head) >= 16:
        return struct.unpack_from(">Q", head, 8)[0], kind, 16
    return (left if length == 0 else length), kind, 8


def _boxes(content: bytes, at: int = 0) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= len(content):
        length, kind, begin = _box(content[at : at + 16], len(content) - at)
        if length < begin:
            return
        yield kind, content[at + begin : at + length]
        at += length


def _read_meta(meta: bytes) -> _Item:
    """KeyError, ValueError or struct.error when the boxes do not say what a picture needs."""
    boxes = dict(_boxes(meta, at=4))
    pitm = boxes[b"pitm"]
    primary = struct.unpack_from(">I" if pitm[0] else ">H", pitm, 4)[0]
    inner = dict(_boxes(boxes[b"iprp"]))
    properties = list(_boxes(inner[b"ipco"]))
    mine = [properties[number - 1] for number in _associated(inner[b"ipma"], primary) if 0 < number <= len(properties)]
    width, height = _shown(mine)
    return _Item(width, height, _last_byte(boxes[b"iloc"]))


def _shown(properties: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """The size of `ispe`, then what `clap` cuts and `irot` turns, in the order written (23008-12, 6.5)."""
    width, height = struct.unpack_from(">II", dict(reversed(properties))[b"ispe"], 4)
    for kind, body in properties:
        if kind == b"clap":
            across, by, down, per = struct.unpack_from(">IIII", body)
            width, height = round(across / by), round(down / per)
        elif kind == b"irot" and body[0] & 1:
            width, height = height, width
    return width, height


def _associated(ipma: bytes, item: int) -> list[int]:
    """Numbers, from 1, of the properties of that item (23008-12, 9.3)."""
    version, wide = ipma[0], ipma[3] & 1
    count = struct.unpack_from(">I", ipma, 4)[0]
    at = 8
    for _ in range(min(count, BOXES_LIMIT)):
        of, number = struct.unpack_from(">IB" if version else ">HB", ipma, at)
        at += 5 if version else 3
        form = f">{number}{'H' if wide else 'B'}"
        if of == item:
            mask = 0x7FFF if wide else 0x7F
            return [value & mask for value in struct.unpack_from(form, ipma, at)]
        at += struct.calcsize(form)
    raise ValueError("the primary item has no properties")


def _last_byte(iloc: bytes) -> int:
    """The end, in the file, of the item data that reaches farthest (14496-12, 8.11.3)."""
    version = iloc[0]
    offset, length, base, index = iloc[4] >> 4, iloc[4] & 15, iloc[5] >> 4, iloc[5] & 15
    index = index if version else 0
    at, end = 6, 0
    count = int.from_bytes(iloc[at : at + (4 if version == 2 else 2)], "big")
    at += 4 if version == 2 else 2
    for _ in range(min(count, BOXES_LIMIT)):
        at += 4 if version == 2 else 2
        method = iloc[at + 1] & 15 if version else 0
        at += (2 if version else 0) + 2
        begin = int.from_bytes(iloc[at : at + base], "big")
        extents = int.from_bytes(iloc[at + base : at + base + 2], "big")
        at += base + 2
        for _ in range(min(extents, BOXES_LIMIT)):
            at += index
            where = int.from_bytes(iloc[at : at + offset], "big")
            much = int.from_bytes(iloc[at + offset : at + offset + length], "big")
            at += offset + length
            if method == 0:
                end = max(end, begin + where + much)
        if at > len(iloc):
            raise ValueError("iloc is cut")
    return end
