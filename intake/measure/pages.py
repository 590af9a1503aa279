"""Printed pages (PDF, OFD) as lines of text: headers, footers and page numbers out, broken lines joined. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from intake.measure import table
from intake.measure.body import WIDE

EDGE = 0.12
"""Share of the page's height, above and below, in which headers and footers stand."""
_PAGE_NUMBER = re.compile(r"[-－—–·~\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／,，]?\s*共?\s*\d{1,4}\s*页?)?[-－—–·~\s]*")
_IS_WIDE = re.compile(f"[{WIDE}]")


@dataclass(frozen=True)
class Line:
    """A printed line: left and right edge and letter height in one unit, `down` its place as share of the page."""

    text: str
    left: float
    right: float
    size: float
    down: float


def without_running(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without what stands at the same place of many of them, and without page numbers at the edge."""
    seen: Counter[tuple[str, int]] = Counter()
    for lines in pages:
        seen.update({key for line in lines for key in _keys(line)})
    enough = max(2, 0.4 * len(pages))
    return [[line for line in lines if not _runs(line, seen, enough)] for lines in pages]


def _keys(line: Line) -> list[tuple[str, int]]:
    """What a running line has in common on all pages: its words but for numbers, and its place within 2 %."""
    if EDGE < line.down < 1 - EDGE:
        return []
    words, place = re.sub(r"\d+", "#", "".join(line.text.split())), int(line.down * 50)
    return [(words, place), (words, place + 1)]


def _runs(line: Line, seen: Counter[tuple[str, int]], enough: float) -> bool:
    keys = _keys(line)
    return bool(keys) and (
        any(seen[key] >= enough for key in keys) or _PAGE_NUMBER.fullmatch(line.text.strip()) is not None
    )


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """Lines of one page, a line that was only broken at the margin joined with the next."""
    begin, end = min((line.left for line in lines), default=0.0), max((line.right for line in lines), default=0.0)
    found: list[str] = []
    before: Line | None = None
    for line in lines:
        if before is not None and before.right > end - 2 * before.size and _goes_on(before, line, begin):
            found[-1] = joined(found[-1], line.text)
        else:
            found.append(line.text.strip())
        before = line
    return found


def _goes_on(line: Line, following: Line, begin: float) -> bool:
    """Whether the following line belongs to the paragraph of a full one: below it, of its size, not indented."""
    same_size = abs(line.size - following.size) < 0.2 * line.size
    return following.down > line.down and same_size and following.left < begin + 1.2 * line.size


def joined(left: str, right: str) -> str:
    """Two halves of a broken line: a space only between Latin words."""
    left, right = left.rstrip(), right.lstrip()
    between = " " if left and right and not _IS_WIDE.match(left[-1]) and not _IS_WIDE.match(right[0]) else ""
    return left + between + right


def is_wide(character: str) -> bool:
    """Whether a character is one that Chinese text sets without spaces."""
    return _IS_WIDE.match(character) is not None


def title(lines: Iterable[Line]) -> str | None:
    """The line set larger than the text among the first ones, with those of its size below it; else the first line."""
    first = [line for line in lines if line.text.strip()][:12]
    if not first:
        return None
    usual = median(line.size for line in first)
    largest = max(first, key=lambda line: line.size)
    if largest.size < 1.15 * usual:
        return table.first_line("\n".join(line.text for line in first))
    at = first.index(largest)
    name = largest.text
    for line in first[at + 1 :]:
        if abs(line.size - largest.size) > 0.05 * largest.size:
            break
        name = joined(name, line.text)
    return table.first_line(name)
