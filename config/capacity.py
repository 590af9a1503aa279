"""Whether the caps on letters can carry all reminders of a deadline, and how early these start. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from config.campaign import Campaign
from config.crosschecks import all_dates, step_day
from config.problems import Problem
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar
from config.yaml_lines import Document, Path


def letters_a_day(at: time, answers: AnswerSettings) -> int:
    """Reminders that can leave on one working day when the first goes at `at` and the last before the office closes."""
    end = answers.office_end
    hours = max(1, (end.hour * 60 + end.minute - at.hour * 60 - at.minute) // 60)
    return max(1, min(answers.per_day, answers.per_hour * hours))


@dataclass(frozen=True)
class Wave:
    """The reminders of one step for all who could owe one deadline.

    day: the deadline's last day, None for a recurring one. units: how many. a_day: how many leave on one day.
    """

    path: Path
    day: date | None
    step: int
    units: int
    a_day: int

    @property
    def early(self) -> int:
        """Working days before the step's own on which the first of them leave."""
        return (self.units - 1) // self.a_day

    def days(self, calendar: Calendar) -> dict[date, int]:
        """Day → how many leave on it; the step's own day carries the last in the roster's order."""
        if self.day is None:
            return {}
        found: dict[date, int] = {}
        for turn in range(self.early + 1):
            share = self.a_day if turn else self.units - self.a_day * self.early
            found[step_day(self.day, self.step + turn, calendar)] = share
        return found


def waves(campaign: Campaign, roster: Roster, answers: AnswerSettings) -> list[Wave]:
    """What an open campaign, or one being drafted, would send when nothing came from anybody."""
    if campaign.status not in ("open", "draft") or campaign.mode == "silent":
        return []
    a_day = letters_a_day(campaign.reminders.at, answers)
    return [
        Wave(path, day, step, units, a_day)
        for path, day, units in _owing(campaign, roster)
        for step in sorted(set(campaign.reminders.letters), reverse=True)
    ]


def capacity_problems(
    campaign: Campaign, roster: Roster, source: Document, calendar: Calendar, answers: AnswerSettings
) -> list[Problem]:
    """A warning for each step that must start early, and a graver one where even the opening day is too late."""
    opens = campaign.opens or campaign.issued
    found = []
    for wave in waves(campaign, roster, answers):
        days = wave.days(calendar)
        if not wave.early or (opens is not None and max(days, default=opens) < opens):
            continue
        first = min(days, default=None)
        params: dict[str, object] = {"units": wave.units, "a_day": wave.a_day, "step": wave.step, "early": wave.early}
        late = 0 if opens is None else sum(count for day, count in days.items() if day < opens)
        if late and opens is not None:
            params |= {"opens": opens.isoformat(), "late": late}
            found.append(Problem(source.file, source.line(wave.path), "caps-cannot-hold", params))
        else:
            params["first"] = first.isoformat() if first else f"截止前第 {wave.step + wave.early} 个工作日"
            found.append(Problem(source.file, source.line(wave.path), "caps-start-early", params))
    return found


def shared_problems(
    campaigns: Mapping[str, Campaign], rosters: Mapping[str, Roster], calendar: Calendar, answers: AnswerSettings
) -> list[Problem]:
    """Days on which several deadlines, each within the caps, ask together for more than one mailbox can send."""
    counts: dict[tuple[str, date], Counter[str]] = {}
    most: dict[tuple[str, date], int] = {}
    for id, campaign in campaigns.items():
        for wave in waves(campaign, rosters[id], answers):
            for day, count in wave.days(calendar).items():
                for box in campaign.mailboxes[:1]:
                    counts.setdefault((box, day), Counter())[campaign.short] += count
                    most[box, day] = max(wave.a_day, most.get((box, day), 0))
    return [
        Problem(
            "settings.yaml",
            None,
            "caps-shared",
            {
                "mailbox": box,
                "day": day.isoformat(),
                "count": asked.total(),
                "a_day": most[box, day],
                "campaigns": "、".join(asked),
            },
        )
        for (box, day), asked in sorted(counts.items())
        if asked.total() > most[box, day]
    ]


def _owing(campaign: Campaign, roster: Roster) -> Iterator[tuple[Path, date | None, int]]:
    """(where the deadline stands, its last day or None, how many units could owe it), each once."""
    paths = {day: path for path, day, binding in all_dates(campaign) if binding}
    found: Counter[date] = Counter()
    for unit in roster.units:
        found.update(_last_days(campaign, unit))
    for day, units in sorted(found.items()):
        yield paths.get(day, ("deadlines",)), day, units
    for index, deadline in enumerate(campaign.deadlines):
        if deadline.every is not None and deadline.by is None:
            bound = [item.id for item in campaign.items if deadline.id in item.deadlines and not item.rolling]
            units = sum(
                any(unit.owes_item(id) for id in bound) and (not deadline.units or unit.kind in deadline.units)
                for unit in roster.units
            )
            if units:
                yield ("deadlines", index), None, units


def _last_days(campaign: Campaign, unit: Unit) -> set[date]:
    """The last days that are in time of everything the unit may be reminded of."""
    together = {id for total in campaign.totals for id in total.items}
    items = [
        item
        for item in campaign.items
        if item.owed_by == "unit" and not item.rolling and (not item.optional or item.id in together)
    ]
    moments = (campaign.deadline_for(item, unit.code, unit.kind) for item in items if unit.owes_item(item.id))
    return {(one.astimezone(campaign.zone) - timedelta(microseconds=1)).date() for one in moments if one is not None}
