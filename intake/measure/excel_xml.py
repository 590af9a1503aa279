"""Excel 2003's single-file XML, mostly named .xls or .xml: its sheets as grids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from archive.records import Facts
from intake.measure import table
from intake.measure.body import XML_LIMIT, Spans, excerpt, lines_of
from intake.measure.merged import Merged
from intake.measure.table import Grid, fill_down, plain_number

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
ROWS, COLUMNS, SHEETS = 20_000, 256, 20
"""Rows and columns of a sheet, and sheets, that are read."""


def measure_excel_xml(path: Path, known: Facts) -> Facts:
    """Facts of a workbook: columns, rows, header fields and cells of the sheet that is most a table."""
    if path.stat().st_size > XML_LIMIT:
        return replace(known, error="表格过大，未读取内容")
    try:
        grids = [grid for grid, _ in zip(_sheets(path), range(SHEETS), strict=False)]
    except etree.LxmlError:
        return replace(known, error="表格已损坏或不完整，无法读出内容")
    text = lines_of(" ".join(cell for cell in row if cell) for grid in grids for row in grid.rows[:200])
    return table.main_table(replace(known, text=excerpt(text), title=table.first_line(text)), grids)


def _sheets(path: Path) -> Iterator[Grid]:
    rows: list[list[str]] = []
    merged: list[Merged] = []
    hidden, spans = False, Spans()
    for _, node in etree.iterparse(
        str(path), tag=[_SS + "Row", _SS + "Worksheet", "{*}Visible"], huge_tree=False, resolve_entities=False
    ):
        if node.tag == _SS + "Row":
            _read_row(node, rows, merged, spans)
            node.clear()
        elif node.tag == _SS + "Worksheet":
            if not hidden:
                yield Grid(rows, frozenset(fill_down(rows, merged)))
            rows, merged, hidden, spans = [], [], False, Spans()
            node.clear()
        else:
            hidden = (node.text or "").strip() in ("SheetHidden", "SheetVeryHidden")


def _read_row(node: etree._Element, rows: list[list[str]], merged: list[Merged], spans: Spans) -> None:
    while len(rows) < min(_number(node, "Index", len(rows) + 1) - 1, ROWS):
        rows.append([])
        spans.next_row()
    if len(rows) >= ROWS:
        return
    row: list[str] = []
    spans.next_row()
    for cell in node.iterchildren(_SS + "Cell"):
        at = _number(cell, "Index", 0) - 1
        while len(row) < min(at, COLUMNS) or (at < 0 and spans.covered(len(row))):  # some writers give no Index there
            row.append("")
        if len(row) >= COLUMNS:
            break
        down, across = min(_number(cell, "MergeDown", 0), ROWS), min(_number(cell, "MergeAcross", 0), COLUMNS)
        if down:
            merged.append(((len(rows), len(row)), (len(rows) + down, len(row) + across)))
        spans.place(len(row), across + 1, down + 1)
        row.append(_text(cell.find(_SS + "Data")))
        row.extend([""] * across)
    rows.append(row)


def _text(data: etree._Element | None) -> str:
    if data is None:
        return ""
    text = "".join(str(piece) for piece in data.itertext())
    kind = data.get(_SS + "Type")
    if kind == "Number":
        return plain_number(text)
    return text.partition("T00:00:00")[0] if kind == "DateTime" else text


def _number(node: etree._Element, name: str, default: int) -> int:
    value = node.get(_SS + name) or ""
    return int(value[:9]) if value.isascii() and value.isdecimal() else default
