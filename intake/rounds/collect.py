"""Collecting: one batch of one mailbox folder after another, until nothing new is left."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from archive.ledger.arrivals import FolderMemory, Sight
from archive.records import Question
from config.secrets import SecretMissing
from config.settings import MailboxSettings
from intake.mailbox import (
    Backoff,
    FolderRefused,
    FolderState,
    FolderStatus,
    Left,
    Mailbox,
    MailboxDown,
    Spooled,
    SpoolFailed,
    Unfetched,
)
from intake.rounds.filing import Arrived, Filed, file_batch
from intake.rounds.office import Office
from intake.rounds.sent import see_answers

log = structlog.get_logger()

RECONCILE = timedelta(days=1)
"""A folder is compared with the server at least this often."""

Progress = Callable[[list[Filed]], None]


@dataclass(frozen=True)
class Reading:
    """One mailbox being read: its open connection and when it was first connected."""

    name: str
    settings: MailboxSettings
    mailbox: Mailbox
    connected: datetime
    stop: threading.Event


def collect(
    office: Office, name: str, progress: Progress = lambda _: None, stop: threading.Event | None = None
) -> bool:
    """Poll one mailbox: every folder to its end. False when it is down, or somebody else is reading it.

    stop: once it is set, the batch under way is the last.
    """
    settings, limits = office.config.settings.mailboxes[name], office.config.settings.limits
    now = office.now()
    with office.lock(f"mailbox-{name}") as mine:
        if not mine:
            return False
        free = shutil.disk_usage(office.home).free
        if free < limits.disk_free:
            sentence = f"磁盘只剩 {free // 2**20} MB，低于设定的 {limits.disk_free // 2**20} MB，暂停收信；请清理磁盘"
            return _down(office, name, now, sentence)
        spool = office.spool / name
        shutil.rmtree(spool, ignore_errors=True)
        spool.mkdir(parents=True, exist_ok=True)  # a worker of a killed program may still be writing below
        try:
            with Mailbox(name, settings, office.secret(settings.imap.password), spool, limits) as mailbox:
                connected = office.ledger.arrivals.connected(name, now)
                reading = Reading(name, settings, mailbox, connected, stop or threading.Event())
                refused = [folder for folder in settings.folders if not _folder(office, reading, folder, progress)]
                if refused:
                    _ask_about(office, reading, refused)
                see_answers(office, name, mailbox)
            office.ledger.decisions.settle_kind("mailbox-down", f"邮箱 {name}：", now)
            return True
        except (MailboxDown, SpoolFailed) as trouble:
            return _down(office, name, now, trouble.sentence)
        except SecretMissing as trouble:
            return _down(office, name, now, str(trouble))
        except Exception as trouble:  # whatever it is, staff are told and other mailboxes go on
            log.exception("collecting failed", mailbox=name)
            said = f"{type(trouble).__name__}：{trouble}"
            return _down(office, name, now, f"收信时出错（{said}），请把运行日志交给维护人员")


def due(office: Office, name: str) -> bool:
    """Whether a mailbox that failed may be tried again."""
    row = office.ledger.arrivals.mailbox(name)
    return row is None or row.next_try is None or row.next_try <= office.now()


def _down(office: Office, name: str, now: datetime, sentence: str) -> bool:
    known = office.ledger.arrivals.mailbox(name)
    wait = Backoff().delay((known.failures if known else 0) + 1, random.random())
    failures = office.ledger.arrivals.trouble(name, now, sentence, now + timedelta(seconds=wait))
    log.warning("mailbox down", mailbox=name, why=sentence, failures=failures)
    if failures == 1:
        question = Question(0, "mailbox-down", None, None, f"邮箱 {name}：{sentence}", (), "恢复后自动继续收信", now)
        office.ledger.decisions.ask(question, None, None)
    return False


def _ask_about(office: Office, reading: Reading, refused: list[str]) -> None:
    names = "、".join(refused)
    sentence = f"邮箱 {reading.name} 中打不开文件夹 {names}，请核对 settings.yaml 的 folders"
    question = Question(0, "folder-refused", None, None, sentence, (), "其他文件夹照常收取", office.now())
    office.ledger.decisions.ask(question, None, None)


def _folder(office: Office, reading: Reading, folder: str, progress: Progress) -> bool:
    """Read one folder to its end and compare it with the server where that is due; False when it cannot be opened."""
    now, arrivals = office.now(), office.ledger.arrivals
    try:
        status = reading.mailbox.open(folder)
    except FolderRefused as trouble:
        log.warning("folder refused", mailbox=reading.name, folder=folder, why=trouble.sentence)
        return False
    arrivals.open_folder(reading.name, folder, status.uidvalidity, now)
    tries = office.config.settings.limits.tries
    before = arrivals.folder(reading.name, folder, tries)
    skip: frozenset[int] = frozenset()
    new = 0
    while True:
        step = collect_one(office, reading, folder, status, skip, progress)
        skip |= step.failed
        new += step.seen
        if reading.stop.is_set():
            return True
        if step.done:
            break
    seldom = before.reconciled is None or now - before.reconciled >= RECONCILE
    gone = (before.messages or 0) + new != status.exists
    if seldom or gone:
        _reconcile(office, reading, folder, status)
    arrivals.advance(reading.name, folder, status.uidvalidity, 0, status.uidnext, status.exists)
    return True


@dataclass(frozen=True)
class Step:
    """What one batch did: UIDs that failed this time, how many were seen, and whether nothing is left."""

    failed: frozenset[int]
    seen: int
    done: bool


def collect_one(
    office: Office, reading: Reading, folder: str, status: FolderStatus, skip: frozenset[int], progress: Progress
) -> Step:
    """Fetch, file and accept one batch; only then move the cursor, and only then settle on the server."""
    arrivals = office.ledger.arrivals
    tries = office.config.settings.limits.tries
    memory = arrivals.folder(reading.name, folder, tries)
    spooled: list[Arrived] = []
    sights: list[Sight] = []
    down: MailboxDown | None = None
    try:
        for one in reading.mailbox.new(_state(memory), status, skip):
            match one:
                case Spooled():
                    spooled.append(_arrived(reading, one))
                case Left(source, size, received):
                    why = f"{size // 2**20} MB"
                    sights.append(Sight(source, "left", office.now(), why=why, received=received))
                case Unfetched(source, why):
                    sights.append(Sight(source, "failed", office.now(), why=why))
    except MailboxDown as trouble:
        down = trouble
    filed = file_batch(office, spooled) if spooled else []
    if sights:
        arrivals.accept((), sights, office.now())
        _ask_about_failed(office, reading, folder, sights, arrivals.folder(reading.name, folder, tries))
    progress(filed)
    if down is not None:
        raise down
    _advance(office, reading, folder, status, tries)
    _settle(office, reading, [one.source.uid for one in filed if one.state in ("archived", "duplicate")])
    failed = frozenset(sight.source.uid for sight in sights if sight.state == "failed")
    return Step(failed, len(spooled) + len(sights), not spooled and not sights)


def _settle(office: Office, reading: Reading, uids: list[int]) -> None:
    """Mark archived mails on the server. A server that refuses is no reason to stop: staff are asked."""
    try:
        reading.mailbox.settle(uids)
    except FolderRefused as trouble:
        question = Question(
            0, "settle-refused", None, None, f"邮箱 {reading.name}：{trouble.sentence}", (),
            "邮件已归档，只是服务器上没有标记", office.now(),
        )  # fmt: skip
        office.ledger.decisions.ask(question, None, None)


def _ask_about_failed(office: Office, reading: Reading, folder: str, sights: list[Sight], memory: FolderMemory) -> None:
    """Staff hear of a mail the server did not give however often it was asked."""
    for sight in sights:
        if sight.state == "failed" and sight.source.uid in memory.rows:
            text = f"邮箱 {reading.name} 的 {folder} 中有一封邮件（UID {sight.source.uid}）多次未能取回：{sight.why}"
            question = Question(
                0, "mail-failed", None, None, text, (),
                "请在网页邮箱中查看，必要时手工保存后用 import 导入", office.now(),
            )  # fmt: skip
            office.ledger.decisions.ask(question, None, None)


def _state(memory: FolderMemory) -> FolderState:
    return FolderState(
        memory.uidvalidity, memory.cursor, memory.rows, memory.uidnext, memory.messages, memory.reconciled
    )


def _arrived(reading: Reading, one: Spooled) -> Arrived:
    return Arrived(
        one.source,
        one.folder,
        one.sha256,
        one.size,
        one.received,
        place=reading.name,
        code=reading.settings.code,
        connected=reading.connected,
    )


def _advance(office: Office, reading: Reading, folder: str, status: FolderStatus, tries: int) -> None:
    """The cursor follows: to just below the lowest UID that exists and has no final row."""
    arrivals = office.ledger.arrivals
    looked = reading.mailbox.looked
    memory = arrivals.folder(reading.name, folder, tries)
    open_ = [uid for uid in looked.present if uid > memory.cursor and uid not in memory.rows and uid <= looked.high]
    cursor = min(open_) - 1 if open_ else looked.high
    arrivals.advance(reading.name, folder, status.uidvalidity, cursor, memory.uidnext or 0, memory.messages or 0)


def _reconcile(office: Office, reading: Reading, folder: str, status: FolderStatus) -> None:
    """Compare with the server: what has no row is read after all, what never came and is gone has vanished."""
    arrivals = office.ledger.arrivals
    memory = arrivals.folder(reading.name, folder, office.config.settings.limits.tries)
    if memory.cursor == 0:
        return
    present = reading.mailbox.present(1, memory.cursor)
    rows = arrivals.uids(reading.name, folder, status.uidvalidity, 1, memory.cursor)
    gone = [uid for uid, state in rows.items() if state in ("failed", "reserved") and uid not in present]
    arrivals.reconciled(reading.name, folder, gone, office.now())
    if reading.settings.settle == "move":  # a program killed between archiving and moving
        _settle(office, reading, sorted(uid for uid in present if rows.get(uid) in ("archived", "duplicate")))
    missed = sorted(present - rows.keys())
    if missed:
        log.warning("mails below the cursor had no row", mailbox=reading.name, folder=folder, count=len(missed))
        arrivals.rewind(reading.name, folder, missed[0] - 1)
