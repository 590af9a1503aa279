"""Invented materials as units send them: pictures, documents, tables and archives; the same input, the same bytes."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm
from PIL import Image, ImageDraw, ImageFilter

SAMPLES = Path(__file__).parent / "samples"
MADE = datetime(2018, 8, 1, 9, 0, tzinfo=UTC)
"""The moment every made file says it was written, so that the same input gives the same bytes."""
ZIP_MOMENT = (2018, 8, 1, 9, 0, 0)

_OPENINGS = ("今年以来", "活动期间", "按照统一安排", "在日常工作中", "结合岗位实际", "开放周里", "从年初开始")
_SUBJECTS = ("青年集体", "班组成员", "窗口同志们", "志愿服务队", "青年岗位能手", "值班小组", "年轻骨干")
_ACTIONS = (
    "围绕{topic}走进社区和学校",
    "把{topic}写进了班组的每日计划",
    "为办事群众讲解{topic}的做法",
    "请老师傅讲述{topic}背后的故事",
    "用镜头记录下{topic}的点点滴滴",
    "就{topic}开展了岗位练兵和技能比武",
    "通过{topic}收集意见并逐条整改",
)
_RESULTS = ("受到群众好评", "形成了可以推广的经验", "服务效率明显提高", "大家的干劲更足了", "留下了许多感人瞬间")


def sample(name: str) -> bytes:
    """A committed video sample: good.wmv, weak.wmv, short.mp4, long.mp4 (see samples/README.md)."""
    return (SAMPLES / name).read_bytes()


def text(characters: int, topic: str = "岗位建功", seed: int = 0) -> str:
    """Invented prose of exactly so many 字 as Word counts them (Chinese characters and marks only)."""
    dice = random.Random(f"{seed}:{topic}")
    about = "".join(c for c in topic if "\u4e00" <= c <= "\u9fff") or "岗位建功"
    prose = ""
    while len(prose) < characters:
        action = dice.choice(_ACTIONS).format(topic=about)
        prose += f"{dice.choice(_OPENINGS)}，{dice.choice(_SUBJECTS)}{action}，{dice.choice(_RESULTS)}。"
    if characters < 1:
        return ""
    return prose[: characters - 1].rstrip("，。").ljust(characters - 1, "好") + "。"


# --- pictures -----------------------------------------------------------------------------------------------------


def jpeg(
    width: int = 1600, height: int = 1200, seed: int = 0, label: str = "", quality: int = 40, orientation: int = 1
) -> bytes:
    """A drawn scene (sky, hills, a building, people under a banner) as JPEG, about 40 kB at 1600×1200.

    orientation: the EXIF orientation written into the file (6 and 8: shown as height × width).
    """
    picture = _scene(width, height, random.Random(f"{seed}:{label}"))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = f"scene {seed} {label.encode('ascii', errors='ignore').decode()}".strip()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def seal_scan(width: int = 827, height: int = 1169, seed: int = 0) -> bytes:
    """A white page with grey lines and a round red seal, as a unit scans its stamped table, as JPEG."""
    dice = random.Random(f"seal:{seed}")
    page = Image.new("RGB", (width, height), (250, 250, 247))
    draw = ImageDraw.Draw(page)
    for line in range(height // 10, height - height // 8, height // 30):
        draw.line((width // 10, line, width - width // 10 - dice.randrange(width // 5), line), (90, 90, 90), 2)
    side, left, top = width // 4, width * 6 // 10, height * 7 // 10
    draw.ellipse((left, top, left + side, top + side), outline=(205, 30, 35), width=max(4, side // 20))
    draw.polygon(_star(left + side / 2, top + side / 2, side / 5), fill=(205, 30, 35))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=50)
    return out.getvalue()


def _scene(width: int, height: int, dice: random.Random) -> Image.Image:
    sky = (dice.randrange(90, 190), dice.randrange(150, 210), dice.randrange(200, 250))
    shade = Image.linear_gradient("L").resize((width, height))
    picture = Image.composite(
        Image.new("RGB", (width, height), (245, 240, 225)), Image.new("RGB", shade.size, sky), shade
    )
    draw = ImageDraw.Draw(picture)
    sun, at = height // 12, (dice.randrange(width), dice.randrange(height // 8, height // 3))
    draw.ellipse((at[0] - sun, at[1] - sun, at[0] + sun, at[1] + sun), fill=(255, 235, 170))
    for depth in range(3):
        green = (60 + 25 * (2 - depth), 120 - 20 * depth + dice.randrange(30), 70)
        base = height * (5 + depth) // 9
        ridge = [(x, base - dice.randrange(height // 10)) for x in range(0, width + width // 12, max(1, width // 12))]
        draw.polygon([(0, height), *ridge, (width, height)], fill=green)
    _building(draw, width, height, dice)
    for _ in range(dice.randrange(3, 9)):
        x, size = dice.randrange(width // 10, width * 9 // 10), height // dice.randrange(9, 14)
        coat = (dice.randrange(40, 220), dice.randrange(40, 200), dice.randrange(60, 220))
        draw.rounded_rectangle(
            (x - size // 3, height - 2 * size, x + size // 3, height - size // 3), size // 5, fill=coat
        )
        draw.ellipse((x - size // 4, height - 5 * size // 2, x + size // 4, height - 2 * size), fill=(228, 190, 160))
    return picture.filter(ImageFilter.SMOOTH)


def _building(draw: ImageDraw.ImageDraw, width: int, height: int, dice: random.Random) -> None:
    left, top = dice.randrange(width // 8, width // 2), height * dice.randrange(25, 40) // 100
    right, wall = left + width // 3, dice.randrange(150, 215)
    draw.rectangle((left, top, right, height * 8 // 10), fill=(wall, wall - 10, wall - 25))
    step = max(8, width // 24)
    for x in range(left + step // 2, right - step // 2, step):
        for y in range(top + step // 2, height * 7 // 10, step):
            draw.rectangle((x, y, x + step // 2, y + step // 2), fill=(90, 120, 150 + dice.randrange(60)))
    draw.rectangle((left, height * 72 // 100, right, height * 77 // 100), fill=(200, 40, 40))


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    corners = ((0, -1), (0.22, -0.31), (0.95, -0.31), (0.36, 0.12), (0.59, 0.81))
    mirrored = ((0, 0.38), (-0.59, 0.81), (-0.36, 0.12), (-0.95, -0.31), (-0.22, -0.31))
    return [(x + radius * a, y + radius * b) for a, b in (*corners, *mirrored)]


# --- documents ----------------------------------------------------------------------------------------------------


def docx(
    title: str,
    paragraphs: Iterable[str] = (),
    *,
    characters: int | None = None,
    topic: str = "",
    header: str = "",
    pictures: Iterable[bytes] = (),
) -> bytes:
    """A Word document. characters: its body then has exactly so many 字, the title's included.

    topic: what the words are about, the title when empty; two titles never have the same words.
    header: text of the page header, which 字数 leaves out. A title of Chinese characters is assumed for `characters`.
    """
    document = Document()
    document.add_heading(title, 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    if header:
        document.sections[0].header.paragraphs[0].text = header
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if characters is not None:
        left = text(max(0, characters - len(title)), topic or title)
        for begin in range(0, len(left), 300):
            document.add_paragraph(left[begin : begin + 300])
    for picture in pictures:
        document.add_picture(io.BytesIO(picture), width=Cm(12))
    return _saved(document)


def table_docx(
    title: str, unit: str, date: str, columns: Sequence[str], rows: Sequence[Sequence[str]], seal: bool = True,
    label: str = "",
) -> bytes:  # fmt: skip
    """A 汇总表 as a Word document; equal neighbours in a column of categories are one cell. label: for 报送单位."""
    document = Document()
    document.add_heading(title, 1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(f"{label or _unit_label(seal)}：{unit}        报送日期：{date}")
    table = document.add_table(rows=1 + len(rows), cols=len(columns))
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, columns, strict=True):
        cell.text = name
    for line, row in zip(list(table.rows)[1:], rows, strict=True):
        for cell, value in zip(line.cells, row, strict=True):
            cell.text = value
    for column, first, last in _merges(columns, rows):
        value = rows[first][column]
        merged = table.cell(first + 1, column).merge(table.cell(last + 1, column))
        merged.text = value
    return _saved(document)


def table_xlsx(
    title: str, unit: str, date: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], seal: bool = True,
    label: str = "",
) -> bytes:  # fmt: skip
    """A 汇总表 as the notices print it: a merged title, 报送单位（加盖公章） and 报送日期, the header row, the rows.

    Equal neighbours in a column of categories are one merged cell; a number is written as a number, as Excel does
    with phones.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": title, "created": MADE.replace(tzinfo=None)})
    sheet = book.add_worksheet("汇总表")
    large = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    framed = book.add_format({"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    last = len(columns) - 1
    sheet.merge_range(0, 0, 0, last, title, large)
    sheet.write(1, 0, f"{label or _unit_label(seal)}：{unit}")
    sheet.write(1, last, f"报送日期：{date}")
    for column, name in enumerate(columns):
        sheet.write(2, column, name, framed)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(3 + number, column, value, framed)
    for column, first, final in _merges(columns, rows):
        sheet.merge_range(3 + first, column, 3 + final, column, rows[first][column], framed)
    sheet.set_column(0, last, 18)
    book.close()
    return out.getvalue()


def _unit_label(seal: bool) -> str:
    return "报送单位（加盖公章）" if seal else "报送单位"


def _merges(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterable[tuple[int, int, int]]:
    """Column, first and last row (from 0) of equal neighbours in columns of categories."""
    for column in (i for i, name in enumerate(columns) if "类别" in name):
        first = 0
        for number in range(1, len(rows) + 1):
            if number == len(rows) or rows[number][column] != rows[first][column]:
                if number - first > 1 and rows[first][column]:
                    yield column, first, number - 1
                first = number


def _saved(document: Any) -> bytes:
    properties = document.core_properties
    properties.created = properties.modified = MADE
    properties.author = ""
    draft, out = io.BytesIO(), io.BytesIO()
    document.save(draft)
    with zipfile.ZipFile(draft) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for part in made.infolist():
            again.writestr(zipfile.ZipInfo(part.filename, ZIP_MOMENT), made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


# --- archives -----------------------------------------------------------------------------------------------------


def zip_of(files: Mapping[str, bytes], encoding: Literal["gbk", "utf-8"] = "gbk") -> bytes:
    """A ZIP as units make it: with gbk the names are raw GBK without flag bit 11 (WinRAR, 360), else UTF-8 with it."""
    flags = 0x800 if encoding == "utf-8" else 0
    day, moment = (2018 - 1980) << 9 | 8 << 5 | 1, 9 << 11
    body, directory = bytearray(), bytearray()
    for name, content in files.items():
        raw = name.encode(encoding)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        shared = struct.pack(
            "<HHHHHIIIHH", 20, flags, 8, moment, day, zlib.crc32(content), len(packed), len(content), len(raw), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\x03\x04" + shared + raw + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def digest(content: bytes) -> str:
    """SHA-256 of made bytes, lower-case hex."""
    return hashlib.sha256(content).hexdigest()
