"""Fixity: every file of the archive against its inventory, every inventory against its sidecar; damage is named.

Reads everything, changes nothing, and never raises because of what it reads: a file that cannot be read is damage.
A whole object that is gone leaves no trace in a storage root, so `expected` (the ledger's numbers) finds those.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.chain import EVENTS, check_chain
from archive.ocfl import inventory as ocfl
from archive.ocfl.building import RECORD
from archive.ocfl.inventory import Inventory
from archive.segments import segment_name, segments
from archive.vault import LOG, Vault

CODES: Mapping[str, str] = {
    "changed": "文件内容与存档时不同。",
    "missing": "清单中有、磁盘上没有的文件（或台账中有、存档中没有的来件）。",
    "extra": "磁盘上有、清单中没有的文件或文件夹。",
    "truncated": "文件比存档时短。",
    "inventory-damaged": "清单 inventory.json 已损坏，或与所在位置、其他版本不符。",
    "sidecar-mismatch": "校验文件 inventory.json.sha256 与清单不符，或已损坏。",
    "not-an-object": "应为一个来件的文件夹，却不是 OCFL 对象。",
    "chain-broken": "记录（_log/events）不再首尾相接：有一段不见了，或者后来被改动过。",
    "root-declaration": "存档根目录缺少 0=ocfl_1.1 声明，或其内容不对。",
}
"""Damage code -> what it means."""

Checked = Callable[[int, int], None]
_MARKS = (ocfl.OBJECT_DECLARATION, ocfl.INVENTORY, ocfl.SIDECAR, "v1")
_LARGE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Damage:
    """One thing wrong. object: path of the object below the root ("" for the root itself); path: of the file below the
    object; text: one sentence (Chinese).
    """

    code: str
    object: str
    path: str
    text: str


def verify(
    vault: Vault,
    checked: Checked | None = None,
    expected: Collection[tuple[str, int, str]] = (),
) -> Iterator[Damage]:
    """Every damage of the archive, in the order of the folders.

    checked is called after each object with the files and bytes read so far. expected: (mailbox, year, number) that
    must be there.
    """
    yield from Verifier(vault.root, checked or _silent).run(expected)
    yield from chain_damages(vault)


def chain_damages(vault: Vault) -> Iterator[Damage]:
    """Where the log's chain does not hold, though every file may fit its inventory."""
    for found in check_chain(segments(vault)).breaks:
        yield Damage("chain-broken", f"{LOG}/{segment_name(found.segment)}", EVENTS, found.text)


def _silent(count: int, size: int) -> None:
    return None


class Verifier:
    """One run over one storage root."""

    def __init__(self, root: Path, checked: Checked) -> None:
        self._root = root
        self._checked = checked
        self._count = 0
        self._bytes = 0

    def run(self, expected: Collection[tuple[str, int, str]]) -> Iterator[Damage]:
        """See `verify`."""
        if self._read(self._root / ocfl.ROOT_DECLARATION) != ocfl.ROOT_DECLARATION_TEXT:
            yield _damage("root-declaration", "", ocfl.ROOT_DECLARATION)
        yield from self._folder("")
        for mailbox, year, number in expected:
            if not (self._root / mailbox / f"{year:04d}" / number).is_dir():
                yield _damage("missing", f"{mailbox}/{year:04d}/{number}", "")

    # ---- folders above objects

    def _folder(self, below: str) -> Iterator[Damage]:
        entries = _entries(self._root / below)
        if entries is None:
            yield _damage("not-an-object", below, "", "文件夹无法读取。")
            return
        if below and not entries:
            yield _damage("not-an-object", below, "", "空文件夹。")
        for name, kind in entries.items():
            inner = f"{below}/{name}" if below else name
            if kind != "folder":
                if below or name != ocfl.ROOT_DECLARATION:
                    yield _damage("extra", below, name)
            elif self._is_object(inner):
                yield from self._object(inner)
                self._checked(self._count, self._bytes)
            elif inner.count("/") >= 2 and not inner.startswith(f"{LOG}/"):
                yield _damage("not-an-object", inner, "")
            else:
                yield from self._folder(inner)

    def _is_object(self, inner: str) -> bool:
        return any(os.path.lexists(self._root / inner / mark) for mark in _MARKS)

    # ---- one object

    def _object(self, name: str) -> Iterator[Damage]:
        folder = self._root / name
        declaration = self._read(folder / ocfl.OBJECT_DECLARATION)
        if declaration is None:
            yield _damage("not-an-object", name, ocfl.OBJECT_DECLARATION, "缺少 OCFL 对象声明文件。")
        elif declaration != ocfl.OBJECT_DECLARATION_TEXT:
            yield _damage("changed", name, ocfl.OBJECT_DECLARATION)
        pairs = {where: self._pair(folder / where, _expected_id(name)) for where in ("", *_versions(folder))}
        inventory = _best(pairs)
        for where, pair in pairs.items():
            if inventory is None or where in ("", *inventory["versions"]):
                yield from pair.damages(name, where, [other for other in pairs.values() if other is not pair])
        if inventory is None:
            yield _damage("inventory-damaged", name, ocfl.INVENTORY, "没有一份可用的清单，无法核对其中的文件。")
            return
        yield from _compare_versions(name, inventory, pairs)
        yield from self._content(name, inventory)

    def _pair(self, folder: Path, id: str) -> Pair:
        data, sidecar = self._read(folder / ocfl.INVENTORY), self._read(folder / ocfl.SIDECAR)
        digest, inventory, trouble = None, None, ""
        with contextlib.suppress(ocfl.InventoryError):
            digest = ocfl.read_sidecar(sidecar or b"")
        try:
            inventory = ocfl.parse(data or b"")
            if inventory["id"] != id:
                trouble = f"清单的编号 {inventory['id']} 与所在位置不符。"
        except ocfl.InventoryError as error:
            trouble = f"清单无法使用：{error}。"
        return Pair(data, sidecar is not None, digest, inventory, trouble)

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
                yield _damage("extra", name, path)
        sizes: dict[str, int] | None = None
        for path, digest in sorted(wanted.items()):
            if path not in found:
                yield _damage("missing", name, path)
                continue
            seen, size = self._hash(folder / path)
            if seen == digest:
                continue
            if sizes is None:
                sizes = self._sizes(folder, inventory)
            yield _content_damage(name, path, seen, size, sizes.get(digest))

    def _sizes(self, folder: Path, inventory: Inventory) -> dict[str, int]:
        """Digest -> bytes, as far as a record.json that is whole tells them."""
        sizes: dict[str, int] = {}
        for path, digest in ocfl.content_files(inventory).items():
            data = self._read(folder / path) if path.endswith(f"/content/{RECORD}") else None
            if data is not None and ocfl.sha256(data) == digest:
                _collect_sizes(data, sizes)
        return sizes

    # ---- reading

    def _read(self, path: Path) -> bytes | None:
        """The bytes of a small plain file; None when there is none."""
        try:
            if not stat.S_ISREG(path.lstat().st_mode) or path.lstat().st_size > _LARGE:
                return None
            data = path.read_bytes()
        except (OSError, ValueError):  # a name from a damaged inventory may be no name at all
            return None
        self._count += 1
        self._bytes += len(data)
        return data

    def _hash(self, path: Path) -> tuple[str | None, int]:
        """Digest and bytes of a file; None when it cannot be read."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except (OSError, ValueError):
            return None, 0
        self._count += 1
        self._bytes += size
        return digest, size


@dataclass(frozen=True)
class Pair:
    """An inventory and its sidecar as found. digest: what the sidecar says; trouble: why the inventory is of no use."""

    data: bytes | None
    has_sidecar: bool
    digest: str | None
    inventory: Inventory | None
    trouble: str

    @property
    def fits(self) -> bool:
        """Are inventory and sidecar what they were when written?"""
        return self.data is not None and not self.trouble and ocfl.sha256(self.data) == self.digest

    def damages(self, object: str, where: str, others: Sequence[Pair]) -> Iterator[Damage]:
        """What is wrong with the pair itself; the object's other pairs tell which of the two was damaged."""
        at = f"{where}/" if where else ""
        if self.data is None:
            yield _damage("missing", object, at + ocfl.INVENTORY)
        elif self.trouble:
            yield _damage("inventory-damaged", object, at + ocfl.INVENTORY, self.trouble)
        if not self.has_sidecar:
            yield _damage("missing", object, at + ocfl.SIDECAR)
        elif self.digest is None:
            yield _damage("sidecar-mismatch", object, at + ocfl.SIDECAR, "校验文件已损坏。")
        elif self.data is not None and not self.trouble and not self.fits:
            known = {other.digest for other in others} | {ocfl.sha256(other.data) for other in others if other.data}
            if self.digest in known and ocfl.sha256(self.data) not in known:
                yield _damage("inventory-damaged", object, at + ocfl.INVENTORY, "清单与存档时不同。")
            else:
                yield _damage("sidecar-mismatch", object, at + ocfl.SIDECAR)


def _best(pairs: Mapping[str, Pair]) -> Inventory | None:
    """The newest inventory that can be trusted most: whole pairs first, then any that can be read."""
    usable = [pair for pair in pairs.values() if pair.inventory is not None and not pair.trouble]
    ranked = sorted(usable, key=lambda pair: (pair.fits, len((pair.inventory or {})["versions"])))
    return ranked[-1].inventory if ranked else None


def _compare_versions(name: str, inventory: Inventory, pairs: Mapping[str, Pair]) -> Iterator[Damage]:
    """Every version's inventory must tell the same story as the newest one, up to that version."""
    head = inventory["head"]
    if pairs[""].fits and head in pairs and pairs[head].fits and pairs[""].data != pairs[head].data:
        yield _damage("inventory-damaged", name, ocfl.INVENTORY, f"根清单与 {head} 的清单不同。")
    for where, version in inventory["versions"].items():
        pair = pairs.get(where)
        if pair is None:
            yield _damage("missing", name, where)
        elif pair.fits and pair.inventory is not None:
            told = pair.inventory
            if told["head"] != where or told["versions"][where] != version:
                text = f"{where} 的清单与最新清单不一致。"
                yield _damage("inventory-damaged", name, f"{where}/{ocfl.INVENTORY}", text)


def _content_damage(name: str, path: str, seen: str | None, size: int, was: int | None) -> Damage:
    if seen is None:
        return _damage("changed", name, path, "文件无法读取。")
    if size == 0 or (was is not None and size < was):
        before = f"，原为 {was} 字节" if was is not None else ""
        return _damage("truncated", name, path, f"文件被截短：现有 {size} 字节{before}。")
    return _damage("changed", name, path)


def _damage(code: str, object: str, path: str, text: str = "") -> Damage:
    return Damage(code, object, path, text or CODES[code])


def _expected_id(name: str) -> str:
    if name.startswith(f"{LOG}/"):
        return ocfl.log_id(name.removeprefix(f"{LOG}/"))
    return ocfl.object_id(name.rpartition("/")[2])


def _versions(folder: Path) -> list[str]:
    names = [name for name, kind in (_entries(folder) or {}).items() if kind == "folder" and ocfl.is_version(name)]
    return sorted(names, key=lambda name: int(name[1:]))


def _entries(folder: Path) -> dict[str, str] | None:
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
    for name, kind in (_entries(folder / below) or {}).items():
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
