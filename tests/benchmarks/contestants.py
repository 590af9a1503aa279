"""The three ways to empty the same mailbox, each in processes of its own, and what each must have kept."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.ledger import Ledger
from archive.vault import Vault
from tests.benchmarks.mails import Expected
from tests.benchmarks.office import make_home
from tests.servers.dovecot import PASSWORD, Dovecot

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Right:
    """How much of what was sent came out right: bytes of mails as the server has them, attachments with true names.

    files: attachments whose bytes are right under whatever name. units: mails put down to the right unit.
    """

    mails: int
    attachments: int
    files: int
    units: int | None = None


@dataclass(frozen=True)
class Run:
    """One run: seconds of clock and of CPU (all its processes, not the server's), bytes resident above idle.

    start: seconds until an office was ready, which are not in `wall` (a service runs for months).
    """

    wall: float
    cpu: float
    memory: int | None
    workers: int | None
    right: Right
    start: float | None = None


Contestant = Callable[[Dovecot, str, Path, Sequence[Expected]], Run]


def _run(command: Sequence[str], folder: Path) -> tuple[float, float, str]:
    """Seconds of clock and CPU of a program and what it printed; RuntimeError when it fails."""
    with (folder / "printed").open("w+") as printed, (folder / "errors").open("w+") as errors:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=printed, stderr=errors, cwd=PROJECT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        errors.seek(0)
        if child.returncode:
            raise RuntimeError(f"{command[0]} failed: {errors.read()[-3000:]}")
        return wall, usage.ru_utime + usage.ru_stime, printed.read()


# --- mbsync

MBSYNCRC = """
IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel bench
Far :far:
Near :near:
Sync Pull
SyncState *
"""


def mbsync(server: Dovecot, user: str, folder: Path, sent: Sequence[Expected]) -> Run:
    """A plain copy into a Maildir, fsync as by default. It turns line ends into LF, which is undone to compare."""
    config = folder / "mbsyncrc"
    config.write_text(MBSYNCRC.format(port=server.imap, user=user, password=PASSWORD, folder=folder))
    wall, cpu, _ = _run(["mbsync", "-q", "-c", str(config), "bench"], folder)
    copied = [path for part in ("new", "cur") for path in (folder / "INBOX" / part).iterdir()]
    whole = {one.sha256 for one in sent}
    mails = sum(hashlib.sha256(_as_sent(path.read_bytes())).hexdigest() in whole for path in copied)
    return Run(wall, cpu, None, None, Right(mails, 0, 0))


def _as_sent(mail: bytes) -> bytes:
    lines = mail.replace(b"\n", b"\r\n").split(b"\r\n\r\n", 1)
    head = b"\r\n".join(line for line in lines[0].split(b"\r\n") if not line.startswith(b"X-TUID: "))
    return b"\r\n\r\n".join([head, *lines[1:]])


# --- a script


def script(server: Dovecot, user: str, folder: Path, sent: Sequence[Expected]) -> Run:
    """`tests/benchmarks/script.py`."""
    command = [sys.executable, "-m", "tests.benchmarks.script", "127.0.0.1", str(server.imap), user, PASSWORD]
    wall, cpu, printed = _run([*command, str(folder)], folder)
    said = json.loads(printed)
    whole = {one.sha256 for one in sent}
    database = sqlite3.connect(folder / "mails.db")
    mails = sum(digest in whole for (digest,) in database.execute("SELECT sha256 FROM mail"))
    found = Counter((name, digest) for name, digest in database.execute("SELECT name, sha256 FROM attachment"))
    database.close()
    return Run(wall, cpu, said["peak"] - said["idle"], None, _attachments(mails, found, sent))


def _attachments(mails: int, found: Counter[tuple[str, str]], sent: Sequence[Expected]) -> Right:
    wanted = Counter(file for one in sent for file in one.files)
    by_bytes = Counter(digest for _, digest in found.elements()) & Counter(digest for _, digest in wanted.elements())
    return Right(mails, (found & wanted).total(), by_bytes.total())


# --- Baosong


def baosong(server: Dovecot, user: str, folder: Path, sent: Sequence[Expected], stages: Path | None = None) -> Run:
    """One round of collecting: roles and units decided, unpacked, measured, in the vault, accepted by the ledger."""
    home = folder / "home"
    make_home(home, server.imap, user, PASSWORD)
    command = [sys.executable, "-m", "tests.benchmarks.office", str(home)]
    _, _, printed = _run([*command, str(stages)] if stages else command, folder)
    said = json.loads(printed.splitlines()[-1])
    right = kept(home, sent)
    return Run(said["wall"], said["cpu"], said["peak"] - said["idle"], said["workers"], right, said["start"])


def kept(home: Path, sent: Sequence[Expected]) -> Right:
    """What the archive really holds: every file is read again from the vault."""
    expected = {one.sha256: one for one in sent}
    ledger, vault = Ledger(home / "ledger.db"), Vault(home / "archive")
    mails = attachments = files = units = 0
    try:
        for number in ledger.arrivals.numbers():
            one, place = ledger.arrivals.submission(number), ledger.arrivals.place(number)
            decision = ledger.decisions.current(number)
            wanted = expected.pop(one.sha256, None) if one else None
            if one is None or place is None or decision is None or wanted is None:
                continue
            content = vault.content_path(place.mailbox, place.year, number, "message.eml").parent
            mails += _digest(content / "message.eml") == wanted.sha256
            units += decision.unit == wanted.unit
            found = Counter((piece.name, _digest(content / piece.stored)) for piece in one.pieces)
            right = _attachments(1, found, [wanted])
            attachments += right.attachments
            files += right.files
    finally:
        ledger.close()
    return Right(mails, attachments, files, units)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- the floor


def floor(server: Dovecot, user: str, folder: Path, sent: Sequence[Expected]) -> Run:
    """`tests/benchmarks/floor.py`, straight from the server's files."""
    target = folder / "kept"
    target.mkdir()
    maildir = server.base / "mail" / user / "Maildir"
    wall, cpu, _ = _run([sys.executable, "-m", "tests.benchmarks.floor", str(maildir), str(target)], folder)
    whole = {one.sha256 for one in sent}
    mails = sum(_digest(path) in whole for path in target.glob("*/message.eml"))
    files = Counter(_digest(path) for path in target.glob("*/[0-9]*"))
    wanted = Counter(digest for one in sent for _, digest in one.files)
    return Run(wall, cpu, None, None, Right(mails, 0, (files & wanted).total()))


CONTESTANTS: dict[str, Contestant] = {"mbsync": mbsync, "baosong": baosong, "floor": floor, "script": script}
