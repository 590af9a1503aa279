"""An office's home folder for tests: the Weihai campaign open, mailboxes on servers of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.home import init_home
from config.settings import ImapSettings, SmtpSettings
from tests.servers.dovecot import PASSWORD

CAMPAIGN = "weihai-2018"
QUICK: Mapping[str, Any] = {
    "sending": True,
    "window_minutes": 0,
    "window_max_minutes": 0,
    "announced_minutes": 0,
    "queue_minutes": 0,
    "per_hour": 100_000,
    "per_day": 100_000,
    "per_address_hour": 100_000,
    "per_address_day": 100_000,
    "rule_guard_units": 1000,
}
"""Answers at once and without bounds, so that a test sees every letter."""


def box(
    code: str, address: str, imap: ImapSettings, smtp: SmtpSettings | None = None, **more: object
) -> dict[str, object]:
    """One mailbox of the settings; its password lies in the home."""
    read = {**imap.model_dump(), "password": "file:password"}
    sent = {"smtp": {**smtp.model_dump(), "password": "file:password"}} if smtp else {}
    return {"code": code, "address": address, "imap": read, **sent, "poll": 1, **more}


def make_home(
    home: Path,
    mailboxes: Mapping[str, object],
    *,
    status: str = "open",
    mode: str = "normal",
    answers: Mapping[str, object] = QUICK,
    limits: Mapping[str, object] | None = None,
    password: str = PASSWORD,
) -> Path:
    """A home whose only campaign is weihai-2018, read from all these mailboxes."""
    init_home(home)
    settings = {
        "campaigns": [CAMPAIGN],
        "mailboxes": dict(mailboxes),
        "answers": dict(answers),
        "limits": {"disk_free": 0, **(limits or {})},
        "web": {"port": 0},
    }
    (home / "settings.yaml").write_text(json.dumps(settings, ensure_ascii=False))  # JSON is YAML
    for other in (home / "campaigns").iterdir():
        if other.stem != CAMPAIGN:
            other.unlink()
    campaign = home / "campaigns" / f"{CAMPAIGN}.yaml"
    text = campaign.read_text("utf-8")
    for old, new in (
        ("status: example\n", f"status: {status}\n"),
        ("mode: cautious\n", f"mode: {mode}\n"),
        ("mailboxes: [weihai]\n", f"mailboxes: [{', '.join(mailboxes)}]\n"),
    ):
        if old not in text:
            raise ValueError(f"the shipped campaign has no {old!r}")
        text = text.replace(old, new)
    campaign.write_text(text, "utf-8")
    secret = home / "password"
    secret.write_text(password + "\n")
    secret.chmod(0o600)
    return home
