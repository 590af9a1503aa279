"""One Dovecot and one post office for all journeys; each journey has mailboxes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

pytest.register_assert_rewrite("tests.journeys.checks")

from config import loading  # noqa: E402  after the registration
from config.settings import LimitSettings  # noqa: E402
from intake.worker import Worker  # noqa: E402
from tests.journeys.post_office import PostOffice, post_office  # noqa: E402
from tests.journeys.runner import CODES, STORIES  # noqa: E402
from tests.servers.dovecot import Dovecot, dovecot  # noqa: E402


@pytest.fixture(scope="session")
def imap_server() -> Iterator[Dovecot]:
    """Users are MAILBOX@NN.example.test, NN the journey's number."""
    numbers = [story.name.partition("-")[0] for story in STORIES]
    with dovecot([f"{box}@{number}.example.test" for number in numbers for box in CODES]) as server:
        yield server


@pytest.fixture(scope="session")
def post() -> Iterator[PostOffice]:
    """Where every letter arrives."""
    with post_office() as office:
        yield office


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One worker with the limits as shipped."""
    with Worker(LimitSettings()) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def same_text_same_values() -> Iterator[None]:
    """Each command of a journey reads the same files; the parser, a pure function, is asked once for each text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "read_yaml", cache(loading.read_yaml))
        yield
