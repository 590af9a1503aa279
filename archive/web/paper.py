"""Rendering: templates with the words, glyphs and numbers every page shares."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.web import names
from archive.web.files import version
from archive.web.gate import session
from archive.web.names import kind_name
from archive.web.rooms import Rooms
from archive.web.words import english
from config.workdays import ZONE

GLYPHS = {
    "complete": ("✓", "齐"), "faulty": ("!", "有误"), "short": ("…", "不足"), "none": ("—", "未报"),
    "silent": ("—", "未报"), "review": ("?", "待核对"), "rolling": ("·", "随时"), "external": ("⇱", "系统外"),
}  # fmt: skip
"""State → its sign and its word: a colour never speaks alone."""
LANGUAGE = "baosong-language"
MENU = (
    ("/", "总览"),
    ("/queue", "核对"),
    ("/mails", "来件"),
    ("/outbox", "待发"),
    ("/search", "检索"),
    ("/run", "运行"),
)
"""What every page leads to."""


def day(value: datetime | None, zone: ZoneInfo = ZONE) -> str:
    """2018-08-20, or an empty text."""
    return "" if value is None else f"{value.astimezone(zone):%Y-%m-%d}"


def moment(value: datetime | None, zone: ZoneInfo = ZONE) -> str:
    """2018-08-20 09:30, or an empty text."""
    return "" if value is None else f"{value.astimezone(zone):%Y-%m-%d %H:%M}"


def until(value: datetime | None, zone: ZoneInfo = ZONE) -> str:
    """The last moment that is in time, as people write it: 2018-08-20 24:00 for a first late instant at midnight."""
    if value is None:
        return ""
    local = value.astimezone(zone)
    if (local.hour, local.minute) != (0, 0):
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"


def size(value: int) -> str:
    """812 kB, 3.4 MB."""
    return f"{value / 1e6:.1f} MB" if value >= 1_000_000 else f"{max(1, value // 1000)} kB"


_templates = Environment(
    loader=PackageLoader("archive.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "glyphs": GLYPHS,
    "asset": version,
    "menu": MENU,
    "kind_name": kind_name,
    "names_of": names,
    "url": lambda text: quote(str(text), safe=""),
}
_templates.filters |= {"day": day, "moment": moment, "until": until, "size": size}


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. Every template knows who is there (`me`, None for nobody), the CSRF word and `_` for the language."""
    rooms: Rooms = request.app.state.rooms
    found = getattr(request.state, "visit", None) or session(request, rooms)
    spoken = "en" if request.cookies.get(LANGUAGE) == "en" else "zh"
    shared = {
        "me": found.account if found else None,
        "csrf": found.csrf if found else "",
        "lang": spoken,
        "_": english if spoken == "en" else str,
        "here": request.url.path,
        "now": rooms.now(),
    }
    return HTMLResponse(_templates.get_template(template).render(shared | values), status)
