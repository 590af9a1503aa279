"""The wall: hostile mails cost themselves, never the service or the next mail."""

import base64
import io
import os
import pickle
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import LimitSettings
from intake.worker import Understood, Worker, _Values

LIMITS = LimitSettings(wall_seconds=20, cpu_seconds=10, memory=512 * 1024 * 1024)
TOP = b"From: a@unit.example.test\nSubject: =?gb2312?B?sajLzQ==?=\nMessage-ID: <1@example.test>\n"
PROJECT = Path(__file__).parents[3]


def spooled(folder: Path, name: str, raw: bytes) -> Path:
    home = folder / name
    home.mkdir()
    (home / "message.eml").write_bytes(raw)
    return home


def with_file(data: bytes, name: str = "a.zip") -> bytes:
    return (
        TOP + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\n"
        b'Content-Type: application/zip; name="' + name.encode() + b'"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(data) + b"--b--\n"
    )  # fmt: skip


def zipped(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


GOOD = TOP + b"\nhello\n"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(LIMITS) as running:
        yield running


def check_kept(result: Understood) -> None:
    assert not result.understood
    assert result.trouble and result.trouble.endswith("。")
    assert result.pieces == ()


def test_a_mail_comes_back_with_its_pieces(worker: Worker, tmp_path: Path) -> None:
    folder = spooled(tmp_path, "1", with_file(zipped({"材料/1.txt": b"one"})))
    (result,) = worker.understand([folder])
    assert (result.understood, result.trouble, result.mail.text, result.mail.subject) == (True, None, "words", "报送")
    assert [(piece.path, piece.within, piece.problem) for piece in result.pieces] == [
        ("2", None, None),
        ("2/材料/1.txt", "2", None),
    ]
    assert all((folder / piece.stored).stat().st_size == piece.size for piece in result.pieces)


def test_problems_of_archives_stand_in_their_pieces(worker: Worker, tmp_path: Path) -> None:
    bomb = zipped({"bomb.zip": zipped({"large": bytes(40_000_000)}), "1.txt": b"one"})
    (result,) = worker.understand([spooled(tmp_path, "1", with_file(bomb))])
    assert [(piece.path, piece.problem) for piece in result.pieces] == [
        ("2", None),
        ("2/bomb.zip", "bomb"),
        ("2/1.txt", None),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        TOP + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(10_000)),
        TOP + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
        TOP
        + b"To: "
        + b" =?utf-8?B?YQ==?=" * 8_000
        + b"(" * 20_000
        + b"\nContent-Type: message/rfc822\n\n"
        + b"\n" * 9,
    ],
    ids=["10,000 nested parts", "100,000 parts", "8,000 words and open comments"],
)
def test_hostile_mails_do_not_stop_the_next(worker: Worker, tmp_path: Path, raw: bytes) -> None:
    begin = time.monotonic()
    hostile, good = worker.understand([spooled(tmp_path, "1", raw), spooled(tmp_path, "2", GOOD)])
    assert time.monotonic() - begin < 10
    assert (hostile.mail.sender, hostile.mail.subject) == ("a@unit.example.test", "报送")
    assert (good.understood, good.mail.text) == (True, "hello")
    if not hostile.understood:
        check_kept(hostile)
        assert not (tmp_path / "1" / "files").exists()


SABOTAGE = """
import os, signal, sys, time
import intake.worker as worker

def block_and_spin():
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    sum(range(10 ** 12))  # one C loop that looks at no signal

def measure(path, name):
    what = path.name.removesuffix(".bin")
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "memory":
        hog = [bytearray(1 << 24) for _ in range(1000)]
    if what == "sleep":
        time.sleep(1000)
    if what == "spin":
        while True:
            pass
    if what == "slow":
        time.sleep(0.25)
    if what == "deaf":
        block_and_spin()
    if what == "meet":
        meeting = path.parents[2]
        (meeting / f"met-{os.getpid()}").touch()
        while len(list(meeting.glob("met-*"))) < 2:
            time.sleep(0.01)
    if what == "raise":
        raise RuntimeError("broken file")
    if what == "print":
        print("x" * 100_000)
    return worker.Facts(type="other"), ""

def kind_of(path, name):
    if path.name == "kill.bin":
        os.kill(os.getpid(), signal.SIGKILL)
    return known(path, name)

known, worker.kind_of, worker.measure_whole = worker.kind_of, kind_of, measure
worker.serve()
"""


class Sabotaged(Worker):
    """Processes whose measuring does what the file's name says."""

    program = SABOTAGE


def broken(folder: Path, *names: str) -> list[Path]:
    return [
        spooled(folder, f"{number}", with_file(b"data", f"{name}.bin") if name else GOOD)
        for number, name in enumerate(names)
    ]


SHORT = LIMITS.model_copy(update={"step_seconds": 0.7})


@pytest.mark.parametrize(
    ("name", "limits", "type", "error"),
    [
        ("kill", LIMITS, "other", "测量时程序意外终止"),
        ("segfault", LIMITS, "txt", "测量时程序意外终止"),
        ("memory", LIMITS, "txt", "测量所需内存超过上限"),
        ("sleep", SHORT, "txt", "测量超过 0.7 秒，已停止"),
        ("spin", SHORT, "txt", "测量超过 0.7 秒，已停止"),
        ("deaf", SHORT, "txt", "测量超过 0.7 秒，已停止"),
    ],
)
def test_a_file_that_breaks_its_process_costs_only_itself(
    tmp_path: Path, name: str, limits: LimitSettings, type: str, error: str
) -> None:
    bad = with_file(zipped({"1.txt": b"one", f"{name}.bin": b"data", "2.txt": b"two"}))
    folders = [spooled(tmp_path, "1", GOOD), spooled(tmp_path, "2", bad), spooled(tmp_path, "3", GOOD)]
    with Sabotaged(limits) as worker:
        before, broken_, after = worker.understand(folders)
    assert before.understood and after.understood
    assert (broken_.understood, broken_.mail.text) == (True, "words")
    assert [(piece.path, piece.facts.type, piece.facts.error) for piece in broken_.pieces] == [
        ("2", "other", None),
        ("2/1.txt", "other", None),
        (f"2/{name}.bin", type, error),
        ("2/2.txt", "other", None),
    ]
    written = {path.relative_to(folders[1]).as_posix() for path in (folders[1] / "files").rglob("*") if path.is_file()}
    assert written == {piece.stored for piece in broken_.pieces}


def test_several_files_of_one_mail_may_break_their_process(tmp_path: Path) -> None:
    bad = zipped({f"{place}/segfault.bin": b"data" for place in range(5)} | {"good.txt": b"x"})
    with Sabotaged(LIMITS) as worker:
        (result,) = worker.understand([spooled(tmp_path, "1", with_file(bad))])
    assert [piece.facts.error for piece in result.pieces] == [None, *["测量时程序意外终止"] * 5, None]


def test_a_mail_that_breaks_its_process_too_often_is_kept_and_the_next_works(tmp_path: Path) -> None:
    bad = zipped({f"{place}/segfault.bin": b"data" for place in range(6)})
    with Sabotaged(LIMITS) as worker:
        result, after = worker.understand([spooled(tmp_path, "1", with_file(bad)), spooled(tmp_path, "2", GOOD)])
    check_kept(result)
    assert "信号 11" in str(result.trouble)
    assert result.mail.subject == "报送"
    assert not (tmp_path / "1" / "files").exists()
    assert after.understood


def test_a_mail_that_takes_too_long_altogether_is_kept(tmp_path: Path) -> None:
    with Sabotaged(LIMITS.model_copy(update={"wall_seconds": 0.7})) as worker:
        (result,) = worker.understand(broken(tmp_path, "sleep"))
    check_kept(result)
    assert "拆解超过 0.7 秒" in str(result.trouble)


def test_when_a_mails_time_is_used_its_other_files_are_kept_unmeasured(tmp_path: Path) -> None:
    bad = with_file(zipped({f"{place}/slow.bin": b"data" for place in range(9)}))
    with Sabotaged(LIMITS.model_copy(update={"wall_seconds": 2})) as worker:
        (result,) = worker.understand([spooled(tmp_path, "1", bad)])
    errors = [piece.facts.error for piece in result.pieces]
    assert result.understood and len(errors) == 10
    assert errors[1] is None
    assert errors[-1] == "未能测量（同一封邮件的文件过多，时间已用完）"


BROKEN_OPENING = """
import os, signal
import intake.unpack as unpack
import intake.worker as worker

def entries(paths, kind, limit):
    if paths[0].name == "bad.zip":
        os.kill(os.getpid(), signal.SIGSEGV)
    return known(paths, kind, limit)

known, unpack.entries.entries = unpack.entries.entries, entries
worker.serve()
"""


class BrokenOpening(Worker):
    """Processes that die when they open a certain archive."""

    program = BROKEN_OPENING


def test_an_archive_that_breaks_its_process_says_so_and_the_others_are_opened(tmp_path: Path) -> None:
    inner = zipped({"1.txt": b"one"})
    with BrokenOpening(LIMITS) as worker:
        (result,) = worker.understand(
            [spooled(tmp_path, "1", with_file(zipped({"bad.zip": inner, "good.zip": inner})))]
        )
    assert [(piece.path, piece.problem) for piece in result.pieces] == [
        ("2", None),
        ("2/bad.zip", "crashed"),
        ("2/good.zip", None),
        ("2/good.zip/1.txt", None),
    ]


def test_what_was_handed_over_is_listed_once_though_a_file_broke_its_process(tmp_path: Path) -> None:
    folder = tmp_path / "1"
    (folder / "files").mkdir(parents=True)
    names = ["a.zip", "segfault.bin"]
    for name, data in zip(names, [zipped({"1.txt": b"one"}), b"data"], strict=True):
        (folder / "files" / name).write_bytes(data)
    (folder / "manifest.txt").write_text("".join(f"{'0' * 64}  files/{name}\n" for name in names))
    with Sabotaged(LIMITS) as worker:
        (result,) = worker.understand([folder])
    assert [(piece.path, piece.facts.error) for piece in result.pieces] == [
        ("1/a.zip", None),
        ("1/a.zip/1.txt", None),
        ("1/segfault.bin", "测量时程序意外终止"),
    ]


def test_a_file_that_breaks_measuring_is_a_piece_with_an_error(tmp_path: Path) -> None:
    with Sabotaged(LIMITS) as worker:
        raised, printed = worker.understand(broken(tmp_path, "raise", "print"))
    assert raised.understood and raised.pieces[0].facts.error == "未能测量（RuntimeError）"
    assert printed.understood and printed.pieces[0].facts.error is None


def test_two_processes_work_at_once(tmp_path: Path) -> None:
    with Sabotaged(LIMITS, processes=2) as worker:
        assert [result.understood for result in worker.understand(broken(tmp_path, "meet", "meet"))] == [True, True]


def test_answers_come_in_the_order_asked(tmp_path: Path) -> None:
    names = ["sleep", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    with Sabotaged(LIMITS.model_copy(update={"wall_seconds": 0.5}), processes=2) as worker:
        results = list(worker.understand(broken(tmp_path, *names)))
    assert [result.understood for result in results] == [False] + [True] * 10
    assert [result.pieces[0].name for result in results[1:]] == [f"{name}.bin" for name in names[1:]]


def test_a_process_killed_while_idle_costs_no_mail(tmp_path: Path) -> None:
    with Worker(LIMITS) as worker:
        list(worker.understand(broken(tmp_path, "")))
        process = worker._processes[0].popen
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        second = tmp_path / "second"
        second.mkdir()
        (result,) = worker.understand(broken(second, ""))
    assert result.understood


def test_leaving_early_does_not_mix_up_the_next_answers(tmp_path: Path) -> None:
    with Worker(LIMITS, processes=2) as worker:
        for result in worker.understand(broken(tmp_path, "a", "b", "c")):
            assert result.pieces[0].name == "a.bin"
            break
        second = tmp_path / "second"
        second.mkdir()
        assert [result.pieces[0].name for result in worker.understand(broken(second, "d", "e"))] == ["d.bin", "e.bin"]


ORPHANS = """
import sys, time
from config.settings import LimitSettings
from intake.worker import Worker
with Worker(LimitSettings(), processes=2) as worker:
    list(worker.understand([]))
    print(*(process.popen.pid for process in worker._processes), flush=True)
    time.sleep(100)
"""


def test_processes_end_when_their_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, cwd=PROJECT) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_answer_cannot_name_code_to_run() -> None:
    with pytest.raises(pickle.UnpicklingError):
        _Values(io.BytesIO(pickle.dumps(os.system))).load()
    with pytest.raises(pickle.UnpicklingError):
        _Values(io.BytesIO(b"cintake.worker\nos.system\n.")).load()
