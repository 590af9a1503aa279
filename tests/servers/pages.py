"""The pages over a real office of two campaigns in which a handful of mails arrived, and people who may do different
things there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from archive.ledger.accounts import Account
from archive.web.app import create_app
from archive.web.gate import COOKIE
from config.home import init_home
from config.settings import ImapSettings, SmtpSettings
from intake.demo import make
from intake.rounds.answer import answer_one
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.running import rooms_of
from intake.service import open_office
from tests.servers.homes import QUICK, box

NOW = datetime(2018, 8, 20, 2, 0, tzinfo=UTC)
OURS, THEIRS = "weihai-2018", "bingtuan-2018"
"""The campaign most tests look at, and the other one."""
PEOPLE = (
    Account("admin", admin=True),
    Account("everywhere", roles={"": "review"}),
    Account("reviewer", roles={OURS: "review"}),
    Account("reader", roles={OURS: "read"}),
    Account("stranger", roles={THEIRS: "review"}),
)

HOSTILE_NAME = "坏</script><script>alert(1)</script><img src=x onerror=alert(1)>公司"
"""A unit of our campaign whose name tries everything."""

Attached = Sequence[tuple[str, bytes]]


@dataclass
class House:
    """An office with its pages, at a time that stands still until a test moves it."""

    office: Office
    now: list[datetime]
    folder: Path
    app: FastAPI = field(init=False)
    served: int = 0

    def __post_init__(self) -> None:
        self.app = create_app(rooms_of(self.office))

    def visitor(self, name: str | None = None, raising: bool = True) -> TestClient:
        """Somebody's browser; logged in without a password, None = nobody. It adds the CSRF word to nothing."""
        client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=raising)
        if name is not None:
            accounts, now = self.office.ledger.accounts, self.office.now()
            client.cookies.set(COOKIE, accounts.let_in("session", name, now, timedelta(hours=12)))
        return client

    def csrf(self, client: TestClient) -> str:
        """The word that a form of this visitor carries."""
        found = self.office.ledger.accounts.visit("session", client.cookies[COOKIE], self.office.now())
        assert found is not None
        return found.csrf

    def post(self, client: TestClient, path: str, **fields: str) -> tuple[int, str]:
        """Send a form as the page would; status, and the page that is shown in the end."""
        answer = client.post(path, data={"csrf": self.csrf(client), **fields})
        if answer.status_code == 303:
            shown = client.get(answer.headers["location"])
            return shown.status_code, shown.text
        return answer.status_code, answer.text

    def arrive(
        self, sender: str, subject: str, text: str = "请查收。", files: Attached = (), *, html: str = "",
        campaign: str = OURS, unit: str | None = None,
    ) -> str:  # fmt: skip
        """A mail comes; its number."""
        self.served += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, "office@office.example.test", subject
        mail["Message-ID"], mail["Date"] = f"<{self.served}@u.example.test>", "Mon, 20 Aug 2018 09:00:00 +0800"
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        for name, data in files:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        return self.arrive_as(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")), campaign, unit)

    def arrive_as(self, data: bytes, campaign: str = OURS, unit: str | None = None) -> str:
        """A mail comes as these bytes; its number."""
        path = self.folder / f"{len(list(self.folder.glob('*.eml')))}.eml"
        path.write_bytes(data)
        (filed,) = import_paths(self.office, [path], Order(campaign, unit, answer=True))
        self.answer()
        assert filed.number is not None
        return filed.number

    def answer(self) -> None:
        """What is due is answered."""
        while answer_one(self.office):
            pass


def routes(app: FastAPI, method: str) -> list[str]:
    """The path of every route that takes the method, with `{…}` filled in where that needs no thought."""
    return sorted(one.path for one in _flat(app.routes) if method in (one.methods or ()))


def _flat(found: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    for one in found:
        inner = getattr(one, "original_router", one)
        if isinstance(one, APIRoute):
            yield one
        elif hasattr(inner, "routes"):
            yield from _flat(inner.routes)
        else:
            raise AssertionError(f"a route the tests do not know: {one!r}")


@contextmanager
def a_house(folder: Path) -> Iterator[House]:
    """Built below `folder`: five mails for our campaign, one for the other, and everybody of PEOPLE."""
    home = _home(folder / "home")
    now = [NOW]
    with open_office(home, lambda: now[0]) as office:
        for one in PEOPLE:
            office.ledger.accounts.put(one, NOW, "test")
        house = House(office, now, folder)
        photo = make.jpeg(800, 600)
        weihai = "weihai.example.test"
        house.arrive(f"huancui@{weihai}", "环翠区开放周活动图文资料", "开放周活动图文资料。", [("活动.jpg", photo)])
        house.arrive("someone@other.example.test", "环翠区、文登区青年文明号材料",
                     "现报送环翠区和文登区开放周活动图文资料。", [("开放周活动.jpg", photo + b"1")])  # fmt: skip
        house.arrive(f"wendeng@{weihai}", "材料", "见附件", [("文件.jpg", photo + b"2"), ("x.txt", "材料".encode())])
        house.arrive("s01@bingtuan.example.test", "机密之师", "第一师只给兵团看的话", [("一师.jpg", photo + b"3")],
                     campaign=THEIRS)  # fmt: skip
        house.arrive("unknown@other.example.test", "看不出来的师", "第一师、第二师的材料", [("二师.txt", b"x")],
                     campaign=THEIRS)  # fmt: skip
        yield house


def _home(home: Path) -> Path:
    init_home(home)
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user="office")
    smtp = SmtpSettings(host="127.0.0.1", port=1, tls="none", user="office")
    boxes = {
        "weihai": box("WH", "office@office.example.test", imap, smtp),
        "bingtuan": box("BT", "bingtuan@office.example.test", imap, smtp),
    }
    settings = {
        "campaigns": [OURS, THEIRS],
        "mailboxes": boxes,
        "answers": dict(QUICK),
        "web": {"public_url": "https://baosong.example.test"},
        "limits": {"disk_free": 0},
    }
    (home / "settings.yaml").write_text(json.dumps(settings, ensure_ascii=False))
    for file in (home / "campaigns").iterdir():
        if file.stem in (OURS, THEIRS):
            file.write_text(file.read_text("utf-8").replace("status: example\n", "status: open\n"), "utf-8")
        else:
            file.unlink()
    with (home / "rosters" / f"{OURS}.csv").open("a", encoding="utf-8") as roster:
        roster.write(f'WH99,"{HOSTILE_NAME}",,直属,,hostile@weihai.example.test,"{HOSTILE_NAME}",,你单位,\n')
    (home / "password").write_text("x\n")
    (home / "password").chmod(0o600)
    return home
