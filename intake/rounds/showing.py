"""Showing: what staff see of a mail without opening it: its HTML made harmless, and small pictures of its pieces. Each
is made once by a process with limits and kept in `previews/`, which may be deleted at any time."""

from __future__ import annotations

import base64
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from archive.looking import look
from archive.records import Submission
from archive.vault import Discarded
from intake.rounds.office import Office
from intake.worker import MESSAGE, confined

FOLDER = "previews"
PICTURES = 20
"""Pictures shown inside one mail's HTML."""
_AT_ONCE = threading.BoundedSemaphore(2)
_PICTURE = re.compile(r'src="cid:([0-9.]+)"')


def picture(office: Office, number: str, path: str) -> bytes | None:
    """A piece as a JPEG of at most 1,200 pixels a side; None when there is none to show, or it is marked."""
    submission = _kept(office, number)
    piece = next((one for one in submission.pieces if one.path == path), None) if submission else None
    if submission is None or piece is None or look(submission, piece) != "picture":
        return None
    asked = {"type": piece.facts.type}
    return _made(office, number, piece.stored, "intake.drawing", asked, f"{piece.sha256}.jpg")


def html(office: Office, number: str) -> str | None:
    """The mail's HTML, harmless, its own pictures in it; None when it has none or cannot be read."""
    submission = _kept(office, number)
    if submission is None or submission.channel != "mail":
        return None
    asked = {"limits": office.config.settings.limits.model_dump()}
    made = _made(office, number, MESSAGE, "intake.harmless", asked, f"{submission.sha256}.html")
    if made is None:
        return None
    markup = made.decode("utf-8")
    shown = {path: picture(office, number, path) for path in list(dict.fromkeys(_PICTURE.findall(markup)))[:PICTURES]}
    return _PICTURE.sub(lambda hit: f'src="{_data(shown.get(hit[1]))}"', markup)


def _made(
    office: Office, number: str, stored: str, module: str, asked: Mapping[str, object], name: str
) -> bytes | None:
    """What that module makes of a file of a 件; kept, an empty file where it failed, so that it is tried once."""
    kept = office.home / FOLDER / name[:2] / name
    with _AT_ONCE:
        if not kept.exists():
            file = _content(office, number, stored)
            if file is None:
                return None
            kept.parent.mkdir(parents=True, exist_ok=True)
            with _beside(kept.parent) as made:
                if not confined(module, {"path": str(file), **asked}, made, office.config.settings.limits):
                    made.touch()
                made.replace(kept)
            if _kept(office, number) is None:  # discarded meanwhile
                kept.unlink()
                return None
        return kept.read_bytes() or None


def forget(office: Office, submission: Submission) -> None:
    """Remove what is kept of a 件 that is discarded."""
    for name in (f"{submission.sha256}.html", *(f"{piece.sha256}.jpg" for piece in submission.pieces)):
        (office.home / FOLDER / name[:2] / name).unlink(missing_ok=True)


def _data(jpeg: bytes | None) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""


def _kept(office: Office, number: str) -> Submission | None:
    """The 件, unless it was discarded."""
    decision = office.ledger.decisions.current(number)
    return office.ledger.arrivals.submission(number) if decision and not decision.discarded else None


def _content(office: Office, number: str, stored: str) -> Path | None:
    place = office.ledger.arrivals.place(number)
    try:
        return office.vault.content_path(place.mailbox, place.year, number, stored) if place else None
    except (FileNotFoundError, Discarded):
        return None


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A name for a file under way, which is gone afterwards."""
    made = folder / f".{secrets.token_hex(8)}"
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
