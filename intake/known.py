"""What is known when a mail is judged: campaigns and rosters, taught addresses, our numbers, letters, earlier mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from archive.records import Held
from config.campaign import Campaign
from config.roster import Roster
from intake.learned import Model

Collectives = Mapping[str, tuple[str, str, str]]
"""Key of a 集体's name → (name, code of the unit that named it, where)."""


@dataclass(frozen=True)
class CampaignRoster:
    """A campaign and its roster."""

    campaign: Campaign
    roster: Roster


@dataclass(frozen=True)
class Known:
    """What is known when a mail is judged.

    addresses: learned address (lower case) → (campaign, unit) it was confirmed for. numbers: our number → (campaign,
    unit). letters: Message-ID of a letter of ours → (campaign, unit) it went to. mending: Message-ID of a 补报通知 of
    ours → the items it asked to mend. sent: (campaign, unit) → what the unit sent before. learned: campaign → what
    staff confirmed. confirmed: address → (campaign, unit) → how many mails of it persons decided so.
    collectives: campaign → the 集体 that its units' tables and lists name.
    """

    campaigns: tuple[CampaignRoster, ...] = ()
    addresses: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    letters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mending: Callable[[str], frozenset[str] | None] = lambda _: None
    sent: Callable[[str, str], tuple[Held, ...]] = lambda _campaign, _unit: ()
    learned: Callable[[str], Model | None] = lambda _campaign: None
    confirmed: Mapping[str, Mapping[tuple[str, str], int]] = field(default_factory=dict)
    collectives: Callable[[str], Collectives] = lambda _campaign: {}
