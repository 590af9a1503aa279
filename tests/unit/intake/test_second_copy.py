"""A second copy of the archive: in step after each change, whole or not at all, without what bears a secrecy mark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive import durable
from archive.damages import COPY
from archive.ledger.copies import Pending
from archive.second import copy_object
from archive.vault import Vault
from archive.verify import verify
from intake.rounds.digest import compose
from intake.rounds.health import health
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.rounds.record import record_one
from intake.rounds.second import copy_batch
from intake.rounds.verify import verify_now
from intake.service import drain, open_office
from tests.unit.intake.daily_office import Clock, opened
from tests.unit.intake.kept_office import NOW, PLACES, build, mail_of
from tests.unit.intake.test_verifying import flip, message, run


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept") / "home"
    build(home)
    return home


@pytest.fixture
def office(built: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(built, tmp_path / "home")
    with opened(tmp_path / "home", Clock(NOW)) as one:
        yield one


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return tmp_path / "second"


def everything(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def troubles(office: Office) -> list[str]:
    return [one.text for one in health(office) if one.code == "second-copy"]


def record(office: Office, number: str, **change: object) -> None:
    office.ledger.decisions.decide(number, lambda d: replace(d, **change), NOW, "王", "改")  # type: ignore[arg-type]
    drain(lambda: record_one(office))


def test_everything_is_copied_and_follows_each_recorded_change(office: Office, second: Path) -> None:
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == everything(office.vault.root)
    record(office, "TN2018-0001", unit="TN05")
    assert everything(second) != everything(office.vault.root)
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == everything(office.vault.root)
    assert verify(Vault(second)) == []
    assert not copy_batch(office), "in step"
    assert troubles(office) == []


def test_the_record_command_copies_too(office: Office, second: Path) -> None:
    code, said = run(office.home, "record")
    assert code == 0
    assert "对象到第二份存档" in said
    assert everything(second) == everything(office.vault.root)


def test_a_discarded_mail_leaves_the_second_copy_too(office: Office, second: Path) -> None:
    drain(lambda: copy_batch(office) > 0)
    record(office, "TN2018-0001", discarded=True)
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == everything(office.vault.root)
    assert not list((second / PLACES[0]).rglob("message.eml"))


def test_a_mail_with_a_mark_of_secrecy_is_withheld_and_said_to_be(built: Path, tmp_path: Path, second: Path) -> None:
    shutil.copytree(built, tmp_path / "home")
    (tmp_path / "secret.eml").write_bytes(mail_of("TN04", secret=True))
    with open_office(tmp_path / "home", Clock(NOW)) as office:
        import_paths(office, [tmp_path / "secret.eml"], Order("town-2018", None, NOW, "mail"))
        drain(lambda: record_one(office))
        drain(lambda: copy_batch(office) > 0)
        assert (office.vault.root / "town/2018/TN2018-0004").exists()
        assert not (second / "town/2018/TN2018-0004").exists()
        line, _ = (line for part in compose(office).sections if part.id == "archive" for line in part.lines)
        assert "1 件含密级标志或身份证件，按规定不复制（TN2018-0004）" in line
        assert [damage for _, damage in verify_now(office, None, lambda one, total: None, 1)] == []
        assert troubles(office) == []


def test_a_damaged_object_is_never_copied_and_a_damaged_copy_is_found(office: Office, second: Path) -> None:
    flip(message(office, PLACES[0]))
    drain(lambda: copy_batch(office) > 0)
    assert not (second / PLACES[0]).exists()
    assert ["TN2018-0001 有损坏" in one for one in troubles(office)] == [True]
    flip(message(office, PLACES[0]))
    flip(second / PLACES[1] / "v1/content/message.eml")
    found = verify_now(office, None, lambda one, total: None, 1)
    assert [(root, damage.code, damage.object) for root, damage in found] == [(COPY, "changed", PLACES[1])]


def test_a_copy_that_fell_behind_is_noticed_by_the_check_and_copied_again(office: Office, second: Path) -> None:
    drain(lambda: copy_batch(office) > 0)
    office.vault.add_version("town", 2018, "TN2018-0001", {"note": "x"}, "王", "改")  # the ledger does not know
    assert not copy_batch(office)
    verify_now(office, None, lambda one, total: None, 1)
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == everything(office.vault.root)


def test_a_disk_that_is_not_connected_is_told_and_nothing_is_written_in_its_place(office: Office, second: Path) -> None:
    drain(lambda: copy_batch(office) > 0)
    second.rename(second.with_name("away"))
    second.mkdir()
    record(office, "TN2018-0001", unit="TN05")
    assert not copy_batch(office)
    assert list(second.iterdir()) == []
    assert "可能硬盘没有接上" in troubles(office)[0]
    second.rmdir()
    second.with_name("away").rename(second)
    drain(lambda: copy_batch(office) > 0)
    assert troubles(office) == []
    assert everything(second) == everything(office.vault.root)


def test_what_the_copy_holds_otherwise_is_never_written_over(office: Office, second: Path) -> None:
    drain(lambda: copy_batch(office) > 0)
    shutil.rmtree(second / PLACES[0])
    shutil.copytree(office.vault.root / PLACES[1], second / PLACES[0])
    before = everything(second)
    office.ledger.copies.again([PLACES[0]])
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == before
    assert "没有覆盖" in troubles(office)[0]


@pytest.mark.parametrize("cut", range(12))
def test_a_crash_at_any_rename_leaves_whole_objects_and_the_next_round_finishes(
    office: Office, second: Path, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(lambda: copy_batch(office) > 0)
    record(office, "TN2018-0001", unit="TN05")
    record(office, "TN2018-0002", discarded=True)
    with monkeypatch.context() as broken:
        _break_after(broken, cut)
        for place in PLACES[:2]:
            try:
                copy_object(office.vault.root, second, place)
            except PowerCut:
                break
    for place in PLACES:
        office.ledger.copies.done(Pending(place, place[-11:]), NOW)
    drain(lambda: copy_batch(office) > 0)
    assert everything(second) == everything(office.vault.root)


class PowerCut(BaseException):
    """Nothing runs after it, not even cleaning up."""


def _break_after(patch: pytest.MonkeyPatch, cut: int) -> None:
    """The cut-th change to the disk does not happen any more, nor any after it."""
    left = cut

    def counted(real: object) -> object:
        def call(*words: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise PowerCut
            real(*words)  # type: ignore[operator]

        return call

    for name in ("move", "replace", "remove_tree"):
        real = getattr(durable, name)
        patch.setattr(durable, name, counted(real))
