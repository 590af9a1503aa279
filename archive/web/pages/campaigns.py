"""活动: a form for everything a campaign file can say, each rule beside its sentence; tried on what came before it is
saved."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from archive.ledger.accounts import Account
from archive.web.acting import done
from archive.web.forms import changed, fields, read
from archive.web.gate import NotAllowed, Who, reviews
from archive.web.paper import page
from archive.web.rooms import Here
from config.campaign import Campaign
from config.loading import parse_campaign
from config.problems import Problem
from config.writing import with_changes
from config.yaml_lines import Document, read_yaml

router = APIRouter()
HOUSE_WIDE = ("id", "roster", "mailboxes")
"""What of a campaign reaches beyond it."""


@router.get("/campaigns/{id}/edit")
def edit(request: Request, rooms: Here, who: Who, id: str) -> Response:
    """The form as the file stands."""
    reviews(who.account, id)
    text = rooms.desk.file(f"campaigns/{id}.yaml").decode("utf-8-sig", "replace")
    document, problems = read_yaml(text, f"campaigns/{id}.yaml")
    if document is None or not isinstance(document.data, dict):
        return page(request, "sentence.html", status=409, text="；".join(one.text() for one in problems))
    _, problems = parse_campaign(text, document.file, rooms.desk.config.calendar)
    return _form(request, id, document.data, document, problems)


@router.post("/campaigns/{id}/edit")
async def change(request: Request, rooms: Here, who: Who, id: str) -> Response:
    """do: `add:NAME:KIND`, `remove:NAME`, `up:NAME` change the form; `try` shows what would change; `save` saves."""
    reviews(who.account, id)
    sent = [(name, str(value)) for name, value in (await request.form()).multi_items()]
    old = rooms.desk.file(f"campaigns/{id}.yaml").decode("utf-8-sig", "replace")
    shape, name = dict(sent).get("shape", ""), f"campaigns/{id}.yaml"
    data = read(sent, fields(Campaign, _skeleton(shape.split())))
    act, _, where = dict(sent).get("do", "").partition(":")
    if act in ("add", "remove", "up"):
        place, _, kind = where.partition(":")
        data = changed(data, act, place, kind)
    text = with_changes(old, data)
    document, problems = read_yaml(text, name)
    if document is None:
        raise HTTPException(422)
    _, problems = parse_campaign(text, name, rooms.desk.config.calendar)
    if act == "save":
        _house_wide(who.account, old, data)
        rooms.desk.save(name, text.encode(), who.account.name)
        return done(f"/campaigns/{id}", "已保存；有改动的要求随即用于核对，未发的信重新拟写")
    effects = rooms.desk.try_campaign(name, text.encode()) if act == "try" else None
    return _form(request, id, data, document, problems, effects)


def _house_wide(account: Account, old: str, data: dict[str, Any]) -> None:
    """NotAllowed when what reaches into other campaigns' mail and units is changed by who does not review them all."""
    document, _ = read_yaml(old, "")
    before = document.data if document is not None and isinstance(document.data, dict) else {}
    if any(before.get(name) != data.get(name) for name in HOUSE_WIDE) and not account.may_review(None):
        raise NotAllowed("编号、名册文件和收信邮箱牵涉其他活动，请由能审核全部活动的人来改")


def _form(
    request: Request, id: str, data: dict[str, Any], document: Document, problems: list[Problem], effects: object = None
) -> Response:
    beside: dict[str, list[str]] = {}
    for one in problems:
        beside.setdefault(_field_at(document, one.line), []).append(one.text())
    return page(
        request, "campaign.html", id=id, title=data.get("title", id), shape=" ".join(_lists(data)), beside=beside,
        fields=fields(Campaign, data), problems=problems, effects=effects,
    )  # fmt: skip


def _field_at(document: Document, line: int | None) -> str:
    """The name of the deepest field that stands in that line."""
    found = [path for path, at in document.lines.items() if at == line]
    return ".".join(str(step) for step in max(found, key=len, default=()))


def _lists(data: Any, prefix: str = "") -> list[str]:
    """Each entry of each list, `items.0:`, with its check: `items.0.rules.1:pixels`; the form sends it along."""
    found = []
    if isinstance(data, dict):
        for key, value in data.items():
            found += _lists(value, f"{prefix}{key}.")
    elif isinstance(data, list):
        for place, value in enumerate(data):
            if isinstance(value, dict):
                found.append(f"{prefix}{place}:{value.get('check', '')}")
                found += _lists(value, f"{prefix}{place}.")
    return found


def _skeleton(shape: list[str]) -> dict[str, Any]:
    """Data of that shape, without values."""
    data: dict[str, Any] = {}
    for entry in sorted(
        shape, key=lambda one: [int(s) if s.isdigit() else 0 for s in one.partition(":")[0].split(".")]
    ):
        name, _, check = entry.partition(":")
        place: Any = data
        steps = name.split(".")
        for step, following in zip(steps, [*steps[1:], ""], strict=True):
            if step.isdigit():
                while len(place) <= int(step):
                    place.append({})
                place = place[int(step)]
            else:
                place = place.setdefault(step, [] if following.isdigit() else {})
        if check:
            place["check"] = check
    return data
