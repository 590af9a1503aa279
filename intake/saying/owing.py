"""What each unit has open for each last day: what a reminder, an overdue letter or a call would speak of. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.records import Checklist
from config.campaign import Campaign, Channel
from config.roster import Unit
from intake.saying.lacking import Open, open_lines


@dataclass(frozen=True)
class Owing:
    """What one unit has open for one last day.

    deadlines: the first late instants (UTC) of its lines, earliest first. turn: the moment at which a turn that has
    closed is looked at, None for what runs now.
    """

    unit: Unit
    day: date
    deadlines: tuple[datetime, ...]
    lines: tuple[Open, ...]
    turn: datetime | None = None

    @property
    def deadline(self) -> datetime:
        """The earliest of its deadlines."""
        return self.deadlines[0]

    def key(self, kind: str, campaign: Campaign, step: int) -> str:
        """kind:campaign:unit:last day:step."""
        return f"{kind}:{campaign.id}:{self.unit.code}:{self.day.isoformat()}:{step}"


def last_day(deadline: datetime, campaign: Campaign) -> date:
    """The last day that is in time, in the campaign's zone, of a first late instant."""
    return (deadline.astimezone(campaign.zone) - timedelta(microseconds=1)).date()


def ahead(
    campaign: Campaign, unit: Unit, checklist: Checklist, registered: Mapping[Channel, date], now: datetime
) -> tuple[Owing, ...]:
    """What the unit still owes in time, by last day."""
    lines = open_lines(campaign, unit, checklist, registered, now)
    return _by_day(campaign, unit, [line for line in lines if line.deadline is not None and now < line.deadline])


def passed(
    campaign: Campaign,
    unit: Unit,
    checklist: Checklist,
    closed: Sequence[Checklist],
    registered: Mapping[Channel, date],
    now: datetime,
) -> tuple[Owing, ...]:
    """What did not come in time, by last day; closed: the unit's checklists at the end of turns that have closed.

    What is registered only up to a day before the last one may have come: it is not spoken of.
    """
    lines = open_lines(campaign, unit, checklist, registered, now)
    found = [*_by_day(campaign, unit, _late(campaign, lines, now))]
    for old in closed:
        ended = old.now + timedelta(microseconds=1)
        lines = open_lines(campaign, unit, old, registered, now)
        late = [line for line in _late(campaign, lines, now) if line.deadline == ended]
        found += _by_day(campaign, unit, late, old.now)
    return tuple(found)


def _late(campaign: Campaign, lines: Sequence[Open], now: datetime) -> list[Open]:
    return [
        line
        for line in lines
        if line.deadline is not None
        and line.deadline <= now
        and (line.registered is None or line.registered >= last_day(line.deadline, campaign))
    ]


def _by_day(campaign: Campaign, unit: Unit, lines: Sequence[Open], turn: datetime | None = None) -> tuple[Owing, ...]:
    found: dict[date, list[Open]] = {}
    for line in lines:
        if line.deadline is not None and line.spoken and owed(campaign, unit, line):
            found.setdefault(last_day(line.deadline, campaign), []).append(line)
    return tuple(
        Owing(unit, day, tuple(sorted({line.deadline for line in mine if line.deadline})), tuple(mine), turn)
        for day, mine in sorted(found.items())
    )


def owed(campaign: Campaign, unit: Unit, line: Open) -> bool:
    """Whether the roster obliges the unit to it: what came without being owed is never asked for again."""
    items = line.total.items if line.total is not None else (line.id,)
    return any(unit.owes_item(item) for item in items)
