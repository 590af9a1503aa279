"""The roster: who is invited and who owes what. Reading CSV and xlsx is in `config.loading`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Unit:
    """One 报送单位. A unit without an address is legal: it goes to the phone list.

    owes: None = every item the campaign asks of units; an empty tuple = invited but obliged to nothing.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""
    parent: str | None = None
    emails: tuple[str, ...] = ()
    contact: str | None = None
    phone: str | None = None
    address_as: Literal["你单位", "贵单位"] = "你单位"
    owes: tuple[str, ...] | None = None

    def owes_item(self, item_id: str) -> bool:
        """Whether the item is owed at all."""
        return self.owes is None or item_id in self.owes


@dataclass(frozen=True)
class Roster:
    """The units of one campaign, in the order of the file."""

    units: tuple[Unit, ...]

    def unit(self, code: str) -> Unit:
        """The unit of that code; KeyError when there is none."""
        for unit in self.units:
            if unit.code == code:
                return unit
        raise KeyError(code)

    def find(self, code: str | None) -> Unit | None:
        """The unit of that code or None."""
        return next((unit for unit in self.units if unit.code == code), None)
