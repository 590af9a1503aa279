"""Turns of a recurring deadline: the last days of months or quarters, one after the other. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date
from typing import Literal

Every = Literal["month", "quarter"]
Day = int | Literal["end"] | None


def turn_from(every: Every, day: Day, on: date) -> date:
    """The first turn on or after that day. A month without such a day (31) has its turn on its last day."""
    return next(turn for turn in _turns(every, day, on, 1) if turn >= on)


def turn_before(every: Every, day: Day, on: date) -> date:
    """The latest turn before that day."""
    return next(turn for turn in _turns(every, day, on, -1) if turn < on)


def _turns(every: Every, day: Day, on: date, step: int) -> Iterator[date]:
    """Turns from the month of `on`, forward or backward."""
    month = on.year * 12 + on.month - 1
    while True:
        year, number = month // 12, month % 12 + 1
        if every == "month" or number % 3 == 0:
            last = calendar.monthrange(year, number)[1]
            yield date(year, number, last if day in ("end", None) else min(int(day), last))
        month += step
