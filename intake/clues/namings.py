"""The many names of one unit: 共青团XX市委员会, 团XX市委, XX团市委, 第八师, 农八师 … and finding them in a text.

A longer name covers a shorter one inside it; a name that another body's name follows (环翠区教育局) only points at
the unit above; names of the office itself never count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pypinyin import Style, pinyin
from rapidfuzz import fuzz, process

from archive.judging.spelling import fold
from config.roster import Roster, Unit
from intake.clues.renamed import other_names

FULL, PLAIN, STEM, INSIDE = 1.0, 0.85, 0.4, 0.25
"""How much a name says: the body's full name; its place or short name; a bare stem; a body below the unit.

The league of a town, a street or a farm below says as much as the place: it has no other office above it."""

_CJK = "\u4e00-\u9fff"
_IS_CJK = re.compile(f"[{_CJK}]")
_ORGANS = re.compile(
    r"^(?P<core>.+?)(团委|团工委|共青团|团总支|团支部|团委会|(创建)?(“?青年文明号”?)?(创建)?(活动)?(组委会|领导小组)(办公室)?)$"
)
_PLACE = re.compile(r"^(?P<stem>.{1,9}?)(?P<level>市|区|县|州|旗|盟|镇|新区|开发区)$")
_NUMERAL = "一二三四五六七八九十百0123456789"
_DIVISION = re.compile(
    r"^(?:新疆生产建设兵团|兵团)?(?:第|农)?(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})师(?P<rest>.*)$"
)
_BODY = (
    r"局|院|中学|小学|高中|大学|学校|分校|党校|公司|银行|支行|分行|税务|中心|大厅|所|站|大队|支队|中队|集团|海关|系统|行业"
    r"|街道|镇|乡|社区|村|科|厂|电视台|窗口|车间|班组|\d+团|[一二三四五六七八九十]+团(?!委|市|区|县)|连队|医|幼儿园|队|办|分社|消防"
)
_BODY_AFTER = re.compile(f"^[{_CJK}\\d]{{0,12}}?(?:{_BODY})")
_LEAGUE_BELOW = re.compile(
    f"^[{_CJK}\\d]{{0,8}}?(?:镇|乡|街道|街办|社区|村|农场|牧场|林场|\\d团|管理区)(?:办事处|党工委)?"
    "(?:团委|团工委|团总支|团支部|共青团)"
)
_TALK = re.compile(
    r"报送|报来|报备|上报|提交|补报|关于|青年文明号|推荐|推报|申报|总结|汇总|材料|作品|图片|照片|视频|征文|活动|开放周|团委|团工委"
    r"|[的在是为及和与年微了]|开展|组织|信息|典型|经验|回复|组委会|委员会|改革开放|新时代|品牌建设|20\d\d|现将|现报|情况|领导小组"
)
_ELSEWHERE = re.compile(r"(走进|走访|前往|奔赴|赴|到|在|与|和|学习|参观|走向|联合|携手|对接)$")
_ZONE_SHORTS = {
    "高技术产业开发区": ("高技术开发区", "高技术区", "高技区", "高新区", "高区"),
    "高新技术产业开发区": ("高新技术开发区", "高新技术区", "高新开发区", "高新区", "高开区"),
    "经济技术开发区": ("经济开发区", "经技区", "经开区", "经区"),
    "工业园区": ("工业区",),
}
_ZONE = re.compile(f"^(?P<own>.{{0,6}}?)(?P<kind>{'|'.join(_ZONE_SHORTS)})$")
_ZONE_BRANDS = ("", "火炬")
"""What stands before a zone's kind without telling it from another zone of the place."""
_BEFORE_SHORT = frozenset("于由与和及为是自向的有来将把、,。;:-_()[]/\\.+|·—\n")


@dataclass(frozen=True)
class Hit:
    """A unit named in a text: its code, the words found, how much they say (FULL … INSIDE), and where."""

    unit: str
    name: str
    strength: float
    start: int
    end: int


@dataclass(frozen=True)
class _Form:
    text: str
    strength: float
    edge: bool = False
    """Counts only where no other Chinese word runs into it from the left."""
    both: bool = False
    """… nor from the right: two-character short names."""


@dataclass(frozen=True)
class Office:
    """The office that gathers: its place is left out of short names, its own names never count."""

    stem: str = ""
    level: str = ""
    names: tuple[str, ...] = ()


def office(*issuers: str) -> Office:
    """The office by its issuer's name (and the names of those above it)."""
    names = [fold(each) for each in issuers if each]
    found = re.match(r"^(?:共青团|团|中共)?(.{2,6}?)(市|省|自治区|兵团)", names[0]) if names else None
    stem, level = (found.group(1), found.group(2)) if found else ("", "")
    if names and not found and names[0].startswith("兵团"):
        stem, level = "", "兵团"
    place = stem + level
    own = list(names) + [name + "办公室" for name in names]
    if place:
        own += [f"共青团{place}委员会", f"共青团{place}委", f"团{place}委", f"{place}团委"]
        own += [f"{stem}团{level}委", f"团{level}委", f"{place}组委会", f"{level}组委会"]
    return Office(stem, level, tuple(dict.fromkeys(own)))


def core_of(name: str) -> str:
    """What is left of a unit's folded name without 共青团 … 委员会, 团委, 组委会."""
    for pattern in (r"^共青团(.+?)(?:工作)?(?:委员会|工委|委)$", r"^团(.{2,}?)(?:工委|委)$"):
        found = re.match(pattern, name)
        if found:
            return str(found.group(1))
    found = re.match(r"^(.+?)团(市|区|县|州|旗|盟|师|省)(?:工委|委)$", name)
    if found:
        return str(found.group(1) + found.group(2))
    found = _ORGANS.match(name)
    return str(found.group("core")) if found else name


def _organ_forms(core: str, strength: float = FULL, edge: bool = False) -> Iterator[_Form]:
    for text in (f"共青团{core}委员会", f"共青团{core}工作委员会", f"共青团{core}工委", f"共青团{core}委"):
        yield _Form(text, strength)
    yield _Form(f"团{core}委", strength)
    for text in (f"{core}团委", f"{core}团工委", f"{core}共青团", f"{core}组委会"):
        yield _Form(text, strength, edge)


def _place_forms(core: str, stem: str, level: str) -> Iterator[_Form]:
    yield _Form(core, PLAIN, both=len(core) < 3)
    yield _Form(f"{stem}团{level}委", FULL)
    if len(stem) >= 2:
        yield _Form(stem, STEM)
        yield _Form(f"{stem}团委", FULL)


def _division_forms(number: str, rest: str) -> Iterator[_Form]:
    written = {number}
    if number.isdigit():
        value = int(number)
        tens, ones = divmod(value, 10)
        digits = "零一二三四五六七八九"
        written.add(
            digits[value] if value < 10 else ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
        )
    elif len(number) <= 2:
        digits = "零一二三四五六七八九"
        value = (
            10 + (digits.index(number[1]) if len(number) == 2 else 0) if number[0] == "十" else digits.index(number[0])
        )
        written.add(str(value))
    place = _PLACE.match(rest)
    for n in written:
        for head in (
            f"第{n}师",
            f"{n}师",
            f"农{n}师",
            f"兵团第{n}师",
            f"兵团{n}师",
            f"兵团农{n}师",
            f"新疆生产建设兵团第{n}师",
        ):
            for core in {head, head + rest, f"{head}({rest})" if rest else head}:
                yield _Form(core, PLAIN)
                yield from _organ_forms(core)
            yield _Form(head[:-1] + "团师委", FULL)
            if place:
                yield _Form(head + place.group("stem"), FULL)
                yield from _organ_forms(head + place.group("stem"))
    if place:
        yield from _place_forms(rest, place.group("stem"), place.group("level"))
        yield from _organ_forms(rest)


def _zone_forms(core: str, ours: Office) -> Iterator[_Form]:
    """A development zone by the short names in use: 高区, 高技区, 经开区; with its own name where it has one."""
    found = _ZONE.match(core.removeprefix(ours.stem + ours.level).removeprefix(ours.stem))
    if not found:
        return
    own, shorts = found.group("own"), _ZONE_SHORTS[found.group("kind")]
    named = {own + found.group("kind"), *(own + short for short in shorts)}
    alone = {found.group("kind"), *shorts} if own in _ZONE_BRANDS else {f"{own}区", own} if len(own) >= 2 else set()
    for text in (named | alone) - {core, ""}:
        yield _Form(text, PLAIN if len(text) >= 3 or text.endswith("区") else STEM, edge=not own, both=len(text) < 3)
        yield from _organ_forms(text, edge=True)


def _body_forms(core: str, ours: Office) -> Iterator[_Form]:
    """A department or a firm: with the office's place before it, with 市 alone, or by itself at a word's edge."""
    placed = bool(ours.stem) and core.startswith(ours.stem)
    yield _Form(core, FULL if len(core) >= 4 else PLAIN, edge=not placed, both=len(core) < 3)
    yield from _organ_forms(core, edge=not placed)
    rest = core
    for prefix in (ours.stem + ours.level, ours.level, ours.stem):
        if prefix and core.startswith(prefix) and len(core) - len(prefix) >= 3:
            rest = core[len(prefix) :]
            break
    if rest == core and not core.endswith(("局", "委", "办", "行业", "系统")):
        return
    for text in {ours.stem + ours.level + rest, ours.stem + rest}:
        if text != core and ours.stem:
            yield _Form(text, FULL)
            yield from _organ_forms(text)
    for text in {ours.level + rest, rest}:
        if len(text) >= 3:
            yield _Form(text, PLAIN, edge=True)
            yield from _organ_forms(text, edge=True)


def spellings(name: str, ours: Office) -> tuple[_Form, ...]:
    """Every way that name is written, folded."""
    whole = re.sub(r"\([^()]*\)$", "", fold(name)) or fold(name)
    core = core_of(fold(re.sub(r"[（(]([^（）()]*)[）)]", r"\1", name)))
    league = core_of(whole) != whole and whole.startswith(("共青团", "团"))
    placed = league or (bool(ours.stem) and whole.startswith(ours.stem))
    forms = [] if len(whole) < 3 or whole == core else [_Form(whole, FULL, edge=not placed and not _PLACE.match(core))]
    division, place = _DIVISION.match(core), _PLACE.match(core)
    if division:
        forms += _division_forms(division.group("n"), division.group("rest"))
    elif place and not re.search(_BODY, place.group("stem")):
        forms += _place_forms(core, place.group("stem"), place.group("level"))
        forms += _organ_forms(core)
        above = ours.stem + ours.level
        rest = _PLACE.match(core[len(above) :]) if above and core.startswith(above) else None
        if rest:
            forms += _place_forms(rest.group(0), rest.group("stem"), rest.group("level"))
            forms += _organ_forms(rest.group(0))
    else:
        forms += _body_forms(core, ours)
    forms += _zone_forms(core, ours)
    return tuple(form for form in forms if len(form.text) >= 2)


def _other_spellings(name: str, ours: Office) -> Iterator[_Form]:
    """Names of the same body before and after it was renamed; they say no more than a short name."""
    towns = tuple(dict.fromkeys(each for each in (ours.stem + ours.level, ours.level, ours.stem) if each))
    core = core_of(fold(re.sub(r"[（(]([^（）()]*)[）)]", r"\1", name)))
    for other in other_names(core, (*towns, "省", "市", "县")):
        for form in _body_forms(other, ours):
            yield form if form.text.endswith(("委", "委员会")) else replace(form, strength=min(form.strength, PLAIN))


class NameIndex:
    """All names of one roster, made once; `hits` is one pass over the text."""

    def __init__(self, roster: Roster, ours: Office) -> None:
        self._forms: dict[str, dict[str, _Form]] = {}
        for unit in roster.units:
            self._add(unit, ours)
        self._add_others(roster, ours)
        for name in ours.names:
            if name not in self._forms:
                self._forms[name] = {"": _Form(name, FULL)}
        lengths: dict[str, set[int]] = {}
        for text in self._forms:
            lengths.setdefault(text[:2], set()).add(len(text))
        self._lengths = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
        self._near: dict[str, set[str]] = {}
        for unit in roster.units:
            for name in (unit.name, *unit.aliases):
                self._near.setdefault(_near_form(fold(name)), set()).add(unit.code)
        self._near_forms = list(self._near)
        self._slips: dict[tuple[int, int, str], list[str]] = {}
        for text, units in self._forms.items():
            if "" not in units and len(units) == 1 and len(text) >= 4 and _full(units):
                self._slips.setdefault((len(text), 0, text[0]), []).append(text)
                self._slips.setdefault((len(text), 1, text[1]), []).append(text)

    def _add(self, unit: Unit, ours: Office) -> None:
        for name in (unit.name, *unit.aliases):
            for form in spellings(name, ours):
                known = self._forms.setdefault(form.text, {})
                if unit.code not in known or known[unit.code].strength < form.strength:
                    known[unit.code] = form

    def _add_others(self, roster: Roster, ours: Office) -> None:
        """Renamed bodies: never a name that another unit of the roster bears itself."""
        borne = set(self._forms)
        for unit in roster.units:
            for name in (unit.name, *unit.aliases):
                for form in _other_spellings(name, ours):
                    if form.text not in borne:
                        self._forms.setdefault(form.text, {}).setdefault(unit.code, form)

    def hits(self, text: str) -> tuple[Hit, ...]:
        """The units named in a folded text, longest names first, none inside another."""
        found: list[Hit] = []
        place = 0
        while place < len(text) - 1:
            step = 1
            for length in self._lengths.get(text[place : place + 2], ()):
                units = self._forms.get(text[place : place + length])
                if units is None:
                    continue
                now = [hit for code, form in units.items() if (hit := _judge(code, form, text, place, len(units)))]
                if now or "" in units:
                    found += [hit for hit in now if hit.unit]
                    step = length
                    break
            place += step
        return tuple(found)

    def near(self, text: str) -> tuple[str, str] | None:
        """The one unit whose name is nearly this (folded) text, and that name; None unless it is clearly the nearest.

        Numbers must agree: 第七师 is never a misspelt 第八师.
        """
        if not 4 <= len(text) <= 30:
            return None
        best: dict[str, tuple[float, str]] = {}
        written = _near_form(text)
        for form, score, _ in process.extract(written, self._near_forms, scorer=fuzz.ratio, limit=40, score_cutoff=70):
            if _numbers(form) != _numbers(text):
                continue
            for code in self._near[form]:
                if code not in best or best[code][0] < score:
                    best[code] = (score, form)
        ranked = sorted(best.items(), key=lambda entry: -entry[1][0])
        if not ranked or ranked[0][1][0] < 78 or (len(ranked) > 1 and ranked[0][1][0] - ranked[1][1][0] < 8):
            return None
        return ranked[0][0], ranked[0][1][1]

    def misspelt(self, text: str) -> Hit | None:
        """The unit whose name this (folded) text is but for one character that sounds alike (荣城 for 荣成).

        None when other units' names are as near, or the name is short; a character that sounds otherwise is no slip.
        """
        found: dict[str, Hit] = {}
        for start in range(0, max(1, len(text) - 3)):
            tail = text[start:]
            if len(tail) < 4:
                break
            alike = (self._slips.get((len(tail), at, tail[at]), ()) for at in (0, 1))
            for form in itertools.chain.from_iterable(alike):
                if one_slip(form, tail):
                    for code in self._forms[form]:
                        found.setdefault(code, Hit(code, form, PLAIN, start, len(text)))
        return next(iter(found.values())) if len(found) == 1 else None


def _near_form(name: str) -> str:
    """One spelling in which names are compared: 共青团XX市委员会 and XX团市委 as XX市团委."""
    core = core_of(name)
    return core if core == name else f"{core}团委"


def _full(units: dict[str, _Form]) -> bool:
    return all(form.strength >= FULL for form in units.values())


def one_slip(name: str, written: str) -> bool:
    """Whether two texts differ in one Chinese character only, and both characters sound alike (tones apart)."""
    other = [(a, b) for a, b in zip(name, written, strict=False) if a != b]
    return len(name) == len(written) and len(other) == 1 and sound_alike(*other[0])


def sound_alike(one: str, other: str) -> bool:
    """Whether two Chinese characters share a reading, tones apart; numerals never do."""
    if one in _NUMERAL or other in _NUMERAL or not (_IS_CJK.match(one) and _IS_CJK.match(other)):
        return False
    readings = [set(pinyin(each, style=Style.NORMAL, heteronym=True)[0]) for each in (one, other)]
    return bool(readings[0] & readings[1])


def _numbers(text: str) -> list[str]:
    return [each for each in text if each in _NUMERAL]


def _judge(code: str, form: _Form, text: str, start: int, sharing: int) -> Hit | None:
    """The hit, with its strength lowered by what stands around it; None where the name does not begin or end here."""
    end = start + len(form.text)
    before, after = text[start - 1 : start], text[end : end + 16]
    if form.text[0] in _NUMERAL and before and before in _NUMERAL + "第农":
        return None
    if form.text.endswith("师") and after[:1] and after[0] in "傅范生资兄长部":
        return None
    if (form.edge or form.both) and before and _IS_CJK.match(before) and before not in _BEFORE_SHORT:
        return None
    if form.both and _IS_CJK.match(after) and not _TALK.match(after):
        return None
    strength = form.strength if sharing == 1 else min(form.strength, STEM)
    if strength < FULL or not form.text.endswith(("委", "委员会", "共青团", "组委会")):
        cut = _TALK.search(after)
        following = after[: cut.start()] if cut else after
        if _LEAGUE_BELOW.match(after):
            strength = min(strength, PLAIN) if strength > STEM else STEM
        elif _BODY_AFTER.match(following):
            strength = min(strength, INSIDE)
        elif strength == STEM and before and _IS_CJK.match(before) and before not in _BEFORE_SHORT:
            return None
        elif strength < FULL and _ELSEWHERE.search(text[max(0, start - 2) : start]):
            strength = min(strength, INSIDE)
    return Hit(code, text[start:end], strength, start, end)
