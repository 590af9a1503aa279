"""calendar.yaml: days and spans of days, and nonsense told with its line."""

from datetime import date
from pathlib import Path

import pytest

from config.calendar_file import load_calendar


def test_days_off_are_written_one_by_one_or_from_day_to_day(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text("off: [2027-01-01..2027-01-03, 2027-10-01]\non:\n  - 2027-02-14 # 星期日\n", encoding="utf-8")
    calendar, problems = load_calendar(file)
    assert problems == []
    assert sorted(calendar.off) == [date(2027, 1, day) for day in (1, 2, 3)] + [date(2027, 10, 1)]
    assert calendar.is_workday(date(2027, 2, 14)) and calendar.is_workday(date(2027, 1, 4))
    assert calendar.known(2027)


@pytest.mark.parametrize("mark", ["..", " .. ", "~", "至", "—"])
def test_a_span_may_be_written_as_people_write_it(tmp_path: Path, mark: str) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(f"off:\n  - 2027-10-01{mark}2027-10-07\n", encoding="utf-8")
    calendar, problems = load_calendar(file)
    assert problems == [] and len(calendar.off) == 7


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("off:\n  - 2027-01-03..2027-01-01\n", "calendar-span", 2),
        ("off:\n  - 2027-01-01\n  - 2027-10-01..2028-10-07\n", "calendar-span", 3),
        ("off:\n  - 2027-01-01..2027-01-03\non:\n  - 2027-01-02\n", "calendar-both", 4),
        ("on:\n  - 2027-02-14\n  - 2027-01-04\n", "calendar-worked", 3),
        ("off:\n  - 春节\n", "not-day-or-span", 2),
        ("off: [2027-02-30]\n", "not-date", 1),
        ("off: [2027-02-27..2027-02-30]\n", "not-date", 1),
        ("off: 2027-10-01..2027-10-07\n", "not-list", 1),
    ],
)
def test_nonsense_is_told_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(text, encoding="utf-8")
    _, problems = load_calendar(file)
    assert [(p.file, p.line, p.code) for p in problems] == [("calendar.yaml", line, code)]
    assert "2027" in problems[0].text() or "看不懂" in problems[0].text() or "列表" in problems[0].text()
