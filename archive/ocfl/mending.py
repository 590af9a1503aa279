"""What a crash left of one change to an object, and how it is finished or taken back.

A change is built in a folder of its own (the stage) and renamed into the object step by step. The order of an object's
change is: folder vN, root inventory.json, its sidecar. So whatever moment the power failed, the stage and the object
together tell how far it had come.
"""

# Plain strings and os calls: for a small mail pathlib costs more than the disk.
# ruff: noqa: PTH112, PTH120, PTH208

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from archive import durable
from archive.ocfl import inventory as ocfl

TOMBSTONE = "tombstone"
REMOVED = "removed"


def install(stage: str, place: str) -> None:
    """Put the stage's inventory, then its sidecar over the object's; each step is on the disk before the next."""
    durable.sync_folder(place)
    durable.replace(f"{stage}/{ocfl.INVENTORY}", f"{place}/{ocfl.INVENTORY}")
    durable.sync_folder(place)
    durable.replace(f"{stage}/{ocfl.SIDECAR}", f"{place}/{ocfl.SIDECAR}")
    durable.sync_folder(place)


def write_inventory(folder: str, data: bytes) -> None:
    """An inventory and, last, its sidecar."""
    durable.write_file(f"{folder}/{ocfl.INVENTORY}", data)
    durable.write_file(f"{folder}/{ocfl.SIDECAR}", ocfl.sidecar(data))


def mend_object(stage: str, place: str, name: str) -> list[str]:
    """Finish or take back the change that the stage speaks of; the caller then removes the stage."""
    if os.path.lexists(f"{stage}/{REMOVED}"):
        if not os.path.lexists(place):
            whole = os.path.lexists(f"{stage}/{TOMBSTONE}")
            durable.move(f"{stage}/{TOMBSTONE if whole else REMOVED}", place)
        durable.sync_folder(os.path.dirname(place))
        return [f"{name}：已完成中断的撤销。"]
    if not os.path.isdir(place):
        return [f"{name}：已清除未完成的写入。"]
    return _mend_version(stage, place, name)


def _mend_version(stage: str, place: str, name: str) -> list[str]:
    """The object's highest version folder decides: whole, it is finished; unfinished and named nowhere, it goes."""
    top = max((int(folder[1:]) for folder in os.listdir(place) if ocfl.is_version(folder)), default=0)
    newest = f"{place}/v{top}"
    root = _read(f"{place}/{ocfl.INVENTORY}")
    root_fits = _read(f"{place}/{ocfl.SIDECAR}") == ocfl.sidecar(root)
    data = _read(f"{newest}/{ocfl.INVENTORY}")
    if root_fits and root == data:
        return [f"{name}：已清除未完成的写入。"]
    if _is_whole(place, top, data) and (root == data or (root_fits and _head(root) == top - 1)):
        write_inventory(stage, data)
        durable.sync_trees([stage])
        install(stage, place)
        return [f"{name}：已完成中断的第 {top} 版。"]
    if root_fits and _head(root) == top - 1:
        durable.remove_tree(f"{stage}/unfinished")
        durable.move(newest, f"{stage}/unfinished")
        durable.sync_folder(place)
        return [f"{name}：已去掉未写完的第 {top} 版。"]
    return [f"{name}：清单有损坏，请运行 baosong verify。"]


def _is_whole(place: str, version: int, data: bytes) -> bool:
    """Does this version folder hold its inventory, sidecar and every file the inventory says it holds?"""
    try:
        inventory = ocfl.parse(data)
    except ocfl.InventoryError:
        return False
    if inventory["head"] != f"v{version}" or _read(f"{place}/v{version}/{ocfl.SIDECAR}") != ocfl.sidecar(data):
        return False
    return all(
        _digest(f"{place}/{path}") == digest
        for path, digest in ocfl.content_files(inventory).items()
        if path.startswith(f"v{version}/")
    )


def _head(data: bytes) -> int:
    try:
        return int(ocfl.parse(data)["head"][1:])
    except ocfl.InventoryError:
        return 0


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def _digest(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def remove_empty_folders(root: str, below: str) -> list[str]:
    """Remove folders for mailboxes, years and log groups that hold nothing; objects are not entered."""
    done = []
    folder = f"{root}/{below}" if below else root
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    for name in names:
        inner = f"{below}/{name}" if below else name
        if inner.count("/") >= 2 and not inner.startswith("_log/"):
            continue
        if os.path.lexists(f"{root}/{inner}/{ocfl.OBJECT_DECLARATION}"):
            continue
        done += remove_empty_folders(root, inner)
        if not os.listdir(f"{root}/{inner}"):
            durable.remove_folder(f"{root}/{inner}")
            done.append(f"{inner}：已清除空文件夹。")
    return done
