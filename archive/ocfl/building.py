"""Building one object in a folder of its own: payload by rename, then record, inventories, sidecar last."""

# Plain strings and os calls: for a small mail pathlib costs more than the disk.
# ruff: noqa: PTH116, PTH119, PTH120

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import durable
from archive.ocfl import inventory as ocfl
from archive.ocfl import mending
from archive.ocfl.inventory import Inventory

MESSAGE = "message.eml"
MANIFEST = "manifest.txt"
"""In place of the message when what came is no mail: a `sha256  path` line for each file handed over."""
RECORD = "record.json"
SERVICE = "Baosong"

_SEGMENT = re.compile(r'[^\x00-\x1f\x7f/\\!:*?"<>|]+')
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


class VaultConflict(Exception):
    """A number is in the archive already with other content; str() is one sentence (Chinese), nothing was changed."""


@dataclass(frozen=True)
class Deposit:
    """One 件 ready to be kept.

    folder: spool folder on the archive's file system; it holds the files, and they leave it. files: path below the
    content folder (`message.eml` or `manifest.txt`, `files/…`) -> (SHA-256, bytes), known already, so
    nothing is read again.
    record: JSON data, becomes record.json. year: of arrival.
    """

    number: str
    mailbox: str
    year: int
    folder: Path
    files: Mapping[str, tuple[str, int]]
    record: Mapping[str, Any]


def build_deposit(deposit: Deposit, at: datetime) -> str:
    """The whole object in the spool folder, made by renames; again after a failure gives the same."""
    folder = os.fspath(deposit.folder)
    built = f"{folder}/object"
    content = f"{built}/v1/content"
    for made in (built, f"{built}/v1", content):
        durable.make_folder(made)
    folders = {""}
    for path, (_, size) in deposit.files.items():
        if not ocfl.is_safe(path) or path == RECORD:
            raise ValueError(f"not a content path: {path!r}")
        make_inner(content, os.path.dirname(path), folders)
        move_file(f"{folder}/{path}", f"{content}/{path}", size)
    record = ocfl.encode(deposit.record)
    durable.write_file(f"{content}/{RECORD}", record)
    files = {path: digest for path, (digest, _) in deposit.files.items()}
    files[RECORD] = ocfl.sha256(record)
    id = ocfl.object_id(deposit.number)
    write_object(built, ocfl.first(id, files, at=at, who=SERVICE, message="收存"))
    return built


def build_object(built: str, id: str, files: Mapping[str, bytes], *, at: datetime, who: str, message: str) -> None:
    """An object of one version with these files (logical path -> bytes)."""
    content = f"{built}/v1/content"
    for made in (built, f"{built}/v1", content):
        durable.make_folder(made)
    folders = {""}
    for path, data in files.items():
        make_inner(content, os.path.dirname(path), folders)
        durable.write_file(f"{content}/{path}", data)
    digests = {path: ocfl.sha256(data) for path, data in files.items()}
    write_object(built, ocfl.first(id, digests, at=at, who=who, message=message))


def segment(name: str) -> str:
    """One folder name; ValueError for what could leave its place or is reserved (`!` parts names while building)."""
    if _SEGMENT.fullmatch(name) is None or name.startswith((".", "0=")) or name.endswith((".", " ")):
        raise ValueError(f"not a folder name: {name!r}")
    if ocfl.is_version(name) or name in (ocfl.INVENTORY, ocfl.SIDECAR):
        raise ValueError(f"not a folder name: {name!r}")
    return name


def make_inner(content: str, folder: str, made: set[str]) -> None:
    if folder in made:
        return
    make_inner(content, os.path.dirname(folder), made)
    durable.make_folder(f"{content}/{folder}")
    made.add(folder)


def move_file(source: str, target: str, size: int) -> None:
    """Rename a payload file into the object; one that an earlier try moved already is fine."""
    try:
        found = os.lstat(source)
    except FileNotFoundError:
        found = os.lstat(target)
        source = target
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        raise ValueError(f"{source} is not a file of {size} bytes")
    if source != target:
        durable.move(source, target)
    durable.seal(target)


def write_object(built: str, inventory: Inventory) -> None:
    """Declaration, v1's inventory, root inventory, sidecar last; content is there already."""
    durable.write_file(f"{built}/{ocfl.OBJECT_DECLARATION}", ocfl.OBJECT_DECLARATION_TEXT)
    data = ocfl.encode(inventory)
    mending.write_inventory(f"{built}/v1", data)
    mending.write_inventory(built, data)


def move_in(source: str, place: str) -> None:
    try:
        durable.move(source, place)
    except OSError as error:
        if error.errno in _TAKEN:
            raise VaultConflict(f"{os.path.basename(place)} 在存档中已有别的内容，请核对存档。") from error
        raise


def size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None


def folders(path: str) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
