"""Who is due a reminder or an overdue letter, when, and who is not and why. Pure: rows in, plain values out.

Every key is said once. The plan is made again each round; a planned letter that is no longer in it has lost its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from archive.records import Act, Checklist, Letter, Note
from config.campaign import Campaign, Channel
from config.capacity import letters_a_day
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar
from intake.saying.owing import Owing, ahead, last_day, passed
from intake.saying.pacing import Batch, Pace, Step, batched

__all__ = ["Due", "Places", "Situation", "in_line", "is_never", "last_day", "places", "plan"]

OVERDUE_DAYS = 14
"""Days after a deadline when an overdue letter that was never sent has lost its sense."""
ANSWERED_DAYS = 3
"""Working days a unit is left in peace after staff answered it themselves; less when it writes again."""
ALONE = (0, 1)
REACHED = ("sending", "sent", "deferred")
"""States of a letter that has left, or may have."""


Places = Mapping[tuple[str, date], tuple[int, int]]
"""(unit, last day) → its place among the units that owe something by then, and how many they are."""


@dataclass(frozen=True)
class Situation:
    """What the plan must respect beside the checklists.

    busy: unit code → why no letter goes now, in Chinese (a mail is unprocessed or in the queue, more was announced).
    addresses: unit code → roster or confirmed address. never: addresses and domains (@example.test) that get no
    letter. registered: unit code → channel → the day up to which staff registered it. queue_empty: False holds
    overdue letters of the campaign. notes: what staff noted of units, without answers to which the unit has written
    since. acts: key of a letter → what staff want of it. closed: unit code → its checklists at the ends of turns that
    closed lately (now = the last moment of the turn), with all that has come since.
    """

    busy: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    registered: Mapping[str, Mapping[Channel, date]] = field(default_factory=dict)
    queue_empty: bool = True
    notes: Sequence[Note] = ()
    acts: Mapping[str, Act] = field(default_factory=dict)
    closed: Mapping[str, Sequence[Checklist]] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """One planned letter, or (letter False) a line that says why none goes; kind phone is a row of the phone list.

    key: kind:campaign:unit:last day:step. due: UTC. to: "" when there is no address. items: ids of items and totals
    that are open. reason: Chinese, for staff. also: keys of further steps that this letter stands for. deadlines: the
    first late instants (UTC) it speaks of. turn: the moment at which a closed turn is looked at, else None. forced:
    staff said to send it now.
    """

    key: str
    kind: Literal["reminder", "overdue", "phone"]
    unit: str
    to: str
    due: datetime
    letter: bool
    reason: str
    items: tuple[str, ...]
    also: tuple[str, ...] = ()
    deadlines: tuple[datetime, ...] = ()
    turn: datetime | None = None
    forced: bool = False


@dataclass(frozen=True)
class _Round:
    """The arguments every step of one planning needs.

    said: keys that are never planned again. written: keys of letters that may still change. letters: unit code → its
    reminders and overdue letters.
    """

    campaign: Campaign
    said: frozenset[str]
    written: frozenset[str]
    letters: Mapping[str, Sequence[Letter]]
    calendar: Calendar
    settings: AnswerSettings
    situation: Situation
    now: datetime

    def office(self, at: datetime) -> datetime:
        return self.calendar.office_moment(at, self.campaign.zone, self.settings.office_begin, self.settings.office_end)

    @property
    def pace(self) -> Pace:
        return Pace(self.calendar, self.campaign.zone, self.campaign.reminders.min_gap, self.office)

    def act(self, key: str) -> str:
        act = self.situation.acts.get(key)
        return act.act if act is not None else ""

    def step(self, owing: Owing, kind: str, number: int, at: datetime, until: datetime) -> Step:
        """The step of that key; one that staff want now is now."""
        key = owing.key(kind, self.campaign, number)
        fixed = self.act(key) == "now"
        return Step(key, self.now if fixed else at, until, owing, fixed, key in self.written)


def plan(
    campaign: Campaign,
    roster: Roster,
    checklists: Mapping[str, Checklist],
    said: Sequence[Letter],
    calendar: Calendar,
    settings: AnswerSettings,
    situation: Situation,
    now: datetime,
    among: Places | None = None,
) -> tuple[Due, ...]:
    """All reminders, phone-list rows and overdue letters of a campaign as they stand at `now` (aware, UTC).

    checklists: by unit code. said: letters of the campaign; one in state `planned` may still change, in any other
    state (cancelled too) its key is never planned again, nor what it stood for unless it was cancelled. Nothing is
    planned unless the campaign is open and speaks. Working days count back from the deadline's day in the campaign's
    zone. among: the places of these units among all of the campaign, when the roster does not hold them all.
    """
    if campaign.status != "open" or campaign.mode == "silent":
        return ()
    written = frozenset(letter.key for letter in said if letter.state == "planned")
    this = _Round(campaign, _told(said), written, _by_unit(said), calendar, settings, situation, now)
    known = [(unit, checklists[unit.code]) for unit in roster.units if unit.code in checklists]
    owing = {unit.code: ahead(campaign, unit, one, _registered(this, unit), now) for unit, one in known}
    places = _places(owing.values()) if among is None else among
    dues: list[Due] = []
    for unit, checklist in known:
        mine = _letters(this, unit, "reminder", _reminder_steps(this, owing[unit.code], places), ())
        days = [this.pace.day(due.due) for due in mine if due.letter]
        late = passed(
            campaign, unit, checklist, situation.closed.get(unit.code, ()), _registered(this, unit), now
        )  # fmt: skip
        dues += mine
        dues += _letters(this, unit, "overdue", _overdue_steps(this, late), days)
        dues += [row for one in owing[unit.code] for row in _phone(this, one)]
    return tuple(sorted(dues, key=lambda due: (due.due, due.key)))


def places(
    campaign: Campaign,
    roster: Roster,
    checklists: Mapping[str, Checklist],
    registered: Mapping[str, Mapping[Channel, date]],
    now: datetime,
) -> Places:
    """Where each unit stands among those that owe something by the same day; registered: as in `Situation`."""
    known = [unit for unit in roster.units if unit.code in checklists]
    return _places(ahead(campaign, unit, checklists[unit.code], registered.get(unit.code, {}), now) for unit in known)


def in_line(own: Places, before: Iterable[Places], after: Iterable[Places]) -> Places:
    """Places of one campaign's units among those of all campaigns that share its mailbox, in the campaigns' order."""
    first, last = _waiting(before), _waiting(after)
    return {
        (unit, day): (place + first[day], count + first[day] + last[day]) for (unit, day), (place, count) in own.items()
    }


def _waiting(found: Iterable[Places]) -> Counter[date]:
    """Last day → how many units owe something by then."""
    return Counter(day for one in found for _, day in one)


def _told(said: Sequence[Letter]) -> frozenset[str]:
    done = [letter for letter in said if letter.state != "planned"]
    stood_for = (key for letter in done if letter.state != "cancelled" for key in letter.said.get("also", ()))
    return frozenset([*(letter.key for letter in done), *stood_for])


def _by_unit(said: Sequence[Letter]) -> dict[str, list[Letter]]:
    found: dict[str, list[Letter]] = {}
    for letter in said:
        if letter.kind in ("reminder", "overdue"):
            found.setdefault(str(letter.unit), []).append(letter)
    return found


def _registered(this: _Round, unit: Unit) -> Mapping[Channel, date]:
    return this.situation.registered.get(unit.code, {})


# --- reminders ------------------------------------------------------------------------------------------------------


def _places(owing: Iterable[tuple[Owing, ...]]) -> Places:
    by_day: dict[date, list[str]] = {}
    for mine in owing:
        for one in mine:
            by_day.setdefault(one.day, []).append(one.unit.code)
    return {(code, day): (place, len(codes)) for day, codes in by_day.items() for place, code in enumerate(codes)}


def _days_early(this: _Round, place: int, count: int) -> int:
    """Working days a unit's reminder starts earlier so that the caps of the hour and the day are kept.

    The last units in the roster's order keep the step's own day.
    """
    a_day = letters_a_day(this.campaign.reminders.at, this.settings)
    return (count - 1) // a_day - place // a_day


def _moment(this: _Round, day: date, step: int) -> datetime:
    if step > 0 or not this.calendar.is_workday(day):
        day = this.calendar.workdays_before(day, max(step, 1))
    return this.office(datetime.combine(day, this.campaign.reminders.at, this.campaign.zone))


def _reminder_steps(this: _Round, owing: Sequence[Owing], places: Places) -> list[Step]:
    return [step for one in owing for step in _steps(this, one, *places.get((one.unit.code, one.day), ALONE))]


def _steps(this: _Round, owing: Owing, place: int, count: int) -> list[Step]:
    """Steps ahead, and at most one catch-up for the last step that has passed unsaid."""
    opened = this.campaign.opens_at
    early = _days_early(this, place, count)
    numbers = sorted(set(this.campaign.reminders.letters), reverse=True)
    moments = [(_moment(this, owing.day, number + early), number) for number in numbers]
    moments = [(at, number) for at, number in moments if at < owing.deadline and (opened is None or at >= opened)]
    chosen = [(at, number) for at, number in moments if at > this.now]
    passed_by = [number for at, number in moments if at <= this.now]
    if passed_by:
        at = this.office(this.now)
        soon = any(this.pace.day(later) <= this.pace.day(at) for later, _ in chosen)
        if not soon and at < owing.deadline:
            chosen.insert(0, (at, passed_by[-1]))
    steps = [this.step(owing, "reminder", number, at, owing.deadline) for at, number in chosen]
    return [step for step in steps if step.key not in this.said]


# --- overdue --------------------------------------------------------------------------------------------------------


def _overdue_steps(this: _Round, owing: Sequence[Owing]) -> list[Step]:
    """One letter from the working day after the deadline's day on, only where the campaign wants it."""
    steps = []
    for one in owing if this.campaign.late.overdue_letters else ():
        until = one.deadlines[-1] + timedelta(days=OVERDUE_DAYS)
        following = datetime.combine(one.day + timedelta(days=1), time(), this.campaign.zone)
        step = this.step(one, "overdue", 0, this.office(max(this.now, following)), until)
        if step.key not in this.said and this.now < until:
            steps.append(step)
    return steps


# --- letters of one unit --------------------------------------------------------------------------------------------


def _letters(
    this: _Round, unit: Unit, kind: Literal["reminder", "overdue"], steps: Sequence[Step], days: Sequence[date]
) -> list[Due]:
    """The unit's letters of one kind, paced; days: further days on which it gets a letter."""
    mine = this.letters.get(unit.code, ())
    left = [letter.sent or letter.due for letter in mine if letter.state in REACHED]
    taken = {*(this.pace.day(at) for at in left if at is not None), *days}
    stopped = [step for step in steps if this.act(step.key) in ("hold", "cancel")]
    wanted = [step for step in steps if step not in stopped]
    told, most = {}, len(steps)
    if kind == "reminder":
        told = {step.owing.day: _times(this, step.owing, mine) for step in wanted}
        most = this.campaign.reminders.most
    batches = batched(wanted, taken, this.pace, told, most)
    batches += [Batch(step.at, (step,), _stopped(this, step)) for step in stopped]
    return [_due(this, unit, kind, batch) for batch in batches]


def _times(this: _Round, owing: Owing, letters: Sequence[Letter]) -> int:
    """How many reminders have spoken of this last day."""
    start = owing.key("reminder", this.campaign, 0)[:-1]
    keys = [(letter.key, *letter.said.get("also", ())) for letter in letters if letter.state in REACHED]
    return sum(any(key.startswith(start) for key in told) for told in keys)


def _due(this: _Round, unit: Unit, kind: Literal["reminder", "overdue"], batch: Batch) -> Due:
    head, owing = batch.steps[0], [step.owing for step in batch.steps]
    lines = list({line.id: line for one in owing for line in one.lines}.values())
    to = this.situation.addresses.get(unit.code, "")
    against = batch.against or _against(this, unit, kind, to, head, batch.at)
    if against is None and not head.fixed and all(line.announced and not line.faults for line in lines):
        against = "来信说明其余材料另行报送"
    return Due(
        key=head.key,
        kind=kind,
        unit=unit.code,
        to=to,
        due=batch.at,
        letter=against is None,
        reason=against or ("截止前有待报送材料" if kind == "reminder" else "截止后仍有未收到的材料"),
        items=tuple(line.id for line in lines),
        also=tuple(step.key for step in batch.steps[1:]),
        deadlines=tuple(sorted({moment for one in owing for moment in one.deadlines})),
        turn=head.owing.turn,
        forced=head.fixed,
    )


def _stopped(this: _Round, step: Step) -> str:
    """What staff said of this letter that keeps it back."""
    act = this.situation.acts[step.key]
    word = "已暂缓" if act.act == "hold" else "已取消"
    return f"{word}：{act.note}" if act.note else word


def _against(this: _Round, unit: Unit, kind: str, to: str, step: Step, at: datetime) -> str | None:
    """Why no letter goes, or None; what staff want now is kept back by nothing but its address."""
    if not step.fixed:
        if busy := this.situation.busy.get(unit.code):
            return busy
        if told := _told_by_staff(this, unit, at):
            return told
    if not to:
        return "没有可用的邮件地址，请电话联系"
    if is_never(to, this.situation.never | frozenset(this.settings.never)):
        return "该地址在不发信名单中"
    if kind == "overdue" and not this.situation.queue_empty and not step.fixed:
        return "待核对事项未清空，暂不发逾期提示"
    return None


def _told_by_staff(this: _Round, unit: Unit, at: datetime) -> str | None:
    """The note of staff that still rests at that moment, the latest first."""
    day = this.pace.day(at)
    for note in reversed(this.situation.notes):
        if note.unit == unit.code:
            until = _rests_until(this, note)
            if until is None or day <= until:
                word = "已电话告知" if note.kind == "phone" else "经办人已答复"
                upto = f"（{until.month}月{until.day}日及以前不提醒）" if until is not None else ""
                return f"{word}：{note.text}{upto}"
    return None


def _rests_until(this: _Round, note: Note) -> date | None:
    """The last day of rest; an answer without a day rests three working days."""
    if note.until is not None or note.kind == "phone":
        return note.until
    day = this.pace.day(note.at)
    for _ in range(ANSWERED_DAYS):
        day = this.calendar.next_workday(day)
    return day


def _phone(this: _Round, owing: Owing) -> list[Due]:
    """Rows of the phone list: staff call, no letter goes."""
    rows = []
    for step in sorted(set(this.campaign.reminders.phone), reverse=True):
        at = _moment(this, owing.day, step)
        reason = this.situation.busy.get(owing.unit.code) or _told_by_staff(this, owing.unit, max(at, this.now))
        rows.append(
            Due(
                key=owing.key("phone", this.campaign, step),
                kind="phone",
                unit=owing.unit.code,
                to="",
                due=at,
                letter=False,
                reason=f"电话提醒名单（{reason}）" if reason else "电话提醒名单",
                items=tuple(line.id for line in owing.lines),
                deadlines=owing.deadlines,
            )
        )
    return rows


def is_never(address: str, never: frozenset[str]) -> bool:
    """Whether an address stands on the list of addresses and domains (@example.test) that get no letter."""
    folded = address.casefold()
    domain = folded[folded.rfind("@") :]
    return any(entry.casefold() in (folded, domain) for entry in never)
