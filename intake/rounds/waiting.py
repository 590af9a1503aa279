"""The queue as staff read it: what each line may be, why, and what follows when the first guess is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from archive.desk import Waiting
from archive.records import Decision, PieceDecision, Question, Submission
from intake.decide import classify_again
from intake.known import Known
from intake.rounds.consequences import consequence
from intake.rounds.filing import what_is_known
from intake.rounds.office import Office
from intake.rounds.promises import queue
from intake.rounds.settling import ways

log = structlog.get_logger()

REASONS = 3
_OF_A_UNIT = frozenset({"unknown-unit", "unknown-campaign", "failed-sender-check"})


def waiting(office: Office) -> list[Waiting]:
    """Everything that waits for a person, promised files first, oldest first."""
    known = what_is_known(office)
    return [replace(_safely(office, known, one), ways=ways(office, one)) for one in queue(office)]


def _safely(office: Office, known: Known, question: Question) -> Waiting:
    try:
        return _line(office, known, question)
    except Exception:  # what one odd mail would lead to must not hide the rest of the queue
        log.exception("a line of the queue could not be foretold", number=question.number, kind=question.kind)
        return Waiting(question)


def _line(office: Office, known: Known, question: Question) -> Waiting:
    submission = office.ledger.arrivals.submission(question.number) if question.number else None
    decision = office.ledger.decisions.current(question.number) if question.number else None
    if submission is None or decision is None:
        return Waiting(question)
    if question.kind in _OF_A_UNIT:
        return _whose(office, known, question, submission, decision)
    if question.kind == "undecided-piece":
        return _which_item(office, question, submission, decision)
    return Waiting(question)


def _whose(office: Office, known: Known, question: Question, submission: Submission, decision: Decision) -> Waiting:
    likely = []
    for guess in question.guesses[:REASONS]:
        found = office.campaign(guess.campaign)
        unit = found[1].find(guess.unit) if found else None
        if found and unit:
            likely.append(f"{found[0].short}·{unit.name} {guess.confidence:.0%}")
    reasons = [each.text for each in decision.evidence if each.kind not in ("undecided", "conflict")]
    if not likely:
        return Waiting(question, (), tuple(reasons[:REASONS]))
    first = question.guesses[0]
    as_guessed = replace(decision, role="submission", campaign=first.campaign, unit=first.unit, guesses=())
    assigned = classify_again(as_guessed, submission.mail, submission.pieces, known)
    return Waiting(_with(office, question, submission, assigned, "按第一项"), tuple(likely), tuple(reasons[:REASONS]))


def _which_item(office: Office, question: Question, submission: Submission, decision: Decision) -> Waiting:
    found, choice = office.campaign(decision.campaign), decision.piece(question.piece or "")
    if found is None or choice is None:
        return Waiting(question)
    names = {item.id: item.name for item in found[0].items}
    likely = tuple(f"{names.get(item, item)} {share:.0%}" for item, share in choice.guesses[:REASONS])
    reasons = tuple(each.text for each in choice.evidence[:REASONS])
    if not choice.guesses:
        return Waiting(question, likely, reasons)
    settled = _settled(decision, replace(choice, item=choice.guesses[0][0], confidence=1.0, guesses=()))
    return Waiting(_with(office, question, submission, settled, "按第一项"), likely, reasons)


def _settled(decision: Decision, choice: PieceDecision) -> Decision:
    others: Sequence[PieceDecision] = [one for one in decision.pieces if one.path != choice.path]
    return replace(decision, pieces=(*others, choice))


def _with(office: Office, question: Question, submission: Submission, decision: Decision, how: str) -> Question:
    told = consequence(office, submission, decision)
    return replace(question, consequence=f"{question.consequence}；{how}确认，{told}")
