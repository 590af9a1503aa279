"""How well the program decides what persons confirmed: each 件 is judged as if nobody had confirmed it yet. Pure.

Cross-validation: the 件 are dealt into folds by turns, in the order of their numbers; those of one fold are judged with
what was confirmed and taught by the others alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from archive.records import Held
from config.campaign import Campaign
from config.roster import Roster
from intake.classify import classify
from intake.identify import identify
from intake.known import CampaignRoster, Known
from intake.learned import NONE, Example, Model, confirmed, examples

FOLDS = 5


@dataclass(frozen=True)
class Outcome:
    """One confirmed thing. piece None: the unit of the 件. decided None: it would ask. rules: without the model."""

    number: str
    piece: str | None
    truth: str
    decided: str | None
    rules: str | None = None


@dataclass(frozen=True)
class Tally:
    """Counts over outcomes."""

    confirmed: int
    decided: int
    right: int

    @property
    def wrong(self) -> int:
        """Decided otherwise than the person did."""
        return self.decided - self.right

    @property
    def share(self) -> float:
        """Share decided, 0 … 1."""
        return self.decided / self.confirmed if self.confirmed else 0.0

    @property
    def accuracy(self) -> float:
        """Share of the decided that is right, 0 … 1."""
        return self.right / self.decided if self.decided else 0.0


@dataclass(frozen=True)
class Without:
    """What is known without the 件 of one fold: the roster with taught names, and address -> (campaign, unit)."""

    roster: Roster
    addresses: dict[str, tuple[tuple[str, str], ...]]


def evaluate(
    campaign: Campaign,
    held: Sequence[Held],
    others: Iterable[Example],
    train: Callable[[Iterable[Example]], Model],
    without: Callable[[frozenset[str]], Without],
) -> list[Outcome]:
    """Every confirmed unit and piece, judged by what the other folds confirmed and taught.

    held: the 件 of which persons decided something. others: what other campaigns of the series confirmed.
    """
    found: list[Outcome] = []
    elsewhere = list(others)
    for fold in range(min(FOLDS, len(held))):
        mine = held[fold::FOLDS]
        told = [one for h in held if h not in mine for one in examples(h.submission, h.decision)]
        model = train([*told, *elsewhere])
        rest = without(frozenset(h.submission.number for h in mine))
        for one in mine:
            found += _unit(one, campaign, rest)
            found += _pieces(one, campaign, rest.roster, model)
    return sorted(found, key=lambda each: (each.number, each.piece or ""))


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """The counts of these outcomes."""
    every = list(outcomes)
    decided = [each for each in every if each.decided is not None]
    return Tally(len(every), len(decided), sum(each.decided == each.truth for each in decided))


def rules_tally(outcomes: Iterable[Outcome]) -> Tally:
    """The same for the rules alone, without the model."""
    return tally(Outcome(each.number, each.piece, each.truth, each.rules) for each in outcomes)


def confusion(outcomes: Iterable[Outcome]) -> Counter[tuple[str, str | None]]:
    """(truth, decided) -> how often, of the pieces."""
    return Counter((each.truth, each.decided) for each in outcomes if each.piece is not None)


def _unit(one: Held, campaign: Campaign, rest: Without) -> list[Outcome]:
    truth, said = one.decision.unit, one.submission
    if truth is None or not any(each.kind == "staff" for each in one.decision.evidence):
        return []
    known = Known((CampaignRoster(campaign, rest.roster),), rest.addresses)
    seen = identify(said.mail, said.pieces, "", known)
    return [Outcome(said.number, None, truth, seen.unit, seen.unit)]


def _pieces(one: Held, campaign: Campaign, roster: Roster, model: Model) -> list[Outcome]:
    said, unit = one.submission, roster.find(one.decision.unit)
    plain, taught = (
        {each.path: NONE if each.none else each.item for each in classify(said.mail, said.pieces, campaign, unit, how)}
        for how in (None, model)
    )
    return [
        Outcome(said.number, each.path, each.item or NONE, taught.get(each.path), plain.get(each.path))
        for each in confirmed(one.decision)
        if each.path in taught
    ]
