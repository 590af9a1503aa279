"""运行 and 记录: whether all is well and how each mailbox fares; everything that happened; /health for monitors."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from archive.web.gate import Who, reads, seen
from archive.web.paper import page
from archive.web.rooms import Here

router = APIRouter()
open_router = APIRouter()
PAGE = 100
LAST = 2**62
"""No event has a higher number."""


@router.get("/run")
def running(request: Request, rooms: Here, who: Who) -> Response:
    """The page."""
    reads(who.account, None)
    boxes = [
        (name, box, rooms.ledger.arrivals.mailbox(name)) for name, box in rooms.desk.config.settings.mailboxes.items()
    ]
    disk = shutil.disk_usage(rooms.vault.root)
    return page(
        request, "running.html", troubles=rooms.desk.troubles(), boxes=boxes, free=disk.free, total=disk.total,
        counts=rooms.ledger.arrivals.counts(), problems=rooms.desk.config.problems,
        sending=rooms.desk.config.settings.answers.sending, late=timedelta(minutes=10),
    )  # fmt: skip


@router.get("/log")
def record(
    request: Request, rooms: Here, who: Who, before: Annotated[int, Query(ge=0, le=LAST)] = 0, campaign: str = "",
    unit: str = "",
) -> Response:  # fmt: skip
    """Everything that happened, the newest first."""
    reads(who.account, campaign or None)
    events = rooms.ledger.pages.events(
        campaigns=[campaign] if campaign else None, unit=unit or None, before=before or None, most=PAGE + 1
    )
    return page(
        request, "log.html", events=events[:PAGE], more=events[PAGE - 1][0] if len(events) > PAGE else 0,
        campaign=campaign, unit=unit, campaigns=seen(rooms, who.account),
    )  # fmt: skip


@open_router.get("/live")
def live() -> Response:
    """Whether the program answers at all, whatever else is wrong."""
    return JSONResponse({"ok": True})


@open_router.get("/health")
def health(rooms: Here) -> Response:
    """For monitors: 200 and `{"ok": true}`, or 503 with the codes of what is wrong; no words, no names."""
    codes = [one.code for one in rooms.desk.troubles()]
    return JSONResponse({"ok": not codes, "troubles": codes}, 200 if not codes else 503)
