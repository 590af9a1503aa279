"""What each item of a campaign looks like when it arrives: its names, its kinds of file, its table's columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archive.judging.spelling import fold
from config.campaign import (
    BitRateRule,
    Campaign,
    CharactersRule,
    ColumnsRule,
    DurationRule,
    FormatRule,
    GroupRule,
    Item,
    PixelsRule,
    Rule,
)
from intake.clues.furniture import DOCUMENTS, PICTURES, TABLES, VIDEOS
from intake.clues.speech import name_forms

_KIND_WORDS = (
    (re.compile(r"图片|摄影|照片|漫画|微故事|组图|美术|绘画"), "picture"),
    (re.compile(r"视频|动漫|短片|微电影|影像|动画|宣传片"), "video"),
    (re.compile(r"征文|总结|经验|案例|论文|文章|报告|方案|阐述|事迹"), "document"),
)
_MATERIAL_WORDS = (
    "图文资料",
    "活动照片",
    "现场照片",
    "活动图片",
    "活动剪影",
    "活动开展情况",
    "开展情况",
    "活动总结",
    "图文",
)
EVERY = frozenset({"picture", "video", "document", "table", "other", "archive"})


@dataclass(frozen=True)
class Part:
    """A category or a sub-kind: its folded names and the kinds of file it is made of."""

    id: str
    names: tuple[str, ...]
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Profile:
    """One item: folded names, weaker words, kinds of file (empty = unknown), columns of its table."""

    item: Item
    names: tuple[str, ...]
    words: tuple[str, ...]
    kinds: frozenset[str]
    categories: tuple[Part, ...]
    subkinds: tuple[Part, ...]
    columns: tuple[str, ...]

    @property
    def id(self) -> str:
        """The item's id."""
        return self.item.id


_made: dict[int, tuple[Campaign, tuple[Profile, ...]]] = {}


def profiles(campaign: Campaign) -> tuple[Profile, ...]:
    """The items a unit's mail can hold, prepared once per campaign.

    Filings and the office's own items are left out, unless the campaign asks for nothing else: then what units mail is
    a proof of one of those.
    """
    known = _made.get(id(campaign))
    if known and known[0] is campaign:
        return known[1]
    if len(_made) > 64:
        _made.clear()
    items = asked_for(campaign) or list(campaign.items)
    result = tuple(_profile(item) for item in items)
    _made[id(campaign)] = (campaign, result)
    return result


def asked_for(campaign: Campaign) -> list[Item]:
    """What units owe by mail, disc or paper, beside what they file in another system."""
    return [item for item in campaign.items if item.owed_by == "unit" and item.kind not in ("filing", "evidence")]


def _forms(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for name in names for form in name_forms(name)))


def _profile(item: Item) -> Profile:
    categories = tuple(
        Part(
            each.id,
            _forms((each.name, *each.aliases)),
            _kinds((each.name, *each.aliases), _limited(item.rules, each.id)),
        )
        for each in item.categories
    )
    subkinds = tuple(Part(each.id, _forms((each.name, *each.aliases))) for each in item.subkinds)
    kinds = _kinds((item.name, *item.aliases), [rule for rule in item.rules if not rule.categories])
    if item.kind == "table":
        kinds = frozenset({"table"})
    elif item.kind in ("materials", "message", "filing", "evidence"):
        kinds = EVERY
    elif categories:
        kinds = frozenset().union(*(each.kinds for each in categories)) or kinds
    elif item.kind == "document" and not kinds:
        kinds = frozenset({"document"})
    words = tuple(fold(word) for word in item.words)
    if item.kind == "materials":
        words += tuple(word for word in _MATERIAL_WORDS if word not in words)
    columns = tuple(fold(name) for rule in item.rules if isinstance(rule, ColumnsRule) for name in rule.names)
    return Profile(item, _forms((item.name, *item.aliases)), words, kinds, categories, subkinds, columns)


def _limited(rules: Iterable[Rule], category: str) -> list[Rule]:
    return [rule for rule in rules if category in rule.categories]


def _kinds(names: Iterable[str], rules: Iterable[Rule]) -> frozenset[str]:
    """Kinds of file by the names' own words and by what the rules measure."""
    found = {kind for name in names for pattern, kind in _KIND_WORDS if pattern.search(name)}
    for rule in rules:
        if isinstance(rule, GroupRule) or (isinstance(rule, PixelsRule) and "video" not in found):
            found.add("picture")
        elif isinstance(rule, DurationRule | BitRateRule):
            found.add("video")
        elif isinstance(rule, CharactersRule) and rule.of == "work":
            found.add("document")
        elif isinstance(rule, FormatRule):
            found |= {_kind_of_type(each) for each in rule.any_of}
    return frozenset(found)


def _kind_of_type(short: str) -> str:
    for kinds, kind in ((PICTURES, "picture"), (VIDEOS, "video"), (DOCUMENTS, "document"), (TABLES, "table")):
        if short in kinds:
            return kind
    return "other"


@dataclass(frozen=True)
class Match:
    """A name of an item found in a text."""

    item: str
    name: str
    start: int
    end: int


def matches(text: str, all_profiles: Iterable[Profile]) -> list[Match]:
    """Names of items and categories in a folded text; one inside a longer name of another item does not count."""
    found: list[Match] = []
    for profile in all_profiles:
        names = (*profile.names, *(name for part in (*profile.categories, *profile.subkinds) for name in part.names))
        for name in names:
            start = text.find(name) if len(name) > 2 or not _is_subkind_only(profile, name) else -1
            while start >= 0:
                found.append(Match(profile.id, name, start, start + len(name)))
                start = text.find(name, start + 1)
    return [each for each in found if not any(_covers(other, each) for other in found)]


def _is_subkind_only(profile: Profile, name: str) -> bool:
    """A two-character sub-kind (案例, 理论) says nothing about the item by itself."""
    return not any(name in part.names for part in profile.categories) and name not in profile.names


def _covers(longer: Match, shorter: Match) -> bool:
    inside = longer.start <= shorter.start and shorter.end <= longer.end
    return inside and longer.item != shorter.item and longer.end - longer.start > shorter.end - shorter.start


def declared(text: str, parts: Iterable[Part]) -> list[tuple[str, str]]:
    """Sub-kinds a folded text declares: (id, words). A short word (理论) only where it speaks of the kind (理论类)."""
    found: dict[str, str] = {}
    for part in parts:
        for name in part.names:
            if len(name) >= 4 and name in text:
                found[part.id] = name
            elif len(name) < 4 and re.search(
                rf"(?:^|[^\u4e00-\u9fff]|征文|作品){re.escape(name)}(?:$|[^\u4e00-\u9fff]|类|作品|征文|篇|文章)|{re.escape(name)}类",
                text,
            ):
                found.setdefault(part.id, name)
    return list(found.items())
