"""One spelling of what people write in many: full width and half width, spaces set for looks, quotation marks,
traditional characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from archive.judging.traditional import simplified

_SPACE = re.compile(r"[ \t\u00a0\u3000\u200b-\u200f\u2028\u2029\ufeff\u00ad]+")
_MARKS = re.compile(r"[\"'“”‘’《》〈〉「」『』]")
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；！？（）")
"""Marks of every Chinese text; what holds none but these is in normal form at once, which is found out quickly."""
_LINE = 200


def fold(text: str) -> str:
    """One spelling: NFKC, no spaces within a line, no quotation marks, simplified, lower case; line ends stay."""
    return _fold_again(text) if len(text) <= _LINE else _fold(text)


def _fold(text: str) -> str:
    for wide, plain in _WIDE:
        text = text.replace(wide, plain)
    text = unicodedata.normalize("NFKC", text).replace("\r\n", "\n").replace("\r", "\n")
    return simplified(_MARKS.sub("", _SPACE.sub("", text))).lower()


_fold_again = lru_cache(maxsize=2048)(_fold)
"""The same lines of one mail are asked for by every question put to it."""
