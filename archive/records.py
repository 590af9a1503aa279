"""The words of the house as frozen values: what came, what was measured and decided, what is missing, what was said.

All times are aware datetimes in UTC; sizes are bytes, durations seconds, bit rates bit/s, digests lower-case hex
SHA-256. `dump` and `load` turn any of these values into plain JSON data and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter

Role = Literal["submission", "query", "withdrawal", "machine", "report", "own", "unrelated"]
Channel = Literal["mail", "disc", "upload", "hand", "paper", "external"]
Severity = Literal["demand", "advice"]
FilingState = Literal["none", "pending", "passed", "returned"]
"""未报, 待审, 通过, 退回."""
ItemState = Literal["complete", "faulty", "short", "none", "review", "rolling", "external"]
UnitState = Literal["complete", "faulty", "short", "silent", "review"]
LetterKind = Literal[
    "receipt", "complete", "shortfall", "neutral", "reminder", "overdue", "problem", "change", "thanks", "digest"
]
LetterState = Literal[
    "planned", "draft", "held", "queued", "sending", "sent", "deferred", "failed", "bounced", "cancelled"
]


@dataclass(frozen=True)
class Evidence:
    """One reason for a decision, in words a clerk understands (Chinese), with its weight."""

    kind: str
    text: str
    points: float = 0.0


@dataclass(frozen=True)
class Guess:
    """A ranked possibility that was not decided."""

    campaign: str | None
    unit: str | None
    confidence: float


@dataclass(frozen=True)
class Facts:
    """What was measured of one file. Every field None when it does not apply or could not be measured.

    type: a short name by content (jpeg png heic wmv mp4 docx doc wps xlsx xls et pdf txt html zip rar 7z eml …).
    characters: 字数 of the body as Word counts it. rows: data rows of a table. bit_rate: of the whole file.
    seal: share of red in a picture or scan that looks like a seal, 0…1; seal_at: where it stands (第1页右下). Shown to
        a person, never decides.
    fingerprint: 16 hex digits of a picture (64-bit difference hash after orientation); nearly equal pictures differ
        in few bits.
    scanned: True for a document whose pages are pictures without text. unruled: True for a table that no line rules,
    read by where its words stand: no demand rests on it.
    marks: what must not travel further: 秘密, 机密 or 绝密 where the document bears the mark, 身份证号, 身份证.
    columns: the header row of a table. header: fields above it (报送单位 → value). cells: the data rows as text.
    text: the beginning of the document's text, at most 4,000 characters, for identifying and searching.
    """

    type: str
    mime: str = ""
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    duration: float | None = None
    bit_rate: int | None = None
    video_bit_rate: int | None = None
    container: str | None = None
    characters: int | None = None
    pages: int | None = None
    rows: int | None = None
    title: str | None = None
    encrypted: bool | None = None
    truncated: bool | None = None
    seal: float | None = None
    seal_at: str | None = None
    fingerprint: str | None = None
    scanned: bool | None = None
    unruled: bool | None = None
    marks: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    header: Mapping[str, str] = field(default_factory=dict)
    cells: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    error: str | None = None
    """Why measuring failed, in plain Chinese; the other fields then hold what was learned before."""


@dataclass(frozen=True)
class Piece:
    """One file of a submission, packed or unpacked.

    path: the way inside the mail: part number, then names inside archives (`2`, `2/材料/1.jpg`; `3/1` in a
        nested mail).
    name: the true file name as the unit wrote it ("" when the part had none).
    stored: path below the object's content folder, `files/…`, safe on every system.
    within: path of the piece it was unpacked from. inline: shown in the mail's text (Content-Disposition or cid).
    problem: code of what went wrong opening it (encrypted, damaged, bomb, unsafe-name, link, too-deep, too-many,
        volume-missing, empty, unsupported, crashed), else None.
    embedded: a picture taken out of a document (docx, pptx, pdf): a material only where it is the work.
    """

    path: str
    name: str
    stored: str
    sha256: str
    size: int
    facts: Facts
    within: str | None = None
    inline: bool = False
    problem: str | None = None
    embedded: bool = False


@dataclass(frozen=True)
class Card:
    """A file the mail only points to: an attachment card of a mail provider, or a link to a cloud store.

    provider: qq, netease, foxmail, 139, baidu, weiyun, aliyun or other. size in bytes, expires in UTC, code: 提取码.
    """

    provider: str
    url: str
    name: str = ""
    size: int | None = None
    expires: datetime | None = None
    code: str | None = None


@dataclass(frozen=True)
class Nested:
    """A mail inside the mail (转发为附件): who sent it, as its own headers say."""

    path: str
    sender: str
    sender_name: str
    subject: str
    date: datetime | None
    message_id: str = ""


@dataclass(frozen=True)
class Mail:
    """What the headers and text of a mail say. Header strings are decoded; nothing in them is to be trusted.

    text: the unit's own words (plain text, else the HTML's text), quoted originals cut into `quoted`.
    guard_headers: the few headers the answering rules read, lower-case names, in order.
    """

    sender: str = ""
    sender_name: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    quoted: str = ""
    content_type: str = "text/plain"
    guard_headers: tuple[tuple[str, str], ...] = ()
    nested: tuple[Nested, ...] = ()
    cards: tuple[Card, ...] = ()
    report_for: str | None = None
    """For a DSN or read receipt: the Message-ID of the letter it speaks of."""
    report_status: str | None = None
    """For a DSN: the status code (5.1.1)."""
    report_recipient: str | None = None


@dataclass(frozen=True)
class Source:
    """Where these bytes were seen: a UID of a folder, or a path given to `import`."""

    mailbox: str
    folder: str = ""
    uidvalidity: int = 0
    uid: int = 0
    path: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Handed:
    """How a disc, or what came by hand, was handed over, as staff wrote it down.

    via: the way in words (微信, QQ, OA, U盘). label: what is written on the disc. giver: who brought or posted it,
    receiver: who took it; posted: the day it was posted. unreadable: the way inside of each file or folder that could
    not be read twice alike, and is not here.
    """

    via: str = ""
    label: str = ""
    giver: str = ""
    receiver: str = ""
    posted: date | None = None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """One 件: a mail (or a hand-over by another channel) with its pieces, as received. Never changes."""

    number: str
    source: Source
    channel: Channel
    received: datetime
    sha256: str
    size: int
    mail: Mail
    pieces: tuple[Piece, ...]
    understood: bool = True
    """False: kept, not understood; only a bounded look at the headers was possible."""
    trouble: str | None = None
    first_day: bool = False
    """Came before the mailbox was first connected or the campaign opened: filed and counted, not answered."""
    handed: Handed | None = None
    """How it was handed over; None for a mail."""


@dataclass(frozen=True)
class PieceDecision:
    """What one piece is. item None and none False = undecided; none True = not a material (logo, blank form)."""

    path: str
    item: str | None = None
    category: str | None = None
    subkind: str | None = None
    work: str | None = None
    unit: str | None = None
    """Only when it differs from the mail's unit (a relay)."""
    none: bool = False
    confidence: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    guesses: tuple[tuple[str, float], ...] = ()
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Announced:
    """A piece the mail speaks of that is not in it: “其余另发”, “视频另寄光盘”, a file behind a link.

    A link promises its file: name, size (bytes), expires (UTC) and code (提取码) as its card says; text then holds the
    mail's words around it. items: the items it speaks of, () when it names none.
    """

    text: str
    kind: Literal["more", "disc", "link", "part"]
    part: int | None = None
    of: int | None = None
    url: str | None = None
    name: str = ""
    size: int | None = None
    expires: datetime | None = None
    code: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a submission is held to be: by the program or by staff. A correction is a further version, never an edit.

    by: "auto" or who; why: staff's reason. answerable: whether the guard lets anyone answer, and by what rule.
    reply_to: the one address an answer may go to.
    """

    number: str
    version: int
    at: datetime
    by: str
    role: Role
    campaign: str | None
    unit: str | None
    confidence: float
    answerable: bool
    answer_rule: str
    reply_to: str | None = None
    known_address: bool = False
    """The address is on the roster or was confirmed by staff for this unit."""
    evidence: tuple[Evidence, ...] = ()
    guesses: tuple[Guess, ...] = ()
    pieces: tuple[PieceDecision, ...] = ()
    announced: tuple[Announced, ...] = ()
    says_all_sent: bool = False
    """The unit writes that everything has been sent (已全部报送)."""
    why: str = ""
    discarded: bool = False

    def piece(self, path: str) -> PieceDecision | None:
        """The decision for that piece."""
        return next((piece for piece in self.pieces if piece.path == path), None)


@dataclass(frozen=True)
class Work:
    """Files that are one work: a set of pictures with its text, a video, an essay.

    key is unique within unit and item.
    """

    key: str
    item: str
    title: str
    category: str | None
    subkind: str | None
    number: str
    pieces: tuple[Piece, ...]
    companions: tuple[Piece, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Held:
    """One submission that counts for a unit, with the decision in force."""

    submission: Submission
    decision: Decision


@dataclass(frozen=True)
class Registered:
    """What staff registered by hand: a disc, paper, a seal confirmed, a filing done, a wrong channel accepted.

    by: paper | disc | external | seal | accept | link | dead-link | eligible | upto | nil | unreadable. item may be ""
    for the whole unit. nil: the unit has nothing to send of it (零报告). unreadable: a disc that could not be read.
    link: staff have dealt with a promised file; dead-link: it gives none; note names it (`NUMBER link-1`).
    eligible: item is a condition's id, note the 集体 that meets it ("" = all of the unit), unit "" = all units.
    upto: everything that came by the channel `item` up to and with the day `note` (ISO) is registered (登记截至),
    unit "" = for all units.
    """

    unit: str
    item: str
    by: str
    at: datetime
    who: str
    note: str = ""
    count: int = 1


@dataclass(frozen=True)
class Entry:
    """One 集体 on a list: its name and managing unit as written, the roster's code for that unit when it is known."""

    name: str
    state: FilingState = "passed"
    unit: str | None = None
    listed_unit: str = ""


@dataclass(frozen=True)
class Listing:
    """A list kept beside the mail, as staff imported it: who has filed in another system, or who was named before.

    kind: `filing`, or `named:ID` for the condition of that id. name: of the file. day: the list shows how things
    stood on that day, in the campaign's zone. unit: code of the only unit it speaks of, "" for all. sha256: its bytes.
    """

    campaign: str
    kind: str
    name: str
    day: date
    sha256: str
    at: datetime
    who: str
    entries: tuple[Entry, ...] = field(hash=False)  # thousands; two lists of one hash are still compared whole
    unit: str = ""


@dataclass(frozen=True)
class Holdings:
    """All that is held for one unit of one campaign, oldest first; lists: those in force for the whole campaign."""

    campaign: str
    unit: str
    held: tuple[Held, ...] = ()
    registered: tuple[Registered, ...] = ()
    lists: tuple[Listing, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One result of checking what came against the notice.

    code: stable, documented. piece: path inside the mail. seen and wanted: short values in Chinese units.
    quote: the notice's sentence. text: one Chinese sentence a clerk can act on.
    """

    code: str
    severity: Severity
    number: str | None
    piece: str | None
    work: str | None
    seen: str
    wanted: str
    quote: str | None
    text: str


@dataclass(frozen=True)
class ItemResult:
    """One line of the checklist. need None = no minimum."""

    item: str
    name: str
    channel: Channel
    deadline: datetime | None
    state: ItemState
    have: int
    need: int | None
    late: bool
    findings: tuple[Finding, ...] = ()
    works: tuple[str, ...] = ()
    announced: bool = False


@dataclass(frozen=True)
class TotalResult:
    """A minimum over several items for one unit."""

    rule: str
    unit: str
    have: int
    need: int
    state: Literal["complete", "short"]
    quote: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Checklist:
    """What one unit owes and how it stands at `now`. Computed, never stored."""

    campaign: str
    unit: str
    now: datetime
    state: UnitState
    items: tuple[ItemResult, ...]
    totals: tuple[TotalResult, ...] = ()

    def item(self, id: str) -> ItemResult:
        """The line of that item; KeyError when the unit does not owe it."""
        for item in self.items:
            if item.item == id:
                return item
        raise KeyError(id)


@dataclass(frozen=True)
class Letter:
    """One letter as written: its final bytes and Message-ID are fixed before it is first sent.

    key: unique and stable (a planned letter: kind:campaign:unit:deadline:step; an answer: kind:number of the first 件).
    due: not before this moment. numbers: the 件 it answers, each named in exactly one receipt.
    """

    key: str
    kind: LetterKind
    campaign: str | None
    unit: str | None
    to: str
    subject: str
    numbers: tuple[str, ...]
    state: LetterState
    due: datetime | None
    sent: datetime | None = None
    message_id: str | None = None
    body: bytes = b""
    text: str = ""
    tries: int = 0
    trouble: str | None = None
    expires: datetime | None = None
    """A letter about a deadline is useless after it."""
    said: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What it told, so that a later correction can say what changed; {} when nothing of it can change."""


@dataclass(frozen=True)
class Report:
    """What a mail that came back says of a letter of ours.

    what: `bounce` (it will not arrive), `delayed`, `read` (a read receipt, or that it was delivered), `vacation` (any
    automatic answer), `complaint` (the recipient calls it spam). ids: Message-IDs of which one may be the letter's.
    status: RFC 3463 (5.1.1). recipients, words: addresses and text of the report, for one that names no Message-ID.
    """

    what: Literal["bounce", "delayed", "read", "vacation", "complaint"]
    ids: tuple[str, ...] = ()
    status: str | None = None
    recipients: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Note:
    """What staff noted of a unit: told by phone, or answered by them in the webmail.

    kind: `phone`, or `answered` when their answer was found in the Sent folder. until: reminders rest up to and with
    this day (campaign's zone); None = for good. number: the 件 it answers, if it does.
    """

    campaign: str
    unit: str
    kind: Literal["phone", "answered"]
    text: str
    at: datetime
    who: str
    until: date | None = None
    number: str | None = None


@dataclass(frozen=True)
class Selection:
    """A work staff chose for an upper office (择优推报), and what became of it there.

    number, piece: one file of the work, by which it is found again; title, item: what it was when it was chosen.
    whom: the upper office. rank: place among those chosen for it, 1 first; None = after those ranked.
    result: `used` (采用), `unused` (未采用), "" while unknown.
    """

    campaign: str
    unit: str
    number: str
    piece: str
    item: str
    title: str
    whom: str
    rank: int | None
    note: str
    at: datetime
    who: str
    result: Literal["used", "unused", ""] = ""
    result_note: str = ""
    result_at: datetime | None = None


@dataclass(frozen=True)
class Act:
    """What staff want of a letter of the plan, by its key.

    act: `hold` (not until released), `cancel`, `now` (at once, whatever the hour), or "" where there is only a note.
    """

    key: str
    act: Literal["hold", "cancel", "now", ""]
    note: str
    at: datetime
    who: str


@dataclass(frozen=True)
class Event:
    """Something that happened, told once and never changed."""

    at: datetime
    kind: str
    number: str | None
    campaign: str | None
    unit: str | None
    who: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A line of the queue: what waits for a person. campaign and unit: what it is known to be about."""

    id: int
    kind: str
    number: str | None
    piece: str | None
    question: str
    guesses: tuple[Guess, ...]
    consequence: str
    since: datetime
    campaign: str | None = None
    unit: str | None = None


T = TypeVar("T")

_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(value: Any) -> Any:
    """Plain JSON data of any value of this file."""
    return _adapter(type(value)).dump_python(value, mode="json")


def load(kind: type[T], data: Any) -> T:
    """The value again from `dump`'s data; pydantic.ValidationError when it does not fit."""
    result: T = _adapter(kind).validate_python(data)
    return result
