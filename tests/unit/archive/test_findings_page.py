"""docs/findings.md tells every finding code there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from archive.judging.findings import CODES, STAFF_CODES

PAGE = Path(__file__).parents[3] / "docs" / "findings.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, ...]]:
    return {code: rest for code, *rest in ROW.findall(PAGE.read_text("utf-8"))}


def test_the_page_tells_every_code_and_no_other():
    assert set(rows()) == set(CODES)


def test_the_page_gives_the_same_meaning_as_the_code():
    assert {code: meaning for code, (meaning, *_) in rows().items()} == dict(CODES)


def test_what_waits_for_staff_is_marked_so():
    assert {code for code, (_, severity, _) in rows().items() if severity == "waits for staff"} == STAFF_CODES


def test_every_code_has_an_example_sentence():
    assert all(len(example) > 8 for *_, example in rows().values())
