"""Old Word files (.doc, .wps): text and tables from the piece table of [MS-DOC], without Word."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import olefile

from archive.records import Facts
from intake.measure.body import Body, stated, told
from intake.measure.damage import BINARY
from intake.measure.msdoc_table import Row, Run, fold, paragraph_runs

STREAM_LIMIT = 64 * 2**20
"""Bytes of the WordDocument stream (text and layout; pictures lie elsewhere) above which a document is not read."""
WORD_97 = 0xC0
"""nFib below which the file is from Word 6 or 95 and is laid out otherwise."""
TEXT_MAX = 8_000_000
"""Characters read at most."""

CELL, FIELD, RESULT, END = "\x07", "\x13", "\x14", "\x15"
_SHOWN = str.maketrans(
    {
        **{chr(code): None for code in range(32)},
        "\t": "\t",
        "\x0b": "\n",
        "\x1e": "-",
        "\xa0": " ",
    }
)
"""Control characters (anchors of pictures, notes and comments) say nothing; a few stand for what they print."""


class TooOld(ValueError):
    """A file of Word 6 or 95."""


@dataclass(frozen=True)
class Piece:
    """Characters `begin` … `end` of the document stand at byte `at`, one byte each when compressed, else two."""

    begin: int
    end: int
    at: int
    compressed: bool

    @property
    def width(self) -> int:
        return 1 if self.compressed else 2


def measure_doc(path: Path, known: Facts) -> Facts:
    """Facts of a .doc or .wps: characters of the body with its text boxes, title, text, and its main table.

    No headers, footers, footnotes, comments, field codes, and nothing struck out in tracked changes. pages: what the
    program that wrote it last stated in its summary, not counted anew.
    """
    try:
        with olefile.OleFileIO(str(path)) as file:
            if file.get_size("WordDocument") > STREAM_LIMIT:
                return replace(known, error="文档过大，未读取内容")
            word = file.openstream("WordDocument").read()
            name = "1Table" if word[11] & 0x02 else "0Table"
            data = file.openstream("Data").read(STREAM_LIMIT) if file.exists("Data") else b""
            body = read(word, file.openstream(name).read(STREAM_LIMIT), data)
            title, pages = _summary(file)
    except TooOld:
        return replace(known, error="文档由Word 95或更早的程序保存，无法读出内容，请另存为docx后重发")
    except BINARY:
        return replace(known, error="文档已损坏或不完整，无法读出内容")
    return told(known, body, title, pages)


def _summary(file: olefile.OleFileIO) -> tuple[str | None, int | None]:
    """Title and page count of the SummaryInformation stream; a damaged one says nothing."""
    try:
        summary = file.getproperties("\x05SummaryInformation")
    except (*BINARY, MemoryError):
        return None, None
    title = summary.get(2)
    text = title.decode("gb18030", errors="replace") if isinstance(title, bytes) else ""
    return text.strip("\0 ")[:120] or None, stated(summary.get(14))


def read(word: bytes, table: bytes, data: bytes = b"") -> Body:
    """The body from the streams. ValueError, struct.error or IndexError when they are damaged ([MS-DOC] 2.4.1)."""
    if struct.unpack_from("<H", word, 0)[0] not in (0xA5EC, 0xA5DC) or len(word) < 512:
        raise ValueError("no FIB")
    if struct.unpack_from("<H", word, 2)[0] < WORD_97:
        raise TooOld
    counts = struct.unpack_from("<8i", word, 76)  # text, footnotes, headers, macros, comments, endnotes, boxes, …
    pieces = list(_pieces(_part(word, table, 33)))
    struck = _struck(word, table)
    main = _characters(word, pieces, struck, 0, min(counts[0], TEXT_MAX))
    body = _Layout(paragraph_runs(word, _part(word, table, 13), data)).body(main)
    box = sum(counts[:6])
    if 0 < counts[6] <= TEXT_MAX and box > 0:
        boxes = "".join(text for text, _, _ in _characters(word, pieces, struck, box, box + counts[6]))
        body.paragraphs.extend(_shown(text) for text in boxes.split("\r") if text)
    return body


def _part(word: bytes, table: bytes, index: int) -> bytes:
    """The structure of the table stream that the FIB's pair fc/lcb of that index points to ([MS-DOC] 2.5.6)."""
    at, size = struct.unpack_from("<II", word, 154 + 8 * index)
    return table[at : at + size]


def _pieces(clx: bytes) -> Iterator[Piece]:
    """The piece table ([MS-DOC] 2.9.38, 2.9.177)."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<h", clx, at + 1)[0]
        if at <= 0:
            raise ValueError("piece table")
    if at >= len(clx) or clx[at] != 2:
        raise ValueError("piece table")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    plc = clx[at + 5 : at + 5 + size]
    number = (len(plc) - 4) // 12
    places = struct.unpack_from(f"<{number + 1}I", plc)
    for index in range(number):
        (where,) = struct.unpack_from("<I", plc, 4 * (number + 1) + 8 * index + 2)
        compressed, offset = bool(where & 0x40000000), where & 0x3FFFFFFF
        if places[index + 1] < places[index]:
            raise ValueError("piece table")
        yield Piece(places[index], places[index + 1], offset // 2 if compressed else offset, compressed)


def _characters(
    word: bytes, pieces: list[Piece], struck: list[tuple[int, int]], begin: int, end: int
) -> Iterator[tuple[str, int, int]]:
    """Stretches of text between two characters of the document, without what is struck.

    Each with the byte it begins at and the bytes a character takes.
    """
    for piece in pieces:
        first, last = max(begin, piece.begin), min(end, piece.end)
        if first >= last:
            continue
        at = piece.at + (first - piece.begin) * piece.width
        stop = min(at + (last - first) * piece.width, len(word))
        for left, right in _kept(at, stop, struck):
            raw = word[left:right]
            yield _decode(raw, piece.compressed), left, piece.width


def _decode(raw: bytes, compressed: bool) -> str:
    if not compressed:
        return raw.decode("utf-16-le", errors="replace")
    # five bytes of cp1252 mean nothing; as latin-1 they are control characters and fall out
    return "".join(_CP1252[byte] for byte in raw)


_CP1252 = [bytes([n]).decode("cp1252", errors="ignore") or chr(n) for n in range(256)]


def _kept(at: int, stop: int, struck: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    index = max(0, bisect_right(struck, (at, 2**31)) - 1)
    while at < stop and index < len(struck):
        left, right = struck[index]
        index += 1
        if right <= at:
            continue
        if left >= stop:
            break
        if left > at:
            yield at, left
        at = right
    if at < stop:
        yield at, stop


def _struck(word: bytes, table: bytes) -> list[tuple[int, int]]:
    """Byte ranges of text marked as deleted (sprmCFRMarkDel in the character runs, [MS-DOC] 2.9.33, 2.6.1)."""
    return [
        (run.begin, run.end)
        for run in Run.character_runs(word, _part(word, table, 12))
        if any(code == 0x0800 and operand[:1] == b"\x01" for code, operand in run.properties())
    ]


def _shown(text: str) -> str:
    return text.translate(_SHOWN)


class _Layout:
    """Cuts the characters into paragraphs, cells and rows; what a row is, its end mark's properties say."""

    def __init__(self, runs: list[Run]) -> None:
        self._runs, self._begins = runs, [run.begin for run in runs]
        self._body = Body()
        self._text: list[str] = []
        self._cell: list[str] = []
        self._row: list[str] = []
        self._rows: list[Row] = []
        self._field: list[bool] = []
        """Open fields: True while in the code, False in the result."""
        self._begin: int | None = None
        """Paragraphs before the open table."""
        self._tables: list[tuple[list[Row], int, int]] = []

    def body(self, characters: Iterator[tuple[str, int, int]]) -> Body:
        for text, at, width in characters:
            for piece, mark, index in _marks(text):
                self._write(piece)
                if mark:
                    self._mark(mark, at + index * width)
        self._end_paragraph()
        self._end_table()
        for rows, begin, end in self._tables:
            self._body.tables.append(fold(rows, self._body.around(begin, end)))
        return self._body

    def _write(self, text: str) -> None:
        if text and not any(self._field):
            self._text.append(text)

    def _mark(self, mark: str, at: int) -> None:
        if mark == FIELD:
            self._field.append(True)
        elif mark == RESULT and self._field:
            self._field[-1] = False
        elif mark == END and self._field:
            self._field.pop()
        elif mark == CELL:
            self._end_cell(at)
        elif mark in "\r\x0c\x0e" and not any(self._field):
            self._end_paragraph(at)

    def _end_paragraph(self, at: int | None = None) -> None:
        text = self._take()
        if at is not None and self._in_table(at):
            self._begin_table()
            self._cell.append(text)
        else:
            self._end_table()
        if text or at is not None:
            self._body.paragraphs.append(text)

    def _take(self) -> str:
        text = _shown("".join(self._text))
        self._text.clear()
        return text

    def _in_table(self, at: int) -> bool:
        run = self._run(at)
        return run is not None and run.in_table

    def _run(self, at: int) -> Run | None:
        index = bisect_right(self._begins, at) - 1
        return self._runs[index] if index >= 0 and at < self._runs[index].end else None

    def _end_cell(self, at: int) -> None:
        run, text = self._run(at), self._take()
        self._begin_table()
        if run is not None and run.row_end:
            self._rows.append(Row(self._row, run.cells()))
            self._row, self._cell = [], []
            return
        self._body.paragraphs.append(text)
        self._row.append("\n".join((*self._cell, text)).strip())
        self._cell = []

    def _begin_table(self) -> None:
        if self._begin is None:
            self._begin = len(self._body.paragraphs)

    def _end_table(self) -> None:
        if self._row or self._cell:
            self._rows.append(Row([*self._row, *self._cell], ()))
        if self._rows:
            self._tables.append((self._rows, self._begin or 0, len(self._body.paragraphs)))
        self._rows, self._row, self._cell, self._begin = [], [], [], None


def _marks(text: str) -> Iterator[tuple[str, str, int]]:
    """Text before each structural character, that character ("" at the end), and its place."""
    begin = 0
    for index, character in enumerate(text):
        if character in "\x07\x0c\x0d\x0e\x13\x14\x15":
            yield text[begin:index], character, index
            begin = index + 1
    yield text[begin:], "", len(text)
