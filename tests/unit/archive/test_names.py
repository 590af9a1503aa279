"""Names that are safe on every system."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.names import safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("2.报送汇总表.xls", "2.报送汇总表.xls"),
        ("a/b\\c:d.txt", "a_b_c_d.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("lpt1.doc", "_lpt1.doc"),
        ("尾点. . ", "尾点"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("gpj.\u202excod.exe", "gpj.xcod.exe"),
        ("", "_"),
        ("..", "_"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_name_becomes_one_safe_segment(name: str, safe: str) -> None:
    assert safe_name(name, set()) == safe


def test_a_long_name_is_cut_and_keeps_its_extension() -> None:
    safe = safe_name("材" * 100 + ".docx", set())
    assert safe.endswith("材.docx")
    assert 115 <= len(safe.encode()) <= 120


def test_names_that_differ_only_in_case_do_not_clash() -> None:
    taken: set[str] = set()
    assert [safe_name(name, taken) for name in ("A.jpg", "a.JPG", "A.jpg")] == ["A.jpg", "a (2).JPG", "A (3).jpg"]


@given(st.lists(st.text(max_size=200), max_size=6))
def test_any_names_are_safe_and_distinct(names: list[str]) -> None:
    taken: set[str] = set()
    safe = [safe_name(name, taken) for name in names]
    assert len({name.casefold() for name in safe}) == len(names)
    for name in safe:
        assert 0 < len(name.encode()) <= 120
        assert not set(name) & set('/\\:*?"<>|\x00\r\n')
        assert name not in (".", "..") and not name.endswith((".", " "))
        assert unicodedata.is_normalized("NFC", name)
