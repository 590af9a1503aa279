"""What the unit wrote in the mail itself: text of plain and HTML bodies, with quoted originals cut off."""

from __future__ import annotations

import re

import lxml.etree
import lxml.html

from intake.mime.headers import decode_octets

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "pre", "hr")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[^<>]{0,1000}>")

_QUOTED = re.compile(
    r"^[ \t>]*(?:"
    r"-{2,}[ \t]*(?:原始邮件|原邮件|回复的原邮件|回复的邮件|转发邮件信息|转发的邮件|转发邮件|原始郵件"
    r"|Original Message|Original|Forwarded message|Forwarding messages?)"
    r"|(?:发件人|寄件者|寄件人|From)[ \t]*[:：][^\n]{0,300}\n(?:[^\n]{0,300}\n){0,3}?[ \t>]*"
    r"(?:发送时间|发送日期|寄件日期|日期|时间|收件人|Sent|Date|To)[ \t]*[:：]"
    r"|(?:在|于|At|On)[^\n\d]{0,200}\d[^\n]{0,300}?(?:写道|寫道|wrote)[ \t]*[:：]"
    r"|[^\n]{1,120}于[^\n]{0,60}\d{4}[^\n]{0,60}写道[ \t]*[:：]"
    r")",
    re.MULTILINE | re.IGNORECASE,
)
_HINTS = (
    "原始邮件",
    "原邮件",
    "原始郵件",
    "转发",
    "回复的",
    "写道",
    "寫道",
    "发件人",
    "寄件",
    "original",
    "forward",
    "wrote",
)


def charset_of_html(octets: bytes) -> str:
    """The charset the document's <meta> names within its first 4 kB, else ""."""
    match = _META.search(octets, 0, 4096)
    return match.group(1).decode("ascii") if match else ""


def body_text(octets: bytes, charset: str, html: bool) -> str:
    """Text of one body part (of an HTML part: its markup). charset "" = not declared."""
    if html and not charset:
        charset = charset_of_html(octets)
    return _CONTROL.sub("", decode_octets(octets, charset).replace("\r\n", "\n").replace("\r", "\n"))


def text_of_html(markup: str) -> str:
    """The words a reader sees: scripts, styles and head dropped, one line a block. Never raises."""
    if not markup.strip():
        return ""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return tidy(_TAG.sub(" ", markup))
    lxml.etree.strip_elements(root, "script", "style", "head", "title", "template", with_tail=False)
    for block in root.iter(*BLOCKS):
        block.tail = "\n" + (block.tail or "")
        if block.text and block.tag != "br":
            block.text = "\n" + block.text
    return tidy("".join(str(piece) for piece in root.itertext()))


def tidy(text: str) -> str:
    """Without trailing blanks and runs of empty lines."""
    lines = text.replace("\u00a0", " ").split("\n")
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip()


def quote_begins(text: str) -> int | None:
    """Where the quoted original begins by its heading (`---原始邮件---`, `发件人：`, `写道：`); None without one."""
    lowered = text.lower()
    if "from:" in lowered or any(hint in lowered for hint in _HINTS):
        match = _QUOTED.search(text)
        return match.start() if match else None
    return None


def own_and_quoted(text: str) -> tuple[str, str]:
    """The sender's own words, and the quoted original (`---原始邮件---`, `发件人：`, `写道：` and below; `>` lines)."""
    quoted: list[str] = []
    begins = quote_begins(text)
    if begins is not None:
        quoted.append(text[begins:])
        text = text[:begins]
    if ">" in text:
        lines = text.split("\n")
        own = [line for line in lines if not line.lstrip().startswith(">")]
        if len(own) < len(lines):
            quoted.insert(0, "\n".join(line for line in lines if line.lstrip().startswith(">")))
            text = "\n".join(own)
    return tidy(text), tidy("\n".join(quoted))
