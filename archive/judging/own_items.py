"""What the office itself owes upward (五个一): evidence slots filled by hand or from the mail, never asked of units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.records import Held, Registered
from config.campaign import Campaign, CountRule


@dataclass(frozen=True)
class Slot:
    """One of the office's own items: how many pieces of evidence there are, how many are needed, and where they lie."""

    item: str
    name: str
    have: int
    need: int
    numbers: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the slot is filled."""
        return self.have >= self.need


def own_items(campaign: Campaign, held: Iterable[Held], registered: Iterable[Registered]) -> tuple[Slot, ...]:
    """The office's own items with what was decided to be theirs, from whatever 件 it came, and what was registered."""
    filed = [one for one in held if not one.decision.discarded and one.decision.campaign == campaign.id]
    notes = tuple(registered)
    slots = []
    for item in campaign.items:
        if item.owed_by != "office":
            continue
        pieces = {
            piece.sha256: one.submission.number
            for one in reversed(filed)
            for piece in one.submission.pieces
            if (choice := one.decision.piece(piece.path)) is not None and choice.item == item.id and not choice.none
        }
        by_hand = sum(max(note.count, 0) for note in notes if note.item == item.id and note.by in ("disc", "paper"))
        need = max((rule.min or 0 for rule in item.rules if isinstance(rule, CountRule)), default=1)
        numbers = tuple(sorted(set(pieces.values())))
        slots.append(Slot(item.id, item.name, len(pieces) + by_hand, need, numbers))
    return tuple(slots)
