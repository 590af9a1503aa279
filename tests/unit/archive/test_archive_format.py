"""docs/archive-format.md says what the code does: its recipe finds damage, and its tables are complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from sqlmodel import SQLModel

from archive.ledger.images import KEPT
from archive.verify import CODES
from tests.unit.archive.vaults import deposit, new_vault

PAGE = (Path(__file__).parents[3] / "docs/archive-format.md").read_text(encoding="utf-8")


def test_every_damage_code_is_explained_and_no_other() -> None:
    checking = PAGE.partition("## Checking without")[2].partition("## Storage root")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", checking, re.MULTILINE)) == set(CODES)


def test_the_shell_recipe_accepts_a_whole_object_and_names_a_changed_file(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    place = vault.root / "weihai/2018/WH2018-0001"
    recipe = "set -e\n" + PAGE.split("```sh\n")[1].split("```")[0]
    whole = subprocess.run(["sh", "-c", recipe], cwd=place, capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.count(": OK") == 6
    message = place / "v1/content/message.eml"
    message.chmod(0o644)
    message.write_bytes(b"changed")
    harmed = subprocess.run(["sh", "-c", recipe], cwd=place, capture_output=True, text=True, check=False)
    assert harmed.returncode != 0
    assert "v1/content/message.eml: FAILED" in harmed.stdout


def test_every_file_of_the_example_tree_is_what_a_put_writes(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    vault.add_version("weihai", 2018, "WH2018-0001", {"note": "改"}, "王", "更正")
    vault.put_log("events/2018-08", {"a.jsonl": b"{}\n"})
    tree = PAGE.split("```\n")[1].split("```")[0]
    names = {path.name for path in vault.root.rglob("*") if path.is_file()} - {"同一文件.xls"}
    assert all(name in tree for name in names), names


def test_every_row_of_the_log_is_described_with_its_columns() -> None:
    page = PAGE.partition("#### Rows")[2].partition("#### Events")[0]
    told = {}
    for line in page.splitlines():
        if line.startswith("| `"):
            name, key, columns = (re.findall(r"`(\w+)`", cell) for cell in line.split("|")[1:4])
            told[name[0]] = set(key) | set(columns)
    kept = {}
    for name, left_out in KEPT.items():
        kept[name] = {column.name for column in SQLModel.metadata.tables[name].columns} - set(left_out)
    kept["letter"].add("body")
    kept["decision"].add("value")
    assert told == kept
