"""One table as it will be printed: title, the line above it, columns, rows, remarks. Pure."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 2000
"""Characters of one cell; more belongs in a file, and workbooks end at 32,767."""


@dataclass(frozen=True)
class Column:
    """head: may hold line ends. width: in half-width characters, 0 = by what stands in it. centred: the cells.

    choices: what a workbook offers for its cells; () = anything.
    """

    head: str
    width: int = 0
    centred: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One sheet, one printed table. Every cell is text and stays text.

    name: of the sheet. above: what stands left and right between title and table (报送单位：… · 报送日期：…).
    merged: columns (from 0) in which equal neighbours, one below the other, are one cell; one column bounds the next.
    below: remarks under the table.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    above: tuple[str, ...] = ()
    merged: tuple[int, ...] = ()
    below: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Text that a workbook and a Word document can hold: no control or direction characters, not endless."""
    tidy = _NEVER.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return tidy if len(tidy) <= LONGEST_CELL else f"{tidy[:LONGEST_CELL]}…"


def width_of(text: str) -> int:
    """The width of the longest line in half-width characters: a Chinese character is two."""
    return max((_wide(line) for line in text.split("\n")), default=0)


def _wide(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in line)


def widths(table: Table, least: int = 100, most: int = 136) -> list[int]:
    """The width of each column: what it holds, between 6 and 44; all together between `least` and `most`."""
    found = []
    for place, column in enumerate(table.columns):
        held = max((width_of(row[place]) for row in table.rows), default=0)
        head = math.ceil(width_of(column.head) / 2)  # a head may stand in two lines
        found.append(column.width or min(max(head, held, 6) + 3, 44))
    over = sum(found) - min(max(sum(found), least), most)
    free = [place for place, column in enumerate(table.columns) if not column.width and found[place] > 6]
    wide = sum(found[place] for place in free)
    for place in free:
        found[place] = max(8, found[place] - math.ceil(over * found[place] / wide))
    return found


def lines(text: str, width: int) -> int:
    """How many lines a cell of that width needs."""
    return sum(max(1, math.ceil(_wide(line) / max(1, width - 1))) for line in text.split("\n"))


def spans(table: Table) -> Iterator[tuple[int, int, int]]:
    """(column, first row, last row) of every merged cell of two rows or more; "" is never merged."""
    bounds = {0, len(table.rows)}
    for column in table.merged:
        bounds |= {row for row in range(1, len(table.rows)) if table.rows[row][column] != table.rows[row - 1][column]}
        steps = sorted(bounds)
        for first, end in itertools.pairwise(steps):
            if end - first > 1 and table.rows[first][column]:
                yield column, first, end - 1


def filled(rows: Sequence[Sequence[str]], columns: int) -> tuple[tuple[str, ...], ...]:
    """Rows of exactly so many clean cells."""
    return tuple(tuple(clean(cell) for cell in (*row, *[""] * columns)[:columns]) for row in rows)
