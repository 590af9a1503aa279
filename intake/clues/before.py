"""What a unit sends in answer to our letter is known again by what it sent before: the same name, the same picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from archive.judging.alike import nearly_equal
from archive.records import Evidence, Held, Piece, PieceDecision
from intake.clues.furniture import kind_of
from intake.clues.profiles import Profile

Earlier = tuple[str, Piece, PieceDecision]
"""Number, file and decision of something sent before."""


def as_before(
    choices: Iterable[PieceDecision], pieces: Iterable[Piece], held: Iterable[Held], unit: str
) -> tuple[PieceDecision, ...]:
    """The choices, those changed of which exactly one work sent before has a file of that name or look."""
    by_path = {piece.path: piece for piece in pieces}
    earlier = list(_sent(held, unit))
    return tuple(
        _again(one, by_path[one.path], earlier) if one.path in by_path and not one.none else one for one in choices
    )


def as_asked(
    choices: Iterable[PieceDecision],
    pieces: Iterable[Piece],
    wanted: Sequence[Profile],
    held: Iterable[Held],
    unit: str,
) -> tuple[PieceDecision, ...]:
    """The choices; a file nothing else tells is what our letter asked for, where one item asked for takes its kind.

    wanted: the items the letter asked to mend. It is of the one work sent before of that item, if there is only one.
    """
    by_path = {piece.path: piece for piece in pieces}
    earlier = list(_sent(held, unit))
    return tuple(
        _asked(one, by_path[one.path], wanted, earlier)
        if one.path in by_path and one.item is None and not one.none
        else one
        for one in choices
    )


def _asked(choice: PieceDecision, piece: Piece, wanted: Sequence[Profile], earlier: list[Earlier]) -> PieceDecision:
    takers = [each for each in wanted if kind_of(piece) in each.kinds]
    if len(takers) != 1:
        return choice
    sent = {(one.work, one.category): one for _, _, one in earlier if one.item == takers[0].id}
    of = next(iter(sent.values())) if len(sent) == 1 else None
    why = Evidence("asked-for", f"答复补报通知，所要的是“{takers[0].item.name}”", 40.0)
    return replace(
        choice, item=takers[0].id, category=of.category if of else None, work=of.work if of else choice.work,
        confidence=0.8, evidence=(why, *choice.evidence), guesses=(),
    )  # fmt: skip


def _sent(held: Iterable[Held], unit: str) -> Iterator[Earlier]:
    for one in held:
        for piece in one.submission.pieces:
            choice = one.decision.piece(piece.path)
            if choice is not None and choice.item is not None and (choice.unit or one.decision.unit) == unit:
                yield one.submission.number, piece, choice


def _again(choice: PieceDecision, piece: Piece, earlier: list[Earlier]) -> PieceDecision:
    named = [one for one in earlier if piece.name and one[1].name == piece.name]
    alike = [one for one in earlier if nearly_equal(one[1].facts.fingerprint, piece.facts.fingerprint)]
    for found, why in ((alike, "是同一张图片"), (named, "同名")):
        works = {(one.item, one.category, one.work) for _, _, one in found}
        if len(works) == 1:
            number, before, was = found[-1]
            evidence = Evidence("before", f"与此前所报 {number} 的 {before.name} {why}", 60.0)
            return replace(
                choice, item=was.item, category=was.category, subkind=choice.subkind or was.subkind, work=was.work,
                confidence=max(choice.confidence, 0.9), evidence=(evidence, *choice.evidence), guesses=(),
            )  # fmt: skip
    return choice
