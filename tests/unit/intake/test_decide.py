"""What staff are asked about a mail, in their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from archive.records import Decision, Evidence
from intake.decide import questions
from tests.unit.intake.judged import HAINAN, mail

AT = datetime(2017, 7, 10, tzinfo=UTC)
QUERY = Decision("HN2017-0004", 1, AT, "auto", "query", "hainan-2017", "WN", 0.9, True, "person")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("question", "来信咨询"), ("no-materials", "来信未附材料"), ("notice", "来信像是通知或函件")],
)
def test_a_mail_that_asks_nothing_is_not_called_a_question(kind: str, words: str) -> None:
    decision = replace(QUERY, evidence=(Evidence(kind, ""),))
    (asked,) = questions(decision, mail("万宁市开放周工作总结"), (), True, HAINAN)
    assert words in asked.question
