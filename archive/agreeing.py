"""Whether the vault and the ledger tell the same of a 件: arrival, pieces, checksums, decisions, tombstone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from archive.damages import Damage, named
from archive.ledger import Ledger
from archive.ocfl.inventory import LOG, InventoryError
from archive.records import Decision, Submission, dump, load
from archive.vault import Discarded, Vault

RECORD, TOMBSTONE = "record.json", "tombstone.json"


def disagreements(ledger: Ledger, vault: Vault, at: str) -> list[Damage]:
    """What vault and ledger tell differently of the 件 at MAILBOX/YEAR/NUMBER; [] for logs and what was not accepted.

    An object that cannot be read is left to the check of its bytes.
    """
    parts = at.split("/")
    if at.startswith(f"{LOG}/") or len(parts) != 3 or not parts[1].isdigit():
        return []
    mailbox, year, number = parts[0], int(parts[1]), parts[2]
    place = ledger.arrivals.place(number)
    if place is None:
        return [named("ledger-differs", at, "", "台账中没有这个编号。")]
    if not place.accepted:
        return []
    if (place.mailbox, place.year) != (mailbox, year):
        return [named("ledger-differs", at, "", f"台账说它在 {place.mailbox}/{place.year:04d}。")]
    try:
        record = vault.read_record(mailbox, year, number)
        stored = vault.head_digests(mailbox, year, number)
    except Discarded:
        return list(_discarded(ledger, at, number))
    except (OSError, ValueError, InventoryError):
        return []
    return list(_living(ledger, at, number, record, stored))


def _discarded(ledger: Ledger, at: str, number: str) -> Iterator[Damage]:
    decision = ledger.decisions.current(number)
    if decision is not None and not decision.discarded:
        yield named("tombstone", at, TOMBSTONE, "存档中已撤销，台账中没有撤销。")


def _living(
    ledger: Ledger, at: str, number: str, record: Mapping[str, Any], stored: Mapping[str, str]
) -> Iterator[Damage]:
    def differs(text: str) -> Damage:
        return named("ledger-differs", at, RECORD, text)

    try:
        told = load(Submission, record["submission"])
        decided = [load(Decision, one) for one in record["decisions"]]
    except (KeyError, TypeError, ValidationError):
        yield differs("登记 record.json 读不出。")
        return
    kept = ledger.arrivals.submission(number)
    if kept is None:
        return
    if told.sha256 != kept.sha256:
        yield differs("原件的校验值与台账不同。")
    elif {p.path: p.sha256 for p in told.pieces} != {p.path: p.sha256 for p in kept.pieces}:
        yield differs("附件或其校验值与台账不同。")
    elif dump(told) != dump(kept):
        yield differs("来件的登记与台账不同。")
    if ledger.arrivals.piece_digests(number) != {piece.path: piece.sha256 for piece in told.pieces}:
        yield differs("台账中附件表的校验值与登记不同。")
    if any(stored.get(piece.stored) != piece.sha256 for piece in told.pieces if piece.stored):
        yield differs("登记的附件与清单中的文件不同。")
    recorded = ledger.decisions.recorded(number)
    versions = ledger.decisions.versions(number)
    if recorded and recorded[-1].discarded:
        yield named("tombstone", at, TOMBSTONE, "台账中已撤销，存档中没有撤销记录。")
    elif len(decided) < len(recorded) or [dump(d) for d in decided] != [dump(d) for d in versions[: len(decided)]]:
        yield differs("判定与台账不同。")
