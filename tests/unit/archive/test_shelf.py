"""The living folder, on a real ledger and vault: in step with decisions, and only where something changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from archive import durable
from archive import shelf as shelf_module
from archive.kept_folder import Done
from archive.layout import lay_out_unit
from archive.ledger import Ledger
from archive.ledger.arrivals import Accepted
from archive.ledger.arrivals import Wanted as Arrived
from archive.records import Decision, Facts, Mail, Piece, PieceDecision, Registered, Source, Submission
from archive.shelf import CHECKLIST, Shelf
from archive.vault import Vault
from config.campaign import Campaign
from config.roster import Roster, Unit
from tests.unit.archive.asked import WEIHAI, at
from tests.unit.archive.vaults import deposit, new_vault

ONE, TWO, SILENT = Unit("u1", "环翠区团委"), Unit("u2", "文登区团委"), Unit("u3", "人社局", owes=())
ROSTER = Roster((ONE, TWO, SILENT))
FOLDER, TODAY = "成果征集", at(8, 5)


@dataclass
class Home:
    """A home with its shelf; what a unit sends is kept and filed at once."""

    path: Path
    ledger: Ledger
    vault: Vault
    count: int = 0

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.path / "shelf", self.ledger, self.vault)

    def arrives(self, unit: str, received: datetime, **files: str) -> str:
        """One mail whose attachments are essays of that text; its number."""
        self.count += 1
        number, token = f"WH2018-{self.count:04}", f"t{self.count}"
        content = {"message.eml": f"mail {self.count}".encode()}
        content |= {f"files/{name}.docx": text.encode() for name, text in files.items()}
        pieces = tuple(
            Piece(str(place), f"{name}.docx", f"files/{name}.docx", hashlib.sha256(text.encode()).hexdigest(),
                  len(text.encode()), Facts("docx", characters=len(text)))
            for place, (name, text) in enumerate(files.items(), 2)
        )  # fmt: skip
        digest = hashlib.sha256(content["message.eml"]).hexdigest()
        source = Source("weihai", "INBOX", 7, self.count)
        wanted = Arrived(source, "weihai", "WH", 2018, "mail", received, digest, 10, "a@u.example.test")
        assert self.ledger.arrivals.reserve([wanted], received)[0].number == number
        self.vault.put([deposit(self.path, number, content, token=token)])
        submission = Submission(number, source, "mail", received, digest, 10, Mail(subject="征文"), pieces)
        choices = tuple(PieceDecision(one.path, "essay", work=one.name.removesuffix(".docx")) for one in pieces)
        decision = Decision(
            number, 1, received, "auto", "submission", WEIHAI.id, unit, 0.9, False, "person", pieces=choices
        )
        self.ledger.arrivals.accept([Accepted(submission, decision, None)], (), received)
        return number

    def keep(self, now: datetime = TODAY, roster: Roster = ROSTER) -> Done:
        return self.shelf.keep(WEIHAI, roster, FOLDER, now)

    def files(self) -> dict[str, str]:
        """Every copy on the shelf; workbooks aside."""
        shelf = self.path / "shelf"
        found = (path for path in shelf.rglob("*") if path.is_file() and ".baosong" not in path.parts)
        return {p.relative_to(shelf / FOLDER).as_posix(): p.read_text() for p in found if p.suffix != ".xlsx"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setattr(durable, "sync_trees", lambda trees: None)  # no power cut here
    monkeypatch.setattr(durable, "sync_file", lambda path: None)
    opened = Home(tmp_path, Ledger(tmp_path / "ledger.db"), new_vault(tmp_path))
    yield opened
    opened.ledger.close()


def test_only_units_of_which_something_changed_are_looked_at(home: Home, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []

    def watched(campaign: Campaign, folder: str, holdings):
        seen.append(holdings.unit)
        return lay_out_unit(campaign, folder, holdings)

    monkeypatch.setattr(shelf_module, "lay_out_unit", watched)
    home.arrives("u1", at(8, 1), 窗口="一")
    assert (home.keep().written, seen) == (4, ["u1", "u2"])  # a copy, two checklists, 总表
    assert (home.keep(), seen) == (Done(), ["u1", "u2"])
    home.arrives("u2", at(8, 2), 老街="二")
    home.keep()
    assert seen == ["u1", "u2", "u2"]
    assert home.files() == {
        "环翠区团委/品牌建设青之见/窗口.docx": "一",
        "文登区团委/品牌建设青之见/老街.docx": "二",
    }
    home.keep(now=at(8, 6))
    assert seen[3:] == ["u1", "u2"], "once a day all are"


def test_a_changed_decision_moves_the_file_to_the_other_unit(home: Home):
    number = home.arrives("u1", at(8, 1), 窗口="一")
    home.keep()
    home.ledger.decisions.decide(number, lambda old: replace(old, unit="u2"), at(8, 3), "王", "发错单位")
    assert home.keep().removed == 1
    assert home.files() == {"文登区团委/品牌建设青之见/窗口.docx": "一"}


def test_a_relayed_piece_lies_with_its_own_unit(home: Home):
    number = home.arrives("u1", at(8, 1), 甲="一", 乙="二")
    home.keep()
    home.ledger.decisions.decide(
        number,
        lambda old: replace(old, pieces=(old.pieces[0], replace(old.pieces[1], unit="u2"))),
        at(8, 3), "王", "代报",
    )  # fmt: skip
    home.keep()
    assert home.files() == {"环翠区团委/品牌建设青之见/甲.docx": "一", "文登区团委/品牌建设青之见/乙.docx": "二"}


def test_what_is_registered_changes_the_checklist(home: Home):
    home.keep()
    home.ledger.decisions.register(WEIHAI.id, Registered("u2", "essay", "disc", at(8, 3), "王"))
    assert home.keep().written == 1
    home.ledger.decisions.register(WEIHAI.id, Registered("", "essay", "accept", at(8, 3), "王"))
    home.keep()
    assert home.keep() == Done()


def test_what_was_destroyed_in_the_archive_is_said_and_what_was_discarded_goes(home: Home):
    number = home.arrives("u1", at(8, 1), 窗口="一")
    home.vault.tombstone("weihai", 2018, number, "主任", "涉密", at(8, 2))
    done = home.keep()
    assert done.open == {"u1"} and f"{number} 已撤销存档" in done.said[0]
    home.ledger.decisions.decide(number, lambda old: replace(old, discarded=True), at(8, 3), "主任", "涉密")
    assert (home.keep().open, home.files()) == (set(), {})


def test_a_unit_that_left_the_roster_keeps_its_files_under_its_code(home: Home):
    home.arrives("u1", at(8, 1), 窗口="一")
    home.keep()
    home.keep(roster=Roster((TWO,)))
    assert home.files() == {"u1（不在名册）/品牌建设青之见/窗口.docx": "一"}


def test_a_campaign_called_otherwise_moves_as_a_whole(home: Home):
    home.arrives("u1", at(8, 1), 窗口="一")
    home.keep()
    home.shelf.keep(WEIHAI, ROSTER, "新名", at(8, 5))
    assert not (home.path / "shelf" / FOLDER).exists()
    assert (home.path / "shelf/新名/环翠区团委/品牌建设青之见/窗口.docx").read_text() == "一"


def test_anew_writes_all_again(home: Home):
    home.arrives("u1", at(8, 1), 窗口="一")
    home.keep()
    (home.path / "shelf" / FOLDER / "我的.txt").write_text("笔记")
    assert home.shelf.anew(WEIHAI).removed == 4
    assert home.files() == {"我的.txt": "笔记"}
    assert home.keep().written == 4
    assert (home.path / "shelf" / FOLDER / "环翠区团委" / CHECKLIST).exists()
