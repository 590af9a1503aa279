"""The second copy of the archive: kept in step after each recorded change; what bears a mark of secrecy is withheld."""

from __future__ import annotations

from pathlib import Path

import structlog

from archive.ledger.copies import Pending
from archive.ocfl.inventory import ROOT_DECLARATION
from archive.second import NotCopied, copy_object
from archive.vault import Vault
from intake.rounds.office import Office

log = structlog.get_logger()

AT_ONCE = 50
"""Objects copied before a stop is heeded; finding out what waits costs a look at all 件."""
MARKED = "含有"
"""So begins the reason why a 件 is withheld for its marks; every other reason is a trouble."""
TROUBLE = "second-copy-trouble"
"""Under this name the ledger remembers why the second copy is not in step (a sentence), None when it is."""


def second_root(office: Office) -> Path | None:
    """The folder of the second copy; None when the settings name none."""
    named = office.config.settings.second_copy
    return (office.home / named).absolute() if named else None


def is_there(office: Office, root: Path) -> bool:
    """Whether the folder is the second copy; a disk that is not connected leaves an empty folder behind."""
    return (root / ROOT_DECLARATION).exists()


def copy_batch(office: Office) -> int:
    """Copy objects that are new or changed, some at a time; how many. 0: all is in step, or nothing can be copied."""
    root = second_root(office)
    if root is None:
        return 0
    with office.lock("second") as mine:
        if not mine:
            return 0
        trouble = _unusable(office, root)
        waiting = [] if trouble else office.ledger.copies.pending(AT_ONCE)
        if not waiting:
            office.ledger.versions.set(TROUBLE, trouble)
        for turn, one in enumerate(waiting):
            try:
                _copy(office, root, one)
            except NotCopied as why:
                log.warning("not copied", place=one.place, why=str(why))
                office.ledger.copies.done(one, office.now(), str(why))
            except OSError as error:
                log.warning("second copy failed", place=one.place, error=str(error))
                office.ledger.versions.set(TROUBLE, f"第二份存档写不进 {root}：{error.strerror or error}")
                return turn
        return len(waiting)


def trouble_words(office: Office) -> str | None:
    """What is wrong with the second copy, one sentence; None when it is in step or the settings name none."""
    if second_root(office) is None:
        return None
    told: str | None = office.ledger.versions.get(TROUBLE)
    left = [why for why in office.ledger.copies.withheld().values() if not why.startswith(MARKED)]
    more = f"（同类共 {len(left)} 个）" if len(left) > 1 else ""
    return told or (f"{left[0]}{more}" if left else None)


def standing_words(office: Office) -> str | None:
    """How far the second copy is, one sentence; None when the settings name none."""
    root = second_root(office)
    if root is None:
        return None
    held, withheld = len(office.ledger.copies.held()), office.ledger.copies.withheld()
    marked = sorted(number for number, why in withheld.items() if why.startswith(MARKED))
    kept_out = f"；{len(marked)} 件含密级标志或身份证件，按规定不复制（{'、'.join(marked[:5])}）" if marked else ""
    waits = "，还有待复制的" if office.ledger.copies.pending() else ""
    return f"第二份存档（{root}）有 {held} 个对象{waits}{kept_out}。"


def _copy(office: Office, root: Path, one: Pending) -> None:
    why = _withheld(office, one)
    if why is None:
        try:
            copy_object(office.vault.root, root, one.place)
        except (NotCopied, OSError):  # perhaps it was just being written
            with office.writing_vault():
                copy_object(office.vault.root, root, one.place)
    office.ledger.copies.done(one, office.now(), why)


def _withheld(office: Office, one: Pending) -> str | None:
    """Why a 件 must not lie in the second copy; a tombstone may, it holds none of it."""
    decision = office.ledger.decisions.current(one.number) if one.number else None
    if decision is None or decision.discarded:
        return None
    submission = office.ledger.arrivals.submission(decision.number)
    marks = sorted({mark for piece in submission.pieces for mark in piece.facts.marks}) if submission else []
    return MARKED + "、".join(marks) if marks else None


def _unusable(office: Office, root: Path) -> str | None:
    """Why nothing can be copied; makes the root when nothing was ever copied."""
    archive = office.vault.root.absolute()
    if root == archive or archive in root.parents or root in archive.parents:
        return f"second_copy 不能放在档案文件夹里或包住它：{root}"
    if is_there(office, root):
        return None
    if office.ledger.copies.held():
        return f"第二份存档的文件夹 {root} 不见了，可能硬盘没有接上；接上后自动继续"
    try:
        Vault(root, office.now).create()
    except OSError as error:
        return f"第二份存档的文件夹 {root} 建不起来：{error.strerror or error}"
    return None
