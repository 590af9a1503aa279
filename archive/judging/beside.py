"""What tables and lists beside the mail say of an item: 集体 twice, conditions not met, filings not done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from archive.judging.applicants import Applicant, applicants, applicants_item, applied_for, found_elsewhere, repeated
from archive.judging.eligible import Known, Standing, failures, standings
from archive.judging.filings import listed_under, listing_for, said_not_filed, subjects
from archive.judging.item_rules import View
from archive.records import Finding, Holdings
from config.campaign import Campaign, Item
from config.roster import Unit


def beside(view: View, now: datetime) -> list[Finding]:
    """The findings of this item that no rule of the item makes; most are for staff."""
    found: list[Finding] = []
    table = applicants_item(view.campaign)
    if table is not None and view.item.id == table.id:
        found += repeated(view.groups)
        mine: Sequence[Applicant] = applicants(view.groups)
        on = reckoned_at(view.campaign, table, view.unit, now)
        known = Known(view.unit.code, view.lists, view.notes, on, view.elsewhere)
        found += failures(standings(view.campaign.eligibility, mine, known))
    if view.item.kind == "filing" and listing_for(view.lists, "filing", view.unit.code) is None:
        found += said_not_filed(view)
    if view.item.id == (table.id if table is not None else _filing(view.campaign)):
        found += found_elsewhere(view.elsewhere, subjects(view))
    return found


def _filing(campaign: Campaign) -> str | None:
    return next((item.id for item in campaign.items if item.kind == "filing" and item.owed_by == "unit"), None)


def reckoned_at(campaign: Campaign, item: Item | None, unit: Unit, now: datetime) -> date:
    """The day at which ages are reckoned: the last day of the table's deadline, else today, in the campaign's zone."""
    moment = campaign.deadline_for(item, unit.code, unit.kind, None, now) if item is not None else None
    return ((moment - timedelta(microseconds=1)) if moment else now).astimezone(campaign.zone).date()


def eligibility(
    campaign: Campaign,
    unit: Unit,
    holdings: Holdings,
    now: datetime,
    elsewhere: dict[str, tuple[str, ...]] | None = None,
) -> tuple[Standing, ...]:
    """Every condition for every 集体 the unit applies for, or that the filing list has under it."""
    mine = applied_for(campaign, holdings)
    mine = mine or listed_under(listing_for(holdings.lists, "filing", unit.code), unit.code)
    on = reckoned_at(campaign, applicants_item(campaign), unit, now)
    known = Known(unit.code, holdings.lists, holdings.registered, on, elsewhere or {})
    return standings(campaign.eligibility, mine, known)
