"""Sent: answers staff wrote in the webmail are seen in the Sent folder and noted; no letter of ours doubles them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from archive.records import Mail, Note, Question
from intake.guard import LOOP_HEADER, address
from intake.mail import peek_headers
from intake.mailbox import FolderRefused, FolderStatus, Mailbox
from intake.rounds.office import Office

log = structlog.get_logger()

WHY = "经办人已在网页邮箱答复"
"""Why staff find an answer cancelled."""
LOOK_BACK = 200
"""UIDs that are looked at again when the server has renumbered the folder; the same answer is noted once."""
_NUMBER = re.compile(r"\b[A-Z]{1,4}(?:19|20)\d{2}-\d{4,}\b")


@dataclass(frozen=True)
class Matter:
    """What an answer is about: a unit of a campaign ("": not known), and the 件 it answers if it answers one."""

    campaign: str
    unit: str
    number: str | None = None


def see_answers(office: Office, name: str, mailbox: Mailbox) -> int:
    """Note the answers that are new in the Sent folder of a mailbox that is being read; gives how many.

    Mails of before the folder was first looked at are not read. MailboxDown as for any folder.
    """
    box = office.config.settings.mailboxes[name]
    if not box.sent_folder:
        return 0
    try:
        status = mailbox.open(box.sent_folder)
    except FolderRefused as trouble:
        log.warning("sent folder refused", mailbox=name, why=trouble.sentence)
        words = f"邮箱 {name} 中打不开已发送文件夹 {box.sent_folder}，请核对 settings.yaml 的 sent_folder"
        question = Question(
            0, "folder-refused", None, None, words, (), "收信照常；网页邮箱里的答复暂时看不到", office.now()
        )
        office.ledger.decisions.ask(question, None, None)
        return 0
    headers = mailbox.headers(_new(office, name, mailbox, status))
    seen = sum(note_answer(office, name, peek_headers(octets)) for _, octets in sorted(headers.items()))
    _remember(office, name, box.sent_folder, status, status.uidnext - 1)
    return seen


def note_answer(office: Office, mailbox: str, mail: Mail) -> int:
    """Note one sent mail for each matter it answers; gives how many were new. Our own letters answer nothing here."""
    if _is_ours(office, mail):
        return 0
    count = 0
    at = mail.date or office.now()
    for matter in dict.fromkeys(_matters(office, mailbox, mail)):
        if matter.unit and not _known(office, matter, at):
            text = f"{WHY}：《{mail.subject}》"
            office.ledger.notes.add(
                Note(matter.campaign, matter.unit, "answered", text, at, mailbox, number=matter.number)
            )
            count += 1
        if matter.number is not None:
            office.ledger.windows.answered_by_hand(matter.number, office.now(), WHY)
    return count


def _is_ours(office: Office, mail: Mail) -> bool:
    marked = any(name == LOOP_HEADER for name, _ in mail.guard_headers)
    return marked or office.ledger.letters.by_message_id(mail.message_id) is not None


def _known(office: Office, matter: Matter, at: datetime) -> bool:
    return any(
        (note.kind, note.number, note.at) == ("answered", matter.number, at)
        for note in office.ledger.notes.of(matter.campaign, matter.unit)
    )


def _matters(office: Office, mailbox: str, mail: Mail) -> Iterator[Matter]:
    """By the 件 it answers, by our letter it follows, by the campaign its subject names; never by its address alone.

    What goes to neither the sender of that 件 nor its unit is a report to somebody else.
    """
    to = [found for value in (*mail.to, *mail.cc) if (found := address(value))]
    ids = (*mail.in_reply_to, *mail.references)
    numbers = dict.fromkeys((*office.ledger.arrivals.by_message_id(ids), *_NUMBER.findall(mail.subject)))
    for number in numbers:
        decision = office.ledger.decisions.current(number)
        submission = office.ledger.arrivals.submission(number)
        if decision is None or submission is None or decision.campaign is None:
            continue
        units = _units(office, decision.campaign, to)
        if decision.unit in units or {submission.mail.sender.lower(), decision.reply_to} & set(to):
            yield Matter(decision.campaign, decision.unit or next(iter(units), ""), number)
    if numbers:
        return
    for campaign, unit in filter(None, map(office.ledger.letters.by_message_id, ids)):
        if campaign is not None and unit is not None and unit in _units(office, campaign, to):
            yield Matter(campaign, unit)
    for id, asked in office.config.campaigns.items():
        if mailbox in asked.mailboxes and asked.status == "open" and asked.short in mail.subject:
            yield from (Matter(id, unit) for unit in _units(office, id, to))


def _units(office: Office, campaign: str, addresses: list[str]) -> list[str]:
    """The units these addresses belong to, on the roster or as confirmed by staff."""
    found = office.campaign(campaign)
    roster = found[1].units if found else ()
    listed = [unit.code for unit in roster if any(email.lower() in addresses for email in unit.emails)]
    taught = office.ledger.taught.addresses()
    learned = [unit for each in addresses for id, unit in taught.get(each, ()) if id == campaign]
    return list(dict.fromkeys((*listed, *learned)))


def _new(office: Office, name: str, mailbox: Mailbox, status: FolderStatus) -> list[int]:
    """The UIDs that were not looked at yet; none at the first look."""
    memory = office.ledger.versions.get(f"answers-seen:{name}") or {}
    folder = office.config.settings.mailboxes[name].sent_folder
    last = status.uidnext - 1
    if memory.get("folder") != folder:
        return []
    low = memory["uid"] + 1 if memory["uidvalidity"] == status.uidvalidity else max(1, last + 1 - LOOK_BACK)
    return sorted(mailbox.present(low, last)) if low <= last else []


def _remember(office: Office, name: str, folder: str, status: FolderStatus, uid: int) -> None:
    memory = {"folder": folder, "uidvalidity": status.uidvalidity, "uid": uid}
    if office.ledger.versions.get(f"answers-seen:{name}") != memory:
        office.ledger.versions.set(f"answers-seen:{name}", memory)
