"""OpenDocument text and slides (.odt, .odp): words, title, tables, pages."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

from archive.records import Facts
from intake.measure.body import WIDEST, XML_LIMIT, Body, Builder, Spans, stated, told
from intake.measure.damage import ZIPPED
from intake.measure.document import head, parse
from intake.measure.merged import MANY_ROWS, TABLE, number

SKIPPED = frozenset(
    {
        *("annotation", "tracked-changes", "note", "ruby-text", "forms", "scripts", "automatic-styles", "styles"),
        *("title", "desc", "notes", "font-face-decls", "master-styles", "settings", "meta", "event-listeners"),
    }
)
"""Elements whose text is not in the printed body: comments, deletions, notes, phonetic guides, descriptions."""
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DAMAGED = "文档已损坏或不完整，无法读出内容"


class _Reader:
    """An lxml parser target for content.xml: the body as it streams by."""

    def __init__(self) -> None:
        self._to = Builder()
        self._skip = self._deep = 0
        self._columns: list[int] = []
        self._spans: list[Spans] = []
        self._cells: list[list[bool]] = []
        """Of each open cell and those it stands for: whether it continues the one above."""
        self.pages = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if self._skip or name in SKIPPED:
            self._skip += 1
        elif name in ("p", "h") and tag.startswith(_TEXT):
            self._deep += 1
            self._to.begin_paragraph()
        elif name in ("s", "tab", "line-break"):
            self._to.write({"s": " " * number(attributes, f"{_TEXT}c", 256), "tab": "\t"}.get(name, "\n"))
        elif name == "page":
            self.pages += 1
        elif tag.startswith(TABLE):
            self._start_table(name, attributes)

    def _start_table(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._columns.append(0)
            self._spans.append(Spans())
            self._to.begin_table()
        elif name == "table-row" and self._columns:
            self._columns[-1] = 0
            self._spans[-1].next_row()
            self._to.begin_row()
        elif name in ("table-cell", "covered-table-cell") and self._columns:
            self._cell(name, attributes)

    def _cell(self, name: str, attributes: dict[str, str]) -> None:
        column, spans = self._columns[-1], self._spans[-1]
        repeated = number(attributes, f"{TABLE}number-columns-repeated", WIDEST)
        hidden = name == "covered-table-cell"
        self._cells.append([hidden and spans.covered(column + each) for each in range(repeated)])
        self._columns[-1] += repeated
        self._begin_cell(self._cells[-1][0])
        wide = number(attributes, f"{TABLE}number-columns-spanned", WIDEST)
        spans.place(column, wide, number(attributes, f"{TABLE}number-rows-spanned", MANY_ROWS))

    def _begin_cell(self, continues: bool) -> None:
        self._to.begin_cell()
        self._to.continues(continues)

    def _end_cell(self) -> None:
        self._to.end_cell()
        for continues in self._cells.pop()[1:]:
            self._begin_cell(continues)
            self._to.end_cell()

    def data(self, text: str) -> None:
        if self._deep and not self._skip:
            self._to.write(re.sub(r"[ \t\r\n]+", " ", text))

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if self._skip:
            self._skip -= 1
        elif name in ("p", "h") and tag.startswith(_TEXT):
            self._deep -= 1
            self._to.end_paragraph()
        elif name in ("table-cell", "covered-table-cell") and self._columns:
            self._end_cell()
        elif tag == f"{TABLE}table" and self._columns:
            self._columns.pop()
            self._spans.pop()
            self._to.end_table()

    def close(self) -> Body:
        return self._to.body()


def measure_odf(path: Path, known: Facts) -> Facts:
    """Facts of an .odt or .odp: characters of the body, title, text, main table.

    No headers, footers, notes, comments, tracked deletions. pages: what the program stated in meta.xml (odt), slides
    counted (odp).
    """
    reader = _Reader()
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("content.xml").file_size > XML_LIMIT:
                return replace(known, error="文档过大，未读取内容")
            with archive.open("content.xml") as part:
                body = parse(part, reader)
            meta = head(archive, "meta.xml")
    except ZIPPED:
        return replace(known, error=_DAMAGED)
    found = re.search(rb'meta:page-count="(\d{1,7})"', meta)
    pages = reader.pages or (stated(found[1].decode("ascii")) if found else None)
    return told(known, body, _title(meta), pages)


def _title(meta: bytes) -> str | None:
    found = re.search(rb"<dc:title>([^<]*)</dc:title>", meta)
    return (found[1].decode("utf-8", errors="replace").strip()[:120] or None) if found else None
