"""名册: the units of a campaign, one by one; a 通讯录 is matched by its columns, compared and then taken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, HTTPException, Request, Response, UploadFile

from archive.desk import Refused
from archive.ledger.accounts import Account
from archive.web.acting import done
from archive.web.gate import Who, reviews
from archive.web.paper import page
from archive.web.rooms import Here, Rooms
from config.campaign import Campaign
from config.roster import Roster, Unit
from config.roster_files import COLUMNS, column_of, units_of
from config.sheets import Unreadable, sheets
from config.writing import roster_csv

router = APIRouter()
LARGEST = 5 * 1024 * 1024
HEADS = {
    "code": "编号", "name": "单位名称", "aliases": "又称", "kind": "类别", "parent": "上级编号", "emails": "邮箱",
    "contact": "联系人", "phone": "电话", "address_as": "称呼", "owes": "应报",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a new list would do to one unit. what: new | gone | changed; text: each field that differs."""

    what: Literal["new", "gone", "changed"]
    unit: Unit
    text: str = ""


@router.get("/campaigns/{id}/roster")
def roster(request: Request, rooms: Here, who: Who, id: str, said: str = "") -> Response:
    """The page."""
    reviews(who.account, id)
    campaign, found = _found(rooms, id)
    return page(request, "roster.html", campaign=campaign, roster=found, said=said, heads=HEADS)


@router.post("/campaigns/{id}/roster/units")
def put(
    rooms: Here, who: Who, id: str, code: Annotated[str, Form()], name: Annotated[str, Form()],
    aliases: Annotated[str, Form()] = "", kind: Annotated[str, Form()] = "", parent: Annotated[str, Form()] = "",
    emails: Annotated[str, Form()] = "", contact: Annotated[str, Form()] = "", phone: Annotated[str, Form()] = "",
    address_as: Annotated[str, Form()] = "", owes: Annotated[str, Form()] = "", was: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "save",
) -> Response:  # fmt: skip
    """One unit, new or changed; do `remove` takes it out. was: its code before."""
    reviews(who.account, id)
    campaign, found = _found(rooms, id)
    cells = [code, name, aliases, kind, parent, emails, contact, phone, address_as, owes]
    new = _units([list(COLUMNS), cells]) if do != "remove" else ()
    place = next((at for at, unit in enumerate(found.units) if unit.code == was), len(found.units))
    units = (*found.units[:place], *new, *found.units[place + 1 :])
    _save(rooms, campaign, units, who.account)
    told = "已移出名册" if do == "remove" else "已保存"
    return done(f"/campaigns/{id}/roster", f"{name}：{told}")


@router.post("/campaigns/{id}/roster/list")
async def upload(
    request: Request, rooms: Here, who: Who, id: str, file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A list from a file or pasted: its columns, each with what it seems to be."""
    reviews(who.account, id)
    campaign, _ = _found(rooms, id)
    data = await file.read(LARGEST + 1) if file is not None and file.filename else text.encode()
    if len(data) > LARGEST:
        raise Refused("表格超过 5 MB，请只留单位、联系人、电话、邮箱几栏")
    rows = _rows(data)
    head = next((at for at, cells in enumerate(rows[:10]) if sum(bool(column_of(cell)) for cell in cells) > 1), 0)
    guessed = [column_of(cell) or "" for cell in rows[head]]
    return page(
        request, "roster_columns.html", campaign=campaign, rows=rows[head:], guessed=guessed, heads=HEADS,
        data=json.dumps(rows[head:], ensure_ascii=False),
    )  # fmt: skip


@router.post("/campaigns/{id}/roster/compare")
async def compare(request: Request, rooms: Here, who: Who, id: str) -> Response:
    """The list with its columns told: what it would change. do `take`: change it."""
    reviews(who.account, id)
    campaign, found = _found(rooms, id)
    form = await request.form()
    rows = _given(str(form.get("data", "")))
    columns = [str(form.get(f"column{place}", "")) for place in range(max(map(len, rows), default=0))]
    new = _merged(found, _matched(rows, columns), gone=form.get("gone") == "remove")
    if form.get("do") == "take":
        _save(rooms, campaign, new, who.account)
        return done(f"/campaigns/{id}/roster", "名册已更新")
    return page(
        request, "roster_compare.html", campaign=campaign, changes=_changes(found.units, new), columns=columns,
        data=form.get("data", ""), gone=form.get("gone", ""), heads=HEADS,
    )  # fmt: skip


def _found(rooms: Rooms, id: str) -> tuple[Campaign, Roster]:
    found = rooms.campaign(id)
    if found is None:
        raise HTTPException(404)
    return found


def _save(rooms: Rooms, campaign: Campaign, units: Sequence[Unit], account: Account) -> None:
    if not campaign.roster.endswith(".csv"):
        raise Refused(f"名册 {campaign.roster} 是工作簿，请在工作簿中改，或把活动的“名册文件”改为 .csv")
    for one in rooms.desk.config.campaigns.values():
        if one.roster == campaign.roster:
            reviews(account, one.id)
    rooms.desk.save(f"rosters/{campaign.roster}", roster_csv(Roster(tuple(units))), account.name)


def _units(rows: list[list[str]]) -> tuple[Unit, ...]:
    units, problems = units_of(rows)
    if problems:
        raise Refused("；".join(problems[:5]))
    return units


def _rows(data: bytes) -> list[list[str]]:
    try:
        found = [[cells for _, cells in sheet if any(cells)] for sheet in sheets(data)]
    except Unreadable as trouble:
        raise Refused(str(trouble)) from None
    rows = max(found, key=len, default=[])
    if not rows:
        raise Refused("表中没有内容")
    return rows


def _given(data: str) -> list[list[str]]:
    try:
        rows: Any = json.loads(data)
    except ValueError:
        raise Refused("表格内容丢失，请重新上传") from None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused("表格内容丢失，请重新上传")
    return [[str(cell) for cell in row] for row in rows]


def _matched(rows: list[list[str]], columns: Sequence[str]) -> list[dict[str, str]]:
    """Each row below the header as column → cell; rows without a name are titles and signatures."""
    if "name" not in columns:
        raise Refused("请指出哪一栏是单位名称")
    found = []
    for row in rows[1:]:
        cells: dict[str, str] = {}
        for column, cell in zip(columns, row, strict=False):
            if column:
                cells[column] = "|".join(filter(None, (cells.get(column, ""), cell.strip())))
        if cells.get("name"):
            found.append(cells)
    return found


def _merged(roster: Roster, rows: Sequence[dict[str, str]], gone: bool) -> tuple[Unit, ...]:
    """The roster with what the list says: a unit is known by its code, else by its name or one of its aliases."""
    by_name = {name: unit for unit in roster.units for name in (unit.name, *unit.aliases)}
    by_code = {unit.code: unit for unit in roster.units}
    given: dict[str, Unit] = {}
    for cells in rows:
        known = by_code.get(cells.get("code", "")) or by_name.get(cells["name"])
        code = cells.get("code") or (known.code if known else _next_code({**by_code, **given}))
        (unit,) = _units([list(cells | {"code": code}), list((cells | {"code": code}).values())])
        if known is not None:
            told = {key: getattr(unit, key) for key in cells if key not in ("code", "name") and cells[key]}
            unit = replace(known, **told)
        given[unit.code] = unit
    kept = [given.pop(unit.code, unit) for unit in roster.units if not gone or unit.code in given]
    return (*kept, *given.values())


def _next_code(taken: dict[str, Unit]) -> str:
    number = len(taken) + 1
    while f"U{number:03d}" in taken:
        number += 1
    return f"U{number:03d}"


def _changes(before: Sequence[Unit], after: Sequence[Unit]) -> list[Change]:
    old, new = {unit.code: unit for unit in before}, {unit.code: unit for unit in after}
    found = [Change("new", unit) for code, unit in new.items() if code not in old]
    found += [Change("gone", unit) for code, unit in old.items() if code not in new]
    for code, unit in new.items():
        if code in old and old[code] != unit:
            fields = [key for key in HEADS if getattr(unit, key) != getattr(old[code], key)]
            words = "；".join(f"{HEADS[key]}：{_word(old[code], key)} → {_word(unit, key)}" for key in fields)
            found.append(Change("changed", unit, words))
    return found


def _word(unit: Unit, key: str) -> str:
    value = getattr(unit, key)
    return "、".join(value) if isinstance(value, tuple) else str(value or "空")
