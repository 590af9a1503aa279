"""PDF through PDFium: words in its reading order, pages, scans, and tables by their ruling lines."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

from archive.records import Facts
from intake.measure import pages, table
from intake.measure.body import count_characters, excerpt
from intake.measure.pages import Line
from intake.measure.pdf_table import Letter, Rules, grids

PAGE_LIMIT, LETTER_LIMIT, SECONDS = 300, 400_000, 6.0
"""Pages, letters and seconds after which no more text is read."""
OBJECT_LIMIT = 20_000
"""Drawn objects of a page that are looked at."""
FEW, FILLED = 20, 0.6
"""Letters a page has at most, and share of it a picture fills at least, to be a scan."""


@dataclass
class Page:
    """What was read of one page; sizes in points, y upwards from the bottom as the page is shown."""

    height: float
    letters: list[Letter] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rules: Rules = field(default_factory=Rules)
    picture: bool = False


def measure_pdf(path: Path, known: Facts) -> Facts:
    """Facts of a PDF: pages, characters, title, text, main table; scanned when pages are pictures without text.

    encrypted: True when it does not open without a password; one that only forbids printing or changing opens.
    Headers, footers and page numbers are left out where they stand on many pages; footnotes are counted.
    """
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as trouble:
        if "assword" in str(trouble):
            return replace(known, encrypted=True, error="文件设有密码，无法读出内容")
        return replace(known, error="PDF已损坏或不完整，无法读出内容")
    try:
        return _measured(document, replace(known, encrypted=False))
    finally:
        document.close()


def _measured(document: pypdfium2.PdfDocument, known: Facts) -> Facts:
    total = len(document)
    known = replace(known, pages=total or None)
    if not total:
        return replace(known, error="PDF中没有页面")
    read = _pages(document, total)
    if not read:
        return replace(known, error="PDF的页面已损坏，无法读出内容")
    kept = pages.without_running([page.lines for page in read])
    text = "\n".join(paragraph for lines in kept for paragraph in pages.paragraphs(lines))
    scanned = sum(page.picture for page in read) > 0.5 * len(read)
    facts = replace(
        known,
        characters=count_characters(text),
        scanned=True if scanned else None,
        title=pages.title(kept[0]) or table.first_line(text),
        text=excerpt(text),
        error=f"PDF共{total}页，只读取了前{len(read)}页的文字" if len(read) < total else None,
    )
    found, by_lines = grids([(page.letters, page.rules) for page in read])
    facts = table.main_table(facts, found)
    return replace(facts, unruled=True) if facts.columns and not by_lines else facts


def _pages(document: pypdfium2.PdfDocument, total: int) -> list[Page]:
    """The first pages, until a limit is reached; one that cannot be loaded is blank."""
    read: list[Page] = []
    left, until = LETTER_LIMIT, time.monotonic() + SECONDS
    for index in range(min(total, PAGE_LIMIT)):
        try:
            page = _page(document[index], left)
        except pypdfium2.PdfiumError:
            page = Page(0)
        read.append(page)
        left -= len(page.letters)
        if left <= 0 or time.monotonic() > until:
            break
    return read


def _page(source: pypdfium2.PdfPage, most: int) -> Page:
    width, height = source.get_size()
    turn = _Turn(source.get_rotation(), width, height)
    page = Page(height)
    text = source.get_textpage()
    try:
        _read_letters(text.raw, page, turn, min(most, raw.FPDFText_CountChars(text.raw)))
    finally:
        text.close()
    _look_at_objects(source, page, turn, width * height)
    source.close()
    return page


@dataclass(frozen=True)
class _Turn:
    """From the page's own coordinates to those of the page as it is shown (rotation in degrees, clockwise)."""

    rotation: int
    width: float
    height: float

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        match self.rotation:
            case 90:
                return y, self.height - x
            case 180:
                return self.width - x, self.height - y
            case 270:
                return self.width - y, x
        return x, y


def _read_letters(text: object, page: Page, turn: _Turn, number: int) -> None:
    box = raw.FS_RECTF()
    line: list[Letter] = []
    for index in range(number):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            _end_line(page, line)
            line = []
            continue
        if code < 32 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) or code > 0x10FFFF:
            continue
        raw.FPDFText_GetLooseCharBox(text, index, box)
        x0, y0 = turn(box.left, box.bottom)
        x1, y1 = turn(box.right, box.top)
        made = code == 32 and raw.FPDFText_IsGenerated(text, index) == 1
        line.append(Letter(chr(code), min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1), made))
    _end_line(page, line)


def _end_line(page: Page, line: list[Letter]) -> None:
    shown = [letter for letter in line if not letter.text.isspace()]
    if not shown:
        return
    kept = [letter for at, letter in enumerate(line) if not (letter.made and _only_spacing(line, at))]
    page.letters.extend(kept)
    size = max(letter.top - letter.bottom for letter in shown)
    middle = sum(letter.top + letter.bottom for letter in shown) / (2 * len(shown))
    page.lines.append(
        Line(
            "".join(letter.text for letter in kept),
            shown[0].left,
            max(letter.right for letter in shown),
            size,
            1 - middle / page.height if page.height else 0.5,
        )
    )


def _only_spacing(line: list[Letter], at: int) -> bool:
    """Whether a space PDFium put in is only the gap that layout leaves between Chinese and Latin letters."""
    if not 0 < at < len(line) - 1:
        return True
    before, after = line[at - 1], line[at + 1]
    gap, size = after.left - before.right, max(before.top - before.bottom, after.top - after.bottom)
    return gap < 0.7 * size and (pages.is_wide(before.text) or pages.is_wide(after.text))


def _look_at_objects(source: pypdfium2.PdfPage, page: Page, turn: _Turn, area: float) -> None:
    """Ruling lines, and whether a picture fills a page of (nearly) no text."""
    few = sum(not letter.text.isspace() for letter in page.letters) <= FEW
    for index in range(min(raw.FPDFPage_CountObjects(source.raw), OBJECT_LIMIT)):
        item = raw.FPDFPage_GetObject(source.raw, index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH and not few:
            _read_path(item, page.rules, turn)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE and few:
            left, bottom, right, top = (ctypes.c_float() for _ in range(4))
            if raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
                covered = (right.value - left.value) * (top.value - bottom.value)
                page.picture = page.picture or covered >= FILLED * area


def _read_path(item: object, rules: Rules, turn: _Turn) -> None:
    """The straight lines of a stroked path, and thin filled boxes, which many programs draw instead of lines."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(item, fill, stroke):
        return
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, matrix)
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(raw.FPDFPath_CountSegments(item), 4000)):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        kind = raw.FPDFPathSegment_GetType(segment)
        point = turn(
            matrix.a * x.value + matrix.c * y.value + matrix.e, matrix.b * x.value + matrix.d * y.value + matrix.f
        )
        if kind == raw.FPDF_SEGMENT_MOVETO:
            rules.path(points, stroked=bool(stroke.value))
            points = []
        points.append(point)
        if raw.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    rules.path(points, stroked=bool(stroke.value))
