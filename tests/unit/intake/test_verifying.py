"""The archive is read again and again: the longest unread first, at a pace, told once, and compared with the ledger."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.damages import ARCHIVE, Ailing, Damage
from config.settings import FixitySettings
from intake.cli import app
from intake.fixity import damage_words, due_before, is_late, rest
from intake.rounds.digest import compose
from intake.rounds.health import health
from intake.rounds.office import Office
from intake.rounds.verify import keep_verifying, verify_next, verify_now, verify_one
from intake.service import drain
from tests.unit.intake.daily_office import Clock, opened
from tests.unit.intake.kept_office import NOW, PLACES, build

DAY = timedelta(days=1)
FAST = FixitySettings(days=90, megabytes_per_second=1e6)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept") / "home"
    build(home)
    return home


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def office(built: Path, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    shutil.copytree(built, tmp_path / "home")
    with opened(tmp_path / "home", clock) as one:
        yield one


def flip(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def message(office: Office, place: str) -> Path:
    return office.vault.root / place / "v1/content/message.eml"


def everything(office: Office) -> list[Damage]:
    return [damage for _, damage in verify_now(office, None, lambda one, total: None, 1)]


def asked(office: Office) -> list[str]:
    return [one.question for one in office.ledger.decisions.questions() if one.kind == "archive-damaged"]


def test_a_whole_archive_agrees_with_its_ledger_and_nobody_is_told_of_anything(office: Office) -> None:
    assert everything(office) == []
    assert drain(lambda: verify_one(office)) == 0, "all was read just now"
    assert asked(office) == []
    assert not {one.code for one in health(office)} & {"archive-damaged", "fixity-late"}


def test_the_object_that_has_waited_longest_is_read_first_and_a_stop_goes_on_where_it_was(
    office: Office, clock: Clock
) -> None:
    read = []
    assert verify_next(office) is not None, "first it is seen what there is"
    while (one := verify_next(office)) is not None:
        read.append(one.object)
        clock.now += DAY / 24
        if len(read) == 2:
            break
    with opened(office.home, clock) as again:
        while (one := verify_next(again)) is not None:
            read.append(one.object)
            clock.now += DAY / 24
    assert len(read) == len(set(read))
    assert set(PLACES) < set(read)
    clock.now += 89 * DAY
    verify_next(office)
    second = []
    while (one := verify_next(office)) is not None:
        second.append(one.object)
    assert second == read


def test_everything_is_read_within_the_period_however_slow_the_pace_allows_it_to_be() -> None:
    slow = FixitySettings(days=90, megabytes_per_second=1)
    ten_days = 10 * 86400 * 10**6
    assert NOW - due_before(NOW, slow, ten_days) == 69 * DAY, "twice the time it takes, and a day, before the end"
    assert NOW - due_before(NOW, slow, 9 * ten_days) == 45 * DAY, "never oftener than twice a period"
    assert rest(2_000_000, 0.5, slow) == 1.5
    assert rest(2_000_000, 3.0, slow) == 0
    assert not is_late(NOW, slow, None)
    assert not is_late(NOW, slow, NOW - 90 * DAY)
    assert is_late(NOW, slow, NOW - 91 * DAY)


def test_the_pace_of_the_settings_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rested = []
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", rested.append)
    begun = time.monotonic()
    keep_verifying(office, stop)
    took = time.monotonic() - begun
    size = office.ledger.fixity.standing(ARCHIVE).bytes
    assert size > 5000
    assert size / 20e6 - took <= sum(rested) <= size / 20e6
    stop.set()
    office.ledger.fixity.listed(ARCHIVE, ["town/2018/TN2018-0009"], (), NOW)
    keep_verifying(office, stop)
    assert office.ledger.fixity.standing(ARCHIVE).unread == 1, "a stop is heeded"


def test_health_says_when_something_was_not_read_for_longer_than_the_period(office: Office, clock: Clock) -> None:
    everything(office)
    clock.now += 91 * DAY
    assert "fixity-late" in {one.code for one in health(office)}


def forge(office: Office, statement: str) -> None:
    with closing(sqlite3.connect(office.home / "ledger.db")) as base, base:
        assert base.execute(statement).rowcount >= 1


@pytest.mark.parametrize(
    ("statement", "code", "words"),
    [
        ("UPDATE submission SET value = json_set(value, '$.sha256', 'x') WHERE number = 'TN2018-0001'",
         "ledger-differs", "原件的校验值"),
        ("UPDATE submission SET value = json_set(value, '$.pieces[0].sha256', 'x') WHERE number = 'TN2018-0001'",
         "ledger-differs", "附件或其校验值"),
        ("UPDATE submission SET value = json_set(value, '$.mail.subject', 'x') WHERE number = 'TN2018-0001'",
         "ledger-differs", "来件的登记"),
        ("UPDATE piece SET sha256 = 'x' WHERE number = 'TN2018-0001'", "ledger-differs", "附件表"),
        ("UPDATE decision SET value = json_set(value, '$.unit', 'TN09') WHERE number = 'TN2018-0001'",
         "ledger-differs", "判定"),
        ("DELETE FROM decision WHERE number = 'TN2018-0002' AND version = 2", "ledger-differs", "判定"),
        ("UPDATE submission SET year = 2017 WHERE number = 'TN2018-0001'", "ledger-differs", "town/2017"),
        ("DELETE FROM submission WHERE number = 'TN2018-0001'", "ledger-differs", "没有这个编号"),
        ("UPDATE decision SET current = (version = 1) WHERE number = 'TN2018-0003'", "tombstone", "台账中没有撤销"),
        ("UPDATE decision SET value = json_set(value, '$.discarded', json('true')) WHERE number = 'TN2018-0001'",
         "tombstone", "没有撤销记录"),
    ],
)  # fmt: skip
def test_what_ledger_and_vault_tell_differently_is_named(office: Office, statement: str, code: str, words: str) -> None:
    forge(office, statement)
    found = [one for one in everything(office) if one.code != "missing"]
    assert [one.code for one in found] == [code]
    assert words in found[0].text


def test_a_number_of_the_ledger_whose_object_is_gone_is_missing(office: Office, clock: Clock) -> None:
    shutil.rmtree(office.vault.root / PLACES[1])
    assert [(one.code, one.object) for one in everything(office)] == [("missing", PLACES[1])]


@pytest.mark.parametrize("harm", [flip, Path.unlink], ids=["changed", "missing"])
def test_damage_is_one_line_for_staff_and_ends_when_it_is_mended(
    office: Office, clock: Clock, harm: Callable[[Path], None]
) -> None:
    kept = message(office, PLACES[0]).read_bytes()
    harm(message(office, PLACES[0]))
    flip(office.vault.root / PLACES[1] / "v1/content/record.json")
    drain(lambda: verify_one(office))
    (line,) = asked(office)
    assert "TN2018-0001" in line
    assert "2 处损坏" in line
    assert [one.text for one in health(office) if one.code == "archive-damaged"] == [line]
    told = [line for part in compose(office).sections for line in part.lines]
    assert sum("2 处损坏" in one for one in told) >= 1
    everything(office)
    assert asked(office) == [line], "told once"
    assert {one.number for one in (*office.ledger.events.of("TN2018-0001"),) if one.kind == "damaged"} == {
        "TN2018-0001"
    }
    message(office, PLACES[0]).unlink(missing_ok=True)
    message(office, PLACES[0]).write_bytes(kept)
    flip(office.vault.root / PLACES[1] / "v1/content/record.json")
    assert everything(office) == []
    assert asked(office) == []
    assert office.ledger.events.of("TN2018-0001")[-1].kind == "whole-again"


def test_a_line_that_staff_have_settled_is_not_asked_again_but_health_still_says_it(office: Office) -> None:
    flip(message(office, PLACES[0]))
    everything(office)
    (line,) = (one for one in office.ledger.decisions.questions() if one.kind == "archive-damaged")
    office.ledger.decisions.settle(line.id, NOW, "王")
    everything(office)
    assert asked(office) == []
    assert "archive-damaged" in {one.code for one in health(office)}


def test_a_file_in_the_root_is_damage_that_the_daily_walk_finds(office: Office, clock: Clock) -> None:
    drain(lambda: verify_one(office))
    (office.vault.root / "Thumbs.db").write_bytes(b"")
    assert drain(lambda: verify_one(office)) == 0
    clock.now += DAY
    drain(lambda: verify_one(office))
    assert "存档根目录" in asked(office)[0]


def test_the_sentence_names_three_objects_and_counts_the_rest() -> None:
    one = Damage("changed", "town/2018/TN2018-0001", "x", "")
    ailing = [Ailing(ARCHIVE, f"town/2018/TN2018-000{digit}", datetime.now(UTC), (one,)) for digit in range(5)]
    assert damage_words(ailing) == (
        "存档校验发现 5 处损坏（changed 5）：TN2018-0000、TN2018-0001、TN2018-0002等 5 处对象，"
        "详情见 baosong verify，修复见 baosong repair"
    )


def run(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), *words])
    return done.exit_code, done.output


def test_the_command_checks_all_or_some_numbers_or_a_sample_and_ends_with_1_when_damaged(
    office: Office, tmp_path: Path
) -> None:
    home = office.home
    code, said = run(home, "verify")
    assert (code, said.splitlines()[-1]) == (0, "档案完好")
    assert "MB/s" in said
    flip(message(office, PLACES[0]))
    code, said = run(home, "verify", "tn2018-0002")
    assert (code, said.splitlines()[-1]) == (0, "所查的完好")
    code, said = run(home, "verify", "TN2018-0001")
    assert code == 1
    assert said.startswith(f"changed  {PLACES[0]}  v1/content/message.eml  ")
    assert run(home, "verify", "--sample", "100%", "--json")[0] == 1
    assert run(home, "verify", "--sample", "0")[0] == 2
    assert run(home, "verify", "--sample", "5%", "TN2018-0001")[0] == 2
    assert run(home, "verify", "WH1")[0] == 1
