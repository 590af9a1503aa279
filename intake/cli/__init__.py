"""The command line: `baosong --home DIR COMMAND`. Exit 0 done, 1 something found or to mend, 2 wrong usage."""

from __future__ import annotations

import sys

import typer

from intake.cli import (
    accounts,
    acts,
    daily,
    demo,
    desk,
    export,
    importing,
    keeping,
    learning,
    lists,
    reading,
    rebuilding,
    rounds,
    search,
    selecting,
    setup,
    shelf,
    turnover,
    wording,
)
from intake.cli.common import Told, global_options

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.callback()(global_options)
for _part in (
    setup,
    demo,
    rounds,
    reading,
    keeping,
    daily,
    acts,
    wording,
    desk,
    importing,
    learning,
    lists,
    search,
    turnover,
    export,
    selecting,
    shelf,
    accounts,
    rebuilding,
):
    _part.add_to(app)


def main() -> None:
    """Entry point: errors a user can mend are one sentence without a traceback."""
    try:
        app()
    except Told as sentence:
        print(str(sentence), file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
