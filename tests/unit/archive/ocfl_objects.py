"""Good OCFL 1.1 objects unlike ours (sha512, a content folder of another name, fixity), made by the specification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILES = ({"a.txt": b"one\n", "d/b.txt": b"two\n"}, {"a.txt": b"three\n"}, {})
"""What each of three versions brings; the third only takes d/b.txt away."""


def digest(data: bytes, algorithm: str) -> str:
    return hashlib.new(algorithm, data).hexdigest()


@dataclass
class Made:
    """An object in memory. told: "" (the root) and each version -> inventory; content: content path -> bytes."""

    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    specification: str = "1.1"

    def newest(self) -> Iterator[dict[str, Any]]:
        """The root inventory and its twin in the newest version."""
        yield self.told[""]
        yield self.told[list(self.told)[-1]]

    def write(self, folder: Path) -> Path:
        """On the disk, sidecars made to fit."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"ocfl_object_{self.specification}"
        (folder / f"0={name}").write_text(f"{name}\n")
        for path, data in self.content.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        for where, told in self.told.items():
            (folder / where).mkdir(parents=True, exist_ok=True)
            save(folder / where, told)
        return folder


def save(folder: Path, told: Any) -> None:
    """An inventory and its sidecar."""
    data = json.dumps(told, indent=1).encode()
    (folder / "inventory.json").write_bytes(data)
    algorithm = told.get("digestAlgorithm", "sha512") if isinstance(told, dict) else "sha512"
    if str(algorithm) in ("md5", "sha256", "sha512"):
        line = f"{digest(data, algorithm)} inventory.json\n"
        (folder / f"inventory.json.{algorithm}").write_text(line)


def good(
    algorithm: str = "sha512", content: str = "content", name: Callable[[int], str] = lambda number: f"v{number}"
) -> Made:
    """Three versions with fixity, message, user; valid without a warning when the algorithm is sha512."""
    made = Made()
    state: dict[str, bytes] = {}
    manifest: dict[str, list[str]] = {}
    versions: dict[str, Any] = {}
    for number, brings in enumerate(FILES, start=1):
        state = {**state, **brings}
        if number == 3:
            del state["d/b.txt"]
        for path, data in brings.items():
            where = f"{name(number)}/{content}/{path}"
            made.content[where] = data
            manifest.setdefault(digest(data, algorithm), []).append(where)
        versions[name(number)] = {
            "created": f"2018-08-2{number}T09:00:00+08:00",
            "message": f"version {number}",
            "user": {"name": "Wang", "address": "mailto:wang@example.test"},
            "state": {digest(data, algorithm): [path] for path, data in state.items()},
        }
        told = {
            "id": "urn:example:one",
            "type": "https://ocfl.io/1.1/spec/#inventory",
            "digestAlgorithm": algorithm,
            "head": name(number),
            "manifest": manifest,
            "versions": versions,
            "fixity": {"md5": {digest(data, "md5"): [path] for path, data in made.content.items()}},
        }
        if content != "content":
            told["contentDirectory"] = content
        made.told[name(number)] = deepcopy(told)
    made.told = {"": deepcopy(told), **made.told}
    return made
