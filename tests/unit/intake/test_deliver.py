"""What leaves, from whom and when: letters of a real home against a scripted mail server, with a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from archive.records import Checklist, Note
from config.campaign import Campaign
from config.roster import Unit
from intake.rounds import planning
from intake.rounds.deliver import deliver
from intake.rounds.remind import remind
from tests.servers.homes import CAMPAIGN
from tests.servers.rooms import HOUR, MINUTE, MORNING, OFFICE, Room, a_room
from tests.servers.scripted_smtp import ScriptedSmtp, SmtpTalk, scripted_smtp


@contextmanager
def room(folder: Path, server: ScriptedSmtp, caps: dict[str, int] | None = None, user: str = "") -> Iterator[Room]:
    with a_room(folder, server.settings(user=user), caps) as here:
        yield here


# --- whose name


def test_letters_leave_from_the_login_and_are_answered_to_the_mailbox_where_the_two_differ(tmp_path: Path) -> None:
    login = "duty@login.example.test"

    def only_the_login(talk: SmtpTalk) -> None:
        fits = server.heard[-1].startswith(f"MAIL FROM:<{login}>")
        talk.say("250 ok" if fits else "553 Mail from must equal authorized user")

    with scripted_smtp(MAIL=only_the_login) as server, room(tmp_path, server, user=login) as here:
        here.letter("a")
        deliver(here.office)
        assert here.states() == {"a": "sent"}
    mail = message_from_bytes(server.letters[0], policy=policy.default)
    assert (mail["From"].addresses[0].addr_spec, mail["Reply-To"]) == (login, OFFICE)


@pytest.mark.parametrize("user", ["", OFFICE, OFFICE.upper(), "office"])
def test_letters_name_no_other_address_for_answers_where_the_login_is_the_mailbox(tmp_path: Path, user: str) -> None:
    with scripted_smtp() as server, room(tmp_path, server, user=user) as here:
        here.letter("a")
        deliver(here.office)
    mail = message_from_bytes(server.letters[0], policy=policy.default)
    assert (mail["From"].addresses[0].addr_spec, mail["Reply-To"]) == (OFFICE, None)


# --- a server that refuses us


def test_a_refused_login_is_tried_once_told_once_and_the_rest_wait_untouched(tmp_path: Path) -> None:
    with scripted_smtp(AUTH="535 authentication failed") as server, room(tmp_path, server, user=OFFICE) as here:
        for key in "abc":
            here.letter(key)
        deliver(here.office)
        deliver(here.office)
        assert here.states() == {"a": "deferred", "b": "queued", "c": "queued"}
        assert (here.asked(), server.calls) == (["smtp-down"], 1)
        here.clock.on(MINUTE)
        deliver(here.office)
        assert here.states() == {"a": "deferred", "b": "deferred", "c": "queued"}


def test_however_long_a_server_is_down_no_letter_is_given_up_and_the_queue_is_settled_when_it_is_back(
    tmp_path: Path,
) -> None:
    with scripted_smtp(greeting="421 closed") as server, room(tmp_path, server) as here:
        here.letter("a")
        for _ in range(7 * 24):
            here.clock.on(HOUR)
            deliver(here.office)
        assert (here.states(), here.asked()) == ({"a": "deferred"}, ["smtp-down"])
        server.twists.clear()
        here.clock.on(HOUR)
        deliver(here.office)
        assert (here.states(), here.asked()) == ({"a": "sent"}, [])


def test_one_letter_that_makes_the_server_hang_up_does_not_hold_up_the_others(tmp_path: Path) -> None:
    def falls(talk: SmtpTalk) -> None:
        talk.cut() if "a@unit" in server.heard[-1] else talk.say("250 ok")

    with scripted_smtp(RCPT=falls) as server, room(tmp_path, server) as here:
        for key in "abc":
            here.letter(key)
        for _ in range(10):
            deliver(here.office)
            here.clock.on(MINUTE)
        assert here.states() == {"a": "deferred", "b": "sent", "c": "sent"}


def test_a_provider_that_takes_us_for_spam_is_left_alone_for_a_while_and_staff_are_told(tmp_path: Path) -> None:
    with scripted_smtp(dot="554 DT:SPM 163 smtp1,abc") as server, room(tmp_path, server) as here:
        for key in "abc":
            here.letter(key)
        deliver(here.office)
        assert here.states() == {"a": "deferred", "b": "queued", "c": "queued"}
        assert here.asked() == ["taken-for-spam"]
        server.twists.clear()
        deliver(here.office)
        assert len(server.letters) == 1
        here.clock.on(5 * MINUTE)
        deliver(here.office)
        assert set(here.states().values()) == {"sent"} and here.asked() == []


# --- one letter


def test_a_letter_refused_for_now_is_given_up_after_many_tries_and_staff_are_asked(tmp_path: Path) -> None:
    with scripted_smtp(RCPT="450 4.2.0 greylisted") as server, room(tmp_path, server) as here:
        here.letter("a")
        here.letter("b", "b@elsewhere.example.test")
        for _ in range(5 * 24):
            deliver(here.office)
            here.clock.on(HOUR)
        assert here.states() == {"a": "failed", "b": "failed"}
        assert here.asked() == ["letter-failed", "letter-failed"]


def test_a_full_mailbox_is_tried_again_and_told(tmp_path: Path) -> None:
    with scripted_smtp(RCPT="552 5.2.2 mailbox full") as server, room(tmp_path, server) as here:
        here.letter("a")
        deliver(here.office)
        assert (here.states(), here.asked()) == ({"a": "deferred"}, ["mailbox-full"])
        server.twists.clear()
        here.clock.on(HOUR)
        deliver(here.office)
        assert (here.states(), here.asked()) == ({"a": "sent"}, [])


def test_a_letter_about_a_deadline_that_could_not_leave_before_it_is_given_up_at_once_and_staff_telephone(
    tmp_path: Path,
) -> None:
    with scripted_smtp(RCPT="451 later") as server, room(tmp_path, server) as here:
        here.letter("a", kind="change", expires=MORNING + 2 * HOUR)
        here.letter("b")
        for _ in range(4):
            deliver(here.office)
            here.clock.on(HOUR)
        assert here.states() == {"a": "cancelled", "b": "deferred"}
        (question,) = here.office.ledger.decisions.questions()
        assert question.kind == "letter-expired" and "451 later" in question.question


# --- caps


def test_exactly_as_many_letters_leave_as_the_caps_of_hour_and_day_allow(tmp_path: Path) -> None:
    with scripted_smtp() as server, room(tmp_path, server, {"per_hour": 5, "per_day": 12}) as here:
        for number in range(40):
            here.letter(f"a{number:02d}")
        deliver(here.office)
        assert len(server.letters) == 5
        waiting = [one.trouble for one in here.office.ledger.letters.outbox() if one.state == "queued"]
        assert len(waiting) == 35 and all("每小时发信上限 5 封" in str(trouble) for trouble in waiting)
        for _ in range(24 * 4 - 1):
            here.clock.on(15 * MINUTE)
            deliver(here.office)
        assert len(server.letters) == 12
        here.clock.on(15 * MINUTE)
        deliver(here.office)
        assert len(server.letters) == 17
        assert [f"a{n:02d}" for n in range(17)] == sorted(k for k, state in here.states().items() if state == "sent")


def test_a_letter_that_another_program_is_sending_counts_for_the_caps(tmp_path: Path) -> None:
    with scripted_smtp() as server, room(tmp_path, server, {"per_hour": 2}) as here:
        for key in "abc":
            here.letter(key)

        def meanwhile(talk: SmtpTalk) -> None:
            server.twists.clear()
            deliver(here.office)
            talk.say("250 ok")

        server.twists["dot"] = meanwhile
        deliver(here.office)
        assert len(server.letters) == 2


def test_reminders_that_must_start_early_for_the_caps_leave_early_and_only_to_units_that_still_owe(
    tmp_path: Path,
) -> None:
    with scripted_smtp() as server, room(tmp_path, server, {"per_hour": 1, "per_day": 2}) as here:
        here.clock.now = datetime(2018, 8, 10, 2, 0, tzinfo=UTC)  # three working days before 20 August are 15 August
        early = remind(here.office)
        assert len(early) > 2
        deliver(here.office)
        assert len(server.letters) == 1
        second = next(one for one in here.office.ledger.letters.outbox() if one.state == "queued")
        note = Note(CAMPAIGN, str(second.unit), "phone", "下周报送", here.clock(), "甲")
        here.office.ledger.notes.add(note)
        here.clock.on(HOUR)
        deliver(here.office)
        assert len(server.letters) == 2 and here.states()[second.key] == "queued"


def test_a_reminder_is_decided_again_without_planning_the_whole_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_smtp() as server, room(tmp_path, server) as here:
        here.clock.now = datetime(2018, 8, 15, 2, 0, tzinfo=UTC)
        written = remind(here.office)
        looked_at: list[str] = []
        plain = planning.checklist

        def watched(campaign: Campaign, unit: Unit, *more: Any) -> Checklist:
            looked_at.append(unit.code)
            return plain(campaign, unit, *more)

        monkeypatch.setattr(planning, "checklist", watched)
        deliver(here.office)
        assert len(server.letters) == len(written) > 10
        assert len(looked_at) == len(set(looked_at)) == len(written)
