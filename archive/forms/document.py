"""Tables as a docx: A4 across, the head on every page, page numbers. Equal tables give equal bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from archive.forms.table import Table, spans, widths

MADE = datetime(2000, 1, 1)  # noqa: DTZ001  # no day of ours: the bytes must not tell when they were made
_WIDTH = Cm(25.7)
"""Of the text on an A4 page across, with 2 cm beside it."""


def document(tables: Sequence[Table]) -> bytes:
    """Each table begins a page."""
    made = docx.Document()
    core = made.core_properties
    core.created = core.modified = MADE
    core.author = core.comments = core.title = core.last_modified_by = ""
    _page(made.sections[0])
    _font(made.styles["Normal"], "宋体", 10.5)
    for place, table in enumerate(tables):
        title = made.add_paragraph()
        if place:
            title.add_run().add_break(WD_BREAK.PAGE)
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.paragraph_format.space_after = Pt(8)
        _font(title.add_run(table.title), "黑体", 18)
        _above(made, table)
        _grid(made, table)
        for turn, remark in enumerate(table.below):
            line = made.add_paragraph()
            line.paragraph_format.space_before = Pt(0 if turn else 6)
            line.paragraph_format.space_after = Pt(0)
            _font(line.add_run(remark), "宋体", 10)
    out = io.BytesIO()
    made.save(out)
    return settled(out.getvalue())


def settled(packed: bytes) -> bytes:
    """The same ZIP with every entry dated alike, so that equal content is equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            dated = zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0))
            dated.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(dated, old.read(entry))
    return out.getvalue()


def _page(section: Any) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, code in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        foot.add_run(text)
        for kind in ("begin", code, "end"):
            run = foot.add_run()
            if kind == code:
                field = OxmlElement("w:instrText")
                field.text = code
            else:
                field = OxmlElement("w:fldChar")
                field.set(qn("w:fldCharType"), kind)
            run._r.append(field)
    foot.add_run(" 页")


def _above(made: Any, table: Table) -> None:
    if not table.above:
        return
    line = made.add_paragraph()
    line.paragraph_format.space_after = Pt(4)
    line.paragraph_format.tab_stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    _font(line.add_run("\t".join(table.above)), "宋体", 12)


def _grid(made: Any, table: Table) -> None:
    grid: Any = made.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.style = made.styles["Table Grid"]
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    _narrow(grid)
    wide = widths(table)
    cells = [list(row.cells) for row in grid.rows]
    for place, column in enumerate(table.columns):
        width = int(_WIDTH) * wide[place] // sum(wide)
        grid.columns[place].width = width
        for row in cells:
            row[place].width = width
        _fill(cells[0][place], column.head, "黑体", True)
        _shade(cells[0][place])
    hidden = {(at, column) for column, first, last in spans(table) for at in range(first + 1, last + 1)}
    for at, texts in enumerate(table.rows):
        for place, text in enumerate(texts):
            centred = table.columns[place].centred or place in table.merged
            _fill(cells[at + 1][place], "" if (at, place) in hidden else text, "宋体", centred)
    for merged, first, last in spans(table):
        _merge([cells[at + 1][merged] for at in range(first, last + 1)])
    for line in grid.rows:
        line.height = Cm(0.8)  # at least
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _narrow(grid: Any) -> None:
    """A millimetre beside the text of each cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.append(margins)


def _merge(cells: Sequence[Any]) -> None:
    """One cell down; python-docx's own merge gathers the empty paragraphs of all."""
    for place, cell in enumerate(cells):
        cell._tc.get_or_add_tcPr().get_or_add_vMerge().val = "continue" if place else "restart"


def _fill(cell: Any, text: str, font: str, centred: bool) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    line = cell.paragraphs[0]
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(2)
    if centred:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _font(line.add_run(text), font, 10.5)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "E7E6E6")
    cell._tc.get_or_add_tcPr().append(shade)


def _font(of: Any, name: str, size: float) -> None:
    """The font for Chinese and Latin alike; Word falls back by itself where it is missing."""
    of.font.name, of.font.size = name, Pt(size)
    fonts = of.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(script), name)
