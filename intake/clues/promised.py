"""Which items an announcement speaks of: by the name of the file, by the words around it, by the kind of file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from archive.judging.spelling import fold
from archive.records import Announced
from config.campaign import Campaign
from intake.clues.furniture import DOCUMENTS, PICTURES, TABLES, VIDEOS, stem_of
from intake.clues.profiles import EVERY, Profile, matches, profiles
from intake.clues.speech import clean_subject

_CLAUSE = re.compile(r"[,，、;；。:：\n]")
_LATER = re.compile("另|寄|稍后|随后|后续|补|再发|再报|再传")
_REST = re.compile("其余|其他|其它|剩余|余下|剩下")
_KIND_WORDS = ((re.compile("视频|宣传片|短片|微电影|影像"), "video"), (re.compile("照片|图片|摄影"), "picture"))


def placed(words: Iterable[Announced], campaign: Campaign | None, subject: str = "") -> tuple[Announced, ...]:
    """The same announcements with the items each speaks of; () where it names none and could be any."""
    if campaign is None:
        return tuple(words)
    asked = profiles(campaign)
    return tuple(replace(word, items=_items(word, asked, fold(clean_subject(subject)))) for word in words)


def _items(word: Announced, asked: tuple[Profile, ...], subject: str) -> tuple[str, ...]:
    if word.kind != "link":
        return _all_announced(word.text, asked) or _last_named(word.text, asked)
    if named := _named(fold(stem_of(word.name)), asked):
        return named
    takers = _takers(_kind(word.name), asked)
    for named in (_last_named(word.text, asked), _named(subject, asked)):
        if fitting := tuple(id for id in named if not takers or id in takers):
            return fitting
    return _narrow(takers, asked)


def _all_announced(text: str, asked: tuple[Profile, ...]) -> tuple[str, ...]:
    """What every clause names that says it comes later (“征文另寄，视频另寄光盘”); () where the rest is meant."""
    clauses = [fold(each) for each in _CLAUSE.split(text)]
    if any(_REST.search(clause) for clause in clauses):
        return ()
    named = [id for clause in clauses if _LATER.search(clause) for id in _named(clause, asked)]
    return tuple(dict.fromkeys(named))


def _last_named(text: str, asked: tuple[Profile, ...]) -> tuple[str, ...]:
    """What the last clause that names something names (“总结见附件，照片请从网盘下载” speaks of the pictures).

    “其余另发” speaks of all that is open, whatever stands before it.
    """
    for clause in reversed([fold(each) for each in _CLAUSE.split(text)]):
        named = _named(clause, asked)
        if named or _REST.search(clause):
            return named
    return ()


def _named(text: str, asked: tuple[Profile, ...]) -> tuple[str, ...]:
    """Items a folded text names; a word for a kind of file (视频) names those that ask for just that kind."""
    found = [each.item for each in matches(text, asked)]
    for pattern, kind in _KIND_WORDS:
        if pattern.search(text) and not any(kind in each.kinds for each in asked if each.id in found):
            found += [each.id for each in asked if kind in each.kinds and each.kinds != EVERY]
    return tuple(dict.fromkeys(found))


def _kind(name: str) -> str | None:
    ending = name.rpartition(".")[2].lower()
    groups = ((PICTURES, "picture"), (VIDEOS, "video"), (DOCUMENTS, "document"), (TABLES, "table"))
    return next((kind for endings, kind in groups if ending in endings), None)


def _takers(kind: str | None, asked: tuple[Profile, ...]) -> tuple[str, ...]:
    """Items that take files of that kind; () for an unknown kind."""
    return tuple(each.id for each in asked if kind in each.kinds)


def _narrow(takers: tuple[str, ...], asked: tuple[Profile, ...]) -> tuple[str, ...]:
    """Of these, the ones that ask for just such files before those that take anything."""
    wide = {each.id for each in asked if each.kinds == EVERY}
    return tuple(id for id in takers if id not in wide) or takers
