"""The desk the pages turn to: everything they ask of intake, over one open office."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from archive.desk import Trouble, Waiting
from archive.records import Checklist
from config.loading import Config
from intake.rounds.health import health
from intake.rounds.office import Office
from intake.rounds.planning import checklists
from intake.rounds.waiting import waiting

FRESH = 20
"""Seconds for which a checklist holds while nothing happens; deadlines pass meanwhile."""


class OfficeDesk:
    """`archive.desk.Desk` over an office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._listed: dict[str, tuple[tuple[int, int], Mapping[str, Checklist]]] = {}
        self._lock = threading.Lock()

    @property
    def config(self) -> Config:
        """What is asked."""
        return self._office.config

    def checklists(self, campaign: str) -> Mapping[str, Checklist]:
        """How every unit stands, computed anew after everything that happens."""
        now = self._office.now()
        state = (self._office.ledger.pages.revision(), int(now.timestamp()) // FRESH)
        with self._lock:
            kept = self._listed.get(campaign)
            if kept is None or kept[0] != state:
                asked, roster = self._office.config.campaigns[campaign], self._office.config.rosters[campaign]
                kept = self._listed[campaign] = state, checklists(self._office, asked, roster, now)
        return kept[1]

    def waiting(self) -> Sequence[Waiting]:
        """The queue, with what each line may be and what would follow."""
        return waiting(self._office)

    def troubles(self) -> Sequence[Trouble]:
        """What is not well now."""
        return health(self._office)
