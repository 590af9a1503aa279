"""What would be decided differently now about a 件 decided before; what a person decided is never touched. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archive.records import Decision, Evidence, Held, PieceDecision, Submission
from intake.decide import Ours, classify_again, decide
from intake.guard import Before
from intake.known import Known

PERSON = ("staff", "told")
"""Kinds of evidence that say that a person decided about the whole 件; of a piece it is `staff` alone."""


@dataclass(frozen=True)
class Change:
    """One thing that would change. piece None: the whole 件. was and now: short words; why: the new evidence."""

    piece: str | None
    was: str
    now: str
    why: str


def reconsider(submission: Submission, old: Decision, known: Known, ours: Ours, at: datetime) -> Decision:
    """The decision as the program would make it now; equal to `old` where nothing changes."""
    before = replace(known, sent=lambda campaign, unit: _before(submission, known.sent(campaign, unit)))
    if _by_person(old.evidence):
        fresh = classify_again(old, submission.mail, submission.pieces, before)
        if any(each.kind == "staff" for each in old.evidence):
            return _pieces(old, fresh, open_only=True)
        return _pieces(old, fresh)
    fresh = decide(
        old.number, submission.mail, submission.pieces, submission.source.mailbox, before, ours, at,
        understood=submission.understood, before=_came_before(old.answer_rule),
    )  # fmt: skip
    same = (fresh.role, fresh.campaign, fresh.unit) == (old.role, old.campaign, old.unit)
    if same or fresh.role == "unrelated" or any(_classified(one) for one in old.pieces):
        return _pieces(old, classify_again(old, submission.mail, submission.pieces, before))
    mark = Evidence("reclassified", f"重新判定，原为{_whole(old)}")
    kept = {
        "number": old.number, "version": old.version, "answerable": old.answerable, "answer_rule": old.answer_rule,
        "reply_to": old.reply_to, "at": old.at, "by": old.by, "why": old.why,
    }  # fmt: skip
    return replace(fresh, **kept, evidence=(*fresh.evidence, mark))  # type: ignore[arg-type]  # its own fields


def changes(old: Decision, new: Decision) -> Iterator[Change]:
    """What differs, the whole 件 first."""
    if _whole(old) != _whole(new):
        yield Change(None, _whole(old), _whole(new), _why(new.evidence))
    before = {one.path: one for one in old.pieces}
    for one in new.pieces:
        was = before.get(one.path)
        if was is None or _told(was) != _told(one):
            yield Change(one.path, _item(was) if was else "—", _item(one), _why(one.evidence))


def _pieces(old: Decision, fresh: Decision, open_only: bool = False) -> Decision:
    """`old` with the pieces that would be decided otherwise; open_only: of those that wait for a person alone."""
    now = {one.path: one for one in fresh.pieces}
    kept = []
    for was in old.pieces:
        one = now.pop(was.path, was)
        settled = open_only and (was.item is not None or was.none)
        if settled or _classified(was) or was.supersedes or _told(was) == _told(one):
            kept.append(was)
        else:
            kept.append(replace(one, unit=was.unit, evidence=(*one.evidence, _mark(was))))
    return replace(old, pieces=tuple(kept))


def _came_before(rule: str) -> Before:
    """What was found of earlier mails when it came: it cannot be found again later."""
    return Before(0.0 if rule == "answers-at-once" else None, rule == "repeats-itself")


def _mark(was: PieceDecision) -> Evidence:
    return Evidence("reclassified", f"重新判定，原为{_item(was)}")


def _before(submission: Submission, sent: tuple[Held, ...]) -> tuple[Held, ...]:
    """What came before this 件; it is never its own precedent."""
    mine = (submission.received, submission.number)
    return tuple(one for one in sent if (one.submission.received, one.submission.number) < mine)


def _by_person(evidence: tuple[Evidence, ...]) -> bool:
    return any(each.kind in PERSON for each in evidence)


def _classified(one: PieceDecision) -> bool:
    return any(each.kind == "staff" for each in one.evidence)


def _told(one: PieceDecision) -> tuple[object, ...]:
    return one.none, one.item, one.category, one.subkind, one.work


def _item(one: PieceDecision) -> str:
    if one.none:
        return "不是报送材料"
    return "·".join(part for part in (one.item or "待核对", one.category, one.subkind, one.work) if part)


def _whole(decision: Decision) -> str:
    unit = f"{decision.campaign or '活动待定'}/{decision.unit or '单位待定'}"
    return unit if decision.role == "submission" else f"{decision.role} {unit}"


def _why(evidence: tuple[Evidence, ...]) -> str:
    return "；".join(each.text for each in evidence if each.text and each.kind != "reclassified" and each.points >= 0)
