"""A service that can be killed at any step: forked from a program that has everything loaded, so a start is quick.

Run as a program with a home folder. Each line on standard input starts one run: `go SECONDS` is the real service with
its clock so many seconds ahead; `drain SECONDS` does every round until nothing is left and ends by itself. It tells
`pid N`, then a line at each step (`fetch`, `put`, `/put` …; `!` before a trouble), and `ended CODE`. The first worker
process is forked too, before any thread runs; those that replace it are started as ever.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.settings import LimitSettings
from intake.mailbox import Mailbox
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect
from intake.rounds.deliver import deliver
from intake.rounds.office import Office
from intake.rounds.record import record_one
from intake.service import Service, clock, drain, open_office
from intake.worker import _Process, serve

PR_SET_PDEATHSIG, SIGKILL = 1, 9


def tell(line: str) -> None:
    """One line, in one write, so that a kill cuts nothing off."""
    os.write(1, line.encode() + b"\n")


def spied(step: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The same step, which tells when it begins and when it is over."""

    def told(*args: Any, **named: Any) -> Any:
        tell(name)
        result = step(*args, **named)
        tell(f"/{name}")
        return result

    return told


def spied_steps(step: Callable[..., Iterator[Any]], name: str) -> Callable[..., Iterator[Any]]:
    """The same for a generator."""

    def told(*args: Any, **named: Any) -> Iterator[Any]:
        tell(name)
        yield from step(*args, **named)
        tell(f"/{name}")

    return told


def watch(office: Office) -> None:
    """Have the office's parts tell what they do; what they do stays the same."""
    ledger: Any = office.ledger
    worker: Any = office.worker
    vault: Any = office.vault
    worker.understand = spied_steps(worker.understand, "understand")
    vault.put = spied(vault.put, "put")
    vault.put_log = spied(vault.put_log, "log")
    ledger.arrivals.reserve = spied(ledger.arrivals.reserve, "reserve")
    ledger.arrivals.accept = spied(ledger.arrivals.accept, "accept")
    ledger.windows.answer_one = spied(ledger.windows.answer_one, "answer")
    ledger.events.mark_kept = spied(ledger.events.mark_kept, "kept")
    take, done = ledger.letters.lease_one, ledger.letters.outcome

    def lease_one(*args: Any) -> Any:
        leased = take(*args)
        if leased is not None:
            tell(f"send {leased.letter.key}")
        return leased

    def outcome(key: str, *args: Any) -> None:
        done(key, *args)
        tell(f"/send {key}")

    ledger.letters.lease_one, ledger.letters.outcome = lease_one, outcome
    mailbox: Any = Mailbox
    mailbox.new = spied_steps(mailbox.new, "fetch")
    mailbox.settle = spied(mailbox.settle, "settle")


@dataclass
class Forked:
    """A worker process made by fork, with what the service uses of `subprocess.Popen`."""

    pid: int
    stdin: io.FileIO
    stdout: io.FileIO
    code: int | None = None

    def poll(self) -> int | None:
        """Its return code once it has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def wait(self) -> int:
        """Its return code."""
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def kill(self) -> None:
        """End it."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)


def forked_worker(limits: LimitSettings) -> Any:
    """A worker process as the service sees it, ready at once."""
    asks, said = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(asks[0], 0)
        os.dup2(said[1], 1)
        for end in (*asks, *said):
            os.close(end)
        serve()
        os._exit(0)
    os.close(asks[0])
    os.close(said[1])
    popen: Any = Forked(pid, io.FileIO(asks[1], "w"), io.FileIO(said[0]))
    process = _Process(popen)
    process.ask(pickle.dumps(limits.model_dump()))
    return process


def go(home: Path, ahead: timedelta) -> None:
    """The real service, until it is killed."""
    with open_office(home, _clock(ahead)) as office:
        office.worker._processes.append(forked_worker(office.config.settings.limits))
        watch(office)
        tell("open")
        Service(office).start()
        threading.Event().wait()


def drained(home: Path, ahead: timedelta) -> None:
    """Every round to its end."""
    with open_office(home, _clock(ahead)) as office:
        for name in office.config.settings.mailboxes:
            if not collect(office, name):
                tell(f"! {name} was not collected")
        drain(lambda: answer_one(office))
        deliver(office)
        drain(lambda: record_one(office))


def _clock(ahead: timedelta) -> Callable[[], datetime]:
    return lambda: clock() + ahead


def main(home: Path) -> None:
    """Serve until standard input ends."""
    for line in sys.stdin:
        what, seconds = line.split()
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
            work = go if what == "go" else drained
            try:
                work(home, timedelta(seconds=float(seconds)))
                os._exit(0)
            except BaseException as error:
                tell(f"! {type(error).__name__}: {error}")
                os._exit(1)
        tell(f"pid {child}")
        _, status = os.waitpid(child, 0)
        tell(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
