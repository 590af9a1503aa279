"""A small SMTP server that behaves except where a test's script makes it refuse, stall or break off."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from config.settings import SmtpSettings

Twist = str | Callable[["SmtpTalk"], None]
"""Instead of the honest answer: a line to say, or something to do."""


@dataclass
class SmtpTalk:
    """One client's conversation."""

    connection: socket.socket

    def say(self, line: str) -> None:
        """Send one or several lines."""
        self.connection.sendall(line.encode() + b"\r\n")

    def cut(self) -> None:
        """Break off with a reset, as a falling machine does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        raise ConnectionError

    def hang(self) -> None:
        """Say nothing more until the client goes."""
        with contextlib.suppress(OSError):
            while self.connection.recv(65536):
                pass
        raise ConnectionError


@dataclass
class ScriptedSmtp:
    """Steps: greeting, EHLO, AUTH, MAIL, RCPT, DATA (before the body), dot, RSET, QUIT.

    letters: bodies taken with their final dot and without dot-stuffing. heard: command lines. calls: connections made.
    certificate: with it the server announces STARTTLS and shows it.
    """

    twists: dict[str, Twist] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    calls: int = 0
    port: int = 0
    certificate: ssl.SSLContext | None = None

    def settings(self, **more: object) -> SmtpSettings:
        """Where letters leave; half a second is a time-out."""
        values = {"host": "127.0.0.1", "port": self.port, "tls": "none", "timeout": 0.5}
        return SmtpSettings.model_validate({**values, **more})

    def talk(self, connection: socket.socket) -> None:
        """Serve one client until it leaves."""
        tls = "250-STARTTLS\r\n" if self.certificate else ""
        honest: Mapping[str, str] = {
            "greeting": "220 ready",
            "EHLO": f"250-example.test\r\n250-SIZE 50000000\r\n250-AUTH PLAIN\r\n{tls}250 8BITMIME",
            "STARTTLS": "220 go on",
            "AUTH": "235 welcome",
            "DATA": "354 go on",
            "QUIT": "221 bye",
        }
        talk = SmtpTalk(connection)

        def step(name: str) -> None:
            twist = self.twists.get(name, honest.get(name, "250 ok"))
            talk.say(twist) if isinstance(twist, str) else twist(talk)

        with contextlib.suppress(OSError):  # an SSLError is one
            step("greeting")
            while self._serve(talk, step):
                assert self.certificate is not None
                talk.connection = self.certificate.wrap_socket(talk.connection, server_side=True)
        talk.connection.close()

    def _serve(self, talk: SmtpTalk, step: Callable[[str], None]) -> bool:
        """Until the client leaves; True when it asked for TLS instead."""
        with talk.connection.makefile("rb") as lines:
            for line in lines:
                command = line.decode("utf-8", "replace").strip()
                self.heard.append(command)
                name = command.split(" ")[0].upper()
                step(name)
                if name == "STARTTLS" and "STARTTLS" not in self.twists:
                    return True
                if name == "DATA" and not str(self.twists.get("DATA", "354")).startswith(("4", "5")):
                    self._take(lines)
                    step("dot")
                if name == "QUIT":
                    break
        return False

    def _take(self, lines: BinaryIO) -> None:
        body = []
        for text in lines:
            if text == b".\r\n":
                self.letters.append(b"".join(body))
                return
            body.append(text[1:] if text.startswith(b".") else text)
        raise ConnectionError


@contextmanager
def scripted_smtp(certificate: ssl.SSLContext | None = None, **twists: Twist) -> Iterator[ScriptedSmtp]:
    """Serves on a free port of 127.0.0.1 until the block is left."""
    server = ScriptedSmtp(dict(twists), certificate=certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.calls += 1
            threading.Thread(target=server.talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
