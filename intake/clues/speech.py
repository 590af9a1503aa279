"""What speaks for a campaign: the phrases of its title, items and categories, folded, and where a mail says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from archive.judging.spelling import fold
from archive.records import Mail, Piece
from config.campaign import Campaign
from intake.clues.furniture import is_logo, kind_of, stem_of
from intake.saying.names import TO_UNITS

_BRANDS = ("青年文明号",)
"""Names that stand for the business of the offices that use this; in a title they speak for its campaign."""
_QUOTED = re.compile(r"[“\"‘「《](.+?)[”\"’」》]")
_YEARS = re.compile(r"20\d\d\s*[-—–－~至]*\s*(20\d\d)?\s*(年度|年|度)?")
_LEVEL = re.compile(r"^(全国|全省|全市|省级|市级|师级|兵团|[^区县市省]{2,3}[市省])")
_OURS = re.compile(rf"【({'|'.join(TO_UNITS)})】|\[编号[^\]]*\]")
_REPLY = re.compile(r"^\s*((re|fw|fwd|回复|答复|转发|转|自动转发)\s*[:：]\s*)+", re.IGNORECASE)
HEADER_FIELD = re.compile(
    r"(报送单位|填报单位|推报单位|推荐单位|选送单位|申报单位|上报单位|报送部门|填表单位|单位名称)"
)
_HEADER_LINE = re.compile(
    r"(?:报送|填报|推报|推荐|选送|申报|上报|填表)(?:单位|部门)(?:名称)?\s*(?:[（(][^）)\n]{1,10}[）)])?\s*[:：]\s*([^\s:：][^\n:：]{1,40}?)(?=\s{2,}|\t|\n|$|报送日期|联系人|填报)"
)


@dataclass(frozen=True)
class Place:
    """One place of a mail where a name may stand: what it is called for staff, its folded text, its weight."""

    kind: str
    label: str
    text: str
    points: float


def clean_subject(subject: str) -> str:
    """The subject without Re:/转发: and without what our own letters put there."""
    return _REPLY.sub("", _OURS.sub("", _REPLY.sub("", subject))).strip()


def phrases_of_title(title: str) -> tuple[str, ...]:
    """The telling parts of a notice's title: what stands in quotation marks, without years and levels."""
    found = [brand for brand in _BRANDS if brand in title]
    for part in [*_QUOTED.findall(title), re.sub(r"^关于(转发|开展|做好|举办|组织)?|的通知$", "", title)]:
        text = fold(part)
        found += [text, short] if (short := _LEVEL.sub("", _YEARS.sub("", text))) else [text]
    return tuple(dict.fromkeys(each for each in found if len(each) >= 4))


_words: dict[int, tuple[Campaign, tuple[tuple[str, float], ...]]] = {}


def campaign_words(campaign: Campaign) -> tuple[tuple[str, float], ...]:
    """Phrases that speak for the campaign, with points; made once per campaign."""
    known = _words.get(id(campaign))
    if known and known[0] is campaign:
        return known[1]
    points: dict[str, float] = {}
    for name in (campaign.title, campaign.short, *campaign.aliases, campaign.doc_number or ""):
        _add(points, name, 30)
    for phrase in phrases_of_title(campaign.title):
        _add(points, phrase, 20)
    for item in campaign.items:
        for name in (item.name, *item.aliases):
            for form in name_forms(name):
                _add(points, form, 20 if len(fold(form)) >= 4 else 12 if len(form) == 3 and item.kind == "work" else 5)
        for word in item.words:
            _add(points, word, 5)
        parts = [(part.name, *part.aliases) for part in item.categories]
        for names in [*parts, *((part.name, *part.aliases) for part in item.subkinds)]:
            for name in names:
                for form in name_forms(name):
                    _add(points, form, {2: 5, 3: 10}.get(len(fold(form)), 15))
    if len(_words) > 64:
        _words.clear()
    result = tuple(sorted(points.items(), key=lambda entry: -entry[1]))
    _words[id(campaign)] = (campaign, result)
    return result


def name_forms(name: str) -> tuple[str, ...]:
    """A name and its telling parts, folded: “改革开放青观察”图片作品 → itself, 改革开放青观察; a brand never."""
    quoted = [part for part in _QUOTED.findall(name) if not any(brand in part for brand in _BRANDS)]
    parts = [fold(name), *(fold(part) for part in quoted)]
    return tuple(dict.fromkeys(part for part in parts if len(part) >= 2))


def _add(points: dict[str, float], name: str, value: float) -> None:
    text = fold(name)
    if len(text) >= 2 and points.get(text, 0) < value:
        points[text] = value


@lru_cache(maxsize=4)
def own_lines(mail: Mail) -> tuple[str, ...]:
    """The lines of the unit's own words without the salutation, which names the office."""
    lines = [line.strip() for line in mail.text.splitlines() if line.strip()]
    kept: list[str] = []
    for place, line in enumerate(lines):
        text = fold(line)
        if place < 3 and len(text) <= 40 and text.endswith((":", ",")) and not re.search(r"报送|现将|我|附件", text):
            continue
        if place < 3:
            line = re.sub(
                r"^(尊敬的)?[^,，:：。]{1,30}(老师|领导|同志|办公室|办|组委会|领导小组|团市委|团省委)[:：]\s*", "", line
            )
        if line:
            kept.append(line)
    return tuple(kept)


def file_names(pieces: tuple[Piece, ...]) -> list[str]:
    """The names of the files that are no logos and no containers."""
    return [
        stem_of(piece.name)
        for piece in pieces
        if piece.name and kind_of(piece) not in ("archive", "mail") and not is_logo(piece)
    ]


def folder_names(pieces: tuple[Piece, ...]) -> list[str]:
    """The names of archives and of the folders inside them, each once."""
    found: list[str] = []
    for piece in pieces:
        if kind_of(piece) == "archive":
            found.append(stem_of(piece.name))
        found += [stem_of(part) for part in folders(piece)]
    return list(dict.fromkeys(each for each in found if each))


def folders(piece: Piece) -> tuple[str, ...]:
    """The folders on the way to a piece, outermost first: without the part number and the packed archive it came in."""
    return tuple(part for part in piece.path.split("/")[1:-1] if not part.isdigit())


def way_to(piece: Piece, archives: Mapping[str, str]) -> tuple[str, ...]:
    """The archive a piece came in (`archives`: its path → its name without ending) and its folders, outermost first."""
    parts = piece.path.split("/")
    found: list[str] = []
    for length in range(1, len(parts)):
        name = archives.get("/".join(parts[:length]))
        if name:
            found.append(name)
        elif length > 1 and not parts[length - 1].isdigit():
            found.append(stem_of(parts[length - 1]))
    return tuple(found)


def title_lines(piece: Piece) -> list[str]:
    """A document's title and the short lines it begins with."""
    if kind_of(piece) not in ("document", "table"):
        return []
    lines = [line.strip() for line in piece.facts.text[:600].splitlines() if line.strip()]
    return ([piece.facts.title] if piece.facts.title else []) + [line for line in lines[:5] if len(line) <= 45]


def header_units(mail: Mail, pieces: tuple[Piece, ...]) -> list[tuple[str, str]]:
    """Every 报送单位 that is written, in a table's header or as a line of a document or the mail: (value, where)."""
    found: list[tuple[str, str]] = []
    for piece in pieces:
        for field, value in piece.facts.header.items():
            if HEADER_FIELD.search(fold(field)) and fold(value):
                found.append((value, stem_of(piece.name)))
        if kind_of(piece) in ("document", "table") and not piece.facts.header:
            found += [(value, stem_of(piece.name)) for value in _HEADER_LINE.findall(piece.facts.text[:1500])]
    found += [(value, "正文") for value in _HEADER_LINE.findall(mail.text[:3000])]
    return list(dict.fromkeys(found))


def speaks_for(campaign: Campaign, places: Iterable[Place]) -> tuple[float, str]:
    """How much the places speak for the campaign (0 … 60), and the telling words."""
    best: dict[str, tuple[float, str]] = {}
    for place in places:
        for phrase, points in campaign_words(campaign):
            worth = points * place.points
            if worth > best.get(phrase, (0.0, ""))[0] and phrase in place.text:
                best[phrase] = (worth, f"{place.label}提到“{phrase}”")
    if not best:
        return 0.0, ""
    ranked = sorted(best.values(), reverse=True)
    return min(60.0, ranked[0][0] + 0.3 * sum(worth for worth, _ in ranked[1:4])), ranked[0][1]
