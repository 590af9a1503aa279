"""The one place that builds the real parts and gives the rounds to the scheduler."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from archive.ledger import Ledger
from archive.vault import Vault
from config.loading import Config, load_home
from config.secrets import secret
from intake.ocr import ScanReader
from intake.rounds.amended import follow_versions
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect, due
from intake.rounds.copies import copy_sent
from intake.rounds.deliver import deliver
from intake.rounds.digest import digest_one
from intake.rounds.filing import adopt
from intake.rounds.learning import learn
from intake.rounds.office import Office
from intake.rounds.record import drop_asides, record_one
from intake.rounds.remind import remind
from intake.rounds.second import copy_batch
from intake.rounds.shelving import shelve_quietly
from intake.rounds.verify import keep_verifying
from intake.rounds.wording import read_wording
from intake.worker import Worker

log = structlog.get_logger()


PATIENCE = 7.0
"""Seconds a service that was told to end waits for its running steps."""


class NoHome(Exception):
    """There is no usable home folder; the text says what to do."""


def clock() -> datetime:
    """The real time, aware, UTC."""
    return datetime.now(UTC)


@contextmanager
def open_office(home: Path, now: Callable[[], datetime] = clock) -> Iterator[Office]:
    """The office of a home folder with all its real parts; closes them at the end.

    Faulty campaigns are left out (`config.problems` names them); everything else works on. NoHome without settings.
    """
    if not (home / "settings.yaml").exists():
        raise NoHome(f"{home} 还不是报送的工作目录，请先运行：baosong --home {home} init")
    config = load_home(home)
    wrong = [problem for problem in config.faults if problem.file == "settings.yaml"]
    if wrong:
        raise NoHome(
            "\n".join([*(p.text("zh") for p in wrong), "settings.yaml 有误，改好后再运行（baosong check 可检查）"])
        )
    ledger = Ledger(home / "ledger.db")
    vault = Vault(home / "archive", now)
    vault.create()
    (home / "spool").mkdir(exist_ok=True)
    settings = config.settings
    with Worker(settings.limits, settings.workers) as worker, ScanReader(settings.ocr_seconds) as reader:
        scans = reader if settings.ocr else None
        wordings = {id: read_wording(home, id) for id in config.campaigns}
        office = Office(
            home, config, ledger, vault, worker, now, lambda ref: secret(ref, home, os.environ), scans, wordings
        )
        with office.writing_vault():
            for line in vault.mend():
                log.warning("archive mended", what=line)
            for number in adopt(office):
                log.warning("adopted after a crash", number=number)
        _note_versions(office)
        ledger.search.called(_unit_names(config))
        try:
            yield office
        finally:
            ledger.close()


def _note_versions(office: Office) -> None:
    """Every version of a campaign or roster that is loaded becomes a row, and later an object of the vault."""
    for id, campaign in office.config.campaigns.items():
        for kind, file in (("campaigns", f"{id}.yaml"), ("rosters", campaign.roster)):
            path = office.home / kind / file
            if path.exists():
                office.ledger.versions.loaded(kind, file, path.read_bytes(), office.now())


def _unit_names(config: Config) -> dict[tuple[str, str], str]:
    return {(id, unit.code): unit.name for id, roster in config.rosters.items() for unit in roster.units}


def drain(step: Callable[[], bool], stop: threading.Event | None = None) -> int:
    """Repeat a step while it does something; gives how often it did."""
    count = 0
    while not (stop is not None and stop.is_set()) and step():
        count += 1
    return count


class Service:
    """The rounds on a scheduler. State lives in the ledger; a tick only wakes a round up."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._stop = threading.Event()
        late = {"misfire_grace_time": None, "coalesce": True}  # a tick that comes late is still a tick
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=late)

    def start(self) -> None:
        """Begin; every round runs once at once."""
        add, now = self._scheduler.add_job, datetime.now(UTC)
        for name, box in self._office.config.settings.mailboxes.items():
            add(self._collect, "interval", [name], seconds=box.poll, id=f"collect-{name}", next_run_time=now)
            add(copy_sent, "interval", [self._office, name], seconds=box.poll, id=f"copies-{name}", next_run_time=now)
        for id, step, seconds in (
            ("answer", lambda: answer_one(self._office), 15),
            ("record", lambda: record_one(self._office), 30),
            ("digest", lambda: digest_one(self._office), 60),
            ("second", lambda: copy_batch(self._office) > 0, 60),
        ):
            add(drain, "interval", [step, self._stop], seconds=seconds, id=id, next_run_time=now)
        add(follow_versions, "interval", [self._office], seconds=3600, id="amended", next_run_time=now)
        add(deliver, "interval", [self._office, self._stop], seconds=15, id="deliver", next_run_time=now)
        add(remind, "interval", [self._office], seconds=300, id="remind", next_run_time=now)
        add(learn, "interval", [self._office], seconds=60, id="learn", next_run_time=now)
        add(shelve_quietly, "interval", [self._office], seconds=60, id="shelf", next_run_time=now)
        add(keep_verifying, "interval", [self._office, self._stop], seconds=60, id="verify", next_run_time=now)
        add(self._office.ledger.search.tidy, "interval", hours=24, id="tidy")
        add(drop_asides, "interval", [self._office], hours=12, id="asides", next_run_time=now)
        self._scheduler.start()

    def stop(self, patience: float = PATIENCE) -> bool:
        """End after the steps that are running; False when one of them was still at work after `patience` seconds.

        Leaving then is safe: a step that is cut off is done again, as after a crash.
        """
        self._stop.set()
        ending = threading.Thread(target=self._scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        ending.start()
        ending.join(patience)
        return not ending.is_alive()

    def _collect(self, name: str) -> None:
        if due(self._office, name):
            collect(self._office, name, stop=self._stop)


def load(home: Path) -> Config:
    """The configuration alone, for commands that need nothing else."""
    return load_home(home)
