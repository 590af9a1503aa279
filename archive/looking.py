"""Looking: as what a browser may show one piece: never the file itself but a video, and nothing of what is marked."""

from __future__ import annotations

from typing import Literal

from archive.records import Piece, Submission

Look = Literal["picture", "video", "table", "text", "nothing"]
PICTURES = ("jpeg", "png", "gif", "bmp", "tiff", "webp", "avif")
"""Types of which a small picture is drawn; of a pdf it is the first page."""
VIDEOS = {"mp4": "video/mp4"}
"""Types a browser plays by itself → the type it is told. Their content was measured, so it is no other file."""


def look(submission: Submission, piece: Piece) -> Look:
    """As what this piece is shown."""
    facts = piece.facts
    if is_secret(submission, piece) or piece.problem is not None or facts.encrypted:
        return "nothing"
    if facts.type in PICTURES or facts.type == "pdf":
        return "picture"
    if facts.type in VIDEOS:
        return "video"
    if facts.cells:
        return "table"
    return "text" if facts.text else "nothing"


def is_secret(submission: Submission, piece: Piece) -> bool:
    """Whether it, or anything it was unpacked from, is marked (秘密, 身份证 …): then nothing of it is shown."""
    pieces = {one.path: one for one in submission.pieces}
    seen: set[str] = set()
    at: Piece | None = piece
    while at is not None and at.path not in seen:
        if at.facts.marks:
            return True
        seen.add(at.path)
        at = pieces.get(at.within or "")
    return False
