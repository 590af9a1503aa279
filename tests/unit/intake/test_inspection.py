"""四性检测: each check passes, fails or does not apply for a reason that is said; nothing is claimed beyond them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.damages import Damage
from archive.records import Announced, Decision, Facts, Mail, Piece, Source, Submission
from intake.inspection import NATURES, Inspection, Seen, inspect
from intake.rounds.office import Office
from intake.rounds.second import copy_batch
from intake.service import drain
from tests.unit.intake.daily_office import Clock, opened
from tests.unit.intake.kept_office import NOW, PLACES, build
from tests.unit.intake.test_verifying import flip, message, run

PIECE = Piece("2", "总结.docx", "files/总结.docx", "b" * 64, 5, Facts("docx"))
CAME = Submission(
    "WH2018-0001", Source("weihai", "INBOX", 7, 42), "mail", NOW, "a" * 64, 10,
    Mail(sender="a@u.example.test", subject="材料"), (PIECE,),
)  # fmt: skip
HELD = Decision("WH2018-0001", 1, NOW, "auto", "submission", "weihai-2018", "WH01", 0.9, True, "person")
GOOD = Seen("WH2018-0001", NOW, CAME, HELD, (), 3, NOW - timedelta(days=9), second=True, copied=NOW, chain=True)


def results(seen: Seen) -> dict[str, str]:
    return {check.id: check.result for check in inspect(seen, "环翠区团委").checks}


def test_a_good_mail_passes_every_check_that_applies() -> None:
    made = inspect(GOOD, "环翠区团委")
    assert {check.id for check in made.checks if check.result == "not-applicable"} == {"sender", "links", "virus"}
    assert not [check for check in made.checks if check.result == "fail"]
    assert [made.of(nature) for nature in NATURES] == ["pass"] * 4
    assert made.result == "pass"


def of(code: str, path: str = "v1/content/files/x") -> tuple[Damage, ...]:
    return (Damage(code, PLACES[0], path, "有损坏"),)


def with_piece(**change: object) -> Submission:
    return replace(CAME, pieces=(replace(PIECE, **change),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "failed"),
    [
        (replace(GOOD, damages=of("changed", "v1/content/message.eml")), {"digest", "files"}),
        (replace(GOOD, damages=of("missing")), {"files"}),
        (replace(GOOD, damages=of("ledger-differs")), {"ledger"}),
        (replace(GOOD, chain=False), {"chain"}),
        (replace(GOOD, sender=("fail", "dmarc=fail")), {"sender"}),
        (replace(GOOD, submission=replace(CAME, source=Source("weihai"))), {"source"}),
        (replace(GOOD, decision=replace(HELD, unit=None)), {"metadata"}),
        (replace(GOOD, decision=replace(HELD, announced=(Announced("链接", "link"),)), open_links=1), {"links"}),
        (replace(GOOD, submission=replace(CAME, understood=False)), {"read"}),
        (replace(GOOD, submission=with_piece(problem="encrypted")), {"open"}),
        (replace(GOOD, submission=with_piece(facts=Facts("unknown"))), {"format"}),
        (replace(GOOD, submission=with_piece(facts=Facts("exe"))), {"runnable"}),
        (replace(GOOD, submission=with_piece(facts=Facts("docx", marks=("机密",)))), {"marks"}),
        (replace(GOOD, copied=None), {"copy"}),
        (replace(GOOD, read_before=NOW - timedelta(days=91)), {"fixity"}),
    ],
)
def test_each_fault_fails_its_own_check(seen: Seen, failed: set[str]) -> None:
    assert {id for id, result in results(seen).items() if result == "fail"} == failed
    assert inspect(seen, "").result == "fail"


def test_what_cannot_be_told_does_not_apply_and_says_why() -> None:
    bare = replace(GOOD, chain=None, second=False, copied=None, submission=replace(CAME, pieces=()))
    absent = {c.id: c.detail for c in inspect(bare, "").checks if c.result == "not-applicable"}
    assert set(absent) == {"sender", "links", "virus", "chain", "copy", "open", "format"}
    assert all(absent.values())
    assert results(replace(GOOD, sender=("pass", "dmarc=pass")))["sender"] == "pass"
    assert results(replace(GOOD, copied=None, withheld="含有机密"))["copy"] == "not-applicable"


def test_a_discarded_mail_is_judged_by_its_tombstone_alone() -> None:
    made: Inspection = inspect(replace(GOOD, decision=replace(HELD, discarded=True)), "")
    assert [made.of(nature) for nature in NATURES] == ["pass", *["not-applicable"] * 3]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    build(tmp_path / "home")
    with opened(tmp_path / "home", Clock(NOW)) as one:
        yield one


def test_the_command_inspects_a_mail_or_a_campaign_and_prints_it_for_paper(office: Office, tmp_path: Path) -> None:
    home, page = office.home, tmp_path / "报告.html"
    office.ledger.decisions.decide("TN2018-0001", lambda d: replace(d, unit="TN01"), NOW, "王", "改")
    code, said = run(home, "inspect", "TN2018-0001", "--json")
    told = json.loads(said)
    assert told["tool"].startswith("Baosong ")
    assert told["items"][0]["natures"]["可用性"] == "pass"
    failed = {check["id"] for check in told["items"][0]["checks"] if check["result"] == "fail"}
    assert (code, failed) == (1, {"copy"}), "the second copy is named in the settings, but nothing was copied yet"
    drain(lambda: copy_batch(office) > 0)
    code, said = run(home, "inspect", "tn2018-0001")
    assert code == 0
    assert "不代表符合该标准" in said
    flip(message(office, PLACES[0]))
    code, said = run(home, "inspect", "town-2018", "--html", str(page))
    assert code == 1
    assert "不合格" in said
    text = page.read_text("utf-8")
    assert "@page { size: A4" in text
    assert "changed v1/content/message.eml" in text
    assert text.count("<h2>") == 2
    assert run(home, "inspect", "WH9")[0] == 1
