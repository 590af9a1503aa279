"""The promise, on a real Dovecot: however often the service is killed, nothing is lost and nothing is done twice."""

from __future__ import annotations

import hashlib
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import ocfl
import pytest

from archive.ledger import Ledger
from archive.vault import Vault
from archive.verify import verify
from intake.service import open_office
from tests.servers.dovecot import dovecot
from tests.servers.homes import CAMPAIGN, box, make_home
from tests.servers.mails import UNITS, stray_mail, unit_mail
from tests.servers.scripted_smtp import ScriptedSmtp, SmtpTalk, scripted_smtp

pytestmark = pytest.mark.servers
PROJECT = Path(__file__).parents[2]
OFFICE = "office@office.example.test"
MAILS, TWINS, STRAYS, KILLS = 500, 10, 15, 100
STEPS = ("fetch", "understand", "reserve", "/reserve", "put", "/put", "accept", "/accept", "settle", "answer",
         "/answer", "send", "/send", "log", "/log")  # fmt: skip
LEASE_OUT = 31 * 60
PATIENCE = 2.0
"""Seconds to wait for a step that may not come in this run."""


@dataclass
class Runs:
    """The program of `tests.servers.at_work`, and what it said."""

    process: subprocess.Popen[bytes]
    waiting: bytes = b""
    said: list[str] = field(default_factory=list)

    def order(self, line: str) -> int:
        """Begin a run; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return int(self.until("pid ", 20).split()[1])

    def until(self, begin: str, seconds: float) -> str:
        """The next line that begins so, "" when none came in time; all lines are kept in `said`."""
        assert self.process.stdout is not None
        end = time.monotonic() + seconds
        while True:
            while b"\n" in self.waiting:
                line, _, self.waiting = self.waiting.partition(b"\n")
                self.said.append(line.decode())
                if self.said[-1].startswith(begin):
                    return self.said[-1]
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                return ""
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the program ended"
            self.waiting += data


@contextmanager
def runs(home: Path, log: Path) -> Iterator[Runs]:
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.at_work", str(home)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, cwd=PROJECT,
        )  # fmt: skip
        try:
            yield Runs(process)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


def kill_one(at_work: Runs, ahead: float, moment: str | float, delay: float) -> tuple[str, str | None]:
    """Kill one run at a moment: seconds after it opened, or a step and a little; its last step, and the letter that
    was on its way."""
    begun = len(at_work.said)
    pid = at_work.order(f"go {ahead}")
    if isinstance(moment, str):
        at_work.until(moment, PATIENCE)
        time.sleep(delay)
    else:
        at_work.until("open", 5)
        time.sleep(moment)
    os.kill(pid, signal.SIGKILL)
    assert at_work.until("ended", 10) == "ended -9"
    said = at_work.said[begun + 1 : -1]
    assert not [line for line in said if line.startswith("!")], said
    sends = [line for line in said if line.startswith(("send ", "/send "))]
    on_its_way = sends[-1].split()[1] if sends and sends[-1].startswith("send ") else None
    return (said[-1].split()[0] if said else "start"), on_its_way


def slow_dot(talk: SmtpTalk) -> None:
    """The letter is taken; the answer comes a little later, so that a kill can fall between."""
    time.sleep(0.02)
    talk.say("250 taken")


def test_a_service_killed_a_hundred_times_archives_and_answers_every_mail_once(tmp_path: Path) -> None:
    dice = random.Random(20180820)
    units = list(UNITS)
    mails = []
    for which in range(MAILS):
        unit = dice.choice(units)
        stranger = f"clerk{which % 40}@unit.example.test" if which % 2 else None
        mails.append(unit_mail(which, unit, OFFICE, stranger))
    arriving = [*mails, *dice.sample(mails, TWINS), *(stray_mail(which, OFFICE) for which in range(STRAYS))]
    dice.shuffle(arriving)

    with dovecot([OFFICE]) as server, scripted_smtp(dot=slow_dot) as smtp:
        home = make_home(
            tmp_path / "home",
            {"weihai": box("WH", OFFICE, server.settings(OFFICE), smtp.settings(timeout=5), settle="keyword")},
            limits={"batch_mails": 8},
        )
        with runs(home, tmp_path / "log") as at_work:
            at_work.order("drain 0")  # the first connection: older mail would not be answered
            assert at_work.until("ended", 20) == "ended 0"
            server.fill(OFFICE, arriving)
            started = time.monotonic()
            last_steps, doubtful = [], Counter[str]()
            for kill in range(KILLS):
                by_step = kill % 3 != 0
                moment = dice.choice(STEPS) if by_step else dice.uniform(0.0, 0.8)
                last, on_its_way = kill_one(at_work, kill * LEASE_OUT, moment, dice.choice((0, dice.uniform(0, 0.03))))
                last_steps.append(last)
                doubtful[on_its_way or ""] += 1
            killing = time.monotonic() - started
            for rest in range(3):
                at_work.order(f"drain {(KILLS + rest) * LEASE_OUT}")
                assert at_work.until("ended", 240) == "ended 0"
                assert not [line for line in at_work.said if line.startswith("!")]
        marked = keywords(server)

    print(f"killed {KILLS} times in {killing:.0f} s, last steps {Counter(last_steps).most_common()}")
    assert len(set(last_steps)) >= 10, "the kills did not spread"
    archived = check_archive(home, mails)
    check_letters(home, smtp, archived, doubtful)
    assert marked <= len(mails) + TWINS


def keywords(server: object) -> int:
    with server.client(OFFICE) as client:  # type: ignore[attr-defined]
        client.select("INBOX", readonly=True)
        return len(client.uid("SEARCH", "KEYWORD", "Baosong")[1][0].split())


def check_archive(home: Path, mails: Sequence[bytes]) -> dict[str, str]:
    """Every mail in exactly one object with a number of its own, and everything whole; gives number -> sha256."""
    vault = Vault(home / "archive")
    objects = list(vault.objects())
    kept = {}
    for one in objects:
        path = vault.content_path(one.mailbox, one.year, one.number, "message.eml")
        kept[one.number] = hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(kept) == len(objects)
    assert sorted(kept.values()) == sorted(hashlib.sha256(mail).hexdigest() for mail in mails)
    assert list(verify(vault)) == []
    assert ocfl.StorageRoot(root=str(home / "archive")).validate(
        validate_objects=True, log_warnings=False, log_errors=True
    )
    ledger = Ledger(home / "ledger.db")
    try:
        assert ledger.arrivals.reserved() == []
        assert {n: s.sha256 for n in ledger.arrivals.numbers() if (s := ledger.arrivals.submission(n))} == kept
        assert ledger.arrivals.counts() == {"archived": MAILS, "duplicate": TWINS, "aside": STRAYS}
        assert sum(len(ledger.arrivals.sightings(number)) for number in kept) == TWINS
        assert len(ledger.arrivals.asides()) == STRAYS
        memory = ledger.arrivals.folder("weihai", "INBOX")
        assert memory.cursor == MAILS + TWINS + STRAYS
        assert ledger.events.next_segment() is None
    finally:
        ledger.close()
    assert not any((home / "spool" / "weihai").iterdir())
    assert not list(home.glob(".archive.building/*"))
    return kept


def check_letters(home: Path, smtp: ScriptedSmtp, archived: dict[str, str], doubtful: Counter[str]) -> None:
    """Every number in exactly one letter text, every letter delivered, repeats identical and few."""
    with open_office(home) as office:
        letters = [one for one in office.ledger.letters.outbox() if one.key.startswith("answer:")]
        assert {one.state for one in letters} == {"sent"}
        decisions = [one for number in archived if (one := office.ledger.decisions.current(number))]
        answerable = {one.number for one in decisions if one.answerable and one.campaign == CAMPAIGN}
        assert len(answerable) == MAILS
        assert all(office.ledger.letters.of(number) for number in archived)
    named = Counter(number for one in letters for number in set(re.findall(r"WH\d{4}-\d{4,}", one.text)))
    assert set(named) >= answerable
    assert set(named.values()) == {1}, [n for n in named if named[n] > 1]
    assert Counter(n for one in letters for n in one.numbers) == Counter(answerable)
    delivered: dict[str, list[bytes]] = {}
    for body in smtp.letters:
        delivered.setdefault(str(message_from_bytes(body, policy=policy.default)["Message-ID"]), []).append(body)
    assert set(delivered) == {one.message_id for one in letters}
    repeats = 0
    for one in letters:
        copies = delivered[str(one.message_id)]
        assert set(copies) == {one.body}
        assert len(copies) <= 1 + doubtful[one.key], one.key
        repeats += len(copies) - 1
    on_its_way = doubtful.total() - doubtful[""]
    print(f"{len(letters)} letters, {repeats} repeats, {on_its_way} kills with a letter on its way")
    shutil.rmtree(home)
