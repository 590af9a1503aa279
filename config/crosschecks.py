"""What a campaign file can get wrong although every key is right: unknown ids, crossed bounds, no source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.campaign import CONTACT_PLACEHOLDER, Campaign, Deadline, Item, RuleBase
from config.problems import Problem
from config.quotes import sourced
from config.roster import Roster
from config.workdays import Calendar
from config.yaml_lines import Document, Path, short

_BOUNDS = (("min", "max"), ("min_width", "max_width"), ("min_height", "max_height"))


class _Notes:
    """Collects problems of one document by the path they stand at."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems: list[Problem] = []

    def add(self, path: Path, code: str, **params: object) -> None:
        self.problems.append(Problem(self._document.file, self._document.line(path), code, params))

    def unknown(self, path: Path, key: str, values: Iterable[str], known: Iterable[str]) -> None:
        """A problem for each value that is not among the known ids."""
        names = list(known)
        for value in values:
            if value not in names:
                self.add(path, "unknown-id", key=key, value=short(value), known=", ".join(names) or "（无）")


def check_campaign(campaign: Campaign, document: Document, calendar: Calendar) -> list[Problem]:
    """All problems of one campaign file that was read without fault."""
    notes = _Notes(document)
    _ids(campaign, notes)
    for index, item in enumerate(campaign.items):
        _item(item, campaign, ("items", index), notes)
    _references(campaign, notes)
    _dates(campaign, notes, calendar)
    _sources(campaign, notes)
    return sorted(notes.problems, key=lambda problem: problem.line or 0)


def _ids(campaign: Campaign, notes: _Notes) -> None:
    groups: list[tuple[str, Path, list[str]]] = [
        ("items", ("items",), [i.id for i in campaign.items]),
        ("deadlines", ("deadlines",), [d.id for d in campaign.deadlines]),
        ("totals", ("totals",), [t.id for t in campaign.totals]),
        ("eligibility", ("eligibility",), [e.id for e in campaign.eligibility]),
    ]
    for index, item in enumerate(campaign.items):
        groups.append(("categories", ("items", index, "categories"), [c.id for c in item.categories]))
        groups.append(("subkinds", ("items", index, "subkinds"), [s.id for s in item.subkinds]))
    for kind, path, ids in groups:
        seen: Counter[str] = Counter()
        for position, name in enumerate(ids):
            seen[name] += 1
            if seen[name] == 2:
                notes.add((*path, position, "id"), "duplicate-id", kind=kind, value=name)
    files: list[tuple[Path, str]] = [(("roster",), campaign.roster)]
    files += [(("quotas", index, "file"), quota.file) for index, quota in enumerate(campaign.quotas)]
    for path, name in files:
        if name.startswith(".") or any(mark in name for mark in "/\\:\0"):
            notes.add(path, "plain-file-name", value=short(name))


def _item(item: Item, campaign: Campaign, path: Path, notes: _Notes) -> None:
    notes.unknown((*path, "deadlines"), "deadlines", item.deadlines, [d.id for d in campaign.deadlines])
    if item.rolling and item.deadlines:
        notes.add((*path, "deadlines"), "rolling-deadline", value=item.id)
    for index, rule in enumerate(item.rules):
        _rule(rule, item, campaign, (*path, "rules", index), notes)


def _rule(rule: RuleBase, item: Item, campaign: Campaign, path: Path, notes: _Notes) -> None:
    notes.unknown((*path, "categories"), "categories", rule.categories, [c.id for c in item.categories])
    if rule.subkind is not None:
        notes.unknown((*path, "subkind"), "subkind", [rule.subkind], [s.id for s in item.subkinds])
    notes.unknown((*path, "with_items"), "with_items", getattr(rule, "with_items", ()), [i.id for i in campaign.items])
    bounded = [pair for pair in _BOUNDS if pair[0] in type(rule).model_fields]
    for low, high in bounded:
        least, most = getattr(rule, low), getattr(rule, high)
        if least is not None and most is not None and least > most:
            notes.add((*path, low), "bounds", min_key=low, min=least, max_key=high, max=most)
    if bounded and all(getattr(rule, name) is None for pair in bounded for name in pair):
        notes.add(path, "no-bound", check=getattr(rule, "check", ""))


def _references(campaign: Campaign, notes: _Notes) -> None:
    items, deadlines = [i.id for i in campaign.items], [d.id for d in campaign.deadlines]
    for index, total in enumerate(campaign.totals):
        notes.unknown(("totals", index, "items"), "items", total.items, items)
    for index, extension in enumerate(campaign.extensions):
        notes.unknown(("extensions", index, "deadline"), "deadline", [extension.deadline], deadlines)
        if extension.deadline in deadlines:
            bound = [i.id for i in campaign.items if extension.deadline in i.deadlines]
            notes.unknown(("extensions", index, "items"), "items", extension.items, bound)
    for index, each in enumerate(campaign.eligibility):
        if each.min is not None and each.max is not None and each.min > each.max:
            params = {"min_key": "min", "min": each.min, "max_key": "max", "max": each.max}
            notes.add(("eligibility", index), "bounds", **params)
    used = {name for item in campaign.items for name in item.deadlines}
    for index, deadline in enumerate(campaign.deadlines):
        if deadline.id not in used:
            notes.add(("deadlines", index), "deadline-unused", value=deadline.id)
    if campaign.status == "open" and not campaign.mailboxes:
        notes.add(("mailboxes",), "no-mailbox")
    try:
        ZoneInfo(campaign.timezone)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a LookupError; odd names raise the others
        notes.add(("timezone",), "timezone", value=short(campaign.timezone))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def all_dates(campaign: Campaign) -> Iterator[tuple[Path, date, bool]]:
    """Every date of the campaign with its path, and whether it is a day by which something must arrive."""
    for name in ("issued", "opens"):
        value = getattr(campaign, name)
        if value is not None:
            yield (name,), value, False
    for index, deadline in enumerate(campaign.deadlines):
        if deadline.by is not None:
            yield ("deadlines", index, "by"), _day(deadline.by), True
    for index, extension in enumerate(campaign.extensions):
        yield ("extensions", index, "by"), _day(extension.by), True
    for index, window in enumerate(campaign.windows):
        for name in ("begin", "end"):
            value = getattr(window, name)
            if value is not None:
                yield ("windows", index, name), value, False


def step_day(day: date, step: int, calendar: Calendar) -> date:
    """The working day of a reminder `step` working days before a deadline's day; step 0 on a day off goes before it."""
    return calendar.workdays_before(day, step if step or calendar.is_workday(day) else 1)


def step_days(campaign: Campaign, calendar: Calendar) -> Iterator[tuple[Path, int, date]]:
    """Every reminder and telephone step of every dated deadline: where the deadline stands, the step and its day."""
    steps = sorted({*campaign.reminders.letters, *campaign.reminders.phone}, reverse=True)
    for path, day, binding in all_dates(campaign):
        if binding and 2000 <= day.year <= 2100:
            for step in steps:
                yield path, step, step_day(day, step, calendar)


def _dates(campaign: Campaign, notes: _Notes, calendar: Calendar) -> None:
    opens = campaign.opens or campaign.issued
    for path, step, day in step_days(campaign, calendar):
        if opens is not None and day < opens:
            notes.add(path, "step-before-opens", step=step, day=day.isoformat(), opens=opens.isoformat())
    for path, day, binding in all_dates(campaign):
        if not 2000 <= day.year <= 2100:
            notes.add(path, "odd-year", key=path[-1], value=day.year)
        elif binding and not calendar.is_workday(day):
            notes.add(path, "day-off", day=day.isoformat(), before=calendar.workdays_before(day, 1).isoformat())
    by_id: dict[str, Deadline] = {deadline.id: deadline for deadline in campaign.deadlines}
    for index, deadline in enumerate(campaign.deadlines):
        if deadline.by is None and deadline.every is None:
            code = "deadline-empty-draft" if campaign.status == "draft" else "deadline-empty"
            notes.add(("deadlines", index), code, value=deadline.id)
        if isinstance(deadline.day, int) and not 1 <= deadline.day <= 31:
            notes.add(("deadlines", index, "day"), "number-range", key="day", value=deadline.day, bound="1–31")
    for index, extension in enumerate(campaign.extensions):
        first = by_id.get(extension.deadline)
        if first is not None and first.by is not None and _day(extension.by) < _day(first.by):
            notes.add(("extensions", index, "by"), "amended-past", day=_day(extension.by).isoformat())


def _sources(campaign: Campaign, notes: _Notes) -> None:
    """Every demand, deadline and total has its sentence, or says that the office must confirm it."""
    if campaign.status == "open" and CONTACT_PLACEHOLDER in campaign.contact.name + campaign.contact.phone:
        notes.add(("contact",), "contact-placeholder")
    for path, value in sourced(campaign):
        if campaign.status == "open" and value.confirm:
            notes.add((*path, "confirm"), "confirm-open", confirm=short(value.confirm))
        demand = getattr(value, "severity", None) == "demand" or path[:1] in (
            ("deadlines",),
            ("totals",),
            ("extensions",),
        )
        if demand and not value.quote and not value.confirm:
            what = getattr(value, "check", None) or getattr(value, "id", None) or path[0]
            notes.add(path, "missing-quote", what=what)


def check_with_roster(
    campaign: Campaign, document: Document, roster: Roster, rows: Mapping[str, int], roster_file: str
) -> list[Problem]:
    """What campaign and roster say of each other: units of extensions, kinds of unit, items in `owes`.

    rows: the row of each unit in the roster file, by code.
    """
    notes = _Notes(document)
    codes = {unit.code for unit in roster.units}
    for index, extension in enumerate(campaign.extensions):
        for code in extension.units:
            if code not in codes:
                notes.add(("extensions", index, "units"), "unit-not-on-roster", value=short(code))
    kinds = sorted({unit.kind for unit in roster.units if unit.kind})
    for path, named in _kinds(campaign):
        for kind in named:
            if kind not in kinds:
                notes.add(path, "kind-not-on-roster", value=short(kind), known=", ".join(kinds) or "（无）")
    items = [item.id for item in campaign.items]
    problems = list(notes.problems)
    for unit in roster.units:
        for owed in unit.owes or ():
            if owed not in items:
                params = {"unit": unit.name, "value": owed, "campaign": campaign.id, "known": ", ".join(items)}
                problems.append(Problem(roster_file, rows.get(unit.code), "roster-unknown-item", params))
    return problems


def _kinds(campaign: Campaign) -> Iterator[tuple[Path, tuple[str, ...]]]:
    for index, deadline in enumerate(campaign.deadlines):
        yield ("deadlines", index, "units"), deadline.units
    for index, item in enumerate(campaign.items):
        for position, rule in enumerate(item.rules):
            yield ("items", index, "rules", position, "units"), rule.units
