"""Facts of files: what they are by content, and what a notice's rules will be checked against."""

from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from archive.records import Facts, dump, load
from intake.demo import make
from intake.measure import measure


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


def ole(*streams: str, content: bytes = b"") -> bytes:
    """A minimal OLE file: allocation table, one directory sector, and `content` as each stream's first sector."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", header, 44, 1)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFF] * 125)
    directory = b""
    for name in ("Root Entry", *streams):
        entry = bytearray(128)
        raw = name.encode("utf-16-le")
        entry[: len(raw)] = raw
        struct.pack_into("<HB", entry, 64, len(raw) + 2, 5 if name == "Root Entry" else 2)
        struct.pack_into("<II", entry, 116, 2, 4096)
        directory += entry
    return bytes(header) + table + directory.ljust(512, b"\0") + content.ljust(512, b"\0")


# --- what it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", image("JPEG"), "jpeg"),
        ("a.png", image("PNG"), "png"),
        ("a.gif", image("GIF"), "gif"),
        ("a.bmp", image("BMP"), "bmp"),
        ("a.tif", image("TIFF"), "tiff"),
        ("a.webp", image("WEBP"), "webp"),
        ("材料.zip", make.zip_of({"材料/一.txt": b"1"}), "zip"),
        ("a.pdf", b"%PDF-1.7\n%%EOF", "pdf"),
        ("a.rtf", b"{\\rtf1 x}", "rtf"),
        ("a.htm", b"<!DOCTYPE html><html><body>x</body></html>", "html"),
        ("a.eml", b"Received: from a by b; Mon, 1 Jan 2018 00:00:00 +0800\r\nFrom: a@example.test\r\n\r\nx", "eml"),
        ("a.txt", "青年文明号开放周活动总结".encode("gb18030"), "txt"),
        ("a.rar", b"Rar!\x1a\x07\x01\x00", "rar"),
        ("a.doc", ole("WordDocument"), "doc"),
        ("a.wps", ole("WordDocument"), "wps"),
        ("a.ppt", ole("PowerPoint Document"), "ppt"),
        ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x08wide", "mov"),
        ("a.bin", bytes(range(256)) * 4, "unknown"),
    ],
)
def test_the_content_tells_the_type(facts_of, name: str, content: bytes, kind: str) -> None:
    assert facts_of(content, name).type == kind


@pytest.mark.parametrize("name", ["a.docx", "a.jpg", ""])
def test_a_wrong_name_does_not_change_the_type(facts_of, name: str) -> None:
    assert facts_of(make.docx("题", ["正文"]), name).type == "docx"


@pytest.mark.parametrize(
    ("mimetype", "kind"),
    [
        ("application/vnd.oasis.opendocument.text", "odt"),
        ("application/vnd.oasis.opendocument.presentation", "odp"),
        ("application/x-other", "zip"),
    ],
)
def test_open_documents_are_told_by_their_mimetype_entry(facts_of, mimetype: str, kind: str) -> None:
    assert facts_of(make.zip_of({"mimetype": mimetype.encode(), "content.xml": b"<x/>"}), "a").type == kind


def test_ofd_and_pptx_are_told_from_zip_by_the_names_inside(facts_of) -> None:
    assert facts_of(make.zip_of({"OFD.xml": b"<x/>", "Doc_0/Document.xml": b"<x/>"}), "a.ofd").type == "ofd"
    assert facts_of(make.zip_of({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}), "a.pptx").type == "pptx"


def test_a_document_with_a_password_is_encrypted_and_keeps_its_named_type(facts_of) -> None:
    content = ole("EncryptedPackage", "EncryptionInfo")
    facts = facts_of(content, "总结.docx")
    assert (facts.type, facts.encrypted) == ("docx", True)
    assert "密码" in (facts.error or "")
    assert facts_of(content, "汇总表.xlsx").type == "xlsx"


def test_an_old_word_file_says_in_its_header_whether_it_is_encrypted(facts_of) -> None:
    assert facts_of(ole("WordDocument", content=b"\xec\xa5" + bytes(9) + b"\x01"), "a.doc").encrypted is True
    assert facts_of(ole("WordDocument", content=b"\xec\xa5" + bytes(9) + b"\x02"), "a.doc").encrypted is False


def test_an_old_excel_file_with_a_filepass_record_is_encrypted(facts_of) -> None:
    begin = struct.pack("<HH16x", 0x0809, 16)
    assert facts_of(ole("Workbook", content=begin + struct.pack("<HH", 0x2F, 54)), "a.et").encrypted is True


def test_an_empty_file_says_so(facts_of) -> None:
    facts = facts_of(b"", "空.docx")
    assert (facts.type, facts.error) == ("empty", "文件是空的（0字节）")


def test_a_missing_file_is_an_error_sentence(tmp_path: Path) -> None:
    assert measure(tmp_path / "none", "none").error == "文件无法读取"


# --- pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_has_its_pixels_and_is_whole(facts_of) -> None:
    facts = facts_of(make.jpeg(1600, 1200, seed=1), "1.jpg")
    assert (facts.width, facts.height, facts.frames, facts.truncated, facts.error) == (1600, 1200, 1, False, None)


@pytest.mark.parametrize(("orientation", "size"), [(1, (640, 480)), (3, (640, 480)), (6, (480, 640)), (8, (480, 640))])
def test_pixels_are_those_a_viewer_shows_after_exif_orientation(facts_of, orientation, size) -> None:
    facts = facts_of(make.jpeg(640, 480, orientation=orientation), "1.jpg")
    assert (facts.width, facts.height) == size


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_jpeg_that_ends_early_is_truncated_but_has_its_pixels(facts_of, share: float) -> None:
    whole = make.jpeg(800, 600, seed=2)
    facts = facts_of(whole[: int(len(whole) * share)], "1.jpg")
    assert (facts.width, facts.height, facts.truncated) == (800, 600, True)
    assert facts.error == "图片数据不完整，只能打开一部分"


def test_a_png_that_ends_early_is_truncated(facts_of) -> None:
    noise = Image.effect_noise((200, 200), 80)
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert facts_of(out.getvalue()[:9000], "1.png").truncated is True


def test_frames_of_an_animation_are_counted(facts_of) -> None:
    frames = [Image.new("RGB", (20, 20), (i * 50, 0, 0)) for i in range(4)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert facts_of(out.getvalue(), "动画.gif").frames == 4


def test_a_picture_of_too_many_pixels_is_not_decoded_but_measured(facts_of) -> None:
    content = bytearray(image("PNG"))
    content[16:24] = struct.pack(">II", 60_000, 50_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    facts = facts_of(bytes(content), "炸弹.png")
    assert (facts.width, facts.height, facts.truncated) == (60_000, 50_000, None)
    assert facts.error == "图片过大（60000×50000像素），未解码检查"


@pytest.mark.parametrize(("progressive", "decoded"), [(False, True), (True, False)])
def test_a_progressive_jpeg_has_a_lower_limit_because_it_is_held_whole(facts_of, monkeypatch, progressive, decoded):
    monkeypatch.setattr("intake.measure.picture.PIXEL_LIMIT", 1000)
    facts = facts_of(image("JPEG", (64, 48), progressive=progressive), "1.jpg")
    assert (facts.width, facts.truncated is False) == (64, decoded)


def test_bytes_that_only_begin_like_a_picture_are_an_error(facts_of) -> None:
    assert facts_of(b"\xff\xd8\xff" + b"x" * 500, "1.jpg").error == "图片文件已损坏，无法打开"


def test_a_red_seal_on_a_scan_raises_the_hint_and_a_white_page_does_not(facts_of) -> None:
    seal = facts_of(make.seal_scan(), "汇总表.jpg").seal
    assert seal is not None and 0.004 < seal < 0.1
    assert facts_of(image("JPEG", (800, 1100)), "1.jpg").seal == 0


# --- video --------------------------------------------------------------------------------------------------------


def test_a_wmv_that_keeps_the_notice_has_its_size_and_rate(facts_of) -> None:
    facts = facts_of(make.sample("good.wmv"), "微视频.wmv")
    assert (facts.type, facts.mime, facts.container) == ("wmv", "video/x-ms-asf", "Windows Media")
    assert (facts.width, facts.height, facts.duration, facts.truncated) == (720, 576, 0.2, False)
    assert facts.video_bit_rate is not None and 20_000_000 <= facts.video_bit_rate <= 26_000_000


def test_a_weak_wmv_has_the_rate_its_stream_states(facts_of) -> None:
    facts = facts_of(make.sample("weak.wmv"), "微视频.wmv")
    assert (facts.width, facts.height, facts.duration) == (320, 240, 2.0)
    assert facts.video_bit_rate == 229_116 and facts.bit_rate is not None and facts.bit_rate > facts.video_bit_rate


def test_a_wmv_named_mp4_is_still_a_wmv(facts_of) -> None:
    assert facts_of(make.sample("weak.wmv"), "微视频.mp4").type == "wmv"


@pytest.mark.parametrize(("name", "seconds"), [("short.mp4", 8.0), ("long.mp4", 40.0)])
def test_playing_time_is_in_seconds(facts_of, name: str, seconds: float) -> None:
    facts = facts_of(make.sample(name), name)
    assert (facts.type, facts.duration, facts.truncated) == ("mp4", seconds, False)


@pytest.mark.parametrize("name", ["good.wmv", "weak.wmv", "short.mp4", "long.mp4"])
def test_a_video_shorter_than_its_header_says_is_truncated(facts_of, name: str) -> None:
    content = make.sample(name)
    facts = facts_of(content[: len(content) * 2 // 3], name)
    assert (facts.truncated, facts.error) == (True, "视频文件不完整，结尾部分缺失")


def test_a_video_that_keeps_mediainfo_busy_is_given_up_in_time(facts_of, monkeypatch) -> None:
    monkeypatch.setattr("intake.measure.video.SECONDS", 0.3)
    content = bytearray(make.sample("short.mp4"))
    content[content.index(b"elst") + 8] = 0xBC  # an edit list that claims three thousand million entries
    started = time.monotonic()
    facts = facts_of(bytes(content), "1.mp4")
    assert time.monotonic() - started < 5
    assert (facts.type, facts.duration) == ("mp4", None) and "视频文件已损坏" in (facts.error or "")


def test_a_video_with_a_damaged_header_does_not_make_measuring_raise(facts_of) -> None:
    content = make.sample("short.mp4")
    for at in (30, 400, 660, 1300):
        assert facts_of(content[:at] + b"\xa5" * 9 + content[at + 9 :], "1.mp4").type


def test_a_video_of_which_only_the_beginning_came_is_an_error(facts_of) -> None:
    assert facts_of(make.sample("weak.wmv")[:60], "a.wmv").error == "视频文件已损坏或不完整，无法读出内容"


# --- hostile ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        make.docx("题目", ["正文" * 20]),
        make.table_xlsx("表", "某局", "8月1日", ["作品类别", "作品名称"], [["图片", "灯塔"], ["图片", "桥"]]),
        make.jpeg(160, 120),
        ole("Workbook"),
    ],
    ids=["docx", "xlsx", "jpeg", "xls"],
)
def test_no_damage_makes_measuring_raise(facts_of, content: bytes) -> None:
    for at in range(0, len(content), max(1, len(content) // 25)):
        broken = content[:at] + bytes(byte ^ 0xA5 for byte in content[at : at + 9]) + content[at + 9 :]
        assert facts_of(broken, "附件").type
        assert facts_of(content[:at], "附件").type
