"""The test servers themselves: they end with the process that started them, even when it is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers import processes
from tests.servers.processes import NotInstalled, program

PROGRAM = """
import time
from tests.servers.dovecot import dovecot
from tests.servers.postfix import postfix
with dovecot(["a@example.test"]) as imap, postfix(imap.lmtp) as smtp:
    print(imap.pid, smtp.pid, imap.base, smtp.base, flush=True)
    time.sleep(60)
"""


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except OSError:
        return False


@pytest.mark.servers
def test_servers_end_when_the_tests_are_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    imap, smtp, *bases = child.stdout.readline().split()
    assert alive(int(imap)) and alive(int(smtp))
    child.kill()
    child.wait()
    child.stdout.close()
    end = time.monotonic() + 10
    while time.monotonic() < end and (alive(int(imap)) or alive(int(smtp))):
        time.sleep(0.05)
    assert not alive(int(imap))
    assert not alive(int(smtp))
    for base in bases:
        subprocess.run(["rm", "-rf", base], check=True)


def test_a_missing_server_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NotInstalled, match="apt-get install postfix"):
        program("master", "postfix")
