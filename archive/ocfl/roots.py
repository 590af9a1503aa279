"""A validator for any OCFL 1.1 storage root: its declaration, its hierarchy, and every object in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.ocfl.codes import REGISTERED
from archive.ocfl.validating import INVENTORY, SPECIFICATIONS, Fault, validate_object

LAYOUT = "ocfl_layout.json"


def validate_root(root: Path) -> list[Fault]:
    """Every rule the storage root and its objects break; [] for a good one without warnings."""
    specification, faults = _declaration(root)
    objects: list[str] = []
    faults += [*_layout(root), *_extensions(root), *_hierarchy(root, "", objects)]
    if {"/" in place for place in objects} == {True, False}:
        faults.append(Fault("W015", ""))
    ids: dict[str, str] = {}
    for place in objects:
        faults += [replace(one, path=f"{place}/{one.path}".rstrip("/")) for one in validate_object(root / place)]
        its = max((name[-3:] for name in os.listdir(root / place) if name.startswith("0=ocfl_object_")), default="")  # noqa: PTH208
        if its in SPECIFICATIONS and its > specification:
            faults.append(Fault("E081", place, f"{its} in a root of {specification}"))
        id = _id(root / place)
        if id is not None and ids.setdefault(id, place) != place:
            faults.append(Fault("E083", place, f"{id} lies at {ids[id]} too"))
    return list(dict.fromkeys(faults))


def _declaration(root: Path) -> tuple[str, list[Fault]]:
    """The version the root declares ("1.1" when it is not clear), and what is wrong with the declaration."""
    names = sorted(name for name in os.listdir(root) if re.match(r"[^=/]*=", name))  # noqa: PTH208
    good = [name for name in names if name in {f"0=ocfl_{version}" for version in SPECIFICATIONS}]
    faults = []
    for name in names:
        if name in good:
            if (root / name).read_bytes() != f"{name[2:]}\n".encode():
                faults += [Fault("E080", name), Fault("E069", name)]
        elif name.startswith("0="):
            faults += [Fault("E079", name), Fault("E069", name)]
        elif name.partition("=")[2].startswith("ocfl_"):
            faults.append(Fault("E078", name))
    if len(good) != 1:
        faults += [Fault("E069", "", f"{len(good)} declarations"), Fault("E076", "")]
    return (good[-1][-3:] if good else "1.1"), faults


def _layout(root: Path) -> Iterator[Fault]:
    if not (root / LAYOUT).is_file():
        return
    try:
        told: Any = json.loads((root / LAYOUT).read_bytes())
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in ("extension", "description")):
        yield Fault("E070", LAYOUT)
    elif told["extension"] not in REGISTERED:
        yield Fault("E071", LAYOUT, told["extension"])


def _extensions(root: Path) -> Iterator[Fault]:
    if not (root / "extensions").is_dir():
        return
    for entry in sorted(os.scandir(root / "extensions"), key=lambda entry: entry.name):
        if not entry.is_dir(follow_symlinks=False):
            yield Fault("E112", f"extensions/{entry.name}")
        elif entry.name not in REGISTERED:
            yield Fault("W016", f"extensions/{entry.name}")


def _hierarchy(root: Path, below: str, objects: list[str]) -> Iterator[Fault]:
    """Finds the objects; what lies beside them is a fault. Unknown files beside the root's declaration are ignored."""
    with os.scandir(root / below) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    if below and not entries:
        yield Fault("E073", below)
        yield Fault("E085", below)
    for entry in entries:
        inner = f"{below}/{entry.name}".lstrip("/")
        if entry.is_symlink():
            yield Fault("E090", inner)
        elif entry.is_dir(follow_symlinks=False):
            if inner == "extensions":
                continue
            if any(name.startswith("0=") for name in os.listdir(entry.path)):  # noqa: PTH208
                objects.append(inner)
            else:
                yield from _hierarchy(root, inner, objects)
        elif below:
            yield Fault("E072", inner)
            yield Fault("E084", inner)
    if below and entries and not any(entry.is_dir(follow_symlinks=False) for entry in entries):
        yield Fault("E085", below)


def _id(folder: Path) -> str | None:
    try:
        told: Any = json.loads((folder / INVENTORY).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return told.get("id") if isinstance(told, dict) and isinstance(told.get("id"), str) else None
