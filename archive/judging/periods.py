"""What counts for the turn that runs: of an item that is owed every month or quarter, what came since the last turn.

By arrival alone: what comes after a turn has closed counts for the next one (and still settles the closed one, see
`intake.reminders`). What came before is another turn's: it is kept and filed, and neither judged nor asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from archive.records import Held, Holdings, PieceDecision, Registered
from config.campaign import Campaign
from config.roster import Unit

STANDING = ("accept", "upto", "link", "dead-link", "eligible")
"""Registrations that hold from one turn to the next."""


def recurs(campaign: Campaign) -> bool:
    """Whether anything in the campaign falls due again and again."""
    return any(deadline.every is not None for deadline in campaign.deadlines)


def running(campaign: Campaign, unit: Unit, holdings: Holdings, now: datetime) -> Holdings:
    """What is held as it counts at `now` (aware): files and registrations of earlier turns are left out."""
    begins = begun(campaign, unit, now)
    if not begins:
        return holdings
    alone = all(item.id in begins for item in campaign.items if item.owed_by == "unit" and not item.rolling)
    first = min(begins.values()) if alone else None
    held = (_held(one, begins, first) for one in holdings.held)
    notes = tuple(note for note in holdings.registered if _counts(note, begins, first))
    return replace(holdings, held=tuple(one for one in held if one is not None), registered=notes)


def begun(campaign: Campaign, unit: Unit, now: datetime) -> dict[str, datetime]:
    """Item id → when the turn that runs at `now` began (UTC); only items that recur."""
    if not recurs(campaign):
        return {}
    found = {item.id: campaign.period_begins(item, unit.code, unit.kind, now) for item in campaign.items}
    return {id: begin for id, begin in found.items() if begin is not None}


def _held(held: Held, begins: Mapping[str, datetime], first: datetime | None) -> Held | None:
    """The 件 with what it brought for earlier turns set aside; None when nothing of it is left."""
    received = held.submission.received
    pieces = tuple(_piece(choice, received, begins) for choice in held.decision.pieces)
    if first is not None and received < first:
        if not any(choice.item and not choice.none for choice in pieces):
            return None
        known = {choice.path for choice in pieces}
        loose = (piece.path for piece in held.submission.pieces if piece.path not in known)
        pieces = tuple(choice if choice.item else replace(choice, none=True) for choice in pieces)
        pieces += tuple(PieceDecision(path, none=True) for path in loose)
    if pieces == held.decision.pieces:
        return held
    said = tuple(word for word in held.decision.announced if not _closed(word.items, received, begins, first))
    return replace(held, decision=replace(held.decision, pieces=pieces, announced=said))


def _piece(choice: PieceDecision, received: datetime, begins: Mapping[str, datetime]) -> PieceDecision:
    begin = begins.get(choice.item or "")
    return replace(choice, none=True) if begin is not None and received < begin else choice


def _closed(items: tuple[str, ...], received: datetime, begins: Mapping[str, datetime], first: datetime | None) -> bool:
    if not items:
        return first is not None and received < first
    return all(item in begins and received < begins[item] for item in items)


def _counts(note: Registered, begins: Mapping[str, datetime], first: datetime | None) -> bool:
    begin = begins.get(note.item) if note.item else first
    return note.by in STANDING or begin is None or note.at >= begin


def looked_at(campaign: Campaign, received: datetime, now: datetime) -> datetime:
    """The moment at which an answer looks at the unit: of a recurring campaign when the mail came, so that one that
    came just before a turn closed is answered for that turn."""
    return min(received, now) if recurs(campaign) else now
