"""The segments of the log as they lie in the vault, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.chain import EVENTS, Segment
from archive.ocfl.inventory import InventoryError

if TYPE_CHECKING:  # who only checks needs nothing of it
    from archive.vault import Vault

LOG = "_log"
FOLDER = "events"
ROWS = "rows.jsonl"
"""Images of the ledger's rows that changed (`archive.ledger.images`)."""


def segment_name(number: int) -> str:
    """The name of a segment's log object."""
    return f"{FOLDER}/{number:08d}"


def segments(vault: Vault) -> Iterator[Segment]:
    """Every segment, ordered by number; one that cannot be read comes without lines."""
    for name in vault.logs(FOLDER):
        number = name.removeprefix(f"{FOLDER}/")
        if not (number.isascii() and number.isdigit()):
            continue
        try:
            yield Segment(int(number), vault.read_log(name, EVENTS), vault.log_files(name))
        except (OSError, InventoryError):
            yield Segment(int(number), b"", {})
