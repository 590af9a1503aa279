"""What is held for a unit, from the submissions and the decisions in force."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from archive.ledger.listings import in_force
from archive.records import Decision, Held, Holdings, Registered, Submission, load
from archive.tables import DecisionRow, RegisteredRow, RelayRow, SubmissionRow


def as_submission(row: SubmissionRow) -> Submission:
    """The value of an accepted row."""
    return load(Submission, row.value)


def current(session: Session, number: str) -> Decision | None:
    """The decision in force."""
    row = session.exec(
        select(DecisionRow).where(DecisionRow.number == number, col(DecisionRow.current).is_(True))
    ).first()
    return None if row is None else load(Decision, row.value)


def holdings(session: Session, campaign: str, units: Sequence[str] | None = None) -> dict[str, Holdings]:
    """What is held for the units named (None = every unit that has anything), oldest first."""
    query = (
        select(DecisionRow, SubmissionRow)
        .where(DecisionRow.number == SubmissionRow.number)
        .where(
            DecisionRow.campaign == campaign,
            col(DecisionRow.current).is_(True),
            DecisionRow.role == "submission",
            SubmissionRow.state == "accepted",
        )
        .order_by(col(SubmissionRow.received), col(SubmissionRow.number))
    )
    relays = select(RelayRow).where(RelayRow.campaign == campaign)
    if units is not None:
        via = select(RelayRow.number).where(RelayRow.campaign == campaign, col(RelayRow.unit).in_(units))
        query = query.where(col(DecisionRow.unit).in_(units) | col(DecisionRow.number).in_(via))
    relayed: dict[str, set[str]] = {}
    for relay in session.exec(relays):
        relayed.setdefault(relay.number, set()).add(relay.unit)
    held: dict[str, list[Held]] = {}
    for decision_row, submission_row in session.exec(query):
        one = Held(as_submission(submission_row), load(Decision, decision_row.value))
        for unit in relayed.get(one.submission.number, set()) | ({one.decision.unit} if one.decision.unit else set()):
            held.setdefault(str(unit), []).append(one)
    by_hand: dict[str, list[Registered]] = {}
    registered = select(RegisteredRow).where(RegisteredRow.campaign == campaign).order_by(col(RegisteredRow.id))
    for row in session.exec(registered):
        value = Registered(row.unit, row.item, row.made_by, row.at, row.who, row.note, row.count)
        by_hand.setdefault(row.unit, []).append(value)
    everyone = tuple(by_hand.get("", []))
    lists = in_force(session, campaign)
    wanted = set(units) if units is not None else held.keys() | by_hand.keys() - {""}
    return {
        unit: Holdings(campaign, unit, tuple(held.get(unit, [])), tuple(by_hand.get(unit, [])) + everyone, lists)
        for unit in sorted(wanted)
    }
