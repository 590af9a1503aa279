"""Where each file of a campaign lies for people: 单位/材料/作品名, renamed and unpacked. Pure.

A path is given when its file arrives and kept while the file counts: what arrives later never renames what is there.
Only a decision, the campaign file or the roster can. What a later file replaced lies in 旧版, under its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from archive.barred import MAIL, barred
from archive.judging.kinds import PICTURES, SOUNDS, VIDEOS, stem
from archive.judging.parts import Group, Part
from archive.judging.superseding import FROM_LINK
from archive.judging.works import counted, grouped, is_again, submissions, undecided
from archive.names import file_name, segment, suffix, unique
from archive.records import Held, Holdings
from config.campaign import Campaign, GroupRule, Item
from config.roster import Roster

OLD = "旧版"
OPEN = "待归类"
_BY_MAIL = ("materials", "message", "evidence")
"""Kinds of items that are no works: what came together lies together."""


@dataclass(frozen=True)
class Entry:
    """One file of the archive and where it lies for people.

    path: below the campaign's folder, with `/`. piece: its way inside the mail; stored: below the object's content
    (`files/…`, or `message.eml` where the mail's own words are the material). name: as the unit wrote it.
    place: `current` (it counts), `old` (replaced), `open` (nobody said yet what it is).
    """

    path: str
    number: str
    piece: str
    stored: str
    sha256: str
    size: int
    unit: str
    item: str | None
    work: str
    name: str
    place: Literal["current", "old", "open"]


@dataclass(frozen=True)
class Withheld:
    """A file that must not lie where it is opened or copied without thought; why: in Chinese, for staff."""

    unit: str
    number: str
    piece: str
    name: str
    why: str


@dataclass(frozen=True)
class Layout:
    """The files of some units, by path, and what was left out."""

    entries: tuple[Entry, ...] = ()
    withheld: tuple[Withheld, ...] = ()


def lay_out(campaign: Campaign, roster: Roster, held: Mapping[str, Holdings]) -> Layout:
    """All units that sent something; `held` by unit code, each oldest first."""
    folders = unit_folders(roster, held)
    each = [lay_out_unit(campaign, folders[code], one) for code, one in held.items()]
    entries = sorted((entry for one in each for entry in one.entries), key=lambda entry: entry.path)
    return Layout(tuple(entries), tuple(left for one in each for left in one.withheld))


def campaign_folders(campaigns: Mapping[str, Campaign]) -> dict[str, str]:
    """Campaign id → its folder: the short name, with the id where two campaigns are called alike."""
    names = {id: segment(campaign.short) for id, campaign in campaigns.items()}
    return _told_apart(names)


def unit_folders(roster: Roster, codes: Iterable[str] = ()) -> dict[str, str]:
    """Unit code → its folder: the unit's name, with the code where two are called alike or it is on no roster."""
    names = {unit.code: segment(unit.name) for unit in roster.units}
    return _told_apart(names) | {code: segment(f"{code}（不在名册）") for code in codes if code not in names}


def _told_apart(names: Mapping[str, str]) -> dict[str, str]:
    counts: dict[str, int] = {}
    for name in names.values():
        counts[name.casefold()] = counts.get(name.casefold(), 0) + 1
    return {id: name if counts[name.casefold()] == 1 else segment(f"{name}（{id}）") for id, name in names.items()}


Key = tuple[str, str]
"""(number, piece): one file of one mail."""
_Placed = tuple[Part, str, Literal["current", "old"], str]
"""A file, its path below the item's folder, whether it counts, and the title of its work."""


def lay_out_unit(campaign: Campaign, folder: str, holdings: Holdings) -> Layout:
    """The files of one unit below `folder`."""
    held = submissions(campaign, holdings)
    turns = {number: turn for turn, number in enumerate(_as_filed(held))}
    sizes = {one.submission.number: one.submission.size for one in held}
    reasons = {one.submission.number: barred(one.submission.pieces) for one in held}
    everything = list(counted(campaign, holdings))
    names = _told_apart({item.id: segment(item.name) for item in campaign.items})
    placed: list[tuple[Part, Entry]] = []
    for item in campaign.items:
        parts = [part for part in everything if part.choice.item == item.id]
        for part, path, place, work in _item(campaign, item, parts, turns):
            path = f"{folder}/{names[item.id]}/{path}"
            placed.append((part, _entry(holdings.unit, part, path, place, work, sizes)))
    taken: set[str] = set()
    for part in sorted(undecided(campaign, holdings), key=lambda part: turns[part.number]):
        path = unique(f"{folder}/{OPEN}/{part.number}/{_file_name(part)}", taken)
        placed.append((part, _entry(holdings.unit, part, path, "open", "", sizes)))
    entries, left = [], {}
    for part, entry in placed:
        why = reasons[part.number].get(MAIL if entry.stored == MAIL else entry.piece)
        if why is None:
            entries.append(entry)
        else:
            left[entry.number, entry.piece] = Withheld(holdings.unit, entry.number, entry.piece, entry.name, why)
    return Layout(tuple(sorted(entries, key=lambda entry: entry.path)), tuple(left.values()))


def _as_filed(held: Sequence[Held]) -> list[str]:
    """Numbers in the order they were filed: a mail found late in another folder comes after what was there."""
    mails = sorted((one.submission for one in held), key=lambda one: (one.source.seen_at or one.received, one.number))
    return [mail.number for mail in mails]


# --- names that stay --------------------------------------------------------------------------------------------------


def _item(campaign: Campaign, item: Item, parts: Sequence[Part], turns: Mapping[str, int]) -> list[_Placed]:
    """The files of one item: those that count under the names they got when they came, the replaced ones in 旧版."""
    groups = grouped(campaign, item, parts)
    names = _by_mail(campaign, parts, turns) if item.kind in _BY_MAIL else _as_given(campaign, item, parts, turns)
    standing = {_key(part): (part, group) for group in groups for part in (*group.parts, *group.companions)}
    placed: list[_Placed] = [(part, names[key], "current", group.title) for key, (part, group) in standing.items()]
    known = {part.piece.sha256 for part, _ in standing.values()}
    taken: set[str] = set()
    for part in sorted(parts, key=lambda part: turns[part.number]):
        if _key(part) not in standing and part.piece.sha256 not in known:
            known.add(part.piece.sha256)
            path = unique(f"{OLD}/{part.number}/{_file_name(part)}", taken)
            placed.append((part, path, "old", ""))
    return placed


def _by_mail(campaign: Campaign, parts: Sequence[Part], turns: Mapping[str, int]) -> dict[Key, str]:
    """Day, number and subject of the mail name a folder; in it the files under their own names."""
    names: dict[Key, str] = {}
    taken: set[str] = set()
    for part in sorted(parts, key=lambda part: turns[part.number]):
        day = part.received.astimezone(campaign.zone).date().isoformat()
        folder = segment(f"{day} {part.number} {part.subject}".rstrip())
        names[_key(part)] = unique(f"{folder}/{_file_name(part)}", taken)
    return names


def _as_given(campaign: Campaign, item: Item, parts: Sequence[Part], turns: Mapping[str, int]) -> dict[Key, str]:
    """The names as they were given mail by mail: what counts keeps its name, what is new gets one that is free."""
    names: dict[Key, str] = {}
    places: dict[Key, int] = {}
    known = {_key(part): part for part in parts}
    seen: set[str] = set()
    for number in sorted({part.number for part in parts}, key=lambda number: turns[number]):
        seen.add(number)
        groups = grouped(campaign, item, [part for part in parts if part.number in seen])
        standing = {_key(part) for group in groups for part in (*group.parts, *group.companions)}
        taken = {OLD.casefold()}
        for key in standing & names.keys():
            taken |= {names[key].casefold(), names[key].partition("/")[0].casefold()}
        for group in groups:
            members = [_key(part) for part in (*group.parts, *group.companions)]
            folder = next((names[key].partition("/")[0] for key in members if "/" in names.get(key, "")), None)
            for part in (*group.parts, *group.companions):
                if _key(part) in names:
                    continue
                if not _in_a_folder(item, part):
                    names[_key(part)] = unique(segment(_title(item, group, part)) + _suffix(part), taken)
                    continue
                if folder is None:
                    folder = unique(segment(_folder(item, group)), taken)
                name = _file_name(part)
                if part.type in PICTURES:
                    places[_key(part)] = _place(part, folder, names, places, known, standing)
                    name = _in_order(places[_key(part)], name)
                names[_key(part)] = unique(f"{folder}/{name}", taken)
    return names


def _place(
    part: Part,
    folder: str,
    names: Mapping[Key, str],
    places: Mapping[Key, int],
    known: Mapping[Key, Part],
    standing: set[Key],
) -> int:
    """Which picture of its set it is, from 1: that of the one it replaces, else one more."""
    mine = [key for key in places if names[key].partition("/")[0] == folder]
    free = [key for key in mine if key not in standing and is_again(known[key].piece, part.piece)]
    used = {places[key] for key in mine if key in standing}
    again = next((places[key] for key in reversed(free) if places[key] not in used), None)
    return again if again is not None else max(used, default=0) + 1


def _in_order(place: int, name: str) -> str:
    """03 竣工.jpg; 03.jpg for what is called by a number alone."""
    base, dot, end = name.rpartition(".")
    return f"{place:02d}{dot}{end}" if base.isdigit() else f"{place:02d} {name}"


def _in_a_folder(item: Item, part: Part) -> bool:
    """Whether the file lies in a folder of its work: a picture, or what goes with pictures, where works are sets."""
    kind, category = part.type, part.choice.category
    sets = [rule for rule in item.rules if isinstance(rule, GroupRule)]
    wide = any(category is None or not rule.categories or category in rule.categories for rule in sets)
    return wide and kind not in VIDEOS and kind not in SOUNDS


def _title(item: Item, group: Group, part: Part) -> str:
    own = part.choice.work or stem(part.piece.name) or item.name
    return f"{own}{FROM_LINK}" if group.key.endswith(FROM_LINK) else own


def _folder(item: Item, group: Group) -> str:
    named = next((part.choice.work for part in (*group.parts, *group.companions) if part.choice.work), None)
    last = group.key.rpartition("/")[2]
    return named or (item.name if last.isdigit() or not last else last)


# --- one file ---------------------------------------------------------------------------------------------------------


def _file_name(part: Part) -> str:
    """The name the unit gave, with the suffix of what the file is."""
    if part.piece.stored == MAIL:
        return "邮件正文.eml"
    return file_name(part.piece.name or f"附件{part.piece.path.rpartition('/')[2]}", part.type)


def _suffix(part: Part) -> str:
    return ".eml" if part.piece.stored == MAIL else suffix(part.piece.name, part.type)


def _key(part: Part) -> Key:
    return part.number, part.piece.path


def _entry(
    unit: str, part: Part, path: str, place: Literal["current", "old", "open"], work: str, sizes: Mapping[str, int]
) -> Entry:
    piece, choice = part.piece, part.choice
    mail = piece.stored == MAIL  # words of the mail are no file of their own: the mail stands for them
    digest, size = (piece.sha256.partition(":")[0], sizes[part.number]) if mail else (piece.sha256, piece.size)
    return Entry(path, part.number, piece.path, piece.stored, digest, size, unit, choice.item, work, piece.name, place)
