"""Settling: the ways in which a person can deal with one line of the queue, and doing it."""

from __future__ import annotations

from collections.abc import Iterator

from archive.checklist import checklist
from archive.desk import Choice, Refused, Way
from archive.judging.periods import running
from archive.judging.works import unclear_works
from archive.records import Checklist, Finding, Holdings, Question
from config.campaign import Campaign, Item
from config.roster import Unit
from intake.rounds.asking import first_of
from intake.rounds.deciding import assign, classify, register
from intake.rounds.office import Office
from intake.rounds.problems import tell_failed
from intake.rounds.promises import tend

WHOSE = ("unknown-unit", "unknown-campaign", "failed-sender-check")
DONE = Way("done", "已处理")


def ways(office: Office, question: Question) -> tuple[Way, ...]:
    """The likeliest first; the last one only strikes the line out."""
    return (*_ways(office, question), DONE)


def _ways(office: Office, question: Question) -> Iterator[Way]:
    if question.kind in WHOSE:
        yield from (Way(f"unit:{place}", label) for place, label in _units(office, question))
    elif question.kind == "undecided-piece":
        yield from (Way(f"item:{id}", f"是{name}") for id, name in _items(office, question))
        yield Way("none", "不是报送材料")
    elif question.kind == "seal":
        yield Way("seal", "已加盖公章")
    elif question.kind == "supersede-or-add":
        yield from (Way("replaces", "是更换，前件作废"), Way("adds", "是另增，两件都算"))
    elif question.kind == "sub-kind":
        item = _item_of(office, question)
        yield from (Way(f"subkind:{one.id}", one.name) for one in (item.subkinds if item else ()))
    elif question.kind == "promised-file":
        yield Way("failed", "链接打不开，请单位重发")


def settle(office: Office, question: Question, way: str, who: str, remember: bool = False) -> str:
    """Do it; a sentence for staff. Refused when that way is not open for this line."""
    if way not in {one.key for one in ways(office, question)}:
        raise Refused("这一行已经变了，请刷新后再选")
    what, _, value = way.partition(":")
    number, piece = question.number or "", question.piece or ""
    if what == "unit":
        guess = question.guesses[int(value)]
        assign(office, number, guess.campaign or "", guess.unit or "", who, remember=remember)
        return f"{number} 已归入{_unit_name(office, guess.campaign, guess.unit)}"
    if what in ("item", "none"):
        classify(office, number, piece, Choice(value or None), who)
        return f"{number} 的附件已{'归类' if value else '记为不是报送材料'}"
    if what == "seal":
        register(office, *_seal_of(office, question), "seal", who)
        return "公章已确认"
    if what in ("replaces", "adds"):
        item, earlier = _unclear_of(office, question)
        choice = Choice(item.id, replaces=earlier) if what == "replaces" else Choice(item.id, adds=True)
        classify(office, number, piece, choice, who)
        return "已记为更换" if what == "replaces" else "已记为另增"
    if what == "subkind":
        item_of = _item_of(office, question)
        classify(office, number, piece, Choice(item_of.id if item_of else None, subkind=value), who)
        return "种类已记下，随即按该类要求核对"
    if what == "failed":
        if tell_failed(office, question.id, who) is None:
            raise Refused("这件来件不能答复，或已写过信；请电话联系单位")
        return "已写信请单位重新发送"
    office.ledger.decisions.settle(question.id, office.now(), who)
    tend(office)
    return "已划去"


# --- what a line is about


def _units(office: Office, question: Question) -> Iterator[tuple[int, str]]:
    for place, guess in enumerate(question.guesses[:3]):
        name = _unit_name(office, guess.campaign, guess.unit)
        if name:
            yield place, f"是{name}"


def _unit_name(office: Office, campaign: str | None, unit: str | None) -> str:
    found = office.campaign(campaign)
    known = found[1].find(unit or "") if found else None
    return f"{found[0].short}·{known.name}" if found and known else ""


def _items(office: Office, question: Question) -> Iterator[tuple[str, str]]:
    decision = office.ledger.decisions.current(question.number or "")
    found = office.campaign(decision.campaign) if decision else None
    choice = decision.piece(question.piece or "") if decision else None
    if found and choice:
        names = {item.id: item.name for item in found[0].items}
        yield from ((id, names[id]) for id, _ in choice.guesses[:4] if id in names)


def _standing(office: Office, question: Question) -> tuple[Campaign, Unit, Holdings, Checklist]:
    found = office.campaign(question.campaign)
    unit = found[1].find(question.unit or "") if found else None
    if found is None or unit is None:
        raise Refused("这一行所说的单位已不在名册中")
    held = office.ledger.decisions.holdings(found[0].id, unit.code).get(unit.code, Holdings(found[0].id, unit.code))
    return found[0], unit, held, checklist(found[0], unit, held, office.now())


def _finding(office: Office, question: Question) -> Iterator[tuple[str, Finding]]:
    _, unit, _, listed = _standing(office, question)
    for item in listed.items:
        for one in item.findings:
            if question.question == f"{unit.name}：{one.text}":
                yield item.item, one


def _seal_of(office: Office, question: Question) -> tuple[str, str, str]:
    item = next((item for item, _ in _finding(office, question)), None)
    if item is None:
        raise Refused("这一行已经变了，请刷新后再选")
    return question.campaign or "", question.unit or "", item


def _item_of(office: Office, question: Question) -> Item | None:
    found = office.campaign(question.campaign)
    id = next((item for item, _ in _finding(office, question)), None) if question.unit else None
    return next((item for item in found[0].items if item.id == id), None) if found else None


def _unclear_of(office: Office, question: Question) -> tuple[Item, str]:
    campaign, unit, held, _ = _standing(office, question)
    for one in unclear_works(campaign, running(campaign, unit, held, office.now())):
        part = one.later.parts[-1]
        if (part.number, part.piece.path) == (question.number, question.piece):
            return one.item, first_of(one.earlier)
    raise Refused("这一行已经变了，请刷新后再选")
