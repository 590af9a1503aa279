"""The program as it runs: service and pages over one home, opened anew when the home's files change or a page saved
something. Mail is collected whether or not the pages can be served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from archive.ledger import Ledger
from archive.ledger.accounts import INVITATION, Account
from archive.web.app import create_app
from archive.web.rooms import Rooms
from archive.web.serving import NoPort, Pages
from config.loading import Config, load_home
from intake.desk import OfficeDesk
from intake.rounds.deliver import sending
from intake.rounds.office import Office
from intake.service import Service, clock, open_office

log = structlog.get_logger()

FIRST = "admin"
"""Name of the account the first start makes."""
LOOK = 20.0
"""Seconds between two looks at the files of the home."""
WATCHED = ("settings.yaml", "calendar.yaml", "campaigns", "rosters", "quotas", "templates")


class Busy(Exception):
    """Another program runs over this home; the text says so, in Chinese."""


@dataclass
class Running:
    """tell, complain: say a line to whoever started it. stop: ends the program. anew: opens the home again. opened:
    grows each time it was."""

    home: Path
    tell: Callable[[str], None]
    complain: Callable[[str], None]
    stop: threading.Event
    anew: threading.Event
    opened: threading.Semaphore
    pages: Pages | None = None

    def reopen(self, wait: float = 15.0) -> bool:
        """Called by the pages after they saved a file: True once everything works by the new files."""
        while self.opened.acquire(blocking=False):
            pass
        self.anew.set()
        return self.opened.acquire(timeout=wait)


def run(home: Path, stop: threading.Event, tell: Callable[[str], None], complain: Callable[[str], None]) -> bool:
    """Until `stop` is set; False when a step was left unfinished (the next start goes on with it). Busy, NoHome."""
    running = Running(home, tell, complain, stop, threading.Event(), threading.Semaphore(0))
    well = True
    try:
        while not stop.is_set():
            with open_office(home) as office, _alone(office):
                well = _serve(running, office)
            if not well:
                return False
    finally:
        if running.pages is not None:
            running.pages.stop()
    return well


def _serve(running: Running, office: Office) -> bool:
    """One opening of the home, until the program ends or the home changed."""
    for problem in office.config.problems:
        running.complain(problem.text(office.config.settings.language))
    why = sending(office)
    running.tell(f"服务已启动，{why}" if why else "服务已启动")
    _pages(running, office)
    service = Service(office)
    service.start()
    running.anew.clear()
    running.opened.release()
    seen = signature(running.home)
    while _turn(running, LOOK):
        now = signature(running.home)
        if now != seen:
            seen = now
            if usable(load_home(running.home)):
                running.tell("工作目录中的文件有改动，按新的内容继续")
                break
            running.complain("工作目录中的文件有改动但有错误，仍按原来的内容运行；请运行 baosong check")
    return service.stop()


def _turn(running: Running, seconds: float) -> bool:
    """Wait so long; False as soon as the program is to end or to open the home again."""
    end = time.monotonic() + seconds
    while not running.stop.is_set() and not running.anew.wait(0.2):
        if time.monotonic() >= end:
            return True
    return False


def usable(config: Config) -> bool:
    """Whether the home can be opened; faulty campaigns are left out, faulty settings are not."""
    return not any(problem.file == "settings.yaml" for problem in config.faults)


def signature(home: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that says what is asked."""
    found = []
    for name in WATCHED:
        place = home / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            try:
                state = file.stat()
            except OSError:
                continue
            found.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(found)


@contextmanager
def _alone(office: Office) -> Iterator[None]:
    with office.lock("run") as mine:
        if not mine:
            raise Busy(f"这个工作目录的服务已在运行：{office.home}。不需要再启动；要重启请先结束原来的程序")
        yield


# --- pages


def _pages(running: Running, office: Office) -> None:
    web = office.config.settings.web
    if web.port == 0:
        return
    rooms = rooms_of(office, running.reopen)
    if running.pages is not None:
        running.pages.app.state.rooms = rooms
        return
    try:
        running.pages = Pages(create_app(rooms), web.host, web.port)
    except NoPort as trouble:
        running.complain(str(trouble))
        return
    running.pages.start()
    running.tell(f"网页：{running.pages.address}{first_link(office.ledger)}")


def rooms_of(office: Office, reopen: Callable[[], bool] = lambda: True) -> Rooms:
    """What the pages stand on."""
    hours = office.config.settings.web.session_hours
    return Rooms(office.ledger, office.vault, OfficeDesk(office, reopen), office.now, hours)


def first_link(ledger: Ledger) -> str:
    """What stands behind the pages' address: while nobody has a password, a one-time way in for the first admin."""
    accounts, at = ledger.accounts, clock()
    if any((accounts.find(one.name) or (one, ""))[1] for one in accounts.all()):
        return ""
    if accounts.find(FIRST) is None:
        accounts.put(Account(FIRST, admin=True), at, "auto")
    return f"/invitation/{accounts.let_in('invitation', FIRST, at, INVITATION)}"
