"""Whether the office works as it should: what is wrong, in plain words, from the moment it is known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.desk import Trouble
from archive.records import Question
from config.settings import DigestSettings
from config.workdays import ZONE, Calendar

STALE = timedelta(minutes=10)
"""A mailbox read seldom may be silent for three polls, any other for this long."""
QUEUE_DAYS = 3
"""Working days after which a line of the queue has waited too long."""
DIGEST_GRACE = timedelta(minutes=15)
"""After this the digest of the day should lie there."""

DOWN = "mailbox-down"
MACHINE: Mapping[str, str] = {
    "smtp-down": "smtp-down",
    "taken-for-spam": "taken-for-spam",
    "mail-failed": "mail-not-fetched",
    "mail-left": "mail-not-fetched",
    "folder-refused": "folder-refused",
    "settle-refused": "settle-refused",
    "sent-copy": "sent-copy",
    "digest-to-unit": "digest-to-unit",
}
"""Lines of the queue that are troubles themselves: their kind → the trouble's code, the gravest first."""
NOT_OUT = ("letter-failed", "letter-expired")
"""Lines of the queue about letters that did not leave …"""
CAME_BACK = ("bounced", "mailbox-full", "complaint")
"""… and about what came back for one."""
LINK_KIND = "promised-file"
DAMAGED = "archive-damaged"
"""The line about a damaged archive, which is a trouble itself."""


@dataclass(frozen=True)
class Box:
    """How a mailbox fares. poll: seconds. last_success: UTC. trouble: the sentence of the last failure, None when the
    last poll went well. failures: in a row. retried: mails that could not be fetched yet and are tried again."""

    name: str
    address: str
    poll: int
    last_success: datetime | None = None
    trouble: str | None = None
    failures: int = 0
    retried: int = 0

    def stale(self, now: datetime) -> bool:
        """Whether no poll went well for longer than three polls and ten minutes."""
        longest = max(timedelta(seconds=3 * self.poll), STALE)
        return self.last_success is None or now - self.last_success > longest


@dataclass(frozen=True)
class Vitals:
    """What the health of an office depends on, as it stands at `now` (UTC).

    not_sending: why nothing leaves, None when letters may. waiting: letters that would leave. speaks: a campaign is
    open. asked: the queue. disk_free, disk_needed: bytes. faults: problems that keep a file from being used.
    digest_day: ISO day of the newest digest. damage: the sentence about a damaged archive. unread_since: since when
    (UTC) something of the archive was not read again that should have been. second: what is wrong with its second copy.
    """

    now: datetime
    boxes: tuple[Box, ...] = ()
    not_sending: str | None = None
    waiting: int = 0
    speaks: bool = False
    asked: tuple[Question, ...] = ()
    disk_free: int = 1 << 40
    disk_needed: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    faults: int = 0
    digest: DigestSettings = field(default_factory=DigestSettings)
    digest_day: str | None = None
    damage: str | None = None
    unread_since: datetime | None = None
    second: str | None = None


def troubles(vitals: Vitals) -> tuple[Trouble, ...]:
    """Everything that is not well at this moment, the gravest first; () = well."""
    return (
        *_boxes(vitals),
        *_machine(vitals),
        *_archive(vitals),
        *_disk(vitals),
        *_sending(vitals),
        *_letters(vitals),
        *_files(vitals),
        *_queue(vitals),
        *_calendar(vitals),
        *_digest(vitals),
    )


def moment_words(moment: datetime, now: datetime) -> str:
    """08:30 today, else 8月15日08:30, with the year when it is not this one; in the office's zone."""
    local, today = moment.astimezone(ZONE), now.astimezone(ZONE).date()
    if local.date() == today:
        return f"今天{local:%H:%M}"
    year = f"{local.year}年" if local.year != today.year else ""
    return f"{year}{local.month}月{local.day}日{local:%H:%M}"


def span_words(span: timedelta) -> str:
    """25分钟, 3小时, 10天."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes}分钟"
    return f"{minutes // 60}小时" if minutes < 48 * 60 else f"{minutes // (24 * 60)}天"


def _boxes(vitals: Vitals) -> Iterator[Trouble]:
    for box in vitals.boxes:
        last = box.last_success
        since = "还没有成功收过信" if last is None else f"最近一次成功是{moment_words(last, vitals.now)}"
        if box.failures and box.trouble:
            yield Trouble("mailbox-down", f"邮箱 {box.name} 收信失败：{box.trouble}（{since}）", last)
        elif last is None:
            yield Trouble("stale-poll", f"邮箱 {box.name} 还没有成功收过信，请确认服务正在运行（baosong run）")
        elif box.stale(vitals.now):
            ago = span_words(vitals.now - last)
            text = f"邮箱 {box.name} 自{moment_words(last, vitals.now)}起没有收过信（已{ago}），请确认服务正在运行"
            yield Trouble("stale-poll", text, last)


def _machine(vitals: Vitals) -> Iterator[Trouble]:
    for kind, code in MACHINE.items():
        yield from (Trouble(code, one.question, one.since) for one in vitals.asked if one.kind == kind)


def _archive(vitals: Vitals) -> Iterator[Trouble]:
    if vitals.damage is not None:
        yield Trouble(DAMAGED, vitals.damage)
    if vitals.unread_since is not None:
        text = (
            f"存档有文件自{moment_words(vitals.unread_since, vitals.now)}起没有校验过，超过了设定的天数，"
            "请确认服务在运行，或调高 fixity.megabytes_per_second"
        )
        yield Trouble("fixity-late", text, vitals.unread_since)
    if vitals.second is not None:
        yield Trouble("second-copy", vitals.second)


def _disk(vitals: Vitals) -> Iterator[Trouble]:
    if vitals.disk_free < vitals.disk_needed:
        free, needed = megabytes(vitals.disk_free), megabytes(vitals.disk_needed)
        yield Trouble("disk-low", f"磁盘只剩 {free}，低于设定的 {needed}，已暂停收信，请清理磁盘")


def megabytes(size: int) -> str:
    """812 MB or 37.5 GB, from bytes."""
    return f"{size // 2**20} MB" if size < 2**30 else f"{size / 2**30:.1f} GB"


def _sending(vitals: Vitals) -> Iterator[Trouble]:
    if vitals.not_sending is not None and (vitals.speaks or vitals.waiting):
        waiting = f"，有 {vitals.waiting} 封信在等" if vitals.waiting else ""
        yield Trouble("sending-off", f"{vitals.not_sending}{waiting}")


def _letters(vitals: Vitals) -> Iterator[Trouble]:
    failed = [one for one in vitals.asked if one.kind in NOT_OUT]
    if failed:
        text = f"{len(failed)} 封信没有发出，对方没有收到，请电话联系或更正地址（见 baosong queue）"
        yield Trouble("letters-failed", text, min(one.since for one in failed))


def _files(vitals: Vitals) -> Iterator[Trouble]:
    if vitals.faults:
        yield Trouble(
            "files-faulty", f"设置、活动或名册有 {vitals.faults} 处错误，有错的文件没有启用（见 baosong check）"
        )


def office_lines(asked: Sequence[Question]) -> list[Question]:
    """The lines of the queue that ask about what units sent, in their order."""
    elsewhere = {DOWN, DAMAGED, *MACHINE, *NOT_OUT, *CAME_BACK, LINK_KIND}
    return [one for one in asked if one.kind not in elsewhere]


def _queue(vitals: Vitals) -> Iterator[Trouble]:
    today = vitals.now.astimezone(ZONE).date()
    latest = vitals.calendar.workdays_before(today, QUEUE_DAYS)
    old = [one for one in office_lines(vitals.asked) if one.since.astimezone(ZONE).date() < latest]
    if old:
        first = min(one.since for one in old)
        text = (
            f"待核对中有 {len(old)} 条超过 {QUEUE_DAYS} 个工作日未处理，最早一条自{moment_words(first, vitals.now)}起"
        )
        yield Trouble("queue-old", text, first)


def _calendar(vitals: Vitals) -> Iterator[Trouble]:
    year = vitals.now.astimezone(ZONE).year
    if not vitals.calendar.known(year):
        yield Trouble("calendar-missing", year_words(year))


def year_words(year: int) -> str:
    """What staff are told of a year whose 放假安排 is not entered."""
    return f"{year} 安排未录入，按周末和法定假日推算；公布后请把放假和调休日期写进 calendar.yaml"


def _digest(vitals: Vitals) -> Iterator[Trouble]:
    """Where nothing is read nothing runs, so no digest is missed."""
    local = vitals.now.astimezone(ZONE)
    due = datetime.combine(local.date(), vitals.digest.at, ZONE) + DIGEST_GRACE
    if not vitals.boxes or not vitals.calendar.is_workday(local.date()) or local < due:
        return
    if vitals.digest_day != local.date().isoformat():
        yield Trouble("digest-missing", f"今天{vitals.digest.at:%H:%M}的每日摘要还没有写出，请确认服务正在运行")
