"""Consequences: which letter would follow if a 件 were decided otherwise, and whether one that left is followed up."""

from __future__ import annotations

from dataclasses import replace

from archive.ledger.letters import UNSENT
from archive.ledger.windows import Answering, DueWindow
from archive.records import Decision, Held, Holdings, Letter, LetterKind, Submission
from intake.rounds.answer import compose
from intake.rounds.filing import answering
from intake.rounds.office import Office
from intake.saying.names import FOR_STAFF


def answering_after(office: Office, submission: Submission, decision: Decision) -> Answering | None:
    """How a 件 would be answered after a person's decision; an import only when somebody said it is to be."""
    asked = office.ledger.windows.is_to_be_answered(submission.number)
    silent = submission.first_day or (not submission.source.uid and not asked)
    return None if silent else answering(office, submission, decision)


def kind_of_letter(
    office: Office, submission: Submission, decision: Decision, how: Answering, told: Letter | None = None
) -> LetterKind | None:
    """The kind of letter that would answer this 件 alone, decided so; told: the one that left, None = none did.

    None when nothing of what was told is to be corrected.
    """
    mine = Held(submission, decision)
    held = office.ledger.decisions.holdings(how.campaign, how.unit).get(how.unit, Holdings(how.campaign, how.unit))
    others = tuple(one for one in held.held if one.submission.number != submission.number)
    every = tuple(sorted((*others, mine), key=lambda one: (one.submission.received, one.submission.number)))
    holdings = replace(held, held=every) if how.unit else None
    due = DueWindow(
        how.mailbox, how.campaign, how.unit, how.reply_to, (mine,), holdings, office.now(), dict,
        told=() if told is None else (told,),
    )  # fmt: skip
    new = compose(office, due)
    return None if new is None else new.letter.kind


def left(office: Office, number: str) -> Letter | None:
    """The letter that answered this 件 and left; None while it can still be written anew, or there is none."""
    letter = office.ledger.windows.answered_with(number)
    return None if letter is None or (letter.state in UNSENT and not letter.tries) else letter


def is_followed_up(office: Office, submission: Submission, decision: Decision, how: Answering) -> bool:
    """Whether a 件 whose letter left is answered once more: what it told does not hold, or there is more to mend."""
    told = left(office, submission.number)
    return told is not None and kind_of_letter(office, submission, decision, how, told) is not None


def consequence(office: Office, submission: Submission, decision: Decision) -> str:
    """What would follow from deciding so, in words for staff: “将发出补报通知”."""
    how = answering_after(office, submission, decision)
    if how is None:
        return "不发信"
    told = left(office, submission.number)
    kind = kind_of_letter(office, submission, decision, how, told)
    return "已答复过，不再发信" if kind is None else f"将发出{FOR_STAFF[kind]}"
