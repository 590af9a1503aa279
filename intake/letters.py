"""What we say: the one letter that answers a mail, the reminder before and the note after a deadline. Pure.

The templates hold the sentences; this file decides which letter it is and what may be said in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.judging.promises import whole_sets
from archive.records import Announced, Checklist, Held, ItemResult, LetterKind
from config.campaign import CONTACT_PLACEHOLDER, Campaign
from intake.saying.changed import Changed
from intake.saying.faults import Context, Fault, came_now, faults_now, keep, together, told
from intake.saying.lacking import BY_MAIL, Open, open_lines
from intake.saying.names import EARLIER, LATER, SUBJECTS
from intake.saying.owing import owed
from intake.saying.wording import (
    chinese_day,
    chinese_time,
    clean,
    deadline_text,
    file_name,
    file_names,
    groups,
    inner,
    is_filing,
    number_text,
    open_text,
    passed_text,
)
from intake.saying.wordings import Broken

__all__ = ["Changed", "Context", "Move", "Words", "answer", "moved", "overdue", "problem", "reminder"]

ALL_HERE = "件数已齐"
"""Said when everything counted has come, by whichever channel."""


@dataclass(frozen=True)
class Words:
    """One letter in words: the subject, the text, and the same words as HTML."""

    subject: str
    text: str
    html: str
    template: str = ""
    """Which template spoke."""
    broken: Broken | None = None
    """What was wrong with the office's own template, in whose place ours spoke."""


@dataclass(frozen=True)
class Move:
    """A deadline that was moved: the items' names, the first late instant (UTC) before and now; None = undated."""

    names: tuple[str, ...]
    was: datetime | None
    by: datetime | None


@dataclass(frozen=True)
class Table:
    """Rows that the text shows as a numbered list and the HTML as a table."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; indent as Chinese letters do."""

    text: str
    indent: bool = True


def answer(context: Context, found: Changed | None = None) -> tuple[LetterKind, Words]:
    """The one letter for the mails of `context.held`: its kind and its words (domain: one mail, one letter).

    found: what an earlier letter told of these mails and does not hold; when there is nothing new to mend the letter
    is a `change` (更正).
    """
    if context.unit is None or context.checklist is None:
        return "neutral", _write("neutral", context, _about_mail(context), {"files": _files(context)})
    unit, checklist = context.unit, context.checklist
    lines = open_lines(context.campaign, unit, checklist, context.registered, context.now)
    faults = faults_now(context, checklist)
    tables: dict[str, Sequence[Paragraph | Table]] = {
        "files": _files(context),
        "faults": [_fault_table(faults, context)],
    }
    values = _about_mail(context)
    owed = [context.campaign.item(result.item) for result in checklist.items]
    if owed and all(item.rolling for item in owed) and not found:
        return "thanks", _write("thanks", context, values | {"faults": together(faults)}, tables)
    lacking = [line for line in lines if line.lacking]
    sent = [line for line in lacking if not line.announced and not is_filing(line, context.campaign)]
    claimed = sent if context.all_said else []
    rest = [line for line in lacking if line not in claimed]
    values |= {
        "faults": together(faults),
        "changes": found.lines if found else (),
        "claimed": open_text(claimed, context.campaign, context.now, context.known_address, dated=False),
        "open": open_text(rest, context.campaign, context.now, context.known_address),
        "earlier": _earlier(context, lines),
        "mend_by": _mend_by([*faults, *claimed], context),
        "keep": keep(context, faults),
        "whole_again": not _had_more(context),
    }
    more = values["announced"] or values["links"]
    values["all_here"] = _all_here(checklist) if context.known_address and not lines and not more else ""
    whole: LetterKind = "complete" if values["all_here"] == ALL_HERE else "receipt"
    kind: LetterKind = "shortfall" if faults or claimed else whole
    if found and not found.faults:
        kind = "change"
    return kind, _write(kind, context, values, tables)


def moved(context: Context, moves: Sequence[Move], reason: str) -> Words:
    """【延期通知】, or 【期限更正】 where a day became earlier: when what the unit still owes is due now.

    moves: one or more, of one unit. reason: the notice's sentence, "" when there is none.
    """
    if context.unit is None or context.checklist is None:
        raise ValueError("a letter about deadlines needs a unit and its checklist")
    campaign, now = context.campaign, context.now
    names = {name for move in moves for name in move.names}
    lines = open_lines(campaign, context.unit, context.checklist, context.registered, now)
    mine = [line for line in lines if line.lacking and line.name in names]
    rows = tuple(("、".join(move.names), _by(move.was, campaign, now), _by(move.by, campaign, now)) for move in moves)
    values = {
        "reason": f"依据：“{inner(clean(reason))}”" if reason else "",
        "as_of": chinese_time(now, campaign.zone),
        "open": open_text(mine, campaign, now, context.known_address, dated=False),
    }
    later = all(move.was is not None and (move.by is None or move.by > move.was) for move in moves)
    subject = LATER if later else EARLIER
    table = Table(("应报材料", "原报送时间", "现报送时间"), rows)
    return _write("change", context, values, {"moved": [table]}, subject, "deadline")


def problem(context: Context, problems: Sequence[str]) -> Words:
    """【来件问题】: what of one mail (the only one of `context.held`) could not be taken over, in whole sentences.

    Without a mail (a disc of which nothing could be read) the sentences say what it was and when it came.
    """
    submission = context.held[-1].submission if context.held else None
    values = {
        "number": submission.number if submission else "",
        "received": chinese_time(submission.received, context.campaign.zone) if submission else "",
        "problems": [clean(text, 300) for text in problems],
    }
    return _write("problem", context, values, {})


def _by(moment: datetime | None, campaign: Campaign, now: datetime) -> str:
    return f"{deadline_text(moment, campaign.zone, now)}前" if moment is not None else "不限"


def reminder(context: Context, *deadlines: datetime) -> Words:
    """【报送提醒】 for what is open and falls due at these deadlines (first late instants, UTC, earliest first)."""
    return _about_deadline("reminder", context, deadlines)


def overdue(context: Context, *deadlines: datetime) -> Words:
    """【逾期提示】 for what has not come although these deadlines (UTC, earliest first) have passed."""
    return _about_deadline("overdue", context, deadlines)


def _about_deadline(kind: LetterKind, context: Context, deadlines: Sequence[datetime]) -> Words:
    if context.unit is None or context.checklist is None:
        raise ValueError(f"a letter of kind {kind} needs a unit and its checklist")
    campaign = context.campaign
    lines = [
        line
        for line in open_lines(campaign, context.unit, context.checklist, context.registered, context.now)
        if line.deadline in deadlines and line.spoken and owed(campaign, context.unit, line)
    ]
    faults = [told(context, line.id, line.deadline, finding) for line in lines for finding in line.faults]
    days = [deadline_text(deadline, campaign.zone, context.now) for deadline in deadlines]
    several = len(days) > 1
    wanted = Table(
        ("应报材料", "通知要求", "收到情况"),
        tuple(_wanted_row(campaign, line, context, several) for line in lines if line.lacking),
    )
    values = {
        "deadline": "、".join(days),
        "several": several,
        "as_of": chinese_time(context.now, campaign.zone),
        "faults": together(faults),
        "lacking": bool(wanted.rows),
    }
    return _write(kind, context, values, {"wanted": [wanted], "faults": [_fault_table(faults, context)]})


def _wanted_row(campaign: Campaign, line: Open, context: Context, dated: bool) -> tuple[str, str, str]:
    """What is asked, the notice's sentence, what came; dated: each row names its own day."""
    quote = line.total.quote if line.total is not None else campaign.item(line.id).quote
    have = f"已收到{line.have}件" if line.have else "暂未收到"
    if is_filing(line, campaign):
        have = passed_text(line)
    if line.announced:
        have += "，来信说明另行报送"
    asked = open_text([line], campaign, line.deadline or context.now, False)
    if dated and line.deadline is not None:
        asked += f"，{deadline_text(line.deadline, campaign.zone, context.now)}前"
    return (asked, f"“{inner(clean(quote))}”" if quote else "", have)


# --- what came --------------------------------------------------------------------------------------------------


def _about_mail(context: Context) -> dict[str, object]:
    """What every answer says of the mails it answers."""
    parts = [part for held in context.held for part in _still_to_come(context, held)]
    texts = [_words_of(part) for part in parts if part.kind != "link"]
    items = context.checklist.items if context.checklist is not None and context.known_address else ()
    review = [result.name for result in items if result.state == "review" and came_now(context, result.item)]
    return {
        "announced": "、".join(f"“{text}”" for text in dict.fromkeys(texts) if text),
        "links": any(part.kind == "link" for part in parts),
        "late": _late(context),
        "undeclared": _undeclared(context, items),
        "review": "、".join(dict.fromkeys(review)),
    }


def _words_of(part: Announced) -> str:
    """What a mail announces, in its own words; a bare 1/3 in plain ones."""
    return (
        f"共{part.of}封，此为第{part.part}封" if part.kind == "part" and part.part and part.of else clean(part.text, 60)
    )


def _undeclared(context: Context, items: Sequence[ItemResult]) -> list[str]:
    """A line for each work of these mails whose sub-kind nobody told, where it matters."""
    found = []
    for result in items:
        kinds = "或".join(kind.name for kind in context.campaign.item(result.item).subkinds)
        for one in result.findings:
            if one.code == "subkind-undeclared" and one.number in context.numbers:
                found.append(f"《{one.work}》未注明作品种类，请在回信中注明是{kinds}。")
    return found


def _still_to_come(context: Context, held: Held) -> list[Announced]:
    """What a mail announces, without the parts (1/2) that are all here and what one of them said of later ones."""
    whole = whole_sets(context.held) | (context.whole if context.known_address else frozenset())
    earlier = held is not context.held[-1] and any(part.of in whole for part in held.decision.announced)
    return [
        part
        for part in held.decision.announced
        if not (part.kind == "part" and part.of in whole) and not (part.kind == "more" and earlier)
    ]


def _late(context: Context) -> list[str]:
    """One neutral line for each deadline that what came now was received after."""
    if context.unit is None or context.checklist is None:
        return []
    found: dict[datetime, list[str]] = {}
    for result in context.checklist.items:
        late = any(
            result.deadline is not None
            and held.submission.received >= result.deadline
            and any(piece.item == result.item for piece in held.decision.pieces)
            for held in context.held
        )
        if late and result.deadline is not None and not context.campaign.item(result.item).rolling:
            found.setdefault(result.deadline, []).append(result.name)
    zone = context.campaign.zone
    return [
        f"{'、'.join(names)}收到时间晚于{deadline_text(deadline, zone, context.now)}，已登记。"
        for deadline, names in sorted(found.items())
    ]


def _files(context: Context) -> list[Paragraph | Table]:
    """For each mail its number, when it came, and its files with what each was taken for."""
    unit = context.unit.code if context.unit else None
    parts: list[Paragraph | Table] = []
    for held in context.held:
        submission = held.submission
        parts.append(
            Paragraph(f"编号{submission.number}，{chinese_time(submission.received, context.campaign.zone)}收到：")
        )
        rows = [
            (group.label, file_names(group.pieces, context.checksums)) for group in groups(held, context.campaign, unit)
        ]
        if not submission.understood:
            rows = [("由经办人核对", "来件已完整保存")]
        links = [f"《{clean(one.name, 60)}》" for one in held.decision.announced if one.kind == "link" and one.name]
        if links:
            rows.append(("以链接发来，尚未下载", "、".join(dict.fromkeys(links))))
        parts.append(Table(("登记为", "收到的文件"), tuple(rows or [("来信正文", "无附件")])))
    if context.checksums == "list":
        sums = tuple((file_name(piece), piece.sha256) for held in context.held for piece in held.submission.pieces)
        parts += [Paragraph("文件校验值如下。"), Table(("文件", "SHA-256"), sums)]
    return parts


# --- sentences of several letters ------------------------------------------------------------------------------------


def _contact(campaign: Campaign) -> list[str]:
    """Whom to ask; nothing while the office has not filled it in."""
    name, phone = clean(campaign.contact.name), clean(campaign.contact.phone)
    return [] if CONTACT_PLACEHOLDER in name + phone else [f"联系人：{name}，电话：{phone}。"]


def _fault_table(faults: Sequence[Fault], context: Context) -> Table:
    dated = len({fault.deadline for fault in faults}) > 1
    zone, now = context.campaign.zone, context.now
    rows = []
    for fault in together(faults):
        action = fault.action
        if dated and fault.deadline is not None and fault.deadline > now:
            action = f"{action + '，' if action else ''}{deadline_text(fault.deadline, zone, now)}前"
        name = f"{fault.name}：{'、'.join(fault.files)}" if fault.files else fault.name
        rows.append((name, fault.text, fault.wanted, fault.seen, action))
    return Table(("材料", "问题", "要求", "实际", "处理"), tuple(rows))


def _mend_by(asked: Sequence[Fault | Open], context: Context) -> str:
    """By when: one day for all, else the days listed, else soon."""
    dues = {one.deadline for one in asked}
    ahead = {due for due in dues if due is not None and due > context.now}
    if len(ahead) == 1 and ahead == dues:
        return f"请于{deadline_text(next(iter(ahead)), context.campaign.zone, context.now)}前补报。"
    return "请按各项材料的报送时间补报。" if ahead else "请于收到本通知后及时补报。"


def _had_more(context: Context) -> bool:
    return context.known_address and context.before is not None and any(result.have for result in context.before.items)


def _earlier(context: Context, lines: Sequence[Open]) -> str:
    """Items whose earlier files are still to be mended; only for a known address."""
    if not context.known_address:
        return ""
    names = [
        line.name for line in lines if any(finding.number not in (*context.numbers, None) for finding in line.faults)
    ]
    return "、".join(names)


def _all_here(checklist: Checklist) -> str:
    """“件数已齐” when everything counted has come; only the part due by mail when discs or paper are still open."""
    counted = [result for result in checklist.items if result.need]
    by_mail = [result for result in counted if result.channel in BY_MAIL]
    if not by_mail or any(result.have < (result.need or 0) for result in by_mail):
        return ""
    whole = all(result.have >= (result.need or 0) for result in counted)
    return (
        ALL_HERE
        if whole and all(total.state == "complete" for total in checklist.totals)
        else "以邮件报送的材料件数已齐"
    )


# --- writing ----------------------------------------------------------------------------------------------------


def _write(
    kind: LetterKind,
    context: Context,
    values: Mapping[str, object],
    tables: Mapping[str, Sequence[Paragraph | Table]],
    named: str = "",
    template: str = "",
) -> Words:
    """The template's lines become paragraphs; a line that is only @name@ becomes the table of that name.

    named: what stands between 【 and 】 of the subject; template: its name; both by the kind when not given.
    """
    campaign, unit = context.campaign, context.unit
    numbers = f" [编号 {number_text(context.numbers)}]" if context.numbers else ""
    subject = clean(f"【{named or SUBJECTS[kind]}】{campaign.short}{numbers}", 200)
    every = {
        "salutation": f"{clean(unit.name)}：" if unit else "您好：",
        "you": unit.address_as if unit else "",
        "about": inner(clean(campaign.short)),
    }
    template = template or kind
    source, wrong = context.wording.render(f"{template}.txt.j2", {**every, **values})
    parts: list[Paragraph | Table] = []
    for line in source.splitlines():
        if line.startswith("@") and line.strip("@") in tables:
            parts.extend(part for part in tables[line.strip("@")] if isinstance(part, Paragraph) or part.rows)
        elif line.strip():
            parts.append(Paragraph(line.strip(), indent=line.startswith("　")))
    signature = (clean(campaign.issuer), chinese_day(context.now, campaign.zone))
    page_of_unit = [f"查看报送情况、上传较大的文件：{context.link}"] if context.link and context.known_address else []
    foot = (
        *_contact(campaign),
        *page_of_unit,
        "本邮件由系统自动发出，直接回复并附材料即可。",
    )
    page = {
        "subject": subject,
        "parts": [("text" if isinstance(part, Paragraph) else "table", part) for part in parts],
        "signature": signature,
        "foot": foot,
    }
    html, wrong_page = context.wording.render("base.html.j2", page)
    return Words(subject, _text(parts, signature, foot), html, template, wrong or wrong_page)


def _text(parts: Sequence[Paragraph | Table], signature: Sequence[str], foot: Sequence[str]) -> str:
    blocks = []
    for part in parts:
        if isinstance(part, Paragraph):
            blocks.append(f"　　{part.text}" if part.indent else part.text)
        else:
            blocks.append("\n".join(_listed(part)))
    closing = "\n".join("　" * 14 + line for line in signature)
    return "\n\n".join([*blocks, closing, "\n".join(foot)]) + "\n"


def _listed(table: Table) -> list[str]:
    """Two columns make one line a row; more make a numbered entry with a line for each value."""
    if len(table.heads) == 2:
        return [f"　　　　{first}：{second}" for first, second in table.rows]
    lines = []
    for place, row in enumerate(table.rows, start=1):
        lines.append(f"　　{place}. {row[0]}")
        lines += [f"　　　　{head}：{value}" for head, value in zip(table.heads[1:], row[1:], strict=True) if value]
    return lines
