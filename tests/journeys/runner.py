"""Plays one story: mails arrive at a real server, the clock moves, staff act, the rounds run; then what is expected."""

from __future__ import annotations

import contextlib
import imaplib
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from ruamel.yaml import YAML
from typer.testing import CliRunner

import config
from config.home import init_home
from intake.cli import app
from intake.rounds.amended import follow_versions
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect, due
from intake.rounds.copies import copy_sent
from intake.rounds.deliver import deliver, sending
from intake.rounds.digest import digest_one
from intake.rounds.learning import learn
from intake.rounds.office import Office
from intake.rounds.record import drop_asides, record_one
from intake.rounds.remind import remind
from intake.service import drain, open_office
from intake.worker import Worker
from tests.journeys.mails import build
from tests.journeys.post_office import PostOffice
from tests.servers.dovecot import Dovecot

HERE = Path(__file__).parent
STORIES = sorted(path.parent for path in HERE.glob("*/story.yaml"))
ZONE = ZoneInfo("Asia/Shanghai")
SHIPPED = Path(config.__file__).parent
ROUNDS = ("collect", "answer", "remind", "deliver", "record")
TIMED = frozenset(
    {"collect", "import", "answer", "remind", "deliver", "record", "status", "outbox", "assign", "classify", "discard",
     "register", "registered", "note", "queue", "filing", "named", "undo", "learned", "reclassify",
     "problem", "preview", "approve", "digest", "health", "handover-sheet", "export", "select", "result", "shelf"}
)  # fmt: skip
"""Commands that take --at."""

CODES = {
    "weihai": "WH", "hainan": "HN", "bingtuan": "BT", "anqing": "AQ", "guangdong": "GD", "town": "TN", "desk": "DK",
}  # fmt: skip
"""Letters of the numbers, by name of the mailbox."""

yaml = YAML(typ="safe")
yaml.default_flow_style = False
yaml.allow_unicode = True


@dataclass(frozen=True)
class Came:
    """One letter as it was received."""

    to: tuple[str, ...]
    raw: bytes
    mail: EmailMessage

    @property
    def text(self) -> str:
        """Its plain text."""
        part = self.mail.get_body(("plain",))
        return part.get_content() if isinstance(part, EmailMessage) else ""


@dataclass(frozen=True)
class Sent:
    """One mail that arrived at the office."""

    box: str
    folder: str
    raw: bytes


@dataclass
class Journey:
    """One story being played. letters: all that was received so far; boxes: mailbox name → our address."""

    folder: Path
    story: Mapping[str, Any]
    home: Path
    server: Dovecot
    post: PostOffice
    worker: Worker
    now: datetime = datetime(2018, 1, 1, tzinfo=UTC)
    boxes: dict[str, str] = field(default_factory=dict)
    mails: list[Sent] = field(default_factory=list)
    letters: list[Came] = field(default_factory=list)
    said: str = ""
    troubles: list[str] = field(default_factory=list)
    office: Office | None = None
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    # --- a home of its own

    def furnish(self) -> None:
        """Write the home: `init`, then the campaigns, rosters and settings of the story."""
        init_home(self.home)
        for example in (self.home / "campaigns").iterdir():
            example.unlink()
        told: dict[str, Any] = {}
        for id, changes in self.story["campaigns"].items():
            filled = {"contact": {"name": "经办人甲", "phone": "0000-0000000"}}
            campaign = merged(loaded(self._file("campaigns", f"{id}.yaml")), filled | (changes or {}))
            told[id] = campaign
            self.write(f"campaigns/{id}.yaml", campaign)
            roster = self._file("rosters", campaign["roster"])
            (self.home / "rosters" / campaign["roster"]).write_bytes(roster.read_bytes())
        names = dict.fromkeys(name for campaign in told.values() for name in campaign["mailboxes"])
        self.boxes = {name: f"{name}@{self.folder.name.partition('-')[0]}.example.test" for name in names}
        self.write("settings.yaml", merged(self._settings(), self.story.get("settings", {})))

    def _file(self, kind: str, name: str) -> Path:
        places = (self.folder / name, HERE / "campaigns" / name, SHIPPED / kind / name)
        return next(place for place in places if place.exists())

    def _settings(self) -> dict[str, Any]:
        password = "env:BAOSONG_PASSWORD"
        host = {"host": "127.0.0.1", "tls": "none"}
        boxes = {
            name: {
                "code": CODES[name],
                "address": address,
                "imap": {**host, "port": self.server.imap, "user": address, "password": password},
                "smtp": {**host, "port": self.post.port},
            }
            for name, address in self.boxes.items()
        }
        return {"mailboxes": boxes, "answers": {"sending": True}}

    def write(self, path: str, value: Any) -> None:
        """A file of the home, as YAML or as it is."""
        (self.home / path).parent.mkdir(parents=True, exist_ok=True)
        with (self.home / path).open("w", encoding="utf-8") as file:
            file.write(value) if isinstance(value, str) else yaml.dump(value, file)

    # --- the office

    def opened(self) -> Office:
        """The running office; opened at the first need, and again after its files were edited."""
        if self.office is None:
            opened = self._closing.enter_context(open_office(self.home, lambda: self.now))
            own = "limits" in self.story.get("settings", {})
            self.office = opened if own else replace(opened, worker=self.worker)
        return self.office

    def close(self) -> None:
        """Stop the office."""
        self._closing.close()
        self.office = None

    def cli(self, line: str | list[str], code: int = 0) -> str:
        """One command, as staff type it; its output. AssertionError when it does not end with that exit code."""
        words = shlex.split(line) if isinstance(line, str) else line
        if words[0] in TIMED and "--at" not in words:
            words = [words[0], "--at", self.now.isoformat(), *words[1:]]
        words = [word.replace("@HERE@", str(self.folder)).replace("@HOME@", str(self.home)) for word in words]
        result = CliRunner().invoke(app, ["--home", str(self.home), *words])
        listen(self.troubles)
        said = result.output + (str(result.exception) if result.exception else "")
        assert result.exit_code == code, f"{' '.join(words)} ended with {result.exit_code}: {said}"
        return said

    # --- one step

    def play(self, step: Mapping[str, Any]) -> list[Came]:
        """Everything a step does, at its time; gives the letters that arrived in it."""
        before = len(self.letters)
        self.now = moment(step["at"])
        self._server(step)
        self._edit(step.get("edit", {}))
        for spec in step.get("mails", ()):
            self._arrive(spec)
        for spec in step.get("webmail", ()):
            self._by_hand(spec)
        for act in step.get("run", ()):
            told = {"do": act} if isinstance(act, str) else act
            self.said = self.cli(told["do"], told.get("exit", 0))
            for words in told.get("says", ()):
                assert words in self.said, f"{told['do']} does not say {words!r}: {self.said}"
            for words in told.get("hasnt", ()):
                assert words not in self.said, f"{told['do']} says {words!r}: {self.said}"
        self._rounds(step.get("rounds", ROUNDS))
        if "until" in step:
            while self.now < moment(step["until"]):
                self.now += timedelta(minutes=step["every"])
                self._rounds(step.get("rounds", ROUNDS))
        return self.letters[before:]

    def _server(self, step: Mapping[str, Any]) -> None:
        self.post.refuse.update(step.get("refuse", {}))
        for box, folder in step.get("renumber", {}).items():
            renumber(self.server, self.boxes[box], folder)

    def _edit(self, changes: Mapping[str, Any]) -> None:
        """Staff edit files of the home; the service is started again."""
        for path, change in changes.items():
            if isinstance(change, str):
                self.write(path, change)
            else:
                self.write(path, merged(yaml.load((self.home / path).read_text("utf-8")), change))
        if changes:
            self.close()

    def _arrive(self, spec: Mapping[str, Any]) -> None:
        box = spec.get("box", next(iter(self.boxes)))
        folder = spec.get("folder", "INBOX")
        received = moment(spec["received"]) if "received" in spec else self.now
        if "again" in spec:
            raw = self.mails[spec["again"] - 1].raw
        else:
            heard = [letter.mail for letter in self.letters]
            raw = build(spec, received, self.boxes[box], len(self.mails) + 1, self.folder, heard)
        self._lay(box, folder, raw, received, spec.get("flags", ""))
        self.mails.append(Sent(box, folder, raw))

    def _by_hand(self, spec: Mapping[str, Any]) -> None:
        """Staff answer in the webmail, which lays their mail into the Sent folder."""
        box = next(iter(self.boxes))
        heard = [letter.mail for letter in self.letters]
        told = {"from": self.boxes[box], "id": f"<webmail-{self.now:%Y%m%d%H%M}@office.example.test>", **spec}
        raw = build(told, self.now, self.boxes[box], 0, self.folder, heard)
        self._lay(box, self.opened().config.settings.mailboxes[box].sent_folder, raw, self.now, "")

    def _lay(self, box: str, folder: str, raw: bytes, at: datetime, flags: str) -> None:
        with self.server.client(self.boxes[box]) as client:
            done, words = client.append(folder, flags, at, raw)  # type: ignore[arg-type]  # typeshed wants a string
            assert done == "OK", words

    def _rounds(self, names: tuple[str, ...]) -> None:
        """The rounds in the service's order, at this very time."""
        office = self.opened()
        learn(office)
        if "collect" in names:
            for name in office.config.settings.mailboxes:
                if due(office, name):
                    collect(office, name)
        if "answer" in names:
            follow_versions(office)
            drain(lambda: answer_one(office))
        if "remind" in names:
            remind(office)
        if "digest" in names or (names == ROUNDS and office.config.settings.digest.to):
            digest_one(office)
        if "deliver" in names and sending(office) is None:
            deliver(office)
            for name in office.config.settings.mailboxes:
                copy_sent(office, name)
        if "record" in names:
            drain(lambda: record_one(office))
        drop_asides(office)
        for to, raw in self.post.arrived[len(self.letters) :]:
            self.letters.append(Came(to, raw, message_from_bytes(raw, policy=policy.default)))


# --- small things


@cache
def loaded(path: Path) -> Any:
    """A campaign file as data; read once, never changed in place."""
    return yaml.load(path.read_text("utf-8"))


def merged(base: Any, changes: Any) -> Any:
    """Mappings are merged key by key, everything else is replaced; a key changed to nothing is taken out."""
    if not isinstance(base, dict) or not isinstance(changes, Mapping):
        return changes
    found = dict(base)
    for key, value in changes.items():
        found[key] = merged(found[key], value) if key in found else value
    return {key: value for key, value in found.items() if value is not None}


def moment(told: Any) -> datetime:
    """A time of the story (Asia/Shanghai unless it names a zone), in UTC."""
    value = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


def renumber(server: Dovecot, user: str, folder: str) -> None:
    """The provider rebuilds a folder: the same mails under a new UIDVALIDITY and new UIDs, newest first."""
    with server.client(user) as client:
        kept = look(client, folder)
        client.select("INBOX")
        assert client.delete(folder)[0] == "OK"
        assert client.create(folder)[0] == "OK"
        for flags, date, raw in reversed(kept):
            done, words = client.append(folder, flags, date, raw)
            assert done == "OK", words


def look(client: imaplib.IMAP4, folder: str) -> list[tuple[str, str, bytes]]:
    """Every mail of a folder: (flags without \\Recent, INTERNALDATE as the server writes it, bytes)."""
    done, _ = client.select(folder, readonly=True)
    if done != "OK":
        return []
    _, fetched = client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    found = []
    for one in fetched:
        if isinstance(one, tuple):
            flags = b" ".join(flag for flag in imaplib.ParseFlags(one[0]) if flag != b"\\Recent").decode()
            date = one[0].decode().partition('INTERNALDATE "')[2].partition('"')[0]
            found.append((f"({flags})", f'"{date}"', one[1]))
    return found


def listen(troubles: list[str]) -> None:
    """Errors that the rounds only log are kept here; a journey without a reason for them must have none."""

    def keep(_: Any, name: str, event: Any) -> str:
        if name in ("error", "exception", "critical"):
            troubles.append(str(dict(event)))
        raise structlog.DropEvent

    structlog.reset_defaults()
    structlog.configure(processors=[keep])


@contextlib.contextmanager
def journey(folder: Path, home: Path, server: Dovecot, post: PostOffice, worker: Worker) -> Iterator[Journey]:
    """A story with its home furnished and its office shut at the end. worker: shared, its start takes half a second."""
    post.arrived.clear()
    post.refuse.clear()
    told = Journey(folder, yaml.load((folder / "story.yaml").read_text("utf-8")), home, server, post, worker)
    listen(told.troubles)
    told.furnish()
    try:
        yield told
    finally:
        told.close()
        structlog.reset_defaults()
