"""The wall: processes with limits take mails apart, so that one bad mail cannot harm the service."""

from __future__ import annotations

import contextlib
import io
import math
import os
import pickle
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from archive.records import Facts, Mail, Piece
from config.settings import LimitSettings
from intake.mail import Leaf, MailTooComplex, peek_headers, read_mail
from intake.measure import measure
from intake.unpack import unpack

MESSAGE = "message.eml"
MANIFEST = "manifest.txt"
"""Stands where message.eml stands when what came is no mail: one `sha256  path` line a file, as sha256sum prints."""
FILES = "files"
_LENGTH = struct.Struct("!Q")
_LARGEST_REPLY = 256 * 1024 * 1024
_AHEAD = 4
_PROJECT = Path(__file__).resolve().parents[1]
_TRUSTED_MODULES = frozenset({"archive.records", "intake.worker", "datetime", "zoneinfo"})
_STARTED = "started"
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Understood:
    """One mail taken apart. understood False: only a bounded look at its headers succeeded, `trouble` says why."""

    mail: Mail
    pieces: tuple[Piece, ...]
    understood: bool = True
    trouble: str | None = None


@dataclass(frozen=True)
class Failed:
    """Why a mail was not understood, and whether its process is to be trusted no longer."""

    trouble: str
    tainted: bool = False


def understand_folder(folder: Path, limits: LimitSettings) -> Understood:
    """Take `folder/message.eml` apart into `folder/files`, open archives, measure every file; in this process.

    What was handed over without a mail has `manifest.txt` instead, and its files lie in `folder/files` already.
    MailTooComplex, MemoryError and OSError pass through.
    """
    out = folder / FILES
    mail, leaves = _handed_over(folder) if is_handed_over(folder) else read_mail(folder / MESSAGE, out, limits)
    pieces: list[Piece] = []
    for leaf in leaves:
        inner, problem = unpack(leaf, out, limits)
        limits = _left(limits, inner)
        pieces.append(_piece(leaf, folder, problem))
        pieces.extend(_piece(each, folder, each.problem) for each in inner)
    return Understood(mail, tuple(pieces))


def is_handed_over(folder: Path) -> bool:
    """Whether files without a mail lie in that spool folder."""
    return (folder / MANIFEST).exists()


def _handed_over(folder: Path) -> tuple[Mail, tuple[Leaf, ...]]:
    """No mail, and the files the manifest lists, as if one archive (part 1) had held them: `1/材料/1.jpg`."""
    leaves = []
    for line in (folder / MANIFEST).read_text("utf-8").splitlines():
        digest, stored = line.split("  ", 1)
        path = f"1/{stored.removeprefix(f'{FILES}/')}"
        leaves.append(Leaf(path, Path(stored).name, stored, digest, (folder / stored).stat().st_size))
    return Mail(), tuple(leaves)


def _left(limits: LimitSettings, inner: Sequence[Leaf]) -> LimitSettings:
    """The limits hold for all archives of one mail together."""
    if not inner:
        return limits
    used = sum(leaf.size for leaf in inner)
    return limits.model_copy(
        update={
            "archive_entries": limits.archive_entries - len(inner),
            "archive_bytes": limits.archive_bytes - used,
        }
    )


def _piece(leaf: Leaf, folder: Path, problem: str | None) -> Piece:
    try:
        facts = measure(folder / leaf.stored, leaf.name)
    except MemoryError:
        raise
    except Exception as error:  # a file that breaks a measuring library is still kept
        facts = Facts(type="other", error=f"未能测量（{type(error).__name__}）")
    return Piece(leaf.path, leaf.name, leaf.stored, leaf.sha256, leaf.size, facts, leaf.within, leaf.inline, problem)


# --- inside the wall


def serve() -> None:
    """Main loop of a worker process: limits on standard input first, then folders, one answer each, until EOF."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first = _receive(requests)
    if first is None:
        return
    limits = LimitSettings.model_validate(pickle.loads(first))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(answers, pickle.dumps(_STARTED))
    while (request := _receive(requests)) is not None:
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 5)  # should the parent be gone
        answer = _answer(Path(pickle.loads(request)), limits)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, pickle.dumps(answer))


def _answer(folder: Path, limits: LimitSettings) -> Understood | Failed:
    """The mail understood, or why not."""
    try:
        return understand_folder(folder, limits)
    except MailTooComplex as error:
        return Failed(str(error))
    except MemoryError:
        return Failed("拆解所需内存超过上限，已停止。", tainted=True)
    except RecursionError:
        return Failed("邮件结构过深，未能拆解。")
    except Exception as error:  # whatever it is, the mail is kept and staff are told
        return Failed(f"拆解时出错（{type(error).__name__}）。", tainted=True)


def _send(pipe: BinaryIO, payload: bytes) -> None:
    pipe.write(_LENGTH.pack(len(payload)) + payload)
    pipe.flush()


def _receive(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return pipe.read(_LENGTH.unpack(head)[0])


# --- outside the wall


class _Values(pickle.Unpickler):
    """Reads plain values of the house only: what comes over the wall cannot name code to run."""

    def find_class(self, module: str, name: str) -> Any:
        if module in _TRUSTED_MODULES and "." not in name and name not in ("dump", "load", "serve"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


@dataclass
class _Process:
    """One worker process as its parent sees it."""

    popen: subprocess.Popen[bytes]
    buffer: bytearray = field(default_factory=bytearray)
    task: int | None = None
    deadline: float = math.inf
    started: bool = False

    def answer(self) -> Any:
        """One whole answer out of the buffer, else None. UnpicklingError for what no worker of ours says."""
        if len(self.buffer) < _LENGTH.size:
            return None
        size = _LENGTH.unpack_from(self.buffer)[0]
        if size > _LARGEST_REPLY:
            raise pickle.UnpicklingError("too large")
        if len(self.buffer) < _LENGTH.size + size:
            return None
        payload = bytes(self.buffer[_LENGTH.size : _LENGTH.size + size])
        del self.buffer[: _LENGTH.size + size]
        return _Values(io.BytesIO(payload)).load()

    def ask(self, payload: bytes) -> None:
        """Send one frame; a dead process is noticed when its answer is read."""
        assert self.popen.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            _send_all(self.popen.stdin.fileno(), _LENGTH.pack(len(payload)) + payload)

    def fileno(self) -> int:
        """Where answers come from."""
        assert self.popen.stdout is not None
        return self.popen.stdout.fileno()

    def end(self) -> int:
        """Kill it; its return code."""
        self.popen.kill()
        code = self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code


def _send_all(descriptor: int, payload: bytes) -> None:
    while payload:
        payload = payload[os.write(descriptor, payload) :]


def _only_listed(folder: Path, trouble: str) -> Understood:
    """What was handed over stays whole, unmeasured; what was unpacked from it in the failed try goes."""
    _, leaves = _handed_over(folder)
    kept = {folder / leaf.stored for leaf in leaves}
    for path in (folder / FILES).rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    pieces = tuple(
        Piece(leaf.path, leaf.name, leaf.stored, leaf.sha256, leaf.size, Facts(type="other", error=trouble))
        for leaf in leaves
    )
    return Understood(Mail(), pieces, understood=False, trouble=trouble)


class Worker:
    """A pool of worker processes; use as a context manager, from one thread at a time.

    Processes start with the first mail and live on; one that dies, hangs or grows too large is
    replaced. Processes end by themselves when this one dies.
    """

    program = "from intake.worker import serve; serve()"
    """What a process runs."""

    def __init__(self, limits: LimitSettings, processes: int = 1) -> None:
        self._limits = limits
        self._count = processes
        self._processes: list[_Process] = []

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.end()
        self._processes = []

    def _start(self) -> _Process:
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
        popen = subprocess.Popen(
            [sys.executable, "-c", self.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
        )
        process = _Process(popen)
        process.ask(pickle.dumps(self._limits.model_dump()))
        return process

    def understand(self, folders: Sequence[Path]) -> Iterator[Understood]:
        """Each folder's `message.eml` taken apart into its `files/`, in the order given; never raises for a mail.

        A mail that kills, hangs or exhausts its process comes back as not understood, its `files/` removed; files
        that were handed over without a mail stay, unopened and unmeasured.
        """
        while len(self._processes) < self._count:
            self._processes.append(self._start())
        waiting = deque(enumerate(folders))
        ready: dict[int, Understood] = {}
        turn = 0
        try:
            while turn < len(folders):
                self._hand_out(waiting, turn)
                self._wait(folders, ready)
                self._hand_out(waiting, turn)  # the next mail is taken apart while the caller judges this one
                while turn in ready:
                    yield ready.pop(turn)
                    turn += 1
        finally:
            for process in self._processes:
                if process.task is not None:
                    process.end()
                    self._renew(process)
                    process.task, process.deadline = None, math.inf

    def _hand_out(self, waiting: deque[tuple[int, Path]], turn: int) -> None:
        for process in self._processes:
            if process.task is None and waiting and waiting[0][0] < turn + _AHEAD * self._count:
                if process.popen.poll() is not None:
                    process.end()
                    self._renew(process)
                process.task, folder = waiting.popleft()
                process.deadline = time.monotonic() + (self._limits.wall_seconds if process.started else _START_SECONDS)
                process.ask(pickle.dumps(str(folder)))

    def _wait(self, folders: Sequence[Path], ready: dict[int, Understood]) -> None:
        """Until something answers, dies or is late."""
        busy = {process.fileno(): process for process in self._processes if process.task is not None}
        patience = max(0.0, min(process.deadline for process in busy.values()) - time.monotonic())
        poll = select.poll()
        for descriptor in busy:
            poll.register(descriptor, select.POLLIN)
        answering = {descriptor for descriptor, _ in poll.poll(math.ceil(patience * 1000))}
        for descriptor, process in busy.items():
            assert process.task is not None
            folder = folders[process.task]
            if descriptor in answering:
                result = self._listen(process, folder)
            elif time.monotonic() >= process.deadline:
                result = self._replace(process, folder, f"拆解超过 {self._limits.wall_seconds:g} 秒，已停止。")
            else:
                result = None
            if result is not None:
                ready[process.task] = result
                process.task, process.deadline = None, math.inf

    def _listen(self, process: _Process, folder: Path) -> Understood | None:
        data = os.read(process.fileno(), 1 << 20)
        if not data:
            return self._replace(process, folder, None)
        process.buffer += data
        try:
            while (answer := process.answer()) is not None:
                if isinstance(answer, Understood):
                    return answer
                if isinstance(answer, Failed):
                    failed = self._replace if answer.tainted else self._kept
                    return failed(process, folder, answer.trouble)
                if answer == _STARTED:
                    process.started, process.deadline = True, time.monotonic() + self._limits.wall_seconds
        except (pickle.UnpicklingError, ValueError, EOFError, AttributeError, TypeError, IndexError):
            return self._replace(process, folder, "拆解程序的答复无法读取。")
        return None

    def _replace(self, process: _Process, folder: Path, trouble: str | None) -> Understood:
        """A new process in place of this one; the mail is kept, not understood."""
        code = process.end()
        self._renew(process)
        return self._kept(process, folder, trouble or self._cause(code))

    def _renew(self, process: _Process) -> None:
        fresh = self._start()
        process.popen, process.buffer, process.started = fresh.popen, fresh.buffer, False

    @staticmethod
    def _kept(process: _Process, folder: Path, trouble: str) -> Understood:
        if is_handed_over(folder):
            return _only_listed(folder, trouble)
        shutil.rmtree(folder / FILES, ignore_errors=True)
        return Understood(peek_headers(folder / MESSAGE), (), understood=False, trouble=trouble)

    def _cause(self, code: int) -> str:
        if code == -signal.SIGPROF:
            return f"拆解占用处理器超过 {self._limits.cpu_seconds:g} 秒，已停止。"
        return f"拆解程序意外终止（{f'信号 {-code}' if code < 0 else f'代码 {code}'}）。"
