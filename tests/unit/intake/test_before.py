"""What comes in answer to a 补报通知 is known again by what the unit sent before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from archive.records import Decision, Held, PieceDecision, Source, Submission
from intake.clues.before import as_before
from tests.unit.intake.judged import attach, mail

NOW = datetime(2018, 8, 6, tzinfo=UTC)
PRINT = "0f1e2d3c4b5a6978"


def sent(*works: tuple[str, str]) -> Held:
    """A mail of unit HC with pictures: (file, its work)."""
    pieces = tuple(
        replace(one, facts=replace(one.facts, fingerprint=PRINT if one.name == "1.jpg" else None))
        for one in attach(*(name for name, _ in works))
    )
    choices = tuple(
        PieceDecision(piece.path, "photo", work=work) for piece, (_, work) in zip(pieces, works, strict=True)
    )
    decision = Decision(
        "W-1", 1, NOW, "auto", "submission", "weihai-2018", "HC", 1.0, True, "person", pieces=choices
    )  # fmt: skip
    return Held(Submission("W-1", Source("weihai"), "mail", NOW, "x", 1, mail("材料"), pieces), decision)


def again(name: str, *held: Held, fingerprint: str | None = None) -> PieceDecision:
    (piece,) = attach(name)
    piece = replace(piece, facts=replace(piece.facts, fingerprint=fingerprint))
    return as_before([PieceDecision("2", guesses=(("photo", 0.2),))], [piece], held, "HC")[0]


def test_the_same_name_is_the_same_work() -> None:
    found = again("3.jpg", sent(("1.jpg", "渔港"), ("3.jpg", "渔港")))
    assert (found.item, found.work, found.guesses) == ("photo", "渔港", ())
    assert found.evidence[0].text == "与此前所报 W-1 的 3.jpg 同名"


def test_the_same_picture_under_another_name_is_the_same_work() -> None:
    found = again("IMG_2033.jpg", sent(("1.jpg", "渔港"), ("3.jpg", "老街")), fingerprint=PRINT[:-1] + "9")
    assert (found.work, found.evidence[0].text) == ("渔港", "与此前所报 W-1 的 1.jpg 是同一张图片")


def test_a_name_that_two_works_have_says_nothing() -> None:
    assert again("3.jpg", sent(("3.jpg", "渔港"), ("4.jpg", "老街")), sent(("3.jpg", "老街"))).item is None


def test_what_another_unit_sent_says_nothing() -> None:
    other = sent(("3.jpg", "渔港"))
    assert again("3.jpg", replace(other, decision=replace(other.decision, unit="WD"))).item is None
