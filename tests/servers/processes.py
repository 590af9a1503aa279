"""Starts a server as a child that dies with us, waits until it speaks, and ends it by its own process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class NotInstalled(Exception):
    """A program of Debian is missing; the sentence names the packages to install."""


def program(name: str, packages: str) -> str:
    """The program's path; NotInstalled names the Debian packages that bring it."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/postfix/sbin")
    if found is None:
        raise NotInstalled(
            f"These tests need Debian's real mail servers: apt-get install {packages} ({name} is missing)."
        )
    return found


def free_ports(count: int) -> list[int]:
    """TCP ports of 127.0.0.1 nobody listens on at this moment."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A folder the servers' users may enter (pytest's own folders are for root alone); removed afterwards."""
    base = Path(tempfile.mkdtemp(prefix=prefix))
    base.chmod(0o755)
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def running(command: Sequence[str], log: Path, user: str | None, port: int, banner: bytes) -> Iterator[int]:
    """Runs the command until the block is left; ready once the port says a line that begins with the banner.

    The kernel ends it (SIGTERM) should this process be killed. Yields its process id.
    """
    wrapped = [program("setpriv", "util-linux"), "--pdeathsig", "TERM"]
    if user is not None and os.geteuid() == 0:
        wrapped += ["--reuid", user, "--regid", group_of(user), "--clear-groups"]
    with log.open("ab") as out:
        child = subprocess.Popen([*wrapped, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        _wait(child, port, banner, log)
        yield child.pid
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(10)


def group_of(user: str) -> str:
    """The user's first group, by name."""
    return subprocess.run(["id", "-gn", user], check=True, capture_output=True, text=True).stdout.strip()


def _wait(child: subprocess.Popen[bytes], port: int, banner: bytes, log: Path) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end and child.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
                if probe.recv(100).startswith(banner):
                    return
        except OSError:
            pass
        time.sleep(0.03)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
