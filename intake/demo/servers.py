"""The demo's mail servers on this machine alone: pymap holds the mailboxes, aiosmtpd takes the letters."""

from __future__ import annotations

import asyncio
import socket
import threading
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from imapclient import IMAPClient
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPService
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds a server gets to start or to end; pymap waits for every connection, so it is left behind after that."""


class Mailboxes:
    """pymap in a thread: one user for each name, all with the same password. Use as a context manager."""

    def __init__(self, users: Sequence[str], password: str) -> None:
        self.port = free_port()
        self._users, self._password = users, password
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="pymap", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(PATIENCE) or self._trouble is not None:
            raise OSError(f"the demo's IMAP server does not start: {self._trouble!r}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)

    def deliver(self, user: str, mails: Sequence[tuple[bytes, datetime]]) -> None:
        """Put mails into the INBOX of a user, each with the moment (aware) at which it arrived."""
        with IMAPClient(HOST, self.port, ssl=False, timeout=PATIENCE) as client:
            client.normalise_times = False
            client.login(user, self._password)
            for message, arrived in mails:
                client.append("INBOX", message, (), arrived)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as trouble:
            self._trouble = trouble
            self._ready.set()

    async def _serve(self) -> None:
        args = Namespace(
            host=[HOST], port=str(self.port), debug=False, cert=None, key=None, tls=False, inherited_sockets=None,
            proxy_protocol=None, passlib_cfg=None, demo_data=False, demo_user="nobody",
            demo_password=self._password, skip_services=[],
        )  # fmt: skip
        backend, config = await DictBackend.init(args, secure_auth=False, hash_context=Cleartext())
        config.apply_context()
        for user in self._users:
            known = UserMetadata(config, user, password=self._password)
            await Identity(user, backend.login, None, frozenset()).set(known)
        async with AsyncExitStack() as stack:
            await backend.start(stack)
            await IMAPService(backend, config).start(stack)
            self._ready.set()
            await self._over.wait()


class Letters:
    """aiosmtpd, which keeps every letter it is given: (recipient, bytes), in order, each as a file in `folder` too."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self._folder = folder
        self._controller = Controller(self, hostname=HOST, port=free_port(), ready_timeout=PATIENCE)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep one letter."""
        for recipient in envelope.rcpt_tos:
            letter = bytes(envelope.original_content)
            self.taken.append((recipient, letter))
            (self._folder / f"{len(self.taken):03} {recipient}.eml").write_bytes(letter)
        return "250 OK"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
