"""Showing: a mail's HTML made harmless, small pictures of pieces, videos; nothing a unit sent runs in a browser."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse

from archive.looking import VIDEOS, look
from archive.web.gate import Who
from archive.web.pages.mails import HARMLESS, content, still_kept
from archive.web.rooms import Here

router = APIRouter()
SHEET = """body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  margin: 1rem; color: #1c1b1a; background: #fff; overflow-wrap: anywhere; }
img { max-width: 100%; } table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: .2rem .5rem; }
small { color: #5f5b55; } blockquote { border-left: 3px solid #ccc; margin-left: 0; padding-left: .8rem; }"""
PAPER = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="color-scheme" content="light">
<title>原信</title><style>{sheet}</style></head><body>{body}</body></html>"""
LOCKED = {
    "content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox",
}
"""On a stranger's HTML, though it was cleaned already."""


@router.get("/mails/{number}/html")
def html(rooms: Here, who: Who, number: str) -> Response:
    """The mail as its writer laid it out."""
    still_kept(rooms, who.account, number)
    body = rooms.desk.html(number)
    text = PAPER.format(sheet=SHEET, body=body or "<p>这封信只有纯文字，或网页格式无法读出。</p>")
    return Response(text, 200 if body else 404, media_type="text/html; charset=utf-8", headers=LOCKED)


@router.get("/mails/{number}/preview")
def preview(rooms: Here, who: Who, number: str, path: str) -> Response:
    """A small picture of a piece, drawn by us."""
    still_kept(rooms, who.account, number)
    picture = rooms.desk.preview_picture(number, path)
    if picture is None:
        raise HTTPException(404)
    return Response(picture, media_type="image/jpeg", headers=HARMLESS)


@router.get("/mails/{number}/video")
def video(request: Request, rooms: Here, who: Who, number: str, path: str) -> Response:
    """A video for the player of a page, in ranges as it asks; opened by itself it is alone in a sandbox."""
    submission = still_kept(rooms, who.account, number)
    piece = next((one for one in submission.pieces if one.path == path), None)
    if piece is None or look(submission, piece) != "video":
        raise HTTPException(404)
    file = content(rooms, number, piece)
    return FileResponse(file, media_type=VIDEOS[piece.facts.type], content_disposition_type="inline", headers=HARMLESS)
