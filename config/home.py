"""Makes a home folder: settings with sending off, the examples, an empty calendar. Never overwrites a file."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_FOLDERS = {"campaigns": (".yaml",), "rosters": (".csv",), "quotas": (".csv",)}


def shipped() -> dict[str, Traversable]:
    """Path inside a home -> the shipped file it is made from; read through the package, so a wheel has them too."""
    package = files("config")
    found = {"settings.yaml": package / "settings.example.yaml", "calendar.yaml": package / "calendar.example.yaml"}
    for folder, endings in _FOLDERS.items():
        for entry in sorted((package / folder).iterdir(), key=lambda e: e.name):
            if entry.name.endswith(endings):
                found[f"{folder}/{entry.name}"] = entry
    return found


def init_home(home: Path) -> list[Path]:
    """Write what is not there yet and return the paths written, in order. OSError when the folder cannot be written."""
    written: list[Path] = []
    for name, source in shipped().items():
        target = home / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as made:
                made.write(source.read_bytes())
        except FileExistsError:
            continue
        written.append(target)
    return written
