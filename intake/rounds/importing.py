"""Importing: mails from files, mboxes, Maildirs and folders, and materials handed over, through the same journey."""

from __future__ import annotations

import hashlib
import mailbox as mailboxes
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.names import safe_name
from archive.records import Channel, Source
from intake.decide import Told
from intake.rounds.filing import Arrived, Filed, file_batch
from intake.rounds.office import Office
from intake.worker import MANIFEST

CHUNK = 1024 * 1024
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


def import_paths(
    office: Office, paths: Sequence[Path], order: Order, progress: Callable[[list[Filed]], None] = lambda _: None
) -> list[Filed]:
    """Import everything at `paths`; the same bytes get the number they already have, as a second sighting.

    ImportBusy when another program is importing into this home.
    """
    with office.lock("import") as mine:
        if not mine:
            raise ImportBusy("另一个程序正在向这个工作目录导入，请等它结束后再试")
        spool = office.spool / ".import"
        shutil.rmtree(spool, ignore_errors=True)
        try:
            return _import(office, paths, order, progress, spool)
        finally:
            shutil.rmtree(spool, ignore_errors=True)


def _import(
    office: Office, paths: Sequence[Path], order: Order, progress: Callable[[list[Filed]], None], spool: Path
) -> list[Filed]:
    limits = office.config.settings.limits
    campaign = office.config.campaigns[order.campaign]
    box = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    settings = office.mailbox(box) if box is not None and order.channel == "mail" else None
    place = box if settings is not None and box is not None else order.channel
    code = settings.code if settings is not None else office.config.settings.other_channels_code
    filed: list[Filed] = []
    batch: list[Arrived] = []
    total = 0

    def flush() -> None:
        nonlocal batch, total
        if batch:
            done = file_batch(office, batch)
            filed.extend(done)
            progress(done)
            batch, total = [], 0

    for path, folder, digest, size in _spooled(paths, spool, order.channel):
        source = Source(box or "", path=path)
        told = Told(order.campaign, order.unit, order.who)
        received = order.received or office.now()
        batch.append(
            Arrived(source, folder, digest, size, received, place, code, order.channel, None, order.answer, told)
        )
        total += size
        if len(batch) >= limits.batch_mails or total >= limits.batch_bytes:
            flush()
    flush()
    return filed


def _spooled(paths: Sequence[Path], spool: Path, channel: Channel) -> Iterator[tuple[str, Path, str, int]]:
    """Each mail (or hand-over) of the paths in a spool folder of its own: (where from, folder, sha256, size)."""
    for path in paths:
        if channel != "mail":
            one = _handed_over(path, _token(spool))
            if one[3]:  # an empty disc is nothing
                yield one
        elif path.is_dir() and (path / "cur").is_dir():
            for file in sorted([*(path / "cur").iterdir(), *(path / "new").iterdir()]):
                yield _mail_file(file, _token(spool))
        elif path.is_dir():
            for file in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in (".eml", ".mbox")):
                yield from _file(file, spool)
        else:
            yield from _file(path, spool)


def _file(path: Path, spool: Path) -> Iterator[tuple[str, Path, str, int]]:
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
            yield f"{path}#{key}", folder, hashlib.sha256(data).hexdigest(), len(data)
    finally:
        box.close()


def is_loose(path: Path) -> bool:
    """Whether it is a file of materials, no mail: by its beginning, unless its name says it is a mail."""
    if not path.is_file() or path.suffix.lower() in (".eml", ".mbox"):
        return False
    with path.open("rb") as file:
        return not re.match(rb"\s*(From |[!-9;-~]+[ \t]*:)", file.read(512))


def _mail_file(path: Path, folder: Path) -> tuple[str, Path, str, int]:
    digest, size = _copy(path, folder / "message.eml")
    return str(path), folder, digest, size


def _handed_over(path: Path, folder: Path) -> tuple[str, Path, str, int]:
    """A file or folder of materials (disc, U盘, upload): copied while hashing, listed in a manifest."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
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
        digest, size = _copy(file, stored)
        total += size
        lines.append(f"{digest}  {stored.relative_to(folder).as_posix()}\n")
    text = "".join(lines).encode()
    (folder / MANIFEST).write_bytes(text)
    return str(path), folder, hashlib.sha256(text).hexdigest(), total


def _stored_folder(folder: Path, folders: dict[Path, Path], taken: dict[Path, set[str]]) -> Path:
    """Where the files of a folder of the disc go; two folders never share one place."""
    if folder not in folders:
        parent = _stored_folder(folder.parent, folders, taken)
        folders[folder] = parent / safe_name(folder.name, taken.setdefault(parent, set()))
    return folders[folder]


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as read, target.open("wb") as write:
        while data := read.read(CHUNK):
            digest.update(data)
            write.write(data)
            size += len(data)
    return digest.hexdigest(), size


def _token(spool: Path) -> Path:
    folder = spool / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder
