"""Hand over: each kind written from a real archive, and read by programs that are not ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest
from typer.testing import CliRunner

from intake.cli import app
from intake.rounds.office import Office
from tests.servers.held import CAMPAIGN, NOW, held_home

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with held_home(tmp_path_factory.mktemp("held")) as office:
        yield office


def run(held: Office, *words: object, code: int = 0) -> str:
    """One command as staff type it; what it says."""
    command = ["--home", held.home, *words, "--at", NOW.isoformat()]
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.output + (str(result.exception) if result.exception else "")


def export(held: Office, kind: str, to: Path, *more: object, code: int = 0) -> str:
    return run(held, "export", CAMPAIGN, "--as", kind, "--to", to, *more, code=code)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def in_archive(held: Office, number: str) -> dict[str, str]:
    """Path → SHA-256 of everything the highest version holds."""
    place = held.ledger.arrivals.place(number)
    assert place is not None
    return {path: sha for path, (_, sha) in held.vault.files(place.mailbox, place.year, number).items()}


# --- bag


@pytest.fixture(scope="module")
def bag(held: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("bag")
    notice = to / "通知.docx"
    notice.write_bytes(b"the notice")
    said = export(held, "bag", to, "--notice", notice)
    assert "逐个读回核对无误" in said and "未收入 WH2018-0002" in said
    return to / f"{CAMPAIGN}-bag"


def test_a_bag_is_valid_for_an_independent_program(bag: Path) -> None:
    read = bagit.Bag(str(bag))
    read.validate()
    assert read.info["Source-Organization"] == "威海市创建青年文明号活动领导小组"
    size = sum(path.stat().st_size for path in (bag / "data").rglob("*") if path.is_file())
    assert read.info["Payload-Oxum"] == f"{size}.{len(read.payload_entries())}"


def test_a_bag_holds_every_file_of_the_archive_by_number(held: Office, bag: Path) -> None:
    for number in ("WH2018-0001", "WH2018-0004"):
        folder = bag / "data/来件" / number
        lying = {path: digest(folder / path.replace("%", "％")) for path in in_archive(held, number)}
        assert lying == in_archive(held, number)
    assert [path.name for path in (bag / "data/来件/WH2018-0003").iterdir()] == ["tombstone.json"]


def test_a_bag_holds_letters_versions_and_the_notice(held: Office, bag: Path) -> None:
    letters = {path.read_bytes() for path in (bag / "data").rglob("*.eml") if path.name != "message.eml"}
    assert letters == {letter.body for letter in held.ledger.letters.outbox()}
    assert [path.name for path in (bag / "data/活动文件").rglob("*.yaml")] == [f"{CAMPAIGN}.yaml"]
    assert [path.name for path in (bag / "data/名册").rglob("*.csv")] == ["weihai-2018.csv"]
    assert (bag / "data/通知/通知.docx").read_bytes() == b"the notice"


def test_what_is_marked_secret_is_in_no_bag_and_named(held: Office, bag: Path) -> None:
    secret = in_archive(held, "WH2018-0002")
    for path in bag.rglob("*"):
        if path.is_file():
            assert digest(path) not in (secret["message.eml"], secret["files/青之见征文-值守（实践案例）.docx"])
    assert "WH2018-0002" in (bag / "data/未收入.txt").read_text("utf-8")
    assert "WH2018-0002" in (bag / "bag-info.txt").read_text("utf-8")


def test_a_bag_written_twice_is_the_same_byte_for_byte(held: Office, bag: Path, tmp_path: Path) -> None:
    export(held, "bag", tmp_path, "--notice", bag.parent / "通知.docx")
    for path in bag.rglob("*"):
        if path.is_file():
            assert (tmp_path / bag.name / path.relative_to(bag)).read_bytes() == path.read_bytes()


def test_a_bag_that_is_there_is_read_again_and_one_that_differs_is_not_overwritten(held: Office, bag: Path) -> None:
    notice = bag.parent / "通知.docx"
    assert "已有一份，逐个核对无误" in export(held, "bag", bag.parent, "--notice", notice)
    (bag / "data/来件/WH2018-0001/message.eml").chmod(0o644)
    before = (bag / "data/来件/WH2018-0001/message.eml").read_bytes()
    (bag / "data/来件/WH2018-0001/message.eml").write_bytes(b"changed")
    assert "已有一份，与现在的存档不同" in export(held, "bag", bag.parent, "--notice", notice, code=1)
    (bag / "data/来件/WH2018-0001/message.eml").write_bytes(before)
