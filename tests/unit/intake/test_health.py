"""Health: what is known to be wrong is told at the moment of asking, and no longer once it is well again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.ledger.arrivals import Sight
from archive.records import Question, Source
from config.settings import DigestSettings
from config.workdays import Calendar
from intake.cli import app
from intake.health import Box, Vitals, troubles
from intake.rounds.digest import digest_one
from intake.rounds.health import health
from intake.rounds.office import Office
from tests.unit.intake.daily_office import (
    Clock,
    arrive,
    ask,
    at,
    dump,
    failed,
    furnish,
    opened,
    polled,
    settings,
    write_letter,
)

NOW = at("2018-08-17T08:00")
"""A Friday before the digest is due."""


def codes(vitals: Vitals) -> list[str]:
    return [one.code for one in troubles(vitals)]


def box(ago: timedelta | None, poll: int = 90, trouble: str | None = None) -> Box:
    last = None if ago is None else NOW - ago
    return Box("town", "town@example.test", poll, last, trouble, 1 if trouble else 0)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def office(tmp_path: Path, clock: Clock) -> Iterator[Office]:
    furnish(tmp_path)
    with opened(tmp_path, clock) as one:
        polled(one)
        yield one


# --- pure ----------------------------------------------------------------------------------------------------------


def test_an_office_without_anything_wrong_is_well() -> None:
    assert troubles(Vitals(NOW)) == ()
    assert troubles(Vitals(NOW, boxes=(box(timedelta(minutes=2)),))) == ()


@pytest.mark.parametrize(
    ("ago", "poll", "stale"),
    [
        (timedelta(minutes=10), 90, False),
        (timedelta(minutes=10, seconds=1), 90, True),
        (timedelta(minutes=29), 600, False),
        (timedelta(minutes=31), 600, True),
    ],
)
def test_a_mailbox_is_stale_after_three_polls_and_ten_minutes(ago: timedelta, poll: int, stale: bool) -> None:
    assert codes(Vitals(NOW, boxes=(box(ago, poll),))) == (["stale-poll"] if stale else [])


def test_a_stale_mailbox_is_told_with_since_when() -> None:
    (one,) = troubles(Vitals(NOW, boxes=(box(timedelta(minutes=25)),)))
    assert one.text == "邮箱 town 自今天07:35起没有收过信（已25分钟），请确认服务正在运行"
    assert one.since == NOW - timedelta(minutes=25)
    (days,) = troubles(Vitals(NOW, boxes=(box(timedelta(days=10)),)))
    assert "自8月7日08:00起" in days.text and "已10天" in days.text


def test_a_failed_login_is_told_at_once_and_not_told_twice_when_it_lasts() -> None:
    told = Vitals(NOW, boxes=(box(timedelta(minutes=1), trouble="授权码不对"),))
    assert [one.text for one in troubles(told)] == ["邮箱 town 收信失败：授权码不对（最近一次成功是今天07:59）"]
    assert codes(Vitals(NOW, boxes=(box(timedelta(days=2), trouble="授权码不对"),))) == ["mailbox-down"]


def test_a_mailbox_that_was_never_read_is_not_well() -> None:
    assert codes(Vitals(NOW, boxes=(box(None),))) == ["stale-poll"]


def test_sending_that_is_off_matters_once_a_campaign_is_open_or_letters_wait() -> None:
    assert codes(Vitals(NOW, not_sending="发送开关未打开")) == []
    assert codes(Vitals(NOW, not_sending="发送开关未打开", speaks=True)) == ["sending-off"]
    (one,) = troubles(Vitals(NOW, not_sending="发送开关未打开", waiting=3))
    assert one.text == "发送开关未打开，有 3 封信在等"


def test_a_low_disk_a_faulty_file_and_a_missing_year_are_told() -> None:
    low = Vitals(NOW, disk_free=300 * 2**20, disk_needed=2**30)
    assert [one.text for one in troubles(low)] == ["磁盘只剩 300 MB，低于设定的 1.0 GB，已暂停收信，请清理磁盘"]
    assert codes(Vitals(NOW, faults=2)) == ["files-faulty"]
    assert codes(Vitals(at("2027-03-03T10:00"))) == ["calendar-missing"]
    entered = Calendar(off=frozenset({at("2027-10-01T12:00").date()}))
    assert codes(Vitals(at("2027-03-03T10:00"), calendar=entered)) == []


def test_a_line_of_the_queue_is_old_after_three_working_days_not_three_days() -> None:
    def asked(since: str, now: str) -> list[str]:
        question = Question(1, "unknown-unit", None, None, "谁", (), "", at(since))
        return codes(Vitals(at(now), asked=(question,)))

    assert asked("2018-08-10T10:00", "2018-08-15T08:00") == [], "Friday to Wednesday"
    assert asked("2018-08-10T10:00", "2018-08-16T08:00") == ["queue-old"]
    assert asked("2018-09-30T10:00", "2018-10-10T08:00") == [], "the National Day's week lies between"


@pytest.mark.parametrize(
    ("now", "written", "missing"),
    [
        ("2018-08-17T08:44", None, False),
        ("2018-08-17T08:46", None, True),
        ("2018-08-17T08:46", "2018-08-16", True),
        ("2018-08-17T08:46", "2018-08-17", False),
        ("2018-08-18T12:00", "2018-08-17", False),
    ],
)
def test_a_digest_that_was_not_written_is_told_on_working_days(now: str, written: str | None, missing: bool) -> None:
    fresh = Box("town", "t@example.test", 90, at(now))
    told = codes(Vitals(at(now), boxes=(fresh,), digest=DigestSettings(), digest_day=written))
    assert told == (["digest-missing"] if missing else [])


# --- from the ledger -------------------------------------------------------------------------------------------------


def test_what_is_known_is_told_at_the_very_next_look_and_gone_when_it_is_well_again(
    office: Office, clock: Clock
) -> None:
    assert health(office) == ()
    clock.now += timedelta(seconds=1)
    failed(office, "登录失败，请检查授权码")
    assert [one.code for one in health(office)] == ["mailbox-down"], "no tick, no cache lies between"
    clock.now += timedelta(seconds=1)
    polled(office)
    assert health(office) == ()


def test_dead_smtp_failed_letters_and_mails_not_fetched_are_told_until_staff_or_time_settle_them(
    office: Office, clock: Clock
) -> None:
    ask(office, "smtp-down", "邮箱 town 的发信服务器：连接不上")
    ask(office, "letter-failed", "发往 x 的信件发送失败：550")
    office.ledger.arrivals.accept(
        (), [Sight(Source("town", "INBOX", 7, 9), "left", clock.now, why="300 MB")], clock.now
    )
    assert [one.code for one in health(office)] == ["smtp-down", "mail-not-fetched", "letters-failed"]
    for question in office.ledger.decisions.questions():
        assert office.ledger.decisions.settle(question.id, clock.now, "staff")
    assert health(office) == ()


def test_the_digest_of_the_day_ends_its_own_trouble(office: Office, clock: Clock) -> None:
    clock.now = at("2018-08-17T09:00")
    polled(office)
    assert [one.code for one in health(office)] == ["digest-missing"]
    assert digest_one(office)
    assert health(office) == ()


def test_letters_that_wait_while_sending_is_off_are_counted_without_the_digest(tmp_path: Path, clock: Clock) -> None:
    furnish(tmp_path, settings(answers={"sending": False}))
    with opened(tmp_path, clock) as office:
        polled(office)
        write_letter(office, "a", "receipt", "queued")
        write_letter(office, "b", "shortfall", "draft")
        clock.now = at("2018-08-17T08:30")
        assert digest_one(office)
        (one,) = [one for one in health(office) if one.code == "sending-off"]
        assert one.text.endswith("有 1 封信在等")


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_ends_with_1_when_something_is_wrong_and_says_what(tmp_path: Path) -> None:
    furnish(tmp_path)
    with opened(tmp_path, Clock(NOW)) as office:
        polled(office)
        arrive(office, "T1", {"总结.docx": "summary"})
    run = CliRunner().invoke(app, ["--home", str(tmp_path), "health", "--at", "2018-08-17T08:05"])
    assert (run.exit_code, run.output) == (0, "✓ 一切正常\n")
    late = CliRunner().invoke(app, ["--home", str(tmp_path), "health", "--at", "2018-08-17T08:25", "--json"])
    assert late.exit_code == 1
    assert '"code": "stale-poll"' in late.output and '"since": "2018-08-17T08:00:00+08:00"' in late.output


def test_a_fresh_home_is_well_although_nothing_is_sent_yet(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["--home", str(tmp_path), "init"])
    run = CliRunner().invoke(app, ["--home", str(tmp_path), "health", "--at", "2018-08-17T08:05"])
    assert run.exit_code == 0, run.output


def test_a_broken_campaign_file_is_not_silent(tmp_path: Path) -> None:
    furnish(tmp_path)
    dump(tmp_path / "campaigns" / "other-2018.yaml", {"id": "other-2018"})
    with opened(tmp_path, Clock(NOW)) as office:
        polled(office)
        assert [one.code for one in health(office)] == ["files-faulty"]


def test_times_are_told_as_a_clerk_reads_them() -> None:
    year = Vitals(NOW, boxes=(Box("t", "t@example.test", 90, datetime.fromisoformat("2017-12-31T20:00+08:00")),))
    assert "自2017年12月31日20:00起" in troubles(year)[0].text
