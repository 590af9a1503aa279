"""A folder kept in step in which people work too: theirs is theirs, ours comes and goes, a crash costs nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import durable
from archive.kept_folder import Done, KeptFolder
from archive.kept_record import NoSource, Wanted

CAME = datetime(2018, 8, 1, 2, tzinfo=UTC)


def copy(path: str, source: Path) -> Wanted:
    """A file of the archive."""
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return Wanted(path, digest, len(data), lambda: source, digest, CAME)


def table(path: str, text: str) -> Wanted:
    """A workbook, made when it is needed."""
    return Wanted(path, text, 0, lambda: text.encode())


def keep(root: Path, *wanted: Wanted, section: str = "u1", mark: str = "m", room: int | None = None) -> Done:
    kept = KeptFolder(root, "c")
    return kept.keep(kept.record(), {section: list(wanted)}, {section: mark}, room)


def files(root: Path) -> dict[str, str]:
    found = (path for path in root.rglob("*") if path.is_file() and ".baosong" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in found}


@pytest.fixture(autouse=True)
def _no_power_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs die here, the machine does not: waiting for the disk would only cost time."""
    monkeypatch.setattr(durable, "sync_trees", lambda trees: None)
    monkeypatch.setattr(durable, "sync_file", lambda path: None)


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[str], Path]:
    """A read-only file of the archive with that text."""

    def make(text: str) -> Path:
        path = tmp_path / "archive" / hashlib.sha256(text.encode()).hexdigest()[:12]
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            durable.write_file(os.fspath(path), text.encode())
        return path

    return make


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "shelf"


def test_files_are_copies_that_can_be_changed_dated_by_their_arrival(root: Path, stored: Callable[[str], Path]):
    done = keep(root, copy("甲/总结.docx", stored("一")), table("甲/应报清单.xlsx", "表"))
    assert (done.written, done.said, files(root)) == (2, [], {"甲/总结.docx": "一", "甲/应报清单.xlsx": "表"})
    laid = root / "甲/总结.docx"
    assert laid.stat().st_mtime == CAME.timestamp()
    laid.write_text("改过")
    assert stored("一").read_text() == "一"


def test_a_second_pass_writes_nothing_and_makes_no_table_that_is_the_same(root: Path, stored: Callable[[str], Path]):
    def never() -> bytes:
        raise AssertionError("made again")

    keep(root, copy("甲/a", stored("一")), table("甲/t.xlsx", "表"))
    before = (root / "甲/t.xlsx").stat().st_mtime_ns
    done = keep(root, copy("甲/a", stored("一")), Wanted("甲/t.xlsx", "表", 0, never))
    assert (done.written, done.removed, (root / "甲/t.xlsx").stat().st_mtime_ns) == (0, 0, before)


def test_what_staff_put_there_stays_and_ours_lies_beside(root: Path, stored: Callable[[str], Path]):
    (root / "甲").mkdir(parents=True)
    (root / "甲/总结.docx").write_text("经办人的")
    keep(root, copy("甲/总结.docx", stored("一")))
    assert files(root) == {"甲/总结.docx": "经办人的", "甲/总结（存档件）.docx": "一"}
    keep(root)
    assert files(root) == {"甲/总结.docx": "经办人的"}


def test_what_staff_changed_is_theirs_and_ours_lies_beside_and_is_kept_up(root: Path, stored: Callable[[str], Path]):
    keep(root, table("总表.xlsx", "一"))
    (root / "总表.xlsx").write_text("加了备注")
    done = keep(root, table("总表.xlsx", "二"))
    assert files(root) == {"总表.xlsx": "加了备注", "总表（存档件）.xlsx": "二"}
    assert "已被改动" in done.said[0]
    assert keep(root, table("总表.xlsx", "三")).said == []
    assert files(root) == {"总表.xlsx": "加了备注", "总表（存档件）.xlsx": "三"}
    (root / "总表（存档件）.xlsx").write_text("又改")
    keep(root, table("总表.xlsx", "三"))
    assert files(root)["总表（存档件2）.xlsx"] == "三"


def test_a_change_that_keeps_the_size_is_seen_too(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/a", stored("一二")))
    (root / "甲/a").write_text("二一")
    keep(root)
    assert files(root) == {"甲/a": "二一"}


def test_a_file_that_was_only_touched_is_still_ours(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/a", stored("一")))
    os.utime(root / "甲/a")
    assert keep(root, copy("甲/a", stored("一"))).said == []
    keep(root)
    assert files(root) == {}


def test_a_file_of_ours_that_was_deleted_comes_again(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/a", stored("一")))
    (root / "甲/a").unlink()
    keep(root, copy("甲/a", stored("一")))
    assert files(root) == {"甲/a": "一"}


def test_what_is_wanted_no_more_goes_with_its_empty_folders_and_no_others(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/深/a", stored("一")), copy("乙/b", stored("二")))
    (root / "乙/我的.txt").write_text("笔记")
    done = keep(root)
    assert (done.removed, files(root), (root / "甲").exists()) == (2, {"乙/我的.txt": "笔记"}, False)


def test_a_replaced_file_moves_aside_and_the_new_one_takes_its_name(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/总结.docx", stored("一")))
    keep(root, copy("甲/总结.docx", stored("二")), copy("甲/旧版/W-1/总结.docx", stored("一")))
    assert files(root) == {"甲/总结.docx": "二", "甲/旧版/W-1/总结.docx": "一"}


def test_without_its_record_it_knows_equal_bytes_again(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/a", stored("一")), copy("甲/b", stored("二")))
    (root / ".baosong/c.json").unlink()
    (root / "甲/b").write_text("改过")
    done = keep(root, copy("甲/a", stored("一")), copy("甲/b", stored("二")))
    assert (done.written, files(root)) == (1, {"甲/a": "一", "甲/b": "改过", "甲/b（存档件）": "二"})
    keep(root)
    assert files(root) == {"甲/b": "改过"}


@pytest.mark.parametrize("broken", [b"", b"{", b'{"marks": {}, "sections": {"u1": [[1]]}}', b"[]"])
def test_a_broken_record_is_as_none(root: Path, stored: Callable[[str], Path], broken: bytes):
    keep(root, copy("甲/a", stored("一")))
    (root / ".baosong/c.json").unlink()
    (root / ".baosong/c.json").write_bytes(broken)
    assert (keep(root, copy("甲/a", stored("一"))).written, files(root)) == (0, {"甲/a": "一"})


def test_a_file_open_in_excel_on_windows_is_said_and_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch):
    keep(root, table("总表.xlsx", "一"))
    replace = durable.replace

    def locked(source: str, target: str) -> None:
        if target.endswith("总表.xlsx"):
            raise PermissionError(13, "in use")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace", locked)
        done = keep(root, table("总表.xlsx", "二"))
        assert (done.open, files(root)) == ({"u1"}, {"总表.xlsx": "一"})
        assert "下次" in done.said[0]
        assert keep(root, table("总表.xlsx", "二")).open == {"u1"}
        assert KeptFolder(root, "c").record().marks == {}
    assert keep(root, table("总表.xlsx", "二")).open == set()
    assert files(root) == {"总表.xlsx": "二"}
    assert KeptFolder(root, "c").record().marks == {"u1": "m"}


def test_bytes_that_are_not_what_the_archive_promises_are_not_laid_there(root: Path, stored: Callable[[str], Path]):
    wanted = copy("甲/a", stored("一"))
    stored("一").chmod(0o644)
    stored("一").write_text("坏")
    done = keep(root, wanted, copy("甲/b", stored("二")))
    assert (done.open, files(root)) == ({"u1"}, {"甲/b": "二"})
    assert "baosong verify" in done.said[0]


def test_a_source_that_is_gone_is_said(root: Path):
    def gone() -> Path:
        raise NoSource("WH2018-0001 已撤销存档")

    done = keep(root, Wanted("甲/a", "x", 1, gone, "x"))
    assert (done.said, files(root)) == (["WH2018-0001 已撤销存档"], {})


def test_a_link_that_leads_out_is_not_followed(root: Path, tmp_path: Path, stored: Callable[[str], Path]):
    (tmp_path / "elsewhere").mkdir()
    root.mkdir()
    (root / "甲").symlink_to(tmp_path / "elsewhere")
    done = keep(root, copy("甲/深/a", stored("一")))
    assert (done.open, list((tmp_path / "elsewhere").iterdir())) == ({"u1"}, [])


def test_a_file_where_a_folder_must_be_is_left_and_said(root: Path, stored: Callable[[str], Path]):
    root.mkdir()
    (root / "甲").write_text("不是文件夹")
    done = keep(root, copy("甲/a", stored("一")))
    assert (done.open, files(root)) == ({"u1"}, {"甲": "不是文件夹"})


def test_without_room_nothing_is_written_and_it_is_said(root: Path, stored: Callable[[str], Path]):
    done = keep(root, copy("甲/a", stored("一二三")), room=5)
    assert (done.open, files(root)) == ({"u1"}, {})
    assert "磁盘空间不足" in done.said[0]


def test_only_the_sections_named_are_looked_at(root: Path, stored: Callable[[str], Path]):
    keep(root, copy("甲/a", stored("一")), section="u1")
    keep(root, copy("乙/b", stored("二")), section="u2")
    assert files(root) == {"甲/a": "一", "乙/b": "二"}
    assert set(KeptFolder(root, "c").record().sections) == {"u1", "u2"}


# --- killed anywhere --------------------------------------------------------------------------------------------------

STEPS = ("write_file", "sync_file", "replace", "settle", "clone", "sync_trees", "remove_folder")


class Killed(BaseException):
    """The program ends here."""


def killing(patch: pytest.MonkeyPatch, at: int, after: bool) -> None:
    """The `at`-th call of a step of `durable` is the last thing that (does not) happen."""
    count = iter(range(10_000))

    def wrap(step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            last = next(count) == at
            if last and not after:
                raise Killed
            try:
                return step(*args, **named)
            finally:
                if last:
                    raise Killed

        return call

    for name in STEPS:
        patch.setattr(durable, name, wrap(getattr(durable, name)))
    patch.setattr(Path, "unlink", wrap(Path.unlink))


@pytest.mark.parametrize("after", [False, True])
def test_a_run_killed_anywhere_is_finished_by_the_next(
    tmp_path: Path, stored: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, after: bool
):
    begin = [copy("甲/a", stored("一")), copy("甲/b", stored("二")), table("甲/t.xlsx", "表一")]
    end = [
        copy("甲/a", stored("三")),
        copy("甲/旧版/a", stored("一")),
        table("甲/t.xlsx", "表二"),
        table("乙/n.xlsx", "新"),
    ]
    theirs = {"甲/我的.txt": "笔记", "乙/n.xlsx": "经办人的"}
    wanted = {"甲/a": "三", "甲/旧版/a": "一", "甲/t.xlsx": "表二", "乙/n（存档件）.xlsx": "新", **theirs}
    finished = False
    for at in range(200):
        root = tmp_path / f"shelf{at}"
        keep(root, *begin)
        (root / "甲/我的.txt").write_text("笔记")
        (root / "乙").mkdir()
        (root / "乙/n.xlsx").write_text("经办人的")
        with monkeypatch.context() as patch:
            killing(patch, at, after)
            try:
                keep(root, *end)
                finished = True
            except Killed:
                pass
        assert theirs.items() <= files(root).items()
        done = keep(root, *end)
        assert (files(root), done.said, done.open) == (wanted, [], set()), at
        assert keep(root, *end).written == 0
        if finished:
            break
    assert finished and at > 8


# --- whatever both sides do -------------------------------------------------------------------------------------------

PATHS = st.sampled_from(["甲/a.docx", "甲/b", "甲/深/a", "乙/a.docx", "总表.xlsx"])
TEXTS = st.sampled_from(["一", "二", "三三"])
STAFF = st.tuples(st.sampled_from(["write", "delete", "touch", "rename"]), st.integers(0, 9), TEXTS)
WISHES = st.dictionaries(PATHS, TEXTS, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WISHES, st.lists(STAFF, max_size=3)), min_size=1, max_size=5))
def test_whatever_staff_do_nothing_of_theirs_is_lost_and_ours_lies_there(tmp_path_factory: Any, rounds: Any):
    base = tmp_path_factory.mktemp("any")
    root, archive = base / "shelf", base / "archive"
    archive.mkdir()
    theirs: dict[str, str] = {}
    for wishes, acts in rounds:
        wanted = []
        for path, text in wishes.items():
            source = archive / text
            source.write_text(text)
            wanted.append(copy(path, source) if not path.endswith("xlsx") else table(path, text))
        keep(root, *wanted)
        laid = files(root)
        assert theirs.items() <= laid.items()
        record = KeptFolder(root, "c").record().sections.get("u1", {})
        assert {path: laid[ours.at] for path, ours in record.items()} == wishes
        assert set(laid) == {ours.at for ours in record.values()} | set(theirs)
        theirs |= act_of_staff(root, acts, theirs)


def act_of_staff(root: Path, acts: list[tuple[str, int, str]], theirs: dict[str, str]) -> dict[str, str]:
    """Do what staff do; gives what is theirs since."""
    found: dict[str, str] = {}
    for act, which, text in acts:
        there: Iterator[str] | list[str] = sorted(files(root))
        if act == "write":
            path = [*there, "甲/我的.txt", "甲/a.docx"][which % (len(there) + 2)]
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if not (root / path).parent.is_dir():
                continue
            (root / path).write_text(f"经办人{text}")
            found[path] = f"经办人{text}"
        elif there:
            path = there[which % len(there)]
            if act == "delete":
                (root / path).unlink()
                found.pop(path, None)
                theirs.pop(path, None)
            elif act == "touch":
                os.utime(root / path)
            else:
                moved = f"{path}.moved"
                (root / path).rename(root / moved)
                found[moved] = (root / moved).read_text()
                found.pop(path, None)
                theirs.pop(path, None)
    return found
