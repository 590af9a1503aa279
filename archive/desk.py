"""The desk: the few things the pages ask of whoever reads mail and writes letters, as a Protocol; without one the
pages only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from archive.records import Checklist, Finding, Letter, Question
from config.loading import Config


@dataclass(frozen=True)
class Way:
    """One way to settle a line of the queue: key names it, label says it in words for staff."""

    key: str
    label: str


@dataclass(frozen=True)
class Waiting:
    """One line of the queue: the question (its consequence says which letter would follow), what it may be, best
    first, why, and the ways to settle it, the likeliest first."""

    question: Question
    likely: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Choice:
    """What a person says one piece is. item None: not a material. replaces: `NUMBER` or `NUMBER/piece`; adds: it
    replaces nothing."""

    item: str | None
    category: str | None = None
    subkind: str | None = None
    work: str | None = None
    replaces: str | None = None
    adds: bool = False


@dataclass(frozen=True)
class Trouble:
    """One thing that is not well. code: stable. text: one Chinese sentence. since: UTC, None when it is not known."""

    code: str
    text: str
    since: datetime | None = None


@dataclass(frozen=True)
class Effect:
    """What a changed rule would do: unit and item by name, the states before and after, what is said anew."""

    unit: str
    item: str
    before: str
    after: str
    text: str


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

    def findings(self, number: str) -> Sequence[Finding]:
        """What the checklist says of the pieces of one 件, now."""

    def letters(self) -> Sequence[Letter]:
        """Every letter: planned, waiting and sent, oldest first."""

    def preview(self, campaign: str, unit: str, kind: str) -> Letter:
        """The letter of that kind as the unit would get it now; its text, and its HTML as body. Nothing is written."""

    def html(self, number: str) -> str | None:
        """The mail's HTML made harmless: it loads nothing, runs nothing, leads nowhere; None when there is none."""

    def preview_picture(self, number: str, path: str) -> bytes | None:
        """A piece as a small JPEG of ours; None when there is none, and for what is marked."""

    # --- the files of the home

    def file(self, name: str) -> bytes:
        """A file of the home (`campaigns/ID.yaml`, `rosters/FILE`, `settings.yaml`); Refused when there is none."""

    def save(self, name: str, data: bytes, who: str) -> None:
        """Replace it, and go on by it; Refused, with every fault, when the home could not be used with it."""

    def try_campaign(self, name: str, data: bytes) -> Sequence[Effect]:
        """What would change for whom if the campaign file said this."""

    # --- units' own pages

    def link(self, campaign: str, unit: str) -> str:
        """A new link for the unit, with its whole address; "" where units have no pages."""

    def knows(self, campaign: str, unit: str, token: str) -> bool:
        """Whether the token lets the unit see its page now."""

    @property
    def uploads(self) -> Path:
        """Where unfinished uploads lie."""

    def take_upload(self, campaign: str, unit: str, folder: Path) -> str:
        """What a unit uploaded goes the way of every 件; its number. The folder is removed."""

    # --- deciding

    def settle(self, question: int, way: str, who: str, remember: bool = False) -> str:
        """Settle a line of the queue; a sentence on what was done. remember: the sender speaks for that unit."""

    def assign(self, number: str, campaign: str, unit: str, who: str, why: str, remember: bool = False) -> None:
        """A 件 is this unit's for this campaign."""

    def classify(self, number: str, piece: str, choice: Choice, who: str, why: str) -> None:
        """A piece is this item, or none."""

    def accept_as_mail(self, sha256: str, campaign: str, unit: str | None, who: str) -> str:
        """What was put aside as unrelated is a 件 after all; its number."""

    def undo(self, number: str, who: str, why: str = "") -> str:
        """Take back the last decision of a person; a sentence on what holds again."""

    def discard(self, number: str, who: str, why: str) -> None:
        """The content is to be removed from the archive."""

    def register(self, campaign: str, unit: str, item: str, by: str, who: str, note: str, count: int) -> None:
        """What came or was found by another way than mail."""

    def note(self, campaign: str, unit: str, text: str, until: date | None, who: str) -> None:
        """The unit was told by telephone."""

    # --- letters

    def release(self, key: str, who: str, campaign: str | None = None) -> int:
        """Let a letter go its way, or `all`; how many."""

    def hold(self, key: str, who: str, campaign: str | None = None) -> int:
        """Keep a letter back, or `all`; how many."""

    def cancel(self, key: str, who: str) -> int:
        """Never send it; how many."""

    def send_now(self, key: str, who: str) -> int:
        """Let it leave at once; how many."""

    def note_letter(self, key: str, text: str, who: str) -> int:
        """A note on a letter; how many."""
