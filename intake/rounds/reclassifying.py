"""Reclassifying: what the program decided is looked at again with all it knows now; a person says whether it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archive.records import Decision, Submission
from intake.reconsider import Change, changes, reconsider
from intake.rounds.corrections import correct, every_question
from intake.rounds.filing import our_own, what_is_known
from intake.rounds.office import Office

WHY = "按现在的规则和已确认的情况重新判定"


@dataclass(frozen=True)
class Proposal:
    """What would change of one 件, against the version it was computed from."""

    submission: Submission
    old: Decision
    new: Decision
    changes: tuple[Change, ...]


def numbers_to_look_at(office: Office, campaign: str) -> list[str]:
    """Every 件 of the campaign, and those of no campaign yet."""
    found = office.ledger.decisions.in_force(campaign) | office.ledger.decisions.in_force(None)
    return sorted(found)


def proposals(office: Office, campaign: str, advance: Callable[[int], None] = lambda _: None) -> list[Proposal]:
    """What the program would decide differently now; nothing is changed."""
    known, ours = what_is_known(office), our_own(office)
    found = []
    for number in numbers_to_look_at(office, campaign):
        submission, old = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
        advance(1)
        if submission is None or old is None:
            continue
        new = reconsider(submission, old, known, ours, office.now())
        differing = tuple(changes(old, new))
        if differing and campaign in (old.campaign, new.campaign):
            found.append(Proposal(submission, old, new, differing))
    return found


def apply(office: Office, proposal: Proposal, who: str) -> bool:
    """Make it a further version; False when somebody decided otherwise in the meantime."""
    number = proposal.submission.number
    current = office.ledger.decisions.current(number)
    if current is None or current.version != proposal.old.version:
        return False
    asking = every_question(office, proposal.submission)
    correct(office, proposal.submission, lambda _: proposal.new, who, WHY, asking)
    return True
