"""Files a unit sent as a link: which are still to be downloaded, which have come since, which have run out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath

from archive.judging.kinds import PACKED, PICTURES, SOUNDS, TABLES, TEXTS, VIDEOS, promised
from archive.judging.works import submissions
from archive.records import Announced, Held, Holdings, Piece
from config.campaign import Campaign

DEAD_LINK = "dead-link"
"""How staff register that a link gives no file."""
HANDED_OVER = ("upload", "hand", "disc")
"""How a file comes that staff downloaded, or that the unit brought instead."""
_COPY = re.compile(r"\s*[（(]\d{1,2}[）)]$")
_KINDS = (PICTURES, VIDEOS, SOUNDS, TABLES, TEXTS)


@dataclass(frozen=True)
class Promise:
    """One file behind a link. number: the 件 that speaks of it; key: which of its links (`link-1`); since: UTC."""

    number: str
    key: str
    word: Announced
    since: datetime
    dead: bool = False
    """Staff found that the link gives no file, and its unit was told."""

    @property
    def id(self) -> str:
        """What `Registered.note` says when staff have dealt with it."""
        return f"{self.number} {self.key}"

    @property
    def called(self) -> str:
        """《宣传片.mp4》, or what it is when its card gives no name."""
        return f"《{self.word.name.strip('《》')}》" if self.word.name else "网盘或超大附件中的文件"

    def expired(self, now: datetime) -> bool:
        """Whether the link has run out at `now`; one without a date never does."""
        return self.word.expires is not None and self.word.expires <= now

    def lost(self, now: datetime) -> bool:
        """Whether the link gives no file any more: the unit has to send it anew, the item counts as not there."""
        return self.dead or self.expired(now)


def promises(campaign: Campaign, holdings: Holdings) -> tuple[Promise, ...]:
    """The unit's promised files that have not come, oldest first; those that have run out are still among them.

    A file has come when a mail or a hand-over brings one of its name or size,
    when a hand-over follows while it is the unit's only one, or when staff say so. The same address, or the same name
    and size, is one file; sent again under a new address, the newer link stands.
    """
    open_: list[Promise] = []
    known: list[Announced] = []
    for one in submissions(campaign, holdings):
        if one.decision.unit == holdings.unit:
            for promise in _made(one):
                same = [before for before in open_ if _same(before.word, promise.word)]
                if same and same[0].word.url != promise.word.url:
                    open_[open_.index(same[0])] = promise
                elif not any(_same(word, promise.word) for word in known):
                    open_.append(promise)
                known.append(promise.word)
        open_ = _without_what_came(open_, one)
    notes = {(note.by, note.note) for note in holdings.registered}
    waiting = [promise for promise in open_ if ("link", promise.id) not in notes]
    return tuple(replace(promise, dead=(DEAD_LINK, promise.id) in notes) for promise in waiting)


def _made(held: Held) -> list[Promise]:
    links = [word for word in held.decision.announced if word.kind == "link"]
    submission = held.submission
    return [
        Promise(submission.number, f"link-{turn}", word, submission.received)
        for turn, word in enumerate(links, start=1)
    ]


def _same(one: Announced, other: Announced) -> bool:
    if one.url is not None and one.url == other.url:
        return True
    return bool(one.name) and one.size is not None and _name(one.name) == _name(other.name) and one.size == other.size


def _without_what_came(open_: list[Promise], held: Held) -> list[Promise]:
    pieces = held.submission.pieces
    left = [promise for promise in open_ if not any(_brings(piece, promise.word) for piece in pieces)]
    handed_over = held.submission.channel in HANDED_OVER and len(left) == len(open_) == 1
    if handed_over and _could_be(pieces, open_[0].word):
        return []
    return left


def _brings(piece: Piece, word: Announced) -> bool:
    """Whether it is the file promised: by its name, or by its size where the endings agree."""
    if word.name and piece.name and _name(piece.name) == _name(word.name):
        return True
    ending = PurePosixPath(word.name).suffix.lower()
    agree = not ending or ending == PurePosixPath(piece.name).suffix.lower()
    return agree and word.size is not None and same_size(piece.size, word.size)


def _could_be(pieces: Iterable[Piece], word: Announced) -> bool:
    """Whether a hand-over can hold the file: an essay brought by hand is not the promised video."""
    wanted = next((kinds for kinds in _KINDS if promised(word.name) in kinds), None)
    return wanted is None or any(promised(piece.name) in wanted | PACKED for piece in pieces)


def _name(name: str) -> str:
    """One spelling of a file name; a browser's (1) before the ending is left out."""
    flat = unicodedata.normalize("NFKC", name).casefold().replace(" ", "")
    path = PurePosixPath(flat)
    return _COPY.sub("", path.stem) + path.suffix if path.suffix else flat


def same_size(one: int, other: int) -> bool:
    """Whether two sizes (bytes) are one size: exactly, or as a card writes it with one or two decimals."""
    smaller = min(one, other)
    steps = ((1 << 30, 1, 1 << 30), (1 << 20, 1, 10 << 20), (1 << 20, 2, 1 << 20))
    return one == other or any(
        smaller >= least and f"{one / unit:.{digits}f}" == f"{other / unit:.{digits}f}" for unit, digits, least in steps
    )


def parts_here(word: Announced, since: Sequence[Held], held: Sequence[Held]) -> bool:
    """Whether all parts of `1/3` or “分三封发送” are here: each by its number, or as many mails since it was said.

    since: the mail that says so and those after it. held: all mails of the unit.
    """
    if word.of is None:
        return len(since) > 1
    return word.of in whole_sets(held) or len(since) > word.of - (word.part or 1)


def whole_sets(held: Sequence[Held]) -> frozenset[int]:
    """The n for which 1/n to n/n have all come by their numbers."""
    parts: dict[int, set[int | None]] = {}
    for one in held:
        for said in one.decision.announced:
            if said.kind == "part" and said.of:
                parts.setdefault(said.of, set()).add(said.part)
    return frozenset(of for of, came in parts.items() if came >= set(range(1, of + 1)))


def numbered(held: Sequence[Held], of: int) -> frozenset[int]:
    """Which of 1/of to of/of have come for the set that the last mail belongs to; a set that is whole ends there."""
    whole = frozenset(range(1, of + 1))
    here: frozenset[int] = frozenset()
    for one in held:
        said = {each.part for each in one.decision.announced if each.kind == "part" and each.of == of and each.part}
        here = (here if here != whole or not said else frozenset()) | said
    return here


def shown_size(size: int) -> str:
    """1.2GB, 350.5MB, 88KB; from bytes."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB")):
        if size >= unit:
            return f"{size / unit:.1f}{name}"
    return f"{max(1, round(size / 1024))}KB"
