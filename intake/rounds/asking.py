"""Asking: what follows from all a unit has sent, not from one mail, and only a person can say, becomes a queue line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from archive.checklist import checklist
from archive.judging.findings import called
from archive.judging.parts import Group
from archive.judging.periods import running
from archive.judging.works import unclear_works
from archive.records import Checklist, Finding, Holdings, Question
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.rounds.office import Office
from intake.rounds.promises import tend

REPLACES = "是更换：classify {number} {path} {item} --replaces {earlier}；是另增：加 --adds"
SEAL = "已加盖：register {campaign} {unit} {item} --by seal；未加盖请与单位联系；不影响其他材料的回信和提醒"
SUBKIND = "种类用 classify {number} {path} {item} --subkind（类别用 --category）注明，随即按该类要求核对"
_OF_FINDINGS = {
    "seal-unconfirmed": ("seal", SEAL),
    "subkind-undeclared": ("sub-kind", SUBKIND),
    "category-unknown": ("sub-kind", SUBKIND),
}
"""Findings that are a question to staff: its kind, and what settles it."""


def follow_up(office: Office, id: str, units: Collection[str]) -> None:
    """After something changed for these units of a campaign: the queue says at once what is open now."""
    found = office.campaign(id)
    if found is None or not units:
        return
    campaign, roster = found
    tend(office, id, units)
    known = [code for code in units if roster.find(code) is not None]
    held = {code: office.ledger.decisions.holdings(id, code).get(code, Holdings(id, code)) for code in known}
    listed = {code: checklist(campaign, roster.unit(code), held[code], office.now()) for code in known}
    ask(office, campaign, roster, held, listed)


def ask(
    office: Office, campaign: Campaign, roster: Roster, held: Mapping[str, Holdings], listed: Mapping[str, Checklist]
) -> None:
    """Make the queue's lines about these units' works, seals and sub-kinds follow what is held now."""
    asked = {
        code: [*_unclear(office, campaign, roster.unit(code), held[code]), *_open(office, roster, listed[code])]
        for code in held
        if code in listed
    }
    office.ledger.decisions.follow(campaign.id, asked, office.now())


def _unclear(office: Office, campaign: Campaign, unit: Unit, holdings: Holdings) -> Iterator[Question]:
    """Works of which nobody can tell whether a later one replaces an earlier or is one more."""
    for one in unclear_works(campaign, running(campaign, unit, holdings, office.now())):
        part = one.later.parts[-1]
        both = f"{_told(one.earlier)} 和 {_told(one.later)}"
        text = f"{unit.name}的{called(one.item.name)}先后报来 {both}，是更换还是另增？（{one.why}）"
        way = REPLACES.format(number=part.number, path=part.piece.path, item=one.item.id, earlier=first_of(one.earlier))
        yield Question(0, "supersede-or-add", part.number, part.piece.path, text, (), way, office.now())


def _open(office: Office, roster: Roster, listed: Checklist) -> Iterator[Question]:
    """Seals nobody confirmed and works whose sub-kind or class nobody told."""
    told: set[tuple[str, str]] = set()
    for item in listed.items:
        for finding in item.findings:
            kind, way = _OF_FINDINGS.get(finding.code, ("", ""))
            if kind and (kind, finding.text) not in told:
                told.add((kind, finding.text))
                yield _question(office, roster, listed, item.item, finding, kind, way)


def _question(
    office: Office, roster: Roster, listed: Checklist, item: str, finding: Finding, kind: str, way: str
) -> Question:
    number, path = finding.number or "编号", finding.piece or "附件"
    told = way.format(campaign=listed.campaign, unit=listed.unit, item=item, number=number, path=path)
    text = f"{roster.unit(listed.unit).name}：{finding.text}"
    return Question(0, kind, finding.number, finding.piece, text, (), told, office.now())


def _told(group: Group) -> str:
    first = group.parts[0]
    return f"{first.number} {first.name}" + (f" 等{len(group.parts)}个文件" if len(group.parts) > 1 else "")


def first_of(group: Group) -> str:
    """How `--replaces` names an earlier work: its number, with its piece where that is one file."""
    return group.number if len(group.parts) > 1 else f"{group.number}/{group.parts[0].piece.path}"
