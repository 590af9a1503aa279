"""A thousand random harms to a small archive: each is found and named by code and place; a whole one has none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.damages import CODES
from archive.ocfl import inventory as ocfl
from archive.verify import verify
from tests.unit.archive.test_verify import below_root, filled, overwrite, swap_files

OWN = {
    "payload": {"changed"},
    "record": {"changed"},
    "tombstone": {"changed"},
    "log": {"changed"},
    "inventory": {"inventory-damaged"},
    "sidecar": {"sidecar-mismatch"},
    "declaration": {"changed"},
    "root": {"root-declaration"},
}
"""What kind of file → the code of other bytes in it."""
CUT = {"payload": {"truncated"}, "record": {"truncated"}, "tombstone": {"truncated"}, "log": {"truncated", "changed"}}
"""How a shorter file is named: what tells no length (a campaign file in the log) may be `changed`."""
GONE = {"declaration": {"not-an-object"}, "root": {"root-declaration"}}
CONTENT = ("payload", "record", "tombstone", "log")


def sort_of(path: Path) -> str:
    """The kind of file, one of OWN."""
    if path.name in (ocfl.ROOT_DECLARATION, ocfl.OBJECT_DECLARATION):
        return "root" if path.name == ocfl.ROOT_DECLARATION else "declaration"
    if path.name in (ocfl.INVENTORY, ocfl.SIDECAR):
        return "sidecar" if path.name == ocfl.SIDECAR else "inventory"
    if "_log" in path.parts:
        return "log"
    return {"record.json": "record", "tombstone.json": "tombstone"}.get(path.name, "payload")


@dataclass
class Harm:
    """What is done: kind; to the file; with another file, for a swap."""

    kind: str
    path: Path
    other: Path
    chance: random.Random

    def named(self) -> dict[Path, set[str]]:
        """Where a damage must be named, and the codes it may bear there."""
        sort = sort_of(self.path)
        if self.kind == "add":
            return {self.path.with_name("多出"): {"extra"}}
        if self.kind == "cut":
            return {self.path: CUT.get(sort, OWN[sort])}
        if self.kind in ("delete", "folder"):
            return {self.path: GONE.get(sort, {"missing"})}
        if self.kind == "swap":
            both = sort in CONTENT and sort_of(self.other) in CONTENT
            return {
                one: {"swapped"} if both else OWN[sort_of(one)] | CUT.get(sort_of(one), set())
                for one in (self.path, self.other)
            }
        return {self.path: OWN[sort]}

    @contextmanager
    def done(self) -> Iterator[None]:
        """The harm is done inside, and undone after."""
        if self.kind == "swap":
            swap_files(self.path, self.other)
            yield
            swap_files(self.path, self.other)
            return
        data = self.path.read_bytes()
        HARMS[self.kind](self, data)
        yield
        if self.kind == "add":
            self.path.with_name("多出").unlink()
            return
        if self.path.is_dir():
            self.path.rmdir()
        elif self.path.exists():
            self.path.chmod(0o644)
        self.path.write_bytes(data)

    def flip(self, data: bytes) -> None:
        changed = bytearray(data)
        changed[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        overwrite(self.path, bytes(changed))

    def cut(self, data: bytes) -> None:
        overwrite(self.path, data[: self.chance.randrange(len(data))])

    def grow(self, data: bytes) -> None:
        overwrite(self.path, data + self.chance.randbytes(1 + self.chance.randrange(9)))

    def add(self, data: bytes) -> None:
        self.path.with_name("多出").write_bytes(data)

    def delete(self, data: bytes) -> None:
        self.path.unlink()

    def folder(self, data: bytes) -> None:
        self.path.unlink()
        self.path.mkdir()


HARMS: dict[str, Callable[[Harm, bytes], None]] = {
    "flip": Harm.flip,
    "cut": Harm.cut,
    "grow": Harm.grow,
    "add": Harm.add,
    "delete": Harm.delete,
    "folder": Harm.folder,
}


def test_a_thousand_random_damages_are_each_named_by_code_and_place(tmp_path: Path) -> None:
    chance = random.Random(20180820)
    vault = filled(tmp_path)
    files: dict[str, list[Path]] = {}
    for path in sorted(path for path in vault.root.rglob("*") if path.is_file()):
        files.setdefault(sort_of(path), []).append(path)
    assert set(files) == set(OWN)
    everything = [path for same in files.values() for path in same]
    done = set()
    for turn in range(1000):
        path = chance.choice(files[chance.choice(sorted(files))])
        other = chance.choice([one for one in everything if one.read_bytes() != path.read_bytes()])
        harm = Harm(chance.choice([*HARMS, "swap"]), path, other, chance)
        done.add((harm.kind, sort_of(path)))
        wanted = harm.named()
        with harm.done():
            found = verify(vault)
        seen = [(vault.root / below_root(one), one.code) for one in found]
        for where, codes in wanted.items():
            assert any(place == where and code in codes for place, code in seen), f"{turn}: {harm} not in {found}"
        assert {place for place, _ in seen} <= set(wanted), f"{turn}: {harm} blames others too: {found}"
        assert {code for _, code in seen} <= set(CODES)
        if turn % 50 == 0:
            assert verify(vault) == [], f"{turn}: a false alarm"
    assert verify(vault) == []
    assert len(done) == len(OWN) * 7, "every kind of harm to every kind of file"
