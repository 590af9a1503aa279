"""A ZIP as it is handed over: any names, other programs, and every way in which one is not whole."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.export.parcel import CannotHandOver, Copy, made
from archive.export.zipped import Zipped

LETTERS = st.characters(codec="utf-8", exclude_characters='/\\:*?"<>|', exclude_categories=["Cc", "Cs"])
NAMES = st.text(LETTERS, min_size=1, max_size=30).filter(lambda name: name.strip(". ") == name)


def silent(size: int) -> None:
    return None


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=3000), max_size=8))
def test_any_names_come_back_and_are_no_larger_than_was_said(files: dict[str, bytes]) -> None:
    one = Zipped("z.zip", tuple(made(path, data) for path, data in files.items()))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "z.zip"
        one.write(target, silent)
        assert target.stat().st_size <= one.size + 100
        assert one.is_whole(target, silent)
        with zipfile.ZipFile(target) as packed:
            assert {name: packed.read(name) for name in packed.namelist()} == files


def test_one_that_holds_more_or_less_or_other_bytes_is_not_whole(tmp_path: Path) -> None:
    copies = (made("一.txt", b"one"), made("二.jpg", b"two" * 1000))
    target = tmp_path / "z"
    Zipped("z", copies).write(target, silent)
    assert not Zipped("z", copies[:1]).is_whole(target, silent)
    assert not Zipped("z", (*copies, made("三", b""))).is_whole(target, silent)
    data = target.read_bytes()
    for broken in (data.replace(b"twotwo", b"owtowt"), data[:-30], data[: len(data) // 2], b"", b"no zip"):
        target.write_bytes(broken)
        assert not Zipped("z", copies).is_whole(target, silent)


def test_a_damaged_file_of_the_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotHandOver, match="baosong verify"):
        Zipped("z", (Copy("a", b"damaged", "0" * 64, 7),)).write(tmp_path / "z", silent)
