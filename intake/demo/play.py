"""Plays the seasons: mails arrive, the clock steps to the next moment when something is due, the real rounds run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.records import Letter, Registered, Role
from config.campaign import Campaign
from intake.demo.house import address
from intake.demo.mails import ZONE
from intake.demo.recipes import Scene, disc_files
from intake.demo.season import CODES, Mailed, Season, Staff
from intake.demo.servers import Mailboxes
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect
from intake.rounds.deciding import assign
from intake.rounds.deliver import deliver
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.rounds.planning import plans
from intake.rounds.record import record_one
from intake.rounds.remind import remind
from intake.service import drain

POLL = timedelta(minutes=2)
"""How long after a mail's arrival the mailbox is read."""
CLERK = "示例经办人"
ROLES: Mapping[Role, str] = {
    "query": "咨询或致谢，转人工", "withdrawal": "要求撤回，转人工", "machine": "机器来信，不答复",
    "report": "退信或回条，不答复", "own": "我方来信，不答复", "unrelated": "与活动无关",
}  # fmt: skip


class DemoFailed(Exception):
    """Something did not happen as it must; the text says what."""


@dataclass
class Clock:
    """The time of the play. Call it for now (UTC)."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at.astimezone(UTC)

    def to(self, at: datetime) -> None:
        """Step on; it never goes back."""
        self.at = max(self.at, at)


@dataclass(frozen=True)
class Told:
    """One line of what happens: when, in which campaign, what."""

    at: datetime
    campaign: str
    text: str


@dataclass(frozen=True)
class Came:
    """A mail of the play as it was put into the mailbox."""

    season: Season
    row: Mailed
    sha256: str
    size: int


@dataclass
class Play:
    """One run through the seasons, in the office of a home. `came` grows as mails arrive."""

    office: Office
    clock: Clock
    boxes: Mailboxes
    came: list[Came] = field(default_factory=list)
    _sent: set[str] = field(default_factory=set)
    _planned: dict[tuple[str, int], list[datetime]] = field(default_factory=dict)

    def season(self, season: Season) -> Iterator[Told]:
        """Play one campaign from the first connection of its mailbox to its end."""
        campaign, mailbox = self._place(season)
        self.clock.to(season.moment(season.begins))
        yield from self._rounds(campaign, mailbox)
        for row in sorted(season.happens, key=lambda row: season.moment(row.at)):
            at = season.moment(row.at)
            yield from self._until(at, campaign)
            self.clock.to(at)
            if isinstance(row, Mailed):
                came = self._arrives(season, row, campaign, mailbox)
                self.clock.to(at + POLL)
                left = list(self._rounds(campaign, mailbox))
                yield Told(at, campaign.id, self._became(came, campaign))
                yield from left
            else:
                yield Told(at, campaign.id, self._staff(row, campaign))
                yield from self._rounds(campaign, mailbox)
        yield from self._until(season.moment(season.ends), campaign)
        self.clock.to(season.moment(season.ends))
        yield from self._rounds(campaign, mailbox)

    def walk(self, season: Season, on: timedelta) -> Iterator[Told]:
        """After the play: let the clock run on and do what is due."""
        campaign, mailbox = self._place(season)
        self.clock.to(self.clock.at + on)
        yield from self._rounds(campaign, mailbox)

    def _place(self, season: Season) -> tuple[Campaign, str]:
        campaign = self.office.config.campaigns[season.campaign]
        return campaign, campaign.mailboxes[0]

    def _until(self, at: datetime, campaign: Campaign) -> Iterator[Told]:
        """Stop at every moment before `at` at which an answer or a planned letter falls due."""
        while (moment := self._next(campaign)) is not None and moment < at:
            self.clock.to(moment)
            yield from self._send(campaign)  # nothing arrived since: there is nothing to collect

    def _next(self, campaign: Campaign) -> datetime | None:
        now = self.clock()
        ends = [deadline.moment(campaign.zone, now) for deadline in campaign.deadlines]
        passed = (campaign.id, sum(end is not None and end <= now for end in ends))
        if passed not in self._planned:  # until a deadline passes the days of planned letters only become fewer
            planned = plans(self.office, now, campaign.id)[campaign.id]
            self._planned[passed] = [due.due for due in planned if due.letter and due.kind != "phone"]
        others = (self.office.ledger.windows.next_due(), *ends)
        moments = [*self._planned[passed], *(moment for moment in others if moment is not None)]
        return min((moment for moment in moments if moment > now), default=None)

    def _rounds(self, campaign: Campaign, mailbox: str) -> Iterator[Told]:
        """What the service does, in its order, and then what left."""
        if not collect(self.office, mailbox):
            row = self.office.ledger.arrivals.mailbox(mailbox)
            raise DemoFailed(f"邮箱 {mailbox} 没有读成：{row.last_trouble if row else '被占用'}")
        yield from self._send(campaign)

    def _send(self, campaign: Campaign) -> Iterator[Told]:
        """Answer, remind, deliver and record; then what left."""
        drain(lambda: answer_one(self.office))
        remind(self.office, campaign.id)
        deliver(self.office)
        drain(lambda: record_one(self.office))
        for letter in self.office.ledger.letters.said(campaign.id):
            if letter.state == "sent" and letter.key not in self._sent:
                self._sent.add(letter.key)
                at = self.clock.at.astimezone(ZONE)
                yield Told(at, campaign.id, f"  发往 {letter.to}  {letter.subject}")

    # --- what happens

    def _arrives(self, season: Season, row: Mailed, campaign: Campaign, mailbox: str) -> Came:
        message = row.what(self._scene(row.unit, campaign, mailbox))
        self.boxes.deliver(mailbox, [(message, self.clock.at)] * (2 if row.twice else 1))
        came = Came(season, row, hashlib.sha256(message).hexdigest(), len(message))
        self.came.append(came)
        return came

    def _became(self, came: Came, campaign: Campaign) -> str:
        """What the office made of a mail."""
        arrivals = self.office.ledger.arrivals
        place = arrivals.known([came.sha256]).get(came.sha256)
        if place is None:
            received = came.season.moment(came.row.at)
            aside = next((row for row in arrivals.asides() if row.received == received), None)
            return f"来信（无关，另放）{aside.sender}：{aside.subject}" if aside else "来信没有归档"
        submission, decision = arrivals.submission(place.number), self.office.ledger.decisions.current(place.number)
        if submission is None or decision is None:
            raise DemoFailed(f"{place.number} 没有归档")
        unit = self.office.config.rosters[campaign.id].find(decision.unit)
        what = unit.name if unit else "单位待定"
        if decision.role != "submission":
            what = ROLES[decision.role]
        again = "（同一封信又来一次，不重复编号）" if came.row.twice else ""
        return f"来信 {place.number} {what}：{submission.mail.subject}（{len(submission.pieces)} 个附件）{again}"

    def _scene(self, unit: str | None, campaign: Campaign, mailbox: str) -> Scene:
        sent = [one for one in self.office.ledger.letters.said(campaign.id) if one.state in ("sent", "bounced")]
        found = self.office.config.rosters[campaign.id].find(unit)
        return Scene(campaign, found, address(mailbox), self.clock.at, sent)

    def _staff(self, row: Staff, campaign: Campaign) -> str:
        if row.act == "clear":
            return f"经办人处理了 {self._clear(campaign)} 件待核对"
        unit = self.office.config.rosters[campaign.id].unit(row.unit)
        if row.act == "assign":
            number = self._last_neutral(campaign).numbers[0]
            assign(self.office, number, campaign.id, row.unit, CLERK)
            return f"经办人指定 {number} → {unit.name}"
        if row.act == "seal":
            tables = [item.id for item in campaign.items if any(rule.check == "seal" for rule in item.rules)]
            for item in tables:
                value = Registered(row.unit, item, "seal", self.clock(), CLERK)
                self.office.ledger.decisions.register(campaign.id, value)
            return f"经办人核对公章：{unit.name}"
        order = Order(campaign.id, row.unit, self.clock(), "disc", who=CLERK)
        filed = import_paths(self.office, [self._burn(campaign, row.unit)], order)
        return f"登记光盘：{unit.name}，编号 {filed[0].number}"

    def _clear(self, campaign: Campaign) -> int:
        decisions, code = self.office.ledger.decisions, CODES[campaign.mailboxes[0]]
        asked = [one.id for one in decisions.questions() if (one.number or "").startswith(code)]
        return sum(decisions.settle(id, self.clock(), CLERK) for id in asked)

    def _last_neutral(self, campaign: Campaign) -> Letter:
        letters = [one for one in self.office.ledger.letters.said(campaign.id) if one.kind == "neutral"]
        if not letters:
            raise DemoFailed("没有等人指定单位的来件")
        return letters[-1]

    def _burn(self, campaign: Campaign, unit: str) -> Path:
        """The disc's contents as a folder, as it lies in the drive."""
        folder = self.office.home / "demo-disc" / unit
        scene = self._scene(unit, campaign, campaign.mailboxes[0])
        for file in disc_files(scene):
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
        return folder
