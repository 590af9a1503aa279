"""Harmless: a mail's HTML as HTML that loads nothing, runs nothing and leads nowhere; in a process behind the wall.

A list of what may stay, never one of what must go. Links become text. Of pictures only those the mail itself carries
stay, as `<img src="cid:PATH">` with the path of the piece; whoever shows them draws them anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import lxml.etree
import lxml.html
import nh3

from config.settings import LimitSettings
from intake.mail import is_body
from intake.mime.headers import decode_header
from intake.mime.split import Budget, Part, split
from intake.mime.text import body_text

LARGEST = 512 * 1024
"""Bytes of HTML that are shown; the rest is told to be missing."""
TAGS = {
    "p", "div", "br", "hr", "span", "font", "center", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "big",
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"align", "style"}, "font": {"color", "size"}, "td": {"colspan", "rowspan", "bgcolor", "valign"},
    "th": {"colspan", "rowspan", "bgcolor", "valign"}, "table": {"border", "bgcolor", "cellpadding"},
    "tr": {"bgcolor"}, "ol": {"start"},
}  # fmt: skip
STYLES = {"color", "font-weight", "font-style", "text-decoration", "text-align", "text-indent"}
"""None of them names an address, moves anything or covers anything."""
GONE = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math", "textarea",
        "select", "option", "noembed", "noframes", "xmp", "plaintext"}  # fmt: skip
"""Tags whose content goes with them."""


def main() -> None:
    """Standard input: `{"path": MESSAGE, "limits": …}`. Standard output: the HTML in UTF-8; nothing without HTML."""
    asked = json.load(sys.stdin)
    shown = harmless_html(Path(asked["path"]), LimitSettings.model_validate(asked["limits"]))
    sys.stdout.buffer.write(shown.encode("utf-8", "replace"))


def harmless_html(message: Path, limits: LimitSettings) -> str:
    """The HTML bodies of the mail in that file; "" when there are none. MailTooComplex, OSError."""
    bodies: list[str] = []
    pictures: dict[str, str] = {}

    def visit(part: Part, chunks: Iterator[bytes]) -> None:
        if part.mime == "text/html" and is_body(part):
            octets = b"".join(_up_to(chunks, LARGEST + 1))
            markup = body_text(octets[:LARGEST], part.parameters.get("charset", ""), html=True)
            bodies.append(markup + ("<p>（以下过长，没有显示）</p>" if len(octets) > LARGEST else ""))
        elif content_id := decode_header(part.header("content-id")).strip("<> "):
            pictures.setdefault(content_id, part.path)

    split(message, visit, limits, Budget(parts=limits.parts))
    return "<hr>".join(harmless(markup, pictures) for markup in bodies if markup.strip())


def _up_to(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size <= 0:
            return


def harmless(markup: str, pictures: dict[str, str]) -> str:
    """HTML of a stranger made harmless. pictures: Content-ID → path of the piece."""
    rough = _clean(markup, {"a": {"href"}, "img": {"src", "alt"}}, {"http", "https", "mailto", "ftp", "cid"})
    return _clean(_told(rough, pictures), {"img": {"src", "alt"}}, {"cid"})  # cleaned last, whatever was done before


def _clean(markup: str, more: dict[str, set[str]], schemes: set[str]) -> str:
    return nh3.clean(
        markup,
        tags=TAGS | set(more),
        attributes=ATTRIBUTES | more,
        clean_content_tags=GONE,
        url_schemes=schemes,
        url_relative="deny",
        filter_style_properties=STYLES,
        link_rel=None,
    )


def _told(markup: str, pictures: dict[str, str]) -> str:
    """Links with their address as text, pictures by the path of their piece; remote ones only named."""
    try:
        root = lxml.html.fragment_fromstring(markup, create_parent="div")
    except (lxml.etree.LxmlError, ValueError):
        return markup  # the last cleaning drops links and pictures
    for link in list(root.iter("a")):
        address = (link.get("href") or "").removeprefix("mailto:")
        if address and address not in "".join(link.itertext()):
            note = lxml.html.Element("small")
            note.text = f"〔{address}〕"
            link.append(note)
        link.tag = "span"
    for image in list(root.iter("img")):
        source = image.get("src") or ""
        path = pictures.get(source.removeprefix("cid:")) if source.startswith("cid:") else None
        if path is not None:
            image.set("src", f"cid:{path}")
        else:
            image.tag = "small"
            image.text = f"〔图片{'在网上，没有载入' if source else '没有随信发来'}：{image.get('alt') or '无说明'}〕"
    return str(lxml.html.tostring(root, encoding="unicode"))
