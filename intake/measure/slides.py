"""Slides (.pptx): the words of all slides in order, their number, and tables on them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from archive.records import Facts
from intake.measure.body import XML_LIMIT, Body, Builder, told
from intake.measure.damage import ZIPPED
from intake.measure.document import core_title, parse

SLIDE_LIMIT = 500
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_BEGIN: dict[str, Callable[[Builder], None]] = {
    "p": Builder.begin_paragraph,
    "tbl": Builder.begin_table,
    "tr": Builder.begin_row,
}
_END: dict[str, Callable[[Builder], None]] = {
    "p": Builder.end_paragraph,
    "tc": Builder.end_cell,
    "tbl": Builder.end_table,
}


class _Reader:
    """An lxml parser target for one slide after another."""

    def __init__(self, to: Builder) -> None:
        self._to = to
        self._skip = 0
        self._in_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if self._skip or name == "Fallback":
            self._skip += 1
        elif name == "t":
            self._in_text = True
        elif name == "br":
            self._to.write("\n")
        elif name == "tc":
            self._to.begin_cell()
            self._to.continues(attributes.get("vMerge") in ("1", "true"))
        elif begin := _BEGIN.get(name):
            begin(self._to)

    def data(self, text: str) -> None:
        if self._in_text and not self._skip:
            self._to.write(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if self._skip:
            self._skip -= 1
        elif name == "t":
            self._in_text = False
        elif end := _END.get(name):
            end(self._to)

    def close(self) -> Body:
        return self._to.body()


def measure_slides(path: Path, known: Facts) -> Facts:
    """Facts of a .pptx: characters on all slides (no speaker's notes), title, text, pages = slides, main table."""
    to, left = Builder(), XML_LIMIT
    try:
        with zipfile.ZipFile(path) as archive:
            slides = sorted(filter(_SLIDE.fullmatch, set(archive.namelist())), key=_place)
            for name in slides[:SLIDE_LIMIT]:
                left -= archive.getinfo(name).file_size
                if left < 0:
                    return replace(known, pages=len(slides), error="演示文稿过大，未读取内容")
                with archive.open(name) as part:
                    parse(part, _Reader(to))
            title = core_title(archive)
    except ZIPPED:
        return replace(known, error="演示文稿已损坏或不完整，无法读出内容")
    error = f"演示文稿超过{SLIDE_LIMIT}页，只读取了前{SLIDE_LIMIT}页" if len(slides) > SLIDE_LIMIT else None
    return replace(told(known, to.body(), title, len(slides)), error=error)


def _place(name: str) -> int:
    hit = _SLIDE.fullmatch(name)
    return int(hit[1]) if hit else 0
