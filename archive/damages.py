"""What can be wrong with the archive: a damage has a code, a place and a sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

CODES: Mapping[str, str] = {
    "changed": "文件内容与存档时不同。",
    "missing": "清单中有、磁盘上没有的文件（或台账中有、存档中没有的来件）。",
    "extra": "磁盘上有、清单中没有的文件或文件夹。",
    "truncated": "文件比存档时短。",
    "swapped": "内容是别处的：两个文件（或两个来件）换了位置。",
    "inventory-damaged": "清单 inventory.json 已损坏，或与所在位置、其他版本不符。",
    "sidecar-mismatch": "校验文件 inventory.json.sha256 与清单不符，或已损坏。",
    "not-an-object": "应为一个来件的文件夹，却不是 OCFL 对象。",
    "chain-broken": "记录（_log/events）不再首尾相接：有一段不见了，或者后来被改动过。",
    "root-declaration": "存档根目录缺少 0=ocfl_1.1 声明，或其内容不对。",
    "tombstone": "撤销记录与编号、清单或台账不符。",
    "ledger-differs": "存档与台账不符：登记、判定、附件或校验值不同。",
}
"""Damage code -> what it means."""


@dataclass(frozen=True)
class Damage:
    """One thing wrong. object: path of the object below the root ("" for the root itself); path: of the file below the
    object; text: one sentence (Chinese).

    seen, wanted: SHA-256 of the bytes found and of those kept, where both are known.
    """

    code: str
    object: str
    path: str
    text: str
    seen: str = field(default="", compare=False)
    wanted: str = field(default="", compare=False)


@dataclass(frozen=True)
class Checked:
    """One object that was read: how many files and bytes, and every damage."""

    object: str
    files: int
    bytes: int
    damages: tuple[Damage, ...]


ARCHIVE, COPY = "archive", "copy"
"""The two storage roots: the archive, and its second copy."""


@dataclass(frozen=True)
class Ailing:
    """An object that was damaged when it was last read. place: "" for the root itself."""

    root: str
    place: str
    checked: datetime
    damages: tuple[Damage, ...]


@dataclass(frozen=True)
class Standing:
    """How far the checking of a root has come. unread: objects never read. newest: when one was read last."""

    objects: int
    unread: int
    files: int
    bytes: int
    newest: datetime | None


def named(code: str, object: str, path: str, text: str = "") -> Damage:
    """A damage with its code's own sentence unless there is a better one."""
    return Damage(code, object, path, text or CODES[code])


def name_swaps(damages: Iterable[Damage]) -> list[Damage]:
    """The same damages; files whose bytes are what another damaged file should hold are `swapped`."""
    all_ = list(damages)
    owners = {one.wanted: one for one in all_ if one.wanted}
    return [_swapped(one, owners.get(one.seen)) for one in all_]


def _swapped(one: Damage, owner: Damage | None) -> Damage:
    if owner is None or not one.seen or owner is one:
        return one
    where = owner.path if owner.object == one.object else f"{owner.object}/{owner.path}"
    return replace(one, code="swapped", text=f"文件换了位置：内容是 {where} 的。")
