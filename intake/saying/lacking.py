"""What a unit may be told is still open: one rule for receipts, reminders and overdue letters.

A disc, paper or filing is never spoken of until staff have confirmed how far they registered (“登记截至X日”).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.judging.findings import FILING_CODES
from archive.records import Checklist, Finding, ItemResult, TotalResult
from config.campaign import Campaign, Channel, Item, Total
from config.roster import Unit

BY_MAIL: frozenset[Channel] = frozenset({"mail", "upload"})
LIST_DAYS = 3
"""A confirmation of discs or paper older than this many days says nothing any more."""
FILING_DAYS = 7
"""An exported list of filings older than this many days says nothing any more."""

NOT_A_FAULT = frozenset(
    {
        *FILING_CODES,
        "applicant-twice",
        "category-unknown",
        "disc-unsorted",
        "eligibility-fails",
        "late",
        "not-evaluated",
        "not-understood",
        "promised-file",
        "scan-without-text",
        "seal-unconfirmed",
        "too-few",
        "too-many",
        "undecided-piece",
        "wrong-channel",
    }
)
"""Finding codes that never make a fault: what has not come is open, more than asked is advice, the rest is staff's."""


@dataclass(frozen=True)
class Open:
    """One line still open for a unit.

    id: item id or total id. deadline: the first late instant in UTC, None when undated. faults: demands that what
    came does not meet. lacking: something has not come. announced: the unit wrote that it comes separately.
    spoken: False for a disc, paper or filing that is not registered: its faults may be answered, never reminded.
    registered: the day up to which staff registered this channel, None for mail and upload.
    """

    id: str
    name: str
    deadline: datetime | None
    have: int
    need: int
    lacking: bool
    announced: bool
    faults: tuple[Finding, ...] = ()
    spoken: bool = True
    registered: date | None = None
    total: Total | None = None


def is_fault(finding: Finding) -> bool:
    """Whether the finding is a demand that something which came does not meet; advice never is."""
    return finding.severity == "demand" and finding.code not in NOT_A_FAULT


def is_promised(result: ItemResult) -> bool:
    """Whether a file behind a link, or a disc nobody looked at, waits: the office's task, the unit is not asked."""
    return any(finding.code in ("promised-file", "disc-unsorted") for finding in result.findings)


def may_speak(channel: Channel, registered: Mapping[Channel, date], today: date) -> date | bool:
    """True for mail and upload; for another channel the day registered up to, or False while unknown or too old."""
    if channel in BY_MAIL:
        return True
    day = registered.get(channel)
    days = FILING_DAYS if channel == "external" else LIST_DAYS
    return day if day is not None and today - day <= timedelta(days=days) else False


def open_lines(
    campaign: Campaign, unit: Unit, checklist: Checklist, registered: Mapping[Channel, date], now: datetime
) -> tuple[Open, ...]:
    """The open lines of a unit in the campaign's order; rolling and optional items and the office's own never.

    The checklist's own moment picks the turn of a recurring deadline, `now` (UTC) the age of registrations.
    """
    today = now.astimezone(campaign.zone).date()
    lines = []
    for result in checklist.items:
        line = _open_item(campaign, unit, campaign.item(result.item), result, registered, today, checklist.now)
        if line is not None:
            lines.append(line)
    for short in checklist.totals:
        total = next((total for total in campaign.totals if total.id == short.rule), None)
        if total is not None and short.state == "short":
            line = _open_total(campaign, unit, total, short, checklist, registered, today)
            if line is not None:
                lines.append(line)
    return tuple(lines)


def _open_item(
    campaign: Campaign,
    unit: Unit,
    item: Item,
    result: ItemResult,
    registered: Mapping[Channel, date],
    today: date,
    now: datetime,
) -> Open | None:
    if item.owed_by == "office":
        return None
    faults = tuple(finding for finding in result.findings if is_fault(finding))
    spoken = may_speak(result.channel, registered, today)
    owed = not item.rolling and not item.optional and result.state != "rolling"
    lacking = bool(spoken) and owed and result.have < (result.need or 0) and not is_promised(result)
    if not lacking and not faults:
        return None
    return Open(
        id=item.id,
        name=item.name,
        deadline=None if item.rolling else campaign.deadline_for(item, unit.code, unit.kind, result.channel, now),
        have=result.have,
        need=result.need or 0,
        lacking=lacking,
        announced=result.announced,
        faults=faults,
        spoken=bool(spoken),
        registered=spoken if isinstance(spoken, date) else None,
    )


def _open_total(
    campaign: Campaign,
    unit: Unit,
    total: Total,
    short: TotalResult,
    checklist: Checklist,
    registered: Mapping[Channel, date],
    today: date,
) -> Open | None:
    items = [campaign.item(id) for id in total.items]
    channels: tuple[Channel, ...] = (total.channel,) if total.channel else tuple(item.channel for item in items)
    spoken = [may_speak(channel, registered, today) for channel in channels]
    promised = any(is_promised(result) for result in checklist.items if result.item in total.items)
    if promised or not all(spoken):
        return None
    deadlines = [campaign.deadline_for(item, unit.code, unit.kind, total.channel, checklist.now) for item in items]
    known = [deadline for deadline in deadlines if deadline is not None]
    days = [day for day in spoken if isinstance(day, date)]
    return Open(
        id=total.id,
        name="、".join(item.name for item in items),
        deadline=min(known) if known else None,
        have=short.have,
        need=short.need,
        lacking=True,
        announced=any(result.announced for result in checklist.items if result.item in total.items),
        registered=min(days) if days else None,
        total=total,
    )
