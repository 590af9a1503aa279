"""Which step of taking a mail apart is under way, so that what kills the process costs one file and not the mail."""

from __future__ import annotations

from typing import Literal

StepKind = Literal["opening", "typing", "measuring"]
Why = Literal["crash", "time", "memory", "late"]
"""Why a step is not taken: it ended its process before, took too long, too much memory, or the mail's time is used."""


class Steps:
    """Nobody listens and nothing is skipped: how a mail is taken apart in this process."""

    def begin(self, kind: StepKind, path: str) -> Why | None:
        """The step on the piece `path` begins, or still goes on well; not None: it must not be taken, and why."""
        return None
