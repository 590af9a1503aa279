"""`make bench-measure`: a thousand mixed files through the worker, against a script of well-known packages.

The runs follow one another (one worker, two, the script, and again); tables show medians. Ends with 1 when a file that
is whole was not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from archive.records import Facts
from config.settings import LimitSettings
from intake.measure import measure
from intake.worker import MESSAGE, Worker
from tests.benchmarks.measure_files import Sample, files, mails, samples
from tests.benchmarks.memory import children, resident
from tests.servers.processes import scratch

PROJECT = Path(__file__).resolve().parents[2]
AIM_SECONDS, AIM_MEMORY = 10, 512 * 2**20


@dataclass(frozen=True)
class Run:
    """Seconds of clock, peak resident bytes of each process, files seen and measured by kind."""

    seconds: float
    peaks: tuple[int, ...]
    seen: Counter[str]
    learned: Counter[str]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.measure", description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    chosen = files(arguments.files)
    runs: dict[str, list[Run]] = {"1 worker": [], "2 workers": [], "script": []}
    with scratch("baosong-measure-") as work:
        spooled = work / "mails"
        spooled.mkdir()
        for number, mail in enumerate(mails(chosen)):
            (spooled / f"{number:04}.eml").write_bytes(mail)
        for turn in range(arguments.rounds):
            for name, done in runs.items():
                os.sync()
                folder = work / f"{turn}-{name}"
                done.append(script(spooled, folder) if name == "script" else worker(spooled, folder, int(name[0])))
                print(f"  {name}: {done[-1].seconds:.1f} s", file=sys.stderr, flush=True)
        each = each_kind(work)
    print(report(chosen, runs, each))
    return 0 if all(run.learned == run.seen for name, done in runs.items() if name != "script" for run in done) else 1


def worker(spooled: Path, folder: Path, processes: int) -> Run:
    """Every mail taken apart, unpacked and measured by so many worker processes that are already there."""
    folders = []
    for source in sorted(spooled.glob("*.eml")):
        folders.append(folder / source.stem)
        folders[-1].mkdir(parents=True)
        os.link(source, folders[-1] / MESSAGE)
    first = [folder / f"first{number}" for number in range(processes)]
    for each in first:
        each.mkdir()
        (each / MESSAGE).write_bytes(b"Subject: first\r\n\r\n")
    seen, learned = Counter[str](), Counter[str]()
    with Worker(LimitSettings(), processes) as pool:
        list(pool.understand(first))
        begun = time.perf_counter()
        for said in pool.understand(folders):
            for piece in said.pieces:
                if piece.facts.type != "zip":
                    ending = Path(piece.name).suffix
                    seen[ending] += 1
                    learned[ending] += is_measured(piece.facts)
        seconds = time.perf_counter() - begun
        peaks = tuple(resident(pid, most=True) for pid in children())
    return Run(seconds, peaks, seen, learned)


def is_measured(facts: Facts) -> bool:
    """Whether the fact that matters for its kind is known."""
    if facts.width:
        return facts.error is None and facts.truncated is False
    return any(fact is not None for fact in (facts.characters, facts.rows, facts.pages))


def script(spooled: Path, folder: Path) -> Run:
    """`tests/benchmarks/measure_script.py`."""
    command = [sys.executable, "-m", "tests.benchmarks.measure_script", str(spooled), str(folder)]
    said = json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)
    return Run(said["seconds"], (said["peak"],), Counter(said["seen"]), Counter(said["learned"]))


def each_kind(work: Path) -> dict[str, tuple[float, float]]:
    """Milliseconds that measuring alone takes for a file of each kind: the median and the slowest sample."""
    found = {}
    for ending, all_samples in samples().items():
        if ending == "zip":
            continue
        times = []
        for number, one in enumerate(all_samples):
            path = work / f"{ending}{number}"
            path.write_bytes(one.data)
            times.append(min(_timed(path, f"1.{ending}") for _ in range(5)))
        found[ending] = (1000 * median(times), 1000 * max(times))
    return found


def _timed(path: Path, name: str) -> float:
    begun = time.perf_counter()
    measure(path, name)
    return time.perf_counter() - begun


# --- tables


def report(chosen: Sequence[Sample], runs: dict[str, list[Run]], each: dict[str, tuple[float, float]]) -> str:
    """Everything in Markdown, with the machine and the date."""
    inside = sum(one.inside for one in chosen)
    size = sum(len(one.data) for one in chosen) / 1e6
    head = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}, load {os.getloadavg()[0]:.1f}.\n"
    head += f"{len(chosen)} files, {size:.0f} MB, {inside} more in archives."
    rows = [_row("by", "seconds", "files a second", "peak memory of each process", "measured"), _row(*["---"] * 5)]
    for name, done in runs.items():
        seconds = median(run.seconds for run in done)
        peaks = max((run.peaks for run in done), key=max)
        whole = min(done, key=lambda run: run.learned.total())
        rows.append(
            _row(
                name,
                f"{seconds:.1f} ({', '.join(f'{run.seconds:.1f}' for run in done)})",
                f"**{(len(chosen) + inside) / seconds:.0f}**",
                ", ".join(f"{peak / 2**20:.0f} MB" for peak in peaks),
                f"{whole.learned.total()} of {whole.seen.total()}",
            )
        )
    kinds = [_row("kind", "files", "MB", "ms to measure, median", "slowest", "script measured"), _row(*["---"] * 6)]
    theirs = runs["script"][-1]
    for ending, (middle, most) in each.items():
        some = [one for one in chosen if one.ending == ending]
        share = f"{theirs.learned[f'.{ending}']} of {theirs.seen[f'.{ending}']}"
        megabytes = sum(len(one.data) for one in some) / 1e6
        kinds.append(_row(ending, str(len(some)), f"{megabytes:.1f}", f"{middle:.1f}", f"{most:.1f}", share))
    return "\n\n".join([head, "\n".join(rows), "\n".join(kinds), _aims(runs, each)])


def _aims(runs: dict[str, list[Run]], each: dict[str, tuple[float, float]]) -> str:
    slowest = max(most for _, most in each.values()) / 1000
    peak = max(peak for name, done in runs.items() if name != "script" for run in done for peak in run.peaks)
    return (
        f"Slowest file {slowest:.2f} s (aim ≤ {AIM_SECONDS}, {_reached(slowest <= AIM_SECONDS)}), "
        f"largest worker {peak / 2**20:.0f} MB (aim ≤ {AIM_MEMORY // 2**20}, {_reached(peak <= AIM_MEMORY)})."
    )


def _reached(well: bool) -> str:
    return "reached" if well else "**missed**"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    return f"{model}, {os.cpu_count()} CPUs, Linux {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
