"""The machine stops at any system call of any change: after mend the archive is whole, and holds the old or the new."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import durable
from archive.vault import Discarded, Vault
from archive.verify import verify
from tests.unit.archive.vaults import PIECES, complaints, deposit, new_vault

NUMBER = ("weihai", 2018, "WH2018-0001")
CALLS = {"open", "write", "close", "fsync", "mkdir", "rename", "replace", "chmod", "unlink", "rmdir"}


class PowerCut(BaseException):
    """The machine stopped; no handler of the program runs after it."""


class Fuse:
    """Stands in for `os` in archive.durable: from the Nth call on nothing works any more."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __getattr__(self, name: str) -> Any:
        if name not in CALLS:
            return getattr(os, name)
        real = getattr(os, name)

        def call(*args: Any, **options: Any) -> Any:
            self.burn()
            return real(*args, **options)

        return call

    def burn(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise PowerCut

    def syncfs(self, handle: int) -> int:
        self.burn()
        return 0


def cut_everywhere(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Path, Vault], Any],
    act: Callable[[Vault, Any], object],
    check: Callable[[Vault], object],
    again: bool = True,
) -> list[object]:
    """Cut before each call in turn until none is left; what `check` saw after each mend."""
    seen: list[object] = []
    for calls in range(10_000):
        place = home / str(calls)
        vault = new_vault(place)
        given = prepare(place, vault)
        fuse = Fuse(calls)
        done = False
        with monkeypatch.context() as patch:
            patch.setattr(durable, "os", fuse)
            patch.setattr(durable, "SYNCFS", fuse.syncfs)
            try:
                act(vault, given)
                done = True
            except PowerCut:
                pass
        after = Vault(vault.root, clock=lambda: datetime(2018, 8, 20, 2, tzinfo=UTC))
        after.mend()
        assert complaints(after) == [], f"cut at call {calls}"
        assert list(verify(after)) == [], f"cut at call {calls}"
        assert after.mend() == []
        seen.append(check(after))
        if again:
            act(after, given)
            assert complaints(after) == [], f"again after a cut at call {calls}"
            assert list(verify(after)) == []
        if done:
            assert check(vault) == check(after)
            return seen
    raise AssertionError("the change never ends")


def put_one(home: Path, vault: Vault) -> None:
    vault.put([deposit(home, record={"note": "旧"})])


def note(vault: Vault) -> object:
    return vault.read_record(*NUMBER)["note"]


def test_a_cut_put_leaves_nothing_or_the_whole_mail_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def batch(home: Path, vault: Vault) -> Any:
        return [deposit(home), deposit(home, "WH2018-0002", {"message.eml": b"short"})]

    def kept(vault: Vault) -> tuple[str, ...]:
        names = tuple(found.number for found in vault.objects())
        if "WH2018-0001" in names:
            for path, data in PIECES.items():
                assert vault.content_path(*NUMBER, path).read_bytes() == data
        return names

    seen = cut_everywhere(tmp_path, monkeypatch, batch, lambda vault, given: vault.put(given), kept)
    assert set(seen) == {(), ("WH2018-0001",), ("WH2018-0001", "WH2018-0002")}
    assert seen[-1] == ("WH2018-0001", "WH2018-0002")
    assert len(seen) > 60


def test_a_cut_version_leaves_the_old_or_the_new_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = cut_everywhere(
        tmp_path, monkeypatch, put_one, lambda vault, _: vault.add_version(*NUMBER, {"note": "新"}, "王", "改"), note
    )
    assert set(seen) == {"旧", "新"}
    assert seen == ["旧"] * seen.count("旧") + ["新"] * seen.count("新")


def test_a_cut_version_that_is_mended_is_not_written_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(vault: Vault, _: object) -> None:
        assert vault.add_version(*NUMBER, {"note": "新"}, "王", "改") == 2

    cut_everywhere(tmp_path, monkeypatch, put_one, act, note)


def test_a_cut_log_leaves_the_old_or_the_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(vault: Vault, _: object) -> None:
        vault.put_log("events/2018-08", {"a.jsonl": b"1\n", "二/b.jsonl": b"2\n"})

    def there(vault: Vault) -> object:
        return (vault.root / "_log/events/2018-08/v1/content/二/b.jsonl").exists()

    seen = cut_everywhere(tmp_path, monkeypatch, lambda home, vault: None, write, there)
    assert set(seen) == {False, True}


def test_a_cut_second_version_of_a_log_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(home: Path, vault: Vault) -> None:
        vault.put_log("events", {"a": b"1\n"})

    def there(vault: Vault) -> object:
        return (vault.root / "_log/events/v2").exists()

    seen = cut_everywhere(tmp_path, monkeypatch, first, lambda vault, _: vault.put_log("events", {"b": b"2\n"}), there)
    assert set(seen) == {False, True}


def test_a_cut_tombstone_leaves_the_mail_or_the_tombstone_and_no_payload_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(vault: Vault, _: object) -> None:
        vault.tombstone(*NUMBER, "李", "误发", datetime(2018, 8, 21, tzinfo=UTC))

    def state(vault: Vault) -> object:
        assert not list(vault.root.with_name(".archive.building").iterdir())
        try:
            return note(vault)
        except Discarded:
            return "gone"

    seen = cut_everywhere(tmp_path, monkeypatch, put_one, remove, state)
    assert set(seen) == {"旧", "gone"}


def test_a_cut_during_mending_is_mended_by_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_done(home: Path, vault: Vault) -> None:
        put_one(home, vault)
        stage = home / ".archive.building/weihai!2018!WH2018-0001"
        with monkeypatch.context() as patch:
            patch.setattr(durable, "replace", raise_cut)
            with pytest.raises(PowerCut):
                vault.add_version(*NUMBER, {"note": "新"}, "王", "改")
        assert stage.is_dir()
        assert (vault.root / "weihai/2018/WH2018-0001/v2").is_dir()

    seen = cut_everywhere(tmp_path, monkeypatch, half_done, lambda vault, _: vault.mend(), note)
    assert set(seen) == {"新"}


def raise_cut(*_: object) -> None:
    raise PowerCut


def test_a_version_folder_without_its_inventory_is_removed(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    put_one(tmp_path, vault)
    place = vault.root / "weihai/2018/WH2018-0001"
    (tmp_path / ".archive.building/weihai!2018!WH2018-0001").mkdir()
    (place / "v2/content").mkdir(parents=True)
    (place / "v2/content/record.json").write_bytes(b"{")
    assert any("第 2 版" in said for said in vault.mend())
    assert complaints(vault) == []
    assert note(vault) == "旧"


def test_mend_never_removes_a_version_that_the_inventory_names(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    put_one(tmp_path, vault)
    vault.add_version(*NUMBER, {"note": "新"}, "王", "改")
    place = vault.root / "weihai/2018/WH2018-0001"
    (tmp_path / ".archive.building/weihai!2018!WH2018-0001").mkdir()
    (place / "v2/inventory.json").chmod(0o644)
    (place / "v2/inventory.json").write_bytes(b"damaged")
    assert any("verify" in said for said in vault.mend())
    assert (place / "v2/content/record.json").exists()
    assert [damage.code for damage in verify(vault)] == ["inventory-damaged"]


def test_empty_folders_of_a_cut_put_are_removed(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    put_one(tmp_path, vault)
    (vault.root / "hainan/2017").mkdir(parents=True)
    (vault.root / "_log/events").mkdir(parents=True)
    assert len(vault.mend()) == 4
    assert complaints(vault) == []


def refuse_each_call(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Path, Vault], Any],
    act: Callable[[Vault, Any], object],
) -> int:
    """Let the disk refuse one call, each in turn: never a success; how many calls there were."""
    for calls in range(10_000):
        vault = new_vault(home / str(calls))
        given = prepare(home / str(calls), vault)
        fuse = OneFault(calls)
        with monkeypatch.context() as patch:
            patch.setattr(durable, "os", fuse)
            patch.setattr(durable, "SYNCFS", fuse.syncfs)
            try:
                act(vault, given)
            except OSError:
                assert fuse.left < 0
            else:
                assert fuse.left >= 0, f"call {calls} failed and nobody was told"
                return calls
        act(vault, given)
        vault.mend()
        assert complaints(vault) == [], f"after call {calls} failed"
    raise AssertionError("the change never ends")


class OneFault(Fuse):
    """Stands in for `os`: the Nth call fails as a disk does, all others work."""

    def burn(self) -> None:
        self.left -= 1
        if self.left == -1:
            raise OSError(errno.EIO, "the disk refused")


def test_a_put_never_returns_when_the_disk_refused_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def batch(home: Path, vault: Vault) -> Any:
        return [deposit(home), deposit(home, "WH2018-0002", {"message.eml": b"short"})]

    assert refuse_each_call(tmp_path, monkeypatch, batch, lambda vault, given: vault.put(given)) > 60


def test_a_version_never_returns_when_the_disk_refused_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(vault: Vault, _: object) -> object:
        return vault.add_version(*NUMBER, {"note": "新"}, "王", "改")

    assert refuse_each_call(tmp_path, monkeypatch, put_one, act) > 20


def test_a_put_syncs_the_bytes_before_the_names_and_the_names_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = new_vault(tmp_path)
    batch = [deposit(tmp_path), deposit(tmp_path, "WH2018-0002")]
    told: list[tuple[str, ...]] = []
    for name in ("move", "write_file", "seal", "sync_trees", "sync_folder"):
        monkeypatch.setattr(durable, name, listener(told, name, getattr(durable, name)))
    vault.put(batch)
    into_root = [
        index for index, (name, *rest) in enumerate(told) if name == "move" and rest[1].startswith(root_of(vault))
    ]
    synced = [index for index, (name, *_) in enumerate(told) if name == "sync_trees"]
    assert len(into_root) == 2
    assert len(synced) == 1
    assert max(i for i, (name, *_) in enumerate(told) if name in ("write_file", "seal")) < synced[0] < into_root[0]
    assert [tuple(entry) for entry in told[into_root[-1] + 1 :]] == [
        ("sync_folder", f"{root_of(vault)}/weihai/2018"),
        ("sync_folder", f"{root_of(vault)}/weihai"),
        ("sync_folder", root_of(vault)),
    ]


def root_of(vault: Vault) -> str:
    return os.fspath(vault.root)


def listener(told: list[tuple[str, ...]], name: str, real: Callable[..., object]) -> Callable[..., object]:
    def call(*args: Any) -> object:
        told.append((name, *(str(arg) for arg in args)))
        return real(*args)

    return call
