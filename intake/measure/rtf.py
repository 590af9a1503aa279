"""RTF: its words through striprtf, which is first freed from what it reads wrong."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from archive.records import Facts
from intake.measure.body import Body, Builder, told

FILE_LIMIT, TEXT_LIMIT = 64 * 2**20, 2 * 2**20
"""Bytes of a file, and what is left of it without pictures, above which it is not read."""
CELL, ROW, DEFINED, EDGE, MERGED = "\ue0c1", "\ue0c2", "\ue0c3", "\ue0c4", "\ue0c5"
"""Private characters for the end of a cell and of a row, and for what defines a row: its begin, each cell's edge, and
a cell that continues the one above."""

_HEX = re.compile(r"[0-9A-Fa-f][0-9A-Fa-f\s]{126,}[0-9A-Fa-f]")
_BINARY = re.compile(r"(?<!\\)\\bin(\d{1,9}) ?")
_CODEPAGE = re.compile(r"(?<!\\)\\ansicpg(\d{1,5})")
_HIDDEN = re.compile(r"(?<!\\)\\(?:deleted|listtext|fldinst|pict)(?![A-Za-z0-9])")
"""Struck text, printed numbers of lists, field codes and pictures: under the name of another destination they are left
out. (Field codes and pictures are anyhow, but in ways that take hours over many links and lose text after \\pict.)"""
_MARKS = {"cell": CELL, "nestcell": CELL, "row": ROW, "trowd": DEFINED, "cellx": EDGE, "clvmrg": MERGED}
_MARK = re.compile(rf"(?<!\\)\\({'|'.join(_MARKS)})(?![A-Za-z])-?\d* ?")
_UNKNOWN_FONT = re.compile(r"(?<!\\)\\fcharset(?:7[89]|8[0-24-689]|130)(?!\d)")
"""Scripts of old Macintoshes and Johab, of which Python has no tables."""
_NONSENSE = re.compile(r"(?<!\\)\\u-?\d{6,}|\\uc(?!\d)(?![A-Za-z])|\\(?:f|uc)-?\d{7,}")


def measure_rtf(path: Path, known: Facts) -> Facts:
    """Facts of an .rtf: characters of the body (no headers, footers, notes, text boxes), title, text, main table."""
    if path.stat().st_size > FILE_LIMIT:
        return replace(known, error="文档过大，未读取内容")
    source = _without_pictures(path.read_bytes().decode("latin-1"))
    if len(source) > TEXT_LIMIT:
        return replace(known, error="文档过大，未读取内容")
    try:
        text = _words(source)
    except (ValueError, TypeError, LookupError, OverflowError):
        return replace(known, error="文档已损坏或不完整，无法读出内容")
    return told(known, _Reader().body(text))


def _without_pictures(source: str) -> str:
    """The source without binary data and long rows of hexadecimal digits."""
    kept, at = [], 0
    while hit := _BINARY.search(source, at):
        kept.append(source[at : hit.start()])
        at = hit.end() + int(hit[1])
    kept.append(source[at:])
    return _HEX.sub("", "".join(kept))


def _words(source: str) -> str:
    """The text. \\'xx bytes of a Chinese file are GB18030 whatever the font says; halves of a character are joined."""
    page = _CODEPAGE.search(source[:4096])
    encoding = _known(f"cp{page[1]}" if page else "cp1252")
    source = _UNKNOWN_FONT.sub(r"\\fcharset1", source)
    if encoding in ("cp936", "gbk", "gb18030"):
        source = re.sub(r"\\fcharset(?:0|134)(?!\d)", r"\\fcharset1", source)
        encoding = "gb18030"
    source = _HIDDEN.sub(r"\\private", _NONSENSE.sub("", _CODEPAGE.sub("", source)))
    source = source.replace("\\pict", "\\{}pict")  # a document about RTF writes it so
    source = _MARK.sub(lambda hit: f"{{{_MARKS[hit[1]]}}}", source)
    text: str = rtf_to_text(source, encoding=encoding, errors="replace")  # type: ignore[no-untyped-call]
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def _known(encoding: str) -> str:
    """The encoding, or that of Western Windows for one Python has no table of."""
    try:
        return codecs.lookup(
            {"cp54936": "gb18030", "cp20936": "gb18030", "cp10000": "mac_roman"}.get(encoding, encoding)
        ).name
    except LookupError:
        return "cp1252"


class _Reader:
    """Makes a body of striprtf's text with our marks in it."""

    def __init__(self) -> None:
        self._to = Builder()
        self._merged: list[bool] = []
        self._continues = self._in_row = self._in_table = False
        self._cell = 0

    def body(self, text: str) -> Body:
        for token in re.split(f"([{CELL}{ROW}{DEFINED}{EDGE}{MERGED}])", text):
            if token == DEFINED:
                self._merged, self._continues = [], False
                self._begin_row()
            elif token == MERGED:
                self._continues = True
            elif token == EDGE:
                self._merged.append(self._continues)
                self._continues = False
            elif token == CELL and self._in_row:
                self._end_cell()
            elif token == ROW:
                self._in_row = False
            elif token:
                self._write(token)
        if self._in_table:
            self._to.end_table()
        return self._to.body()

    def _begin_row(self) -> None:
        if self._in_row:
            return
        if not self._in_table:
            self._to.begin_table()
        self._in_row = self._in_table = True
        self._cell = 0
        self._to.begin_row()
        self._to.begin_cell()

    def _end_cell(self) -> None:
        self._to.continues(self._cell < len(self._merged) and self._merged[self._cell])
        self._to.end_cell()
        self._cell += 1
        self._to.begin_cell()

    def _write(self, text: str) -> None:
        if self._in_table and not self._in_row and text.strip():
            self._to.end_table()
            self._in_table = False
        if text.strip() or not self._in_table:
            for line in text.removesuffix("\n").split("\n"):
                self._to.paragraph(line)
