"""Answering: one due window becomes exactly one letter, written with its final bytes and Message-ID."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from archive.checklist import checklist
from archive.judging.findings import FILING_CODES
from archive.judging.periods import looked_at, running
from archive.judging.promises import whole_sets
from archive.judging.works import standing_files
from archive.ledger.letters import NewLetter
from archive.ledger.windows import DueWindow
from archive.records import Checklist, Holdings, Letter, LetterKind, LetterState
from config.campaign import Campaign
from config.roster import Unit
from intake.gathering import AWAITED, next_deadline, wait_for_staff
from intake.letters import Context, Words, answer
from intake.rounds.beside import listed_up_to
from intake.rounds.links import link
from intake.rounds.office import Office
from intake.rounds.signing import sign
from intake.rounds.wording import may_speak
from intake.saying.changed import Changed, changed, said

log = structlog.get_logger()

PRIORITY: Mapping[LetterKind, int] = {
    "receipt": 0, "complete": 0, "neutral": 0, "thanks": 0, "shortfall": 1, "problem": 1, "change": 1,
    "reminder": 2, "overdue": 3,
}  # fmt: skip
LOOK_AGAIN = timedelta(minutes=1)
"""How soon a window that waits for staff is looked at again."""
BY_ITSELF: frozenset[LetterKind] = frozenset({"receipt", "complete", "neutral", "thanks"})
"""What leaves without staff in an office's first campaign."""


def answer_one(office: Office) -> bool:
    """Answer one due window; False when none is due. One that cannot be answered waits a quarter of an hour."""
    now = office.now()
    try:
        done = office.ledger.windows.answer_one(now, lambda due: compose(office, due), lambda due: waits(office, due))
        return done is not None
    except Exception as trouble:
        log.exception("answer failed")
        office.ledger.windows.postpone_windows(now, now + timedelta(minutes=15), f"{type(trouble).__name__}: {trouble}")
        return True


def waits(office: Office, due: DueWindow) -> datetime | None:
    """When a due window is looked at again because staff may still settle what its letter depends on; None = never."""
    now, settings = office.now(), office.config.settings
    numbers = [one.submission.number for one in due.answered]
    if not office.ledger.decisions.asked_about(numbers, AWAITED):
        return None
    campaign, roster = office.config.campaigns[due.campaign], office.config.rosters[due.campaign]
    deadline = next_deadline(campaign, roster, roster.find(due.unit), now)
    until = wait_for_staff(due.opened, settings.answers, office.config.calendar, campaign.zone, deadline, now)
    return None if until is None else min(until, now + LOOK_AGAIN)


def compose(office: Office, due: DueWindow) -> NewLetter | None:
    """The one letter for a window: receipt, complete, shortfall, neutral, thanks; after one that left a correction.

    None when nothing that was told is to be corrected.
    """
    context = context_of(office, due)
    campaign, listed, now_said = context.campaign, context.checklist, said(context)
    found = None
    if due.told:
        found = _corrected(due, now_said)
        if not found:
            return None
    kind, words = answer(context, found)
    faults = faults_named(listed, context.numbers) if kind in ("shortfall", "change") else ()
    state, asks, hold = _guarded(office, campaign, due, kind, faults)
    if due.told and not _staff_corrected(due):
        state = "draft"  # a rule was amended: what is said of it is looked at first
    last = due.answered[-1]
    mail = last.submission.mail
    letter = write(
        office, due.mailbox, campaign, f"answer:{last.submission.number}{'+' * due.rewrites}", kind, due.unit,
        due.reply_to, words, context.numbers, state,
        in_reply_to=mail.message_id, references=(*mail.references, mail.message_id),
    )  # fmt: skip
    spoken = tuple({f"{fault.split(':')[0]}:" for fault in _items_of(listed, context.numbers)})
    letter = replace(letter, said=now_said)
    return NewLetter(letter, due.mailbox, PRIORITY[kind], (*faults, *spoken), asks, hold)


def _staff_corrected(due: DueWindow) -> bool:
    """Whether persons decided one of these mails anew since it was answered."""
    since = min(letter.sent or due.opened for letter in due.told)
    return any(one.decision.by != "auto" and one.decision.at >= since for one in due.answered)


def _corrected(due: DueWindow, now_said: Mapping[str, object]) -> Changed:
    """What the letters that left told otherwise; what newer mails may have mended is no correction."""
    since = min(letter.sent or letter.due or due.opened for letter in due.told)
    numbers = {one.submission.number for one in due.answered}
    newer = {
        piece.item
        for one in (due.holdings.held if due.holdings else ())
        if one.submission.number not in numbers and one.submission.received > since
        for piece in one.decision.pieces
        if piece.item
    }
    told: dict[str, Any] = {"unit": None, "files": {}, "faults": []}
    for letter in due.told:
        told["unit"] = letter.said.get("unit") or told["unit"]
        told["files"] |= {k: v for k, v in letter.said.get("files", {}).items() if k.partition("/")[0] in numbers}
        told["faults"] += [one for one in letter.said.get("faults", ()) if one[2] is None or one[2] in numbers]
    return changed(told, now_said, newer)


def context_of(office: Office, due: DueWindow) -> Context:
    """What the letter for a window is written from."""
    now = office.now()
    campaign, roster = office.config.campaigns[due.campaign], office.config.rosters[due.campaign]
    unit = roster.find(due.unit)
    held = due.holdings or Holdings(due.campaign, due.unit, due.answered)
    at = looked_at(campaign, due.answered[-1].submission.received, now)
    listed = checklist(campaign, unit, held, at) if unit else None
    numbers = tuple(one.submission.number for one in due.answered)
    earlier = _without(held, numbers)
    return Context(
        campaign=campaign,
        unit=unit,
        checklist=listed,
        before=checklist(campaign, unit, earlier, at) if unit and (earlier.held or earlier.registered) else None,
        numbers=numbers,
        wording=office.wording(campaign.id),
        held=due.answered,
        now=now,
        all_said=any(one.decision.says_all_sent for one in due.answered),
        known_address=all(one.decision.known_address for one in due.answered),
        checksums=office.config.settings.answers.checksums,
        whole=whole_sets(held.held),
        standing=standing_files(campaign, running(campaign, unit, held, at)) if unit else None,
        registered=listed_up_to(held),
        link=link(office, campaign.id, unit.code) if unit else "",
    )


def standing_context(
    office: Office, campaign: Campaign, unit: Unit, held: Holdings, at: datetime | None = None
) -> Context:
    """What a letter is written from that answers no mail but says how the unit stands; at: default now (UTC)."""
    now = office.now()
    return Context(
        campaign=campaign, unit=unit, checklist=checklist(campaign, unit, held, at or now), before=None, numbers=(),
        held=held.held, now=now, known_address=True, registered=listed_up_to(held), wording=office.wording(campaign.id),
        link=link(office, campaign.id, unit.code),
    )  # fmt: skip


def _without(held: Holdings, numbers: tuple[str, ...]) -> Holdings:
    """What was held before these mails came: what a stranger's letter must not speak of."""
    return replace(held, held=tuple(one for one in held.held if one.submission.number not in numbers))


def write(
    office: Office,
    mailbox: str,
    campaign: Campaign,
    key: str,
    kind: LetterKind,
    unit: str,
    to: str,
    words: Words,
    numbers: tuple[str, ...],
    state: LetterState,
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
) -> Letter:
    """A letter with its final bytes and Message-ID: whatever happens later, a repeat is the same letter."""
    now = office.now()
    if words.broken is not None:
        office.broken_templates[words.broken.file] = words.broken
    if state == "queued" and not may_speak(office, campaign.id, words.template):
        state = "draft"
    box, date = office.config.settings.mailboxes[mailbox], now.astimezone(campaign.zone)
    message_id, body = sign(box, words, kind, to, campaign.issuer, date, in_reply_to, references)
    return Letter(
        key, kind, campaign.id, unit or None, to, words.subject, numbers, state, now,
        message_id=message_id, body=body, text=words.text,
    )  # fmt: skip


def first_state(campaign: Campaign, kind: LetterKind) -> LetterState:
    """Whether a letter waits for staff: in a cautious campaign everything but receipts does."""
    return "queued" if campaign.mode == "normal" or kind in BY_ITSELF else "draft"


def faults_named(listed: Checklist | None, numbers: tuple[str, ...]) -> tuple[str, ...]:
    """`item:code` of every demand that these mails fail."""
    if listed is None:
        return ()
    found = {
        f"{item.item}:{finding.code}"
        for item in listed.items
        for finding in item.findings
        if finding.severity == "demand" and finding.code not in FILING_CODES and finding.number in numbers
    }
    return tuple(sorted(found))


def _items_of(listed: Checklist | None, numbers: tuple[str, ...]) -> set[str]:
    if listed is None:
        return set()
    return {f"{item.item}:" for item in listed.items if item.have or item.findings}


def _guarded(
    office: Office, campaign: Campaign, due: DueWindow, kind: LetterKind, faults: tuple[str, ...]
) -> tuple[LetterState, str | None, str | None]:
    """Hold a letter whose rule fails for several units and for most of what came: perhaps the rule is wrong."""
    state = first_state(campaign, kind)
    if kind != "shortfall" or state != "queued":
        return state, None, None
    named = due.failing() if faults else {}
    for fault in faults:
        failing = named.get(fault, frozenset()) | {due.unit}
        speaking = named.get(f"{fault.split(':')[0]}:", frozenset()) | {due.unit}
        if len(failing) >= office.config.settings.answers.rule_guard_units and len(failing) * 2 > len(speaking):
            item, code = fault.split(":")
            name = campaign.item(item).name
            asks = f"“{campaign.short}”的“{name}”一项，多数单位不符合同一条要求（{code}），这条规则的设置是否有误？"
            return "held", asks, fault
    return state, None, None
