"""Where letters arrive: a small SMTP server on loopback that keeps every byte, and refuses where a story says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.processes import free_ports


@dataclass
class PostOffice:
    """bodies: what arrived, with the envelope's recipients, in order. refuse: address → the answer it gets."""

    port: int = 0
    arrived: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient."""
        if self.refuse.get(address):
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The letter itself."""
        self.arrived.append((tuple(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 ok"


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Serves on a free port of 127.0.0.1 until the block is left."""
    (port,) = free_ports(1)
    office = PostOffice(port)
    controller = Controller(office, hostname="127.0.0.1", port=port, loop=asyncio.new_event_loop())
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
