"""`baosong run` as a real process: it starts, collects, answers, delivers, and ends when told."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

import httpx2
import pytest

from archive.ledger import Ledger
from tests.servers.dovecot import dovecot
from tests.servers.homes import CAMPAIGN, box, make_home
from tests.servers.mails import unit_mail
from tests.servers.scripted_imap import Talk, scripted_imap
from tests.servers.scripted_smtp import scripted_smtp

pytestmark = pytest.mark.servers
PROJECT = Path(__file__).parents[2]
OFFICE = "office@office.example.test"


def start(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "intake.cli", "--home", str(home), "run"]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until_it_runs(service: subprocess.Popen[str]) -> None:
    assert service.stdout is not None
    assert "服务已启动" in service.stdout.readline()


def ended(service: subprocess.Popen[str]) -> tuple[int, float, str]:
    """SIGTERM; exit code, seconds it took, what it said on standard error."""
    begun = time.monotonic()
    service.send_signal(signal.SIGTERM)
    _, errors = service.communicate(timeout=20)
    return service.returncode, time.monotonic() - begun, errors


def test_the_service_collects_answers_and_delivers_and_ends_when_told(tmp_path: Path) -> None:
    with dovecot([OFFICE]) as server, scripted_smtp() as smtp:
        mailbox = box("WH", OFFICE, server.settings(OFFICE), smtp.settings(timeout=5))
        home = make_home(tmp_path / "home", {"weihai": mailbox})
        service = start(home)
        try:
            wait_until_it_runs(service)
            second = subprocess.run(
                [sys.executable, "-m", "intake.cli", "--home", str(home), "run"],
                cwd=PROJECT, capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            assert second.returncode == 1
            assert "已在运行" in second.stderr and "Traceback" not in second.stderr
            server.append(OFFICE, [unit_mail(1, "WH01", OFFICE)])
            end = time.monotonic() + 60
            while not smtp.letters and time.monotonic() < end:
                time.sleep(0.2)
            (letter,) = smtp.letters
            code, seconds, errors = ended(service)
        finally:
            service.kill()
        assert (code, seconds < 10) == (0, True), errors
        assert "Traceback" not in errors
        message = message_from_bytes(letter, policy=policy.default)
        assert (message["To"], message["Auto-Submitted"]) == ("huancui@weihai.example.test", "auto-replied")
        ledger = Ledger(home / "ledger.db")
        assert [one.state for one in ledger.letters.outbox()] == ["sent"]
        ledger.close()


def test_a_service_whose_server_says_nothing_still_ends_within_ten_seconds(tmp_path: Path) -> None:
    mails = {1: unit_mail(1, "WH01", OFFICE)}
    with scripted_imap(mails, twists={"bodies": lambda talk, tag, rest: Talk.hang(talk)}) as imap:
        mailbox = box("WH", OFFICE, imap.settings(read_timeout=60))
        service = start(make_home(tmp_path / "home", {"weihai": mailbox}))
        try:
            wait_until_it_runs(service)
            end = time.monotonic() + 20
            while not any("BODY" in line for line in imap.heard) and time.monotonic() < end:
                time.sleep(0.1)
            assert any("BODY" in line for line in imap.heard)
            code, seconds, errors = ended(service)
        finally:
            service.kill()
        assert (code, seconds < 10) == (0, True), errors


def test_the_pages_run_with_the_service_and_go_on_by_files_that_changed(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", {})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = json.loads((home / "settings.yaml").read_text())
    (home / "settings.yaml").write_text(json.dumps(settings | {"web": {"port": port}}))
    service = start(home)
    try:
        wait_until_it_runs(service)
        assert service.stdout is not None
        link = service.stdout.readline().strip().removeprefix("网页：")
        assert link.startswith(f"http://127.0.0.1:{port}/invitation/")
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as browser:
            password = {"password": "correct horse battery", "again": "correct horse battery"}
            assert "总览" in browser.post(link.partition(str(port))[2], data=password).text
            assert browser.get("/health").status_code in (200, 503)
            campaign = home / "campaigns" / f"{CAMPAIGN}.yaml"
            campaign.write_text(campaign.read_text("utf-8").replace("title: 关于做好", "title: 关于继续做好"), "utf-8")
            end = time.monotonic() + 45
            while "关于继续做好" not in browser.get("/").text and time.monotonic() < end:
                time.sleep(0.5)
            assert "关于继续做好" in browser.get("/").text
    finally:
        code, _, errors = ended(service)
    assert code == 0 and "Traceback" not in errors
