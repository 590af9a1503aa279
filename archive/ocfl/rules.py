"""The rules of OCFL 1.1 for an inventory by itself: what is wrong, as (code, detail). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from archive.ocfl.codes import LENGTHS, OWN_FORM

Broken = Iterator[tuple[str, str]]
"""Each rule that is broken: its code, and by what."""

TYPES: Mapping[str, str] = {f"https://ocfl.io/{v}/spec/#inventory": v for v in ("1.0", "1.1")}
CONTENT = "content"
_KEYS = frozenset({"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"})
_VERSION_KEYS = frozenset({"created", "state", "message", "user"})
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.DOTALL)


def inventory_broken(told: Any) -> Broken:
    """Every rule the inventory breaks by itself, whatever lies on the disk."""
    if not isinstance(told, dict):
        yield "E033", "not an object"
        return
    yield from _basics(told)
    names = version_names(told)
    yield from _sequence(told)
    if "head" in told and names and told["head"] != names[-1]:
        yield "E040", f"{told['head']}, not {names[-1]}"
    yield from _manifest(told, names)
    used: set[str] = set()
    for name in names:
        yield from _version(told, name, used)
    manifest = manifest_of(told)
    if names and "manifest" in told and (unused := sorted(set(manifest) - used)):
        yield "E107", ", ".join(unused)
    yield from _fixity(told)


def _basics(told: Mapping[str, Any]) -> Broken:
    for key in ("id", "type", "digestAlgorithm", "head"):
        if key not in told:
            yield "E036", key
    if "id" in told:
        if not isinstance(told["id"], str) or not told["id"]:
            yield "E037", repr(told["id"])
        elif not _URI.fullmatch(told["id"]):
            yield "W005", told["id"]
    if "type" in told and (not isinstance(told["type"], str) or told["type"] not in TYPES):
        yield "E038", repr(told["type"])
    algorithm = told.get("digestAlgorithm")
    if algorithm == "sha256":
        yield "W004", ""
    elif "digestAlgorithm" in told and algorithm != "sha512":
        yield "E025", repr(algorithm)
    for key in sorted(set(told) - _KEYS):
        yield "E102", key
    if "contentDirectory" in told:
        folder = told["contentDirectory"]
        if not isinstance(folder, str) or "/" in folder:
            yield "E017", repr(folder)
        elif folder in (".", ".."):
            yield "E018", folder
        elif not folder:
            yield "E108", "empty"


def content_folder(told: Mapping[str, Any]) -> str:
    """The name of the content folder; `content` unless a usable one is set."""
    folder = told.get("contentDirectory", CONTENT)
    usable = isinstance(folder, str) and folder not in ("", ".", "..") and "/" not in folder
    return folder if usable else CONTENT


# ---- versions


def version_names(told: Mapping[str, Any]) -> list[str]:
    """The versions that follow each other from 1 in one naming, in order."""
    versions = told.get("versions")
    if not isinstance(versions, dict):
        return []
    width = next((width for width in range(10) if _name(1, width) in versions), None)
    if width is None:
        return []
    names: list[str] = []
    while (name := _name(len(names) + 1, width)) in versions:
        names.append(name)
    return names


def _name(number: int, width: int) -> str:
    return f"v{number:0{width}d}"


def _sequence(told: Mapping[str, Any]) -> Broken:
    if "versions" not in told:
        yield "E041", "versions"
        yield "E043", ""
        return
    versions = told["versions"]
    if not isinstance(versions, dict):
        yield "E044", ""
        return
    if not versions:
        yield "E008", ""
        return
    names = version_names(told)
    if not names:
        yield "E009", ", ".join(versions)
    elif names[0] != "v1":
        yield "W001", names[0]
        if not names[-1].startswith("v0"):
            yield "E011", names[-1]
    for name in sorted(set(versions) - set(names)):
        match = re.fullmatch(r"v?(.*)", name, re.DOTALL)
        number = match.group(1) if match is not None else ""
        if not name.startswith("v"):
            yield "E104", name
        if not re.fullmatch(r"[0-9]+", number) or int(number) == 0:
            yield "E105", name
        elif names and int(number) == len(names) + 1 and name != _name(int(number), len(names[0]) - 1):
            yield "E012", name
        if names:
            yield "E010", name


def _version(told: Mapping[str, Any], name: str, used: set[str]) -> Broken:
    version = told["versions"][name]
    if not isinstance(version, dict):
        yield "E047", name
        yield "E048", name
        return
    for key in sorted(set(version) - _VERSION_KEYS):
        yield "E102", f"{name}: {key}"
    if "created" not in version:
        yield "E048", f"{name}: created"
    elif not _is_time(version["created"]):
        yield "E049", f"{name}: {version['created']!r}"
    if "state" not in version:
        yield "E048", f"{name}: state"
    else:
        yield from _state(told, name, version["state"], used)
    if "message" not in version:
        yield "W007", f"{name}: message"
    elif not isinstance(version["message"], str):
        yield "E094", name
    yield from _user(name, version)


def _user(name: str, version: Mapping[str, Any]) -> Broken:
    if "user" not in version:
        yield "W007", f"{name}: user"
        return
    user = version["user"]
    if not isinstance(user, dict) or not isinstance(user.get("name"), str):
        yield "E054", name
    if isinstance(user, dict):
        address = user.get("address")
        if "address" not in user:
            yield "W008", name
        elif not isinstance(address, str):
            yield "E054", f"{name}: address"
        elif not _URI.fullmatch(address):
            yield "W009", f"{name}: {address}"


def _is_time(text: Any) -> bool:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper().replace(":60", ":59"))
    except ValueError:
        return False
    return True


def _state(told: Mapping[str, Any], name: str, state: Any, used: set[str]) -> Broken:
    if not isinstance(state, dict):
        yield "E050", name
        return
    manifest = told.get("manifest")
    seen: set[str] = set()
    for digest, paths in state.items():
        used.add(digest.lower())
        if isinstance(manifest, dict) and digest not in manifest:
            yield "E050", f"{name}: {digest}"
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            yield "E050", f"{name}: {digest}"
            continue
        for path in paths:
            if path.startswith("/") or path.endswith("/"):
                yield "E053", f"{name}: {path}"
            elif any(part in ("", ".", "..") for part in path.split("/")):
                yield "E052", f"{name}: {path}"
            if path in seen:
                yield "E095", f"{name}: {path}"
            seen.add(path)
    for path in sorted(_conflicts(seen)):
        yield "E095", f"{name}: {path}"


def _conflicts(paths: set[str]) -> set[str]:
    """Paths that are also a folder of another path."""
    return {above for path in paths for above in _above(path) if above in paths}


def _above(path: str) -> Iterator[str]:
    at = path.find("/")
    while at > 0:
        yield path[:at]
        at = path.find("/", at + 1)


# ---- manifest and fixity


def manifest_of(told: Mapping[str, Any]) -> dict[str, list[str]]:
    """Digest (lower case) -> content paths, as far as the manifest is built as it should be."""
    return _block(told.get("manifest"))


def _block(value: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for digest, paths in (value if isinstance(value, dict) else {}).items():
        if isinstance(paths, list):
            found.setdefault(digest.lower(), []).extend(path for path in paths if isinstance(path, str))
    return found


def fixity_of(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(algorithm, digest in lower case, content path) of every known algorithm of the fixity block."""
    block = told.get("fixity")
    for algorithm, inner in (block if isinstance(block, dict) else {}).items():
        if algorithm in LENGTHS:
            yield from ((algorithm, digest, path) for digest, paths in _block(inner).items() for path in paths)


def is_hex(digest: str, algorithm: str) -> bool:
    """Has the text the form of a digest of that algorithm?"""
    return len(digest) == LENGTHS[algorithm] and re.fullmatch(r"[0-9A-Fa-f]+", digest) is not None


def _manifest(told: Mapping[str, Any], names: list[str]) -> Broken:
    if "manifest" not in told:
        yield "E041", "manifest"
        return
    manifest, algorithm = told["manifest"], told.get("digestAlgorithm")
    algorithm = algorithm if isinstance(algorithm, str) else ""
    if not isinstance(manifest, dict):
        yield "E041", "manifest"
        yield "E106", ""
        return
    lower = [digest.lower() for digest in manifest]
    for digest in sorted({digest for digest in lower if lower.count(digest) > 1}):
        yield "E096", digest
    seen: set[str] = set()
    for digest, paths in manifest.items():
        if algorithm in ("sha256", "sha512") and not is_hex(digest, algorithm):
            yield "E025", digest
            yield OWN_FORM[algorithm], digest
            if any(is_hex(digest, other) for other in LENGTHS):
                yield "E039", digest
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            yield "E092", digest
            continue
        for path in paths:
            yield from _content_path(told, path, names)
            if path in seen:
                yield "E101", path
            seen.add(path)
    for path in sorted(_conflicts(seen)):
        yield "E101", path


def _content_path(told: Mapping[str, Any], path: str, names: list[str]) -> Broken:
    if path.startswith("/") or path.endswith("/"):
        yield "E100", path
        return
    match = re.fullmatch(r"(v[0-9]+)/([^/]+)/(.+)", path, re.DOTALL)
    if match is None:
        yield "E042", path
        if re.fullmatch(r"v[0-9]+\\[^\\]+\\.+", path, re.DOTALL):
            yield "E035", path
        return
    version, folder, rest = match.groups()
    if folder != content_folder(told):
        yield "E042", path
        if "contentDirectory" not in told:
            yield "E021", path
    if any(part in ("", ".", "..") for part in rest.split("/")):
        yield "E099", path
    if names and version not in names:
        yield "E042", path
        if int(version[1:]) in (int(name[1:]) for name in names):
            yield "E014", path


def _fixity(told: Mapping[str, Any]) -> Broken:
    if "fixity" not in told:
        return
    if not isinstance(told["fixity"], dict):
        yield "E111", ""
        return
    known = {path for paths in manifest_of(told).values() for path in paths}
    for algorithm, block in told["fixity"].items():
        if algorithm not in LENGTHS:
            yield "E056", algorithm
            continue
        if not isinstance(block, dict):
            yield "E057", algorithm
            continue
        lower = [digest.lower() for digest in block]
        for digest in sorted({digest for digest in lower if lower.count(digest) > 1}):
            yield "E097", digest
        for digest, paths in block.items():
            if not is_hex(digest, algorithm):
                yield "E057", digest
                if algorithm in OWN_FORM:
                    yield OWN_FORM[algorithm], digest
            elif not isinstance(paths, list):
                yield "E057", digest
            else:
                yield from (("E057", str(path)) for path in paths if str(path) not in known)
