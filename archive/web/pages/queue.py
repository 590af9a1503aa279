"""核对: what waits for a person, what it may be and why, what follows; one key settles a line, and it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from archive import shapes
from archive.desk import Waiting
from archive.ledger.accounts import Account
from archive.records import Guess
from archive.web.acting import back, done
from archive.web.gate import Who, reviews
from archive.web.paper import page
from archive.web.rooms import Here, Rooms

router = APIRouter()


def visible(rooms: Rooms, account: Account) -> Sequence[Waiting]:
    """The lines this person may see."""
    return [_told(one, account) for one in rooms.desk.waiting() if account.may_read(one.question.campaign)]


def _told(line: Waiting, account: Account) -> Waiting:
    """The line without guesses that speak of campaigns this person may not see."""
    question = line.question
    hidden = {f"unit:{at}" for at, guess in enumerate(question.guesses) if not _open(account, guess)}
    if not hidden:
        return line
    named = [way.key for way in line.ways if way.key.startswith("unit:")]
    likely = [text for key, text in zip(named, line.likely, strict=False) if key not in hidden]
    guesses = tuple(guess for guess in question.guesses if _open(account, guess))
    ways = tuple(way for way in line.ways if way.key not in hidden)
    return Waiting(replace(question, guesses=guesses, consequence=""), tuple(likely), (), ways)


def _open(account: Account, guess: Guess) -> bool:
    return guess.campaign is None or account.may_read(guess.campaign)


@router.get("/queue")
def queue(request: Request, rooms: Here, who: Who, kind: str = "", said: str = "", undo: str = "") -> Response:
    """The page. kind: only lines of that kind."""
    lines = visible(rooms, who.account)
    kinds = sorted({one.question.kind for one in lines})
    shown = [one for one in lines if not kind or one.question.kind == kind]
    names = {id: campaign.short for id, campaign in rooms.desk.config.campaigns.items()}
    may = {one.question.id for one in shown if who.account.may_review(one.question.campaign)}
    return page(request, "queue.html", lines=shown, kinds=kinds, kind=kind, names=names, may=may, said=said, undo=undo)


@router.post("/queue/{id}")
def settle(
    request: Request, rooms: Here, who: Who, id: int, way: Annotated[str, Form()],
    remember: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Settle one line."""
    line = next((one for one in rooms.ledger.decisions.questions() if one.id == id), None)
    if line is None:
        return done("/queue", "这一行已由别人处理")
    reviews(who.account, line.campaign)
    what, _, place = way.partition(":")
    if what == "unit" and place.isdecimal() and int(place) < len(line.guesses):
        reviews(who.account, line.guesses[int(place)].campaign)
    said = rooms.desk.settle(id, way, who.account.name, remember)
    decided = what in ("unit", "item", "none", "replaces", "adds", "subkind")
    return done(back(request, "/queue"), said, line.number or "" if decided else "")


@router.post("/mails/{number}/undo")
def undo(request: Request, rooms: Here, who: Who, number: str) -> Response:
    """Take back the last decision of a person on a 件."""
    decision = rooms.ledger.decisions.current(number)
    if decision is None:
        raise HTTPException(404)
    reviews(who.account, decision.campaign)
    return done(back(request, f"/mails/{number}"), f"{number}：{rooms.desk.undo(number, who.account.name)}")


@router.get("/api/queue")
def as_data(rooms: Here, who: Who) -> list[dict[str, object]]:
    """The `queue` shape."""
    return [shapes.question(one.question, rooms.zone) for one in visible(rooms, who.account)]
