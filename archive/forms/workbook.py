"""Tables as an xlsx: borders, grey heads, A4 across, the head on every page. Equal tables give equal bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from archive.forms.table import Table, lines, spans, widths

MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # no day of ours: the bytes must not tell when they were made
_TEXT: dict[str, Any] = {
    "font_name": "宋体",
    "font_size": 11,
    "valign": "vcenter",
    "text_wrap": True,
    "num_format": "@",
}
_LINE = 17
"""Points of one line of text."""


def workbook(tables: Sequence[Table]) -> bytes:
    """One sheet a table. Cells are written as strings: one that begins with = + - @ is no formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": MADE, "author": "", "comments": ""})
    looks = {
        "title": book.add_format({**_TEXT, "font_name": "黑体", "font_size": 18, "align": "center"}),
        "above": book.add_format({**_TEXT, "text_wrap": False}),
        "right": book.add_format({**_TEXT, "text_wrap": False, "align": "right"}),
        "head": book.add_format(
            {**_TEXT, "font_name": "黑体", "align": "center", "border": 1, "bg_color": "#E7E6E6"}
        ),
        "cell": book.add_format({**_TEXT, "border": 1, "align": "left", "indent": 1}),
        "centred": book.add_format({**_TEXT, "border": 1, "align": "center"}),
        "below": book.add_format({**_TEXT, "font_size": 10}),
    }  # fmt: skip
    taken: set[str] = set()
    for table in tables:
        _sheet(book.add_worksheet(_sheet_name(table.name, taken)), table, looks)
    book.close()
    return out.getvalue()


def _sheet(sheet: Any, table: Table, looks: dict[str, Any]) -> None:
    last = len(table.columns) - 1
    wide = widths(table)
    for place, width in enumerate(wide):
        sheet.set_column(place, place, width)
    _across(sheet, 0, last, table.title, looks["title"])
    sheet.set_row(0, 36)
    row = 1
    if table.above:
        sheet.write_string(row, 0, table.above[0], looks["above"])
        if len(table.above) > 1:
            sheet.write_string(row, last, table.above[-1], looks["right"])
        sheet.set_row(row, 22)
        row += 1
    for place, column in enumerate(table.columns):
        sheet.write_string(row, place, column.head, looks["head"])
    sheet.set_row(row, max(26, _height([one.head for one in table.columns], wide)))
    sheet.repeat_rows(row)
    sheet.freeze_panes(row + 1, 0)
    top = row + 1
    for place, cells in enumerate(table.rows):
        for at, cell in enumerate(cells):
            sheet.write_string(top + place, at, cell, _look(table, at, looks))
        sheet.set_row(top + place, max(22, _height(cells, wide)))
    for at, column in enumerate(table.columns):
        if column.choices and table.rows:
            offered = {"validate": "list", "source": list(column.choices)}
            sheet.data_validation(top, at, top + len(table.rows) - 1, at, offered)
    for at, first, end in spans(table):
        sheet.merge_range(top + first, at, top + end, at, "", _look(table, at, looks))
        sheet.write_string(top + first, at, table.rows[first][at], _look(table, at, looks))
    for place, remark in enumerate(table.below):
        at = top + len(table.rows) + place
        _across(sheet, at, last, remark, looks["below"])
        sheet.set_row(at, max(18, _height([remark], [sum(wide)])))
    _page(sheet)


def _page(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer("&C第 &P 页　共 &N 页")


def _across(sheet: Any, row: int, last: int, text: str, look: Any) -> None:
    if last:
        sheet.merge_range(row, 0, row, last, "", look)
    sheet.write_string(row, 0, text, look)


def _look(table: Table, column: int, looks: dict[str, Any]) -> Any:
    return looks["centred" if table.columns[column].centred or column in table.merged else "cell"]


def _height(cells: Sequence[str], wide: Sequence[int]) -> int:
    """Points a row needs; Excel shows at most 409."""
    return min(409, 5 + _LINE * max(lines(cell, width) for cell, width in zip(cells, wide, strict=True)))


def _sheet_name(name: str, taken: set[str]) -> str:
    """At most 31 characters, none of []:*?/\\, not 'History', no quote at its ends, each once."""
    base = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:31].strip("' ") or "表"
    if base.casefold() == "history":
        base = f"{base}表"
    found, number = base, 2
    while found.casefold() in taken:
        tail = f" ({number})"
        found, number = base[: 31 - len(tail)] + tail, number + 1
    taken.add(found.casefold())
    return found
