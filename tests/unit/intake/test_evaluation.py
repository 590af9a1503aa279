"""Evaluating: what persons confirmed is judged by what the others confirmed, never by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from archive.records import Decision, Evidence, Held, PieceDecision, Source, Submission
from intake.evaluation import Without, confusion, evaluate, rules_tally, tally
from intake.learned import Example, Model
from tests.unit.intake.judged import HAINAN, HAINAN_ROSTER, attach, mail

AT = datetime(2017, 7, 10, tzinfo=UTC)
STAFF = (Evidence("staff", "由王指定", 100.0),)


def held(number: int, name: str, item: str, unit: str = "HK", sender: str = "hk@hk.test") -> Held:
    code = f"HN2017-{number:04}"
    said = mail("开放周材料", "现报送。", sender)
    one = Submission(code, Source("hainan"), "mail", AT, str(number).rjust(64, "0"), 1, said, attach(name))
    piece = PieceDecision("2", item, evidence=STAFF)
    decision = Decision(
        code, 2, AT, "王", "submission", "hainan-2017", unit, 1.0, True, "person", evidence=STAFF, pieces=(piece,)
    )
    return Held(one, decision)


def train(told: Iterable[Example]) -> Model:
    return Model(HAINAN, told)


def without(numbers: frozenset[str]) -> Without:
    """private@qq.test was remembered with the first 件 alone."""
    known = {} if "HN2017-0000" in numbers else {"private@qq.test": (("hainan-2017", "SY"),)}
    return Without(HAINAN_ROSTER, known)


def test_the_model_and_the_rules_are_told_apart() -> None:
    every = [held(n, f"窗口见闻录{n}.docx", "experience") for n in range(0, 20, 2)]
    every += [held(n, f"年中回望{n}.docx", "summary") for n in range(1, 20, 2)]
    every.append(held(20, "活动总结.docx", "experience"))
    every.sort(key=lambda one: one.submission.number)
    found = evaluate(HAINAN, every, (), train, without)
    pieces = [one for one in found if one.piece]
    assert tally(pieces).confirmed == 21
    assert (tally(pieces).decided, tally(pieces).right, tally(pieces).wrong) == (21, 20, 1)
    assert (rules_tally(pieces).decided, rules_tally(pieces).wrong) == (1, 1)
    assert confusion(found) == {
        ("experience", "experience"): 10,
        ("summary", "summary"): 10,
        ("experience", "summary"): 1,
    }
    assert tally(one for one in found if one.piece is None).right == 21


def test_what_a_mail_taught_is_not_used_to_judge_it() -> None:
    every = [held(n, "活动总结.docx", "summary", "SY", "private@qq.test") for n in range(3)]
    units = {one.number: one.decided for one in evaluate(HAINAN, every, (), train, without) if one.piece is None}
    assert units == {"HN2017-0000": None, "HN2017-0001": "SY", "HN2017-0002": "SY"}


def test_with_nothing_confirmed_there_is_nothing_to_say() -> None:
    assert evaluate(HAINAN, [], (), train, without) == []
    assert tally([]).share == tally([]).accuracy == 0.0
