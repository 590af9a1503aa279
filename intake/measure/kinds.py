"""What a file is, by its content: a few magic bytes, libmagic for the rest, then a look inside ZIP and OLE files."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

import magic

from intake.measure.damage import ZIPPED
from intake.zips import begins_document, open_zip

# Formats whose first bytes decide; everything else is asked of libmagic.
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xff\xd8\xff", "jpeg", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"GIF8", "gif", "image/gif"),
    (b"%PDF-", "pdf", "application/pdf"),
    (b"{\\rtf", "rtf", "text/rtf"),
    (b"Rar!\x1a\x07", "rar", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "application/x-7z-compressed"),
    (b"\x78\x9f\x3e\x22", "tnef", "application/vnd.ms-tnef"),
)
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

BY_MIME: Mapping[str, str] = {
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/x-ms-bmp": "bmp",
    "image/tiff": "tiff",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heic",
    "image/heic-sequence": "heic",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "video/x-ms-asf": "wmv",
    "video/x-ms-wmv": "wmv",
    "application/vnd.ms-asf": "wmv",
    "video/mp4": "mp4",
    "video/x-m4v": "mp4",
    "video/quicktime": "mov",
    "video/x-msvideo": "avi",
    "video/mpeg": "mpg",
    "video/x-matroska": "mkv",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/3gpp": "3gp",
    "video/mp2t": "ts",
    "audio/mpeg": "mp3",
    "audio/x-wav": "wav",
    "audio/x-m4a": "m4a",
    "text/html": "html",
    "text/rtf": "rtf",
    "text/csv": "txt",
    "message/rfc822": "eml",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/x-rar": "rar",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-tar": "tar",
    "application/gzip": "gz",
    "application/x-bzip2": "bz2",
    "application/x-xz": "xz",
    "application/ms-tnef": "tnef",
    "application/vnd.ms-tnef": "tnef",
    "application/x-dosexec": "exe",
    "application/x-ms-shortcut": "lnk",
    "application/x-mswinurl": "url",
    "application/vnd.microsoft.portable-executable": "exe",
    "application/x-shockwave-flash": "swf",
    "inode/x-empty": "empty",
    "application/x-empty": "empty",
}

OFFICE_MIME: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ofd": "application/ofd",
    "doc": "application/msword",
    "wps": "application/vnd.ms-works",
    "xls": "application/vnd.ms-excel",
    "et": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "dps": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
    "word-xml": "application/msword",
    "excel-xml": "application/vnd.ms-excel",
    "mht": "multipart/related",
    "html": "text/html",
    "zip": "application/zip",
    "ole": "application/x-ole-storage",
}

# The OLE stream that tells the program, and what it is called under WPS Office's own file name endings.
OLE_STREAMS: tuple[tuple[str, str, str, str], ...] = (
    ("WordDocument", "doc", ".wps", "wps"),
    ("Workbook", "xls", ".et", "et"),
    ("Book", "xls", ".et", "et"),
    ("PowerPoint Document", "ppt", ".dps", "dps"),
    ("__properties_version1.0", "msg", ".msg", "msg"),
)
_PAGE_XML = re.compile(rb"<\?xml[^>]{0,200}\?>\s*<(?:!doctype html|html)")
HEAD = 4096
DIRECTORY_LIMIT = 4 * 2**20
"""Bytes of a ZIP's central directory up to which we look at the names inside."""


@dataclass(frozen=True)
class Kind:
    """type: the short name; encrypted True: a password is needed; broken True: the container cannot be opened."""

    type: str
    mime: str
    encrypted: bool | None = None
    broken: bool = False


def kind_of(path: Path, name: str) -> Kind:
    """The kind of the file at `path` by its content; `name` only tells .wps from .doc and names encrypted files.

    OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    for magic_bytes, short, mime in SIGNATURES:
        if head.startswith(magic_bytes):
            return Kind(short, mime)
    if head.startswith(ASF):
        return Kind("wmv", "video/x-ms-asf")
    if _is_transport_stream(head):
        return Kind("ts", "video/mp2t")
    if head.startswith(ZIP):
        return _zip_kind(path, head)
    if head.startswith(OLE):
        return _ole_kind(path, name)
    written = _written(head)
    if written is not None:
        return Kind(written, OFFICE_MIME[written])
    mime = str(_libmagic().from_file(str(path)))
    return Kind(_short(mime, head), mime)


def _is_transport_stream(head: bytes) -> bool:
    """Whether every packet begins with the sync byte (ISO/IEC 13818-1, 2.4.3.2): 188 bytes each, 192 from cameras."""
    return any(
        len(head) > begin + 4 * packet and all(head[begin + n * packet] == 0x47 for n in range(5))
        for begin, packet in ((0, 188), (4, 192))
    )


def _written(head: bytes) -> str | None:
    """Formats of plain text that Office programs read under any name: its XML of 2003 and web pages."""
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith(b"<?xml") or begin.startswith(b"<?mso"):
        if b'progid="word.document"' in begin or b"office/word/2003/wordml" in begin:
            return "word-xml"
        if b'progid="excel.sheet"' in begin or b"urn:schemas-microsoft-com:office:spreadsheet" in begin:
            return "excel-xml"
    if begin.startswith((b"<html", b"<!doctype html", b"<table", b"<head")) or _PAGE_XML.match(begin):
        return "html"
    return "mht" if _is_web_archive(begin) else None


def _is_web_archive(begin: bytes) -> bool:
    """Whether a page kept as one file (RFC 2557) and not a mail: nobody sent it to anybody."""
    head = re.split(rb"\r?\n\r?\n", begin, maxsplit=1)[0]
    if not head.startswith((b"mime-version:", b"from:", b"content-type:", b"x-document-type:", b"subject:", b"date:")):
        return False
    sent = re.search(rb"^(?:to|cc|received|message-id|return-path):", head, re.MULTILINE)
    return sent is None and re.search(rb"^content-type:\s*multipart/related", head, re.MULTILINE) is not None


@cache
def _libmagic() -> magic.Magic:
    return magic.Magic(mime=True)


def _short(mime: str, head: bytes) -> str:
    if mime in BY_MIME:
        return BY_MIME[mime]
    if mime.startswith("text/") or mime in ("application/json", "application/javascript"):
        return "txt"
    if mime == "application/octet-stream" and head and _looks_like_text(head):
        return "txt"
    return "unknown"


def _looks_like_text(head: bytes) -> bool:
    """Whether bytes libmagic calls data are Chinese text after all (UTF-16 with a mark, or GB18030)."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    text = head.decode("gb18030", errors="replace")
    return text[:-1].count("\ufffd") == 0 and sum(c < " " and c not in "\r\n\t\f" for c in text) == 0


def _zip_kind(path: Path, head: bytes) -> Kind:
    try:
        if _directory_size(path) > DIRECTORY_LIMIT:
            return Kind("zip", OFFICE_MIME["zip"])
        with open_zip(path) as archive:
            names = set(archive.namelist())
            short = _short_by_names(names)
            if short == "zip" and "mimetype" in names:
                mime = archive.read("mimetype")[:100].decode("ascii", errors="replace").strip()
                short = next((known for known in ("odt", "ods", "odp") if OFFICE_MIME[known] == mime), "zip")
            encrypted = True if short in ("odt", "ods", "odp") and _manifest_encrypts(archive) else None
        return Kind(short, OFFICE_MIME[short], encrypted)
    except ZIPPED:
        marks = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
        short = next((s for mark, s in marks if mark in head), "zip") if begins_document(head) else "zip"
        return Kind(short, OFFICE_MIME[short], broken=True)


def _manifest_encrypts(archive: zipfile.ZipFile) -> bool:
    """Whether an OpenDocument file has a password (OpenDocument 1.2 part 3, 4.4)."""
    try:
        with archive.open("META-INF/manifest.xml") as part:
            return b"encryption-data" in part.read(256 * 1024)
    except KeyError:
        return False


def _short_by_names(names: set[str]) -> str:
    if "word/document.xml" in names or "[Content_Types].xml" in names:
        for folder, short in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return short
    return "ofd" if "OFD.xml" in names else "zip"


def _directory_size(path: Path) -> int:
    """Bytes of the central directory as the end record states it (APPNOTE 4.3.16); 0 when there is none."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(-min(file.tell(), 66_000), 2)
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0


def _ole_kind(path: Path, name: str) -> Kind:
    ending = PurePath(name).suffix.lower()
    try:
        streams = ole_streams(path)
    except (ValueError, struct.error):
        short = {".doc": "doc", ".wps": "wps", ".xls": "xls", ".et": "et", ".ppt": "ppt"}.get(ending, "ole")
        return Kind(short, OFFICE_MIME[short], broken=True)
    if "EncryptedPackage" in streams:
        short = ending[1:] if ending in (".docx", ".xlsx", ".pptx") else "docx"
        return Kind(short, OFFICE_MIME[short], encrypted=True)
    for stream, short, wps_ending, wps_short in OLE_STREAMS:
        if stream in streams:
            found = wps_short if ending == wps_ending else short
            return Kind(found, OFFICE_MIME[found], encrypted=_ole_encrypted(path, short, streams[stream]))
    return Kind("ole", OFFICE_MIME["ole"])


def _ole_encrypted(path: Path, short: str, offset: int) -> bool | None:
    """Whether the stream says so: FIB flag fEncrypted ([MS-DOC] 2.5.2), record FilePass ([MS-XLS] 2.4.117)."""
    with path.open("rb") as file:
        file.seek(offset)
        begin = file.read(512)
    if short == "doc" and len(begin) >= 12:
        return bool(begin[11] & 0x01)
    if short == "xls":
        at = 0
        while at + 4 <= len(begin):
            record, length = struct.unpack_from("<HH", begin, at)
            if record == 0x2F:
                return True
            at += 4 + length
        return False
    return None


def ole_streams(path: Path) -> dict[str, int]:
    """Names in the directory of an OLE file and where in the file each begins (byte offset of its first sector).

    Only entries of the regular sectors begin there truly; small streams live in the mini stream. At most 512
    entries are read. ValueError or struct.error when the structure is damaged ([MS-CFB] 2.2, 2.6).
    """
    with path.open("rb") as file:
        header = file.read(512)
        (shift,) = struct.unpack_from("<H", header, 30)
        (sector,) = struct.unpack_from("<I", header, 48)
        if shift not in (9, 12):
            raise ValueError("sector size")
        size = 1 << shift
        fat_sectors = struct.unpack_from("<109I", header, 76)
        streams: dict[str, int] = {}
        for _ in range(512 * 128 // size):
            if sector >= 0xFFFFFFFA:
                break
            file.seek((sector + 1) * size)
            block = file.read(size)
            if len(block) < 128:
                raise ValueError("directory beyond the end")
            for at in range(0, len(block) - 127, 128):
                length, kind = struct.unpack_from("<HB", block, at + 64)
                if kind in (1, 2) and 2 <= length <= 64:
                    name = block[at : at + length - 2].decode("utf-16-le", errors="replace")
                    streams[name] = (struct.unpack_from("<I", block, at + 116)[0] + 1) * size
            index, within = divmod(sector, size // 4)
            if index >= len(fat_sectors) or fat_sectors[index] >= 0xFFFFFFFA:
                raise ValueError("allocation table")
            file.seek((fat_sectors[index] + 1) * size + within * 4)
            (sector,) = struct.unpack("<I", file.read(4))
        return streams
