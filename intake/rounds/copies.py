"""Copies: each letter that left is laid into the mailbox's Sent folder, so that staff see it in their webmail.

A copy never touches its letter: one that fails is tried again, later each time, and staff are told after some tries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

import structlog

from archive.records import Letter, Question
from config.secrets import SecretMissing
from config.settings import MailboxSettings
from intake.mailbox import FolderRefused, Mailbox, MailboxDown
from intake.rounds.office import Office

log = structlog.get_logger()

WITHIN = timedelta(days=7)
"""Older letters get no copy: a folder set today is not filled with those of a year."""
AGAIN = (1, 5, 15, 60, 240)
"""Minutes to the next try after the first, second, … failure."""
TOLD_AFTER = 3
REFUSALS = 3
"""Letters refused one after another that end a run: it is the folder, not the letter."""


def copy_sent(office: Office, name: str) -> int:
    """Lay what waits for a copy into this mailbox's Sent folder; gives how many were laid."""
    box, now = office.mailbox(name), office.now()
    if box is None or not box.sent_folder or _memory(office, name).get("until", "") > now.isoformat():
        return 0
    waiting = office.ledger.letters.uncopied(name, now - WITHIN)
    if not waiting:
        return 0
    with office.lock(f"copies-{name}") as mine:
        return _run(office, name, box, waiting) if mine else 0


def _run(office: Office, name: str, box: MailboxSettings, waiting: tuple[Letter, ...]) -> int:
    memory = _memory(office, name)
    doubtful = frozenset(memory.get("laying", ()))
    _remember(office, name, {**memory, "laying": [letter.key for letter in waiting]})
    try:
        with Mailbox(
            name, box, office.secret(box.imap.password), office.spool, office.config.settings.limits
        ) as mailbox:
            laid = _lay(office, mailbox, box.sent_folder, waiting, doubtful)
    except FolderRefused as trouble:  # the server said so: nothing is in doubt
        _remember(office, name, {**_memory(office, name), "laying": []})
        _failed(office, name, str(trouble))
        return 0
    except (MailboxDown, SecretMissing) as trouble:
        _failed(office, name, str(trouble))
        return 0
    _remember(office, name, {})
    office.ledger.decisions.settle_kind("sent-copy", _of(name), office.now())
    return laid


def _lay(office: Office, mailbox: Mailbox, folder: str, waiting: tuple[Letter, ...], doubtful: Collection[str]) -> int:
    """Each letter once: one that an earlier run began to lay is looked for first."""
    laid, refused = 0, 0
    if doubtful:
        mailbox.open(folder)
    for letter in waiting:
        try:
            if not (letter.key in doubtful and mailbox.has(letter.message_id or "")):
                mailbox.lay(folder, letter.body, letter.sent or office.now())
        except FolderRefused:
            refused += 1
            if refused == min(REFUSALS, len(waiting)):
                raise
            continue
        office.ledger.letters.copied(letter.key, office.now())
        laid, refused = laid + 1, 0
    return laid


def _failed(office: Office, name: str, sentence: str) -> None:
    memory, now = _memory(office, name), office.now()
    times = memory.get("times", 0) + 1
    until = now + timedelta(minutes=AGAIN[min(times, len(AGAIN)) - 1])
    _remember(office, name, {**memory, "times": times, "until": until.isoformat()})
    log.warning("copies not laid", mailbox=name, why=sentence, failures=times)
    if times >= TOLD_AFTER:
        words = "发出的信没有存进已发送文件夹："
        question = Question(
            0, "sent-copy", None, None, f"{_of(name)}{words}{sentence}", (), "信已照常发出，稍后再存", now
        )
        office.ledger.decisions.ask(question, None, None)


def _of(name: str) -> str:
    return f"邮箱 {name} 存副本："


def _memory(office: Office, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = office.ledger.versions.get(f"sent-copies:{name}")
    return found or {}


def _remember(office: Office, name: str, memory: Mapping[str, Any]) -> None:
    office.ledger.versions.set(f"sent-copies:{name}", dict(memory))
