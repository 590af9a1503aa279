"""The office's tables of a real home, and read by programs that are not ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import python_calamine
from docx import Document
from typer.testing import CliRunner

from archive.records import Selection
from intake.cli import app
from intake.rounds.office import Office
from tests.servers.held import CAMPAIGN, NOW, ROWS, held_home


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with held_home(tmp_path_factory.mktemp("held")) as office:
        yield office


@pytest.fixture(scope="module")
def folder(held: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chosen = Selection(
        CAMPAIGN, "WH01", "WH2018-0001", "3", "essay", "=1+1 的道理", "团省委", 1, "", NOW, "王"
    )  # fmt: skip
    held.ledger.selections.choose(chosen)
    held.ledger.selections.result(("WH2018-0001", "3", "团省委"), "used", "", NOW, "王")
    return export(held, tmp_path_factory.mktemp("tables"))


def export(held: Office, to: Path) -> Path:
    words = ["--home", held.home, "export", CAMPAIGN, "--as", "tables", "--to", to, "--at", NOW.isoformat()]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output + str(result.exception)
    assert "逐个读回核对无误" in result.output
    (found,) = to.iterdir()
    return found


def rows(path: Path, sheet: int = 0) -> list[list[str]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return [list(map(str, row)) for row in book.get_sheet_by_index(sheet).to_python()]


def test_every_table_is_there_as_a_workbook_and_as_a_word_document_that_say_the_same(folder: Path) -> None:
    books = {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.xlsx")}
    assert {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.docx")} == books
    assert {str(name) for name in books} >= {"进度表", "未报送名单", "台账", "信息报送统计"}
    for name in books:
        grid = [[cell.text for cell in row.cells] for row in Document(str(folder / f"{name}.docx")).tables[0].rows]
        read = rows(folder / f"{name}.xlsx")
        top = next(place for place, row in enumerate(read) if row == grid[0])
        texts = [[cell for row in part for cell in row if cell] for part in (read[top : top + len(grid)], grid)]
        assert set(texts[0]) == set(texts[1]), name


def test_the_merged_table_has_the_notices_columns_and_every_row_and_no_secret(folder: Path) -> None:
    (whole,) = folder.glob("*（总表）.xlsx")
    read = rows(whole)
    heads = next(row for row in read if row[0] == "报送单位")
    assert heads[1:] == ["作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式"]
    assert [row[5] for row in read if "环翠" in row[0] or not row[0]][:2] == [row[-1] for row in ROWS]
    assert "机密" not in "".join(cell for row in read for cell in row)


def test_a_units_own_table_bears_its_name_and_day(folder: Path) -> None:
    (own,) = folder.glob("各单位/*环翠*/*.xlsx")
    read = rows(own)
    assert read[1][0].startswith("报送单位（加盖公章）：共青团威海市环翠区委员会") and read[1][-1].endswith(
        "2018年8月15日"
    )


def test_what_an_upper_office_used_is_counted(folder: Path) -> None:
    read = rows(folder / "台账.xlsx")
    used = next(row for row in read if "采用" in row).index("采用")
    assert [row[used] for row in read if "环翠" in row[0]] == ["1"]


def test_who_lacks_something_is_there_with_whom_to_call(folder: Path, held: Office) -> None:
    read = rows(folder / "未报送名单.xlsx")
    heads = next(row for row in read if row[0] == "序号")
    assert heads == ["序号", "单位", "未报送的材料", "期限", "联系人", "电话", "通话记录"]
    silent = next(row for row in read if "荣成" in row[1])
    unit = next(one for one in held.config.rosters[CAMPAIGN].units if one.name == silent[1])
    assert silent[3:] == ["2018年8月20日", unit.contact or "", unit.phone or "", ""]


def test_the_same_state_gives_the_same_bytes(held: Office, folder: Path, tmp_path: Path) -> None:
    again = export(held, tmp_path)
    for path in folder.rglob("*.*"):
        assert path.read_bytes() == (again / path.relative_to(folder)).read_bytes(), path.name
