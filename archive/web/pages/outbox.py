"""待发: letters planned, waiting for approval, waiting to leave, sent and come back; each can be read as it leaves."""

from __future__ import annotations

from collections import Counter
from email import policy
from email.parser import BytesParser
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from archive import shapes
from archive.desk import Refused
from archive.ledger.accounts import Account
from archive.records import Letter
from archive.web.acting import back, done
from archive.web.gate import Who, reads, reviews, seen
from archive.web.paper import page
from archive.web.rooms import Here, Rooms

router = APIRouter()
PAGE = 200
WAITING = ("draft", "held", "planned", "queued", "deferred", "sending")
ACTS = {
    "release": "放行", "hold": "暂缓", "cancel": "取消", "now": "现在就发",
}  # fmt: skip
OPEN = {
    "draft": ("release", "now", "cancel"), "held": ("release", "now", "cancel"), "planned": ("now", "hold", "cancel"),
    "queued": ("hold", "cancel"), "deferred": ("hold", "cancel"),
}  # fmt: skip
"""State → what can be done with a letter."""
OUR_OWN = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""On a letter as its reader sees it: our own words, but with what units wrote among them."""


def visible(rooms: Rooms, account: Account) -> list[Letter]:
    """The letters this person may see."""
    return [one for one in rooms.desk.letters() if account.may_read(one.campaign)]


@router.get("/outbox")
def outbox(request: Request, rooms: Here, who: Who, state: str = "", campaign: str = "", said: str = "") -> Response:
    """The page. state: one state; "" = all that has not left."""
    every = [one for one in visible(rooms, who.account) if not campaign or one.campaign == campaign]
    counts = Counter(str(one.state) for one in every)
    shown = [one for one in every if (one.state == state if state else one.state in WAITING)]
    shown.sort(key=lambda one: (one.sent or one.due or rooms.now(), one.key), reverse=state in ("sent", "cancelled"))
    return page(
        request, "outbox.html", letters=shown[:PAGE], hidden=max(0, len(shown) - PAGE), counts=counts, state=state,
        campaign=campaign, said=said, acts=ACTS, open=OPEN, campaigns=seen(rooms, who.account),
        rosters=rooms.desk.config.rosters, waiting=sum(counts[one] for one in WAITING),
        notes={key: act.note for key, act in rooms.ledger.acts.all().items() if act.note},
    )  # fmt: skip


@router.post("/outbox")
def act(
    request: Request, rooms: Here, who: Who, key: Annotated[str, Form()], act: Annotated[str, Form()],
    campaign: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Release, hold, cancel or send one letter; with key `all` those of a campaign."""
    letter = next((one for one in rooms.desk.letters() if one.key == key), None)
    if key != "all" and letter is None:
        return done(back(request, "/outbox"), "这封信已经不在了")
    reviews(who.account, campaign if key == "all" else letter.campaign if letter else None)
    count = _act(rooms, act, key, who.account.name, campaign or None)
    return done(back(request, "/outbox"), f"{ACTS.get(act, act)}：{count} 封")


def _act(rooms: Rooms, act: str, key: str, who: str, campaign: str | None) -> int:
    if act == "release":
        return rooms.desk.release(key, who, campaign if key == "all" else None)
    if act == "hold":
        return rooms.desk.hold(key, who, campaign if key == "all" else None)
    if act == "cancel" and key != "all":
        return rooms.desk.cancel(key, who)
    if act == "now" and key != "all":
        return rooms.desk.send_now(key, who)
    raise Refused("没有这样的操作")


@router.post("/outbox/note")
def note(
    request: Request, rooms: Here, who: Who, key: Annotated[str, Form()], text: Annotated[str, Form()]
) -> Response:
    """A note on a letter."""
    letter = next((one for one in rooms.desk.letters() if one.key == key), None)
    if letter is None:
        raise HTTPException(404)
    reviews(who.account, letter.campaign)
    rooms.desk.note_letter(key, text, who.account.name)
    return done(back(request, "/outbox"), "备注已记下")


@router.get("/outbox/{key:path}/html")
def as_read(rooms: Here, who: Who, key: str) -> Response:
    """The letter as its reader sees it."""
    letter = _letter(rooms, who.account, key)
    message = BytesParser(policy=policy.default).parsebytes(letter.body)
    part = message.get_body(("html",))
    if part is None:
        raise HTTPException(404)
    return Response(part.get_content(), media_type="text/html; charset=utf-8", headers=OUR_OWN)


@router.get("/outbox/{key:path}")
def one(request: Request, rooms: Here, who: Who, key: str, said: str = "") -> Response:
    """One letter."""
    letter = _letter(rooms, who.account, key)
    return page(
        request, "letter.html", letter=letter, acts=ACTS, open=OPEN.get(letter.state, ()), said=said,
        may=who.account.may_review(letter.campaign),
    )  # fmt: skip


@router.get("/campaigns/{id}/units/{code}/preview/{kind}")
def preview(request: Request, rooms: Here, who: Who, id: str, code: str, kind: str) -> Response:
    """The letter of that kind as this unit would get it now."""
    reads(who.account, id)
    letter = rooms.desk.preview(id, code, kind)
    return page(request, "letter.html", letter=letter, acts=ACTS, open=(), said="", may=False)


@router.get("/api/outbox")
def as_data(rooms: Here, who: Who) -> list[dict[str, object]]:
    """The `outbox` shape."""
    return [shapes.letter(one, rooms.zone) for one in visible(rooms, who.account)]


def _letter(rooms: Rooms, account: Account, key: str) -> Letter:
    letter = rooms.ledger.pages.letter(key) or next((one for one in rooms.desk.letters() if one.key == key), None)
    if letter is None:
        raise HTTPException(404)
    reads(account, letter.campaign)
    return letter
