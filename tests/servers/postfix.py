"""A real Postfix of our own on loopback: takes mail by SMTP and hands it to Dovecot by LMTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import SmtpSettings
from tests.servers.processes import free_ports, program, running, scratch

DOMAINS = ("office.example.test", "unit.example.test", "example.test")

MAIN = """
compatibility_level = 3.6
maillog_file = {base}/maillog
maillog_file_prefixes = {base}
queue_directory = {base}/spool
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.test
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = {domains}
virtual_mailbox_maps =
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
local_recipient_maps =
alias_maps =
alias_database =
biff = no
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
disable_dns_lookups = yes
disable_vrfy_command = yes
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
"""

WATCH = """trap 'kill -TERM $child; wait $child' TERM; "$@" & child=$!; wait $child"""
"""Postfix changes its user at start, which makes the kernel forget whom to tell of our death; the shell knows."""


@dataclass(frozen=True)
class Postfix:
    """A running server on 127.0.0.1."""

    base: Path
    port: int
    pid: int

    def settings(self, **more: object) -> SmtpSettings:
        """Where letters leave: no TLS and no login, on this machine only."""
        values = {"host": "127.0.0.1", "port": self.port, "tls": "none", "timeout": 10}
        return SmtpSettings.model_validate({**values, **more})


@contextmanager
def postfix(
    lmtp: int, domains: Sequence[str] = DOMAINS, unknown: Sequence[str] = (), policy: int | None = None
) -> Iterator[Postfix]:
    """Runs a Postfix whose mail for these domains goes to the LMTP port; other domains are refused (554).

    unknown: addresses it refuses at once (550), as a server does that knows its users. policy: port of a policy service
    that is asked about each recipient.
    """
    master = program("master", "postfix")
    with scratch("baosong-postfix-") as base:
        (port,) = free_ports(1)
        etc = base / "etc"
        etc.mkdir()
        (etc / "main.cf").write_text(
            MAIN.format(base=base, lmtp=lmtp, domains=" ".join(domains)) + _refusing(unknown, policy)
        )
        (etc / "master.cf").write_text(MASTER.format(port=port))
        _queue(base)
        os.utime(etc / "main.cf", (0, 0))  # Postfix waits until a file that was just written has settled
        few = [program("prlimit", "util-linux"), "--nofile=1024:1024"]  # Postfix closes every possible file at start
        command = ["sh", "-c", WATCH, "sh", *few, master, "-c", str(etc), "-s"]
        with running(command, base / "master.log", None, port, b"220"):
            yield Postfix(base, port, int((base / "spool/pid/master.pid").read_text()))


def _refusing(unknown: Sequence[str], policy: int | None) -> str:
    asked = []
    if unknown:
        table = ", ".join(f"{{{address} = 550 5.1.1 User unknown}}" for address in unknown)
        asked.append(f"check_recipient_access inline:{{{table}}}")
    if policy is not None:
        asked.append(f"check_policy_service inet:127.0.0.1:{policy}")
    return f"smtpd_recipient_restrictions = {', '.join(asked)}\n" if asked else ""


def _queue(base: Path) -> None:
    """The folders `postfix check` would make (which takes two seconds)."""
    own = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
    for name, owner, mode in [
        *((f"spool/{name}", "postfix:postfix", 0o700) for name in own),
        ("spool/maildrop", "postfix:postdrop", 0o730),
        ("spool/public", "postfix:postdrop", 0o710),
        ("spool/pid", "root:root", 0o755),
        ("data", "postfix:postfix", 0o700),
    ]:
        (base / name).mkdir(parents=True)
        (base / name).chmod(mode)
        user, group = owner.split(":")
        shutil.chown(base / name, user, group)
