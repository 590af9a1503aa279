"""申报条件: each 集体 held against each condition, by declared figures, by imported lists, else by a person's tick."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from archive.judging.applicants import Applicant, same
from archive.judging.filings import day_text, index, listing_for, matched
from archive.judging.findings import finding
from archive.judging.spelling import fold
from archive.records import Finding, Listing, Registered
from config.campaign import Eligibility

TICK = "eligible"
"""`Registered.by` of a condition that staff found met."""
_DATE = re.compile(r"((?:19|20)\d\d)[年.\-/]?(\d{1,2})?(?:[月.\-/](\d{1,2}))?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Standing:
    """One condition for one 集体: met, failed, or open until a person ticks it. why: in Chinese, what shows it."""

    condition: Eligibility
    applicant: Applicant
    state: Literal["met", "failed", "open"]
    why: str
    seen: str = ""


@dataclass(frozen=True)
class Known:
    """What may show that a condition is met. on: the day ages are reckoned at; elsewhere: 集体 → other units."""

    unit: str
    lists: tuple[Listing, ...]
    notes: tuple[Registered, ...]
    on: date
    elsewhere: Mapping[str, tuple[str, ...]] | None = None
    """None: the other units were not looked at."""


def standings(conditions: Iterable[Eligibility], mine: Sequence[Applicant], known: Known) -> tuple[Standing, ...]:
    """Every condition for every 集体 of one unit, in the campaign's order; not those of the office as a whole."""
    listing = listing_for(known.lists, "filing", known.unit)
    passed = frozenset(
        one.name
        for one, entry in (matched(mine, listing, known.unit) if listing is not None else ())
        if entry is not None and entry.state == "passed"
    )
    return tuple(
        _standing(condition, one, passed, known)
        for condition in conditions
        if condition.of == "applicant"
        for one in mine
    )


def office_standings(conditions: Iterable[Eligibility], notes: Iterable[Registered]) -> tuple[Standing, ...]:
    """The conditions that speak of the office's whole list: ticked for all units at once."""
    ticked = {note.item for note in notes if note.by == TICK and note.unit == ""}
    return tuple(
        Standing(one, Applicant(""), "met" if one.id in ticked else "open", "经办人已核" if one.id in ticked else "")
        for one in conditions
        if one.of == "office"
    )


def failures(found: Iterable[Standing]) -> list[Finding]:
    """What the declared figures do not meet: the office decides; 一般 and the like are advice."""
    result = []
    for one in found:
        if one.state != "failed":
            continue
        soft = one.condition.severity == "advice"
        text = f"申报集体“{one.applicant.name}”{one.why}，{'通知为一般性要求，供参考' if soft else '请核定'}"
        made = finding(
            "eligibility-soft" if soft else "eligibility-fails",
            text,
            severity="advice",
            number=one.applicant.number,
            piece=one.applicant.piece,
            seen=one.seen,
            wanted=bounds(one.condition),
        )
        result.append(replace(made, quote=one.condition.quote))
    return result


def bounds(condition: Eligibility) -> str:
    """6至200, 不低于50%, 不超过40."""
    least, most = (_said(condition, value) for value in (condition.min, condition.max))
    if least and most:
        return f"{least}至{most}"
    return f"不低于{least}" if least else f"不超过{most}" if most else ""


def _said(condition: Eligibility, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 100:g}%" if is_share(condition) else f"{value:g}"


def is_share(condition: Eligibility) -> bool:
    """Whether the figure is a share (0…1), written as 62% or 0.62."""
    return (condition.field or "").endswith(("比例", "占比"))


# --- one 集体 -----------------------------------------------------------------------------------------------------


def _standing(condition: Eligibility, one: Applicant, passed: frozenset[str], known: Known) -> Standing:
    for note in known.notes:
        meant = note.by == TICK and note.item == condition.id and note.unit in ("", known.unit)
        if meant and (not note.note or same(note.note, one.name)):
            return Standing(condition, one, "met", f"经办人{note.who}已核")
    if condition.field is not None:
        return _declared(condition, one, known)
    if condition.shown_by is not None:
        return _listed(condition, one, passed, known)
    return Standing(condition, one, "open", "请经办人核定")


def _declared(condition: Eligibility, one: Applicant, known: Known) -> Standing:
    value = figure(condition.field or "", one.row, known.on)
    if value is None:
        return Standing(condition, one, "open", f"表中没有填报{condition.field}")
    seen = _said(condition, round(value, 4))
    low = condition.min is not None and value < condition.min
    high = condition.max is not None and value > condition.max
    if low or high:
        return Standing(condition, one, "failed", f"{condition.field}为{seen}，要求{bounds(condition)}", seen)
    return Standing(condition, one, "met", f"填报{condition.field}为{seen}", seen)


def _listed(condition: Eligibility, one: Applicant, passed: frozenset[str], known: Known) -> Standing:
    if condition.shown_by == "route":
        if known.elsewhere is None:
            return Standing(condition, one, "open", "请经办人核定")
        others = next((found for name, found in known.elsewhere.items() if same(name, one.name)), ())
        why = f"同时见于{'、'.join(others)}" if others else "其他单位未申报同一集体"
        return Standing(condition, one, "open" if others else "met", why)
    if condition.shown_by == "filing":
        listing = listing_for(known.lists, "filing", known.unit)
        if listing is not None and one.name in passed:
            return Standing(condition, one, "met", f"{day_text(listing)}中已通过")
        return Standing(condition, one, "open", f"{day_text(listing)}中未通过" if listing else "尚未导入报备名单")
    listing = listing_for(known.lists, f"named:{condition.id}", known.unit)
    if listing is None:
        return Standing(condition, one, "open", "尚未导入命名名单")
    day = f"{listing.day.year}年{listing.day.month}月{listing.day.day}日"
    if index(listing).named(one.name):
        return Standing(condition, one, "met", f"见于命名名单“{listing.name}”（{day}）")
    return Standing(condition, one, "open", f"未见于命名名单“{listing.name}”（{day}）")


# --- figures ------------------------------------------------------------------------------------------------------


def figure(field: str, row: Mapping[str, str], on: date) -> float | None:
    """The figure a row declares: in its own column, a share from two numbers of people, an age from a day of birth."""
    want = fold(field)
    own = row.get(want) or next((cell for column, cell in row.items() if _plain(column) == want), "")
    if want.endswith(("比例", "占比")):
        share = _share(own)
        return share if share is not None else _of_people(re.sub(r"(?:比例|占比)$", "", want), row)
    if want.endswith("年龄"):
        return _number(own) if own else _age(want.removesuffix("年龄"), row, on)
    if not own and want == "人数":
        own = next((cell for column, cell in row.items() if _plain(column) in ("集体人数", "总人数", "成员人数")), "")
    return _number(own)


def _plain(column: str) -> str:
    return re.sub(r"\([^()]*\)", "", column)


def _number(text: str) -> float | None:
    found = _NUMBER.findall(fold(text))
    return float(found[0]) if len(found) == 1 else None


def _share(text: str) -> float | None:
    value = _number(text)
    if value is None:
        return None
    return value / 100 if "%" in fold(text) or value > 1 else value


def _of_people(which: str, row: Mapping[str, str]) -> float | None:
    part = next((cell for column, cell in row.items() if which in column and "人数" in column), "")
    whole = figure("人数", row, date.min)
    some = _number(part)
    return some / whole if some is not None and whole else None


def _age(whose: str, row: Mapping[str, str], on: date) -> float | None:
    """Whole years at that day; a month without a day counts from its first."""
    born = next((cell for column, cell in row.items() if whose in column and "出生" in column), "")
    found = _DATE.search(fold(born))
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    return float(on.year - year - ((on.month, on.day) < (month, day)))
