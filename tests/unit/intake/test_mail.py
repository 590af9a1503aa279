"""Mails as they come, taken apart: what they say, and every file byte for byte."""

import base64
import binascii
import hashlib
import os
import quopri
import subprocess
import sys
import time
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.records import Mail, Nested
from config.settings import LimitSettings
from intake.mail import Leaf, MailTooComplex, peek_headers, read_mail
from intake.mime.split import WINDOW

LIMITS = LimitSettings()
TOP = b"From: a@unit.example.test\nTo: office@example.test\nSubject: x\nMessage-ID: <1@example.test>\n"


def read(folder: Path, raw: bytes, limits: LimitSettings = LIMITS) -> tuple[Mail, tuple[Leaf, ...]]:
    (folder / "message.eml").write_bytes(raw)
    return read_mail(folder / "message.eml", folder / "files", limits)


def content(folder: Path, leaf: Leaf) -> bytes:
    data = (folder / leaf.stored).read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (leaf.sha256, leaf.size)
    return data


def mixed(*parts: bytes, boundary: bytes = b"b1", end: bytes = b"--b1--\n") -> bytes:
    body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    return TOP + b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\npreamble\n' + body + end


def attachment(data: bytes, name: bytes = b"a.bin") -> bytes:
    return (
        b'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="'
        + name
        + b'"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(data)
    )


TEXT = b"Content-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n" + "请查收".encode("gbk")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_mail_with_text_and_a_file(tmp_path: Path, line_end: bytes) -> None:
    raw = mixed(TEXT, attachment(bytes(range(256)) * 40, "汇总表.xls".encode("gbk"))).replace(b"\n", line_end)
    mail, (leaf,) = read(tmp_path, raw)
    assert mail.text == "请查收"
    assert (leaf.path, leaf.name, leaf.stored, leaf.inline) == ("2", "汇总表.xls", "files/汇总表.xls", False)
    assert content(tmp_path, leaf) == bytes(range(256)) * 40


def test_a_mail_without_files_makes_no_folder(tmp_path: Path) -> None:
    mail, leaves = read(tmp_path, TOP + b"\nhello\n")
    assert (mail.text, leaves, (tmp_path / "files").exists()) == ("hello", (), False)


def test_headers_say_who_when_and_to_whom(tmp_path: Path) -> None:
    raw = (
        b'From: "=?gb2312?B?'
        + base64.b64encode("朱镕喆, 团市委".encode("gb18030"))
        + b'?=" <Zhu@Unit.example.test>\r\n'
        b"To: " + "报送办公室".encode("gbk") + b" <office@example.test>,\r\n second@example.test\r\n"
        b"Cc: =?utf-8?Q?=E6=8A=84?= <c@example.test>\r\nReply-To: r@example.test\r\n"
        b"Subject: " + "报送材料（喆）".encode("gb18030") + b"\r\n"
        b"Date: Mon, 20 Aug 2018 23:59:59 +0800 (CST)\r\n"
        b"Message-ID:\r\n <m1@example.test>\r\nIn-Reply-To: <p@example.test>\r\n"
        b"References: <o@example.test>\r\n\t<p@example.test>\r\n\r\nx"
    )
    mail, _ = read(tmp_path, raw)
    assert (mail.sender, mail.sender_name) == ("Zhu@Unit.example.test", "朱镕喆, 团市委")
    assert (mail.to, mail.cc) == (("office@example.test", "second@example.test"), ("c@example.test",))
    assert mail.reply_to == ("r@example.test",)
    assert mail.subject == "报送材料（喆）"
    assert mail.date == datetime(2018, 8, 20, 15, 59, 59, tzinfo=UTC)
    assert (mail.message_id, mail.in_reply_to) == ("<m1@example.test>", ("<p@example.test>",))
    assert mail.references == ("<o@example.test>", "<p@example.test>")


@pytest.mark.parametrize(
    ("line", "sender", "name"),
    [
        ("团市委<a@b.test>".encode("gbk"), "a@b.test", "团市委"),
        ('"团市委" <a@b.test>'.encode(), "a@b.test", "团市委"),
        (b"a@b.test", "a@b.test", ""),
        (b"<a@b.test>", "a@b.test", ""),
        (b"a@b.test (=?gbk?B?zcXKsM6v?=)", "a@b.test", None),
        (b"MAILER-DAEMON", "", None),
        (b"=?utf-8?B?YUBiLnRlc3Q=?= <real@b.test>", "real@b.test", "a@b.test"),
    ],
)
def test_senders_in_every_form(tmp_path: Path, line: bytes, sender: str, name: str | None) -> None:
    mail, _ = read(tmp_path, b"From: " + line + b"\n\nx")
    assert mail.sender == sender
    assert name is None or mail.sender_name == name


def test_a_part_with_only_a_name_parameter_is_a_file(tmp_path: Path) -> None:
    part = b'Content-Type: text/plain; name="=?gbk?B?' + base64.b64encode("说明.txt".encode("gbk")) + b'?="\n\nwords'
    _, (leaf,) = read(tmp_path, mixed(part))
    assert (leaf.name, content(tmp_path, leaf)) == ("说明.txt", b"words")


def test_a_part_without_any_name_is_stored_by_its_number_and_type(tmp_path: Path) -> None:
    _, leaves = read(tmp_path, mixed(TEXT, b"Content-Type: image/jpeg\n\nx", b"Content-Type: foo/bar\n\ny"))
    assert [(leaf.name, leaf.stored) for leaf in leaves] == [("", "files/part-2.jpg"), ("", "files/part-3.bin")]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    _, leaves = read(tmp_path, mixed(attachment(b"1"), attachment(b"2")))
    assert [leaf.stored for leaf in leaves] == ["files/a.bin", "files/a (2).bin"]
    assert [content(tmp_path, leaf) for leaf in leaves] == [b"1", b"2"]


def test_inline_pictures_are_marked(tmp_path: Path) -> None:
    html = b'Content-Type: text/html\n\n<p>x<img src="cid:one@x"></p>'
    picture = b'Content-Type: image/png; name="%b.png"\nContent-ID: <%b>\n\ndata'
    said = b'Content-Type: image/png; name="c.png"\nContent-Disposition: inline\n\ndata'
    _, leaves = read(tmp_path, mixed(html, picture % (b"a", b"one@x"), picture % (b"b", b"two@x"), said))
    assert [(leaf.name, leaf.inline) for leaf in leaves] == [("a.png", True), ("b.png", False), ("c.png", True)]


def test_nested_multiparts_have_imap_part_numbers(tmp_path: Path) -> None:
    inner = (
        b'Content-Type: multipart/alternative; boundary="b2"\n\n--b2\n\nplain words\n'
        b"--b2\nContent-Type: text/html\n\n<b>html</b>\n--b2\nContent-Type: text/calendar\n\nBEGIN\n--b2--\nepilogue"
    )
    mail, leaves = read(tmp_path, mixed(inner, attachment(b"x")))
    assert mail.text == "plain words"
    assert [(leaf.path, leaf.stored) for leaf in leaves] == [("1.3", "files/part-1.3.ics"), ("2", "files/a.bin")]


def test_a_missing_last_boundary_loses_nothing(tmp_path: Path) -> None:
    _, (leaf,) = read(tmp_path, mixed(TEXT, attachment(b"whole"), end=b""))
    assert content(tmp_path, leaf) == b"whole"


def test_an_inner_multipart_left_open_ends_at_the_outer_boundary(tmp_path: Path) -> None:
    inner = b'Content-Type: multipart/related; boundary="b2"\n\n--b2\n' + attachment(b"1")
    _, leaves = read(tmp_path, mixed(inner, attachment(b"2")))
    assert [(leaf.path, content(tmp_path, leaf)) for leaf in leaves] == [("1.1", b"1"), ("2", b"2")]


@pytest.mark.parametrize("kind", [b"multipart/mixed", b'multipart/mixed; boundary="never"'])
def test_a_multipart_whose_boundary_is_missing_is_one_file(tmp_path: Path, kind: bytes) -> None:
    _, (leaf,) = read(tmp_path, TOP + b"Content-Type: " + kind + b"\n\n--x\n\nall of it")
    assert (leaf.path, content(tmp_path, leaf)) == ("1", b"--x\n\nall of it")


def test_a_boundary_that_begins_another_is_not_confused(tmp_path: Path) -> None:
    inner = b'Content-Type: multipart/mixed; boundary="b1-2"\n\n--b1-2\n' + attachment(b"1") + b"\n--b1-2--"
    _, leaves = read(tmp_path, mixed(inner, attachment(b"2")))
    assert [content(tmp_path, leaf) for leaf in leaves] == [b"1", b"2"]


def test_quoted_printable_and_binary_files_are_decoded(tmp_path: Path) -> None:
    data = "报送=材料 \n第二行".encode() * 50
    quoted = b'Content-Type: a/b; name="q"\nContent-Transfer-Encoding: Quoted-Printable\n\n' + quopri.encodestring(data)
    plain = b'Content-Type: a/b; name="p"\nContent-Transfer-Encoding: binary\n\n' + data
    _, leaves = read(tmp_path, mixed(quoted, plain))
    assert [content(tmp_path, leaf) for leaf in leaves] == [data, data]


def test_a_uuencoded_part_is_decoded(tmp_path: Path) -> None:
    data = os.urandom(500)
    lines = b"".join(binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    part = b'Content-Type: a/b; name="u"\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 u\n' + lines + b"`\nend\n"
    _, (leaf,) = read(tmp_path, mixed(part))
    assert content(tmp_path, leaf) == data


def test_files_uuencoded_into_the_text_are_found(tmp_path: Path) -> None:
    data = os.urandom(100_000)
    lines = b"".join(binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    file = b"begin 644 " + "汇总表.xls".encode("gbk") + b"\n" + lines + b"`\nend\n"
    mail, (leaf,) = read(tmp_path, TOP + b"\nbegin 2018 well\nwords\n" + file + b"after\n")
    assert (leaf.path, leaf.name) == ("1/1", "汇总表.xls")
    assert content(tmp_path, leaf) == data
    assert mail.text == "begin 2018 well\nwords\nafter"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"aGVsbG8", b"hello"),
        (b"aGVs bG8=", b"hello"),
        (b"aGVs!\nbG8=\nfooter of a list", b"hello"),
        (b"", b""),
        (b"aGVsbG8gd29ybGQ=\n\n\n", b"hello world"),
    ],
)
def test_malformed_base64_gives_what_it_holds(tmp_path: Path, text: bytes, data: bytes) -> None:
    part = b'Content-Type: a/b; name="m"\nContent-Transfer-Encoding: base64\n\n' + text
    _, (leaf,) = read(tmp_path, mixed(part))
    assert content(tmp_path, leaf) == data


@pytest.mark.parametrize("shift", range(-6, 7))
def test_boundaries_across_windows_are_found(tmp_path: Path, shift: int) -> None:
    head = mixed(b'Content-Type: a/b; name="1"\n\n', end=b"")[:-1]
    first = b"\r" * (WINDOW - len(head) + shift - 2)
    raw = head + first + b'\r\n--b1\nContent-Type: a/b; name="2"\n\nsecond\n--b1--\n'
    _, leaves = read(tmp_path, raw)
    assert [content(tmp_path, leaf) for leaf in leaves] == [first, b"second"]


def test_lines_that_look_like_boundaries_are_content(tmp_path: Path) -> None:
    data = b"\n--b2\n--\n-- \n" + b"--b1x" * 400 + b"\n--b1-\n\n"
    _, (leaf,) = read(tmp_path, mixed(b'Content-Type: a/b; name="1"\n\n' + data))
    assert content(tmp_path, leaf) == data


def test_a_forwarded_mail_is_kept_and_opened(tmp_path: Path) -> None:
    inner = mixed(TEXT, attachment(b"inside"), boundary=b"b9", end=b"--b9--\n").replace(
        b"Subject: x", "Subject: 原稿".encode()
    )
    mail, leaves = read(tmp_path, mixed(TEXT, b"Content-Type: message/rfc822\n\n" + inner))
    assert [(leaf.path, leaf.within, leaf.stored) for leaf in leaves] == [
        ("2", None, "files/part-2.eml"),
        ("2/2", "2", "files/a.bin"),
    ]
    assert content(tmp_path, leaves[0]) == inner
    assert content(tmp_path, leaves[1]) == b"inside"
    assert mail.nested == (Nested("2", "a@unit.example.test", "", "原稿", None, "<1@example.test>"),)
    assert (mail.text, mail.quoted) == ("请查收", "请查收")


def test_a_bounce_names_our_letter_status_and_recipient(tmp_path: Path) -> None:
    raw = (
        TOP.replace(b"x\n", b"x\nReturn-Path: <>\n", 1)
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b1\n\n--b1\n\nsorry\n"
        b"--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        b"Final-Recipient: rfc822;\n gone@unit.example.test\nAction: failed\nStatus: 5.1.1\n"
        b"--b1\nContent-Type: message/rfc822\n\nMessage-ID: <letter@office.example.test>\nSubject: y\n\nbody\n--b1--\n"
    )
    mail, leaves = read(tmp_path, raw)
    assert mail.content_type == "multipart/report; report-type=delivery-status"
    assert (mail.report_for, mail.report_status) == ("<letter@office.example.test>", "5.1.1")
    assert mail.report_recipient == "gone@unit.example.test"
    assert [leaf.path for leaf in leaves] == ["3"]
    assert mail.nested == ()
    assert ("return-path", "<>") in mail.guard_headers


def test_returned_headers_alone_name_our_letter(tmp_path: Path) -> None:
    raw = TOP + (
        b"Content-Type: multipart/report; boundary=b1\n\n--b1\nContent-Type: message/delivery-status\n\nStatus: 4.4.1\n"
        b"--b1\nContent-Type: text/rfc822-headers\n\nSubject: y\nMessage-ID:\n <letter@office.example.test>\n--b1--\n"
    )
    mail, leaves = read(tmp_path, raw)
    assert (mail.report_for, mail.report_status, leaves) == ("<letter@office.example.test>", "4.4.1", ())


def test_a_read_receipt_names_our_letter(tmp_path: Path) -> None:
    raw = TOP + (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b1\n\n--b1\n\nread\n--b1\n"
        b"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@unit.example.test\n"
        b"Original-Message-ID: <letter@office.example.test>\nDisposition: manual-action; displayed\n--b1--\n"
    )
    mail, _ = read(tmp_path, raw)
    assert (mail.report_for, mail.report_status) == ("<letter@office.example.test>", None)


def test_headers_the_answering_rules_read_are_kept_in_order(tmp_path: Path) -> None:
    raw = (
        b"Auto-Submitted: auto-replied (x)\nList-Id: <l>\nX-Other: 1\nPrecedence: Bulk\nX-Baosong-Token: t\n"
        + TOP
        + b"\n"
    )
    mail, _ = read(tmp_path, raw)
    assert mail.guard_headers == (
        ("auto-submitted", "auto-replied (x)"),
        ("list-id", "<l>"),
        ("precedence", "Bulk"),
        ("x-baosong-token", "t"),
    )


@pytest.mark.parametrize(
    "mark",
    [
        "-----原始邮件-----\n发件人: a",
        "------------------ Original ------------------\nFrom: a",
        "------------------&nbsp;原始邮件&nbsp;------------------".replace("&nbsp;", " "),
        "发件人：张三\n发送时间：2018年8月1日\n收件人：b",
        "From: a\nSent: Monday\nTo: b",
        "在 2018-08-01 10:00:00，“张三” <a@example.test> 写道：\n原文",
        "At 2018-08-01 10:00:00, a@example.test wrote:\nold",
        "张三 <a@example.test> 于2018年8月1日周三 上午10:00写道：\n旧文",
        "> 引用的话",
    ],
)
def test_quoted_originals_are_cut_off(tmp_path: Path, mark: str) -> None:
    raw = TOP + b"Content-Type: text/plain; charset=utf-8\n\n" + f"现报送材料。\n\n{mark}\n".encode()
    mail, _ = read(tmp_path, raw)
    assert mail.text == "现报送材料。"
    assert mail.quoted == mark.strip()


def test_words_about_mail_are_not_quotes(tmp_path: Path) -> None:
    words = "请见原始邮件。发件人：团委\n我在2018年写道路管理的征文，转发给您。"
    mail, _ = read(tmp_path, TOP + b"Content-Type: text/plain; charset=utf-8\n\n" + words.encode())
    assert (mail.text, mail.quoted) == (words, "")


@pytest.mark.parametrize(
    "line",
    ["在 " + "1" * 190, "x" + "于" * 180 + "2018" * 20, "From:" + "a" * 10, " " * 500_000 + "x", "-" * 500_000],
    ids=["on", "at", "from", "spaces", "dashes"],
)
def test_hostile_text_is_read_in_reasonable_time(tmp_path: Path, line: str) -> None:
    text = (line + "\n") * (900_000 // (len(line.encode()) + 1)) + "写道"
    begin = time.process_time()
    read(tmp_path, TOP + b"Content-Type: text/plain; charset=utf-8\n\n" + text.encode())
    assert time.process_time() - begin < 3


def test_text_of_html_has_no_scripts_and_one_line_a_block(tmp_path: Path) -> None:
    html = "<html><head><meta charset=gb2312><title>t</title><style>p{}</style></head><body><script>x()</script>"
    html += "<div>各位老师：</div><div>报送<b>材料</b>&nbsp;见附件<br>谢谢</div><!-- c --></body></html>"
    mail, _ = read(tmp_path, TOP + b"Content-Type: text/html\n\n" + html.encode("gbk"))
    assert [line for line in mail.text.split("\n") if line] == ["各位老师：", "报送材料 见附件", "谢谢"]


def test_a_huge_text_is_read_to_one_megabyte(tmp_path: Path) -> None:
    mail, leaves = read(tmp_path, TOP + b"\n" + b"word\n" * 1_000_000)
    assert len(mail.text) <= 1024 * 1024
    assert leaves == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 2100,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(10_000)),
        b"Subject: " + b" x\n" * 600_000,
    ],
    ids=["many parts", "deep", "long header"],
)
def test_what_is_too_complex_is_refused_with_a_sentence(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(MailTooComplex, match=r"上限|过长"):
        read(tmp_path, raw)
    assert isinstance(peek_headers(tmp_path / "message.eml"), Mail)


def test_mails_in_mails_are_opened_to_a_depth(tmp_path: Path) -> None:
    mail, leaves = read(tmp_path, TOP + b"Content-Type: message/rfc822\n\n" + b"Content-Type: message/rfc822\n\n" * 50)
    assert [leaf.problem for leaf in leaves] == [None] * 5 + ["too-deep"]
    assert len(mail.nested) == 5


def test_a_look_at_the_headers_survives_everything(tmp_path: Path) -> None:
    raw = b"From: " + "团委 <a@b.test>".encode("gbk") + b"\nSubject: " + "报送".encode("gbk") + b"\nMessage-ID: <1@x>\n"
    (tmp_path / "m").write_bytes(raw + b"X: " + b"y" * 5_000_000)
    mail = peek_headers(tmp_path / "m")
    assert (mail.sender, mail.sender_name, mail.subject, mail.message_id) == ("a@b.test", "团委", "报送", "<1@x>")
    assert peek_headers(tmp_path / "absent") == Mail()


MEASURED = """
import resource, sys
from pathlib import Path
from config.settings import LimitSettings
from intake.mail import read_mail
folder = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
_, (leaf,) = read_mail(folder / "message.eml", folder / "files", LimitSettings())
print(leaf.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_mail_needs_little_memory(tmp_path: Path) -> None:
    data = base64.encodebytes(os.urandom(999_999))
    with (tmp_path / "message.eml").open("wb") as file:
        file.write(mixed(TEXT, attachment(b""), end=b"")[:-1])
        for _ in range(38):
            file.write(data)
    command = [sys.executable, "-c", MEASURED, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[3])
    size, kilobytes = map(int, result.stdout.split())
    assert size == 38 * 999_999
    assert kilobytes < 20 * 1024


files = st.binary(max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(files, min_size=1, max_size=5))
def test_files_equal_what_the_standard_library_extracts(
    tmp_path_factory: pytest.TempPathFactory, data: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("mail")
    raw = mixed(*(attachment(each) for each in data))
    _, leaves = read(folder, raw)
    theirs = [part.get_payload(decode=True) for part in message_from_bytes(raw).walk() if not part.is_multipart()]
    assert [content(folder, leaf) for leaf in leaves] == theirs == data


SHREDS = [
    b"\n",
    b"\r\n",
    b"--b\n",
    b"--b--\n",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Type: text/html\n",
    b"From: <a@b>, (((\n",
    b"<p>",
    b"\xff\xfe",
    b":",
]
junk = st.lists(st.sampled_from(SHREDS) | st.binary(max_size=20), max_size=30).map(b"".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(junk)
def test_any_octets_give_a_mail_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("mail")
    try:
        mail, leaves = read(folder, raw)
    except MailTooComplex:
        return
    (mail.text + mail.quoted + mail.subject + mail.sender).encode("utf-8")
    for leaf in leaves:
        content(folder, leaf)
