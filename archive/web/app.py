"""The app: every page behind the gate, headers that keep hostile mail harmless, and errors as plain sentences."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.desk import Refused
from archive.web import files
from archive.web.gate import NotAllowed, NotIn, own_form, visit
from archive.web.pages import (
    campaigns,
    entrance,
    fixity,
    mails,
    matrix,
    outbox,
    overview,
    people,
    queue,
    rosters,
    running,
    searching,
    showing,
    unit_page,
    units,
)
from archive.web.paper import page
from archive.web.passwords import Guesses
from archive.web.rooms import Rooms

HEADERS = (
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
     b"form-action 'self'; frame-ancestors 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)  # fmt: skip
"""On every answer that does not say otherwise itself."""


def create_app(rooms: Rooms) -> FastAPI:
    """The pages of one home."""
    app = FastAPI(title="Baosong", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.rooms = rooms
    app.state.guesses = Guesses()
    app.include_router(entrance.router, dependencies=[Depends(own_form)])
    app.include_router(running.open_router)
    app.include_router(unit_page.router)
    app.include_router(unit_page.staff, dependencies=[Depends(visit)])
    for part in (
        overview,
        campaigns,
        rosters,
        matrix,
        units,
        queue,
        mails,
        showing,
        outbox,
        running,
        people,
        searching,
        fixity,
    ):
        app.include_router(part.router, dependencies=[Depends(visit)])
    app.include_router(files.router)
    app.add_middleware(Headers)
    app.add_exception_handler(NotIn, _to_login)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _incomplete)
    app.add_exception_handler(Exception, _broken)
    return app


class Headers:
    """Adds the headers an answer does not carry itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in HEADERS if one[0] not in have)]
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


def _to_login(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": "not logged in"}, 401)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    where = "/login" if request.method != "GET" or back == "/" else f"/login?to={quote(back)}"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)


def _not_allowed(request: Request, error: Exception) -> Response:
    return _sentence(request, 403, str(error))


def _refused(request: Request, error: Exception) -> Response:
    return _sentence(request, 409, str(error))


def _http(request: Request, error: Any) -> Response:
    words = {404: "没有这一页；可能已改名或删除", 405: "这一页不接受这样的请求"}
    return _sentence(request, error.status_code, words.get(error.status_code, str(error.detail)))


def _incomplete(request: Request, _: Exception) -> Response:
    return _sentence(request, 422, "填写的内容不完整或不合要求，请返回修改")


def _broken(_: Request, error: Exception) -> Response:
    """A fault of ours, told outside of everything that may itself be broken; the service's log has the rest."""
    text = "程序出错，已记入日志。请返回再试；仍不行请把时间和做了什么告诉管理员。"
    return PlainTextResponse(text, 500, {name.decode(): value.decode() for name, value in HEADERS})


def _sentence(request: Request, status: int, text: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": text}, status)
    return page(request, "sentence.html", status=status, text=text)
