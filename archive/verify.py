"""Fixity of the whole archive: what lies where no object may lie, and every object, one process a core.

Reads everything, changes nothing. A whole object that is gone leaves no trace in a storage root, so `expected` (the
ledger's numbers) finds those. `python -m archive.verify ROOT` is one of the processes: a line of places in, a line of
results out.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING

from archive.chain import EVENTS, check_chain
from archive.checking import check_object, entries_of
from archive.damages import CODES, Checked, Damage, name_swaps, named
from archive.ocfl import inventory as ocfl
from archive.segments import LOG, segment_name, segments

if TYPE_CHECKING:  # the processes need nothing of it
    from archive.vault import Vault

__all__ = ["CODES", "Checked", "Damage", "chain_damages", "places", "sweep", "verify"]

AT_ONCE = 4
"""Objects handed to a process in one line: enough to hide the pipe, few enough that processes end together."""

_MARKS = (ocfl.OBJECT_DECLARATION, ocfl.INVENTORY, ocfl.SIDECAR, "v1")


def verify(
    vault: Vault,
    checked: Callable[[int, int], None] = lambda files, size: None,
    expected: Collection[tuple[str, int, str]] = (),
    processes: int = 1,
) -> list[Damage]:
    """Every damage of the archive.

    checked is called after each object with the files and bytes read so far. expected: (mailbox, year, number) that
    must be there.
    """
    found, damages = places(vault.root)
    gone = {f"{mailbox}/{year:04d}/{number}" for mailbox, year, number in expected} - set(found)
    files = size = 0
    for one in sweep(vault.root, [*found, *sorted(gone)], processes):
        files, size = files + one.files, size + one.bytes
        damages += one.damages
        checked(files, size)
    return name_swaps([*damages, *chain_damages(vault)])


def chain_damages(vault: Vault) -> list[Damage]:
    """Where the chain of the log does not hold, though every file fits its inventory."""
    return [
        Damage("chain-broken", f"{LOG}/{segment_name(found.segment)}", EVENTS, found.text)
        for found in check_chain(segments(vault)).breaks
    ]


def places(root: Path) -> tuple[list[str], list[Damage]]:
    """Where objects lie, in the order of the folders, and what lies where nothing may lie."""
    found: list[str] = []
    damages: list[Damage] = []
    declaration = root / ocfl.ROOT_DECLARATION
    if not declaration.is_file() or declaration.read_bytes() != ocfl.ROOT_DECLARATION_TEXT:
        damages.append(named("root-declaration", "", ocfl.ROOT_DECLARATION))
    for one in _below(root, ""):
        (found if isinstance(one, str) else damages).append(one)  # type: ignore[arg-type]
    return found, damages


def _below(root: Path, below: str) -> Iterator[str | Damage]:
    entries = entries_of(root / below)
    if entries is None:
        yield named("not-an-object", below, "", "文件夹无法读取。")
        return
    if below and not entries:
        yield named("not-an-object", below, "", "空文件夹。")
    for name, kind in entries.items():
        inner = f"{below}/{name}" if below else name
        if kind != "folder":
            if below or name != ocfl.ROOT_DECLARATION:
                yield named("extra", below, name)
        elif any(os.path.lexists(root / inner / mark) for mark in _MARKS):
            yield inner
        elif inner.count("/") >= 2 and not inner.startswith(f"{ocfl.LOG}/"):
            yield named("not-an-object", inner, "")
        else:
            yield from _below(root, inner)


def sweep(root: Path, at: Sequence[str], processes: int = 1) -> Iterator[Checked]:
    """Check the objects at these places in several processes; in no order. ChildProcessError when one of them dies."""
    lots = [at[begin : begin + AT_ONCE] for begin in range(0, len(at), AT_ONCE)]
    if min(processes, len(lots)) <= 1:
        yield from (check_object(root, place) for place in at)
        return
    waiting: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()
    results: queue.SimpleQueue[list[Checked] | None] = queue.SimpleQueue()
    for lot in lots:
        waiting.put(lot)
    children = [_child(root) for _ in range(min(processes, len(lots)))]
    threads = [threading.Thread(target=_serve, args=(child, waiting, results), daemon=True) for child in children]
    try:
        for thread in threads:
            thread.start()
        for _ in lots:
            done = results.get()
            if done is None:
                raise ChildProcessError("校验进程意外终止，请再运行一次 baosong verify")
            yield from done
    finally:
        for child in children:
            child.kill()
            child.wait()
        for thread in threads:
            thread.join()


def _child(root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "archive.verify", os.fspath(root.absolute())]
    home = Path(__file__).parent.parent
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=home
    )


def _serve(
    child: subprocess.Popen[str],
    waiting: queue.SimpleQueue[Sequence[str]],
    results: queue.SimpleQueue[list[Checked] | None],
) -> None:
    """Hand lots to one process until none is left; None tells that it died."""
    assert child.stdin is not None and child.stdout is not None
    with suppress(queue.Empty):
        while True:
            lot = waiting.get_nowait()
            try:
                print(json.dumps(lot), file=child.stdin, flush=True)
                results.put([_checked(one) for one in json.loads(child.stdout.readline())])
            except (OSError, ValueError):
                results.put(None)
                return
    with suppress(OSError):
        child.stdin.close()


def _checked(told: dict[str, object]) -> Checked:
    damages = told.pop("damages")
    assert isinstance(damages, list)
    return Checked(**told, damages=tuple(Damage(**one) for one in damages))  # type: ignore[arg-type]


def answer(root: Path, asked: IO[str], told: IO[str]) -> None:
    """The process's side: a line of places in, a line of results out."""
    for line in asked:
        results = [asdict(check_object(root, place)) for place in json.loads(line)]
        print(json.dumps(results), file=told, flush=True)


if __name__ == "__main__":
    answer(Path(sys.argv[1]), sys.stdin, sys.stdout)
