"""An office that wants scans read: what stands on them helps to say whose they are; one that does not is untouched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.records import Facts
from config.settings import ImapSettings
from intake.cli import app
from intake.doctor import examine
from intake.ocr import MISSING, ScanReader
from intake.rounds.filing import Filed
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.service import open_office
from tests.servers.homes import CAMPAIGN, box, make_home

SCAN = Path(__file__).parents[1] / "samples" / "scans" / "unruled-table.jpg"
READS = """
import json, sys
print('{"ready": true}', flush=True)
for line in sys.stdin:
    boxes = [[0, 0, 9, 9, "报送单位（加盖公章）：共青团环翠区委"]]
    print(json.dumps({"pages": [{"boxes": boxes, "rows": [], "columns": []}]}), flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user="x")
    home = make_home(tmp_path / "home", {"weihai": box("WH", "office@office.example.test", imap)})
    settings = json.loads((home / "settings.yaml").read_text())
    (home / "settings.yaml").write_text(json.dumps({**settings, "ocr": True}, ensure_ascii=False))
    return home


@pytest.fixture
def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("intake.ocr.installed", lambda: True)
    monkeypatch.setattr(ScanReader, "program", READS)
    with open_office(home) as office:
        yield office


def filed(office: Office, folder: Path) -> tuple[Filed, Facts]:
    (folder / "材料").mkdir()
    (folder / "材料" / "汇总表扫描件.jpg").write_bytes(SCAN.read_bytes())
    [one] = import_paths(office, [folder / "材料"], Order(CAMPAIGN, channel="hand", who="王示例"))
    submission = office.ledger.arrivals.submission(str(one.number))
    assert submission is not None
    return one, submission.pieces[0].facts


def test_the_unit_named_on_a_scan_is_the_unit_it_is_filed_for(office: Office, tmp_path: Path) -> None:
    one, facts = filed(office, tmp_path)
    assert facts.header == {"报送单位": "共青团环翠区委"}
    assert facts.characters is None
    decision = office.ledger.decisions.current(str(one.number))
    assert decision is not None and decision.unit == "WH01"


def test_an_office_that_did_not_ask_reads_nothing(office: Office, tmp_path: Path) -> None:
    _, facts = filed(replace(office, scans=None), tmp_path)
    assert (facts.header, facts.text) == ({}, "")


def test_ocr_is_off_until_the_settings_ask_for_it(tmp_path: Path) -> None:
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user="x")
    with open_office(make_home(tmp_path / "home", {"weihai": box("WH", "o@office.example.test", imap)})) as office:
        assert office.scans is None


def test_check_and_doctor_say_how_to_install_what_the_settings_ask_for(home: Path, monkeypatch) -> None:
    monkeypatch.setattr("intake.ocr.installed", lambda: False)
    monkeypatch.setattr("intake.cli.setup.installed", lambda: False)
    told = CliRunner().invoke(app, ["--home", str(home), "check"])
    assert told.exit_code == 0 and "pip install 'baosong[ocr]'" in told.output
    assert [(one.ok, one.text) for one in examine(home) if one.what == "文字识别"] == [(False, MISSING)]
    monkeypatch.setattr("intake.ocr.installed", lambda: True)
    monkeypatch.setattr("intake.cli.setup.installed", lambda: True)
    assert "ocr" not in CliRunner().invoke(app, ["--home", str(home), "check"]).output
    assert [one.ok for one in examine(home) if one.what == "文字识别"] == [True]
