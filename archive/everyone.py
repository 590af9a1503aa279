"""All units of a campaign at once: what is held for each, and every checklist with what only all together show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from archive.checklist import checklist
from archive.judging.applicants import Elsewhere, twice
from archive.ledger import Ledger
from archive.records import Checklist, Holdings
from config.campaign import Campaign
from config.roster import Roster


def holdings_of_all(ledger: Ledger, campaign: Campaign, roster: Roster) -> dict[str, Holdings]:
    """What is held for every unit of the roster, by code; the lists in force even where nothing came."""
    held = ledger.decisions.holdings(campaign.id)
    lists = ledger.listings.in_force(campaign.id)
    everyone = ledger.listings.registered_for_all(campaign.id)
    nothing = {unit.code: Holdings(campaign.id, unit.code, (), everyone, lists) for unit in roster.units}
    return {code: held.get(code, empty) for code, empty in nothing.items()}


def elsewhere(campaign: Campaign, roster: Roster, held: Mapping[str, Holdings]) -> dict[str, Elsewhere]:
    """Unit code → its 集体 that other units have too → the names of those units."""
    names = {unit.code: unit.name for unit in roster.units}
    found = twice(campaign, held, {unit.code: unit.parent for unit in roster.units})
    return {
        code: {name: tuple(names[other] for other in others) for name, others in mine.items()}
        for code, mine in found.items()
    }


def checklists_of(
    campaign: Campaign, roster: Roster, held: Mapping[str, Holdings], now: datetime
) -> dict[str, Checklist]:
    """Every unit's checklist at `now`, in the roster's order."""
    found = elsewhere(campaign, roster, held)
    return {unit.code: checklist(campaign, unit, held[unit.code], now, found.get(unit.code)) for unit in roster.units}
