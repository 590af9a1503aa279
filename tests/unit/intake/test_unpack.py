"""Archives as units send them, and as nobody should."""

import binascii
import bz2
import gzip
import hashlib
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import libarchive
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.names import safe_name
from config.settings import LimitSettings
from intake.entries import raw_name, zip_name
from intake.mail import Leaf
from intake.measure import measure
from intake.unpack import Unpacker, _segments

LIMITS = LimitSettings()


def opened(
    folder: Path, data: bytes, name: str = "材料.zip", limits: LimitSettings = LIMITS
) -> tuple[dict[str, bytes], str | None, tuple[Leaf, ...]]:
    """Path inside the mail -> content, the problem, the leaves; nothing may lie outside the folder."""
    out = folder / "home" / "files"
    out.mkdir(parents=True)
    (out / name).write_bytes(data)
    leaf = Leaf("2", name, f"files/{name}", hashlib.sha256(data).hexdigest(), len(data))
    packed, *inner = Unpacker(out, limits).opened([leaf])
    leaves, problem = tuple(inner), packed.problem
    written = {f"files/{path.relative_to(out)}" for path in out.rglob("*") if path.is_file()}
    assert written == {leaf.stored, *(each.stored for each in leaves)}
    assert [path for path in folder.rglob("*") if path.is_file() and out not in path.parents] == []
    assert not any(path.is_symlink() for path in out.rglob("*"))
    found = {each.path: (out.parent / each.stored).read_bytes() for each in leaves}
    assert all(hashlib.sha256(found[each.path]).hexdigest() == each.sha256 for each in leaves)
    return found, problem, leaves


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def raw_zip(entries: list[tuple[bytes, bytes]], flags: int = 0) -> bytes:
    """A stored zip with the names' octets exactly as given."""
    body, directory = b"", b""
    for name, data in entries:
        crc = binascii.crc32(data)
        common = struct.pack("<HHHHIIIHH", flags, 0, 0, 0, crc, len(data), len(data), len(name), 0)
        directory += b"PK\x01\x02\x14\x00\x14\x00" + common + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name
        body += b"PK\x03\x04\x14\x00" + common + name + data
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def rar4(name: bytes, data: bytes, flags: int = 0x8000) -> bytes:
    """A RAR 4 archive with one stored file."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", binascii.crc32(head) & 0xFFFF) + head

    size = len(data)
    fields = struct.pack("<IIBIIBBHI", size, size, 2, binascii.crc32(data), 0, 20, 0x30, len(name), 0x20)
    return (
        b"Rar!\x1a\x07\x00"
        + block(0x73, 0, bytes(6))
        + block(0x74, flags, fields + name)
        + data
        + block(0x7B, 0x4000, b"")
    )


def with_libarchive(tmp_path: Path, form: str, filter_name: str | None, entries: dict[str, bytes]) -> bytes:
    target = tmp_path / "made"
    with libarchive.file_writer(str(target), form, filter_name) as archive:
        for name, data in entries.items():
            archive.add_file_from_memory(name, len(data), data)
    data = target.read_bytes()
    target.unlink()
    return data


def test_a_zip_is_opened_with_its_folders(tmp_path: Path) -> None:
    found, problem, leaves = opened(tmp_path, zipped({"材料/": b"", "材料/1.jpg": b"one", "2.doc": b"two"}))
    assert (found, problem) == ({"2/材料/1.jpg": b"one", "2/2.doc": b"two"}, None)
    assert [(leaf.name, leaf.stored, leaf.within) for leaf in leaves] == [
        ("1.jpg", "files/材料.zip.内容/材料/1.jpg", "2"),
        ("2.doc", "files/材料.zip.内容/2.doc", "2"),
    ]


@pytest.mark.parametrize(("codec", "flags"), [("gb18030", 0), ("utf-8", 0), ("utf-8", 0x800)])
def test_names_are_decided_per_entry(tmp_path: Path, codec: str, flags: int) -> None:
    found, problem, _ = opened(tmp_path, raw_zip([("朱镕喆/汇总表.xls".encode(codec), b"x")], flags))
    assert (list(found), problem) == (["2/朱镕喆/汇总表.xls"], None)


def test_entries_of_one_zip_may_differ_in_their_encoding(tmp_path: Path) -> None:
    found, _, _ = opened(tmp_path, raw_zip([("甲".encode("gbk"), b"1"), ("乙.doc".encode(), b"2")]))
    assert list(found) == ["2/甲", "2/乙.doc"]


def test_the_second_octet_of_a_character_is_no_separator(tmp_path: Path) -> None:
    name = "誠信.doc".encode("gbk")
    assert b"\\" in name
    found, problem, _ = opened(tmp_path, raw_zip([(name, b"x"), (b"folder\\plain.doc", b"y")]))
    assert (found, problem) == ({"2/誠信.doc": b"x", "2/folder/plain.doc": b"y"}, None)


def test_what_systems_leave_behind_is_skipped(tmp_path: Path) -> None:
    junk = ["__MACOSX/._1.jpg", "._1.jpg", "Thumbs.db", "a/~$表.docx", ".DS_Store", "a/.DS_Store"]
    found, problem, _ = opened(tmp_path, zipped(dict.fromkeys(junk, b"junk") | {"1.jpg": b"one"}))
    assert (list(found), problem) == (["2/1.jpg"], None)


@pytest.mark.parametrize("name", ["[Content_Types].xml", "OFD.xml", "mimetype", "META-INF/MANIFEST.MF"])
def test_documents_that_are_zips_stay_whole(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path, zipped({name: b"x", "word/document.xml": b"y"}))[:2] == ({}, None)


@pytest.mark.parametrize("data", [b"", b"PK", b"plain text", b"PK\x01\x02" + bytes(2000)])
def test_what_is_no_archive_is_left_alone(tmp_path: Path, data: bytes) -> None:
    assert opened(tmp_path, data)[:2] == ({}, None)


@pytest.mark.parametrize(
    ("form", "filter_name"),
    [("7zip", None), ("ustar", None), ("gnutar", "gzip"), ("pax", "bzip2"), ("pax", "xz"), ("zip", None)],
)
def test_other_archives_take_the_same_way(tmp_path: Path, form: str, filter_name: str | None) -> None:
    entries = {"材料/1.jpg": b"one" * 1000, "2.doc": b"two"}
    found, problem, _ = opened(tmp_path, with_libarchive(tmp_path, form, filter_name, entries))
    assert (found, problem) == ({f"2/{name}": data for name, data in entries.items()}, None)


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_a_single_packed_file_is_opened(tmp_path: Path, pack: Callable[[bytes], bytes], ending: str) -> None:
    data = pack(b"words" * 1000)
    assert opened(tmp_path / "1", data, f"总结.txt.{ending}")[:2] == ({"2/总结.txt": b"words" * 1000}, None)
    assert opened(tmp_path / "2", data[:-9], f"总结.txt.{ending}")[1] == "damaged"


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_a_tar_with_any_names_is_opened(tmp_path: Path, codec: str) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, encoding=codec) as archive:
        info = tarfile.TarInfo("材料/汇总表.xls")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    assert opened(tmp_path, file.getvalue(), "a.tar")[:2] == ({"2/材料/汇总表.xls": b"abc"}, None)


def test_a_rar_is_opened(tmp_path: Path) -> None:
    assert opened(tmp_path, rar4(b"folder\\1.jpg", b"one"), "a.rar")[:2] == ({"2/folder/1.jpg": b"one"}, None)


def test_an_encrypted_rar_says_so(tmp_path: Path) -> None:
    assert opened(tmp_path, rar4(b"1.jpg", b"one" * 8, 0x8004), "a.rar")[:2] == ({}, "encrypted")


def test_an_encrypted_entry_says_so_and_the_others_are_kept(tmp_path: Path) -> None:
    data = bytearray(zipped({"secret.doc": b"x" * 50, "open.doc": b"y"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert opened(tmp_path, bytes(data))[:2] == ({"2/open.doc": b"y"}, "encrypted")


@pytest.mark.parametrize("entries", [{}, {"空文件夹/": b""}, {"__MACOSX/._1.jpg": b"x"}])
def test_an_empty_archive_says_so(tmp_path: Path, entries: dict[str, bytes]) -> None:
    assert opened(tmp_path, zipped(entries))[:2] == ({}, "empty")


def test_a_cut_zip_that_holds_a_document_is_no_document(tmp_path: Path) -> None:
    inner = zipped({"[Content_Types].xml": b"x", "word/document.xml": b"y"})
    data = zipped({"总结.docx": inner, "2.bin": os.urandom(3000)}, zipfile.ZIP_STORED)[:2000]
    found, problem, _ = opened(tmp_path, data)
    assert (found, problem) == ({"2/总结.docx": inner}, "damaged")
    (tmp_path / "材料.zip").write_bytes(data)
    assert measure(tmp_path / "材料.zip", "材料.zip").type == "zip"


def test_a_cut_document_is_no_archive(tmp_path: Path) -> None:
    data = zipped({"[Content_Types].xml": b"x", "word/document.xml": os.urandom(3000)}, zipfile.ZIP_STORED)[:2000]
    assert opened(tmp_path, data, "总结.docx")[:2] == ({}, None)


def test_of_a_cut_zip_the_whole_files_are_kept(tmp_path: Path) -> None:
    data = zipped({"1.bin": os.urandom(5000), "2.bin": os.urandom(5000)})[:7000]
    found, problem, _ = opened(tmp_path, data)
    assert (list(found), problem) == (["2/1.bin"], "damaged")


def test_a_flipped_bit_is_damage_of_that_entry(tmp_path: Path) -> None:
    data = bytearray(zipped({"1.bin": b"1" * 500, "2.bin": b"2" * 500}, zipfile.ZIP_STORED))
    data[100] ^= 1
    found, problem, _ = opened(tmp_path, bytes(data))
    assert (list(found), problem) == (["2/2.bin"], "damaged")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_leaves_nothing(tmp_path: Path, method: int) -> None:
    found, problem, _ = opened(tmp_path, zipped({"small": b"x", "large": bytes(30_000_000)}, method))
    assert (found, problem) == ({}, "bomb")


def test_well_packed_files_of_ordinary_size_are_no_bomb(tmp_path: Path) -> None:
    found, problem, _ = opened(tmp_path, zipped({"white.bmp": bytes(9_000_000)}))
    assert (len(found), problem) == (1, None)


def test_too_many_bytes_are_a_bomb(tmp_path: Path) -> None:
    data = zipped({str(number): b"x" * 100 for number in range(6)})
    assert opened(tmp_path, data, limits=LIMITS.model_copy(update={"archive_bytes": 500}))[:2] == ({}, "bomb")


def test_of_too_many_entries_the_allowed_ones_are_kept(tmp_path: Path) -> None:
    data = zipped({str(number): b"x" for number in range(10_001)})
    found, problem, _ = opened(tmp_path, data)
    assert (len(found), problem) == (10_000, "too-many")


def test_entries_inside_nested_archives_count_too(tmp_path: Path) -> None:
    inner = zipped({str(number): b"x" for number in range(4)})
    data = zipped({"1.zip": inner, "2.zip": inner})
    _, _, leaves = opened(tmp_path, data, limits=LIMITS.model_copy(update={"archive_entries": 8}))
    assert [leaf.problem for leaf in leaves if leaf.name.endswith("zip")] == [None, "too-many"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"../../evil.txt", "2/evil.txt"),
        (b"/etc/evil.txt", "2/etc/evil.txt"),
        (b"a\\..\\..\\evil.txt", "2/a/evil.txt"),
        (b"C:\\evil.txt", "2/C:/evil.txt"),
    ],
)
def test_names_that_lead_outside_stay_inside(tmp_path: Path, name: bytes, path: str) -> None:
    found, problem, _ = opened(tmp_path, raw_zip([(name, b"x")]))
    assert (found, problem) == ({path: b"x"}, "unsafe-name")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_are_not_followed_or_made(tmp_path: Path, kind: bytes) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = kind, "/etc"
        archive.addfile(link)
        info = tarfile.TarInfo("link/passwd")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    assert opened(tmp_path, file.getvalue())[:2] == ({"2/link/passwd": b"x"}, "link")


def test_a_link_in_a_zip_is_not_made(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert opened(tmp_path, file.getvalue())[:2] == ({}, "link")


def test_archives_in_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    data = b"innermost"
    for number in range(7):
        data = zipped({f"{number}.zip" if number else "file.txt": data})
    found, problem, leaves = opened(tmp_path, data)
    assert list(found) == [
        "2/6.zip",
        "2/6.zip/5.zip",
        "2/6.zip/5.zip/4.zip",
        "2/6.zip/5.zip/4.zip/3.zip",
        "2/6.zip/5.zip/4.zip/3.zip/2.zip",
    ]
    assert (problem, [leaf.problem for leaf in leaves]) == (None, [None, None, None, None, "too-deep"])
    assert leaves[1].within == "2/6.zip"


def test_files_of_one_name_are_all_kept(tmp_path: Path) -> None:
    found, _, leaves = opened(
        tmp_path, raw_zip([(b"a.txt", b"1"), (b"a.txt", b"2"), (b"A.TXT", b"3"), (b"a.txt/b", b"4")])
    )
    assert sorted(found.values()) == [b"1", b"2", b"3", b"4"]
    assert len({leaf.stored.casefold() for leaf in leaves}) == 4


def test_two_archives_do_not_share_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "files"
    out.mkdir()
    data = zipped({"1": b"x"})
    long = "长" * 38 + ".zip"
    stored = []
    for path in ("1", "2"):
        (out / long).write_bytes(data)
        _, *leaves = Unpacker(out, LIMITS).opened([Leaf(path, long, f"files/{long}", "", len(data))])
        stored += [leaf.stored for leaf in leaves]
    assert len(set(stored)) == 2
    assert all(len(segment.encode()) <= 120 for name in stored for segment in name.split("/"))


HANZI = st.characters(codec="gb2312", min_codepoint=0x4E00, max_codepoint=0x9FFF)
CHINESE = st.text(HANZI | st.sampled_from("abcXYZ019 -_()."), min_size=1, max_size=40)


@given(CHINESE, st.sampled_from([("utf-8", 0x800), ("utf-8", 0), ("gb18030", 0)]))
@example("毛猫.jpg", ("gb18030", 0))
def test_a_chinese_name_comes_back_however_it_was_packed(name: str, how: tuple[str, int]) -> None:
    with zipfile.ZipFile(io.BytesIO(raw_zip([(name.encode(how[0]), b"")], how[1]))) as archive:
        assert zip_name(archive.infolist()[0]) == name


@given(st.binary(max_size=60))
def test_any_octets_are_a_name(octets: bytes) -> None:
    assert isinstance(raw_name(octets), str)
    assert raw_name(octets).encode("utf-8", "surrogatepass").decode("utf-8") == raw_name(octets)


@given(st.text(max_size=80) | st.text(st.sampled_from("./\\:a·\x00\u202e"), max_size=20))
def test_any_name_stays_in_its_folder(name: str) -> None:
    segments, unsafe = _segments(name)
    assert _segments("/".join(segments))[0] == segments
    for segment in segments:
        assert segment not in ("", ".", "..") and not {"/", "\\", "\x00"} & set(segment)
        stored = safe_name(segment, set())
        assert stored == safe_name(stored, set()) == safe_name(segment, set())
        assert stored not in (".", "..") and len(stored.encode()) <= 120
    if ".." in name.replace("\\", "/").split("/"):
        assert unsafe


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.binary(max_size=5)), max_size=5),
    st.sampled_from([0, 0x800]),
)
def test_any_names_stay_inside(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[bytes, bytes]], flags: int
) -> None:
    opened(tmp_path_factory.mktemp("zip"), raw_zip(entries, flags))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_any_damage_is_survived(tmp_path_factory: pytest.TempPathFactory, place: int, octets: bytes) -> None:
    data = bytearray(zipped({"1.txt": b"one" * 20, "材料/2.txt": b"two"}))
    data[place : place + len(octets)] = octets
    opened(tmp_path_factory.mktemp("zip"), bytes(data))
