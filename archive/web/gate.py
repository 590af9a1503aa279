"""The gate: who is at the page, and whether a change was really asked for by this person. Every page stands behind it.

A session is a cookie with a secret of which the ledger keeps the SHA-256 (HttpOnly, SameSite=Lax, Secure on https).
A change needs the session's CSRF word in the form or in the header X-CSRF. Programs send `Authorization: Bearer …`.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from archive.ledger.accounts import Account, Visit
from archive.web.rooms import Here, Rooms
from config.campaign import Campaign

COOKIE = "baosong"
READING = ("GET", "HEAD", "OPTIONS")


class NotIn(Exception):
    """Nobody is logged in: the page leads to the login."""


class NotAllowed(Exception):
    """The person may not do this; the text says so, in Chinese."""


async def visit(request: Request, rooms: Here) -> Visit:
    """Who is at the page; NotIn, NotAllowed."""
    found = request.state.visit = await _visit(request, rooms)
    return found


async def _visit(request: Request, rooms: Rooms) -> Visit:
    token = request.headers.get("authorization", "")
    if token.startswith("Bearer "):
        found = rooms.ledger.accounts.visit("token", token.removeprefix("Bearer "), rooms.now())
        if found is None:
            raise NotIn
        return found
    found = session(request, rooms)
    if found is None:
        raise NotIn
    if request.method not in READING and not await _asked_for(request, found.csrf):
        raise NotAllowed("页面已过期，请返回上一页刷新后再试")
    return found


def own_form(request: Request) -> None:
    """NotAllowed for a form that another site sends, where no session guards it yet (browsers tell: Fetch Metadata)."""
    if request.method not in READING and request.headers.get("sec-fetch-site", "") in ("cross-site", "same-site"):
        raise NotAllowed("这个请求来自别的网站，没有执行；请从本系统的页面操作")


def session(request: Request, rooms: Rooms) -> Visit | None:
    """Who the cookie lets in; None for nobody."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        return None
    return rooms.ledger.accounts.visit("session", secret, rooms.now(), timedelta(hours=rooms.session_hours))


async def _asked_for(request: Request, csrf: str) -> bool:
    given = request.headers.get("x-csrf") or ""
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = str((await request.form()).get("csrf", ""))
    return hmac.compare_digest(given.encode(), csrf.encode())


Who = Annotated[Visit, Depends(visit)]


def reads(account: Account, campaign: str | None) -> None:
    """NotAllowed unless this person may see what belongs to the campaign."""
    if not account.may_read(campaign):
        raise NotAllowed("您没有查看这个活动的权限，请联系管理员")


def reviews(account: Account, campaign: str | None) -> None:
    """NotAllowed unless this person may change what belongs to the campaign."""
    if not account.may_review(campaign):
        raise NotAllowed("您只有查看权限，不能更改；请联系管理员")


def seen(rooms: Rooms, account: Account) -> dict[str, Campaign]:
    """The campaigns this person may see, by id."""
    return {id: one for id, one in rooms.desk.config.campaigns.items() if account.may_read(id)}


def rules(account: Account) -> None:
    """NotAllowed unless this person is an admin."""
    if not account.admin:
        raise NotAllowed("这一页只供管理员使用")
