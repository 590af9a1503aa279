"""Debian's Dovecot and Postfix, started once for the tests that ask for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postfix import Postfix, postfix

USERS = (
    "office@office.example.test",
    "unit@unit.example.test",
    "settle@office.example.test",
    "copy@office.example.test",
    "reading@office.example.test",
    "large@office.example.test",
    "many@office.example.test",
    "gaps@office.example.test",
    "moved@office.example.test",
)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """One Dovecot; tests keep apart by user."""
    with dovecot(USERS) as server:
        yield server


@pytest.fixture(scope="session")
def smtp_server(imap_server: Dovecot) -> Iterator[Postfix]:
    """One Postfix that delivers to that Dovecot."""
    with postfix(imap_server.lmtp) as server:
        yield server
