"""The ledger: every row's way in and out. The only package that holds a database session."""

from __future__ import annotations

from pathlib import Path

from archive.ledger.accounts import Accounts
from archive.ledger.acts import Acts
from archive.ledger.arrivals import Arrivals
from archive.ledger.changes import Changes
from archive.ledger.copies import Copies
from archive.ledger.decisions import Decisions
from archive.ledger.engine import Store
from archive.ledger.events import Events
from archive.ledger.fixity import Fixity
from archive.ledger.letters import Letters
from archive.ledger.listings import Listings
from archive.ledger.notes import Notes
from archive.ledger.pages import Pages
from archive.ledger.projected import Projected
from archive.ledger.promises import Promises
from archive.ledger.search import Search
from archive.ledger.selections import Selections
from archive.ledger.standing import Standing
from archive.ledger.taught import Taught
from archive.ledger.versions import Versions
from archive.ledger.windows import Windows

__all__ = ["Ledger"]


class Ledger:
    """One home's ledger, by concern. Opening it brings its tables up to date."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path)
        self.arrivals = Arrivals(self._store)
        self.decisions = Decisions(self._store)
        self.taught = Taught(self._store)
        self.windows = Windows(self._store)
        self.letters = Letters(self._store)
        self.projected = Projected(self._store)
        self.standing = Standing(self._store)
        self.promises = Promises(self._store)
        self.events = Events(self._store)
        self.versions = Versions(self._store)
        self.listings = Listings(self._store)
        self.notes = Notes(self._store)
        self.acts = Acts(self._store)
        self.accounts = Accounts(self._store)
        self.pages = Pages(self._store)
        self.search = Search(self._store)
        self.selections = Selections(self._store)
        self.changes = Changes(self._store)
        self.fixity = Fixity(self._store)
        self.copies = Copies(self._store)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()
