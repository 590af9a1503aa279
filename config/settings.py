"""Settings of one home folder: every field with comment and default. Secrets stand elsewhere, only their place here."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from config.campaign import Value


class ImapSettings(Value):
    """Where mail is read."""

    host: str
    """IMAP server, e.g. imap.163.com."""
    port: int = 993
    """TCP port."""
    tls: Literal["tls", "starttls", "none"] = "tls"
    """`none` is refused unless the host is this machine."""
    user: str
    """Login, usually the whole address."""
    password: str = "env:BAOSONG_PASSWORD"
    """Where the password (授权码) lies: `env:NAME` or `file:PATH` (mode 0600)."""
    connect_timeout: float = 20
    """Seconds to wait for a connection."""
    read_timeout: float = 60
    """Seconds to wait for the next bytes."""


class SmtpSettings(Value):
    """Where letters leave."""

    host: str
    """SMTP server, e.g. smtp.163.com."""
    port: int = 465
    """TCP port."""
    tls: Literal["tls", "starttls", "none"] = "tls"
    """`none` is refused unless the host is this machine."""
    user: str = ""
    """Login; empty = no login."""
    password: str = "env:BAOSONG_PASSWORD"
    """As for IMAP."""
    timeout: float = 60
    """Seconds for one command."""


class MailboxSettings(Value):
    """One campaign mailbox."""

    code: str = Field(pattern=r"^[A-Z]{1,4}$")
    """Letters in front of the numbers given here, e.g. WH for WH2018-0042."""
    address: str
    """The mailbox's own address; letters come from it, or from the SMTP login where that is another address."""
    display_name: str = ""
    """Sender's name of letters; default: the campaign's issuer."""
    aliases: tuple[str, ...] = ()
    """Further addresses of ours at which mail arrives here."""
    trusted_checks: tuple[str, ...] = ()
    """authserv-ids under which the provider's own server writes Authentication-Results (RFC 8601), e.g. mx.example.cn;
    only its topmost header is believed, and a sender who fails there decides nothing. Empty: nothing is known."""
    imap: ImapSettings
    smtp: SmtpSettings | None = None
    folders: tuple[str, ...] = ("INBOX",)
    """Folders to read; name the junk folder too (垃圾邮件), submissions land there."""
    poll: int = 90
    """Seconds between polls."""
    settle: Literal["nothing", "keyword", "move"] = "nothing"
    """What to do with a mail on the server once it is archived."""
    settle_to: str = "Baosong"
    """The keyword or the folder for `settle`."""
    id_name: str = "Baosong"
    """Client name sent by the ID command; NetEase refuses a mailbox without one."""
    sent_folder: str = ""
    """Folder where letters are laid as copies and where staff's own answers are seen, e.g. 已发送; empty: neither."""

    @property
    def sender(self) -> str:
        """The address letters leave from: providers refuse (553) any other than the login, where that is an address."""
        login = self.smtp.user if self.smtp else ""
        return login if "@" in login and login.lower() != self.address.lower() else self.address


class LimitSettings(Value):
    """What is refused, and when work stops, so that one bad mail cannot harm the rest."""

    mail_bytes: int = 200 * 1024 * 1024
    """A larger mail is left on the server and staff are told."""
    batch_mails: int = 200
    """Mails in one batch."""
    batch_bytes: int = 64 * 1024 * 1024
    """Bytes in one batch (a single larger mail is a batch of its own)."""
    disk_free: int = 1024 * 1024 * 1024
    """Free bytes below which nothing is fetched."""
    cpu_seconds: float = 30
    """CPU seconds after which the files of a mail that are left are kept without being measured."""
    wall_seconds: float = 120
    """Seconds of clock time to understand one mail, all tries together."""
    step_seconds: float = 10
    """Seconds for one step: to measure one file, or to get on with opening one."""
    skipped_steps: int = 5
    """Steps of one mail that may end their process; with one more the mail is kept, not understood."""
    memory: int = 512 * 1024 * 1024
    """Bytes of memory of a worker."""
    parts: int = 2000
    """MIME parts of one mail."""
    depth: int = 20
    """Nesting of MIME parts."""
    archive_depth: int = 5
    """Archives and mails in one another."""
    archive_entries: int = 10_000
    """Entries of all archives of one mail."""
    archive_bytes: int = 2 * 1024 * 1024 * 1024
    """Unpacked bytes of all archives of one mail."""
    archive_ratio: int = 200
    """Unpacked ÷ packed above which an archive larger than 10 MB unpacked is a bomb."""
    document_pictures: int = 40
    """Pictures taken out of one document."""
    picture_side: int = 300
    """Pixels of the short side from which a picture in a document can be a work …"""
    picture_bytes: int = 20 * 1024
    """… or its bytes."""
    tries: int = 3
    """Tries to understand a mail before it is kept, not understood."""


class AnswerSettings(Value):
    """How answers are gathered and paced."""

    sending: bool = False
    """Off after `init`: letters are written but nothing leaves until the office switches it on."""
    window_minutes: int = 10
    """Mails of one unit and address that come within this time are answered together."""
    window_max_minutes: int = 60
    """Longest a unit waits for its receipt."""
    announced_minutes: int = 240
    """Window when the unit says that more is coming."""
    queue_minutes: int = 30
    """How much longer an answer waits in office hours for staff to settle a question its words depend on; then it
    leaves as it is (neutral where the unit is not known)."""
    per_hour: int = 30
    """Letters an hour from one mailbox."""
    per_day: int = 200
    """Letters a day from one mailbox."""
    per_address_hour: int = 5
    """Letters an hour to one address."""
    per_address_day: int = 20
    """Letters a day to one address."""
    office_begin: time = time(9, 0)
    """Reminders and overdue letters leave from this hour of a working day …"""
    office_end: time = time(17, 30)
    """… to this one."""
    never: tuple[str, ...] = ()
    """Addresses and domains (@example.test) that never get a letter: upper offices, colleagues."""
    checksums: Literal["none", "short", "list"] = "none"
    """Checksums in receipts."""
    rule_guard_units: int = 3
    """A rule that fails for at least this many units and for most of what came holds its letters and asks staff."""


class DigestSettings(Value):
    """The daily digest for the office's own staff."""

    at: time = time(8, 30)
    """Written at this time of every working day (Asia/Shanghai)."""
    to: tuple[str, ...] = ()
    """Addresses of staff; never one of a unit. Empty: it only lies in digests/, to be opened and printed."""


class WebSettings(Value):
    """The pages for staff."""

    host: str = "127.0.0.1"
    """Address the pages are served at; 127.0.0.1 = only on this machine, 0.0.0.0 = for the office's network."""
    port: int = Field(default=8020, ge=0, le=65535)
    """TCP port; 0 = the pages are off."""
    session_hours: float = Field(default=12, gt=0)
    """Hours after which who does nothing is asked to log in again."""
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    """Address under which units reach their own pages, e.g. https://baosong.example.cn; empty: units get no link."""
    link_days: int = Field(default=60, ge=1)
    """Days a unit's link is good for."""
    upload_bytes: int = Field(default=2 * 1024 * 1024 * 1024, ge=0)
    """Bytes one unit may have lying in unfinished uploads; a file cannot be larger. 0: no uploads."""


class FixitySettings(Value):
    """How the archive is read again and again, so that damage is found while it can be mended."""

    days: int = Field(default=90, ge=1)
    """Every file is read at least once in this many days."""
    megabytes_per_second: float = Field(default=20, gt=0)
    """Read no faster than this, so that mail goes first."""


class Settings(Value):
    """One home folder."""

    language: Literal["zh", "en"] = "zh"
    """Language of messages to staff."""
    mailboxes: dict[str, MailboxSettings] = Field(default_factory=dict)
    """The campaign mailboxes by name."""
    other_channels_code: str = Field(default="QT", pattern=r"^[A-Z]{1,4}$")
    """Letters in front of numbers of what came by hand, disc or upload."""
    campaigns: tuple[str, ...] = ()
    """Campaign files to run, by id; empty = all in campaigns/."""
    limits: LimitSettings = LimitSettings()
    answers: AnswerSettings = AnswerSettings()
    digest: DigestSettings = DigestSettings()
    web: WebSettings = WebSettings()
    fixity: FixitySettings = FixitySettings()
    second_copy: str = ""
    """Folder for a second copy of the archive, on another disk; a path below the home unless absolute. Empty: none."""
    workers: int = Field(default=1, ge=1, le=16)
    """Processes that take mails apart."""
    ocr: bool = False
    """Read scans for unit name and table rows; needs `pip install 'baosong[ocr]'` and 0.9 GB of memory meanwhile."""
    ocr_seconds: float = Field(default=60, gt=0)
    """Seconds to read one scan."""
    aside_days: int = 90
    """Days the bytes of unrelated mail are kept."""
