"""Cells merged over several rows in an .ods, which its reader does not tell."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from lxml import etree

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
MANY_ROWS, MANY_COLUMNS = 1_048_576, 16_384

Merged = tuple[tuple[int, int], tuple[int, int]]


def merged_cells(path: Path) -> dict[str, list[Merged]]:
    """Of each sheet of an .ods its cells merged over several rows: ((top, left), (bottom, right)), counted from 0.

    Raises what zipfile and lxml raise for damaged files.
    """
    found: dict[str, list[Merged]] = {}
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as part:
        for sheet, each in _merged(part):
            found.setdefault(sheet, []).append(each)
    return found


def _merged(part: IO[bytes]) -> Iterator[tuple[str, Merged]]:
    sheet, row, column = "", 0, 0
    names = ("table", "table-row", "table-cell", "covered-table-cell")
    for event, element in etree.iterparse(
        part, events=("start", "end"), tag=[TABLE + name for name in names], huge_tree=False, resolve_entities=False
    ):
        name, attributes = element.tag.rpartition("}")[2], dict(element.attrib)
        if event == "start":
            if name == "table":
                sheet, row = attributes.get(f"{TABLE}name", ""), 0
            elif name == "table-row":
                column = 0
        elif name == "table-row":
            row += number(attributes, f"{TABLE}number-rows-repeated", MANY_ROWS)
            element.clear()
        elif name.endswith("cell"):
            tall = number(attributes, f"{TABLE}number-rows-spanned", MANY_ROWS)
            wide = number(attributes, f"{TABLE}number-columns-spanned", MANY_COLUMNS)
            if tall > 1:
                yield sheet, ((row, column), (row + tall - 1, column + wide - 1))
            column += number(attributes, f"{TABLE}number-columns-repeated", MANY_COLUMNS)
            element.clear()


def number(attributes: Mapping[str, str], name: str, most: int) -> int:
    """A count an attribute states, 1 when it is missing or nonsense."""
    value = attributes.get(name, "1")
    return max(1, min(int(value[:9]), most)) if value.isascii() and value.isdecimal() else 1
