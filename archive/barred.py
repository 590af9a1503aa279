"""What must not lie where it is opened or copied without thought: secrets, identity cards, programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from archive.records import Piece

MAIL = "message.eml"
_PROGRAMS = frozenset({"exe", "lnk", "url", "swf"})
_SUFFIXES = (
    ".exe", ".com", ".scr", ".pif", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".msi", ".ps1",
    ".lnk", ".url", ".jar", ".reg",
)  # fmt: skip


def barred(pieces: Sequence[Piece]) -> dict[str, str]:
    """Piece path (or `message.eml`) → why it is left out (Chinese): marked, a program, or it holds such a file."""
    own = {piece.path: why for piece in pieces if (why := _why(piece))}
    found = dict(own)
    by_path = {piece.path: piece for piece in pieces}
    for piece in pieces:
        if piece.embedded and piece.within in own:
            found.setdefault(piece.path, own[piece.within])
        outer = piece.within if piece.path in own else None
        while outer is not None and outer in by_path:
            found.setdefault(outer, f"内有文件{own[piece.path]}")
            outer = by_path[outer].within
    if own:
        found[MAIL] = f"内有文件{next(iter(own.values()))}"
    return found


def _why(piece: Piece) -> str | None:
    if piece.facts.marks:
        return f"含有{'、'.join(piece.facts.marks)}"
    if piece.facts.type in _PROGRAMS or PurePosixPath(piece.name).suffix.lower() in _SUFFIXES:
        return "是程序或快捷方式"
    return None
