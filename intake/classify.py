"""What each piece is: item, category, sub-kind and work, each with its evidence; undecided where a clerk would ask.

Names in the file's own name say most, then its folder, its title, the row of the summary table that lists it, the
archive and the subject; the kind of file speaks for an item only beside that, or when one item alone takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from archive.records import Evidence, Mail, Piece, PieceDecision
from config.campaign import Campaign
from config.roster import Unit
from intake.announce import announced, asks, replaces, says_all_sent, thanks
from intake.furniture import is_container, is_logo, is_material, is_request, kind_of, stem_of
from intake.namings import fold
from intake.profiles import Profile, declared, matches, profiles
from intake.speech import clean_subject, folders, own_lines, phrases_of_title, title_lines
from intake.titles import Row, is_generic, is_picture, key, own_name, row_of, rows, series, without

__all__ = ["announced", "classify", "says_all_sent"]

BAR, MARGIN = 30.0, 12.0
NAME, FOLDER, ROW, TITLE, ARCHIVE, SUBJECT, TEXT, COLUMNS = 50.0, 45.0, 45.0, 35.0, 30.0, 25.0, 8.0, 60.0
WORD_SHARE = 0.4
ALONE, TAKES, ANYTHING, REFUSES = 30.0, 12.0, 10.0, -40.0
_TEXT_BESIDE = re.compile(r"说明|简介|解说|文案|介绍|配文|文字|创意")
_SEAL = re.compile(r"盖章|扫描|签字")
_NEWS = re.compile(r"信息|简报|动态|好做法|典型|事迹|素材")


@dataclass
class _Case:
    """Pieces that are decided together: one file, or the pictures of one set."""

    pieces: list[Piece]
    place: tuple[str, ...]
    picture_set: bool = False
    name: str = ""
    """The set's own name where its files share one."""
    points: dict[str, float] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    row: Row | None = None

    def add(self, item: str, kind: str, text: str, points: float) -> None:
        self.points[item] = self.points.get(item, 0.0) + points
        if points > 0:
            self.evidence.setdefault(item, []).append(Evidence(kind, text, round(points, 1)))

    @property
    def kind(self) -> str:
        """The kind of its files."""
        return kind_of(self.pieces[0])


@dataclass(frozen=True)
class _Mail:
    """What all pieces of one mail share."""

    mail: Mail
    campaign: Campaign
    unit: Unit | None
    profiles: tuple[Profile, ...]
    subject: str
    rows: list[Row]

    def profile(self, item: str) -> Profile:
        return next(each for each in self.profiles if each.id == item)


def classify(mail: Mail, pieces: tuple[Piece, ...], campaign: Campaign, unit: Unit | None) -> tuple[PieceDecision, ...]:
    """One decision for each piece, in their order, and one for the path `text` when the mail's own words count.

    none=True is furniture (containers, logos, the blank form beside a filled one, the notice itself). A companion
    text carries the item, category and work of what it goes with.
    """
    shared = _Mail(mail, campaign, unit, profiles(campaign), fold(clean_subject(mail.subject)), rows(pieces))
    if not shared.profiles:
        return tuple(
            PieceDecision(piece.path, evidence=(Evidence("no-items", "本活动没有需报送的材料"),)) for piece in pieces
        )
    decided: dict[str, PieceDecision] = {}
    materials: list[Piece] = []
    for piece in pieces:
        furniture = _furniture(piece, pieces, shared)
        if furniture:
            decided[piece.path] = PieceDecision(piece.path, none=True, confidence=0.95, evidence=(furniture,))
        else:
            materials.append(piece)
    cases = _cases(materials)
    for case in cases:
        _weigh(case, shared)
    for case in cases:
        for decision in _decide(case, shared):
            decided[decision.path] = decision
    _companions(cases, decided, shared)
    result = [_superseding(decided[piece.path], piece, shared) for piece in pieces]
    text = _text(shared, materials)
    return (*result, text) if text else tuple(result)


# --- what is no material ------------------------------------------------------------------------------------------


def _furniture(piece: Piece, pieces: tuple[Piece, ...], shared: _Mail) -> Evidence | None:
    if is_container(piece, pieces):
        what = "所转邮件" if kind_of(piece) == "mail" else "压缩包"
        return Evidence("container", f"{what}，内容已逐个核对")
    if is_logo(piece):
        return Evidence("logo", "签名或标志图片，不是材料")
    if not is_material(piece, pieces):
        return Evidence("trapping", "邮件附带的名片、签名或网页，不是材料")
    if is_request(piece):
        return Evidence("request", "来函或申请，不是应报材料")
    if _is_notice(piece, shared.campaign):
        return Evidence("notice", "通知原文，不是应报材料")
    if _is_blank(piece, shared) and any(_is_filled(each, shared) for each in pieces):
        return Evidence("blank-form", "空白表样，另有填好的表")
    return None


def _is_notice(piece: Piece, campaign: Campaign) -> bool:
    name = re.sub(r"(\(.*\)|[-_]?\d+)$", "", own_name(piece))
    if not name.endswith("通知") or kind_of(piece) != "document":
        return False
    return fold(campaign.title) in name or any(phrase in name for phrase in phrases_of_title(campaign.title))


def _fits_table(piece: Piece, shared: _Mail) -> bool:
    return any(_columns(piece, profile) >= 0.5 for profile in shared.profiles)


def _is_blank(piece: Piece, shared: _Mail) -> bool:
    return piece.facts.rows == 0 and not any(map(fold, piece.facts.header.values())) and _fits_table(piece, shared)


def _is_filled(piece: Piece, shared: _Mail) -> bool:
    return bool(piece.facts.rows) and _fits_table(piece, shared)


def _columns(piece: Piece, profile: Profile) -> float:
    """The share of the item's columns that the file's table has."""
    if not profile.columns or not piece.facts.columns:
        return 0.0
    have = [fold(column).replace("\n", "") for column in piece.facts.columns]
    return sum(any(name in column or column in name for column in have if column) for name in profile.columns) / len(
        profile.columns
    )


# --- what belongs together ----------------------------------------------------------------------------------------


def _cases(pieces: list[Piece]) -> list[_Case]:
    """Pictures of one folder, archive or numbered series are one case; every other file is its own."""
    cases: list[_Case] = []
    folders_of: dict[tuple[str, ...], list[Piece]] = {}
    for piece in pieces:
        if is_picture(piece) and not re.search(r"汇总表|登记表|申报表", own_name(piece)):
            folders_of.setdefault(_where(piece), []).append(piece)
        else:
            cases.append(_Case([piece], folders(piece)))
    for pictures in folders_of.values():
        cases += _picture_sets(pictures)
    return cases


def _where(piece: Piece) -> tuple[str, ...]:
    """The place a file lies in: the part it came with when packed, else the mail itself."""
    parts = piece.path.split("/")
    return tuple(parts[:-1]) if len(parts) > 1 else ()


def _picture_sets(pictures: list[Piece]) -> list[_Case]:
    named: dict[str, list[Piece]] = {}
    for picture in pictures:
        named.setdefault(series(picture.name), []).append(picture)
    place = folders(pictures[0])
    several = [name for name, found in named.items() if name and len(found) >= 2]
    if len(several) >= 2 or (several and not place):
        sets = [_Case(found, place, len(found) >= 2, name) for name, found in named.items() if name in several]
        rest = [picture for name, found in named.items() if name not in several for picture in found]
        return sets + [_Case([picture], place) for picture in rest]
    if place or not [name for name in named if name]:
        return [_Case(pictures, place, len(pictures) >= 2, several[0] if several else "")]
    return [_Case([picture], place) for picture in pictures]


# --- how much speaks for each item --------------------------------------------------------------------------------


def _weigh(case: _Case, shared: _Mail) -> None:
    first = case.pieces[0]
    names = list(dict.fromkeys(own_name(piece) for piece in case.pieces))[:10]
    inner = [fold(stem_of(folder)) for folder in case.place]
    titles = [fold(line) for line in title_lines(first)]
    _named(case, shared, "name", "文件名", names, NAME)
    _named(case, shared, "folder", "文件夹或压缩包名", inner[-1:], FOLDER)
    _named(case, shared, "archive", "上级文件夹或压缩包名", inner[:-1], ARCHIVE)
    _named(case, shared, "title", "文件标题", titles, TITLE)
    _named(case, shared, "subject", "主题", [shared.subject], SUBJECT)
    if first.facts.text:
        _named(case, shared, "text", "文件正文", [fold(first.facts.text[:400])], TEXT)
    named = [key(stem_of(piece.name)) for piece in case.pieces] + [key(folder) for folder in inner] + titles[:2]
    if case.kind not in ("table", "archive"):
        case.row = row_of((name for name in named if not is_generic(name)), shared.rows)
    if case.row:
        _named(case, shared, "row", f"汇总表列有《{case.row.title[:30]}》", [case.row.classes], ROW, quote=False)
    for profile in shared.profiles:
        share = _columns(first, profile)
        if share >= 0.5:
            case.add(profile.id, "columns", "表头与要求的汇总表一致", COLUMNS * share)
    _by_kind(case, shared, names)


def _named(
    case: _Case, shared: _Mail, kind: str, label: str, texts: Iterable[str], points: float, quote: bool = True
) -> None:
    """Adds, per item, the best name and else the best word found in these texts."""
    best: dict[str, tuple[float, str]] = {}
    for text in texts:
        for found in matches(text, shared.profiles):
            worth = points * (1.0 if len(found.name) >= 4 else 0.9 if len(found.name) == 3 else 0.8)
            if worth > best.get(found.item, (0.0, ""))[0]:
                best[found.item] = (worth, found.name)
        for profile in shared.profiles:
            for word in profile.words:
                if word in text and points * WORD_SHARE > best.get(profile.id, (0.0, ""))[0]:
                    best[profile.id] = (points * WORD_SHARE, word)
    for item, (worth, name) in best.items():
        case.add(item, kind, f"{label}有“{name}”" if quote else label, worth)


def _by_kind(case: _Case, shared: _Mail, names: list[str]) -> None:
    takers = [
        each for each in shared.profiles if case.kind in each.kinds and each.item.kind not in ("materials", "message")
    ]
    words = {"picture": "图片", "video": "视频", "document": "文档", "table": "表格"}
    for profile in shared.profiles:
        if profile.item.kind in ("materials", "message"):
            case.add(profile.id, "kind", "图文资料不限形式", ANYTHING)
        elif case.kind in profile.kinds:
            alone = len(takers) == 1 and case.kind != "document" and (case.kind != "picture" or case.picture_set)
            case.add(profile.id, "kind", f"该项材料是{words.get(case.kind, '文件')}", ALONE if alone else TAKES)
        elif profile.item.kind == "table" and case.kind in ("picture", "document"):
            named = any(name in text for text in names for name in ("汇总表", "登记表", "申报表"))
            sealed = any(_SEAL.search(text) for text in names)
            case.add(profile.id, "kind", "汇总表的扫描件或文档", TAKES if named else 0.0 if sealed else REFUSES / 2)
        elif case.kind in ("archive", "other"):
            continue
        elif profile.kinds:
            case.add(profile.id, "kind", "", REFUSES)


# --- the decision -------------------------------------------------------------------------------------------------


def _ranked(case: _Case) -> list[tuple[float, str]]:
    return sorted(((points, item) for item, points in case.points.items() if points > 0), reverse=True)


def _decide(case: _Case, shared: _Mail) -> list[PieceDecision]:
    ranked = _ranked(case)
    if len(shared.profiles) == 1:
        only = shared.profiles[0]
        reasons = (Evidence("only-item", "本次活动只收一项材料", 60.0), *case.evidence.get(only.id, ())[:4])
        return _decided(case, shared, only, 0.9, reasons)
    top = ranked[0][0] if ranked else 0.0
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if top < BAR or top - second < MARGIN:
        whole = sum(points for points, _ in ranked) + 20.0
        guesses = tuple((item, round(points / whole, 2)) for points, item in ranked[:4])
        why = [evidence for _, item in ranked[:2] for evidence in case.evidence.get(item, ())]
        return [PieceDecision(piece.path, evidence=tuple(why), guesses=guesses) for piece in case.pieces]
    item = ranked[0][1]
    reasons = tuple(sorted(case.evidence[item], key=lambda each: -each.points))
    return _decided(case, shared, shared.profile(item), round(min(0.99, top / (top + second + 10)), 2), reasons)


def _decided(
    case: _Case, shared: _Mail, profile: Profile, confidence: float, reasons: tuple[Evidence, ...]
) -> list[PieceDecision]:
    category = _category(case, profile, shared)
    subkind, why = _subkind(case, profile, shared)
    found: list[PieceDecision] = []
    for piece in case.pieces:
        work = _work(case, piece, profile, shared) if profile.item.kind in ("work", "document") else None
        found.append(
            PieceDecision(
                piece.path, profile.id, category, subkind, work, confidence=confidence, evidence=(*reasons, *why)
            )
        )
    return found


def _clues(case: _Case, shared: _Mail) -> list[str]:
    """The folded texts that speak of a case, nearest first."""
    inner = [fold(stem_of(folder)) for folder in reversed(case.place)]
    row = [case.row.classes] if case.row else []
    titles = [fold(line) for line in title_lines(case.pieces[0])[:3]]
    return [*row, own_name(case.pieces[0]), *inner, *titles, shared.subject]


def _category(case: _Case, profile: Profile, shared: _Mail) -> str | None:
    """The category by its names, nearest clue first, as long as the kind of file does not speak against it."""
    fitting = [part for part in profile.categories if not part.kinds or case.kind in part.kinds]
    for text in _clues(case, shared):
        named = [part.id for part in fitting if any(name in text for name in part.names)]
        if len(named) == 1:
            return named[0]
    return fitting[0].id if len(fitting) == 1 else None


def _subkind(case: _Case, profile: Profile, shared: _Mail) -> tuple[str | None, tuple[Evidence, ...]]:
    for text in _clues(case, shared):
        found = declared(text, profile.subkinds)
        if len(found) == 1:
            return found[0][0], (Evidence("subkind", f"写明“{found[0][1]}”", 20.0),)
        if found:
            return None, ()
    return None, ()


def _work(case: _Case, piece: Piece, profile: Profile, shared: _Mail) -> str:
    """The work's key: the table's title, else the set's, the folder's or the file's own name."""
    if case.row:
        return case.row.folded
    names = [*profile.names, *(name for part in (*profile.categories, *profile.subkinds) for name in part.names)]
    if shared.unit:
        names += [fold(shared.unit.name), *(fold(alias) for alias in shared.unit.aliases)]
    named = [case.name] if case.name else []
    if case.picture_set:
        named += [key(folder) for folder in reversed(case.place)]
    else:
        named += [key(stem_of(piece.name))]
        named += [key(piece.facts.title)] if piece.facts.title else []
    for name in named:
        short = without(name, names)
        if short and short not in names and not is_generic(short):
            return short
    if case.picture_set or is_generic(own_name(piece)):
        return without(shared.subject, names) or fold(profile.item.name)
    return own_name(piece) or fold(profile.item.name)


# --- texts that go with a work ------------------------------------------------------------------------------------


def _companions(cases: list[_Case], decided: dict[str, PieceDecision], shared: _Mail) -> None:
    """Gives a text beside a picture set or a video the item, category and work of what it explains."""
    works = [case for case in cases if _is_shown(case, decided, shared)]
    for case in cases:
        if case.kind != "document" or _speaks_for_itself(case):
            continue
        beside = _beside(case, works, decided)
        if beside:
            of = decided[beside.pieces[0].path]
            why = Evidence("companion", "与作品同一文件夹或同名，是作品的文字说明", 40.0)
            decided[case.pieces[0].path] = replace(
                of, path=case.pieces[0].path, confidence=min(of.confidence, 0.9), evidence=(why, *of.evidence[:2])
            )


def _is_shown(case: _Case, decided: dict[str, PieceDecision], shared: _Mail) -> bool:
    of = decided[case.pieces[0].path]
    return case.kind in ("picture", "video") and of.item is not None and shared.profile(of.item).item.kind == "work"


def _speaks_for_itself(case: _Case) -> bool:
    """A document whose own name says it is something else (典型经验, 汇总表)."""
    own = [each for found in case.evidence.values() for each in found if each.kind in ("name", "columns")]
    return any(each.points >= BAR for each in own) and not _TEXT_BESIDE.search(own_name(case.pieces[0]))


def _beside(case: _Case, works: list[_Case], decided: dict[str, PieceDecision]) -> _Case | None:
    text = case.pieces[0]
    name = key(stem_of(text.name))
    same = [
        work
        for work in works
        if name in {decided[piece.path].work for piece in work.pieces}
        or name in {key(stem_of(piece.name)) for piece in work.pieces}
        or any(len(of) >= 3 and of in own_name(text) for piece in work.pieces if (of := decided[piece.path].work or ""))
    ]
    if len(same) == 1:
        return same[0]
    near = [work for work in works if _where(work.pieces[0]) == _where(text)]
    if not same and len(near) == 1 and (folders(text) or _TEXT_BESIDE.search(own_name(text))):
        return near[0]
    if not same and len(works) == 1 and not folders(text) and _TEXT_BESIDE.search(own_name(text)):
        return works[0]
    return None


# --- the mail's own words -----------------------------------------------------------------------------------------


def _superseding(decision: PieceDecision, piece: Piece, shared: _Mail) -> PieceDecision:
    if decision.item is None:
        return decision
    for label, text in (
        ("文件名", stem_of(piece.name)),
        ("主题", shared.subject),
        ("正文", "\n".join(own_lines(shared.mail))),
    ):
        word = replaces(text)
        if word:
            why = Evidence("supersede", f"{label}写有“{word}”，可能代替此前所报", 0.0)
            return replace(decision, evidence=(*decision.evidence, why))
    return decision


def _text(shared: _Mail, materials: list[Piece]) -> PieceDecision | None:
    """The mail's own words as what a `message` item asks for; covering letters, questions and thanks are not."""
    messages = [each for each in shared.profiles if each.item.kind == "message"]
    body = "".join(fold(line) for line in own_lines(shared.mail))
    if len(messages) != 1 or len(body) < 60 or thanks(shared.mail):
        return None
    if asks(shared.mail) and len(body) < 200:
        return None
    profile = messages[0]
    named = any(match.item == profile.id for match in matches(shared.subject, shared.profiles))
    if len(shared.profiles) > 1 and not ((named or _NEWS.search(shared.subject)) and not materials):
        return None
    why = Evidence("message", f"正文约{len(body)}字，即所报信息", 40.0)
    return PieceDecision("text", profile.id, confidence=0.85, evidence=(why,))
