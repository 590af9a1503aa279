"""Who is due a reminder or an overdue letter, when, and who is not and why. Pure: rows in, plain values out.

Every key is said once. The plan is made again each round; a planned letter that is no longer in it has lost its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from archive.records import Checklist, Letter
from config.campaign import Campaign, Channel
from config.roster import Roster, Unit
from config.settings import AnswerSettings
from config.workdays import Calendar
from intake.saying.lacking import Open, open_lines

OVERDUE_DAYS = 14
"""Days after a deadline when an overdue letter that was never sent has lost its sense."""


@dataclass(frozen=True)
class Situation:
    """What the plan must respect beside the checklists.

    busy: unit code → why no letter goes now, in Chinese (a mail is unprocessed or in the queue, more was announced,
        told by phone, staff answered). addresses: unit code → roster or confirmed address. never: addresses and
        domains (@example.test) that get no letter. registered: channel → the day up to which staff registered it.
    queue_empty: False holds overdue letters of the campaign.
    """

    busy: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    registered: Mapping[Channel, date] = field(default_factory=dict)
    queue_empty: bool = True


@dataclass(frozen=True)
class Due:
    """One planned letter, or (letter False) a line that says why none goes; kind phone is a row of the phone list.

    key: kind:campaign:unit:deadline-day:step. due: UTC. to: "" when there is no address. items: ids of items and
    totals that are open. reason: Chinese, for staff.
    """

    key: str
    kind: Literal["reminder", "overdue", "phone"]
    unit: str
    to: str
    due: datetime
    letter: bool
    reason: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class _Owing:
    """What one unit has open for one deadline."""

    unit: Unit
    deadline: datetime
    day: date
    lines: tuple[Open, ...]

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(line.id for line in self.lines)

    def key(self, kind: str, campaign: Campaign, step: int) -> str:
        return f"{kind}:{campaign.id}:{self.unit.code}:{self.day.isoformat()}:{step}"


@dataclass(frozen=True)
class _Round:
    """The arguments every step of one planning needs."""

    campaign: Campaign
    said: frozenset[str]
    calendar: Calendar
    settings: AnswerSettings
    situation: Situation
    now: datetime

    def office(self, at: datetime) -> datetime:
        return self.calendar.office_moment(at, self.campaign.zone, self.settings.office_begin, self.settings.office_end)


def plan(
    campaign: Campaign,
    roster: Roster,
    checklists: Mapping[str, Checklist],
    said: Sequence[Letter],
    calendar: Calendar,
    settings: AnswerSettings,
    situation: Situation,
    now: datetime,
) -> tuple[Due, ...]:
    """All reminders, phone-list rows and overdue letters of a campaign as they stand at `now` (aware, UTC).

    checklists: by unit code. said: letters of the campaign; one in state `planned` may still change, in any other
    state (cancelled too) its key is never planned again. Nothing is planned unless the campaign is open and speaks.
    Working days count back from the deadline's day in the campaign's zone.
    """
    if campaign.status != "open" or campaign.mode == "silent":
        return ()
    keys = frozenset(letter.key for letter in said if letter.state != "planned")
    this = _Round(campaign, keys, calendar, settings, situation, now)
    ahead: dict[datetime, list[_Owing]] = {}
    dues: list[Due] = []
    for unit in roster.units:
        checklist = checklists.get(unit.code)
        for owing in () if checklist is None else _owing(this, unit, checklist):
            if now < owing.deadline:
                ahead.setdefault(owing.deadline, []).append(owing)
            else:
                dues.extend(_overdue(this, owing))
    for owings in ahead.values():
        for place, owing in enumerate(owings):
            dues.extend(_reminders(this, owing, place, len(owings)))
            dues.extend(_phone(this, owing))
    return tuple(sorted(dues, key=lambda due: (due.due, due.key)))


def _owing(this: _Round, unit: Unit, checklist: Checklist) -> list[_Owing]:
    """The unit's open lines gathered by deadline; undated ones and unregistered channels are nobody's to remind."""
    found: dict[datetime, list[Open]] = {}
    for line in open_lines(this.campaign, unit, checklist, this.situation.registered, this.now):
        if line.deadline is not None and line.spoken:
            found.setdefault(line.deadline, []).append(line)
    return [
        _Owing(unit, deadline, last_day(deadline, this.campaign), tuple(lines))
        for deadline, lines in sorted(found.items())
    ]


def last_day(deadline: datetime, campaign: Campaign) -> date:
    """The last day that is in time, in the campaign's zone, of a first late instant."""
    return (deadline.astimezone(campaign.zone) - timedelta(microseconds=1)).date()


def _moment(this: _Round, owing: _Owing, step: int, at: time) -> datetime:
    day = owing.day
    if step > 0 or not this.calendar.is_workday(day):
        day = this.calendar.workdays_before(day, max(step, 1))
    return this.office(datetime.combine(day, at, this.campaign.zone))


def _days_early(this: _Round, place: int, count: int) -> int:
    """Working days a unit's reminder starts earlier so that the caps of the hour and the day are kept.

    The last units in the roster's order keep the step's own day.
    """
    begin, end = this.campaign.reminders.at, this.settings.office_end
    hours = max(1, (end.hour * 60 + end.minute - begin.hour * 60 - begin.minute) // 60)
    a_day = max(1, min(this.settings.per_day, this.settings.per_hour * hours))
    return (count - 1) // a_day - place // a_day


def _reminders(this: _Round, owing: _Owing, place: int, count: int) -> list[Due]:
    """Steps ahead, and at most one catch-up for the last step that has passed unsaid."""
    reminders = this.campaign.reminders
    opened = this.campaign.opens_at
    early = _days_early(this, place, count)
    steps = [
        (_moment(this, owing, step + early, reminders.at), step) for step in sorted(reminders.letters, reverse=True)
    ]
    steps = [(at, step) for at, step in steps if at < owing.deadline and (opened is None or at >= opened)]
    ahead = [(at, step) for at, step in steps if at > this.now]
    past = [(at, step) for at, step in steps if at <= this.now]
    chosen = list(ahead)
    if past:
        _, step = past[-1]
        at = this.office(this.now)
        zone = this.campaign.zone
        soon = any(later.astimezone(zone).date() <= at.astimezone(zone).date() for later, _ in ahead)
        if not soon and at < owing.deadline:
            chosen.insert(0, (at, step))
    return [
        _due(this, owing, "reminder", step, at)
        for at, step in chosen
        if owing.key("reminder", this.campaign, step) not in this.said
    ]


def _phone(this: _Round, owing: _Owing) -> list[Due]:
    """Rows of the phone list: staff call, no letter goes."""
    rows = []
    for step in this.campaign.reminders.phone:
        at = _moment(this, owing, step, this.campaign.reminders.at)
        reason = this.situation.busy.get(owing.unit.code)
        rows.append(
            Due(
                key=owing.key("phone", this.campaign, step),
                kind="phone",
                unit=owing.unit.code,
                to="",
                due=at,
                letter=False,
                reason=f"电话提醒名单（{reason}）" if reason else "电话提醒名单",
                items=owing.items,
            )
        )
    return rows


def _overdue(this: _Round, owing: _Owing) -> list[Due]:
    """One letter on the working day after the deadline's day, only where the campaign wants it."""
    if not this.campaign.late.overdue_letters or this.now - owing.deadline > timedelta(days=OVERDUE_DAYS):
        return []
    if owing.key("overdue", this.campaign, 0) in this.said:
        return []
    following = datetime.combine(owing.day + timedelta(days=1), time(), this.campaign.zone)
    at = this.office(max(this.now, following))
    return [_due(this, owing, "overdue", 0, at)]


def _due(this: _Round, owing: _Owing, kind: Literal["reminder", "overdue"], step: int, at: datetime) -> Due:
    to = this.situation.addresses.get(owing.unit.code, "")
    against = _against(this, owing, kind, to)
    return Due(
        key=owing.key(kind, this.campaign, step),
        kind=kind,
        unit=owing.unit.code,
        to=to,
        due=at,
        letter=against is None,
        reason=against or ("截止前有待报送材料" if kind == "reminder" else "截止后仍有未收到的材料"),
        items=owing.items,
    )


def _against(this: _Round, owing: _Owing, kind: str, to: str) -> str | None:
    """Why no letter goes, or None."""
    if busy := this.situation.busy.get(owing.unit.code):
        return busy
    if all(line.announced and not line.faults for line in owing.lines):
        return "来信说明其余材料另行报送"
    if not to:
        return "没有可用的邮件地址，请电话联系"
    if is_never(to, this.situation.never | frozenset(this.settings.never)):
        return "该地址在不发信名单中"
    if kind == "overdue" and not this.situation.queue_empty:
        return "待核对事项未清空，暂不发逾期提示"
    return None


def is_never(address: str, never: frozenset[str]) -> bool:
    """Whether an address stands on the list of addresses and domains (@example.test) that get no letter."""
    folded = address.casefold()
    domain = folded[folded.rfind("@") :]
    return any(entry.casefold() in (folded, domain) for entry in never)
