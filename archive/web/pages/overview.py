"""总览: each running campaign with its days left and how its units stand, what comes in, what waits, what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from archive.records import Checklist
from archive.web.gate import Who, seen
from archive.web.paper import page
from archive.web.rooms import Here
from config.campaign import Campaign

router = APIRouter()
DAYS = 30
"""Days of arrivals shown."""
STATES = ("complete", "faulty", "short", "silent", "review")


@dataclass(frozen=True)
class Card:
    """One campaign. counts: state → units that owe something. days_left: to the next last day, None = none ahead."""

    campaign: Campaign
    counts: Mapping[str, int]
    units: int
    next_day: date | None
    days_left: int | None
    arrivals: Sequence[tuple[date, int]]

    @property
    def most(self) -> int:
        """The tallest bar."""
        return max((count for _, count in self.arrivals), default=0) or 1


@router.get("/")
def overview(request: Request, rooms: Here, who: Who) -> Response:
    """The page."""
    now, may = rooms.now(), who.account.may_read
    cards = [
        _card(campaign, rooms.desk.checklists(id), rooms.ledger.pages.arrivals(id, now - timedelta(days=DAYS)), now)
        for id, campaign in seen(rooms, who.account).items()
        if campaign.status == "open"
    ]
    cards.sort(key=lambda card: (card.days_left is None, card.days_left or 0))
    return page(
        request,
        "overview.html",
        cards=cards,
        states=STATES,
        troubles=rooms.desk.troubles() if who.account.may_read(None) else (),
        waiting=sum(may(one.campaign) for one in rooms.ledger.decisions.questions()),
        drafts=sum(one.state == "draft" and may(one.campaign) for one in rooms.ledger.standing.not_out()),
    )


def _card(campaign: Campaign, listed: Mapping[str, Checklist], received: Sequence[datetime], now: datetime) -> Card:
    owing = [one for one in listed.values() if one.items]
    today = now.astimezone(campaign.zone).date()
    last_days = {
        (item.deadline.astimezone(campaign.zone) - timedelta(microseconds=1)).date()
        for one in owing
        for item in one.items
        if item.deadline is not None and item.state != "rolling"
    }
    ahead = min((day for day in last_days if day >= today), default=None)
    by_day = Counter(at.astimezone(campaign.zone).date() for at in received)
    days = [today - timedelta(days=turn) for turn in range(DAYS - 1, -1, -1)]
    return Card(
        campaign,
        Counter(one.state for one in owing),
        len(owing),
        ahead,
        (ahead - today).days if ahead else None,
        [(day, by_day[day]) for day in days],
    )
