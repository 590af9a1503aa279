"""Consequences: which letter would follow if a 件 were decided otherwise, and whether one that left is followed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archive.ledger.letters import UNSENT
from archive.ledger.windows import Answering, DueWindow
from archive.records import Decision, Held, Holdings, LetterKind, Submission
from intake.rounds.answer import compose
from intake.rounds.filing import answering
from intake.rounds.office import Office

LETTERS: Mapping[LetterKind, str] = {
    "receipt": "回执", "shortfall": "补报通知", "neutral": "回执（未定单位）", "thanks": "致谢",
}  # fmt: skip


def answering_after(office: Office, submission: Submission, decision: Decision) -> Answering | None:
    """How a 件 would be answered after a person's decision; an import only when somebody said it is to be."""
    asked = office.ledger.windows.is_to_be_answered(submission.number)
    silent = submission.first_day or (not submission.source.uid and not asked)
    return None if silent else answering(office, submission, decision)


def kind_of_letter(office: Office, submission: Submission, decision: Decision, how: Answering) -> LetterKind:
    """The kind of letter that would answer this 件 alone, decided so."""
    mine = Held(submission, decision)
    held = office.ledger.decisions.holdings(how.campaign, how.unit).get(how.unit, Holdings(how.campaign, how.unit))
    others = tuple(one for one in held.held if one.submission.number != submission.number)
    every = tuple(sorted((*others, mine), key=lambda one: (one.submission.received, one.submission.number)))
    holdings = replace(held, held=every) if how.unit else None
    due = DueWindow(how.mailbox, how.campaign, how.unit, how.reply_to, (mine,), holdings, office.now(), {})
    return compose(office, due).letter.kind


def is_followed_up(office: Office, submission: Submission, decision: Decision, how: Answering) -> bool:
    """Whether a 件 whose letter left is answered once more: a receipt left, and now there is something to mend."""
    sent = office.ledger.windows.answered_with(submission.number)
    if sent is None or sent[1] in UNSENT or sent[0] not in ("receipt", "neutral"):
        return False
    return kind_of_letter(office, submission, decision, how) == "shortfall"


def consequence(office: Office, submission: Submission, decision: Decision) -> str:
    """What would follow from deciding so, in words for staff: “将发出补报通知”."""
    how = answering_after(office, submission, decision)
    if how is None:
        return "不发信"
    sent = office.ledger.windows.answered_with(submission.number)
    if sent is not None and sent[1] not in UNSENT:
        return "将发出补报通知" if is_followed_up(office, submission, decision, how) else "已答复过，不再发信"
    return f"将发出{LETTERS.get(kind_of_letter(office, submission, decision, how), '回信')}"
