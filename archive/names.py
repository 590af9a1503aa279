"""File names that are safe on every system, for the archive as the unit wrote them, for people with what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from archive.judging.kinds import promised

MAX_BYTES = 120
"""UTF-8 bytes of one segment."""
LONGEST = 40
"""Characters of a name for people without its suffix: four of them and a drive's folders stay below Windows' 260."""

_CALLED: Mapping[str, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg"), "tiff": (".tif", ".tiff"), "heic": (".heic", ".heif"), "mpeg": (".mpg", ".mpeg"),
    "html": (".html", ".htm"), "mp4": (".mp4", ".m4v"), "wmv": (".wmv", ".asf"), "txt": (".txt", ".csv"),
    "mht": (".mht", ".mhtml", ".doc"), "word-xml": (".doc", ".xml"), "excel-xml": (".xls", ".xml"), "tnef": (".dat",),
}  # fmt: skip
"""Type by content → what its files may be called; the first where the name says something else."""
_TELLS_NOTHING = frozenset({"", "ole", "empty", "unknown"})
_SEPARATORS = re.compile(r"[\\/:*?\"<>|]")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_RESERVED = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def safe_name(name: str, taken: set[str]) -> str:
    """One path segment for `name`: NFC, at most 120 bytes of UTF-8, legal on Windows and Linux, not in `taken`.

    `taken` holds the names already used in that folder, case folded; the new one is added. Separators and
    characters Windows forbids become `_`; control and bidi characters vanish; a clash gets ` (2)` before
    the extension; an empty name becomes `_`. The extension survives the cut to 120 bytes.
    """
    clean = _clean(name)
    candidate = _cut(clean, "")
    number = 2
    while candidate.casefold() in taken:
        candidate = _cut(clean, f" ({number})")
        number += 1
    taken.add(candidate.casefold())
    return candidate


def _clean(name: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", _INVISIBLE.sub("", name)))
    text = _SEPARATORS.sub("_", text).strip(" ").rstrip(". ")
    if _RESERVED.match(text):
        text = "_" + text
    return text or "_"


def _cut(name: str, suffix: str) -> str:
    extension = _EXTENSION.search(name)
    tail = suffix + (extension.group() if extension and extension.start() > 0 else "")
    stem = name[: extension.start()] if extension and extension.start() > 0 else name
    room = MAX_BYTES - len(tail.encode())
    encoded = stem.encode()
    if len(encoded) > room:
        stem = encoded[:room].decode("utf-8", "ignore")
    return (stem.rstrip(". ") or "_") + tail


# --- for people -------------------------------------------------------------------------------------------------------


def segment(text: str) -> str:
    """One folder's name, or a file's without its suffix: safe on every system, at most LONGEST characters."""
    return safe_name(text.strip()[:LONGEST].strip(), set())


def file_name(name: str, kind: str) -> str:
    """The name a unit gave, with the suffix of what the file is by content (`Facts.type`)."""
    own, true = PurePosixPath(name).suffix, suffix(name, kind)
    told = bool(own) and (own.lower() == true or promised(name) is not None)
    return segment(name[: -len(own)] if told else name) + true


def suffix(name: str, kind: str) -> str:
    """`.docx`: the type by content; the name's own where it says the same or the content tells nothing."""
    own = PurePosixPath(name).suffix.lower()
    if kind in _TELLS_NOTHING:
        return own if own.isascii() and own[1:].isalnum() and len(own) <= 9 else ""
    called = _CALLED.get(kind, (f".{kind}",))
    return own if own in called else called[0]


def unique(path: str, taken: set[str]) -> str:
    """The path, or with ` (2)` before its suffix where it is taken (case does not tell apart); added to `taken`."""
    name, number = path, 2
    end = PurePosixPath(path).suffix
    while name.casefold() in taken:
        name = f"{path[: len(path) - len(end)]} ({number}){end}"
        number += 1
    taken.add(name.casefold())
    return name
