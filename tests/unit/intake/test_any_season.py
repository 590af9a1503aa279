"""The planner through seasons of all kinds: random rosters, days off, deadlines and arrivals, played hour by hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from archive.records import Checklist, Letter
from config.campaign import Campaign
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar
from intake.overview import overview
from intake.reminders import Due, Situation, last_day, plan
from tests.unit.intake.letter_cases import campaign, checklist, line

BEGIN, END = datetime(2018, 8, 1, tzinfo=UTC), datetime(2018, 9, 20, tzinfo=UTC)
DAYS = [date(2018, 8, 6) + timedelta(days=turn) for turn in range(25)]


@dataclass(frozen=True)
class Season:
    """One campaign with its units, what arrives when, and the ticks of the clock."""

    asked: Campaign
    roster: Roster
    calendar: Calendar
    caps: AnswerSettings
    arrivals: Mapping[tuple[str, str], datetime]
    silent: frozenset[str]
    every: int
    down: tuple[int, int]
    said: list[Letter] = field(default_factory=list)

    @property
    def situation(self) -> Situation:
        found = {unit.code: f"{unit.code}@example.test" for unit in self.roster.units if unit.code not in self.silent}
        return Situation(addresses=found)

    @property
    def ticks(self) -> list[datetime]:
        """Every few hours from the beginning on, but for some days of downtime."""
        away, back = self.down
        hours = (hour for hour in range(0, 42 * 24, self.every) if not away < hour < back)
        return [BEGIN + timedelta(hours=hour, minutes=31) for hour in hours]

    def checklists(self, now: datetime) -> dict[str, Checklist]:
        """What each unit has sent by then."""
        return {
            unit.code: replace(
                checklist(
                    *(
                        line(self.asked, item.id, int(self.arrivals.get((unit.code, item.id), END) <= now))
                        for item in self.asked.items
                    ),
                    unit=unit.code,
                ),
                now=now,
            )
            for unit in self.roster.units
        }

    def plan(self, now: datetime) -> tuple[Due, ...]:
        """The plan at that moment."""
        asked, listed = self.asked, self.checklists(now)
        return plan(asked, self.roster, listed, self.said, self.calendar, self.caps, self.situation, now)


@st.composite
def seasons(draw: st.DrawFn) -> Season:
    """A season; some deadlines fall on one day or next to each other, some have an hour."""
    count = draw(st.integers(1, 4))
    hours = st.one_of(st.none(), st.integers(9, 17))
    deadlines: list[Any] = []
    for turn in range(count):
        day, hour = draw(st.sampled_from(DAYS)), draw(hours)
        deadlines.append({"id": f"d{turn}", "by": day if hour is None else datetime(2018, day.month, day.day, hour)})  # noqa: DTZ001  the campaign's zone
    items = [{"id": f"i{turn}", "name": f"材料{turn}", "deadlines": [f"d{turn}"]} for turn in range(count)]
    asked = campaign(
        opens=draw(st.sampled_from([date(2018, 7, 19), date(2018, 8, 10)])),
        deadlines=deadlines,
        items=items,
        late={"overdue_letters": draw(st.booleans())},
        reminders={
            "letters": draw(st.lists(st.integers(0, 6), max_size=4)),
            "phone": draw(st.lists(st.integers(0, 2), max_size=2)),
            "min_gap": draw(st.integers(0, 3)),
            "most": draw(st.integers(1, 3)),
        },
    )
    units = tuple(Unit(f"u{turn}", f"单位{turn}") for turn in range(draw(st.integers(1, 4))))
    moments = st.integers(0, 45 * 24).map(lambda hours: BEGIN + timedelta(hours=hours, minutes=20))
    keys = st.tuples(st.sampled_from([unit.code for unit in units]), st.sampled_from([item["id"] for item in items]))
    away = draw(st.integers(0, 40 * 24))
    return Season(
        asked,
        Roster(units),
        Calendar(
            frozenset(draw(st.sets(st.sampled_from(DAYS), max_size=8))),
            frozenset(draw(st.sets(st.sampled_from(DAYS), max_size=3))),
        ),
        AnswerSettings(per_day=draw(st.integers(1, 4))),
        draw(st.dictionaries(keys, moments, max_size=6)),
        frozenset(draw(st.sets(st.sampled_from([unit.code for unit in units]), max_size=1))),
        draw(st.integers(3, 8)),
        (away, away + draw(st.sampled_from([1, 30, 96]))),
    )


def workdays_between(season: Season, one: date, other: date) -> int:
    """Working days strictly between two days."""
    first, last = min(one, other), max(one, other)
    days = (first + timedelta(days=turn) for turn in range(1, (last - first).days))
    return sum(season.calendar.is_workday(day) for day in days)


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seasons())
def test_whatever_the_season_the_plan_keeps_its_promises(season: Season) -> None:
    zone, most = season.asked.zone, season.asked.reminders.most
    before: tuple[datetime, tuple[Due, ...], Any] | None = None
    for now in season.ticks:
        planned = season.plan(now)
        assert len({due.key for due in planned}) == len(planned), "never two letters with one key"
        letters = [due for due in planned if due.letter]
        for due in letters:
            local = due.due.astimezone(zone)
            assert due.due >= now
            assert season.calendar.is_workday(local.date()) and 9 <= local.hour < 18, "working days, office hours"
            assert due.kind == "overdue" or all(due.due < deadline for deadline in due.deadlines)
            assert due.kind == "reminder" or all(deadline <= due.due for deadline in due.deadlines)
        days: dict[str, list[date]] = {}
        for unit, at in [
            *((due.unit, due.due) for due in letters),
            *((str(one.unit), one.sent) for one in season.said),
        ]:
            days.setdefault(unit, []).append(at.astimezone(zone).date() if at else date.min)
        for mine in days.values():
            for place, one in enumerate(mine):
                for other in mine[place + 1 :]:
                    assert one != other
                    assert workdays_between(season, one, other) >= season.asked.reminders.min_gap
        state = {
            code: [(item.have, item.deadline is not None and item.deadline <= now) for item in one.items]
            for code, one in season.checklists(now).items()
        }
        known = (state, len(season.said))
        missed = before is not None and any(due.letter and due.due <= now for due in before[1])
        if before is not None and before[2] == known and not missed:
            later = {(due.key, due.due, due.items) for due in before[1] if due.letter and due.due > now}
            assert later <= {(due.key, due.due, due.items) for due in letters}, (
                "nothing changed, so neither does the plan"
            )
        every_unit_is_told_of_once(season, planned, now)
        for due in letters:
            if due.due <= now:
                season.said.append(
                    Letter(
                        due.key,
                        due.kind,
                        "weihai-2018",
                        due.unit,
                        due.to,
                        "",
                        (),
                        "sent",
                        now,
                        now,
                        said={"also": due.also},
                    )
                )  # type: ignore[arg-type]  # the kind of a letter that goes
        before = (now, planned, known)
    keys = Counter(key for one in season.said for key in (one.key, *one.said["also"]))
    assert not keys or max(keys.values()) == 1, "every key is said once"
    for unit in season.roster.units:
        for deadline in {item.deadline for item in season.checklists(END)[unit.code].items}:
            assert deadline is not None
            about = f":{unit.code}:{last_day(deadline, season.asked).isoformat()}:"
            told = [one for one in season.said if any(about in key for key in (one.key, *one.said["also"]))]
            assert sum(one.kind == "reminder" for one in told) <= most
            assert sum(one.kind == "overdue" for one in told) <= 1


def every_unit_is_told_of_once(season: Season, planned: tuple[Due, ...], now: datetime) -> None:
    """Each unit stands once for each last day, with its letters or with a reason."""
    lines = overview(season.asked, season.roster, season.checklists(now), planned, season.said, now)
    days = {
        last_day(moment, season.asked)
        for moment in (deadline.moment(season.asked.zone) for deadline in season.asked.deadlines)
        if moment
    }
    assert Counter((one.unit.code, one.day) for one in lines) == Counter(
        (unit.code, day) for unit in season.roster.units for day in days
    )
    assert all(one.why for one in lines)
    for one in lines:
        assert one.unit.code not in season.silent or not one.at, "no address, no letter"
