"""What a document shows in its body, and how 字数 are counted: shared by every reader of words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from archive.records import Facts
from intake.measure import table
from intake.measure.table import Grid

WHOLE = 200_000
"""Characters of a text that are kept for search; `measure` cuts the facts' own text to TEXT_LIMIT."""
TEXT_LIMIT = 4000
AROUND = 6
"""Paragraphs above and below a table in which its fields are looked for."""
WIDEST = 128
"""Columns of a table that are read."""
XML_LIMIT = 64 * 2**20
"""Bytes of one unpacked XML part above which a document is not parsed."""

# Counted one by one: ideographs, kana, hangul, full-width forms and the marks Chinese shares with Latin.
WIDE = (
    "\u2014\u2018\u2019\u201c\u201d\u2026\u00b7\u2e80-\u2fff\u3001-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef\U00020000-\U0003ffff"
)
_UNITS = re.compile(rf"(?:[^\s{WIDE}]|(?<=[A-Za-z])\u2019(?=[A-Za-z]))+|[{WIDE}]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def count_characters(text: str) -> int:
    """字数 as Word counts it: each Chinese character and full-width mark 1, each Latin word or number 1."""
    return _UNITS.subn("", _INVISIBLE.sub("", text))[1]  # subn counts without keeping millions of pieces


def excerpt(text: str) -> str:
    """The text without blank lines, at most WHOLE characters."""
    return re.sub(r"\n\s*\n+", "\n", text.strip().replace("\0", ""))[:WHOLE]


@dataclass
class Body:
    """What a document shows in its body: paragraphs in order (those in tables too) and the outermost tables."""

    paragraphs: list[str] = field(default_factory=list)
    tables: list[Grid] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All paragraphs, one a line."""
        return "\n".join(self.paragraphs)

    def around(self, begin: int, end: int) -> tuple[str, ...]:
        """Paragraphs just above and below those from `begin` to before `end`."""
        return (*self.paragraphs[max(0, begin - AROUND) : begin], *self.paragraphs[end : end + AROUND])


def told(known: Facts, body: Body, title: str | None = None, pages: int | None = None) -> Facts:
    """The facts with characters, title (its first line, else `title`), text and main table of a body."""
    text = body.text
    facts = replace(
        known,
        characters=count_characters(text),
        title=table.first_line(text) or title,
        text=excerpt(text),
        pages=pages or known.pages,
    )
    return table.main_table(facts, body.tables)


@dataclass
class _Table:
    begin: int
    rows: list[list[str]] = field(default_factory=list)
    filled: set[tuple[int, int]] = field(default_factory=set)
    cell: list[str] = field(default_factory=list)
    span: int = 1
    continues: bool = False


class Builder:
    """Puts a body together from what a reader meets, in reading order; wrong nesting does no harm."""

    def __init__(self) -> None:
        self._body = Body()
        self._texts: list[list[str]] = []
        self._open: list[_Table] = []
        self._done: list[tuple[_Table, int]] = []

    def begin_paragraph(self) -> None:
        """A paragraph; one inside another (a text box) ends before it."""
        self._texts.append([])

    def write(self, text: str) -> None:
        """Text of the innermost paragraph; outside of one it is lost."""
        if self._texts:
            self._texts[-1].append(text)

    def end_paragraph(self) -> None:
        if self._texts:
            self.paragraph("".join(self._texts.pop()))

    def paragraph(self, text: str) -> None:
        """A whole paragraph."""
        self._body.paragraphs.append(text)
        if self._open:
            self._open[-1].cell.append(text)

    def begin_table(self) -> None:
        self._open.append(_Table(len(self._body.paragraphs)))

    def begin_row(self) -> None:
        if self._open:
            self._open[-1].rows.append([])

    def begin_cell(self) -> None:
        if self._open:
            self._open[-1].cell, self._open[-1].span, self._open[-1].continues = [], 1, False

    def span(self, columns: int) -> None:
        """The cell is that many columns wide."""
        if self._open:
            self._open[-1].span = max(1, min(columns, 64))

    def continues(self, yes: bool = True) -> None:
        """The cell is the lower part of a merged one and repeats what stands above it."""
        if self._open:
            self._open[-1].continues = yes

    def end_cell(self) -> None:
        if not self._open or not self._open[-1].rows:
            return
        now = self._open[-1]
        row, text = now.rows[-1], "\n".join(now.cell).strip()
        if len(row) >= WIDEST:
            return
        if now.continues and len(now.rows) > 1 and len(row) < len(now.rows[-2]):
            text = now.rows[-2][len(row)]
            now.filled.add((len(now.rows) - 1, len(row)))
        row.append(text)
        row.extend([""] * (now.span - 1))

    def end_table(self) -> None:
        if not self._open:
            return
        done = self._open.pop()
        if self._open:  # a table inside a cell: its words belong to that cell
            self._open[-1].cell.extend(cell for row in done.rows for cell in row if cell)
            return
        self._done.append((done, len(self._body.paragraphs)))

    def body(self) -> Body:
        """What was built; tables know the paragraphs around them."""
        for done, end in self._done:
            around = self._body.around(done.begin, end)
            self._body.tables.append(Grid(done.rows, frozenset(done.filled), around))
        self._done = []
        return self._body


class Spans:
    """Where cells of a table reach down: for formats that state a height instead of marking the cells below."""

    def __init__(self) -> None:
        self._row = 0
        self._last: dict[int, int] = {}

    def next_row(self) -> None:
        self._row += 1

    def place(self, column: int, columns: int, rows: int) -> None:
        """A cell of this row, at that column, reaches over so many columns and rows."""
        if rows > 1:
            for each in range(column, min(column + columns, WIDEST)):
                self._last[each] = self._row + rows - 1

    def covered(self, column: int) -> bool:
        """Whether a cell of a row above reaches down into that column of this row."""
        return self._last.get(column, -1) >= self._row


def stated(number: object, most: int = 100_000) -> int | None:
    """A page count a file states of itself, if it can be true."""
    text = str(number).strip() if number is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 8 and 0 < int(text) <= most else None


def lines_of(parts: Iterable[str]) -> str:
    """The parts that say something, one a line."""
    return "\n".join(part for part in parts if part.strip())
