"""Does every sentence a campaign file quotes stand in the notice? White space and letter width do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pydantic import BaseModel

from config.campaign import Campaign, Sourced
from config.problems import Problem
from config.yaml_lines import short

_GONE = re.compile(r"[\s*\u200b-\u200f\u2060\ufeff]+")
_SAME = str.maketrans(
    {**dict.fromkeys("—–―－‐‑−─", "-"), **dict.fromkeys("“”„＂", '"'), **dict.fromkeys("‘’", "'"), "·": "•", "・": "•"}
)


def fold(text: str) -> str:
    """The text without white space and bold marks; full width is half width; dashes, quotation marks, dots alike."""
    return _GONE.sub("", unicodedata.normalize("NFKC", text).translate(_SAME)).casefold()


def sourced(value: BaseModel, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Sourced]]:
    """Every value inside `value` that carries a quote or a confirm mark, with the way to it."""
    if isinstance(value, Sourced):
        yield path, value
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if isinstance(inner, BaseModel):
            yield from sourced(inner, (*path, name))
        elif isinstance(inner, tuple):
            for index, entry in enumerate(inner):
                if isinstance(entry, BaseModel):
                    yield from sourced(entry, (*path, name, index))


def missing_quotes(campaign: Campaign, notice_text: str, source: str | None = None) -> list[Problem]:
    """One problem for each quote that does not stand in the notice.

    source: the campaign file's own text; with it the problems carry lines.
    """
    notice = fold(notice_text)
    found: dict[str, Problem] = {}
    for _, value in sourced(campaign):
        quote = value.quote
        if quote is not None and quote not in found and (not fold(quote) or fold(quote) not in notice):
            line = _line(quote, source)
            found[quote] = Problem(f"{campaign.id}.yaml", line, "quote-not-found", {"quote": short(quote, 60)})
    return list(found.values())


def _line(quote: str, source: str | None) -> int | None:
    wanted = fold(quote)[:12]
    for number, row in enumerate((source or "").splitlines(), start=1):
        if wanted and wanted in fold(row):
            return number
    return None
