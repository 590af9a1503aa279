"""Tables an office keeps or exports, as rows of text: CSV (UTF-8, GB18030), workbooks, and web pages saved as .xls."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import lxml.etree
import lxml.html
import python_calamine

from config.reading import decode

Row = tuple[int, list[str]]
"""The row's number in the file, from 1, and its cells."""
_WEB_PAGE = re.compile(r"\s*<.{0,4000}?<table\b", re.IGNORECASE | re.DOTALL)
"""What many systems export as .xls is a web page with a table."""


class Unreadable(Exception):
    """Why the bytes are no table (Chinese, or the reader's own words); line: where, when that is known."""

    def __init__(self, reason: str, line: int | None = None, encoding: bool = False) -> None:
        super().__init__(reason)
        self.line = line
        self.encoding = encoding


def sheets(data: bytes) -> list[list[Row]]:
    """The rows of every visible sheet; a CSV is one sheet. Unreadable when it is no table at all."""
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _workbook(data)
    text = decode(data)
    if text is None:
        raise Unreadable("文字编码不认识，请另存为 UTF-8 或 xlsx", encoding=True)
    return _web_page(text) if _WEB_PAGE.match(text) else [_csv(text)]


def _csv(text: str) -> list[Row]:
    first = text.lstrip().split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first and "," not in first else ",")
    rows: list[Row] = []
    begin = 1
    try:
        for cells in reader:
            rows.append((begin, [_clean(cell) for cell in cells]))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(str(error), begin) from None
    return rows


def _web_page(text: str) -> list[list[Row]]:
    try:
        page = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text))
    except (ValueError, lxml.etree.LxmlError) as error:
        raise Unreadable(str(error)) from None
    return [
        [
            (number, [_clean(" ".join("".join(map(str, cell.itertext())).split())) for cell in row.iter("td", "th")])
            for number, row in enumerate(table.iter("tr"), start=1)
        ]
        for table in page.iter("table")
    ]


def _workbook(data: bytes) -> list[list[Row]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        found: list[list[Row]] = []
        for meta in book.sheets_metadata:
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                continue
            table = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            found.append([(n, [_cell(value) for value in cells]) for n, cells in enumerate(table, start=1)])
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the Rust reader is a BaseException
        raise Unreadable(str(error) or type(error).__name__) from None
    return found


def _cell(value: Any) -> str:
    """A cell as text; numbers lose the `.0` a workbook gives them (phones, codes)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    return text.replace("\u3000", " ").replace("\ufeff", "").strip()
