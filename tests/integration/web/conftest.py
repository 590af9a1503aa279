"""One office with its pages for all tests of the pages; what a test changes it changes on a mail of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from archive.web import passwords
from tests.servers.pages import House, a_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Shared by everything that runs in this process."""
    passwords._hasher = PasswordHasher(
        time_cost=1, parallelism=1, memory_cost=8
    )  # the house's own takes its time on purpose
    with a_house(tmp_path_factory.mktemp("pages")) as made:
        yield made
