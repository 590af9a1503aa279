"""When letters to one unit go: never two close to each other; what falls close together goes as one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from config.workdays import Calendar
from intake.saying.owing import Owing


@dataclass(frozen=True)
class Step:
    """One letter that is wanted. at: when; until: the first instant at which it has lost its sense (both UTC).

    fixed: staff said when; written: it lies in the outbox and has not left.
    """

    key: str
    at: datetime
    until: datetime
    owing: Owing
    fixed: bool = False
    written: bool = False


@dataclass(frozen=True)
class Batch:
    """Steps that go as one letter, named by the first. against: why none goes, None = nothing is against it."""

    at: datetime
    steps: tuple[Step, ...]
    against: str | None = None


@dataclass(frozen=True)
class Pace:
    """How close letters to one unit may come. gap: working days that lie between two. office: brings a moment into
    office hours."""

    calendar: Calendar
    zone: ZoneInfo
    gap: int
    office: Callable[[datetime], datetime]

    def day(self, at: datetime) -> date:
        """The day of a moment in the campaign's zone."""
        return at.astimezone(self.zone).date()

    def near(self, one: date, other: date) -> bool:
        """Whether fewer working days than the gap lie between two days; a day is near itself."""
        first, last = min(one, other), max(one, other)
        for _ in range(self.gap if first < last else 0):
            first = self.calendar.next_workday(first)
            if first >= last:
                return True
        return first == last

    def clear(self, at: datetime, taken: Collection[date]) -> datetime:
        """`at`, or the first office hour of a working day after it that is near none of the days taken."""
        day = self.day(at)
        while any(self.near(day, other) for other in taken):
            day = self.calendar.next_workday(day)
            at = self.office(datetime.combine(day, time(), self.zone))
        return at


def batched(
    steps: Iterable[Step], taken: Collection[date], pace: Pace, told: Mapping[date, int], most: int
) -> list[Batch]:
    """The steps of one unit as letters: near ones together, none near a day taken; in the order of their times.

    told: last day → letters that have spoken of it already; no more than `most` do. What staff fixed is not counted.
    """
    moved = [step if step.fixed else replace(step, at=pace.clear(step.at, taken)) for step in steps]
    counts = Counter(told)
    found: list[Batch] = []
    for step in sorted(moved, key=lambda step: (step.at, not step.written, step.owing.deadline, step.key)):
        host = next((batch for batch in found if _takes_in(batch, step, pace)), None)
        named = host is not None and any(other.owing.day == step.owing.day for other in host.steps)
        if counts[step.owing.day] >= most and not (named or step.fixed):
            found.append(Batch(step.at, (step,), f"已提醒{most}次，不再发信"))
            continue
        if host is not None:
            found[found.index(host)] = replace(host, steps=(*host.steps, step))
        else:
            days = [pace.day(batch.at) for batch in found if batch.against is None]
            at = step.at if step.fixed else pace.clear(step.at, [*taken, *days])
            found.append(Batch(at, (step,), None if at < step.until else "距上一封提醒太近，期限内不再发信"))
        counts[step.owing.day] += not named
    return found


def _takes_in(batch: Batch, step: Step, pace: Pace) -> bool:
    if batch.against is not None or batch.at >= step.until or batch.steps[0].owing.turn != step.owing.turn:
        return False
    return pace.near(pace.day(batch.at), pace.day(step.at))
