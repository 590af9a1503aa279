"""A workbook as staff get it: every cell is text, whatever it begins with; equal content gives equal bytes."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook's own time has no zone
_LONGEST = 32_767
"""Characters a cell may hold."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its width in characters, and what may be chosen in it ((): anything)."""

    name: str
    width: float
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title over all columns, a line of explanation below it ("" = none), the header row, the rows."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note: str = ""


def workbook(*sheets: Sheet) -> bytes:
    """The bytes of an xlsx: A4 landscape, one page wide, the header on every page, pages numbered."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _MADE})
    large = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter", "text_wrap": True})
    small = book.add_format({"font_size": 9, "font_color": "#555555", "text_wrap": True, "valign": "top"})
    head = book.add_format(
        {"bold": True, "border": 1, "bg_color": "#E7EEF7", "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@"})
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, (large, small, head, cell))
    book.close()
    return out.getvalue()


def _fill(page: Any, sheet: Sheet, formats: tuple[Any, Any, Any, Any]) -> None:
    large, small, head, cell = formats
    last, top = len(sheet.columns) - 1, 2 if sheet.note else 1
    _across(page, 0, last, sheet.title, large)
    page.set_row(0, 30)
    if sheet.note:
        _across(page, 1, last, sheet.note, small)
        wide = sum(column.width for column in sheet.columns)
        page.set_row(1, 13 * _lines(sheet.note, wide) + 3)
    page.set_row(top, 15 * max(_lines(column.name, column.width) for column in sheet.columns) + 6)
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
        page.write_string(top, number, column.name, head)
        if column.choices and sheet.rows:
            allowed = {"validate": "list", "source": list(column.choices)}
            page.data_validation(top + 1, number, top + len(sheet.rows), number, allowed)
    for line, row in enumerate(sheet.rows, start=top + 1):
        page.set_row(line, 15 * max(map(_lines, row, [column.width for column in sheet.columns]), default=1) + 3)
        for number, text in enumerate(row):
            page.write_string(line, number, text[:_LONGEST], cell)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.5, 0.5, 0.6, 0.6)
    page.repeat_rows(top)
    page.freeze_panes(top + 1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column so many characters wide; a Chinese one takes two."""
    return sum(
        max(1, math.ceil(sum(2 if ord(letter) > 0x2000 else 1 for letter in line) / (width - 1)))
        for line in text.split("\n")
    )


def _across(page: Any, row: int, last: int, text: str, form: Any) -> None:
    if last:
        page.merge_range(row, 0, row, last, "", form)
    page.write_string(row, 0, text, form)
