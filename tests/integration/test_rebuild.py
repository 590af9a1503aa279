"""The ledger made again from the archive: what changed is kept once, damage is named, nothing is lost twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from archive.ledger import Ledger
from archive.rebuild import rebuild
from archive.records import Note
from archive.vault import Vault
from config.settings import SmtpSettings
from intake.rounds.importing import Order, import_paths
from intake.rounds.record import record_one
from intake.service import drain
from tests.servers.homes import CAMPAIGN
from tests.servers.mails import unit_mail
from tests.servers.rooms import OFFICE, Room, a_room
from tests.servers.same_ledger import differences

NOWHERE = SmtpSettings(host="127.0.0.1", port=1, tls="none")


def filled(opened: Room, mails: int = 2) -> None:
    office = opened.office
    for place in range(mails):
        path = office.home / f"{place}.eml"
        path.write_bytes(unit_mail(place + 1, f"WH0{place + 1}", OFFICE))
        import_paths(office, [path], Order(CAMPAIGN))
    opened.letter("sent")
    opened.letter("waits")
    office.ledger.notes.add(Note(CAMPAIGN, "WH03", "phone", "电话告知", office.now(), "甲"))


def recorded(opened: Room) -> list[Path]:
    """Everything written; the segments of the log."""
    drain(lambda: record_one(opened.office))
    return sorted((opened.office.home / "archive/_log/events").iterdir())


def again(home: Path) -> tuple[Path, tuple[str, ...]]:
    new = home / "again.db"
    return new, rebuild(Vault(home / "archive"), new).troubles


def rows_of(segment: Path) -> list[tuple[str, str]]:
    found = segment / "v1/content/rows.jsonl"
    lines = found.read_text("utf-8").splitlines() if found.exists() else []
    return [(one["table"], json.dumps(one["key"])) for one in map(json.loads, lines)]


def test_a_row_goes_into_the_log_when_it_says_something_new_and_only_then(tmp_path: Path) -> None:
    with a_room(tmp_path, NOWHERE) as opened:
        filled(opened)
        before = len(recorded(opened))
        opened.office.ledger.versions.set("loaded:nothing", opened.office.ledger.versions.get("loaded:nothing"))
        opened.office.ledger.arrivals.connected("weihai", opened.office.now())
        recorded(opened)
        opened.office.ledger.arrivals.connected("weihai", opened.office.now())  # a poll like any other
        opened.office.ledger.versions.set("thing", 1)
        opened.office.ledger.versions.set("thing", 1)
        segments = recorded(opened)
        assert len(segments) > before
        assert rows_of(segments[-1]) == [("meta", '["thing"]')]
        assert recorded(opened) == segments


def test_the_ledger_is_the_same_again_drafts_notes_and_counters_included(tmp_path: Path) -> None:
    with a_room(tmp_path, NOWHERE) as opened:
        filled(opened)
        recorded(opened)
        home = opened.office.home
        new, troubles = again(home)
        assert troubles == ()
        assert differences(home / "ledger.db", new) == []
    ledger = Ledger(new)
    assert {one.key: one.state for one in ledger.letters.outbox()} == {"sent": "queued", "waits": "queued"}
    assert "rebuild --resume" in ledger.versions.get("sending-held")
    ledger.close()


def test_what_the_log_had_no_time_to_take_is_found_by_its_object_and_its_number_is_not_given_again(
    tmp_path: Path,
) -> None:
    with a_room(tmp_path, NOWHERE) as opened:
        filled(opened, 1)
        recorded(opened)
        path = opened.office.home / "late.eml"
        path.write_bytes(unit_mail(9, "WH05", OFFICE))
        (late,) = import_paths(opened.office, [path], Order(CAMPAIGN))
        new, troubles = again(opened.office.home)
        assert troubles == ()
    ledger = Ledger(new)
    assert late.number in ledger.arrivals.numbers()
    assert ledger.windows.next_due() is None
    ledger.close()


def test_damage_is_named_and_the_rest_is_made_again(tmp_path: Path) -> None:
    with a_room(tmp_path, NOWHERE) as opened:
        filled(opened)
        recorded(opened)
        opened.office.ledger.versions.set("thing", 1)
        segments = recorded(opened)
        shutil.rmtree(segments[0])
        number = opened.office.ledger.arrivals.numbers()[0]
        (record,) = opened.office.home.glob(f"archive/*/*/{number}/v1/content/record.json")
        record.chmod(0o644)
        record.write_text("{", "utf-8")
        new, troubles = again(opened.office.home)
    assert any("第 1 段" in one for one in troubles)
    assert any(number in one and "repair" in one for one in troubles)
    ledger = Ledger(new)
    assert ledger.versions.get("thing") == 1
    assert len(ledger.arrivals.numbers()) == 1
    ledger.close()


def test_a_rebuild_that_is_cut_off_leaves_the_old_ledger_and_the_next_one_finishes(tmp_path: Path) -> None:
    with a_room(tmp_path, NOWHERE) as opened:
        filled(opened)
        recorded(opened)
        home = opened.office.home
        (home / ".again.db.rebuilding").write_bytes(b"half")
        (home / ".again.db.rebuilding-wal").write_bytes(b"half")
        before = (home / "ledger.db").read_bytes()
        new, troubles = again(home)
        assert (troubles, new.exists(), (home / "ledger.db").read_bytes()) == ((), True, before)
