"""Deciding: what persons say of a 件, of a piece, or of what came by another way; each is a version or a row with an
event. The command line and the pages both act here. Refused, with a sentence, when it cannot be."""

from __future__ import annotations

from dataclasses import replace

from archive.desk import Choice, Refused
from archive.judging.eligible import TICK
from archive.records import Decision, Evidence, PieceDecision, Registered, Submission
from config.campaign import Campaign
from config.roster import Roster
from intake.decide import classify_again
from intake.rounds import showing
from intake.rounds.asking import follow_up
from intake.rounds.corrections import correct, undo, undoable
from intake.rounds.filing import what_is_known
from intake.rounds.learning import clashing_name
from intake.rounds.office import Office

WAYS = ("disc", "paper", "external", "seal", "accept", "nil", TICK)
"""By what a person may register something."""


def one(office: Office, number: str) -> tuple[Submission, Decision]:
    """A 件 with the decision in force; Refused when there is none or it was removed."""
    submission, decision = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
    if submission is None or decision is None:
        raise Refused(f"没有编号 {number}")
    if decision.discarded:
        raise Refused(f"{number} 已销毁")
    return submission, decision


def asked(office: Office, campaign: str | None) -> tuple[Campaign, Roster]:
    """A campaign by id; Refused names those there are."""
    found = office.campaign(campaign)
    if found is None:
        known = "、".join(office.config.campaigns) or "（无）"
        raise Refused(f"没有活动“{campaign}”，现有：{known}。活动文件有误时会被略过，请运行 baosong check 查看")
    return found


def assign(
    office: Office, number: str, campaign: str, unit: str, who: str, why: str = "指定单位", *,
    remember: bool = False, alias: str | None = None,
) -> Decision:  # fmt: skip
    """A 件 is this unit's for this campaign: its pieces are read anew, its questions settled.

    remember: its sender speaks for the unit from now on; alias: that name does. Both hold for this campaign.
    """
    submission, _ = one(office, number)
    found, roster = asked(office, campaign)
    if roster.find(unit) is None:
        raise Refused(f"名册中没有编号为“{unit}”的单位（{found.roster}）")
    if alias is not None:
        _check_name(office, campaign, unit, alias)
    known = what_is_known(office)

    def change(decision: Decision) -> Decision:
        told = Evidence("staff", f"由{who}指定", 100.0)
        assigned = replace(
            decision, role="submission", campaign=campaign, unit=unit, confidence=1.0, guesses=(),
            evidence=(told, *decision.evidence),
        )  # fmt: skip
        return classify_again(assigned, submission.mail, submission.pieces, known)

    new = correct(office, submission, change, who, why or "指定单位")
    told = (campaign, unit, office.now(), who, number)
    if remember and submission.mail.sender:
        office.ledger.taught.teach("address", submission.mail.sender, *told)
    if alias is not None:
        office.ledger.taught.teach("alias", alias, *told)
    return new


def _check_name(office: Office, campaign: str, unit: str, alias: str) -> None:
    """A name that is too short, or another unit's, would send that unit's mail astray."""
    if len(alias.strip()) < 2:
        raise Refused("名称至少两个字")
    other = clashing_name(office, campaign, unit, alias)
    if other is not None:
        raise Refused(f"“{alias}”已是{other}的名称，不能再指别的单位")


def classify(office: Office, number: str, piece: str, choice: Choice, who: str, why: str = "") -> Decision:
    """One piece is this item, or none."""
    submission, old = one(office, number)
    if old.campaign is None:
        raise Refused(f"{number} 还没有活动，请先指定单位")
    _check_choice(office, old.campaign, submission, piece, choice)

    def change(decision: Decision) -> Decision:
        told = [Evidence("staff", f"由{who}指定", 100.0)]
        if choice.adds:
            told.append(Evidence("adds", f"由{who}认定为另增", 100.0))
        was = decision.piece(piece)
        new = PieceDecision(
            piece, choice.item, choice.category, choice.subkind or (was.subkind if was else None),
            choice.work or (was.work if was else None), was.unit if was else None, choice.item is None, 1.0,
            tuple(told), supersedes=(choice.replaces,) if choice.replaces else (),
        )  # fmt: skip
        others = [each for each in decision.pieces if each.path != piece]
        return replace(decision, pieces=(*others, new))

    return correct(office, submission, change, who, why or "指定材料")


def _check_choice(office: Office, campaign: str, submission: Submission, piece: str, choice: Choice) -> None:
    items = {each.id: each for each in asked(office, campaign)[0].items}
    paths = [each.path for each in submission.pieces]
    if piece not in paths:
        raise Refused(f"{submission.number} 没有附件“{piece}”，可用：{'、'.join(paths)}")
    item = items.get(choice.item or "")
    if choice.item is not None and item is None:
        raise Refused(f"没有材料“{choice.item}”，可用：{'、'.join(items)}、none")
    if choice.category is not None and (item is None or choice.category not in {c.id for c in item.categories}):
        raise Refused(f"材料“{choice.item or 'none'}”没有类别“{choice.category}”")
    if choice.subkind is not None and (item is None or choice.subkind not in {s.id for s in item.subkinds}):
        raise Refused(f"材料“{choice.item or 'none'}”没有种类“{choice.subkind}”")
    earlier = choice.replaces.partition("/")[0] if choice.replaces else None
    if earlier is not None and office.ledger.arrivals.submission(earlier) is None:
        raise Refused(f"没有编号 {earlier}；代替此前所报的，写来件的编号，或“编号/附件”")


def undo_last(office: Office, number: str, who: str, why: str = "") -> tuple[Decision, Decision, Decision]:
    """(the decision taken back, the one before it, the new version that restores it)."""
    submission, _ = one(office, number)
    found = undoable(office, number)
    if found is None:
        raise Refused(f"{number} 没有可撤销的改判")
    last, before = found
    return last, before, undo(office, submission, last, before, who, why)


def discard(office: Office, number: str, who: str, why: str) -> None:
    """The content of a 件 is to be removed from the archive; number, digests and reason stay."""
    submission, _ = one(office, number)
    correct(office, submission, lambda decision: replace(decision, discarded=True, answerable=False), who, why)
    showing.forget(office, submission)


def register(
    office: Office, campaign: str, unit: str, item: str, by: str, who: str, note: str = "", count: int = 1
) -> None:
    """What came or was found by another way than mail. unit "": all units.

    item "": discs or paper nobody sorted yet, or nothing at all to send; with by `eligible` the id of a condition.
    """
    found, roster = asked(office, campaign)
    if unit and roster.find(unit) is None:
        raise Refused(f"名册中没有编号为“{unit}”的单位")
    named, what = (found.eligibility, "申报条件") if by == TICK else (found.items, "材料")
    unsorted = not item and by in ("disc", "paper", "nil")
    if by not in WAYS or (not unsorted and item not in {each.id for each in named}):
        known = "、".join(each.id for each in named) or "（无）"
        raise Refused(f"没有{what}“{item}”，可用：{known}")
    office.ledger.decisions.register(campaign, Registered(unit, item, by, office.now(), who, note, count))
    follow_up(office, campaign, {unit} if unit else {each.code for each in roster.units})
