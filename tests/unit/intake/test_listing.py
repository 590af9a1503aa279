"""Reading an exported list: columns by name, states by their many words, units by their many names, its day."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter

from config.loading import load_roster
from config.sheets import sheets
from intake.listing import NotAList, Read, read_list, state_of
from tests.unit.archive.judges import FOLDER, shipped

BINGTUAN = shipped("bingtuan-2018")
ROSTER = load_roster(FOLDER.parent / "rosters" / "bingtuan-2018.csv")[0]


def read(data: bytes | str, states: bool = True) -> Read:
    assert ROSTER is not None
    return read_list(sheets(data if isinstance(data, bytes) else data.encode()), states, BINGTUAN, ROSTER)


def workbook(*rows: list[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("审核通过", "passed"),
        ("已通过", "passed"),
        ("通过", "passed"),
        ("管理单位审核通过", "passed"),
        ("已审核", "passed"),
        ("待审核", "pending"),
        ("未审核", "pending"),
        ("审核中", "pending"),
        ("已上报", "pending"),
        ("待 终 审", "pending"),
        ("初审通过", "pending"),
        ("退回修改", "returned"),
        ("驳回", "returned"),
        ("审核不通过", "returned"),
        ("审核未通过", "returned"),
        ("", "none"),
        ("未报", "none"),
        ("草稿", "none"),
        ("未提交", "none"),
        ("未上报", "none"),
        ("　", "none"),
    ],
)
def test_the_words_of_states(said: str, state: str) -> None:
    assert state_of(said) == (state, True)


def test_an_unknown_word_is_told_and_waits_for_review() -> None:
    assert state_of("流转") == ("pending", False)
    assert read("集体名称,状态\n甲班组,流转\n").unknown_states == ("流转",)


def test_yes_and_no_answer_the_question_of_the_column() -> None:
    passed = read("集体名称,是否审核通过\n甲班组,是\n乙班组,否\n").entries
    assert [one.state for one in passed] == ["passed", "pending"]
    assert state_of("是") == ("pending", True), "filed, but nobody says that it passed"


def test_columns_are_found_by_name_in_any_order_below_a_title_and_the_day_above_them() -> None:
    data = workbook(
        ["2017-2018年度兵团青年文明号网络报备情况"],
        ["导出时间：2018年7月15日 10:20:31"],
        ["序号", "归口单位", "审核状态", "集体名称（全称）", "备注"],
        [1, "第一师阿拉尔市团委", "审核通过", "阿拉尔市税务局办税服务厅", ""],
        ["", "", "", "", ""],
        ["合计", "", "", "1个", ""],
        [2, "农二师", "退回修改", "铁门关市供电所 营业班", "材料不全"],
    )
    found = read(data)
    assert [(one.name, one.state, one.unit) for one in found.entries if "1个" not in one.name] == [
        ("阿拉尔市税务局办税服务厅", "passed", "BT01"), ("铁门关市供电所 营业班", "returned", "BT02"),
    ]  # fmt: skip
    assert found.day == date(2018, 7, 15)


def test_what_stands_below_the_rows_is_no_collective_and_may_hold_the_day() -> None:
    found = read("集体名称,状态,管理单位\n甲班组,通过,一师\n导出日期：2018-07-15,,\n")
    assert [one.name for one in found.entries] == ["甲班组"]
    assert found.day == date(2018, 7, 15)
    assert read("集体名称,状态\n甲班组,通过\n").day is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("第一师阿拉尔市团委", "BT01"),
        ("一师团委", "BT01"),
        ("共青团第一师阿拉尔市委员会", "BT01"),
        ("兵团第三师", "BT03"),
        ("外地某公司", None),
        ("", None),
    ],
)
def test_the_managing_unit_is_found_on_the_roster_by_any_of_its_names(written: str, code: str | None) -> None:
    found = read(f"集体名称,状态,推荐单位\n甲班组,通过,{written}\n")
    assert found.entries[0].unit == code
    assert found.unknown_units == ((written,) if written and code is None else ())


def test_a_csv_of_excel_in_china_and_a_web_page_saved_as_xls_are_read_too() -> None:
    assert read("集体名称,状态\n甲班组,通过\n".encode("gb18030")).entries[0].name == "甲班组"
    page = (
        '<html><head><meta charset="gb2312"></head><body><table><tr><th>集体名称</th><th>审核状态</th></tr>'
        "<tr><td>甲&amp;乙 班组</td><td> 通过 </td></tr></table></body></html>"
    )
    (found,) = read(page.encode("gb18030")).entries
    assert (found.name, found.state) == ("甲&乙 班组", "passed")


def test_a_table_without_the_columns_is_refused_with_what_was_seen() -> None:
    with pytest.raises(NotAList, match=r"没有“集体名称”和“状态”.*只看到：姓名、电话"):
        read("姓名,电话\n王,1\n")
    with pytest.raises(NotAList):
        read("集体名称,电话\n甲,1\n")


def test_a_named_list_needs_only_the_names() -> None:
    found = read("附件,,\n序号,单位,青年文明号集体名称\n1,第一师,甲班组\n", states=False)
    assert [(one.name, one.state) for one in found.entries] == [("甲班组", "passed")]
    assert read("序号,命名集体\n1,甲班组\n", states=False).entries[0].name == "甲班组"
