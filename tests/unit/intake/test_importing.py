"""What counts as a mail when somebody imports files by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.rounds.importing import is_loose


@pytest.mark.parametrize(
    ("name", "begins", "loose"),
    [
        ("总结.docx", b"PK\x03\x04\x14\x00", True),
        ("总结.txt", "威海市环翠区总结".encode("gbk"), True),
        ("1534212000.M1P2.host", b"Return-Path: <a@b.test>\r\n", False),
        ("inbox", b"From a@b.test Fri Aug 10\n", False),
        ("broken.eml", b"\x00\x01", False),
    ],
)
def test_a_file_of_materials_is_no_mail(tmp_path: Path, name: str, begins: bytes, loose: bool) -> None:
    (tmp_path / name).write_bytes(begins)
    assert is_loose(tmp_path / name) is loose
