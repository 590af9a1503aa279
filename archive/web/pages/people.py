"""人员: who may use the pages and do what, one-time links for new ones, and one's own password and tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from archive.desk import Refused
from archive.ledger.accounts import INVITATION, Account, Role
from archive.web.acting import done
from archive.web.gate import Who, rules
from archive.web.paper import page
from archive.web.passwords import fits, hashed, weak
from archive.web.rooms import Here, Rooms

router = APIRouter()
TOKEN_DAYS = 365


@router.get("/people")
def people(request: Request, rooms: Here, who: Who, said: str = "") -> Response:
    """Everybody; for admins."""
    rules(who.account)
    return _people(request, rooms, said, "")


def _people(request: Request, rooms: Rooms, said: str, link: str) -> Response:
    return page(
        request, "people.html", people=rooms.ledger.accounts.all(), campaigns=rooms.desk.config.campaigns, said=said,
        link=link,
    )  # fmt: skip


@router.post("/people")
def put(
    request: Request, rooms: Here, who: Who, name: Annotated[str, Form(min_length=1, max_length=60)],
    role: Annotated[str, Form()], campaign: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Make an account or change it. role: admin | review | read | off | link (only a new one-time link)."""
    rules(who.account)
    accounts, now = rooms.ledger.accounts, rooms.now()
    found = accounts.find(name.strip())
    account = found[0] if found else Account(name.strip())
    if name.strip() == who.account.name and role not in ("link", "admin"):
        raise Refused("不能改自己的权限，请另一位管理员来改")
    if role in ("review", "read"):
        kept: dict[str, Role] = {} if account.admin else dict(account.roles)
        given: Role = "review" if role == "review" else "read"
        accounts.put(Account(account.name, roles={**kept, campaign: given}), now, who.account.name)
    elif role in ("admin", "off"):
        accounts.put(replace(account, admin=role == "admin", off=role == "off", roles={}), now, who.account.name)
    elif role != "link" or found is None:
        raise Refused("没有这样的权限")
    if role == "off":
        return done("/people", f"已停用 {account.name}")
    if found is not None and role != "link":
        return done("/people", f"已更改 {account.name} 的权限")
    secret = accounts.let_in("invitation", account.name, now, INVITATION)
    link = f"{str(request.base_url).rstrip('/')}/invitation/{secret}"
    return _people(request, rooms, f"请把一次性链接交给 {account.name}（{INVITATION.days} 天内有效，只能用一次）", link)


@router.get("/me")
def me(request: Request, rooms: Here, who: Who, said: str = "") -> Response:
    """One's own account."""
    return _me(request, rooms, who.account, said, "")


def _me(request: Request, rooms: Rooms, account: Account, said: str, token: str) -> Response:
    ways = [way for way in rooms.ledger.accounts.ways_in(account.name) if way.kind != "invitation"]
    return page(request, "me.html", ways=ways, said=said, token=token)


@router.post("/me/password")
def password(
    rooms: Here, who: Who, old: Annotated[str, Form()], password: Annotated[str, Form()],
    again: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """A new password; every session ends."""
    found = rooms.ledger.accounts.find(who.account.name)
    if found is None or not fits(found[1], old):
        raise Refused("原来的密码不对")
    trouble = "两次输入的密码不同" if password != again else weak(password, who.account.name)
    if trouble is not None:
        raise Refused(trouble)
    rooms.ledger.accounts.set_password(who.account.name, hashed(password), rooms.now(), who.account.name)
    return done("/login", "密码已改，请重新登录")


@router.post("/me/tokens")
def token(
    request: Request, rooms: Here, who: Who, label: Annotated[str, Form(min_length=1, max_length=60)]
) -> Response:
    """A token for programs, shown once."""
    lasts = timedelta(days=TOKEN_DAYS)
    secret = rooms.ledger.accounts.let_in("token", who.account.name, rooms.now(), lasts, label)
    return _me(request, rooms, who.account, "口令只显示这一次，请立即保存", secret)


@router.post("/me/ways/{digest}")
def shut(rooms: Here, who: Who, digest: str) -> Response:
    """End a session or a token of one's own."""
    if not digest.isalnum():
        raise HTTPException(404)
    rooms.ledger.accounts.shut(who.account.name, digest, rooms.now(), who.account.name)
    return done("/me", "已收回")
