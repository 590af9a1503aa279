"""What staff and the health check look over: letters that have not left, and mails the server did not give yet."""

from __future__ import annotations

from sqlalchemy import select as sql_select
from sqlmodel import SQLModel, func, select

from archive.ledger.engine import Store
from archive.records import Letter
from archive.tables import UidRow

NOT_OUT = ("draft", "held", "queued", "sending", "deferred")
_LETTER = SQLModel.metadata.tables["letter"].c


class Standing:
    """Reads only, and never the bytes of a letter."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def not_out(self) -> tuple[Letter, ...]:
        """Letters that are written and have not left, oldest first, without their bytes, text and numbers."""
        names = ("key", "kind", "campaign", "unit", "recipient", "subject", "state", "due", "tries", "trouble")
        query = sql_select(*(_LETTER[name] for name in names)).where(_LETTER.state.in_(NOT_OUT))
        with self._store.read() as session:
            rows = session.connection().execute(query.order_by(_LETTER.created, _LETTER.key))
            return tuple(
                Letter(
                    row.key, row.kind, row.campaign, row.unit, row.recipient, row.subject, (), row.state, row.due,
                    tries=row.tries, trouble=row.trouble,
                )
                for row in rows
            )  # fmt: skip

    def retried(self, tries: int) -> dict[str, int]:
        """Mailbox → mails that could not be fetched yet and are tried again."""
        query = (
            select(UidRow.mailbox, func.count())
            .where(UidRow.state == "failed", UidRow.tries < tries)
            .group_by(UidRow.mailbox)
        )
        with self._store.read() as session:
            return {name: int(count) for name, count in session.exec(query)}
