"""`check` foretells what the planner does when the caps are too low: the two are compared, unit by unit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.checklist import checklist
from archive.records import Holdings
from config.capacity import waves
from config.home import init_home
from config.loading import Config, load_home
from config.problems import Problem
from config.workdays import Calendar
from intake.reminders import Situation, plan

CAMPAIGN = """\
id: {id}
title: 关于报送材料的通知
short: {id}
issuer: 示例办公室
issued: 2018-07-19
status: open
mode: normal
mailboxes: [demo]
roster: demo.csv
contact: {{name: 联系人, phone: "000"}}
deadlines:
  - {{id: main, {by}, quote: 8月20日前报送}}
items:
  - {{id: summary, name: 活动总结, deadlines: [main], rules: [{{check: count, min: 1, quote: 报送总结}}]}}
"""
SETTINGS = """\
mailboxes:
  demo: {{code: DM, address: demo@office.example.test, imap: {{host: imap.example.test, user: demo}}}}
answers: {{per_hour: {hour}, per_day: {day}}}
"""


def loaded(
    home: Path, units: int, hour: int, day: int, by: str = "by: 2018-08-20", ids: tuple[str, ...] = ("a",)
) -> Config:
    """A home with as many units and caps, and one campaign for each id."""
    init_home(home)
    for example in (home / "campaigns").iterdir():
        example.unlink()
    for id in ids:
        (home / "campaigns" / f"{id}.yaml").write_text(CAMPAIGN.format(id=id, by=by), encoding="utf-8")
    rows = "".join(f"U{n},单位{n},u{n}@unit.example.test\n" for n in range(units))
    (home / "rosters" / "demo.csv").write_text(f"code,name,emails\n{rows}", encoding="utf-8")
    (home / "settings.yaml").write_text(SETTINGS.format(hour=hour, day=day), encoding="utf-8")
    return load_home(home)


def told(config: Config) -> list[tuple[str, str, int | None]]:
    return [(p.code, p.file, p.line) for p in config.problems]


def text(config: Config) -> str:
    (problem,) = config.problems
    assert isinstance(problem, Problem) and problem.severity == "warning"
    return problem.text()


def test_caps_that_hold_are_not_spoken_of(tmp_path: Path) -> None:
    assert told(loaded(tmp_path, 200, 30, 200)) == []


def test_a_step_that_must_start_earlier_is_told_with_its_first_day(tmp_path: Path) -> None:
    config = loaded(tmp_path, 450, 30, 200)
    assert told(config) == [("caps-start-early", "campaigns/a.yaml", 12)]
    assert "450 个单位" in text(config) and "提前 2 个工作日，从 2018-08-13 起" in text(config)


def test_caps_that_cannot_hold_even_from_the_opening_day_are_told_with_who_would_be_missed(tmp_path: Path) -> None:
    config = loaded(tmp_path, 450, 2, 16)
    assert told(config) == [("caps-cannot-hold", "campaigns/a.yaml", 12)]
    assert "2018-07-19" in text(config) and "per_hour" in text(config)


@pytest.mark.parametrize(
    ("units", "hour", "day"), [(450, 30, 200), (450, 2, 16), (41, 30, 20), (40, 30, 20), (1, 1, 1)]
)
def test_what_is_foretold_is_what_the_planner_does(tmp_path: Path, units: int, hour: int, day: int) -> None:
    config = loaded(tmp_path, units, hour, day)
    campaign, roster, answers = config.campaigns["a"], config.rosters["a"], config.settings.answers
    now = datetime(2018, 7, 1, tzinfo=UTC)
    nothing = {one.code: checklist(campaign, one, Holdings("a", one.code), now) for one in roster.units}
    everyone = Situation(addresses={one.code: one.emails[0] for one in roster.units})
    dues = plan(campaign, roster, nothing, (), config.calendar, answers, everyone, now)
    planned = Counter(one.due.astimezone(campaign.zone).date() for one in dues if one.kind == "reminder")
    (wave,) = waves(campaign, roster, answers)
    foretold = wave.days(config.calendar)
    opens = date(2018, 7, 19)
    assert planned == {on: count for on, count in foretold.items() if on >= opens}
    assert sum(foretold.values()) == units
    missed = sum(count for on, count in foretold.items() if on < opens)
    assert ("caps-cannot-hold" in {p.code for p in config.problems}) == (missed > 0)
    assert any(p.params.get("late") == missed for p in config.problems) == (missed > 0)


def test_a_recurring_deadline_is_told_in_working_days(tmp_path: Path) -> None:
    config = loaded(tmp_path, 450, 30, 200, by="every: month, day: end")
    assert told(config) == [("caps-start-early", "campaigns/a.yaml", 12)]
    assert "从 截止前第 5 个工作日 起" in text(config)


def test_two_campaigns_that_together_ask_too_much_of_one_mailbox_are_told(tmp_path: Path) -> None:
    config = loaded(tmp_path, 150, 30, 200, ids=("a", "b"))
    assert told(config) == [("caps-shared", "settings.yaml", None)]
    assert "2018-08-15 可能要发 300 封提醒（a、b）" in text(config)


def changed(home: Path, old: str, new: str) -> Config:
    path = home / "campaigns" / "a.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    return load_home(home)


@pytest.mark.parametrize("status", ["example", "closed"])
def test_a_campaign_that_writes_to_nobody_asks_nothing_of_the_caps(tmp_path: Path, status: str) -> None:
    loaded(tmp_path, 450, 2, 16)
    assert told(changed(tmp_path, "status: open", f"status: {status}")) == []


def test_units_that_owe_nothing_are_not_counted(tmp_path: Path) -> None:
    loaded(tmp_path, 450, 30, 200)
    rows = "".join(f"U{n},单位{n},u{n}@unit.example.test,{'-' if n > 100 else ''}\n" for n in range(450))
    (tmp_path / "rosters" / "demo.csv").write_text(f"code,name,emails,owes\n{rows}", encoding="utf-8")
    assert told(load_home(tmp_path)) == []


# --- days ----------------------------------------------------------------------------------------------------------


def test_a_deadline_on_a_day_off_is_told_with_the_working_day_before(tmp_path: Path) -> None:
    config = loaded(tmp_path, 3, 30, 200, by="by: 2018-10-07")
    assert told(config) == [("day-off", "campaigns/a.yaml", 12)]
    assert "前一个工作日是 2018-09-30" in text(config), "a Sunday that is worked"
    (wave,) = waves(config.campaigns["a"], config.rosters["a"], config.settings.answers)
    assert wave.day == date(2018, 10, 7), "it is never moved"


def test_a_reminder_that_falls_before_the_opening_is_told(tmp_path: Path) -> None:
    config = loaded(tmp_path, 3, 30, 200, by="by: 2018-07-20")
    assert told(config) == [("step-before-opens", "campaigns/a.yaml", 12)]
    assert "第 3 个工作日（2018-07-17）" in config.problems[0].text()


def test_the_year_of_a_reminder_counts_as_well_as_that_of_the_deadline(tmp_path: Path) -> None:
    loaded(tmp_path, 3, 30, 200, by="by: 2028-01-04")
    own: Any = Calendar(off=frozenset({date(2028, 10, 1)}))
    assert own.known(2028)
    (tmp_path / "calendar.yaml").write_text("off: [2028-10-01]\n", encoding="utf-8")
    config = load_home(tmp_path)
    assert told(config) == [("year-unknown", "calendar.yaml", None)]
    assert "2027 安排未录入，按周末和法定假日推算" in text(config)
