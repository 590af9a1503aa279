"""进度: unit × item, each cell with its sign, word and count; filter, sort; prints on A4 landscape."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from archive import shapes
from archive.records import Checklist
from archive.web.gate import Who, reads
from archive.web.paper import page
from archive.web.rooms import Here

router = APIRouter()
ORDER = {"faulty": 0, "review": 1, "short": 2, "silent": 3, "complete": 4}
FILTERS = ("faulty", "short", "silent", "review", "complete", "late")


@router.get("/campaigns/{id}")
def matrix(
    request: Request, rooms: Here, who: Who, id: str, only: str = "", sort: str = "roster", find: str = ""
) -> Response:
    """The page. only: a state, or `late`. sort: roster | state | name. find: part of a unit's name or code."""
    reads(who.account, id)
    found = rooms.campaign(id)
    if found is None:
        raise HTTPException(404)
    campaign, roster = found
    listed = rooms.desk.checklists(id)
    items = [item for item in campaign.items if item.owed_by == "unit"]
    rows = [(unit, listed[unit.code]) for unit in roster.units if _wanted(listed[unit.code], only)]
    rows = [row for row in rows if find.strip() in row[0].name or find.strip() == row[0].code]
    if sort == "state":
        rows.sort(key=lambda row: ORDER[row[1].state])
    elif sort == "name":
        rows.sort(key=lambda row: row[0].name)
    counts = {state: sum(_wanted(one, state) for one in listed.values()) for state in FILTERS}
    cells = {unit.code: {item.item: item for item in one.items} for unit, one in rows}
    return page(
        request, "matrix.html", campaign=campaign, items=items, rows=rows, cells=cells, counts=counts, only=only,
        sort=sort, find=find, filters=FILTERS, total=len(roster.units),
    )  # fmt: skip


@router.get("/api/campaigns/{id}/status")
def status(rooms: Here, who: Who, id: str) -> dict[str, object]:
    """The `status` shape."""
    reads(who.account, id)
    found = rooms.campaign(id)
    if found is None:
        raise HTTPException(404)
    return shapes.status(*found, rooms.desk.checklists(id), rooms.now())


def _wanted(one: Checklist, only: str) -> bool:
    if only == "late":
        return any(item.late for item in one.items)
    return not only or (one.state == only and bool(one.items))
