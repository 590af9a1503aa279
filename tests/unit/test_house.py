"""The house itself: the import law, and pages that must not go stale."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from intake.cli import app

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


def commands() -> set[str]:
    return {str(command.name) for command in app.registered_commands}


def test_the_import_law_holds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_the_import_law_lists_every_pure_module_that_exists() -> None:
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    for module in next(c for c in contracts if c["type"] == "forbidden")["source_modules"]:
        path = PROJECT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), module


def test_the_readme_names_every_command() -> None:
    text = (PROJECT / "README.md").read_text()
    named = {word for row in text.splitlines() if row.startswith("| `") for word in re.findall(r"`([\w-]+)`", row)}
    assert commands() <= named


def test_no_page_names_a_command_that_does_not_exist() -> None:
    for page in PAGES:
        for command in re.findall(r"baosong (?:--home \S+ )?([a-z][a-z-]*)\b", page.read_text()):
            assert command in commands(), f"{page.name}: baosong {command}"


def test_the_journey_page_names_only_what_exists() -> None:
    for row in (PROJECT / "docs/journey.md").read_text().splitlines():
        for path, name in re.findall(r"`((?:intake|archive|config)/[\w/]+\.py)(?:: (\w+))?", row):
            source = (PROJECT / path).read_text()
            assert not name or re.search(rf"\b(def|class) {name}\b", source), f"{path}: {name}"


def test_every_dependency_has_its_line_of_why() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {
        re.split(r"[\[>=<]", line)[0]
        for line in [*project["dependencies"], *(each for extra in extras.values() for each in extra)]
        if not line.startswith("baosong")
    }
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", (PROJECT / "docs/dependencies.md").read_text(), re.MULTILINE)
    assert {name for name, why in rows if name not in ("package", "---")} == wanted


def test_every_linked_page_exists() -> None:
    for page in PAGES:
        for name in re.findall(r"`(docs/[\w/-]+\.md)`", page.read_text()):
            assert (PROJECT / name).exists(), f"{page.name}: {name}"


def test_help_names_every_command_and_wrong_usage_ends_with_2() -> None:
    run = subprocess.run([sys.executable, "-m", "intake.cli", "--help"], cwd=PROJECT, capture_output=True, text=True)
    assert run.returncode == 0
    for command in commands():
        assert command in run.stdout
    wrong = subprocess.run([sys.executable, "-m", "intake.cli", "nonsense"], cwd=PROJECT, capture_output=True)
    assert wrong.returncode == 2
