"""A real Postfix that refuses, defers, greylists and breaks off: every letter ends rightly, and arrives once."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from config.settings import SmtpSettings
from intake.rounds.deliver import deliver
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postfix import Postfix, postfix
from tests.servers.rooms import HOUR, MINUTE, Room, a_room

pytestmark = pytest.mark.servers
GOOD, GONE, BUSY, GREY, DROPS = (f"{name}@unit.example.test" for name in ("good", "gone", "busy", "grey", "drops"))


class Policy(socketserver.ThreadingTCPServer):
    """A policy service (Postfix SMTPD_POLICY_README): what happens to a recipient, and how often he was tried."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.tries: Counter[str] = Counter()
        self.busy = True

    def action(self, to: str) -> str:
        """The answer to one RCPT."""
        self.tries[to] += 1
        if to == GONE:
            return "550 5.1.1 no such user here"
        if to == BUSY and self.busy:
            return "450 4.2.0 mailbox busy"
        if to == GREY and self.tries[to] == 1:
            return "450 4.7.1 greylisted"
        return "DUNNO"


class Asked(socketserver.StreamRequestHandler):
    """One connection of Postfix."""

    def handle(self) -> None:
        """Requests of `name=value` lines, each ended by an empty one."""
        assert isinstance(self.server, Policy)
        told: dict[str, str] = {}
        for line in self.rfile:
            name, _, value = line.decode().strip().partition("=")
            if name:
                told[name] = value
            else:
                self.wfile.write(f"action={self.server.action(told['recipient'])}\n\n".encode())
                told = {}


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot([GOOD, GONE, BUSY, GREY, DROPS]) as server:
        yield server


@pytest.fixture(scope="module")
def policy() -> Iterator[Policy]:
    with Policy() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def smtp(imap: Dovecot, policy: Policy) -> Iterator[Postfix]:
    with postfix(imap.lmtp, policy=policy.server_address[1]) as server:
        yield server


def lies(imap: Dovecot, user: str, count: int) -> list[bytes]:
    """That many letters of that user, once Postfix has handed them over."""
    end = time.monotonic() + 20
    while len(found := imap.mails(user)) < count:
        assert time.monotonic() < end, f"{user}: {len(found)}"
        time.sleep(0.1)
    time.sleep(0.3)
    return imap.mails(user)


def run(here: Room, hours: int) -> None:
    for _ in range(hours * 4):
        deliver(here.office)
        here.clock.on(15 * MINUTE)


def test_refused_deferred_and_greylisted_letters_end_rightly_and_arrive_once(
    imap: Dovecot, smtp: Postfix, policy: Policy, tmp_path: Path
) -> None:
    with a_room(tmp_path, smtp.settings()) as here:
        for name, to in (("good", GOOD), ("gone", GONE), ("busy", BUSY), ("grey", GREY)):
            here.letter(name, to)
        deliver(here.office)
        assert here.states() == {"good": "sent", "gone": "failed", "busy": "deferred", "grey": "deferred"}
        assert here.asked() == ["letter-failed"]
        assert here.office.ledger.letters.bounced_addresses(here.clock()) == {GONE}
        run(here, 3)
        assert here.states() == {"good": "sent", "gone": "failed", "busy": "deferred", "grey": "sent"}
        policy.busy = False
        run(here, 6)
        assert here.states() == {"good": "sent", "gone": "failed", "busy": "sent", "grey": "sent"}
    assert [len(lies(imap, user, count)) for user, count in ((GOOD, 1), (GONE, 0), (BUSY, 1), (GREY, 1))] == [
        1,
        0,
        1,
        1,
    ]
    assert policy.tries[GREY] == 2 and policy.tries[GONE] == 1


def test_a_recipient_who_is_busy_for_days_is_given_up_and_staff_are_asked(
    smtp: Postfix, policy: Policy, tmp_path: Path
) -> None:
    policy.busy = True
    with a_room(tmp_path, smtp.settings()) as here:
        here.letter("busy", BUSY)
        run(here, 40)
        assert (here.states(), here.asked()) == ({"busy": "failed"}, ["letter-failed"])


@contextmanager
def breaking(port: int, after_the_dot: bool, breaks: int) -> Iterator[SmtpSettings]:
    """In between us and Postfix: the first connections break off, before the body's end or right after it."""
    listener = socket.create_server(("127.0.0.1", 0))
    left = [breaks]

    def carry(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server, contextlib.suppress(OSError):
            threading.Thread(target=back, args=(server, client), daemon=True).start()
            in_data = False
            while octets := client.recv(65536):
                ends = octets.endswith(b"\r\n.\r\n") or (in_data and octets == b".\r\n")
                in_data = in_data or octets.startswith(b"DATA")
                if in_data and not octets.startswith(b"DATA") and left[0] and (ends or not after_the_dot):
                    left[0] -= 1
                    client.shutdown(socket.SHUT_RDWR)
                    if after_the_dot:
                        server.sendall(octets)
                        time.sleep(0.5)  # Postfix takes it over and says so; nobody hears
                    return
                server.sendall(octets)
                in_data = in_data and not ends

    def back(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while octets := server.recv(65536):
                client.sendall(octets)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield SmtpSettings(host="127.0.0.1", port=listener.getsockname()[1], tls="none", timeout=5)
    finally:
        listener.close()


@pytest.mark.parametrize(("after_the_dot", "copies"), [(False, 1), (True, 2)])
def test_a_connection_that_breaks_off_repeats_a_letter_only_after_the_dot_with_the_same_bytes(
    imap: Dovecot, smtp: Postfix, tmp_path: Path, after_the_dot: bool, copies: int
) -> None:
    before = len(imap.mails(DROPS))
    with breaking(smtp.port, after_the_dot, 1) as settings, a_room(tmp_path, settings) as here:
        here.letter("drops", DROPS)
        deliver(here.office)
        assert here.states() == {"drops": "deferred"}
        here.clock.on(HOUR)
        deliver(here.office)
        assert here.states() == {"drops": "sent"}
        (letter,) = here.office.ledger.letters.outbox()
    found = lies(imap, DROPS, before + copies)[before:]
    assert len(found) == copies
    assert {message_from_bytes(mail)["Message-ID"] for mail in found} == {letter.message_id}
    assert all(mail.endswith(letter.body) for mail in found)
