"""Every kind of letter has one name everywhere, and what units answer to is known for ours."""

from __future__ import annotations

from typing import get_args

import pytest

from archive.records import LetterKind
from intake.clues.speech import clean_subject
from intake.saying.names import FOR_STAFF, SUBJECTS, TO_UNITS


def test_every_kind_of_letter_has_a_name() -> None:
    assert set(SUBJECTS) == set(FOR_STAFF) == set(get_args(LetterKind))


@pytest.mark.parametrize("name", TO_UNITS)
def test_the_subject_of_our_own_letter_says_nothing_of_a_unit_that_answers_it(name: str) -> None:
    assert name not in clean_subject(f"回复：【{name}】青年文明号 [编号 WH2018-0042]")
