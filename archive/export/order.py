"""What a kind of hand-over is asked, and what it says when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from archive.export.gathering import Gathered, LeftOut, gather
from archive.export.parcel import Advance, Delivered, Enclosed, amount, deliver, total
from archive.ledger import Ledger
from archive.vault import Vault
from config.campaign import Campaign
from config.roster import Roster

Progress = Callable[[str, int], AbstractContextManager[Advance]]


@dataclass(frozen=True)
class Order:
    """One campaign is to be handed over into the folder `to`.

    now: aware. notices: the notice's own files. sheet: the 归档清单 staff filled in. size: bytes of one disc; of: what
    lies on it. by_unit: one package a unit. whom: the upper office a selection goes to; part: bytes of one mail to it.
    """

    ledger: Ledger
    vault: Vault
    campaign: Campaign
    roster: Roster
    to: Path
    now: datetime
    progress: Progress
    notices: Sequence[Path] = ()
    sheet: Path | None = None
    size: int = 4_700_000_000
    of: str = "bag"
    by_unit: bool = False
    whom: str | None = None
    part: int = 20_000_000
    campaigns: Mapping[str, tuple[Campaign, Roster]] = field(default_factory=dict)
    """All of the office by id, for the 台账 over the years."""
    said: list[str] = field(default_factory=list)
    """Sentences for staff, in order."""
    _known: dict[str, dict[str, tuple[Path, str]]] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Today, in the campaign's zone."""
        return self.now.astimezone(self.campaign.zone).date()

    def lies(self, number: str, stored: str) -> tuple[Path, str]:
        """Where a file of a 件 lies in the archive, and its SHA-256; each 件 is looked up once."""
        if number not in self._known:
            place = self.ledger.arrivals.place(number)
            assert place is not None, number
            self._known[number] = self.vault.files(place.mailbox, place.year, number)
        return self._known[number][stored]

    def gathered(self) -> Gathered:
        """What the campaign holds; says what is left out and what is lacking."""
        found = gather(self.ledger, self.vault, self.campaign, self.roster, self.notices)
        self.tell_left_out(found.left_out)
        if not found.notices:
            self.said.append("没有附上通知原文；要附上请加 --notice 文件")
        return found

    def tell_left_out(self, left_out: Sequence[LeftOut]) -> None:
        """Each thing that does not travel is named."""
        self.said.extend(f"未收入 {one.number}：{one.why}，请负责人另行处理" for one in left_out)

    def deliver(self, parts: Sequence[Enclosed], name: str) -> Delivered:
        """Write the parcel, with progress, and say where it lies."""
        with self.progress("写入并核对", total(parts)) as advance:
            done = deliver(parts, self.to, name, advance)
        what = f"{done.files} 个文件，{amount(done.size)}"
        word = "已有一份，逐个核对无误" if done.again else "已写完，逐个读回核对无误"
        self.said.append(f"{done.folder}：{word}（{what}）")
        return done
