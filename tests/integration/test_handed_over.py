"""Materials that come by disc or by hand: filed, measured and counted like those of a mail, and found again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from archive.checklist import checklist
from archive.verify import verify
from config.home import init_home
from intake.demo import make
from intake.rounds.importing import Order, import_paths
from intake.service import open_office
from tests.unit.archive.vaults import complaints

NOW = datetime(2018, 7, 17, 2, 0, tzinfo=UTC)
ORDER = Order("bingtuan-2018", "BT02", NOW, "disc", who="王")


def _disc(folder: Path) -> Path:
    pictures = folder / "“改革开放青观察”图片作品《军垦老街》"
    pictures.mkdir(parents=True)
    for number in range(1, 5):
        (pictures / f"{number}.jpg").write_bytes(make.jpeg(seed=number))
    (pictures / "作品说明.docx").write_bytes(make.docx("作品说明", characters=120))
    (folder / "“新时代青年说”短视频《戈壁新城》.mp4").write_bytes(make.sample("short.mp4"))
    essay = {"“品牌建设青之见”征文-实践案例《一盏灯》.docx": make.docx("一盏灯", characters=1500)}
    (folder / "征文.zip").write_bytes(make.zip_of(essay))
    (folder / "Thumbs.db").write_bytes(b"x")
    return folder


def test_a_disc_becomes_one_numbered_object_whose_files_count_for_its_unit(tmp_path: Path) -> None:
    home, disc = tmp_path / "home", _disc(tmp_path / "disc")
    init_home(home)
    with open_office(home, lambda: NOW) as office:
        (filed,) = import_paths(office, [disc], ORDER)
        assert (filed.state, filed.number) == ("archived", "QT2018-0001")
        submission = office.ledger.arrivals.submission("QT2018-0001")
        assert submission is not None
        assert submission.understood
        assert (submission.channel, len(submission.pieces)) == ("disc", 8)
        sums = {hashlib.sha256(p.read_bytes()).hexdigest() for p in disc.rglob("*") if p.is_file()}
        assert {piece.sha256 for piece in submission.pieces if piece.within is None} < sums
        manifest = office.vault.content_path("disc", 2018, "QT2018-0001", "manifest.txt").read_bytes()
        assert hashlib.sha256(manifest).hexdigest() == submission.sha256
        assert manifest.count(b"\n") == 7
        campaign, roster = office.config.campaigns["bingtuan-2018"], office.config.rosters["bingtuan-2018"]
        held = office.ledger.decisions.holdings("bingtuan-2018", "BT02")["BT02"]
        listed = checklist(campaign, roster.unit("BT02"), held, NOW)
        assert {item.item: item.have for item in listed.items if item.have} == {"photo": 1, "promo": 1, "essay": 1}
        assert not [
            finding.code for item in listed.items for finding in item.findings if finding.code == "wrong-channel"
        ]
        assert list(verify(office.vault)) == []
        assert complaints(office.vault) == []


def test_the_same_disc_again_is_the_same_number(tmp_path: Path) -> None:
    home, disc = tmp_path / "home", _disc(tmp_path / "disc")
    init_home(home)
    with open_office(home, lambda: NOW) as office:
        import_paths(office, [disc], ORDER)
        (again,) = import_paths(office, [disc], ORDER)
        assert (again.state, again.number) == ("duplicate", "QT2018-0001")
        assert list(verify(office.vault)) == []
