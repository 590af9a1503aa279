"""`python -m archive` reads and checks an archive with nothing but Python: no settings, no ledger, no packages."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.vault import Vault
from tests.unit.archive.vaults import deposit, new_vault

PROJECT = Path(__file__).parents[3]
RECORD = {
    "submission": {
        "received": "2018-08-20T01:02:03Z",
        "mail": {"sender": "tuanwei@example.test", "subject": "威海 报送"},
        "pieces": [
            {"path": "2", "name": "材料?.zip", "stored": "files/材料.zip", "size": 18},
            {"path": "3", "name": "", "stored": "", "size": 0},
        ],
    },
    "decisions": [
        {"campaign": None, "unit": None},
        {"campaign": "weihai-2018", "unit": "WH01"},
    ],
}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = new_vault(tmp_path)
    one = deposit(tmp_path, record=RECORD)
    odd = deposit(tmp_path, "WH2018-0002", record={"submission": {}, "decisions": []})
    vault.put([one, odd, deposit(tmp_path, "WH2018-0003")])
    vault.tombstone("weihai", 2018, "WH2018-0003", "李", "误发", datetime(2018, 8, 21, tzinfo=UTC))
    vault.put_log("campaigns/weihai-2018.yaml/0011", {"weihai-2018.yaml": b"id: weihai-2018\nroster: weihai.csv # x\n"})
    vault.put_log("rosters/weihai.csv/0022", {"weihai.csv": "code,name\nWH01,环翠区团委\n".encode("gb18030")})
    return vault


def alone(*words: object) -> subprocess.CompletedProcess[str]:
    """Run without any installed package (-S) and without a home."""
    command = [sys.executable, "-S", "-m", "archive", *map(str, words)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_every_mail_is_listed_with_unit_subject_and_pieces_and_odd_ones_say_so(vault: Vault) -> None:
    done = alone(vault.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "weihai/2018  3 件",
        "  WH2018-0001  2018-08-20  环翠区团委  威海 报送  [材料?.zip、3]",
        "  WH2018-0002  登记读不出，请运行 python -m archive verify 检查",
        "  WH2018-0003  已撤销：2018-08-21T00:00:00Z 李（误发）",
        "共 3 件",
    ]
    assert alone(vault.root.parent).stdout == done.stdout, "the home folder does as well"
    assert [one["number"] for one in json.loads(alone(vault.root, "--json").stdout)] == [
        "WH2018-0001",
        "WH2018-0002",
        "WH2018-0003",
    ]


def test_one_mail_is_shown_with_where_its_files_lie(vault: Vault) -> None:
    done = alone("show", vault.root, "wh2018-0001")
    assert done.returncode == 0
    assert "单位：WH01 环翠区团委" in done.stdout
    assert "附件：材料?.zip  18 字节  v1/content/files/材料.zip" in done.stdout
    assert alone("show", vault.root, "WH2018-0009").returncode == 1
    assert alone("show", vault.root).returncode == 2


def test_it_is_checked_as_by_the_command(vault: Vault) -> None:
    done = alone("verify", vault.root)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "档案完好")
    (vault.root / "weihai/2018/WH2018-0002/v1/content/message.eml").unlink()
    done = alone("verify", vault.root, "--json")
    assert done.returncode == 1
    assert [(one["code"], one["object"]) for one in json.loads(done.stdout)] == [("missing", "weihai/2018/WH2018-0002")]


def test_a_folder_that_is_no_archive_is_one_sentence(tmp_path: Path) -> None:
    done = alone(tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "0=ocfl_1.1" in done.stderr


def test_any_ocfl_root_or_object_is_validated_with_the_codes_of_the_specification(vault: Vault) -> None:
    place = vault.root / "weihai/2018/WH2018-0001"
    assert alone("validate", vault.root).returncode == 0
    assert [one["code"] for one in json.loads(alone("validate", place, "--json").stdout)] == ["W004"]
    (place / "notes.txt").write_text("x")
    done = alone("validate", place)
    assert done.returncode == 1
    assert "E001 notes.txt: " in done.stdout
