"""Verify against bagit.py on the same bytes: `make bench-verify` (`--gigabytes 1` for a look).

The files of the archive are the payload of the bags, by hard links, so both read the same blocks. Each round runs all
in turn; a ratio is taken within a round, tables show medians. Everything is read once before, so that both find the
files in memory and the processor decides; `--cold` has the system forget them before each run (needs root).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from archive.vault import Deposit, Vault

SIZES = (20_000, 200_000, 1_000_000, 4_000_000, 12_000_000)
"""Bytes of the files of a 件: a text, a small and two large pictures, a short film."""
AIM = 0.55


def build(home: Path, gigabytes: float) -> Path:
    """An archive of that many bytes, each 件 a message and five files."""
    vault = Vault(home / "archive")
    vault.create()
    chance = random.Random(1)
    seed = chance.randbytes(max(SIZES))
    for turn in range(round(gigabytes * 1e9 / sum(SIZES))):
        folder = home / "spool" / str(turn)
        files: dict[str, tuple[str, int]] = {}
        for name, size in (("message.eml", 5_000), *((f"files/{size}.bin", size) for size in SIZES)):
            data = turn.to_bytes(8, "big") + seed[: size - 8]
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
            files[name] = hashlib.sha256(data).hexdigest(), size
        record = {"pieces": [{"sha256": digest, "size": size} for digest, size in files.values()]}
        vault.put([Deposit(f"WH2018-{turn:05d}", "weihai", 2018, folder, files, record)])
        shutil.rmtree(folder)
    return vault.root


def bag(archive: Path, place: Path, *algorithms: str) -> Path:
    """The same files as a bag."""
    for path in archive.rglob("*"):
        if path.is_file():
            linked = place / path.relative_to(archive)
            linked.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, linked)
    subprocess.run([*BAGIT, "--quiet", "--processes", "2", *algorithms, place], check=True)
    return place


BAGIT = (sys.executable, str(Path(sys.executable).with_name("bagit.py")))


def timed(command: list[str], cold: bool) -> float:
    """Seconds of clock time; the command must find everything whole."""
    if cold:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3")
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def main() -> None:
    """Print a table; exit 1 when the aim is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        archive = build(home, told.gigabytes)
        size = sum(path.stat().st_size for path in archive.rglob("*") if path.is_file())
        validate = [*BAGIT, "--validate", "--processes", "2", "--quiet"]
        commands = {
            "python -m archive verify": [sys.executable, "-m", "archive", "verify", str(archive)],
            "bagit.py, as it makes bags (sha256 and sha512)": [*validate, str(bag(archive, home / "both"))],
            "bagit.py, sha256 alone": [*validate, str(bag(archive, home / "one", "--sha256"))],
        }
        for command in commands.values():
            timed(command, told.cold)
        taken = [{name: timed(command, told.cold) for name, command in commands.items()} for _ in range(told.rounds)]
    mine = next(iter(commands))
    print(f"{datetime.now(UTC):%Y-%m-%d}, {size / 1e9:.1f} GB, {told.rounds} rounds, {os.cpu_count()} cores")
    print("| by | seconds (median) | MB/s | ours ÷ this, median (each round) |")
    print("|---|---|---|---|")
    ratios = {}
    for name in commands:
        seconds = statistics.median(one[name] for one in taken)
        each = [one[mine] / one[name] for one in taken]
        ratios[name] = statistics.median(each)
        spread = ", ".join(f"{ratio:.2f}" for ratio in each)
        print(f"| {name} | {seconds:.1f} | {size / 1e6 / seconds:.0f} | **{ratios[name]:.2f}** ({spread}) |")
    raise SystemExit(0 if list(ratios.values())[1] <= AIM else 1)


if __name__ == "__main__":
    main()
