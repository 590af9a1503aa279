"""Small writers of what Outlook packs, for tests: TNEF and compound files with message streams."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

Tree = dict[str, "bytes | Tree"]
_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF


def tnef(files: list[tuple[str, bytes]], body: str = "", codepage: int | None = 936, long: str = "") -> bytes:
    """[MS-OXTNEF]: titles in that code page, as Outlook writes them; `long`: the Unicode long name of the last file."""

    def attribute(level: int, tag: int, data: bytes) -> bytes:
        checksum = sum(data) & 0xFFFF
        return struct.pack("<BIi", level, tag, len(data)) + data + struct.pack("<H", checksum)

    codec = f"cp{codepage}" if codepage else "gbk"
    out = b"\x78\x9f\x3e\x22" + struct.pack("<H", 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    if codepage:
        out += attribute(1, 0x00069007, struct.pack("<II", codepage, 0))
    out += attribute(1, 0x00018004, "报送材料\x00".encode(codec))
    if body:
        out += attribute(1, 0x0002800C, body.encode(codec) + b"\x00")
    for number, (name, data) in enumerate(files, 1):
        out += attribute(2, 0x00069002, bytes(14))
        out += attribute(2, 0x0006800F, data)
        out += attribute(2, 0x00018010, name.encode(codec) + b"\x00")
        if long and number == len(files):
            text = (long + "\x00").encode("utf-16-le")
            value = struct.pack("<HHII", 0x1F, 0x3707, 1, len(text)) + text + bytes(-len(text) % 4)
            out += attribute(2, 0x00069005, struct.pack("<I", 1) + value)
    return out


def message(subject: str, body: str, sender: str, name: str, attachments: dict[str, bytes | Tree]) -> Tree:
    """The streams of a message ([MS-OXMSG] 2.4), sent on 20 August 2018 at 01:00 UTC; a tree is a message within."""
    sent = 131792004000000000
    properties = bytes(32) + struct.pack("<IIQ", 0x00390040, 6, sent)
    tree: Tree = {"__properties_version1.0": properties}
    for tag, text in (("0037", subject), ("1000", body), ("5D01", sender), ("0C1A", name)):
        tree[f"__substg1.0_{tag}001F"] = text.encode("utf-16-le")
    for number, (title, content) in enumerate(attachments.items()):
        one: Tree = {"__properties_version1.0": bytes(8), "__substg1.0_3707001F": title.encode("utf-16-le")}
        one["__substg1.0_3701000D" if isinstance(content, dict) else "__substg1.0_37010102"] = content
        tree[f"__attach_version1.0_#{number:08X}"] = one
    return tree


def compound(tree: Tree) -> bytes:
    """A compound file ([MS-CFB]) of 512-byte sectors; streams below 4,096 bytes lie in the mini stream."""
    entries: list[dict[str, Any]] = [{"name": "Root Entry", "kind": 5, "child": _NONE, "data": b""}]

    def add(inner: Tree) -> int:
        """Siblings as a chain to the right, in the order names are compared in; the first one's place."""
        places = []
        for name in sorted(inner, key=lambda name: (len(name), name.upper())):
            content = inner[name]
            entry = {"name": name, "kind": 1 if isinstance(content, dict) else 2, "child": _NONE, "right": _NONE}
            entry["data"] = b"" if isinstance(content, dict) else content
            entries.append(entry)
            places.append(len(entries) - 1)
            if isinstance(content, dict):
                entry["child"] = add(content)
        for place, after in pairwise(places):
            entries[place]["right"] = after
        return places[0] if places else _NONE

    entries[0]["child"] = add(tree)
    entries += [{"name": "", "kind": 0, "child": _NONE, "data": b""}] * (-len(entries) % 4)
    starts, small = [0] * len(entries), b""
    minis: list[int] = []
    for place, entry in enumerate(entries[1:], 1):
        if len(entry["data"]) < 4096:
            starts[place] = _chain(minis, len(entry["data"]), 64)
            small += entry["data"].ljust(-(-len(entry["data"]) // 64) * 64, b"\0")
    entries[0]["data"] = small
    mini_table = struct.pack(f"<{len(minis)}I", *minis)
    bodies, table = b"", list[int]()
    for place, entry in enumerate(entries):
        if place == 0 or len(entry["data"]) >= 4096:
            starts[place] = _chain(table, len(entry["data"]), 512)
            bodies += entry["data"].ljust(-(-len(entry["data"]) // 512) * 512, b"\0")
    mini_start = _chain(table, len(mini_table), 512)
    bodies += mini_table.ljust(-(-len(mini_table) // 512) * 512, b"\xff")
    directory = len(table)
    table += [*range(directory + 1, directory + len(entries) // 4), _END]
    blocks = 1
    while (len(table) + blocks) * 4 > blocks * 512:
        blocks += 1
    fat = len(table)
    table += [0xFFFFFFFD] * blocks
    table += [_FREE] * (-len(table) % 128)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack(
        "<IIIIIIIIII", 0, blocks, directory, 0, 4096, mini_start, -(-len(mini_table) // 512), _END, 0, fat
    )
    header += struct.pack(f"<{blocks - 1}I", *range(fat + 1, fat + blocks))
    header = header.ljust(512, b"\xff")
    rows = b""
    for entry, start in zip(entries, starts, strict=True):
        raw = entry["name"].encode("utf-16-le")
        rows += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2 if raw else 0, entry["kind"], 1)
        rows += struct.pack("<III", _NONE, entry.get("right", _NONE), entry["child"]) + bytes(36)
        rows += struct.pack("<IQ", start, len(entry["data"]))
    return header + bodies + rows + struct.pack(f"<{len(table)}I", *table)


def _chain(table: list[int], size: int, sector: int) -> int:
    """Sectors for `size` bytes, one behind the other; the first."""
    count = -(-size // sector)
    if not count:
        return _END
    first = len(table)
    table += [*range(first + 1, first + count), _END]
    return first
