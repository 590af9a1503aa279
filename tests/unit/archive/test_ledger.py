"""The ledger: numbers, acceptance, decisions, answer windows, the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from archive.chain import Head
from archive.ledger import Ledger
from archive.ledger.arrivals import Accepted, Sight, Wanted
from archive.ledger.engine import MIGRATIONS
from archive.ledger.letters import Caps, NewLetter
from archive.ledger.windows import Answering, DueWindow
from archive.records import (
    Decision,
    Entry,
    Evidence,
    Facts,
    Letter,
    LetterState,
    Listing,
    Mail,
    Piece,
    PieceDecision,
    Question,
    Registered,
    Source,
    Submission,
)

NOW = datetime(2018, 8, 6, 2, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NO_CAPS = Caps(1000, 1000, 1000, 1000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


def wanted(uid: int, content: str | None = None) -> Wanted:
    digest = (content or str(uid)).rjust(64, "0")
    return Wanted(Source("weihai", "INBOX", 7, uid), "weihai", "WH", 2018, "mail", NOW, digest, 10, "a@u.example.test")


def accepted(
    number: str, uid: int, unit: str | None = "WH01", reply_to: str = "a@u.example.test", answer: bool = True
) -> Accepted:
    piece = Piece("2", "总结.docx", "files/总结.docx", "b" * 64, 5, Facts("docx"))
    submission = Submission(
        number, Source("weihai", "INBOX", 7, uid), "mail", NOW, str(uid).rjust(64, "0"), 10,
        Mail(sender=reply_to, subject="材料", message_id=f"<{uid}@u.example.test>"), (piece,),
    )  # fmt: skip
    decision = Decision(
        number, 1, NOW, "auto", "submission", "weihai-2018", unit, 0.9, True, "person", reply_to,
        pieces=(PieceDecision("2", "materials"),),
    )  # fmt: skip
    how = Answering("weihai", "weihai-2018", unit or "", reply_to, 10, 60) if answer else None
    return Accepted(submission, decision, how)


def file(ledger: Ledger, *ones: Accepted, at: datetime = NOW) -> None:
    ledger.arrivals.reserve([wanted(one.submission.source.uid) for one in ones], at)
    ledger.arrivals.accept(ones, (), at)


def letter(due: DueWindow) -> NewLetter:
    numbers = tuple(held.submission.number for held in due.answered)
    key = f"answer:{numbers[-1]}{'+' * due.rewrites}"
    return NewLetter(
        Letter(key, "receipt", due.campaign, due.unit or None, due.reply_to, "【回执】", numbers, "queued", NOW,
               message_id=f"<{key}@weihai.example.test>", body=b"x"),
        due.mailbox, 0,
    )  # fmt: skip


# --- numbers


def test_the_same_bytes_get_the_same_number_and_a_number_is_never_given_twice(ledger: Ledger) -> None:
    first = ledger.arrivals.reserve([wanted(1), wanted(2), wanted(3, "1")], NOW)
    assert [place.number for place in first] == ["WH2018-0001", "WH2018-0002", "WH2018-0001"]
    again = ledger.arrivals.reserve([wanted(2), wanted(4)], NOW)
    assert [place.number for place in again] == ["WH2018-0002", "WH2018-0003"]
    assert not any(place.accepted for place in again)


def test_a_reserved_number_is_known_but_not_accepted_until_the_batch_is(ledger: Ledger) -> None:
    ledger.arrivals.reserve([wanted(1)], NOW)
    assert ledger.arrivals.numbers() == []
    assert not ledger.arrivals.known([wanted(1).sha256])[wanted(1).sha256].accepted
    ledger.arrivals.accept([accepted("WH2018-0001", 1)], (), NOW)
    assert ledger.arrivals.numbers() == ["WH2018-0001"]
    assert ledger.arrivals.known([wanted(1).sha256])[wanted(1).sha256].accepted


def test_what_was_accepted_reads_back_equal(ledger: Ledger) -> None:
    one = accepted("WH2018-0001", 1)
    file(ledger, one)
    assert ledger.arrivals.submission("WH2018-0001") == one.submission
    assert ledger.decisions.current("WH2018-0001") == one.decision
    assert [event.kind for event in ledger.events.of("WH2018-0001")] == ["accepted"]


# --- folders


def test_a_reserved_or_failing_uid_is_read_again_and_every_other_state_is_not(ledger: Ledger) -> None:
    ledger.arrivals.open_folder("weihai", "INBOX", 7, NOW)
    ledger.arrivals.reserve([wanted(1)], NOW)
    for uid, state in ((2, "duplicate"), (3, "aside"), (4, "left"), (5, "vanished"), (6, "failed")):
        sight = Sight(Source("weihai", "INBOX", 7, uid), state, NOW, str(uid), None, "why")
        if state == "duplicate":
            sight = replace(sight, number="WH2018-0001")
        ledger.arrivals.accept((), [sight], NOW)
    assert ledger.arrivals.folder("weihai", "INBOX", tries=3).rows == {2, 3, 4, 5}
    for _ in range(2):
        ledger.arrivals.accept((), [Sight(Source("weihai", "INBOX", 7, 6), "failed", NOW)], NOW)
    assert ledger.arrivals.folder("weihai", "INBOX", tries=3).rows == {2, 3, 4, 5, 6}


def test_a_changed_uidvalidity_starts_the_folder_again_and_is_told(ledger: Ledger) -> None:
    assert not ledger.arrivals.open_folder("weihai", "INBOX", 7, NOW)
    ledger.arrivals.advance("weihai", "INBOX", 7, 40, 41, 40)
    assert ledger.arrivals.folder("weihai", "INBOX").cursor == 40
    assert ledger.arrivals.open_folder("weihai", "INBOX", 8, NOW)
    memory = ledger.arrivals.folder("weihai", "INBOX")
    assert (memory.uidvalidity, memory.cursor, memory.rows) == (8, 0, frozenset())


def test_the_cursor_never_goes_back_by_itself(ledger: Ledger) -> None:
    ledger.arrivals.open_folder("weihai", "INBOX", 7, NOW)
    ledger.arrivals.advance("weihai", "INBOX", 7, 40, 41, 40)
    ledger.arrivals.advance("weihai", "INBOX", 7, 0, 41, 40)
    assert ledger.arrivals.folder("weihai", "INBOX").cursor == 40
    ledger.arrivals.rewind("weihai", "INBOX", 12)
    assert ledger.arrivals.folder("weihai", "INBOX").cursor == 12


# --- decisions


def test_a_correction_is_a_further_version_and_moves_the_mail_to_the_other_unit(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1, unit=None, answer=False))
    told = Evidence("staff", "由经办人指定", 100)
    changed = ledger.decisions.decide(
        "WH2018-0001", lambda d: replace(d, unit="WH02", evidence=(told,)), NOW + MINUTE, "经办人甲", "电话核实"
    )
    assert (changed.version, changed.by, changed.why) == (2, "经办人甲", "电话核实")
    assert [one.version for one in ledger.decisions.versions("WH2018-0001")] == [1, 2]
    assert list(ledger.decisions.holdings("weihai-2018")) == ["WH02"]
    waiting = ledger.decisions.unrecorded()
    assert [submission.number for submission, _ in waiting] == ["WH2018-0001"]
    ledger.decisions.mark_recorded("WH2018-0001", 2)
    assert ledger.decisions.unrecorded() == []


def test_a_decision_on_an_unknown_number_is_a_key_error(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.decisions.decide("WH2018-0099", lambda d: d, NOW, "甲", "")


def test_a_discarded_submission_is_held_for_nobody(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1))
    ledger.decisions.decide("WH2018-0001", lambda d: replace(d, discarded=True), NOW, "甲", "涉密")
    assert ledger.decisions.holdings("weihai-2018") == {}


def test_a_relayed_piece_is_held_for_its_own_unit_too(ledger: Ledger) -> None:
    one = accepted("WH2018-0001", 1)
    relayed = replace(one.decision, pieces=(PieceDecision("2", "materials", unit="WH02"),))
    file(ledger, replace(one, decision=relayed))
    assert sorted(ledger.decisions.holdings("weihai-2018")) == ["WH01", "WH02"]
    assert list(ledger.decisions.holdings("weihai-2018", "WH02")["WH02"].held) == list(
        ledger.decisions.holdings("weihai-2018", "WH01")["WH01"].held
    )


def test_what_is_registered_for_all_units_stands_in_every_units_holdings(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1))
    ledger.decisions.register("weihai-2018", Registered("", "works", "accept", NOW, "甲"))
    ledger.decisions.register("weihai-2018", Registered("WH09", "works", "disc", NOW, "甲"))
    held = ledger.decisions.holdings("weihai-2018")
    assert [one.by for one in held["WH01"].registered] == ["accept"]
    assert [one.by for one in held["WH09"].registered] == ["disc", "accept"]


def test_an_open_question_is_asked_once_and_ticked_off_once(ledger: Ledger) -> None:
    question = Question(0, "mailbox-down", None, None, "邮箱 weihai：连不上", (), "", NOW)
    ledger.decisions.ask(question, None, None)
    ledger.decisions.ask(question, None, None)
    (asked,) = ledger.decisions.questions()
    assert ledger.decisions.settle(asked.id, NOW, "甲")
    assert not ledger.decisions.settle(asked.id, NOW, "甲")
    assert ledger.decisions.questions() == ()


# --- answering


def test_mails_of_one_unit_and_address_within_the_window_get_one_letter(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1))
    file(ledger, accepted("WH2018-0002", 2), at=NOW + 5 * MINUTE)
    file(ledger, accepted("WH2018-0003", 3, reply_to="b@u.example.test"), at=NOW + 5 * MINUTE)
    assert ledger.windows.answer_one(NOW + 14 * MINUTE, letter) is None
    assert ledger.windows.answer_one(NOW + 15 * MINUTE, letter) == "answer:WH2018-0002"
    assert ledger.windows.answer_one(NOW + 15 * MINUTE, letter) == "answer:WH2018-0003"
    assert ledger.windows.answer_one(NOW + 99 * MINUTE, letter) is None
    assert [one.numbers for one in ledger.letters.outbox()] == [("WH2018-0001", "WH2018-0002"), ("WH2018-0003",)]


def test_a_window_never_stays_open_longer_than_its_maximum(ledger: Ledger) -> None:
    for step in range(20):
        file(ledger, accepted(f"WH2018-{step + 1:04d}", step + 1), at=NOW + step * 5 * MINUTE)
        if ledger.windows.answer_one(NOW + step * 5 * MINUTE, letter):
            break
    assert step * 5 == 60


def test_a_letter_that_cannot_be_written_leaves_its_window_open(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1))

    def fails(due: DueWindow) -> NewLetter:
        raise RuntimeError("no template")

    with pytest.raises(RuntimeError):
        ledger.windows.answer_one(NOW + 10 * MINUTE, fails)
    assert ledger.letters.outbox() == ()
    assert ledger.windows.answer_one(NOW + 10 * MINUTE, letter) == "answer:WH2018-0001"


def test_an_unsent_answer_is_written_anew_when_staff_decide_otherwise(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1, unit=None))
    ledger.windows.answer_one(NOW + 10 * MINUTE, letter)
    how = Answering("weihai", "weihai-2018", "WH02", "a@u.example.test", 10, 60)
    ledger.decisions.decide(
        "WH2018-0001", lambda d: replace(d, unit="WH02"), NOW + 11 * MINUTE, "甲", "", lambda _: how
    )
    assert [one.state for one in ledger.letters.outbox()] == ["cancelled"]
    assert ledger.windows.answer_one(NOW + 30 * MINUTE, letter) == "answer:WH2018-0001+"
    assert [one.unit for one in ledger.letters.outbox()] == [None, "WH02"]


def test_a_sent_answer_is_not_written_again(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1, unit=None))
    ledger.windows.answer_one(NOW + 10 * MINUTE, letter)
    leased = ledger.letters.lease_one(NOW + 10 * MINUTE, 10 * MINUTE, NO_CAPS)
    assert leased is not None
    ledger.letters.outcome(leased.letter.key, "sent", NOW + 10 * MINUTE, None)
    how = Answering("weihai", "weihai-2018", "WH02", "a@u.example.test", 10, 60)
    ledger.decisions.decide(
        "WH2018-0001", lambda d: replace(d, unit="WH02"), NOW + 11 * MINUTE, "甲", "", lambda _: how
    )
    assert ledger.windows.answer_one(NOW + 99 * MINUTE, letter) is None


def sent_or_capped(ledger: Ledger, at: datetime, caps: Caps) -> list[tuple[str, ...]]:
    """Deliver what the caps let leave; the numbers each letter names."""
    named = []
    while (leased := ledger.letters.lease_one(at, 10 * MINUTE, caps)) is not None:
        ledger.letters.outcome(leased.letter.key, "sent", at, None)
        named.append(leased.letter.numbers)
    return named


def test_answers_that_a_cap_holds_back_become_one_letter_that_names_them_all(ledger: Ledger) -> None:
    caps, at, named = Caps(1000, 1000, 2, 1000), NOW, []
    for number in range(1, 6):
        file(ledger, accepted(f"WH2018-000{number}", number), at=at)
        at += 10 * MINUTE
        ledger.windows.answer_one(at, letter)
        named += sent_or_capped(ledger, at, caps)
    assert named == [("WH2018-0001",), ("WH2018-0002",)]
    waiting = [one for one in ledger.letters.outbox() if one.state == "queued"]
    assert [one.numbers for one in waiting] == [("WH2018-0003", "WH2018-0004", "WH2018-0005")]
    assert "上限" in str(waiting[0].trouble)
    named += sent_or_capped(ledger, at + timedelta(hours=1), caps)
    assert sorted(number for each in named for number in each) == [f"WH2018-000{n}" for n in range(1, 6)]
    assert len(named) == 3


def test_only_capped_answers_to_the_same_unit_and_address_are_merged(ledger: Ledger) -> None:
    caps = Caps(1000, 1000, 0, 1000)
    for number, (unit, address) in enumerate(
        [("WH01", "a@u.example.test"), ("WH02", "a@u.example.test"), ("WH01", "b@u.example.test")], 1
    ):
        file(ledger, accepted(f"WH2018-000{number}", number, unit, address))
        ledger.windows.answer_one(NOW + 10 * MINUTE, letter)
    assert sent_or_capped(ledger, NOW + 10 * MINUTE, caps) == []
    file(ledger, accepted("WH2018-0004", 4), at=NOW + 10 * MINUTE)
    ledger.windows.answer_one(NOW + 20 * MINUTE, letter)
    queued = [one.numbers for one in ledger.letters.outbox() if one.state == "queued"]
    assert sorted(queued) == [("WH2018-0001", "WH2018-0004"), ("WH2018-0002",), ("WH2018-0003",)]


@pytest.mark.parametrize("state", ["held", "draft"])
def test_what_staff_hold_or_a_letter_that_was_tried_is_never_merged(ledger: Ledger, state: LetterState) -> None:
    file(ledger, accepted("WH2018-0001", 1))
    key = ledger.windows.answer_one(NOW + 10 * MINUTE, letter)
    assert sent_or_capped(ledger, NOW + 10 * MINUTE, Caps(1000, 1000, 0, 1000)) == []
    ledger.letters.set_state([str(key)], ["queued"], state, NOW + 10 * MINUTE, "甲")
    file(ledger, accepted("WH2018-0002", 2), at=NOW + 10 * MINUTE)
    ledger.windows.answer_one(NOW + 20 * MINUTE, letter)
    assert [one.numbers for one in ledger.letters.outbox()] == [("WH2018-0001",), ("WH2018-0002",)]


# --- the outbox


def planned(key: str, to: str = "a@u.example.test", priority: int = 2, expires: datetime | None = None) -> NewLetter:
    return NewLetter(
        Letter(key, "reminder", "weihai-2018", "WH01", to, "【报送提醒】", (), "queued", NOW,
               message_id=f"<{key}@weihai.example.test>", body=b"x", expires=expires),
        "weihai", priority,
    )  # fmt: skip


def test_a_letter_is_put_once_by_its_key(ledger: Ledger) -> None:
    assert ledger.letters.put(planned("reminder:1"), NOW)
    assert not ledger.letters.put(planned("reminder:1"), NOW)


def test_the_most_urgent_letter_leaves_first_and_a_leased_one_is_nobody_elses(ledger: Ledger) -> None:
    ledger.letters.put(planned("reminder:1", priority=2), NOW)
    ledger.letters.put(planned("answer:1", priority=0), NOW)
    first = ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS)
    second = ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS)
    assert first is not None and second is not None
    assert (first.letter.key, second.letter.key) == ("answer:1", "reminder:1")
    assert ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS) is None


def test_a_lease_that_ran_out_is_taken_again_with_the_same_bytes(ledger: Ledger) -> None:
    ledger.letters.put(planned("reminder:1"), NOW)
    first = ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS)
    again = ledger.letters.lease_one(NOW + 10 * MINUTE, 10 * MINUTE, NO_CAPS)
    assert first is not None and again is not None
    assert (first.letter.body, first.letter.message_id) == (again.letter.body, again.letter.message_id)
    assert again.letter.tries == 2


def test_caps_hold_letters_back_until_the_hour_is_over_and_staff_see_why(ledger: Ledger) -> None:
    caps = Caps(per_hour=2, per_day=10, per_address_hour=1, per_address_day=10)
    for number in range(4):
        ledger.letters.put(planned(f"reminder:{number}", to=f"{number // 2}@u.example.test"), NOW)
    sent = []
    while (leased := ledger.letters.lease_one(NOW, 10 * MINUTE, caps)) is not None:
        ledger.letters.outcome(leased.letter.key, "sent", NOW, None)
        sent.append(leased.letter.key)
    assert sent == ["reminder:0", "reminder:2"]
    assert "上限" in str({one.key: one.trouble for one in ledger.letters.outbox()}["reminder:1"])
    later = ledger.letters.lease_one(NOW + timedelta(hours=1), 10 * MINUTE, caps)
    assert later is not None


def test_a_letter_about_a_deadline_is_cancelled_after_it(ledger: Ledger) -> None:
    ledger.letters.put(planned("reminder:1", expires=NOW + 5 * MINUTE), NOW)
    assert ledger.letters.lease_one(NOW + 5 * MINUTE, 10 * MINUTE, NO_CAPS) is None
    assert [one.state for one in ledger.letters.outbox()] == ["cancelled"]


def test_drafts_and_held_letters_leave_only_when_released(ledger: Ledger) -> None:
    new = planned("reminder:1")
    ledger.letters.put(replace(new, letter=replace(new.letter, state="draft")), NOW)
    assert ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS) is None
    assert ledger.letters.set_state(None, ("draft", "held"), "queued", NOW, "甲") == 1
    assert ledger.letters.lease_one(NOW, 10 * MINUTE, NO_CAPS) is not None


# --- events


def test_events_leave_in_segments_and_a_segment_not_marked_kept_is_given_again(ledger: Ledger) -> None:
    file(ledger, accepted("WH2018-0001", 1), accepted("WH2018-0002", 2))
    first = ledger.events.next_segment(most=1)
    again = ledger.events.next_segment(most=1)
    assert first is not None and again is not None
    assert first == again
    ledger.events.mark_kept(first, Head(1, "a" * 64))
    second = ledger.events.next_segment()
    assert second is not None and second.before == ledger.events.head() == Head(1, "a" * 64)
    assert [event.number for event in (*first.events, *second.events)] == ["WH2018-0001", "WH2018-0002"]
    ledger.events.mark_kept(second, Head(2, "b" * 64))
    assert ledger.events.next_segment() is None


# --- lists beside the mail ----------------------------------------------------------------------------------------


def a_list(day: int, *states: str, unit: str = "", sha256: str = "a") -> Listing:
    entries = tuple(Entry(f"{n}班组", state, "BT01", "一师") for n, state in enumerate(states))  # type: ignore[arg-type]
    return Listing("bingtuan-2018", "filing", "名单.csv", date(2018, 7, day), sha256 * 64, NOW, "王", entries, unit)


def test_a_list_its_bytes_and_its_event_are_one_transaction(ledger: Ledger) -> None:
    assert ledger.listings.put(a_list(10, "pending"), b"bytes", "名单.csv")
    assert [(row.kind, row.name, row.text) for row in ledger.versions.unkept()] == [
        ("lists/bingtuan-2018", "名单.csv", b"bytes")
    ]
    segment = ledger.events.next_segment()
    assert segment is not None
    (told,) = segment.events
    assert (told.kind, told.campaign, told.data["sha256"], told.data["day"]) == (
        "list-imported", "bingtuan-2018", "a" * 64, "2018-07-10",
    )  # fmt: skip


def test_a_list_that_fails_to_be_kept_leaves_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("archive.ledger.listings.events.add", fail)
    with pytest.raises(OSError, match="disk full"):
        ledger.listings.put(a_list(10, "pending"), b"bytes", "名单.csv")
    assert ledger.listings.all("bingtuan-2018") == ()
    assert ledger.versions.unkept() == []


def test_the_same_list_again_is_no_new_version_but_what_is_read_otherwise_is(ledger: Ledger) -> None:
    assert ledger.listings.put(a_list(10, "pending"), b"bytes", "名单.csv")
    again = replace(a_list(10, "pending"), name="改名.csv", who="李", at=NOW + MINUTE)
    assert not ledger.listings.put(again, b"bytes", "改名.csv")
    assert ledger.listings.put(a_list(11, "pending"), b"bytes", "名单.csv"), "exported again, nothing had changed"
    assert ledger.listings.put(a_list(11, "passed"), b"bytes", "名单.csv"), "read anew"
    assert len(ledger.versions.unkept()) == 1, "the bytes are kept once"


def test_the_newest_day_is_in_force_for_all_units_and_for_each_alone(ledger: Ledger) -> None:
    for one in (
        a_list(12, "passed", sha256="b"),
        a_list(10, "pending"),
        a_list(9, "returned", unit="BT01", sha256="c"),
    ):
        assert ledger.listings.put(one, b"x", "名单.csv")
    assert [(one.day.day, one.unit) for one in ledger.listings.in_force("bingtuan-2018")] == [(9, "BT01"), (12, "")]
    assert [one.day.day for one in ledger.listings.all("bingtuan-2018")] == [9, 10, 12]
    held = ledger.decisions.holdings("bingtuan-2018", "BT07")["BT07"]
    assert len(held.lists) == 2, "a unit that sent nothing stands on the lists too"
    assert ledger.listings.in_force("weihai-2018") == ()


def test_a_ledger_of_before_there_were_lists_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "0001")
    opened = Ledger(path)
    assert opened.listings.put(a_list(10, "passed"), b"bytes", "名单.csv")
    opened.close()


def test_addresses_learned_before_aliases_were_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "0002")
    with sqlite3.connect(path) as old:
        row = ("a@u.example.test", "weihai-2018", "WH01", "2018-08-06 02:20:00.000000", "王")
        old.execute("INSERT INTO learned (address, campaign, unit, at, who) VALUES (?, ?, ?, ?, ?)", row)
    old.close()
    opened = Ledger(path)
    assert opened.taught.addresses() == {"a@u.example.test": (("weihai-2018", "WH01"),)}
    assert opened.taught.all("weihai-2018")[0].at == NOW
    opened.close()


def test_what_was_taught_is_replaced_by_what_is_taught_later_and_forgotten_on_request(ledger: Ledger) -> None:
    for unit in ("WH01", "WH02"):
        ledger.taught.teach("alias", " 高技区团委 ", "weihai-2018", unit, NOW, "王", "WH2018-0001")
    ledger.taught.teach("address", "A@U.example.test", "weihai-2018", "WH03", NOW, "王")
    assert ledger.taught.aliases("weihai-2018") == (("高技区团委", "WH02"),)
    assert ledger.taught.aliases("hainan-2017") == ()
    assert ledger.taught.addresses() == {"a@u.example.test": (("weihai-2018", "WH03"),)}
    (alias, _) = ledger.taught.all("weihai-2018")
    assert ledger.taught.forget(alias.id, "hainan-2017", NOW, "王") is None
    assert ledger.taught.forget(alias.id, "weihai-2018", NOW, "王") == alias
    assert ledger.taught.aliases("weihai-2018") == ()
    kinds = [event.kind for event in ledger.events.of("WH2018-0001")]
    assert kinds == ["alias-learned", "alias-learned", "alias-forgotten"]
