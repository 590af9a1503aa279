"""A parcel: written, read again from the disk, finished after a kill, never half of one under its own name."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.export import parcel
from archive.export.parcel import CannotHandOver, Copy, deliver, made

PROJECT = Path(__file__).parents[3]
FILES = {"甲/一.txt": b"one", "甲/二.bin": bytes(range(256)) * 300, "三.txt": b""}


def copies() -> list[Copy]:
    return [made(path, data) for path, data in FILES.items()]


def silent(size: int) -> None:
    return None


def lying(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_parcel_holds_every_file_and_says_how_much_was_done(tmp_path: Path) -> None:
    told: list[int] = []
    done = deliver(copies(), tmp_path / "to", "p", told.append)
    assert lying(done.folder) == FILES
    assert sum(told) == parcel.total(copies())
    assert [one.name for one in (tmp_path / "to").iterdir()] == ["p"]


def test_a_whole_parcel_is_read_again_and_never_changed(tmp_path: Path) -> None:
    deliver(copies(), tmp_path, "p", silent)
    assert deliver([*copies()], tmp_path, "p", silent).again
    (tmp_path / "p/三.txt").write_bytes(b"changed")
    with pytest.raises(CannotHandOver, match="已有一份"):
        deliver(copies(), tmp_path, "p", silent)
    assert (tmp_path / "p/三.txt").read_bytes() == b"changed"


def test_another_day_alone_makes_no_other_parcel(tmp_path: Path) -> None:
    deliver([*copies(), made("day.txt", b"Monday", dated=True)], tmp_path, "p", silent)
    assert deliver([*copies(), made("day.txt", b"Tuesday", dated=True)], tmp_path, "p", silent).again


@settings(max_examples=30, deadline=None)
@given(left=st.dictionaries(st.sampled_from([*FILES, "甲/一.txt.正在写", "别的/文件"]), st.binary(max_size=4)))
def test_whatever_an_earlier_run_left_the_parcel_comes_out_whole(
    left: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    to = tmp_path_factory.mktemp("to")
    for path, data in left.items():
        (to / "p.未完成" / path).parent.mkdir(parents=True, exist_ok=True)
        (to / "p.未完成" / path).write_bytes(data)
    assert lying(deliver(copies(), to, "p", silent).folder) == FILES


def test_a_disk_that_gives_back_other_bytes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel.durable, "forget", lambda path: Path(path).write_bytes(b"rotten"))
    with pytest.raises(CannotHandOver, match="磁盘可能有问题"):
        deliver(copies(), tmp_path, "p", silent)
    assert not (tmp_path / "p").exists()


def test_a_file_of_the_archive_that_is_damaged_is_not_handed_over(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"damaged")
    one = parcel.kept("a", tmp_path / "kept", "0" * 64)
    with pytest.raises(CannotHandOver, match="baosong verify"):
        deliver([one], tmp_path / "to", "p", silent)


def test_too_little_space_is_told_before_anything_is_written(tmp_path: Path) -> None:
    huge = Copy("a", b"", "", shutil.disk_usage(tmp_path).free)
    with pytest.raises(CannotHandOver, match="请腾出空间"):
        deliver([huge], tmp_path, "p", silent)
    assert lying(tmp_path) == {}


def test_a_disk_that_cannot_take_the_file_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "to").write_bytes(b"no folder")
    with pytest.raises(CannotHandOver, match="会接着写完"):
        deliver(copies(), tmp_path / "to", "p", silent)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(CannotHandOver, match="FAT32"):
            deliver(copies(), tmp_path / "other", "p", silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert lying(deliver(copies(), tmp_path / "other", "p", silent).folder) == FILES


SLOW = """
import sys
from pathlib import Path
from archive.export.parcel import deliver, made
deliver([made(f"{n % 7}/{n}", bytes([n % 256]) * 50_000) for n in range(400)], Path(sys.argv[1]), "p", lambda _: None)
"""


def test_killed_at_any_moment_it_is_finished_by_the_next_run(tmp_path: Path) -> None:
    cut = 0
    for files in (1, 120, 390):
        run = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], cwd=PROJECT)
        while run.poll() is None and sum(len(names) for _, _, names in os.walk(tmp_path)) < files:
            time.sleep(0.002)
        run.send_signal(signal.SIGKILL)
        run.wait()
        cut += not (tmp_path / "p").exists()
    assert cut >= 1
    subprocess.run([sys.executable, "-c", SLOW, str(tmp_path)], cwd=PROJECT, check=True)
    assert {int(name.split("/")[1]): set(data) for name, data in lying(tmp_path / "p").items()} == {
        n: {n % 256} for n in range(400)
    }
    assert [one.name for one in tmp_path.iterdir()] == ["p"]
