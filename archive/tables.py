"""The ledger's rows and nothing else. Rows are never the values other rooms use; `archive.ledger` translates.

Times are UTC (SQLite keeps no zone; `UTCDateTime` puts it back). JSON columns hold what `records.dump` gives.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


def moment(**more: Any) -> Any:
    """A column for a point in time."""
    return Field(sa_type=UTCDateTime, **more)


def data(**more: Any) -> Any:
    """A column for JSON data."""
    return Field(sa_type=JSON, **more)


class MetaRow(SQLModel, table=True):
    """One remembered thing of the whole home, by name."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: Any = data(default=None, nullable=True)


class MailboxRow(SQLModel, table=True):
    """How a mailbox fares."""

    __tablename__ = "mailbox"
    name: str = Field(primary_key=True)
    connected: datetime | None = moment(default=None, nullable=True)
    """First successful connection: older mail is never answered by itself."""
    last_success: datetime | None = moment(default=None, nullable=True)
    last_trouble: str | None = None
    failures: int = 0
    next_try: datetime | None = moment(default=None, nullable=True)


class FolderRow(SQLModel, table=True):
    """What a folder looked like last time, and the highest UID below which all have rows."""

    __tablename__ = "folder"
    mailbox: str = Field(primary_key=True)
    folder: str = Field(primary_key=True)
    uidvalidity: int = 0
    uidnext: int = 0
    messages: int = 0
    cursor: int = 0
    reconciled: datetime | None = moment(default=None, nullable=True)


class UidRow(SQLModel, table=True):
    """One UID of a folder and what became of it: reserved archived duplicate aside left failed vanished."""

    __tablename__ = "uid"
    mailbox: str = Field(primary_key=True)
    folder: str = Field(primary_key=True)
    uidvalidity: int = Field(primary_key=True)
    uid: int = Field(primary_key=True)
    state: str
    number: str | None = Field(default=None, index=True)
    sha256: str | None = None
    tries: int = 0
    why: str | None = None
    at: datetime = moment()


class CounterRow(SQLModel, table=True):
    """The last number given for a code and year; never goes back."""

    __tablename__ = "counter"
    code: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class SubmissionRow(SQLModel, table=True):
    """One number: reserved (nothing promised yet) or accepted (durable in the vault)."""

    __tablename__ = "submission"
    number: str = Field(primary_key=True)
    mailbox: str
    year: int
    state: str = Field(index=True)
    channel: str
    received: datetime = moment()
    sha256: str = Field(unique=True)
    size: int
    sender: str = Field(index=True)
    subject: str = ""
    message_id: str = Field(default="", index=True)
    value: Any = data(default=None, nullable=True)
    """The whole Submission; None while only reserved."""


class PieceRow(SQLModel, table=True):
    """One piece, for looking up by name or hash."""

    __tablename__ = "piece"
    number: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    name: str
    sha256: str = Field(index=True)
    size: int
    type: str


class SightingRow(SQLModel, table=True):
    """The same bytes seen again, elsewhere or later."""

    __tablename__ = "sighting"
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    value: Any = data()


class DecisionRow(SQLModel, table=True):
    """One version of a decision; the one with current = True is in force."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_holdings", "campaign", "unit", "current"),)
    number: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime = moment()
    made_by: str
    role: str
    campaign: str | None = None
    unit: str | None = None
    current: bool = True
    recorded: bool = False
    """Written into the vault's record.json."""
    value: Any = data()


class RelayRow(SQLModel, table=True):
    """A submission that holds pieces for another unit than its own (a relay)."""

    __tablename__ = "relay"
    number: str = Field(primary_key=True)
    campaign: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)


class WindowRow(SQLModel, table=True):
    """An answer window: mails of one unit and address that are answered together."""

    __tablename__ = "answer_window"
    id: int | None = Field(default=None, primary_key=True)
    mailbox: str
    campaign: str
    unit: str = ""
    reply_to: str
    opened: datetime = moment()
    due: datetime = moment(index=True)
    closed: bool = Field(default=False, index=True)


class AnswerRow(SQLModel, table=True):
    """A number that is to be answered: in exactly one window, later named by exactly one letter."""

    __tablename__ = "answer"
    number: str = Field(primary_key=True)
    window: int = Field(index=True)
    letter: str | None = None
    corrects: str | None = None
    """Key of the letter that answered it before, which is to be corrected now."""


class LetterRow(SQLModel, table=True):
    """The outbox."""

    __tablename__ = "letter"
    key: str = Field(primary_key=True)
    kind: str
    priority: int = 5
    mailbox: str
    campaign: str | None = Field(default=None, index=True)
    unit: str | None = None
    recipient: str = Field(index=True)
    subject: str
    numbers: Any = data()
    faults: Any = data(default_factory=list)
    """`item:code` of each demand it names, and `item:` of each item it speaks of (for the many-fail guard)."""
    state: str = Field(index=True)
    due: datetime | None = moment(default=None, nullable=True)
    next_try: datetime | None = moment(default=None, nullable=True)
    lease: datetime | None = moment(default=None, nullable=True)
    expires: datetime | None = moment(default=None, nullable=True)
    sent: datetime | None = moment(default=None, nullable=True)
    created: datetime = moment()
    message_id: str = Field(unique=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    text: str = Field(sa_column=Column(Text, nullable=False))
    tries: int = 0
    trouble: str | None = None
    said: Any = data(default=None, nullable=True)
    """What it told (see `records.Letter.said`)."""
    copied: datetime | None = moment(default=None, nullable=True)
    """When its copy was laid into the Sent folder."""


class PlanRow(SQLModel, table=True):
    """What staff want of a letter of the plan that is not yet written. act: hold | cancel | now | "" (a note)."""

    __tablename__ = "plan"
    key: str = Field(primary_key=True)
    act: str = ""
    note: str = ""
    at: datetime = moment()
    who: str


class NoteRow(SQLModel, table=True):
    """What staff noted of a unit: told by phone, or answered in the webmail."""

    __tablename__ = "note"
    __table_args__ = (Index("note_unit", "campaign", "unit"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    unit: str
    kind: str
    text: str
    at: datetime = moment()
    who: str
    until: date | None = None
    number: str | None = None


class EventRow(SQLModel, table=True):
    """What happened, in order; `segment` is set once it lies in the vault."""

    __tablename__ = "event"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    kind: str
    number: str | None = Field(default=None, index=True)
    campaign: str | None = None
    unit: str | None = None
    who: str
    value: Any = data()
    segment: int | None = Field(default=None, index=True)


class QuestionRow(SQLModel, table=True):
    """What waits for a person."""

    __tablename__ = "question"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    number: str | None = Field(default=None, index=True)
    piece: str | None = None
    campaign: str | None = None
    unit: str | None = None
    question: str
    guesses: Any = data()
    consequence: str = ""
    since: datetime = moment()
    settled: datetime | None = moment(default=None, nullable=True, index=True)
    settled_by: str | None = None


class TaughtRow(SQLModel, table=True):
    """An address or a name staff tied to a unit; it holds for one campaign. kind: address | alias."""

    __tablename__ = "taught"
    __table_args__ = (UniqueConstraint("kind", "campaign", "text"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    campaign: str
    text: str
    unit: str
    number: str | None = None
    """The 件 it was learned from."""
    at: datetime = moment()
    who: str


class RegisteredRow(SQLModel, table=True):
    """What staff registered by hand: disc, paper, seal, external filing, an accepted channel."""

    __tablename__ = "registered"
    __table_args__ = (Index("registered_unit", "campaign", "unit"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    unit: str
    item: str
    made_by: str
    at: datetime = moment()
    who: str
    note: str = ""
    count: int = 1


class AsideRow(SQLModel, table=True):
    """Unrelated mail: its bytes lie in aside/ for some days, then only this line is left."""

    __tablename__ = "aside"
    sha256: str = Field(primary_key=True)
    mailbox: str
    folder: str
    uidvalidity: int
    uid: int
    sender: str
    subject: str
    received: datetime = moment()
    since: datetime = moment(index=True)
    file: str | None = None


class VersionRow(SQLModel, table=True):
    """A campaign or roster as loaded, by the hash of its bytes; kept in the vault."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("kind", "name", "sha256"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    name: str
    sha256: str
    loaded: datetime = moment()
    kept: bool = False
    """Written into the vault."""
    text: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ListingRow(SQLModel, table=True):
    """A list as imported: filings in another system, or who was named before; its bytes are a version of their own."""

    __tablename__ = "listing"
    __table_args__ = (Index("listing_campaign", "campaign", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign: str
    kind: str
    unit: str = ""
    day: date
    at: datetime = moment()
    value: Any = data()


class AccountRow(SQLModel, table=True):
    """A person who may use the pages. Accounts are not part of the archive: they are not rebuilt from it."""

    __tablename__ = "account"
    name: str = Field(primary_key=True)
    password: str
    """argon2 hash; "" = no login by password."""
    admin: bool = False
    off: bool = False
    created: datetime = moment()


class RoleRow(SQLModel, table=True):
    """What an account may do in a campaign ("" = in every one): review | read."""

    __tablename__ = "role"
    account: str = Field(primary_key=True)
    campaign: str = Field(primary_key=True)
    role: str


class LinkRow(SQLModel, table=True):
    """The lowest serial of a unit's links that is still good; a higher one takes back all before."""

    __tablename__ = "link"
    campaign: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    serial: int


class LoginRow(SQLModel, table=True):
    """A way in, by the SHA-256 of its secret. kind: session | token (for programs) | invitation (once)."""

    __tablename__ = "login"
    digest: str = Field(primary_key=True)
    kind: str
    account: str = Field(index=True)
    label: str = ""
    csrf: str = ""
    created: datetime = moment()
    expires: datetime = moment()
    used: datetime | None = moment(default=None, nullable=True)


class SearchRow(SQLModel, table=True):
    """What search reads: one piece of a 件, or its mail itself (path ""). Made from the rest, never the truth.

    id: seconds of `received` × 2^24, and a count: newest first is highest first. fields and folded: see
    `archive.ledger.search`. The grams of folded stand under the same rowid in the FTS5 table `search_gram`.
    """

    __tablename__ = "search"
    __table_args__ = (Index("search_unit", "campaign", "unit"),)
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    path: str
    campaign: str | None = None
    unit: str | None = None
    item: str | None = None
    type: str
    whole: bool = False
    """The text is longer than what the facts hold: it was read from the file."""
    fields: str = Field(sa_column=Column(Text, nullable=False))
    folded: str = Field(sa_column=Column(Text, nullable=False))


class UnitNameRow(SQLModel, table=True):
    """What a unit is called, as search knows it."""

    __tablename__ = "unit_name"
    campaign: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    name: str


class SelectionRow(SQLModel, table=True):
    """A work chosen for an upper office, by one of its files; see `records.Selection`."""

    __tablename__ = "selection"
    __table_args__ = (Index("selection_campaign", "campaign", "whom"),)
    number: str = Field(primary_key=True)
    piece: str = Field(primary_key=True)
    whom: str = Field(primary_key=True)
    campaign: str
    value: Any = data()


class FixityRow(SQLModel, table=True):
    """When an object was last read and found whole or damaged. root: archive | copy; place "": the root itself."""

    __tablename__ = "fixity"
    __table_args__ = (Index("fixity_due", "root", "checked"),)
    root: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    since: datetime = moment()
    """First seen."""
    checked: datetime | None = moment(default=None, nullable=True)
    files: int = 0
    bytes: int = 0
    damaged: int = Field(default=0, index=True)
    damages: Any = data(default_factory=list)


class CopyRow(SQLModel, table=True):
    """An object that lies in the second copy too, or is withheld from it (why)."""

    __tablename__ = "second_copy"
    place: str = Field(primary_key=True)
    number: str | None = Field(default=None, index=True)
    version: int = 0
    """The decision's version that the copied record holds; 0 for logs."""
    at: datetime = moment()
    why: str | None = None


class ChangedRow(SQLModel, table=True):
    """A row that changed since it was last written into the archive's log; triggers fill this in.

    key: its primary key as a JSON array. times: how often, so that a change meanwhile is not forgotten.
    """

    __tablename__ = "changed"
    name: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    times: int = 1


class KeptLetterRow(SQLModel, table=True):
    """The SHA-256 of a letter's bytes as they last went into the archive's log."""

    __tablename__ = "kept_letter"
    key: str = Field(primary_key=True)
    sha256: str
