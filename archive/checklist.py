"""What one unit owes, what is held of it and how it stands: asked × held × now, computed and never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.judging.beside import beside
from archive.judging.captions import captioned
from archive.judging.eligible import TICK
from archive.judging.filings import filed
from archive.judging.findings import CODES, FILING_CODES, STAFF_CODES, called, finding
from archive.judging.item_rules import View
from archive.judging.items import judge, least
from archive.judging.kinds import HARMLESS
from archive.judging.parts import Group, Part
from archive.judging.periods import running
from archive.judging.promises import Promise, parts_here, promises
from archive.judging.rules import noun, unreadable
from archive.judging.works import counted, grouped, submissions, undecided, works
from archive.records import (
    Announced,
    Checklist,
    Finding,
    Held,
    Holdings,
    ItemResult,
    ItemState,
    Registered,
    TotalResult,
    UnitState,
)
from config.campaign import Campaign, Channel, Item, Total
from config.roster import Unit

__all__ = ["CODES", "STAFF_CODES", "checklist", "works"]


@dataclass(frozen=True)
class Line:
    """One item while it is being judged. need None = no minimum; unsure: an undecided file could still fill it.

    listed: a filing that an imported list tells of. nil: the unit declared that it has nothing to send (零报告).
    """

    view: View
    have: int
    need: int | None
    deadline: datetime | None
    late: bool
    findings: tuple[Finding, ...]
    unsure: bool = False
    listed: bool = False
    nil: bool = False

    @property
    def open(self) -> bool:
        """Whether something is still to come."""
        return self.need is not None and self.have < self.need


def checklist(
    campaign: Campaign,
    unit: Unit,
    holdings: Holdings,
    now: datetime,
    elsewhere: Mapping[str, tuple[str, ...]] | None = None,
) -> Checklist:
    """The unit's checklist at `now` (aware). What the code cannot judge is `review`, never `complete`.

    Of what is owed every month or quarter it is that of the turn running at `now`.

    elsewhere: 集体 of this unit → names of other units that apply for it too. It is for staff: a letter's checklist
    is made without it.
    """
    holdings = running(campaign, unit, holdings, now)
    held = submissions(campaign, holdings)
    parts = tuple(counted(campaign, holdings))
    mine = (note for note in holdings.registered if note.by != "upto")
    notes = tuple(note for note in mine if note.unit == unit.code or _for_all(note))
    in_time, refused = _in_time(campaign, unit, parts)
    items = [item for item in campaign.items if item.owed_by == "unit"]
    groups = captioned(campaign, {item.id: grouped(campaign, item, in_time) for item in items})
    lines = []
    for item in items:
        view = _view(campaign, unit, item, groups, notes)
        view = replace(view, lists=holdings.lists, elsewhere=elsewhere or {})
        came = view.groups or view.by_hand or view.loose or any(part.choice.item == item.id for part in refused)
        if unit.owes_item(item.id) or came:
            lines.append(_line(view, [part for part in refused if part.choice.item == item.id], now))
    lines = _open_questions(lines, undecided(campaign, holdings), held, notes)
    lines = _with_spoilt(lines, held, [note for note in notes if note.by == "unreadable"], notes)
    lines = _with_promises(lines, [one for one in promises(campaign, holdings) if not one.lost(now)])
    lines = _with_left_out(lines, held)
    results = tuple(_result(line, items, held, notes) for line in lines)
    totals = tuple(_total(campaign, total, unit, lines) for total in campaign.totals if _owes(unit, total))
    silent = not held and not any(note.by in ("disc", "paper", "external", "nil", "unreadable") for note in notes)
    state = _unit_state(lines, results, totals, campaign, silent)
    return Checklist(campaign.id, unit.code, now, state, results, totals)


def _for_all(note: Registered) -> bool:
    return note.by in ("accept", TICK) and note.unit == ""


def _owes(unit: Unit, total: Total) -> bool:
    return any(unit.owes_item(item) for item in total.items)


# --- one line -----------------------------------------------------------------------------------------------------


def _view(
    campaign: Campaign,
    unit: Unit,
    item: Item,
    groups: Mapping[str, tuple[Group, ...]],
    notes: tuple[Registered, ...],
) -> View:
    """The item as rules see it; a disc for the whole unit is counted for no item until staff say which."""
    speaking = tuple(
        note
        for note in notes
        if note.item == item.id or (note.item == "" and note.by in ("seal", "external", "accept", "nil"))
    )
    solid = {id: tuple(group for group in found if not group.loose) for id, found in groups.items()}
    loose = tuple(group for group in groups[item.id] if group.loose)
    return View(campaign, unit, item, solid[item.id], loose, speaking, solid, notes)


def _line(view: View, refused: Sequence[Part], now: datetime) -> Line:
    item, unit = view.item, view.unit
    deadline = view.campaign.deadline_for(item, unit.code, unit.kind, None, now)
    late_notes = [note for note in view.registered if _late_note(view, note)]
    if view.campaign.late.policy == "refuse":
        view = replace(view, registered=tuple(note for note in view.registered if note not in late_notes))
    findings = [*judge(view), *_channel(view), *beside(view, now)]
    late_groups = [group for group in view.groups if is_late(view.campaign, unit, item, _last(group))]
    findings += _late(view, [_last(group) for group in late_groups], refused)
    have = len(view.groups) + view.by_hand
    if _external(item):
        have = sum(max(note.count, 0) for note in view.registered if note.by == "external")
    late = bool(late_groups or refused or late_notes)
    known = filed(view) if item.kind == "filing" else None
    if not (known.have if known else have) and any(note.by == "nil" for note in view.registered):
        said = finding("nil-return", f"报送单位声明没有{called(item.name)}（零报告）", severity="advice", seen="无")
        return Line(view, 0, 0, deadline, late, (*findings, said), nil=True)
    if known is not None:
        return Line(view, known.have, known.need, deadline, late, (*findings, *known.findings), listed=True)
    return Line(view, have, least(view), deadline, late, tuple(findings))


def _external(item: Item) -> bool:
    return item.kind == "filing" or item.channel == "external"


def _last(group: Group) -> Part:
    return max(group.parts, key=lambda part: (part.received, part.number))


def _channel(view: View) -> list[Finding]:
    """What is due on disc and came by mail counts; it is said once, unless staff accepted it."""
    wanted = view.item.channel
    if wanted not in ("disc", "paper") or any(note.by == "accept" for note in view.registered):
        return []
    other = [group for group in view.groups if _last(group).channel != wanted]
    if not other:
        return []
    words = {"disc": "刻录光盘", "paper": "纸质件"}
    names = {"mail": "邮件", "upload": "网上上传", "hand": "当面交来", "disc": "光盘", "paper": "纸质件"}
    came = names.get(_last(other[0]).channel, "其他方式")
    due = words[wanted]
    text = f"{called(view.item.name)}应以{due}报送，现以{came}收到{len(other)}件，已计入；是否仍需{due}以经办人通知为准"
    return [finding("wrong-channel", text, severity="advice", number=other[0].number, seen=came, wanted=words[wanted])]


# --- late ---------------------------------------------------------------------------------------------------------


def _limit(campaign: Campaign, unit: Unit, item: Item, channel: Channel) -> datetime | None:
    """The first late instant for what came by that channel; a channel without its own binds by the item's."""
    return campaign.deadline_for(item, unit.code, unit.kind, channel) or campaign.deadline_for(
        item, unit.code, unit.kind
    )


def is_late(campaign: Campaign, unit: Unit, item: Item, part: Part) -> bool:
    """Whether a file came at or after the first late instant, extensions applied."""
    limit = _limit(campaign, unit, item, part.channel)
    return limit is not None and part.received >= limit


def _late_note(view: View, note: Registered) -> bool:
    if note.by not in ("disc", "paper", "external"):
        return False
    channel: Channel = "disc" if note.by == "disc" else "paper" if note.by == "paper" else "external"
    limit = _limit(view.campaign, view.unit, view.item, channel)
    return limit is not None and note.at >= limit


def _in_time(campaign: Campaign, unit: Unit, parts: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """(counted, refused): only where the notice says so is a late file not counted; the earlier one then stands."""
    if campaign.late.policy != "refuse":
        return tuple(parts), ()
    items = {item.id: item for item in campaign.items}
    late = [is_late(campaign, unit, items[part.choice.item or ""], part) for part in parts]
    return (
        tuple(part for part, after in zip(parts, late, strict=True) if not after),
        tuple(part for part, after in zip(parts, late, strict=True) if after),
    )


def _late(view: View, parts: Sequence[Part], refused: Sequence[Part]) -> list[Finding]:
    campaign = view.campaign
    if campaign.late.policy == "accept":
        return []
    found = []
    for part in (*parts, *refused):
        limit = _limit(campaign, view.unit, view.item, part.channel)
        if limit is None:
            continue
        seen, wanted = _moment(part.received, campaign), _moment(limit, campaign, end=True)
        fate = "，按通知不予计入" if part in refused else "，已计入并注明"
        text = f"{noun(part)} 于{seen}收到，报送截止时间为{wanted}{fate}"
        found.append(
            finding(
                "late",
                text,
                severity="demand" if part in refused else "advice",
                number=part.number,
                piece=part.piece.path,
                work=part.choice.work,
                seen=seen,
                wanted=f"{wanted}前",
            )
        )
    return found


def _moment(at: datetime, campaign: Campaign, end: bool = False) -> str:
    """8月20日09:30; a deadline at midnight is the day before, 24:00."""
    local = at.astimezone(campaign.zone)
    if end and (local.hour, local.minute, local.second) == (0, 0, 0):
        local -= timedelta(days=1)
        return f"{local.month}月{local.day}日24:00"
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _with_left_out(lines: Sequence[Line], held: Sequence[Held]) -> list[Line]:
    """An archive of which something was not taken out is told beside what its other files were taken for."""
    result = list(lines)
    for one in held:
        for piece in one.submission.pieces:
            if piece.problem not in HARMLESS or piece.problem is None:
                continue
            inner = (each.path for each in one.submission.pieces if each.within == piece.path)
            items = [choice.item for path in inner if (choice := one.decision.piece(path)) and choice.item]
            place = next((at for at, line in enumerate(result) if line.view.item.id in items), None)
            if place is not None:
                what = "快捷方式或链接" if piece.problem == "link" else "路径不合规范的文件"
                text = f"{piece.name} 中有{what}，只取出了安全的部分，请核对文件是否齐全"
                number, path = one.submission.number, piece.path
                told = finding("left-out", text, severity="advice", number=number, piece=path, seen=what)
                result[place] = replace(result[place], findings=(*result[place].findings, told))
    return result


# --- what is still open to question ----------------------------------------------------------------------------------


def _open_questions(
    lines: Sequence[Line], loose: Sequence[Part], held: Sequence[Held], notes: Sequence[Registered]
) -> list[Line]:
    """Undecided files, mails not understood and unsorted discs make the items they could fill unsure.

    A disc is sorted once a later registration by the same means names an item.
    """
    result = list(lines)
    for part in loose:
        guessed = {item for item, _ in part.choice.guesses}
        places = [place for place, line in enumerate(result) if line.open and not _external(line.view.item)]
        places = [place for place in places if result[place].view.item.id in guessed] or places
        trouble = unreadable(part)
        for turn, place in enumerate(places):
            result[place] = _ask(result[place], _undecided(part, trouble if turn == 0 else None))
    for one in held:
        if not one.submission.understood and one.decision.by == "auto":
            text = f"来件 {one.submission.number} 已保存，但未能读取内容，请人工查看是否含%s"
            result = [
                _ask(line, finding("not-understood", text % called(line.view.item.name), number=one.submission.number))
                if line.open
                else line
                for line in result
            ]
    for note in notes:
        sorted_since = any(later.item and later.by == note.by and later.at > note.at for later in notes)
        if note.item == "" and note.by in ("disc", "paper") and not sorted_since:
            word = "光盘" if note.by == "disc" else "纸质件"
            text = f"已登记{word}{note.count}件，未注明是否为%s，请补注"
            result = [
                _ask(line, finding("disc-unsorted", text % called(line.view.item.name), seen=f"{word}{note.count}件"))
                if line.open and line.view.item.channel == note.by
                else line
                for line in result
            ]
    return result


def _with_spoilt(
    lines: Sequence[Line], held: Sequence[Held], spoilt: Sequence[Registered], notes: Sequence[Registered]
) -> list[Line]:
    """A disc that could not be read is a fault of what is open and due on disc, else of all open, till another came."""
    result = list(lines)
    for note in spoilt:
        again = any(later.by == "disc" and later.at > note.at for later in notes)
        again = again or any(
            one.submission.channel == "disc" and (one.submission.source.seen_at or one.submission.received) > note.at
            for one in held
        )
        open_ = [place for place, line in enumerate(result) if line.open and not _external(line.view.item)]
        due = [place for place in open_ if result[place].view.item.channel == "disc"] or open_
        for place in () if again else due:
            told = finding("disc-unreadable", f"{note.note}，请重新刻录后报送", seen="无法读取", wanted="能正常打开")
            result[place] = replace(result[place], findings=(*result[place].findings, told))
    return result


def _ask(line: Line, found: Finding) -> Line:
    return replace(line, unsure=True, findings=(*line.findings, found))


def _undecided(part: Part, trouble: tuple[str, str] | None) -> Finding:
    if trouble is not None:
        code, text = trouble
        return finding(code, text, number=part.number, piece=part.piece.path, seen="无法读取", wanted="能正常打开")
    text = f"{noun(part)} 尚未确定属于哪项材料，请人工指定"
    return finding("undecided-piece", text, number=part.number, piece=part.piece.path, seen="未确定")


# --- states -------------------------------------------------------------------------------------------------------


def _state(line: Line) -> ItemState:
    if line.nil:
        return "complete"
    if any(one.severity == "demand" and one.code not in ("too-few", *FILING_CODES) for one in line.findings):
        return "faulty"
    if line.listed and any(one.code in STAFF_CODES for one in line.findings):
        return "review"
    if _external(line.view.item):
        return _state_elsewhere(line)
    too_few = any(one.code == "too-few" and one.severity == "demand" for one in line.findings)
    if line.open or too_few:
        return "review" if line.unsure else "none" if line.have == 0 else "short"
    if line.view.item.rolling and line.need is None:
        return "rolling"
    if any(one.code in STAFF_CODES for one in line.findings):
        return "review"
    return "none" if line.have == 0 else "complete"


def _state_elsewhere(line: Line) -> ItemState:
    """Unknown until a list or a person tells; by a list, nothing filed is `none` and anything begun is `short`."""
    if line.have >= (line.need or (0 if line.listed else 1)):
        return "complete"
    if not line.listed:
        return "external"
    begun = line.have or any(one.code in ("filing-pending", "filing-returned") for one in line.findings)
    return "short" if begun else "none"


def _result(line: Line, items: Sequence[Item], held: Sequence[Held], notes: Sequence[Registered]) -> ItemResult:
    state = _state(line)
    item = line.view.item
    return ItemResult(
        item=item.id,
        name=item.name,
        channel=item.channel,
        deadline=line.deadline,
        state=state,
        have=line.have,
        need=line.need,
        late=line.late,
        findings=line.findings,
        works=tuple(group.key for group in line.view.groups),
        announced=any(one.code == "promised-file" for one in line.findings)
        or ((line.open or state in ("short", "none")) and _announced(item, items, held, notes)),
    )


def _with_promises(lines: Sequence[Line], waiting: Sequence[Promise]) -> list[Line]:
    """A file behind a link keeps its items in review until it is downloaded; of unknown use, all that are open."""
    result = list(lines)
    for promise in waiting:
        text = f"{promise.called}以链接发来，尚未下载"
        for place in _places(result, promise.word.items):
            result[place] = _ask(result[place], finding("promised-file", text, number=promise.number, seen="未下载"))
    return result


def _places(lines: Sequence[Line], named: Sequence[str]) -> list[int]:
    """Where a promised file may belong: the items it is for, those still open before the others; else all open ones.

    Where nothing is open it may be what need not come and has not; what is complete or rolling is left alone.
    """
    mine = [place for place, line in enumerate(lines) if line.view.item.id in named]
    if mine:
        return [place for place in mine if lines[place].open] or mine
    files = [place for place, line in enumerate(lines) if not _external(line.view.item)]
    empty = [place for place in files if not lines[place].have and not lines[place].view.item.rolling]
    due = [place for place in files if lines[place].open or (place in empty and not lines[place].view.item.optional)]
    return due or empty


def _meant(word: Announced, items: Sequence[Item]) -> Sequence[Item]:
    """The items an announcement speaks of: those it names, else what is due on disc for a disc, else any."""
    named = [item for item in items if item.id in word.items]
    return named or (word.kind == "disc" and [item for item in items if item.channel == "disc"]) or items


def _announced(item: Item, items: Sequence[Item], held: Sequence[Held], notes: Sequence[Registered]) -> bool:
    """Whether the unit spoke of more that has not come since: the last mail does, or a disc or a part is still open."""
    for place, one in enumerate(held):
        later = held[place + 1 :]
        for word in one.decision.announced:
            if word.kind == "link" or item not in _meant(word, items):
                continue
            if word.kind == "disc":
                arrived = any(note.by == "disc" and note.at >= one.submission.received for note in notes)
                arrived = arrived or any(other.submission.channel == "disc" for other in later)
                if not arrived and item.channel in ("disc", "mail"):
                    return True
            elif word.kind == "part":
                if not parts_here(word, held[place:], held):
                    return True
            elif not later:
                return True
    return False


def _total(campaign: Campaign, total: Total, unit: Unit, lines: Sequence[Line]) -> TotalResult:
    """A minimum over several items; a single item's “each” are its categories. By whatever channel it came."""
    mine = {line.view.item.id: line for line in lines}
    counts: list[tuple[str, int]] = []
    by_hand = 0
    for id in total.items:
        line = mine.get(id)
        item = campaign.item(id)
        if len(total.items) == 1 and item.categories:
            groups = line.view.groups if line else ()
            counts += [(kind.name, sum(1 for one in groups if one.category == kind.id)) for kind in item.categories]
            by_hand += line.view.by_hand if line else 0
            by_hand += sum(1 for one in groups if one.category is None)
        elif (unit.owes_item(id) or line) and not (line and line.nil):
            counts.append((item.name, line.have if line else 0))
    have = sum(count for _, count in counts) + by_hand
    lacking = [] if by_hand else [name for name, count in counts if count < total.each_min]
    kinds = _number_word(len(counts))
    word = "作品" if all(campaign.item(id).kind == "work" for id in total.items) else "材料"
    text = f"{kinds}类{word}共收到{have}件，要求不少于{total.min}件"
    if total.each_min:
        text += f"，每类不少于{total.each_min}件"
    if lacking:
        text += f"；尚缺{'、'.join(lacking)}"
    short = (have < total.min or bool(lacking)) and not all(id in mine and mine[id].nil for id in total.items)
    return TotalResult(total.id, unit.code, have, total.min, "short" if short else "complete", total.quote, text)


def _number_word(count: int) -> str:
    return "零一两三四五六七八九十"[count] if count <= 10 else str(count)


def _unit_state(
    lines: Sequence[Line],
    results: Sequence[ItemResult],
    totals: Sequence[TotalResult],
    campaign: Campaign,
    silent: bool,
) -> UnitState:
    """faulty > short > review > complete; silent when nothing came of something asked."""
    owed = [line for line in lines if line.view.unit.owes_item(line.view.item.id)]
    begun = any(line.listed and result.state != "none" for line, result in zip(lines, results, strict=True))
    if silent and owed and not (begun and all(line.listed for line in owed)):
        return "silent"
    states = {result.state for result in results}
    if "faulty" in states:
        return "faulty"
    short = any(
        (line.open and not line.unsure and (line.listed or not _external(line.view.item))) or result.state == "short"
        for line, result in zip(lines, results, strict=True)
    )
    unsure = {line.view.item.id for line in lines if line.unsure}
    asked = {total.id: set(total.items) for total in campaign.totals}
    lacking = [total for total in totals if total.state == "short"]
    waiting = any(unsure & asked[total.rule] for total in lacking)
    short = short or any(not unsure & asked[total.rule] for total in lacking)
    outside = [result.state for line, result in zip(lines, results, strict=True) if _external(line.view.item)]
    if len(outside) == len(owed) and "external" in outside:
        waiting = True  # all that is owed is done elsewhere, and nobody has registered it yet
    if short:
        return "short"
    rolling = any(
        result.state == "rolling" and any(one.code in STAFF_CODES for one in result.findings) for result in results
    )
    if waiting or rolling or "review" in states:
        return "review"
    return "complete"
