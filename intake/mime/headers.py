"""Header octets to text: encoded words, raw 8-bit, parameters with continuations, as Chinese mail writes them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

import pybase64

_WORD = re.compile(rb"=\?([^?\s=]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(rb"^[ \t\r\n]*$")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FOLD = re.compile("[\r\n\t\u2028\u2029]+ *")
_TEXT_CODEC = re.compile(r"^(utf|iso|windows|cp|koi8|mac|shift|sjis|euc|big5|gb|hz|us|ascii|latin|ks|johab|tis)")
_UTF8_MARK = b"\xef\xbb\xbf"
_WIDER = {
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gbk": "gb18030",
    "gb": "gb18030",
    "xgbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows936": "gb18030",
    "euccn": "gb18030",
    "chinese": "gb18030",
    "isoir58": "gb18030",
    "csgb2312": "gb18030",
    "usascii": "utf-8",
    "ascii": "utf-8",
    "utf8": "utf-8",
    "big5": "big5hkscs",
}


def codec_of(label: str) -> str:
    """The codec to read a charset label with: gb2312 and gbk carry GB18030; "" when the label names no text codec."""
    name = label.strip(" \t\"'").lower().split("*", 1)[0]
    wider = _WIDER.get(name.replace("-", "").replace("_", "").replace(".", ""))
    if wider:
        return wider
    return name if _TEXT_CODEC.match(name) else ""


def decode_octets(octets: bytes, label: str = "") -> str:
    """Text of octets: by the label's codec, else UTF-8, else GB18030, else with replacement marks. Never raises."""
    codec = codec_of(label) if label else ""
    if octets.startswith(_UTF8_MARK):
        codec, octets = "utf-8", octets[3:]
    for name in (codec, "utf-8", "gb18030"):
        if not name:
            continue
        try:
            return octets.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    for name in (codec, "utf-8"):
        try:
            return octets.decode(name, "replace")
        except (LookupError, UnicodeError, ValueError):
            continue
    return octets.decode("latin-1")


def clean(text: str) -> str:
    """One line of text without controls, NUL, line ends or lone surrogates."""
    return _CONTROL.sub("", _FOLD.sub(" ", text)).strip()


def decode_header(raw: bytes) -> str:
    """The text of a header's octets (RFC 2047 and what is written instead of it): one line, never raises.

    Adjacent encoded words of one charset are joined before decoding, since senders split inside a character;
    gb2312 and gbk are read as GB18030; raw 8-bit octets are UTF-8, else GB18030.
    """
    if b"=?" not in raw:
        return clean(decode_octets(raw))
    return clean("".join(text for text in _pieces(raw)))


def _pieces(raw: bytes) -> Iterator[str]:
    place = 0
    words: list[tuple[str, bytes, bytes]] = []
    for match in _WORD.finditer(raw):
        between = raw[place : match.start()]
        if not (words and _GAP.match(between)):
            yield from _flush(words)
            words = []
            if between:
                yield decode_octets(between)
        charset, encoding, text = match.groups()
        words.append((charset.decode("latin-1"), encoding.upper(), text))
        place = match.end()
    yield from _flush(words)
    if place < len(raw):
        yield decode_octets(raw[place:])


def _flush(words: list[tuple[str, bytes, bytes]]) -> Iterator[str]:
    """Text of adjacent encoded words: octets of one charset joined, then decoded."""
    octets: list[bytes] = []
    current = ""
    open_base64 = b""
    for charset, encoding, text in words:
        label = codec_of(charset) or charset
        if label != current and (octets or open_base64):
            yield decode_octets(b"".join([*octets, _base64(open_base64)]), current)
            octets, open_base64 = [], b""
        current = label
        if encoding == b"B":
            text = open_base64 + b"".join(text.split())
            open_base64 = b""
            if len(text) % 4 and not text.endswith(b"="):
                open_base64 = text
            else:
                octets.append(_base64(text))
        else:
            octets += [_base64(open_base64), _quoted(text)]
            open_base64 = b""
    if words:
        yield decode_octets(b"".join([*octets, _base64(open_base64)]), current)


def _quoted(text: bytes) -> bytes:
    return binascii.a2b_qp(b"".join(text.splitlines()), header=True)


def _base64(text: bytes) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except binascii.Error:
        pass
    return b"".join(_runs(text))


def _runs(text: bytes) -> Iterator[bytes]:
    """Tolerant: each run up to its padding by itself, foreign octets dropped, a lone last sextet dropped."""
    for run in text.split(b"="):
        letters = _NOT_BASE64.sub(b"", run)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        yield binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_SECTION = re.compile(r"^([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_ESCAPE = re.compile(r'\\(["\\])')
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """Value (lower case) and parameters of a structured header such as Content-Type; names lower case.

    Understands RFC 2231 (charset, continuations split inside a character), encoded words inside quotes and raw
    8-bit octets. `name*` wins over `name`. Never raises.
    """
    text = decode_octets(raw)
    value, semicolon, rest = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    if semicolon:
        for match in _PARAMETER.finditer(";" + rest):
            name, content = match.group(1).lower(), _unquote(match.group(2))
            section = _SECTION.match(name)
            if section is None or (section.group(2) is None and section.group(3) is None):
                plain.setdefault(name, _decoded(content))
            else:
                number = int(section.group(2) or 0)
                sections.setdefault(section.group(1), {}).setdefault(number, (content, bool(section.group(3))))
    for name, numbered in sections.items():
        plain[name] = _extended(numbered)
    return clean(value).lower(), plain


def _unquote(content: str) -> str:
    content = content.strip()
    if not content.startswith('"'):
        return content
    content = content[1:-1] if len(content) > 1 and content.endswith('"') else content[1:]
    return _ESCAPE.sub(r"\1", content)


def _decoded(content: str) -> str:
    return decode_header(content.encode("utf-8", "replace")) if "=?" in content else clean(content)


def _extended(numbered: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 sections joined, then decoded: a character may be split between two, even one %XX of it."""
    octets = open_ = b""
    charset = ""
    for position, number in enumerate(sorted(numbered)):
        content, encoded = numbered[number]
        if encoded and position == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data = content.encode("utf-8", "replace")
        if encoded:
            open_ += data
        else:
            octets, open_ = octets + _unescaped(open_) + data, b""
    octets += _unescaped(open_)
    if b"=?" in octets:
        return decode_header(octets)
    return clean(decode_octets(octets, charset))


def _unescaped(data: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match.group(1), 16),)), data)
