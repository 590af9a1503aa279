"""Filing: a batch of spooled mails becomes 件 in the vault and rows in the ledger, or nothing at all.

The order is the promise: understand, decide, reserve a number, make the bytes durable, and only then accept.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog

from archive import durable
from archive.judging.applicants import collectives
from archive.ledger.arrivals import Accepted, Place, Sight, Wanted
from archive.ledger.search import nothing_more
from archive.ledger.windows import Answering, Parts
from archive.records import Channel, Decision, Handed, Held, Source, Submission, dump, load
from archive.vault import Deposit
from config.campaign import Campaign
from intake.decide import Ours, Told, decide, questions
from intake.gathering import minutes_for, next_deadline, parts_for
from intake.known import CampaignRoster, Collectives, Known
from intake.returned import came_back
from intake.rounds.asking import follow_up
from intake.rounds.before import came_before
from intake.rounds.beside import holdings_of_all
from intake.rounds.learning import model_of, roster_with_names
from intake.rounds.office import Office
from intake.worker import MANIFEST, MESSAGE, Understood, is_handed_over, whole_text

log = structlog.get_logger()

RECORD = "baosong-record/1"


@dataclass(frozen=True)
class Arrived:
    """A mail in the spool, byte for byte as it came.

    place: the folder of the archive it will lie in (the mailbox's name, or the channel); code: letters of its number.
    connected: when the mailbox was first connected; older mail is never answered by itself. answer: may be answered.
    """

    source: Source
    folder: Path
    sha256: str
    size: int
    received: datetime
    place: str
    code: str
    channel: Channel = "mail"
    connected: datetime | None = None
    answer: bool = True
    told: Told | None = None
    handed: Handed | None = None


@dataclass(frozen=True)
class Filed:
    """What became of one mail: archived (number), duplicate (number), aside."""

    source: Source
    state: str
    number: str | None


def file_batch(office: Office, batch: Sequence[Arrived]) -> list[Filed]:
    """File a batch; on return everything in it is durable and accepted. Raises without having accepted anything."""
    now = office.now()
    fresh, again = _split_known(office, batch)
    known, ours = what_is_known(office), our_own(office)
    with office.understanding:
        taken_apart = _scans_read(office, fresh, office.worker.understand([one.folder for one in fresh]))
        decided = [
            (mail, said, _decided(office, mail, said, known, ours, now))
            for mail, said in zip(fresh, taken_apart, strict=True)
        ]
    copies = [mail for mail, _, d in decided if _is_copy(office, mail, d)]
    kept = [one for one in decided if one[2].role != "unrelated" and one[0] not in copies]
    sights = [_again(mail, number, now) for mail, number in again]
    sights += [_aside(office, mail, u, now) for mail, u, d in decided if d.role == "unrelated"]
    sights += [Sight(mail.source, "aside", now, why="本系统发出的信的副本") for mail in copies]
    with office.writing_vault():  # from number to acceptance: the same mail may arrive in two mailboxes at once
        accepted = _keep(office, kept, sights, now)
    _tend(office, accepted)
    for mail in batch:
        shutil.rmtree(mail.folder, ignore_errors=True)
    filed = [Filed(one.submission.source, "archived", one.submission.number) for one in accepted]
    filed += [Filed(sight.source, sight.state, sight.number) for sight in sights]
    return filed


def _tend(office: Office, accepted: Sequence[Accepted]) -> None:
    """The queue follows what was just filed; whatever goes wrong here, the next round of reminding mends it."""
    found = {(one.decision.campaign, one.decision.unit) for one in accepted}
    try:
        for id in {campaign for campaign, _ in found if campaign}:
            follow_up(office, id, {unit for campaign, unit in found if campaign == id and unit})
    except Exception:  # the batch is accepted: it must not be taken for failed
        log.exception("the queue was not brought up to date")


def adopt(office: Office) -> list[str]:
    """Accept what a crash left between vault and ledger; gives the numbers. Call while holding the vault.

    The mail may be gone from the server by now, so nobody else would ever find it. What came by import is not answered.
    """
    accepted = []
    for place in office.ledger.arrivals.reserved():
        if office.vault.exists(place.mailbox, place.year, place.number):
            submission, decision = _recorded(office, place)
            accepted.append(_accepted(office, submission, decision, bool(submission.source.uid)))
    if accepted:
        office.ledger.arrivals.accept(accepted, (), office.now())
    return [one.submission.number for one in accepted]


def _keep(
    office: Office, kept: Sequence[tuple[Arrived, Understood, Decision]], sights: list[Sight], now: datetime
) -> list[Accepted]:
    """Reserve, make durable, accept; what turns out to be known already is added to `sights`."""
    places = office.ledger.arrivals.reserve([_wanted(mail, u, office) for mail, u, _ in kept], now)
    accepted: list[Accepted] = []
    deposits: list[Deposit] = []
    taken: set[str] = set()
    for (mail, understood, decision), place in zip(kept, places, strict=True):
        if place.accepted or place.number in taken:
            sights.append(_again(mail, place.number, now))
            continue
        taken.add(place.number)
        one, deposit = _one(office, mail, understood, decision, place, now)
        accepted.append(one)
        if deposit is not None:
            deposits.append(deposit)
    _make_durable(office, deposits, any(sight.state == "aside" and sight.file for sight in sights))
    office.ledger.arrivals.accept(accepted, sights, now)
    return accepted


def _scans_read(office: Office, mails: Sequence[Arrived], taken_apart: Iterable[Understood]) -> Iterable[Understood]:
    """The same mails with what their scans say, where the office wants scans read.

    All are taken apart first: a worker that waits long for its answer to be taken would be thought to hang.
    """
    if office.scans is None:
        return taken_apart
    reader, all_apart = office.scans, list(taken_apart)
    return (
        replace(said, pieces=reader.read_scans(mail.folder, said.pieces))
        for mail, said in zip(mails, all_apart, strict=True)
    )


def _decided(office: Office, mail: Arrived, said: Understood, known: Known, ours: Ours, now: datetime) -> Decision:
    try:
        decision = decide("", said.mail, said.pieces, mail.source.mailbox, known, ours, now, mail.told, said.understood,
                          came_before(office, mail.received, said.mail, said.pieces))  # fmt: skip
    except Exception:  # one odd mail must not hold up those behind it: it is kept, and a person looks at it
        log.exception("a mail could not be judged", mailbox=mail.source.mailbox, uid=mail.source.uid)
        return Decision("", 1, now, "auto", "submission", None, None, 0.0, answerable=False, answer_rule="not-judged")
    if decision.role == "unrelated" and office.config.faults:
        # a campaign that could not be loaded may be the one it belongs to: a person looks at it
        return replace(decision, role="submission", answerable=False, answer_rule="campaign-faulty")
    return decision


def what_is_known(office: Office) -> Known:
    """What `identify` may lean on: campaigns and rosters, learned addresses, our numbers and letters."""
    campaigns = tuple(
        CampaignRoster(campaign, roster_with_names(office, id)) for id, campaign in office.config.campaigns.items()
    )

    def sent(campaign: str, unit: str) -> tuple[Held, ...]:
        found = office.ledger.decisions.holdings(campaign, unit).get(unit)
        return found.held if found else ()

    @cache
    def named(campaign: str) -> Collectives:
        return collectives(holdings_of_all(office, office.config.campaigns[campaign], office.config.rosters[campaign]))

    addresses, mending = office.ledger.taught.addresses(), office.ledger.letters.asks_to_mend
    return Known(
        campaigns,
        addresses,
        _Numbers(office),
        _Letters(office),
        mending,
        sent,
        lambda id: model_of(office, id),
        office.ledger.decisions.confirmed_senders(),
        named,
    )


def our_own(office: Office) -> Ours:
    """Our addresses, over all mailboxes."""
    settings = office.config.settings
    addresses = {a.lower() for box in settings.mailboxes.values() for a in (box.address, box.sender, *box.aliases)}
    return Ours(
        frozenset(addresses),
        lambda id: office.ledger.letters.by_message_id(id) is not None,
        settings.answers.never,
        {name: tuple(id.lower() for id in box.trusted_checks) for name, box in settings.mailboxes.items()},
    )


def answering(office: Office, submission: Submission, decision: Decision) -> Answering | None:
    """Whether and how a 件 is answered by itself; None = not."""
    found = office.campaign(decision.campaign)
    if found is None or decision.role != "submission" or decision.discarded or not decision.answerable:
        return None
    campaign, roster = found
    box = answer_from(office, submission, campaign)
    if box is None or decision.reply_to is None or campaign.status != "open" or campaign.mode == "silent":
        return None
    answers = office.config.settings.answers
    unit = roster.find(decision.unit)
    deadline = next_deadline(campaign, roster, unit, office.now())
    minutes, most = minutes_for(decision.announced, answers, deadline, office.now())
    parts = parts_for(decision.announced, answers, deadline, office.now())
    return Answering(box, campaign.id, decision.unit or "", decision.reply_to, minutes, most, parts and Parts(*parts))


def answer_from(office: Office, submission: Submission, campaign: Campaign) -> str | None:
    """The mailbox a letter leaves from: where the mail came in if it is the campaign's, else the campaign's first."""
    came = submission.source.mailbox
    own = campaign.mailboxes if came not in campaign.mailboxes else (came, *campaign.mailboxes)
    for name in (*own, came):
        box = office.mailbox(name)
        if box is not None:
            return name
    return None


def record_of(submission: Submission, decisions: Sequence[Decision]) -> dict[str, Any]:
    """What record.json says: the 件 as received and every decision, oldest first."""
    return {"format": RECORD, "submission": dump(submission), "decisions": [dump(d) for d in decisions]}


def _split_known(office: Office, batch: Sequence[Arrived]) -> tuple[list[Arrived], list[tuple[Arrived, str]]]:
    known = office.ledger.arrivals.known([mail.sha256 for mail in batch])
    fresh: dict[str, Arrived] = {}
    again: list[tuple[Arrived, str]] = []
    for mail in batch:
        place = known.get(mail.sha256)
        if place is not None and place.accepted:
            again.append((mail, place.number))
        elif mail.sha256 not in fresh:
            fresh[mail.sha256] = mail
    twins = [mail for mail in batch if mail.sha256 in fresh and fresh[mail.sha256] is not mail]
    return [*fresh.values(), *twins], again


def _again(mail: Arrived, number: str, now: datetime) -> Sight:
    return Sight(mail.source, "duplicate", now, mail.sha256, number)


def _is_copy(office: Office, mail: Arrived, decision: Decision) -> bool:
    """Whether it is our own letter, as it lies in the Sent folder: the outbox and the archive's log have it already."""
    box = office.mailbox(mail.source.mailbox)
    return decision.answer_rule == "own-letter" and box is not None and mail.source.folder == box.sent_folder != ""


def _aside(office: Office, mail: Arrived, understood: Understood, now: datetime) -> Sight:
    office.aside.mkdir(exist_ok=True)
    name = f"{mail.sha256}.eml"
    (mail.folder / MESSAGE).replace(office.aside / name)
    said = understood.mail
    return Sight(
        mail.source, "aside", now, mail.sha256, None, "与活动无关", said.sender, said.subject, mail.received, name
    )


def _wanted(mail: Arrived, understood: Understood, office: Office) -> Wanted:
    zone = next((c.zone for c in office.config.campaigns.values() if mail.place in c.mailboxes), None)
    year = mail.received.astimezone(zone).year if zone else mail.received.year
    return Wanted(
        mail.source,
        mail.place,
        mail.code,
        year,
        mail.channel,
        mail.received,
        mail.sha256,
        mail.size,
        understood.mail.sender,
    )


def _one(
    office: Office, mail: Arrived, understood: Understood, decision: Decision, place: Place, now: datetime
) -> tuple[Accepted, Deposit | None]:
    """One 件 with its deposit; a number whose object already lies in the vault is adopted from its record."""
    if office.vault.exists(place.mailbox, place.year, place.number):
        submission, decision = _recorded(office, place)
        return _accepted(office, submission, decision, mail.answer, mail.folder), None
    found = office.campaign(decision.campaign)
    opens = found[0].opens_at if found else None
    since = mail.connected.replace(microsecond=0) if mail.connected is not None else None  # IMAP tells whole seconds
    early = any(begin is not None and mail.received < begin for begin in (since, opens))
    submission = Submission(
        number=place.number,
        source=replace(mail.source, seen_at=now),
        channel=mail.channel,
        received=mail.received,
        sha256=mail.sha256,
        size=mail.size,
        mail=understood.mail,
        pieces=understood.pieces,
        understood=understood.understood,
        trouble=understood.trouble,
        first_day=early,
        handed=mail.handed,
    )
    decision = replace(decision, number=place.number)
    if is_handed_over(mail.folder):
        files = {MANIFEST: (mail.sha256, (mail.folder / MANIFEST).stat().st_size)}
    else:
        files = {MESSAGE: (mail.sha256, mail.size)}
    files |= {piece.stored: (piece.sha256, piece.size) for piece in understood.pieces if piece.stored}
    record = record_of(submission, [decision])
    deposit = Deposit(place.number, place.mailbox, place.year, mail.folder, files, record)
    return _accepted(office, submission, decision, mail.answer, mail.folder), deposit


def _recorded(office: Office, place: Place) -> tuple[Submission, Decision]:
    """A 件 and its last decision as the vault tells them."""
    record = office.vault.read_record(place.mailbox, place.year, place.number)
    return load(Submission, record["submission"]), load(Decision, record["decisions"][-1])


def _accepted(
    office: Office, submission: Submission, decision: Decision, answer: bool, folder: Path | None = None
) -> Accepted:
    found = office.campaign(decision.campaign)
    how = answering(office, submission, decision) if answer and not submission.first_day else None
    report = came_back(submission.mail, decision.answer_rule)
    asked = questions(decision, submission.mail, submission.pieces, submission.understood, found[0] if found else None)
    whole = partial(whole_text, folder) if folder is not None else nothing_more
    return Accepted(submission, decision, how, asked, report, whole)


def _make_durable(office: Office, deposits: Sequence[Deposit], asides: bool) -> None:
    if asides:
        durable.sync_trees([str(office.aside)])
    if deposits:
        office.vault.put(deposits)


class _Numbers(Mapping[str, tuple[str | None, str | None]]):
    """Our numbers, looked up one by one: number -> (campaign, unit)."""

    def __init__(self, office: Office) -> None:
        self._decisions = office.ledger.decisions

    def __getitem__(self, number: str) -> tuple[str | None, str | None]:
        decision = self._decisions.current(number)
        if decision is None:
            raise KeyError(number)
        return decision.campaign, decision.unit

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Letters(Mapping[str, tuple[str, str]]):
    """Our letters, looked up one by one: Message-ID -> (campaign, unit)."""

    def __init__(self, office: Office) -> None:
        self._letters = office.ledger.letters

    def __getitem__(self, message_id: str) -> tuple[str, str]:
        campaign, unit = self._letters.by_message_id(message_id) or (None, None)
        if campaign is None or unit is None:
            raise KeyError(message_id)
        return campaign, unit

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
