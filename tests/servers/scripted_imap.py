"""A small IMAP server that tells the truth except where a test's script makes it lie, stall or break off."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from config.settings import ImapSettings

Twist = Callable[["Talk", str, str], None]
"""Stands in for one step; gets the conversation, the command's tag and its arguments."""


@dataclass
class Talk:
    """One client's conversation."""

    connection: socket.socket
    server: ScriptedImap
    identified: bool = False

    def say(self, words: str | bytes) -> None:
        """Send as it is."""
        self.connection.sendall(words.encode() if isinstance(words, str) else words)

    def body(self, uid: int, announced: int | None = None, octets: bytes | None = None) -> None:
        """One honest answer with a body, or one whose announced size or octets are wrong."""
        mail = self.server.mails[uid] if octets is None else octets
        size = len(mail) if announced is None else announced
        self.say(b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (self.server.place(uid), uid, size, mail))

    def hang(self) -> None:
        """Say nothing more until the client goes."""
        with contextlib.suppress(OSError):
            while self.connection.recv(4096):
                pass
        raise ConnectionError


@dataclass
class ScriptedImap:
    """A box of mails by UID, and what to do otherwise at a step.

    Steps: greeting, CAPABILITY, LOGIN, ID, EXAMINE, SELECT, LIST, last (FETCH by place), listing (sizes, dates, UIDs),
    bodies, SEARCH, STORE, LOGOUT. `heard`: the command lines of all clients, without tags.
    """

    mails: dict[int, bytes]
    twists: Mapping[str, Twist] = field(default_factory=dict)
    uidvalidity: int = 7
    uidnext: int | None = None
    capabilities: str = "IMAP4rev1 ID UIDPLUS"
    heard: list[str] = field(default_factory=list)
    port: int = 0

    def settings(self, **more: object) -> ImapSettings:
        """Where and how to read this box; half a second of silence is a time-out."""
        values = {"host": "127.0.0.1", "port": self.port, "tls": "none", "user": "office@example.test"}
        return ImapSettings.model_validate({**values, "connect_timeout": 0.5, "read_timeout": 0.5, **more})

    def place(self, uid: int) -> int:
        """The sequence number of that UID."""
        return sorted({*self.mails, uid}).index(uid) + 1

    def within(self, uids: str) -> list[int]:
        """The UIDs of a set that exist, ascending."""
        found: set[int] = set()
        for part in uids.split(","):
            low, _, high = part.partition(":")
            found |= {uid for uid in self.mails if int(low) <= uid <= int(high or low)}
        return sorted(found)

    def talk(self, connection: socket.socket) -> None:
        """Serve one client until it leaves."""
        talk = Talk(connection, self)
        with contextlib.suppress(OSError), connection:
            self._step(talk, "greeting", "", "")
            with connection.makefile("rb") as lines:
                for line in lines:
                    tag, _, words = line.decode("utf-8", "replace").strip().partition(" ")
                    self.heard.append(words)
                    name, _, rest = words.partition(" ")
                    if name.upper() == "UID":
                        name, _, rest = rest.partition(" ")
                    elif name.upper() == "FETCH":
                        name = "last"
                    if name.upper() == "FETCH":
                        name = "bodies" if "BODY" in rest else "listing"
                    self._step(talk, name if name.islower() else name.upper(), tag, rest)
                    if name.upper() == "LOGOUT":
                        return

    def _step(self, talk: Talk, name: str, tag: str, rest: str) -> None:
        steps: Mapping[str, Twist] = {
            "greeting": lambda talk, tag, rest: talk.say("* OK ready\r\n"),
            "CAPABILITY": lambda talk, tag, rest: talk.say(f"* CAPABILITY {self.capabilities}\r\n{tag} OK done\r\n"),
            "LIST": lambda talk, tag, rest: talk.say(f'* LIST () "/" INBOX\r\n{tag} OK done\r\n'),
            "SEARCH": self.search,
            "EXAMINE": self.examine,
            "last": self.last,
            "listing": self.listing,
            "bodies": self.bodies,
            "ID": self.identify,
            "LOGOUT": lambda talk, tag, rest: talk.say(f"* BYE\r\n{tag} OK done\r\n"),
        }
        honest = steps.get(name, lambda talk, tag, rest: talk.say(f"{tag} OK done\r\n"))
        self.twists.get(name, honest)(talk, tag, rest)

    def examine(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest EXAMINE."""
        uidnext = max(self.mails, default=0) + 1 if self.uidnext is None else self.uidnext
        talk.say(f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] ok\r\n")
        talk.say(f"* OK [UIDNEXT {uidnext}] ok\r\n{tag} OK [READ-ONLY] done\r\n")

    def identify(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest ID."""
        talk.identified = True
        talk.say(f"* ID NIL\r\n{tag} OK done\r\n")

    def last(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest FETCH of the last mail's UID."""
        place = int(re.findall(r"\d+", rest)[0])
        talk.say(f"* {place} FETCH (UID {sorted(self.mails)[place - 1]})\r\n{tag} OK done\r\n")

    def listing(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest list of UIDs, sizes and dates."""
        for uid in self.within(rest.split(" ")[0]):
            self.list_one(talk, uid)
        talk.say(f"{tag} OK done\r\n")

    def list_one(self, talk: Talk, uid: int, size: int | None = None) -> None:
        """One honest line of a list, or one with a wrong size."""
        size = len(self.mails[uid]) if size is None else size
        date = "20-Aug-2018 08:00:00 +0800"
        talk.say(f'* {self.place(uid)} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{date}")\r\n')

    def bodies(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest bodies."""
        for uid in self.within(rest.split(" ")[0]):
            talk.body(uid)
        talk.say(f"{tag} OK done\r\n")

    def search(self, talk: Talk, tag: str, rest: str) -> None:
        """The honest SEARCH UID low:high."""
        found = " ".join(map(str, self.within(rest.split(" ")[-1])))
        talk.say(f"* SEARCH {found}\r\n{tag} OK done\r\n")


@contextmanager
def scripted_imap(mails: dict[int, bytes], **more: object) -> Iterator[ScriptedImap]:
    """Serves that box on a free port of 127.0.0.1 until the block is left; see ScriptedImap for the rest."""
    server = ScriptedImap(mails, **more)  # type: ignore[arg-type]  # the fields of ScriptedImap by name
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=server.talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
