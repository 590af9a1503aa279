"""The living folder 材料夹: 活动/单位/材料/作品名 as plain files, kept in step as mail arrives and decisions change.

It is never the truth and is made anew at will. Staff work in it: what is theirs is not touched (`kept_folder`). Beside
each unit's files lies its 应报清单, beside the units the 总表 of each table the notice asks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive.checklist import checklist
from archive.everyone import elsewhere, holdings_of_all
from archive.forms import progress, summary
from archive.forms.table import Table
from archive.forms.workbook import workbook
from archive.judging.applicants import Elsewhere
from archive.kept_folder import Done, KeptFolder
from archive.kept_record import NoSource, Record, Wanted
from archive.layout import Entry, Layout, lay_out_unit, unit_folders
from archive.ledger import Ledger
from archive.ledger.arrivals import Place
from archive.names import segment
from archive.records import Holdings
from archive.vault import Discarded, Vault
from config.campaign import Campaign
from config.roster import Roster, Unit

FORMAT = 1
"""Counts up when the layout or the tables change, so that every folder is looked over once."""
LIST, TABLES = "*list", "*tables"
"""What follows a unit's code for its checklist, and the section of what lies beside the units."""
CHECKLIST = "应报清单.xlsx"


@dataclass(frozen=True)
class Shelf:
    """The shelf of a home. `root` is made when the first file comes."""

    root: Path
    ledger: Ledger
    vault: Vault

    def keep(
        self,
        campaign: Campaign,
        roster: Roster,
        folder: str,
        now: datetime,
        room: int | None = None,
        whole: bool = False,
    ) -> Done:
        """Bring one campaign's folder up to date; only units of which something changed are looked at.

        Once a day (in the campaign's zone), when the campaign or the roster changed, and with `whole`, all are. room:
        bytes that may be written at most; now: aware. OSError when the disk fails: the next run goes on.
        """
        kept = KeptFolder(self.root, campaign.id)
        record = kept.record()
        marks = self._marks(campaign, roster, folder, now)
        due = [section for section, mark in marks.items() if whole or record.marks.get(section) != mark]
        gone = [section for section in {**record.sections, **record.marks} if section not in marks]
        if not due and not gone:
            return Done()
        wishes = _Wishes(self, campaign, roster, folder, now, [_code(section) for section in due])
        files = [section for section in due if not _is_made(section)]
        wanted = {section: wishes.files(section) for section in files} | {section: [] for section in gone}
        done = kept.keep(record, wanted, marks, room)
        made = [section for section in due if _is_made(section)]
        return done.and_then(kept.keep(record, {one: wishes.made(one, record) for one in made}, marks, room))

    def anew(self, campaign: Campaign) -> Done:
        """Take away every file of ours that nobody changed; the next `keep` writes all again."""
        if not self.root.exists():
            return Done()
        kept = KeptFolder(self.root, campaign.id)
        record = kept.record()
        return kept.keep(record, {section: [] for section in record.sections}, {})

    def _marks(self, campaign: Campaign, roster: Roster, folder: str, now: datetime) -> dict[str, str]:
        """Section → what it is made from. Units with neither a duty nor a file have none."""
        held = self.ledger.changes.marks(campaign.id)
        day = now.astimezone(campaign.zone).date().isoformat()
        asked = repr((FORMAT, folder, day, campaign, roster, held.pop("")))
        base = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        units = [unit.code for unit in roster.units if unit.owes != () or unit.code in held]
        marks = {code: f"{base} {held.get(code, '')}" for code in dict.fromkeys([*units, *held])}
        if summary.summary_items(campaign):
            every = hashlib.sha256("\n".join(f"{code} {mark}" for code, mark in sorted(marks.items())).encode())
            marks[TABLES] = every.hexdigest()
        return marks | {f"{code}{LIST}": mark for code, mark in marks.items() if code != TABLES}


@dataclass
class _Wishes:
    """What should lie in the folder of one campaign, from all that is held."""

    shelf: Shelf
    campaign: Campaign
    roster: Roster
    folder: str
    now: datetime
    codes: Sequence[str]
    held: dict[str, Holdings] = field(init=False)
    elsewhere: dict[str, Elsewhere] = field(init=False)
    folders: dict[str, str] = field(init=False)
    units: dict[str, Unit] = field(init=False)
    layouts: dict[str, Layout] = field(default_factory=dict)
    places: dict[str, Place | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read once what every section needs."""
        self.held = holdings_of_all(self.shelf.ledger, self.campaign, self.roster)
        self.elsewhere = elsewhere(self.campaign, self.roster, self.held)
        for code in self.codes:
            if code and code not in self.held:  # taken from the roster, but its files are here
                self.held |= self.shelf.ledger.decisions.holdings(self.campaign.id, code)
        self.folders = unit_folders(self.roster, self.held)
        self.units = {unit.code: unit for unit in self.roster.units}

    def files(self, code: str) -> list[Wanted]:
        """The copies of one unit."""
        came = {one.submission.number: one.submission.received for one in self.held[code].held}
        return [self._copy(entry, came[entry.number]) for entry in self._layout(code).entries]

    def made(self, section: str, record: Record) -> list[Wanted]:
        """The workbooks of a section; record: where the copies lie in truth."""
        if section == TABLES:
            return self._tables()
        code = _code(section)
        layout, holdings, known = self._layout(code), self.held[code], record.sections.get(code, {})
        at = {
            entry.path: known[path].at.partition("/")[2]
            for entry in layout.entries
            if (path := f"{self.folder}/{entry.path}") in known
        }
        sheets = []
        unit = self.units.get(code)
        if unit is not None:
            listed = checklist(self.campaign, unit, holdings, self.now, self.elsewhere.get(code))
            sheets.append(progress.of_unit(self.campaign, unit, listed, layout.withheld))
        who = unit or Unit(code, self.folders[code])
        if layout.entries:
            sheets.append(progress.files(self.campaign, who, layout.entries, holdings, at))
        if layout.withheld:
            sheets.append(progress.left_out(who, layout.withheld))
        return [_made(f"{self.folder}/{self.folders[code]}/{CHECKLIST}", sheets)] if sheets else []

    def bytes_of(self, entry: Entry) -> Path:
        """Where the archive has the file; NoSource."""
        if entry.number not in self.places:
            self.places[entry.number] = self.shelf.ledger.arrivals.place(entry.number)
        place = self.places[entry.number]
        if place is None:
            raise NoSource(f"台账中没有 {entry.number}，没有放入材料夹")
        try:
            return self.shelf.vault.content_path(place.mailbox, place.year, entry.number, entry.stored)
        except Discarded:
            raise NoSource(f"{entry.number} 已撤销存档，没有放入材料夹") from None
        except (OSError, ValueError):
            raise NoSource(f"存档中找不到 {entry.number} 的 {entry.name}，请运行：baosong verify") from None

    def _layout(self, code: str) -> Layout:
        if code not in self.layouts:
            self.layouts[code] = lay_out_unit(self.campaign, self.folders[code], self.held[code])
        return self.layouts[code]

    def _copy(self, entry: Entry, received: datetime) -> Wanted:
        path = f"{self.folder}/{entry.path}"
        source = _Later(self.bytes_of, entry)
        return Wanted(path, entry.sha256, entry.size, source, entry.sha256, received)

    def _tables(self) -> list[Wanted]:
        wanted = []
        for item in summary.summary_items(self.campaign):
            told = {
                unit.code: summary.filled_in(self.campaign, item, self.held[unit.code]) for unit in self.roster.units
            }
            made = summary.of_all(self.campaign, item, self.roster, told)
            wanted.append(_made(f"{self.folder}/{segment(item.name)}（总表）.xlsx", [made]))
        return wanted


@dataclass(frozen=True)
class _Later:
    """A file of the archive that is looked up only when it is copied."""

    find: Callable[[Entry], Path]
    entry: Entry

    def __call__(self) -> Path:
        return self.find(self.entry)


def _made(path: str, sheets: Sequence[Table]) -> Wanted:
    """A workbook that is made only when what stands in it changed."""
    stamp = hashlib.sha256(repr((FORMAT, sheets)).encode("utf-8", "surrogatepass")).hexdigest()
    return Wanted(path, stamp, 0, lambda: workbook(sheets))


def _is_made(section: str) -> bool:
    return section == TABLES or section.endswith(LIST)


def _code(section: str) -> str:
    """The unit's code; "" for what lies beside the units."""
    return "" if section == TABLES else section.removesuffix(LIST)
