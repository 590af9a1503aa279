"""The index of search made anew: from the ledger, and long texts from the files in the archive, read again."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from archive.ledger.search import Whole, nothing_more
from archive.records import Submission
from intake.measure.body import TEXT_LIMIT
from intake.rounds.office import Office
from intake.worker import MANIFEST, MESSAGE, whole_text

BATCH = 50


def reindex(office: Office, progress: Callable[[int], None] = lambda _: None) -> int:
    """Empty the index and fill it again; gives how many 件 were read. A break leaves it not whole: it is begun anew."""
    search = office.ledger.search
    search.clear()
    numbers = office.ledger.arrivals.numbers()
    for begin in range(0, len(numbers), BATCH):
        batch = numbers[begin : begin + BATCH]
        spool = office.spool / f".index-{secrets.token_hex(4)}"
        try:
            search.index({number: _whole(office, number, spool) for number in batch})
        finally:
            shutil.rmtree(spool, ignore_errors=True)
        progress(len(batch))
    search.tidy()
    search.finished()
    return len(numbers)


def _whole(office: Office, number: str, spool: Path) -> Whole:
    """Where the whole texts of a 件 come from; its files are taken apart again only if one of them has a long text."""
    submission = office.ledger.arrivals.submission(number)
    if submission is None or all(len(piece.facts.text) < TEXT_LIMIT for piece in submission.pieces):
        return nothing_more
    folder = spool / number
    try:
        _lay_out(office, submission, folder)
    except FileNotFoundError:  # discarded, or damaged: `verify` tells
        return nothing_more
    with office.understanding:
        list(office.worker.understand([folder]))
    shutil.rmtree(folder / "files", ignore_errors=True)
    return partial(whole_text, folder)


def _lay_out(office: Office, submission: Submission, folder: Path) -> None:
    """What came, copied out of the archive: the mail, or the manifest with the files it lists."""
    place = office.ledger.arrivals.place(submission.number)
    if place is None:
        raise FileNotFoundError(submission.number)
    names = [MESSAGE]
    if submission.channel != "mail":
        top = [piece.stored for piece in submission.pieces if piece.within is None and piece.stored]
        names = [MANIFEST, *top]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(office.vault.content_path(place.mailbox, place.year, place.number, name), target)
