"""Findings of one 件: what the checklist of its unit says of its pieces."""

from __future__ import annotations

from archive.checklist import checklist
from archive.judging.periods import looked_at
from archive.records import Finding, Holdings
from intake.rounds.office import Office


def findings_of(office: Office, number: str) -> tuple[Finding, ...]:
    """What the checklist of its unit says of one 件, now; of a recurring campaign in the turn it came in."""
    decision = office.ledger.decisions.current(number)
    found = office.campaign(decision.campaign if decision else None)
    if decision is None or found is None:
        return ()
    campaign, roster = found
    submission = office.ledger.arrivals.submission(number)
    at = looked_at(campaign, submission.received, office.now()) if submission is not None else office.now()
    units = {decision.unit} | {piece.unit for piece in decision.pieces}
    result: list[Finding] = []
    for code in sorted(unit for unit in units if unit):
        unit = roster.find(code)
        if unit is not None:
            held = office.ledger.decisions.holdings(campaign.id, code).get(code, Holdings(campaign.id, code))
            listed = checklist(campaign, unit, held, at)
            result += [one for item in listed.items for one in item.findings if one.number == number]
    return tuple(result)
