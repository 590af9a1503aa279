"""The index of search made anew: from the ledger, and from the files in the archive read again."""

from __future__ import annotations

from collections.abc import Callable

from intake.rounds.office import Office

BATCH = 100


def reindex(office: Office, progress: Callable[[int], None] = lambda _: None) -> int:
    """Empty the index and fill it again; gives how many 件 were read. A break leaves it not whole: it is begun anew."""
    search = office.ledger.search
    search.clear()
    numbers = office.ledger.arrivals.numbers()
    for begin in range(0, len(numbers), BATCH):
        batch = numbers[begin : begin + BATCH]
        search.index(batch)
        progress(len(batch))
    search.finished()
    return len(numbers)
