"""How [MS-DOC] says what a stretch of text is: formatted runs, their properties, and the cells of a table row."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from intake.measure.body import WIDEST
from intake.measure.table import Grid

PAGE = 512
RUN_LIMIT = 400_000
"""Runs read at most; a long report has some thousands."""
NEAR = 60
"""Twips (1 mm) by which edges of cells may differ and still be one."""

IN_TABLE, ROW_END, TABLE_DEFINITION = 0x2416, 0x2417, 0xD608
HUGE = (b"\x45\x66", b"\x46\x66")
_SIZES = (1, 1, 2, 4, 2, 2, -1, 3)
"""Bytes of an operand by the top three bits of its code ([MS-DOC] 2.2.5.1); -1: its first byte says."""


@dataclass(frozen=True)
class Cell:
    """A cell of a row: its left and right edge in twips, and whether it continues the one above."""

    left: int
    right: int
    continues: bool = False


@dataclass(frozen=True)
class Row:
    """Texts of a row and where its cells lie (empty when the row does not say)."""

    texts: Sequence[str]
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Run:
    """Bytes `begin` … `end` of the WordDocument stream share these properties."""

    begin: int
    end: int
    raw: bytes

    @staticmethod
    def character_runs(word: bytes, plc: bytes) -> Iterator[Run]:
        """Runs of characters ([MS-DOC] 2.9.33 ChpxFkp)."""
        for page, begin, end, index, runs in _entries(word, plc):
            offset = page[4 * (runs + 1) + index] * 2
            if offset:
                yield Run(begin, end, page[offset + 1 : offset + 1 + page[offset]])

    @staticmethod
    def of_paragraphs(word: bytes, plc: bytes, data: bytes) -> Iterator[Run]:
        """Runs of paragraphs ([MS-DOC] 2.9.175 PapxFkp, 2.9.176 PapxInFkp); the style number is left out.

        Long properties lie in the Data stream (sprmPHugePapx, 2.6.2; PrcData, 2.9.211).
        """
        for page, begin, end, index, runs in _entries(word, plc):
            offset = page[4 * (runs + 1) + 13 * index] * 2
            if not offset or offset >= PAGE - 1:
                continue
            size = page[offset] * 2 - 1
            if page[offset] == 0:
                offset, size = offset + 1, page[offset + 1] * 2
            raw = page[offset + 3 : offset + 1 + size]
            if raw[:2] in HUGE and len(raw) >= 6:
                (at,) = struct.unpack_from("<I", raw, 2)
                raw = data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "little")]
            yield Run(begin, end, raw)

    def properties(self) -> Iterator[tuple[int, bytes]]:
        """Codes and operands; a cut list ends early."""
        at = 0
        while at + 2 <= len(self.raw):
            (code,) = struct.unpack_from("<H", self.raw, at)
            at += 2
            size = _SIZES[code >> 13]
            if code == TABLE_DEFINITION:
                size = int.from_bytes(self.raw[at : at + 2], "little") + 1
            elif size < 0:
                size = (self.raw[at] if at < len(self.raw) else 0) + 1
            yield code, self.raw[at : at + size]
            at += size

    @cached_property
    def _codes(self) -> dict[int, bytes]:
        return dict(self.properties())

    @property
    def in_table(self) -> bool:
        return self._codes.get(IN_TABLE, b"")[:1] == b"\x01"

    @property
    def row_end(self) -> bool:
        return self._codes.get(ROW_END, b"")[:1] == b"\x01"

    def cells(self) -> tuple[Cell, ...]:
        """The cells a row's end mark defines ([MS-DOC] 2.9.315 TDefTableOperand, 2.9.308 TC80)."""
        operand = self._codes.get(TABLE_DEFINITION, b"")
        number = operand[2] if len(operand) > 2 else 0
        if not 0 < number <= WIDEST or len(operand) < 3 + 2 * (number + 1):
            return ()
        edges = struct.unpack_from(f"<{number + 1}h", operand, 3)
        flags = operand[3 + 2 * (number + 1) :]
        continues = [len(flags) > 20 * i and flags[20 * i] & 0x60 == 0x20 for i in range(number)]
        return tuple(Cell(edges[i], edges[i + 1], continues[i]) for i in range(number))


def paragraph_runs(word: bytes, plc: bytes, data: bytes) -> list[Run]:
    """All paragraph runs in the order of their bytes."""
    return sorted(Run.of_paragraphs(word, plc, data), key=lambda run: run.begin)


def _entries(word: bytes, plc: bytes) -> Iterator[tuple[bytes, int, int, int, int]]:
    """Each run of each formatted page the bin table names: page, first byte, last byte, index, runs of the page."""
    number, seen, left = max(0, (len(plc) - 4) // 8), set(), RUN_LIMIT
    for (where,) in struct.iter_unpack("<I", plc[4 * (number + 1) : 4 * (2 * number + 1)]):
        where &= 0x3FFFFF
        page = word[where * PAGE : (where + 1) * PAGE]
        if len(page) < PAGE or where in seen:
            continue
        seen.add(where)
        runs = page[PAGE - 1]
        if 4 * (runs + 1) + runs > PAGE:
            continue
        places = struct.unpack_from(f"<{runs + 1}I", page)
        for index in range(runs):
            left -= 1
            if left < 0:
                return
            yield page, places[index], places[index + 1], index, runs


def fold(rows: Sequence[Row], around: tuple[str, ...]) -> Grid:
    """Rows as a grid: a wide cell takes all the columns it covers, a merged cell is repeated below."""
    edges = _columns([edge for row in rows for cell in row.cells for edge in (cell.left, cell.right)])
    texts: list[list[str]] = []
    filled: set[tuple[int, int]] = set()
    for number, row in enumerate(rows):
        line: list[str] = []
        for index, text in enumerate(row.texts[:WIDEST]):
            cell = row.cells[index] if index < len(row.cells) else None
            if cell is not None and cell.continues and number and len(line) < len(texts[-1]):
                text = texts[-1][len(line)]
                filled.add((number, len(line)))
            line.append(text)
            if cell is not None:
                line.extend([""] * (_between(edges, cell) - 1))
        texts.append(line[:WIDEST])
    return Grid(texts, frozenset(filled), around)


def _columns(edges: Sequence[int]) -> list[int]:
    """The distinct edges, those nearly equal taken as one."""
    found: list[int] = []
    for edge in sorted(set(edges)):
        if not found or edge - found[-1] > NEAR:
            found.append(edge)
    return found[: WIDEST + 1]


def _between(edges: Sequence[int], cell: Cell) -> int:
    """How many columns a cell covers."""
    return max(1, bisect_left(edges, cell.right - NEAR) - bisect_left(edges, cell.left - NEAR))
