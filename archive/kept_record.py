"""What is wanted in a folder in which people work too, and what we wrote there, so that theirs is known from ours."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive import durable

_BLOCK = 1024 * 1024


class NoSource(Exception):
    """A wanted file cannot be had; the text says why (Chinese)."""


@dataclass(frozen=True)
class Wanted:
    """One file that should lie at `path` (below the folder, with `/`).

    stamp: tells whether it is still the same: the file's SHA-256, or a digest of what it is made from. size: bytes, 0
    when it is not known before. source: gives the file to copy, or the bytes; NoSource. sha256: of the copied file,
    "" for bytes that are made. dated: the time to give it.
    """

    path: str
    stamp: str
    size: int
    source: Callable[[], Path | bytes]
    sha256: str = ""
    dated: datetime | None = None


@dataclass(frozen=True)
class Ours:
    """One file we wrote. at: where it lies (`path`, or beside it). mtime: ns, None while it is being written;
    before: the SHA-256 of the file of ours that it takes the place of, "" for none."""

    path: str
    at: str
    stamp: str
    sha256: str
    size: int
    mtime: int | None
    before: str = ""


@dataclass
class Record:
    """What we wrote, by section (a unit, or the tables), with the mark of what each section was made from."""

    marks: dict[str, str] = field(default_factory=dict)
    sections: dict[str, dict[str, Ours]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Record:
        """Empty when there is none or it cannot be read: then equal bytes are known again, all else is theirs."""
        try:
            data = json.loads(file.read_bytes())
            sections = {name: {row[0]: Ours(*row) for row in rows} for name, rows in data["sections"].items()}
            return cls(dict(data["marks"]), sections)
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return cls()

    def write(self, file: Path) -> None:
        """In one step and on the disk."""
        sections = {
            name: [[o.path, o.at, o.stamp, o.sha256, o.size, o.mtime, o.before] for o in rows.values()]
            for name, rows in self.sections.items()
        }
        draft = f"{file}.new"
        data = json.dumps({"marks": self.marks, "sections": sections}).encode()
        durable.write_file(draft, data)
        durable.sync_file(draft)
        durable.replace(draft, os.fspath(file))


def make(want: Wanted, draft: str) -> str:
    """Copy or write the file at `draft`; its SHA-256. A copy that shares the source's blocks needs no second look."""
    source = want.source()
    if isinstance(source, bytes):
        Path(draft).write_bytes(source)
        digest = hashlib.sha256(source).hexdigest()
    elif durable.clone(os.fspath(source), draft):
        digest = want.sha256
    else:
        digest = _copy(source, draft)
        if digest != want.sha256:
            Path(draft).unlink()
            raise NoSource(f"存档中的 {source} 与校验值不符，没有放入材料夹；请先运行：baosong verify")
    if want.dated is not None:
        os.utime(draft, (want.dated.timestamp(), want.dated.timestamp()))
    return digest


def _copy(source: Path, draft: str) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as old, Path(draft).open("wb") as new:
        while block := old.read(_BLOCK):
            digest.update(block)
            new.write(block)
    return digest.hexdigest()


def sha256_of(path: Path) -> str:
    """Of the bytes of a file. OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
