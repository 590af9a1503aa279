"""docs/formats.md is true: every format has a row, every row a sample, every sample the values stated here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.records import Facts, dump, load
from intake.measure import BY_TYPE, measure

PROJECT = Path(__file__).parents[3]
SAMPLES = PROJECT / "tests/samples/documents"
SECTIONS = dict(
    re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", (PROJECT / "docs/formats.md").read_text(), re.MULTILINE | re.DOTALL)
)
ROWS = {
    row.group(1): row.group(0) for row in re.finditer(r"^\| `([\w-]+)` \|.*$", SECTIONS["文档与表格"], re.MULTILINE)
}
ESSAY, TABLE = "窗口里的八分钟", "“示例杯”青年文明号优秀作品汇总表"
COLUMNS = (
    "序号",
    "作品类别",
    "作品名称",
    "展示形式（图片、动漫、视频、H5、征文等）",
    "创作集体",
    "集体联系人及联系方式",
    "完成时间",
)
FIELDS = {"报送单位": "示例市甲区团委", "报送日期": "2018年8月17日"}
CELLS = (
    ("1", "改革开放青观察", "《海风吹来》", "图片", "甲区税务局第一税务所", "张三 12345678901", "2018-08-01"),
    ("2", "改革开放青观察", "《老街新颜》", "图片", "甲区城管中队", "李四 12345678902", "2018-08-03"),
    ("3", "新时代青年说", "《三十秒的承诺》", "视频", "甲区供电所", "王五 12345678903", "2018-08-05"),
    ("4", "品牌建设青之见", "《窗口里的八分钟》", "征文", "示例市政务服务中心", "赵六 12345678904", "2018-08-10"),
    (
        "5",
        "品牌建设青之见",
        "《青年文明号创建中的制度设计》",
        "征文",
        "甲区人民医院急诊科",
        "钱七 12345678905",
        "2018-08-12",
    ),
)
NO_MERGED = tuple((row[0], "" if row[0] in "25" else row[1], *row[2:]) for row in CELLS)
"""In plain text nothing says that a class holds for the row below too."""
APPLICANTS = (
    ("乙区第一中学语文教研组", "2015年", "是", "18", "孙八", "13800000011"),
    ("乙区邮政营业厅", "2016年5月", "否", "9", "周九", "13800000012"),
    ("乙区气象台预报科", "2014年", "是", "12", "吴十", "13800000013"),
)

# type, characters, pages, title
DOCUMENTS = {
    "征文.docx": ("docx", 1371, None, ESSAY),
    "征文.doc": ("doc", 1371, None, ESSAY),
    "征文.wps": ("wps", 1371, None, ESSAY),
    "征文.odt": ("odt", 1371, 1, ESSAY),
    "征文.html": ("html", 1371, None, ESSAY),
    "征文.rtf": ("rtf", 1363, None, ESSAY),  # without the eight characters of the text box
    "征文.txt": ("txt", 1372, None, ESSAY),  # with the number of the footnote
    "征文（2003）.xml": ("word-xml", 1379, None, ESSAY),  # with the eight struck characters
    "征文.pdf": ("pdf", 1401, 3, ESSAY),  # with the struck sentence, the footnote and its number, twice
    "征文.ofd": ("ofd", 1401, 3, ESSAY),
    "讲稿.pptx": ("pptx", 40, 3, ESSAY),
    "讲稿.odp": ("odp", 40, 3, ESSAY),
    "机密短文.docx": ("docx", 39, None, "关于推荐优秀青年文明号的短文"),
    "扫描件.pdf": ("pdf", 0, 2, None),
    "有密码.pdf": ("pdf", None, None, None),
    "禁止打印.pdf": ("pdf", 39, 1, "关于推荐优秀青年文明号的短文"),
}
TABLES = {
    "汇总表.xlsx": ("xlsx", None, CELLS),
    "汇总表.xls": ("xls", None, CELLS),
    "汇总表.et": ("et", None, CELLS),
    "汇总表.ods": ("ods", None, CELLS),
    "汇总表（2003）.xml": ("excel-xml", None, CELLS),
    "汇总表.csv": ("txt", 254, NO_MERGED),
    "汇总表（制表符）.txt": ("txt", 254, NO_MERGED),
    "汇总表.html": ("html", 254, CELLS),
    "网页.mht": ("mht", 254, CELLS),
    "汇总表.pdf": ("pdf", 254, CELLS),
    "汇总表（文档）.docx": ("docx", 254, CELLS),
    "汇总表（文档）.doc": ("doc", 254, CELLS),
    "汇总表（文档）.odt": ("odt", 254, CELLS),
    "汇总表（文档）.rtf": ("rtf", 254, CELLS),
    "汇总表（文档）.pdf": ("pdf", 254, CELLS),
}
APPLICANT_TABLES = {"申报集体汇总表.xlsx": "xlsx", "申报集体汇总表.xls": "xls"}


def facts_of(name: str) -> Facts:
    facts = measure(SAMPLES / name, name)
    assert load(Facts, dump(facts)) == facts  # record.json gives the same facts back
    return facts


def test_every_format_that_is_measured_stands_on_the_page() -> None:
    names = " ".join(re.findall(r"^\| ([^|]+)", SECTIONS["图片与视频"], re.MULTILINE))
    others = {word.lower() for word in re.findall(r"\w+", names, re.ASCII)}
    assert set(BY_TYPE) - others == set(ROWS)


def test_every_row_names_samples_that_exist_and_every_sample_stands_in_the_row_of_its_format() -> None:
    for kind, row in ROWS.items():
        for name in re.findall(r"`([^`/]+\.\w+)`", row):
            assert (SAMPLES / name).exists(), f"{kind}: {name}"
    measured = {name: values[0] for name, values in (DOCUMENTS | TABLES).items()} | APPLICANT_TABLES
    for name, kind in measured.items():
        assert f"`{name}`" in ROWS[kind], name
    assert {path.name for path in SAMPLES.iterdir() if path.is_file()} - set(measured) == {"征文.doc.antiword.txt"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_its_characters_pages_and_title(name: str) -> None:
    facts = facts_of(name)
    assert (facts.type, facts.characters, facts.pages, facts.title) == DOCUMENTS[name]
    assert facts.error is None or name == "有密码.pdf"


@pytest.mark.parametrize("name", TABLES)
def test_one_table_reads_the_same_in_every_format(name: str) -> None:
    facts = facts_of(name)
    kind, characters, cells = TABLES[name]
    assert (facts.type, facts.characters, facts.title, facts.error) == (kind, characters, TABLE, None)
    assert facts.columns == COLUMNS
    assert facts.cells == cells
    assert (facts.rows, facts.header) == (5, FIELDS)


@pytest.mark.parametrize("name", APPLICANT_TABLES)
def test_a_table_of_applicants_has_whole_phone_numbers_and_no_hidden_sheet(name: str) -> None:
    facts = facts_of(name)
    assert facts.columns == ("集体名称", "所获师级青年文明号时间", "是否网上报备", "集体人数", "联系人", "手机")
    assert (facts.cells, facts.header) == (APPLICANTS, {"单位名称": "示例市乙区团委"})


def test_headers_footers_notes_comments_and_struck_text_are_in_no_body() -> None:
    for name in ("征文.docx", "征文.doc", "征文.odt", "征文.rtf", "征文.html"):
        text = facts_of(name).text
        assert "文明号展示材料" not in text, name
        assert "不计入正文字数" not in text, name
        assert "此处批注" not in text, name
        assert "被删去" not in text or name == "征文.html", name  # LibreOffice writes it there as if it stood


def test_headers_and_page_numbers_of_printed_pages_are_in_no_body() -> None:
    for name in ("征文.pdf", "征文.ofd"):
        text = facts_of(name).text
        assert "文明号展示材料" not in text and not re.search(r"第\s*\d\s*页", text), name


def test_an_old_word_file_says_what_antiword_says() -> None:
    theirs = (SAMPLES / "征文.doc.antiword.txt").read_text()
    theirs = re.sub(r"\[\d\]", "", theirs.replace("被删去的一句话。", ""))  # it shows notes and what is struck
    ours = [line for line in facts_of("征文.doc").text.splitlines() if "供稿" not in line]  # there: [pic]
    assert [line for line in ours if line not in theirs] == []
    assert len(ours) == 13


def test_a_scan_is_said_to_be_one_and_a_text_is_not() -> None:
    assert facts_of("扫描件.pdf").scanned is True
    assert facts_of("征文.pdf").scanned is None


def test_only_a_pdf_that_does_not_open_without_a_password_is_encrypted() -> None:
    assert facts_of("有密码.pdf").encrypted is True
    assert "密码" in (facts_of("有密码.pdf").error or "")
    assert facts_of("禁止打印.pdf").encrypted is False


def test_a_document_that_bears_a_mark_and_an_identity_number_says_so() -> None:
    assert facts_of("机密短文.docx").marks == ("机密", "身份证号")
    assert facts_of("征文.docx").marks == ()


@pytest.mark.parametrize("ending", [".doc", ".docx", ".xls", ".wps", ".pdf", ".jpg", ""])
@pytest.mark.parametrize(
    "name",
    [
        "征文.docx",
        "征文.odt",
        "征文.ofd",
        "征文.html",
        "网页.mht",
        "征文（2003）.xml",
        "汇总表（2003）.xml",
        "征文.rtf",
    ],
)
def test_a_sample_under_a_wrong_name_is_still_what_it_is(name: str, ending: str) -> None:
    path = SAMPLES / name
    right, wrong = measure(path, name), measure(path, f"材料{ending}")
    assert (wrong.type, wrong.characters, wrong.rows) == (right.type, right.characters, right.rows)


@pytest.mark.parametrize("name", ["征文.doc", "汇总表.xls", "汇总表.xlsx", "征文.pdf", "讲稿.pptx", "讲稿.odp"])
def test_office_files_are_told_apart_whatever_the_name(name: str) -> None:
    right = measure(SAMPLES / name, name).type
    for ending in (".docx", ".ppt", ".txt", ".zip"):
        assert measure(SAMPLES / name, f"材料{ending}").type == right
