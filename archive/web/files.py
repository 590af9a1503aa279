"""The pages' own files: one stylesheet, two scripts. Named with a hash, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response

router = APIRouter()
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain",
         ".svg": "image/svg+xml"}  # fmt: skip


@cache
def _content(name: str) -> bytes | None:
    place = files("archive.web") / "static" / name
    known = "/" not in name and "\\" not in name and name[name.rfind(".") :] in TYPES
    return place.read_bytes() if known and place.is_file() else None


@cache
def version(name: str) -> str:
    """The address of a file of ours; KeyError for one that is not there."""
    data = _content(name)
    if data is None:
        raise KeyError(name)
    return f"/static/{name}?{hashlib.sha256(data).hexdigest()[:12]}"


@router.get("/static/{name}")
def static(name: str) -> Response:
    """One file."""
    data = _content(name)
    if data is None:
        raise HTTPException(404)
    kept = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(data, media_type=TYPES[name[name.rfind(".") :]], headers=kept)
