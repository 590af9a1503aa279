"""单位: one unit of one campaign: what it owes and sent, its letters and calls in order, and what staff can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from archive.desk import Refused
from archive.records import Holdings
from archive.web import names
from archive.web.acting import done
from archive.web.gate import Who, reads, reviews
from archive.web.paper import page
from archive.web.rooms import Here, Rooms
from config.campaign import Campaign
from config.roster import Unit

router = APIRouter()


@dataclass(frozen=True)
class Moment:
    """One line of the unit's story. link: a page with more, "" = none."""

    at: datetime
    what: str
    text: str
    link: str = ""


@router.get("/campaigns/{id}/units/{code}")
def unit(request: Request, rooms: Here, who: Who, id: str, code: str, said: str = "") -> Response:
    """The page."""
    reads(who.account, id)
    campaign, found = _found(rooms, id, code)
    listed = rooms.desk.checklists(id)[code]
    held = rooms.ledger.decisions.holdings(id, code).get(code, Holdings(id, code))
    letters = [one for one in rooms.desk.letters() if one.campaign == id and one.unit == code]
    story = sorted(_story(rooms, campaign, held), key=lambda one: one.at, reverse=True)
    planned = [one for one in letters if one.state in ("planned", "draft", "held", "queued")]
    ways = {key: names.WAYS[key] for key in ("paper", "disc", "external", "seal", "accept")}
    return page(
        request, "unit.html", campaign=campaign, unit=found, listed=listed, held=held, story=story, planned=planned,
        said=said, may=who.account.may_review(id), ways=ways,
        bad=rooms.ledger.letters.bad_addresses(rooms.now()),
    )  # fmt: skip


@router.post("/campaigns/{id}/units/{code}/note")
def note(
    rooms: Here, who: Who, id: str, code: str, text: Annotated[str, Form()], until: Annotated[str, Form()] = ""
) -> Response:
    """A call: the unit was told by telephone."""
    reviews(who.account, id)
    _found(rooms, id, code)
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise Refused(f"看不懂日期 {until}，请写成 2018-08-18") from None
    rooms.desk.note(id, code, text, day, who.account.name)
    return done(f"/campaigns/{id}/units/{code}", "已记下，这段时间不再提醒")


@router.post("/campaigns/{id}/units/{code}/register")
def register(
    rooms: Here, who: Who, id: str, code: str, item: Annotated[str, Form()], by: Annotated[str, Form()],
    note: Annotated[str, Form()] = "", count: Annotated[int, Form(ge=1, le=1000)] = 1,
) -> Response:  # fmt: skip
    """What came by another way than mail, or was checked on paper."""
    reviews(who.account, id)
    _found(rooms, id, code)
    rooms.desk.register(id, code, item, by, who.account.name, note, count)
    return done(f"/campaigns/{id}/units/{code}", "已登记")


def _found(rooms: Rooms, id: str, code: str) -> tuple[Campaign, Unit]:
    found = rooms.campaign(id)
    unit = found[1].find(code) if found else None
    if found is None or unit is None:
        raise HTTPException(404)
    return found[0], unit


def _story(rooms: Rooms, campaign: Campaign, held: Holdings) -> Iterator[Moment]:
    for one in held.held:
        files = f"{len(one.submission.pieces)} 个附件"
        text = f"{one.submission.mail.subject or '（无主题）'}，{files}"
        channel = names.CHANNELS.get(one.submission.channel, one.submission.channel)
        yield Moment(one.submission.received, f"来件（{channel}）", text, f"/mails/{one.submission.number}")
    for letter in rooms.ledger.letters.said(campaign.id):
        at = letter.sent or letter.due
        if letter.unit == held.unit and at is not None and letter.state != "cancelled":
            text = f"{letter.subject} → {letter.to}（{names.STATES[letter.state]}）"
            yield Moment(at, names.LETTERS[letter.kind], text, f"/outbox/{letter.key}")
    for note in rooms.ledger.notes.of(campaign.id, held.unit):
        until = f"，{note.until}前不提醒" if note.until else ""
        yield Moment(note.at, "电话" if note.kind == "phone" else "已答复", f"{note.text}{until}（{note.who}）")
    for row in held.registered:
        if row.unit == held.unit:
            text = f"{row.item} {names.WAYS.get(row.by, row.by)} ×{row.count} {row.note}（{row.who}）"
            yield Moment(row.at, "登记", text)
