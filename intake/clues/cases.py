"""How much speaks for each item: pieces that belong together are one case, and every name found adds points to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from archive.judging.spelling import fold
from archive.judging.titles import title_key as key
from archive.records import Evidence, Mail, Piece
from config.campaign import Campaign
from config.roster import Unit
from intake.clues.furniture import kind_of, stem_of
from intake.clues.profiles import Profile, matches
from intake.clues.speech import title_lines, way_to
from intake.clues.titles import Row, is_generic, is_picture, own_name, row_of, series
from intake.clues.told import LISTED, told_of

NAME, FOLDER, ROW, TITLE, ARCHIVE, SUBJECT, TEXT, COLUMNS = 50.0, 45.0, 45.0, 35.0, 30.0, 25.0, 8.0, 60.0
WORD_SHARE = 0.4
ALONE, TAKES, ANYTHING, BESIDE, REFUSES = 30.0, 12.0, 10.0, -10.0, -40.0
FEWEST, WORDY, WORDS_A_PICTURE = 3, 600, 150
"""A document shows a set from so many pictures on, with at most so many words, or so many for each picture."""
_SEAL = re.compile(r"盖章|扫描|签字")
REPORT = 30.0
_TABLE_WORD = re.compile(r"(申报|推荐|汇总|登记|选送|推报)(?:汇总)?表")
_REPORT = re.compile(r"(?:总结|小结|工作汇报|(?:开展|工作|活动|创建)情况(?:的?(?:报告|汇报|总结|说明))?)(?=$|[(\d_-])")


@dataclass
class Case:
    """Pieces that are decided together: one file, or the pictures of one set."""

    pieces: list[Piece]
    place: tuple[str, ...]
    picture_set: bool = False
    name: str = ""
    """The set's own name where its files share one."""
    why: str = ""
    """Why these files are one work, for staff."""
    shown: tuple[Piece, ...] = ()
    """Pictures inside the one document that are the work, its words being their caption."""
    points: dict[str, float] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    row: Row | None = None

    def add(self, item: str, kind: str, text: str, points: float) -> None:
        self.points[item] = self.points.get(item, 0.0) + points
        if points > 0:
            self.evidence.setdefault(item, []).append(Evidence(kind, text, round(points, 1)))

    @property
    def kind(self) -> str:
        """The kind of its files; of a document that shows pictures, theirs."""
        return "picture" if self.shown else kind_of(self.pieces[0])


@dataclass(frozen=True)
class Shared:
    """What all pieces of one mail share."""

    mail: Mail
    campaign: Campaign
    unit: Unit | None
    profiles: tuple[Profile, ...]
    subject: str
    rows: list[Row]

    def profile(self, item: str) -> Profile:
        return next(each for each in self.profiles if each.id == item)


# --- what belongs together ----------------------------------------------------------------------------------------


def cases_of(pieces: list[Piece], archives: Mapping[str, str], inside: Mapping[str, list[Piece]]) -> list[Case]:
    """Pictures of one folder, archive or numbered series are one case; every other file is its own.

    archives: path → name of each packed file; inside: path of a document → the pictures in it.
    """
    cases: list[Case] = []
    folders_of: dict[tuple[str, ...], list[Piece]] = {}
    for piece in pieces:
        if is_picture(piece) and not re.search(r"汇总表|登记表|申报表", own_name(piece)):
            folders_of.setdefault(where(piece), []).append(piece)
        else:
            shown = inside.get(piece.path, [])
            cases.append(Case([piece], way_to(piece, archives), shown=tuple(shown) if _shows(piece, shown) else ()))
    for pictures in folders_of.values():
        cases += _picture_sets(pictures, way_to(pictures[0], archives))
    return cases


def _shows(document: Piece, pictures: list[Piece]) -> bool:
    """Whether a document is there for its pictures: several of them, and few words for each."""
    words = document.facts.characters
    return len(pictures) >= FEWEST and (words is None or words <= max(WORDY, WORDS_A_PICTURE * len(pictures)))


def where(piece: Piece) -> tuple[str, ...]:
    """The place a file lies in: the part it came with when packed, else the mail itself."""
    parts = piece.path.split("/")
    return tuple(parts[:-1]) if len(parts) > 1 else ()


def _picture_sets(pictures: list[Piece], place: tuple[str, ...]) -> list[Case]:
    named: dict[str, list[Piece]] = {}
    for picture in pictures:
        named.setdefault(series(picture.name), []).append(picture)
    several = [name for name, found in named.items() if name and len(found) >= 2]
    if len(several) >= 2 or (several and not place):
        sets = [_set(found, place, name) for name, found in named.items() if name in several]
        rest = [picture for name, found in named.items() if name not in several for picture in found]
        return sets + [Case([picture], place) for picture in rest]
    if place or not [name for name in named if name]:
        return [_set(pictures, place, several[0] if several else "")]
    return [Case([picture], place) for picture in pictures]


def _set(pictures: list[Piece], place: tuple[str, ...], name: str) -> Case:
    """The pictures of one set, and why they are one."""
    count = f"的{len(pictures)}张图片"
    if name and not (place and len(place[-1]) >= 2):
        why = f"文件名同为“{name}”加编号{count}"
    else:
        why = f"同在“{place[-1]}”里{count}" if place else f"同一封邮件里{count}"
    return Case(pictures, place, len(pictures) >= 2, name, why if len(pictures) >= 2 else "")


# --- how much speaks for each item --------------------------------------------------------------------------------


def weigh(case: Case, shared: Shared) -> None:
    first = case.pieces[0]
    names = list(dict.fromkeys(own_name(piece) for piece in case.pieces))[:10]
    inner = [fold(folder) for folder in case.place]
    titles = [fold(line) for line in title_lines(first)]
    named_in(case, shared, "name", "文件名", names, NAME)
    nearest = _nearest_named(inner, shared)
    named_in(case, shared, "folder", "文件夹或压缩包名", inner[nearest:], FOLDER)
    named_in(case, shared, "archive", "上级文件夹或压缩包名", inner[:nearest], ARCHIVE)
    named_in(case, shared, "title", "文件标题", titles, TITLE)
    general = _share_of_the_mail(inner[nearest:], shared)
    named_in(case, shared, "subject", "主题", [shared.subject], SUBJECT * general)
    if first.facts.text:
        named_in(case, shared, "text", "文件正文", [fold(first.facts.text[:400])], TEXT)
    named = [key(stem_of(piece.name)) for piece in case.pieces] + [key(folder) for folder in inner] + titles[:2]
    if case.kind not in ("table", "archive"):
        case.row = row_of((name for name in named if not is_generic(name)), shared.rows)
    if case.row:
        named_in(case, shared, "row", f"汇总表列有《{case.row.title[:30]}》", [case.row.classes], ROW, quote=False)
    called = [case.name, *(key(stem_of(one.name)) for one in case.pieces), *(inner[-1:] if case.picture_set else [])]
    told = told_of(case.pieces, called, shared.mail, shared.profiles)
    for item, points, words in told:
        case.add(item, "told", words, points if points >= LISTED else points * general)
    _report(case, shared, [*names, *titles])
    _table_named(case, shared, names)
    for profile in shared.profiles:
        share = columns_share(first, profile)
        if share >= 0.5:
            case.add(profile.id, "columns", "表头与要求的汇总表一致", COLUMNS * share)
    _by_kind(case, shared, names)


def _nearest_named(folders: list[str], shared: Shared) -> int:
    """Place of the innermost folder or archive whose name names an item; of the innermost one when none does."""
    named = [place for place, folder in enumerate(folders) if matches(folder, shared.profiles)]
    return named[-1] if named else max(0, len(folders) - 1)


def _share_of_the_mail(folders: list[str], shared: Shared) -> float:
    """What the mail says of all its files counts half for a file whose folder is called by an item's full name."""
    told = any(len(found.name) >= 4 for folder in folders for found in matches(folder, shared.profiles))
    return 0.5 if told else 1.0


def _report(case: Case, shared: Shared, texts: list[str]) -> None:
    """A document called 总结 or 情况报告 is what an item for all kinds of material is chiefly made of, or the 总结."""
    found = next((word.group() for text in texts if (word := _REPORT.search(text))), None)
    if found is None or case.kind != "document":
        return
    for profile in shared.profiles:
        names = profile.names if profile.item.kind == "document" else ()  # a name of its own counts as such
        summary = any("总结" in name for name in names) and not any(name in found for name in names)
        if summary or (profile.item.kind == "materials" and not profile.item.rolling):
            case.add(profile.id, "report", f"文件题名是“{found}”", REPORT)


def _table_named(case: Case, shared: Shared, names: list[str]) -> None:
    """A scan called 申报表 is of the one table whose name has 申报 in it."""
    words = {found[1] for name in names for found in _TABLE_WORD.finditer(name)}
    if case.kind not in ("picture", "document") or len(words) != 1:
        return
    word = words.pop()
    tables = [
        each for each in shared.profiles if each.item.kind == "table" and any(word in name for name in each.names)
    ]
    if len(tables) == 1:
        case.add(tables[0].id, "name", f"文件名有“{word}表”", NAME * 0.8)


def named_in(
    case: Case, shared: Shared, kind: str, label: str, texts: Iterable[str], points: float, quote: bool = True
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
                if word in fold(shared.campaign.title):
                    continue  # every item is of the campaign
                if word in text and points * WORD_SHARE > best.get(profile.id, (0.0, ""))[0]:
                    best[profile.id] = (points * WORD_SHARE, word)
    for item, (worth, name) in best.items():
        case.add(item, kind, f"{label}有“{name}”" if quote else label, worth)


def _by_kind(case: Case, shared: Shared, names: list[str]) -> None:
    kinds = {case.kind, kind_of(case.pieces[0])}
    takers = [each for each in shared.profiles if kinds & each.kinds and each.item.kind not in ("materials", "message")]
    words = {"picture": "图片", "video": "视频", "document": "文档", "table": "表格"}
    for profile in shared.profiles:
        if profile.item.kind in ("materials", "message"):
            case.add(profile.id, "kind", "图文资料不限形式", ANYTHING)
        elif kinds & profile.kinds:
            alone = (
                len(takers) == 1
                and case.kind not in ("document", "table")
                and (case.kind != "picture" or case.picture_set or bool(case.shown))
            )
            case.add(profile.id, "kind", f"该项材料是{words.get(case.kind, '文件')}", ALONE if alone else TAKES)
        elif profile.item.kind == "table" and case.kind in ("picture", "document"):
            named = any(name in text for text in names for name in ("汇总表", "登记表", "申报表"))
            said = any(each.kind == "told" for each in case.evidence.get(profile.id, ()))
            sealed = said or any(_SEAL.search(text) for text in names)
            case.add(profile.id, "kind", "汇总表的扫描件或文档", TAKES if named else 0.0 if sealed else REFUSES / 2)
        elif case.kind in ("archive", "other"):
            continue
        elif _is_scan_of_text(case, profile, names):
            case.add(profile.id, "kind", "该项材料的扫描件", TAKES)
        elif profile.kinds:
            beside = case.kind == "document" and profile.item.kind == "work"
            case.add(profile.id, "kind", "", BESIDE if beside else REFUSES)


def _is_scan_of_text(case: Case, profile: Profile, names: list[str]) -> bool:
    """One picture called a scan or stamped, of an item that is a document."""
    alone = case.kind == "picture" and not case.picture_set and profile.item.kind == "document"
    return alone and any(_SEAL.search(name) for name in names)


def columns_share(piece: Piece, profile: Profile) -> float:
    """The share of the item's columns that the file's table has."""
    if not profile.columns or not piece.facts.columns:
        return 0.0
    have = [fold(column).replace("\n", "") for column in piece.facts.columns]
    return sum(any(name in column or column in name for column in have if column) for name in profile.columns) / len(
        profile.columns
    )
