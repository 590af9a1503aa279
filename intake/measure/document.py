"""Word's XML (.docx, Word 2003 XML) and plain text: their words, title and tables."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from lxml import etree

from archive.records import Facts
from intake.measure import table
from intake.measure.body import XML_LIMIT, Body, Builder, stated, told
from intake.measure.damage import ZIPPED

SKIPPED = frozenset(
    {"del", "moveFrom", "Fallback", "rt", "instrText", "delText", "sectPr", "rPr", "pPr", "footnote", "endnote"}
)
"""Elements whose text is not in the printed body: deletions, phonetic guides, doubles for old programs, notes."""
WORD_NAMESPACES = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
        "http://schemas.microsoft.com/office/word/2003/wordml",
    }
)
REMARKS = frozenset({"Word.Comment", "Word.Deletion"})
"""What Word 2003 XML puts into the body as an annotation."""
SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Reader:
    """An lxml parser target: the body as it streams by, so that memory stays flat whatever the size."""

    def __init__(self) -> None:
        self._to = Builder()
        self._skip = 0
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag[1:].rpartition("}")
        if self._skip or name in SKIPPED or (name == "annotation" and REMARKS & set(attributes.values())):
            # pPr and rPr hold no text of their own; w:t inside them would be a change that was rejected
            self._skip += 1
            return
        if space not in WORD_NAMESPACES:
            return
        if name == "t":
            self._in_text = True
        elif name in SPACES:
            self._to.write(SPACES[name])
        elif name in ("gridSpan", "vMerge", "vmerge"):
            self._span(name, next((v for key, v in attributes.items() if key.endswith("}val")), ""))
        elif begin := _BEGIN.get(name):
            begin(self._to)

    def _span(self, name: str, value: str) -> None:
        if name != "gridSpan":
            self._to.continues(value != "restart")
        elif value.isascii() and value.isdecimal():
            self._to.span(int(value[:4]))

    def data(self, text: str) -> None:
        if self._in_text and not self._skip:
            self._to.write(text)

    def end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        space, _, name = tag[1:].rpartition("}")
        if space not in WORD_NAMESPACES:
            return
        if name == "t":
            self._in_text = False
        elif end := _END.get(name):
            end(self._to)

    def close(self) -> Body:
        return self._to.body()


_BEGIN: dict[str, Callable[[Builder], None]] = {
    "p": Builder.begin_paragraph,
    "tbl": Builder.begin_table,
    "tr": Builder.begin_row,
    "tc": Builder.begin_cell,
}
_END: dict[str, Callable[[Builder], None]] = {
    "p": Builder.end_paragraph,
    "tc": Builder.end_cell,
    "tbl": Builder.end_table,
}


_COUNTS = re.compile(rb"<(Pages|Characters)>(\d{1,9})</")


def measure_docx(path: Path, known: Facts) -> Facts:
    """Facts of a .docx: characters of the body (no headers, footers, footnotes), title, text, and its main table.

    pages: what the program that wrote it last stated (docProps/app.xml), not counted anew.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > XML_LIMIT:
                return replace(known, error="文档过大，未读取内容")
            with archive.open(info) as part:
                body = parse(part, _Reader())
            return told(known, body, core_title(archive), app_pages(archive, len(body.text)))
    except ZIPPED:
        return replace(known, error="文档已损坏或不完整，无法读出内容")


def measure_word_xml(path: Path, known: Facts) -> Facts:
    """Facts of a document in Word 2003's single-file XML, mostly named .doc or .xml."""
    if path.stat().st_size > XML_LIMIT:
        return replace(known, error="文档过大，未读取内容")
    try:
        with path.open("rb") as part:
            return told(known, parse(part, _Reader()))
    except etree.LxmlError:
        return replace(known, error="文档已损坏或不完整，无法读出内容")


def parse(part: IO[bytes], target: Any) -> Body:
    """The body a parser target makes of an XML stream; etree.LxmlError when it is not well-formed."""
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False)
    while chunk := part.read(64 * 1024):
        parser.feed(chunk)
    body: object = parser.close()
    assert isinstance(body, Body)
    return body


def core_title(archive: zipfile.ZipFile) -> str | None:
    """The title among the properties of an Office file."""
    found = re.search(rb"<dc:title>([^<]*)</dc:title>", head(archive, "docProps/core.xml"))
    return (found[1].decode("utf-8", errors="replace").strip()[: table.TITLE_LIMIT] or None) if found else None


def app_pages(archive: zipfile.ZipFile, length: int) -> int | None:
    """The pages the program stated when it saved an Office file whose text is so long.

    None where it states less than a tenth of the characters too: then nobody counted, the figures are a template's.
    """
    said = dict(_COUNTS.findall(head(archive, "docProps/app.xml")))
    if b"Pages" not in said or int(said.get(b"Characters", length)) * 10 < length:
        return None
    return stated(said[b"Pages"].decode("ascii"))


def head(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first 64 kB of a part; nothing when it is not there."""
    try:
        with archive.open(name) as part:
            return part.read(64 * 1024)
    except KeyError:
        return b""
