"""Search: one row for each piece and each mail, and an index of grams that is checked again against the row's words.

The index (FTS5, `detail=none`) tells which rows have all grams of the words asked for, and the marks of campaign, unit,
item and type; `instr` over the folded words then tells which have the words themselves. Ids grow with the time of
arrival, so a page is a range of ids, newest first. All of it is derived: `clear` and `index` make it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, text
from sqlmodel import Session, col, select

from archive.grams import CELL, FIELD, cleaned, fold, grams, grams_of_word, mark_of, matching
from archive.ledger.engine import Store
from archive.ledger.held import current
from archive.records import Decision, Facts, Mail, Piece, Submission, load
from archive.tables import MetaRow, SearchRow, SubmissionRow, UnitNameRow

FIELDS = ("number", "unit", "subject", "sender", "name", "text")
"""What stands in `fields` and, folded, in `folded`, in this order, FIELD between them. unit: its name."""
MAIL = "mail"
"""The type of the row of the mail itself; its text is what the unit wrote."""
MOST = 200_000
"""Characters of one piece that are searched."""
Whole = Callable[[str], str | None]
"""Path of a piece → its whole text; None where the beginning in its facts is all there is."""
_BUILT, _FORM = "search", 1
"""Remembered when the index covers everything: the form of its rows. Another form is made anew."""
_SHIFT = 24
_MERGED = 500
"""Pages that one step of tidying writes."""
ENOUGH = 2
"""Grams of one word that are looked up: each further one costs more than the few rows it would spare checking."""
_PROBE = "SELECT rowid FROM search_gram WHERE search_gram MATCH :gram ORDER BY rowid DESC LIMIT 1 OFFSET 100"
"""How far back the hundredth newest row with a gram lies: the further, the rarer."""
Ask = Callable[[str, dict[str, Any]], Any]
AT_ONCE = 2_000_000
"""Characters of rows that are held before they are written."""
Names = dict[tuple[str | None, str | None], str]
"""(campaign, unit) → what the unit is called."""


def nothing_more(_: str) -> str | None:
    """Nothing beyond what the facts hold."""
    return None


@dataclass(frozen=True)
class Asked:
    """A search: folded words that must all stand in one row, and what it must be. since ≤ received < until (UTC)."""

    words: tuple[str, ...] = ()
    campaign: str | None = None
    unit: str | None = None
    item: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Hit:
    """One row that was found. id is the key of a page: the next one has smaller ids. path "": the mail itself."""

    id: int
    number: str
    path: str
    campaign: str | None
    unit: str | None
    item: str | None
    type: str
    fields: tuple[str, ...]

    @property
    def received(self) -> datetime:
        """When the 件 came, to the second (UTC)."""
        return datetime.fromtimestamp(self.id >> _SHIFT, UTC)


class Search:
    """What the archive's words say, newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, asked: Asked, most: int = 20, after: int | None = None) -> list[Hit]:
        """At most `most` rows, newest first, with ids below `after`."""
        with self._store.read() as session:
            query, values = statement(asked, most, after, lambda sql, given: session.execute(text(sql), given).first())
            return [_hit(row) for row in session.execute(text(query), values)]

    def is_whole(self) -> bool:
        """Whether the index covers all that was accepted, in today's form."""
        with self._store.read() as session:
            built = session.get(MetaRow, _BUILT)
            return built is not None and built.value == _FORM

    def clear(self) -> None:
        """Empty the index; it is not whole until `finished`."""
        with self._store.write() as session:
            session.execute(delete(MetaRow).where(col(MetaRow.key) == _BUILT))
            session.execute(delete(SearchRow))
            session.execute(text("INSERT INTO search_gram(search_gram) VALUES('delete-all')"))

    def index(self, numbers: Mapping[str, Whole]) -> None:
        """Read these 件 anew from the ledger, in one transaction; each with where its whole texts come from."""
        with self._store.write() as session:
            for number, whole in numbers.items():
                index_again(session, number, whole)

    def finished(self) -> None:
        """The index covers everything."""
        with self._store.write() as session:
            session.merge(MetaRow(key=_BUILT, value=_FORM))

    def tidy(self) -> int:
        """Make the parts the index has grown by one again, so that a question looks in one place; gives the steps.

        Each step is a short transaction, so that mail is not kept waiting; what was deleted goes for good. Ended early,
        the next call goes on.
        """
        pages, steps, working = -_MERGED, 0, True
        while working:
            with self._store.write() as session:
                before = session.scalar(text("SELECT total_changes()"))
                merge = "INSERT INTO search_gram(search_gram, rank) VALUES('merge', :pages)"
                session.execute(text(merge), {"pages": pages})
                working = (
                    session.scalar(text("SELECT total_changes()")) - before >= 2
                )  # by SQLite's manual: it did work
            pages, steps = _MERGED, steps + 1
        return steps

    def called(self, names: Mapping[tuple[str, str], str]) -> int:
        """What units are called now, by (campaign, unit); gives how many 件 had to be read anew for it."""
        with self._store.read() as session:
            known = {(row.campaign, row.unit): row.name for row in session.exec(select(UnitNameRow))}
        changed = {key: name for key, name in names.items() if known.get(key) != name}
        if not changed:
            return 0
        with self._store.write() as session:
            numbers: set[str] = set()
            for (campaign, unit), name in changed.items():
                session.merge(UnitNameRow(campaign=campaign, unit=unit, name=name))
                mine = select(SearchRow.number).where(SearchRow.campaign == campaign, SearchRow.unit == unit)
                numbers.update(session.exec(mine.distinct()))
            session.flush()
            for number in sorted(numbers):
                index_again(session, number)
            return len(numbers)


def _hit(row: Any) -> Hit:
    id, number, path, campaign, unit, item, type_, fields = row
    return Hit(id, number, path, campaign, unit, item, type_, tuple(fields.split(FIELD)))


def statement(asked: Asked, most: int, after: int | None, ask: Ask) -> tuple[str, dict[str, Any]]:
    """The SQL of one page and its values; `ask` gives the first row of a query.

    Item and type, which many rows share, are looked for in the index only where no word is.
    """
    filters = {"campaign": asked.campaign, "unit": asked.unit, "item": asked.item, "type": asked.type}
    told = {kind: value for kind, value in filters.items() if value is not None}
    found = [gram for word in asked.words for gram in _rarest(grams_of_word(word), ask)]
    beside = {kind: value for kind, value in told.items() if found and kind in ("item", "type")}
    match = matching([*(mark_of(kind, value) for kind, value in told.items() if kind not in beside), *found])
    id = "g.rowid" if match else "s.id"
    where, values = [f"s.{kind} = :{kind}" for kind in beside], dict[str, Any]({"most": most, **beside})
    if match:
        where, values["match"] = [*where, "search_gram MATCH :match"], match
    below = [each for each in (after, _first_id(asked.until)) if each is not None]
    if below:
        where, values["below"] = [*where, f"{id} < :below"], min(below)
    if asked.since is not None:
        where, values["from"] = [*where, f"{id} >= :from"], _first_id(asked.since)
    for place, word in enumerate(asked.words):
        where, values[f"word{place}"] = [*where, f"instr(s.folded, :word{place})"], word
    source = "search_gram g JOIN search s ON s.id = g.rowid" if match else "search s"
    columns = ", ".join(f"s.{name}" for name in ("id", "number", "path", "campaign", "unit", "item", "type", "fields"))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT {columns} FROM {source}{condition} ORDER BY {id} DESC LIMIT :most", values


def _rarest(found: list[str], ask: Ask) -> list[str]:
    """The two grams of a word that the newest rows have least; the words themselves are checked afterwards."""
    if len(found) <= ENOUGH:
        return found

    def reaches_back(gram: str) -> int:
        row = ask(_PROBE, {"gram": matching([gram])})
        return -1 if row is None else int(row[0])

    return sorted(found, key=reaches_back)[:ENOUGH]


def index_new(session: Session, filed: Iterable[tuple[Submission, Decision, Whole]]) -> None:
    """The rows of 件 that were just accepted, each with where its whole texts come from; in the running transaction."""
    kept = [each for each in filed if not each[1].discarded]
    names = _names(session, [decision for _, decision, _ in kept])
    last = session.exec(select(func.max(SearchRow.id))).one()
    free: dict[int, int] = {}
    fresh: list[dict[str, Any]] = []
    for submission, decision, whole in kept:
        first = _first_id(submission.received) or 0
        id = free.get(first, first) if last is None or first > last else free.get(first) or _next_id(session, first)
        for piece in (*reversed(submission.pieces), None):  # highest first: within a 件 the mail itself comes first
            fresh.append(_row(id, submission, decision, names, piece, whole))
            id += 1
        free[first] = id
        if sum(len(row["fields"]) for row in fresh) > AT_ONCE:
            _write(session, fresh)
            fresh = []
    _write(session, fresh)


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(SearchRow), rows)
        session.execute(
            text("INSERT INTO search_gram(rowid, grams) VALUES(:id, :grams)"),
            [{"id": row["id"], "grams": tokens(row["folded"], _marks(row))} for row in rows],
        )


def _marks(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {kind: row[kind] for kind in ("campaign", "unit", "item", "type")}


def index_again(session: Session, number: str, whole: Whole = nothing_more) -> None:
    """The rows of a 件 as the ledger knows it now; whole texts indexed before stay where none are given."""
    old = session.exec(select(SearchRow).where(SearchRow.number == number)).all()
    kept = {row.path: row.fields.rpartition(FIELD)[2] for row in old if row.whole}
    for row in old:
        session.execute(
            text("INSERT INTO search_gram(search_gram, rowid, grams) VALUES('delete', :id, :grams)"),
            {"id": row.id, "grams": tokens(row.folded, _marks(row.model_dump()))},
        )
        session.expunge(row)
    session.execute(delete(SearchRow).where(col(SearchRow.number) == number))
    submission, decision = session.get(SubmissionRow, number), current(session, number)
    if submission is not None and submission.value is not None and decision is not None:
        both = lambda path: whole(path) or kept.get(path)  # noqa: E731
        index_new(session, [(load(Submission, submission.value), decision, both)])


def tokens(folded: str, marks: Mapping[str, str | None]) -> str:
    """What stands in the index for a row: its marks and the grams of its folded words."""
    told = (mark_of(kind, value) for kind, value in marks.items() if value is not None)
    return " ".join([*told, *grams(folded)])


def _row(
    id: int, submission: Submission, decision: Decision, names: Names, piece: Piece | None, whole: Whole
) -> dict[str, Any]:
    decided = decision.piece(piece.path) if piece else None
    unit = decided.unit if decided and decided.unit else decision.unit
    mail = submission.mail
    read = whole(piece.path) if piece else None
    words = _words_of(piece.facts, read) if piece else _words_of_mail(mail)
    called = names.get((decision.campaign, unit), "")
    sender = f"{mail.sender_name} {mail.sender}".strip()
    parts = (submission.number, called, mail.subject, sender, piece.name if piece else "")
    fields = FIELD.join([*map(cleaned, parts), words])
    return {
        "id": id,
        "number": submission.number,
        "path": piece.path if piece else "",
        "campaign": decision.campaign,
        "unit": unit,
        "item": decided.item if decided else None,
        "type": piece.facts.type if piece else MAIL,
        "whole": bool(read),
        "fields": fields,
        "folded": fold(fields),
    }


def _words_of(facts: Facts, whole: str | None) -> str:
    """The whole text, else title, beginning of the text and table cells, as far as they were measured."""
    if whole:
        return whole[:MOST].replace(FIELD, " ").replace("\0", "")
    cells = [*(f"{key}{CELL}{value}" for key, value in facts.header.items()), *facts.columns]
    cells += [cell for row in facts.cells for cell in row]
    return as_words([facts.title or "", facts.text], cells)


def as_words(texts: Sequence[str], cells: Sequence[str] = ()) -> str:
    """Texts and cells as the last field of a row."""
    return CELL.join(cleaned(one) for one in (*texts, *cells) if one)[:MOST]


def _words_of_mail(mail: Mail) -> str:
    nested = [word for one in mail.nested for word in (one.subject, one.sender_name, one.sender)]
    return as_words([mail.text, *nested, *(card.name for card in mail.cards)])


def _names(session: Session, decisions: Sequence[Decision]) -> Names:
    units = {unit for d in decisions for unit in (d.unit, *(piece.unit for piece in d.pieces)) if unit}
    query = select(UnitNameRow).where(col(UnitNameRow.unit).in_(units))
    return {(row.campaign, row.unit): row.name for row in session.exec(query)} if units else {}


def _first_id(moment: datetime | None) -> int | None:
    return None if moment is None else max(0, int(moment.timestamp())) << _SHIFT


def _next_id(session: Session, first: int) -> int:
    """The first id of that second that is free."""
    mine = (col(SearchRow.id) >= first) & (col(SearchRow.id) < first + (1 << _SHIFT))
    last = session.exec(select(func.max(SearchRow.id)).where(mine)).one()
    return first if last is None else int(last) + 1
