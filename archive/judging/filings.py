"""网络报备: what a unit applies for, held against the list exported from the other system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from archive.judging.applicants import Applicant, applicants, applicants_item, is_end, keys
from archive.judging.findings import finding
from archive.judging.item_rules import View
from archive.records import Entry, FilingState, Finding, Listing

_BEST: tuple[FilingState, ...] = ("none", "returned", "pending", "passed")


@dataclass(frozen=True)
class Filed:
    """How the filings of one unit stand on a list: have = passed, need = the 集体 it applies for, or lists."""

    day: date
    have: int
    need: int
    findings: tuple[Finding, ...]


def listing_for(lists: Iterable[Listing], kind: str, unit: str) -> Listing | None:
    """The list of that kind that counts for a unit: the newest, be it for all units or for this one alone."""
    mine = [one for one in lists if one.kind == kind and one.unit in ("", unit)]
    return max(mine, key=lambda one: (one.day, one.at), default=None)


def day_text(listing: Listing) -> str:
    """截至7月15日导出的名单."""
    return f"截至{listing.day.month}月{listing.day.day}日导出的名单"


@dataclass(frozen=True)
class Index:
    """A list's rows by the keys of their names and by unit; made once for each list."""

    whole: Mapping[str, tuple[Entry, ...]]
    plain: Mapping[str, tuple[Entry, ...]]
    units: Mapping[str | None, tuple[Entry, ...]]

    def named(self, name: str) -> tuple[Entry, ...]:
        """The rows of that 集体."""
        whole, plain = keys(name)
        found = [*self.whole.get(whole, ()), *self.whole.get(plain, ()), *self.plain.get(whole, ())]
        return tuple(dict.fromkeys(found))


_made: dict[int, tuple[Listing, Index]] = {}


def index(listing: Listing) -> Index:
    """The list's rows to look up in, made once for each list: known again by identity, for hashing reads every row."""
    known = _made.get(id(listing))
    if known is None or known[0] is not listing:
        if len(_made) >= 16:
            _made.clear()
        known = _made[id(listing)] = (listing, _index(listing))
    return known[1]


def _index(listing: Listing) -> Index:
    whole: dict[str, list[Entry]] = {}
    plain: dict[str, list[Entry]] = {}
    units: dict[str | None, list[Entry]] = {}
    for entry in listing.entries:
        keyed = keys(entry.name)
        whole.setdefault(keyed[0], []).append(entry)
        plain.setdefault(keyed[1], []).append(entry)
        units.setdefault(entry.unit or listing.unit or None, []).append(entry)
    return Index(_frozen(whole), _frozen(plain), _frozen(units))


Key = TypeVar("Key")


def _frozen(found: Mapping[Key, Sequence[Entry]]) -> dict[Key, tuple[Entry, ...]]:
    return {key: tuple(entries) for key, entries in found.items()}


def matched(mine: Sequence[Applicant], listing: Listing, unit: str) -> list[tuple[Applicant, Entry | None]]:
    """Each 集体 with its row of the list: first by the same name, then by a short name within the unit's own rows.

    Where a 集体 has several rows the unit's own come first, then those of no known unit; of these the best counts.
    That it was filed under another unit is found as `applicant-twice`. What may be either of two rows is neither.
    """
    known = index(listing)
    found: dict[int, Entry] = {}
    used: set[str] = set()
    for place, one in enumerate(mine):
        fits = _nearest(known.named(one.name), unit, one.name)
        if fits:
            found[place] = _best(fits)
            used |= {entry.name for entry in fits}
    for place, one in enumerate(mine):
        if place not in found:
            ends = [
                entry for entry in known.units.get(unit, ()) if entry.name not in used and is_end(one.name, entry.name)
            ]
            if len({entry.name for entry in ends}) == 1:
                found[place] = _best(ends)
                used.add(ends[0].name)
    return [(one, found.get(place)) for place, one in enumerate(mine)]


def _nearest(rows: Sequence[Entry], unit: str, name: str) -> list[Entry]:
    own = [entry for entry in rows if entry.unit == unit]
    near = own or [entry for entry in rows if entry.unit is None] or list(rows)
    exact = [entry for entry in near if keys(entry.name)[0] == keys(name)[0]]
    return exact or (near if len({keys(entry.name)[0] for entry in near}) == 1 else [])


def _best(rows: Sequence[Entry]) -> Entry:
    return max(rows, key=lambda entry: _BEST.index(entry.state))


def filed(view: View) -> Filed | None:
    """The unit's filings on the list in force; None as long as there is none.

    What staff registered as done elsewhere after the list was imported counts with it.
    """
    listing = listing_for(view.lists, "filing", view.unit.code)
    if listing is None:
        return None
    pairs = matched(subjects(view), listing, view.unit.code)
    passed = sum(entry is not None and entry.state == "passed" for _, entry in pairs)
    need = max(len(pairs), 1) if view.unit.owes_item(view.item.id) else 0
    later = [note for note in view.registered if note.by == "external" and note.at >= listing.at]
    have = max(passed, sum(max(note.count, 0) for note in later))
    told = () if have >= need else tuple(_told(view, listing, pairs))
    return Filed(listing.day, have, need, told)


def subjects(view: View) -> tuple[Applicant, ...]:
    """The 集体 in question: those of the unit's own table, else those the list has under the unit."""
    item = applicants_item(view.campaign)
    mine = applicants(view.others.get(item.id, ())) if item is not None else ()
    listing = listing_for(view.lists, "filing", view.unit.code)
    return mine or listed_under(listing, view.unit.code)


def listed_under(listing: Listing | None, unit: str) -> tuple[Applicant, ...]:
    """The 集体 a list has under that unit, each once; all of them when the list is that unit's alone."""
    rows = index(listing).units.get(unit, ()) if listing is not None else ()
    names = {keys(entry.name)[0]: entry.name for entry in reversed(rows)}
    return tuple(Applicant(name) for name in reversed(names.values()))


def _told(view: View, listing: Listing, pairs: Sequence[tuple[Applicant, Entry | None]]) -> list[Finding]:
    if not pairs and view.unit.owes_item(view.item.id):
        text = f"未见该单位的集体完成网上报备（{day_text(listing)}）"
        return [_about(view, "not-filed", Applicant(""), text, "未报", listing)]
    return [one for applicant, entry in pairs for one in _one(view, listing, applicant, entry)]


def _one(view: View, listing: Listing, applicant: Applicant, entry: Entry | None) -> list[Finding]:
    name, day = f"申报集体“{applicant.name}”", day_text(listing)
    state = entry.state if entry is not None else "none"
    if state == "passed":
        return []
    if state == "returned":
        text = f"{name}的网上报备已被管理单位退回（{day}），请修改后重新报备"
        return [_about(view, "filing-returned", applicant, text, "退回", listing)]
    if state == "pending":
        text = f"{name}的网上报备尚待管理单位审核（{day}），请联系管理单位审核"
        return [_about(view, "filing-pending", applicant, text, "待审", listing)]
    if applicant.filed:
        text = f"{name}在汇总表中填写已网上报备，但{day}中未见，请核对并完成报备"
        return [_about(view, "not-filed", applicant, text, "表中填“是”，名单中未见", listing)]
    text = f"{name}未见网上报备（{day}），请尽快完成报备"
    return [_about(view, "not-filed", applicant, text, "未报", listing)]


def _about(view: View, code: str, applicant: Applicant, text: str, seen: str, listing: Listing) -> Finding:
    wanted = "经管理单位审核通过"
    made = finding(code, text, number=applicant.number, piece=applicant.piece, seen=seen, wanted=wanted)
    return replace(made, quote=view.item.quote)


def said_not_filed(view: View) -> list[Finding]:
    """Without a list: the rows in which the unit itself says 否."""
    item = applicants_item(view.campaign)
    mine = applicants(view.others.get(item.id, ())) if item is not None else ()
    found = []
    for one in mine:
        if one.filed is False:
            text = f"申报集体“{one.name}”在汇总表中填写为未网上报备，请尽快完成报备"
            made = finding("not-filed", text, number=one.number, piece=one.piece, seen="否", wanted="是")
            found.append(replace(made, quote=view.item.quote))
    return found
