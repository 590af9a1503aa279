"""Previews: the letter a unit would get, from what it really sent and owes; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.ledger.windows import DueWindow
from archive.records import Holdings, LetterKind
from config.campaign import Campaign
from config.roster import Unit
from intake.letters import Words, answer, overdue, problem, reminder
from intake.rounds.answer import context_of, standing_context
from intake.rounds.office import Office
from intake.saying.lacking import open_lines

ANSWERS = ("receipt", "complete", "shortfall", "neutral", "thanks")
DATED = ("reminder", "overdue")
PREVIEWED = (*ANSWERS, *DATED, "problem")


class NothingToSay(Exception):
    """There is no such letter for this unit now; the text says why, in Chinese."""


@dataclass(frozen=True)
class Preview:
    """The kind that would really be written, and its words."""

    kind: LetterKind
    words: Words


def preview(office: Office, campaign: Campaign, unit: Unit, kind: str) -> Preview:
    """The letter of that kind with the unit's real data; an answer is the one its last mail would get now.

    As of an earlier time, from what had come and was registered by then.
    NothingToSay when the unit sent nothing, or nothing is open at a deadline.
    """
    held = _by_now(office, office.ledger.decisions.holdings(campaign.id, unit.code)[unit.code])
    if kind in DATED:
        return _dated(office, campaign, unit, held, kind)
    if not held.held:
        raise NothingToSay(f"{unit.name}还没有来件，没有可答复的内容")
    last = held.held[-1]
    due = DueWindow("", campaign.id, unit.code, "", (last,), held, office.now(), dict)
    if kind == "neutral":
        due = DueWindow("", campaign.id, "", "", (last,), None, office.now(), dict)
    context = context_of(office, due)
    if kind == "problem":
        return Preview("problem", problem(context, ["（此处写未能取得的内容）"]))
    written, words = answer(context)
    return Preview(written, words)


def _by_now(office: Office, held: Holdings) -> Holdings:
    now = office.now()
    return replace(
        held,
        held=tuple(one for one in held.held if one.submission.received <= now),
        registered=tuple(note for note in held.registered if note.at <= now),
        lists=tuple(one for one in held.lists if one.at <= now),
    )


def _dated(office: Office, campaign: Campaign, unit: Unit, held: Holdings, kind: str) -> Preview:
    context = standing_context(office, campaign, unit, held)
    now, listed = context.now, context.checklist
    lines = open_lines(campaign, unit, listed, context.registered, now) if listed is not None else ()
    moments = sorted({line.deadline for line in lines if line.deadline is not None and line.spoken})
    ahead = kind == "reminder"
    found = [moment for moment in moments if (moment > now) == ahead]
    if not found:
        raise NothingToSay(f"{unit.name}{'没有即将到期' if ahead else '没有已过期限'}的待报送材料，不会写这种信")
    if ahead:
        return Preview("reminder", reminder(context, found[0]))
    return Preview("overdue", overdue(context, found[-1]))
