"""A real home whose letters are put into the outbox by hand, with a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.ledger.letters import NewLetter
from archive.records import LetterKind
from config.settings import ImapSettings, SmtpSettings
from intake.letters import Words
from intake.rounds.answer import PRIORITY, write
from intake.rounds.office import Office
from intake.service import open_office
from tests.servers.homes import CAMPAIGN, box, make_home

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MORNING = datetime(2018, 8, 6, 1, 0, tzinfo=UTC)
OFFICE = "office@office.example.test"
CAPS = {"per_hour": 100_000, "per_day": 100_000, "per_address_hour": 100_000, "per_address_day": 100_000}


@dataclass
class Clock:
    """The time, which only the test moves."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def on(self, span: timedelta) -> None:
        """Move on."""
        self.now += span


@dataclass
class Room:
    """An office and its clock."""

    office: Office
    clock: Clock

    def letter(self, key: str, to: str = "", kind: LetterKind = "receipt", expires: datetime | None = None) -> None:
        """Put a letter into the outbox."""
        campaign = self.office.config.campaigns[CAMPAIGN]
        to = to or f"{key}@unit.example.test"
        words = Words(f"【回执】{key}", "来件已收悉。", "<p>来件已收悉。</p>")
        new = write(self.office, "weihai", campaign, key, kind, "WH01", to, words, (), "queued")
        new = replace(new, expires=expires)
        self.office.ledger.letters.put(NewLetter(new, "weihai", PRIORITY[kind]), self.clock())

    def states(self) -> dict[str, str]:
        """key → state."""
        return {one.key: one.state for one in self.office.ledger.letters.outbox()}

    def asked(self) -> list[str]:
        """Kinds of what waits for a person."""
        return [one.kind for one in self.office.ledger.decisions.questions()]


@contextmanager
def a_room(folder: Path, smtp: SmtpSettings, caps: Mapping[str, int] | None = None) -> Iterator[Room]:
    """A home below `folder` whose letters leave through this server."""
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user=OFFICE)
    settings = box("WH", OFFICE, imap, smtp)
    home = make_home(folder / "home", {"weihai": settings}, answers={"sending": True, **CAPS, **(caps or {})})
    clock = Clock()
    with open_office(home, clock) as office:
        yield Room(office, clock)
