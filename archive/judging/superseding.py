"""What a later file does to an earlier one of the same item: takes its place, stands beside it, or nobody can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from archive.judging.kinds import EDITABLE, HARMLESS, PICTURES, TABLES, TEXTS, stem
from archive.judging.parts import Group, Part
from archive.judging.spelling import fold
from archive.judging.titles import title_key
from archive.records import Piece
from config.campaign import CountRule, GroupRule, Item, PixelsRule

EDITION = 75.0
"""Share (0…100) of two texts that agrees, from which on the later is a new edition of the earlier."""
TITLED = 50.0
"""The same where both bear the same title."""
FROM_LINK = "（链接下载）"
"""Ending of the key of a work that was fetched from a link while another of its name came by mail."""
_COMPARED, _SHORTEST = 2000, 60
"""Characters of a text that are compared, and below which nothing is concluded from it."""
_KEYS = ("作品名称", "作品题目", "集体名称", "名称", "标题", "题目")


def standing(item: Item, parts: Sequence[Part]) -> list[Part]:
    """The parts (oldest first) without those a later one takes the place of.

    That is: what staff or the unit name as replaced; what “更正版” or an answer to our 补报通知 can only mean, the
    single one there is; an earlier edition of the same text; an earlier table that lists the same.
    What was fetched from a link (channel upload) and what staff say is added take nothing's place by themselves.
    """
    gone: set[int] = set()
    for place, later in enumerate(parts):
        earlier = [at for at in range(place) if parts[at].number != later.number and at not in gone]
        gone.update(at for at in earlier if is_named(parts[at], later.choice.supersedes))
        if later.channel == "upload" or says(later, "adds"):
            continue
        if says(later, "supersede") or says(later, "mends"):
            gone.update(_only_one(item, later, parts, earlier))
            gone.update(at for at in earlier if is_broken(parts[at].piece) and not is_broken(later.piece))
        if says(later, "mends"):
            gone.update(_the_small_one(item, later, parts, earlier))
        gone.update(at for at in earlier if _is_edition(item, parts[at], later))
    return [part for place, part in enumerate(parts) if place not in gone]


def says(part: Part, kind: str) -> bool:
    """Whether that kind of evidence stands beside the part's decision."""
    return any(evidence.kind == kind for evidence in part.choice.evidence)


def is_broken(piece: Piece) -> bool:
    """Whether a file could not be used as it came: damaged, cut off, locked."""
    return piece.problem not in HARMLESS or bool(piece.facts.truncated or piece.facts.encrypted)


def is_named(part: Part, names: tuple[str, ...]) -> bool:
    """Whether a part is meant by one of: a number, number/path, a digest, a work key."""
    own = {part.number, f"{part.number}/{part.piece.path}", part.piece.sha256, part.choice.work}
    return any(name in own for name in names)


def _only_one(item: Item, later: Part, parts: Sequence[Part], earlier: Sequence[int]) -> list[int]:
    """Which earlier parts a correction replaces: never a set of pictures, and of several works none by guess."""
    alike = [at for at in earlier if parts[at].choice.category == later.choice.category]
    if item.kind in ("materials", "message", "evidence", "filing"):
        return []
    if takes_one(item):
        return alike
    if in_sets(item, later.choice.category):
        return []
    # a corrected scan replaces scans, a corrected sheet replaces sheets
    alike = [at for at in alike if (parts[at].type in EDITABLE) == (later.type in EDITABLE)]
    keys = {parts[at].choice.work or stem(parts[at].name) for at in alike}
    return alike if len(keys) == 1 else []


def _the_small_one(item: Item, later: Part, parts: Sequence[Part], earlier: Sequence[int]) -> list[int]:
    """The one picture of the same set that is too small, where a large enough one comes in answer to our letter."""
    if later.type not in PICTURES or _is_small(item, later):
        return []
    small = [at for at in earlier if parts[at].choice.work == later.choice.work and _is_small(item, parts[at])]
    return small if len(small) == 1 else []


def _is_small(item: Item, part: Part) -> bool:
    """Whether a picture has fewer pixels than a rule of the item asks for, long side with long side."""
    facts = part.piece.facts
    if part.type not in PICTURES or not facts.width or not facts.height:
        return False
    sides = sorted((facts.width, facts.height))
    bounds = [
        sorted((rule.min_width or 0, rule.min_height or 0))
        for rule in item.rules
        if isinstance(rule, PixelsRule) and (not rule.categories or part.choice.category in rule.categories)
    ]
    return any(side < least for bound in bounds for side, least in zip(sides, bound, strict=True))


def takes_one(item: Item) -> bool:
    """Whether the notice asks for one and no more."""
    return any(isinstance(rule, CountRule) and rule.max == 1 for rule in item.rules)


def in_sets(item: Item, category: str | None) -> bool:
    """Whether works of this item (and category) are sets of pictures."""
    return any(
        isinstance(rule, GroupRule) and (not rule.categories or category in rule.categories) for rule in item.rules
    )


def _is_edition(item: Item, earlier: Part, later: Part) -> bool:
    if item.kind == "table":
        return _lists_the_same(earlier, later)
    if item.kind not in ("document", "work") or earlier.choice.category != later.choice.category:
        return False
    if earlier.type not in TEXTS or later.type not in TEXTS:
        return False
    one, other = (fold(part.piece.facts.text)[:_COMPARED] for part in (earlier, later))
    if min(len(one), len(other)) < _SHORTEST:
        return False
    titles = {title_key(part.piece.facts.title or "") for part in (earlier, later)}
    least = TITLED if len(titles) == 1 and "" not in titles else EDITION
    return fuzz.ratio(one, other, score_cutoff=least) >= least


def _lists_the_same(earlier: Part, later: Part) -> bool:
    """Whether at least half of the shorter table's rows stand in the other one; scans take no table's place."""
    if not {earlier.type, later.type} <= TABLES | EDITABLE:
        return False
    one, other = row_names(earlier), row_names(later)
    return bool(one and other) and len(one & other) * 2 >= min(len(one), len(other))


def row_names(part: Part) -> set[str]:
    """What the rows of a table are about: its column of titles or of 集体, else whole rows; folded."""
    columns = [fold(name).replace("\n", "") for name in part.piece.facts.columns]
    at = next((place for word in _KEYS for place, name in enumerate(columns) if word in name), None)
    cells = part.piece.facts.cells
    names = ("".join(row) if at is None else row[at] for row in cells if at is None or at < len(row))
    return {key for name in names if (key := title_key(name))}


# --- what nobody can say ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unclear:
    """A later file of which only a person can say whether it takes an earlier one's place or is one more."""

    item: Item
    earlier: Group
    later: Group
    why: str


def unclear(item: Item, groups: Sequence[Group]) -> list[Unclear]:
    """Works of one item of which a person must say: two where one is asked for, what came by a link beside what came
    by mail, an answer to our letter that could mend several.
    """
    found: list[Unclear] = []
    ordered = sorted(groups, key=lambda group: (group.received, group.number))
    for place, later in enumerate(ordered):
        earlier = [group for group in ordered[:place] if group.number != later.number]
        if not earlier or any(says(part, "adds") for part in later.parts):
            continue
        if takes_one(item):
            found.append(Unclear(item, earlier[-1], later, "通知只要1件，先后收到2件"))
        elif later.key.endswith(FROM_LINK):
            same = next((one for one in ordered if one.key == later.key.removesuffix(FROM_LINK)), earlier[-1])
            found.append(Unclear(item, same, later, "从链接下载的文件与此前所报同名"))
        elif any(says(part, "mends") for part in later.parts) and later.category == earlier[-1].category:
            found.append(Unclear(item, earlier[-1], later, "是对补报通知的答复，但未写明更换哪一件"))
    return found
