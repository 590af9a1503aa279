"""校验: how far the archive has been read again, and every damage that was found, with what it means."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from archive.damages import CODES
from archive.web.gate import Who, reads
from archive.web.paper import page
from archive.web.rooms import Here

router = APIRouter()
ROOTS = {"archive": "档案", "copy": "第二份存档"}


@router.get("/fixity")
def fixity(request: Request, rooms: Here, who: Who) -> Response:
    """The page."""
    reads(who.account, None)
    ledger = rooms.ledger.fixity
    standings = [(name, standing) for root, name in ROOTS.items() if (standing := ledger.standing(root)).objects]
    return page(request, "fixity.html", standings=standings, damaged=ledger.damaged(), roots=ROOTS, codes=CODES)
