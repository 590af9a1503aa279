"""A mail file cut into its MIME parts while it is read once, window by window; no part is ever held whole."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pybase64

from config.settings import LimitSettings
from intake.mime.headers import parameters

WINDOW = 256 * 1024
HEADER_BYTES = 1024 * 1024
"""All header lines of one mail together."""
_LONGEST_BOUNDARY_LINE = 1000
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")

Headers = list[tuple[str, bytes]]
"""Header names in lower case with the raw octets of their value, line ends of folding included, in order."""


class MailTooComplex(Exception):
    """The mail exceeds a limit; the text is one Chinese sentence for staff, `problem` the code where it is a piece."""

    def __init__(self, text: str, problem: str = "too-many") -> None:
        super().__init__(text)
        self.problem = problem


@dataclass
class Budget:
    """What one mail may still cost: shared by the mail and the mails inside it."""

    parts: int
    header_bytes: int = HEADER_BYTES

    def take_part(self) -> None:
        """Count one part."""
        self.parts -= 1
        if self.parts < 0:
            raise MailTooComplex("邮件的分段数超过上限，未能拆解。")

    def take_header(self, size: int) -> None:
        """Count header bytes."""
        self.header_bytes -= size
        if self.header_bytes < 0:
            raise MailTooComplex("邮件头过长，未能拆解。", "damaged")


@dataclass
class Part:
    """One leaf of the MIME tree as its headers describe it.

    path: IMAP part number (`1`, `2.1`). container: MIME type of the multipart around it, "" at the top.
    """

    path: str
    headers: Headers
    mime: str
    parameters: dict[str, str]
    container: str
    disposition: str = ""
    disposition_parameters: dict[str, str] | None = None

    def header(self, name: str) -> bytes:
        """Raw value of the first header of that name, else b""."""
        return first(self.headers, name)

    @property
    def name(self) -> str:
        """The file name the sender gave, "" when none: filename before name."""
        return (self.disposition_parameters or {}).get("filename", "") or self.parameters.get("name", "")


def first(headers: Headers, name: str) -> bytes:
    """Raw value of the first header of that (lower-case) name, else b""."""
    for known, value in headers:
        if known == name:
            return value
    return b""


Visit = Callable[[Part, Iterator[bytes]], None]
"""Takes a leaf and its decoded octets in windows; what it leaves unread is skipped."""


class Stream:
    """A mail file read forward in windows, stopping at boundary lines of the open multiparts."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        self._file = file
        self._budget = budget
        self._buffer = b""
        self._place = 0
        self._before = 0
        self._ended = False
        self._levels: list[bytes] = []
        self.hit: tuple[int, bool] | None = None
        """The boundary line last met: (level, closing); None at the end of the file."""

    def open(self, boundary: str) -> int:
        """A multipart begins; its level is returned."""
        self._levels.append(boundary.rstrip().encode("utf-8", "replace"))
        return len(self._levels) - 1

    def close(self) -> None:
        """The innermost multipart ends."""
        self._levels.pop()

    def tell(self) -> int:
        """Offset in the file of what comes next."""
        return self._before + self._place

    def seek(self, offset: int) -> None:
        """Read again from an offset."""
        self._file.seek(offset)
        self._buffer, self._place, self._before, self._ended = b"", 0, offset, False

    def _fill(self) -> bool:
        """One more window behind what is unread; False at the end of the file."""
        if self._ended:
            return False
        more = self._file.read(WINDOW)
        self._ended = len(more) < WINDOW
        self._before += self._place
        self._buffer = self._buffer[self._place :] + more
        self._place = 0
        return True

    def headers(self) -> Headers:
        """Header lines up to the empty line; a boundary line or a line that is no header also ends them."""
        self.hit = None
        found: Headers = []
        while True:
            line = self._line()
            if not line:
                return found
            if line.startswith(b"--") and self._levels and (hit := self._match(line)):
                self.hit = hit
                return found
            if line in (b"\r\n", b"\n"):
                return found
            if line[0] in b" \t" and found:
                found[-1] = (found[-1][0], found[-1][1] + line)
                continue
            match = _HEADER.match(line)
            if match:
                found.append((match.group(1).decode("ascii").lower(), match.group(2)))
            elif found or not line.startswith((b"From ", b">From ")):
                self._place -= len(line)
                return found

    def _line(self) -> bytes:
        end = self._buffer.find(b"\n", self._place)
        while end < 0 and self._fill():
            end = self._buffer.find(b"\n", self._place)
            if end < 0 and len(self._buffer) > HEADER_BYTES:
                break
        line = self._buffer[self._place : end + 1 if end >= 0 else len(self._buffer)]
        self._budget.take_header(len(line))
        self._place += len(line)
        return line

    def _match(self, line: bytes) -> tuple[int, bool] | None:
        """The level a line `--…` is a boundary of, innermost first, and whether it closes it."""
        tag = line[2:].rstrip()
        for level in range(len(self._levels) - 1, -1, -1):
            if tag == self._levels[level]:
                return level, False
            if tag == self._levels[level] + b"--":
                return level, True
        return None

    def body(self) -> Iterator[bytes]:
        """Octets up to the next boundary line (its line end belongs to it) or the end of the file; sets `hit`."""
        self.hit = None
        if not self._levels:
            yield from self._rest()
            return
        if len(self._buffer) - self._place < _LONGEST_BOUNDARY_LINE:
            self._fill()
        candidate = self._place if self._buffer.startswith(b"--", self._place) else self._next(self._place)
        while True:
            if candidate < 0:
                keep = max(self._place, len(self._buffer) - 4)
                if self._ended:
                    keep = len(self._buffer)
                yield self._buffer[self._place : keep]
                self._place = keep
                if not self._fill():
                    return
                candidate = self._next(self._place)
                continue
            end = self._buffer.find(b"\n", candidate)
            if end < 0 and not self._ended and len(self._buffer) - candidate < _LONGEST_BOUNDARY_LINE:
                candidate -= self._place
                self._fill()
                continue
            line = self._buffer[candidate : end + 1 if end >= 0 else len(self._buffer)]
            hit = self._match(line) if len(line) < _LONGEST_BOUNDARY_LINE else None
            if hit:
                yield self._buffer[self._place : self._line_end(candidate)]
                self._place = candidate + len(line)
                self.hit = hit
                return
            candidate = self._next(candidate)

    def _next(self, start: int) -> int:
        found = self._buffer.find(b"\n--", start)
        return found + 1 if found >= 0 else -1

    def _line_end(self, candidate: int) -> int:
        """Where the line end before a boundary begins."""
        end = candidate
        if end > self._place and self._buffer[end - 1] == 10:
            end -= 1
            if end > self._place and self._buffer[end - 1] == 13:
                end -= 1
        return end

    def _rest(self) -> Iterator[bytes]:
        yield self._buffer[self._place :]
        self._place = len(self._buffer)
        while self._fill():
            yield self._buffer
            self._place = len(self._buffer)


def split(path: Path, visit: Visit, limits: LimitSettings, budget: Budget) -> Headers:
    """Walk the MIME tree of the mail in that file, calling `visit` for each leaf in order; the top headers.

    MailTooComplex above `limits.depth` multiparts, `budget` parts or header bytes; OSError of the file.
    """
    with path.open("rb", buffering=0) as file:
        walker = _Walker(Stream(file, budget), visit, limits.depth, budget)
        return walker.entity("", "", "text/plain")


class _Walker:
    def __init__(self, stream: Stream, visit: Visit, depth: int, budget: Budget) -> None:
        self._stream = stream
        self._visit = visit
        self._depth = depth
        self._budget = budget

    def entity(self, number: str, container: str, default: str) -> Headers:
        """Headers and body of one entity; the stream then stands behind the boundary line that ended it."""
        self._budget.take_part()
        stream = self._stream
        headers = stream.headers()
        mime, parameters_ = parameters(first(headers, "content-type"))
        if "/" not in mime:
            mime = default
        boundary = parameters_.get("boundary", "").rstrip()
        walkable = mime.startswith("multipart/") and boundary and stream.hit is None
        if walkable and self._multipart(number, mime, boundary):
            return headers
        part = _described(number or "1", headers, mime, parameters_, container)
        if stream.hit is not None:
            self._visit(part, iter(()))
            return headers
        raw = stream.body()
        self._visit(part, decoded(raw, part.header("content-transfer-encoding")))
        for _ in raw:
            pass
        return headers

    def _multipart(self, number: str, mime: str, boundary: str) -> bool:
        """Walk the children; False (and back at the body's start) when the boundary never occurs."""
        stream = self._stream
        start = stream.tell()
        level = stream.open(boundary)
        if level >= self._depth:
            raise MailTooComplex("邮件嵌套层数超过上限，未能拆解。", "too-deep")
        for _ in stream.body():
            pass
        if stream.hit is None or stream.hit[0] != level:
            stream.close()
            stream.seek(start)
            stream.hit = None
            return False
        default = "message/rfc822" if mime == "multipart/digest" else "text/plain"
        index = 0
        while stream.hit == (level, False):
            index += 1
            self.entity(f"{number}.{index}" if number else str(index), mime, default)
        stream.close()
        if stream.hit == (level, True):
            for _ in stream.body():
                pass
        return True


def _described(number: str, headers: Headers, mime: str, parameters_: dict[str, str], container: str) -> Part:
    part = Part(number, headers, mime, parameters_, container)
    disposition = part.header("content-disposition")
    if disposition:
        part.disposition, part.disposition_parameters = parameters(disposition)
    return part


def decoded(chunks: Iterator[bytes], transfer_encoding: bytes) -> Iterator[bytes]:
    """The octets behind a Content-Transfer-Encoding, window by window; malformed input is read tolerantly."""
    encoding = transfer_encoding.strip().strip(b"\"';").lower()
    if encoding == b"base64":
        return _base64(chunks)
    if encoding == b"quoted-printable":
        return _quoted_printable(chunks)
    if encoding in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        return _uuencoded(chunks)
    return chunks


def _base64(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decoding ends at the padding, as every mail program does; foreign octets are dropped."""
    carry = b""
    for chunk in chunks:
        text = carry + chunk.translate(None, b"\r\n")
        whole = len(text) & ~3
        try:
            yield pybase64.b64decode(text[:whole], validate=True)
            ended = text[:whole].endswith(b"=")
        except binascii.Error:
            text = _NOT_BASE64.sub(b"", text)
            padding = text.find(b"=")
            ended = padding >= 0
            text = text[:padding] if ended else text
            whole = len(text) & ~3
            yield pybase64.b64decode(text[:whole])
        carry = text[whole:]
        if ended:
            break
    carry = _NOT_BASE64.sub(b"", carry).rstrip(b"=")
    if len(carry) > 1:
        yield pybase64.b64decode(carry + b"=" * (-len(carry) % 4))


def _quoted_printable(chunks: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""
    for chunk in chunks:
        text = carry + chunk
        cut = text.rfind(b"\n") + 1
        if not cut and len(text) > WINDOW:
            cut = max(text.rfind(b"=", len(text) - 3), 0) or len(text)
        yield binascii.a2b_qp(text[:cut])
        carry = text[cut:]
    yield binascii.a2b_qp(carry)


def _uuencoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""
    for chunk in chunks:
        lines = (carry + chunk).split(b"\n")
        carry = lines.pop()
        yield b"".join(uudecoded(line) for line in lines)
    yield uudecoded(carry)


def uudecoded(line: bytes) -> bytes:
    """One line of uuencode; b"" for the begin and end lines and for damage."""
    line = line.rstrip(b"\r\n")
    if not line or line.startswith(b"begin ") or line == b"end":
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""
