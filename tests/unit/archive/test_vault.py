"""The vault keeps, reads, versions and removes 件; ocfl-py, an independent validator, agrees that it is OCFL."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import durable
from archive.vault import Discarded, VaultConflict
from archive.verify import verify
from tests.unit.archive.vaults import PIECES, complaints, contents, deposit, new_vault

NUMBER = ("weihai", 2018, "WH2018-0001")


def test_a_put_mail_lies_where_the_format_says_and_its_bytes_are_the_received_ones(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    place = vault.root / "weihai/2018/WH2018-0001"
    assert {path.name for path in place.iterdir()} == {
        "0=ocfl_object_1.1",
        "inventory.json",
        "inventory.json.sha256",
        "v1",
    }
    for path, data in PIECES.items():
        assert (place / "v1/content" / path).read_bytes() == data
        assert vault.content_path(*NUMBER, path) == place / "v1/content" / path
    assert vault.read_record(*NUMBER)["note"] == "首次"
    assert vault.exists(*NUMBER)
    assert not vault.exists("weihai", 2018, "WH2018-0002")


def test_the_whole_root_is_valid_ocfl_with_no_warning_but_the_one_for_sha256(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path), deposit(tmp_path, "WH2018-0002")])
    vault.add_version(*NUMBER, {"note": "改判"}, "王 经办", "单位来电更正")
    vault.put_log("campaigns", {"威海.yaml": b"id: weihai-2018\n"})
    vault.put_log("campaigns", {"威海.yaml": b"id: weihai-2018\nnew: 1\n"})
    vault.put_log("events/2018-08", {"a.jsonl": b"{}\n", "b.jsonl": b"{}\n"})
    vault.tombstone("weihai", 2018, "WH2018-0002", "李主任", "误发涉密材料", datetime(2018, 8, 21, tzinfo=UTC))
    assert complaints(vault) == []
    assert list(verify(vault)) == []


def test_the_validator_of_these_tests_does_complain_about_a_broken_root(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    (vault.root / "weihai/2018/WH2018-0001/v1/content/files/多余.txt").write_bytes(b"x")
    assert complaints(vault) == ["E023a"]


def test_sha256sum_agrees_with_inventory_and_sidecars(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    place = vault.root / "weihai/2018/WH2018-0001"
    for folder in (place, place / "v1"):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "inventory.json.sha256"], cwd=folder, check=True)
    manifest = json.loads((place / "inventory.json").read_text())["manifest"]
    lines = "".join(f"{digest}  {path}\n" for digest, paths in manifest.items() for path in paths)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet"], cwd=place, input=lines.encode(), check=True)
    assert len(lines.splitlines()) == len(PIECES) + 1


def test_the_same_bytes_twice_in_one_mail_keep_both_paths(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    inventory = json.loads((vault.root / "weihai/2018/WH2018-0001/inventory.json").read_text())
    digest = hashlib.sha256(PIECES["files/材料.zip.内容/同一文件.xls"]).hexdigest()
    assert inventory["manifest"][digest] == [
        "v1/content/files/材料.zip.内容/2.报送汇总表.xls",
        "v1/content/files/材料.zip.内容/同一文件.xls",
    ]


def test_every_kept_file_is_read_only(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    vault.add_version(*NUMBER, {"note": "改判"}, "王", "更正")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (vault.root / "weihai").rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_a_new_version_holds_only_the_record_and_payload_stays_where_it_was(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    assert vault.add_version(*NUMBER, {"note": "改判"}, "王", "单位来电更正") == 2
    place = vault.root / "weihai/2018/WH2018-0001"
    assert [path.name for path in (place / "v2/content").rglob("*")] == ["record.json"]
    assert vault.read_record(*NUMBER) == {"note": "改判"}
    assert vault.content_path(*NUMBER, "message.eml") == place / "v1/content/message.eml"
    assert vault.content_path(*NUMBER, "record.json") == place / "v2/content/record.json"
    version = json.loads((place / "inventory.json").read_text())["versions"]["v2"]
    assert version["message"] == "单位来电更正"
    assert version["user"] == {"name": "王", "address": "urn:baosong:user:%E7%8E%8B"}
    assert version["created"] == "2018-08-20T01:02:03Z"


def test_a_record_that_changes_nothing_makes_no_version_and_a_decision_taken_back_copies_nothing(
    tmp_path: Path,
) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path, record={"note": "甲"})])
    assert vault.add_version(*NUMBER, {"note": "甲"}, "王", "无变化") == 1
    assert vault.add_version(*NUMBER, {"note": "乙"}, "王", "改判") == 2
    assert vault.add_version(*NUMBER, {"note": "甲"}, "王", "改回") == 3
    assert not (vault.root / "weihai/2018/WH2018-0001/v3/content").exists()
    assert vault.read_record(*NUMBER) == {"note": "甲"}
    assert complaints(vault) == []


def test_a_mail_put_again_after_a_crash_is_adopted_and_the_kept_record_stays(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    before = contents(vault)
    vault.put([deposit(tmp_path, record={"note": "再收一次"}, token="again"), deposit(tmp_path, "WH2018-0002")])
    assert {path: data for path, data in contents(vault).items() if "0002" not in path} == before
    assert vault.exists("weihai", 2018, "WH2018-0002")


def test_a_number_that_holds_another_mail_is_a_conflict_and_nothing_of_the_batch_is_touched(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    before = contents(vault)
    other = {**PIECES, "message.eml": b"another mail"}
    batch = [deposit(tmp_path, "WH2018-0002"), deposit(tmp_path, pieces=other, token="other")]
    with pytest.raises(VaultConflict, match="WH2018-0001"):
        vault.put(batch)
    assert contents(vault) == before
    vault.put(batch[:1])
    assert complaints(vault) == []


def test_without_a_mail_all_files_decide_whether_a_disc_is_the_same(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    disc = {"files/1.jpg": b"one", "files/2.jpg": b"two"}
    vault.put([deposit(tmp_path, pieces=disc)])
    vault.put([deposit(tmp_path, pieces=disc, token="again")])
    with pytest.raises(VaultConflict):
        vault.put([deposit(tmp_path, pieces={"files/1.jpg": b"one"}, token="less")])


def test_the_same_number_twice_in_a_batch_is_a_conflict(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    with pytest.raises(VaultConflict):
        vault.put([deposit(tmp_path), deposit(tmp_path, token="twin")])


@pytest.mark.parametrize(
    ("mailbox", "number"),
    [("..", "WH2018-1"), ("a/b", "x"), ("_log", "x"), ("weihai", "../x"), ("weihai", ""), ("weihai", "v1"), ("", "x")],
)
def test_names_that_would_leave_their_place_are_refused(tmp_path: Path, mailbox: str, number: str) -> None:
    vault = new_vault(tmp_path)
    with pytest.raises(ValueError, match=r"name|place"):
        vault.exists(mailbox, 2018, number)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "files/../../x", "files//x", "record.json", "files/a\\b"])
def test_files_that_would_leave_the_object_are_refused_before_anything_is_in_place(tmp_path: Path, path: str) -> None:
    vault = new_vault(tmp_path)
    given = deposit(tmp_path)
    bad = type(given)(given.number, given.mailbox, given.year, given.folder, {path: ("0" * 64, 1)}, given.record)
    with pytest.raises(ValueError, match="content path"):
        vault.put([bad])
    assert not vault.exists(*NUMBER)


def test_a_file_of_another_size_than_announced_is_never_kept(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    given = deposit(tmp_path)
    (given.folder / "message.eml").write_bytes(b"cut")
    with pytest.raises(ValueError, match="bytes"):
        vault.put([given])
    assert not vault.exists(*NUMBER)


def test_a_link_in_the_spool_is_never_kept(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    given = deposit(tmp_path)
    (given.folder / "message.eml").unlink()
    (given.folder / "message.eml").symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="not a file"):
        vault.put([given])


def test_what_the_deposit_does_not_name_stays_in_the_spool(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    given = deposit(tmp_path)
    (given.folder / "files/half-written.tmp").write_bytes(b"x")
    (given.folder / "files/empty").mkdir()
    vault.put([given])
    assert complaints(vault) == []


def test_objects_are_listed_in_order_without_the_logs(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path, "WH2018-0002"), deposit(tmp_path, "WH2018-0001")])
    vault.put_log("campaigns", {"a": b"1"})
    assert [(o.mailbox, o.year, o.number) for o in vault.objects()] == [
        ("weihai", 2018, "WH2018-0001"),
        ("weihai", 2018, "WH2018-0002"),
    ]


def test_a_log_keeps_earlier_files_and_replaces_those_of_the_same_name(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put_log("活动", {"a": b"1", "b": b"1"})
    vault.put_log("活动", {"a": b"2", "深/c": b"3"})
    inventory = json.loads((vault.root / "_log/活动/inventory.json").read_text())
    state = inventory["versions"]["v2"]["state"]
    assert {path for paths in state.values() for path in paths} == {"a", "b", "深/c"}
    assert (vault.root / "_log/活动/v2/content/a").read_bytes() == b"2"
    assert complaints(vault) == []


def test_a_log_cannot_lie_inside_another(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put_log("events", {"a": b"1"})
    with pytest.raises(ValueError, match="inside"):
        vault.put_log("events/2018", {"a": b"1"})


def test_a_tombstone_removes_every_byte_and_says_what_was_there(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    vault.tombstone(*NUMBER, "李主任", "误发涉密材料", datetime(2018, 8, 21, 8, tzinfo=UTC))
    place = vault.root / "weihai/2018/WH2018-0001"
    assert [path.name for path in (place / "v1/content").iterdir()] == ["tombstone.json"]
    kept = b"".join(contents(vault).values())
    assert not any(data in kept for data in PIECES.values())
    with pytest.raises(Discarded) as caught:
        vault.read_record(*NUMBER)
    said = caught.value.tombstone
    assert (said["number"], said["who"], said["why"], said["at"]) == (
        "WH2018-0001",
        "李主任",
        "误发涉密材料",
        "2018-08-21T08:00:00Z",
    )
    message = PIECES["message.eml"]
    wanted = {"path": "v1/content/message.eml", "sha256": hashlib.sha256(message).hexdigest(), "size": len(message)}
    assert wanted in said["removed"]
    assert not list((tmp_path / ".archive.building").iterdir())


def test_the_number_of_a_tombstone_is_never_used_again(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    vault.tombstone(*NUMBER, "李", "误发", datetime(2018, 8, 21, tzinfo=UTC))
    assert vault.exists(*NUMBER)
    with pytest.raises(VaultConflict):
        vault.put([deposit(tmp_path, token="again")])
    with pytest.raises(Discarded):
        vault.add_version(*NUMBER, {}, "王", "改")
    vault.tombstone(*NUMBER, "李", "误发", datetime(2018, 8, 22, tzinfo=UTC))
    assert complaints(vault) == []


def test_text_that_no_utf8_can_hold_is_kept_with_escapes(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path, record={"subject": "坏\udcff"})])
    assert vault.read_record(*NUMBER) == {"subject": "坏\udcff"}
    assert complaints(vault) == []


def test_where_there_is_no_syncfs_every_file_and_folder_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    plain = durable.sync_file

    def noted(path: str) -> None:
        synced.append(path)
        plain(path)

    monkeypatch.setattr(durable, "SYNCFS", None)
    monkeypatch.setattr(durable, "sync_file", noted)
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    built = tmp_path / "spool/WH2018-0001/object"
    place = vault.root / "weihai/2018/WH2018-0001"
    wanted = {str(built), *(str(built / path.relative_to(place)) for path in place.rglob("*"))}
    assert wanted <= set(synced)


def test_a_failed_syncfs_is_an_error_and_the_batch_can_be_put_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = new_vault(tmp_path)
    batch = [deposit(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(durable, "SYNCFS", lambda handle: -1)
        with pytest.raises(OSError, match="spool"):
            vault.put(batch)
    assert not vault.exists(*NUMBER)
    vault.put(batch)
    assert complaints(vault) == []


def test_the_archive_can_be_copied_and_is_still_whole(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    vault.put([deposit(tmp_path)])
    shutil.copytree(vault.root, tmp_path / "disc" / "archive")
    assert complaints(type(vault)(tmp_path / "disc" / "archive")) == []
