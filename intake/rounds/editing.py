"""Editing: a file of the home is replaced by another, tried first in a copy, so that no page can break the home."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from archive.desk import Refused
from archive.records import Event
from config.loading import Config, load_home
from config.problems import Problem
from intake.rounds.office import Office

EDITED = re.compile(
    r"settings\.yaml|calendar\.yaml|campaigns/[a-z0-9][a-z0-9-]*\.yaml|rosters/[^/\\:*?\"<>|]{1,100}\.(csv|xlsx)"
)
COPIED = ("settings.yaml", "calendar.yaml", "campaigns", "rosters", "quotas")


def tried(home: Path, name: str, data: bytes) -> tuple[Config, list[Problem]]:
    """The home as it would be with this file, and what would be wrong with it that is not wrong now."""
    if EDITED.fullmatch(name) is None:
        raise Refused(f"不能改写 {name}")
    with tempfile.TemporaryDirectory(prefix=".baosong-try-", dir=home) as folder:
        copy = Path(folder)
        for part in COPIED:
            place = home / part
            if place.is_dir():
                shutil.copytree(place, copy / part)
            elif place.is_file():
                shutil.copy2(place, copy / part)
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(data)
        now, then = load_home(home), load_home(copy)
    known = {problem.text() for problem in now.faults}
    return then, [problem for problem in then.faults if problem.text() not in known or problem.file == name]


def save(office: Office, name: str, data: bytes, who: str) -> None:
    """Replace a file of the home in one step; Refused, with every fault, when the home could not be used with it."""
    _, faults = tried(office.home, name, data)
    if faults:
        raise Refused("没有保存：" + "；".join(problem.text(office.config.settings.language) for problem in faults[:5]))
    place = office.home / name
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.saving")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
    digest = hashlib.sha256(data).hexdigest()
    what = {"file": name, "sha256": digest, "size": len(data)}
    office.ledger.events.tell(Event(office.now(), "file-saved", None, None, None, who, what))
