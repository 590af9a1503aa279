"""Lists kept beside the mail (网络报备, 命名文件): imported whole, replaced by newer ones, the older ones stay."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Decision, Event, Held, Listing, Registered, Submission, dump, load
from archive.tables import DecisionRow, ListingRow, RegisteredRow, SubmissionRow, VersionRow


def in_force(session: Session, campaign: str) -> tuple[Listing, ...]:
    """Of each kind the newest list for all units and the newest for each single one, by its day, then its import."""
    newest: dict[tuple[str, str], ListingRow] = {}
    for row in session.exec(_of(campaign)):
        newest[row.kind, row.unit] = row
    return tuple(load(Listing, row.value) for row in newest.values())


class Listings:
    """What was imported, and what of it is in force."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, listing: Listing, file: bytes, kept_as: str) -> bool:
        """Keep a list with its bytes (which go into the vault); False when the same list is in force already.

        kept_as: a safe file name for the vault. The list, its bytes and the event are one transaction.
        """
        with self._store.write() as session:
            old = [load(Listing, row.value) for row in session.exec(_of(listing.campaign))]
            mine = [one for one in old if (one.kind, one.unit) == (listing.kind, listing.unit)]
            if mine and replace(listing, at=mine[-1].at, who=mine[-1].who, name=mine[-1].name) == mine[-1]:
                return False
            session.add(
                ListingRow(
                    campaign=listing.campaign,
                    kind=listing.kind,
                    unit=listing.unit,
                    day=listing.day,
                    at=listing.at,
                    value=dump(listing),
                )
            )
            _keep(session, listing, file, kept_as)
            what = {"kind": listing.kind, "name": listing.name, "sha256": listing.sha256}
            what |= {"day": listing.day.isoformat(), "rows": str(len(listing.entries))}
            told = Event(listing.at, "list-imported", None, listing.campaign, listing.unit or None, listing.who, what)
            events.add(session, [told])
            return True

    def all(self, campaign: str) -> tuple[Listing, ...]:
        """Every list ever imported for the campaign, oldest day first."""
        with self._store.read() as session:
            return tuple(load(Listing, row.value) for row in session.exec(_of(campaign)))

    def in_force(self, campaign: str) -> tuple[Listing, ...]:
        """The lists that count now."""
        with self._store.read() as session:
            return in_force(session, campaign)

    def registered_for_all(self, campaign: str) -> tuple[Registered, ...]:
        """What staff registered of no single unit: the office's own evidence, conditions of the whole campaign."""
        with self._store.read() as session:
            rows = session.exec(
                select(RegisteredRow)
                .where(RegisteredRow.campaign == campaign, RegisteredRow.unit == "")
                .order_by(col(RegisteredRow.id))
            )
            return tuple(Registered("", r.item, r.made_by, r.at, r.who, r.note, r.count) for r in rows)

    def deciding_office_items(self, campaign: str, items: frozenset[str]) -> tuple[Held, ...]:
        """The 件, whosever they are, of which some piece was decided to be one of those items; oldest first."""
        with self._store.read() as session:
            rows = session.exec(
                select(DecisionRow, SubmissionRow)
                .where(DecisionRow.number == SubmissionRow.number, DecisionRow.campaign == campaign)
                .where(col(DecisionRow.current).is_(True), SubmissionRow.state == "accepted")
                .order_by(col(SubmissionRow.received), col(SubmissionRow.number))
            ).all()
        held = []
        for decided, submission in rows:
            decision = load(Decision, decided.value)
            if any(piece.item in items for piece in decision.pieces):
                held.append(Held(load(Submission, submission.value), decision))
        return tuple(held)


def _of(campaign: str) -> SelectOfScalar[ListingRow]:
    return select(ListingRow).where(ListingRow.campaign == campaign).order_by(col(ListingRow.day), col(ListingRow.id))


def _keep(session: Session, listing: Listing, file: bytes, kept_as: str) -> None:
    kind = f"lists/{listing.campaign}"
    known = select(VersionRow).where(
        VersionRow.kind == kind, VersionRow.name == kept_as, VersionRow.sha256 == listing.sha256
    )
    if session.exec(known).first() is None:
        session.add(VersionRow(kind=kind, name=kept_as, sha256=listing.sha256, loaded=listing.at, text=file))
