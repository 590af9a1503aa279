"""来件: the list of 件 and what was put aside; one 件 with its words, its pieces, what was decided, and its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse

from archive import shapes
from archive.desk import Choice
from archive.ledger.accounts import Account
from archive.looking import look
from archive.ocfl.building import MANIFEST, MESSAGE
from archive.records import Decision, Piece, Submission
from archive.vault import Discarded
from archive.web.acting import done
from archive.web.gate import Who, reads, reviews, seen
from archive.web.pages.queue import visible
from archive.web.paper import page
from archive.web.rooms import Here, Rooms

router = APIRouter()
PAGE = 50
HARMLESS = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
"""On every file a unit sent: a browser must never run it."""


@router.get("/mails")
def mails(request: Request, rooms: Here, who: Who, campaign: str = "", role: str = "", after: str = "") -> Response:
    """The list, the newest first. after: `TIME,NUMBER` of the last line of the page before."""
    allowed = _campaigns(rooms, who.account)
    wanted = [campaign] if campaign and (allowed is None or campaign in allowed) else allowed
    lines = rooms.ledger.pages.mails(campaigns=wanted, role=role or None, before=_place(after), most=PAGE + 1)
    more = f"{lines[PAGE - 1].received.isoformat()},{lines[PAGE - 1].number}" if len(lines) > PAGE else ""
    return page(
        request, "mails.html", lines=lines[:PAGE], more=more, campaign=campaign, role=role,
        campaigns=seen(rooms, who.account), rosters=rooms.desk.config.rosters,
    )  # fmt: skip


def _place(after: str) -> tuple[datetime, str] | None:
    at, _, number = after.partition(",")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, number) if number and moment.tzinfo else None


def _campaigns(rooms: Rooms, account: Account) -> list[str] | None:
    """The campaigns this person may see; None = all."""
    if account.may_read(None):
        return None
    return list(seen(rooms, account))


@router.get("/asides")
def asides(request: Request, rooms: Here, who: Who, said: str = "") -> Response:
    """What was put aside as unrelated."""
    reads(who.account, None)
    return page(request, "asides.html", lines=rooms.ledger.arrivals.asides()[:500], said=said,
                campaigns=seen(rooms, who.account), rosters=rooms.desk.config.rosters)  # fmt: skip


@router.post("/asides/{sha256}")
def take_in(
    rooms: Here, who: Who, sha256: str, campaign: Annotated[str, Form()], unit: Annotated[str, Form()] = ""
) -> Response:
    """What was put aside is a 件 after all."""
    reviews(who.account, campaign)
    number = rooms.desk.accept_as_mail(sha256, campaign, unit or None, who.account.name)
    return done(f"/mails/{number}", "已登记为来件，未自动答复")


@router.get("/mails/{number}")
def mail(request: Request, rooms: Here, who: Who, number: str, said: str = "", undo: str = "") -> Response:
    """One 件."""
    submission, decision = _one(rooms, who.account, number)
    found = rooms.campaign(decision.campaign)
    findings = rooms.desk.findings(number)
    versions = rooms.ledger.decisions.versions(number)
    letters = [letter for key in rooms.ledger.letters.of(number) if (letter := rooms.ledger.pages.letter(key))]
    lines = [line for line in visible(rooms, who.account) if line.question.number == number]
    return page(
        request, "mail.html", one=submission, decision=decision, found=found, findings=findings, versions=versions,
        letters=letters, lines=lines, said=said, undo=undo, original=_original(rooms, submission),
        events=[event for _, event in rooms.ledger.pages.events(number=number)],
        sightings=rooms.ledger.arrivals.sightings(number), campaigns=seen(rooms, who.account),
        rosters=rooms.desk.config.rosters, may=who.account.may_review(decision.campaign),
        looks={piece.path: look(submission, piece) for piece in submission.pieces},
        facts={piece.path: _facts(piece_facts) for piece in submission.pieces
               if (piece_facts := shapes.facts(piece.facts))},
    )  # fmt: skip


FACT_NAMES = {
    "width": "宽", "height": "高", "duration": "时长（秒）", "video_bit_rate": "视频码率", "characters": "字数",
    "pages": "页数", "rows": "行数", "title": "标题", "encrypted": "加密", "truncated": "不完整", "seal": "印章红色",
}  # fmt: skip


def _facts(facts: dict[str, object]) -> list[tuple[str, object]]:
    return [(name, facts[key]) for key, name in FACT_NAMES.items() if facts.get(key) not in (None, False, "")]


@router.get("/api/mails/{number}")
def as_data(rooms: Here, who: Who, number: str) -> dict[str, object]:
    """The `show` shape."""
    submission, decision = _one(rooms, who.account, number)
    found = rooms.campaign(decision.campaign)
    letters, zone = rooms.ledger.letters.of(number), found[0].zone if found else rooms.zone
    guesses = tuple(one for one in decision.guesses if who.account.may_read(one.campaign))
    decision = replace(decision, guesses=guesses)
    return shapes.show(submission, decision, decision.version, rooms.desk.findings(number), letters, zone)


@router.post("/mails/{number}/assign")
def assign(
    rooms: Here, who: Who, number: str, campaign: Annotated[str, Form()], unit: Annotated[str, Form()],
    why: Annotated[str, Form()] = "", remember: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """This 件 is that unit's."""
    _, decision = _one(rooms, who.account, number)
    reviews(who.account, decision.campaign)
    reviews(who.account, campaign)
    rooms.desk.assign(number, campaign, unit, who.account.name, why, remember)
    return done(f"/mails/{number}", "已指定单位，附件随即重新归类", number)


@router.post("/mails/{number}/classify")
def classify(
    rooms: Here, who: Who, number: str, piece: Annotated[str, Form()], item: Annotated[str, Form()],
    work: Annotated[str, Form()] = "", why: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A piece is that item, with its class and sub-kind where the form names them (`item/category/subkind`)."""
    _, decision = _one(rooms, who.account, number)
    reviews(who.account, decision.campaign)
    id, category, subkind = (*item.split("/"), "", "")[:3]
    choice = Choice(None if id == "none" else id, category or None, subkind or None, work or None)
    rooms.desk.classify(number, piece, choice, who.account.name, why)
    return done(f"/mails/{number}#p-{piece}", "已归类", number)


@router.post("/mails/{number}/discard")
def discard(rooms: Here, who: Who, number: str, why: Annotated[str, Form()]) -> Response:
    """Remove its content; only admins, with a reason."""
    _one(rooms, who.account, number)
    if not who.account.admin:
        reviews(Account(""), None)
    rooms.desk.discard(number, who.account.name, why)
    return done("/mails", f"{number} 已标记销毁，只留编号、摘要和原因")


@router.get("/mails/{number}/original")
def original(rooms: Here, who: Who, number: str) -> Response:
    """The bytes as received."""
    path = _original(rooms, still_kept(rooms, who.account, number))
    if path is None:
        raise HTTPException(404)
    name = f"{number}.eml" if path.name == MESSAGE else f"{number}-{path.name}"
    return FileResponse(path, media_type="application/octet-stream", filename=name, headers=HARMLESS)


@router.get("/mails/{number}/file")
def download(rooms: Here, who: Who, number: str, path: str) -> Response:
    """One piece, to be saved; never shown by the browser itself."""
    submission = still_kept(rooms, who.account, number)
    piece = next((piece for piece in submission.pieces if piece.path == path), None)
    if piece is None:
        raise HTTPException(404)
    file = content(rooms, number, piece)
    name = piece.name or f"{number}-{path}".replace("/", "_")
    return FileResponse(file, media_type="application/octet-stream", filename=name, headers=HARMLESS)


def content(rooms: Rooms, number: str, piece: Piece) -> Path:
    """Where a piece lies; 404 when it is gone."""
    place = rooms.ledger.arrivals.place(number)
    try:
        if place is not None:
            return rooms.vault.content_path(place.mailbox, place.year, number, piece.stored)
    except (FileNotFoundError, Discarded):
        pass
    raise HTTPException(404)


def _one(rooms: Rooms, account: Account, number: str) -> tuple[Submission, Decision]:
    submission, decision = rooms.ledger.arrivals.submission(number), rooms.ledger.decisions.current(number)
    if submission is None or decision is None:
        raise HTTPException(404)
    reads(account, decision.campaign)
    return submission, decision


def still_kept(rooms: Rooms, account: Account, number: str) -> Submission:
    """A 件 whose content is there; 404 when it was discarded, even before the archive has let it go."""
    submission, decision = _one(rooms, account, number)
    if decision.discarded:
        raise HTTPException(404)
    return submission


def _original(rooms: Rooms, submission: Submission) -> Path | None:
    place = rooms.ledger.arrivals.place(submission.number)
    stored = MESSAGE if submission.channel == "mail" else MANIFEST
    try:
        return rooms.vault.content_path(place.mailbox, place.year, submission.number, stored) if place else None
    except (FileNotFoundError, Discarded):
        return None
