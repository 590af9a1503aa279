"""Plain text and tables kept as plain text (CSV, tab-separated)."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from archive.records import Facts
from intake.measure import table
from intake.measure.body import count_characters, excerpt, lines_of
from intake.measure.table import Grid

TXT_LIMIT = 16 * 2**20
SEPARATORS = "\t,;"
_SURE = 12
"""Score of a header row with two known column words: below that, a text with commas stays a text."""


def measure_txt(path: Path, known: Facts) -> Facts:
    """Facts of a text file: characters, title, text; its table when it is one. UTF-8, UTF-16 with a mark, GB18030."""
    if path.stat().st_size > TXT_LIMIT:
        return replace(known, error="文本文件过大，未读取内容")
    text = decode(path.read_bytes())
    grid = separated(text)
    if grid is not None:
        text = lines_of(" ".join(cell for cell in row if cell) for row in grid.rows)
    facts = replace(known, characters=count_characters(text), title=table.first_line(text), text=excerpt(text))
    return table.main_table(facts, [grid]) if grid is not None else facts


def decode(content: bytes) -> str:
    """The text of a file in one of the encodings Chinese units use."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def separated(text: str) -> Grid | None:
    """The text as a table, when one separator gives a header row with known column words; else None."""
    for separator in SEPARATORS:
        if text.count(separator, 0, 20_000) < 4:
            continue
        rows = _rows(text, separator)
        found = table.read_grid(Grid(rows))
        if found is not None and found.score >= _SURE:
            return Grid(rows)
    return None


def _rows(text: str, separator: str) -> Sequence[Sequence[str]]:
    try:
        rows = list(csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=separator))
    except csv.Error:
        rows = [line.split(separator) for line in text.splitlines()]
    return [[_as_typed(cell) for cell in row[:128]] for row in rows]


def _as_typed(cell: str) -> str:
    """Without what keeps spreadsheets from reading a phone as a number: ="138…", '138…, and spaces around."""
    hit = re.fullmatch(r'="(.*)"|\'(\d+)', cell.strip())
    return (hit[1] or hit[2] or "") if hit else cell.strip()
