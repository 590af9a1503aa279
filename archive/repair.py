"""Repair: for each damage where the right bytes still are, and putting them in place. Nothing is ever deleted.

What is damaged is moved aside into a folder beside the archive first. `plan` only reads; `apply` checks the bytes once
more before it moves anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive import durable
from archive.checking import MESSAGE, check_object
from archive.damages import Damage
from archive.ocfl import inventory as ocfl
from archive.ocfl.inventory import Inventory
from archive.second import NotCopied, copy_object

_DECLARATIONS: Mapping[str, bytes] = {
    ocfl.ROOT_DECLARATION: ocfl.ROOT_DECLARATION_TEXT,
    ocfl.OBJECT_DECLARATION: ocfl.OBJECT_DECLARATION_TEXT,
}

FromMailbox = Callable[[str], Path | None]
"""Place of a 件 -> a file with its mail as the mailbox still has it; None when it has not."""


@dataclass(frozen=True)
class Remedy:
    """What can be done about one file (path "": the whole object). how: what, one sentence (Chinese).

    source: a file or object folder to copy; data: the bytes to write; neither: what is there is moved aside, or, when
    `possible` is False, nothing can be done here.
    """

    object: str
    path: str
    how: str
    source: Path | None = None
    data: bytes | None = None
    possible: bool = True


def plan(root: Path, second: Path | None, damages: Sequence[Damage], mailbox: FromMailbox) -> list[Remedy]:
    """A remedy for each damaged file, the whole objects first. second: another root with the same objects."""
    found: dict[tuple[str, str], Remedy] = {}
    for one in sorted(damages, key=lambda one: (one.path != "", one.code == "extra", one.object, one.path)):
        if (one.object, one.path) not in found:
            found[one.object, one.path] = _remedy(root, second, one, damages, mailbox)
    whole = {one.object for one in found.values() if one.source is not None and not one.path}
    return [one for one in found.values() if one.object not in whole or (one.source is not None and not one.path)]


def _remedy(root: Path, second: Path | None, one: Damage, damages: Sequence[Damage], mailbox: FromMailbox) -> Remedy:
    if one.code in ("ledger-differs", "tombstone") or (one.code == "swapped" and one.path == ocfl.INVENTORY):
        return Remedy(one.object, one.path, "不能自动修复，请核对后由人处理", possible=False)
    if one.code == "extra" or (one.code == "not-an-object" and not one.path):
        return Remedy(one.object, one.path, "移到旁边的文件夹")
    if one.path in _DECLARATIONS:
        return Remedy(one.object, one.path, "重写声明", data=_DECLARATIONS[one.path])
    if not one.path or ocfl.is_version(one.path):
        return _whole_object(second, one)
    if one.path.rpartition("/")[2] in (ocfl.INVENTORY, ocfl.SIDECAR):
        return _inventory(root, second, one)
    return _content(root, second, one, damages, mailbox)


def _whole_object(second: Path | None, one: Damage) -> Remedy:
    if second is not None and (second / one.object).is_dir() and not check_object(second, one.object).damages:
        return Remedy(one.object, "", "从第二份存档复制整个对象", source=second / one.object)
    return Remedy(one.object, "", "第二份存档里也没有，不能修复", possible=False)


# ---- inventories


def _inventory(root: Path, second: Path | None, one: Damage) -> Remedy:
    where, _, name = one.path.rpartition("/")
    data = _inventory_as_it_was(root / one.object, where)
    how = "按本对象其余的清单重写"
    if data is None and second is not None and not check_object(second, one.object).damages:
        data, how = _read(second / one.object / where / ocfl.INVENTORY), "从第二份存档复制"
    if data is None:
        return Remedy(one.object, one.path, "没有完好的清单可用，不能修复", possible=False)
    return Remedy(one.object, one.path, how, data=data if name == ocfl.INVENTORY else ocfl.sidecar(data))


def _inventory_as_it_was(folder: Path, where: str) -> bytes | None:
    """The bytes of that version's inventory ("": the newest), as a whole pair of the object and a digest that was kept
    both say; None when they do not."""
    best = trusted(folder)
    if best is None:
        return None
    version = where or f"v{max((int(path.name[1:]) for path in folder.glob('v*') if path.is_dir()), default=0)}"
    if version not in best["versions"]:
        return None
    data = ocfl.encode(ocfl.as_of(best, version))
    said = [_read(folder / at / ocfl.SIDECAR) for at in {where, version, "" if version == best["head"] else version}]
    kept = [_read(folder / at / ocfl.INVENTORY) for at in {where, version}]
    return data if ocfl.sidecar(data) in said or data in kept else None


def trusted(folder: Path) -> Inventory | None:
    """The newest inventory of the object that fits its sidecar; None when none does."""
    found = []
    for at in (folder, *folder.glob("v*")):
        data = _read(at / ocfl.INVENTORY)
        if data is not None and _read(at / ocfl.SIDECAR) == ocfl.sidecar(data):
            try:
                found.append(ocfl.parse(data))
            except ocfl.InventoryError:
                continue
    return max(found, key=lambda told: len(told["versions"]), default=None)


# ---- content


def _content(root: Path, second: Path | None, one: Damage, damages: Sequence[Damage], mailbox: FromMailbox) -> Remedy:
    told = trusted(root / one.object)
    wanted = ocfl.content_files(told).get(one.path) if told is not None else None
    if told is None or wanted is None:
        return Remedy(one.object, one.path, "清单已损坏，先修复清单再运行一次", possible=False)
    for source, how in _candidates(root, second, one, told, wanted, damages):
        if _digest(source) == wanted:
            return Remedy(one.object, one.path, how, source=source)
    if one.path == f"v1/content/{MESSAGE}":
        source_ = mailbox(one.object)
        if source_ is not None and _digest(source_) == wanted:
            return Remedy(one.object, one.path, "从邮箱取回同一封邮件", source=source_)
    return Remedy(one.object, one.path, "第二份存档和邮箱里都没有同样的内容，不能修复", possible=False)


def _candidates(
    root: Path, second: Path | None, one: Damage, told: Inventory, wanted: str, damages: Sequence[Damage]
) -> Iterator[tuple[Path, str]]:
    """Where the bytes may still be: the second copy, the same bytes in the object, a file that lies elsewhere."""
    if second is not None:
        yield second / one.object / one.path, "从第二份存档复制"
    for path, digest in ocfl.content_files(told).items():
        if digest == wanted and path != one.path:
            yield root / one.object / path, f"与 {path} 内容相同，从那里复制"
    for other in damages:
        if other.seen == wanted and (other.object, other.path) != (one.object, one.path):
            yield root / other.object / other.path, f"换到了 {other.object}/{other.path}，从那里复制"


# ---- doing it


def apply(root: Path, remedies: Sequence[Remedy], aside: Path) -> list[Remedy]:
    """Put things right; those that could not be after all come back with `possible` False.

    aside: a folder beside the archive, on its file system; what is damaged is moved there, below its place.
    """
    staged = [(one, _stage(one, aside / ".new" / str(turn))) for turn, one in enumerate(remedies) if one.possible]
    failed = []
    for one, new in staged:
        try:
            _one(root, one, new, aside)
        except (NotCopied, OSError) as why:
            failed.append(Remedy(one.object, one.path, f"没有修复：{why}", possible=False))
    durable.remove_tree(os.fspath(aside / ".new"))
    if aside.is_dir() and not any(aside.iterdir()):
        durable.remove_folder(os.fspath(aside))
    return failed


def _stage(one: Remedy, new: Path) -> Path | None:
    """The right bytes in a file of their own before anything is moved: the source may be moved aside itself."""
    if not one.path or (one.source is None and one.data is None):
        return None
    new.parent.mkdir(parents=True, exist_ok=True)
    data = one.data if one.data is not None else (one.source.read_bytes() if one.source is not None else b"")
    durable.write_file(os.fspath(new), data)
    durable.sync_file(os.fspath(new))
    return new


def _one(root: Path, one: Remedy, new: Path | None, aside: Path) -> None:
    place = root / one.object / one.path
    if os.path.lexists(place):
        kept = aside / one.object / one.path
        kept.parent.mkdir(parents=True, exist_ok=True)
        durable.move(os.fspath(place), os.fspath(kept))
        durable.sync_folder(os.fspath(kept.parent))
    if not one.path and one.source is not None:
        copy_object(one.source.parents[one.object.count("/")], root, one.object)
    elif new is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        durable.move(os.fspath(new), os.fspath(place))
    if place.parent.is_dir():
        durable.sync_folder(os.fspath(place.parent))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _digest(path: Path) -> str | None:
    data = _read(path)
    return None if data is None else ocfl.sha256(data)
