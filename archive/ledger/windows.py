"""Answer windows: which mails are answered together, and the one transaction that turns a window into its letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, insert, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from archive.judging.promises import numbered
from archive.ledger import events
from archive.ledger.engine import Store
from archive.ledger.held import as_submission, current, holdings
from archive.ledger.leases import CAPPED
from archive.ledger.letters import UNSENT, NewLetter, insert_letter, letter_of
from archive.records import Event, Held, Holdings, Letter
from archive.tables import AnswerRow, LetterRow, SubmissionRow, WindowRow

LEFT = ("sending", "sent", "deferred", "bounced")
"""States of a letter that left or may have left: what it told stays told."""

MERGED = "与后来的来件合并答复"
BY_HAND = "by-hand"
"""In the place of a letter's key: staff answered, before a letter was written."""


@dataclass(frozen=True)
class Parts:
    """A mail that says 2/3. of: 3; minutes to wait for more once all have come, and while a numbered one lacks."""

    of: int
    whole: float
    lacking: float


@dataclass(frozen=True)
class Answering:
    """How a 件 is to be answered: with what else it is gathered, and for how long (minutes)."""

    mailbox: str
    campaign: str
    unit: str
    reply_to: str
    minutes: float
    most_minutes: float
    parts: Parts | None = None


@dataclass(frozen=True)
class DueWindow:
    """A window whose time has come, with everything its one letter depends on.

    answered: the mails to be named in it, oldest first. holdings: all the unit has sent; None for an unknown unit.
    failing: gives `item:code` -> units whose answers named that demand, `item:` -> units whose answers spoke of it.
    """

    mailbox: str
    campaign: str
    unit: str
    reply_to: str
    answered: tuple[Held, ...]
    holdings: Holdings | None
    opened: datetime
    failing: Callable[[], Mapping[str, frozenset[str]]]
    rewrites: int = 0
    """How often this answer was already written and cancelled."""
    told: tuple[Letter, ...] = ()
    """The letters that left for these mails and are to be corrected now; () = they were never answered."""


def join_windows(session: Session, answered: Sequence[tuple[str, Answering]], at: datetime) -> None:
    """Put each 件 into the open window of its unit and address, or open one; a 件 that has its place keeps it.

    The newest mail says how long is still waited: one that brings what was announced ends the long wait, and so does
    the last of 1/3 to 3/3 to come, whichever it is.
    """
    numbers = [number for number, _ in answered]
    placed = set(session.exec(select(AnswerRow.number).where(col(AnswerRow.number).in_(numbers))))
    windows: dict[tuple[str, str, str], WindowRow] = {}
    rows = []
    for number, how in answered:
        if number in placed:
            continue
        key = (how.campaign, how.unit, how.reply_to)
        if key not in windows:
            windows[key] = _window(session, how, at)
        window = windows[key]
        latest = max(window.due, window.opened + timedelta(minutes=how.most_minutes))
        window.due = max(at, min(at + timedelta(minutes=_minutes(session, how)), latest))
        rows.append((number, window))
    session.flush()
    if rows:
        session.execute(insert(AnswerRow), [{"number": number, "window": window.id} for number, window in rows])


def _minutes(session: Session, how: Answering) -> float:
    """How long is waited after this mail; of numbered mails all that the unit sent are looked at."""
    if how.parts is None or not how.unit:
        return how.minutes
    here = numbered(holdings(session, how.campaign, [how.unit])[how.unit].held, how.parts.of)
    if len(here) == how.parts.of:
        return how.parts.whole
    return how.parts.lacking if len(here) > 1 else how.minutes


def _window(session: Session, how: Answering, at: datetime) -> WindowRow:
    window = session.exec(
        select(WindowRow).where(
            WindowRow.campaign == how.campaign,
            WindowRow.unit == how.unit,
            WindowRow.reply_to == how.reply_to,
            col(WindowRow.closed).is_(False),
        )
    ).first()
    if window is None:
        window = WindowRow(
            mailbox=how.mailbox, campaign=how.campaign, unit=how.unit, reply_to=how.reply_to, opened=at, due=at
        )
        session.add(window)
    return window


def answer_again(session: Session, number: str, how: Answering | None, at: datetime) -> None:
    """After a decision changed: an unsent answer is cancelled and its mails answered anew; a sent one stays."""
    row = session.get(AnswerRow, number)
    if row is not None and row.letter is not None:
        letter = session.get(LetterRow, row.letter)
        if letter is None or letter.state not in UNSENT or letter.tries:
            return
        _take_back(session, letter, "来件判定已更改，重新拟写", at)
        session.refresh(row)
    corrects = row.corrects if row is not None else None
    if row is not None:
        session.delete(row)
        session.flush()
        _close_if_empty(session, row.window)
    if how is not None:
        join_windows(session, [(number, how)], at)
        _mark(session, number, corrects)


def _take_back(session: Session, letter: LetterRow, why: str, at: datetime) -> None:
    """An unsent answer is cancelled; its windows are open again and due now."""
    _cancel(session, letter, why, at)
    mine = select(AnswerRow.window).where(AnswerRow.letter == letter.key)
    windows = session.exec(mine.distinct()).all()
    session.execute(update(AnswerRow).where(col(AnswerRow.letter) == letter.key).values(letter=None))
    session.execute(update(WindowRow).where(col(WindowRow.id).in_(windows)).values(closed=False, due=at))


def _cancel(session: Session, letter: LetterRow, why: str, at: datetime) -> None:
    letter.state, letter.trouble = "cancelled", why
    session.add(letter)
    what = {"key": letter.key, "why": why}
    events.add(session, [Event(at, "letter-cancelled", None, letter.campaign, letter.unit, "auto", what)])


def _mark(session: Session, number: str, corrects: str | None) -> None:
    session.execute(update(AnswerRow).where(col(AnswerRow.number) == number).values(corrects=corrects))


def answered_by_hand(session: Session, number: str, at: datetime, why: str) -> None:
    """Staff answered a 件 themselves: no letter of ours does. One that was written but never tried is cancelled;
    the other mails it would have named are answered anew."""
    row = session.get(AnswerRow, number)
    if row is None:
        return
    letter = session.get(LetterRow, row.letter) if row.letter is not None else None
    if row.letter is not None:
        if letter is None or letter.state not in UNSENT or letter.tries:
            return
        _take_back(session, letter, why, at)
        session.refresh(row)
    row.letter = letter.key if letter is not None else row.corrects or BY_HAND
    session.add(row)
    session.flush()
    _close_if_empty(session, row.window)


def _merge_capped(session: Session, window: WindowRow, at: datetime) -> bool:
    """Take in the mails whose answer to the same unit and address waits because of a cap; whether there were any.

    One letter then names them all, and takes one place of the cap.
    """
    waiting = session.exec(
        select(LetterRow).where(
            LetterRow.campaign == window.campaign,
            func.coalesce(LetterRow.unit, "") == window.unit,
            LetterRow.recipient == window.reply_to,
            LetterRow.state == "queued",
            LetterRow.tries == 0,
            col(LetterRow.trouble).startswith(CAPPED, autoescape=True),
        )
    ).all()
    merged = False
    for letter in waiting:
        answers = session.exec(select(AnswerRow).where(AnswerRow.letter == letter.key)).all()
        if not answers or any(answer.corrects for answer in answers):
            continue
        _cancel(session, letter, MERGED, at)
        merged = True
        for answer in answers:
            answer.window, answer.letter = window.id or 0, None
        session.add_all(answers)
    session.flush()
    return merged


def _close_if_empty(session: Session, window: int) -> None:
    left = session.exec(select(AnswerRow.number).where(AnswerRow.window == window, col(AnswerRow.letter).is_(None)))
    if left.first() is None:
        session.execute(update(WindowRow).where(col(WindowRow.id) == window).values(closed=True))


class Windows:
    """Mails that wait for their answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer_one(
        self,
        now: datetime,
        compose: Callable[[DueWindow], NewLetter | None],
        wait: Callable[[DueWindow], datetime | None] = lambda _: None,
    ) -> str | None:
        """Close one due window: in one transaction its checklist is computed and its one letter written.

        wait: until when the window is looked at again instead. Gives the letter's key, "" when the window waits or
        nothing is to be corrected; None when no window is due. What `compose` raises leaves the window open.
        """
        with self._store.write() as session:
            window = session.exec(_due(now).limit(1)).first()
            if window is None:
                return None
            session.add(window)
            due = _due_window(session, window)
            later = wait(due)
            if later is not None:
                window.due = later
                return ""
            window.closed = True
            if not due.told and _merge_capped(session, window, now):
                due = _due_window(session, window)
            new = compose(due)
            answered = update(AnswerRow).where(col(AnswerRow.window) == window.id, col(AnswerRow.letter).is_(None))
            if new is None:
                session.execute(answered.values(letter=AnswerRow.corrects))
                return ""
            insert_letter(session, new, now)
            session.execute(answered.values(letter=new.letter.key))
            return new.letter.key

    def preview(self, now: datetime, compose: Callable[[DueWindow], NewLetter | None]) -> list[NewLetter]:
        """What `answer_one` would write for every window that is due, without writing it."""
        with self._store.read() as session:
            dues = [_due_window(session, window) for window in session.exec(_due(now))]
        return [new for new in map(compose, dues) if new is not None]

    def postpone_windows(self, now: datetime, until: datetime, why: str) -> None:
        """The window that could not be answered waits; staff see why."""
        with self._store.write() as session:
            window = session.exec(_due(now).limit(1)).first()
            if window is not None:
                window.due = until
                session.add(window)
                what = {"window": window.id, "why": why}
                events.add(session, [Event(now, "answer-failed", None, window.campaign, window.unit, "auto", what)])

    def answer(self, number: str, how: Answering, at: datetime) -> None:
        """Staff release the answer to a 件 that was filed without one."""
        with self._store.write() as session:
            join_windows(session, [(number, how)], at)

    def answered_with(self, number: str) -> Letter | None:
        """The letter that answers this 件; None while there is none."""
        with self._store.read() as session:
            row = session.get(AnswerRow, number)
            letter = session.get(LetterRow, row.letter) if row is not None and row.letter is not None else None
            return None if letter is None else letter_of(letter)

    def answer_anew(self, number: str, how: Answering, at: datetime) -> None:
        """A 件 whose letter left is looked at once more: what that letter told wrongly is corrected."""
        with self._store.write() as session:
            row = session.get(AnswerRow, number)
            told = row.letter if row is not None else None
            if row is not None:
                session.delete(row)
                session.flush()
            join_windows(session, [(number, how)], at)
            _mark(session, number, told)

    def write_anew(self, campaign: str, why: str, at: datetime) -> int:
        """Unsent answers of a campaign, never tried, are cancelled and their mails answered anew; gives how many."""
        with self._store.write() as session:
            rows = session.exec(
                select(AnswerRow.letter)
                .join(LetterRow, col(LetterRow.key) == col(AnswerRow.letter))
                .where(LetterRow.campaign == campaign, col(LetterRow.state).in_(UNSENT), LetterRow.tries == 0)
                .distinct()
            ).all()
            for key in rows:
                letter = session.get(LetterRow, key)
                if letter is not None:
                    _take_back(session, letter, why, at)
            return len(rows)

    def answered(self, campaign: str) -> dict[str, tuple[str, ...]]:
        """Key of each letter of the campaign that answers mails and left → their numbers, oldest first."""
        with self._store.read() as session:
            rows = session.exec(
                select(AnswerRow.letter, AnswerRow.number)
                .join(LetterRow, col(LetterRow.key) == col(AnswerRow.letter))
                .where(LetterRow.campaign == campaign, col(LetterRow.state).in_(LEFT))
                .order_by(col(LetterRow.created), col(AnswerRow.number))
            ).all()
        found: dict[str, tuple[str, ...]] = {}
        for key, number in rows:
            found[str(key)] = (*found.get(str(key), ()), number)
        return found

    def answered_by_hand(self, number: str, at: datetime, why: str) -> None:
        """Staff answered this 件 themselves: no letter of ours does."""
        with self._store.write() as session:
            answered_by_hand(session, number, at, why)

    def open_windows(self, campaign: str) -> frozenset[str]:
        """Units with mails still to be answered."""
        with self._store.read() as session:
            rows = session.exec(
                select(WindowRow.unit).where(WindowRow.campaign == campaign, col(WindowRow.closed).is_(False))
            )
            return frozenset(rows)

    def next_due(self) -> datetime | None:
        """When the next window closes."""
        with self._store.read() as session:
            return session.exec(select(func.min(WindowRow.due)).where(col(WindowRow.closed).is_(False))).one()

    def is_to_be_answered(self, number: str) -> bool:
        """Whether this 件 was answered or waits for its answer."""
        with self._store.read() as session:
            return session.get(AnswerRow, number) is not None


def _answered(session: Session, numbers: Sequence[str]) -> tuple[Held, ...]:
    rows = session.exec(
        select(SubmissionRow)
        .where(col(SubmissionRow.number).in_(numbers))
        .order_by(col(SubmissionRow.received), col(SubmissionRow.number))
    )
    pairs = [(row, current(session, row.number)) for row in rows]
    return tuple(Held(as_submission(row), decision) for row, decision in pairs if decision is not None)


def _due(now: datetime) -> SelectOfScalar[WindowRow]:
    """Windows whose time has come and that have something to answer, the oldest first."""
    waiting = exists().where(col(AnswerRow.window) == col(WindowRow.id), col(AnswerRow.letter).is_(None))
    return (
        select(WindowRow)
        .where(col(WindowRow.closed).is_(False), col(WindowRow.due) <= now, waiting)
        .order_by(col(WindowRow.due), col(WindowRow.id))
    )


def _due_window(session: Session, window: WindowRow) -> DueWindow:
    """Everything a window's letter depends on."""
    numbers = session.exec(
        select(AnswerRow.number).where(AnswerRow.window == window.id, col(AnswerRow.letter).is_(None))
    ).all()
    answered = _answered(session, numbers)
    return DueWindow(
        window.mailbox,
        window.campaign,
        window.unit,
        window.reply_to,
        answered,
        holdings(session, window.campaign, [window.unit]).get(window.unit) if window.unit else None,
        window.opened,
        lambda: _failing(session, window.campaign),
        _rewrites(session, answered[-1].submission.number),
        _told(session, numbers),
    )


def _told(session: Session, numbers: Sequence[str]) -> tuple[Letter, ...]:
    keys = select(AnswerRow.corrects).where(col(AnswerRow.number).in_(numbers), col(AnswerRow.corrects).is_not(None))
    rows = session.exec(select(LetterRow).where(col(LetterRow.key).in_(keys)).order_by(col(LetterRow.created)))
    return tuple(letter_of(row) for row in rows)


def _rewrites(session: Session, number: str) -> int:
    key, first = col(LetterRow.key), f"answer:{number}"
    anew = (key >= f"{first}+") & (key < f"{first},")  # the sign after + in ASCII: every key with a + behind
    return session.exec(select(func.count()).where((key == first) | anew)).one()


def _failing(session: Session, campaign: str) -> dict[str, frozenset[str]]:
    rows = session.exec(
        select(LetterRow.unit, LetterRow.faults).where(
            LetterRow.campaign == campaign, col(LetterRow.unit).is_not(None), LetterRow.state != "cancelled"
        )
    )
    units: dict[str, set[str]] = {}
    for unit, faults in rows:
        for fault in faults:
            units.setdefault(fault, set()).add(str(unit))
    return {fault: frozenset(codes) for fault, codes in units.items()}
