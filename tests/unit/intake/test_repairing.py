"""Repair puts back what some other place still has, moves the damaged aside, deletes nothing, and asks first."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.rounds.office import Office
from intake.rounds.repair import repair
from intake.rounds.second import copy_batch
from intake.rounds.verify import verify_now
from intake.service import drain
from tests.unit.archive.test_thousand_damages import HARMS, Harm
from tests.unit.intake.daily_office import Clock, opened
from tests.unit.intake.kept_office import NOW, PLACES, build
from tests.unit.intake.test_second_copy import everything
from tests.unit.intake.test_verifying import flip, forge, message, run


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kept") / "home"
    build(home)
    with opened(home, Clock(NOW)) as office:
        drain(lambda: copy_batch(office) > 0)
    return home


@pytest.fixture
def office(built: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(built, tmp_path / "home")
    shutil.copytree(built.parent / "second", tmp_path / "second")
    with opened(tmp_path / "home", Clock(NOW)) as one:
        yield one


def test_without_apply_nothing_is_changed_and_what_would_be_done_is_said(office: Office) -> None:
    flip(message(office, PLACES[0]))
    before = everything(office.vault.root)
    done = repair(office, None, "王", really=False)
    assert [(one.path, one.how) for _, one in done.remedies] == [("v1/content/message.eml", "从第二份存档复制")]
    assert everything(office.vault.root) == before
    assert not office.home.joinpath("archive.damaged").exists()


def gone(root: Path) -> None:
    shutil.rmtree(root / PLACES[0])


def swap(root: Path) -> None:
    first, second = (root / place / "v1/content/message.eml" for place in PLACES[:2])
    data = first.read_bytes(), second.read_bytes()
    for path, other in ((first, data[1]), (second, data[0])):
        path.chmod(0o644)
        path.write_bytes(other)


SINGLE: list[Callable[[Path], object]] = [
    lambda root: flip(root / PLACES[0] / "v1/content/message.eml"),
    lambda root: (root / PLACES[0] / "inventory.json").unlink(),
    lambda root: flip(root / PLACES[1] / "v1/inventory.json"),
    lambda root: (root / PLACES[1] / "v2/inventory.json.sha256").unlink(),
    lambda root: shutil.rmtree(root / PLACES[1] / "v2"),
    lambda root: (root / PLACES[0] / "0=ocfl_object_1.1").unlink(),
    lambda root: (root / "0=ocfl_1.1").write_text("x"),
    lambda root: (root / "Thumbs.db").write_text("x"),
    lambda root: (root / "hainan").mkdir(),
    gone,
    swap,
]


@pytest.mark.parametrize("harm", SINGLE)
def test_each_damage_is_mended_and_what_was_damaged_lies_aside(office: Office, harm: Callable[[Path], object]) -> None:
    before = everything(office.vault.root)
    harm(office.vault.root)
    harmed = {p: d for p, d in everything(office.vault.root).items() if before.get(p) != d}
    done = repair(office, None, "王", really=True)
    assert done.left == ()
    assert everything(office.vault.root) == before
    aside = everything(done.aside) if done.aside else {}
    assert {path: data for path, data in aside.items() if path in harmed} == harmed


def test_the_second_copy_is_mended_from_the_first(office: Office, tmp_path: Path) -> None:
    second = tmp_path / "second"
    before = everything(second)
    for harm in SINGLE[:9]:
        harm(second)
    done = repair(office, None, "王", really=True)
    assert done.left == ()
    assert everything(second) == before


def test_without_a_second_copy_the_object_itself_still_mends_its_inventories(office: Office, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "second")
    before = everything(office.vault.root)
    for harm in (*SINGLE[1:4], *SINGLE[5:9], swap):
        harm(office.vault.root)
    assert repair(office, None, "王", really=True).left == ()
    assert everything(office.vault.root) == before
    flip(message(office, PLACES[0]))
    done = repair(office, None, "王", really=True)
    assert [one.possible for _, one in done.remedies] == [False]
    assert len(done.left) == 1


def test_what_differs_from_the_ledger_is_left_to_people(office: Office) -> None:
    forge(office, "UPDATE piece SET sha256 = 'x' WHERE number = 'TN2018-0001'")
    before = everything(office.vault.root)
    done = repair(office, None, "王", really=True)
    assert [one.how for _, one in done.remedies] == ["不能自动修复，请核对后由人处理"]
    assert everything(office.vault.root) == before


def test_fifty_random_damages_are_mended_byte_for_byte(office: Office) -> None:
    chance = random.Random(20180821)
    root = office.vault.root
    before = everything(root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    for turn in range(10):
        for path in chance.sample(files, 5):
            HARMS[chance.choice(sorted(set(HARMS) - {"folder"}))](Harm("", path, path, chance), path.read_bytes())
        done = repair(office, None, "王", really=True)
        done = repair(office, None, "王", really=True) if done.left else done
        assert done.left == (), f"{turn}: {done}"
        assert everything(root) == before, f"{turn}"


def test_the_command_proposes_then_mends_and_names_the_folder_aside(office: Office) -> None:
    flip(message(office, PLACES[0]))
    code, said = run(office.home, "repair")
    assert (code, said.splitlines()[-1]) == (1, "以上只是打算；加 --apply 才动手")
    code, said = run(office.home, "repair", "TN2018-0001", "--apply", "--json")
    told = json.loads(said)
    assert code == 0
    assert Path(told["aside"], PLACES[0], "v1/content/message.eml").exists()
    assert run(office.home, "repair")[1].strip() == "档案完好，没有要修的"
    assert "repaired" in {one.kind for one in office.ledger.events.of("TN2018-0001")}
    assert [damage for _, damage in verify_now(office, None, lambda one, total: None, 1)] == []
