"""Corrections: a person's decision is a further version; what is still open is asked, the last one can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archive.ledger.windows import Answering
from archive.records import Decision, Question, Submission
from intake.decide import questions
from intake.rounds.asking import follow_up
from intake.rounds.consequences import answering_after, is_followed_up
from intake.rounds.office import Office

Asking = Callable[[Decision], tuple[Question, ...]]


def correct(
    office: Office, submission: Submission, change: Callable[[Decision], Decision], who: str, why: str,
    asking: Asking | None = None, undone: int | None = None,
) -> Decision:  # fmt: skip
    """One further version: questions settled, those still open asked anew, an unsent answer written anew.

    A letter that left is followed by one that says what of it does not hold, and what there is to mend now.
    asking: other questions than the pieces that are still undecided.
    """
    before = office.ledger.decisions.current(submission.number)

    def how(decision: Decision) -> Answering | None:
        return answering_after(office, submission, decision)

    new = office.ledger.decisions.decide(
        submission.number, change, office.now(), who, why, how, asking or still_undecided(office, submission), undone
    )
    again = how(new)
    if again is not None and is_followed_up(office, submission, new, again):
        office.ledger.windows.answer_anew(submission.number, again, office.now())
    for decision in (before, new):
        if decision is not None and decision.campaign is not None:
            follow_up(office, decision.campaign, _units(decision))
    return new


def _units(decision: Decision) -> set[str]:
    """Every unit whose materials a 件 brings."""
    return {unit for unit in (decision.unit, *(piece.unit for piece in decision.pieces)) if unit}


def every_question(office: Office, submission: Submission) -> Asking:
    """Everything a decision leaves open, as when the mail came."""

    def asking(decision: Decision) -> tuple[Question, ...]:
        found = office.campaign(decision.campaign)
        told = replace(decision, at=office.now())
        return questions(told, submission.mail, submission.pieces, submission.understood, found[0] if found else None)

    return asking


def still_undecided(office: Office, submission: Submission) -> Asking:
    """The pieces a decision leaves undecided: a person who settles one thing has not settled the others."""

    def asking(decision: Decision) -> tuple[Question, ...]:
        if decision.discarded:
            return ()
        every = every_question(office, submission)(decision)
        return tuple(one for one in every if one.kind == "undecided-piece")

    return asking


def undoable(office: Office, number: str) -> tuple[Decision, Decision] | None:
    """(the last staff decision not yet taken back, the one before it); None when there is none."""
    taken_back = {event.data.get("version") for event in office.ledger.events.of(number) if event.kind == "undone"}
    kept: list[Decision] = []
    for decision in office.ledger.decisions.versions(number):
        if decision.version in taken_back:
            kept.pop()
        else:
            kept.append(decision)
    return (kept[-1], kept[-2]) if len(kept) > 1 else None


def undo(office: Office, submission: Submission, last: Decision, before: Decision, who: str, why: str) -> Decision:
    """The decision before the last one holds again, as a further version; what was open then is asked again."""
    words = f"撤销第 {last.version} 版（{last.why or '改判'}）" + (f"：{why}" if why else "")
    asking = every_question(office, submission)
    return correct(office, submission, lambda _: before, who, words, asking, last.version)
