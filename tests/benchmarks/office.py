"""One collecting round of a real office in a process of its own, as the service does it; prints what it cost as JSON.

Usage: python -m tests.benchmarks.office HOME [STAGES]   (STAGES: a file for the time each stage took)
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from config.home import init_home
from intake.rounds.collect import collect
from intake.rounds.office import Office
from intake.service import open_office
from tests.benchmarks import stages
from tests.benchmarks.mails import OFFICE
from tests.benchmarks.memory import children, cpu, forget_peak, resident

MAILBOX = "weihai"
CONNECTED = datetime(2018, 7, 31, 23, 0, tzinfo=UTC)
"""The office's clock: before the first mail, so that every mail opens or joins a window for an answer."""
SETTINGS = """
campaigns: [weihai-2018]
workers: {workers}
mailboxes:
  weihai:
    code: WH
    address: {office}
    imap: {{host: 127.0.0.1, port: {port}, tls: none, user: {user}, password: "file:{password}"}}
"""


def make_home(home: Path, port: int, user: str, password: str, workers: int = 1) -> None:
    """A home whose one mailbox is that user's and whose one campaign is open."""
    home.mkdir()
    init_home(home)
    secret = home / "password"
    secret.touch(0o600)
    secret.write_text(password)
    text = SETTINGS.format(office=OFFICE, port=port, user=user, password=secret, workers=workers)
    (home / "settings.yaml").write_text(text)
    campaign = home / "campaigns" / "weihai-2018.yaml"
    campaign.write_text(campaign.read_text("utf-8").replace("status: example", "status: open"), "utf-8")


def _start_workers(office: Office) -> None:
    """A service runs for months; its workers are there when mail comes."""
    folder = office.spool / "first"
    folder.mkdir()
    (folder / "message.eml").write_bytes(b"Subject: first\r\n\r\n")
    list(office.worker.understand([folder]))


def main(home: Path, told: Path | None) -> None:
    """Collect everything and say what it cost."""
    if told is not None:
        stages.watch(told)
    start = time.perf_counter()
    with open_office(home, lambda: CONNECTED) as office:
        _start_workers(office)
        stages.SECONDS.clear()
        start = time.perf_counter() - start
        idle, before = forget_peak(), sum(map(cpu, children()))
        begun, used = time.perf_counter(), time.process_time()
        whole = collect(office, MAILBOX)
        wall = time.perf_counter() - begun
        workers = children()
        spent = time.process_time() - used
        result = {
            "whole": whole,
            "wall": wall,
            "cpu": spent + sum(map(cpu, workers)) - before,
            "start": start,
            "idle": idle,
            "peak": resident(most=True),
            "workers": max((resident(pid, most=True) for pid in workers), default=0),
        }
    if told is not None:
        stages.tell(told, wall)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
