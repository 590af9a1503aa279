"""The summary table and the files held against each other, both ways, as a clerk with a pencil would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.judging.item_rules import missing_names
from archive.judging.titles import NEARLY, agreement
from archive.records import Finding, Piece
from tests.unit.archive.asked import (
    BINGTUAN,
    HAINAN,
    WEIHAI,
    at,
    campaign,
    essay,
    good_table,
    mail,
    photos,
    registered,
    said,
    seen,
    video,
)


def table(*rows: tuple[str, str], name: str = "汇总表.xlsx") -> Piece:
    """A 汇总表 of (class, title) rows."""
    sheet = good_table(name, tuple(title for _, title in rows))
    cells = tuple((kind, title, "", "", "") for kind, title in rows)
    return replace(sheet, facts=replace(sheet.facts, cells=cells), sha256=f"{name}{rows}")


def told(asked: Any, *pairs: Any, item: str = "works_table") -> dict[str, list[Finding]]:
    notes = (registered("seal", item, at(8, 20)),)
    listed = seen(asked, mail(asked, "W-1", at(8, 1), *pairs), notes=notes)
    found: dict[str, list[Finding]] = {}
    for one in listed.item(item).findings:
        found.setdefault(one.code, []).append(one)
    return found


def test_a_row_without_a_file_is_named_by_its_row_and_a_file_without_a_row_by_its_name():
    pairs = [
        said(
            table(
                ("图片", "老照片"),
                ("图片", "青观察之一"),
                ("征文", "夜班"),
            ),
            "works_table",
        ),
        *photos(4),
    ]
    found = told(WEIHAI, *pairs, said(essay("窗口故事.docx"), "essay", "窗口故事"))
    assert [one.text for one in found["row-without-file"]] == [
        "表格 汇总表.xlsx 第1行《老照片》未收到文件，请核对是否漏报",
        "表格 汇总表.xlsx 第3行《夜班》未收到文件，请核对是否漏报",
    ]
    assert [one.text for one in found["file-not-in-table"]] == [
        "文档 窗口故事.docx（《窗口故事》）未列入推荐成果汇总表，请核对"
    ]


@pytest.mark.parametrize(
    ("row", "file"),
    [
        ("《一枚印章的旅程》", "一枚印章的旅程.docx"),
        ("一枚印章的旅程", "3.《一枚印章的旅程》（修改版）.docx"),
        ("一枚 印章 的旅程", "附件2：一枚印章的旅程.doc"),
        ("一枚印章的旅程", "环翠区-征文-一枚印章的旅程.pdf"),
    ],
)
def test_titles_are_compared_across_marks_spaces_numbering_and_endings(row: str, file: str):
    assert told(WEIHAI, said(table(("征文", row)), "works_table"), said(essay(file), "essay")) == {}


def test_a_slip_of_the_pen_is_the_same_work_and_told_as_advice():
    found = told(
        WEIHAI,
        said(table(("征文", "一枚印章的旅途见闻")), "works_table"),
        said(essay("一枚印章的旅程见闻.docx"), "essay"),
    )
    assert list(found) == ["title-differs"]
    assert found["title-differs"][0].severity == "advice"


def test_two_numbered_works_are_never_one():
    pairs = [
        said(essay("微光系列之一.docx"), "essay", "微光系列之一"),
        said(essay("微光系列之二.docx"), "essay", "微光系列之二"),
    ]
    rows = table(("征文", "微光系列之一"), ("征文", "微光系列之二"), ("征文", "微光系列之三"))
    assert [one.wanted for one in told(WEIHAI, said(rows, "works_table"), *pairs)["row-without-file"]] == [
        "微光系列之三"
    ]


def test_a_class_that_is_not_the_files_is_told():
    rows = table(("“改革开放青观察”图片作品", "窗口故事"))
    found = told(WEIHAI, said(rows, "works_table"), said(essay("窗口故事.docx"), "essay", "窗口故事"))
    assert list(found) == ["class-differs"]
    assert (
        "第1行《窗口故事》类别填为“改革开放青观察”图片作品，所报文件归入“品牌建设青之见”"
        in found["class-differs"][0].text
    )


def test_a_class_written_with_a_slip_still_names_its_item():
    rows = table(("改革开放青春观察", "青观察之一"))
    assert told(WEIHAI, said(rows, "works_table"), *photos(4)) == {}


def test_rows_of_works_due_on_a_disc_are_not_missed_while_none_came_by_mail():
    rows = table(("新时代青年说", "我们的承诺"), ("品牌建设青之见", "夜班"))
    found = told(BINGTUAN, said(rows, "works_table"), said(essay("另一篇.docx"), "essay", "另一篇"))
    assert [one.wanted for one in found["row-without-file"]] == ["夜班"]


def test_a_later_table_takes_the_place_of_an_earlier_one_that_lists_the_same():
    first = mail(WEIHAI, "W-1", at(8, 1), said(table(("征文", "夜班"), ("征文", "早班")), "works_table"))
    later = mail(WEIHAI, "W-2", at(8, 2), said(table(("征文", "夜班"), name="汇总表改.xlsx"), "works_table"))
    work = mail(WEIHAI, "W-3", at(8, 3), said(essay("夜班.docx"), "essay", "夜班"))
    listed = seen(WEIHAI, first, later, work)
    assert "row-without-file" not in {one.code for one in listed.item("works_table").findings}


def test_a_second_table_of_other_works_stands_beside_the_first():
    first = mail(WEIHAI, "W-1", at(8, 1), said(table(("征文", "夜班"), name="征文汇总表.xlsx"), "works_table"))
    later = mail(WEIHAI, "W-2", at(8, 2), said(table(("视频", "承诺"), name="视频汇总表.xlsx"), "works_table"))
    listed = seen(WEIHAI, first, later)
    missing = [one.wanted for one in listed.item("works_table").findings if one.code == "row-without-file"]
    assert missing == ["夜班", "承诺"]


def test_one_work_answers_one_row_only():
    rows = table(("征文", "夜班"), ("征文", "夜班日记"))
    found = told(WEIHAI, said(rows, "works_table"), said(essay("夜班日记.docx"), "essay", "夜班日记"))
    assert [one.wanted for one in found["row-without-file"]] == ["夜班"]


def test_the_form_of_a_work_is_held_against_its_row():
    rule = {"check": "reconcile", "with_items": ["works"]}
    listed = {"id": "works_table", "name": "汇总表", "kind": "table", "rules": [rule]}
    asked = campaign("c", None, [HAINAN.item("works").model_dump(exclude={"deadlines"}), listed])
    film = said(video("守灯人.wmv", type="wmv"), "works", "守灯人", category="video")
    found = told(asked, said(table(("微故事", "守灯人")), "works_table"), film)
    assert list(found) == ["class-differs"] and "归入“微视频”" in found["class-differs"][0].text


def test_columns_may_be_written_shorter_and_one_column_stands_for_one_name():
    assert missing_names(("作品类别", "作品名称", "集体联系人及联系方式"), ("类别", "名称", "集体联系人")) == []
    assert missing_names(("作品类别", "作品名称"), ("作品",)) == ["作品名称"]
    assert missing_names(("所获师级青年文明号时间",), ("所获师级青年文明号时问",)) == []
    assert missing_names(("创作集体",), ("集体联系人",)) == ["创作集体"]


titles = st.text("渔港新貌窗口故事夜班早春微光甲乙丙", min_size=2, max_size=12)


@given(
    titles,
    st.sampled_from(
        ["{}", "《{}》", "1.{}", "（二）{}", "{}（修改版）", "{}.docx", " {} ", "附件1：{}", "{}最终版.wmv"]
    ),
)
def test_the_same_title_agrees_however_it_is_dressed(title: str, dress: str):
    assert agreement(title, dress.format(title)) >= NEARLY


@given(titles, titles)
def test_agreement_is_mutual_and_bounded(one: str, other: str):
    assert agreement(one, other) == agreement(other, one)
    assert 0 <= agreement(one, other) <= 100


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_compared(one: str, other: str):
    assert 0 <= agreement(one, other) <= 100


def test_a_table_read_off_a_scan_is_reconciled_but_never_blamed_for_its_columns():
    sheet = table(("征文", "夜班"), ("征文", "早班"))
    scan = replace(sheet, facts=replace(sheet.facts, type="jpeg", columns=sheet.facts.columns[:3], scanned=True))
    found = told(WEIHAI, said(scan, "works_table"), said(essay("夜班.docx"), "essay", "夜班"))
    assert "columns-missing" not in found and "header-missing" not in found
    assert [one.wanted for one in found["row-without-file"]] == ["早班"]
