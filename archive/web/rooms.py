"""What every page stands on: ledger, vault, the desk if there is one, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from archive.desk import Desk
from archive.ledger import Ledger
from archive.vault import Vault
from config.campaign import Campaign
from config.roster import Roster
from config.workdays import ZONE


@dataclass(frozen=True)
class Rooms:
    """Real parts, built where the service is built. now: aware UTC."""

    ledger: Ledger
    vault: Vault
    desk: Desk
    now: Callable[[], datetime]
    session_hours: float = 12
    zone: ZoneInfo = ZONE

    def campaign(self, id: str | None) -> tuple[Campaign, Roster] | None:
        """A campaign with its roster; None when there is none of that id."""
        config = self.desk.config
        return None if id is None or id not in config.campaigns else (config.campaigns[id], config.rosters[id])


def rooms_of(request: Request) -> Rooms:
    """The parts of the app that answers this request."""
    return cast("Rooms", request.app.state.rooms)


Here = Annotated[Rooms, Depends(rooms_of)]
