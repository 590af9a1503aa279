"""The shapes that reading commands and pages print: plain JSON data, times ISO 8601 with zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from archive.records import (
    Checklist,
    Decision,
    Evidence,
    Facts,
    Finding,
    ItemResult,
    Letter,
    Piece,
    Question,
    Submission,
    dump,
)
from config.campaign import Campaign
from config.roster import Roster

FACTS = (
    "width", "height", "frames", "duration", "bit_rate", "video_bit_rate", "container", "characters", "pages", "rows",
    "title", "encrypted", "truncated", "seal",
)  # fmt: skip


def moment(value: datetime | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 in the zone, or None."""
    return None if value is None else value.astimezone(zone).isoformat()


def finding(value: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": value.code,
        "severity": value.severity,
        "number": value.number,
        "piece": value.piece,
        "work": value.work,
        "seen": value.seen,
        "wanted": value.wanted,
        "quote": value.quote,
        "text": value.text,
    }


def status(campaign: Campaign, roster: Roster, listed: Mapping[str, Checklist], now: datetime) -> dict[str, Any]:
    """Unit × item with findings, and the totals of each unit."""
    zone = campaign.zone
    return {
        "campaign": campaign.id,
        "now": moment(now, zone),
        "units": [
            {
                "unit": unit.code,
                "name": unit.name,
                "state": listed[unit.code].state,
                "items": [_item(item, zone) for item in listed[unit.code].items],
            }
            for unit in roster.units
        ],
        "totals": [
            {"rule": total.rule, "unit": total.unit, "have": total.have, "need": total.need, "state": total.state}
            for unit in roster.units
            for total in listed[unit.code].totals
        ],
    }


def _item(item: ItemResult, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "item": item.item,
        "name": item.name,
        "channel": item.channel,
        "deadline": moment(item.deadline, zone),
        "state": item.state,
        "have": item.have,
        "need": item.need,
        "late": item.late,
        "findings": [finding(one) for one in item.findings],
    }


def show(
    submission: Submission,
    decision: Decision,
    versions: int,
    found: Sequence[Finding],
    letters: Sequence[str],
    zone: ZoneInfo,
) -> dict[str, Any]:
    """One 件: as received, as decided, with the findings of its pieces."""
    source = submission.source
    return {
        "number": submission.number,
        "source": {
            "mailbox": source.mailbox,
            "folder": source.folder,
            "uidvalidity": source.uidvalidity,
            "uid": source.uid,
            "path": source.path,
        },
        "channel": submission.channel,
        "role": decision.role,
        "received": moment(submission.received, zone),
        "sha256": submission.sha256,
        "sender": submission.mail.sender,
        "subject": submission.mail.subject,
        "handed": None if submission.handed is None else dump(submission.handed),
        "answerable": decision.answerable,
        "answer_rule": decision.answer_rule,
        "campaign": decision.campaign,
        "unit": decision.unit,
        "confidence": decision.confidence,
        "evidence": [_evidence(one) for one in decision.evidence],
        "guesses": [
            {"campaign": one.campaign, "unit": one.unit, "confidence": one.confidence} for one in decision.guesses
        ],
        "pieces": [_piece(piece, decision, found) for piece in submission.pieces],
        "letters": list(letters),
        "versions": versions,
    }


def _piece(piece: Piece, decision: Decision, found: Sequence[Finding]) -> dict[str, Any]:
    decided = decision.piece(piece.path)
    return {
        "path": piece.path,
        "name": piece.name,
        "sha256": piece.sha256,
        "size": piece.size,
        "type": piece.facts.type,
        "campaign": decision.campaign,
        "unit": (decided.unit if decided and decided.unit else decision.unit),
        "item": decided.item if decided else None,
        "category": decided.category if decided else None,
        "work": decided.work if decided else None,
        "confidence": decided.confidence if decided else 0.0,
        "evidence": [_evidence(one) for one in decided.evidence] if decided else [],
        "facts": facts(piece.facts),
        "findings": [finding(one) for one in found if one.number == decision.number and one.piece == piece.path],
    }


def facts(value: Facts) -> dict[str, Any]:
    """What was measured, every key present, null where it does not apply."""
    return {name: getattr(value, name) for name in FACTS}


def _evidence(value: Evidence) -> dict[str, Any]:
    return {"kind": value.kind, "text": value.text, "points": value.points}


def letter(value: Letter, zone: ZoneInfo) -> dict[str, Any]:
    """One line of the outbox."""
    return {
        "key": value.key,
        "kind": value.kind,
        "campaign": value.campaign,
        "unit": value.unit,
        "to": value.to,
        "subject": value.subject,
        "numbers": list(value.numbers),
        "state": value.state,
        "due": moment(value.due, zone),
        "sent": moment(value.sent, zone),
        "message_id": value.message_id,
    }


def question(value: Question, zone: ZoneInfo) -> dict[str, Any]:
    """One line of the queue."""
    return {
        "id": value.id,
        "kind": value.kind,
        "number": value.number,
        "piece": value.piece,
        "question": value.question,
        "guesses": [
            {"campaign": one.campaign, "unit": one.unit, "confidence": one.confidence} for one in value.guesses
        ],
        "consequence": value.consequence,
        "since": moment(value.since, zone),
    }
