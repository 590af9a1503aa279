"""The digest round: once on each working day, into the home's digests/ and to the staff named in the settings."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import structlog

from archive.everyone import checklists_of
from archive.ledger.letters import NewLetter
from archive.records import Letter, Question
from config.campaign import Campaign
from config.roster import Roster
from config.settings import MailboxSettings
from config.workdays import ZONE
from intake.daily.paper import words
from intake.daily.parts import Asked, Facts, Fixity
from intake.digest import Digest, build
from intake.health import troubles
from intake.letters import Words
from intake.reminders import is_never
from intake.rounds.beside import holdings_of_all
from intake.rounds.health import WRITTEN, vitals
from intake.rounds.office import Office
from intake.rounds.second import standing_words
from intake.rounds.signing import sign

log = structlog.get_logger()

FIXITY = "fixity"
"""Under this name the ledger remembers the last 校验: {at, files, damages}."""
LAST = 9
"""Priority: every other letter leaves first."""


def digest_one(office: Office) -> bool:
    """Write today's digest when its time has come; False when it is written, not due, or today is a day off.

    What was missed on earlier days is not made up for: today's says how everything stands. The facts are read without
    holding the ledger; a crash in between writes the same day's files and letters again, each letter once.
    """
    now = office.now()
    today = now.astimezone(ZONE)
    day = today.date()
    if not office.config.calendar.is_workday(day) or today.time() < office.config.settings.digest.at:
        return False
    if office.ledger.versions.get(WRITTEN) == day.isoformat():
        return False
    to = readers(office)
    said = words(compose(office))
    keep(office.home, day, said)
    withdraw_old(office, day)
    send_to_staff(office, day, said, to)
    office.ledger.versions.set(WRITTEN, day.isoformat())
    return True


def compose(office: Office) -> Digest:
    """The digest as of now, whatever the hour; nothing is written."""
    return build(gather(office))


# --- what it says --------------------------------------------------------------------------------------------------


def gather(office: Office) -> Facts:
    """Everything a digest is made from, read from the ledger."""
    now, config = office.now(), office.config
    bad = office.ledger.letters.bad_addresses(now)
    seen = vitals(office)
    open_ = [(id, one) for id, one in config.campaigns.items() if one.status == "open"]
    return Facts(
        now=now,
        day=now.astimezone(ZONE).date(),
        calendar=config.calendar,
        asked=tuple(_asked(office, one, config.rosters[id], bad, now) for id, one in open_),
        letters=office.ledger.standing.not_out(),
        bad=bad,
        vitals=seen,
        troubles=troubles(seen),
        problems=config.problems,
        campaigns=config.campaigns,
        rosters=config.rosters,
        language=config.settings.language,
        fixity=_fixity(office),
        second=standing_words(office),
        head=office.ledger.events.head(),
    )


def _asked(office: Office, campaign: Campaign, roster: Roster, bad: Mapping[str, str], now: datetime) -> Asked:
    held = holdings_of_all(office, campaign, roster)
    listed = checklists_of(campaign, roster, held, now)
    busy = dict.fromkeys(office.ledger.decisions.busy_units(campaign.id), "有事项待核对")
    busy |= {unit: "有来件待答复" for unit in office.ledger.windows.open_windows(campaign.id) if unit}
    noted = {note.unit: note for note in office.ledger.notes.all(campaign.id)}
    return Asked(campaign, roster, listed, held, _no_mail(office, campaign, roster, bad), busy, noted)


def _no_mail(office: Office, campaign: Campaign, roster: Roster, bad: Mapping[str, str]) -> dict[str, str]:
    """Unit code → why no letter reaches it."""
    learned: dict[str, list[str]] = {}
    for address, pairs in office.ledger.taught.addresses().items():
        for id, code in pairs:
            if id == campaign.id:
                learned.setdefault(code, []).append(address)
    never = frozenset(office.config.settings.answers.never)
    found = {}
    for unit in roster.units:
        addresses = [address.casefold() for address in (*unit.emails, *learned.get(unit.code, ()))]
        if not addresses:
            found[unit.code] = "没有邮箱地址"
        elif all(address in bad for address in addresses):
            found[unit.code] = f"{addresses[0]} {bad[addresses[0]]}"
        elif all(address in bad or is_never(address, never) for address in addresses):
            found[unit.code] = "邮箱在不发信名单中"
    return found


def _fixity(office: Office) -> Fixity | None:
    kept = office.ledger.versions.get(FIXITY)
    if kept is None:
        return None
    return Fixity(datetime.fromisoformat(kept["at"]), kept["files"], kept["damages"])


# --- where it goes -------------------------------------------------------------------------------------------------


def keep(home: Path, day: date, said: Words) -> tuple[Path, Path]:
    """Lay it into digests/ as DAY.html and DAY.txt, each in one step; gives both paths."""
    folder = home / "digests"
    folder.mkdir(exist_ok=True)
    return write(folder / f"{day}.html", said.html), write(folder / f"{day}.txt", said.text)


def write(path: Path, text: str) -> Path:
    """A whole file or none: nobody ever opens half a digest."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
    return path


def withdraw_old(office: Office, day: date) -> None:
    """Digests of earlier days that never left are of no use to anybody."""
    old = [
        one.key for one in office.ledger.standing.not_out() if one.kind == "digest" and f"digest:{day}:" not in one.key
    ]
    if old:
        office.ledger.letters.set_state(old, ("queued", "deferred"), "cancelled", office.now(), "auto")


def readers(office: Office) -> list[str]:
    """The staff it goes to; an address that is a unit's is left out and staff are told."""
    units, found = _addresses_of_units(office), []
    for address in office.config.settings.digest.to:
        if address.casefold() not in units:
            found.append(address)
            continue
        text = f"每日摘要没有发给 {address}：它是报送单位的邮箱，请从 settings.yaml 的 digest.to 中删去"
        question = Question(0, "digest-to-unit", None, None, text, (), "其他收件人照常", office.now())
        office.ledger.decisions.ask(question, None, None)
        log.warning("digest not sent to an address of a unit", to=address)
    return found


def send_to_staff(office: Office, day: date, said: Words, to: list[str]) -> None:
    """One letter for each reader, useless after the day; none where no mailbox can send."""
    for name, box in office.config.settings.mailboxes.items():
        if box.smtp is not None:
            for address in to:
                letter = _letter(office, box, day, address, said)
                office.ledger.letters.put(NewLetter(letter, name, LAST), office.now())
            return


def _addresses_of_units(office: Office) -> frozenset[str]:
    """Every address on a roster or confirmed for a unit."""
    rostered = [email for roster in office.config.rosters.values() for unit in roster.units for email in unit.emails]
    return frozenset(address.casefold() for address in (*rostered, *office.ledger.taught.addresses()))


def _letter(office: Office, box: MailboxSettings, day: date, to: str, said: Words) -> Letter:
    now = office.now()
    message_id, body = sign(box, said, "digest", to, "报送", now.astimezone(ZONE))
    ends = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
    return Letter(
        f"digest:{day}:{to}", "digest", None, None, to, said.subject, (), "queued", now,
        message_id=message_id, body=body, text=said.text, expires=ends,
    )  # fmt: skip
