"""What all units together show, and what imported lists say: 集体 that two units apply for, filings up to a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from archive import everyone
from archive.everyone import elsewhere
from archive.judging.applicants import applicants_item, same
from archive.judging.filings import listing_for
from archive.records import Holdings, Question
from config.campaign import Campaign, Channel
from config.roster import Roster
from intake.rounds.office import Office

DESK: Mapping[str, Channel] = {"disc": "disc", "paper": "paper", "external": "external"}
"""Channels of which letters speak only up to a day."""


def holdings_of_all(office: Office, campaign: Campaign, roster: Roster) -> dict[str, Holdings]:
    """What is held for every unit of the roster, by code."""
    return everyone.holdings_of_all(office.ledger, campaign, roster)


def listed_up_to(held: Holdings) -> dict[Channel, date]:
    """The day up to which each channel is known, for letters to this unit: filings by the list in force, discs, paper
    and filings by what staff confirmed (登记截至); the latest confirmation for the unit or for all stands."""
    listing = listing_for(held.lists, "filing", held.unit)
    found: dict[Channel, date] = {} if listing is None else {"external": listing.day}
    for note in sorted(held.registered, key=lambda note: note.at):
        if note.by == "upto" and note.item in DESK:
            channel, day = DESK[note.item], date.fromisoformat(note.note)
            newer = channel != "external" or listing is None or day > found["external"]
            found |= {channel: day} if newer else {}
    return found


def ask_twice(office: Office, campaign: Campaign, roster: Roster, held: Mapping[str, Holdings]) -> None:
    """One line of the queue, ever, for each 集体 that several units apply for; it names them all."""
    if campaign.status not in ("open", "closed") or not names_applicants(campaign):
        return
    found = elsewhere(campaign, roster, held)
    asked: list[tuple[str, tuple[str, ...]]] = []
    for code, mine in found.items():
        for name, others in mine.items():
            units = tuple(sorted({roster.unit(code).name, *others}))
            if not any(units == known and same(name, written) for written, known in asked):
                asked.append((name, units))
    now = office.now()
    for name, units in asked:
        office.ledger.decisions.ask(_twice(name, units, now), campaign.id, None, once=True)


def _twice(name: str, units: tuple[str, ...], now: datetime) -> Question:
    text = f"集体“{name}”由{'、'.join(units)}同时申报或报备，由哪个单位申报？"
    return Question(0, "applicant-twice", None, None, text, (), "不可多途径申报；核定后请通知有关单位改报", now)


def names_applicants(campaign: Campaign) -> bool:
    """Whether units name 集体 there, so that one may be named by two."""
    return applicants_item(campaign) is not None or any(item.kind == "filing" for item in campaign.items)
