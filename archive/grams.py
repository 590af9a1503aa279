"""Words as search sees them: folded, cut into grams for the index, found again in the text, shown in a snippet. Pure.

Folding is done character by character, so that a place in folded text leads back to the place in what was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.judging.traditional import simplified

FIELD = "\x1f"
"""Stands between the fields of an indexed row (number, unit, subject, …); no word reaches across it."""
CELL = "\x1e"
"""Stands between the cells of a table; no word reaches across it either."""
LONG = 4
"""Latin letters and digits are indexed in fours beside the pairs: their pairs alone tell too little apart."""
MOST_PAIRS, MOST_FOURS = 6, 2
"""So many grams of one word are looked up."""
AROUND = 24
"""Characters of a snippet before and after the first hit."""
_RUN = re.compile(r"[^\W_]+")
_LATIN = re.compile(f"[a-z0-9]{{{LONG},}}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PRIVATE = "\ue000"
_CHUNK = 1000


class _Folding(dict[int, str]):
    """Code point → what it is searched as, worked out when first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(char: str) -> str:
    if char in (FIELD, CELL):
        return char
    if unicodedata.category(char) in ("Cc", "Cf", "Cs"):  # controls, invisible marks, halves of surrogate pairs
        return ""
    plain = simplified(unicodedata.normalize("NFKC", char)).casefold()
    return "".join(plain.split())


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Full and half width, case, traditional and simplified made one; spaces, line ends and invisible marks left out.

    Spaces go because names are spread (王　伟) and lines are broken anywhere in Chinese text.
    """
    return text.translate(_FOLDING)


def cleaned(text: str) -> str:
    """What may be kept as a field: without our separators, and without what no database takes."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return whole.replace(FIELD, " ").replace(CELL, " ").replace("\0", "")


def grams(folded: str) -> set[str]:
    """Every gram of a folded text: pairs of neighbouring letters, signs and digits; Latin ones in fours too."""
    found: set[str] = set()
    for run in _RUN.findall(folded):
        found.update(map("".join, pairwise(run)))
    for run in _LATIN.findall(folded):
        found.update(run[at : at + LONG] for at in range(len(run) - LONG + 1))
    return found


def grams_of_word(word: str) -> list[str]:
    """The telling ones of the grams that every text with this folded word has; none for a single character.

    Each costs a look into the index, and what is found is checked again: of signs the pairs, since how two follow one
    another tells most; of Latin runs the last that do not overlap, those with digits before others.
    """
    pairs: list[str] = []
    fours: list[str] = []
    for run in _RUN.findall(word):
        at = 0
        for latin in _LATIN.finditer(run):
            pairs += _pairs(run[at : latin.start() + 1])
            fours += [latin[0][i : i + LONG] for i in range(len(latin[0]) - LONG, -1, -LONG)][::-1]
            at = latin.end() - 1
        pairs += _pairs(run[at:] if at else run)
    numbered = [four for four in fours if any(map(str.isdigit, four))]
    return list(dict.fromkeys([*pairs[-MOST_PAIRS:], *(numbered or fours)[-MOST_FOURS:]]))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def mark_of(kind: str, value: str) -> str:
    """One token of the index that no text can have: this row is of that campaign, unit, item or type."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"{_PRIVATE}{ord(c):x}{_PRIVATE}" for c in value)
    return f"{_PRIVATE}{kind}{_PRIVATE}{plain}"


def matching(tokens: Iterable[str]) -> str:
    """The FTS5 expression for rows that have all these tokens; "" for none."""
    return " AND ".join(f'"{token}"' for token in dict.fromkeys(tokens))


@dataclass(frozen=True)
class Snippet:
    """Part of one field with what was found in it. marks: (start, end) in text; field: its place in the row."""

    field: int
    text: str
    marks: tuple[tuple[int, int], ...]


def snippets(fields: Sequence[str], words: Sequence[str], order: Sequence[int]) -> tuple[Snippet, ...]:
    """Where the folded words stand: for each the first field in `order` that has it; one snippet a field."""
    folded = [fold(field) for field in fields]
    wanted: dict[int, int] = {}
    for word in words:
        place = next((at for at in order if word in folded[at]), None)
        if place is not None:
            begin = folded[place].index(word)
            wanted[place] = min(begin, wanted.get(place, begin))
    return tuple(_snippet(at, fields[at], folded[at], wanted[at], words) for at in order if at in wanted)


def _snippet(at: int, text: str, folded: str, begin: int, words: Sequence[str]) -> Snippet:
    first = max(0, begin - AROUND)
    longest = max(map(len, words))
    part = folded[first : begin + longest + AROUND]
    start = _origin(text, first)
    stop = _origin(text, first + len(part) - 1) + 1 if part else start
    shown = text[start:stop]
    marks = sorted({span for word in words for span in _spans(shown, word)})
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    tidy = _CONTROL.sub(" ", shown)
    moved = tuple((a + len(before), b + len(before)) for a, b in _joined(marks))
    return Snippet(at, f"{before}{tidy}{after}", moved)


def _origin(text: str, place: int) -> int:
    """The index in `text` of the character that gave the folded character at `place`."""
    done = 0
    for chunk in range(0, len(text), _CHUNK):
        length = len(fold(text[chunk : chunk + _CHUNK]))
        if done + length > place:
            for index in range(chunk, len(text)):
                done += len(_FOLDING[ord(text[index])])
                if done > place:
                    return index
        done += length
    return len(text)


def _spans(shown: str, word: str) -> Iterator[tuple[int, int]]:
    folded = fold(shown)
    at = folded.find(word)
    while at >= 0:
        yield _origin(shown, at), _origin(shown, at + len(word) - 1) + 1
        at = folded.find(word, at + len(word))


def _joined(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Overlapping and touching spans made one."""
    last: tuple[int, int] | None = None
    for begin, end in spans:
        if last is not None and begin <= last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = begin, end
    if last is not None:
        yield last
