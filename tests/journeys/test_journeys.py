"""Every folder beside this file is one journey; its story says what promise it keeps. See README.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from intake.worker import Worker
from tests.journeys.checks import check, check_rebuild, check_server, check_vault
from tests.journeys.post_office import PostOffice
from tests.journeys.runner import HERE, STORIES, journey
from tests.servers.dovecot import Dovecot


@pytest.mark.servers
@pytest.mark.parametrize("folder", STORIES, ids=lambda folder: folder.name)
def test_the_journey_keeps_its_promise(
    folder: Path,
    imap_server: Dovecot,
    post: PostOffice,
    worker: Worker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BAOSONG_PASSWORD", "secret")
    with journey(folder, tmp_path / "home", imap_server, post, worker) as told:
        check(told, {}, told.play({"at": told.story["start"]}))
        for step in told.story["steps"]:
            check(told, step, told.play(step))
        check_vault(told)
        check_server(told)
        check_rebuild(told)
        assert told.troubles == []


def test_there_are_enough_journeys_and_each_says_its_promise_first() -> None:
    assert len(STORIES) >= 25
    for story in STORIES:
        assert (story / "story.yaml").read_text("utf-8").startswith("promise: ")


def test_every_journey_stands_beside_a_sentence_in_the_readme() -> None:
    told = (HERE / "README.md").read_text("utf-8").partition("## Sentence")[2]
    assert [story.name for story in STORIES if not re.search(rf"\b{story.name.partition('-')[0]}\b", told)] == []
