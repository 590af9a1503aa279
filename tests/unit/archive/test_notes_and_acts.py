"""Notes on units and acts on planned letters: kept, told of by events, lifted together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from archive.ledger import Ledger
from archive.records import Act, Note

NOW = datetime(2018, 8, 14, 2, tzinfo=UTC)
KEY, OTHER = "reminder:c:u1:2018-08-20:3", "reminder:c:u1:2018-08-21:3"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db")
    yield opened
    opened.close()


def told(ledger: Ledger) -> list[str]:
    segment = ledger.events.next_segment()
    return [event.kind for event in segment.events] if segment else []


def test_notes_are_kept_in_their_order_for_campaign_and_unit(ledger: Ledger) -> None:
    first = Note("c", "u1", "phone", "明天寄出", NOW, "王", date(2018, 8, 20))
    second = Note("c", "u2", "answered", "可以晚一天", NOW, "李", number="WH2018-0001")
    assert ledger.notes.add(first) < ledger.notes.add(second)
    ledger.notes.add(Note("d", "u1", "phone", "别的活动", NOW, "王"))
    assert ledger.notes.all("c") == (first, second)
    assert ledger.notes.of("c", "u1") == (first,)
    assert told(ledger) == ["noted"] * 3


def test_an_act_and_a_note_on_one_letter_stand_beside_each_other(ledger: Ledger) -> None:
    ledger.acts.act([KEY], "hold", "c", NOW, "王")
    ledger.acts.note(KEY, "等领导意见", "c", NOW + timedelta(hours=1), "李")
    assert ledger.acts.all() == {KEY: Act(KEY, "hold", "等领导意见", NOW, "王")}
    assert ledger.acts.release(KEY, "c", NOW, "王") == 1
    assert ledger.acts.all()[KEY].act == "" and ledger.acts.all()[KEY].note == "等领导意见"
    assert ledger.acts.release(KEY, "c", NOW, "王") == 0
    assert told(ledger) == ["plan-hold", "plan-noted", "plan-released"]


def test_what_was_held_in_one_act_is_released_in_one(ledger: Ledger) -> None:
    ledger.acts.act([KEY, OTHER], "hold", "c", NOW, "王")
    ledger.acts.act(["reminder:c:u2:2018-08-20:3"], "hold", "c", NOW + timedelta(seconds=1), "王")
    ledger.acts.release(KEY, "c", NOW, "李")
    assert [act.act for act in ledger.acts.all().values()] == ["", "", "hold"]


def test_the_last_act_stands(ledger: Ledger) -> None:
    ledger.acts.act([KEY], "hold", "c", NOW, "王")
    ledger.acts.act([KEY], "now", "c", NOW, "李")
    assert ledger.acts.all()[KEY].act == "now"
