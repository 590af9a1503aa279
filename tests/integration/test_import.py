"""Import: mails in files, mboxes, Maildirs and folders, and materials handed over without any mail."""

from __future__ import annotations

import hashlib
import json
import mailbox
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import ocfl
import pytest

from archive.checklist import checklist
from archive.records import Submission
from archive.vault import Vault
from archive.verify import verify
from config.settings import ImapSettings, LimitSettings
from intake.demo import make
from intake.rounds.answer import answer_one
from intake.rounds.filing import Filed
from intake.rounds.importing import ImportBusy, Order, import_paths
from intake.rounds.office import Office
from intake.rounds.record import record_one
from intake.service import clock, drain, open_office
from intake.worker import Worker
from tests.servers.homes import CAMPAIGN, box, make_home
from tests.servers.mails import PICTURE, unit_mail

PROJECT = Path(__file__).parents[2]
OFFICE = "office@office.example.test"
YEAR = clock().year


@pytest.fixture
def home(tmp_path: Path) -> Path:
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user="x")
    return make_home(tmp_path / "home", {"weihai": box("WH", OFFICE, imap)})


@pytest.fixture
def opened(home: Path) -> Iterator[Office]:
    with open_office(home) as office:
        yield office


def put_in(opened: Office, paths: Sequence[Path], **more: object) -> list[Filed]:
    return import_paths(opened, paths, Order(CAMPAIGN, who="王示例", **more))  # type: ignore[arg-type]  # its fields


def submissions(opened: Office) -> list[Submission]:
    found = [opened.ledger.arrivals.submission(number) for number in opened.ledger.arrivals.numbers()]
    return [one for one in found if one is not None]


def kept(opened: Office, number: str, name: str = "message.eml") -> bytes:
    place = opened.ledger.arrivals.place(number)
    assert place is not None
    return opened.vault.content_path(place.mailbox, place.year, number, name).read_bytes()


def whole(opened: Office) -> bool:
    root = opened.home / "archive"
    valid = ocfl.StorageRoot(root=str(root)).validate(validate_objects=True, log_warnings=False, log_errors=True)
    return bool(valid) and list(verify(Vault(root))) == []


def test_the_same_mail_by_every_way_is_one_number_with_its_sightings(opened: Office, tmp_path: Path) -> None:
    mail = unit_mail(1, "WH01", OFFICE).replace(b"\r\n", b"\n")
    other = unit_mail(2, "WH02", OFFICE).replace(b"\r\n", b"\n")
    (tmp_path / "one.eml").write_bytes(mail)
    folder = tmp_path / "folder/inner"
    folder.mkdir(parents=True)
    (folder / "again.EML").write_bytes(mail)
    (folder / "note.txt").write_text("no mail")
    maildir = mailbox.Maildir(tmp_path / "maildir")
    maildir.add(mail)
    maildir.add(other)
    box_ = mailbox.mbox(tmp_path / "all.mbox")
    box_.add(mail)
    box_.close()
    ways = [tmp_path / name for name in ("one.eml", "folder", "maildir", "all.mbox")]
    filed = [put_in(opened, [way]) for way in ways]
    assert [[one.state for one in some] for some in filed][:2] == [["archived"], ["duplicate"]]
    assert sorted(one.state for one in filed[2]) == ["archived", "duplicate"]
    assert [one.state for one in filed[3]] == ["duplicate"]
    assert opened.ledger.arrivals.numbers() == [f"WH{YEAR}-0001", f"WH{YEAR}-0002"]
    assert kept(opened, f"WH{YEAR}-0001") == mail
    sightings = opened.ledger.arrivals.sightings(f"WH{YEAR}-0001")
    assert next(seen["path"].rpartition("/")[2] for seen in sightings if "cur" not in seen["path"]) == "again.EML"
    assert len(sightings) == 3
    assert whole(opened)


def test_an_mbox_gives_lines_that_begin_with_from_as_they_were_sent(opened: Office, tmp_path: Path) -> None:
    mail = unit_mail(1, "WH01", OFFICE).replace(b"\r\n", b"\n")
    plain = b"From: huancui@weihai.example.test\nSubject: =?utf-8?b?5Zu+5paH6LWE5paZ?=\n\nFrom here\n>From there\n"
    path = tmp_path / "two.mbox"
    envelope = b"From clerk Mon Aug 20 09:00:00 2018\n"
    path.write_bytes(
        envelope + mail + b"\n" + envelope + plain.replace(b"\n>F", b"\n>>F").replace(b"\nFrom h", b"\n>From h")
    )
    filed = put_in(opened, [path], unit="WH01")
    assert [one.state for one in filed] == ["archived", "archived"]
    assert [kept(opened, str(one.number)) for one in filed] == [mail, plain]


def test_an_import_tells_when_it_came_and_answers_only_when_asked(opened: Office, tmp_path: Path) -> None:
    for which in (1, 2):
        (tmp_path / f"{which}.eml").write_bytes(unit_mail(which, "WH01", OFFICE))
    came = datetime(2018, 8, 20, 1, 30, tzinfo=UTC)
    put_in(opened, [tmp_path / "1.eml"], received=came)
    assert drain(lambda: answer_one(opened)) == 0
    put_in(opened, [tmp_path / "2.eml"], received=came, answer=True)
    assert drain(lambda: answer_one(opened)) == 1
    assert [one.received for one in submissions(opened)] == [came, came]
    assert [one.numbers for one in opened.ledger.letters.outbox()] == [("WH2018-0002",)]


def test_the_command_imports_and_tells_it_as_json(home: Path, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(unit_mail(1, "WH01", OFFICE))
    disc = disc_of(tmp_path)
    program = [sys.executable, "-m", "intake.cli", "--home", str(home)]
    command = [*program, "import", "--campaign", CAMPAIGN, "--received", "2018-08-15T09:30", "--json"]
    mail = subprocess.run([*command, str(tmp_path / "1.eml")], cwd=PROJECT, capture_output=True, text=True)
    handed = subprocess.run(
        [*command, "--unit", "WH02", "--channel", "disc", str(disc)], cwd=PROJECT, capture_output=True, text=True
    )
    assert (mail.returncode, handed.returncode) == (0, 0), mail.stderr + handed.stderr
    first, second = json.loads(mail.stdout), json.loads(handed.stdout)
    assert (first["number"], first["unit"], first["channel"]) == ("WH2018-0001", "WH01", "mail")
    assert (second["number"], second["unit"], second["channel"]) == ("QT2018-0001", "WH02", "disc")
    shown = subprocess.run([*program, "show", second["number"]], cwd=PROJECT, capture_output=True, text=True)
    assert shown.returncode == 0 and "manifest.txt" in shown.stdout


def disc_of(base: Path) -> Path:
    disc = base / "光盘"
    (disc / "改革开放青观察图片作品").mkdir(parents=True)
    for which in range(4):
        (disc / "改革开放青观察图片作品" / f"巨变{which}.jpg").write_bytes(make.jpeg(1600, 1200, seed=which))
    (disc / "改革开放青观察图片作品" / "说明.docx").write_bytes(make.docx("巨变", characters=150))
    (disc / "图文资料.zip").write_bytes(make.zip_of({"开放周/现场.jpg": PICTURE}))
    (disc / "Thumbs.db").write_bytes(b"x")
    return disc


def test_a_disc_is_one_submission_whose_files_are_measured_unpacked_and_counted(opened: Office, tmp_path: Path) -> None:
    disc = disc_of(tmp_path)
    (filed,) = put_in(opened, [disc], unit="WH02", channel="disc")
    assert (filed.state, filed.number) == ("archived", f"QT{YEAR}-0001")
    (one,) = submissions(opened)
    decision = opened.ledger.decisions.current(one.number)
    assert decision is not None
    assert (decision.role, decision.campaign, decision.unit) == ("submission", CAMPAIGN, "WH02")
    assert (one.channel, one.understood, decision.answerable) == ("disc", True, False)
    items = {piece.path: choice.item for piece in one.pieces if (choice := decision.piece(piece.path))}
    folder = "1/改革开放青观察图片作品"
    assert [items[f"{folder}/巨变{which}.jpg"] for which in range(4)] == ["photo"] * 4
    assert items["1/图文资料.zip/开放周/现场.jpg"] == "materials"
    assert "1/Thumbs.db" not in items
    assert next(piece for piece in one.pieces if piece.path == f"{folder}/巨变0.jpg").facts.width == 1600

    manifest = kept(opened, one.number, "manifest.txt")
    assert hashlib.sha256(manifest).hexdigest() == one.sha256
    content = opened.vault.content_path("disc", YEAR, one.number, "manifest.txt").parent
    assert subprocess.run(["sha256sum", "--quiet", "-c", "manifest.txt"], cwd=content).returncode == 0
    assert len(manifest.splitlines()) == 6
    assert kept(opened, one.number, "files/图文资料.zip") == (disc / "图文资料.zip").read_bytes()
    assert whole(opened)

    campaign, roster = opened.config.campaigns[CAMPAIGN], opened.config.rosters[CAMPAIGN]
    held = opened.ledger.decisions.holdings(CAMPAIGN, "WH02")["WH02"]
    listed = {item.item: item.have for item in checklist(campaign, roster.unit("WH02"), held, clock()).items}
    assert (listed["photo"], listed["materials"] > 0) == (1, True)
    drain(lambda: record_one(opened))
    assert whole(opened)


def test_the_same_disc_again_is_a_second_sighting_and_an_empty_one_is_nothing(opened: Office, tmp_path: Path) -> None:
    disc = disc_of(tmp_path)
    for path in disc.rglob("*"):
        os.utime(path, (0, 0))
    (tmp_path / "empty").mkdir()
    states = [
        [one.state for one in put_in(opened, [path], unit="WH02", channel="hand")]
        for path in (disc, disc, tmp_path / "empty")
    ]
    assert states == [["archived"], ["duplicate"], []]


def test_one_file_handed_over_is_a_submission_too(opened: Office, tmp_path: Path) -> None:
    (tmp_path / "品牌建设青之见征文.docx").write_bytes(make.docx("青之见", characters=1500))
    (filed,) = put_in(opened, [tmp_path / "品牌建设青之见征文.docx"], unit="WH03", channel="upload")
    (one,) = submissions(opened)
    decision = opened.ledger.decisions.current(str(filed.number))
    assert decision is not None
    assert [(piece.name, piece.facts.type) for piece in one.pieces] == [("品牌建设青之见征文.docx", "docx")]
    assert [piece.item for piece in decision.pieces] == ["essay"]


def test_files_whose_names_clash_on_windows_are_all_kept(opened: Office, tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    for folder in ("A", "a"):
        (disc / folder).mkdir(parents=True)
        (disc / folder / "1.txt").write_text(folder)
        (disc / folder / "1.TXT").write_text(folder * 2)
    (filed,) = put_in(opened, [disc], unit="WH02", channel="disc")
    (one,) = submissions(opened)
    assert len({piece.stored.casefold() for piece in one.pieces}) == 4
    assert sorted(kept(opened, str(filed.number), piece.stored) for piece in one.pieces) == [b"A", b"AA", b"a", b"aa"]


def test_materials_that_kill_their_worker_are_kept_whole(opened: Office, tmp_path: Path) -> None:
    class Dying(Worker):
        program = "import os; os._exit(3)"

    disc = disc_of(tmp_path)
    with Dying(LimitSettings()) as worker:
        object.__setattr__(opened, "worker", worker)
        (filed,) = put_in(opened, [disc], unit="WH02", channel="disc")
    (one,) = submissions(opened)
    assert (one.understood, len(one.pieces)) == (False, 6)
    assert kept(opened, str(filed.number), "files/图文资料.zip") == (disc / "图文资料.zip").read_bytes()
    assert [q.kind for q in opened.ledger.decisions.questions()] == ["kept-not-understood"]
    assert whole(opened)


def test_a_crash_between_vault_and_ledger_is_made_good_at_the_next_opening(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.eml").write_bytes(unit_mail(1, "WH01", OFFICE))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with open_office(home) as office, monkeypatch.context() as broken:
        broken.setattr(office.ledger.arrivals, "accept", crash)
        with pytest.raises(KeyboardInterrupt):
            put_in(office, [tmp_path / "1.eml"])
        assert office.ledger.arrivals.numbers() == []
    (tmp_path / "1.eml").unlink()
    with open_office(home) as office:
        assert office.ledger.arrivals.numbers() == [f"WH{YEAR}-0001"]
        assert office.ledger.arrivals.reserved() == []
        decision = office.ledger.decisions.current(f"WH{YEAR}-0001")
        assert decision is not None and decision.unit == "WH01"
        assert drain(lambda: answer_one(office)) == 0


def test_two_imports_at_once_are_told_apart(opened: Office, tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(unit_mail(1, "WH01", OFFICE))
    with opened.lock("import") as mine, pytest.raises(ImportBusy, match="正在向这个工作目录导入"):
        assert mine
        put_in(opened, [tmp_path / "1.eml"])
