"""imaplib's connection with three things changed: literals can be streamed away, nothing is unbounded, nothing hangs.

imaplib reads a literal into one bytes object and imapclient then copies it again. Here `read()` hands the octets to a
sink while they arrive, so memory does not grow with the mail. The buffer below `readline()` and `read()` is ours (from
Python 3.14 on imaplib's own may not be replaced): every wait for the server passes `_fill`, which keeps the deadline.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

BUFFER = 256 * 1024
LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one line: a server that ignores a window answers with all UIDs of a box of 200,000 (1.4 MB)."""
MOST_TEXT = 32 * 1024 * 1024
COST_OF_A_LINE = 200
"""Bytes of lines in answer to one command, where each line counts for so much more (what it costs in memory)."""
LARGEST_SMALL_LITERAL = 64 * 1024
"""Bytes of a literal nobody asked to stream (a folder name, for instance)."""
SLOWEST = 8 * 1024
"""Bytes per second below which a server that drips for ever is given up."""
PATIENCE = 4
"""Read time-outs a command may take before its bytes count against SLOWEST."""

Sink = Callable[[int, Iterator[memoryview]], object]
"""Takes the announced size and the octets as they arrive; what it returns stands in the place of the literal."""


class _Bounded(imaplib.IMAP4):
    """Own buffer, own bounds, an own sink. Mixed in before imapclient's two connection classes."""

    sink: Sink | None = None

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Connect; called by imaplib's constructor."""
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        super().open(*args, **kwargs)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begin()

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """As imaplib; what a man in the middle sent before TLS is not taken for the server's words (RFC 3207, 4.2)."""
        answer = super().starttls(ssl_context)
        self._start = self._end = 0
        return answer

    def send(self, data: Any) -> None:
        """As imaplib; a new command starts a new clock and a new budget."""
        self._begin()
        super().send(data)

    def _begin(self) -> None:
        self._text = 0
        self._deadline = time.monotonic() + PATIENCE * (self.sock.gettimeout() or 60)

    def readline(self) -> bytes:
        """One line with its CRLF. Raises abort at the end of the stream or beyond a bound, TimeoutError on silence."""
        pieces: list[bytes] = []
        length = 0
        while True:
            at = self._buffer.find(b"\n", self._start, self._end)
            stop = self._end if at < 0 else at + 1
            pieces.append(bytes(self._view[self._start : stop]))
            length += stop - self._start
            self._start = stop
            if length > LONGEST_LINE or self._text + length > MOST_TEXT:
                raise self.abort("the server's answer has no end")
            if at >= 0:
                self._text += length + COST_OF_A_LINE
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._fill()

    def read(self, size: int) -> Any:
        """A literal: into the sink if there is one, else as bytes."""
        if self.sink is not None:
            return self.sink(size, self._octets(size))
        if size > LARGEST_SMALL_LITERAL:
            raise self.abort(f"the server announces {size} bytes nobody asked for")
        return b"".join(bytes(piece) for piece in self._octets(size))

    def _octets(self, size: int) -> Iterator[memoryview]:
        """The next `size` bytes in pieces; each piece is valid until the next is asked for."""
        while size:
            if self._start == self._end:
                self._fill()
            stop = min(self._end, self._start + size)
            piece = self._view[self._start : stop]
            size -= len(piece)
            self._start = stop
            yield piece

    def _fill(self) -> None:
        """Read what is there into the (used up) buffer."""
        if time.monotonic() > self._deadline:
            raise TimeoutError("the server is too slow")
        count = self.sock.recv_into(self._buffer)
        if not count:
            raise self.abort("the server closed the connection")
        self._deadline += count / SLOWEST
        self._start, self._end = 0, count


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]  # imapclient ships no types
    pass


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc]  # imapclient ships no types
    pass


class StreamingClient(IMAPClient):  # type: ignore[misc]  # imapclient ships no types
    """imapclient over the bounded connection, without its debug copy of every literal."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, connect: float, read: float) -> None:
        super().__init__(host, port, ssl=tls is not None, ssl_context=tls, timeout=SocketTimeout(connect, read))
        self.normalise_times = False
        self._imap.debug = 0

    def _create_IMAP4(self) -> _Bounded:
        connect = self._timeout.connect
        if self.ssl:
            return _Tls(self.host, self.port, self.ssl_context, connect)  # type: ignore[call-arg]  # IMAP4_TLS is untyped
        return _Plain(self.host, self.port, connect)

    def uid_fetch(self, uids: str, items: str, sink: Sink | None = None) -> tuple[str, str]:
        """UID FETCH; "OK" or "NO" and the server's words. The answers wait in `take_fetched`, also after an error.

        Raises imaplib's error on BAD, abort on a lost connection, OSError (TimeoutError) from the socket.
        """
        imap = self._imap
        imap.untagged_responses.pop("FETCH", None)
        imap.sink = sink
        try:
            tag = imap._command("UID", "FETCH", uids, items)
            kind, data = imap._command_complete("FETCH", tag)
        finally:
            imap.sink = None
        return str(kind), bytes(data[-1] or b"").decode("utf-8", "replace")

    def fetch_by_place(self, places: str, items: str) -> str:
        """FETCH by sequence number; "OK" or "NO". Errors and answers as for `uid_fetch`."""
        self._imap.untagged_responses.pop("FETCH", None)
        return str(self._imap._command_complete("FETCH", self._imap._command("FETCH", places, items))[0])

    def take_fetched(self) -> list[Any]:
        """imaplib's list of FETCH answers so far: `(text up to a literal, literal)` tuples, then the rest as bytes."""
        fetched: list[Any] = self._imap.untagged_responses.pop("FETCH", [])
        return fetched

    def current_uidvalidity(self) -> int | None:
        """UIDVALIDITY as last told by the server, at any moment (RFC 3501, 7.1)."""
        told = self._imap.untagged_responses.get("UIDVALIDITY")
        return int(told[-1]) if told else None
