"""Making files survive a power cut: write, sync, rename; the only POSIX-only code of the archive.

Every change the archive makes to a disk goes through these functions. Where a call does not exist (syncfs outside
Linux, fsync of a folder on Windows) a slower or weaker one stands in; what is lost then is said at the function.
Any failure is an OSError: nothing here reports success for bytes that may not be on the disk.
"""

# Plain strings and os calls: for a small mail pathlib costs more than the disk.
# ruff: noqa: PTH123, PTH101, PTH102, PTH104, PTH105, PTH106, PTH108, PTH118, PTH208

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
from collections.abc import Callable, Sequence

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

WINDOWS = os.name == "nt"
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_FICLONE = 0x40049409
"""linux/fs.h; btrfs, xfs and bcachefs know it."""


def _find_syncfs() -> Callable[[int], int] | None:
    if WINDOWS:
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int]
    function.restype = ctypes.c_int
    found: Callable[[int], int] = function
    return found


SYNCFS = _find_syncfs()
"""libc's syncfs (Linux), else None."""


def write_file(path: str, data: bytes) -> None:
    """Write a new read-only file; a leftover of the same name is replaced. Not on disk before a sync."""
    try:
        handle = os.open(path, _CREATE, 0o444)
    except FileExistsError:
        os.unlink(path)
        handle = os.open(path, _CREATE, 0o444)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


def read_afresh(path: str) -> None:
    """Let the system forget what it read of a file, so that the next read asks the disc; where it cannot, nothing."""
    if hasattr(os, "posix_fadvise"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


def seal(path: str) -> None:
    """Make a file read-only (0444); on Windows nothing, since such a file could not be renamed or removed there."""
    if not WINDOWS:
        os.chmod(path, 0o444)


def make_folder(path: str) -> None:
    """Make one folder; one that is there already is fine."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)


def move(source: str, target: str) -> None:
    """Rename a file or folder to a place that is free; OSError (EEXIST, ENOTEMPTY) for a folder that holds files."""
    os.rename(source, target)


def replace(source: str, target: str) -> None:
    """Rename a file over another in one step."""
    os.replace(source, target)


def sync_file(path: str) -> None:
    """Put one file's bytes on the disk."""
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget(path: str) -> None:
    """Put one file's bytes on the disk and drop them from memory, so that the next reading asks the disk itself.

    Only advice to the system, and nothing where it takes none: then the bytes read may still be those in memory.
    """
    sync_file(path)
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def sync_folder(path: str) -> None:
    """Put a folder's list of names on the disk; Windows has no such call, NTFS journals names by itself."""
    if not WINDOWS:
        sync_file(path)


def sync_trees(trees: Sequence[str]) -> None:
    """Put everything below these folders of one file system on the disk.

    One syncfs(2) where there is one (Linux ≥ 5.8 reports write errors by it), else an fsync of every file and folder.
    """
    if not trees:
        return
    if SYNCFS is not None:
        _sync_file_system(trees[0], SYNCFS)
        return
    for tree in trees:
        for folder, _, names in os.walk(tree, topdown=False):
            for name in names:
                sync_file(os.path.join(folder, name))
            sync_folder(folder)


def _sync_file_system(path: str, syncfs: Callable[[int], int]) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        if syncfs(handle) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), path)
    finally:
        os.close(handle)


def remove_tree(path: str) -> None:
    """Remove a folder and all in it, never following a link; one that is gone already is fine."""
    try:
        names = sorted(os.listdir(path))
    except FileNotFoundError:
        return
    for name in names:
        inner = f"{path}/{name}"
        if stat.S_ISDIR(os.lstat(inner).st_mode):
            remove_tree(inner)
        else:
            os.unlink(inner)
    os.rmdir(path)


def remove_folder(path: str) -> None:
    """Remove an empty folder; OSError when it is not empty."""
    os.rmdir(path)


# --- copies people work with -----------------------------------------------------------------------------------------


def clone(source: str, target: str) -> bool:
    """A new file that shares the source's blocks until one of them changes; False where the disk cannot (FICLONE).

    Then nothing is left at target. The copy is ordinary: it can be changed and removed without touching the source.
    """
    if fcntl is None:
        return False
    with open(source, "rb") as old:
        handle = os.open(target, _CREATE, 0o644)
        try:
            fcntl.ioctl(handle, _FICLONE, old.fileno())
        except OSError:
            os.unlink(target)
            return False
        finally:
            os.close(handle)
    return True


def settle(source: str, target: str) -> None:
    """Move a file to a name that must be free; FileExistsError when somebody took it, whoever was faster."""
    if not WINDOWS:
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except OSError:  # a disk without hard links
            pass
        else:
            os.unlink(source)
            return
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    os.rename(source, target)
