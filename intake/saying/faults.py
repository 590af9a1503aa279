"""What is wrong with what came now, as far as the address that sent it may hear. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from archive.records import Checklist, Finding, Held, ItemResult, Piece, PieceDecision
from config.campaign import Campaign, Channel
from config.roster import Unit
from intake.saying.lacking import is_fault
from intake.saying.wording import ACTIONS, clean, file_name, file_names, groups, inner, of_work, piece_label
from intake.saying.wordings import SHIPPED, Wording

SPANNING = frozenset({"group-too-large", "group-too-small", "no-companion", "no-editable", "no-scan"})
"""Findings that count earlier files too; a stranger hears of them only when nothing had come before."""
ADDING = frozenset({"group-too-large", "group-too-small", "no-companion", "no-editable", "no-scan"})
"""Faults mended by sending something more, or by a word; the files that came stand."""


@dataclass(frozen=True)
class Context:
    """What a letter is written from.

    checklist: with the mails answered now; before: without them (None = nothing had come). held: the mails answered
    now (for a reminder: those whose faults are open, if at hand); numbers: theirs. now: UTC. all_said: the unit
    writes that everything has been sent. known_address: on the roster or confirmed by staff. checksums: the setting.
    registered: channel → day up to which staff registered it. whole: the n of parts 1/n to n/n that have all come, in
    earlier mails too. standing:
    (number, path) of every file that no later one has replaced; None: nobody looked. wording: the templates in force.
    link: the address of the unit's own page, "" where it has none.
    """

    campaign: Campaign
    unit: Unit | None
    checklist: Checklist | None
    before: Checklist | None
    numbers: tuple[str, ...]
    held: tuple[Held, ...]
    now: datetime
    all_said: bool = False
    known_address: bool = False
    checksums: Literal["none", "short", "list"] = "none"
    registered: Mapping[Channel, date] = field(default_factory=dict)
    whole: frozenset[int] = frozenset()
    wording: Wording = SHIPPED
    standing: frozenset[tuple[str, str]] | None = None
    link: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing to mend, in the words of the letter. files: names of the files it is about; () = the whole work."""

    item: str
    name: str
    text: str
    wanted: str
    seen: str
    action: str
    deadline: datetime | None
    finding: Finding
    files: tuple[str, ...] = ()


def faults_now(context: Context, checklist: Checklist) -> list[Fault]:
    """All demands that what came now does not meet, in the campaign's order."""
    earlier = {finding for result in context.before.items for finding in result.findings} if context.before else set()
    return [
        told(context, result.item, result.deadline, finding)
        for result in checklist.items
        for finding in result.findings
        if is_fault(finding) and _is_of_now(context, result, finding, earlier) and _may_hear(context, result, finding)
    ]


def _is_of_now(context: Context, result: ItemResult, finding: Finding, earlier: set[Finding]) -> bool:
    if finding.number is not None:
        return finding.number in context.numbers
    return finding not in earlier and came_now(context, result.item)


def _may_hear(context: Context, result: ItemResult, finding: Finding) -> bool:
    """Whether the address may hear of it: a stranger hears only of files of its own mail."""
    if context.known_address:
        return True
    if finding.number is None:
        return False
    before = next((old for old in context.before.items if old.item == result.item), None) if context.before else None
    return finding.code not in SPANNING or before is None or before.have == 0


def told(context: Context, item: str, deadline: datetime | None, finding: Finding) -> Fault:
    """The finding in the letter's words; what to do stands in its sentence behind “，请”, else by its code."""
    name = context.campaign.item(item).name
    files: tuple[str, ...] = ()
    held = next((held for held in context.held if held.submission.number == finding.number), None)
    if held is not None:
        mine = _pieces_of(held, item, finding)
        if mine:
            name = piece_label(mine[0][1], context.campaign)
        if finding.piece and mine:
            files = (file_name(mine[0][0]),)
    elif finding.number is not None:
        name = f"{name}（来件{finding.number}）"
    problem, found, action = clean(finding.text, 300).partition("，请")
    action = f"请{action.rstrip('。')}" if found else ACTIONS.get(finding.code, "请按通知要求修改后重新发送")
    wanted = f"“{inner(clean(finding.quote))}”" if finding.quote else clean(finding.wanted)
    return Fault(item, name, problem, wanted, clean(finding.seen), action, deadline, finding, files)


def together(faults: Sequence[Fault]) -> list[Fault]:
    """Files of one work with the same fault become one entry: 图片 1.jpg、2.jpg 为 1280×720 …"""
    found: dict[object, Fault] = {}
    for fault in faults:
        alike: object = id(fault)
        if fault.files and fault.files[0] in fault.text:
            shape = fault.text.replace(fault.files[0], "\0")
            alike = (fault.item, fault.name, fault.finding.code, shape, fault.wanted, fault.seen, fault.action)
        first = found.get(alike)
        if first is None:
            found[alike] = fault
        else:
            names = (*first.files, *fault.files)
            text = first.text.replace("、".join(first.files), "、".join(names))
            found[alike] = replace(first, text=text, files=names)
    return list(found.values())


def _pieces_of(held: Held, item: str, finding: Finding) -> list[tuple[Piece, PieceDecision]]:
    """The files of this mail that a finding speaks of: one, or all of the work."""
    number = held.submission.number
    result = []
    for piece in held.submission.pieces:
        decision = held.decision.piece(piece.path)
        if number != finding.number or decision is None or decision.item != item:
            continue
        whole = finding.piece is None and finding.work is not None and of_work(number, piece, decision, finding.work)
        if piece.path == finding.piece or whole:
            result.append((piece, decision))
    return result


def keep(context: Context, faults: Sequence[Fault]) -> str:
    """What of these mails need not be sent again: every file that no fault asks to be replaced."""
    again = {
        (held.submission.number, piece.path)
        for fault in faults
        if fault.finding.code not in ADDING
        for held in context.held
        for piece, _ in _pieces_of(held, fault.item, fault.finding)
    }
    kept = []
    for held in context.held:
        for group in groups(held, context.campaign, context.unit.code if context.unit else None):
            decided = [(piece, held.decision.piece(piece.path)) for piece in group.pieces]
            fine = [
                piece
                for piece, decision in decided
                if decision is not None
                and decision.item is not None
                and (group.number, piece.path) not in again
                and (context.standing is None or (group.number, piece.path) in context.standing)
            ]
            if fine:
                kept.append(f"{group.label}（{file_names(fine, 'none')}）")
    return "；".join(kept)


def came_now(context: Context, item: str) -> bool:
    """Whether anything in the mails answered now was taken for that item."""
    return any(piece.item == item for held in context.held for piece in held.decision.pieces)
