"""Decided pieces become works: what belongs together, what was sent twice, what a later mail replaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from archive.judging.alike import nearly_equal
from archive.judging.kinds import EDITABLE, HARMLESS, MEDIA, PACKED, PICTURES, SCANS, TABLES, TEXTS, same, stem
from archive.judging.parts import Group, Part
from archive.judging.superseding import FROM_LINK, Unclear, in_sets, is_broken, says, standing, unclear
from archive.records import Facts, Held, Holdings, Piece, PieceDecision, Work
from config.campaign import (
    Campaign,
    CharactersRule,
    CompanionRule,
    FormatRule,
    GroupRule,
    Item,
    PagesRule,
    PairRule,
    Rule,
)


def works(campaign: Campaign, holdings: Holdings) -> tuple[Work, ...]:
    """All works that count for the unit, by item in the campaign's order, superseded and repeated files left out."""
    return tuple(group.work() for group in work_groups(campaign, holdings))


def work_groups(campaign: Campaign, holdings: Holdings) -> tuple[Group, ...]:
    """The same with the 件 each file came with."""
    parts = tuple(counted(campaign, holdings))
    return tuple(group for item in campaign.items for group in grouped(campaign, item, parts) if not group.loose)


def standing_files(campaign: Campaign, holdings: Holdings) -> frozenset[tuple[str, str]]:
    """(number, path) of every file that counts now: none that a later one has replaced."""
    parts = tuple(counted(campaign, holdings))
    groups = (group for item in campaign.items for group in grouped(campaign, item, parts))
    return frozenset((part.number, part.piece.path) for group in groups for part in (*group.parts, *group.companions))


def unclear_works(campaign: Campaign, holdings: Holdings) -> tuple[Unclear, ...]:
    """What only a person can say about the unit's works: whether a later one replaces an earlier or is one more."""
    parts = tuple(counted(campaign, holdings))
    return tuple(one for item in campaign.items for one in unclear(item, grouped(campaign, item, parts)))


# --- which files count --------------------------------------------------------------------------------------------


def submissions(campaign: Campaign, holdings: Holdings) -> tuple[Held, ...]:
    """The 件 that count for this unit: submissions of this campaign, not discarded, oldest first."""
    mine = (
        held
        for held in holdings.held
        if held.decision.role == "submission"
        and not held.decision.discarded
        and held.decision.campaign == campaign.id
        and (
            held.decision.unit == holdings.unit or any(choice.unit == holdings.unit for choice in held.decision.pieces)
        )
    )
    return tuple(sorted(mine, key=lambda held: (held.submission.received, held.submission.number)))


def parts_of(held: Held, unit: str) -> Iterator[Part]:
    """Every file of a 件 that is this unit's, decided or not; archives whose contents are listed are left out."""
    submission, decision = held.submission, held.decision
    opened = {piece.within for piece in submission.pieces if piece.within is not None and not piece.embedded}
    pieces = [piece for piece in submission.pieces if piece.path not in opened or piece.problem not in HARMLESS]
    known = {piece.path: piece.name for piece in submission.pieces}
    for choice in decision.pieces:
        if choice.path not in known and choice.item is not None and submission.mail.text:
            pieces.append(_mail_text(held, choice))
    for piece in pieces:
        choice = decision.piece(piece.path) or PieceDecision(path=piece.path)
        if piece.embedded and choice.item is None:
            continue  # an illustration is no file of its own, and its bytes are not thereby decided on elsewhere
        if (choice.unit or decision.unit) == unit:
            inside = known.get(piece.within or "", "") if piece.embedded else ""
            yield Part(
                piece,
                choice,
                submission.number,
                submission.received,
                submission.channel,
                submission.mail.subject,
                inside,
            )


def counted(campaign: Campaign, holdings: Holdings) -> Iterator[Part]:
    """The files decided to be some item of the campaign, oldest first."""
    ids = {item.id for item in campaign.items}
    mine = submissions(campaign, holdings)
    for held in mine:
        for part in parts_of(held, holdings.unit):
            if part.choice.item in ids and not part.choice.none and not _came_again(part, mine):
                yield part


def undecided(campaign: Campaign, holdings: Holdings) -> tuple[Part, ...]:
    """The files nobody has decided on yet; bytes decided on elsewhere (an attachment quoted back) are known."""
    ids = {item.id for item in campaign.items}
    parts = [part for held in submissions(campaign, holdings) for part in parts_of(held, holdings.unit)]
    known = {part.piece.sha256 for part in parts if part.choice.item in ids or part.choice.none}
    open_ = [part for part in parts if part.choice.item not in ids and not part.choice.none]
    mine = submissions(campaign, holdings)
    open_ = [part for part in open_ if not _came_again(part, mine)]
    return tuple(_once(part for part in open_ if part.piece.sha256 not in known))


def _came_again(part: Part, mine: Sequence[Held]) -> bool:
    """Whether a file that could not be opened came whole afterwards, under the same name."""
    if not part.piece.name or not is_broken(part.piece):
        return False
    return any(
        piece.name == part.piece.name and not is_broken(piece)
        for held in mine
        if held.submission.received > part.received
        for piece in held.submission.pieces
    )


CAPTION_SAID = "正文写有说明："
"""How the evidence begins that gives the caption standing in a mail's own words."""
_WORDS = re.compile(r"[A-Za-z0-9À-ɏ]+(?:['’.\-][A-Za-z0-9]+)*|[^\s\x00-\x7f]")


def _mail_text(held: Held, choice: PieceDecision) -> Piece:
    """The mail's own words as a text file, or the caption in them, where the decision says that they are a material."""
    words = held.submission.mail.text
    caption = next((evidence.text for evidence in choice.evidence if evidence.kind == "caption"), words)
    return words_as_piece(choice.path, "邮件正文", caption.removeprefix(CAPTION_SAID), held.submission.sha256)


def words_as_piece(path: str, name: str, words: str, digest: str) -> Piece:
    """Words that stand in something else (a mail, a table) as a text of their own."""
    facts = Facts("txt", "text/plain", characters=len(_WORDS.findall(words)), text=words[:4000])
    return Piece(path, name, "message.eml", f"{digest}:{path}", len(words.encode()), facts)


# --- what belongs together ----------------------------------------------------------------------------------------


def grouped(campaign: Campaign, item: Item, counted_parts: Iterable[Part]) -> tuple[Group, ...]:
    """The works of one item from all counted parts (oldest first)."""
    parts = standing(item, [part for part in counted_parts if part.choice.item == item.id])
    buckets: dict[str, list[Part]] = {}
    owner: dict[str, tuple[str, Part]] = {}
    again: dict[str, list[tuple[Part, Part]]] = {}
    for part, key in zip(parts, _keys(item, parts), strict=True):
        first, known = owner.setdefault(part.piece.sha256, (key, part))
        if _companionable(item, part) or first == key:
            buckets.setdefault(key, []).append(part)
        elif known.number == part.number:
            again.setdefault(first, []).append((known, part))
    groups = [_group(item, key, category, found) for (key, category), found in _by_category(buckets).items()]
    groups = [replace(one, repeated=(*one.repeated, *again.get(one.key, ()))) for one in groups]
    if item.kind == "work":
        return _lend_texts(item, _joined(item, groups))
    return tuple(groups)


def _joined(item: Item, groups: list[Group]) -> list[Group]:
    """Some pictures that came later and are no set by themselves go to the set they mend: 3.jpg sent anew."""
    result = list(groups)
    for guest in sorted(groups, key=_arrival):
        hosts = [host for host in result if _arrival(host) < _arrival(guest) and _takes_in(item, host, guest)]
        if len(hosts) == 1:
            host = hosts[0]
            every = (*host.parts, *host.companions, *guest.parts, *guest.companions)
            parts = sorted(every, key=lambda part: (part.received, part.number))
            result[result.index(host)] = replace(_group(item, host.key, host.category, parts), title=host.title)
            result.remove(guest)
    return result


def _arrival(group: Group) -> tuple[datetime, str]:
    return group.received, group.number


def _takes_in(item: Item, host: Group, guest: Group) -> bool:
    """Whether the guest's pictures are a mended part of the host: all named like its own, or sent in answer to us."""
    rule = next((rule for rule in _for(item, guest.category) if isinstance(rule, GroupRule)), None)
    least = rule.min or 2 if rule else 0
    pictures = [part for part in guest.parts if part.type in PICTURES]
    if not pictures or len(pictures) != len(guest.parts) or len(pictures) >= least or guest.number == host.number:
        return False
    if guest.category not in (None, host.category) or not any(part.type in PICTURES for part in host.parts):
        return False
    again = all(any(is_again(old.piece, part.piece) for old in host.parts) for part in pictures)
    return again or any(says(part, "mends") for part in pictures)


def _companionable(item: Item, part: Part) -> bool:
    return item.kind == "work" and part.type not in MEDIA and needs_companion(item, part.choice.category)


def _by_category(buckets: dict[str, list[Part]]) -> dict[tuple[str, str | None], list[Part]]:
    """The same key in two categories is two works; a part without a category joins the only one there is."""
    result: dict[tuple[str, str | None], list[Part]] = {}
    for key, parts in buckets.items():
        named = {part.choice.category for part in parts if part.choice.category}
        only = next(iter(named)) if len(named) == 1 else None
        for part in parts:
            result.setdefault((key, part.choice.category or only), []).append(part)
    return result


def _keys(item: Item, parts: Sequence[Part]) -> list[str]:
    if item.kind == "message":
        return [part.number for part in parts]
    if item.kind in ("materials", "evidence", "filing"):
        return [part.choice.work or f"{part.number}/{part.piece.path}" for part in parts]
    if item.kind == "work":
        return _beside_links([part.choice.work or _folder_key(item, part) for part in parts], parts)
    return _beside_links(_document_keys(item, parts), parts)


def _beside_links(keys: list[str], parts: Sequence[Part]) -> list[str]:
    """What was fetched from a link stands beside what came by mail under the same name, never in its place."""
    mailed = {key for key, part in zip(keys, parts, strict=True) if part.channel != "upload"}
    return [
        f"{key}{FROM_LINK}" if part.channel == "upload" and key in mailed else key
        for key, part in zip(keys, parts, strict=True)
    ]


def _folder_key(item: Item, part: Part) -> str:
    """Without a work name: pictures of one folder of one mail are one set; any other file stands for itself."""
    if in_sets(item, part.choice.category) and (part.type in PICTURES or _companionable(item, part)):
        return f"{part.number}/{part.piece.path.rpartition('/')[0]}"
    return stem(part.name)


def _document_keys(item: Item, parts: Sequence[Part]) -> list[str]:
    """One document, one work; a scan joins the editable version of the same name, or the only one there is."""
    keys = [part.choice.work or stem(part.name) for part in parts]
    if item.kind != "table" and not any(isinstance(rule, PairRule) for rule in item.rules):
        return keys
    editable = {key for part, key in zip(parts, keys, strict=True) if part.type in EDITABLE}
    result = []
    for part, key in zip(parts, keys, strict=True):
        if part.type in SCANS and key not in editable:
            key = next(iter(editable)) if len(editable) == 1 else part.choice.work or f"{part.number}/扫描件"
        result.append(key)
    return result


def _group(item: Item, key: str, category: str | None, parts: list[Part]) -> Group:
    judged, companions = _roles(item, category, parts)
    rule = next((rule for rule in _for(item, category) if isinstance(rule, GroupRule)), None)
    keep_all = item.kind in ("message", "table") or any(isinstance(rule, PairRule) for rule in item.rules)
    now = _merged(judged, rule) if rule else _by_name(judged) if keep_all else _latest(judged)
    subkind = next((part.choice.subkind for part in reversed(parts) if part.choice.subkind), None)
    named = next((part.choice.work for part in reversed(parts) if part.choice.work), None)
    folder = key.rpartition("/")[2]
    title = named or (stem(now[0].name) if len(now) == 1 else "" if folder.isdigit() else folder) or item.name
    repeated = tuple(_repeated(now, judged)) if rule else ()
    return Group(item.id, key, title, category, subkind, tuple(now), tuple(_latest(companions)), repeated)


def _repeated(now: Sequence[Part], judged: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    """Pairs of one mail with the same bytes under two names; only the first of them counts."""
    for one in now:
        for other in judged:
            same_mail = other.number == one.number and other.piece.path != one.piece.path
            if same_mail and other.piece.sha256 == one.piece.sha256:
                yield one, other


def _roles(item: Item, category: str | None, parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """(judged, companions): beside pictures a text is the companion; beside an essay a picture is."""
    media = [part for part in parts if part.type in MEDIA]
    rest = [part for part in parts if part.type not in MEDIA]
    if item.kind != "work" or not media or not rest:
        return parts, []
    return (rest, media) if text_first(item, category) else (media, rest)


def _latest(parts: list[Part]) -> list[Part]:
    """Only what the latest mail brought; the same bytes again are the earlier file and change nothing."""
    once = _once(parts)
    return [part for part in once if part.number == once[-1].number] if once else []


def _once(parts: Iterable[Part]) -> list[Part]:
    first: dict[str, Part] = {}
    for part in parts:
        first.setdefault(part.piece.sha256, part)
    return list(first.values())


def _by_name(parts: Iterable[Part]) -> list[Part]:
    """Later files of a name or look replace earlier ones, others add; within one mail two of a name are two files."""
    current: list[Part] = []
    for part in _once(parts):
        same = [old for old in current if old.number != part.number and is_again(old.piece, part.piece)]
        if same:
            current[current.index(same[0])] = part
        else:
            current.append(part)
    return current


def is_again(old: Piece, new: Piece) -> bool:
    """Whether a later file is an earlier one sent again: the same name, or the same picture under another."""
    named = bool(old.name) and old.name == new.name
    return named or nearly_equal(old.facts.fingerprint, new.facts.fingerprint)


def _merged(parts: list[Part], rule: GroupRule) -> list[Part]:
    """The pictures of a set over several mails.

    A mail that brings the set again (files in common and no fewer), or one that would burst the maximum while it
    is a whole set itself, replaces it; any other mail replaces by name and adds.
    """
    current: list[Part] = []
    for number in dict.fromkeys(part.number for part in parts):
        batch = _once(part for part in parts if part.number == number)
        merged = _by_name([*current, *batch])
        common = len(merged) < len(current) + len(batch)
        whole = rule.max is not None and len(merged) > rule.max and (rule.min or 1) <= len(batch) <= rule.max
        if current and (whole or (common and len(batch) >= len(current))):
            old = {part.piece.sha256: part for part in current}
            current = [old.get(part.piece.sha256, part) for part in batch]
        else:
            current = merged
    return current


def _lend_texts(item: Item, groups: list[Group]) -> tuple[Group, ...]:
    """A text that came under a name of its own goes to the only set that lacks one; else it stays loose."""
    result = list(groups)
    for text in groups:
        if any(part.type in MEDIA or part.type in PACKED for part in text.parts):
            continue
        if needs_companion(item, text.category):
            hosts = [group for group in groups if group is not text and any(p.type in MEDIA for p in group.parts)]
            hosts = [group for group in hosts if needs_companion(item, group.category)]
            if not hosts:
                continue
            place = result.index(text)
            if len(hosts) == 1 and not hosts[0].companions and hosts[0] in result:
                result[result.index(hosts[0])] = replace(hosts[0], companions=text.parts)
                result.remove(text)
            else:
                result[place] = replace(text, loose=True)
    return tuple(result)


# --- which rules speak --------------------------------------------------------------------------------------------


def _for(item: Item, category: str | None) -> list[Rule]:
    return [rule for rule in item.rules if not rule.categories or category in rule.categories]


def needs_companion(item: Item, category: str | None) -> bool:
    """Whether works of this item (and category) come with a text of their own."""
    return any(
        isinstance(rule, CompanionRule) or (isinstance(rule, CharactersRule) and rule.of == "companion")
        for rule in _for(item, category)
    ) and not text_first(item, category)


def text_first(item: Item, category: str | None) -> bool:
    """Whether the work itself is a text: its characters or pages are limited, or a text format is asked for."""
    rules = _for(item, category)
    if any(isinstance(rule, FormatRule) for rule in rules):
        asked = {same(kind) for rule in rules if isinstance(rule, FormatRule) for kind in rule.any_of}
        return bool(asked & (TEXTS | TABLES)) and not asked & MEDIA
    return any(
        isinstance(rule, PagesRule) or (isinstance(rule, CharactersRule) and rule.of == "work") for rule in rules
    )
