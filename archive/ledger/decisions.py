"""Decisions: versions, never edits; and what is held for a unit because of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from archive.ledger import emptying, events, search, windows
from archive.ledger.engine import Store
from archive.ledger.held import as_submission, current, holdings
from archive.ledger.promises import KIND as PROMISED
from archive.ledger.questions import question_row
from archive.records import Decision, Event, Guess, Holdings, Question, Registered, Submission, dump, load
from archive.tables import DecisionRow, QuestionRow, RegisteredRow, RelayRow, SubmissionRow

FOLLOWED = ("seal", "sub-kind", "supersede-or-add")
"""Questions that follow from all a unit has sent, not from one mail; no decision on one mail settles them."""
CONCERN_ONE_ITEM = (PROMISED, "seal", "sub-kind")
"""Questions that hold one item alone, of which the checklist speaks; no letter waits for them."""
NO_LETTER_WAITS = (*CONCERN_ONE_ITEM, "archive-damaged")
"""Questions that hold no letter back."""


def add(session: Session, versions: Iterable[tuple[Decision, bool]]) -> None:
    """New decisions inside a running transaction; the flag says whether the vault's record already holds them."""
    rows: list[dict[str, Any]] = []
    relays: list[dict[str, Any]] = []
    for d, recorded in versions:
        if d.version > 1:
            number = col(DecisionRow.number) == d.number
            session.execute(update(DecisionRow).where(number).values(current=False))
            session.execute(delete(RelayRow).where(col(RelayRow.number) == d.number))
        rows.append(
            {
                "number": d.number,
                "version": d.version,
                "at": d.at,
                "made_by": d.by,
                "role": "discarded" if d.discarded else d.role,
                "campaign": d.campaign,
                "unit": d.unit,
                "current": True,
                "recorded": recorded,
                "value": dump(d),
            }
        )
        others = {p.unit for p in d.pieces if p.unit and p.unit != d.unit}
        if d.campaign:
            relays.extend({"number": d.number, "campaign": d.campaign, "unit": unit} for unit in sorted(others))
    if rows:
        session.execute(insert(DecisionRow), rows)
    if relays:
        session.execute(insert(RelayRow), relays)


class Decisions:
    """What each 件 is held to be, and by whom."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def current(self, number: str) -> Decision | None:
        """The decision in force; None for an unknown number."""
        with self._store.read() as session:
            return current(session, number)

    def versions(self, number: str) -> tuple[Decision, ...]:
        """All versions, oldest first."""
        with self._store.read() as session:
            rows = session.exec(
                select(DecisionRow).where(DecisionRow.number == number).order_by(col(DecisionRow.version))
            )
            return tuple(load(Decision, row.value) for row in rows)

    def holdings(self, campaign: str, unit: str | None = None) -> dict[str, Holdings]:
        """Unit code -> what is held; for one unit, or for all that have anything."""
        with self._store.read() as session:
            return holdings(session, campaign, None if unit is None else [unit])

    def decide(
        self,
        number: str,
        change: Callable[[Decision], Decision],
        at: datetime,
        who: str,
        why: str,
        answering: Callable[[Decision], windows.Answering | None] = lambda _: None,
        asking: Callable[[Decision], Sequence[Question]] = lambda _: (),
        undone: int | None = None,
    ) -> Decision:
        """A staff decision: a further version, its questions settled, an unsent answer written anew.

        asking: what is still open after it, asked anew. undone: the version it takes back. KeyError when there is no
        such number.
        """
        with self._store.write() as session:
            old = current(session, number)
            if old is None:
                raise KeyError(number)
            new = replace(change(old), version=old.version + 1, at=at, by=who, why=why)
            add(session, [(new, False)])
            if new.discarded:
                emptying.empty(session, number)
            else:
                search.index_again(session, number)
            _settle(session, number, at, who)
            session.add_all(question_row(one, new.campaign, new.unit) for one in asking(new))
            windows.answer_again(session, number, answering(new), at)
            what = {"version": new.version, "why": why, "was": [old.campaign, old.unit]}
            kind = "discarded" if new.discarded else "decided"
            if undone is not None:
                kind, what = "undone", what | {"undone": undone}
            events.add(session, [Event(at, kind, number, new.campaign, new.unit, who, what)])
            return new

    def confirmed_senders(self) -> dict[str, dict[tuple[str, str], int]]:
        """Address → (campaign, unit) → how many mails of it persons decided to be that unit's, as it stands now."""
        query = (
            select(SubmissionRow.sender, DecisionRow.campaign, DecisionRow.unit, func.count())
            .join(DecisionRow, col(DecisionRow.number) == col(SubmissionRow.number))
            .where(
                col(DecisionRow.current).is_(True),
                DecisionRow.made_by != "auto",
                DecisionRow.role == "submission",
                col(DecisionRow.campaign).is_not(None),
                col(DecisionRow.unit).is_not(None),
            )
            .group_by(SubmissionRow.sender, col(DecisionRow.campaign), col(DecisionRow.unit))
        )
        found: dict[str, dict[tuple[str, str], int]] = {}
        with self._store.read() as session:
            for sender, campaign, unit, count in session.exec(query):
                found.setdefault(sender.lower(), {})[str(campaign), str(unit)] = int(count)
        return found

    def by_persons(self) -> tuple[int, int]:
        """How often persons decided so far, and the highest version: when both stay, nobody corrected anything."""
        with self._store.read() as session:
            found = select(func.count(), func.coalesce(func.max(DecisionRow.version), 0))
            count, highest = session.exec(found.where(DecisionRow.made_by != "auto")).one()
            return int(count), int(highest)

    def in_force(self, campaign: str | None, by_persons: bool = False) -> dict[str, int]:
        """Number -> version of every decision in force for this campaign (None: for none yet), oldest number first."""
        query = select(DecisionRow.number, DecisionRow.version).where(
            col(DecisionRow.current).is_(True), DecisionRow.campaign == campaign, DecisionRow.role != "discarded"
        )
        if by_persons:
            query = query.where(DecisionRow.made_by != "auto")
        with self._store.read() as session:
            return dict(session.exec(query.order_by(col(DecisionRow.number))).all())

    def discarded(self, campaign: str) -> tuple[str, ...]:
        """Numbers of the campaign whose content staff had removed."""
        query = select(DecisionRow.number).where(
            col(DecisionRow.current).is_(True), DecisionRow.campaign == campaign, DecisionRow.role == "discarded"
        )
        with self._store.read() as session:
            return tuple(session.exec(query.order_by(col(DecisionRow.number))))

    def unrecorded(self, most: int = 100) -> list[tuple[Submission, tuple[Decision, ...]]]:
        """件 whose decision in force is not yet in the vault's record."""
        with self._store.read() as session:
            numbers = session.exec(
                select(DecisionRow.number)
                .where(col(DecisionRow.current).is_(True), col(DecisionRow.recorded).is_(False))
                .limit(most)
            ).all()
            rows = session.exec(select(SubmissionRow).where(col(SubmissionRow.number).in_(numbers))).all()
        return [(as_submission(row), self.versions(row.number)) for row in rows]

    def recorded(self, number: str) -> tuple[Decision, ...]:
        """The versions the vault's record holds, oldest first."""
        with self._store.read() as session:
            rows = session.exec(
                select(DecisionRow)
                .where(DecisionRow.number == number, col(DecisionRow.recorded).is_(True))
                .order_by(col(DecisionRow.version))
            )
            return tuple(load(Decision, row.value) for row in rows)

    def mark_recorded(self, number: str, version: int) -> None:
        """The vault's record holds versions up to this one."""
        with self._store.write() as session:
            session.execute(
                update(DecisionRow)
                .where(col(DecisionRow.number) == number, col(DecisionRow.version) <= version)
                .values(recorded=True)
            )

    # --- what staff registered

    def register(self, campaign: str, value: Registered) -> None:
        """Something that came or happened by another way than mail."""
        with self._store.write() as session:
            session.add(
                RegisteredRow(
                    campaign=campaign,
                    unit=value.unit,
                    item=value.item,
                    made_by=value.by,
                    at=value.at,
                    who=value.who,
                    note=value.note,
                    count=value.count,
                )
            )
            what = {"item": value.item, "by": value.by, "note": value.note, "count": value.count}
            events.add(session, [Event(value.at, "registered", None, campaign, value.unit, value.who, what)])

    # --- the queue

    def follow(self, campaign: str, asked: Mapping[str, Sequence[Question]], at: datetime) -> None:
        """Make the open lines that follow from what units hold those of `asked` (unit → questions).

        Only these units' lines change: what is no longer open is settled, what is new is asked; what a person has
        settled as it stands is not asked again.
        """
        with self._store.write() as session:
            rows = session.exec(
                select(QuestionRow).where(
                    col(QuestionRow.kind).in_(FOLLOWED),
                    QuestionRow.campaign == campaign,
                    col(QuestionRow.unit).in_(list(asked)),
                )
            ).all()
            known = {(row.unit, row.kind, row.question): row for row in rows if row.settled_by != "auto"}
            for unit, questions in asked.items():
                for one in questions:
                    if known.pop((unit, one.kind, one.question), None) is None:
                        session.add(question_row(one, campaign, unit))
            for row in known.values():
                if row.settled is None:
                    row.settled, row.settled_by = at, "auto"
                    session.add(row)

    def ask(self, question: Question, campaign: str | None, unit: str | None, once: bool = False) -> None:
        """Put a question to staff: an equal open one is not asked again; with `once` a settled one neither."""
        with self._store.write() as session:
            asked = select(QuestionRow).where(
                QuestionRow.kind == question.kind, QuestionRow.question == question.question
            )
            same = session.exec(asked if once else asked.where(col(QuestionRow.settled).is_(None))).first()
            if same is None:
                session.add(question_row(question, campaign, unit))

    def questions(self) -> tuple[Question, ...]:
        """What waits for a person, oldest first."""
        with self._store.read() as session:
            rows = session.exec(
                select(QuestionRow).where(col(QuestionRow.settled).is_(None)).order_by(col(QuestionRow.id))
            )
            return tuple(_question(row) for row in rows)

    def settle(self, id: int, at: datetime, who: str) -> bool:
        """Staff have dealt with a line of the queue; False when there is no such open line."""
        with self._store.write() as session:
            row = session.get(QuestionRow, id)
            if row is None or row.settled is not None:
                return False
            row.settled, row.settled_by = at, who
            session.add(row)
            if row.kind == PROMISED:
                _dealt_with(session, row, at, who)
            what = {"kind": row.kind, "question": row.question}
            events.add(session, [Event(at, "question-settled", row.number, row.campaign, row.unit, who, what)])
            return True

    def asked_about(self, numbers: Sequence[str], kinds: Sequence[str]) -> bool:
        """Whether a question of one of these kinds about one of these 件 waits for a person."""
        with self._store.read() as session:
            open_ = select(QuestionRow.id).where(
                col(QuestionRow.number).in_(numbers),
                col(QuestionRow.kind).in_(kinds),
                col(QuestionRow.settled).is_(None),
            )
            return session.exec(open_).first() is not None

    def settle_kind(self, kind: str, question_begins: str, at: datetime) -> None:
        """What staff were told of has mended itself (a mailbox is back)."""
        with self._store.write() as session:
            session.execute(
                update(QuestionRow)
                .where(
                    col(QuestionRow.kind) == kind,
                    col(QuestionRow.question).startswith(question_begins, autoescape=True),
                    col(QuestionRow.settled).is_(None),
                )
                .values(settled=at, settled_by="auto")
            )

    def queue_empty(self, campaign: str) -> bool:
        """Whether nothing waits for a person that could concern this campaign; a mail of no campaign could.

        What concerns one item alone does not count: the checklist speaks for it.
        """
        with self._store.read() as session:
            open_ = select(QuestionRow.id).where(
                (col(QuestionRow.campaign) == campaign) | col(QuestionRow.campaign).is_(None),
                col(QuestionRow.kind).not_in(NO_LETTER_WAITS),
                col(QuestionRow.settled).is_(None),
            )
            return session.exec(open_).first() is None

    def busy_units(self, campaign: str) -> Mapping[str, str]:
        """Units with something open in the queue, and what it is; what holds one item alone does not count."""
        with self._store.read() as session:
            rows = session.exec(
                select(QuestionRow).where(
                    QuestionRow.campaign == campaign,
                    col(QuestionRow.kind).not_in(CONCERN_ONE_ITEM),
                    col(QuestionRow.settled).is_(None),
                    col(QuestionRow.unit).is_not(None),
                )
            )
            return {str(row.unit): f"待核对：{row.question}" for row in rows}


def _question(row: QuestionRow) -> Question:
    guesses = tuple(load(Guess, guess) for guess in row.guesses)
    return Question(
        row.id or 0, row.kind, row.number, row.piece, row.question, guesses, row.consequence, row.since, row.campaign,
        row.unit,
    )  # fmt: skip


def _dealt_with(session: Session, row: QuestionRow, at: datetime, who: str) -> None:
    """Staff say that a promised file needs no more waiting for: registered, so that it can be told again."""
    note = f"{row.number} {row.piece}"
    session.add(
        RegisteredRow(
            campaign=row.campaign or "", unit=row.unit or "", item="", made_by="link", at=at, who=who, note=note
        )
    )
    what = {"item": "", "by": "link", "note": note, "count": 1}
    events.add(session, [Event(at, "registered", None, row.campaign, row.unit, who, what)])


def _settle(session: Session, number: str, at: datetime, who: str) -> None:
    session.execute(
        update(QuestionRow)
        .where(
            col(QuestionRow.number) == number,
            col(QuestionRow.settled).is_(None),
            col(QuestionRow.kind).not_in(FOLLOWED),
        )
        .values(settled=at, settled_by=who)
    )
