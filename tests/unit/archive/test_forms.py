"""The office's tables: what stands in them, and that a workbook and a Word document say it and nothing else."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.checklist import checklist
from archive.forms import books, progress, summary
from archive.forms.document import document
from archive.forms.table import LONGEST_CELL, Column, Table, clean, filled, spans, widths
from archive.forms.workbook import workbook
from archive.layout import lay_out_unit
from archive.records import Facts, Held, Holdings
from config.campaign import Campaign
from config.roster import Roster, Unit
from tests.unit.archive.asked import (
    ANQING,
    BINGTUAN,
    HAINAN,
    TABLE,
    UNIT,
    WEIHAI,
    at,
    essay,
    good_table,
    mail,
    photo,
    photos,
    piece,
    said,
    video,
)

FORMULAS = (
    "=1+1",
    "+86 631 0000000",
    "-5",
    "@SUM(A1)",
    '=HYPERLINK("http://x.example.test","看")',
    "\t=1",
    "0631",
    "1e5",
)
OTHER = Unit("u2", "文登区团委", contact="李示例", phone="0631-0000102")


def table(*rows: tuple[str, ...], merged: tuple[int, ...] = ()) -> Table:
    heads = tuple(Column(f"栏{place}") for place in range(len(rows[0])))
    return Table("表", "题名", heads, filled(rows, len(heads)), ("报送单位：甲", "报送日期：乙"), merged, ("备注一",))


def read_xlsx(data: bytes, sheet: int = 0) -> list[list[object]]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def read_docx(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in docx.Document(io.BytesIO(data)).tables[0].rows]


# --- what a program makes of them ------------------------------------------------------------


def test_a_cell_that_looks_like_a_formula_or_a_number_stays_the_text_it_is():
    made = table(*[(text, "甲") for text in FORMULAS])
    kept = [clean(text) for text in FORMULAS]
    assert [row[0] for row in read_xlsx(workbook([made]))[3 : 3 + len(kept)]] == kept
    assert [row[0] for row in read_docx(document([made]))[1:]] == kept


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=6))
def test_whatever_a_unit_wrote_both_files_open_and_say_it(rows: list[tuple[str, str]]):
    made = table(*rows, merged=(0,))
    texts = [list(row) for row in made.rows]
    read = read_xlsx(workbook([made]))[3 : 3 + len(rows)]
    assert [row[1] for row in read] == [row[1] for row in texts]
    assert [row[1] for row in read_docx(document([made]))[1:]] == [row[1] for row in texts]


def test_equal_tables_give_equal_bytes_and_others_do_not():
    one, other = table(("甲", "乙")), table(("甲", "丙"))
    for write in (workbook, document):
        assert write([one]) == write([table(("甲", "乙"))])
        assert write([one]) != write([other])


def test_the_bytes_tell_no_time(monkeypatch: pytest.MonkeyPatch):
    first = workbook([table(("甲", "乙"))]), document([table(("甲", "乙"))])
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert (workbook([table(("甲", "乙"))]), document([table(("甲", "乙"))])) == first


def test_equal_neighbours_are_one_cell_within_the_column_before():
    made = table(
        ("甲", "图片", "a"), ("甲", "图片", "b"), ("乙", "图片", "c"), ("乙", "", "d"), ("乙", "", "e"), merged=(0, 1)
    )
    assert list(spans(made)) == [(0, 0, 1), (0, 2, 4), (1, 0, 1)]
    cells = read_docx(document([made]))
    assert [row[0] for row in cells[1:]] == ["甲", "甲", "乙", "乙", "乙"]


def test_sheets_have_names_that_excel_takes_each_once():
    made = [
        replace(table(("甲",)), name=name)
        for name in ("a/b:c", "A B C", "很长的单位名称" * 9, "很长的单位名称" * 9, "History", "''")
    ]
    names = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook(made))).sheet_names
    assert len({name.casefold() for name in names}) == 6
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_it_prints_on_a4_across_with_the_head_on_every_page_and_page_numbers():
    made = table(*[(str(n), "乙") for n in range(80)])
    sheet = zipfile.ZipFile(io.BytesIO(workbook([made])))
    xml = sheet.read("xl/worksheets/sheet1.xml").decode()
    assert 'orientation="landscape"' in xml and 'paperSize="9"' in xml and "&amp;P" in xml and 'fitToHeight="0"' in xml
    assert "$3:$3" in sheet.read("xl/workbook.xml").decode()
    word = docx.Document(io.BytesIO(document([made])))
    section = word.sections[0]
    assert round(section.page_width.cm, 1) == 29.7
    assert "tblHeader" in word.tables[0].rows[0]._tr.xml and "PAGE" in section.footer._element.xml


def test_columns_share_the_room_there_is():
    wide = Table("表", "题", tuple(Column(f"栏{n}") for n in range(12)), (("很长的一段文字" * 6,) * 12,))
    assert 100 <= sum(widths(wide)) <= 150
    assert clean("字" * 5000) == "字" * LONGEST_CELL + "…"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed (make look-tables)")
def test_libreoffice_opens_them_and_calculates_nothing(tmp_path: Path):
    made = table(*[(text, "甲") for text in FORMULAS])
    (tmp_path / "表.xlsx").write_bytes(workbook([made]))
    (tmp_path / "文.docx").write_bytes(document([made]))
    for source, kind in (("表.xlsx", "csv:Text - txt - csv (StarCalc):44,34,76"), ("文.docx", "pdf")):
        run = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind]
        subprocess.run([*run, "--outdir", str(tmp_path), str(tmp_path / source)], check=True, capture_output=True)
    lines = (tmp_path / "表.csv").read_text("utf-8").splitlines()
    assert "=1+1,甲" in lines and "+86 631 0000000,甲" in lines and "0631,甲" in lines and "1e5,甲" in lines
    assert (tmp_path / "文.pdf").read_bytes().startswith(b"%PDF")


# --- 汇总表 ------------------------------------------------------------


def held(*mails: Held, asked: Campaign = WEIHAI, unit: Unit = UNIT) -> Holdings:
    return Holdings(asked.id, unit.code, mails)


def told_table(rows: list[tuple[str, ...]], columns: list[str] = TABLE, name: str = "汇总表.xlsx", **facts: object):
    given = Facts(
        "xlsx", columns=tuple(columns), cells=tuple(rows), rows=len(rows), header={"报送日期": "8月3日"}, **facts
    )
    return said(replace(piece(name), facts=given), "works_table")


def test_rows_are_those_of_the_units_table_in_the_notices_order_of_columns():
    columns = ["作品名称", "类别", "创作集体", "联系人", "展示形式"]
    rows = [
        ("老码头", "图片作品", "收费站", "张示例", "图片"),
        ("海风", "", "税务所", "李示例", "视频"),
        ("", "征文", "", "", ""),
    ]
    found = summary.filled_in(
        WEIHAI, WEIHAI.item("works_table"), held(mail(WEIHAI, "W", at(8, 3), told_table(rows, columns)))
    )
    assert found.rows == (
        ("图片作品", "老码头", "图片", "收费站", "张示例"),
        ("图片作品", "海风", "视频", "税务所", "李示例"),
    )
    assert (found.told, found.written, found.day) == ("table", "8月3日", date(2018, 8, 3))


def test_without_a_table_the_works_that_came_are_its_rows():
    sent = mail(WEIHAI, "W", at(8, 3), *photos(), said(essay("窗口.docx"), "essay", "窗口故事"))
    found = summary.filled_in(WEIHAI, WEIHAI.item("works_table"), held(sent))
    assert found.told == "works"
    assert [row[:3] for row in found.rows] == [
        ("改革开放青观察", "青观察之一", "图片"),
        ("品牌建设青之见", "窗口故事", "文字"),
    ]


def test_in_hainan_the_class_is_the_form():
    item = {"check": "columns", "names": ["序号", "类别", "作品名称", "推报集体名称"]}
    asked = HAINAN.model_copy(
        update={"items": (*HAINAN.items[:3], type(HAINAN.items[0]).model_validate(
            {"id": "works_table", "name": "微作品选送汇总表", "kind": "table", "rules": [item]}))}
    )  # fmt: skip
    film = said(video("片.wmv"), "works", "椰风", category="video")
    found = {
        UNIT.code: summary.filled_in(
            asked, asked.item("works_table"), held(mail(asked, "HN", at(7, 1), film), asked=asked)
        )
    }
    whole = summary.of_all(asked, asked.item("works_table"), Roster((UNIT, OTHER)), found)
    assert whole.rows == (("环翠区团委※", "1", "微视频", "椰风", ""),)
    assert [one.head for one in whole.columns] == ["报送单位", "序号", "类别", "作品名称", "推报集体名称"]
    assert whole.below[-1] == "尚无内容可列：文登区团委。"


def test_a_table_with_identity_numbers_goes_into_no_other_table():
    marked = told_table([("图片", "老码头", "图片", "收费站", "110101…")], marks=("身份证号",))
    found = summary.filled_in(WEIHAI, WEIHAI.item("works_table"), held(mail(WEIHAI, "W", at(8, 3), marked)))
    assert (found.rows, found.told) == ((), "secret")
    whole = summary.of_all(WEIHAI, WEIHAI.item("works_table"), Roster((UNIT,)), {UNIT.code: found})
    assert whole.rows == () and "请负责人处理" in whole.below[0]


def test_one_units_table_has_the_notices_head_and_classes_in_one_cell():
    rows = [("图片", "甲", "图片", "", ""), ("图片", "乙", "图片", "", ""), ("征文", "丙", "征文", "", "")]
    item = WEIHAI.item("works_table")
    made = summary.of_unit(
        item, UNIT, summary.filled_in(WEIHAI, item, held(mail(WEIHAI, "W", at(8, 3), told_table(rows))))
    )
    assert made.title == "推荐成果汇总表"
    assert made.above == ("报送单位（加盖公章）：环翠区团委", "报送日期：8月3日")
    assert list(spans(made)) == [(0, 0, 1)]
    assert [one.head for one in summary.blank(item).columns] == TABLE


# --- 进度表, 未报送名单, 应报清单 ------------------------------------------------------------


def test_progress_is_units_down_and_items_across():
    sent = held(mail(BINGTUAN, "BT", at(7, 1), *photos()), asked=BINGTUAN)
    roster = Roster((UNIT, OTHER, Unit("u3", "兵团人社局", owes=())))
    now = at(7, 10)
    listed = {
        u.code: checklist(BINGTUAN, u, sent if u is UNIT else Holdings(BINGTUAN.id, u.code), now) for u in roster.units
    }
    made = progress.progress(BINGTUAN, roster, listed, now)
    rows = {row[1]: dict(zip((one.head for one in made.columns), row, strict=True)) for row in made.rows}
    assert rows["环翠区团委"]["改革开放青观察"].startswith("√ 1件")
    assert rows["环翠区团委"]["合计"] == "△ 1/3"
    assert rows["文登区团委"]["总体"] == "○ 未报"
    assert set(rows["兵团人社局"].values()) == {"3", "兵团人社局", "—"}


def test_who_has_not_sent_is_listed_with_whom_to_call_and_room_to_write():
    sent = held(mail(HAINAN, "HN", at(7, 1), said(essay("总结.docx"), "summary")), asked=HAINAN)
    roster, now = Roster((UNIT, OTHER)), at(7, 20)
    listed = {
        u.code: checklist(HAINAN, u, sent if u is UNIT else Holdings(HAINAN.id, u.code), now) for u in roster.units
    }
    made = progress.not_yet(HAINAN, roster, listed, now)
    assert made.rows[0][2] == "基层典型经验\n微作品（光盘）"
    assert made.rows[1][1:] == (
        "文登区团委",
        "活动整体工作总结\n基层典型经验\n微作品（光盘）",
        "2017年7月25日",
        "李示例",
        "0631-0000102",
        "",
    )


def test_a_units_checklist_changes_only_when_it_does():
    sent = held(
        mail(WEIHAI, "W-1", at(8, 1), said(photo("1.jpg", 800, 600), "photo", "组"), said(piece("x.docx"), "materials"))
    )
    first, later = (checklist(WEIHAI, UNIT, sent, at(8, day)) for day in (2, 9))
    assert progress.of_unit(WEIHAI, UNIT, first) == progress.of_unit(WEIHAI, UNIT, later)
    found = next(row for row in progress.of_unit(WEIHAI, UNIT, first).rows if row[1] == "改革开放青观察")
    assert found[6] == "× 有误" and "[要求]" in found[7] and "W-1" in found[7]


def test_the_list_of_files_says_where_each_lies_and_what_does_not():
    secret = piece("方案.docx", marks=("秘密",))
    sent = held(mail(WEIHAI, "W-1", at(8, 1), said(piece("小结.docx"), "materials"), said(secret, "materials")))
    layout = lay_out_unit(WEIHAI, "环翠区团委", sent)
    (row,) = progress.files(WEIHAI, UNIT, layout.entries, sent, {}).rows
    assert row[1:6] == (
        "图文资料",
        "图文资料/2018-08-01 W-1 报送材料/小结.docx",
        "W-1",
        "2018-08-01 10:00",
        "小结.docx",
    )
    (left,) = progress.left_out(UNIT, layout.withheld).rows
    assert left[1] == "W-1" and "秘密" in left[3] and "方案" not in "".join(left)


# --- 台账, 报送数 ------------------------------------------------------------


def season(asked: Campaign, roster: Roster, **sent: Holdings) -> books.Season:
    all_ = {unit.code: sent.get(unit.code, Holdings(asked.id, unit.code)) for unit in roster.units}
    return books.Season(
        asked, roster, all_, {unit.code: checklist(asked, unit, all_[unit.code], at(9, 1)) for unit in roster.units}
    )


def test_the_ledger_follows_a_unit_over_the_years_by_its_name():
    before = WEIHAI.model_copy(
        update={"id": "weihai-2016", "short": "前年", "issued": date(2016, 7, 1), "deadlines": ()}
    )
    old = Roster((Unit("old7", "环翠团区委"),))
    seasons = [
        season(WEIHAI, Roster((UNIT,)), u1=held(mail(WEIHAI, "WH-1", at(8, 1), *photos()))),
        season(before, old, old7=Holdings(before.id, "old7", ())),
    ]
    made = books.ledger(Roster((UNIT,)), seasons)
    assert [row[:5] for row in made.rows] == [
        ("环翠区团委", "2016", "前年", "0", "0"),
        ("环翠区团委", "2018", "weihai-2018", "1", "1"),
    ]
    assert made.rows[1][9] == "WH-1"


def test_what_is_always_open_is_counted_by_unit_and_month():
    sent = [
        mail(ANQING, f"AQ-{day}", at(month, day), said(piece(f"{day}.docx"), "info"))
        for month, day in ((9, 1), (9, 30), (12, 2))
    ]
    counts = books.reported(ANQING, {UNIT.code: held(*sent, asked=ANQING)})
    months = books.months_of(counts)
    assert months == [(2018, 9), (2018, 10), (2018, 11), (2018, 12)]
    made = books.monthly(ANQING, Roster((UNIT, OTHER)), counts, months, "报送数")
    assert made.rows == (
        ("1", "环翠区团委", "2", "", "", "1", "3"),
        ("2", "文登区团委", "", "", "", "", ""),
        ("", "合计", "2", "", "", "1", "3"),
    )
    assert books.months_of({}) == []


def test_a_good_table_of_the_notice_is_read_whole():
    sent = held(mail(WEIHAI, "W", at(8, 3), said(good_table(), "works_table")))
    assert summary.filled_in(WEIHAI, WEIHAI.item("works_table"), sent).rows[0][1] == "青观察之一"
