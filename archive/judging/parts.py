"""A counted file of a unit, and the files that are one work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.judging.kinds import same
from archive.records import Channel, Piece, PieceDecision, Work


@dataclass(frozen=True)
class Part:
    """One counted file: the piece, what it was decided to be, and the 件 it came with."""

    piece: Piece
    choice: PieceDecision
    number: str
    received: datetime
    channel: Channel
    subject: str = ""
    inside: str = ""
    """The name of the document a picture was taken out of."""

    @property
    def type(self) -> str:
        """The short format name by content."""
        return same(self.piece.facts.type)

    @property
    def name(self) -> str:
        """The true file name, or the way inside the mail when it had none."""
        return self.piece.name or f"附件{self.piece.path}"


@dataclass(frozen=True)
class Group:
    """Parts that are one work. parts are what is judged; companions go with them (说明文字, illustrations)."""

    item: str
    key: str
    title: str
    category: str | None
    subkind: str | None
    parts: tuple[Part, ...]
    companions: tuple[Part, ...] = ()
    repeated: tuple[tuple[Part, Part], ...] = ()
    """Files of one mail with the same bytes: (the one that counts, the other)."""
    loose: bool = False
    """A text that surely goes with some work of the item, but it is not known with which: never counted."""

    @property
    def number(self) -> str:
        """The 件 that brought the latest of it."""
        return max(self.parts or self.companions, key=lambda part: (part.received, part.number)).number

    @property
    def received(self) -> datetime:
        """When the latest of the judged parts arrived, UTC."""
        return max(part.received for part in self.parts or self.companions)

    def work(self) -> Work:
        """The same as the plain value of the ledger."""
        evidence = tuple(found for part in self.parts for found in part.choice.evidence)
        return Work(
            key=self.key,
            item=self.item,
            title=self.title,
            category=self.category,
            subkind=self.subkind,
            number=self.number,
            pieces=tuple(part.piece for part in self.parts),
            companions=tuple(part.piece for part in self.companions),
            evidence=evidence,
        )
