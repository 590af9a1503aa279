"""A parcel: the files of one hand-over, written into a folder, read again from the disk, and only then given its name.

While it is made the folder is called `NAME.未完成`. A run that was killed is gone on with: what lies there whole is
kept, the rest is written, and all of it is read again. A folder that bears its own name is whole; it is never changed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from archive import durable

UNFINISHED = ".未完成"
WRITING = ".正在写"
SPARE = 16 * 1024 * 1024
"""Bytes that must stay free on the disk."""
_BLOCK = 1024 * 1024
_WHY = {
    errno.EFBIG: "这个盘不能存放这么大的文件（FAT32 每个文件不超过 4 GB），请换成 exFAT 或 NTFS 的盘",
    errno.ENOSPC: "磁盘满了",
    errno.EROFS: "这个盘是只读的",
    errno.EACCES: "没有写入的权限",
    errno.EIO: "读写出错，盘可能有问题或已拔出",
}

Advance = Callable[[int], None]
"""Called with how many bytes more were written or checked."""


class CannotHandOver(Exception):
    """Why nothing, or no more, could be written: one sentence (Chinese) with the next step."""


class Enclosed(Protocol):
    """One file of a parcel. path: below the parcel, with `/`; size: bytes it needs (an estimate may be too high);
    dated: it says when it was made, so that a later run may differ."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def dated(self) -> bool: ...

    def write(self, target: Path, advance: Advance) -> None:
        """Write it; target does not exist yet."""

    def is_whole(self, target: Path, advance: Advance) -> bool:
        """Read it again: is every byte what the archive holds?"""


@dataclass(frozen=True)
class Copy:
    """A file of the archive, or bytes made for the occasion, to lie at `path`.

    group: the 件 it belongs to; what has one group stays on one disc.
    """

    path: str
    source: Path | bytes
    sha256: str
    size: int
    group: str = ""
    dated: bool = False

    def write(self, target: Path, advance: Advance) -> None:
        """Copy while hashing; CannotHandOver when the archive's own file is not what it should be."""
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for block in blocks(self.source):
                digest.update(block)
                file.write(block)
                advance(len(block))
        if digest.hexdigest() != self.sha256:
            raise CannotHandOver(f"存档中的 {self.source!s} 与校验值不符，没有导出；请先运行：baosong verify")

    def is_whole(self, target: Path, advance: Advance) -> bool:
        """The same SHA-256 as the archive has."""
        digest = hashlib.sha256()
        for block in blocks(target):
            digest.update(block)
            advance(len(block))
        return digest.hexdigest() == self.sha256


@dataclass(frozen=True)
class Delivered:
    """A parcel that is whole. again: it was there already, and is the same."""

    folder: Path
    files: int
    size: int
    again: bool = False


def made(path: str, data: bytes, group: str = "", dated: bool = False) -> Copy:
    """A file whose bytes are made here."""
    return Copy(path, data, hashlib.sha256(data).hexdigest(), len(data), group, dated)


def kept(path: str, lies_at: Path, sha256: str, group: str = "") -> Copy:
    """A file of the archive, with the SHA-256 it has there."""
    return Copy(path, lies_at, sha256, lies_at.stat().st_size, group)


def checksums(copies: Iterable[Copy]) -> bytes:
    """What `sha256sum -c` reads: digest, two spaces, path; by path. Names hold no line ends."""
    return "".join(f"{one.sha256}  {one.path}\n" for one in sorted(copies, key=lambda one: one.path)).encode()


def blocks(source: Path | bytes) -> Iterator[bytes]:
    """The bytes of a file, or of bytes, in pieces."""
    if isinstance(source, bytes):
        if source:
            yield source
        return
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def total(parts: Sequence[Enclosed]) -> int:
    """What `advance` is told in all: everything is written once and read once."""
    return 2 * sum(part.size for part in parts)


def deliver(parts: Sequence[Enclosed], to: Path, name: str, advance: Advance) -> Delivered:
    """Write the parcel NAME below `to`. CannotHandOver: no space, another parcel of that name, or a bad disk."""
    paths = [part.path for part in parts]
    if len(set(paths)) != len(paths):
        raise ValueError("two files of a parcel have one path")
    whole, building = to / name, to / f"{name}{UNFINISHED}"
    size = sum(part.size for part in parts)
    if whole.exists():
        if _strangers(whole, paths) or any(_wrong(part, whole, advance) for part in parts if not part.dated):
            raise CannotHandOver(f"{whole} 已有一份，与现在的存档不同；请换一个 --to，或把它移走后再导出")
        return Delivered(whole, len(parts), size, again=True)
    try:
        building.mkdir(parents=True, exist_ok=True)
        _make_room(parts, building)
        for part in parts:
            _write(part, building, advance)
        for part in parts:
            _check(part, building, advance)
        durable.sync_trees([os.fspath(building)])
        durable.move(os.fspath(building), os.fspath(whole))
        with contextlib.suppress(OSError):  # some file systems of removable disks cannot sync a folder
            durable.sync_folder(os.fspath(to))
    except OSError as trouble:
        why = _WHY.get(trouble.errno or 0, trouble.strerror)
        raise CannotHandOver(f"不能写入 {to}：{why}；修好后再运行一次，会接着写完") from trouble
    return Delivered(whole, len(parts), size)


def _make_room(parts: Sequence[Enclosed], building: Path) -> None:
    """Take away what an earlier run left that is no part of this parcel, and see that the rest fits on the disk."""
    for stranger in _strangers(building, [part.path for part in parts]):
        stranger.unlink()
    need = sum(part.size for part in parts if not _is_there(part, building))
    free = shutil.disk_usage(building).free
    if need + SPARE > free:
        raise CannotHandOver(
            f"{building.parent} 所在的磁盘只剩 {amount(free)}，还需要 {amount(need + SPARE)}；请腾出空间或换一个 --to"
        )


def _strangers(folder: Path, paths: Sequence[str]) -> list[Path]:
    wanted = {folder / path for path in paths}
    return [path for path in sorted(folder.rglob("*")) if not path.is_dir() and path not in wanted]


def _is_there(part: Enclosed, building: Path) -> bool:
    """It bears its own name, so it was written to its end; whether it is right is seen when all is read again."""
    target = building / part.path
    return target.is_file() and (not isinstance(part, Copy) or target.stat().st_size == part.size)


def _write(part: Enclosed, building: Path, advance: Advance) -> None:
    if _is_there(part, building):
        advance(part.size)
        return
    target = building / part.path
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{_short(target.name)}{WRITING}")
    draft.unlink(missing_ok=True)
    part.write(draft, advance)
    durable.forget(os.fspath(draft))
    draft.replace(target)


def _short(name: str) -> str:
    """A name that has room for an ending: file systems allow 255 bytes."""
    return name if len(name.encode()) <= 230 else hashlib.sha256(name.encode()).hexdigest()


def _check(part: Enclosed, building: Path, advance: Advance) -> None:
    """Read it again; what is wrong is written once more, since it may be of a run that was killed."""
    if not _wrong(part, building, advance):
        return
    (building / part.path).unlink(missing_ok=True)
    _write(part, building, lambda _: None)
    if _wrong(part, building, lambda _: None):
        raise CannotHandOver(f"{building / part.path} 写入后读回与存档不符，磁盘可能有问题；请换一个 --to 再试")


def _wrong(part: Enclosed, folder: Path, advance: Advance) -> bool:
    target = folder / part.path
    return not target.is_file() or not part.is_whole(target, advance)


def amount(size: int) -> str:
    """Bytes as staff read them: 4.7 GB, 12 MB (powers of ten, as discs and disks are sold)."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("KB", 1000)):
        if size >= step:
            return f"{size / step:.1f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{size} 字节"


def safe(path: str) -> str:
    """The path with `%` made `％`: RFC 8493 wants it written %25 in a manifest, which common readers do not undo."""
    return str(PurePosixPath(path)).replace("%", "％")
