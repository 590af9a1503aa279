"""How long mails are gathered before their one letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archive.records import Announced
from config.settings import AnswerSettings
from config.workdays import Calendar
from intake.gathering import minutes_for, wait_for_staff

NOW = datetime(2018, 8, 6, 2, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
ANSWERS = AnswerSettings()
MORE = Announced("其余另发", "more")


def part(number: int, of: int) -> Announced:
    """A mail that says 2/3."""
    return Announced(f"{number}/{of}", "part", number, of)


@pytest.mark.parametrize(
    ("announced", "hours_left", "expected"),
    [
        ((), None, (10, 60)),
        ((), 24 * 30, (10, 60)),
        ((MORE,), 24 * 30, (240, 240)),
        ((MORE,), 24, (72, 72)),
        ((), 2, (6, 6)),
        ((MORE,), 2, (6, 6)),
        ((), 0.25, (2, 2)),
        ((), -1, (10, 60)),
        ((part(1, 3),), None, (240, 240)),
        ((part(3, 3),), None, (10, 60)),
    ],
)
def test_the_wait_follows_what_was_announced_and_shrinks_near_the_deadline(
    announced: tuple[Announced, ...], hours_left: float | None, expected: tuple[float, float]
) -> None:
    deadline = None if hours_left is None else NOW + timedelta(hours=hours_left)
    assert minutes_for(announced, ANSWERS, deadline, NOW) == pytest.approx(expected)


def waits(opened: datetime, now: datetime, deadline: datetime | None = None) -> datetime | None:
    """Until when a window waits for staff."""
    return wait_for_staff(opened, ANSWERS, Calendar(), ZONE, deadline, now)


def test_staff_are_waited_for_in_office_hours_only_and_not_past_their_end() -> None:
    ten = timedelta(minutes=10)
    assert waits(NOW, NOW + ten) == NOW + 4 * ten
    assert waits(NOW, NOW + 4 * ten) is None
    evening = NOW.replace(hour=9, minute=10)  # 17:10 in Shanghai
    assert waits(evening, evening + ten) == NOW.replace(hour=9, minute=30)
    night = NOW.replace(hour=14)
    assert waits(night, night + ten) is None
    sunday = NOW - timedelta(days=1)
    assert waits(sunday, sunday + ten) is None


def test_nobody_is_waited_for_when_the_deadline_is_near() -> None:
    ten = timedelta(minutes=10)
    assert waits(NOW, NOW + ten, NOW + timedelta(hours=2)) is None
