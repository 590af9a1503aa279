"""What stands in an archive file: entries with their true names, read one after the other."""

from __future__ import annotations

import binascii
import ctypes
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import libarchive
from libarchive import ffi
from libarchive.read import ArchiveRead, new_archive_read

from intake.rar import RAR4, RAR5, has_password5, is_solid_rar4, is_volume, says_more
from intake.unar import UnarFailed, unarchived
from intake.zips import begins_document, open_zip

_open_volumes = ffi.ffi(
    "read_open_filenames",
    [ffi.c_archive_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t],
    ffi.c_int,
    ffi.check_int,
)
_is_encrypted = ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], ffi.c_int)
_BLOCK = 128 * 1024
_HEAD = 4096
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
_PICTURES = ("word/media/", "ppt/media/", "Pictures/")
_ENCRYPTED = re.compile(r"crypt|passphrase|password", re.IGNORECASE)
_NO_MEMORY = re.compile(r"memory|allocate", re.IGNORECASE)
_UNSUPPORTED = re.compile(r"unsupported|not supported|unavailable|unknown", re.IGNORECASE)
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_SEVEN = b"7z\xbc\xaf\x27\x1c"
_ARCHIVES = (RAR4, RAR5, _SEVEN)


class Unreadable(Exception):
    """An archive or an entry cannot be read; `problem` is its code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Entry:
    """One entry. kind: file, folder or link (anything else that is no file). chunks() raises Unreadable.

    title: what a clerk would call it, where its name inside says little (word/media/image1.jpeg, 图1.jpeg).
    """

    name: str
    kind: str
    chunks: Callable[[], Iterator[bytes]]
    title: str = ""


def kind_of(head: bytes) -> str | None:
    """What the first 512 bytes say: `zip` (perhaps a document), `archive` (rar, 7z, tar), `compressed` (perhaps a
    packed tar) or None: no archive."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        return "archive"
    return "compressed" if head.startswith(_COMPRESSED) else None


def is_document(path: Path) -> tuple[bool, bool]:
    """Whether a zip is a document of some office program, to be left whole, and whether it holds pictures."""
    try:
        with open_zip(path) as archive:
            names = [info.filename for info in archive.infolist()[:2000]]
    except _ZIP_ERRORS:
        with path.open("rb") as file:
            return begins_document(file.read(_HEAD)), False
    found = any(pattern.match(name) for name in names for pattern in _DOCUMENTS)
    return found, found and any(name.startswith(_PICTURES) for name in names)


def entries(paths: Sequence[Path], kind: str, limit: int) -> Iterator[Entry]:
    """The entries in order; of several paths, the volumes of one archive. limit: bytes before it is a bomb.

    Raises Unreadable where the archive breaks; what came before is good.
    """
    if kind == "zip" and len(paths) == 1:
        yield from _zipped(paths[0])
    elif kind == "archive" and is_solid_rar4(paths[0]):
        yield from _through_unar(paths[0], limit)
    elif any(has_password5(path) for path in paths):
        raise Unreadable("encrypted")
    else:
        yield from _streamed(paths, kind)


def lacks_volumes(paths: Sequence[Path]) -> bool:
    """Whether an archive that broke off has more volumes than these, by what it says of itself.

    7zFormat.txt (start header), APPNOTE 4.3.16 (end of central directory).
    """
    with paths[0].open("rb") as file:
        head = file.read(32)
    if head.startswith((RAR4, RAR5)):
        return is_volume(paths[0]) and (len(paths) == 1 or says_more(paths[-1]))
    if head.startswith(_SEVEN):
        told = 32 + int.from_bytes(head[12:20], "little") + int.from_bytes(head[20:28], "little")
        return len(paths) > 1 and told > sum(path.stat().st_size for path in paths)
    with paths[-1].open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - 66_000))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[end + 4 : end + 6], "little") > len(paths) - 1 if end >= 0 else len(paths) > 1


def _through_unar(path: Path, limit: int) -> Iterator[Entry]:
    try:
        for name, file in unarchived(path, limit):
            yield Entry(name, "file", partial(_file_chunks, file))
    except UnarFailed as error:
        raise Unreadable(error.problem) from None


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_BLOCK):
            yield chunk


def _zipped(path: Path) -> Iterator[Entry]:
    try:
        archive = open_zip(path)
    except _ZIP_ERRORS:
        yield from _streamed([path], "zip", "zip_streamable")  # without its directory, which may be an inner one's
        raise Unreadable("damaged") from None
    with archive:
        infos = archive.infolist()
        if all(info.compress_type in _ZIP_METHODS or info.flag_bits & 1 for info in infos):
            for info in infos:
                yield Entry(zip_name(info), _zip_kind(info), partial(_zip_chunks, archive, info))
            return
    yield from _streamed([path], "zip")


def zip_name(info: zipfile.ZipInfo) -> str:
    """The name as the unit wrote it: flag bit 11 = UTF-8; else the Unicode path field; else UTF-8; else GB18030."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    return _unicode_path(info.extra, raw) or raw_name(raw)


def raw_name(raw: bytes) -> str:
    """Octets of a name: UTF-8, else GB18030, else with replacement marks.

    A few Chinese names in GBK (毛猫.jpg) are UTF-8 too, of Latin or Cyrillic letters: those are read as Chinese.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")
    return text if text.isascii() else _rather_chinese(raw, text)


def _rather_chinese(raw: bytes, text: str) -> str:
    if max(text) >= "\u0800":
        return text
    try:
        other = raw.decode("gb2312")
    except UnicodeDecodeError:
        return text
    return other if all(char.isascii() or "\u4e00" <= char <= "\u9fff" for char in other) else text


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


@contextmanager
def _opened(paths: Sequence[Path], form: str) -> Iterator[ArchiveRead]:
    """libarchive over one file, or over volumes as if they were one."""
    names = (ctypes.c_char_p * (len(paths) + 1))(*map(os.fsencode, paths), None)
    with new_archive_read(form) as pointer:
        _open_volumes(pointer, names, 64 * 1024)
        yield ArchiveRead(pointer)


def _streamed(paths: Sequence[Path], kind: str, form: str = "all") -> Iterator[Entry]:
    """Through libarchive: rar, 7z, tar, volumes, and zips zipfile cannot read."""
    seen = False
    try:
        with _opened(paths, form) as archive:
            for entry in archive:
                seen = True
                yield Entry(_streamed_name(entry), _streamed_kind(entry), partial(_streamed_chunks, entry))
    except libarchive.ArchiveError as error:
        if kind != "compressed" or seen:
            raise Unreadable(_problem(error)) from None
    if kind == "compressed" and not seen:
        yield from _one_file(paths)


def _one_file(paths: Sequence[Path]) -> Iterator[Entry]:
    """What a single packed file (总结.doc.gz) holds, called as it is without the ending."""
    try:
        with _opened(paths, "raw") as archive:
            for entry in archive:
                yield Entry(paths[0].stem, "file", partial(_streamed_chunks, entry))
    except libarchive.ArchiveError as error:
        raise Unreadable(_problem(error)) from None


def _problem(error: libarchive.ArchiveError) -> str:
    text = str(error)
    if _ENCRYPTED.search(text):
        return "encrypted"
    if _NO_MEMORY.search(text):
        return "crashed"
    return "unsupported" if _UNSUPPORTED.search(text) else "damaged"


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
