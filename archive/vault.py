"""The archive at rest: one OCFL 1.1 object for each 件, kept so that anyone can check it without this program.

`docs/archive-format.md` says what lies where. One process writes; any number may read. What is built lies beside the
archive (`.NAME.building`) or in the deposit's own folder and is renamed into place when it is on the disk, so that a
crash leaves nothing or a whole object; `mend` finishes the rest at the next start.
"""

# Plain strings and os calls: for a small mail pathlib costs more than the disk.
# ruff: noqa: PTH110, PTH112, PTH120, PTH123, PTH208

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import durable
from archive.ocfl import building, mending
from archive.ocfl import inventory as ocfl
from archive.ocfl.building import MANIFEST, MESSAGE, RECORD, SERVICE, Deposit, VaultConflict
from archive.ocfl.inventory import Inventory

__all__ = ["LOG", "Deposit", "Discarded", "ObjectRef", "Vault", "VaultConflict"]

LOG = ocfl.LOG
TOMBSTONE = "tombstone.json"


class Discarded(LookupError):
    """The 件 was removed; `tombstone` says who, why, when and the digests of what was removed."""

    def __init__(self, number: str, tombstone: Mapping[str, Any]) -> None:
        super().__init__(f"{number} 已撤销存档")
        self.number = number
        self.tombstone = tombstone


@dataclass(frozen=True)
class ObjectRef:
    """Where one object lies."""

    mailbox: str
    year: int
    number: str
    path: Path


def _now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """One storage root. clock gives the time written into versions (aware)."""

    def __init__(self, root: Path, clock: Callable[[], datetime] = _now) -> None:
        self.root = root
        self._root = os.fspath(root)
        self._building = os.fspath(root.with_name(f".{root.name}.building"))
        self._clock = clock

    def create(self) -> None:
        """Make the storage root; one that is there already stays as it is. Durable on return."""
        self.root.mkdir(parents=True, exist_ok=True)
        declaration = f"{self._root}/{ocfl.ROOT_DECLARATION}"
        if not os.path.exists(declaration):
            durable.write_file(declaration, ocfl.ROOT_DECLARATION_TEXT)
            durable.sync_file(declaration)
        durable.make_folder(self._building)
        durable.sync_folder(self._root)
        durable.sync_folder(os.fspath(self.root.parent))

    # ---- what comes in

    def put(self, batch: Sequence[Deposit]) -> None:
        """Keep these 件; when it returns they are on the disk.

        A number that is there already with the same received bytes stays as it is (a crash came between keeping and
        noting). VaultConflict when it is there with others: then nothing of the batch was touched. OSError when the
        disk fails: the same batch can be put again. ValueError for names, sizes or paths that cannot be.
        """
        places = [self._place(deposit.mailbox, deposit.year, deposit.number) for deposit in batch]
        if len(set(places)) != len(places):
            raise VaultConflict("同一批来件中有重复的编号，请重新收取。")
        fresh = [(d, place) for d, place in zip(batch, places, strict=True) if not self._is_kept(d, place)]
        at = self._clock()
        built = [(building.build_deposit(deposit, at), place) for deposit, place in fresh]
        durable.sync_trees([source for source, _ in built])
        parents = {os.path.dirname(place) for place in places}
        for parent in sorted(parents):
            self._make_parents(parent)
        for source, place in built:
            building.move_in(source, place)
        for folder in sorted(self._up_to_root(parents), key=len, reverse=True):
            durable.sync_folder(folder)

    def _is_kept(self, deposit: Deposit, place: str) -> bool:
        """Is this 件 in its place already, with the same received bytes (else with the same files)?"""
        if not os.path.lexists(place):
            return False
        try:
            kept = ocfl.head_files(self._inventory(place))
        except (OSError, ocfl.InventoryError):
            kept = {}
        given = {path: digest for path, (digest, _) in deposit.files.items()}
        received = next((name for name in (MESSAGE, MANIFEST) if name in given), None)
        if received is not None:
            same = kept.get(received) == given[received]
        else:
            same = given == {path: digest for path, digest in kept.items() if path != RECORD} and RECORD in kept
        if not same:
            raise VaultConflict(f"编号 {deposit.number} 在存档中已有别的内容，请换一个编号或核对存档。")
        return True

    # ---- what is read

    def exists(self, mailbox: str, year: int, number: str) -> bool:
        """Is there an object of that number (a tombstone counts: the number is used)?"""
        return os.path.exists(f"{self._place(mailbox, year, number)}/{ocfl.INVENTORY}")

    def read_record(self, mailbox: str, year: int, number: str) -> dict[str, Any]:
        """record.json of the highest version. FileNotFoundError, Discarded, ocfl.InventoryError."""
        place = self._place(mailbox, year, number)
        return self._read_json(place, self._living(place, number), RECORD)

    def content_path(self, mailbox: str, year: int, number: str, stored: str) -> Path:
        """Where a file of the highest version lies (`message.eml`, `files/…`).

        FileNotFoundError when the 件 has no such file; Discarded, ocfl.InventoryError.
        """
        place = self._place(mailbox, year, number)
        found = ocfl.content_of(self._living(place, number), stored)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{place}: {stored}")
        return Path(place, found)

    def files(self, mailbox: str, year: int, number: str) -> dict[str, tuple[Path, str]]:
        """Every file of the highest version: its path (`message.eml`, `files/…`) → where it lies, SHA-256.

        A tombstone has only `tombstone.json`. FileNotFoundError, ocfl.InventoryError.
        """
        place = self._place(mailbox, year, number)
        found = ocfl.head_contents(self._inventory(place))
        return {path: (Path(place, lies_at), digest) for path, (lies_at, digest) in sorted(found.items())}

    def head_digests(self, mailbox: str, year: int, number: str) -> dict[str, str]:
        """Path -> SHA-256 of every file of the highest version. FileNotFoundError, Discarded, ocfl.InventoryError."""
        return ocfl.head_files(self._living(self._place(mailbox, year, number), number))

    def objects(self) -> Iterator[ObjectRef]:
        """Every 件 in place, tombstones too, ordered by mailbox, year, number; log objects are not among them."""
        for mailbox in building.folders(self._root):
            if mailbox == LOG:
                continue
            for year in building.folders(f"{self._root}/{mailbox}"):
                if not year.isascii() or not year.isdigit():
                    continue
                for number in building.folders(f"{self._root}/{mailbox}/{year}"):
                    yield ObjectRef(mailbox, int(year), number, self.root / mailbox / year / number)

    def logs(self, name: str) -> Iterator[str]:
        """Names of the log objects below that name (`events`, `campaigns`), in order; the damaged ones too."""
        place = f"{self._root}/{LOG}/{name}"
        if os.path.exists(f"{place}/{ocfl.OBJECT_DECLARATION}") or os.path.exists(f"{place}/{ocfl.INVENTORY}"):
            yield name
            return
        for inner in building.folders(place) if os.path.isdir(place) else ():
            yield from self.logs(f"{name}/{inner}")

    def log_files(self, name: str) -> Mapping[str, str]:
        """Path → SHA-256 of the files of a log object, newest version. OSError, ocfl.InventoryError."""
        return ocfl.head_files(self._inventory(f"{self._root}/{LOG}/{name}"))

    def read_log(self, name: str, path: str) -> bytes:
        """The bytes of one file of a log object, as they lie there. OSError, ocfl.InventoryError."""
        place = f"{self._root}/{LOG}/{name}"
        found = ocfl.content_of(self._inventory(place), path)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{place}: {path}")
        return Path(place, found).read_bytes()

    # ---- what changes

    def add_version(self, mailbox: str, year: int, number: str, record: Mapping[str, Any], who: str, why: str) -> int:
        """A new version with this record.json; the payload is not copied. The number of the version, durable.

        The record in force already: its version number, nothing written, so that a repeat after a crash is safe.
        """
        place = self._place(mailbox, year, number)
        self._mend_one(place)
        inventory = self._living(place, number)
        return self._add(place, inventory, {RECORD: ocfl.encode(record)}, who, why)

    def put_log(self, name: str, files: Mapping[str, bytes]) -> None:
        """Keep files in the log object of that name (`campaigns`, `events/2018-07`); durable on return.

        A repeated name makes a version: files given are added or replace those of the same path, others stay.
        """
        if not files or not all(map(ocfl.is_safe, files)):
            raise ValueError("a log needs files with safe paths")
        parts = [building.segment(part) for part in name.split("/")]
        place = "/".join((self._root, LOG, *parts))
        self._mend_one(place)
        if os.path.lexists(place):
            self._add(place, self._inventory(place), files, SERVICE, "追加")
            return
        for depth in range(1, len(parts)):
            if os.path.exists("/".join((self._root, LOG, *parts[:depth], ocfl.INVENTORY))):
                raise ValueError(f"log {name!r} would lie inside another")
        stage = self._stage(place)
        built = f"{stage}/object"
        building.build_object(built, ocfl.log_id(name), files, at=self._clock(), who=SERVICE, message="收存")
        durable.sync_trees([stage])
        parent = os.path.dirname(place)
        self._make_parents(parent)
        building.move_in(built, place)
        for folder in sorted(self._up_to_root({parent}), key=len, reverse=True):
            durable.sync_folder(folder)
        durable.remove_tree(stage)

    def tombstone(self, mailbox: str, year: int, number: str, who: str, why: str, at: datetime) -> None:
        """Remove the 件 and leave an object of the same id that says who, why, when and the digests of what was there.

        Durable on return; an object that is a tombstone already stays as it is. FileNotFoundError.
        """
        place = self._place(mailbox, year, number)
        self._mend_one(place)
        try:
            inventory = self._living(place, number)
        except Discarded:
            return
        removed = [
            {"path": path, "sha256": digest, "size": building.size(f"{place}/{path}")}
            for path, digest in sorted(ocfl.content_files(inventory).items())
        ]
        said = {"number": number, "who": who, "why": why, "at": ocfl.stamp(at), "removed": removed}
        stage = self._stage(place)
        files = {TOMBSTONE: ocfl.encode(said)}
        building.build_object(
            f"{stage}/{mending.TOMBSTONE}", ocfl.object_id(number), files, at=self._clock(), who=who, message=why
        )
        durable.sync_trees([stage])
        durable.sync_folder(self._building)
        durable.move(place, f"{stage}/{mending.REMOVED}")
        durable.move(f"{stage}/{mending.TOMBSTONE}", place)
        durable.sync_folder(os.path.dirname(place))
        durable.sync_folder(stage)
        durable.remove_tree(stage)
        durable.sync_folder(self._building)

    def mend(self) -> list[str]:
        """Finish or take back what a crash left; one sentence (Chinese) for each thing done. Call before writing.

        Costs a look at the folders of mailboxes and years and at what was being built, not at every object.
        """
        durable.make_folder(self._building)
        done = []
        for name in sorted(os.listdir(self._building)):
            done += self._mend_one(f"{self._root}/{name.replace('!', '/')}")
        done += mending.remove_empty_folders(self._root, "")
        return done

    # ---- steps

    def _add(self, place: str, inventory: Inventory, files: Mapping[str, bytes], who: str, why: str) -> int:
        digests = {path: ocfl.sha256(data) for path, data in files.items()}
        after, written = ocfl.following(inventory, digests, at=self._clock(), who=who, message=why)
        head: str = after["head"]
        if after is inventory:
            return int(head[1:])
        stage = self._stage(place)
        version = f"{stage}/{head}"
        durable.make_folder(version)
        if written:
            durable.make_folder(f"{version}/content")
        folders = {""}
        for path in written:
            building.make_inner(f"{version}/content", os.path.dirname(path), folders)
            durable.write_file(f"{version}/content/{path}", files[path])
        data = ocfl.encode(after)
        mending.write_inventory(version, data)
        mending.write_inventory(stage, data)
        durable.sync_trees([stage])
        durable.sync_folder(self._building)
        durable.move(version, f"{place}/{head}")
        mending.install(stage, place)
        durable.remove_tree(stage)
        return int(head[1:])

    def _stage(self, place: str) -> str:
        """An empty folder for what is being built for that object; its name tells `mend` which one."""
        stage = self._stage_of(place)
        durable.make_folder(self._building)
        durable.make_folder(stage)
        return stage

    def _stage_of(self, place: str) -> str:
        return f"{self._building}/{place[len(self._root) + 1 :].replace('/', '!')}"

    def _mend_one(self, place: str) -> list[str]:
        stage = self._stage_of(place)
        if not os.path.isdir(stage):
            return []
        done = mending.mend_object(stage, place, place[len(self._root) + 1 :])
        if os.path.isdir(place):
            for folder in (place, *sorted(self._up_to_root({os.path.dirname(place)}), key=len, reverse=True)):
                durable.sync_folder(folder)
        durable.remove_tree(stage)
        durable.sync_folder(self._building)
        return done

    def _place(self, mailbox: str, year: int, number: str) -> str:
        if mailbox == LOG or not 1 <= year <= 9999:
            raise ValueError(f"no place for {mailbox!r} {year}")
        return f"{self._root}/{building.segment(mailbox)}/{year:04d}/{building.segment(number)}"

    def _make_parents(self, parent: str) -> None:
        made = self._root
        for part in parent[len(self._root) + 1 :].split("/"):
            made = f"{made}/{part}"
            durable.make_folder(made)

    def _up_to_root(self, parents: set[str]) -> set[str]:
        found = {self._root} if parents else set()
        for parent in parents:
            while len(parent) > len(self._root):
                found.add(parent)
                parent = os.path.dirname(parent)
        return found

    def _inventory(self, place: str) -> Inventory:
        with open(f"{place}/{ocfl.INVENTORY}", "rb") as file:
            return ocfl.parse(file.read())

    def _living(self, place: str, number: str) -> Inventory:
        """The inventory of an object that is no tombstone."""
        inventory = self._inventory(place)
        if TOMBSTONE in ocfl.head_files(inventory):
            raise Discarded(number, self._read_json(place, inventory, TOMBSTONE))
        return inventory

    def _read_json(self, place: str, inventory: Inventory, name: str) -> dict[str, Any]:
        found = ocfl.content_of(inventory, name)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{place}: {name}")
        data: dict[str, Any] = json.loads(Path(place, found).read_bytes())
        return data
