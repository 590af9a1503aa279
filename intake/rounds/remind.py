"""Reminding: the plan is computed anew each round; only what is due now becomes a letter in the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.everyone import checklists_of
from archive.ledger.letters import NewLetter
from archive.records import Holdings, LetterKind
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.letters import overdue, reminder
from intake.reminders import Due
from intake.rounds.answer import PRIORITY, first_state, standing_context, write
from intake.rounds.asking import ask
from intake.rounds.beside import ask_twice, holdings_of_all
from intake.rounds.office import Office
from intake.rounds.planning import planned
from intake.rounds.problems import tell_expired
from intake.rounds.promises import tend
from intake.rounds.wording import ask_about_wording

NO_REASON = "已无待报送材料，或截止时间已过"
"""Why staff find a reminder cancelled."""
IN_ANOTHER = "并入同一单位的另一封提醒"


def remind(office: Office, only: str | None = None) -> list[str]:
    """Write the reminders and overdue letters that are due now; gives their keys.

    What was written earlier and has not left is decided again: it follows the plan.
    """
    ask_about_wording(office)
    tend(office, only)
    tell_expired(office, only)
    now = office.now()
    written = []
    for id, campaign in office.config.campaigns.items():
        if only is not None and id != only:
            continue
        roster = office.config.rosters[id]
        held = holdings_of_all(office, campaign, roster)
        listed = checklists_of(campaign, roster, held, now)
        dues = planned(office, campaign, roster, held, listed, now)
        ask(office, campaign, roster, held, listed)
        ask_twice(office, campaign, roster, held)
        unsent = office.ledger.projected.unsent(id)
        _reconcile(office, campaign, roster, dues, unsent, now)
        for due in dues:
            if due.letter and due.due <= now and due.kind in ("reminder", "overdue") and due.key not in unsent:
                new = _letter(office, campaign, roster.unit(due.unit), due, now)
                if new is not None and office.ledger.letters.put(new, now):
                    written.append(new.letter.key)
    return written


def _reconcile(
    office: Office,
    campaign: Campaign,
    roster: Roster,
    dues: tuple[Due, ...],
    unsent: frozenset[str],
    now: datetime,
) -> None:
    """Unsent letters follow the plan: said anew, put back while something is in the way, or cancelled."""
    wanted = {due.key: due for due in dues}
    inside = {key for due in dues if due.letter for key in due.also}
    for key in unsent:
        due = wanted.get(key)
        if due is None:
            office.ledger.projected.withdraw(key, "cancelled", IN_ANOTHER if key in inside else NO_REASON, now)
        elif not due.letter:
            office.ledger.projected.withdraw(key, "planned", due.reason, now)
        else:
            new = _letter(office, campaign, roster.unit(due.unit), due, now)
            if new is not None:
                office.ledger.projected.rewrite(new.letter, now)


def _letter(office: Office, campaign: Campaign, unit: Unit, due: Due, now: datetime) -> NewLetter | None:
    mailbox = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    if mailbox is None or not due.deadlines:
        return None
    held = office.ledger.decisions.holdings(campaign.id, unit.code).get(unit.code, Holdings(campaign.id, unit.code))
    context = standing_context(office, campaign, unit, held, due.turn)
    kind: LetterKind = "reminder" if due.kind == "reminder" else "overdue"
    words = reminder(context, *due.deadlines) if kind == "reminder" else overdue(context, *due.deadlines)
    state = "queued" if due.forced else first_state(campaign, kind)
    letter = write(office, mailbox, campaign, due.key, kind, unit.code, due.to, words, (), state)
    expires = due.deadlines[0] if kind == "reminder" else None
    said = {"also": list(due.also)} if due.also else {}
    return NewLetter(replace(letter, due=max(due.due, now), expires=expires, said=said), mailbox, PRIORITY[kind])
