"""OCFL 1.1 inventories as plain data: make the first, make the next, read and check one. Pure.

The words are the specification's (https://ocfl.io/1.1/spec/): an inventory's `manifest` says which content paths hold
the bytes of a digest, each version's `state` says under which logical paths those bytes were known. Digests are
lower-case hex SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

Inventory = dict[str, Any]

ROOT_DECLARATION = "0=ocfl_1.1"
ROOT_DECLARATION_TEXT = b"ocfl_1.1\n"
OBJECT_DECLARATION = "0=ocfl_object_1.1"
OBJECT_DECLARATION_TEXT = b"ocfl_object_1.1\n"
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha256"
TYPE = "https://ocfl.io/1.1/spec/#inventory"
URN = "urn:baosong:"
LOG = "_log"
"""The folder of log objects below the storage root."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SIDECAR = re.compile(rb"([0-9a-f]{64})[ \t]+inventory\.json\r?\n?")
_VERSION = re.compile(r"v[1-9][0-9]{0,8}")
_CONTENT_PATH = re.compile(r"v([1-9][0-9]*)/content/(.+)", re.DOTALL)


class InventoryError(ValueError):
    """An inventory or sidecar is not what this format allows; the text says where (Chinese)."""


_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
_escaped = json.JSONEncoder(ensure_ascii=True, sort_keys=True).encode


def encode(data: Mapping[str, Any]) -> bytes:
    """JSON as it lies in the archive: UTF-8, keys sorted, one entry a line to the second level, newline at the end.

    Text that no UTF-8 can hold (single surrogates, from broken headers) makes the whole text ASCII with escapes.
    (json's own indent is four times slower and puts every word on a line of its own.)
    """
    try:
        return f"{_lines(data, _plain, 2)}\n".encode()
    except UnicodeEncodeError:
        return f"{_lines(data, _escaped, 2)}\n".encode()


def _lines(value: Any, plain: Callable[[Any], str], depth: int) -> str:
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return plain(value)
    pad = " " * (3 - depth)
    if isinstance(value, list):
        inner = [f"{pad}{_lines(one, plain, depth - 1)}" for one in value]
        return "[\n" + ",\n".join(inner) + f"\n{pad[1:]}]"
    if not all(isinstance(key, str) for key in value):
        return plain(value)
    inner = [f"{pad}{plain(key)}: {_lines(value[key], plain, depth - 1)}" for key in sorted(value)]
    return "{\n" + ",\n".join(inner) + f"\n{pad[1:]}}}"


def sha256(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def sidecar(inventory: bytes) -> bytes:
    """The line `sha256sum` prints for these bytes of inventory.json."""
    return f"{sha256(inventory)}  {INVENTORY}\n".encode()


def object_id(number: str) -> str:
    """The id of the object of a 件."""
    return URN + quote(number, safe="")


def log_id(name: str) -> str:
    """The id of a log object; the name's slashes stay."""
    return f"{URN}log:{quote(name, safe='/')}"


def user(name: str) -> dict[str, str]:
    """Who made a version: a name, and an address made of it (OCFL wants a URI there)."""
    return {"name": name, "address": f"{URN}user:{quote(name, safe='')}"}


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with its zone, whole seconds; ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def first(id: str, files: Mapping[str, str], *, at: datetime, who: str, message: str) -> Inventory:
    """The inventory of version 1. files: logical path -> digest; each lies at v1/content/PATH."""
    state = _by_digest(files)
    return {
        "id": id,
        "type": TYPE,
        "digestAlgorithm": "sha256",
        "head": "v1",
        "manifest": {digest: [f"v1/content/{path}" for path in paths] for digest, paths in state.items()},
        "versions": {"v1": {"created": stamp(at), "message": message, "user": user(who), "state": state}},
    }


def following(
    inventory: Inventory, changed: Mapping[str, str], *, at: datetime, who: str, message: str
) -> tuple[Inventory, tuple[str, ...]]:
    """The inventory with one more version, and the logical paths whose bytes must be written into it.

    changed: logical path -> digest, added or replaced; all else stays as it was. Bytes the object holds already are
    named again, not written again. Nothing changes: the same inventory and no paths.
    """
    files = head_files(inventory)
    if all(files.get(path) == digest for path, digest in changed.items()):
        return inventory, ()
    name = f"v{int(inventory['head'][1:]) + 1}"
    manifest = {digest: list(paths) for digest, paths in inventory["manifest"].items()}
    written = []
    for path, digest in sorted(changed.items()):
        if digest not in inventory["manifest"]:
            manifest.setdefault(digest, []).append(f"{name}/content/{path}")
            written.append(path)
    state = _by_digest({**files, **changed})
    version = {"created": stamp(at), "message": message, "user": user(who), "state": state}
    versions = {**inventory["versions"], name: version}
    return {**inventory, "head": name, "manifest": manifest, "versions": versions}, tuple(written)


def as_of(inventory: Inventory, version: str) -> Inventory:
    """The inventory as it was when that version (one of its own) was the newest."""
    last = int(version[1:])
    manifest = {
        digest: [path for path in paths if int(path[1:].partition("/")[0]) <= last]
        for digest, paths in inventory["manifest"].items()
    }
    versions = {name: one for name, one in inventory["versions"].items() if int(name[1:]) <= last}
    kept = {digest: paths for digest, paths in manifest.items() if paths}
    return {**inventory, "head": version, "manifest": kept, "versions": versions}


def _by_digest(files: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, digest in sorted(files.items()):
        found.setdefault(digest, []).append(path)
    return found


def head_files(inventory: Inventory) -> dict[str, str]:
    """Logical path -> digest of the highest version."""
    state = inventory["versions"][inventory["head"]]["state"]
    return {path: digest for digest, paths in state.items() for path in paths}


def content_files(inventory: Inventory) -> dict[str, str]:
    """Content path (`v1/content/…`) -> digest of every file the object holds."""
    return {path: digest for digest, paths in inventory["manifest"].items() for path in paths}


def content_of(inventory: Inventory, stored: str) -> str | None:
    """Where the highest version's file of that logical path lies (`v1/content/…`); None when it has none."""
    digest = head_files(inventory).get(stored)
    return None if digest is None else _content(inventory, stored, digest)


def head_contents(inventory: Inventory) -> dict[str, tuple[str, str]]:
    """Logical path of every file of the highest version -> where it lies (`v1/content/…`), digest."""
    files = head_files(inventory)
    return {path: (_content(inventory, path, digest), digest) for path, digest in files.items()}


def _content(inventory: Inventory, stored: str, digest: str) -> str:
    paths: list[str] = inventory["manifest"][digest]
    return next((path for path in paths if path.endswith(f"/content/{stored}")), paths[0])


def read_sidecar(data: bytes) -> str:
    """The digest a sidecar names; InventoryError when it is not one line `DIGEST  inventory.json`."""
    match = _SIDECAR.fullmatch(data)
    if match is None:
        raise InventoryError("校验文件的格式不对")
    return match.group(1).decode()


def parse(data: bytes) -> Inventory:
    """An inventory that keeps every rule this format relies on; InventoryError otherwise."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InventoryError("不是完好的 JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise InventoryError("缺少 id")
    if value.get("type") != TYPE or value.get("digestAlgorithm") != "sha256" or "contentDirectory" in value:
        raise InventoryError("不是 OCFL 1.1、sha256 的清单")
    versions = value.get("versions")
    if not isinstance(versions, dict) or not versions:
        raise InventoryError("缺少版本")
    if set(versions) != {f"v{number}" for number in range(1, len(versions) + 1)}:
        raise InventoryError("版本号不连续")
    if value.get("head") != f"v{len(versions)}":
        raise InventoryError("最新版本号不符")
    _check_blocks(_strings(value.get("manifest"), "manifest"), versions)
    return value


def _check_blocks(manifest: dict[str, list[str]], versions: dict[str, Any]) -> None:
    seen: set[str] = set()
    for path in (path for paths in manifest.values() for path in paths):
        match = _CONTENT_PATH.fullmatch(path)
        if match is None or int(match.group(1)) > len(versions) or not is_safe(match.group(2)) or path in seen:
            raise InventoryError(f"清单中的路径不合规：{path}")
        seen.add(path)
    used: set[str] = set()
    for name, version in versions.items():
        if not isinstance(version, dict) or not isinstance(version.get("created"), str):
            raise InventoryError(f"{name} 缺少时间")
        state = _strings(version.get("state"), name)
        paths = [path for listed in state.values() for path in listed]
        if len(set(paths)) != len(paths) or not all(map(is_safe, paths)):
            raise InventoryError(f"{name} 的文件路径不合规")
        used.update(state)
    if used != set(manifest):
        raise InventoryError("清单与各版本的文件不一致")


def _strings(block: Any, where: str) -> dict[str, list[str]]:
    if not isinstance(block, dict):
        raise InventoryError(f"{where} 不是对象")
    for digest, paths in block.items():
        fits = isinstance(paths, list) and paths and all(isinstance(path, str) for path in paths)
        if not fits or _DIGEST.fullmatch(digest) is None:
            raise InventoryError(f"{where} 的条目不合规")
    return block


def is_version(name: str) -> bool:
    """Is that the name of a version folder (`v1`, `v2`, …)?"""
    return _VERSION.fullmatch(name) is not None


def is_safe(path: str) -> bool:
    """A relative path that stays below its folder: no empty segment, no `.` or `..`, no backslash, no NUL."""
    return all(part not in ("", ".", "..") for part in path.split("/")) and "\\" not in path and "\0" not in path
