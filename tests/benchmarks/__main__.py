"""`make bench`: the same mailbox emptied by mbsync, Baosong and an imap-tools script in turn; tables in Markdown.

Medians of interleaved rounds; a ratio is taken within its round. Ends with 1 when anything Baosong kept is not right.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.contestants import CONTESTANTS, Run, baosong
from tests.benchmarks.mailbox import filled
from tests.benchmarks.mails import SETS, Expected, MailSet
from tests.benchmarks.report import Box, Sizes
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.processes import scratch

ROUNDS = {"small": 3, "medium": 2, "large": 3}
SLOW = {"small": 2, "medium": 1, "large": 1}
"""How often the script runs where it is slow."""


def main() -> int:
    """The command."""
    arguments = _arguments()
    sets = [SETS[name] for name in arguments.sets.split(",")]
    with dovecot([f"{box.name}@bench.example.test" for box in sets]) as server, scratch("baosong-bench-") as work:
        boxes = [_bench(server, work, box, arguments) for box in sets]
    print(report.tables(boxes, arguments.scale))
    return 0 if all(box.all_right for box in boxes) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of each set's mails")
    parser.add_argument("--sets", default=",".join(SETS), help="which sets, by commas")
    parser.add_argument("--rounds", type=int, help="rounds of every set, instead of the usual")
    parser.add_argument("--only", default=",".join(CONTESTANTS), help="which of them run, by commas")
    parser.add_argument("--profile", action="store_true", help="one more run of Baosong, timed by stages")
    return parser.parse_args()


def _bench(server: Dovecot, work: Path, box: MailSet, arguments: argparse.Namespace) -> Box:
    user = f"{box.name}@bench.example.test"
    sent = filled(server, user, box, arguments.scale)
    size = Sizes(len(sent), sum(one.size for one in sent), sum(len(one.files) for one in sent))
    _say(f"{box.name}: {size.mails} mails, {size.octets / 1e6:.0f} MB")
    rounds = arguments.rounds or ROUNDS[box.name]
    runs: dict[str, list[Run]] = {name: [] for name in arguments.only.split(",")}
    for turn in range(rounds):
        for name, done in runs.items():
            if name == "script" and arguments.rounds is None and turn >= SLOW.get(box.name, rounds):
                continue
            with _folder(work / f"{box.name}-{name}-{turn}") as folder:
                done.append(CONTESTANTS[name](server, user, folder, sent))
            _say(f"  {name}: {done[-1].wall:.2f} s, CPU {done[-1].cpu:.2f} s")
    stages = _profile(server, user, work, sent) if arguments.profile else None
    return Box(box.name, size, runs, stages)


def _profile(server: Dovecot, user: str, work: Path, sent: Sequence[Expected]) -> str:
    told = work / "stages.json"
    with _folder(work / f"profile-{len(sent)}") as folder:
        run = baosong(server, user, folder, sent, told)
    return report.stages(told, run.wall, len(sent))


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """An empty folder on a quiet disk: what was written before is on it already.

    Afterwards large files in it are emptied, but nothing is removed before all runs are done: ext4 without a
    journal makes new files ten times slower for a while after many were removed, and the next run would pay for it.
    """
    path.mkdir()
    os.sync()
    yield path
    for file in path.rglob("*"):
        if file.is_file() and file.stat().st_size > 2**16:
            file.chmod(0o600)
            os.truncate(file, 0)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
