"""The page of one unit, behind its signed link: what it owes, what came when, what is wrong, and uploading the rest.

It shows this unit of this campaign and nothing else; whoever has the link needs no account.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, File, HTTPException, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from archive.links import path
from archive.records import Holdings
from archive.web.acting import done
from archive.web.gate import NotAllowed, Who, reviews
from archive.web.paper import page
from archive.web.passwords import Guesses
from archive.web.rooms import Here
from archive.web.uploads import NotTaken, Tray, metadata

router = APIRouter(prefix="/u/{campaign}/{unit}/{token}")
staff = APIRouter()
TUS = {"tus-resumable": "1.0.0"}
LARGEST_FORM = 50 * 1024 * 1024
"""Bytes of an upload without JavaScript, which cannot be resumed."""


def tray(request: Request, rooms: Here, campaign: str, unit: str, token: str) -> Tray:
    """The unit's tray, if the link is good. A wrong link is slowed down as a wrong password is."""
    guesses: Guesses = request.app.state.guesses
    keys = (f"link-from:{request.client.host if request.client else ''}",)
    if guesses.too_many(keys, rooms.now()):
        raise NotAllowed("试错次数太多，请 15 分钟后再试")
    found = rooms.campaign(campaign)
    if found is None or found[1].find(unit) is None or not rooms.desk.knows(campaign, unit, token):
        guesses.failed(keys, rooms.now())
        raise NotAllowed("这个链接已过期或已收回，请与活动联系人联系")
    return Tray(rooms.desk.uploads, campaign, unit, rooms.desk.config.settings.web.upload_bytes)


Mine = Annotated[Tray, Depends(tray)]


@router.get("")
def unit_page(
    request: Request, rooms: Here, mine: Mine, campaign: str, unit: str, token: str, said: str = ""
) -> Response:
    """The page."""
    found = rooms.campaign(campaign)
    if found is None:
        raise HTTPException(404)
    held = rooms.ledger.decisions.holdings(campaign, unit).get(unit, Holdings(campaign, unit))
    limit = rooms.desk.config.settings.web.upload_bytes
    return page(
        request, "unit_page.html", campaign=found[0], unit=found[1].unit(unit), said=said, uploads=mine.all(),
        listed=rooms.desk.checklists(campaign)[unit], held=held, base=path(campaign, unit, token), limit=limit,
    )  # fmt: skip


@router.post("/files")
def create(request: Request, mine: Mine, campaign: str, unit: str, token: str) -> Response:
    """tus: room for one file."""
    length = request.headers.get("upload-length", "")
    if not length.isdigit():
        return Response(status_code=400, headers=TUS)
    try:
        upload = mine.create(metadata(request.headers.get("upload-metadata", "")).get("filename", ""), int(length))
    except NotTaken as why:
        return Response(str(why), why.status, headers=TUS)
    return Response(status_code=201, headers={**TUS, "location": f"{path(campaign, unit, token)}/files/{upload.id}"})


@router.options("/files")
def able(rooms: Here, mine: Mine) -> Response:
    """tus: what is supported."""
    most = str(rooms.desk.config.settings.web.upload_bytes)
    can = {"tus-version": "1.0.0", "tus-extension": "creation,termination", "tus-max-size": most}
    return Response(status_code=204, headers={**TUS, **can})


@router.head("/files/{id}")
def offset(mine: Mine, id: str) -> Response:
    """tus: how far it is."""
    upload = mine.find(id)
    if upload is None:
        return Response(status_code=404, headers=TUS)
    known = {"upload-offset": str(upload.offset), "upload-length": str(upload.size), "cache-control": "no-store"}
    return Response(status_code=200, headers={**TUS, **known})


@router.patch("/files/{id}")
async def append(request: Request, mine: Mine, id: str) -> Response:
    """tus: more bytes."""
    upload, at = mine.find(id), request.headers.get("upload-offset", "")
    if upload is None:
        return Response(status_code=404, headers=TUS)
    if request.headers.get("content-type") != "application/offset+octet-stream" or not at.isdigit():
        return Response(status_code=415, headers=TUS)
    try:
        reached = await mine.append(upload, int(at), request.stream())
    except NotTaken as why:
        return Response(str(why), why.status, headers=TUS)
    return Response(status_code=204, headers={**TUS, "upload-offset": str(reached)})


@router.delete("/files/{id}")
def give_up(mine: Mine, id: str) -> Response:
    """tus: give up one."""
    mine.remove(id)
    return Response(status_code=204, headers=TUS)


@router.post("/form")
async def form(
    mine: Mine, campaign: str, unit: str, token: str, files: Annotated[list[UploadFile], File()]
) -> Response:
    """Files from a browser without JavaScript."""
    back = path(campaign, unit, token)
    for file in files:
        if not file.filename:
            continue
        size = file.size or 0
        if size > LARGEST_FORM:
            return done(back, "文件超过 50 MB，请用打开了 JavaScript 的浏览器上传")
        try:
            upload = mine.create(file.filename, size)
        except NotTaken as why:
            return done(back, str(why))
        await mine.append(upload, 0, _pieces(file))
    return RedirectResponse(back, 303)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(1024 * 1024):
        yield piece


@router.post("/remove/{id}")
def remove(mine: Mine, campaign: str, unit: str, token: str, id: str) -> Response:
    """Take an uploaded file out before it is handed in."""
    mine.remove(id)
    return RedirectResponse(path(campaign, unit, token), 303)


@router.post("/submit")
def submit(rooms: Here, mine: Mine, campaign: str, unit: str, token: str) -> Response:
    """Hand in what was uploaded: it becomes one 件."""
    numbers = [rooms.desk.take_upload(campaign, unit, folder) for folder in mine.left_over()]
    folder = mine.gather()
    if folder is not None:
        numbers.append(rooms.desk.take_upload(campaign, unit, folder))
    back = path(campaign, unit, token)
    told = f"已收到，编号 {'、'.join(numbers)}" if numbers else "还没有上传完的文件"
    return done(back, told)


# --- what staff do with links


@staff.post("/campaigns/{id}/units/{code}/link")
def make_link(request: Request, rooms: Here, who: Who, id: str, code: str) -> Response:
    """A link for the unit, shown to staff."""
    reviews(who.account, id)
    found = rooms.campaign(id)
    if found is None or found[1].find(code) is None:
        raise HTTPException(404)
    made = rooms.desk.link(id, code)
    text = "设置中还没有 public_url，单位页面没有打开" if not made else ""
    return page(request, "link.html", link=made, text=text, campaign=found[0], unit=found[1].unit(code))


@staff.post("/campaigns/{id}/units/{code}/unlink")
def take_back(rooms: Here, who: Who, id: str, code: str) -> Response:
    """End every link of the unit."""
    reviews(who.account, id)
    rooms.ledger.accounts.take_back_links(id, code, rooms.now(), who.account.name)
    return done(f"/campaigns/{id}/units/{code}", "已收回此前的链接")
