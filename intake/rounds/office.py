"""The office a round works in: its home, its configuration, its ledger and vault, and its clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from archive.ledger import Ledger
from archive.vault import Vault
from config.campaign import Campaign
from config.loading import Config
from config.roster import Roster
from config.settings import MailboxSettings
from intake.ocr import ScanReader
from intake.rounds.memory import Memory
from intake.saying.wordings import SHIPPED, Broken, Wording
from intake.worker import Worker


@dataclass(frozen=True)
class Office:
    """Real parts, built in `intake.service`. `now` gives aware UTC; `secret` the password behind a reference."""

    home: Path
    config: Config
    ledger: Ledger
    vault: Vault
    worker: Worker
    now: Callable[[], datetime]
    secret: Callable[[str], str]
    scans: ScanReader | None = None
    """Reads pages without text; None unless the settings ask for it."""
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """The templates in force, by campaign; the shipped ones where the office has none of its own."""
    broken_templates: dict[str, Broken] = field(default_factory=dict)
    """Own templates that failed while a letter was written, by file; ours spoke in their place."""
    memory: Memory = field(default_factory=Memory)
    """What was learned from staff, for as long as the program runs."""
    understanding: threading.Lock = field(default_factory=threading.Lock)
    """Mailboxes are read side by side, but the worker serves one batch at a time."""

    @property
    def spool(self) -> Path:
        """Where mails lie until they are filed; on the archive's file system."""
        return self.home / "spool"

    @property
    def aside(self) -> Path:
        """Where the bytes of unrelated mail lie for some days."""
        return self.home / "aside"

    def wording(self, campaign: str) -> Wording:
        """The templates that speak for a campaign."""
        return self.wordings.get(campaign, SHIPPED)

    def mailbox(self, name: str) -> MailboxSettings | None:
        """The settings of a mailbox; None for a channel such as hand or disc."""
        return self.config.settings.mailboxes.get(name)

    def campaign(self, id: str | None) -> tuple[Campaign, Roster] | None:
        """A campaign with its roster; None when it is unknown."""
        if id is None or id not in self.config.campaigns:
            return None
        return self.config.campaigns[id], self.config.rosters[id]

    @contextmanager
    def lock(self, name: str, wait: float = 0) -> Iterator[bool]:
        """One holder at a time, whichever process asks; False when it is taken. The system frees it at a crash."""
        folder = self.home / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock")
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    @contextmanager
    def writing_vault(self) -> Iterator[None]:
        """Writers of the vault go one after another, over all processes."""
        with self.lock("vault", wait=600) as got:
            if not got:
                raise TimeoutError("另一个程序长时间占用档案库，请稍后再试")
            yield
