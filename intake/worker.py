"""The wall: processes with limits take mails apart, so that one bad mail cannot harm the service."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from archive.records import Facts, Mail, Piece
from config.settings import LimitSettings
from intake.mail import Leaf, MailTooComplex, peek_headers, read_mail
from intake.measure import measure_whole
from intake.measure.body import TEXT_LIMIT
from intake.measure.kinds import kind_of
from intake.steps import StepKind, Steps, Why
from intake.unpack import Unpacker

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
_EARLY = 0.8
"""Share of a mail's time after which its other files are no longer measured, so that it is understood all the same."""

Step = tuple[StepKind, str]


@dataclass(frozen=True)
class Understood:
    """One mail taken apart. understood False: only a bounded look at its headers succeeded, `trouble` says why."""

    mail: Mail
    pieces: tuple[Piece, ...]
    understood: bool = True
    trouble: str | None = None


@dataclass(frozen=True)
class Failed:
    """Why a mail was not understood; tainted: its process is trusted no longer, and `why` its last step is to go."""

    trouble: str
    tainted: bool = False
    why: Why = "crash"


def understand_folder(folder: Path, limits: LimitSettings, steps: Steps | None = None) -> Understood:
    """Take `folder/message.eml` apart into `folder/files`, open archives, measure every file; in this process.

    What was handed over without a mail has `manifest.txt` instead, and its files lie in `folder/files` already.
    MailTooComplex, MemoryError and OSError pass through.
    """
    out = folder / FILES
    steps = steps or Steps()
    mail, leaves = _handed_over(folder) if is_handed_over(folder) else read_mail(folder / MESSAGE, out, limits)
    unpacker = Unpacker(out, limits, steps)
    pieces = tuple(_piece(leaf, folder, limits, steps) for leaf in unpacker.opened(leaves))
    return Understood(unpacker.told(mail), pieces)


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


def whole_text(folder: Path, path: str) -> str | None:
    """The whole text of a piece that was taken apart in that spool folder; None where its facts hold all of it."""
    try:
        return _words_file(folder, path).read_text("utf-8")
    except FileNotFoundError:
        return None


def _keep_whole(folder: Path, path: str, text: str) -> None:
    """Beside the files, for search: not in the piece, which goes into record.json and stays small."""
    file = _words_file(folder, path)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text.encode("utf-8", "replace").decode(), "utf-8")


def _words_file(folder: Path, path: str) -> Path:
    return folder / "words" / hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def _piece(leaf: Leaf, folder: Path, limits: LimitSettings, steps: Steps) -> Piece:
    facts = _measured(leaf, folder, limits, steps)
    if leaf.note:
        facts = replace(facts, error=leaf.note)
    return Piece(
        leaf.path,
        leaf.name,
        leaf.stored,
        leaf.sha256,
        leaf.size,
        facts,
        leaf.within,
        leaf.inline,
        leaf.problem,
        leaf.embedded,
    )


def _measured(leaf: Leaf, folder: Path, limits: LimitSettings, steps: Steps) -> Facts:
    path = folder / leaf.stored
    why = steps.begin("measuring", leaf.path)
    if why is not None:
        return Facts(_type(path, leaf, steps), error=_WHY[why].format(seconds=limits.step_seconds))
    try:
        facts, whole = measure_whole(path, leaf.name)
        if len(whole) > TEXT_LIMIT:
            _keep_whole(folder, leaf.path, whole)
        return facts
    except MemoryError:
        raise
    except Exception as error:  # a file that breaks a measuring library is still kept
        return Facts(type="other", error=f"未能测量（{type(error).__name__}）")


_WHY: Mapping[Why, str] = {
    "crash": "测量时程序意外终止",
    "time": "测量超过 {seconds:g} 秒，已停止",
    "memory": "测量所需内存超过上限",
    "late": "未能测量（同一封邮件的文件过多，时间已用完）",
}


def _type(path: Path, leaf: Leaf, steps: Steps) -> str:
    """What a file is that is not measured, unless even that ended the process."""
    if steps.begin("typing", leaf.path) is not None:
        return "other"
    try:
        return kind_of(path, leaf.name).type
    except OSError:
        return "other"


# --- inside the wall


def serve() -> None:
    """Main loop of a worker process: limits on standard input first, then folders, one answer each, until EOF.

    A folder comes with the steps to skip and the seconds left; before each step a small frame goes out.
    """
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
        folder, skipped, seconds = pickle.loads(request)
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds + limits.step_seconds)
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + 5)  # should the parent be gone
        answer = _answer(Path(folder), limits, _ToldSteps(answers, skipped, limits.cpu_seconds, seconds * _EARLY))
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _send(answers, pickle.dumps(answer))


class _ToldSteps(Steps):
    """Tells the parent of each step, skips what ended a process before, and measures no more when time is used up."""

    def __init__(self, answers: BinaryIO, skipped: Mapping[Step, Why], cpu: float, seconds: float) -> None:
        self._answers = answers
        self._skipped = skipped
        self._cpu_ends = time.process_time() + cpu
        self._ends = time.monotonic() + seconds
        self._step: Step | None = None
        self._told = 0.0

    def begin(self, kind: StepKind, path: str) -> Why | None:
        step, now = (kind, path), time.monotonic()
        if step == self._step and now < self._told + 1:
            return None
        if why := self._skipped.get(step):
            return why
        if kind == "measuring" and (now > self._ends or time.process_time() > self._cpu_ends):
            return "late"
        _send(self._answers, pickle.dumps(step))
        self._step, self._told = step, now
        return None


def _answer(folder: Path, limits: LimitSettings, steps: Steps) -> Understood | Failed:
    """The mail understood, or why not."""
    try:
        return understand_folder(folder, limits, steps)
    except MailTooComplex as error:
        return Failed(str(error))
    except MemoryError:
        return Failed("拆解所需内存超过上限，已停止。", tainted=True, why="memory")
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
    """One worker process as its parent sees it; a fresh one in its place goes on with the same task.

    step: the last one it told of. skipped: steps of its task that ended a process before it. left: seconds its task
    may still take, counted from `since`.
    """

    popen: subprocess.Popen[bytes]
    buffer: bytearray = field(default_factory=bytearray)
    task: int | None = None
    deadline: float = math.inf
    started: bool = False
    step: Step | None = None
    skipped: dict[Step, Why] = field(default_factory=dict)
    left: float = 0.0
    since: float = 0.0

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


def _clear(folder: Path) -> tuple[Leaf, ...]:
    """What a failed try unpacked goes; what was handed over stays whole and is listed."""
    if not is_handed_over(folder):
        shutil.rmtree(folder / FILES, ignore_errors=True)
        return ()
    _, leaves = _handed_over(folder)
    kept = {folder / leaf.stored for leaf in leaves}
    for path in (folder / FILES).rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    return leaves


def _kept(folder: Path, trouble: str) -> Understood:
    """Kept, not understood: what was handed over unmeasured, of a mail what a bounded look at its headers gives."""
    handed_over = is_handed_over(folder)
    pieces = tuple(
        Piece(leaf.path, leaf.name, leaf.stored, leaf.sha256, leaf.size, Facts(type="other", error=trouble))
        for leaf in _clear(folder)
    )
    mail = Mail() if handed_over else peek_headers(folder / MESSAGE)
    return Understood(mail, pieces, understood=False, trouble=trouble)


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

        A step that kills, hangs or exhausts its process is left out when a fresh one goes on: the piece says so. Only
        a mail that does so before any step, or in too many, comes back as not understood, its `files/` removed;
        files that were handed over without a mail stay, unopened and unmeasured.
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
                process.skipped, process.left = {}, self._limits.wall_seconds
                self._ask(process, folder)

    def _ask(self, process: _Process, folder: Path) -> None:
        process.step, process.since = None, time.monotonic()
        process.deadline = process.since + (process.left if process.started else _START_SECONDS)
        process.ask(pickle.dumps((str(folder), process.skipped, process.left)))

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
                result = self._late(process, folder)
            else:
                result = None
            if result is not None:
                ready[process.task] = result
                process.task, process.deadline = None, math.inf

    def _listen(self, process: _Process, folder: Path) -> Understood | None:
        data = os.read(process.fileno(), 1 << 20)
        if not data:
            return self._again(process, folder, "crash")
        process.buffer += data
        try:
            while (answer := process.answer()) is not None:
                if isinstance(answer, Understood):
                    return answer
                if isinstance(answer, Failed):
                    if answer.tainted:
                        return self._again(process, folder, answer.why, answer.trouble)
                    return _kept(folder, answer.trouble)
                self._note(process, answer)
        except (pickle.UnpicklingError, ValueError, EOFError, AttributeError, TypeError, IndexError):
            return self._again(process, folder, "crash", "拆解程序的答复无法读取。")
        return None

    def _note(self, process: _Process, answer: Any) -> None:
        """It has started, or begins a step."""
        now = time.monotonic()
        if answer == _STARTED:
            process.started, process.since = True, now
            process.deadline = now + process.left
        else:
            process.step = answer
            process.deadline = min(process.since + process.left, now + self._limits.step_seconds)

    def _late(self, process: _Process, folder: Path) -> Understood | None:
        if process.started and time.monotonic() < process.since + process.left:
            return self._again(process, folder, "time")
        process.step = None  # the whole mail is late
        return self._again(process, folder, "time", f"拆解超过 {self._limits.wall_seconds:g} 秒，已停止。")

    def _again(self, process: _Process, folder: Path, why: Why, trouble: str | None = None) -> Understood | None:
        """A fresh process goes on with the same mail without the step that ended this one; else the mail is kept."""
        code = process.end()
        step = process.step
        process.left -= time.monotonic() - process.since
        self._renew(process)
        if step is None or len(process.skipped) >= self._limits.skipped_steps or process.left <= 0:
            return _kept(folder, trouble or self._cause(code))
        process.skipped[step] = why
        _clear(folder)
        self._ask(process, folder)
        return None

    def _renew(self, process: _Process) -> None:
        fresh = self._start()
        process.popen, process.buffer, process.started = fresh.popen, fresh.buffer, False

    def _cause(self, code: int) -> str:
        if code == -signal.SIGPROF:
            return f"拆解占用处理器超过 {self._limits.cpu_seconds:g} 秒，已停止。"
        return f"拆解程序意外终止（{f'信号 {-code}' if code < 0 else f'代码 {code}'}）。"


# --- one task, one process

_LARGEST_OUTPUT = 16 * 1024 * 1024
_CONFINED = """import resource
for kind, most in {limits}:
    resource.setrlimit(getattr(resource, kind), (most, most))
from {module} import main
main()"""


def confined(module: str, asked: Mapping[str, object], into: Path, limits: LimitSettings) -> bool:
    """Whether `main()` of that module of ours, in a process of its own, wrote something about `asked` into the file.

    asked goes to its standard input as JSON; what it prints is the file. The process has the worker's memory and
    `step_seconds`, writes to no other file of more than 16 MB and knows nothing of our environment. False, without a
    file, when it failed, was late or had nothing to say.
    """
    seconds = math.ceil(limits.step_seconds)
    bounds = (("RLIMIT_AS", limits.memory), ("RLIMIT_CPU", seconds), ("RLIMIT_FSIZE", _LARGEST_OUTPUT),
              ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 64))  # fmt: skip
    program = _CONFINED.format(limits=bounds, module=module)
    path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
    try:
        with into.open("wb") as out:
            subprocess.run(
                [sys.executable, "-c", program],
                input=json.dumps(asked).encode(),
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": path, "LANG": "C.UTF-8"},
                timeout=seconds,
                check=True,
            )
    except subprocess.SubprocessError:
        into.unlink()
    return into.exists() and into.stat().st_size > 0
