"""How long mails are gathered before the one letter that answers them. Pure.

Mails that come together are answered together; an announced part is waited for; near a deadline the unit must still
be able to mend, so the wait shrinks; where staff could settle what the letter would have to leave open, it waits for
them a while in office hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from archive.records import Announced
from config.campaign import Campaign
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar

SHARE = 20
"""A window takes at most this part (a twentieth) of the time that is left until the deadline …"""
LEAST_MINUTES = 2.0
"""… and never less than this."""
AWAITED = ("unknown-unit", "undecided-piece", "supersede-or-add")
"""Questions to staff on which the words of the answer depend."""


def minutes_for(
    announced: Sequence[Announced], answers: AnswerSettings, deadline: datetime | None, now: datetime
) -> tuple[float, float]:
    """(minutes to wait for more after this mail, the most since the first one).

    deadline: the next first late instant of the unit (UTC), None when nothing is due.
    """
    more = any(each.kind == "more" or _is_not_last(each) for each in announced)
    minutes = float(answers.announced_minutes if more else answers.window_minutes)
    most = max(float(answers.window_max_minutes), minutes)
    bound = _bound(deadline, now)
    return min(minutes, bound), min(most, bound)


def parts_for(
    announced: Sequence[Announced], answers: AnswerSettings, deadline: datetime | None, now: datetime
) -> tuple[int, float, float] | None:
    """Of a mail that says 2/3: 3, the minutes to wait once all have come, and while one lacks; None for other mails."""
    part = next((each for each in announced if each.kind == "part" and each.part and each.of), None)
    if part is None or part.of is None or any(each.kind == "more" for each in announced):
        return None
    bound = _bound(deadline, now)
    return part.of, min(float(answers.window_minutes), bound), min(float(answers.announced_minutes), bound)


def wait_for_staff(
    opened: datetime,
    answers: AnswerSettings,
    calendar: Calendar,
    zone: ZoneInfo,
    deadline: datetime | None,
    now: datetime,
) -> datetime | None:
    """Until when a window opened at `opened` may wait for staff to settle its questions; None = no longer.

    Only in office hours, when somebody may look; never longer than the settings say, nor past the office's end.
    """
    if calendar.office_moment(now, zone, answers.office_begin, answers.office_end) != now:
        return None
    minutes = min(float(answers.window_minutes + answers.queue_minutes), _bound(deadline, opened))
    end = datetime.combine(now.astimezone(zone).date(), answers.office_end, zone)
    until = min(opened + timedelta(minutes=minutes), end)
    return until.astimezone(now.tzinfo) if now < until else None


def next_deadline(campaign: Campaign, roster: Roster, unit: Unit | None, now: datetime) -> datetime | None:
    """The next first late instant (UTC) of what the unit owes; for an unknown unit the campaign's earliest."""
    units = roster.units if unit is None else (unit,)
    moments = {
        campaign.deadline_for(item, one.code, one.kind, None, now)
        for one in units
        for item in campaign.items
        if item.owed_by == "unit" and not item.rolling
    }
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _is_not_last(each: Announced) -> bool:
    """Whether a 1/3 says that more comes; 3/3 says that it was all."""
    return each.kind == "part" and (each.part is None or each.of is None or each.part < each.of)


def _bound(deadline: datetime | None, now: datetime) -> float:
    """Minutes a window may take before a deadline."""
    if deadline is None or deadline <= now:
        return float("inf")
    return max(LEAST_MINUTES, (deadline - now).total_seconds() / 60 / SHARE)
