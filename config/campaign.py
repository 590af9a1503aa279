"""The campaign language: what a notice asks, as frozen values, each demand beside the sentence it comes from.

A campaign file is YAML; `config.loading` reads it into these values and reports every problem with file and line.
Times of day are in the campaign's zone; a deadline given as a day includes that day to 24:00 (see `Deadline.moment`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.turns import turn_before, turn_from

Severity = Literal["demand", "advice"]
Channel = Literal["mail", "disc", "upload", "hand", "paper", "external"]
Mode = Literal["cautious", "normal", "silent"]
Status = Literal["example", "draft", "open", "closed"]


class Value(BaseModel):
    """A frozen value in which an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=False)


class Sourced(Value):
    """Something the notice says: `quote` is its own sentence, `confirm` what the office must still confirm about it."""

    quote: str | None = None
    confirm: str | None = None


# --- rules: one class a check -------------------------------------------------------------------------------------


class RuleBase(Sourced):
    """What every rule carries.

    severity: `demand` makes a shortfall letter, `advice` (为宜, 原则上, 一般, 等) never does.
    categories: ids of the item's categories it is limited to; empty = all.
    subkind: id of the declared sub-kind it is limited to (undeclared works are judged by the loosest rule).
    units: kinds of unit it is limited to; empty = all (a quota per kind of unit is several `count` rules).
    """

    severity: Severity = "demand"
    categories: tuple[str, ...] = ()
    subkind: str | None = None
    units: tuple[str, ...] = ()


class CountRule(RuleBase):
    """How many works (or files, for an item that is not made of works) a unit owes; bounds include the number."""

    check: Literal["count"]
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


class FormatRule(RuleBase):
    """Allowed formats by content, as short names: jpeg png wmv mp4 docx doc wps pdf xlsx xls et zip …

    open_list: the notice's list ends in 等, so another format is advice at most.
    """

    check: Literal["format"]
    any_of: tuple[str, ...] = Field(min_length=1)
    open_list: bool = False


class PixelsRule(RuleBase):
    """Width × height in pixels after EXIF orientation; long side is compared with long side, so portrait passes."""

    check: Literal["pixels"]
    min_width: int | None = None
    min_height: int | None = None
    max_width: int | None = None
    max_height: int | None = None


class DurationRule(RuleBase):
    """Playing time in seconds."""

    check: Literal["duration"]
    min: float | None = None
    max: float | None = None


class BitRateRule(RuleBase):
    """Video bit rate in bit/s (20000kbps is 20000000)."""

    check: Literal["video_bit_rate"]
    min: int | None = None
    max: int | None = None


class SizeRule(RuleBase):
    """File size in bytes."""

    check: Literal["size"]
    min: int | None = None
    max: int | None = None


class CharactersRule(RuleBase):
    """字数 as Word counts it. of=work: the document itself; of=companion: the text that goes with the work.

    tolerance: the share above `max` (below `min`) that is only advice.
    """

    check: Literal["characters"]
    min: int | None = None
    max: int | None = None
    of: Literal["work", "companion"] = "work"
    tolerance: float = Field(default=0.05, ge=0, le=1)


class PagesRule(RuleBase):
    """Pages of a document."""

    check: Literal["pages"]
    min: int | None = None
    max: int | None = None


class GroupRule(RuleBase):
    """How many pictures make one work."""

    check: Literal["group"]
    min: int | None = None
    max: int | None = None


class CompanionRule(RuleBase):
    """What must come with each work: a text beside the pictures, or a filled-in form."""

    check: Literal["companion"]
    what: Literal["text", "form"] = "text"


class PairRule(RuleBase):
    """Each document comes twice: once editable, once as a scan or PDF."""

    check: Literal["pair"]
    editable: tuple[str, ...] = ("docx", "doc", "wps")
    scan: tuple[str, ...] = ("pdf", "jpeg", "png", "tiff")


class ColumnsRule(RuleBase):
    """Columns a table must have, by name."""

    check: Literal["columns"]
    names: tuple[str, ...] = Field(min_length=1)


class HeaderRule(RuleBase):
    """Fields above the table that must be filled in, by name (报送单位, 报送日期)."""

    check: Literal["header"]
    fields: tuple[str, ...] = Field(min_length=1)


class SealRule(RuleBase):
    """加盖公章: a person confirms; the code never decides it."""

    check: Literal["seal"]


class NameRule(RuleBase):
    """How the subject or the files are to be named, with {unit}, {item} and {title} as place holders."""

    check: Literal["name"]
    of: Literal["subject", "file"] = "file"
    pattern: str = Field(min_length=1)


class HumanRule(RuleBase):
    """What only a person can judge (原创, 真实可信): shown to staff beside the work, never in a letter."""

    check: Literal["human"]
    question: str


class ReconcileRule(RuleBase):
    """The table's rows and the files that came must agree, both ways; advice unless the file says demand."""

    check: Literal["reconcile"]
    severity: Severity = "advice"
    with_items: tuple[str, ...] = ()


Rule = Annotated[
    CountRule
    | FormatRule
    | PixelsRule
    | DurationRule
    | BitRateRule
    | SizeRule
    | CharactersRule
    | PagesRule
    | GroupRule
    | CompanionRule
    | PairRule
    | ColumnsRule
    | HeaderRule
    | SealRule
    | NameRule
    | HumanRule
    | ReconcileRule,
    Field(discriminator="check"),
]


# --- when ---------------------------------------------------------------------------------------------------------


def _day_stays_a_day(value: object) -> object:
    """Text of a day alone becomes that day (to 24:00); taken as a moment it would be 0:00, a whole day too early."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            return value
    return value


DayOrMoment = Annotated[datetime | date, BeforeValidator(_day_stays_a_day)]


class Deadline(Sourced):
    """A day (to 24:00 of the campaign's zone) or a moment; or a recurring one (`every` month or quarter on `day`).

    channel and units limit it to one channel or to kinds of unit; an item names the deadlines that bind it.
    """

    id: str = "main"
    by: DayOrMoment | None = None
    every: Literal["month", "quarter"] | None = None
    day: int | Literal["end"] | None = None
    channel: Channel | None = None
    units: tuple[str, ...] = ()

    def moment(self, zone: ZoneInfo, after: datetime | None = None) -> datetime | None:
        """The first instant that is late, in UTC; for a recurring deadline the next one after `after` (aware)."""
        if self.by is not None:
            return _end(self.by, zone)
        return self.span(zone, after)[1]

    def span(
        self, zone: ZoneInfo, at: datetime | None, extended: Sequence[datetime] = ()
    ) -> tuple[datetime | None, datetime | None]:
        """(begin, end) of what runs at `at`: the first instants (UTC) that are late for the turn before and for it.

        begin is None for a deadline that does not recur; both are None for one that does and `at` None. extended:
        the first late instants (UTC) of extensions; of a recurring deadline each moves the last turn before it.
        """
        if self.by is not None:
            return None, max([_end(self.by, zone), *extended])
        if self.every is None or at is None:
            return None, max(extended) if extended and self.every is None else None
        on = at.astimezone(zone).date()
        running, before = turn_from(self.every, self.day, on), turn_before(self.every, self.day, on)
        if self._closes(before, zone, extended) > at:
            running, before = before, turn_before(self.every, self.day, before)
        return self._closes(before, zone, extended), self._closes(running, zone, extended)

    def _closes(self, turn: date, zone: ZoneInfo, extended: Sequence[datetime]) -> datetime:
        assert self.every is not None
        end, following = _end(turn, zone), _end(turn_from(self.every, self.day, turn + timedelta(days=1)), zone)
        return max([end, *(moment for moment in extended if end < moment < following)])


def _end(by: date, zone: ZoneInfo) -> datetime:
    if isinstance(by, datetime):
        return (by if by.tzinfo else by.replace(tzinfo=zone)).astimezone(UTC)
    return datetime.combine(by + timedelta(days=1), time(), zone).astimezone(UTC)


class Extension(Sourced):
    """A later day for a deadline: for everybody (延期) and every item it binds, or for the units (by code) and items
    named. Of a recurring deadline it moves one turn, the last one before it."""

    deadline: str = "main"
    by: DayOrMoment
    units: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    announced: date | None = None


class Window(Sourced):
    """When something is to be *done* (活动时间), which is never a deadline for sending."""

    name: str
    begin: date | None = None
    end: date | None = None


# --- what ---------------------------------------------------------------------------------------------------------


class Category(Sourced):
    """A form or class of works inside one item (微视频 / 微故事)."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


class Subkind(Sourced):
    """A sub-kind the unit declares (实践案例 / 理论阐述) and by which limits differ."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


class Item(Sourced):
    """One thing owed.

    kind: work (files become works) · document · materials (any files) · table · message (the mail itself counts) ·
        filing (done in another system) · evidence (a slot the office fills).
    owed_by: `unit`, or `office` for what the office itself owes upward; units are never asked for that.
    channel: where it is due; what comes by mail instead counts, with `wrong-channel` as advice.
    deadlines: ids; empty = undated. rolling: anything may come at any time and nothing can ever be missing.
    optional: nothing is missing when none comes.
    forms: what its table's column of forms may say. words: content words that speak for this item.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    aliases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kind: Literal["work", "document", "materials", "table", "message", "filing", "evidence"] = "document"
    owed_by: Literal["unit", "office"] = "unit"
    channel: Channel = "mail"
    deadlines: tuple[str, ...] = ()
    rolling: bool = False
    optional: bool = False
    categories: tuple[Category, ...] = ()
    subkinds: tuple[Subkind, ...] = ()
    rules: tuple[Rule, ...] = ()
    systems: tuple[str, ...] = ()
    """Names of the outside systems the notice gives for a `filing`; two that differ are a contradiction to show."""


class Total(Sourced):
    """A minimum over several items together; each_min asks for that many of each (各类一共不少于3件，每类不少于1个).

    Alternatives (A or B) are a total with min 1 over optional items.
    """

    id: str
    items: tuple[str, ...] = Field(min_length=1)
    min: int = Field(ge=0)
    each_min: int = Field(default=0, ge=0)
    channel: Channel | None = None


class Eligibility(Sourced):
    """A condition for the applicants: arithmetic on a declared field where there is one, else a tick for staff.

    shown_by: what may show it instead: `filing` (passed on the imported filing list), `named` (stands on a list of
    those named before), `route` (no other unit applies for the same 集体). of: each 集体, or the office as a whole.
    """

    id: str
    question: str
    severity: Severity = "demand"
    field: str | None = None
    min: float | None = None
    max: float | None = None
    shown_by: Literal["filing", "named", "route"] | None = None
    of: Literal["applicant", "office"] = "applicant"


class Quota(Sourced):
    """What the office itself must reach: at least `factor` × the places allotted, from a CSV the office fills."""

    file: str
    factor: float
    question: str


class Parent(Sourced):
    """The notice that this one forwards; the child's dates and contact override it."""

    title: str
    doc_number: str | None = None
    issuer: str | None = None
    deadline: DayOrMoment | None = None


class Amendment(Sourced):
    """A later notice that changes this one; what it changes is written into the file, this keeps when and why."""

    on: date
    says: str


class Step(Sourced):
    """What happens after the deadline: showcase (展示), forward (择优推报), award, inspect.

    to: the upper office. by: its day for us; most: how many works it takes; title, columns: its own 汇总表.
    """

    step: Literal["showcase", "forward", "award", "inspect"]
    to: str | None = None
    by: DayOrMoment | None = None
    most: int | None = Field(default=None, ge=1)
    title: str | None = None
    columns: tuple[str, ...] = ()


class Late(Sourced):
    """What becomes of what comes late: counted, counted and marked, or not counted."""

    policy: Literal["accept", "mark", "refuse"] = "mark"
    overdue_letters: bool = False


class Reminders(Value):
    """Steps in working days before a deadline: letters to units, and a phone list for staff."""

    letters: tuple[int, ...] = (3,)
    phone: tuple[int, ...] = (1,)
    at: time = time(9, 30)
    min_gap: int = Field(default=1, ge=0, le=20)
    """Working days that lie between two reminders or overdue letters to one unit; what falls within goes into one."""
    most: int = Field(default=3, ge=1)
    """Reminders to one unit about one deadline; a recurring one counts anew each turn."""


CONTACT_PLACEHOLDER = "请填写"
"""Stands in the contact of a shipped example; letters leave such a contact out, `check` speaks of it."""


class Contact(Value):
    """Whom a unit may ask; placeholders in the shipped examples."""

    name: str
    phone: str


class Campaign(Value):
    """One notice as data. `now` never enters here; see `archive.checklist` for the judging."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    short: str
    """Short name for subjects of letters."""
    aliases: tuple[str, ...] = ()
    issuer: str
    """落款 of letters."""
    doc_number: str | None = None
    issued: date | None = None
    opens: date | None = None
    """Mail that came before this day is filed and counted, never answered. Default: `issued`."""
    status: Status = "draft"
    mode: Mode = "cautious"
    timezone: str = "Asia/Shanghai"
    mailboxes: tuple[str, ...] = ()
    """Names of mailboxes in the settings; several campaigns may name one mailbox and one campaign several."""
    published_mailbox: str | None = None
    """The address as printed in the notice; only shown."""
    not_for_submissions: tuple[str, ...] = ()
    """Other addresses the notice prints that are not for submissions; only shown."""
    roster: str
    contact: Contact
    addressed: str | None = None
    obliged: Sourced | None = None
    series: str | None = None
    """Id of the run of campaigns this one belongs to (届次, a yearly or two-yearly cycle)."""
    parent: Parent | None = None
    deadlines: tuple[Deadline, ...] = ()
    extensions: tuple[Extension, ...] = ()
    windows: tuple[Window, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    items: tuple[Item, ...] = Field(min_length=1)
    totals: tuple[Total, ...] = ()
    eligibility: tuple[Eligibility, ...] = ()
    quotas: tuple[Quota, ...] = ()
    late: Late = Late()
    reminders: Reminders = Reminders()
    after: tuple[Step, ...] = ()
    contradictions: tuple[Sourced, ...] = ()
    """Places where the notice contradicts itself: both sentences are shown, never resolved silently."""

    @property
    def zone(self) -> ZoneInfo:
        """The campaign's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def opens_at(self) -> datetime | None:
        """The first instant (UTC) of the day the campaign opened."""
        day = self.opens or self.issued
        return None if day is None else datetime.combine(day, time(), self.zone).astimezone(UTC)

    def item(self, id: str) -> Item:
        """The item of that id; KeyError when there is none."""
        for item in self.items:
            if item.id == id:
                return item
        raise KeyError(id)

    def deadline_for(
        self, item: Item, unit_code: str, unit_kind: str, channel: Channel | None = None, now: datetime | None = None
    ) -> datetime | None:
        """The first late instant (UTC) for this unit and item, extensions applied; None when undated or rolling.

        When several deadlines bind, the one for `channel` (default: the item's own channel) is taken before a
        general one. `now` picks the turn of a recurring deadline that runs then.
        """
        return self._span(item, unit_code, unit_kind, channel, now)[1]

    def period_begins(self, item: Item, unit_code: str, unit_kind: str, now: datetime) -> datetime | None:
        """When what counts for the turn running at `now` begins (UTC): the end of the turn before; None = from ever."""
        return self._span(item, unit_code, unit_kind, None, now)[0]

    def _span(
        self, item: Item, unit_code: str, unit_kind: str, channel: Channel | None, now: datetime | None
    ) -> tuple[datetime | None, datetime | None]:
        wanted = channel or item.channel
        best: tuple[int, datetime] | None = None
        begins: datetime | None = None
        for deadline in self.deadlines:
            if deadline.id not in item.deadlines:
                continue
            if deadline.units and unit_kind not in deadline.units:
                continue
            if deadline.channel is not None and deadline.channel != wanted:
                continue
            begin, moment = deadline.span(self.zone, now, self._extended(deadline.id, item.id, unit_code))
            if moment is None:
                continue
            rank = (2 if deadline.channel else 0) + (1 if deadline.units else 0)
            if best is None or rank > best[0] or (rank == best[0] and moment < best[1]):
                best, begins = (rank, moment), begin
        return begins, best[1] if best else None

    def _extended(self, deadline: str, item: str, unit: str) -> list[datetime]:
        """The first late instants of the extensions that hold for this unit and item."""
        return [
            _end(extension.by, self.zone)
            for extension in self.extensions
            if extension.deadline == deadline
            and (not extension.units or unit in extension.units)
            and (not extension.items or item in extension.items)
        ]
