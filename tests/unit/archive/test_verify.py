"""Verify names every damage by what it is and where it is, finds none in a whole archive, and never raises."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.ocfl import inventory as ocfl
from archive.vault import Vault
from archive.verify import Damage, verify
from tests.unit.archive.vaults import deposit, new_vault

PLACE = "weihai/2018/WH2018-0001"


def filled(home: Path) -> Vault:
    """Three 件, one of them with two versions, one a tombstone, and two logs."""
    vault = new_vault(home)
    vault.put([deposit(home, f"WH2018-000{digit}") for digit in (1, 2, 3)])
    vault.add_version("weihai", 2018, "WH2018-0001", {"note": "改判"}, "王", "更正")
    vault.tombstone("weihai", 2018, "WH2018-0003", "李", "误发", datetime(2018, 8, 21, tzinfo=UTC))
    vault.put_log("campaigns", {"威海.yaml": b"id: weihai-2018\n"})
    vault.put_log("events/2018-08", {"a.jsonl": b"{}\n"})
    vault.put_log("events/2018-08", {"b.jsonl": b"{}{}\n"})
    return vault


def overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def flip(path: Path, at: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    overwrite(path, bytes(data))


def add_loose(root: Path) -> None:
    (root / "weihai/2018/说明.txt").write_bytes(b"x")


def link(root: Path) -> None:
    path = root / PLACE / "v1/content/message.eml"
    path.unlink()
    path.symlink_to("/etc/hostname")


def swap_objects(root: Path) -> None:
    first, second = root / PLACE, root / "weihai/2018/WH2018-0002"
    first.rename(root / "weihai/2018/x")
    second.rename(first)
    (root / "weihai/2018/x").rename(second)


def swap_pairs(root: Path) -> None:
    """A version's inventory and sidecar, both whole, in the place of another's."""
    for name in ("inventory.json", "inventory.json.sha256"):
        overwrite(root / PLACE / "v1" / name, (root / PLACE / "v2" / name).read_bytes())


def zip_file(root: Path) -> Path:
    return root / PLACE / "v1/content/files/材料.zip"


@pytest.mark.parametrize(
    ("harm", "wanted"),
    [
        (lambda r: flip(zip_file(r)), {("changed", PLACE, "v1/content/files/材料.zip")}),
        (lambda r: zip_file(r).unlink(), {("missing", PLACE, "v1/content/files/材料.zip")}),
        (lambda r: overwrite(zip_file(r), b"PK"), {("truncated", PLACE, "v1/content/files/材料.zip")}),
        (lambda r: overwrite(zip_file(r), b""), {("truncated", PLACE, "v1/content/files/材料.zip")}),
        (link, {("extra", PLACE, "v1/content/message.eml"), ("missing", PLACE, "v1/content/message.eml")}),
        (lambda r: (r / PLACE / "v1/content/新.txt").write_bytes(b"x"), {("extra", PLACE, "v1/content/新.txt")}),
        (lambda r: (r / PLACE / "v1/content/空").mkdir(), {("extra", PLACE, "v1/content/空")}),
        (lambda r: (r / PLACE / "v3").mkdir(), {("extra", PLACE, "v3")}),
        (lambda r: flip(r / PLACE / "inventory.json", 3), {("inventory-damaged", PLACE, "inventory.json")}),
        (lambda r: flip(r / PLACE / "v1/inventory.json", 3), {("inventory-damaged", PLACE, "v1/inventory.json")}),
        (lambda r: (r / PLACE / "inventory.json").unlink(), {("missing", PLACE, "inventory.json")}),
        (lambda r: flip(r / PLACE / "inventory.json.sha256"), {("sidecar-mismatch", PLACE, "inventory.json.sha256")}),
        (
            lambda r: overwrite(r / PLACE / "inventory.json.sha256", b"0" * 64 + b"  inventory.json\n"),
            {("sidecar-mismatch", PLACE, "inventory.json.sha256")},
        ),
        (lambda r: (r / PLACE / "v2/inventory.json.sha256").unlink(), {("missing", PLACE, "v2/inventory.json.sha256")}),
        (lambda r: (r / PLACE / ocfl.OBJECT_DECLARATION).unlink(), {("not-an-object", PLACE, ocfl.OBJECT_DECLARATION)}),
        (lambda r: flip(r / PLACE / ocfl.OBJECT_DECLARATION), {("changed", PLACE, ocfl.OBJECT_DECLARATION)}),
        (lambda r: (r / ocfl.ROOT_DECLARATION).unlink(), {("root-declaration", "", ocfl.ROOT_DECLARATION)}),
        (lambda r: flip(r / ocfl.ROOT_DECLARATION), {("root-declaration", "", ocfl.ROOT_DECLARATION)}),
        (lambda r: (r / "Thumbs.db").write_bytes(b""), {("extra", "", "Thumbs.db")}),
        (add_loose, {("extra", "weihai/2018", "说明.txt")}),
        (lambda r: (r / "weihai/2018/WH2018-0009").mkdir(), {("not-an-object", "weihai/2018/WH2018-0009", "")}),
        (lambda r: (r / "hainan").mkdir(), {("not-an-object", "hainan", "")}),
        (swap_pairs, {("inventory-damaged", PLACE, "v1/inventory.json")}),
        (
            lambda r: flip(r / "_log/campaigns/v1/content/威海.yaml"),
            {("changed", "_log/campaigns", "v1/content/威海.yaml")},
        ),
    ],
)
def test_each_damage_is_named_and_nothing_else_is(
    tmp_path: Path, harm: Callable[[Path], object], wanted: set[tuple[str, str, str]]
) -> None:
    vault = filled(tmp_path)
    harm(vault.root)
    assert {(damage.code, damage.object, damage.path) for damage in verify(vault)} == wanted


def test_a_changed_word_in_an_inventory_blames_the_inventory_not_its_sidecar(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    inventory = vault.root / PLACE / "inventory.json"
    overwrite(inventory, inventory.read_bytes().replace("更正".encode(), "更改".encode()))
    assert [(damage.code, damage.path) for damage in verify(vault)] == [("inventory-damaged", "inventory.json")]


def test_two_objects_that_changed_places_are_both_named(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    swap_objects(vault.root)
    named = {damage.object for damage in verify(vault) if damage.code == "swapped"}
    assert named == {PLACE, "weihai/2018/WH2018-0002"}


def test_two_files_that_changed_places_are_both_named(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    swap_files(vault.root / PLACE / "v1/content/message.eml", zip_file(vault.root))
    assert {(damage.code, damage.path) for damage in verify(vault)} == {
        ("swapped", "v1/content/message.eml"),
        ("swapped", "v1/content/files/材料.zip"),
    }


def test_a_whole_object_that_is_gone_is_missing_when_its_number_is_expected(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    shutil.rmtree(vault.root / "weihai/2018/WH2018-0002")
    numbers = [("weihai", 2018, f"WH2018-000{digit}") for digit in (1, 2, 3)]
    assert list(verify(vault)) == []
    found = list(verify(vault, expected=numbers))
    assert [(damage.code, damage.object) for damage in found] == [("missing", "weihai/2018/WH2018-0002")]


def test_progress_tells_files_and_bytes_after_each_object(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    told: list[tuple[int, int]] = []
    assert list(verify(vault, checked=lambda count, size: told.append((count, size)))) == []
    assert len(told) == 5
    files = [path for path in vault.root.rglob("*") if path.is_file() and path.name != ocfl.ROOT_DECLARATION]
    assert told[-1] == (len(files), sum(path.stat().st_size for path in files))


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    vault.put([deposit(tmp_path, f"WH2018-01{digit:02}") for digit in range(20)])
    swap_files(zip_file(vault.root), vault.root / "weihai/2018/WH2018-0119/v1/content/message.eml")
    flip(vault.root / "weihai/2018/WH2018-0107/v1/content/record.json")
    told: list[tuple[int, int]] = []
    found = verify(vault, lambda count, size: told.append((count, size)), processes=2)
    assert sorted(map(repr, found)) == sorted(map(repr, verify(vault)))
    assert sorted((one.code, one.object) for one in found) == [
        ("changed", "weihai/2018/WH2018-0107"),
        ("swapped", PLACE),
        ("swapped", "weihai/2018/WH2018-0119"),
    ]
    assert len(told) == 25


def test_a_process_that_dies_is_told_never_taken_for_a_whole_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = filled(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ChildProcessError, match="再运行一次"):
        verify(vault, processes=2)


def test_a_tombstone_that_tells_of_another_number_is_named(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    folder = vault.root / "weihai/2018/WH2018-0003"
    said = json.loads((folder / "v1/content/tombstone.json").read_text())
    forged = ocfl.encode(said | {"number": "WH2018-0009"})
    inventory = json.loads((folder / "inventory.json").read_text())
    old = next(iter(inventory["manifest"]))
    data = ocfl.encode(json.loads(json.dumps(inventory).replace(old, ocfl.sha256(forged))))
    overwrite(folder / "v1/content/tombstone.json", forged)
    for where in (folder, folder / "v1"):
        overwrite(where / "inventory.json", data)
        overwrite(where / "inventory.json.sha256", ocfl.sidecar(data))
    found = verify(vault)
    assert [(one.code, one.path) for one in found] == [("tombstone", "v1/content/tombstone.json")]
    assert "WH2018-0009" in found[0].text


def test_an_inventory_that_points_outside_is_damage_and_nothing_outside_is_read(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    folder = vault.root / "weihai/2018/WH2018-0002"
    inventory = json.loads((folder / "inventory.json").read_text())
    digest = next(iter(inventory["manifest"]))
    inventory["manifest"][digest] = ["v1/content/../../../../../../outside"]
    for where in (folder, folder / "v1"):
        overwrite(where / "inventory.json", ocfl.encode(inventory))
        overwrite(where / "inventory.json.sha256", ocfl.sidecar(ocfl.encode(inventory)))
    assert {damage.code for damage in verify(vault)} == {"inventory-damaged"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"id": 1}',
        b'{"id":"x","versions":{"v1":1}}',
        b"1" * 9999,
    ],
)
def test_no_inventory_however_broken_makes_verify_raise(tmp_path: Path, data: bytes) -> None:
    vault = filled(tmp_path)
    for where in ("", "v1/", "v2/"):
        overwrite(vault.root / PLACE / f"{where}inventory.json", data)
    assert "inventory-damaged" in {damage.code for damage in verify(vault)}


def swap_files(first: Path, second: Path) -> None:
    beside = first.with_name("beside")
    first.rename(beside)
    second.rename(first)
    beside.rename(second)


def below_root(damage: Damage) -> str:
    return os.path.normpath(f"{damage.object}/{damage.path}".strip("/"))
