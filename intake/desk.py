"""The desk the pages turn to: everything they ask of intake, over one open office."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from archive.desk import Choice, Effect, Refused, Trouble, Waiting
from archive.records import Checklist, Finding, Letter, Note
from config.loading import Config
from intake.rounds import acting, deciding, editing, links, settling, showing, trying
from intake.rounds.findings import findings_of
from intake.rounds.health import health
from intake.rounds.importing import ImportBusy, Order, import_paths
from intake.rounds.office import Office
from intake.rounds.planning import checklists, deadline_now, planned_letters
from intake.rounds.preview import NothingToSay, preview
from intake.rounds.waiting import waiting

FRESH = 20
"""Seconds for which a checklist holds while nothing happens; deadlines pass meanwhile."""


class OfficeDesk:
    """`archive.desk.Desk` over an office."""

    def __init__(self, office: Office, reopen: Callable[[], bool] = lambda: True) -> None:
        self._office = office
        self._reopen = reopen
        self._listed: dict[str, tuple[tuple[int, int], Mapping[str, Checklist]]] = {}
        self._lock = threading.Lock()

    # --- reading

    @property
    def config(self) -> Config:
        """What is asked."""
        return self._office.config

    def checklists(self, campaign: str) -> Mapping[str, Checklist]:
        """How every unit stands, computed anew after everything that happens."""
        now = self._office.now()
        state = (self._office.ledger.pages.revision(), int(now.timestamp()) // FRESH)
        with self._lock:
            kept = self._listed.get(campaign)
            if kept is None or kept[0] != state:
                asked, roster = self._office.config.campaigns[campaign], self._office.config.rosters[campaign]
                kept = self._listed[campaign] = state, checklists(self._office, asked, roster, now)
        return kept[1]

    def waiting(self) -> Sequence[Waiting]:
        """The queue, with what each line may be and what would follow."""
        return waiting(self._office)

    def troubles(self) -> Sequence[Trouble]:
        """What is not well now."""
        return health(self._office)

    def findings(self, number: str) -> Sequence[Finding]:
        """What the checklist says of its pieces."""
        return findings_of(self._office, number)

    def letters(self) -> Sequence[Letter]:
        """The outbox, and what is planned."""
        return [*self._office.ledger.letters.outbox(), *planned_letters(self._office, self._office.now())]

    def preview(self, campaign: str, unit: str, kind: str) -> Letter:
        """Its text, and its HTML as body."""
        asked, roster = deciding.asked(self._office, campaign)
        found = roster.find(unit)
        if found is None:
            raise Refused(f"名册中没有编号为“{unit}”的单位")
        try:
            said = preview(self._office, asked, found, kind)
        except NothingToSay as why:
            raise Refused(str(why)) from None
        words = said.words
        return Letter(
            f"preview:{kind}:{unit}", said.kind, campaign, unit, "", words.subject, (), "draft", None,
            body=words.html.encode(), text=words.text,
        )  # fmt: skip

    def html(self, number: str) -> str | None:
        """Its HTML made harmless."""
        return showing.html(self._office, number)

    def preview_picture(self, number: str, path: str) -> bytes | None:
        """A piece as a small JPEG."""
        return showing.picture(self._office, number, path)

    # --- the files of the home

    def file(self, name: str) -> bytes:
        """Its bytes as they lie there."""
        if editing.EDITED.fullmatch(name) is None or not (self._office.home / name).is_file():
            raise Refused(f"没有文件 {name}")
        return (self._office.home / name).read_bytes()

    def save(self, name: str, data: bytes, who: str) -> None:
        """Replace it; the service and the pages go on by it."""
        editing.save(self._office, name, data, who)
        self._reopen()

    def try_campaign(self, name: str, data: bytes) -> Sequence[Effect]:
        """Every unit's checklist by both files."""
        return trying.effects(self._office, name, data)

    # --- units' own pages

    def link(self, campaign: str, unit: str) -> str:
        """A new link for the unit."""
        return links.link(self._office, campaign, unit)

    def knows(self, campaign: str, unit: str, token: str) -> bool:
        """Whether it lets the unit in."""
        return links.knows(self._office, campaign, unit, token)

    @property
    def uploads(self) -> Path:
        """Beside the archive, so that finished ones are moved and not copied."""
        return self._office.home / "uploads"

    def take_upload(self, campaign: str, unit: str, folder: Path) -> str:
        """Through the same journey as what comes by mail."""
        order = Order(campaign, unit, None, "upload", False, "")
        try:
            filed = import_paths(self._office, [folder], order)
        except ImportBusy as busy:
            raise Refused(str(busy)) from None
        if not filed or filed[0].number is None:
            raise Refused("没有收到文件，请重新上传")
        shutil.rmtree(folder, ignore_errors=True)
        return filed[0].number

    # --- deciding

    def settle(self, question: int, way: str, who: str, remember: bool = False) -> str:
        """Settle a line of the queue."""
        found = next((one for one in self._office.ledger.decisions.questions() if one.id == question), None)
        if found is None:
            raise Refused("这一行已由别人处理，请刷新")
        return settling.settle(self._office, found, way, who, remember)

    def assign(self, number: str, campaign: str, unit: str, who: str, why: str, remember: bool = False) -> None:
        """A 件 is this unit's."""
        deciding.assign(self._office, number, campaign, unit, who, why, remember=remember)

    def classify(self, number: str, piece: str, choice: Choice, who: str, why: str) -> None:
        """A piece is this item, or none."""
        deciding.classify(self._office, number, piece, choice, who, why)

    def accept_as_mail(self, sha256: str, campaign: str, unit: str | None, who: str) -> str:
        """From aside/ through the same journey as every mail; not answered by itself."""
        row = next((one for one in self._office.ledger.arrivals.asides() if one.sha256 == sha256), None)
        if row is None or row.file is None:
            raise Refused("这封来信的原件已过保留期，请在邮箱里找到它再导入")
        deciding.asked(self._office, campaign)
        order = Order(campaign, unit, row.received, "mail", False, who)
        try:
            filed = import_paths(self._office, [self._office.aside / row.file], order)
        except ImportBusy as busy:
            raise Refused(str(busy)) from None
        if not filed or filed[0].number is None:
            raise Refused("这封来信没有能登记为来件，请导入邮件文件")
        return filed[0].number

    def undo(self, number: str, who: str, why: str = "") -> str:
        """The decision before the last one of a person."""
        last, before, new = deciding.undo_last(self._office, number, who, why)
        return f"已撤销第 {last.version} 版（{last.why}），恢复第 {before.version} 版，记为第 {new.version} 版"

    def discard(self, number: str, who: str, why: str) -> None:
        """The content goes, number and reason stay."""
        deciding.discard(self._office, number, who, why)

    def register(self, campaign: str, unit: str, item: str, by: str, who: str, note: str, count: int) -> None:
        """What came or was found by another way."""
        deciding.register(self._office, campaign, unit, item, by, who, note, count)

    def note(self, campaign: str, unit: str, text: str, until: date | None, who: str) -> None:
        """Told by telephone; without a day until the deadline that is next."""
        now, day = self._office.now(), until or deadline_now(self._office, campaign, unit)
        self._office.ledger.notes.add(Note(campaign, unit, "phone", text, now, who, day))

    # --- letters

    def release(self, key: str, who: str, campaign: str | None = None) -> int:
        """Let it go its way."""
        return acting.release(self._office, key, who, campaign)

    def hold(self, key: str, who: str, campaign: str | None = None) -> int:
        """Keep it back."""
        return acting.hold(self._office, key, who, campaign)

    def cancel(self, key: str, who: str) -> int:
        """Never send it."""
        return acting.cancel(self._office, key, who)

    def send_now(self, key: str, who: str) -> int:
        """Let it leave at once."""
        try:
            return acting.send_now(self._office, key, who)
        except acting.NotNow as why:
            raise Refused(f"不能发：{why}") from None

    def note_letter(self, key: str, text: str, who: str) -> int:
        """A note on it."""
        return acting.note(self._office, key, text, who)
