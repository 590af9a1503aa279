"""Coming in: the one-time link that makes the first admin, login, logout, the language."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from archive.web.acting import inside
from archive.web.gate import COOKIE, Who, session
from archive.web.paper import LANGUAGE, page
from archive.web.passwords import Guesses, fits, hashed, is_old, weak
from archive.web.rooms import Here, Rooms

router = APIRouter()


@router.get("/login")
def login_page(request: Request, rooms: Here, to: str = "/") -> Response:
    """The form."""
    if session(request, rooms) is not None:
        return RedirectResponse(inside(to), 303)
    return page(request, "login.html", to=inside(to), name="", trouble=None, first=not rooms.ledger.accounts.any())


@router.post("/login")
def login(
    request: Request,
    rooms: Here,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Let somebody in who knows the password; guessing is slowed down by name and by address."""
    guesses: Guesses = request.app.state.guesses
    keys, now = (f"name:{name}", f"from:{request.client.host if request.client else ''}"), rooms.now()
    if guesses.too_many(keys, now):
        return _again(request, to, name, "试错次数太多，请 15 分钟后再试", 429)
    found = rooms.ledger.accounts.find(name)
    right = fits(found[1] if found else None, password)
    if not right or found is None or found[0].off:
        guesses.failed(keys, now)
        return _again(request, to, name, "登录名或密码不对", 403)
    guesses.forget(keys)
    if is_old(found[1]):
        rooms.ledger.accounts.rehashed(name, hashed(password))
    return _in(request, rooms, name, inside(to))


@router.get("/invitation/{secret}")
def invitation_page(request: Request, rooms: Here, secret: str) -> Response:
    """The form behind a one-time link."""
    found = rooms.ledger.accounts.visit("invitation", secret, rooms.now())
    if found is None:
        return page(request, "sentence.html", status=410, text="这个链接已用过或已过期，请联系管理员再发一个")
    return page(request, "invitation.html", name=found.account.name, secret=secret, trouble=None)


@router.post("/invitation/{secret}")
def accept_invitation(
    request: Request,
    rooms: Here,
    secret: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Set the password and let the person in; the link is then used up."""
    accounts = rooms.ledger.accounts
    found = accounts.visit("invitation", secret, rooms.now())
    if found is None:
        return page(request, "sentence.html", status=410, text="这个链接已用过或已过期，请联系管理员再发一个")
    name = found.account.name
    trouble = "两次输入的密码不同" if password != again else weak(password, name)
    if trouble is not None:
        return page(request, "invitation.html", status=400, name=name, secret=secret, trouble=trouble)
    accounts.set_password(name, hashed(password), rooms.now(), name)
    return _in(request, rooms, name, "/")


@router.post("/logout")
def logout(request: Request, rooms: Here, _: Who) -> Response:
    """End this session."""
    rooms.ledger.accounts.leave(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.post("/language")
def language(to: Annotated[str, Form()] = "/", lang: Annotated[str, Form()] = "zh") -> Response:
    """Chinese or English."""
    answer = RedirectResponse(inside(to), 303)
    answer.set_cookie(LANGUAGE, "en" if lang == "en" else "zh", max_age=31536000, samesite="lax", httponly=True)
    return answer


def _again(request: Request, to: str, name: str, trouble: str, status: int) -> Response:
    return page(request, "login.html", status=status, to=inside(to), name=name, trouble=trouble, first=False)


def _in(request: Request, rooms: Rooms, name: str, to: str) -> Response:
    lasts = timedelta(hours=rooms.session_hours)
    secret = rooms.ledger.accounts.let_in("session", name, rooms.now(), lasts)
    answer = RedirectResponse(to, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=secure, path="/")
    return answer
