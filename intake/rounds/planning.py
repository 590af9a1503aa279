"""Planning: the plan of reminders from what is held, asked and noted now; every reader of the plan comes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from archive.checklist import checklist
from archive.everyone import checklists_of, elsewhere
from archive.judging.periods import begun
from archive.records import Checklist, Holdings, Letter, LetterState, Note
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.reminders import OVERDUE_DAYS, Due, Places, Situation, in_line, last_day, places, plan
from intake.rounds.beside import holdings_of_all, listed_up_to, names_applicants
from intake.rounds.office import Office

STATES: Mapping[str, LetterState] = {"hold": "held", "cancel": "cancelled"}
"""How a letter of the plan stands after a staff act."""
PLACES_HOLD = timedelta(minutes=10)
"""How long a unit's place among the others is taken as known; it only spreads letters over the days before a step."""


def checklists(office: Office, campaign: Campaign, roster: Roster, now: datetime) -> dict[str, Checklist]:
    """Every unit's checklist at `now`, in the roster's order, with what only all units together show."""
    return checklists_of(campaign, roster, holdings_of_all(office, campaign, roster), now)


def plans(office: Office, now: datetime, only: str | None = None) -> dict[str, tuple[Due, ...]]:
    """Campaign id -> all that is planned, and what is not and why."""
    found = {}
    for id, campaign in office.config.campaigns.items():
        if only is None or id == only:
            roster = office.config.rosters[id]
            held = holdings_of_all(office, campaign, roster)
            found[id] = planned(office, campaign, roster, held, checklists_of(campaign, roster, held, now), now)
    return found


def planned(
    office: Office,
    campaign: Campaign,
    roster: Roster,
    held: Mapping[str, Holdings],
    listed: Mapping[str, Checklist],
    now: datetime,
) -> tuple[Due, ...]:
    """The plan of one campaign from holdings and checklists that are at hand."""
    around = situation(office, campaign, roster, held, listed, now)
    office.memory.places[campaign.id] = now, places(campaign, roster, listed, around.registered, now)
    return plan(
        campaign,
        roster,
        listed,
        _said(office, campaign),
        office.config.calendar,
        office.config.settings.answers,
        around,
        now,
        _in_line(office, campaign, now),
    )


def situation(
    office: Office,
    campaign: Campaign,
    roster: Roster,
    held: Mapping[str, Holdings],
    listed: Mapping[str, Checklist],
    now: datetime,
) -> Situation:
    """What keeps a reminder back: mails still to be answered, questions to staff, announced parts, bad addresses,
    notes, and what staff want of planned letters."""
    busy = {unit: "有来件尚待答复" for unit in office.ledger.windows.open_windows(campaign.id) if unit}
    busy |= office.ledger.decisions.busy_units(campaign.id)
    for code, one in listed.items():
        if code not in busy and _still_announced(one):
            busy[code] = "来信说明另有材料随后报送"
    return Situation(
        busy=busy,
        addresses=addresses(office, campaign, roster),
        never=frozenset(office.config.settings.answers.never),
        registered={code: listed_up_to(one) for code, one in held.items()},
        queue_empty=office.ledger.decisions.queue_empty(campaign.id),
        notes=[note for note in office.ledger.notes.all(campaign.id) if not _written_since(note, held)],
        acts=office.ledger.acts.all(),
        closed=_closed(campaign, roster, held, now),
    )


def addresses(office: Office, campaign: Campaign, roster: Roster) -> dict[str, str]:
    """Unit code → the first of its roster addresses that can be used, else one that staff confirmed.

    A person who reports for several units gets a letter for each: every letter names its unit.
    """
    bounced = office.ledger.letters.bounced_addresses(office.now())
    learned: dict[str, str] = {}
    for address, pairs in office.ledger.taught.addresses().items():
        learned |= {unit: address for id, unit in pairs if id == campaign.id}
    found = {}
    for unit in roster.units:
        usable = [a for a in (*unit.emails, learned.get(unit.code, "")) if a and a.lower() not in bounced]
        if usable:
            found[unit.code] = usable[0]
    return found


def _still_announced(listed: Checklist) -> bool:
    """Whether the unit said that what lacks comes later; once the deadline is over that no longer holds letters."""
    return any(
        item.announced and item.state in ("none", "short") and (item.deadline is None or listed.now < item.deadline)
        for item in listed.items
    )


def _written_since(note: Note, held: Mapping[str, Holdings]) -> bool:
    """Whether the unit wrote again after staff answered it: the answer no longer speaks for it."""
    mine = held[note.unit].held if note.unit in held else ()
    return note.kind == "answered" and any(one.submission.received > note.at for one in mine)


def _closed(
    campaign: Campaign, roster: Roster, held: Mapping[str, Holdings], now: datetime
) -> dict[str, tuple[Checklist, ...]]:
    """The checklists at the ends of turns that closed lately; what came since is among what is held, so that a late
    file settles the turn that closed."""
    if not campaign.late.overdue_letters:
        return {}
    found = {}
    for unit in roster.units:
        ends = sorted(end for end in set(begun(campaign, unit, now).values()) if _asked(campaign, end, now))
        moments = [end - timedelta(microseconds=1) for end in ends]
        if moments:
            found[unit.code] = tuple(checklist(campaign, unit, held[unit.code], moment) for moment in moments)
    return found


def _asked(campaign: Campaign, end: datetime, now: datetime) -> bool:
    """Whether a turn that ended then was asked at all, and not too long ago."""
    return (campaign.opens_at is None or end > campaign.opens_at) and now - end <= timedelta(days=OVERDUE_DAYS)


def deadline_now(office: Office, campaign: str, unit: str) -> date | None:
    """The last day of the deadline that runs for what the unit still owes; None when none does."""
    now, asked = office.now(), office.config.campaigns[campaign]
    mine = [due for due in plans(office, now, campaign)[campaign] if due.unit == unit]
    ahead = [moment for due in mine for moment in due.deadlines if moment > now]
    return last_day(min(ahead), asked) if ahead else None


def decided_again(office: Office, letter: Letter) -> Due | None:
    """How the plan stands, at this very moment, to a reminder or overdue letter that is about to leave.

    Its unit alone is planned anew; where the unit stands among the others is known from the last whole plan.
    """
    asked, now = office.campaign(letter.campaign), office.now()
    unit = asked[1].find(letter.unit) if asked else None
    if asked is None or unit is None:
        return None
    campaign, alone = asked[0], Roster((unit,))
    held = office.ledger.decisions.holdings(campaign.id, unit.code)
    listed = {unit.code: _checklist(office, campaign, asked[1], unit, held[unit.code], now)}
    said = [replace(one, state="planned") if one.key == letter.key else one
            for one in _said(office, campaign, unit.code)]  # fmt: skip
    settings = office.config.settings.answers
    around = situation(office, campaign, alone, held, listed, now)
    found = plan(
        campaign, alone, listed, said, office.config.calendar, settings, around, now, _in_line(office, campaign, now)
    )
    return next((due for due in found if due.key == letter.key), None)


def _in_line(office: Office, campaign: Campaign, now: datetime) -> Places:
    """The places of a campaign's units among all that the same mailbox may have to remind."""
    box = _mailbox(office, campaign)
    every = [one for one in office.config.campaigns.values()
             if one.status == "open" and one.mode != "silent" and _mailbox(office, one) == box]  # fmt: skip
    turn = next((place for place, one in enumerate(every) if one.id == campaign.id), len(every))
    lines = [_places(office, one, now) for one in every]
    return in_line(_places(office, campaign, now), lines[:turn], lines[turn + 1 :])


def _places(office: Office, campaign: Campaign, now: datetime) -> Places:
    """As known from the last plan of that campaign, or looked at now."""
    known = office.memory.places.get(campaign.id)
    if known is None or not timedelta() <= now - known[0] < PLACES_HOLD:
        roster = office.config.rosters[campaign.id]
        held = holdings_of_all(office, campaign, roster)
        registered = {code: listed_up_to(one) for code, one in held.items()}
        known = now, places(campaign, roster, checklists_of(campaign, roster, held, now), registered, now)
        office.memory.places[campaign.id] = known
    return known[1]


def _mailbox(office: Office, campaign: Campaign) -> str | None:
    """Whence its reminders leave."""
    return next((name for name in campaign.mailboxes if office.mailbox(name)), None)


def _checklist(
    office: Office, campaign: Campaign, roster: Roster, unit: Unit, held: Holdings, now: datetime
) -> Checklist:
    """One unit's; the others are looked at only where they could say the same."""
    shared = (
        elsewhere(campaign, roster, holdings_of_all(office, campaign, roster)) if names_applicants(campaign) else {}
    )
    return checklist(campaign, unit, held, now, shared.get(unit.code))


def _said(office: Office, campaign: Campaign, unit: str | None = None) -> list[Letter]:
    """What was said; what is written and was never tried may still change."""
    unsent = office.ledger.projected.unsent(campaign.id)
    said = office.ledger.letters.said(campaign.id, unit)
    return [replace(one, state="planned") if one.key in unsent else one for one in said]


def planned_letters(office: Office, now: datetime) -> list[Letter]:
    """Letters that are planned but not yet written, for the outbox; those too that staff hold (held) or took out
    (cancelled)."""
    acts = office.ledger.acts.all()
    result = []
    for id, dues in plans(office, now).items():
        unsent = office.ledger.projected.unsent(id)
        for due in dues:
            act = acts[due.key].act if due.key in acts else ""
            if due.kind != "phone" and due.key not in unsent and (due.letter or act in STATES):
                subject = f"（计划）{due.reason}"
                state = STATES.get(act, "planned")
                result.append(Letter(due.key, due.kind, id, due.unit, due.to, subject, (), state, due.due))
    return result
