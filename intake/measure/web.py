"""Web pages (.html, .mht, and such pages named .doc or .xls): words, title and tables."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from pathlib import Path

from lxml import etree, html

from archive.records import Facts
from intake.measure.body import WIDEST, Body, Builder, Spans, told
from intake.measure.plain import decode

PAGE_LIMIT = 16 * 2**20
"""Bytes above which a page is not read."""
SKIPPED = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "xml", "rt", "rp", "del"})
BLOCKS = frozenset(
    {
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "pre", "blockquote", "caption"),
        *("section", "article", "body", "center", "address", "table", "tr", "td", "th"),
    }
)
ASIDES = frozenset({"header", "footer", "sdfootnote", "sdendnote", "sdfootnoteanc", "sdendnoteanc"})
"""How LibreOffice names headers, footers, notes and their anchors."""
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{1,20})", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030"}
_ASIDE = re.compile(r"mso-element:\s*(?:footnote|endnote|comment|header|footer)|display:\s*none", re.IGNORECASE)
"""Styles of what is not in the body of a page Word wrote, or is not shown."""


def measure_html(path: Path, known: Facts) -> Facts:
    """Facts of a web page: characters of what it shows, title (its first line, else <title>), text, main table."""
    if path.stat().st_size > PAGE_LIMIT:
        return replace(known, error="网页过大，未读取内容")
    return _measured(known, path.read_bytes(), None)


def measure_mht(path: Path, known: Facts) -> Facts:
    """Facts of a web page kept as one file (MHTML, RFC 2557)."""
    if path.stat().st_size > PAGE_LIMIT:
        return replace(known, error="网页过大，未读取内容")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content.strip():
                return _measured(known, content, part.get_content_charset())
    return replace(known, error="网页文件中没有可读的内容，请另存为docx后重发")


def _measured(known: Facts, content: bytes, charset: str | None) -> Facts:
    try:
        tree = html.document_fromstring(re.sub(r"^<\?xml[^>]*\?>", "", _decoded(content, charset).lstrip()))
    except (etree.LxmlError, ValueError):
        return replace(known, error="网页已损坏或不完整，无法读出内容")
    title = " ".join((tree.findtext(".//title") or "").split())[:120]
    return told(known, _Reader().body(tree), title or None)


def _decoded(content: bytes, charset: str | None) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return decode(content)
    named = _CHARSET.search(content[:4096])
    name = (charset or (named[1].decode("ascii", errors="replace") if named else "")).lower()
    try:
        return content.decode(_WIDER.get(name, name or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decode(content)


class _Reader:
    """Walks a page in reading order."""

    def __init__(self) -> None:
        self._to = Builder()
        self._spans: list[Spans] = []
        self._columns: list[int] = []
        self._open = False

    def body(self, tree: html.HtmlElement) -> Body:
        skip: object = None
        for event, node in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
            if event in ("comment", "pi"):
                self._text(node.tail if skip is None else None)
            elif event == "start" and skip is None:
                if self._hidden(node):
                    skip = node
                else:
                    self._start(node)
            elif event == "end":
                if skip is None:
                    self._end(node)
                if skip is node:
                    skip = None
                if skip is None:
                    self._text(node.tail)
        self._break()
        return self._to.body()

    def _hidden(self, node: html.HtmlElement) -> bool:
        if node.tag in SKIPPED or _ASIDE.search(node.get("style") or ""):
            return True
        named = (node.get("title"), (node.get("id") or "").rstrip("0123456789"), (node.get("class") or "").lower())
        return node.tag in ("div", "a", "sup") and not ASIDES.isdisjoint(named)

    def _start(self, node: html.HtmlElement) -> None:
        name = node.tag if isinstance(node.tag, str) else ""
        if name in BLOCKS:
            self._break()
        if name == "table":
            self._to.begin_table()
            self._spans.append(Spans())
            self._columns.append(0)
        elif name == "tr" and self._columns:
            self._to.begin_row()
            self._spans[-1].next_row()
            self._columns[-1] = 0
        elif name in ("td", "th") and self._columns:
            self._cell(node)
        elif name == "br":
            self._break()
        self._text(node.text)

    def _cell(self, node: html.HtmlElement) -> None:
        while self._columns[-1] < WIDEST and self._spans[-1].covered(self._columns[-1]):
            self._to.begin_cell()
            self._to.continues()
            self._to.end_cell()
            self._columns[-1] += 1
        wide = _count(node.get("colspan"))
        self._spans[-1].place(self._columns[-1], wide, _count(node.get("rowspan")))
        self._columns[-1] += wide
        self._to.begin_cell()
        self._to.span(wide)

    def _end(self, node: html.HtmlElement) -> None:
        name = node.tag if isinstance(node.tag, str) else ""
        if name in BLOCKS:
            self._break()
        if name in ("td", "th"):
            self._to.end_cell()
        elif name == "table" and self._columns:
            self._to.end_table()
            self._spans.pop()
            self._columns.pop()

    def _text(self, text: str | None) -> None:
        if text and (self._open or text.strip()):
            if not self._open:
                self._to.begin_paragraph()
                self._open = True
            self._to.write(re.sub(r"[ \t\r\n\f]+", " ", text))

    def _break(self) -> None:
        if self._open:
            self._to.end_paragraph()
            self._open = False


def _count(value: str | None) -> int:
    return max(1, min(int(value), 1000)) if value and value.isascii() and value.isdecimal() and len(value) < 8 else 1
