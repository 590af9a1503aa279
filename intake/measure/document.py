"""Documents: the words of a .docx or .txt, counted as Word counts them, its title and its tables as plain rows."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from lxml import etree

from archive.records import Facts
from intake.measure import table
from intake.measure.table import Grid

TEXT_LIMIT = 4000
AROUND = 6
"""Paragraphs above and below a table in which its fields are looked for."""
WIDEST = 128
"""Columns of a table that are read."""
XML_LIMIT = 64 * 2**20
"""Bytes of one unpacked XML part above which a document is not parsed."""
TXT_LIMIT = 16 * 2**20

# Counted one by one: ideographs, kana, hangul, full-width forms and the marks Chinese shares with Latin.
WIDE = (
    "\u2014\u2018\u2019\u201c\u201d\u2026\u00b7\u2e80-\u2fff\u3001-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef\U00020000-\U0003ffff"
)
_UNITS = re.compile(rf"(?:[^\s{WIDE}]|(?<=[A-Za-z])\u2019(?=[A-Za-z]))+|[{WIDE}]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")

SKIPPED = frozenset({"del", "moveFrom", "Fallback", "rt", "instrText", "delText", "sectPr", "rPr", "pPr"})
"""Elements whose text is not in the printed body: deletions, phonetic guides, doubles for old programs."""
WORD_NAMESPACES = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    }
)
SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def count_characters(text: str) -> int:
    """字数 as Word counts it: each Chinese character and full-width mark 1, each Latin word or number 1."""
    return _UNITS.subn("", _INVISIBLE.sub("", text))[1]  # subn counts without keeping millions of pieces


@dataclass
class Body:
    """What a .docx shows in its body: paragraphs in order (those in tables too) and the outermost tables."""

    paragraphs: list[str] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    filled: set[tuple[int, int]] = field(default_factory=set)
    cell: list[str] = field(default_factory=list)
    span: int = 1
    continues: bool = False
    begin: int = 0


class _Reader:
    """An lxml parser target: the body as it streams by, so that memory stays flat whatever the size."""

    def __init__(self) -> None:
        self.body = Body()
        self._skip = 0
        self._texts: list[list[str]] = []
        self._open: list[_Table] = []
        self._done: list[tuple[_Table, int]] = []
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag[1:].rpartition("}")
        if self._skip or name in SKIPPED:
            # pPr and rPr hold no text of their own; w:t inside them would be a change that was rejected
            self._skip += 1
            return
        if space not in WORD_NAMESPACES:
            return
        if name == "t":
            self._in_text = True
        elif name == "p":
            self._texts.append([])
        elif name in SPACES and self._texts:
            self._texts[-1].append(SPACES[name])
        elif name in ("tbl", "tr", "tc", "gridSpan", "vMerge"):
            self._start_table(name, attributes)

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tbl":
            self._open.append(_Table(begin=len(self.body.paragraphs)))
        elif not self._open:
            return
        elif name == "tr":
            self._open[-1].rows.append([])
        elif name == "tc":
            self._open[-1].cell, self._open[-1].span, self._open[-1].continues = [], 1, False
        else:
            value = next((v for key, v in attributes.items() if key.endswith("}val")), "")
            if name == "vMerge":
                self._open[-1].continues = value != "restart"
            elif value.isdecimal():
                self._open[-1].span = min(int(value), 64)

    def data(self, text: str) -> None:
        if self._in_text and not self._skip and self._texts:
            self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        space, _, name = tag[1:].rpartition("}")
        if space not in WORD_NAMESPACES:
            return
        if name == "t":
            self._in_text = False
        elif name == "p" and self._texts:
            text = "".join(self._texts.pop())
            self.body.paragraphs.append(text)
            if self._open:
                self._open[-1].cell.append(text)
        elif name == "tc" and self._open and self._open[-1].rows:
            self._end_cell(self._open[-1])
        elif name == "tbl" and self._open:
            self._end_table(self._open.pop())

    def _end_cell(self, now: _Table) -> None:
        row, text = now.rows[-1], "\n".join(now.cell).strip()
        if len(row) >= WIDEST:
            return
        if now.continues and len(now.rows) > 1 and len(row) < len(now.rows[-2]):
            text = now.rows[-2][len(row)]
            now.filled.add((len(now.rows) - 1, len(row)))
        row.append(text)
        row.extend([""] * (now.span - 1))

    def _end_table(self, done: _Table) -> None:
        if self._open:  # a table inside a cell: its words belong to that cell
            self._open[-1].cell.extend(cell for row in done.rows for cell in row if cell)
            return
        self._done.append((done, len(self.body.paragraphs)))

    def close(self) -> Body:
        paragraphs = self.body.paragraphs
        for done, end in self._done:
            around = (*paragraphs[max(0, done.begin - AROUND) : done.begin], *paragraphs[end : end + AROUND])
            self.body.tables.append(Grid(done.rows, frozenset(done.filled), around))
        return self.body


def measure_docx(path: Path, known: Facts) -> Facts:
    """Facts of a .docx: characters of the body (no headers, footers, footnotes), title, text, and its main table."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > XML_LIMIT:
                return replace(known, error="文档过大，未读取内容")
            with archive.open(info) as part:
                body = _parse(part)
            text = "\n".join(body.paragraphs)
            title = table.first_line(text) or _core_title(archive)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, etree.LxmlError):
        return replace(known, error="文档已损坏或不完整，无法读出内容")
    facts = replace(known, characters=count_characters(text), title=title, text=_excerpt(text))
    return table.main_table(facts, body.tables)


def _parse(part: IO[bytes]) -> Body:
    target: Any = _Reader()
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False)
    while chunk := part.read(64 * 1024):
        parser.feed(chunk)
    body: object = parser.close()
    assert isinstance(body, Body)
    return body


def _core_title(archive: zipfile.ZipFile) -> str | None:
    try:
        with archive.open("docProps/core.xml") as part:
            content = part.read(64 * 1024)
    except KeyError:
        return None
    found = re.search(rb"<dc:title>([^<]*)</dc:title>", content)
    return (found[1].decode("utf-8", errors="replace").strip()[: table.TITLE_LIMIT] or None) if found else None


def measure_txt(path: Path, known: Facts) -> Facts:
    """Facts of a text file: characters, title, text. UTF-8, UTF-16 with a mark, else GB18030."""
    if path.stat().st_size > TXT_LIMIT:
        return replace(known, error="文本文件过大，未读取内容")
    text = decode(path.read_bytes())
    return replace(known, characters=count_characters(text), title=table.first_line(text), text=_excerpt(text))


def decode(content: bytes) -> str:
    """The text of a file in one of the encodings Chinese units use."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def measure_pdf(path: Path, known: Facts) -> Facts:
    """Facts of a PDF: whether its trailer asks for a password (ISO 32000-1, 7.6.1)."""
    with path.open("rb") as file:
        ends = file.read(4096)
        file.seek(max(0, path.stat().st_size - 4096))
        ends += file.read()
    return replace(known, encrypted=True if b"/Encrypt" in ends else None)


def _excerpt(text: str) -> str:
    return re.sub(r"\n\s*\n+", "\n", text.strip().replace("\0", ""))[:TEXT_LIMIT]
