"""A folder kept in step with what is wanted, in which people work too: what is theirs is never touched.

Ours is what the record names and what still has the size, time and bytes we gave it. A file of ours that somebody
changed is theirs from then on, and ours is written beside it under another name. The record is written before files
take their places and again after, so that a run killed anywhere is finished by the next.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from archive import durable
from archive.kept_record import NoSource, Ours, Record, Wanted, make, sha256_of

BESIDE = "存档件"
BATCH_BYTES = 256 * 1024 * 1024
BATCH_FILES = 500


@dataclass
class Done:
    """What a pass did. said: sentences (Chinese) about what was left or could not be done; open: sections that will be
    tried again."""

    written: int = 0
    removed: int = 0
    said: list[str] = field(default_factory=list)
    open: set[str] = field(default_factory=set)

    def and_then(self, other: Done) -> Done:
        """Both passes together."""
        said = list(dict.fromkeys([*self.said, *other.said]))
        return Done(self.written + other.written, self.removed + other.removed, said, self.open | other.open)


@dataclass
class _Plan:
    """goes, stays: ours. writes: the wanted ones and what of ours (path, or a file to be replaced) they become."""

    goes: list[Ours] = field(default_factory=list)
    stays: list[Ours] = field(default_factory=list)
    writes: list[tuple[Ours | None, Wanted]] = field(default_factory=list)


_Write = tuple[str, Ours | None, Wanted]
"""A section, the file of ours that is replaced, and what is wanted."""


@dataclass(frozen=True)
class _Ready:
    """A file made ready in `draft`, to be moved into its place."""

    section: str
    ours: Ours
    draft: str


@dataclass(frozen=True)
class KeptFolder:
    """The folder `root`; ours is remembered in `root/.baosong/NAME.json`, and made ready in `root/.baosong/NAME/`."""

    root: Path
    name: str

    @property
    def _file(self) -> Path:
        return self.root / ".baosong" / f"{self.name}.json"

    @property
    def _drafts(self) -> Path:
        return self.root / ".baosong" / self.name

    def record(self) -> Record:
        """What was written so far."""
        return Record.read(self._file)

    def keep(
        self, record: Record, wanted: Mapping[str, Sequence[Wanted]], marks: Mapping[str, str], room: int | None = None
    ) -> Done:
        """Bring the sections named in `wanted` to what is wanted; a section without wanted files goes away.

        marks: kept with each section that could be finished. room: bytes that may be written at most. One keeper at a
        time. OSError when the disk fails: the next run goes on.
        """
        done = Done()
        self._clear()
        plans = {name: self._plan(name, record.sections.get(name, {}), files, done) for name, files in wanted.items()}
        need = sum(want.size for plan in plans.values() for _, want in plan.writes)
        if room is not None and need > room:
            done.said.append(f"磁盘空间不足，材料夹还需要 {need // 2**20 + 1} MB，暂不更新；请清理磁盘")
            done.open |= set(wanted)
            return done
        for name, plan in plans.items():
            old = (ours for ours, _ in plan.writes if ours is not None)
            record.sections[name] = {ours.path: ours for ours in (*plan.goes, *plan.stays, *old)}
            record.marks.pop(name, None)
        for name, plan in plans.items():
            for ours in plan.goes:
                self._take_away(name, ours, record, done)
        for batch in _batches([(name, *write) for name, plan in plans.items() for write in plan.writes]):
            ready = self._make_ready(batch, record, done)
            record.write(self._file)
            for one in ready:
                self._put(one, record, done)
            durable.sync_trees([os.fspath(self.root)])
        for name in wanted:
            if name in marks and name not in done.open:
                record.marks[name] = marks[name]
            if not record.sections[name]:
                del record.sections[name]
        record.write(self._file)
        return done

    # ---- what is to be done

    def _plan(self, name: str, known: Mapping[str, Ours], files: Sequence[Wanted], done: Done) -> _Plan:
        plan = _Plan()
        wanted = {want.path: want for want in files}
        for ours in known.values():
            want = wanted.get(ours.path)
            try:
                found = self._look(ours)
            except OSError:
                done.said.append(f"{ours.at} 正被打开，下次再更新")
                done.open.add(name)
                plan.stays.append(ours)
                wanted.pop(ours.path, None)
                continue
            if found is None:
                if os.path.lexists(self.root / ours.at):
                    done.said.append(f"{ours.at} 已被改动，不再更新" + ("；存档件另行放置" if want else ""))
                continue
            wanted.pop(ours.path, None)
            if want is None:
                plan.goes.append(found)
            elif found.stamp == want.stamp:
                plan.stays.append(found)
            else:
                plan.writes.append((found, want))
        plan.writes += [(None, want) for want in wanted.values()]
        return plan

    def _look(self, ours: Ours) -> Ours | None:
        """The file of ours as it lies there; None when it is gone or somebody changed it. OSError: cannot be read."""
        status = _regular(self.root / ours.at)
        if status is None:
            return None
        if ours.mtime is not None and (status.st_size, status.st_mtime_ns) == (ours.size, ours.mtime):
            return ours
        if ours.mtime is not None and status.st_size != ours.size:
            return None
        digest = sha256_of(self.root / ours.at)
        if digest == ours.sha256:
            return replace(ours, size=status.st_size, mtime=status.st_mtime_ns, before="")
        if ours.mtime is None and digest == ours.before:  # killed, or kept open, before the new one took its place
            return Ours(ours.path, ours.at, "", digest, status.st_size, status.st_mtime_ns)
        return None

    # ---- making ready

    def _make_ready(self, batch: Sequence[_Write], record: Record, done: Done) -> list[_Ready]:
        """Copies and bytes under `.baosong`, on the same disk, each with the place it will take, and noted."""
        self._clear()
        ready: list[_Ready] = []
        for name, old, want in batch:
            at, same = (old.at, None) if old is not None else self._free(want)
            if same is not None:
                record.sections[name][want.path] = same
                continue
            draft = os.fspath(self._drafts / str(len(ready)))
            try:
                digest = make(want, draft)
            except NoSource as why:
                done.said.append(str(why))
                done.open.add(name)
                continue
            before = "" if old is None else old.sha256
            ours = Ours(want.path, at, want.stamp, digest, Path(draft).stat().st_size, None, before)
            record.sections[name][want.path] = ours
            ready.append(_Ready(name, ours, draft))
        return ready

    def _free(self, want: Wanted) -> tuple[str, Ours | None]:
        """Where a new file can lie: its own place, else beside; and itself when the same bytes lie there already."""
        for at in _names(want.path):
            if not os.path.lexists(self.root / at):
                return at, None
            status = _regular(self.root / at)
            alike = status is not None and bool(want.sha256) and status.st_size == want.size
            if status is not None and alike and sha256_of(self.root / at) == want.sha256:
                return at, Ours(want.path, at, want.stamp, want.sha256, want.size, status.st_mtime_ns)
        raise AssertionError("names never end")

    def _clear(self) -> None:
        """The folder for drafts, empty: what a killed run left is made anew."""
        self._drafts.mkdir(parents=True, exist_ok=True)
        for leftover in self._drafts.iterdir():
            leftover.unlink()

    # ---- acting

    def _take_away(self, name: str, ours: Ours, record: Record, done: Done) -> None:
        target = self.root / ours.at
        try:
            target.unlink(missing_ok=True)
        except OSError:
            done.said.append(f"{ours.at} 正被打开，下次再移除")
            done.open.add(name)
            return
        del record.sections[name][ours.path]
        done.removed += 1
        _prune(target.parent, self.root)

    def _put(self, one: _Ready, record: Record, done: Done) -> None:
        """Move one file into its place: over ours if that is still ours, never over anything else."""
        ours, target = one.ours, self.root / one.ours.at
        try:
            self._make_way(target)
            if not ours.before:
                durable.settle(one.draft, os.fspath(target))
            elif _regular(target) is None or sha256_of(target) == ours.before:
                durable.replace(one.draft, os.fspath(target))
            else:
                raise FileExistsError
        except (PermissionError, FileExistsError, NotADirectoryError):
            done.said.append(f"{ours.at} 正被打开或位置被占用，下次再更新")
            done.open.add(one.section)
            if not ours.before:
                del record.sections[one.section][ours.path]
            return
        status = target.stat()
        record.sections[one.section][ours.path] = replace(
            ours, size=status.st_size, mtime=status.st_mtime_ns, before=""
        )
        done.written += 1

    def _make_way(self, target: Path) -> None:
        """The folders above; a link that leads out of the root is not followed."""
        if not target.parent.resolve().is_relative_to(self.root.resolve()):
            raise PermissionError(target.parent)
        target.parent.mkdir(parents=True, exist_ok=True)


def _batches(writes: Sequence[_Write]) -> Iterator[list[_Write]]:
    """Some at a time, so that a run that is killed has done what it did."""
    batch: list[_Write] = []
    size = 0
    for write in writes:
        if batch and (size + write[2].size > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(write)
        size += write[2].size
    if batch:
        yield batch


def _names(path: str) -> Iterator[str]:
    pure = PurePosixPath(path)
    yield path
    yield os.fspath(pure.with_name(f"{pure.stem}（{BESIDE}）{pure.suffix}"))
    number = 2
    while True:
        yield os.fspath(pure.with_name(f"{pure.stem}（{BESIDE}{number}）{pure.suffix}"))
        number += 1


def _regular(path: Path) -> os.stat_result | None:
    """Its status when it is a file, and no link to one."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that are empty now; one in which anything lies stays."""
    while folder != root:
        try:
            durable.remove_folder(os.fspath(folder))
        except OSError:
            return
        folder = folder.parent
