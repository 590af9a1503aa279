"""What the mail's own words say of its files: “2是参加青之见的”, “征文《…》”, “青观察图片6张”, “表盖章后扫描的”."""

from __future__ import annotations

import re
from collections.abc import Iterable

from archive.judging.spelling import fold
from archive.judging.titles import title_key as key
from archive.records import Mail, Piece
from intake.clues.furniture import kind_of, stem_of
from intake.clues.profiles import Profile, matches
from intake.clues.relays import passed_on
from intake.clues.speech import clean_subject, own_lines
from intake.clues.titles import is_generic

LISTED, SPOKEN, SCANNED = 45.0, 25.0, 35.0
LONG, SHORT = 1200, 40
"""Characters from which a mail's words are a report, no covering letter; up to which they only pass something on."""
Told = tuple[str, float, str]
"""(item, points, words for staff)."""
_REPORT_WORDS = re.compile(r"总结|小结|汇报|活动情况")
_GROUP_WORDS = re.compile(
    r"[一两二三四五六七八九十\d]组(?:图片?|照片|作品)|(?:图片|照片|摄影|漫画)[一两二三四五六七八九十\d]组|组图|组照|那一?组"
)
_TITLE_COUNTED = re.compile(r"》[^,，。；;\n]{0,6}?[一二三四五六七八九十\d]+[张幅]")
_LACKING = re.compile(r"缺|未附|未见|不足|不符|超过|请补|补报|请重发|请发送|未报|尚待")
_KEPT = re.compile(r"不必|无需|不需|不用|已收到|已收悉")
_TITLED = re.compile(r"《([^《》\n]{2,40})》")
_TABLE_SCANNED = re.compile(
    r"表[^。;\n]{0,10}(?:盖了?章|扫描?|拍照|拍了|拍的|签字)|(?:盖了?章|扫描|拍照)[^。;,\n]{0,6}表"
)
_TABLE = re.compile(r"(?:汇总|申报|推荐|登记)表")
_TABLE_SCAN = re.compile(r"^表$|汇总表|^(?:盖章)?扫描件?\d*$|^盖章件?\d*$")
_SCAN = re.compile(r"扫描|盖章|签字|scan|^扫")
_CLAUSE = re.compile(r"[。;\n]|[,、](?=(?:附件|文件|第)?[\d一二三四五六七八九])")
_NUMBERED = re.compile(r"(?:附件|文件)?(\d{1,2}|[一二三四五六七八九])")


def told_of(pieces: list[Piece], names: Iterable[str], mail: Mail, profiles: tuple[Profile, ...]) -> list[Told]:
    """What the mail says these files (one case) are; names: of the files, their set and folders, folded."""
    lines = [fold(line) for line in (*own_lines(mail), *_passed_lines(mail))]
    if not lines or sum(map(len, lines)) > LONG:
        return []
    text = "\n".join(lines)
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    called = [each for each in names if each and not (len(pieces) > 1 and each.isdigit())]  # 1.jpg … of a set
    found = _asked_for(called, mail, profiles) or _listed(called, clauses, profiles)
    if found:
        return found
    scanned = _scanned(pieces, f"{fold(clean_subject(mail.subject))}\n{text}", profiles)
    if scanned and _SCAN.search(fold(stem_of(pieces[0].name))):
        return scanned
    return [*scanned, *_spoken(pieces, names, text, mail, profiles)]


def _asked_for(names: list[str], mail: Mail, profiles: tuple[Profile, ...]) -> list[Told]:
    """The one item that our 补报通知, quoted in the answer, names with the title of these files."""
    if "【补报通知】" not in mail.subject:
        return []
    wanted: set[str] = set()
    for line in mail.quoted[:LONG].splitlines():
        titles = {key(fold(title)) for title in _TITLED.findall(line)}
        items = {each.item for each in matches(fold(line), profiles)}
        if len(items) == 1 and titles & set(names):
            return [(items.pop(), LISTED, "补报通知所要的就是这一件")]
        if _LACKING.search(line) and not _KEPT.search(line):
            wanted |= items
    return [(wanted.pop(), LISTED, "补报通知所要的就是这一项")] if len(wanted) == 1 else []


def _passed_lines(mail: Mail) -> tuple[str, ...]:
    """The words of a mail that was only passed on, in the text or as a file."""
    passed = passed_on(mail)
    if passed:
        return passed.lines
    return tuple(mail.quoted[:LONG].splitlines()) if mail.nested and len(mail.text) <= SHORT else ()


def _listed(names: list[str], clauses: list[str], profiles: tuple[Profile, ...]) -> list[Told]:
    """The one item that is named in the clause that names the file, or that begins with the file's number."""
    for clause in clauses:
        if not any(_speaks_of(clause, name) for name in names):
            continue
        items = {each.item: each.name for each in matches(clause, profiles)}
        near = next((part for part in clause.split(",") if any(_speaks_of(part, name) for name in names)), clause)
        if len(items) == 1:
            item, word = next(iter(items.items()))
            return [(item, LISTED if word in near else SPOKEN, f"正文说明是“{word}”")]
    return []


def _speaks_of(clause: str, name: str) -> bool:
    number = _NUMBERED.fullmatch(name)
    if number:
        return bool(re.match(rf"[^\d]{{0,4}}(?:附件|文件|第)?{number[1]}(?:号|个)?(?:是|为|[:、.]|\(|-)", clause))
    if len(name) >= 2 and re.search(rf"{re.escape(name)}[\"”’]?(?:打头|开头|字头|字样|命名)", clause):
        return True
    return len(name) >= 4 and not is_generic(name) and name in key(clause)


def _spoken(
    pieces: list[Piece], names: Iterable[str], text: str, mail: Mail, profiles: tuple[Profile, ...]
) -> list[Told]:
    """Items the mail names that take this kind of file; 总结 speaks for what takes anything."""
    kind = kind_of(pieces[0])
    if kind not in ("picture", "video", "document"):
        return []
    takers = {each.id: each for each in profiles if kind in each.kinds and each.item.kind != "message"}
    found: dict[str, str] = {}
    for each in matches(text, takers.values()):
        if _fits(each.name, kind, takers[each.item]):
            found.setdefault(each.item, each.name)
    if kind == "document":
        for profile in takers.values():
            listed = next((each for each in profile.words if len(each) >= 2 and f"、{each}、" in text), None)
            if listed and not any(listed in each.words for each in takers.values() if each is not profile):
                found.setdefault(profile.id, listed)
    told = dict(found)
    anything = next((each for each in takers.values() if each.item.kind == "materials" and not each.item.rolling), None)
    word = _REPORT_WORDS.search(text)
    if anything and word:
        told.setdefault(anything.id, word.group())
    if kind == "picture" and (words := _of_a_group(pieces, names, text, mail)):
        told |= {each.id: words for each in takers.values() if each.item.kind == "work" and _in_groups(each)}
    return [(item, SPOKEN, f"正文提到“{word}”") for item, word in told.items()]


def _fits(name: str, kind: str, profile: Profile) -> bool:
    """Whether a name in the mail can mean a file of this kind: 微视频 is no picture, an H5 none by itself."""
    parts = [part for part in profile.categories if name in part.names]
    if parts:
        return any(kind in part.kinds for part in parts)
    return kind != "picture" or profile.item.kind != "work" or _in_groups(profile)


def _of_a_group(pieces: list[Piece], names: Iterable[str], text: str, mail: Mail) -> str | None:
    """The words that call pictures one work: 一组图片, or a title in 《》 that these files bear."""
    group = _GROUP_WORDS.search(text) or _TITLE_COUNTED.search(mail.text)
    titles = [key(fold(title)) for title in _TITLED.findall(mail.text)]
    borne = next((title for title in titles if any(title in key(name) for name in names if name)), None)
    if len(pieces) >= 2 and (group or borne):
        return group.group() if group else f"《{borne}》"
    return None


def _in_groups(profile: Profile) -> bool:
    return any(rule.check == "group" for rule in profile.item.rules)


def _scanned(pieces: list[Piece], text: str, profiles: tuple[Profile, ...]) -> list[Told]:
    """A table the mail says was stamped, scanned or photographed: a lone picture or a scan so named."""
    one = pieces[0]
    name = fold(stem_of(one.name))
    said = _TABLE_SCANNED.search(text) or (_TABLE.search(text) if _TABLE_SCAN.search(name) else None)
    if not said or len(pieces) > 1 or kind_of(one) not in ("picture", "document"):
        return []
    if not (_SCAN.search(name) or name == "表" or (kind_of(one) == "picture" and is_generic(name))):
        return []
    named = {each.item for each in matches(text, profiles)}
    tables = [each.id for each in profiles if each.item.kind == "table"]
    asked = [each for each in tables if each in named] or tables
    return [(each, SCANNED, f"正文说“{said.group()}”") for each in asked]
