"""Tables on printed pages: cells by ruling lines, else columns under a header row of known column words. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from intake.measure.body import AROUND
from intake.measure.pages import joined
from intake.measure.table import COLUMN_WORDS, Grid

NEAR = 3.0
"""Points by which two ruling lines may differ and still be one."""
THIN = 3.0
"""Points up to which a filled box is a line."""
MOST_COLUMNS, MOST_ROWS = 64, 400
"""Lines of a page beyond which its drawing is no table."""
GAP = 0.9
"""Letter heights between two letters from which on they belong to different columns, where no line is ruled."""


@dataclass(frozen=True)
class Letter:
    """A letter and its box in points, y upwards. made: a space that is not in the file."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    made: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass
class Rules:
    """Ruling lines of a page: (place, begin, end), horizontal by y, vertical by x."""

    horizontal: list[tuple[float, float, float]] = field(default_factory=list)
    vertical: list[tuple[float, float, float]] = field(default_factory=list)

    def path(self, points: Sequence[tuple[float, float]], stroked: bool) -> None:
        """Takes the straight parts of a drawn path; a filled one only when it is thin."""
        if len(points) < 2:
            return
        if not stroked:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            points = ((min(xs), min(ys)), (max(xs), max(ys)))
            if min(max(xs) - min(xs), max(ys) - min(ys)) > THIN:
                return
            level = max(xs) - min(xs) > max(ys) - min(ys)
            points = (points[0], (points[1][0], points[0][1]) if level else (points[0][0], points[1][1]))
        for (x0, y0), (x1, y1) in pairwise(points):
            if abs(y1 - y0) < 1 < abs(x1 - x0):
                self.horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) < 1 < abs(y1 - y0):
                self.vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))


Span = tuple[float, float, str]
"""Left edge, right edge and text of a stretch of a line."""

PageParts = tuple[Sequence[Letter], Rules]


def grids(pages: Sequence[PageParts]) -> tuple[list[Grid], bool]:
    """The tables of a document, and whether lines rule any of them.

    One that goes on over the next page with the same columns is one table.
    """
    found: list[tuple[list[float], Grid]] = []
    for letters, rules in pages:
        ruled = _ruled(letters, rules)
        if ruled is None:
            loose = _unruled(letters)
            if loose is not None:
                found.append(([], loose))
            continue
        if found and _same_columns(found[-1][0], ruled[0]):
            ruled = (ruled[0], _appended(found.pop()[1], ruled[1]))
        found.append(ruled)
    return [grid for _, grid in found], any(columns for columns, _ in found)


def _same_columns(before: Sequence[float], now: Sequence[float]) -> bool:
    return len(before) == len(now) > 0 and all(abs(a - b) < NEAR for a, b in zip(before, now, strict=True))


def _appended(before: Grid, now: Grid) -> Grid:
    shift = len(before.rows)
    filled = before.filled | {(row + shift, column) for row, column in now.filled}
    return Grid([*before.rows, *now.rows], filled, (*before.around, *now.around))


def _ruled(letters: Sequence[Letter], rules: Rules) -> tuple[list[float], Grid] | None:
    xs = _places([place for place, _, _ in rules.vertical])
    ys = _places([place for place, _, _ in rules.horizontal])[::-1]
    if not 2 < len(xs) <= MOST_COLUMNS or not 2 < len(ys) <= MOST_ROWS:
        return None
    cells = _Cells(xs, ys, rules)
    outside = cells.fill(letters)
    if not cells.texts:
        return None
    printed = _lines(outside)
    above = [line for line in printed if line[0].middle[1] > ys[0]][-AROUND:]
    below = [line for line in printed if line[0].middle[1] < ys[-1]][:AROUND]
    return xs, cells.grid(tuple(_spaced(_spans(line)) for line in (*above, *below)))


def _spaced(spans: Sequence[Span]) -> str:
    return "   ".join(text for _, _, text in spans)


def _places(values: Sequence[float]) -> list[float]:
    """The distinct places in rising order, those nearly equal taken as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > NEAR:
            found.append(value)
    return found


class _Cells:
    """Fields between neighbouring lines; those without a line between them are one cell."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], rules: Rules) -> None:
        self.xs, self.ys = xs, ys
        self._down = [-y for y in ys]
        self.columns, self.rows = len(xs) - 1, len(ys) - 1
        self._parent = list(range(self.columns * self.rows))
        self.texts: dict[int, str] = {}
        walls = _Walls(rules.vertical, xs), _Walls(rules.horizontal, ys)
        for row in range(self.rows):
            for column in range(self.columns):
                here = row * self.columns + column
                if column + 1 < self.columns and not walls[0].between(column + 1, ys[row + 1], ys[row]):
                    self._join(here, here + 1)
                if row + 1 < self.rows and not walls[1].between(row + 1, xs[column], xs[column + 1]):
                    self._join(here, here + self.columns)

    def _root(self, cell: int) -> int:
        while self._parent[cell] != cell:
            self._parent[cell] = self._parent[self._parent[cell]]
            cell = self._parent[cell]
        return cell

    def _join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        self._parent[max(one, other)] = min(one, other)

    def fill(self, letters: Sequence[Letter]) -> list[Letter]:
        """Puts each letter into its cell; returns those outside of all."""
        inside: dict[int, list[Letter]] = {}
        outside: list[Letter] = []
        for letter in letters:
            x, y = letter.middle
            column = bisect_right(self.xs, x) - 1
            row = bisect_right(self._down, -y) - 1
            if 0 <= column < self.columns and 0 <= row < self.rows:
                inside.setdefault(self._root(row * self.columns + column), []).append(letter)
            else:
                outside.append(letter)
        self.texts = {cell: _text(found) for cell, found in inside.items()}
        return outside

    def grid(self, around: tuple[str, ...]) -> Grid:
        rows: list[list[str]] = []
        filled: set[tuple[int, int]] = set()
        for row in range(self.rows):
            line: list[str] = []
            for column in range(self.columns):
                root = self._root(row * self.columns + column)
                above = root // self.columns < row
                own = root % self.columns == column
                line.append(self.texts.get(root, "") if own else "")
                if own and above and line[-1]:
                    filled.add((row, column))
            rows.append(line)
        return Grid(rows, frozenset(filled), around)


class _Walls:
    """Whether a ruling line stands at a place over a stretch, at least over most of it."""

    def __init__(self, rules: Sequence[tuple[float, float, float]], places: Sequence[float]) -> None:
        rising = list(places) if places[0] <= places[-1] else list(places)[::-1]
        self._turned = rising[0] != places[0]
        self._last = len(places) - 1
        self._stretches: dict[int, list[tuple[float, float]]] = {}
        for place, begin, end in rules:
            at = bisect_right(rising, place) - 1
            at = at + 1 if at + 1 < len(rising) and (at < 0 or rising[at + 1] - place < place - rising[at]) else at
            self._stretches.setdefault(at, []).append((begin, end))

    def between(self, index: int, begin: float, end: float) -> bool:
        at = self._last - index if self._turned else index
        covered = sum(max(0.0, min(end, b) - max(begin, a)) for a, b in self._stretches.get(at, ()))
        return covered > 0.6 * (end - begin)


def _text(letters: Sequence[Letter]) -> str:
    text = ""
    for line in _lines(letters):
        text = joined(text, "".join(letter.text for letter in line)) if text else "".join(x.text for x in line)
    return " ".join(text.split())


def _lines(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Letters as lines from top to bottom, each from left to right."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda each: -each.middle[1]):
        if lines and abs(lines[-1][0].middle[1] - letter.middle[1]) < 0.5 * _height(lines[-1][:1]):
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [sorted(line, key=lambda each: each.left) for line in lines]


def _height(line: Sequence[Letter]) -> float:
    return max(4.0, max(letter.top - letter.bottom for letter in line))


def _spans(line: Sequence[Letter]) -> list[Span]:
    """Stretches of a line between wide gaps."""
    spans: list[Span] = []
    space, gap = "", GAP * _height(line)
    for letter in line:
        if letter.text.isspace():
            space = " "
            continue
        if spans and letter.left - spans[-1][1] < gap:
            begin, end, text = spans[-1]
            spans[-1] = begin, max(end, letter.right), text + space + letter.text
        else:
            spans.append((letter.left, letter.right, letter.text))
        space = ""
    return spans


def _unruled(letters: Sequence[Letter]) -> Grid | None:
    """A table without lines: each stretch below the header belongs to the column name it stands nearest to."""
    if len(COLUMN_WORDS.findall("".join(letter.text for letter in letters))) < 2:
        return None
    printed = [_spans(line) for line in _lines(letters)]
    head = next((at for at, spans in enumerate(printed) if _is_header(spans)), None)
    if head is None:
        return None
    names = printed[head]
    rows: list[list[str]] = [[name for _, _, name in names]]
    after = len(printed)
    for at in range(head + 1, len(printed)):
        row = _under(names, printed[at])
        if row is None:
            after = at
            break
        if rows and not row[0] and sum(map(bool, row)) * 2 < len(row) and len(rows) > 1:
            rows[-1] = [joined(above, below) for above, below in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    texts = [_spaced(spans) for spans in printed]
    return Grid(rows, frozenset(), (*texts[max(0, head - AROUND) : head], *texts[after : after + AROUND]))


def _is_header(spans: Sequence[Span]) -> bool:
    known = sum(COLUMN_WORDS.search(text) is not None and len(text) < 25 for _, _, text in spans)
    return len(spans) >= 3 and known >= 2 and known * 2 >= len(spans)


def _under(names: Sequence[Span], spans: Sequence[Span]) -> list[str] | None:
    """The stretches of a line under the column names; None when one reaches under several: no row of the table."""
    row = [""] * len(names)
    for begin, end, text in spans:
        touched = [i for i, (left, right, _) in enumerate(names) if begin < right and left < end]
        if len(touched) > 1:
            return None
        middle = (begin + end) / 2
        at = touched[0] if touched else min(range(len(names)), key=lambda i: abs(sum(names[i][:2]) / 2 - middle))
        row[at] = f"{row[at]} {text}".strip()
    return row
