"""The benchmarks at a tiny scale, untimed: mails are kept and named right, letters leave as the caps let them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.vault import Vault
from archive.verify import verify
from config.settings import AnswerSettings
from tests.benchmarks import letters
from tests.benchmarks.contestants import Right, baosong, floor, kept, mbsync, script
from tests.benchmarks.mailbox import filled
from tests.benchmarks.mails import SETS, Expected, mail
from tests.benchmarks.report import Box, Sizes, tables
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.processes import scratch

pytestmark = pytest.mark.servers
SCALES = {"small": 0.005, "medium": 0.006, "large": 0.05}


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot([f"{name}@bench.example.test" for name in SETS]) as running:
        yield running


def attachments(sent: list[Expected]) -> int:
    return sum(len(one.files) for one in sent)


@pytest.mark.parametrize("name", SETS)
def test_every_mail_and_attachment_of_a_set_is_kept_right_under_its_true_name(
    server: Dovecot, tmp_path: Path, name: str
) -> None:
    user = f"{name}@bench.example.test"
    sent = filled(server, user, SETS[name], SCALES[name])
    run = baosong(server, user, tmp_path, sent)
    home = tmp_path / "home"
    assert run.right == Right(len(sent), attachments(sent), attachments(sent), len(sent))
    assert list(verify(Vault(home / "archive"))) == []

    changed = [replace(sent[0], files=(("别的.docx", "0" * 64),), sha256=sent[0].sha256), *sent[1:]]
    assert kept(home, changed).attachments < attachments(changed)
    assert kept(home, [replace(sent[0], sha256="0" * 64)]).mails == 0


def test_the_others_are_measured_on_the_same_mailbox(server: Dovecot, tmp_path: Path) -> None:
    user = "small@bench.example.test"
    sent = filled(server, user, SETS["small"], 0.005)
    runs = {}
    for name, contestant in (("mbsync", mbsync), ("floor", floor), ("script", script)):
        (tmp_path / name).mkdir()
        runs[name] = [contestant(server, user, tmp_path / name, sent)]
    assert runs["mbsync"][0].right.mails == len(sent)
    assert runs["script"][0].right.files == attachments(sent)
    assert runs["floor"][0].right == Right(len(sent), 0, attachments(sent))
    told = tables([Box("small", Sizes(len(sent), 1, attachments(sent)), runs)], 0.005)
    assert "| small | mbsync | 50 of 50 (100 %) |" in told


def test_the_same_number_gives_the_same_mail() -> None:
    for box in SETS.values():
        assert mail(box, 3) == mail(box, 3)
        assert mail(box, 3)[1].sha256 != mail(box, 4)[1].sha256


def test_letters_are_written_and_sent_by_both_and_the_caps_are_watched() -> None:
    with scratch("baosong-bench-") as work, letters.discarding(work) as port:
        home = letters.prepared(work, port, 12)
        told = letters.one_round(work / "round", home, port, 1)
        assert told["letters"] == 12 and min(told.values()) > 0
        assert "| compose | **" in letters.table([told], 12)
        caps = AnswerSettings(per_hour=2, per_day=5)
        assert letters.watched(work / "caps", home, caps, timedelta(minutes=50)) == ({"hour": 2, "day": 5}, 12)
