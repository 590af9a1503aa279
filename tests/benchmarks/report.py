"""What was measured as tables in Markdown."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.contestants import Run

AIMS = {"small": 6.0, "medium": 3.0, "large": 2.0}
MEMORY_AIM = 40 * 2**20


@dataclass(frozen=True)
class Sizes:
    """What a set holds: mails, bytes, attachments (with those in archives)."""

    mails: int
    octets: int
    attachments: int


@dataclass(frozen=True)
class Box:
    """One set with the runs of each contestant, round by round."""

    name: str
    size: Sizes
    runs: dict[str, list[Run]]
    stages: str | None = None

    @property
    def all_right(self) -> bool:
        """Every run of Baosong kept every mail and attachment as it was sent, under its true name."""
        whole = (self.size.mails, self.size.attachments)
        return all((run.right.mails, run.right.attachments) == whole for run in self.runs.get("baosong", []))

    def middle(self, name: str, of: Callable[[Run], float | None]) -> float | None:
        """The median over the rounds; None when it was not measured."""
        found = [value for run in self.runs.get(name, []) if (value := of(run)) is not None]
        return median(found) if found else None

    def ratio(self, name: str) -> float | None:
        """Clock time by mbsync's in the same round, the median."""
        pairs = zip(self.runs.get(name, []), self.runs.get("mbsync", []), strict=False)
        found = [run.wall / plain.wall for run, plain in pairs]
        return median(found) if found else None


def tables(boxes: Sequence[Box], scale: float) -> str:
    """Everything, with the machine and the date."""
    parts = [_machine(scale), _times(boxes), _costs(boxes), _right(boxes), *(box.stages or "" for box in boxes)]
    return "\n\n".join(part for part in parts if part)


def _machine(scale: float) -> str:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    versions = [_first_word(["dovecot", "--version"], 0), _first_word(["mbsync", "--version"], 1)]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {model}, {os.cpu_count()} CPUs, Linux {platform.release()}, "
        f"Python {platform.python_version()}, Dovecot {versions[0]}, isync {versions[1]}, scale {scale:g}, "
        f"load {os.getloadavg()[2]:.1f}."
    )


def _first_word(command: Sequence[str], place: int) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[place]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _times_of(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value / 2**20:.0f} MB"


def _times(boxes: Sequence[Box]) -> str:
    lines = _head("clock time (median)", "mails", "bytes", "rounds", "mbsync", "Baosong", "script",
                  "Baosong ÷ mbsync", "aim", "floor ÷ mbsync", "script ÷ mbsync")  # fmt: skip
    for box in boxes:
        ratio = box.ratio("baosong")
        rounds = "/".join(str(len(runs)) for runs in box.runs.values())
        aim = AIMS[box.name]
        reached = "–" if ratio is None else "reached" if ratio <= aim else "**missed**"
        walls = [_seconds(box.middle(name, lambda run: run.wall)) for name in ("mbsync", "baosong", "script")]
        size = (f"{box.size.mails}", f"{box.size.octets / 1e6:.0f} MB", rounds)
        ratios = (
            f"**{_times_of(ratio)}**",
            f"≤ {aim:g}, {reached}",
            _times_of(box.ratio("floor")),
            _times_of(box.ratio("script")),
        )
        lines.append(_row(box.name, *size, *walls, *ratios))
    return "\n".join(lines)


def _costs(boxes: Sequence[Box]) -> str:
    lines = _head("CPU and memory (median)", "mbsync CPU", "Baosong CPU", "script CPU",
                  "Baosong above idle", "aim", "a worker at most", "script above idle", "office start")  # fmt: skip
    for box in boxes:
        cpus = [_seconds(box.middle(name, lambda run: run.cpu)) for name in ("mbsync", "baosong", "script")]
        memory = box.middle("baosong", lambda run: run.memory)
        reached = "–" if memory is None else "reached" if memory <= MEMORY_AIM else "**missed**"
        worker = _megabytes(box.middle("baosong", lambda run: run.workers))
        theirs = _megabytes(box.middle("script", lambda run: run.memory))
        aim = f"≤ {_megabytes(MEMORY_AIM)}, {reached}"
        start = _seconds(box.middle("baosong", lambda run: run.start))
        lines.append(_row(box.name, *cpus, f"**{_megabytes(memory)}**", aim, worker, theirs, start))
    return "\n".join(lines)


def _right(boxes: Sequence[Box]) -> str:
    lines = _head("right (worst round)", "by", "mails byte for byte", "attachments: bytes and true name",
                  "attachments: bytes", "unit")  # fmt: skip
    for box in boxes:
        for name, runs in box.runs.items():
            if not runs or name == "floor":
                continue
            right = min((run.right for run in runs), key=lambda right: (right.mails, right.attachments))
            files = ["–", "–"]
            if name != "mbsync":
                files = [_share(count, box.size.attachments) for count in (right.attachments, right.files)]
            unit = "–" if right.units is None else _share(right.units, box.size.mails)
            lines.append(_row(box.name, name, _share(right.mails, box.size.mails), *files, unit))
    return "\n".join(lines)


def _share(count: int, whole: int) -> str:
    percent = 100.0 if count == whole else min(99.99, 100 * count / whole)
    return f"{count} of {whole} ({percent:.4g} %)"


def stages(told: Path, wall: float, mails: int) -> str:
    """Where the time of one round went; the worker's stages run beside the round's."""
    said = json.loads(told.read_text())
    lines = _head(f"stage ({wall:.1f} s in all)", "seconds", "share", "ms a mail")
    for part in ("round", "worker"):
        for name, seconds in sorted(said[part].items(), key=lambda entry: -entry[1]):
            lines.append(_row(name, f"{seconds:.2f}", f"{100 * seconds / wall:.0f} %", f"{1000 * seconds / mails:.2f}"))
    return "\n".join(lines)
