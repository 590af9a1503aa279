"""File names that are safe on every system: what a unit wrote becomes one segment of a stored path."""

from __future__ import annotations

import re
import unicodedata

MAX_BYTES = 120
"""UTF-8 bytes of one segment."""

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
