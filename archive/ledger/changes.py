"""Whether what is held for a unit changed, without reading what is held."""

from __future__ import annotations

from hashlib import sha256

from sqlmodel import col, func, select

from archive.ledger.engine import Store
from archive.tables import DecisionRow, ListingRow, RegisteredRow, RelayRow


class Changes:
    """Reads only numbers and versions: milliseconds for ten thousand 件."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def marks(self, campaign: str) -> dict[str, str]:
        """Unit code → a text that differs once its 件, decisions or registrations do; "" for what concerns all units.

        Only units that have anything, and always "".
        """
        lines: dict[str, list[str]] = {"": []}
        with self._store.read() as session:
            decided = select(DecisionRow.number, DecisionRow.version, DecisionRow.unit).where(
                DecisionRow.campaign == campaign, col(DecisionRow.current).is_(True), DecisionRow.role == "submission"
            )
            versions: dict[str, int] = {}
            for number, version, unit in session.exec(decided):
                versions[number] = version
                if unit:
                    lines.setdefault(unit, []).append(f"{number} {version}")
            relayed = select(RelayRow.number, RelayRow.unit).where(RelayRow.campaign == campaign)
            for number, unit in session.exec(relayed):
                lines.setdefault(unit, []).append(f"{number} {versions.get(number)}")
            registered = (
                select(RegisteredRow.unit, func.max(RegisteredRow.id), func.count())
                .where(RegisteredRow.campaign == campaign)
                .group_by(RegisteredRow.unit)
            )
            for unit, last, count in session.exec(registered):
                lines.setdefault(unit, []).append(f"registered {last} {count}")
            lists = select(func.max(ListingRow.id)).where(ListingRow.campaign == campaign)
            lines[""].append(f"lists {session.exec(lists).one()}")
        return {unit: sha256("\n".join(sorted(found)).encode()).hexdigest() for unit, found in lines.items()}
