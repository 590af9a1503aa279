"""The demo's home folder: what `init` makes, with loopback servers in its settings and four campaigns that are open."""

from __future__ import annotations

import re
from pathlib import Path

from config.home import init_home
from intake.demo.season import CODES, SEASONS
from intake.demo.servers import HOST

PASSWORD = "demo"
PASSWORD_FILE = "demo-password"


def address(mailbox: str) -> str:
    """The address of a demo mailbox."""
    return f"baosong@{mailbox}.example.test"


def furnish(home: Path, imap: int, smtp: int) -> None:
    """Make the home, or set the ports of one the demo made before. OSError when it cannot be written."""
    init_home(home)
    secret = home / PASSWORD_FILE
    secret.write_text(PASSWORD + "\n", "utf-8")
    secret.chmod(0o600)
    boxes = "".join(_mailbox(name, code, imap, smtp) for name, code in CODES.items())
    played = ", ".join(season.campaign for season in SEASONS)
    settings = f"mailboxes:\n{boxes}campaigns: [{played}]\nanswers:\n  sending: true\nworkers: 1\n"
    (home / "settings.yaml").write_text(settings, "utf-8")
    for season in SEASONS:
        _open(home / "campaigns" / f"{season.campaign}.yaml")


def _mailbox(name: str, code: str, imap: int, smtp: int) -> str:
    return f"""  {name}:
    code: {code}
    address: {address(name)}
    imap: {{host: {HOST}, port: {imap}, tls: none, user: {name}, password: "file:{PASSWORD_FILE}"}}
    smtp: {{host: {HOST}, port: {smtp}, tls: none}}
"""


def _open(path: Path) -> None:
    """Switch an example campaign on: open, letters leave by themselves, overdue letters too, somebody to call."""
    text = path.read_text("utf-8")
    for was, now in (("status: example", "status: open"), ("mode: cautious", "mode: normal")):
        text = text.replace(was, now, 1)
    text = re.sub(r"（请填写联系人）", "刘示例", text)
    text = re.sub(r"（请填写电话）", "010-0000000", text)
    if not re.search(r"^late:", text, re.MULTILINE):
        text += "\nlate: {policy: mark, overdue_letters: true}\n"
    path.write_text(text, "utf-8")
