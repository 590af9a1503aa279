"""Scans are read where the office wants it: unit name, rows and title from the page, and trouble harms nobody."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from archive.records import Facts, Piece
from intake.demo import make
from intake.measure import measure
from intake.ocr import ScanReader, installed, is_scan, read_into
from intake.ocr.layout import Box, Page, grid_of, lines
from intake.ocr.paper import is_paper, rules, straight

SCANS = Path(__file__).parents[2] / "samples" / "scans"
TITLES = ["灯塔下的四十年", "海边的供电所", "码头上的早班车", "论港口服务品牌的培育与传播路径"]
COLUMNS = ("序号", "作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式")


def piece(name: str, facts: Facts, stored: str = "files/1") -> Piece:
    return Piece("1", name, stored, "0" * 64, 1, facts)


def recorded(name: str) -> Page:
    """What the reader said of a sample, kept beside it: boxes of words and the table's lines."""
    return Page.of(json.loads((SCANS / f"{name}.json").read_text("utf-8")))


# --- which files are read


@pytest.mark.parametrize(
    ("name", "facts", "read"),
    [
        ("汇总表.pdf", Facts("pdf", scanned=True), True),
        ("汇总表.pdf", Facts("pdf", scanned=False, text="报送单位"), False),
        ("汇总表.pdf", Facts("pdf", scanned=True, encrypted=True), False),
        ("总结.docx", Facts("docx"), False),
        ("IMG_2001.jpg", Facts("jpeg", width=4032, height=3024), False),
        ("IMG_2002.jpg", Facts("jpeg", width=3000, height=2000), False),
        ("汇总表.jpg", Facts("jpeg", width=4032, height=3024), True),
        ("盖章件.png", Facts("png", width=900, height=700), True),
        ("汇总表.jpg", Facts("jpeg", width=400, height=300), False),
        ("IMG_2003.jpg", Facts("jpeg", width=4032, height=3024, seal_at="右下"), True),
        ("1.jpg", Facts("jpeg", width=1654, height=2339), True),
        ("1.jpg", Facts("jpeg", width=2339, height=1654), True),
        ("扫描.heic", Facts("heic", width=4032, height=3024), False),
        ("扫描.jpg", Facts("jpeg", error="图片文件已损坏，无法打开"), False),
    ],
)
def test_only_scans_and_what_may_be_one_are_read(name: str, facts: Facts, read: bool) -> None:
    assert is_scan(piece(name, facts)) is read


@pytest.mark.parametrize("seed", range(6))
def test_a_photograph_of_the_shape_of_a_sheet_is_no_paper(seed: int) -> None:
    assert not is_paper(Image.open(io.BytesIO(make.jpeg(1414, 1000, seed=seed))).convert("RGB"))


@pytest.mark.parametrize("name", ["stamped-table.jpg", "unruled-table.jpg"])
def test_a_scanned_table_is_paper_and_a_blank_sheet_is_not_worth_reading(name: str) -> None:
    assert is_paper(Image.open(SCANS / name).convert("RGB"))
    assert not is_paper(Image.new("RGB", (1000, 1414), "white"))


# --- putting straight, and the table's lines


@pytest.mark.parametrize("askew", [-3.0, -0.7, 0.0, 1.3, 4.2])
def test_a_sheet_that_lies_askew_is_put_straight_and_its_lines_are_found(askew: float) -> None:
    sheet = Image.new("L", (1200, 1600), 250)
    for row in range(5):
        sheet.paste(60, (150, 300 + 100 * row, 1050, 302 + 100 * row))
    for column in (150, 350, 700, 1048):
        sheet.paste(60, (column, 300, column + 2, 702))
    turned = sheet.rotate(askew, Image.Resampling.BICUBIC, fillcolor=250)
    across, down = rules(straight(turned))
    steps = [below - above for above, below in pairwise(across)]
    assert len(across) == 5 and all(abs(step - 100) <= 3 for step in steps)
    assert len(down) == 4 and abs(down[1] - down[0] - 200) <= 4 and abs(down[3] - down[0] - 898) <= 6


# --- from words on a page to facts


@pytest.mark.parametrize(
    ("sample", "under_the_seal"),
    [("unruled-table", {}), ("stamped-table", {"码头上的早班车": "码头上的旱班车"})],
)
def test_the_words_of_a_scanned_table_become_unit_name_date_title_and_rows(sample: str, under_the_seal) -> None:
    facts = read_into(Facts("jpeg", seal=0.01), [recorded(sample)])
    assert facts.title == "“威海青年文明号开放周”作品汇总表"
    assert facts.header["报送日期"] == "2018年8月16日"
    assert facts.header["报送单位"] == ("海州市港集团团委" if under_the_seal else "海州市港口集团团委")
    assert (facts.columns, facts.rows) == (COLUMNS, 4)
    assert [row[2] for row in facts.cells] == [under_the_seal.get(title, title) for title in TITLES]
    assert [row[0] for row in facts.cells] == ["1", "2", "3", "4"]
    assert (facts.scanned, facts.characters, facts.seal) == (True, None, 0.01)


def test_a_page_without_a_table_still_tells_its_fields() -> None:
    page = Page(
        (Box(0, 0, 90, 20, "关于报送材料的函"), Box(0, 40, 60, 60, "报送单位："), Box(70, 42, 150, 61, "某局团委"))
    )
    facts = read_into(Facts("pdf"), [page])
    assert (facts.title, facts.header, facts.cells) == ("关于报送材料的函", {"报送单位": "某局团委"}, ())


def test_a_page_on_which_nothing_was_read_changes_nothing() -> None:
    known = Facts("pdf", scanned=True, pages=2)
    assert read_into(known, [Page(())]) == known


def test_words_at_one_height_are_one_line_from_left_to_right() -> None:
    boxes = [Box(200, 12, 260, 32, "乙"), Box(0, 10, 60, 30, "甲"), Box(0, 45, 60, 65, "丙")]
    assert [[box.text for box in line] for line in lines(boxes)] == [["甲", "乙"], ["丙"]]


def test_a_table_without_lines_whose_words_run_into_one_column_is_not_guessed_at() -> None:
    head = [Box(0, 0, 50, 20, "作品名称"), Box(200, 0, 250, 20, "联系电话")]
    assert grid_of(Page((*head, Box(0, 40, 60, 60, "灯塔"), Box(200, 40, 260, 60, "0000")))) is not None
    assert grid_of(Page((*head, Box(0, 40, 60, 60, "灯塔"), Box(70, 40, 100, 60, "1")))) is None


# --- the process that reads

SAYS = """
import json, sys, time
print('{"ready": true}', flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    path = asked["path"]
    if path.endswith("slow"): time.sleep(60)
    if path.endswith("dies"): sys.exit(3)
    if path.endswith("odd"): print("[1]", flush=True); continue
    if path.endswith("wrong"): print('{"pages": [{"boxes": 3}]}', flush=True); continue
    if path.endswith("long"): print("x" * (17 * 2**20), flush=True); continue
    if path.endswith("fails"): print(json.dumps({"error": "坏了"}), flush=True); continue
    boxes = [[0, 0, 9, 9, "报送单位：某局"]]
    print(json.dumps({"pages": [{"boxes": boxes, "rows": [], "columns": []}]}), flush=True)
"""


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch):
    """A reader whose process does not read but answers, late, oddly or not at all, as the file's name asks."""
    monkeypatch.setattr("intake.ocr.installed", lambda: True)
    with ScanReader(seconds=0.5) as reader:
        reader.program = SAYS
        yield reader


def asked(reader: ScanReader, folder: Path, name: str) -> Facts:
    return reader.read_scans(folder, [piece("a.pdf", Facts("pdf", scanned=True), name)])[0].facts


def test_nothing_starts_before_there_is_a_scan(reader: ScanReader, tmp_path: Path) -> None:
    other = (piece("总结.docx", Facts("docx")), piece("1.jpg", Facts("jpeg", width=4000, height=3000)))
    assert reader.read_scans(tmp_path, other) == other
    assert not reader.running
    assert asked(reader, tmp_path, "good").header == {"报送单位": "某局"}
    assert reader.running


@pytest.mark.parametrize("name", ["slow", "dies", "odd", "wrong", "long", "fails"])
def test_whatever_the_process_does_the_file_stays_as_it_was_and_the_next_is_read(
    reader: ScanReader, tmp_path: Path, name: str
) -> None:
    started = time.monotonic()
    assert asked(reader, tmp_path, name) == Facts("pdf", scanned=True)
    assert time.monotonic() - started < 5
    assert asked(reader, tmp_path, "good").text == "报送单位：某局"


def test_a_process_with_nothing_to_do_ends_and_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("intake.ocr.installed", lambda: True)
    with ScanReader(seconds=5, idle=0.1) as reader:
        reader.program = SAYS
        asked(reader, tmp_path, "good")
        until = time.monotonic() + 5
        while reader.running and time.monotonic() < until:
            time.sleep(0.02)
        assert not reader.running
        assert asked(reader, tmp_path, "good").text


def test_the_process_ends_with_the_office(reader: ScanReader, tmp_path: Path) -> None:
    asked(reader, tmp_path, "good")
    with reader:
        assert reader.running
    assert not reader.running


def test_without_the_extra_a_scan_stays_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("intake.ocr.installed", lambda: False)
    with ScanReader(seconds=1) as reader:
        assert asked(reader, tmp_path, "good") == Facts("pdf", scanned=True)
        assert not reader.running


# --- really read


@pytest.mark.skipif(not installed(), reason="the extra baosong[ocr] (380 MB) is not installed: make test-ocr")
class TestReallyRead:
    """The samples through rapidocr."""

    @pytest.fixture(scope="class")
    def reader(self):
        with ScanReader(seconds=60) as reader:
            yield reader

    def read(self, reader: ScanReader, folder: Path, name: str, content: bytes, scanned: bool | None = None) -> Facts:
        (folder / "leaf").write_bytes(content)
        facts = measure(folder / "leaf", name)
        return reader.read_scans(folder, [piece(name, replace(facts, scanned=scanned), "leaf")])[0].facts

    def test_a_stamped_table_that_was_scanned_askew(self, reader: ScanReader, tmp_path: Path) -> None:
        facts = self.read(reader, tmp_path, "IMG_0001.jpg", (SCANS / "stamped-table.jpg").read_bytes())
        assert facts.seal_at == "中上"
        assert facts.header["报送单位"].endswith("集团团委")
        assert facts.columns == COLUMNS and facts.rows == 4
        read = [row[2] for row in facts.cells]
        assert [read[0], read[1], read[3]] == [TITLES[0], TITLES[1], TITLES[3]]  # over the third the seal's edge runs

    def test_a_scanned_pdf(self, reader: ScanReader, tmp_path: Path) -> None:
        out = io.BytesIO()
        Image.open(SCANS / "unruled-table.jpg").convert("RGB").save(out, "PDF", resolution=130)
        facts = self.read(reader, tmp_path, "1.pdf", out.getvalue(), scanned=True)
        assert facts.header == {"报送单位": "海州市港口集团团委", "报送日期": "2018年8月16日"}
        assert [row[2] for row in facts.cells] == TITLES
        assert facts.characters is None

    def test_a_photograph_is_looked_at_and_left(self, reader: ScanReader, tmp_path: Path) -> None:
        content = make.jpeg(1414, 1000, seed=4)
        assert self.read(reader, tmp_path, "1.jpg", content) == measure(tmp_path / "leaf", "1.jpg")

    def test_a_damaged_file_leaves_the_reader_at_work(self, reader: ScanReader, tmp_path: Path) -> None:
        assert self.read(reader, tmp_path, "1.pdf", b"%PDF-1.4 nothing", scanned=True).text == ""
        assert reader.running
