"""Where the time of a collecting round goes: the steps of filing are timed from outside while they work as always."""

from __future__ import annotations

import functools
import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import intake.decide
import intake.worker
from archive import durable
from archive.ledger.arrivals import Arrivals
from archive.ocfl import building
from intake.mailbox import Mailbox
from intake.rounds import collect, filing
from intake.worker import Worker

SECONDS: defaultdict[str, float] = defaultdict(float)
_OPEN: list[str] = []
_SINCE = [0.0]


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time within counts for this stage, but for what a stage inside it takes."""
    _switch()
    _OPEN.append(name)
    try:
        yield
    finally:
        _switch()
        _OPEN.pop()


def _switch() -> None:
    now = time.perf_counter()
    if _OPEN:
        SECONDS[_OPEN[-1]] += now - _SINCE[0]
    _SINCE[0] = now


def timed(owner: Any, name: str, label: str) -> None:
    """Every call of `owner.name` counts for that stage."""
    plain: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Any:
        with stage(label):
            return plain(*args, **kwargs)

    setattr(owner, name, call)


def timed_steps(owner: Any, name: str, label: str) -> None:
    """Every step of the iterator that `owner.name` gives counts for that stage."""
    plain: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Iterator[Any]:
        steps = plain(*args, **kwargs)
        while True:
            with stage(label):
                try:
                    one = next(steps)
                except StopIteration:
                    return
            yield one

    setattr(owner, name, call)


def watch(told: Path) -> None:
    """Time the stages of this process and of the workers it will start."""
    timed_steps(Mailbox, "new", "fetch")
    timed_steps(Worker, "understand", "wait for the worker")
    timed(filing, "decide", "decide (guard, identify, classify)")
    timed(Arrivals, "known", "ledger: known, reserve")
    timed(Arrivals, "reserve", "ledger: known, reserve")
    timed(Arrivals, "accept", "ledger: accept")
    timed(Arrivals, "advance", "ledger: cursor")
    timed(Arrivals, "folder", "ledger: cursor")
    timed(filing, "record_of", "vault: dump record")
    timed(building, "build_deposit", "vault: build objects")
    timed(durable, "sync_trees", "vault: syncfs")
    timed(durable, "sync_folder", "vault: sync folders")
    timed(building, "move_in", "vault: move in")
    timed(shutil, "rmtree", "clear the spool")
    timed(collect, "collect", "the rest")
    worker = f"from tests.benchmarks.stages import serve; serve({str(told.with_suffix('.worker'))!r})"
    Worker.program = worker


def serve(told: str) -> None:
    """A worker process that also notes down its stages."""
    timed(intake.worker, "read_mail", "worker: take apart")
    timed(intake.worker, "unpack", "worker: unpack")
    timed(intake.worker, "measure", "worker: measure")
    timed(intake.worker, "_answer", "worker: the rest")
    plain = intake.worker._send

    def send(pipe: BinaryIO, payload: bytes) -> None:
        plain(pipe, payload)
        Path(told).write_text(json.dumps(SECONDS))

    vars(intake.worker)["_send"] = send
    intake.worker.serve()


def tell(told: Path, wall: float) -> None:
    """Write the seconds of every stage down."""
    worker = told.with_suffix(".worker")
    inside = json.loads(worker.read_text()) if worker.exists() else {}
    SECONDS["the rest"] = wall - sum(value for name, value in SECONDS.items() if name != "the rest")
    told.write_text(json.dumps({"round": SECONDS, "worker": inside}, ensure_ascii=False))
