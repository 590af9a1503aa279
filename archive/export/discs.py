"""How files are spread over discs: what belongs together stays together, in order, and nothing is too large. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from archive.export.parcel import CannotHandOver, Copy, amount

SECTOR = 2048
_FILE, _FOLDER, _DISC = 2 * SECTOR, 6 * SECTOR, 2_000_000
"""What an image needs beside the bytes: descriptors and names in three catalogues (never less than it really takes)."""


@dataclass(frozen=True)
class Group:
    """Copies that stay on one disc. name: as staff know it (编号)."""

    name: str
    copies: tuple[Copy, ...]


def room_for(copies: Iterable[Copy]) -> int:
    """Bytes that an image of these files takes at most."""
    return _DISC + needed(copies)


def needed(copies: Iterable[Copy]) -> int:
    """Bytes that these files take at most on an image that holds others too."""
    folders: set[PurePosixPath] = set()
    size = 0
    for one in copies:
        size += -(-one.size // SECTOR) * SECTOR + _FILE
        folders.update(PurePosixPath(one.path).parents)
    return size + len(folders) * _FOLDER


def grouped(copies: Iterable[Copy], others: str) -> list[Group]:
    """By `group`, in the order they first appear; those without one are `others`, and come first."""
    found: dict[str, list[Copy]] = {"": []}
    for one in copies:
        found.setdefault(one.group, []).append(one)
    return [Group(name or others, tuple(some)) for name, some in found.items() if some]


def spread(groups: Sequence[Group], disc: int, always: int = 0) -> list[list[Group]]:
    """The groups on each disc, in order. disc: bytes of one; always: bytes taken on every disc by something else.

    CannotHandOver names each group that is larger than a disc.
    """
    room = disc - _DISC - always
    needs = {one.name: needed(one.copies) for one in groups}
    if large := [name for name in needs if needs[name] > room]:
        said = "、".join(f"{name}（{amount(needs[name])}）" for name in large)
        raise CannotHandOver(f"这些比一张光盘（{amount(disc)}）大：{said}；请用更大的 --size，如 25GB")
    discs: list[list[Group]] = []
    left = 0
    for one in groups:
        if not discs or needs[one.name] > left:
            discs.append([])
            left = room
        discs[-1].append(one)
        left -= needs[one.name]
    return discs
