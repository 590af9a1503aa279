"""One Dovecot and one post office for all journeys; each journey has mailboxes of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.journeys.checks")

from tests.journeys.post_office import PostOffice, post_office  # noqa: E402  after the registration
from tests.journeys.runner import CODES, STORIES  # noqa: E402
from tests.servers.dovecot import Dovecot, dovecot  # noqa: E402


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """Users are MAILBOX@NN.example.test, NN the journey's number."""
    with dovecot([f"{box}@{story.name[:2]}.example.test" for story in STORIES for box in CODES]) as server:
        yield server


@pytest.fixture(scope="session")
def post() -> Iterator[PostOffice]:
    """Where every letter arrives."""
    with post_office() as office:
        yield office
