"""What the pages read at a glance, in few columns and without loading whole values."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, func, select

from archive.ledger.engine import Store
from archive.tables import DecisionRow, EventRow, SubmissionRow


class Pages:
    """Reads only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def revision(self) -> int:
        """Grows with everything that happens: what was computed at one revision holds until the next."""
        with self._store.read() as session:
            return session.exec(select(func.max(EventRow.id))).one() or 0

    def arrivals(self, campaign: str, since: datetime) -> list[datetime]:
        """When the submissions of a campaign came, since that moment (UTC), oldest first."""
        query = (
            select(SubmissionRow.received)
            .join(DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
            .where(
                DecisionRow.campaign == campaign,
                col(DecisionRow.current).is_(True),
                DecisionRow.role == "submission",
                SubmissionRow.received >= since,
            )
            .order_by(col(SubmissionRow.received))
        )
        with self._store.read() as session:
            return list(session.exec(query))
