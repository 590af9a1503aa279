"""OFD (GB/T 33190): the words of all pages; its tables are not read."""

from __future__ import annotations

import posixpath
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from archive.records import Facts
from intake.measure import pages, table
from intake.measure.body import count_characters, excerpt
from intake.measure.damage import ZIPPED
from intake.measure.pages import Line

PART_LIMIT, PAGE_LIMIT, SECONDS = 16 * 2**20, 300, 6.0
"""Bytes of one XML part, pages, and seconds after which no more is read."""
_FEW = 20
"""Letters up to which a whole document of pictures counts as a scan."""


def measure_ofd(path: Path, known: Facts) -> Facts:
    """Facts of an .ofd: pages, characters without headers, footers and page numbers, title, text.

    Text of page templates (stamps, frames) is left out. scanned: pages of pictures without text.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = list(_page_names(archive))
            read, pictures = _read(archive, names)
    except ZIPPED:
        return replace(known, error="OFD已损坏或不完整，无法读出内容")
    if not read:
        return replace(known, error="OFD中没有可读的页面")
    kept = pages.without_running(read)
    text = "\n".join(paragraph for lines in kept for paragraph in pages.paragraphs(lines))
    return replace(
        known,
        pages=len(names),
        characters=count_characters(text),
        scanned=True if pictures and len(text) <= _FEW else None,
        title=pages.title(kept[0]) or table.first_line(text),
        text=excerpt(text),
        error=f"OFD共{len(names)}页，只读取了前{len(read)}页的文字" if len(read) < len(names) else None,
    )


def _read(archive: zipfile.ZipFile, names: list[str]) -> tuple[list[list[Line]], bool]:
    """Lines of the first pages until a limit is reached, and whether there are pictures."""
    read: list[list[Line]] = []
    pictures, until = False, time.monotonic() + SECONDS
    for name in names[:PAGE_LIMIT]:
        root = _part(archive, name)
        read.append(list(_lines(root)))
        pictures = pictures or root.find(".//{*}ImageObject") is not None
        if time.monotonic() > until:
            break
    return read, pictures


def _page_names(archive: zipfile.ZipFile) -> Iterator[str]:
    """The parts that hold the pages of all documents of the file, in order (GB/T 33190 7.4, 7.5)."""
    for root in _part(archive, "OFD.xml").iterfind(".//{*}DocRoot"):
        document = _joined("", root.text or "")
        for page in _part(archive, document).iterfind("./{*}Pages/{*}Page"):
            yield _joined(posixpath.dirname(document), page.get("BaseLoc") or "")


def _joined(folder: str, place: str) -> str:
    place = place.strip()
    return posixpath.normpath(place.lstrip("/") if place.startswith("/") else posixpath.join(folder, place))


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    with archive.open(name) as part:
        content = part.read(PART_LIMIT + 1)
    if len(content) > PART_LIMIT:
        raise OSError("too large")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _lines(page: etree._Element) -> Iterator[Line]:
    """Text objects as lines: those that follow each other at one height are one."""
    height = _numbers(page.findtext(".//{*}PhysicalBox"))[3] or 297.0
    open_line: Line | None = None
    for item in page.iterfind(".//{*}TextObject"):
        text = "".join(code.text or "" for code in item.iterfind("{*}TextCode"))
        left, top, width, tall = _numbers(item.get("Boundary"))
        size = _number(item.get("Size") or item.get("size")) or tall
        line = Line(text, left, left + width, size, (top + tall / 2) / height)
        if open_line is None:
            open_line = line
        elif abs(open_line.down - line.down) * height < 0.5 * size and left >= open_line.left:
            gap = " " if left - open_line.right > size else ""
            open_line = replace(open_line, text=open_line.text + gap + text, right=max(open_line.right, line.right))
        else:
            yield open_line
            open_line = line
    if open_line is not None:
        yield open_line


def _numbers(text: str | None) -> tuple[float, float, float, float]:
    """x, y, width and height in millimetres; zeros when it is not four numbers."""
    found = [_number(part) for part in (text or "").split()[:4]]
    return (found[0], found[1], found[2], found[3]) if len(found) == 4 else (0.0, 0.0, 0.0, 0.0)


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e6 else 0.0
