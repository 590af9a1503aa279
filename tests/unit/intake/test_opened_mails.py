"""Mails that came as files, and what Outlook packs: opened like any archive, nothing of them lost."""

import base64
import hashlib
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.records import Nested
from config.settings import LimitSettings
from intake.worker import Understood, understand_folder
from tests.unit.intake.outlook_files import Tree, compound, message, tnef

TOP = b"From: b@unit.example.test\nSubject: x\nMessage-ID: <1@example.test>\n"


def inner_mail(subject: str, *files: tuple[str, bytes], text: str = "里面的话") -> bytes:
    head = f"From: 县委 <c@county.example.test>\nSubject: {subject}\nDate: Mon, 20 Aug 2018 09:00:00 +0800\n"
    body = "".join(
        f'--i\nContent-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
        f"{base64.encodebytes(data).decode()}"
        for name, data in files
    )
    return f"{head}Content-Type: multipart/mixed; boundary=i\n\n--i\n\n{text}\n{body}--i--\n".encode()


def understood(folder: Path, *files: tuple[str, bytes], text: str = "请查收") -> Understood:
    """One mail with these attachments, all of type application/octet-stream, taken apart."""
    mail = inner_mail("x", *files, text=text)
    (folder / "message.eml").write_bytes(TOP + mail[mail.index(b"Content-Type: multipart") :])
    result = understand_folder(folder, LimitSettings())
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    long = {name for name in written if name.startswith("words/")}  # what search reads of long texts
    assert written - long == {"message.eml", *(piece.stored for piece in result.pieces)}
    for piece in result.pieces:
        assert hashlib.sha256((folder / piece.stored).read_bytes()).hexdigest() == piece.sha256
    return result


def zipped(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def paths(result: Understood) -> list[tuple[str, str | None, str | None]]:
    return [(piece.path, piece.within, piece.problem) for piece in result.pieces]


SENT = datetime(2018, 8, 20, 1, tzinfo=UTC)


def test_a_mail_that_came_as_a_file_is_opened_and_who_sent_it_is_known(tmp_path: Path) -> None:
    result = understood(tmp_path, ("转发.eml", inner_mail("原稿", ("总结.doc", b"x"))))
    assert paths(result) == [("2", None, None), ("2/2", "2", None)]
    assert result.pieces[1].name == "总结.doc"
    assert result.pieces[1].stored == "files/转发.eml.内容/总结.doc"
    assert result.mail.nested == (Nested("2", "c@county.example.test", "县委", "原稿", SENT),)
    assert (result.mail.text, result.mail.quoted) == ("请查收", "里面的话")


def test_mails_in_a_zip_are_opened_and_archives_in_them_too(tmp_path: Path) -> None:
    mail = inner_mail("原稿", ("材料.zip", zipped({"1.txt": b"one"})))
    result = understood(tmp_path, ("全部.zip", zipped({"转发/a.eml": mail})))
    assert paths(result) == [
        ("2", None, None),
        ("2/转发/a.eml", "2", None),
        ("2/转发/a.eml/2", "2/转发/a.eml", None),
        ("2/转发/a.eml/2/1.txt", "2/转发/a.eml/2", None),
    ]
    assert [each.path for each in result.mail.nested] == ["2/转发/a.eml"]


def test_a_mail_is_known_by_its_headers_where_its_name_says_nothing(tmp_path: Path) -> None:
    result = understood(tmp_path, ("附件", inner_mail("原稿", ("1.txt", b"x"))))
    assert [piece.path for piece in result.pieces] == ["2", "2/2"]


def test_a_text_that_only_begins_like_a_letter_is_no_mail(tmp_path: Path) -> None:
    result = understood(tmp_path, ("说明.txt", b"To: all units\nplease send everything\n"))
    assert (result.pieces[0].problem, result.mail.nested) == (None, ())


def test_a_file_called_eml_that_is_no_mail_says_so(tmp_path: Path) -> None:
    result = understood(tmp_path, ("坏.eml", b"\x00\x01\x02 no headers at all"))
    assert paths(result) == [("2", None, "damaged")]


def test_mails_and_archives_in_one_another_are_opened_to_a_depth(tmp_path: Path) -> None:
    data = b"innermost"
    for number in range(4):
        data = inner_mail(str(number), ("a.zip", zipped({"b.eml" if number else "c.txt": data})))
    result = understood(tmp_path, ("a.eml", data))
    assert [piece.problem for piece in result.pieces] == [None] * 5 + ["too-deep"]


# --- winmail.dat; no program here writes TNEF, so these come from a small writer of our own ------------------------


@pytest.mark.parametrize("codepage", [936, 65001, None])
def test_the_files_of_a_winmail_dat_have_their_chinese_names(tmp_path: Path, codepage: int | None) -> None:
    data = tnef([("汇总表.xls", b"one"), ("誠信.doc", b"two")], codepage=codepage)
    result = understood(tmp_path, ("winmail.dat", data))
    assert [(piece.path, piece.name, piece.size) for piece in result.pieces[1:]] == [
        ("2/汇总表.xls", "汇总表.xls", 3),
        ("2/誠信.doc", "誠信.doc", 3),
    ]


def test_the_long_name_in_a_winmail_dat_wins(tmp_path: Path) -> None:
    result = understood(tmp_path, ("winmail.dat", tnef([("HUIZO~1.XLS", b"one")], long="汇总表（终稿）.xls")))
    assert result.pieces[1].name == "汇总表（终稿）.xls"


def test_the_words_of_a_winmail_dat_are_the_mails_where_it_has_none(tmp_path: Path) -> None:
    data = tnef([], body="请查收附件。")
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    assert understood(tmp_path / "1", ("winmail.dat", data), text="").mail.text == "请查收附件。"
    with_words = understood(tmp_path / "2", ("winmail.dat", data), text="另附说明")
    assert with_words.mail.text == "另附说明"
    assert with_words.pieces[0].problem is None


@pytest.mark.parametrize(
    "data", [b"\x78\x9f\x3e\x22", b"\x78\x9f\x3e\x22" + b"\xff" * 200, tnef([("a", b"x" * 99)])[:70]]
)
def test_a_damaged_winmail_dat_is_survived(tmp_path: Path, data: bytes) -> None:
    result = understood(tmp_path, ("winmail.dat", data))
    assert result.pieces[0].problem in ("damaged", None)


def test_another_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    assert paths(understood(tmp_path, ("winmail.dat", b"no TNEF at all"))) == [("2", None, None)]


# --- .msg ---------------------------------------------------------------------------------------------------------


def saved(**attachments: bytes | Tree) -> bytes:
    named = {name.replace("_", "."): data for name, data in attachments.items()}
    return compound(message("原稿", "领导好：\r\n请审阅。", "c@county.example.test", "县委", named))


def test_a_saved_message_of_outlook_gives_its_files_and_words(tmp_path: Path) -> None:
    result = understood(tmp_path, ("原稿.msg", saved(总结_doc=b"x" * 5000, 表_xls=b"y")))
    assert [(piece.path, piece.size) for piece in result.pieces[1:]] == [("2/总结.doc", 5000), ("2/表.xls", 1)]
    assert result.mail.nested == (Nested("2", "c@county.example.test", "县委", "原稿", SENT),)
    assert result.mail.quoted == "领导好：\n请审阅。"


def test_a_message_within_a_message_is_opened_too(tmp_path: Path) -> None:
    inside = message("更早", "里面", "d@town.example.test", "镇", {"1.txt": b"one"})
    result = understood(tmp_path, ("原稿.msg", saved(更早=inside)))
    assert [piece.path for piece in result.pieces] == ["2", "2/更早/1.txt"]
    assert [(each.path, each.sender) for each in result.mail.nested] == [
        ("2", "c@county.example.test"),
        ("2/更早", "d@town.example.test"),
    ]


def test_a_cut_message_is_damaged_and_an_old_word_file_is_no_message(tmp_path: Path) -> None:
    whole = saved(总结_doc=b"x" * 50_000)
    other = compound({"WordDocument": b"x" * 600})
    result = understood(tmp_path, ("a.msg", whole[: len(whole) // 2]), ("b.doc", other))
    assert [(piece.path, piece.problem) for piece in result.pieces][-1] == ("3", None)
    assert all("doc" not in path for path, _, _ in paths(result))
