"""What the kernel says of a process: resident memory now and at most, and CPU time."""

from __future__ import annotations

import gc
import os
from pathlib import Path


def resident(pid: int | None = None, most: bool = False) -> int:
    """Bytes resident of a process (default: this one), now or at most since it began or `forget_peak`."""
    wanted = "VmHWM:" if most else "VmRSS:"
    for line in Path(f"/proc/{pid or os.getpid()}/status").read_text().splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> int:
    """From now on the peak of this process is counted anew; what is resident now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return resident()


def children() -> list[int]:
    """Process ids of this process's own children."""
    found = Path("/proc/self/task").glob("*/children")
    return [int(pid) for file in found for pid in file.read_text().split()]


def cpu(pid: int) -> float:
    """CPU seconds (user and system) of a living process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
