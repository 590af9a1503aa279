"""Archives cut into volumes: which files belong together, in what order, and which is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LAST = 1_000_000
"""Place of `x.zip` behind `x.z01`, `x.z02` …"""
_PART = re.compile(r"^(.+)\.part(\d{1,4})\.rar$")
_CUT = re.compile(r"^(.+\.(?:7z|zip|rar|tar|tgz|gz|xz|bz2))\.(\d{3})$")
_OLD_RAR = re.compile(r"^(.+)\.([r-y])(\d\d)$")
_OLD_ZIP = re.compile(r"^(.+)\.z(\d\d)$")
_PLAIN = re.compile(r"^(.+)\.(rar|zip)$")


@dataclass(frozen=True)
class VolumeSet:
    """The volumes that are there, as places in the list of names, in order; missing: 第2卷, else None."""

    places: tuple[int, ...]
    missing: str | None


def volume(name: str) -> tuple[str, int] | None:
    """(what the whole is called, number from 1 or LAST) of a name that only a volume has; plain x.rar gives None."""
    folded = name.casefold()
    for pattern in (_PART, _CUT):
        if match := pattern.match(folded):
            return f"{pattern.pattern}:{match.group(1)}", int(match.group(2))
    if match := _OLD_ZIP.match(folded):
        return f"zip:{match.group(1)}", int(match.group(2))
    if match := _OLD_RAR.match(folded):
        return f"rar:{match.group(1)}", (ord(match.group(2)) - ord("r")) * 100 + int(match.group(3)) + 2
    return None


def _head(name: str) -> tuple[str, int] | None:
    """What x.rar and x.zip are where further volumes of theirs stand beside them."""
    match = _PLAIN.match(name.casefold())
    return (f"{match.group(2)}:{match.group(1)}", 1 if match.group(2) == "rar" else LAST) if match else None


def volume_sets(names: Sequence[str]) -> list[VolumeSet]:
    """The sets among the files of one folder. A volume that came alone is a set too."""
    found: dict[str, dict[int, int]] = {}
    for place, name in enumerate(names):
        if known := volume(name):
            found.setdefault(known[0], {}).setdefault(known[1], place)
    for place, name in enumerate(names):
        if (known := _head(name)) and known[0] in found:
            found[known[0]].setdefault(known[1], place)
    return [
        VolumeSet(tuple(numbered[number] for number in sorted(numbered)), _missing(key, list(numbered)))
        for key, numbered in found.items()
    ]


def _missing(key: str, numbers: Sequence[int]) -> str | None:
    """The first gap. Whether more follow the last one, only its content tells."""
    counted = [number for number in numbers if number != LAST]
    gap = next((number for number in range(1, max(counted, default=0) + 1) if number not in counted), None)
    if gap is not None:
        return f"第{gap}卷"
    return "最后一卷（.zip）" if key.startswith("zip:") and LAST not in numbers else None


def is_volume_name(name: str) -> bool:
    """Whether a file of that name can be a later volume: a quick look."""
    return name[-4:].casefold() == ".zip" or volume(name) is not None


def follows(name: str, beside: Sequence[str]) -> bool:
    """Whether a file is a later volume of an archive of which an earlier one stands among the names beside it."""
    return any(
        name in [beside[place] for place in one.places[1:]] and beside[one.places[0]] != name
        for one in volume_sets(beside)
    )
