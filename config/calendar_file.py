"""calendar.yaml: the office's own days off and make-up working days, one by one or from day to day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from config.campaign import Value
from config.model_problems import build
from config.problems import Problem, faults
from config.reading import read_text
from config.workdays import Calendar
from config.yaml_lines import Document, read_yaml

LONGEST = 62
"""Days in one entry; a longer one is a slip of the pen (a year mistyped)."""
_SPAN = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})\s*(?:\.\.|…|~|～|—|至|到)\s*(\d{4}-\d{1,2}-\d{1,2})",
    re.ASCII,
)
_ONE = re.compile(r"[\d-]+", re.ASCII)

Span = tuple[date, date]


def _span(value: Any) -> Any:
    """A day, or the text `2027-01-01..2027-01-03`, as (first, last)."""
    if isinstance(value, date):
        return value, value
    if isinstance(value, str) and _ONE.fullmatch(value.strip()):
        raise PydanticCustomError("date_calendar", "no such day")
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("calendar_span", "not a day or a span of days")
    first, last = (_day(text) for text in found.groups())
    if first is None or last is None:
        raise PydanticCustomError("date_calendar", "no such day")
    return first, last


def _day(text: str) -> date | None:
    year, month, day = (int(part) for part in text.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return None


Days = tuple[Annotated[Span, BeforeValidator(_span)], ...]


class _CalendarFile(Value):
    """What the file may say."""

    off: Days = Field(default=())
    on: Days = Field(default=())


def load_calendar(path: Path) -> tuple[Calendar, list[Problem]]:
    """calendar.yaml; an absent file is an empty calendar, a faulty one too, with its problems."""
    if not path.exists():
        return Calendar(), []
    text, problems = read_text(path, path.name)
    document, found = read_yaml(text, path.name) if text is not None else (None, [])
    problems += found
    made, found = build(_CalendarFile, document) if document is not None else (None, [])
    problems += found
    if document is None or made is None:
        return Calendar(), problems
    problems += _nonsense(made, document)
    if faults(problems):
        return Calendar(), problems
    return Calendar(frozenset(_days(made.off)), frozenset(_days(made.on))), problems


def _days(spans: tuple[Span, ...]) -> Iterator[date]:
    for first, last in spans:
        for day in range((last - first).days + 1):
            yield first + timedelta(days=day)


def _nonsense(made: _CalendarFile, document: Document) -> list[Problem]:
    """Spans that run backwards or too long, days that are off and on, and make-up days that are worked anyway."""
    problems = []
    for key, spans in (("off", made.off), ("on", made.on)):
        for index, (first, last) in enumerate(spans):
            if not first <= last < first + timedelta(days=LONGEST):
                params = {"first": first.isoformat(), "last": last.isoformat(), "longest": LONGEST}
                problems.append(Problem(document.file, document.line((key, index)), "calendar-span", params))
    if problems:
        return problems
    off = set(_days(made.off))
    for index, span in enumerate(made.on):
        line = document.line(("on", index))
        for day in _days((span,)):
            if day in off:
                problems.append(Problem(document.file, line, "calendar-both", {"day": day.isoformat()}))
            elif day.weekday() < 5 and Calendar().is_workday(day):
                problems.append(Problem(document.file, line, "calendar-worked", {"day": day.isoformat()}))
    return problems
