"""How many questions are left when staff have answered some: one half of a season taught, the other half asked again.

`python -m tests.season.learning tune`. The truth stands for the staff. First only what they would touch is taught: the
pieces and units the program asked about or decided wrongly, each one correction, in the order of the mails. Then every
mail of the taught half is confirmed. Both halves take turns; nothing of the other half is ever taught.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from archive.records import Decision, Evidence, PieceDecision, Source, Submission
from config.settings import LimitSettings
from intake.decide import Ours, decide, questions
from intake.known import Known
from intake.learned import Example, Model, examples, names_of
from intake.worker import MESSAGE, understand_folder
from tests.journeys.mails import build
from tests.season.score import ASK, AT, HERE, NONE, known, named, season, spread

STAFF = (Evidence("staff", "由经办人指定", 100.0),)
ASKED = ("undecided-piece", "unknown-unit", "unknown-campaign")


campaigns = cache(known)


@dataclass(frozen=True)
class Case:
    """One submission of the season with its truth: unit, and item by path."""

    box: str
    submission: Submission
    unit: str | None
    items: Mapping[str, str]


@dataclass
class Taught:
    """What was taught so far, and how it is known to the program."""

    examples: dict[str, list[Example]] = field(default_factory=dict)
    addresses: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    corrections: int = 0


@dataclass
class Left:
    """What the program makes of the other half: open questions (those a clerk would ask too apart), right and wrong."""

    needless: Counter[str] = field(default_factory=Counter)
    rightly: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Left) -> None:
        self.needless += other.needless
        self.rightly += other.rightly
        self.right += other.right
        self.wrong += other.wrong


def cases(half: str) -> Iterator[Case]:
    """Every mail of a half that is a submission in truth, taken apart."""
    for number, (box, entry) in enumerate(season(half), 1):
        if entry["truth"]["role"] != "submission" or entry["truth"]["campaign"] is None:
            continue
        raw = build(entry["mail"], AT, f"{box}@office.example.test", number, HERE, [])
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / MESSAGE).write_bytes(raw)
            said = understand_folder(Path(folder), LimitSettings())
        id = f"{box.upper()}2018-{number:04}"
        submission = Submission(id, Source(box), "mail", AT, "0" * 64, len(raw), said.mail, said.pieces)
        wanted = dict(spread(entry["truth"]["pieces"]))
        items = {path: wanted[name] for name, path in named(said.pieces) if name in wanted}
        yield Case(box, submission, entry["truth"]["unit"], items)


def judged(case: Case, taught: Taught) -> Decision:
    """The program's decision with what was taught."""
    models = {
        one.campaign.id: Model(one.campaign, taught.examples.get(one.campaign.id, ()), names_of(one.roster))
        for one in campaigns().values()
    }
    everything = Known(tuple(campaigns().values()), taught.addresses, learned=models.get)
    ours = Ours(frozenset({f"{case.box}@office.example.test"}), lambda _: False, ())
    one = case.submission
    return decide(one.number, one.mail, one.pieces, case.box, everything, ours, AT)


def corrections(case: Case, decision: Decision, all_: bool) -> Iterator[Decision]:
    """One decision of a person after another, until the truth is in force; all_: what was right is confirmed too."""
    if case.unit is not None and (decision.unit != case.unit or all_):
        decision = replace(decision, unit=case.unit, evidence=STAFF)
        yield decision
    for choice in decision.pieces:
        truth = case.items.get(choice.path)
        if truth not in (None, ASK) and (_said(choice) != truth or all_):
            item = None if truth == NONE else truth
            right = replace(choice, item=item, none=truth == NONE, evidence=STAFF)
            decision = replace(decision, pieces=tuple(right if p is choice else p for p in decision.pieces))
            yield decision


def _said(choice: PieceDecision) -> str:
    return NONE if choice.none else choice.item or ASK


def teach(taught: Taught, case: Case, campaign: str, decision: Decision, roster: frozenset[str]) -> None:
    """What a person decided becomes known: the files, and the sender who is on no roster (记住此发件人)."""
    told = taught.examples.setdefault(campaign, [])
    told += [one for one in examples(case.submission, decision) if one not in told]
    sender = case.submission.mail.sender.lower()
    if decision.unit and sender not in roster and any(each.kind == "staff" for each in decision.evidence):
        taught.addresses[sender] = ((campaign, decision.unit),)


def left(rest: Iterable[Case], taught: Taught) -> Left:
    """What is asked and decided about the other half."""
    found = Left()
    for case in rest:
        decision, one = judged(case, taught), case.submission
        for asked in questions(decision, one.mail, one.pieces, True, None):
            if asked.kind in ASKED:
                truth = case.unit if asked.piece is None else case.items.get(asked.piece)
                if truth in (None, ASK):
                    found.rightly += 1
                else:
                    found.needless[asked.kind] += 1
        if decision.unit is not None and decision.unit != case.unit:
            found.wrong.append(f"{one.number}: {decision.unit}, in truth {case.unit}")
        for choice in decision.pieces:
            truth, said = case.items.get(choice.path), _said(choice)
            if truth is not None and said != ASK:
                found.right += said == truth
                if said != truth:
                    found.wrong.append(f"{one.number} {choice.path}: {said}, in truth {truth} {one.mail.subject!r}")
    return found


def run(all_: bool, every: list[Case], verbose: bool) -> None:
    boxes = campaigns()
    before, after, made = Left(), Left(), []
    for half in (0, 1):
        taught = Taught()
        rest = [case for place, case in enumerate(every) if place % 2 != half]
        before.add(left(rest, taught))
        for case in every[half::2]:
            campaign = boxes[case.box]
            roster = frozenset(email.lower() for unit in campaign.roster.units for email in unit.emails)
            decision = judged(case, Taught())
            for right in corrections(case, decision, all_):
                taught.corrections += 1
                teach(taught, case, campaign.campaign.id, right, roster)
        made.append(taught.corrections)
        after.add(left(rest, taught))
    print("every mail of the half confirmed" if all_ else "only what was asked or wrong corrected")
    print(f"  corrections: {made[0]} and {made[1]}")
    for name, one in (("before", before), ("after", after)):
        asked = sum(one.needless.values())
        print(
            f"  {name}: {asked} questions {dict(one.needless)}, {one.rightly} more that a clerk would ask too;"
            f" pieces right {one.right}, wrong decisions {len(one.wrong)}"
        )
    if verbose:
        print("\n".join(f"    new wrong: {line}" for line in after.wrong if line not in before.wrong))


def main(half: str, verbose: bool) -> None:
    every = list(cases(half))
    print(f"{len(every)} submissions")
    for all_ in (False, True):
        run(all_, every, verbose)


if __name__ == "__main__":
    main(sys.argv[1], "-v" in sys.argv)
