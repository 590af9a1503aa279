"""Reminding: the plan is computed anew each round; only what is due now becomes a letter in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from archive.checklist import checklist
from archive.ledger.letters import NewLetter
from archive.records import Checklist, Holdings, Letter, LetterKind
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.letters import Context, overdue, reminder
from intake.reminders import Due, Situation, plan
from intake.rounds.answer import PRIORITY, first_state, write
from intake.rounds.asking import ask
from intake.rounds.beside import ask_twice, elsewhere, holdings_of_all, listed_up_to
from intake.rounds.office import Office
from intake.rounds.promises import tend

NO_REASON = "已无待报送材料，或截止时间已过"
"""Why staff find a reminder cancelled."""


def checklists(office: Office, campaign: Campaign, roster: Roster, now: datetime) -> dict[str, Checklist]:
    """Every unit's checklist at `now`, in the roster's order, with what only all units together show."""
    return _checklists(campaign, roster, holdings_of_all(office, campaign, roster), now)


def _checklists(
    campaign: Campaign, roster: Roster, held: Mapping[str, Holdings], now: datetime
) -> dict[str, Checklist]:
    found = elsewhere(campaign, roster, held)
    return {unit.code: checklist(campaign, unit, held[unit.code], now, found.get(unit.code)) for unit in roster.units}


def plans(
    office: Office, now: datetime, only: str | None = None, again: str | None = None
) -> dict[str, tuple[Due, ...]]:
    """Campaign id -> all that is planned, and what is not and why. again: key of a letter to be planned once more."""
    rosters = office.config.rosters
    return {
        id: _planned(office, campaign, rosters[id], checklists(office, campaign, rosters[id], now), now, again)
        for id, campaign in office.config.campaigns.items()
        if only is None or id == only
    }


def _planned(
    office: Office,
    campaign: Campaign,
    roster: Roster,
    listed: dict[str, Checklist],
    now: datetime,
    again: str | None = None,
) -> tuple[Due, ...]:
    unsent = office.ledger.projected.unsent(campaign.id) | {again}
    said = office.ledger.letters.said(campaign.id)
    return plan(
        campaign,
        roster,
        listed,
        [replace(one, state="planned") if one.key in unsent else one for one in said],
        office.config.calendar,
        office.config.settings.answers,
        situation(office, campaign, roster, listed),
        now,
    )


def _still_announced(listed: Checklist) -> bool:
    """Whether the unit said that what lacks comes later; once the deadline is over that no longer holds letters."""
    return any(
        item.announced and item.state in ("none", "short") and (item.deadline is None or listed.now < item.deadline)
        for item in listed.items
    )


def situation(office: Office, campaign: Campaign, roster: Roster, listed: Mapping[str, Checklist]) -> Situation:
    """What keeps a reminder back: mails still to be answered, questions to staff, announced parts, bad addresses."""
    busy = {unit: "有来件尚待答复" for unit in office.ledger.windows.open_windows(campaign.id) if unit}
    busy |= office.ledger.decisions.busy_units(campaign.id)
    for code, one in listed.items():
        if code not in busy and _still_announced(one):
            busy[code] = "来信说明另有材料随后报送"
    bounced = office.ledger.letters.bounced_addresses()
    learned: dict[str, str] = {}
    for address, pairs in office.ledger.taught.addresses().items():
        learned |= {unit: address for id, unit in pairs if id == campaign.id}
    addresses = {}
    for unit in roster.units:
        usable = [a for a in (*unit.emails, learned.get(unit.code, "")) if a and a.lower() not in bounced]
        if usable:
            addresses[unit.code] = usable[0]
    return Situation(
        busy=busy,
        addresses=addresses,
        never=frozenset(office.config.settings.answers.never),
        registered=listed_up_to(office.ledger.listings.in_force(campaign.id), ""),
        queue_empty=office.ledger.decisions.queue_empty(campaign.id),
    )


def remind(office: Office, only: str | None = None) -> list[str]:
    """Write the reminders and overdue letters that are due now; gives their keys.

    What was written earlier and has not left is decided again: it follows the plan.
    """
    tend(office, only)
    now = office.now()
    written = []
    for id, campaign in office.config.campaigns.items():
        if only is not None and id != only:
            continue
        roster = office.config.rosters[id]
        held = holdings_of_all(office, campaign, roster)
        listed = _checklists(campaign, roster, held, now)
        planned = _planned(office, campaign, roster, listed, now)
        ask(office, campaign, roster, held, listed)
        ask_twice(office, campaign, roster, held)
        unsent = office.ledger.projected.unsent(id)
        _reconcile(office, campaign, roster, planned, unsent, now)
        for due in planned:
            if due.letter and due.due <= now and due.kind in ("reminder", "overdue") and due.key not in unsent:
                new = _letter(office, campaign, roster.unit(due.unit), due, now)
                if new is not None and office.ledger.letters.put(new, now):
                    written.append(new.letter.key)
    return written


def _reconcile(
    office: Office,
    campaign: Campaign,
    roster: Roster,
    planned: tuple[Due, ...],
    unsent: frozenset[str],
    now: datetime,
) -> None:
    """Unsent letters follow the plan: said anew, put back while something is in the way, or cancelled."""
    wanted = {due.key: due for due in planned}
    for key in unsent:
        due = wanted.get(key)
        if due is None:
            office.ledger.projected.withdraw(key, "cancelled", NO_REASON, now)
        elif not due.letter:
            office.ledger.projected.withdraw(key, "planned", due.reason, now)
        else:
            new = _letter(office, campaign, roster.unit(due.unit), due, now)
            if new is not None:
                office.ledger.projected.rewrite(new.letter, now)


def decided_again(office: Office, letter: Letter) -> Due | None:
    """How the plan stands, at this very moment, to a reminder or overdue letter that is about to leave."""
    planned = plans(office, office.now(), letter.campaign, letter.key).get(letter.campaign or "", ())
    return next((due for due in planned if due.key == letter.key), None)


def planned_letters(office: Office, now: datetime) -> list[Letter]:
    """Letters that are planned but not yet written, for the outbox."""
    result = []
    for id, planned in plans(office, now).items():
        unsent = office.ledger.projected.unsent(id)
        for due in planned:
            if due.key not in unsent and due.letter and due.due > now and due.kind in ("reminder", "overdue"):
                subject = f"（计划）{due.reason}"
                result.append(Letter(due.key, due.kind, id, due.unit, due.to, subject, (), "planned", due.due))
    return result


def _letter(office: Office, campaign: Campaign, unit: Unit, due: Due, now: datetime) -> NewLetter | None:
    mailbox = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    if mailbox is None:
        return None
    held = office.ledger.decisions.holdings(campaign.id, unit.code).get(unit.code, Holdings(campaign.id, unit.code))
    listed = checklist(campaign, unit, held, now)
    deadlines = [item.deadline for item in listed.items if item.item in due.items]
    deadlines += [_of_total(campaign, listed, id) for id in due.items]
    dated = [moment for moment in deadlines if moment is not None]
    if not dated:
        return None
    context = Context(
        campaign=campaign, unit=unit, checklist=listed, before=None, numbers=(), held=held.held, now=now,
        all_said=False, known_address=True, checksums="none", registered=listed_up_to(held.lists, unit.code),
    )  # fmt: skip
    deadline = min(dated)
    kind: LetterKind = "reminder" if due.kind == "reminder" else "overdue"
    words = reminder(context, deadline) if kind == "reminder" else overdue(context, deadline)
    letter = write(office, mailbox, campaign, due.key, kind, unit.code, due.to, words, (), first_state(campaign, kind))
    expires = deadline if kind == "reminder" else None
    return NewLetter(replace(letter, due=max(due.due, now), expires=expires), mailbox, PRIORITY[kind])


def _of_total(campaign: Campaign, listed: Checklist, id: str) -> datetime | None:
    for total in campaign.totals:
        if total.id == id:
            moments = [item.deadline for item in listed.items if item.item in total.items and item.deadline]
            return min(moments) if moments else None
    return None
