"""Asking: what follows from all a unit has sent, not from one mail, and only a person can say, becomes a queue line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archive.judging.findings import called
from archive.judging.parts import Group
from archive.judging.works import unclear_works
from archive.records import Holdings, Question
from config.campaign import Campaign
from config.roster import Roster
from intake.rounds.office import Office

CONSEQUENCE = "是更换：classify {number} {path} {item} --replaces {earlier}；是另增：加 --adds"


def ask(office: Office, campaign: Campaign, roster: Roster, held: Mapping[str, Holdings]) -> None:
    """Put what is unclear about the works of every unit to staff, each thing once."""
    for unit in roster.units:
        if unit.code in held:
            for question in _questions(office, campaign, unit.name, held[unit.code]):
                office.ledger.decisions.ask(question, campaign.id, unit.code, once=True)


def _questions(office: Office, campaign: Campaign, name: str, holdings: Holdings) -> Iterator[Question]:
    for one in unclear_works(campaign, holdings):
        part = one.later.parts[-1]
        both = f"{_told(one.earlier)} 和 {_told(one.later)}"
        text = f"{name}的{called(one.item.name)}先后报来 {both}，是更换还是另增？（{one.why}）"
        way = CONSEQUENCE.format(
            number=part.number, path=part.piece.path, item=one.item.id, earlier=_first(one.earlier)
        )
        yield Question(0, "supersede-or-add", part.number, part.piece.path, text, (), way, office.now())


def _told(group: Group) -> str:
    first = group.parts[0]
    return f"{first.number} {first.name}" + (f" 等{len(group.parts)}个文件" if len(group.parts) > 1 else "")


def _first(group: Group) -> str:
    return group.number if len(group.parts) > 1 else f"{group.number}/{group.parts[0].piece.path}"
