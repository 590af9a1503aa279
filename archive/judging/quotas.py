"""数量: how many 集体 each unit has brought through the filing, against factor × the places allotted to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from archive.judging.applicants import keys
from archive.judging.filings import index, listing_for
from archive.records import Listing
from config.campaign import Quota
from config.quota_files import Place


@dataclass(frozen=True)
class QuotaLine:
    """One row of the quota table: passed and filed 集体 against those needed. unit "" = all rows together."""

    unit: str
    name: str
    passed: int
    filed: int
    need: int
    example: bool

    @property
    def reached(self) -> bool:
        """Whether enough have passed."""
        return self.passed >= self.need


def quota_lines(quota: Quota, places: Sequence[Place], lists: Sequence[Listing]) -> tuple[QuotaLine, ...]:
    """A line for each row of the table and one for all; only 集体 that passed the managing unit's review count."""
    lines = [_line(quota, place, lists) for place in places]
    if lines:
        total = ceil(round(quota.factor * sum(place.places for place in places), 6))
        passed, filed = sum(line.passed for line in lines), sum(line.filed for line in lines)
        lines.append(QuotaLine("", "合计", passed, filed, total, any(line.example for line in lines)))
    return tuple(lines)


def _line(quota: Quota, place: Place, lists: Iterable[Listing]) -> QuotaLine:
    listing = listing_for(lists, "filing", place.unit)
    mine = index(listing).units.get(place.unit, ()) if listing is not None else ()
    passed = {keys(entry.name)[0] for entry in mine if entry.state == "passed"}
    filed = {keys(entry.name)[0] for entry in mine if entry.state != "none"}
    need = ceil(round(quota.factor * place.places, 6))
    return QuotaLine(place.unit, place.name, len(passed), len(filed), need, place.example)
