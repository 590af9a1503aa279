"""Tables: the header row, the data rows and the fields around them, from spreadsheets and from tables in documents."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import python_calamine

from archive.records import Facts
from intake.measure.damage import ZIPPED
from intake.measure.merged import Merged, merged_cells

ROW_LIMIT, COLUMN_LIMIT = 500, 20
"""Data rows and columns kept as text; all rows are counted."""
SHEET_LIMIT = 20
XML_LIMIT = 64 * 2**20
"""Bytes of one unpacked XML part above which a workbook is not parsed."""
CELL_LIMIT = 4_000_000
"""Cells between A1 and the last one, used or not, above which a sheet is not read: readers hold them all."""
HEADER_SEARCH = 30
TITLE_LIMIT, TITLE_SEARCH = 120, 20_000
"""Characters kept of a title, and in which it is looked for."""

# Words that make a short cell the name of a column, in the notices' own tables.
COLUMN_WORDS = re.compile(
    "序号|类别|作品名称|作品题目|作品类型|展示形式|创作集体|推报集体|集体名称|联系人|联系方式|电话|手机|所获|是否"
    "|网上报备|单位名称|所在单位|推荐单位|作者|姓名|职务|备注|标题|名称"
)
# Words that name a field above or below the table when a value stands beside them.
FIELD = re.compile(
    r"(?:(?:报送|填报|推荐|推报|申报|主管|管理)?单位(?:名称)?|(?:报送|填报|填表|上报)(?:日期|时间)|日期"
    r"|(?:填报|填表|报送|联系|审核|负责|经办)人(?:签字)?|(?:联系)?电话|联系方式)"
)
_FIELD_COLON = re.compile(r"(?:^|(?<=\s)|(?<=[_＿]))([^\s：:\d_＿]{1,24})\s*[：:]")
_FIELD_SPACES = re.compile(rf"^({FIELD.pattern}(?:[（(][^）)]*[）)])?)[\s_＿]+(\S.*)$", re.DOTALL)
_SPACED = re.compile(r"(?<!\S)[\u4e00-\u9fff](?:\s+[\u4e00-\u9fff])+(?=[\s：:（(_＿]|$)")
"""Single characters set apart for looks: 报 送 单 位."""
_PARENTHESES = re.compile(r"[（(][^（）()]*[）)]")
_ANNEX = re.compile(r"附\s*件\s*[\d一二三四五六七八九十]{0,3}\s*[:：]?")
_SECRECY = re.compile(r"(?:密级\s*[:：]?\s*)?[绝机秘]\s*密(?:\s*[★☆].{0,12})?")
_NOTE = re.compile(r"^(?:注|备注|说明|填表说明|填报说明|合计|总计|小计)(?:[：:\d]|$)")
_LABEL = re.compile(r"序号|编号|类别")
_MERGED_LABEL = re.compile(r"类别|单位")


@dataclass(frozen=True)
class Grid:
    """A table as rows of text. filled: cells (row, column) that only repeat the cell above (a merged cell).

    around: paragraphs just above and below it.
    """

    rows: Sequence[Sequence[str]]
    filled: frozenset[tuple[int, int]] = frozenset()
    around: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a grid says: how sure the header row is, its names, the data rows, the fields around them."""

    score: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    header: dict[str, str]


def measure_spreadsheet(path: Path, known: Facts) -> Facts:
    """Facts of an xlsx, xls, et or ods: columns, rows, header fields and cells of the sheet that is most a table."""
    try:
        if known.type in ("xlsx", "ods") and (reason := _too_large(path)):
            return replace(known, error=reason)
        with path.open("rb") as file, python_calamine.CalamineWorkbook.from_filelike(file) as book:
            # not from_path: that believes the file name's ending
            grids = list(_grids(book, merged_cells(path) if known.type == "ods" else {}))
    except python_calamine.PasswordError:
        return replace(known, encrypted=True, error="表格设有密码，无法读出内容")
    except (python_calamine.CalamineError, *ZIPPED):
        return replace(known, error="表格已损坏或不完整，无法读出内容")
    lines = [" ".join(cell for cell in row if cell) for grid in grids for row in grid.rows[:200]]
    text = "\n".join(line for line in lines if line)[:4000]
    return main_table(replace(known, text=text, title=first_line(text)), grids)


def first_line(text: str) -> str | None:
    """The first line that says something, as a title; “附件2” or “机密★1年” alone only when nothing follows it."""
    lines = [line for line in (" ".join(line.split()) for line in text[:TITLE_SEARCH].splitlines()) if line]
    named = next((line for line in lines if not (_ANNEX.fullmatch(line) or _SECRECY.fullmatch(line))), None)
    found = named or (lines[0] if lines else None)
    return found[:TITLE_LIMIT] if found else None


def main_table(known: Facts, grids: Iterable[Grid]) -> Facts:
    """The facts with the columns, rows, header fields and cells of the grid that is most a table of materials."""
    found = [reading for reading in map(read_grid, grids) if reading is not None]
    if not found:
        return known
    best = max(found, key=lambda reading: (reading.score, len(reading.rows)))
    cells = tuple(tuple(row[:COLUMN_LIMIT]) for row in best.rows[:ROW_LIMIT])
    return replace(known, columns=best.columns, rows=len(best.rows), header=best.header, cells=cells)


def read_grid(grid: Grid) -> Found | None:
    """The header row is the one with most known column words, else the first wide row of short texts; or None."""
    at, score = _header_row(grid)
    if at is None:
        return None
    columns, begin = _column_names(grid, at)
    width = len(columns)
    used = [i for i, name in enumerate(columns) if name or any(_own(grid, r, i) for r in range(begin, len(grid.rows)))]
    names = [columns[i] for i in used]
    header = fields(grid.around)
    for number in range(at):
        header |= {key: value for key, value in fields(grid.rows[number]).items() if key not in header}
    rows: list[tuple[str, ...]] = []
    for number in range(begin, len(grid.rows)):
        own = [_own(grid, number, i) for i in range(width)]
        if _is_data(own, columns):
            row = grid.rows[number]
            rows.append(tuple(row[i].strip() if i < len(row) else "" for i in used))
        elif not any(cell in columns for cell in own if cell):
            header |= {key: value for key, value in fields(own).items() if key not in header}
    return Found(score, tuple(names[:COLUMN_LIMIT]), tuple(rows), header)


def _own(grid: Grid, row: int, column: int) -> str:
    cells = grid.rows[row]
    if column >= len(cells) or (row, column) in grid.filled:
        return ""
    return cells[column].strip()


def _header_row(grid: Grid) -> tuple[int | None, int]:
    best: tuple[int, int] | None = None
    first: int | None = None
    shapes = [_short_cells(grid, number) for number in range(min(HEADER_SEARCH, len(grid.rows)))]
    widest = max((len(cells) for cells in shapes), default=0)
    for number, cells in enumerate(shapes):
        if len(cells) < 2 or _is_fields(cells):
            continue
        known = sum(COLUMN_WORDS.search(cell) is not None for cell in cells)
        if known >= 2 and (best is None or known > best[1]):
            best = (number, known)
        if first is None and len(cells) * 2 > widest and number + 1 < len(grid.rows):
            first = number
    if best is not None:
        return best[0], 10 + best[1]
    if first is not None and not any(sum(map(bool, row)) >= 2 for row in grid.rows[first + 1 : first + HEADER_SEARCH]):
        return None, 0
    return first, 1


def _is_fields(cells: Sequence[str]) -> bool:
    """Whether a row of labels and values (报送单位 | 某局 | 报送日期 | 8月1日) rather than of column names."""
    if any(_names_field(hit[1]) for cell in cells for hit in _FIELD_COLON.finditer(cell)):
        return True
    labels = [_names_field(cell) or COLUMN_WORDS.search(cell) is not None for cell in cells]
    neighbours = any(left and right for left, right in pairwise(labels))
    return not neighbours and bool(fields(cells))


def _column_names(grid: Grid, at: int) -> tuple[list[str], int]:
    """The names of the columns and where the data begin: a header of two rows (联系方式 over 手机, 邮箱) is joined."""
    columns = [_fold(cell) for cell in grid.rows[at]]
    if at + 1 >= len(grid.rows) or "" not in columns[1:]:
        return columns, at + 1
    below = [_fold(_own(grid, at + 1, i)) for i in range(len(columns))]
    blank = [i for i, name in enumerate(columns) if not name and i > 0]
    spanned = {*blank, *(i - 1 for i in blank)}
    named = [i for i, name in enumerate(below) if name]
    if len(named) < 2 or not set(named) <= spanned or not _short_cells(grid, at + 1):
        return columns, at + 1
    parent = ""
    for i, name in enumerate(columns):
        parent = name or parent
        columns[i] = parent + below[i] if below[i] else name
    return columns, at + 2


def _short_cells(grid: Grid, number: int) -> list[str]:
    """The distinct cells of a row that could name a column; none when one of them is a sentence or a number."""
    cells = [_fold(_own(grid, number, i)) for i in range(len(grid.rows[number]))]
    cells = [cell for cell in cells if cell]
    bare = [_PARENTHESES.sub("", cell) for cell in cells]
    if any(len(cell) > 24 or re.fullmatch(r"[\d.\-/: ]+", cell) for cell in bare):
        return []
    return cells if len(set(cells)) == len(cells) else []


def _is_data(own: Sequence[str], columns: Sequence[str]) -> bool:
    """Blank rows, rows with only a pre-printed number or category, notes, sums and fields do not count."""
    filled = [i for i, cell in enumerate(own) if cell]
    if not filled or all(_LABEL.search(columns[i]) for i in filled):
        return False
    if [_fold(cell) for cell in own] == list(columns) or _NOTE.match(_fold(own[filled[0]])):
        return False
    label = _FIELD_COLON.match(own[filled[0]])
    return label is None or not (_names_field(label[1]) or len(filled) * 2 <= len(columns))


def fields(cells: Iterable[str]) -> dict[str, str]:
    """The fields a line speaks of: 报送单位（加盖公章）：某局 → {"报送单位": "某局"}; blank ones are left out.

    The value stands after the colon, after spaces, or in the next cell.
    """
    found: dict[str, str] = {}
    waiting: str | None = None
    for cell in cells:
        text = _SPACED.sub(lambda hit: re.sub(r"\s", "", hit[0]), cell.strip())
        if not text:
            continue
        if waiting is not None and not _names_field(text) and not _FIELD_COLON.search(text):
            found.setdefault(waiting, _value(text))
            waiting = None
            continue
        parts = _parts(text)
        found |= {key: value for key, value in parts if value and key not in found}
        waiting = parts[-1][0] if parts and not parts[-1][1] else None
    return {key: value for key, value in found.items() if value}


def _parts(text: str) -> list[tuple[str, str]]:
    """Names and values in one cell; a name without value has ""."""
    hits = [hit for hit in _FIELD_COLON.finditer(text) if not hit[1].startswith(("注", "http"))]
    if hits:
        ends = [hit.start() for hit in hits[1:]] + [len(text)]
        return [(_name(hit[1]), _value(text[hit.end() : end])) for hit, end in zip(hits, ends, strict=True)]
    if _names_field(text):
        return [(_name(text), "")]
    spaced = _FIELD_SPACES.match(text)
    return [(_name(spaced[1]), _value(spaced[2]))] if spaced else []


def _names_field(text: str) -> bool:
    return FIELD.fullmatch(_name(text)) is not None


def _name(text: str) -> str:
    return _PARENTHESES.sub("", re.sub(r"\s+", "", text)).strip("：:_＿")


def _value(text: str) -> str:
    value = " ".join(text.replace("_", " ").replace("＿", " ").split())
    return "" if re.fullmatch(r"[年月日\s]*|[（(].{0,8}[）)]", value) else value


def _fold(cell: str) -> str:
    """A header cell on one line: breaks and spaces between Chinese characters are layout."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", " ".join(cell.split()))


# --- spreadsheets -------------------------------------------------------------------------------------------------


def _grids(book: python_calamine.CalamineWorkbook, merged: Mapping[str, Sequence[Merged]]) -> Iterable[Grid]:
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    for name in visible[:SHEET_LIMIT]:
        sheet = book.get_sheet_by_name(name)
        rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        yield Grid(rows, frozenset(fill_down(rows, sheet.merged_cell_ranges or merged.get(name, ()))))


def fill_down(rows: list[list[str]], merged: Iterable[Merged]) -> Iterable[tuple[int, int]]:
    """Repeats a cell merged over several rows in each of them; returns the cells so filled."""
    for (top, left), (bottom, _) in merged:
        if top >= len(rows) or left >= len(rows[top]) or not rows[top][left]:
            continue
        for number in range(top + 1, min(bottom + 1, len(rows))):
            rows[number].extend([""] * (left + 1 - len(rows[number])))
            rows[number][left] = rows[top][left]
            yield number, left


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell).replace("\0", "")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)


def plain_number(text: str) -> str:
    """A number as people write it: 1.38E+10 is a phone."""
    try:
        return _number(float(text)) if not text.strip().isdecimal() else text.strip()
    except ValueError:
        return text


def _too_large(path: Path) -> str | None:
    """Why a workbook is not parsed: too much XML, or a lone cell so far out that the reader would need gigabytes."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if any(part.file_size > XML_LIMIT for part in parts if part.filename.endswith(".xml")):
            return "表格过大，未读取内容"
        for part in parts:
            if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                with archive.open(part) as stream:
                    if _area(stream.read()) > CELL_LIMIT:
                        return "表格的单元格范围过大，未读取内容"
    return None


def _area(sheet: bytes) -> int:
    last_row = max((int(n) for n in re.findall(rb'<row\b[^>]{0,80}?\br="(\d{1,7})"', sheet)), default=0)
    columns = set(re.findall(rb'<c r="([A-Z]{1,3})\d', sheet))
    last_column = max((_column(letters) for letters in columns), default=0)
    return last_row * last_column


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
