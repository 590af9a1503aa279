"""What files look like that staff confirmed: naive Bayes over 1 to 3 characters, trained anew in an instant. Pure.

It knows only what persons said: a piece they classified, or left as it was in a mail they assigned. It is one more
piece of evidence beside the names, never stronger than any of them, and silent while little was confirmed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from archive.judging.spelling import fold
from archive.records import Decision, Piece, PieceDecision, Submission
from config.campaign import Campaign
from config.roster import Roster
from intake.clues.furniture import kind_of, stem_of
from intake.clues.profiles import profiles
from intake.clues.speech import way_to
from intake.clues.titles import is_generic

FEWEST, BESIDE, MAILS = 5, 3, 3
"""Silent below FEWEST confirmed files of an item, below BESIDE of others, below MAILS that share the telling words."""
POINTS, TEXT_POINTS, ENOUGH, SURE, SHARE = 30.0, 8.0, 6, 0.6, 0.8
"""At most POINTS (TEXT_POINTS where only the text resembles), less below ENOUGH mails and little likelihood above SURE.

SHARE of the mails with the telling words brought this item. POINTS with the points for the kind of file never lead a
name that stands in file, folder, title, row or subject.
"""
LONGEST = 8
"""Characters of telling words as they are shown."""
TEXT = 100
"""Characters of a document's text that are looked at."""
SMOOTH = 2.0
NONE, TEXT_PLACE = "none", "正文"
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[\u4e00-\u9fffa-z]{2,3}")
_WORDS = re.compile(r"[\u4e00-\u9fffa-z]+")


@dataclass(frozen=True)
class Seen:
    """What is looked at of one file, folded, digits as #: name, folders, title, first words, kind."""

    name: str
    folder: str = ""
    title: str = ""
    text: str = ""
    type: str = ""

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(what staff call it, text), nearest first."""
        return ("文件名", self.name), ("文件夹", self.folder), ("标题", self.title), (TEXT_PLACE, self.text)

    @cached_property
    def grams(self) -> frozenset[str]:
        """Its 1 to 3 characters; those of the text are kept apart by a mark."""
        names = {gram for _, text in self.places[:3] for gram in _grams(text)}
        return frozenset(names | {f"\n{gram}" for gram in _grams(self.text)} | {f"\t{self.type}"})


@dataclass(frozen=True)
class Example:
    """One confirmed file of the 件 `number`: an item's id or `none`."""

    number: str
    item: str
    seen: Seen


@dataclass(frozen=True)
class Likeness:
    """How a file resembles confirmed ones. count: of them; words: what they share; where: in which place."""

    item: str
    points: float
    count: int
    where: str
    words: str

    @property
    def text(self) -> str:
        """For staff: 与已确认的 12 份相似（文件名含“总结”）."""
        return f"与已确认的 {self.count} 份相似（{self.where}含“{self.words}”）"


def seen(piece: Piece, place: Iterable[str]) -> Seen:
    """What the model looks at; place: the archive and folders the file lies in."""
    text = piece.facts.text[: TEXT * 2] if kind_of(piece) in ("document", "table") else ""
    told = (stem_of(piece.name), "/".join(place), (piece.facts.title or text.partition("\n")[0])[:40], text)
    name, folder, title, words = (_NUMBER.sub("#", fold(each)) for each in told)
    return Seen(name, folder, title, words.replace("\n", " ")[:TEXT], kind_of(piece))


def examples(submission: Submission, decision: Decision) -> tuple[Example, ...]:
    """What a person confirmed of one 件, alike files once; () when nobody did."""
    pieces = {piece.path: piece for piece in submission.pieces}
    archives = {path: stem_of(piece.name) for path, piece in pieces.items() if kind_of(piece) == "archive"}
    found = []
    for choice in confirmed(decision):
        piece = pieces.get(choice.path)
        if piece is not None:
            found.append(Example(submission.number, choice.item or NONE, seen(piece, way_to(piece, archives))))
    return tuple(dict.fromkeys(found))


def confirmed(decision: Decision) -> Iterator[PieceDecision]:
    """The pieces a person classified, and the materials left unchanged in a mail a person assigned."""
    assigned = any(each.kind == "staff" for each in decision.evidence)
    for choice in decision.pieces:
        kinds = {each.kind for each in choice.evidence}
        kept = assigned and choice.item is not None and "reclassified" not in kinds
        if kept or ("staff" in kinds and (choice.item is not None or choice.none)):
            yield choice


@dataclass(frozen=True)
class _Telling:
    """Words of a file, the place they stand in, and the mails and files that share them."""

    where: str
    words: str
    mails: int
    files: int


class Model:
    """One campaign's model. `likeness` is deterministic and takes well under a millisecond.

    common: names that say nothing of an item, such as the units' own. Files of one mail are one witness.
    """

    def __init__(self, campaign: Campaign, told: Iterable[Example], common: Iterable[str] = ()) -> None:
        self._common = {
            pair for text in (campaign.title, campaign.issuer, *common) for pair in _pairs(_NUMBER.sub("#", fold(text)))
        }
        self._items = frozenset(profile.id for profile in profiles(campaign))
        self._told = tuple(told)
        self._shared: dict[tuple[str, bool, str], list[Example]] = {}
        self.confirmed: Mapping[str, int] = Counter(each.item for each in self._told)
        witnesses: dict[tuple[str, str], set[str]] = {}
        for each in (*self._told, *_by_name(campaign)):
            witnesses.setdefault((each.item, each.number), set()).update(each.seen.grams)
        self._size = Counter(item for item, _ in witnesses)
        self._counts: dict[str, Counter[str]] = {item: Counter() for item in self._size}
        self._witnessed: dict[str, Counter[str]] = {item: Counter() for item in self._size}
        for (item, number), grams in witnesses.items():
            self._counts[item].update(grams)
            if number:
                self._witnessed[item].update(grams)
        self._whole = sum(self._counts.values(), Counter[str]())
        self._usual = {gram: (count + 1) / (len(witnesses) + 2) for gram, count in self._whole.items()}

    def likeness(self, file: Seen) -> Likeness | None:
        """The item whose confirmed files this one resembles; None where the model has nothing to say."""
        likely = self._likely(file)
        if not likely:
            return None
        item = max(likely, key=lambda each: (likely[each], each))
        others = len(self._told) - self.confirmed.get(item, 0)
        if item not in self._items or likely[item] < SURE:
            return None
        if self.confirmed.get(item, 0) < FEWEST or others < BESIDE:
            return None
        telling = self._telling(file, item)
        if telling is None:
            return None
        most = TEXT_POINTS if telling.where == TEXT_PLACE else POINTS
        sure = min(1.0, (likely[item] - SURE) / 0.3) * min(1.0, telling.mails / ENOUGH)
        return Likeness(item, round(most * sure, 1), telling.files, telling.where, telling.words)

    def _likely(self, file: Seen) -> dict[str, float]:
        """Likelihood of each item, 0 … 1; grams never seen before say nothing."""
        known = sorted(gram for gram in file.grams if gram in self._usual)
        if not known:
            return {}
        names, text = ([gram for gram in known if gram.startswith("\n") is beside] for beside in (False, True))
        scores = {item: self._score(item, names) + self._score(item, text) for item in self._counts}
        best = max(scores.values())
        weights = {item: math.exp(score - best) for item, score in scores.items()}
        whole = sum(weights.values())
        return {item: weight / whole for item, weight in weights.items()}

    def _score(self, item: str, grams: list[str]) -> float:
        """Overlapping grams are no independent witnesses: their sum counts by the root of their number."""
        counts, size = self._counts[item], self._size[item]
        whole = sum(
            math.log((counts[gram] + SMOOTH * self._usual[gram]) / (size + SMOOTH) / self._usual[gram])
            for gram in grams
        )
        return whole / math.sqrt(max(1, len(grams)))

    def _telling(self, file: Seen, item: str) -> _Telling | None:
        """The words that tell most for the item, those of names before those of the text."""
        found: list[tuple[bool, int, int, str, str]] = []
        for where, text in file.places:
            mark = "\n" if where == TEXT_PLACE else ""
            for gram in self._words(text):
                mails = self._witnessed[item][mark + gram]
                share = self._counts[item][mark + gram] / max(1, self._whole[mark + gram])
                if mails >= MAILS and share >= SHARE:
                    found.append((not mark, mails, len(gram), where, gram))
        if not found:
            return None
        _, mails, _, where, words = max(found)
        sharing = self._sharing(item, where == TEXT_PLACE, words)
        grown = _grown(words, dict(file.places)[where], sharing, where == TEXT_PLACE)
        return _Telling(where, grown, mails, len(sharing))

    def _words(self, text: str) -> Iterator[str]:
        """Two or three characters of which two at least belong to no name that stands in files of every kind."""
        own = [True] * len(text)
        for place, pair in enumerate(_pairs(text)):
            if pair in self._common:
                own[place] = own[place + 1] = False
        for length in (2, 3):
            for start in range(len(text) - length + 1):
                words = text[start : start + length]
                if sum(own[start : start + length]) >= 2 and _WORD.fullmatch(words) and not is_generic(words):
                    yield words

    def _sharing(self, item: str, in_text: bool, words: str) -> list[Example]:
        key = (item, in_text, words)
        if key not in self._shared:
            mine = (each for each in self._told if each.item == item)
            self._shared[key] = [each for each in mine if _holds(each, words, in_text)]
        return self._shared[key]


def _holds(each: Example, words: str, in_text: bool) -> bool:
    file = each.seen
    return words in file.text if in_text else words in file.name or words in file.folder or words in file.title


def _grown(words: str, text: str, sharing: list[Example], in_text: bool) -> str:
    """The words with what always stands beside them in those files: 型经验 → 典型经验."""
    start = text.find(words)
    end, grown = start + len(words), True
    while grown and end - start < LONGEST:
        grown = False
        for begin, stop in ((max(0, start - 1), end), (start, min(len(text), end + 1))):
            more = text[begin:stop]
            longer = len(more) > end - start and _WORDS.fullmatch(more)
            if longer and all(_holds(each, more, in_text) for each in sharing):
                start, end, grown = begin, stop, True
                break
    return text[start:end]


def names_of(roster: Roster) -> Iterator[str]:
    """The names of all units, which stand in files of every kind."""
    for unit in roster.units:
        yield from (unit.name, *unit.aliases)


def _by_name(campaign: Campaign) -> Iterator[Example]:
    """Every item's own names stand beside what was confirmed, so that one item's files are compared with something."""
    for profile in profiles(campaign):
        for name in profile.names:
            yield Example("", profile.id, Seen(_NUMBER.sub("#", name)))


def _pairs(text: str) -> Iterator[str]:
    return (text[start : start + 2] for start in range(len(text) - 1))


def _grams(text: str) -> Iterator[str]:
    for length in (1, 2, 3):
        for start in range(len(text) - length + 1):
            gram = text[start : start + length]
            if " " not in gram:
                yield gram
