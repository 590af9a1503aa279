"""Rebuild: the ledger made again from the archive alone: objects, the log's events and row images, letters, versions.

Nothing is fetched, numbered or answered twice afterwards. Not made again: accounts and their ways in, leases, and what
happened after the last segment was written; so nothing leaves until staff have looked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from archive import durable
from archive.chain import SEAL, Head, check_chain
from archive.ledger.images import KEPT
from archive.ledger.rebuilding import Rebuilding
from archive.ocfl.inventory import InventoryError
from archive.records import Decision, Event, Mail, Source, Submission, load
from archive.segments import FOLDER, ROWS, segments
from archive.vault import Discarded, ObjectRef, Vault

HELD = "台账是从档案重建的，最后一分钟的信可能没有记下；请核对 outbox，确认后运行 baosong rebuild --resume 再发信"
"""Why nothing leaves after a rebuild."""

Key = tuple[Any, ...]


@dataclass
class Told:
    """What the log tells. rows: table → key → the row as it was last, None for one that is gone."""

    rows: dict[str, dict[Key, dict[str, Any] | None]] = field(default_factory=dict)
    events: list[tuple[int, Event]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    head: Head = field(default_factory=Head)
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rebuilt:
    """What was made again, and one sentence (Chinese) for each thing that could not be."""

    submissions: int
    events: int
    troubles: tuple[str, ...]


def rebuild(vault: Vault, path: Path, advance: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Make a new ledger at `path`; it appears whole or not at all, in place of one an earlier try left.

    advance: called with 1 for each object. What is damaged is named and left out; the rest is made.
    """
    beside = path.with_name(f".{path.name}.rebuilding")
    for old in beside.parent.glob(f"{beside.name}*"):
        old.unlink()
    told = tell(vault)
    making = Rebuilding(beside)
    try:
        objects = list(vault.objects())
        _rows(vault, making, told, {ref.number for ref in objects})
        for ref in objects:
            _object(vault, making, told, ref)
            advance(1)
        making.events(told.events)
        making.finish(told.head, HELD)
        counts = making.counts()
    finally:
        making.close()
    for left in ("-wal", "-shm"):
        beside.with_name(beside.name + left).unlink(missing_ok=True)
    durable.sync_file(str(beside))
    durable.replace(str(beside), str(path))
    durable.sync_folder(str(path.parent))
    return Rebuilt(counts["submissions"], counts["events"], tuple(told.troubles))


# --- the log


def tell(vault: Vault) -> Told:
    """Read every segment, in order."""
    told = Told()
    found = list(segments(vault))
    chain = check_chain(found)
    told.troubles += [broken.text for broken in chain.breaks]
    told.head = chain.head
    for segment in found:
        for data in _lines(segment.lines):
            if data.get("kind") != SEAL:
                data.pop("after", None)
                try:
                    told.events.append((segment.number, load(Event, data)))
                except ValidationError:
                    told.troubles.append(f"记录第 {segment.number} 段有一条读不出，略过")
        name = f"{FOLDER}/{segment.number:08d}"
        for file in sorted(segment.digests):
            _file(vault, told, name, file)
    return told


def _file(vault: Vault, told: Told, name: str, file: str) -> None:
    """Row images and letters of a segment."""
    if file != ROWS and not file.startswith("letters/"):
        return
    try:
        data = vault.read_log(name, file)
    except (OSError, InventoryError):
        told.troubles.append(f"{name} 的 {file} 读不出，其中的内容没有重建")
        return
    if file != ROWS:
        told.bodies[hashlib.sha256(data).hexdigest()] = data
        return
    for image in _lines(data):
        if image.get("table") in KEPT and isinstance(image.get("key"), list):
            told.rows.setdefault(image["table"], {})[tuple(image["key"])] = image.get("row")


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    for line in data.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


# --- objects


def _object(vault: Vault, making: Rebuilding, told: Told, ref: ObjectRef) -> None:
    """One 件; a number that was given is never given again, whatever is left of it."""
    row = told.rows.get("submission", {}).get((ref.number,))
    known = {"mailbox": ref.mailbox, "year": ref.year} if row is None else {**row, "state": "accepted"}
    making.used(ref.number)
    try:
        submission, decided = _of_record(vault.read_record(ref.mailbox, ref.year, ref.number))
        decided += _later(told, ref.number, len(decided))
    except Discarded as gone:
        submission, decided = _removed(ref, known, told, gone.tombstone)
    except (OSError, ValueError, KeyError, TypeError, InventoryError) as error:
        why = error.__class__.__name__
        told.troubles.append(f"{ref.number} 的登记读不出（{why}），没有重建；请先 verify、repair")
        return
    making.submission(known, submission, decided)
    if row is None:
        making.seen(submission)


def _of_record(record: Mapping[str, Any]) -> tuple[Submission, list[Decision]]:
    return load(Submission, record["submission"]), [load(Decision, one) for one in record["decisions"]]


def _later(told: Told, number: str, known: int) -> list[Decision]:
    """Decisions that were made but not yet in record.json when the log was written."""
    rows = told.rows.get("decision", {})
    found, version = [], known + 1
    while row := rows.get((number, version)):
        if not row.get("value"):
            break
        found.append(load(Decision, row["value"]))
        version += 1
    return found


def _removed(
    ref: ObjectRef, row: Mapping[str, Any], told: Told, tombstone: Mapping[str, Any]
) -> tuple[Submission, list[Decision]]:
    """A discarded 件: its number, digests and decisions without what it said."""
    at = datetime.fromisoformat(str(tombstone["at"]).replace("Z", "+00:00"))
    received = datetime.fromisoformat(row["received"]) if "received" in row else at
    submission = Submission(
        ref.number, Source(ref.mailbox), row.get("channel", "mail"), received, row.get("sha256", ref.number),
        row.get("size", 0), Mail(sender=row.get("sender", "")), (),
    )  # fmt: skip
    mine = {key[1]: one for key, one in told.rows.get("decision", {}).items() if key[0] == ref.number and one}
    last = max(mine, default=1)
    decided = []
    for version in range(1, last + 1):
        one = mine.get(version, {})
        gone = version == last
        role: Any = "submission" if gone or one.get("role") == "discarded" else one.get("role", "submission")
        when = datetime.fromisoformat(one["at"]) if "at" in one else at
        decided.append(
            Decision(
                ref.number, version, when, one.get("made_by", str(tombstone["who"])), role, one.get("campaign"),
                one.get("unit"), 0.0, False, "", why=str(tombstone["why"]) if gone else "", discarded=gone,
            )
        )  # fmt: skip
    return submission, decided


# --- rows


def _rows(vault: Vault, making: Rebuilding, told: Told, numbers: set[str]) -> None:
    for name in KEPT:
        rows = [row for row in told.rows.get(name, {}).values() if row is not None]
        if name == "decision":
            continue
        if name == "submission":
            rows = [row for row in rows if row["number"] not in numbers and row["state"] == "reserved"]
        if name == "letter":
            rows = [row for row in rows if _with_body(row, told)]
        if name == "version":
            rows = [row for row in rows if _with_text(vault, row, told)]
        making.rows(name, rows)


def _with_body(row: dict[str, Any], told: Told) -> bool:
    body = told.bodies.get(row["body"])
    if body is None:
        told.troubles.append(f"信件 {row['key']} 的原文不在档案中，没有重建")
        return False
    row |= {"body": body, "lease": None}
    if row["state"] == "sending":
        row["state"] = "deferred"
    return True


def _with_text(vault: Vault, row: dict[str, Any], told: Told) -> bool:
    try:
        text = vault.read_log(f"{row['kind']}/{row['name']}/{row['sha256'][:16]}", row["name"])
    except (OSError, InventoryError):
        told.troubles.append(f"{row['name']} 的一个版本读不出，没有重建")
        return False
    row |= {"text": text, "kept": True}
    return True
