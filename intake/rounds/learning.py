"""Learning: what persons confirmed becomes a model for each campaign (or series); names they taught join the roster.

Models live in memory alone and follow from the ledger; nothing here changes a decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archive.judging.spelling import fold
from archive.records import Held
from config.campaign import Campaign
from config.roster import Roster
from intake.learned import Example, Model, examples, names_of
from intake.rounds.memory import Memory
from intake.rounds.office import Office


def learn(office: Office) -> bool:
    """Train every campaign's model anew when persons decided something since; gives whether it did."""
    memory = office.memory
    with memory.lock:
        state = office.ledger.decisions.by_persons()
        if state == memory.state:
            return False
        told = {id: _confirmed(office, memory, id) for id in office.config.campaigns}
        memory.models = {
            id: trained(office, campaign, [one for other in shared(office, campaign) for one in told[other]])
            for id, campaign in office.config.campaigns.items()
        }
        memory.state = state
        return True


def model_of(office: Office, campaign: str) -> Model | None:
    """The model as last trained; a program that has not learned yet learns now."""
    memory = office.memory
    if memory.state is None:
        learn(office)
    return memory.models.get(campaign)


def trained(office: Office, campaign: Campaign, told: Iterable[Example]) -> Model:
    """The campaign's model from these confirmed files."""
    return Model(campaign, told, names_of(office.config.rosters[campaign.id]))


def shared(office: Office, campaign: Campaign) -> list[str]:
    """The campaigns that teach one another: of one series, else the campaign alone."""
    every = office.config.campaigns
    return [id for id in every if id == campaign.id or (campaign.series and every[id].series == campaign.series)]


def confirmed_of(office: Office, campaign: str) -> tuple[Held, ...]:
    """Every 件 of the campaign of which a person decided something, oldest number first."""
    found = []
    for number in office.ledger.decisions.in_force(campaign, by_persons=True):
        submission, decision = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
        if submission is not None and decision is not None:
            found.append(Held(submission, decision))
    return tuple(found)


def roster_with_names(office: Office, campaign: str) -> Roster:
    """The roster, its units also named as staff taught; the same object as long as nothing was taught since."""
    base, taught = office.config.rosters[campaign], office.ledger.taught.aliases(campaign)
    if not taught:
        return base
    rosters = office.memory.rosters
    made = rosters.get(campaign)
    if made is None or made[0] is not base or made[1] != taught:
        made = rosters[campaign] = (base, taught, roster_named(base, taught))
    return made[2]


def roster_named(roster: Roster, taught: Iterable[tuple[str, str]]) -> Roster:
    """The roster with further (name, unit code) pairs as aliases; a code that is not on it is passed over."""
    names = list(taught)
    return Roster(
        tuple(
            replace(unit, aliases=(*unit.aliases, *(name for name, code in names if code == unit.code)))
            for unit in roster.units
        )
    )


def clashing_name(office: Office, campaign: str, unit: str, alias: str) -> str | None:
    """The other unit that this name already stands for on the roster, or as staff taught; None when it is free."""
    name = fold(alias)
    for one in roster_with_names(office, campaign).units:
        if one.code != unit and name in {fold(each) for each in (one.name, *one.aliases)}:
            return one.name
    return None


def _confirmed(office: Office, memory: Memory, campaign: str) -> list[Example]:
    found: list[Example] = []
    for number, version in office.ledger.decisions.in_force(campaign, by_persons=True).items():
        if memory.known.get(number, (0, ()))[0] != version:
            submission, decision = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
            told = examples(submission, decision) if submission and decision else ()
            memory.known[number] = (version, told)
        found += memory.known[number][1]
    return found
