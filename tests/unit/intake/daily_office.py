"""An office with the town's campaign on a real ledger and a clock that a test moves; mails are filed as decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from archive.ledger import Ledger
from archive.ledger.arrivals import Accepted, Wanted
from archive.ledger.letters import NewLetter
from archive.records import (
    Announced,
    Decision,
    Facts,
    Letter,
    LetterKind,
    LetterState,
    Mail,
    Piece,
    PieceDecision,
    Question,
    Source,
    Submission,
)
from archive.vault import Vault
from config.home import init_home
from config.loading import load_home
from config.workdays import ZONE
from intake.rounds.office import Office
from intake.worker import Worker

TOWN = Path(__file__).parents[2] / "journeys" / "campaigns"
STAFF = "staff@office.example.test"
BOX = "baosong@town.example.test"
yaml = YAML(typ="safe")


def at(text: str) -> datetime:
    """A time of Asia/Shanghai, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass
class Clock:
    """What time it is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def settings(to: tuple[str, ...] = (STAFF,), **more: Any) -> dict[str, Any]:
    """One mailbox with a sending server, sending on."""
    host = {"host": "127.0.0.1", "tls": "none", "user": "u"}
    box = {"code": "TN", "address": BOX, "imap": {**host, "port": 1}, "smtp": {"host": "127.0.0.1", "tls": "none"}}
    base = {
        "mailboxes": {"town": box},
        "answers": {"sending": True},
        "digest": {"to": list(to)},
        "limits": {"disk_free": 0},
    }
    return {**base, **more}


def furnish(home: Path, told: Mapping[str, Any] | None = None, changes: Mapping[str, Any] | None = None) -> None:
    """A home with the town's campaign; `changes` go over its file."""
    init_home(home)
    for example in (home / "campaigns").iterdir():
        example.unlink()
    campaign = {**yaml.load((TOWN / "town-2018.yaml").read_text("utf-8")), **(changes or {})}
    dump(home / "campaigns" / "town-2018.yaml", campaign)
    (home / "rosters" / "town.csv").write_bytes((TOWN / "town.csv").read_bytes())
    dump(home / "settings.yaml", told or settings())


def dump(path: Path, value: Any) -> None:
    """A file of the home."""
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(value, file)


@contextmanager
def opened(home: Path, clock: Clock) -> Iterator[Office]:
    """The office of a home; its worker is never asked, since mails are filed as decided."""
    ledger = Ledger(home / "ledger.db")
    vault = Vault(home / "archive", clock)
    office = Office(home, load_home(home), ledger, vault, cast("Worker", None), clock, lambda _: "")
    try:
        yield office
    finally:
        ledger.close()


def files(*names: str) -> tuple[Piece, ...]:
    """Good pictures and short texts, by the ends of their names."""
    texts, pictures = Facts("docx", characters=1500), Facts("jpeg", width=1600, height=1200)
    return tuple(
        Piece(
            str(turn),
            name,
            f"files/{name}",
            name.encode().hex()[:64].ljust(64, "0"),
            5,
            texts if name.endswith("docx") else pictures,
        )
        for turn, name in enumerate(names, start=2)
    )


def arrive(
    office: Office,
    unit: str | None,
    items: Mapping[str, str] | None = None,
    announced: tuple[Announced, ...] = (),
    asks: str = "",
    campaign: str = "town-2018",
    filed: int = 0,
) -> str:
    """A mail of that unit: file name → item; asks: a question to staff that goes with it. Gives its number."""
    now = office.now()
    names = items or {}
    serial = filed or len(office.ledger.arrivals.numbers()) + 1
    digest = f"{campaign}{serial}".encode().hex().rjust(64, "0")[-64:]
    sender = f"{(unit or 'x').lower()}@town.example.test"
    source = Source("town", "INBOX", 7, serial)
    (place,) = office.ledger.arrivals.reserve(
        [Wanted(source, "town", "TN", now.year, "mail", now, digest, 10, sender)], now
    )
    mail = Mail(sender=sender, subject="材料", message_id=f"<{serial}.{campaign}@u.example.test>")
    submission = Submission(place.number, source, "mail", now, digest, 10, mail, files(*names))
    decision = Decision(
        place.number, 1, now, "auto", "submission", campaign, unit, 0.9, True, "person", sender,
        pieces=tuple(PieceDecision(str(turn), item) for turn, item in enumerate(names.values(), start=2)),
        announced=announced,
    )  # fmt: skip
    question = Question(0, "undecided-piece", place.number, None, asks, (), "", now)
    office.ledger.arrivals.accept([Accepted(submission, decision, None, (question,) if asks else ())], (), now)
    return place.number


def write_letter(
    office: Office,
    key: str,
    kind: LetterKind,
    state: LetterState,
    unit: str = "T2",
    to: str = "xishan@town.example.test",
    campaign: str = "town-2018",
) -> Letter:
    """A letter in the outbox."""
    now = office.now()
    letter = Letter(
        key, kind, campaign, unit, to, f"【信】{key}", (), state, now, message_id=f"<{key}@t.test>", body=b"x"
    )
    assert office.ledger.letters.put(NewLetter(letter, "town", 1), now)
    return letter


def ask(office: Office, kind: str, text: str, since: datetime | None = None) -> None:
    """A line of the queue."""
    office.ledger.decisions.ask(Question(0, kind, None, None, text, (), "", since or office.now()), None, None)


def link(name: str, expires: datetime | None) -> Announced:
    """A file behind a link."""
    url = f"http://mail.example.test/{name.encode().hex()}"
    return Announced("超大附件", "link", url=url, name=name, size=900_000_000, expires=expires)


def polled(office: Office, name: str = "town") -> None:
    """The mailbox was read just now."""
    office.ledger.arrivals.connected(name, office.now())


def failed(office: Office, sentence: str, name: str = "town") -> None:
    """The mailbox could not be read just now."""
    office.ledger.arrivals.trouble(name, office.now(), sentence, office.now() + timedelta(minutes=1))
