"""A real Dovecot of our own: IMAP (plain and TLS) and LMTP for several users, in a scratch folder."""

from __future__ import annotations

import imaplib
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import ImapSettings
from tests.servers.processes import free_ports, group_of, program, running, scratch

PACKAGES = "dovecot-imapd dovecot-lmtpd"
PASSWORD = "secret"
USER = "nobody"

CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
auth_username_format = %Lu
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
mail_fsync = never
mail_max_userip_connections = 200
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox 垃圾邮件 {{
    auto = create
  }}
}}
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = passwd-file
  args = {base}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server. Users are whole addresses, the password is the same for all."""

    base: Path
    imap: int
    imaps: int
    lmtp: int
    pid: int

    def settings(self, user: str, tls: str = "none", **more: object) -> ImapSettings:
        """Where and how to read that user's mail."""
        values = {"host": "127.0.0.1", "port": self.imaps if tls == "tls" else self.imap, "tls": tls, "user": user}
        return ImapSettings.model_validate({**values, "connect_timeout": 5, "read_timeout": 10, **more})

    def trust(self) -> ssl.SSLContext:
        """A TLS context that knows this server's certificate (issued for `localhost` and 127.0.0.1)."""
        return ssl.create_default_context(cafile=str(self.base / "cert.pem"))

    @contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A plain imaplib session of that user, for arranging and looking."""
        client = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        try:
            client.login(user, PASSWORD)
            yield client
        finally:
            client.logout()

    def append(self, user: str, mails: Sequence[bytes], folder: str = "INBOX", at: datetime | None = None) -> None:
        """Puts mails into a folder (modified UTF-7 name) with that INTERNALDATE."""
        with self.client(user) as client:
            for mail in mails:
                kind, words = client.append(folder, "", at, mail)  # type: ignore[arg-type]  # typeshed: None is allowed
                if kind != "OK":
                    raise RuntimeError(str(words))

    def fill(self, user: str, mails: Sequence[bytes]) -> None:
        """Puts many mails straight into the user's Maildir, oldest first: quick, for large boxes."""
        new = self.base / "mail" / user / "Maildir" / "cur"
        for folder in (new, new.parent / "new", new.parent / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        for at, mail in enumerate(mails):
            (new / f"{1_500_000_000 + at}.M{at:07d}.test,S={len(mail)}:2,").write_bytes(mail)
        subprocess.run(["chown", "-R", f"{USER}:{group_of(USER)}", str(self.base / "mail" / user)], check=True)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """All mails of a folder, as the server hands them out."""
        with self.client(user) as client:
            client.select(folder, readonly=True)
            _, fetched = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        return [one[1] for one in fetched if isinstance(one, tuple)]


@contextmanager
def dovecot(users: Sequence[str]) -> Iterator[Dovecot]:
    """Runs a Dovecot with these users (lower-case addresses); everything is gone when the block is left."""
    binary = program("dovecot", PACKAGES)
    with scratch("baosong-dovecot-") as base:
        imap, imaps, lmtp = free_ports(3)
        _certificate(base)
        group = group_of(USER)
        users_file = "".join(f"{user}:{{PLAIN}}{PASSWORD}::::{base}/mail/{user}::\n" for user in users)
        (base / "users").write_text(users_file)
        text = CONFIG.format(base=base, user=USER, group=group, imap=imap, imaps=imaps, lmtp=lmtp)
        (base / "dovecot.conf").write_text(text)
        subprocess.run(["chown", "-R", f"{USER}:{group}", str(base)], check=True)
        command = [binary, "-F", "-c", str(base / "dovecot.conf")]
        with running(command, base / "start.log", USER, imap, b"* OK") as pid:
            yield Dovecot(base, imap, imaps, lmtp, pid)


def _certificate(base: Path) -> None:
    subprocess.run(
        [
            *(program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(base / "key.pem"), "-out", str(base / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
