"""One image for a disc: UDF for today's systems and files over 4 GB, Rock Ridge for Linux, Joliet for old Windows.

All three name the same bytes. The image is read again by its UDF names. pycdlib writes the moment into it, so two
images of the same files are not the same bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from archive.export.discs import room_for
from archive.export.parcel import Advance, CannotHandOver, Copy, blocks

_BLOCK = 1024 * 1024
_JOLIET = 64
"""Bytes of UTF-8 that pycdlib allows for a Joliet name (the format: 64 characters)."""


@dataclass(frozen=True)
class Image:
    """An image that holds these files. label: the name of the disc (16 characters at most)."""

    path: str
    label: str
    copies: tuple[Copy, ...]
    dated: bool = False

    @property
    def size(self) -> int:
        """At most so many bytes."""
        return room_for(self.copies)

    def write(self, target: Path, advance: Advance) -> None:
        """Write the image."""
        disc = pycdlib.PyCdlib()
        disc.new(interchange_level=4, rock_ridge="1.09", joliet=3, udf="2.60", vol_ident=self.label)
        try:
            _fill(disc, self.copies)
            done = 0

            def progress(now: int, _total: int, _: Any) -> None:
                nonlocal done
                advance(now - done)
                done = now

            disc.write(str(target), progress_cb=progress)
        finally:
            disc.close()

    def is_whole(self, target: Path, advance: Advance) -> bool:
        """Exactly these files, each with its SHA-256. CannotHandOver when the archive's own file is the wrong one."""
        disc = pycdlib.PyCdlib()
        try:
            disc.open(str(target))
        except PyCdlibException:
            return False
        try:
            if set(_names(disc)) != {f"/{copy.path}" for copy in self.copies}:
                return False
            return all(_is_same(disc, copy, advance) for copy in self.copies)
        except PyCdlibException:
            return False
        finally:
            disc.close()


@dataclass(frozen=True)
class Sums:
    """A list for `sha256sum -c` of files that lie beside it and are written before it."""

    path: str
    names: tuple[str, ...]
    size: int = 0
    dated: bool = False

    def write(self, target: Path, advance: Advance) -> None:
        """Read the files and write the list."""
        target.write_bytes(self._lines(target.parent))

    def is_whole(self, target: Path, advance: Advance) -> bool:
        """Does it still say what the files are?"""
        return target.read_bytes() == self._lines(target.parent)

    def _lines(self, folder: Path) -> bytes:
        lines = []
        for name in self.names:
            with (folder / name).open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
        return "".join(lines).encode()


def _fill(disc: pycdlib.PyCdlib, copies: Sequence[Copy]) -> None:
    """Every folder and file by its three names; the ISO 9660 name below Rock Ridge is only a number."""
    folders = {"": ("", "")}
    taken: dict[str, set[str]] = {}
    for count, copy in enumerate(copies, start=1):
        way = PurePosixPath(copy.path)
        for folder in reversed(way.parents):
            path = str(folder)
            if path != "." and path not in folders:
                iso, joliet = _below(folders, folder, f"D{len(folders)}", taken)
                disc.add_directory(iso, rr_name=folder.name, joliet_path=joliet, udf_path=f"/{path}")
                folders[path] = (iso, joliet)
        iso, joliet = _below(folders, way, f"F{count}", taken)
        udf = f"/{copy.path}"
        if isinstance(copy.source, bytes):
            data = io.BytesIO(copy.source)
            disc.add_fp(data, copy.size, iso, rr_name=way.name, joliet_path=joliet, udf_path=udf)
        else:
            disc.add_file(str(copy.source), iso, rr_name=way.name, joliet_path=joliet, udf_path=udf)


def _below(
    folders: dict[str, tuple[str, str]], way: PurePosixPath, number: str, taken: dict[str, set[str]]
) -> tuple[str, str]:
    """The ISO 9660 and the Joliet path of a file or folder."""
    parent = str(way.parent) if str(way.parent) != "." else ""
    iso, joliet = folders[parent]
    return f"{iso}/{number}", f"{joliet}/{joliet_name(way.name, taken.setdefault(joliet, set()))}"


def joliet_name(name: str, taken: set[str]) -> str:
    """A short name for Joliet: characters of the Basic Multilingual Plane, no `;`, unlike those taken."""
    plain = "".join("_" if ord(letter) > 0xFFFF or letter == ";" else letter for letter in name)
    stem, ending = PurePosixPath(plain).stem, PurePosixPath(plain).suffix
    if len(ending.encode()) > 10:
        stem, ending = plain, ""
    count, short = 1, _cut(stem, ending)
    while short.lower() in taken:
        count += 1
        short = _cut(stem, f"~{count}{ending}")
    taken.add(short.lower())
    return short


def _cut(stem: str, ending: str) -> str:
    return stem.encode()[: _JOLIET - len(ending.encode())].decode(errors="ignore") + ending


def _names(disc: pycdlib.PyCdlib, folder: str = "") -> Iterator[str]:
    """The UDF path of every file. (pycdlib's own walk fails where Latin and Chinese names lie in one another.)"""
    for entry in disc.list_children(udf_path=folder or "/"):
        if entry is None or entry.file_ident is None:
            continue
        path = f"{folder}/{entry.file_ident.fi.decode(entry.file_ident.encoding)}"
        if entry.is_dir():
            yield from _names(disc, path)
        else:
            yield path


def _is_same(disc: pycdlib.PyCdlib, copy: Copy, advance: Advance) -> bool:
    digest = hashlib.sha256()
    with disc.open_file_from_iso(udf_path=f"/{copy.path}") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            advance(len(block))
    if digest.hexdigest() == copy.sha256:
        return True
    own = hashlib.sha256()
    for block in blocks(copy.source):
        own.update(block)
    if own.hexdigest() != copy.sha256:
        raise CannotHandOver(f"存档中的 {copy.source!s} 与校验值不符，没有导出；请先运行：baosong verify")
    return False
