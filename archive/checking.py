"""Fixity of one object: every file against its inventory, every inventory against its sidecar; damage is named.

Reads everything, changes nothing, and never raises because of what it reads: a file that cannot be read is damage.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.damages import Checked, Damage, name_swaps, named
from archive.ocfl import inventory as ocfl
from archive.ocfl.inventory import LOG, Inventory

MESSAGE = "message.eml"
RECORD = "record.json"
TOMBSTONE = "tombstone.json"
_LARGE = 64 * 1024 * 1024


def check_object(root: Path, place: str) -> Checked:
    """Every damage of the object at `place` (MAILBOX/YEAR/NUMBER or _log/NAME); `missing` where there is none."""
    if not os.path.lexists(root / place):
        return Checked(place, 0, 0, (named("missing", place, ""),))
    reader = Reader(root)
    found = tuple(name_swaps(reader.damages(place)))
    return Checked(place, reader.count, reader.bytes, found)


class Reader:
    """One look at one object; count and bytes say how many files were read and how large they were."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.count = 0
        self.bytes = 0

    def damages(self, name: str) -> Iterator[Damage]:
        """See `check_object`."""
        folder = self._root / name
        declaration = self._read(folder / ocfl.OBJECT_DECLARATION)
        if declaration is None:
            yield named("not-an-object", name, ocfl.OBJECT_DECLARATION, "缺少 OCFL 对象声明文件。")
        elif declaration != ocfl.OBJECT_DECLARATION_TEXT:
            yield named("changed", name, ocfl.OBJECT_DECLARATION)
        pairs = {where: self._pair(folder / where, _expected_id(name)) for where in ("", *_versions(folder))}
        moved = _whole_object_moved(pairs)
        if moved is not None:
            yield named("swapped", name, ocfl.INVENTORY, f"这里放的是 {moved} 的对象，两个来件换了位置。")
            pairs = {where: replace(pair, trouble="") if pair.foreign else pair for where, pair in pairs.items()}
        inventory = _best(pairs)
        for where, pair in pairs.items():
            if inventory is None or where in ("", *inventory["versions"]):
                others = [other for other in pairs.values() if other is not pair]
                yield from pair.damages(name, where, others, _digest_then(inventory, where))
        if inventory is None:
            yield named("inventory-damaged", name, ocfl.INVENTORY, "没有一份可用的清单，无法核对其中的文件。")
            return
        yield from _compare_versions(name, inventory, pairs)
        yield from self._content(name, inventory)

    def _pair(self, folder: Path, id: str) -> Pair:
        data, sidecar = self._read(folder / ocfl.INVENTORY), self._read(folder / ocfl.SIDECAR)
        digest, inventory, trouble, foreign = None, None, "", False
        with contextlib.suppress(ocfl.InventoryError):
            line = sidecar or b""
            digest = ocfl.read_sidecar(line) if line.endswith(b"\n") else None
        try:
            inventory = ocfl.parse(data or b"")
            foreign = inventory["id"] != id
            if foreign:
                trouble = f"清单的编号 {inventory['id']} 与所在位置不符。"
        except ocfl.InventoryError as error:
            trouble = f"清单无法使用：{error}。"
        return Pair(data, sidecar is not None, digest, inventory, trouble, foreign)

    def _content(self, name: str, inventory: Inventory) -> Iterator[Damage]:
        folder = self._root / name
        wanted = ocfl.content_files(inventory)
        fixed = {ocfl.OBJECT_DECLARATION, ocfl.INVENTORY, ocfl.SIDECAR}
        for version in inventory["versions"]:
            fixed |= {f"{version}/{ocfl.INVENTORY}", f"{version}/{ocfl.SIDECAR}"}
        allowed = {parent for path in (*wanted, *fixed) for parent in _parents(path)}
        found: set[str] = set()
        for path, kind in _walk(folder, "", allowed):
            if kind == "file" and (path in wanted or path in fixed):
                found.add(path)
            else:
                yield named("extra", name, path)
        sizes: dict[str, int] | None = None
        for path, digest in sorted(wanted.items()):
            if path not in found:
                yield named("missing", name, path)
                continue
            seen, size = self._hash(folder / path)
            if seen == digest:
                continue
            if sizes is None:
                sizes = self._sizes(folder, inventory)
            was = sizes.get(digest, size + 1 if _is_cut(folder / path) else None)
            yield replace(_content_damage(name, path, seen, size, was), seen=seen or "", wanted=digest)
        yield from self._tombstone(name, inventory)

    def _tombstone(self, name: str, inventory: Inventory) -> Iterator[Damage]:
        """What a tombstone must say (docs/archive-format.md), where its bytes are whole."""
        files = ocfl.head_files(inventory)
        if TOMBSTONE not in files or name.startswith(f"{LOG}/"):
            return
        path = str(ocfl.content_of(inventory, TOMBSTONE))
        data = _bytes(self._root / name / path)
        if data is None or ocfl.sha256(data) != files[TOMBSTONE]:
            return
        if set(ocfl.content_files(inventory)) != {path}:
            yield named("tombstone", name, path, "撤销后的来件里还有别的文件。")
        trouble = tombstone_trouble(data, inventory["id"])
        if trouble:
            yield named("tombstone", name, path, trouble)

    def _sizes(self, folder: Path, inventory: Inventory) -> dict[str, int]:
        """Digest -> bytes, as far as a record.json that is whole tells them."""
        sizes: dict[str, int] = {}
        for path, digest in ocfl.content_files(inventory).items():
            data = _bytes(folder / path) if path.endswith(f"/content/{RECORD}") else None
            if data is not None and ocfl.sha256(data) == digest:
                _collect_sizes(data, sizes)
        return sizes

    # ---- reading

    def _read(self, path: Path) -> bytes | None:
        data = _bytes(path)
        if data is not None:
            self.count += 1
            self.bytes += len(data)
        return data

    def _hash(self, path: Path) -> tuple[str | None, int]:
        """Digest and bytes of a file; None when it cannot be read."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except (OSError, ValueError):
            return None, 0
        self.count += 1
        self.bytes += size
        return digest, size


@dataclass(frozen=True)
class Pair:
    """An inventory and its sidecar as found. digest: what the sidecar says; trouble: why the inventory is of no use;
    foreign: it can be read but belongs to another place.
    """

    data: bytes | None
    has_sidecar: bool
    digest: str | None
    inventory: Inventory | None
    trouble: str
    foreign: bool = False

    @property
    def fits(self) -> bool:
        """Are inventory and sidecar what they were when written?"""
        return self.data is not None and (not self.trouble or self.foreign) and ocfl.sha256(self.data) == self.digest

    def damages(self, object: str, where: str, others: Sequence[Pair], was: str | None) -> Iterator[Damage]:
        """What is wrong with the pair itself; its digest as it was, and else the object's other pairs, tell which of
        the two was damaged.
        """
        at = f"{where}/" if where else ""
        if self.data is None:
            yield named("missing", object, at + ocfl.INVENTORY)
        elif self.trouble:
            yield named("inventory-damaged", object, at + ocfl.INVENTORY, self.trouble)
        if not self.has_sidecar:
            yield named("missing", object, at + ocfl.SIDECAR)
        elif self.digest is None:
            yield named("sidecar-mismatch", object, at + ocfl.SIDECAR, "校验文件已损坏。")
        elif self.data is not None and not self.trouble and not self.fits:
            if self._inventory_is_to_blame(others, was):
                yield named("inventory-damaged", object, at + ocfl.INVENTORY, "清单与存档时不同。")
            else:
                yield named("sidecar-mismatch", object, at + ocfl.SIDECAR)

    def _inventory_is_to_blame(self, others: Sequence[Pair], was: str | None) -> bool:
        mine = ocfl.sha256(self.data or b"")
        if was in (mine, self.digest):
            return was != mine
        known = {other.digest for other in others} | {ocfl.sha256(other.data) for other in others if other.data}
        return self.digest in known and mine not in known


def _digest_then(inventory: Inventory | None, where: str) -> str | None:
    """The digest that version's inventory had (the root's: the newest), as this program writes it."""
    if inventory is None:
        return None
    return ocfl.sha256(ocfl.encode(ocfl.as_of(inventory, where or inventory["head"])))


def _whole_object_moved(pairs: Mapping[str, Pair]) -> str | None:
    """The id of the whole object that lies in this place though it belongs to another."""
    root, readable = pairs[""], [pair for pair in pairs.values() if pair.inventory is not None]
    if root.inventory is None or not root.foreign or not root.fits:
        return None
    ids = {(pair.inventory or {})["id"] for pair in readable}
    return str(root.inventory["id"]) if ids == {root.inventory["id"]} else None


def _best(pairs: Mapping[str, Pair]) -> Inventory | None:
    """The newest inventory that can be trusted most: whole pairs first, then any that can be read."""
    usable = [pair for pair in pairs.values() if pair.inventory is not None and not pair.trouble]
    ranked = sorted(usable, key=lambda pair: (pair.fits, len((pair.inventory or {})["versions"])))
    return ranked[-1].inventory if ranked else None


def _compare_versions(name: str, inventory: Inventory, pairs: Mapping[str, Pair]) -> Iterator[Damage]:
    """Every version's inventory must tell the same story as the newest one, up to that version."""
    head = inventory["head"]
    if pairs[""].fits and head in pairs and pairs[head].fits and pairs[""].data != pairs[head].data:
        yield named("inventory-damaged", name, ocfl.INVENTORY, f"根清单与 {head} 的清单不同。")
    for where, version in inventory["versions"].items():
        pair = pairs.get(where)
        if pair is None:
            yield named("missing", name, where)
        elif pair.fits and not pair.trouble and pair.inventory is not None:
            told = pair.inventory
            if told["head"] != where or told["versions"][where] != version:
                text = f"{where} 的清单与最新清单不一致。"
                yield named("inventory-damaged", name, f"{where}/{ocfl.INVENTORY}", text)


def _bytes(path: Path) -> bytes | None:
    """The bytes of a small plain file; None when there is none."""
    try:
        found = path.lstat()
        return path.read_bytes() if stat.S_ISREG(found.st_mode) and found.st_size <= _LARGE else None
    except (OSError, ValueError):  # a name from a damaged inventory may be no name at all
        return None


def _is_cut(path: Path) -> bool:
    """Does a JSON file, which always ends with a newline, end too early?"""
    data = _bytes(path) if path.suffix == ".json" else None
    if data is None or data.endswith(b"\n"):
        return False
    text = data.decode(errors="replace")
    try:
        return json.JSONDecoder().raw_decode(text)[1] == len(text)
    except (ValueError, RecursionError):
        return True


def _content_damage(name: str, path: str, seen: str | None, size: int, was: int | None) -> Damage:
    if seen is None:
        return named("changed", name, path, "文件无法读取。")
    if size == 0 or (was is not None and size < was):
        before = f"，原为 {was} 字节" if was is not None and was > size + 1 else ""
        return named("truncated", name, path, f"文件被截短：现有 {size} 字节{before}。")
    return named("changed", name, path)


def tombstone_trouble(data: bytes, id: str) -> str:
    """What is wrong with the bytes of the tombstone.json of the object of that id (Chinese); "" when nothing is."""
    try:
        said = json.loads(data)
        told = said["number"], said["who"], said["why"], said["at"], [one["sha256"] for one in said["removed"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "撤销记录读不出，或缺少编号、经办人、原因、时间、被撤文件。"
    return "" if ocfl.object_id(str(told[0])) == id else f"撤销记录写的是 {told[0]}，不是这个编号。"


def _expected_id(name: str) -> str:
    if name.startswith(f"{LOG}/"):
        return ocfl.log_id(name.removeprefix(f"{LOG}/"))
    return ocfl.object_id(name.rpartition("/")[2])


def _versions(folder: Path) -> list[str]:
    names = [name for name, kind in (entries_of(folder) or {}).items() if kind == "folder" and ocfl.is_version(name)]
    return sorted(names, key=lambda name: int(name[1:]))


def entries_of(folder: Path) -> dict[str, str] | None:
    """Name -> folder | file | other, sorted; links are never followed. None when it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return dict(sorted((entry.name, _kind(entry)) for entry in entries))
    except OSError:
        return None


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _walk(folder: Path, below: str, allowed: Collection[str]) -> Iterator[tuple[str, str]]:
    """Files, other things, and folders no inventory knows (not entered), as (path, kind)."""
    for name, kind in (entries_of(folder / below) or {}).items():
        path = f"{below}/{name}" if below else name
        if kind == "folder" and path in allowed:
            yield from _walk(folder, path, allowed)
        else:
            yield path, kind


def _parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])


def _collect_sizes(data: bytes, sizes: dict[str, int]) -> None:
    try:
        waiting: list[Any] = [json.loads(data)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            digest, size = value.get("sha256"), value.get("size")
            if isinstance(digest, str) and isinstance(size, int):
                sizes[digest] = size
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
