"""Long documents are searched to their end, though record.json keeps the beginning alone; the index is made anew."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from archive.grams import fold
from archive.ledger.search import Asked
from config.home import init_home
from intake.demo import make
from intake.rounds.importing import Order, import_paths
from intake.rounds.indexing import reindex
from intake.rounds.office import Office
from intake.service import open_office

NOW = datetime(2018, 8, 6, 2, tzinfo=UTC)
LONG = "开展青年文明号活动。" * 700
END = "到此全文结束乙丙丁"


def found(office: Office, word: str) -> list[tuple[str, str]]:
    return [(hit.number, hit.path) for hit in office.ledger.search.find(Asked((fold(word),)))]


def test_the_end_of_a_long_text_is_found_in_mails_in_archives_and_on_discs(tmp_path: Path) -> None:
    home, disc = tmp_path / "home", tmp_path / "disc"
    init_home(home)
    disc.mkdir()
    (disc / "总结.txt").write_text(f"总结\n{LONG}{END}", "utf-8")
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@huancui.example.test", "环翠区报送青年文明号创建成果"
    mail.set_content("现报送总结。")
    packed = make.zip_of({"长篇总结.txt": f"长篇\n{LONG}{END}".encode()})
    mail.add_attachment(packed, maintype="application", subtype="zip", filename="材料.zip")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    with open_office(home, lambda: NOW) as office:
        (handed,) = import_paths(office, [disc], Order("weihai-2018", "WH01", NOW, "disc", who="王"))
        (mailed,) = import_paths(office, [tmp_path / "a.eml"], Order("weihai-2018", "WH01", NOW))
        wanted = {(handed.number, "1/总结.txt"), (mailed.number, "2/长篇总结.txt")}
        assert set(found(office, END)) == wanted
        for number in (handed.number, mailed.number):
            place = office.ledger.arrivals.place(str(number))
            assert place is not None
            record = office.vault.read_record(place.mailbox, place.year, place.number)
            texts = [piece["facts"]["text"] for piece in record["submission"]["pieces"]]
            assert max(map(len, texts)) == 4000 and not any(END in text for text in texts)
        assert reindex(office) == 2
        assert set(found(office, END)) == wanted and office.ledger.search.is_whole()
        assert not list(office.spool.glob(".index-*"))
