"""One mail file to what its headers and text say, and its decoded files beside it."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from archive.records import Mail, Nested
from config.settings import LimitSettings
from intake.addresses import Correspondents, correspondents, look, message_ids
from intake.headers import clean, decode_header, decode_octets, parameters
from intake.names import safe_name
from intake.split import Budget, Headers, MailTooComplex, Part, Stream, first, split, uudecoded
from intake.text import body_text, own_and_quoted, text_of_html, tidy

__all__ = ["Leaf", "MailTooComplex", "decode_header", "peek_headers", "read_mail"]

TEXT_BYTES = 1024 * 1024
"""Bytes of one text part that are read as text."""
UUENCODED_BYTES = 32 * 1024 * 1024
"""Bytes of a text part that are read when files are written into it."""
PEEK_BYTES = 256 * 1024
_GUARD = frozenset(
    {
        "return-path",
        "auto-submitted",
        "precedence",
        "x-auto-response-suppress",
        "x-autoreply",
        "x-autorespond",
        "x-loop",
        "x-failed-recipients",
        "feedback-id",
        "content-type",
        "delivered-to",
        "authentication-results",
    }
)
_GUARD_PREFIXES = ("list-", "x-baosong-")
_GUARD_VALUE = 2000
_GUARD_COUNT = 200
_REPORTS = ("message/delivery-status", "message/disposition-notification", "text/rfc822-headers")
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/ms-tnef": ".dat",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/x-ms-wmv": ".wmv",
    "video/x-ms-asf": ".wmv",
}
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[M!-L][ -`]{4,}\r?\n)", re.MULTILINE)
_UUEND = re.compile(rb"^end[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Leaf:
    """One decoded file of a mail: fields as in `Piece`; content_id without brackets; mime as the sender declared it."""

    path: str
    name: str
    stored: str
    sha256: str
    size: int
    inline: bool = False
    content_id: str = ""
    mime: str = ""
    within: str | None = None
    problem: str | None = None


@dataclass
class _Text:
    """Bodies gathered on the way: of the mail itself, of mails inside it, and what a report says."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    report: dict[str, str] = field(default_factory=dict)

    def words(self) -> str:
        """The plain bodies, else the text of the HTML."""
        plain = "\n\n".join(text for text in self.plain if text.strip())
        return plain if plain.strip() else "\n\n".join(text_of_html(markup) for markup in self.html)


def read_mail(path: Path, out: Path, limits: LimitSettings) -> tuple[Mail, tuple[Leaf, ...]]:
    """Take the mail file at `path` apart, streaming: each attachment is decoded once into a file below `out`.

    `out` is the folder `files` beside the mail (made when needed); a leaf's `stored` is `files/…`. Parts of a mail
    inside the mail have paths `3/1` and `within` `3`. MailTooComplex above a limit; OSError when a file cannot be
    read or written.
    """
    reader = _Reader(out, limits)
    text = _Text()
    headers = reader.walk(path, "", text, 0)
    words = text.words()
    own, quoted = own_and_quoted(words)
    nested_words = "\n\n".join(tidy(inner.words()[:TEXT_BYTES]) for inner in reader.nested_text)
    mail = _mail(headers, correspondents(headers))
    mail = replace(
        mail,
        text=own,
        quoted=tidy("\n\n".join((quoted, nested_words))),
        nested=tuple(reader.nested),
    )
    mail = _with_report(mail, text.report)
    shown = "\n".join(text.html)
    return mail, tuple(_shown(leaf, shown) for leaf in reader.leaves)


def _shown(leaf: Leaf, markup: str) -> Leaf:
    """A picture the HTML refers to by cid is inline, whatever its disposition says."""
    if leaf.content_id and not leaf.inline and f"cid:{leaf.content_id}" in markup:
        return replace(leaf, inline=True)
    return leaf


class _Reader:
    """Writes leaves of one mail and of the mails inside it."""

    def __init__(self, out: Path, limits: LimitSettings) -> None:
        self._out = out
        self._limits = limits
        self._budget = Budget(parts=limits.parts)
        self._bytes = limits.archive_bytes
        self._taken: set[str] = set()
        self.leaves: list[Leaf] = []
        self.nested: list[Nested] = []
        self.nested_text: list[_Text] = []

    def walk(self, path: Path, prefix: str, text: _Text, depth: int) -> Headers:
        """One mail file; then the mails inside it, as files of their own."""
        inner: list[tuple[str, Leaf]] = []
        within = prefix.rstrip("/") or None

        def visit(part: Part, chunks: Iterator[bytes]) -> None:
            if _is_report(part):
                _read_report(part, _collected(chunks), text.report)
            elif _is_body(part):
                self._read_body(part, chunks, text, prefix, within)
            else:
                leaf = self._write(part, chunks, prefix, within)
                if part.mime == "message/rfc822":
                    inner.append((part.container, leaf))

        headers = split(path, visit, self._limits, self._budget)
        for container, leaf in inner:
            self._open(container, leaf, text, depth + 1)
        return headers

    def _open(self, container: str, leaf: Leaf, text: _Text, depth: int) -> None:
        """A mail inside the mail: in a report it names our letter, else it is a forwarded mail with its own files."""
        file = self._out / leaf.stored.removeprefix("files/")
        if container == "multipart/report":
            headers = _headers_of(file)
            text.report.setdefault("returned", "".join(message_ids(first(headers, "message-id"))[:1]))
            return
        if depth > self._limits.archive_depth:
            raise MailTooComplex("邮件中的邮件嵌套层数超过上限，未能拆解。")
        inner_text = _Text()
        headers = self.walk(file, f"{leaf.path}/", inner_text, depth)
        who = correspondents(headers)
        subject = decode_header(first(headers, "subject"))
        self.nested.append(Nested(leaf.path, who.sender, who.sender_name, subject, who.date))
        self.nested_text.append(inner_text)

    def _read_body(self, part: Part, chunks: Iterator[bytes], text: _Text, prefix: str, within: str | None) -> None:
        html = part.mime == "text/html"
        octets = _collected(chunks)
        if not html and _UUENCODED.search(octets):
            octets = self._uuencoded(part, octets + _collected(chunks, UUENCODED_BYTES), prefix, within)
        words = body_text(octets[:TEXT_BYTES], part.parameters.get("charset", ""), html)
        (text.html if html else text.plain).append(words)

    def _uuencoded(self, part: Part, octets: bytes, prefix: str, within: str | None) -> bytes:
        """Files old programs wrote into the text (`begin 644 name` … `end`) become leaves; the text without them."""
        kept: list[bytes] = []
        place = 0
        for number, match in enumerate(_UUENCODED.finditer(octets), 1):
            end = _UUEND.search(octets, match.end())
            if end is None or match.start() < place:
                continue
            name = clean(decode_octets(match.group(1)))
            inner = Part(f"{part.path}/{number}", [], "application/octet-stream", {"name": name}, part.mime)
            lines = octets[match.end() : end.start()].splitlines(keepends=True)
            self._write(inner, map(uudecoded, lines), prefix, within)
            kept.append(octets[place : match.start()])
            place = end.end()
        return b"".join([*kept, octets[place:]])

    def _write(self, part: Part, chunks: Iterator[bytes], prefix: str, within: str | None) -> Leaf:
        path = prefix + part.path
        name = part.name
        fallback = f"part-{path.replace('/', '-')}{_EXTENSIONS.get(part.mime, '.bin')}"
        segment = safe_name(name or fallback, self._taken)
        if not self.leaves:
            self._out.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with (self._out / segment).open("xb", buffering=0) as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                self._bytes -= len(chunk)
                if self._bytes < 0:
                    raise MailTooComplex("邮件拆解后的总大小超过上限。")
                file.write(chunk)
        content_id = decode_header(part.header("content-id")).strip("<> ")
        inline = part.disposition == "inline"
        leaf = Leaf(path, name, f"files/{segment}", digest.hexdigest(), size, inline, content_id, part.mime, within)
        self.leaves.append(leaf)
        return leaf


def _is_body(part: Part) -> bool:
    """Text of the mail itself: plain or HTML, unnamed, not declared an attachment."""
    return part.mime in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name


def _is_report(part: Part) -> bool:
    return part.mime in _REPORTS and part.disposition != "attachment" and not part.name


def _collected(chunks: Iterator[bytes], limit: int = TEXT_BYTES) -> bytes:
    """What is next, until at least `limit` bytes or the end."""
    found: list[bytes] = []
    size = 0
    for chunk in chunks:
        found.append(chunk)
        size += len(chunk)
        if size >= limit:
            break
    return b"".join(found)


def _read_report(part: Part, octets: bytes, report: dict[str, str]) -> None:
    """Fields of a DSN (RFC 3464) or read receipt (RFC 8098); of returned headers the Message-ID."""
    if part.mime == "text/rfc822-headers":
        match = re.search(rb"^message-id[ \t]*:(.*(?:\n[ \t].*)*)", octets, re.IGNORECASE | re.MULTILINE)
        if match:
            report.setdefault("returned", "".join(message_ids(match.group(1))[:1]))
        return
    for line in octets.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            report.setdefault(name.strip().lower().decode("latin-1"), decode_header(value[:1000]))


def _with_report(mail: Mail, report: dict[str, str]) -> Mail:
    if not report:
        return mail
    recipient = report.get("final-recipient") or report.get("original-recipient") or ""
    status = _STATUS.search(report.get("status", "") or report.get("diagnostic-code", ""))
    original = "".join(message_ids(report.get("original-message-id", "").encode())[:1])
    return replace(
        mail,
        report_for=original or report.get("returned") or None,
        report_status=status.group(1) if status else None,
        report_recipient=recipient.rpartition(";")[2].strip(" <>") or None,
    )


def _mail(headers: Headers, who: Correspondents) -> Mail:
    ids = message_ids(first(headers, "message-id"))
    return Mail(
        sender=who.sender,
        sender_name=who.sender_name,
        reply_to=who.reply_to,
        to=who.to,
        cc=who.cc,
        subject=decode_header(first(headers, "subject")),
        message_id=ids[0] if ids else "",
        in_reply_to=message_ids(first(headers, "in-reply-to")),
        references=message_ids(first(headers, "references")),
        date=who.date,
        content_type=_content_type(headers),
        guard_headers=_guard_headers(headers),
    )


def _content_type(headers: Headers) -> str:
    mime, given = parameters(first(headers, "content-type"))
    if "/" not in mime:
        return "text/plain"
    return f"{mime}; report-type={given['report-type'].lower()}" if given.get("report-type") else mime


def _guard_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    found = [
        (name, decode_header(value[:_GUARD_VALUE]))
        for name, value in headers
        if name in _GUARD or name.startswith(_GUARD_PREFIXES)
    ]
    return tuple(found[:_GUARD_COUNT])


def _headers_of(path: Path) -> Headers:
    """The top headers alone, within PEEK_BYTES."""
    with path.open("rb", buffering=0) as file:
        beginning = io.BytesIO(file.read(PEEK_BYTES))
    return Stream(beginning, Budget(parts=1, header_bytes=2 * PEEK_BYTES)).headers()


def peek_headers(path: Path) -> Mail:
    """What a bounded look at the top headers gives; never raises, an unreadable file gives an empty Mail."""
    try:
        headers = _headers_of(path)
        return _mail(headers, look(headers))
    except Exception:  # the last resort for mails that broke everything else
        return Mail()
