"""Rosters as offices keep them: any column order, Chinese headers, several encodings, workbooks."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from config.loading import load_roster
from config.roster import Unit
from config.roster_files import parse_roster

HEAD = "单位名称,编号,邮箱,别名,应报,称呼,上级,联系人,电话,类别\n"
ROW = "环翠区团委,WH01,a@x.example.test|b@x.example.test,环翠区；环翠,-,贵单位,,王示例,0631-0000101,区市\n"
UNIT = Unit(
    code="WH01",
    name="环翠区团委",
    aliases=("环翠区", "环翠"),
    kind="区市",
    emails=("a@x.example.test", "b@x.example.test"),
    contact="王示例",
    phone="0631-0000101",
    address_as="贵单位",
    owes=(),
)


def workbook(rows: list[list[object]], title: bool = False) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    hidden = book.add_worksheet("旧")
    hidden.write_row(0, 0, ["编号", "单位名称"])
    hidden.write_row(1, 0, ["OLD", "旧单位"])
    sheet = book.add_worksheet("名册")
    sheet.activate()
    sheet.set_first_sheet()
    hidden.hide()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    sheet.write_formula(len(rows), 9, "=1/0", None, "#DIV/0!")
    book.close()
    return made.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_roster_is_read_in_every_encoding_an_office_saves(encoding: str) -> None:
    roster, problems = parse_roster((HEAD + ROW).encode(encoding), "r.csv")
    assert problems == []
    assert roster is not None
    assert roster.units == (UNIT,)


def test_english_headers_and_tabs_work_too() -> None:
    roster, problems = parse_roster("code\tname\towes\nA\t甲\tphoto、essay\n".encode(), "r.csv")
    assert problems == []
    assert roster is not None
    assert roster.units == (Unit("A", "甲", owes=("photo", "essay")),)


def test_an_empty_owes_means_everything_and_a_dash_means_nothing() -> None:
    roster, _ = parse_roster("code,name,owes\nA,甲,\nB,乙,-\n".encode(), "r.csv")
    assert roster is not None
    assert [unit.owes for unit in roster.units] == [None, ()]


def test_a_workbook_loses_the_decimals_of_phones_and_codes_and_skips_hidden_sheets(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(
        workbook([["2018 年名册"], ["编号", "单位名称", "电话"], [101, "甲", 10000000001], [102, "乙", "0631-0000101"]])
    )
    roster, problems = load_roster(path)
    assert problems == []
    assert roster is not None
    assert [(u.code, u.name, u.phone) for u in roster.units] == [
        ("101", "甲", "10000000001"),
        ("102", "乙", "0631-0000101"),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("A,甲,,\nA,乙,,\n", ("roster-double-code", 3)),
        ("A,,,\n", ("roster-no-name", 2)),
        (",甲,,\n", ("roster-no-code", 2)),
        ("A,甲,不是邮箱,\n", ("roster-bad-email", 2)),
        ("A,甲,,\nB,乙,,C\n", ("roster-no-parent", 3)),
        ("A,甲,,A\n", ("roster-no-parent", 2)),
        ("", ("roster-empty", None)),
        ('A,"甲\n乙",,\nB,,,\n', ("roster-no-name", 4)),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_keeps_the_roster_out(rows: str, expected: tuple[str, int | None]) -> None:
    roster, problems = parse_roster(("code,name,emails,parent\n" + rows).encode(), "r.csv")
    assert [(p.code, p.line) for p in problems] == [expected]
    assert roster is None


def test_all_problems_of_a_roster_come_at_once() -> None:
    _, problems = parse_roster("code,name,emails,address_as\nA,,x,您\nA,乙,y@,\n".encode(), "r.csv")
    assert [(p.code, p.line) for p in problems] == [
        ("roster-no-name", 2),
        ("roster-bad-email", 2),
        ("roster-address-as", 2),
        ("roster-bad-email", 3),
        ("roster-double-code", 3),
    ]


def test_an_unknown_column_is_only_a_warning() -> None:
    roster, problems = parse_roster("编号,单位名称,备注\nA,甲,x\n".encode(), "r.csv")
    assert [(p.code, p.severity) for p in problems] == [("roster-unknown-column", "warning")]
    assert roster is not None


def test_a_column_named_twice_is_a_fault() -> None:
    assert [p.code for p in parse_roster("code,name,编号\nA,甲,B\n".encode(), "r.csv")[1]] == ["roster-double-column"]


def test_a_file_without_header_or_that_is_no_workbook_is_one_problem() -> None:
    assert [p.code for p in parse_roster("甲,乙\n".encode(), "r.csv")[1]] == ["roster-no-header"]
    assert [p.code for p in parse_roster(b"", "r.csv")[1]] == ["file-empty"]
    assert [p.code for p in parse_roster(b"PK\x03\x04 broken", "r.xlsx")[1]] == ["roster-broken"]
    assert [p.code for p in parse_roster(workbook([["编号", "单位名称"], ["A", "甲"]])[:-400], "r.xlsx")[1]] == [
        "roster-broken"
    ]


def test_a_formula_error_in_a_cell_does_no_harm() -> None:
    roster, problems = parse_roster(workbook([["编号", "单位名称"], ["A", "甲"]]), "r.xlsx")
    assert problems == []
    assert roster is not None
    assert [u.code for u in roster.units] == ["A"]


def test_full_width_marks_in_an_address_are_mended() -> None:
    roster, problems = parse_roster("code,name,emails\nA,甲,a＠x.example.test；b@x.example.test\n".encode(), "r.csv")
    assert problems == []
    assert roster is not None
    assert roster.units[0].emails == ("a@x.example.test", "b@x.example.test")


def test_a_line_break_inside_a_cell_does_not_break_the_sentence() -> None:
    _, (problem,) = parse_roster('code,name\n"A\nB",甲\n"A\nB",乙\n'.encode(), "r.csv")
    assert problem.text() == "r.csv 第 4 行：编号 A B 重复（第 2 行已用），请改用别的编号"
