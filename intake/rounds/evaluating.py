"""Evaluating: what persons confirmed, gathered from the ledger for `intake.evaluation`."""

from __future__ import annotations

from config.campaign import Campaign
from config.roster import Roster
from intake.evaluation import Outcome, Without, evaluate
from intake.learned import examples
from intake.rounds.learning import confirmed_of, roster_named, shared, trained
from intake.rounds.office import Office


def outcomes(office: Office, campaign: Campaign) -> list[Outcome]:
    """Every confirmed unit and piece of the campaign beside what the program would decide; [] when there are none."""
    lessons = office.ledger.taught.all(campaign.id)

    def without(numbers: frozenset[str]) -> Without:
        kept = [one for one in lessons if one.number not in numbers]
        addresses: dict[str, tuple[tuple[str, str], ...]] = {
            one.text: ((campaign.id, one.unit),) for one in kept if one.kind == "address"
        }
        return Without(_roster(office, campaign, [(o.text, o.unit) for o in kept if o.kind == "alias"]), addresses)

    others = [
        one
        for id in shared(office, campaign)
        if id != campaign.id
        for held in confirmed_of(office, id)
        for one in examples(held.submission, held.decision)
    ]
    held = confirmed_of(office, campaign.id)
    return evaluate(campaign, held, others, lambda told: trained(office, campaign, told), without)


def _roster(office: Office, campaign: Campaign, names: list[tuple[str, str]]) -> Roster:
    base = office.config.rosters[campaign.id]
    return roster_named(base, names) if names else base
