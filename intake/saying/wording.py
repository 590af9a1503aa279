"""How dates, names, files and faults are put into words in letters; every value from outside is cleaned here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from archive.judging.kinds import HARMLESS
from archive.records import Held, Piece, PieceDecision
from config.campaign import Campaign
from intake.saying.lacking import Open

FILES_NAMED = 12
"""File names given for one work or item; the rest is counted."""

ACTIONS: Mapping[str, str] = {
    "bit-rate-too-high": "请按要求的码率重新导出后发送",
    "bit-rate-too-low": "请发送未经压缩的原视频，或按要求的码率重新导出",
    "cannot-open": "请确认文件可以打开后重新发送",
    "columns-missing": "请按通知所附表样补齐栏目后发送",
    "damaged": "请重新发送该文件",
    "empty": "请核对后重新发送",
    "encrypted": "请去除密码后重新发送",
    "extension-differs": "请按实际格式重新命名后发送",
    "file-not-in-table": "请补充汇总表后重新发送汇总表，作品不需重复报送",
    "group-too-large": "请回复说明保留哪几幅，或重新发送该组图片",
    "group-too-small": "请补发同一专题的图片，已发图片不需重复报送",
    "header-missing": "请补填表头后重新发送该表",
    "no-companion": "请补发文字说明，已发图片不需重复报送",
    "no-editable": "请补发可编辑的电子版",
    "no-scan": "请补发扫描件",
    "pixels-too-large": "请调整像素后重新发送",
    "pixels-too-small": "请发送原图",
    "resolution-too-large": "请按要求的分辨率重新导出后发送",
    "resolution-too-small": "请发送原视频，或按要求的分辨率重新导出",
    "size-too-large": "请压缩到要求的大小后重新发送",
    "size-too-small": "请发送原文件",
    "table-empty": "请填写后重新发送该表",
    "too-few-characters": "请补充内容后重新发送",
    "too-few-pages": "请补充内容后重新发送",
    "too-long": "请剪辑后重新发送",
    "too-many-characters": "请精简后重新发送",
    "too-many-pages": "请精简后重新发送",
    "too-short": "请补充内容后重新发送",
    "truncated": "请重新发送完整的文件",
    "volume-missing": "请把全部分卷放在同一封邮件里重新发送，或不分卷压缩",
    "wrong-format": "请转换为要求的格式后发送",
}
"""What to do, by finding code; a code that is not here gets the general sentence."""


def clean(value: str, limit: int = 160) -> str:
    """One harmless line: no control, format (bidi, zero width) or surrogate characters, white space folded, cut."""
    spaced = re.sub(r"\s", " ", value)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    kept = re.sub(r" +", " ", kept).strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def inner(value: str) -> str:
    """Text that goes between “ and ”: its own double quotes become single ones (GB/T 15834, 4.8.3.3)."""
    return value.replace("“", "‘").replace("”", "’")


def chinese_day(moment: datetime, zone: ZoneInfo) -> str:
    """2018年8月6日, in the zone."""
    local = moment.astimezone(zone)
    return f"{local.year}年{local.month}月{local.day}日"


def chinese_time(moment: datetime, zone: ZoneInfo) -> str:
    """2018年8月6日10时05分, in the zone."""
    local = moment.astimezone(zone)
    return f"{chinese_day(moment, zone)}{local.hour}时{local.minute:02d}分"


def deadline_text(deadline: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A first late instant as the notice would print it: 8月20日 for midnight, else 8月20日17时 or 17时30分.

    “8月20日前” includes that day, so midnight is told as the day before. The year is said when it is not this one.
    """
    local = deadline.astimezone(zone)
    whole_day = (local.hour, local.minute) == (0, 0)
    if whole_day:
        local -= timedelta(days=1)
    text = f"{local.month}月{local.day}日"
    if local.year != now.astimezone(zone).year:
        text = f"{local.year}年{text}"
    if whole_day:
        return text
    return f"{text}{local.hour}时" + (f"{local.minute:02d}分" if local.minute else "")


def number_text(numbers: Sequence[str]) -> str:
    """For the subject: up to three numbers in full, more are counted."""
    shown = "、".join(numbers[:3])
    return shown if len(numbers) <= 3 else f"{shown}等{len(numbers)}件"


def open_text(lines: Sequence[Open], campaign: Campaign, now: datetime, known: bool, dated: bool = True) -> str:
    """The open lines in one neutral sentence, gathered by deadline: “征文、汇总表，8月20日前”.

    A total stands by itself, since it names items again. known False: no counts of what came before.
    A deadline that has passed is not named again.
    """
    groups: dict[tuple[datetime | None, str], list[str]] = {}
    for line in lines:
        ahead = line.deadline if dated and line.deadline is not None and line.deadline > now else None
        groups.setdefault((ahead, line.id if line.total else ""), []).append(_one_open(line, campaign, known))
    return "；".join(
        "、".join(names) + (f"，{deadline_text(ahead, campaign.zone, now)}前" if ahead else "")
        for (ahead, _), names in groups.items()
    )


def _one_open(line: Open, campaign: Campaign, known: bool) -> str:
    if is_filing(line, campaign):
        return f"{line.name}（{_filing(line, known)}）"
    notes = []
    if line.total is not None:
        total = line.total
        notes.append(f"合计不少于{total.min}件" + (f"，各类不少于{total.each_min}件" if total.each_min else ""))
    elif line.need > 1:
        notes.append(f"不少于{line.need}件")
    if known and line.have:
        notes.append(f"现已收到{line.have}件")
    if line.announced:
        notes.append("来信说明另行报送")
    if line.registered is not None:
        notes.append(f"登记截至{line.registered.month}月{line.registered.day}日")
    return line.name + (f"（{'，'.join(notes)}）" if notes else "")


def is_filing(line: Open, campaign: Campaign) -> bool:
    """Whether the line is done in another system."""
    return line.total is None and campaign.item(line.id).kind == "filing"


def _filing(line: Open, known: bool) -> str:
    """据7月15日导出的名单，3个集体中1个已通过审核; an address not known hears no counts."""
    day = f"据{line.registered.month}月{line.registered.day}日导出的名单，" if line.registered is not None else ""
    return day + (passed_text(line) if known else "尚有集体未通过审核")


def passed_text(line: Open) -> str:
    """3个集体中1个已通过审核."""
    return f"{line.need}个集体中{line.have}个已通过审核" if line.need > 1 else "尚无集体通过审核"


@dataclass(frozen=True)
class Group:
    """Files of one mail that were taken for the same thing."""

    number: str
    label: str
    pieces: tuple[Piece, ...]


def groups(held: Held, campaign: Campaign, unit: str | None) -> tuple[Group, ...]:
    """The files of one mail by what each was taken for; logos and the like inside the text are left out.

    A decision on the mail's own text, which is no file, gives a group without pieces.
    """
    found: dict[str, list[Piece]] = {}
    within = {piece.within for piece in held.submission.pieces if piece.within is not None and not piece.embedded}
    opened = {piece.path for piece in held.submission.pieces if piece.path in within and piece.problem in HARMLESS}
    paths = {piece.path for piece in held.submission.pieces}
    for piece in held.submission.pieces:
        decision = held.decision.piece(piece.path)
        if decision is not None and decision.none and (piece.inline or piece.within is not None):
            continue
        label = "已解开，其中文件另列" if piece.path in opened else _label(held, decision, campaign, unit)
        found.setdefault(label, []).append(piece)
    for decision in held.decision.pieces:
        if decision.path not in paths and decision.item is not None:
            found.setdefault(_label(held, decision, campaign, unit), [])
    return tuple(Group(held.submission.number, label, tuple(pieces)) for label, pieces in found.items())


def _label(held: Held, decision: PieceDecision | None, campaign: Campaign, unit: str | None) -> str:
    whose = (decision.unit if decision is not None else None) or held.decision.unit
    if unit is not None and whose is not None and whose != unit:
        return "属其他单位，另行登记"
    return piece_label(decision, campaign)


def piece_label(decision: PieceDecision | None, campaign: Campaign) -> str:
    """What a file was taken for: item, category, title of the work."""
    if decision is None or (decision.item is None and not decision.none):
        return "由经办人核对"
    if decision.none:
        volume = any(evidence.kind == "volume" for evidence in decision.evidence)
        return "分卷压缩的后续卷，与第一卷一并核对" if volume else "不作为应报材料登记"
    item = next((item for item in campaign.items if item.id == decision.item), None)
    if item is None:
        return "由经办人核对"
    category = next((category.name for category in item.categories if category.id == decision.category), None)
    label = item.name if category is None or category in item.name else f"{item.name}·{category}"
    title = work_title(decision.work) if item.kind == "work" else ""
    return f"{label}《{title}》" if title else label


def of_work(number: str, piece: Piece, decision: PieceDecision, key: str) -> bool:
    """Whether a file belongs to the work of that key: its name, else its folder in the mail, else its file name."""
    if decision.work:
        return decision.work == key
    folder, _, _ = piece.path.rpartition("/")
    return key in (f"{number}/{folder}", f"{number}/{piece.path}", piece.name.rpartition(".")[0])


def work_title(work: str | None) -> str:
    """The readable end of a work's key, without brackets of its own."""
    return clean(re.split(r"[/#]", work)[-1], 60).strip("《》") if work else ""


def file_names(pieces: Sequence[Piece], checksums: Literal["none", "short", "list"]) -> str:
    """File names in one line, a long row of them counted; no file = the mail's own text.

    checksums `short` puts the first 12 digits of SHA-256 behind each name.
    """
    if not pieces:
        return "来信正文"
    names = [
        file_name(piece) + (f"（校验{piece.sha256[:12]}）" if checksums == "short" else "")
        for piece in pieces[:FILES_NAMED]
    ]
    return "、".join(names) + (f"等{len(pieces)}个文件" if len(pieces) > FILES_NAMED else "")


def file_name(piece: Piece) -> str:
    """The file's own name, cleaned."""
    return clean(piece.name, 80) or "未命名附件"
