"""What stands in an archive file: entries with their true names, read one after the other."""

from __future__ import annotations

import binascii
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import libarchive
from libarchive import ffi

_is_encrypted = ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], ffi.c_int)
_BLOCK = 128 * 1024
_ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    struct.error,
    MemoryError,
)
_DOCUMENTS = (
    re.compile(r"^\[Content_Types\]\.xml$"),  # docx xlsx pptx
    re.compile(r"^(OFD\.xml|mimetype)$"),  # ofd; odt ods odp epub
    re.compile(r"^META-INF/(MANIFEST\.MF|container\.xml)$"),  # jar apk; epub
    re.compile(r"^Index(\.zip|/Document\.iwa)$"),  # pages numbers key
)
_ENCRYPTED = re.compile(r"crypt|passphrase|password", re.IGNORECASE)
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")


class Unreadable(Exception):
    """An archive or an entry cannot be read; `problem` is its code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Entry:
    """One entry. kind: file, folder or link (anything else that is no file). chunks() raises Unreadable."""

    name: str
    kind: str
    chunks: Callable[[], Iterator[bytes]]


def kind_of(path: Path) -> str | None:
    """`zip`, `archive` (rar, 7z, tar), `compressed` (perhaps a packed tar) or None: not to be opened. By content."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if _is_document(path) else "zip"
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        return "archive"
    return "compressed" if head.startswith(_COMPRESSED) else None


def _is_document(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist()[:2000]]
    except _ZIP_ERRORS:
        with path.open("rb") as file:
            head = file.read(4096)
        return b"[Content_Types].xml" in head or head[30:38] == b"mimetype"
    return any(pattern.match(name) for name in names for pattern in _DOCUMENTS)


def entries(path: Path, kind: str) -> Iterator[Entry]:
    """The entries in order. Raises Unreadable where the archive breaks; what came before is good."""
    if kind == "zip":
        try:
            archive = zipfile.ZipFile(path)
        except _ZIP_ERRORS:
            yield from _streamed(path, kind)
            raise Unreadable("damaged") from None
        with archive:
            infos = archive.infolist()
            if all(info.compress_type in _ZIP_METHODS or info.flag_bits & 1 for info in infos):
                for info in infos:
                    yield Entry(zip_name(info), _zip_kind(info), partial(_zip_chunks, archive, info))
                return
    yield from _streamed(path, kind)


def zip_name(info: zipfile.ZipInfo) -> str:
    """The name as the unit wrote it: flag bit 11 = UTF-8; else the Unicode path field; else UTF-8; else GB18030."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    return _unicode_path(info.extra, raw) or raw_name(raw)


def raw_name(raw: bytes) -> str:
    """Octets of a name: UTF-8, else GB18030, else with replacement marks."""
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Info-ZIP Unicode Path field 0x7075 (APPNOTE 4.6.9), valid only while its checksum fits the plain name."""
    while len(extra) >= 4:
        tag, size = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        if tag == 0x7075 and len(data) > 5 and data[1:5] == struct.pack("<I", binascii.crc32(raw)):
            return data[5:].decode("utf-8", "replace")
    return ""


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.orig_filename.endswith(("/", "\\")) and info.file_size == 0:
        return "folder"
    mode = info.external_attr >> 16
    return "link" if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR) and info.create_system == 3 else "file"


def _zip_chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    if info.flag_bits & 1:
        raise Unreadable("encrypted")
    try:
        with archive.open(info) as file:
            while chunk := file.read(_BLOCK):
                yield chunk
    except _ZIP_ERRORS:
        raise Unreadable("damaged") from None


def _streamed(path: Path, kind: str) -> Iterator[Entry]:
    """Through libarchive: rar, 7z, tar, and zips zipfile cannot read."""
    seen = False
    try:
        with libarchive.file_reader(str(path), block_size=64 * 1024) as archive:
            for entry in archive:
                seen = True
                yield Entry(_streamed_name(entry), _streamed_kind(entry), partial(_streamed_chunks, entry))
    except libarchive.ArchiveError as error:
        if kind == "compressed" and not seen:
            return
        raise Unreadable(_problem(error)) from None


def _problem(error: libarchive.ArchiveError) -> str:
    return "encrypted" if _ENCRYPTED.search(str(error)) else "damaged"


def _streamed_name(entry: libarchive.ArchiveEntry) -> str:
    raw = ffi.entry_pathname(entry._entry_p)
    return raw_name(raw) if raw else str(ffi.entry_pathname_w(entry._entry_p) or "")


def _streamed_kind(entry: libarchive.ArchiveEntry) -> str:
    if entry.isdir:
        return "folder"
    return "file" if entry.isreg and not entry.islnk else "link"


def _streamed_chunks(entry: libarchive.ArchiveEntry) -> Iterator[bytes]:
    if _is_encrypted(entry._entry_p):
        raise Unreadable("encrypted")
    try:
        yield from entry.get_blocks(_BLOCK)
    except libarchive.ArchiveError as error:
        raise Unreadable(_problem(error)) from None
