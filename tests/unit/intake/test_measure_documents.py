"""What single formats hold besides plain paragraphs, and how their readers hold out against damage."""

from __future__ import annotations

import io
import random
import time
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from archive.records import Facts, dump, load
from intake.demo import make
from intake.measure import measure, pdf
from intake.measure.apart import apart
from intake.measure.pages import Line, paragraphs, title, without_running
from intake.measure.pdf_table import Letter, Rules, grids

SAMPLES = Path(__file__).parents[2] / "samples/documents"


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


def rtf(body: bytes, head: bytes = b"\\ansi\\ansicpg936") -> bytes:
    fonts = b"{\\fonttbl{\\f0\\fnil\\fcharset134 \\'cb\\'ce\\'cc\\'e5;}{\\f1\\froman\\fcharset0 Times New Roman;}}"
    return b"{\\rtf1" + head + b"\\deff0" + fonts + body + b"}"


def octets(text: str) -> bytes:
    return "".join(f"\\'{octet:02x}" for octet in text.encode("gb18030")).encode()


# --- doc ----------------------------------------------------------------------------------------------------------


def test_a_document_of_word_95_is_refused_with_the_way_out(facts_of) -> None:
    content = (SAMPLES / "征文.doc").read_bytes()
    at = content.index(b"\xec\xa5")
    facts = facts_of(content[:at] + b"\xec\xa5\x68\x00" + content[at + 4 :], "a.doc")
    assert facts.characters is None
    assert "另存为docx" in (facts.error or "")


def test_a_piece_of_one_byte_a_character_is_windows_latin(facts_of) -> None:
    content = bytearray((SAMPLES / "征文.doc").read_bytes())
    table = content.index(b"\x02\x10\x00\x00\x00\x00\x00\x00\x00")  # the piece table: one piece, 16 bytes
    where = table + 5 + 8 + 2
    offset = int.from_bytes(content[where : where + 4], "little")
    content[where : where + 4] = (0x40000000 | offset * 2).to_bytes(4, "little")
    at = content.index("窗口里的八分钟".encode("utf-16-le"))
    content[at : at + 13] = b"Caf\xe9 \x93quoted\x94"
    assert facts_of(bytes(content), "a.doc").title.startswith("Café “quoted”")


def test_codes_of_fields_do_not_count_but_their_results_do(facts_of) -> None:
    content = (SAMPLES / "征文.doc").read_bytes()
    old = "——示例市政务服务中心青年文明号实践案例".encode("utf-16-le")
    new = "\x13PAGE 示市政\x14青年文明号\x15实践案例".encode("utf-16-le")
    assert len(new) == len(old)
    text = facts_of(content.replace(old, new), "a.doc").text
    assert text.splitlines()[1] == "青年文明号实践案例"


# --- rtf ----------------------------------------------------------------------------------------------------------


def test_chinese_bytes_of_wordpad_are_read_whatever_the_font_says(facts_of) -> None:
    facts = facts_of(rtf(b"\\pard\\f0 " + octets("朱镕基楼㐀") + b"\\f1 " + octets("青年") + b" abc 12\\par"), "a.rtf")
    assert (facts.text, facts.characters) == ("朱镕基楼㐀青年 abc 12", 9)


def test_characters_with_bytes_for_old_programs_count_once(facts_of) -> None:
    facts = facts_of(rtf(b"\\uc2 \\u38738\\'c7\\'e0\\u24180\\'c4\\'ea\\par"), "a.rtf")
    assert facts.text == "青年"


def test_a_character_written_in_two_halves_is_one(facts_of) -> None:
    assert facts_of(rtf(b"\\u-10179?\\u-8704?"), "a.rtf").text == "\U0001f600"


def test_headers_notes_struck_text_links_and_pictures_of_rtf_are_left_out(facts_of) -> None:
    body = (
        b"{\\header " + octets("页眉") + b"}{\\footnote " + octets("脚注") + b"}{\\deleted " + octets("删去") + b"}"
        b'{\\field{\\*\\fldinst HYPERLINK "http://example.test"}{\\fldrslt ' + octets("链接") + b"}}"
        b"{\\pict\\jpegblip\n" + b"ffd8ffe0" * 5000 + b"}{\\pict\\bin5 \\{}{}}" + octets("正文") + b"\\par"
    )
    assert facts_of(rtf(body), "a.rtf").text == "链接正文"


def test_a_hostile_rtf_ends_in_time(facts_of) -> None:
    began = time.monotonic()
    facts_of(rtf(b"{\\field{\\*\\fldinst{" * 40_000), "a.rtf")
    facts_of(rtf(b"{" * 200_000), "a.rtf")
    assert "过大" in (facts_of(rtf(b"{\\b x}" * 600_000), "a.rtf").error or "")
    assert time.monotonic() - began < 10


# --- pptx, odt, html ----------------------------------------------------------------------------------------------

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def test_slides_are_read_in_the_order_of_their_numbers(facts_of) -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<x/>"}
    for number in (10, 2, 1):
        parts[f"ppt/slides/slide{number}.xml"] = f"<s {A}><a:p><a:r><a:t>第{number}张</a:t></a:r></a:p></s>".encode()
    parts["ppt/notesSlides/notesSlide1.xml"] = f"<s {A}><a:p><a:r><a:t>备注</a:t></a:r></a:p></s>".encode()
    facts = facts_of(make.zip_of(parts), "a.pptx")
    assert (facts.text.split(), facts.pages) == (["第1张", "第2张", "第10张"], 3)


def test_an_open_document_with_a_password_is_encrypted(facts_of) -> None:
    manifest = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": manifest}
    facts = facts_of(make.zip_of({**parts, "content.xml": b"\x00\x01"}), "a.odt")
    assert (facts.type, facts.encrypted, facts.characters) == ("odt", True, None)


def test_a_page_count_the_program_stated_is_kept(facts_of) -> None:
    content = make.docx("题", ["正文"])
    out = io.BytesIO(content)
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/app.xml"] = b"<Properties><Pages>12</Pages></Properties>"
    assert facts_of(make.zip_of(parts), "a.docx").pages == 12
    parts["docProps/app.xml"] = b"<Properties><Pages>9999999</Pages></Properties>"
    assert facts_of(make.zip_of(parts), "a.docx").pages is None


def test_a_page_count_that_nobody_counted_is_no_page_count(facts_of) -> None:
    assert facts_of(make.docx("窗口故事", characters=3000), "a.docx").pages is None  # "1 page, 0 characters"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_a_web_page_named_xls_is_read_in_its_encoding(facts_of, encoding: str) -> None:
    named = {"utf-8-sig": "utf-8"}.get(encoding, "gb2312" if encoding == "gb18030" else encoding)
    page = (
        f'<html><head><meta charset="{named}"><title>表</title><style>p{{}}</style></head><body><table>'
        "<tr><td>作品类别</td><td>作品名称</td><td>创作集体</td></tr>"
        "<tr><td rowspan=2>图片</td><td>《朱镕》</td><td>甲</td></tr><tr><td>《乙》</td><td>丙</td></tr></table>"
    )
    facts = facts_of(page.encode(encoding), "汇总表.xls")
    assert facts.type == "html"
    assert facts.cells == (("图片", "《朱镕》", "甲"), ("图片", "《乙》", "丙"))


def test_a_mail_with_pictures_is_no_web_page(facts_of) -> None:
    mail = (
        b"From: a@example.test\r\nTo: b@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--\r\n"
    )
    assert facts_of(mail, "a.eml").type == "eml"
    assert facts_of(mail.replace(b"To: b@example.test\r\n", b""), "a.mht").type == "mht"


def test_prose_with_commas_is_no_table_and_a_semicolon_table_is_one(facts_of) -> None:
    assert facts_of("我们去了, 看了, 做了\n又去了, 又看了, 又做了\n".encode() * 5, "a.txt").columns == ()
    facts = facts_of('作品类别;作品名称;联系电话\n图片;《一》;="12345678901"\n'.encode("gb18030"), "a.csv")
    assert facts.cells == (("图片", "《一》", "12345678901"),)


# --- pdf ----------------------------------------------------------------------------------------------------------


def printed(*pages: bytes, rotate: int = 0) -> bytes:
    """A PDF of those content streams in Helvetica on A4."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for content in pages:
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate %d/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (rotate, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end


def words(*lines: tuple[int, int, str]) -> bytes:
    return b"".join(b"BT /F 12 Tf %d %d Td (%s) Tj ET\n" % (x, y, text.encode()) for x, y, text in lines)


def test_words_at_the_same_place_of_most_pages_do_not_count(facts_of) -> None:
    pages = [words((60, 810, "Annual Report"), (60, 600, f"body number {n}"), (290, 30, f"- {n} -")) for n in range(4)]
    facts = facts_of(printed(*pages), "a.pdf")
    assert (facts.pages, facts.characters) == (4, 12)
    assert "Annual" not in facts.text


def test_a_page_turned_for_reading_has_its_edges_where_they_are_shown(facts_of) -> None:
    def sideways(n: int) -> bytes:
        shown = ((20, "Annual Report"), (300, f"body number {n}"))
        return b"".join(b"BT /F 12 Tf 0 1 -1 0 %d 60 Tm (%s) Tj ET\n" % (x, text.encode()) for x, text in shown)

    assert facts_of(printed(*map(sideways, range(3)), rotate=90), "a.pdf").characters == 9


def test_a_pdf_of_ten_thousand_pages_is_read_in_time_and_says_where_it_stopped(facts_of) -> None:
    began = time.monotonic()
    facts = facts_of(printed(*[words((60, 600, "word"))] * 10_000), "a.pdf")
    assert time.monotonic() - began < 10
    assert facts.pages == 10_000
    assert "共10000页，只读取了前" in (facts.error or "")


def test_a_pdf_with_more_letters_than_the_limit_stops_there(facts_of, monkeypatch) -> None:
    monkeypatch.setattr(pdf, "LETTER_LIMIT", 6)
    facts = facts_of(printed(*[words((60, 600, "word"))] * 5), "a.pdf")
    assert (facts.pages, facts.characters) == (5, 2)
    assert "只读取了前2页" in (facts.error or "")


def test_bytes_that_only_begin_like_a_pdf_are_damaged(facts_of) -> None:
    assert "损坏" in (facts_of(b"%PDF-1.7\nnothing\n%%EOF", "a.pdf").error or "")


def test_lines_broken_at_the_margin_are_joined_and_paragraphs_are_not() -> None:
    lines = [
        Line("青年文明号开放周活动", 84, 500, 12, 0.1),
        Line("在各地展开。", 60, 130, 12, 0.12),
        Line("第二段第一行写到行末", 84, 500, 12, 0.14),
        Line("第三段另起一行。", 84, 180, 12, 0.16),
    ]
    assert paragraphs(lines) == ["青年文明号开放周活动在各地展开。", "第二段第一行写到行末", "第三段另起一行。"]


def test_the_title_is_the_line_set_largest_at_the_top() -> None:
    lines = [Line("附件1", 60, 100, 12, 0.1), Line("海风", 200, 300, 22, 0.13), Line("吹来", 200, 300, 22, 0.16)]
    assert title([*lines, *[Line("正文", 60, 500, 12, 0.2)] * 5]) == "海风吹来"


def test_a_single_page_keeps_its_first_line_and_loses_its_number() -> None:
    lines = [Line("活动总结", 60, 200, 12, 0.05), Line("第 1 页 共 1 页", 250, 330, 9, 0.95)]
    assert [line.text for line in without_running([lines])[0]] == ["活动总结"]


def test_a_table_without_ruling_lines_is_read_by_the_places_of_its_column_names() -> None:
    def put(x: float, y: float, text: str) -> list[Letter]:
        return [Letter(each, x + 12 * i, x + 12 * i + 12, y, y + 12) for i, each in enumerate(text)]

    letters = [
        *put(60, 700, "作品汇总表"),
        *(letter for x, name in ((60, "类别"), (160, "作品名称"), (300, "联系人")) for letter in put(x, 660, name)),
        *(letter for x, name in ((60, "图片"), (148, "海风吹来了"), (306, "张三")) for letter in put(x, 640, name)),
        *(letter for x, name in ((60, "征文"), (160, "老街"), (306, "李四")) for letter in put(x, 620, name)),
        *put(60, 600, "注：每件作品填写一行即可，可以自行增加。"),
    ]
    [grid], by_lines = grids([(letters, Rules())])
    assert not by_lines  # so no demand rests on it
    assert grid.rows == [["类别", "作品名称", "联系人"], ["图片", "海风吹来了", "张三"], ["征文", "老街", "李四"]]
    assert grid.around[0] == "作品汇总表"


def test_a_table_that_goes_on_over_the_page_is_one(tmp_path: Path) -> None:
    source = pypdfium2.PdfDocument(SAMPLES / "汇总表.pdf")
    twice = pypdfium2.PdfDocument.new()
    twice.import_pages(source)
    twice.import_pages(source)
    twice.save(tmp_path / "twice.pdf")
    facts = measure(tmp_path / "twice.pdf", "twice.pdf")
    assert (facts.pages, facts.rows) == (2, 10)


# --- damage -------------------------------------------------------------------------------------------------------


def broken(content: bytes, chance: random.Random) -> bytes:
    """The content cut, or with some bytes changed; of a ZIP, sometimes one part of it."""
    if content.startswith(b"PK") and chance.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice([name for name in parts if name.endswith(".xml")])
        return make.zip_of({**parts, name: broken(parts[name], chance)}) if parts[name] else content
    if chance.random() < 0.25:
        return content[: chance.randrange(1, len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 5, 50))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.is_file()))
def test_no_damage_makes_measuring_raise_or_hang(facts_of, name: str) -> None:
    content, chance = (SAMPLES / name).read_bytes(), random.Random(name)
    for _ in range(12):
        began = time.monotonic()
        facts_of(broken(content, chance), name)
        assert time.monotonic() - began < 10


def test_a_damaged_part_of_a_zip_found_while_telling_the_type_is_an_error_sentence(facts_of) -> None:
    content = bytearray((SAMPLES / "征文.odt").read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        at = archive.getinfo("META-INF/manifest.xml").header_offset
    content[at + 60 : at + 120] = b"\xff" * 60
    assert "损坏" in (facts_of(bytes(content), "a.odt").error or "")


def crash(path: Path, known: Facts) -> Facts:
    time.sleep(1 if path.name == "slow" else 0)
    raise SystemExit


def test_a_reader_that_dies_or_hangs_loses_only_its_file() -> None:
    assert "无法读出" in (apart(crash, Path("dies"), Facts(type="xls")).error or "")
    assert "已停止" in (apart(crash, Path("slow"), Facts(type="xls"), seconds=0.1).error or "")


def test_a_workbook_that_makes_its_reader_abort_is_an_error_sentence(facts_of) -> None:
    """One byte of the sheet's stated size makes the reader ask for a terabyte and end its process."""
    content = bytearray((SAMPLES / "汇总表.xls").read_bytes())
    at = content.index(bytes.fromhex("00020e00000000000a"))
    content[at + 3 + 3] = 0x6A
    assert facts_of(bytes(content), "a.xls").error == "文件内容异常，无法读出"
