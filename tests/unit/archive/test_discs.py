"""Discs: whole 件, in order, never fuller than they are large; and images other programs read."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

import libarchive
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.export.discs import Group, grouped, needed, room_for, spread
from archive.export.image import Image, joliet_name
from archive.export.parcel import CannotHandOver, Copy, deliver, made

MB = 1_000_000


def of_size(name: str, *sizes: int) -> Group:
    return Group(name, tuple(Copy(f"{name}/{n}", b"", "", size, name) for n, size in enumerate(sizes)))


def silent(size: int) -> None:
    return None


@given(st.lists(st.lists(st.integers(0, 90 * MB), min_size=1, max_size=6), min_size=1, max_size=20))
def test_every_件_lies_whole_on_one_disc_in_order_and_no_disc_is_overfull(sizes: list[list[int]]) -> None:
    groups = [of_size(str(n), *some) for n, some in enumerate(sizes)]
    disc = 700 * MB
    discs = spread(groups, disc, always=5 * MB)
    assert [one for some in discs for one in some] == groups
    filled = [room_for(copy for group in some for copy in group.copies) + 5 * MB for some in discs]
    assert all(size <= disc for size in filled)
    for size, after in zip(filled, discs[1:], strict=False):
        assert size + needed(after[0].copies) > disc


def test_what_is_larger_than_a_disc_is_named_with_the_way_out() -> None:
    with pytest.raises(CannotHandOver, match=r"WH2018-0002（5\.2 GB）；请用更大的 --size，如 25GB"):
        spread([of_size("WH2018-0001", MB), of_size("WH2018-0002", 5200 * MB)], 4700 * MB)


def test_what_belongs_to_no_件_is_a_group_of_its_own_and_comes_first() -> None:
    copies = [made("a", b"", "1"), made("b", b""), made("c", b"", "2"), made("d", b"", "1")]
    assert [(one.name, len(one.copies)) for one in grouped(copies, "其他")] == [("其他", 1), ("1", 2), ("2", 1)]


LETTERS = st.characters(codec="utf-8", exclude_characters='/\\:*?"<>|', exclude_categories=["Cc", "Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=40).filter(lambda name: name.strip(". ") == name)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.lists(NAMES, min_size=1, max_size=9).map("/".join), st.binary(max_size=5000), min_size=1, max_size=12
    ).filter(lambda files: not any(str(up) in files for path in files for up in PurePosixPath(path).parents))
)
def test_any_names_come_back_from_an_image_that_is_no_larger_than_was_said(files: dict[str, bytes]) -> None:
    image = Image("d.iso", "TEST_1", tuple(made(path, data) for path, data in files.items()))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "d.iso"
        image.write(target, silent)
        assert target.stat().st_size <= image.size
        assert image.is_whole(target, silent)


def test_an_image_that_holds_more_or_less_or_other_bytes_is_not_whole(tmp_path: Path) -> None:
    copies = (made("甲/一.txt", b"one"), made("二.txt", b"two" * 1000))
    Image("d", "T", copies).write(tmp_path / "d", silent)
    assert not Image("d", "T", copies[:1]).is_whole(tmp_path / "d", silent)
    assert not Image("d", "T", (*copies, made("三", b""))).is_whole(tmp_path / "d", silent)
    data = (tmp_path / "d").read_bytes()
    (tmp_path / "d").write_bytes(data.replace(b"twotwotwo", b"owtowtowt"))
    assert not Image("d", "T", copies).is_whole(tmp_path / "d", silent)
    (tmp_path / "d").write_bytes(b"no image")
    assert not Image("d", "T", copies).is_whole(tmp_path / "d", silent)


def test_isoinfo_and_libarchive_find_every_file_by_its_chinese_name(tmp_path: Path) -> None:
    deep = "电子档案/2018/文书/Z109-WS·2018-D30-办公室-0001/files/青观察-海边的变迁.zip.内容/海边的变迁/原图/大图/1.jpg"
    files = {deep: b"picture" * 999, f"{'长' * 38}.txt": b"long", "其他/a; b+c.txt": b"", f"{'x' * 116}.doc": b"y"}
    image = Image("d.iso", "TEST_1", tuple(made(path, data) for path, data in files.items()))
    deliver([image], tmp_path, "p", silent)
    target = tmp_path / "p/d.iso"
    listed = subprocess.run(["isoinfo", "-R", "-f", "-i", target], capture_output=True, check=True).stdout.decode()
    assert {f"/{path}" for path in files} <= set(listed.splitlines())
    taken = subprocess.run(["isoinfo", "-R", "-x", f"/{deep}", "-i", target], capture_output=True, check=True).stdout
    assert taken == files[deep]
    with libarchive.file_reader(str(target), format_name="iso9660") as entries:
        found = {str(e): hashlib.sha256(b"".join(e.get_blocks())).hexdigest() for e in entries if e.isfile}
    assert found == {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def test_old_windows_gets_short_names_that_differ() -> None:
    taken: set[str] = set()
    names = [joliet_name("长" * 80 + end, taken) for end in (".docx", ".docx", ".pdf", "")]
    assert len({name.lower() for name in names}) == 4
    assert all(len(name.encode()) <= 64 for name in names)
    assert [name.rpartition(".")[2] for name in names[:3]] == ["docx", "docx", "pdf"]
    assert joliet_name("字😀;.txt", taken) == "字__.txt"
