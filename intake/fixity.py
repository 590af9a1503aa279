"""The pace of reading the archive again: what is due, how long to rest, how staff are told of damage. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from archive.damages import ARCHIVE, Ailing, Damage
from config.settings import FixitySettings

NAMED = 3
"""Objects the line names; the others are counted."""


def due_before(now: datetime, settings: FixitySettings, size: int) -> datetime:
    """What was last read before this time is due: early enough that reading it all (bytes) ends within the period."""
    period = timedelta(days=settings.days)
    takes = timedelta(seconds=size / (settings.megabytes_per_second * 1e6))
    return now - max(period - 2 * takes - timedelta(days=1), period / 2)


def rest(size: int, seconds: float, settings: FixitySettings) -> float:
    """Seconds to rest after so many bytes were read in so many seconds."""
    return max(0.0, size / (settings.megabytes_per_second * 1e6) - seconds)


def is_late(now: datetime, settings: FixitySettings, oldest: datetime | None) -> bool:
    """Whether something was not read for longer than the period. oldest: as `Fixity.oldest`."""
    return oldest is not None and now - oldest > timedelta(days=settings.days)


def place_words(root: str, place: str) -> str:
    """How staff call an object: its number, or where it lies."""
    name = "存档根目录" if not place else place if place.startswith("_") else place.rpartition("/")[2]
    return name if root == ARCHIVE else f"第二份存档的{name}"


def damage_words(ailing: Sequence[Ailing]) -> str:
    """The one sentence to staff about everything that is damaged."""
    damages: Sequence[Damage] = [damage for one in ailing for damage in one.damages]
    codes = "、".join(f"{code} {count}" for code, count in sorted(Counter(one.code for one in damages).items()))
    names = "、".join(place_words(one.root, one.place) for one in ailing[:NAMED])
    more = f"等 {len(ailing)} 处对象" if len(ailing) > NAMED else ""
    return f"存档校验发现 {len(damages)} 处损坏（{codes}）：{names}{more}，详情见 baosong verify，修复见 baosong repair"
