"""A ZIP file opened by its own directory, not by that of a ZIP lying in it."""

from __future__ import annotations

import zipfile
from pathlib import Path


def open_zip(path: Path) -> zipfile.ZipFile:
    """The archive at `path`; BadZipFile and what else zipfile raises when it is damaged.

    Of a cut-off archive with another stored in it zipfile finds the directory of the inner one: then the first entry
    does not stand where the file begins.
    """
    archive = zipfile.ZipFile(path)
    offsets = [info.header_offset for info in archive.infolist()]
    if offsets and min(offsets) > 0:
        with path.open("rb") as file:
            cut = file.read(4) == b"PK\x03\x04"
        if cut:
            archive.close()
            raise zipfile.BadZipFile("the directory is that of an inner archive")
    return archive


def begins_document(head: bytes) -> bool:
    """Whether the first name in a ZIP that begins so is one only office documents begin with."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return name in (b"[Content_Types].xml", b"mimetype", b"_rels/.rels", b"OFD.xml") or name.startswith(
        (b"word/", b"xl/", b"ppt/")
    )
