"""检索: any word of what came, newest first, with what was found marked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import groupby

from fastapi import APIRouter, Request, Response
from markupsafe import Markup, escape

from archive.grams import Snippet, fold, snippets
from archive.ledger.search import FIELDS, Asked
from archive.web.gate import Who
from archive.web.gate import seen as allowed
from archive.web.paper import page
from archive.web.rooms import Here, Rooms

router = APIRouter()
PAGE = 30
ORDER = tuple(FIELDS.index(name) for name in ("name", "text", "subject", "sender", "unit", "number"))
"""Where a hit is shown first: what tells most."""
PLACES = {"number": "编号", "unit": "单位", "subject": "主题", "sender": "发件人", "name": "文件名", "text": "内容"}


@router.get("/search")
def search(
    request: Request, rooms: Here, who: Who, q: str = "", campaign: str = "", type: str = "", since: str = "",
    until: str = "", after: str = "",
) -> Response:  # fmt: skip
    """The page. after: the key of the last line of the page before."""
    words = tuple(filter(None, (fold(part) for part in q.split())))
    begin, end = _day(rooms, since), _day(rooms, until, 1)
    asked = Asked(words, campaign or None, None, None, type or None, begin, end)
    key = int(after) if after.isdecimal() and len(after) < 19 else None
    found = rooms.ledger.search.find(asked, PAGE + 1, key) if asked != Asked() else []
    seen = [hit for hit in found[:PAGE] if who.account.may_read(hit.campaign)]
    groups = [
        (number, [(hit, [_marked(one) for one in snippets(hit.fields, words, ORDER)]) for hit in hits])
        for number, hits in groupby(seen, key=lambda hit: hit.number)
    ]
    return page(
        request, "search.html", q=q, campaign=campaign, type=type, since=since, until=until, groups=groups,
        more=str(found[PAGE - 1].id) if len(found) > PAGE else "", asked=asked != Asked(),
        campaigns=allowed(rooms, who.account),
    )  # fmt: skip


def _day(rooms: Rooms, text: str, days: int = 0) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), rooms.zone)
    except ValueError:
        return None


def _marked(one: Snippet) -> tuple[str, Markup]:
    """Where it was found, and the words around it with the hit marked."""
    shown, at = Markup(), 0
    for begin, end in one.marks:
        shown += escape(one.text[at:begin]) + Markup("<mark>") + escape(one.text[begin:end]) + Markup("</mark>")
        at = end
    return PLACES[FIELDS[one.field]], shown + escape(one.text[at:])
