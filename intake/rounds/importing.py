"""Importing: mails from files, mboxes, Maildirs and folders, and materials handed over, through the same journey."""

from __future__ import annotations

import contextlib
import hashlib
import mailbox as mailboxes
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from archive import durable
from archive.names import safe_name
from archive.records import Channel, Handed, Source
from intake.decide import Told
from intake.rounds.discs import spoilt_disc
from intake.rounds.filing import Arrived, Filed, file_batch
from intake.rounds.office import Office
from intake.worker import MANIFEST

CHUNK = 1024 * 1024
NOT_TOLD = Handed()
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
"""In an mbox a line of a mail that begins with `From ` has a `>` in front (mboxrd: one more than it had)."""
SKIPPED = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


class ImportBusy(Exception):
    """Another program is importing into the same home; str() is one sentence (Chinese)."""


@dataclass(frozen=True)
class Order:
    """What whoever imports says: which campaign and unit, when it came, by what way, and whether to answer."""

    campaign: str
    unit: str | None = None
    received: datetime | None = None
    channel: Channel = "mail"
    answer: bool = False
    who: str = ""
    handed: Handed = NOT_TOLD


class Spooled(NamedTuple):
    """One mail or hand-over in a spool folder: where it came from, its SHA-256, bytes, and how it was handed over."""

    path: str
    folder: Path
    sha256: str
    size: int
    handed: Handed | None = None


def import_paths(
    office: Office,
    paths: Sequence[Path],
    order: Order,
    progress: Callable[[list[Filed]], None] = lambda _: None,
    spoilt: Callable[[str], None] = lambda _: None,
) -> list[Filed]:
    """Import everything at `paths`; the same bytes get the number they already have, as a second sighting.

    spoilt: is told one sentence for each disc that could not be read or only in part.
    ImportBusy when another program is importing into this home.
    """
    with office.lock("import") as mine:
        if not mine:
            raise ImportBusy("另一个程序正在向这个工作目录导入，请等它结束后再试")
        spool = office.spool / ".import"
        shutil.rmtree(spool, ignore_errors=True)
        try:
            return _import(office, paths, order, progress, spoilt, spool)
        finally:
            shutil.rmtree(spool, ignore_errors=True)


def _import(
    office: Office,
    paths: Sequence[Path],
    order: Order,
    progress: Callable[[list[Filed]], None],
    tell: Callable[[str], None],
    spool: Path,
) -> list[Filed]:
    limits = office.config.settings.limits
    campaign = office.config.campaigns[order.campaign]
    box = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    settings = office.mailbox(box) if box is not None and order.channel == "mail" else None
    place = box if settings is not None and box is not None else order.channel
    code = settings.code if settings is not None else office.config.settings.other_channels_code
    filed: list[Filed] = []
    spoilt: dict[str, Handed] = {}
    batch: list[Arrived] = []
    total = 0

    def flush() -> None:
        nonlocal batch, total
        if batch:
            done = file_batch(office, batch)
            filed.extend(done)
            progress(done)
            batch, total = [], 0

    for one in _spooled(paths, spool, order):
        source = Source(box or "", path=one.path)
        told = Told(order.campaign, order.unit, order.who)
        if one.handed is not None and one.handed.unreadable:
            spoilt[one.path] = one.handed
            if not one.size:  # nothing of it could be read: there is no 件, only what staff are told
                continue
        batch.append(
            Arrived(
                source, one.folder, one.sha256, one.size, order.received or office.now(), place, code, order.channel,
                None, order.answer, told, one.handed,
            )
        )  # fmt: skip
        total += one.size
        if len(batch) >= limits.batch_mails or total >= limits.batch_bytes:
            flush()
    flush()
    for path, handed in spoilt.items():
        number = next((one.number for one in filed if one.source.path == path), None)
        tell(spoilt_disc(office, campaign, handed, number, order.unit, order.who))
    return filed


def _spooled(paths: Sequence[Path], spool: Path, order: Order) -> Iterator[Spooled]:
    """Each mail (or hand-over) of the paths in a spool folder of its own."""
    for path in paths:
        if order.channel != "mail":
            one = _handed_over(path, _token(spool), order)
            if one.size or (one.handed is not None and one.handed.unreadable):  # an empty disc is nothing
                yield one
        elif path.is_dir() and (path / "cur").is_dir():
            for file in sorted([*(path / "cur").iterdir(), *(path / "new").iterdir()]):
                yield _mail_file(file, _token(spool))
        elif path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in (".eml", ".mbox")):
                yield from _file(file, spool)
        else:
            yield from _file(path, spool)


def _file(path: Path, spool: Path) -> Iterator[Spooled]:
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if not is_mbox:
        yield _mail_file(path, _token(spool))
        return
    box = mailboxes.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            folder = _token(spool)
            data = _QUOTED_FROM.sub(rb"\1", box.get_bytes(key))
            (folder / "message.eml").write_bytes(data)
            yield Spooled(f"{path}#{key}", folder, hashlib.sha256(data).hexdigest(), len(data))
    finally:
        box.close()


def is_loose(path: Path) -> bool:
    """Whether it is a file of materials, no mail: by its beginning, unless its name says it is a mail."""
    if not path.is_file() or path.suffix.lower() in (".eml", ".mbox"):
        return False
    with path.open("rb") as file:
        return not re.match(rb"\s*(From |[!-9;-~]+[ \t]*:)", file.read(512))


def _mail_file(path: Path, folder: Path) -> Spooled:
    digest, size = _copy(path, folder / "message.eml")
    return Spooled(str(path), folder, digest, size)


def _handed_over(path: Path, folder: Path, order: Order) -> Spooled:
    """A file or folder of materials (disc, U盘, upload): copied while hashing, read twice, listed in a manifest."""
    files, unreadable = ([path], []) if path.is_file() else _files_below(path)
    base = path.parent if path.is_file() else path
    target = folder / "files"
    target.mkdir()
    lines, total = [], 0
    taken: dict[Path, set[str]] = {}
    folders = {base: target}
    for file in files:
        if file.name.lower() in SKIPPED:
            continue
        parent = _stored_folder(file.parent, folders, taken)
        parent.mkdir(parents=True, exist_ok=True)
        stored = parent / safe_name(file.name, taken.setdefault(parent, set()))
        read = _read_twice(file, stored)
        if read is None:
            unreadable.append(file.relative_to(base).as_posix())
            continue
        total += read[1]
        lines.append(f"{read[0]}  {stored.relative_to(folder).as_posix()}\n")
    text = "".join(lines).encode()
    (folder / MANIFEST).write_bytes(text)
    handed = replace(order.handed, unreadable=tuple(unreadable), receiver=order.handed.receiver or order.who)
    return Spooled(str(path), folder, hashlib.sha256(text).hexdigest(), total, handed)


def _files_below(path: Path) -> tuple[list[Path], list[str]]:
    """The files of a folder in order, links left out, and the folders that could not be listed."""
    unreadable: list[str] = []
    found: list[Path] = []
    for folder, _, names in os.walk(path, onerror=lambda trouble: unreadable.append(_inside(path, trouble))):
        found += [each for name in names if not (each := Path(folder, name)).is_symlink() and each.is_file()]
    return sorted(found), unreadable


def _inside(path: Path, trouble: OSError) -> str:
    below = Path(str(trouble.filename)).relative_to(path).as_posix()
    return f"{'' if below == '.' else below}/"


def _stored_folder(folder: Path, folders: dict[Path, Path], taken: dict[Path, set[str]]) -> Path:
    """Where the files of a folder of the disc go; two folders never share one place."""
    if folder not in folders:
        parent = _stored_folder(folder.parent, folders, taken)
        folders[folder] = parent / safe_name(folder.name, taken.setdefault(parent, set()))
    return folders[folder]


class _Unreadable(OSError):
    """The source gave no bytes where it should have; what goes wrong while writing is no matter of the disc."""


def _read_twice(source: Path, target: Path) -> tuple[str, int] | None:
    """Copy a file of a disc, then read it a second time and compare; (SHA-256, size), None when it cannot be read.

    A worn disc may give other bytes at each reading: what differs is copied once more before it counts as unreadable.
    """
    for _ in range(2):
        with contextlib.suppress(_Unreadable):
            first, size = _copy(source, target)
            if _digest(source) == first:
                return first, size
    target.unlink(missing_ok=True)
    return None


def _digest(source: Path) -> str:
    with contextlib.suppress(OSError):
        durable.read_afresh(str(source))
    digest = hashlib.sha256()
    for data in _chunks(source):
        digest.update(data)
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as write:
        for data in _chunks(source):
            digest.update(data)
            write.write(data)
            size += len(data)
    return digest.hexdigest(), size


def _chunks(source: Path) -> Iterator[bytes]:
    try:
        read = source.open("rb")
    except OSError as trouble:
        raise _Unreadable from trouble
    with read:
        while True:
            try:
                data = read.read(CHUNK)
            except OSError as trouble:
                raise _Unreadable from trouble
            if not data:
                return
            yield data


def _token(spool: Path) -> Path:
    folder = spool / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder
