"""A validator for any OCFL 1.1 object or storage root, not only ours; what is wrong bears the specification's code.

Reads everything, changes nothing, follows no link. `validate_object` and `validate_root` give faults in the order they
are met; codes that begin with W are warnings.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.ocfl import rules
from archive.ocfl.codes import CODES, REGISTERED

INVENTORY = "inventory.json"
SPECIFICATIONS = ("1.0", "1.1")
_OBJECT = "ocfl_object_"
_SIDECAR = re.compile(rb"(\S+)[ \t]+(\S+)\s*")


@dataclass(frozen=True)
class Fault:
    """One rule that is broken. path: below the object (in `validate_root`: below the root). detail: by what."""

    code: str
    path: str
    detail: str = ""

    @property
    def text(self) -> str:
        """One line."""
        return f"{self.code} {self.path}: {CODES[self.code]}" + (f" ({self.detail})" if self.detail else "")


@dataclass
class Look:
    """What one look at an object found. told: the root inventory. versions: each version's own, where it has one."""

    folder: Path
    specification: str = "1.1"
    told: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    digests: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def digest(self, path: str, algorithm: str) -> str | None:
        """Lower-case hex of a content file; None when there is no such plain file."""
        if (path, algorithm) not in self.digests:
            self.digests[path, algorithm] = _digest(self.folder / path, algorithm)
        return self.digests[path, algorithm]


def validate_object(folder: Path) -> list[Fault]:
    """Every rule the object in that folder breaks; [] for a good one without warnings."""
    look = Look(folder)
    return _once([*_declaration(look), *_links(folder), *_object(look)])


def _once(faults: list[Fault]) -> list[Fault]:
    return list(dict.fromkeys(faults))


def _object(look: Look) -> Iterator[Fault]:
    if not (look.folder / INVENTORY).is_file():
        for name in _names(look.folder):
            if name.lower() == INVENTORY:
                yield Fault("E034", name)
        yield Fault("E063", "")
        return
    told = _read(look.folder / INVENTORY)
    broken = [Fault(code, INVENTORY, detail) for code, detail in _inventory(told)]
    yield from broken
    if not isinstance(told, dict):
        return
    look.told = told
    yield from _sidecar(look, "", told)
    names = rules.version_names(told)
    yield from _object_root(look, names)
    for name in names:
        yield from _version_inventory(look, name, names[-1])
    yield from _prior(look, names)
    if not any(fault.code.startswith("E") for fault in broken):
        for name in names:
            yield from _version_folder(look, name)
        yield from _content(look)


def _read(path: Path) -> Any:
    """The JSON value; None when it is not UTF-8 JSON."""
    try:
        return json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _inventory(told: Any) -> rules.Broken:
    if told is None:
        yield "E033", "no JSON"
        return
    yield from rules.inventory_broken(told)


# ---- the object's folder


def _declaration(look: Look) -> Iterator[Fault]:
    names = [name for name in _names(look.folder) if re.match(r"[^=/]*=", name)]
    good = [name for name in names if name in {f"0={_OBJECT}{version}" for version in SPECIFICATIONS}]
    for name in names:
        if name.startswith("0=") and name not in good:
            yield Fault("E006", name)
        elif not name.startswith("0=") and name.partition("=")[2].startswith(_OBJECT):
            yield Fault("E005", name)
    if len(good) != 1 or any(name.startswith("0=") and name not in good for name in names):
        yield Fault("E003", "", f"{len(good)} good of {len(names)}")
    for name in good:
        look.specification = max(name[-3:], look.specification) if name != good[0] else name[-3:]
        if not _says(look.folder / name, name[2:]):
            yield Fault("E007", name)


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == f"{text}\n".encode()
    except OSError:
        return False


def _links(folder: Path) -> Iterator[Fault]:
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(at, name)
            if path.is_symlink():
                yield Fault("E090", path.relative_to(folder).as_posix())


def _object_root(look: Look, names: list[str]) -> Iterator[Fault]:
    algorithm = look.told.get("digestAlgorithm")
    for entry in sorted(os.scandir(look.folder), key=lambda entry: entry.name):
        if not entry.is_dir(follow_symlinks=False):
            if entry.name not in (INVENTORY, f"{INVENTORY}.{algorithm}") and not entry.name.startswith("0="):
                yield Fault("E001", entry.name)
        elif entry.name == "extensions":
            yield from _extensions(Path(entry.path), "extensions", "E067", "W013")
        elif entry.name not in (*names, "logs"):
            looks_like_one = re.fullmatch(r"v\d+", entry.name) is not None
            yield Fault("E046" if looks_like_one else "E001", entry.name)
            if any(name.startswith(f"0={_OBJECT}") for name in _names(Path(entry.path))):
                yield Fault("E082", entry.name)


def _extensions(folder: Path, at: str, no_folder: str, unknown: str) -> Iterator[Fault]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not entry.is_dir(follow_symlinks=False):
            yield Fault(no_folder, f"{at}/{entry.name}")
        elif entry.name not in REGISTERED:
            yield Fault(unknown, f"{at}/{entry.name}")


def _sidecar(look: Look, where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    algorithm = told.get("digestAlgorithm")
    if algorithm not in ("sha256", "sha512"):
        return
    folder = look.folder / where
    at = f"{where}/" if where else ""
    path = folder / f"{INVENTORY}.{algorithm}"
    if not path.is_file():
        yield Fault("E058", f"{at}{path.name}")
        other = [name for name in _names(folder) if name.startswith(f"{INVENTORY}.")]
        yield from (Fault("E059", f"{at}{name}") for name in other)
        return
    match = _SIDECAR.fullmatch(path.read_bytes())
    if match is None or match.group(2) != INVENTORY.encode():
        yield Fault("E061", f"{at}{path.name}")
    elif match.group(1).decode("latin-1").lower() != _digest(folder / INVENTORY, str(algorithm)):
        yield Fault("E060", f"{at}{path.name}")


# ---- the versions


def _version_inventory(look: Look, name: str, head: str) -> Iterator[Fault]:
    path = look.folder / name / INVENTORY
    at = f"{name}/{INVENTORY}"
    if not path.is_file():
        yield Fault("W010", name)
        return
    if name == head:
        if path.read_bytes() != (look.folder / INVENTORY).read_bytes():
            yield Fault("E064", at)
        else:
            yield from _sidecar(look, name, look.told)
        return
    told = _read(path)
    yield from (Fault(code, at, detail) for code, detail in _inventory(told))
    if isinstance(told, dict):
        look.versions[name] = told
        yield from _sidecar(look, name, told)


def _prior(look: Look, names: list[str]) -> Iterator[Fault]:
    """What earlier inventories tell must be what the root's tells."""
    root, first = look.told, look.versions.get(names[0]) if names else None
    if "contentDirectory" in root and first is not None and "contentDirectory" not in first:
        yield Fault("E019", f"{names[0]}/{INVENTORY}")
    specification = "1.0"
    manifest = {path for paths in rules.manifest_of(root).values() for path in paths}
    for name in names:
        told = look.versions.get(name, root if name == names[-1] else None)
        if told is None:
            continue
        at = f"{name}/{INVENTORY}"
        its = rules.TYPES.get(str(told.get("type")), look.specification)
        if its < specification:
            yield Fault("E103", at, f"{its} after {specification}")
        specification = its
        if told is root:
            if str(root.get("type")) in rules.TYPES and its != look.specification:
                yield Fault("E038", INVENTORY, f"declared {look.specification}")
            continue
        if told.get("id") != root.get("id"):
            yield Fault("E037", at)
            yield Fault("E110", at)
        if rules.content_folder(told) != rules.content_folder(root):
            yield Fault("E020", at)
        for paths in rules.manifest_of(told).values():
            yield from (Fault("E023", path, f"in {at}, not in the root's") for path in paths if path not in manifest)
        yield from _same_states(look, name, told)


def _same_states(look: Look, name: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    at = f"{name}/{INVENTORY}"
    mine = rules.version_names(told)
    if not mine or mine[-1] != name or not set(mine) <= set(rules.version_names(look.told)):
        yield Fault("E066", at, "other versions")
        return
    for version in mine:
        one, other = told["versions"][version], look.told["versions"][version]
        if not isinstance(one, dict) or not isinstance(other, dict):
            continue
        if _state(told, one) != _state(look.told, other) and not _same_files(told, one, look.told, other):
            yield Fault("E066", at, version)
        for key in ("created", "message", "user"):
            if one.get(key) != other.get(key):
                yield Fault("W011", at, f"{version}: {key}")


def _state(told: Mapping[str, Any], version: Mapping[str, Any]) -> dict[str, str]:
    state = version.get("state")
    listed = state.items() if isinstance(state, dict) else ()
    return {str(path): digest.lower() for digest, paths in listed if isinstance(paths, list) for path in paths}


def _same_files(
    told: Mapping[str, Any], one: Mapping[str, Any], root: Mapping[str, Any], other: Mapping[str, Any]
) -> bool:
    """Do both states name the same files by the same content paths, where their algorithms differ?"""
    if told.get("digestAlgorithm") == root.get("digestAlgorithm"):
        return False
    earlier, later = rules.manifest_of(told), rules.manifest_of(root)
    states = _state(told, one), _state(root, other)
    return states[0].keys() == states[1].keys() and all(
        set(earlier.get(digest, ())) <= set(later.get(states[1][path], ())) for path, digest in states[0].items()
    )


def _version_folder(look: Look, name: str) -> Iterator[Fault]:
    folder, content = look.folder / name, rules.content_folder(look.told)
    if not folder.is_dir():
        yield Fault("E046", name)
        return
    told = look.versions.get(name, look.told)
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != content:
                yield Fault("W002", f"{name}/{entry.name}")
        elif entry.name not in (INVENTORY, f"{INVENTORY}.{told.get('digestAlgorithm')}"):
            yield Fault("E015", f"{name}/{entry.name}")
    begins = f"{name}/{content}/"
    brings = any(path.startswith(begins) for paths in rules.manifest_of(look.told).values() for path in paths)
    if brings and not (folder / content).is_dir():
        yield Fault("E016", name)
    if (folder / content).is_dir():
        yield from _content_folder(look.folder, folder / content)


def _content_folder(base: Path, content: Path) -> Iterator[Fault]:
    files = 0
    for at, folders, names in os.walk(content):
        files += len(names)
        if not folders and not names and Path(at) != content:
            yield Fault("E024", Path(at).relative_to(base).as_posix())
    if not files:
        yield Fault("W003", content.relative_to(base).as_posix())


def _content(look: Look) -> Iterator[Fault]:
    """Every file against every digest that any inventory tells of it."""
    algorithm, known = str(look.told["digestAlgorithm"]), set()
    for digest, paths in rules.manifest_of(look.told).items():
        for path in paths:
            known.add(path)
            if look.digest(path, algorithm) != digest:
                yield Fault("E092", path, "missing" if look.digest(path, algorithm) is None else algorithm)
    for name, told in look.versions.items():
        its = told.get("digestAlgorithm")
        for digest, paths in rules.manifest_of(told).items() if its in ("sha256", "sha512") else ():
            yield from (Fault("E092", path, f"by {name}") for path in paths if look.digest(path, str(its)) != digest)
    for told in (look.told, *look.versions.values()):
        for name, digest, path in rules.fixity_of(told):
            if look.digest(path, name) != digest:
                yield Fault("E093", path, name)
    for version in rules.version_names(look.told):
        content = look.folder / version / rules.content_folder(look.told)
        for at, _, names in os.walk(content):
            for file in sorted(names):
                path = Path(at, file).relative_to(look.folder).as_posix()
                if path not in known:
                    yield Fault("E023", path)


def _digest(path: Path, algorithm: str) -> str | None:
    size = {"blake2b-512": 64, "blake2b-160": 20, "blake2b-256": 32, "blake2b-384": 48}.get(algorithm)
    name = {"sha512/256": "sha512_256"}.get(algorithm, algorithm)
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            made = hashlib.blake2b(digest_size=size) if size else hashlib.new(name)
            return hashlib.file_digest(file, lambda: made).hexdigest()
    except (OSError, ValueError):  # a path of a damaged inventory may be no name at all
        return None


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []
