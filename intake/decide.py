"""From what a mail says to one decision: guard, identify, classify, and what a careful clerk would ask. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.records import Decision, Evidence, Guess, Mail, Piece, PieceDecision, Question
from config.campaign import Campaign
from intake.classify import announced, classify, says_all_sent
from intake.clues.before import as_asked, as_before
from intake.clues.checks import sender_check
from intake.clues.parts import Parts
from intake.clues.profiles import profiles
from intake.clues.promised import placed
from intake.guard import NOTHING_BEFORE, Before, Verdict, judge
from intake.identify import Identity, identify, parts_of
from intake.known import Known

UNPROVEN = "sender-check"
"""The kind of evidence that the sender's check failed."""


@dataclass(frozen=True)
class Ours:
    """What we know of ourselves: our addresses, the letters we sent, and whom we never answer."""

    addresses: frozenset[str]
    sent: Callable[[str], bool]
    never: tuple[str, ...]
    trusted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Mailbox → the servers whose checks of a sender are believed there."""


@dataclass(frozen=True)
class Told:
    """What whoever imports says of a mail: it comes before all evidence."""

    campaign: str | None = None
    unit: str | None = None
    by: str = ""


def decide(
    number: str,
    mail: Mail,
    pieces: tuple[Piece, ...],
    mailbox: str,
    known: Known,
    ours: Ours,
    at: datetime,
    told: Told | None = None,
    understood: bool = True,
    before: Before = NOTHING_BEFORE,
) -> Decision:
    """The first decision on a 件, with evidence. `told` None: the mail speaks for itself and the guard judges it."""
    verdict = _handed_over()
    if mail.sender or told is None:
        verdict = judge(mail, ours.addresses, ours.sent, ours.never, before)
    identity = identify(mail, pieces, mailbox, known)
    check, words = sender_check(mail, ours.trusted.get(mailbox, ()))
    if told is not None and told.campaign is not None:
        identity = _as_told(identity, told, known)
    elif check == "fail" and identity.role != "unrelated":
        identity = _unproven(identity, words)
        verdict = replace(verdict, answerable=False, rule=verdict.rule if verdict.role else "sender-check-failed")
    decision = Decision(
        number=number,
        version=1,
        at=at,
        by="auto",
        role=identity.role,
        campaign=identity.campaign,
        unit=identity.unit,
        confidence=identity.confidence,
        answerable=verdict.answerable,
        answer_rule=verdict.rule,
        reply_to=verdict.reply_to,
        known_address=identity.known_address,
        evidence=identity.evidence,
        guesses=identity.guesses,
    )
    if verdict.role is not None:
        return _of_a_machine(decision, verdict, identity)
    if not understood:
        decision = replace(decision, answerable=False, answer_rule="kept-not-understood")
        if decision.role == "query":
            decision = replace(decision, role="submission")  # nobody can say that it brought nothing
    if decision.role != "submission":
        return decision
    return replace(
        decision,
        pieces=_pieces(mail, pieces, decision, known),
        announced=placed(announced(mail), _campaign(decision, known), mail.subject),
        says_all_sent=says_all_sent(mail),
    )


def classify_again(decision: Decision, mail: Mail, pieces: tuple[Piece, ...], known: Known) -> Decision:
    """The same 件 for another campaign or unit: its pieces are read anew."""
    return replace(
        decision,
        pieces=_pieces(mail, pieces, decision, known),
        announced=placed(decision.announced or announced(mail), _campaign(decision, known), mail.subject),
    )


def questions(
    decision: Decision, mail: Mail, pieces: tuple[Piece, ...], understood: bool, campaign: Campaign | None
) -> tuple[Question, ...]:
    """What staff are asked about this 件."""
    number, at = decision.number, decision.at
    name = campaign.short if campaign else "（未定活动）"
    title = mail.subject or "（无主题）"
    names = {piece.path: piece.name for piece in pieces}
    asked: list[Question] = []

    def ask(kind: str, text: str, consequence: str, piece: str | None = None) -> None:
        asked.append(Question(0, kind, number, piece, text, decision.guesses, consequence, at))

    if not understood:
        ask("kept-not-understood", f"来件 {number} 未能解析，原件已存，请人工查看", "确认后请指定单位和材料")
    for piece in pieces:
        if piece.facts.marks:
            marks = "、".join(piece.facts.marks)
            ask(
                "secrecy-mark",
                f"来件 {number} 的附件 {piece.name or piece.path} 含有{marks}，请负责人处理",
                "不预览、不转发、不导出；需要移除时用 discard，只留编号和原因",
                piece.path,
            )
    if decision.role == "query":
        what = "来信咨询" if any(each.kind == "question" for each in decision.evidence) else "来信未附材料"
        what = "来信像是通知或函件" if any(each.kind == "notice" for each in decision.evidence) else what
        ask("query", f"{mail.sender} {what}：{mail.subject}", "请人工答复，系统不会自动回信")
    if decision.role == "withdrawal":
        ask("withdrawal", f"{mail.sender} 要求撤回或作废：{mail.subject}", "同意后所指材料不再计入")
    if decision.role == "machine" and any(not piece.inline for piece in pieces):
        ask(
            "machine-with-materials",
            f"来件 {number}《{mail.subject}》像自动发出的信，但带有附件",
            "如是报送材料请指定单位",
        )
    if decision.role != "submission" or not understood:
        return tuple(asked)
    if decision.campaign is None:
        ask("unknown-campaign", f"来件 {number}《{title}》属于哪个活动？", "确认后计入该活动并发出回执")
    elif decision.unit is None and any(each.kind == UNPROVEN for each in decision.evidence):
        said = next(each.text for each in decision.evidence if each.kind == UNPROVEN)
        ask(
            "failed-sender-check",
            f"来件 {number}《{title}》自称来自 {mail.sender}，但{said}，是否确为该单位所报？",
            "请先电话核实；确认后用 assign 指定单位，计入应报清单；不确认则不计入、不回信",
        )
    elif decision.unit is None and any(each.kind == "several" for each in decision.evidence):
        said = next(each.text for each in decision.evidence if each.kind == "several")
        ask("unknown-unit", f"来件 {number}《{title}》是{said}，已按各文件所写的单位分别计入，请核对", "确认后不再提示")
    elif decision.unit is None:
        ask("unknown-unit", f"来件 {number}《{title}》来自哪个单位？", f"确认后计入“{name}”并更新应报清单")
    else:
        for choice in decision.pieces:
            if choice.item is None and not choice.none:
                ask(
                    "undecided-piece",
                    f"来件 {number} 的附件 {names.get(choice.path) or choice.path}（{choice.path}）是哪项材料？",
                    "确认后计入应报清单",
                    choice.path,
                )
    return tuple(asked)


def _handed_over() -> Verdict:
    return Verdict(role=None, answerable=False, rule="no-sender", reply_to=None)


def _as_told(identity: Identity, told: Told, known: Known) -> Identity:
    evidence = Evidence("told", f"由{told.by or '经办人'}导入时指定", 100.0)
    unit = told.unit if told.unit is not None else (identity.unit if identity.campaign == told.campaign else None)
    role = "submission" if told.unit is not None or identity.role == "unrelated" else identity.role
    return replace(
        identity, role=role, campaign=told.campaign, unit=unit, confidence=1.0, evidence=(evidence, *identity.evidence)
    )


def _unproven(identity: Identity, words: str) -> Identity:
    """A sender the provider's own server does not vouch for decides nothing: the unit is only the first guess."""
    why = Evidence(UNPROVEN, f"邮件服务商验证发件人未通过（{words}），发件地址可能是冒用的", 0.0)
    guesses = identity.guesses
    if identity.unit is not None:
        guesses = (Guess(identity.campaign, identity.unit, identity.confidence),)
    said = (each for each in identity.evidence if each.kind != "several")  # nor does it share out files
    return replace(identity, unit=None, confidence=0.0, evidence=(why, *said), guesses=guesses, known_address=False)


def _of_a_machine(decision: Decision, verdict: Verdict, identity: Identity) -> Decision:
    role = verdict.role or "machine"
    if role == "machine" and identity.campaign is None and not identity.known_address:
        role = "unrelated"
    return replace(decision, role=role)


def _campaign(decision: Decision, known: Known) -> Campaign | None:
    return next((one.campaign for one in known.campaigns if one.campaign.id == decision.campaign), None)


def _pieces(mail: Mail, pieces: tuple[Piece, ...], decision: Decision, known: Known) -> tuple[PieceDecision, ...]:
    found = next((one for one in known.campaigns if one.campaign.id == decision.campaign), None)
    if found is None:
        return ()
    unit, learned = found.roster.find(decision.unit), known.learned(found.campaign.id)
    choices = classify(mail, pieces, found.campaign, unit, learned)
    if any(each.kind == "several" for each in decision.evidence):
        choices = _apart(choices, parts_of(pieces, known, decision.campaign), decision.unit)
    asked = _asked_to_mend(mail, known)
    if asked is None:
        return choices
    if decision.unit is not None:
        sent = known.sent(found.campaign.id, decision.unit)
        choices = as_before(choices, pieces, sent, decision.unit)
        wanted = tuple(each for each in profiles(found.campaign) if each.id in asked)
        choices = as_asked(choices, pieces, wanted, sent, decision.unit)
    why = Evidence("mends", "随补报通知的答复报来，可能代替有问题的一件")
    return tuple(replace(one, evidence=(*one.evidence, why)) if one.item else one for one in choices)


def _apart(choices: tuple[PieceDecision, ...], parts: Parts, unit: str | None) -> tuple[PieceDecision, ...]:
    """The choices, each with the unit its file names where the mail brings several units' materials."""
    return tuple(
        replace(one, unit=parts[one.path][0], evidence=(*one.evidence, parts[one.path][1]))
        if one.path in parts and parts[one.path][0] != unit
        else one
        for one in choices
    )


def _asked_to_mend(mail: Mail, known: Known) -> frozenset[str] | None:
    """The items that the 补报通知 of ours asked for which the mail answers; None when it answers none."""
    letters = [known.mending(id) for id in (*mail.in_reply_to, *mail.references)]
    asked = [items for items in letters if items is not None]
    if asked:
        return frozenset().union(*asked)
    return frozenset() if "【补报通知】" in mail.subject else None
