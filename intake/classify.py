"""What each piece is: item, category, sub-kind and work, each with its evidence; undecided where a clerk would ask.

Names in the file's own name say most, then its folder, its title, the row of the summary table that lists it, the
archive and the subject; the kind of file speaks for an item only beside that, or when one item alone takes it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from archive.judging.captions import caption_in
from archive.judging.spelling import fold
from archive.judging.superseding import in_sets
from archive.judging.titles import title_key as key
from archive.judging.works import CAPTION_SAID, needs_companion
from archive.records import Evidence, Mail, Piece, PieceDecision
from config.campaign import Campaign
from config.roster import Unit
from intake.clues.announce import announced, replaces, says_all_sent
from intake.clues.cases import Case, Shared, cases_of, columns_share, weigh, where
from intake.clues.company import weigh_by_caption, weigh_scans, weigh_what_is_left
from intake.clues.furniture import is_container, is_further_volume, is_logo, is_material, is_request, kind_of, stem_of
from intake.clues.profiles import Profile, declared, profiles
from intake.clues.roles import is_message
from intake.clues.speech import clean_subject, own_lines, phrases_of_title, title_lines
from intake.clues.titles import is_generic, own_name, rows, without
from intake.learned import Model, seen

__all__ = ["announced", "classify", "says_all_sent"]

BAR, MARGIN = 30.0, 12.0
_KINDS_OF_WORK = ("图片作品", "摄影作品", "视频作品", "宣传作品", "征文作品")
_WHOLE_TITLE = re.compile(r"《[^《》]{2,40}》")
_QUOTED_TITLE = re.compile(r"《[^《》\n]{2,40}》")
_PATTERN = re.compile(r"(?:海报|展板|标识|logo|表格?)(?:样[版板本张式]|模板)|^样[版板本]")
_TEXT_BESIDE = re.compile(r"说明|简介|解说|文案|介绍|配文|文字|创意")


def classify(
    mail: Mail, pieces: tuple[Piece, ...], campaign: Campaign, unit: Unit | None, learned: Model | None = None
) -> tuple[PieceDecision, ...]:
    """One decision for each piece, in their order, and one for the path `text` when the mail's own words count.

    none=True is furniture (containers, logos, the blank form beside a filled one, the notice itself). A companion
    text carries the item, category and work of what it goes with.
    """
    shared = Shared(mail, campaign, unit, profiles(campaign), fold(clean_subject(mail.subject)), rows(pieces))
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
    archives = {piece.path: stem_of(piece.name) for piece in pieces if kind_of(piece) == "archive"}
    cases = cases_of(materials, archives, _inside(pieces))
    for case in cases:
        weigh(case, shared)
    weigh_by_caption(cases, shared)
    weigh_scans(cases, shared)
    weigh_what_is_left(cases)
    for case in cases:
        _learned(case, learned)
    for case in cases:
        for decision in _decide(case, shared):
            decided[decision.path] = decision
    _shown_inside(cases, decided, shared)
    _companions(cases, decided, shared)
    said = _said_to_replace(shared)
    result = [_superseding(decided[piece.path], piece, said) for piece in pieces]
    text = _text(shared, materials)
    return (*result, text) if text else (*result, *_captions(cases, decided, shared))


# --- what is no material ------------------------------------------------------------------------------------------


def _inside(pieces: tuple[Piece, ...]) -> dict[str, list[Piece]]:
    """The pictures inside each document, by its path."""
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.embedded and piece.within:
            found.setdefault(piece.within, []).append(piece)
    return found


def _furniture(piece: Piece, pieces: tuple[Piece, ...], shared: Shared) -> Evidence | None:
    if piece.embedded:
        return Evidence("illustration", "文档中的插图，随文档一起核对")
    if is_further_volume(piece, pieces):
        return Evidence("volume", "分卷压缩的后续卷，与第一卷一并核对")
    if is_container(piece, pieces):
        what = "所转邮件" if kind_of(piece) == "mail" else "压缩包"
        return Evidence("container", f"{what}，内容已逐个核对")
    if is_logo(piece):
        return Evidence("logo", "签名或标志图片，不是材料")
    if not is_material(piece, pieces):
        return Evidence("trapping", "邮件附带的名片、签名或网页，不是材料")
    if kind_of(piece) == "picture" and _PATTERN.search(own_name(piece)):
        return Evidence("pattern", "样版，不是报送材料")
    if is_request(piece):
        return Evidence("request", "来函或申请，不是应报材料")
    if _is_notice(piece, shared.campaign):
        return Evidence("notice", "通知原文，不是应报材料")
    if _is_blank(piece, shared) and any(_is_filled(each, shared) for each in pieces):
        return Evidence("blank-form", "空白表样，另有填好的表")
    return None


def _is_notice(piece: Piece, campaign: Campaign) -> bool:
    if kind_of(piece) != "document":
        return False
    if fold(campaign.title) == fold(piece.facts.title or ""):
        return True
    name = re.sub(r"(\(.*\)|[-_]?\d+)$", "", own_name(piece))
    if campaign.doc_number and fold(campaign.doc_number) in name:
        return True
    if not name.endswith("通知"):
        return False
    return fold(campaign.title) in name or any(phrase in name for phrase in phrases_of_title(campaign.title))


def _fits_table(piece: Piece, shared: Shared) -> bool:
    return any(columns_share(piece, profile) >= 0.5 for profile in shared.profiles)


def _is_blank(piece: Piece, shared: Shared) -> bool:
    return piece.facts.rows == 0 and not any(map(fold, piece.facts.header.values())) and _fits_table(piece, shared)


def _is_filled(piece: Piece, shared: Shared) -> bool:
    return bool(piece.facts.rows) and _fits_table(piece, shared)


def _learned(case: Case, learned: Model | None) -> None:
    """What staff confirmed speaks too, below every name."""
    like = learned.likeness(seen(case.pieces[0], case.place)) if learned else None
    if like and like.points > 0:
        case.add(like.item, "learned", like.text, like.points)


# --- the decision -------------------------------------------------------------------------------------------------


def _ranked(case: Case) -> list[tuple[float, str]]:
    return sorted(((points, item) for item, points in case.points.items() if points > 0), reverse=True)


def _decide(case: Case, shared: Shared) -> list[PieceDecision]:
    ranked = _ranked(case)
    if any(piece.facts.type == "exe" for piece in case.pieces):
        program = Evidence("program", "是可执行程序，请人工查看（可能是自解压的压缩包）")
        return [PieceDecision(piece.path, evidence=(program,)) for piece in case.pieces]
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
    case: Case, shared: Shared, profile: Profile, confidence: float, reasons: tuple[Evidence, ...]
) -> list[PieceDecision]:
    category = _category(case, profile, shared)
    subkind, why = _subkind(case, profile, shared)
    if case.why and profile.item.kind == "work":
        why = (*why, Evidence("set", f"{case.why}，是一件作品", 0.0))
    found: list[PieceDecision] = []
    for piece in case.pieces:
        work = _work(case, piece, profile, shared) if profile.item.kind in ("work", "document") else None
        found.append(
            PieceDecision(
                piece.path, profile.id, category, subkind, work, confidence=confidence, evidence=(*reasons, *why)
            )
        )
    return found


def _clues(case: Case, shared: Shared) -> list[str]:
    """The folded texts that speak of a case, nearest first."""
    inner = [fold(folder) for folder in reversed(case.place)]
    row = [case.row.classes] if case.row else []
    titles = [fold(line) for line in title_lines(case.pieces[0])[:3]]
    return [*row, own_name(case.pieces[0]), *inner, *titles, shared.subject]


def _category(case: Case, profile: Profile, shared: Shared) -> str | None:
    """The category by its names, nearest clue first, as long as the kind of file does not speak against it."""
    fitting = [part for part in profile.categories if not part.kinds or case.kind in part.kinds]
    for text in _clues(case, shared):
        named = [part.id for part in fitting if any(name in text for name in part.names)]
        if len(named) == 1:
            return named[0]
    return fitting[0].id if len(fitting) == 1 else None


def _subkind(case: Case, profile: Profile, shared: Shared) -> tuple[str | None, tuple[Evidence, ...]]:
    for text in _clues(case, shared):
        found = declared(text, profile.subkinds)
        if len(found) == 1:
            return found[0][0], (Evidence("subkind", f"写明“{found[0][1]}”", 20.0),)
        if found:
            return None, ()
    return None, ()


def _work(case: Case, piece: Piece, profile: Profile, shared: Shared) -> str:
    """The work's key: the table's title, else the set's, the folder's or the file's own name."""
    if case.row:
        return case.row.folded
    names = [*profile.names, *(name for part in (*profile.categories, *profile.subkinds) for name in part.names)]
    names += _KINDS_OF_WORK
    ours = {fold(name) for name in (shared.campaign.short, *shared.campaign.aliases)}
    if shared.unit:
        names += [fold(shared.unit.name), *(fold(alias) for alias in shared.unit.aliases)]
    named = [key(line) for line in title_lines(case.pieces[0])[:2] if _WHOLE_TITLE.fullmatch(line.strip())]
    named += [case.name] if case.name else []
    if case.picture_set:
        named += [key(folder) for folder in reversed(case.place)]
    else:
        named += [key(stem_of(piece.name))]
        named += [key(line) for line in title_lines(piece)[:2] if 4 <= len(line) <= 40]
    for name in named:
        short = without(name, names)
        if short and short not in names and short not in ours and not is_generic(short):
            return short
    if case.picture_set and (said := _title_said(shared, names)):
        return said
    if case.picture_set and case.place:
        return key(case.place[-1])
    return fold(profile.item.name) if case.picture_set or is_generic(own_name(piece)) else own_name(piece)


def _title_said(shared: Shared, names: list[str]) -> str:
    """The one 《title》 that subject and text speak of, for pictures whose files are called nothing; else ""."""
    titles = {key(title) for title in _QUOTED_TITLE.findall(f"{shared.mail.subject}\n{shared.mail.text}")}
    titles = {title for title in titles if title not in names and not title.endswith(("通知", "表", "方案"))}
    return titles.pop() if len(titles) == 1 else ""


def _shown_inside(cases: list[Case], decided: dict[str, PieceDecision], shared: Shared) -> None:
    """Gives the pictures inside a document its item and work, where works of that item are sets of pictures."""
    for case in cases:
        of = decided[case.pieces[0].path]
        if not case.shown or of.item is None or not in_sets(shared.profile(of.item).item, of.category):
            continue
        why = Evidence("inside", f"文档“{case.pieces[0].name}”里的{len(case.shown)}张图片是一件作品，文档是其说明", 0.0)
        for picture in case.shown:
            decided[picture.path] = replace(of, path=picture.path, evidence=(why, *of.evidence[:2]))


# --- texts that go with a work ------------------------------------------------------------------------------------


def _companions(cases: list[Case], decided: dict[str, PieceDecision], shared: Shared) -> None:
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


def _is_shown(case: Case, decided: dict[str, PieceDecision], shared: Shared) -> bool:
    of = decided[case.pieces[0].path]
    return case.kind in ("picture", "video") and of.item is not None and shared.profile(of.item).item.kind == "work"


def _speaks_for_itself(case: Case) -> bool:
    """A document whose own name says it is something else (典型经验, 汇总表)."""
    own = [
        each for found in case.evidence.values() for each in found if each.kind in ("name", "columns", "told", "row")
    ]
    return any(each.points >= BAR for each in own) and not _TEXT_BESIDE.search(own_name(case.pieces[0]))


def _beside(case: Case, works: list[Case], decided: dict[str, PieceDecision]) -> Case | None:
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
    near = [work for work in works if where(work.pieces[0]) == where(text)]
    if not same and len(near) == 1 and (case.place or _TEXT_BESIDE.search(own_name(text))):
        return near[0]
    if not same and len(works) == 1 and not case.place and _TEXT_BESIDE.search(own_name(text)):
        return works[0]
    return None


def _captions(cases: list[Case], decided: dict[str, PieceDecision], shared: Shared) -> list[PieceDecision]:
    """The captions that stand in the mail's own words, for works of this mail that came without one in a file."""
    works = [case for case in cases if _is_shown(case, decided, shared) and not case.shown]
    told = {decided[case.pieces[0].path].work for case in cases if case.kind == "document"}
    found: list[PieceDecision] = []
    for case in works:
        of = decided[case.pieces[0].path]
        if of.work is None or of.work in told or not needs_companion(shared.profile(of.item or "").item, of.category):
            continue
        words = caption_in(shared.mail.text, of.work, len(works) == 1)
        if words:
            why = (Evidence("caption", f"{CAPTION_SAID}{words}", 20.0), *of.evidence[:1])
            found.append(replace(of, path=f"text:{of.work}", confidence=min(of.confidence, 0.8), evidence=why))
    return found


# --- the mail's own words -----------------------------------------------------------------------------------------


def _said_to_replace(shared: Shared) -> Evidence | None:
    """What subject or text say about standing in the place of earlier files (以此为准, 更正)."""
    for label, text in (("主题", shared.subject), ("正文", "\n".join(own_lines(shared.mail)))):
        word = replaces(text)
        if word:
            return Evidence("supersede", f"{label}写有“{word}”，可能代替此前所报")
    return None


def _superseding(decision: PieceDecision, piece: Piece, said: Evidence | None) -> PieceDecision:
    word = replaces(stem_of(piece.name)) if decision.item else None
    why = Evidence("supersede", f"文件名写有“{word}”，可能代替此前所报") if word else said
    return replace(decision, evidence=(*decision.evidence, why)) if decision.item and why else decision


def _text(shared: Shared, materials: list[Piece]) -> PieceDecision | None:
    """The mail's own words as what a `message` item asks for; covering letters, questions and thanks are not."""
    if not is_message(shared.mail, shared.campaign, bool(materials)):
        return None
    item = next(each for each in shared.profiles if each.item.kind == "message")
    length = sum(len(fold(line)) for line in own_lines(shared.mail))
    why = Evidence("message", f"正文约{length}字，即所报信息", 40.0)
    return PieceDecision("text", item.id, confidence=0.85, evidence=(why,))
