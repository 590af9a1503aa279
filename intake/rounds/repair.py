"""Repair by staff: what the second copy or the mailbox still has is put back; what was damaged is kept aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import structlog

from archive.damages import ARCHIVE, COPY, Damage
from archive.records import Event, Source, load
from archive.repair import Remedy, apply, plan
from config.secrets import SecretMissing
from intake.mailbox import FolderState, Mailbox, MailboxDown, Spooled, SpoolFailed
from intake.rounds.office import Office
from intake.rounds.verify import roots, verify_now

log = structlog.get_logger()


@dataclass(frozen=True)
class Repaired:
    """remedies: what is proposed, or was done. aside: where damaged files lie now; None when none was moved. left: what
    is still damaged afterwards, as (root, damage).
    """

    remedies: tuple[tuple[str, Remedy], ...]
    aside: Path | None = None
    left: tuple[tuple[str, Damage], ...] = ()


def repair(office: Office, at: Sequence[str] | None, who: str, really: bool) -> Repaired:
    """Check (these places, or everything), propose remedies, and, when `really`, put them into effect."""
    found = verify_now(office, at, lambda one, total: None, 1)
    folders = dict(roots(office))
    remedies: list[tuple[str, Remedy]] = []
    try:
        for root, folder in folders.items():
            other = folders.get(COPY if root == ARCHIVE else ARCHIVE)
            damages = [damage for name, damage in found if name == root]
            remedies += ((root, one) for one in plan(folder, other, damages, lambda place: _fetched(office, place)))
        if not really:
            return Repaired(tuple(remedies))
        return _applied(office, folders, remedies, at, who)
    finally:
        shutil.rmtree(office.spool / "repair", ignore_errors=True)


def _applied(
    office: Office, folders: dict[str, Path], remedies: list[tuple[str, Remedy]], at: Sequence[str] | None, who: str
) -> Repaired:
    asides = {root: _free(folder.with_name(f"{folder.name}.damaged"), office.now()) for root, folder in folders.items()}
    failed: list[tuple[str, Remedy]] = []
    with office.writing_vault():
        for root, folder in folders.items():
            mine = [one for where, one in remedies if where == root]
            failed += ((root, one) for one in apply(folder, mine, asides[root]))
    done = [one for one in remedies if one[1].possible and one[1].object not in {f.object for _, f in failed}]
    for object in sorted({one.object for _, one in done}):
        files = [one.path for _, one in done if one.object == object]
        number = object.rpartition("/")[2] if object and not object.startswith("_") else None
        what = {"place": object, "files": files}
        office.ledger.events.tell(Event(office.now(), "repaired", number, None, None, who, what))
    office.ledger.copies.again([one.object for root, one in done if root == ARCHIVE])
    left = verify_now(office, at, lambda one, total: None, 1)
    aside = next((folder for folder in asides.values() if folder.is_dir()), None)
    return Repaired((*done, *((r, o) for r, o in remedies if not o.possible), *failed), aside, tuple(left))


def _free(beside: Path, now: datetime) -> Path:
    """A folder for this repair that is not there yet: 20180820T010203Z, then 20180820T010203Z-2, …"""
    names = (f"{now:%Y%m%dT%H%M%SZ}{'' if turn == 1 else f'-{turn}'}" for turn in count(1))
    return next(beside / name for name in names if not (beside / name).exists())


def _fetched(office: Office, place: str) -> Path | None:
    """The mail of that 件 as the mailbox still has it, with the same bytes; None when it has not."""
    number = place.rpartition("/")[2]
    submission = office.ledger.arrivals.submission(number)
    if submission is None:
        return None
    for source in (submission.source, *_sightings(office, number)):
        settings = office.mailbox(source.mailbox)
        if settings is None or not source.uid:
            continue
        spool = office.spool / "repair" / number
        spool.mkdir(parents=True, exist_ok=True)
        limits = office.config.settings.limits.model_copy(update={"batch_mails": 1})
        try:
            with Mailbox(source.mailbox, settings, office.secret(settings.imap.password), spool, limits) as mailbox:
                status = mailbox.open(source.folder)
                if status.uidvalidity != source.uidvalidity or not mailbox.present(source.uid, source.uid):
                    continue
                state = FolderState(status.uidvalidity, source.uid - 1)
                got = next(iter(mailbox.new(state, status)), None)
        except (MailboxDown, SpoolFailed, SecretMissing) as why:
            log.warning("the mailbox could not be asked", mailbox=source.mailbox, why=str(why))
            continue
        if isinstance(got, Spooled) and got.sha256 == submission.sha256:
            return got.folder / "message.eml"
    return None


def _sightings(office: Office, number: str) -> Iterator[Source]:
    for told in office.ledger.arrivals.sightings(number):
        yield load(Source, told)
