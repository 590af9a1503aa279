"""Facts of documents and tables: 字数 as Word counts them, titles, header rows, data rows, the fields around them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from PIL import Image

from archive.records import Facts, dump, load
from intake.demo import make
from intake.measure import measure
from intake.measure.body import count_characters
from intake.measure.table import Grid, fields, read_grid

COLUMNS = ["作品类别", "作品名称", "展示形式（图片、动漫、视频、H5、征文等）", "创作集体", "集体联系人\n及联系方式"]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture
def facts_of(tmp_path: Path):
    """Measures bytes as a file of that name."""

    def run(content: bytes, name: str) -> Facts:
        path = tmp_path / "leaf"
        path.write_bytes(content)
        facts = measure(path, name)
        assert load(Facts, dump(facts)) == facts  # record.json gives the same facts back
        return facts

    return run


def image(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (40, 90, 160)).save(out, kind, **options)
    return out.getvalue()


def word(body: str, **parts: str) -> bytes:
    """A .docx with that body XML and further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def para(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


# --- documents ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("改革开放“四十年”——青年说。", 15),
        ("2018年8月20日", 6),
        ("hello, world 你好", 4),
        ("don’t stop", 2),
        ("H5、动漫　视频……", 8),
        ("ＡＢ１", 3),
        (" \n\t　\ufeff", 0),
        ("𠀀𠮷", 2),
        ("3.14% a@example.test", 2),
    ],
)
def test_characters_are_counted_as_word_counts_them(text: str, count: int) -> None:
    assert count_characters(text) == count


@pytest.mark.parametrize("characters", [200, 2000, 5001])
def test_a_document_has_exactly_the_characters_of_its_body(facts_of, characters: int) -> None:
    content = make.docx("岗位上的青春", characters=characters, header="威海市青年文明号材料", pictures=[image("PNG")])
    facts = facts_of(content, "征文.docx")
    assert (facts.characters, facts.title, facts.error) == (characters, "岗位上的青春", None)
    assert facts.text.startswith("岗位上的青春\n") and len(facts.text) <= 4000


def test_tables_text_boxes_controls_and_insertions_count_but_deletions_and_notes_do_not(facts_of) -> None:
    box = f"<w:pict><w:txbxContent>{para('文本框')}</w:txbxContent></w:pict>"
    body = (
        para("正文")
        + f"<w:tbl><w:tr><w:tc>{para('表格')}</w:tc></w:tr></w:tbl>"
        + f"<w:sdt><w:sdtContent>{para('控件')}</w:sdtContent></w:sdt>"
        + "<w:p><w:ins><w:r><w:t>插入</w:t></w:r></w:ins><w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        + "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        + f'<mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><w:p><w:r>{box}</w:r></w:p></mc:Choice>'
        + f"<mc:Fallback><w:p><w:r>{box}</w:r></w:p></mc:Fallback></mc:AlternateContent>"
    )
    notes = {f"word__{part}": f'<w:x xmlns:w="{W}">{para("不计")}</w:x>' for part in ("footnotes", "header1")}
    facts = facts_of(word(body, **notes), "a.docx")
    assert facts.characters == len("正文表格控件插入文本框")


def test_words_split_over_runs_count_once(facts_of) -> None:
    body = "<w:p><w:r><w:t>Bao</w:t></w:r><w:r><w:t>song</w:t></w:r><w:r><w:tab/><w:t>two</w:t></w:r></w:p>"
    assert facts_of(word(body), "a.docx").characters == 2


def test_the_title_is_the_first_line_or_else_the_document_property(facts_of) -> None:
    core = '<c xmlns:dc="urn:dc"><dc:title>属性里的题目</dc:title></c>'
    assert facts_of(word(para(" ") + para("第一行"), docProps__core=core), "a.docx").title == "第一行"
    assert facts_of(word(para(" "), docProps__core=core), "a.docx").title == "属性里的题目"


def test_a_line_that_only_says_annex_is_not_the_title(facts_of) -> None:
    assert facts_of(word(para("附件2：") + para("作品汇总表")), "a.docx").title == "作品汇总表"
    assert facts_of(word(para("附件2")), "a.docx").title == "附件2"


def test_a_table_of_absurd_width_is_cut_not_kept(facts_of) -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="64"/></w:tcPr>' + para("列") + "</w:tc>"
    facts = facts_of(word("<w:tbl>" + f"<w:tr>{cell * 50}</w:tr>" * 2 + "</w:tbl>"), "a.docx")
    assert facts.characters == 100 and len(facts.columns) <= 20


def test_entities_that_multiply_do_not_harm(facts_of) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", f'{bomb}]><w:document xmlns:w="{W}">{para("&j;")}</w:document>')
    facts = facts_of(out.getvalue(), "a.docx")
    assert facts.error is not None or (facts.characters or 0) < 10


def test_a_document_that_unpacks_to_more_than_the_limit_is_not_parsed(facts_of, monkeypatch) -> None:
    monkeypatch.setattr("intake.measure.document.XML_LIMIT", 100)
    facts = facts_of(word(para("字" * 200)), "a.docx")
    assert (facts.type, facts.characters, facts.error) == ("docx", None, "文档过大，未读取内容")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_document_that_ends_early_is_damaged(facts_of, share: float) -> None:
    whole = make.docx("题目", ["正文"])
    facts = facts_of(whole[: int(len(whole) * share)], "a.docx")
    assert facts.truncated is True and facts.error == "文件已损坏或不完整，无法打开"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_files_are_read_in_the_encodings_units_use(facts_of, encoding: str) -> None:
    facts = facts_of("\n说明文字\n朱镕喆，2018年".encode(encoding), "说明.txt")
    assert (facts.type, facts.characters, facts.title) == ("txt", 10, "说明文字")


# --- tables -------------------------------------------------------------------------------------------------------

ROWS: list[list[object]] = [
    ["改革开放青观察", "一条街的四十年", "图片", "甲收费站", 12345678901],
    ["改革开放青观察", "灯塔", "图片", "乙班组", "张三 0631-5200000"],
    ["新时代青年说", "三十秒", "视频", "丙窗口", ""],
    ["品牌建设青之见", "", "", "", ""],
]


def check_summary(facts: Facts) -> None:
    assert facts.columns == (*COLUMNS[:4], "集体联系人及联系方式")
    assert facts.header == {"报送单位": "示例市税务局", "报送日期": "2018 年 8 月 15 日"}
    assert facts.rows == 3
    assert facts.cells[0] == ("改革开放青观察", "一条街的四十年", "图片", "甲收费站", "12345678901")
    assert facts.cells[1][0] == "改革开放青观察"  # the merged cell speaks for every row it spans
    assert facts.error is None


def test_a_summary_table_in_excel_gives_columns_rows_and_fields(facts_of) -> None:
    content = make.table_xlsx("“青年说”作品汇总表", "示例市税务局", "2018 年 8 月 15 日", COLUMNS, ROWS)
    facts = facts_of(content, "汇总表.xlsx")
    assert facts.type == "xlsx" and facts.title == "“青年说”作品汇总表"
    check_summary(facts)


def test_a_summary_table_in_word_reads_the_same(facts_of) -> None:
    rows = [[str(cell) for cell in row] for row in ROWS]
    content = make.table_docx("作品汇总表", "示例市税务局", "2018 年 8 月 15 日", COLUMNS, rows)
    facts = facts_of(content, "汇总表.docx")
    assert facts.type == "docx" and facts.title == "作品汇总表"
    check_summary(facts)


def test_an_open_document_sheet_is_read(facts_of) -> None:
    def row(*cells: str) -> str:
        inner = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        return f"<table:table-row>{inner}</table:table-row>"

    names = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="表">'
        f"{row('序号', '作品名称', '推报集体名称')}{row('1', '路', '甲')}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    files = {"mimetype": mimetype, "META-INF/manifest.xml": manifest, "content.xml": content.encode()}
    facts = facts_of(make.zip_of(files), "表.ods")
    assert (facts.type, facts.columns, facts.rows) == ("ods", ("序号", "作品名称", "推报集体名称"), 1)


def test_hidden_sheets_do_not_count_and_the_sheet_most_like_a_table_does(facts_of) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, columns in (("说明", ["填写", "方法"]), ("表", ["集体名称", "是否网上报备"]), ("旧", COLUMNS)):
        sheet = book.add_worksheet(name)
        for number in range(3):
            sheet.write_row(number, 0, columns if number == 0 else [f"{name}{number}"] * len(columns))
        if name == "旧":
            sheet.hide()
    book.close()
    facts = facts_of(out.getvalue(), "表.xlsx")
    assert (facts.columns, facts.rows) == (("集体名称", "是否网上报备"), 2)


def test_a_lone_cell_far_out_does_not_make_the_reader_take_gigabytes(facts_of) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "作品名称")
    sheet.write(1_048_575, 16_383, "远")
    book.close()
    assert facts_of(out.getvalue(), "表.xlsx").error == "表格的单元格范围过大，未读取内容"


def test_a_damaged_workbook_is_an_error_sentence(facts_of) -> None:
    content = make.zip_of({"[Content_Types].xml": b"<x", "xl/workbook.xml": b"<x"})
    assert facts_of(content, "表.xlsx").error == "表格已损坏或不完整，无法读出内容"


def test_at_most_500_rows_of_20_columns_are_kept_but_all_are_counted(facts_of) -> None:
    columns = ["作品名称", *[f"列{chr(0x4E00 + i)}" for i in range(24)]]
    rows = [[f"作品{i}", *["字"] * 24] for i in range(600)]
    facts = facts_of(make.table_xlsx("汇总表", "某局", "8月1日", columns, rows), "表.xlsx")
    assert (facts.rows, len(facts.cells), len(facts.cells[0]), len(facts.columns)) == (600, 500, 20, 20)


def grid(*rows: tuple[str, ...]) -> Grid:
    return Grid(rows)


def test_blank_rows_notes_and_rows_with_only_a_printed_label_do_not_count() -> None:
    found = read_grid(
        grid(
            ("微作品选送汇总表", "", "", ""),
            ("序号", "类 别", "作品名称", "推报集体\n名称"),
            ("1", "微视频", "路", "甲"),
            ("2", "微视频", "", ""),
            ("", "", "", ""),
            ("3", "微故事", "桥", ""),
            ("注：类别填写微视频或微故事", "", "", ""),
            ("填表人：张三", "", "联系电话：", "12345678902"),
        )
    )
    assert found is not None
    assert found.columns == ("序号", "类别", "作品名称", "推报集体名称")
    assert [row[2] for row in found.rows] == ["路", "桥"]
    assert found.header == {"填表人": "张三", "联系电话": "12345678902"}


def test_an_empty_blank_table_has_its_columns_and_no_rows() -> None:
    found = read_grid(grid(("序号", "类别", "作品名称", "推报集体名称"), ("1", "", "", ""), ("2", "", "", "")))
    assert found is not None and found.rows == () and len(found.columns) == 4


def test_fields_beside_the_table_are_not_its_header_row() -> None:
    found = read_grid(
        grid(
            ("报送单位（加盖公章）", "示例局", "联系人", "张三"),
            ("集体名称", "所获师级青年文明号时间", "是否网上报备", ""),
            ("甲", "2016年", "是", ""),
        )
    )
    assert found is not None
    assert found.columns == ("集体名称", "所获师级青年文明号时间", "是否网上报备")
    assert found.header == {"报送单位": "示例局", "联系人": "张三"}


def test_a_header_of_two_rows_is_joined() -> None:
    found = read_grid(
        grid(("推荐单位", "姓名", "联系方式", ""), ("", "", "手机", "邮箱"), ("某局", "张三", "139", "x"))
    )
    assert found is not None
    assert found.columns == ("推荐单位", "姓名", "联系方式手机", "联系方式邮箱")
    assert len(found.rows) == 1


def test_a_table_of_unknown_words_has_its_first_wide_row_as_header() -> None:
    found = read_grid(grid(("情况", "", ""), ("项目", "次数", "人数"), ("走访", "3", "20")))
    assert found is not None and found.columns == ("项目", "次数", "人数") and len(found.rows) == 1


@pytest.mark.parametrize("rows", [(), (("",),), (("只有一格",),), (("1", "2"), ("3", "4"))])
def test_what_is_no_table_has_no_columns(rows) -> None:
    assert read_grid(Grid(rows)) is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["报送单位（加盖公章）：示例局        报送日期：2018 年 8 月 1 日"],
            {"报送单位": "示例局", "报送日期": "2018 年 8 月 1 日"},
        ),
        (["报送单位（加盖公章）：            报送日期：    年  月  日"], {}),
        (["报 送 单 位：某局"], {"报送单位": "某局"}),
        (["报送单位(盖章) 某局"], {"报送单位": "某局"}),
        (["单位名称(盖章)", "", "示例师", "填报日期：", "2018/7/1"], {"单位名称": "示例师", "填报日期": "2018/7/1"}),
        (["单位名称（盖章）：____某局____ 联系电话：0631-5200000"], {"单位名称": "某局", "联系电话": "0631-5200000"}),
        (["报送单位（盖章）"], {}),
        (["会议于9:30开始"], {}),
    ],
)
def test_fields_are_read_after_a_colon_after_spaces_or_in_the_next_cell(cells, expected) -> None:
    assert fields(cells) == expected
