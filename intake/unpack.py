"""Archives among the files of a mail: opened beside themselves, within limits, never outside their folder."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from config.settings import LimitSettings
from intake.entries import Entry, Unreadable, entries, kind_of
from intake.mail import Leaf
from intake.mime.headers import clean
from intake.names import MAX_BYTES, safe_name

CONTENT = ".内容"
"""Ending of the folder beside an archive that holds what was in it."""
_JUNK_FOLDERS = frozenset({"__MACOSX"})
_JUNK = re.compile(r"^(\._.*|~\$.*|thumbs\.db|\.ds_store|desktop\.ini)$", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_RANK = ("bomb", "damaged", "encrypted", "unsafe-name", "link")
_FOLDERS = 20
_SMALL_BOMB = 10 * 1024 * 1024


def unpack(leaf: Leaf, out: Path, limits: LimitSettings) -> tuple[tuple[Leaf, ...], str | None]:
    """What is in the archive `leaf` (a file below `out`), nested archives opened too, and what went wrong.

    Files go to `<archive>.内容/…` beside the archive; their paths are `2/材料/1.jpg`. Not an archive: nothing, None.
    Problem codes: encrypted, damaged, bomb, unsafe-name, link; a nested archive's own stands in its leaf, also
    too-deep. What could be read before a damage is kept; of a bomb nothing is. OSError when a file cannot be written.
    """
    return _Unpacker(out, limits).open(leaf, 1)


class _Unpacker:
    """One archive with the archives inside it; counts entries and bytes of all of them."""

    def __init__(self, out: Path, limits: LimitSettings) -> None:
        self._out = out
        self._limits = limits
        self._entries = limits.archive_entries
        self._bytes = limits.archive_bytes

    def open(self, leaf: Leaf, depth: int) -> tuple[tuple[Leaf, ...], str | None]:
        """Leaves of one archive and of those inside, and its problem."""
        path = self._file(leaf.stored)
        kind = kind_of(path)
        if kind is None:
            return (), None
        if depth > self._limits.archive_depth:
            return (), "too-deep"
        folder = _Folder(self._out, leaf)
        found: list[Leaf] = []
        problems: set[str] = set()
        try:
            self._read(leaf, entries(path, kind), folder, found, problems)
        except Unreadable as error:
            problems.add(error.problem)
        if "bomb" in problems:
            shutil.rmtree(self._file(folder.root), ignore_errors=True)
            return (), "bomb"
        return tuple(self._inner(found, depth)), next((code for code in _RANK if code in problems), None)

    def _inner(self, found: list[Leaf], depth: int) -> Iterator[Leaf]:
        for leaf in found:
            inner, problem = self.open(leaf, depth + 1)
            yield replace(leaf, problem=problem)
            yield from inner

    def _file(self, stored: str) -> Path:
        return self._out / stored.removeprefix("files/")

    def _read(
        self, leaf: Leaf, listed: Iterator[Entry], folder: _Folder, found: list[Leaf], problems: set[str]
    ) -> None:
        """Each entry into a file; Unreadable when the archive breaks off or is a bomb."""
        allowed = max(leaf.size * self._limits.archive_ratio, _SMALL_BOMB)
        for entry in listed:
            self._entries -= 1
            if self._entries < 0:
                raise Unreadable("bomb")
            segments, unsafe = _segments(entry.name)
            if unsafe:
                problems.add("unsafe-name")
            if entry.kind == "link":
                problems.add("link")
            if entry.kind != "file" or not segments or _is_junk(segments):
                continue
            stored, path = folder.place(segments)
            try:
                digest, size = self._write(entry, self._file(stored), allowed)
            except Unreadable as error:
                if error.problem == "bomb":
                    raise
                problems.add(error.problem)
                continue
            allowed -= size
            found.append(Leaf(path, segments[-1], stored, digest, size, within=leaf.path))

    def _write(self, entry: Entry, target: Path, allowed: int) -> tuple[str, int]:
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        try:
            with target.open("xb", buffering=0) as file:
                for chunk in entry.chunks():
                    size += len(chunk)
                    self._bytes -= len(chunk)
                    if size > allowed or self._bytes < 0:
                        raise Unreadable("bomb")
                    digest.update(chunk)
                    file.write(chunk)
        except Unreadable:
            target.unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size


def _segments(name: str) -> tuple[list[str], bool]:
    """Folders and file name of an entry, and whether the name tried to leave the folder."""
    parts = name.replace("\\", "/").split("/")
    unsafe = name.startswith(("/", "\\")) or ".." in parts or bool(_DRIVE.match(name)) or "\x00" in name
    segments = [part for part in map(clean, parts) if part not in ("", ".", "..")]
    if len(segments) > _FOLDERS:
        segments = [*segments[: _FOLDERS - 1], segments[-1]]
    return segments, unsafe


def _is_junk(segments: list[str]) -> bool:
    return bool(_JUNK_FOLDERS.intersection(segments)) or bool(_JUNK.match(segments[-1]))


class _Folder:
    """Where the entries of one archive go: true folder names to stored ones, no two files in one place."""

    def __init__(self, out: Path, leaf: Leaf) -> None:
        self._leaf = leaf
        parent, _, segment = leaf.stored.rpartition("/")
        while len((segment + CONTENT).encode()) > MAX_BYTES - 6:
            segment = segment[:-1]
        name, number = segment + CONTENT, 2
        while (out / f"{parent}/{name}".removeprefix("files/")).exists():
            name, number = f"{segment} ({number}){CONTENT}", number + 1
        self.root = f"{parent}/{name}"
        self._folders: dict[tuple[str, str], str] = {}
        self._taken: dict[str, set[str]] = {}
        self._paths: set[str] = set()

    def place(self, segments: list[str]) -> tuple[str, str]:
        """Stored path and path inside the mail for an entry."""
        stored = self.root
        for segment in segments[:-1]:
            key = (stored, segment)
            if key not in self._folders:
                self._folders[key] = safe_name(segment, self._taken.setdefault(stored, set()))
            stored = f"{stored}/{self._folders[key]}"
        stored = f"{stored}/{safe_name(segments[-1], self._taken.setdefault(stored, set()))}"
        path = wanted = f"{self._leaf.path}/{'/'.join(segments)}"
        number = 2
        while path in self._paths:
            path, number = f"{wanted} ({number})", number + 1
        self._paths.add(path)
        return stored, path
