"""From words with places on a page to lines and a table. Pure; pixels count from the page's upper left corner."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from intake.measure.table import COLUMN_WORDS, Grid


@dataclass(frozen=True)
class Box:
    """Words that stand together, and their frame."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        """Height at which it stands."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Page:
    """What was read of one page that lies straight. rows, columns: where a table's lines run across and down."""

    boxes: tuple[Box, ...]
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    @staticmethod
    def of(plain: dict[str, Any]) -> Page:
        """From plain JSON data; KeyError, TypeError or ValueError when it is none of ours."""
        boxes = [
            Box(float(left), float(top), float(right), float(bottom), str(text))
            for left, top, right, bottom, text in plain["boxes"]
        ]
        return Page(tuple(boxes), tuple(map(int, plain["rows"])), tuple(map(int, plain["columns"])))


def text_of(page: Page) -> str:
    """All words, line by line."""
    return "\n".join(" ".join(box.text for box in line) for line in lines(page.boxes))


def words_of(pages: Iterable[Page]) -> list[str]:
    """What stands in each box, in the order of reading."""
    return [box.text for page in pages for line in lines(page.boxes) for box in line]


def lines(boxes: Iterable[Box]) -> list[list[Box]]:
    """Boxes that stand at one height, from left to right, from the top down."""
    found: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        last = found[-1] if found else None
        if last and box.middle - median(one.middle for one in last) < _height([*last, box]) / 2:
            last.append(box)
        else:
            found.append([box])
    return [sorted(line, key=lambda box: box.left) for line in found]


def grid_of(page: Page) -> Grid | None:
    """The table of a page: by its ruled lines, else by the names of its columns; None without either."""
    if len(page.rows) >= 3 and len(page.columns) >= 3:
        return _ruled(page)
    return _named(page)


def _height(boxes: Sequence[Box]) -> float:
    return median(box.bottom - box.top for box in boxes)


def _ruled(page: Page) -> Grid:
    """Every box goes into the cell it stands in; words of one cell are joined, whatever line they stand on."""
    top, bottom = page.rows[0], page.rows[-1]
    cells: dict[tuple[int, int], list[Box]] = {}
    around = []
    for box in (box for line in lines(page.boxes) for box in line):
        if not top < box.middle < bottom:
            around.append(box.text)
            continue
        row = bisect(page.rows, box.middle) - 1
        cells.setdefault((row, _widest(box, page.columns)), []).append(box)
    rows = [
        ["".join(box.text for box in cells.get((row, column), ())) for column in range(len(page.columns) - 1)]
        for row in range(len(page.rows) - 1)
    ]
    return Grid(rows, around=tuple(around))


def _widest(box: Box, borders: Sequence[float]) -> int:
    """The column, of those between the borders, that the box shares most of its width with."""
    shared = [min(box.right, right) - max(box.left, left) for left, right in pairwise(borders)]
    return max(range(len(shared)), key=shared.__getitem__)


def _named(page: Page) -> Grid | None:
    """Without ruled lines: the line with most names of columns heads the table, borders run half-way between them.

    None when two words of one line fall into one column: then the columns are not those we see.
    """
    all_lines = lines(page.boxes)
    named = [sum(COLUMN_WORDS.search(box.text) is not None for box in line) for line in all_lines]
    if max(named, default=0) < 2:
        return None
    at = named.index(max(named))
    head = all_lines[at]
    middles = [(one.right + other.left) / 2 for one, other in pairwise(head)]
    borders = [float("-inf"), *middles, float("inf")]
    rows = []
    for line in all_lines[at:]:
        row = {_widest(box, borders): box.text for box in line}
        if len(row) < len(line):
            return None
        rows.append([row.get(column, "") for column in range(len(head))])
    return Grid(rows, around=tuple(box.text for line in all_lines[:at] for box in line))
