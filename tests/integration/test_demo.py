"""The demo runs as a user runs it, ends by itself, and leaves a home that stands every check."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from archive.vault import Vault
from intake.demo.season import SEASONS, Mailed
from tests.unit.archive.vaults import complaints

PATIENCE = 300.0
"""Seconds; on two free cores it takes about 20."""
LATEST = "2018-08-21T17:00"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    """A home in which the demo ran once, and what it said."""
    home = tmp_path_factory.mktemp("demo") / "home"
    yield home, _baosong(home, "demo", "--once")


def _baosong(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "intake.cli", "--home", str(home), *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False)


def _json(home: Path, *words: str) -> Any:
    done = _baosong(home, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _letters(home: Path) -> list[Message]:
    files = sorted((home / "letters-out").iterdir())
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def test_it_ends_by_itself_and_says_that_all_was_well(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = ran
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "档案校验：完好" in done.stdout
    assert "自查：来信都有归宿" in done.stdout
    for title in ("──── 回执", "──── 补报通知", "──── 单位待定回执", "──── 随报回执", "──── 报送提醒", "──── 逾期提示"):
        assert title in done.stdout


def test_the_season_has_sixty_mails_of_twenty_units_in_four_campaigns() -> None:
    mails = [(season.campaign, row) for season in SEASONS for row in season.happens if isinstance(row, Mailed)]
    assert len(mails) >= 60
    assert len({(campaign, row.unit) for campaign, row in mails if row.unit}) >= 20
    assert {campaign for campaign, _ in mails} == {"anqing-2013", "hainan-2017", "bingtuan-2018", "weihai-2018"}


def test_every_kind_of_letter_left_once_for_each_thing_it_says(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = ran
    outbox = _json(home, "outbox")
    sent = [one for one in outbox if one["state"] in ("sent", "bounced")]
    assert {one["kind"] for one in sent} == {
        "receipt", "complete", "shortfall", "neutral", "thanks", "reminder", "overdue",
    }  # fmt: skip
    letters = _letters(home)
    assert Counter(str(letter["Message-ID"]) for letter in letters) == Counter(one["message_id"] for one in sent)
    named = Counter(number for one in sent for number in one["numbers"])
    assert set(named.values()) == {1}


def test_every_letter_says_that_a_machine_wrote_it_and_goes_to_one_address(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = ran
    for letter in _letters(home):
        assert letter["Auto-Submitted"] in ("auto-replied", "auto-generated")
        assert letter["X-Auto-Response-Suppress"] == "All"
        assert str(letter["To"]).count("@") == 1
        assert not letter["Cc"]
        assert bool(letter["In-Reply-To"]) == (letter["Auto-Submitted"] == "auto-replied")


def test_the_archive_is_valid_for_an_independent_validator_and_holds_the_bytes_that_were_mailed(
    ran: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = ran
    vault = Vault(home / "archive", clock=lambda: datetime(2018, 8, 21, tzinfo=UTC))
    assert complaints(vault) == []
    objects = [one for one in vault.objects() if one.mailbox in ("anqing", "hainan", "bingtuan", "weihai")]
    assert len(objects) >= 55
    for one in objects:
        record = vault.read_record(one.mailbox, one.year, one.number)["submission"]
        kept = vault.content_path(one.mailbox, one.year, one.number, "message.eml").read_bytes()
        assert hashlib.sha256(kept).hexdigest() == record["sha256"]
    assert _baosong(home, "verify").returncode == 0


def test_status_show_and_queue_have_their_shapes(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = ran
    status = _json(home, "status", "weihai-2018", "--at", LATEST)
    states = {unit["unit"]: unit["state"] for unit in status["units"]}
    assert (states["WH01"], states["WH03"], states["WH08"]) == ("complete", "complete", "silent")
    assert {"unit", "name", "state", "items"} <= status["units"][0].keys()
    late = [item for unit in status["units"] if unit["unit"] == "WH07" for item in unit["items"] if item["late"]]
    assert [item["item"] for item in late] == ["materials"]
    shown = _json(home, "show", "WH2018-0001")
    assert shown["unit"] == "WH01"
    assert shown["letters"] == ["answer:WH2018-0001"]
    kinds = {one["kind"] for one in _json(home, "queue")}
    assert kinds >= {"query", "bounced"}


def test_it_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("language: zh\n", "utf-8")
    began = time.monotonic()
    done = _baosong(tmp_path, "demo", "--once")
    assert done.returncode == 1
    assert "不是空文件夹" in done.stderr
    assert time.monotonic() - began < 30
    assert (tmp_path / "settings.yaml").read_text("utf-8") == "language: zh\n"
