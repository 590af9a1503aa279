"""Copying one object into a second storage root: whole or not at all, checked before it is in its place.

The copy has its own building folder beside it, as the archive has, so that what a crash left is mended in the same way.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from archive import durable
from archive.checking import TOMBSTONE, check_object
from archive.ocfl import inventory as ocfl
from archive.ocfl import mending
from archive.vault import Vault


class NotCopied(Exception):
    """The object was not copied, the copy is as it was; str() says why (Chinese)."""


def copy_object(source: Path, target: Path, place: str) -> bool:
    """Bring the object at `place` of one root into the other; False when it lies there as it is already.

    The target is a storage root (`Vault.create`). NotCopied when the source is damaged, or the target holds something
    that is no earlier version of it. OSError when the disk fails.
    """
    new, old = source / place, target / place
    stage = target.with_name(f".{target.name}.building") / place.replace("/", "!")
    if stage.exists():  # a crash left it
        Vault(target).mend()
    if old.is_dir() and _same(new, old):
        return False
    if not new.is_dir():
        raise NotCopied(f"存档中没有 {place}，没有可复制的。")
    try:
        staged = stage / "tree" / place
        try:
            shutil.copytree(new, staged, symlinks=True)
        except OSError:  # either side may be at fault
            _refuse_damaged(source, place)
            raise
        _refuse_damaged(stage / "tree", place)
        durable.sync_trees([os.fspath(stage)])
        if not os.path.lexists(old):
            _first(target, staged, old)
        elif _is_earlier(old, new):
            _next(staged, old)
        elif _is_tombstone(new):
            _instead(stage, staged, old)
        else:
            raise NotCopied(f"第二份存档中的 {place} 不是它的较早版本，没有覆盖，请核对。")
    finally:
        durable.remove_tree(os.fspath(stage))
    return True


def _refuse_damaged(root: Path, place: str) -> None:
    trouble = check_object(root, place).damages
    if trouble:
        raise NotCopied(f"{place} 有损坏（{trouble[0].code} {trouble[0].path}），没有复制到第二份存档。")


def _same(new: Path, old: Path) -> bool:
    return all(_bytes(new / name) == _bytes(old / name) != b"" for name in (ocfl.INVENTORY, ocfl.SIDECAR))


def _is_earlier(old: Path, new: Path) -> bool:
    try:
        was, now = ocfl.parse(_bytes(old / ocfl.INVENTORY)), ocfl.parse(_bytes(new / ocfl.INVENTORY))
    except ocfl.InventoryError:
        return False
    return was["head"] in now["versions"] and ocfl.as_of(now, was["head"]) == was


def _is_tombstone(new: Path) -> bool:
    return TOMBSTONE in ocfl.head_files(ocfl.parse(_bytes(new / ocfl.INVENTORY)))


def _first(target: Path, staged: Path, old: Path) -> None:
    made = target
    for part in old.parent.relative_to(target).parts:
        made /= part
        durable.make_folder(os.fspath(made))
    durable.move(os.fspath(staged), os.fspath(old))
    for folder in [old.parent, *old.parent.parents]:
        durable.sync_folder(os.fspath(folder))
        if folder == target:
            break


def _next(staged: Path, old: Path) -> None:
    """In the order in which the archive itself adds a version, so that a reader never sees half of one."""
    for version in sorted(staged.glob("v*"), key=lambda folder: int(folder.name[1:])):
        if not (old / version.name).exists():
            durable.move(os.fspath(version), os.fspath(old / version.name))
    mending.install(os.fspath(staged), os.fspath(old))


def _instead(stage: Path, staged: Path, old: Path) -> None:
    """A tombstone takes the place of what was removed by authority."""
    durable.move(os.fspath(staged), os.fspath(stage / mending.TOMBSTONE))
    durable.move(os.fspath(old), os.fspath(stage / mending.REMOVED))
    durable.move(os.fspath(stage / mending.TOMBSTONE), os.fspath(old))
    durable.sync_folder(os.fspath(old.parent))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
