"""Resumable uploads as tus 1.0.0 says (core, creation, termination): an upload is a folder with what is known of it
and the bytes that came so far; a broken connection costs only the bytes under way."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

MOST = 200
"""Files of one unit under way."""
KEPT = timedelta(days=7)
"""Uploads nobody went on with are removed after these days."""
SPARE = 512 * 1024 * 1024
"""Bytes of the disk that uploads never take."""
_ID = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class NotTaken(Exception):
    """An upload that is not taken: the HTTP status and a sentence (Chinese)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Upload:
    """One file under way. size, offset: bytes."""

    id: str
    name: str
    size: int
    offset: int

    @property
    def whole(self) -> bool:
        """Whether all of it came."""
        return self.offset == self.size


class Tray:
    """The uploads of one unit of one campaign."""

    def __init__(self, root: Path, campaign: str, unit: str, limit: int) -> None:
        self._folder = root / _safe(campaign) / _safe(unit)
        self._limit = limit

    def all(self) -> list[Upload]:
        """By name."""
        if not self._folder.is_dir():
            return []
        ids = [place.name for place in self._folder.iterdir() if _ID.fullmatch(place.name)]
        found = [upload for id in ids if (upload := self.find(id)) is not None]
        return sorted(found, key=lambda one: (one.name, one.id))

    def find(self, id: str) -> Upload | None:
        """One by its id."""
        if not _ID.fullmatch(id):
            return None
        place = self._folder / id
        try:
            told = json.loads((place / "upload.json").read_text("utf-8"))
            return Upload(id, told["name"], told["size"], (place / "data").stat().st_size)
        except (OSError, ValueError, KeyError):
            return None

    def create(self, name: str, size: int) -> Upload:
        """Room for a file of that size; NotTaken."""
        mine = self.all()
        if size < 0 or size > self._limit or sum(one.size for one in mine) + size > self._limit:
            raise NotTaken(413, f"超过上传上限 {self._limit // 2**20} MB，请分次报送，或改用光盘")
        if len(mine) >= MOST:
            raise NotTaken(413, f"一次最多 {MOST} 个文件，请先报送已上传的，或打成压缩包")
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < size + SPARE:
            raise NotTaken(507, "服务器空间不够，请与联系人联系")
        id = secrets.token_hex(16)
        place = self._folder / id
        place.mkdir()
        (place / "data").touch()
        told = {"name": clean_name(name), "size": size}
        (place / "upload.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        return Upload(id, told["name"], size, 0)  # type: ignore[arg-type]

    async def append(self, upload: Upload, offset: int, body: AsyncIterator[bytes]) -> int:
        """Go on at `offset`, which must be where it stands; the new offset. NotTaken."""
        if offset != upload.offset:
            raise NotTaken(409, "位置不符，请从服务器所说的位置接着传")
        place = self._folder / upload.id / "data"
        with place.open("r+b") as file:
            file.seek(offset)
            with contextlib.suppress(ConnectionError):
                async for piece in body:
                    if file.tell() + len(piece) > upload.size:
                        raise NotTaken(413, "文件比所说的大")
                    file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def remove(self, id: str) -> None:
        """Give up one."""
        if _ID.fullmatch(id):
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def gather(self) -> Path | None:
        """The whole files under their own names in one folder, ready to be handed over; None when there are none."""
        whole = [one for one in self.all() if one.whole]
        if not whole:
            return None
        target = self._folder / f"ready-{secrets.token_hex(8)}"
        target.mkdir()
        for one in whole:
            (self._folder / one.id / "data").rename(target / _free(target, one.name))
            self.remove(one.id)
        return target

    def left_over(self) -> list[Path]:
        """Folders that were gathered and never handed over (a crash)."""
        return sorted(self._folder.glob("ready-*")) if self._folder.is_dir() else []

    def forget_old(self, now: datetime) -> None:
        """Remove what nobody went on with."""
        for one in self.all():
            at = (self._folder / one.id / "data").stat().st_mtime
            if now.timestamp() - at > KEPT.total_seconds():
                self.remove(one.id)


def clean_name(name: str) -> str:
    """A file name that is safe on every system; its own ending stays."""
    told = unicodedata.normalize("NFC", _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2])).strip(". ")
    while len(told.encode()) > 120:
        stem, dot, ending = told.rpartition(".")
        told = f"{stem[:-1]}.{ending}" if dot and len(ending) < 10 and stem else told[:-1]
    return told or "文件"


def metadata(header: str) -> dict[str, str]:
    """The Upload-Metadata of tus: comma-separated `key base64(value)`."""
    found = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            continue
    return found


def _free(folder: Path, name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    number, free = 1, name
    while (folder / free).exists():
        number += 1
        free = f"{stem}({number}).{ending}" if dot else f"{name}({number})"
    return free


def _safe(part: str) -> str:
    return _UNSAFE.sub("_", part).strip(". ") or "_"
