"""The archive read by itself: each 件 with subject, unit and pieces, from record.json alone. Plain Python."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.ocfl import inventory as ocfl
from archive.vault import LOG, Discarded, ObjectRef, Vault


@dataclass(frozen=True)
class Entry:
    """One 件 as its record.json tells it. received: ISO 8601, UTC. unit: code, "" when undecided; name: its name where
    a roster in the log knows it. pieces: (true name, path below the object, bytes). trouble: "" unless it cannot be
    read or was discarded; then the rest is empty.
    """

    place: str
    number: str
    received: str = ""
    sender: str = ""
    subject: str = ""
    campaign: str = ""
    unit: str = ""
    name: str = ""
    pieces: tuple[tuple[str, str, int], ...] = ()
    trouble: str = ""


def entries(vault: Vault) -> Iterator[Entry]:
    """Every 件, by mailbox, year and number."""
    names = unit_names(vault)
    for ref in vault.objects():
        yield entry(vault, ref, names)


def find(vault: Vault, number: str) -> Entry | None:
    """The 件 of that number; None when there is none."""
    for ref in vault.objects():
        if ref.number.upper() == number.upper():
            return entry(vault, ref, unit_names(vault))
    return None


def entry(vault: Vault, ref: ObjectRef, names: Mapping[tuple[str, str], str]) -> Entry:
    """One 件; whatever is wrong with it is told in `trouble`."""
    place = f"{ref.mailbox}/{ref.year:04d}/{ref.number}"
    try:
        record = vault.read_record(ref.mailbox, ref.year, ref.number)
        return _told(vault, ref, place, record, names)
    except Discarded as gone:
        said = gone.tombstone
        return Entry(place, ref.number, trouble=f"已撤销：{said.get('at')} {said.get('who')}（{said.get('why')}）")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Entry(place, ref.number, trouble="登记读不出，请运行 python -m archive verify 检查")


def _told(
    vault: Vault, ref: ObjectRef, place: str, record: Mapping[str, Any], names: Mapping[tuple[str, str], str]
) -> Entry:
    submission = record["submission"]
    decision = record["decisions"][-1]
    campaign, unit = decision.get("campaign") or "", decision.get("unit") or ""
    pieces = [
        (piece["name"] or piece["path"], _where(vault, ref, piece["stored"]), int(piece["size"]))
        for piece in submission["pieces"]
    ]
    return Entry(
        place,
        ref.number,
        submission["received"],
        submission["mail"]["sender"],
        submission["mail"]["subject"],
        campaign,
        unit,
        names.get((campaign, unit), ""),
        tuple(pieces),
    )


def _where(vault: Vault, ref: ObjectRef, stored: str) -> str:
    """Where a piece lies below the object's folder; "" when it was not kept by itself."""
    try:
        found = vault.content_path(ref.mailbox, ref.year, ref.number, stored) if stored else None
    except FileNotFoundError:
        return ""
    return found.relative_to(ref.path).as_posix() if found is not None else ""


def unit_names(vault: Vault) -> dict[tuple[str, str], str]:
    """(campaign, unit code) → name, as far as campaigns and rosters (CSV) in the log tell; the newest version wins."""
    rosters = {name: _names(data) for name, data in _kept(vault, "rosters")}
    found: dict[tuple[str, str], str] = {}
    for name, data in _kept(vault, "campaigns"):
        line = next((row for row in data.decode("utf-8", "replace").splitlines() if row.startswith("roster:")), "")
        roster = line.removeprefix("roster:").partition("#")[0].strip().strip("'\"")
        found |= {(Path(name).stem, code): called for code, called in rosters.get(roster, {}).items()}
    return found


def _kept(vault: Vault, kind: str) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every version in the log, oldest first."""
    found = []
    for inventory in (vault.root / LOG / kind).glob(f"*/*/{ocfl.INVENTORY}"):
        try:
            created = str(json.loads(inventory.read_bytes())["versions"]["v1"]["created"])
            found += [(created, f.name, f.read_bytes()) for f in (inventory.parent / "v1" / "content").iterdir()]
        except (OSError, ValueError, LookupError, TypeError):  # what is damaged here is named by verify
            continue
    yield from ((name, data) for _, name, data in sorted(found))


def _names(data: bytes) -> dict[str, str]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    rows = csv.DictReader(io.StringIO(text))
    return {row["code"]: row["name"] for row in rows if row.get("code") and row.get("name")}
