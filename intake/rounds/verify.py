"""Checking the archive: an object at a time, the one that has waited longest first; or all of it at once for staff."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from archive.agreeing import disagreements
from archive.checking import check_object
from archive.damages import ARCHIVE, COPY, Checked, Damage, name_swaps
from archive.ocfl.inventory import INVENTORY
from archive.records import Question
from archive.verify import chain_damages, places, sweep
from intake.fixity import damage_words, due_before, rest
from intake.health import DAMAGED
from intake.rounds.digest import FIXITY
from intake.rounds.office import Office
from intake.rounds.second import is_there, second_root

WALK = timedelta(days=1)
"""So often it is looked what lies in a root at all."""
NOTED_AT_ONCE = 200
BYTES = "archive-bytes"
"""Under this name the ledger remembers how large each root was at its last walk."""
TOLD = "damage-told"
"""Under this name the ledger remembers the sentence that staff were told last."""


def verify_one(office: Office) -> bool:
    """Walk a root or check one object, whatever is due; False when nothing is."""
    return verify_next(office) is not None


def verify_next(office: Office) -> Checked | None:
    """What `verify_one` did: the object it read, with object "" for a walk; None when nothing is due.

    One at a time, whoever asks; None too while another checks.
    """
    with office.lock("verify") as mine:
        if not mine:
            return None
        for root, folder in roots(office):
            walked = office.ledger.fixity.walked(root)
            if walked is None or office.now() - walked >= WALK:
                return _walk(office, root, folder)
        for root, folder in roots(office):
            size = (office.ledger.versions.get(BYTES) or {}).get(root, 0)
            place = office.ledger.fixity.next(root, due_before(office.now(), office.config.settings.fixity, size))
            if place is not None:
                one = _settled(office, root, folder, check_object(folder, place))
                if office.ledger.fixity.checked(root, [one], office.now()):
                    _tell(office)
                return one
        _sum_up(office)
    return None


def keep_verifying(office: Office, stop: threading.Event) -> None:
    """Check what is due at the pace of the settings until nothing is, or `stop` is set."""
    while not stop.is_set():
        begun = time.monotonic()
        one = verify_next(office)
        if one is None:
            return
        stop.wait(rest(one.bytes, time.monotonic() - begun, office.config.settings.fixity))


def verify_now(
    office: Office, at: Sequence[str] | None, told: Callable[[Checked, int], None], processes: int
) -> list[tuple[str, Damage]]:
    """Check these places of the archive at once (None: everything, the second copy too); (root, damage) of each.

    told is called after each object with how many there are in all.
    """
    found: list[tuple[str, Damage]] = []
    for root, folder in roots(office) if at is None else ((ARCHIVE, office.vault.root),):
        damages: list[Damage] = []
        if at is None:
            damages += _walk(office, root, folder).damages
        wanted = sorted(_expected(office, root) | {*places(folder)[0]}) if at is None else at
        waiting: list[Checked] = []
        for one in sweep(folder, wanted, processes):
            waiting.append(_settled(office, root, folder, one))
            damages += waiting[-1].damages
            told(waiting[-1], len(wanted))
            if len(waiting) == NOTED_AT_ONCE:
                office.ledger.fixity.checked(root, waiting, office.now())
                waiting = []
        office.ledger.fixity.checked(root, waiting, office.now())
        found += ((root, damage) for damage in name_swaps(damages))
    _tell(office)
    _sum_up(office)
    return found


def roots(office: Office) -> Iterator[tuple[str, Path]]:
    """The storage roots to be checked: the archive, and its second copy where there is one."""
    yield ARCHIVE, office.vault.root
    second = second_root(office)
    if second is not None and is_there(office, second):
        yield COPY, second


def _walk(office: Office, root: str, folder: Path) -> Checked:
    """What lies in a root; damage is looked at again while nobody writes, since a write makes folders first."""
    found, damages = _beyond_objects(office, root, folder)
    if damages:
        with office.writing_vault():
            found, damages = _beyond_objects(office, root, folder)
    office.ledger.fixity.listed(root, _expected(office, root) | {*found}, damages, office.now())
    sizes = office.ledger.versions.get(BYTES) or {}
    office.ledger.versions.set(BYTES, {**sizes, root: office.ledger.fixity.standing(root).bytes})
    _tell(office)
    return Checked("", 0, 0, tuple(damages))


def _beyond_objects(office: Office, root: str, folder: Path) -> tuple[list[str], list[Damage]]:
    """Where objects lie, and the damage that is no object's own."""
    found, damages = places(folder)
    return found, [*damages, *(chain_damages(office.vault) if root == ARCHIVE else ())]


def _expected(office: Office, root: str) -> set[str]:
    return {*(office.ledger.fixity.expected() if root == ARCHIVE else office.ledger.copies.held())}


def _settled(office: Office, root: str, folder: Path, one: Checked) -> Checked:
    """The check with what the ledger says; a damage is believed only when it is still there while nobody writes."""
    differences = _differences(office, root, one.object)
    if not one.damages and not differences:
        if root == COPY and not _in_step(office, folder, one.object):
            office.ledger.copies.again([one.object])
        return one
    with office.writing_vault():
        again = check_object(folder, one.object)
        differences = _differences(office, root, one.object)
    return replace(again, damages=(*again.damages, *differences))


def _in_step(office: Office, folder: Path, place: str) -> bool:
    """Whether the second copy has the object as the archive has it now."""
    try:
        mine = (office.vault.root / place / INVENTORY).read_bytes()
    except OSError:
        return True  # the archive's own damage, named there
    return mine == (folder / place / INVENTORY).read_bytes()


def _differences(office: Office, root: str, place: str) -> Iterable[Damage]:
    return disagreements(office.ledger, office.vault, place) if root == ARCHIVE else ()


def _tell(office: Office) -> None:
    """One line of the queue about all damage there is, asked anew when it changes."""
    ailing = office.ledger.fixity.damaged()
    text = damage_words(ailing) if ailing else ""
    if text != (office.ledger.versions.get(TOLD) or ""):
        office.ledger.decisions.settle_kind(DAMAGED, "", office.now())
        if text:
            consequence = "损坏的文件原样不动；服务照常收信"
            line = Question(0, DAMAGED, None, None, text, (), consequence, office.now())
            office.ledger.decisions.ask(line, None, None)
        office.ledger.versions.set(TOLD, text)


def _sum_up(office: Office) -> None:
    """What the digest says of the last 校验, once everything was read that is due."""
    standing, kept = office.ledger.fixity.standing(ARCHIVE), office.ledger.versions.get(FIXITY)
    newest = standing.newest
    if newest is None or standing.unread or (kept is not None and datetime.fromisoformat(kept["at"]) >= newest):
        return
    count = sum(len(one.damages) for one in office.ledger.fixity.damaged())
    what = {"at": newest.isoformat(), "files": standing.files, "damages": count}
    office.ledger.versions.set(FIXITY, what)
