"""A home that holds something of everything a hand-over must cope with; made once, read by many tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from config.settings import ImapSettings
from intake.demo import make
from intake.rounds.answer import answer_one
from intake.rounds.corrections import correct
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.rounds.record import record_one
from intake.service import drain, open_office
from tests.servers.homes import CAMPAIGN, box, make_home

OFFICE = "office@office.example.test"
NOW = datetime(2018, 8, 16, 2, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1] / "samples"
COLUMNS = ("作品类别", "作品名称", "展示形式（图片、动漫、视频、H5、征文等）", "创作集体", "集体联系人及联系方式")
ROWS = (
    ("“改革开放青观察”图片作品", "海边的变迁", "图片", "示例港务站", "张示例 0000-1111111"),
    ("“品牌建设青之见”征文", "=1+1 的道理", "征文", "示例供电所", "李示例 0000-2222222"),
)
"""The second title is one that a spreadsheet would take for a formula."""


UPWARD = (
    "{step: forward, to: 团省委, by: 2018-08-31, most: 2, title: 全省成果推荐表,"
    " columns: [序号, 作品名称, 展示形式, 创作集体, 推荐单位, 备注],"
)
"""What the upper office asks."""


def photos(title: str, count: int = 4) -> dict[str, bytes]:
    """A set of pictures with its words."""
    found = {f"{title}/{n}.jpg": make.jpeg(1600, 1200, seed=n) for n in range(1, count + 1)}
    return {**found, f"{title}/说明.txt": make.text(120, title).encode("gb18030")}


def mails() -> dict[str, bytes]:
    """File name → bytes of a mail; WH2018-0001 and so on in the order of the names."""
    table = make.table_xlsx("“青年文明号”创建推荐成果汇总表", "环翠区", "2018年8月15日", COLUMNS, ROWS)
    essay = make.docx("=1+1 的道理", characters=900)
    return {
        "1.eml": _mail(1, "huancui@weihai.example.test", "环翠区报送青年文明号创建成果", {
            "青观察-海边的变迁.zip": make.zip_of(photos("海边的变迁")),
            "青之见征文-=1+1 的道理（实践案例）.docx": essay,
            "推荐成果汇总表.xlsx": table,
            "图文资料-增长50%.docx": make.docx("开放周活动图文资料", characters=400),
        }),
        "2.eml": _mail(2, "huancui@weihai.example.test", "环翠区报送“品牌建设青之见”征文", {
            "青之见征文-值守（实践案例）.docx": (SAMPLES / "documents/机密短文.docx").read_bytes(),
        }),
        "3.eml": _mail(3, "wendeng@weihai.example.test", "文登区报送图文资料", {
            "图文资料.docx": make.docx("误发的资料", characters=300),
        }),
        "4.eml": _mail(4, "wendeng@weihai.example.test", "文登区报送青年说宣传作品", {
            "新时代青年说-短视频：守望.mp4": make.sample("short.mp4"),
        }),
    }  # fmt: skip


def _mail(which: int, sender: str, subject: str, files: Mapping[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OFFICE, subject
    mail["Message-ID"] = f"<{which}@{sender.partition('@')[2]}>"
    mail["Date"] = "Wed, 15 Aug 2018 09:00:00 +0800"
    mail.set_content("现报送青年文明号创建成果，请查收。\n")
    for name, data in files.items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


@contextmanager
def held_home(folder: Path) -> Iterator[Office]:
    """The home, its office open: two letters sent, the third 件 discarded, all recorded."""
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user="x")
    home = make_home(folder / "home", {"weihai": box("WH", OFFICE, imap)})
    campaign = home / "campaigns" / f"{CAMPAIGN}.yaml"
    campaign.write_text(campaign.read_text("utf-8").replace("{step: forward, to: 团省委,", UPWARD), "utf-8")
    for name, data in mails().items():
        (folder / name).write_bytes(data)
    with open_office(home, lambda: NOW) as office:
        came = datetime(2018, 8, 15, 1, 0, tzinfo=UTC)
        import_paths(office, [folder / name for name in mails()], Order(CAMPAIGN, received=came, answer=True))
        drain(lambda: answer_one(office))
        for letter in office.ledger.letters.outbox():
            office.ledger.letters.outcome(letter.key, "sent", NOW, None)
        third = office.ledger.arrivals.submission("WH2018-0003")
        assert third is not None
        correct(office, third, lambda d: replace(d, discarded=True, answerable=False), "王示例", "误发")
        drain(lambda: record_one(office))
        yield office
