"""One ZIP: names in UTF-8 with the flag that says so, ZIP64 where it is large; the same files give the same bytes."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from archive.export.parcel import Advance, CannotHandOver, Copy, blocks

_MOMENT = (2000, 1, 1, 0, 0, 0)
_PACKED = frozenset({
    ".jpg", ".jpeg", ".png", ".heic", ".gif", ".mp4", ".mov", ".wmv", ".avi", ".mp3", ".wma", ".zip", ".rar", ".7z",
    ".docx", ".xlsx", ".pptx", ".pdf",
})  # fmt: skip
"""What gets no smaller by packing again."""
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Zipped:
    """A ZIP of these files at `path`."""

    path: str
    copies: tuple[Copy, ...]
    dated: bool = False

    @property
    def size(self) -> int:
        """At most so many bytes."""
        return sum(copy.size + 400 + 4 * len(copy.path.encode()) for copy in self.copies)

    def write(self, target: Path, advance: Advance) -> None:
        """Write it; CannotHandOver when the archive's own file is not what it should be."""
        with zipfile.ZipFile(target, "w") as packed:
            for copy in self.copies:
                info = zipfile.ZipInfo(copy.path, _MOMENT)
                info.external_attr = 0o100644 << 16
                stored = PurePosixPath(copy.path).suffix.lower() in _PACKED
                info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                digest = hashlib.sha256()
                with packed.open(info, "w", force_zip64=copy.size >= 2**31) as entry:
                    for block in blocks(copy.source):
                        digest.update(block)
                        entry.write(block)
                        advance(len(block))
                if digest.hexdigest() != copy.sha256:
                    raise CannotHandOver(f"存档中的 {copy.source!s} 与校验值不符，没有导出；请先运行：baosong verify")

    def is_whole(self, target: Path, advance: Advance) -> bool:
        """Exactly these files, each with its SHA-256."""
        try:
            with zipfile.ZipFile(target) as packed:
                if sorted(packed.namelist()) != sorted(copy.path for copy in self.copies):
                    return False
                return all(_digest(packed, copy.path, advance) == copy.sha256 for copy in self.copies)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            return False


def _digest(packed: zipfile.ZipFile, path: str, advance: Advance) -> str:
    digest = hashlib.sha256()
    with packed.open(path) as entry:
        while block := entry.read(_BLOCK):
            digest.update(block)
            advance(len(block))
    return digest.hexdigest()
