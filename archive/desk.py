"""The desk: the few things the pages ask of whoever reads mail and writes letters, as a Protocol; without one the
pages only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive.records import Checklist, Question
from config.loading import Config


@dataclass(frozen=True)
class Waiting:
    """One line of the queue: the question (its consequence says which letter would follow), what it may be, best
    first, and why."""

    question: Question
    likely: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """One thing that is not well. code: stable. text: one Chinese sentence. since: UTC, None when it is not known."""

    code: str
    text: str
    since: datetime | None = None


class Refused(Exception):
    """An act that cannot be done now; the text says why and what to do, in Chinese."""


class Desk(Protocol):
    """What the pages ask. Every act carries who did it; Refused when it cannot be done."""

    @property
    def config(self) -> Config:
        """What is asked: settings, campaigns, rosters, calendar."""

    def checklists(self, campaign: str) -> Mapping[str, Checklist]:
        """Unit code → how it stands now, in the roster's order. KeyError for an unknown campaign."""

    def waiting(self) -> Sequence[Waiting]:
        """Everything that waits for a person."""

    def troubles(self) -> Sequence[Trouble]:
        """What is not well at this moment; () = all is well."""
