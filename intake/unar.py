"""What libarchive cannot read: solid RAR 4 archives, taken apart by Debian's `unar` within limits."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS = 8
"""CPU seconds of one run."""
_LISTING = 16 * 1024 * 1024


class UnarFailed(Exception):
    """It is not installed, or could not do it; `problem` is the code."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def unarchived(path: Path, limit: int) -> Iterator[tuple[str, Path]]:
    """Names and contents of the files in the archive at `path`; a file is only there until the next one is asked for.

    limit: bytes they may have together. UnarFailed: unsupported, encrypted, damaged or bomb.
    """
    tools = shutil.which("lsar"), shutil.which("unar")
    if None in tools:
        raise UnarFailed("unsupported")
    listed = _listed(str(tools[0]), path)
    if any(entry.get("XADIsEncrypted") for entry in listed):
        raise UnarFailed("encrypted")
    if any(entry.get("XADIsLink") for entry in listed):
        raise UnarFailed("unsupported")
    if sum(int(entry.get("XADFileSize", 0)) for entry in listed) > limit:
        raise UnarFailed("bomb")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unar-") as scratch:
        code = _run([str(tools[1]), "-quiet", "-no-directory", "-force-overwrite", "-output-directory", scratch,
                     "-no-recursion", str(path)], limit)[0]  # fmt: skip
        for file in sorted(Path(scratch).rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(scratch).as_posix(), file
    if code:
        raise UnarFailed("damaged")


def _listed(tool: str, path: Path) -> list[dict[str, Any]]:
    _, out = _run([tool, "-json", "-no-recursion", str(path)], _LISTING)
    try:
        contents: list[dict[str, Any]] = json.loads(out)["lsarContents"]
    except (ValueError, KeyError, TypeError):
        raise UnarFailed("damaged") from None
    return contents


def _run(command: list[str], largest: int) -> tuple[int, bytes]:
    """Return code and output; prlimit (util-linux) sets the limits, the memory limit is this process's own."""
    limited = ["prlimit", f"--cpu={SECONDS}", f"--fsize={largest}", *command]
    try:
        done = subprocess.run(limited, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS + 1, check=False)
    except subprocess.TimeoutExpired:
        raise UnarFailed("damaged") from None
    except OSError:
        raise UnarFailed("unsupported") from None
    return done.returncode, done.stdout[:_LISTING]
