"""What a running office keeps in mind and can make again from the ledger at any time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from config.roster import Roster
from intake.learned import Example, Model
from intake.reminders import Places


@dataclass
class Memory:
    """What one running office has learned; `state` tells from what, so that it is trained anew only after a change."""

    state: object = None
    models: dict[str, Model] = field(default_factory=dict)
    known: dict[str, tuple[int, tuple[Example, ...]]] = field(default_factory=dict)
    """Number -> version of its decision, and what was confirmed by it: read once."""
    rosters: dict[str, tuple[Roster, tuple[tuple[str, str], ...], Roster]] = field(default_factory=dict)
    shelf_said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Campaign -> what the log was last told of its folder on the shelf."""
    places: dict[str, tuple[datetime, Places]] = field(default_factory=dict)
    """Campaign -> where its units stood among those that owe something, and when that was looked at."""
    lock: threading.Lock = field(default_factory=threading.Lock)
