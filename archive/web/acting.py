"""After an act: where the page goes, and the sentence it shows there on what was done, with a way to take it back."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse


def done(to: str, said: str, undo: str = "") -> RedirectResponse:
    """To a page that says what was done. undo: the number whose last decision can be taken back there."""
    base, mark, rest = to.partition("#")
    more = urlencode({"said": said} | ({"undo": undo} if undo else {}), quote_via=quote)
    return RedirectResponse(f"{base}{'&' if '?' in base else '?'}{more}{mark}{rest}", 303)


def inside(to: str, otherwise: str = "/") -> str:
    """A place on these pages; never an address elsewhere (browsers drop tabs and line ends, and read \\ as /)."""
    safe = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if safe else otherwise


def back(request: Request, otherwise: str) -> str:
    """The page the form stood on, without what it said before."""
    came = request.headers.get("referer", "")
    own = str(request.base_url)
    path = inside("/" + came.removeprefix(own), otherwise) if came.startswith(own) else otherwise
    base, _, query = path.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith(("said=", "undo=")))
    return f"{base}?{kept}" if kept else base
