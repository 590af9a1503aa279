"""Importing a list beside the mail: read, dated, units found on the roster, kept with its bytes in one go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

from archive.names import safe_name
from archive.records import FilingState, Listing
from config.reading import read_bytes
from config.sheets import Unreadable, sheets
from intake.listing import NotAList, Read, read_list
from intake.rounds.office import Office


class ListRefused(Exception):
    """Why a list was not imported; str() is one sentence (Chinese)."""


@dataclass(frozen=True)
class Taken:
    """What became of a list. new: False when it is in force already; dated: where its day comes from."""

    listing: Listing
    new: bool
    dated: Literal["told", "file", "before", "today"]
    unknown_units: tuple[str, ...]
    unknown_states: tuple[str, ...]

    @property
    def states(self) -> dict[FilingState, int]:
        """How many rows in each state."""
        counts = Counter(entry.state for entry in self.listing.entries)
        return {state: counts[state] for state in ("passed", "pending", "returned", "none")}


def take_list(
    office: Office, campaign: str, kind: str, path: Path, who: str, day: date | None = None, unit: str = ""
) -> Taken:
    """Import the list at `path`; the day is the one told, else the file's own, else today in the campaign's zone.

    ListRefused when it cannot be read, is empty, or its day is still to come.
    """
    data, read = _read(office, campaign, kind, path)
    asked = office.config.campaigns[campaign]
    today, digest = office.now().astimezone(asked.zone).date(), sha256(data).hexdigest()
    before = [one for one in office.ledger.listings.all(campaign) if (one.kind, one.unit) == (kind, unit)]
    same = before[-1].day if before and before[-1].sha256 == digest else None
    chosen, dated = next(
        (one, how) for one, how in ((day, "told"), (read.day, "file"), (same, "before"), (today, "today")) if one
    )
    if chosen > today:
        raise ListRefused(f"名单日期 {chosen.isoformat()} 晚于今天，请用 --date 写明导出日期")
    listing = Listing(campaign, kind, path.name, chosen, digest, office.now(), who, read.entries, unit)
    new = office.ledger.listings.put(listing, data, safe_name(path.name, set()))
    return Taken(listing, new, dated, read.unknown_units, read.unknown_states)  # type: ignore[arg-type]  # one of four


def _read(office: Office, campaign: str, kind: str, path: Path) -> tuple[bytes, Read]:
    data, problems = read_bytes(path, path.name)
    if problems:
        raise ListRefused(problems[0].text())
    asked, roster = office.config.campaigns[campaign], office.config.rosters[campaign]
    try:
        read = read_list(sheets(data), kind == "filing", asked, roster)
    except Unreadable as trouble:
        raise ListRefused(f"{path.name} 读不出来：{trouble}") from None
    except NotAList as trouble:
        raise ListRefused(f"{path.name}：{trouble}") from None
    if not read.entries:
        raise ListRefused(f"{path.name} 里没有集体")
    return data, read
