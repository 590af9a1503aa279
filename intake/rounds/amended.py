"""Amended campaigns: when a campaign file changed, letters follow it.

Unsent answers are written anew. What letters that left told and the new rules do not hold becomes one 更正 each, a
moved deadline one 延期通知 to each unit that still owes something for it: drafts, since staff look at them first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import structlog

from archive.ledger.letters import NewLetter
from archive.records import Question
from config.campaign import Campaign
from config.loading import parse_campaign
from config.roster import Roster, Unit
from intake.letters import Context, Move, moved
from intake.reminders import is_never
from intake.rounds.answer import PRIORITY, standing_context, write
from intake.rounds.beside import holdings_of_all
from intake.rounds.consequences import answering_after, is_followed_up
from intake.rounds.office import Office
from intake.rounds.planning import addresses
from intake.saying.lacking import open_lines
from intake.saying.wording import clean, deadline_text

log = structlog.get_logger()

ANEW = "活动要求已更改，重新拟写"
RELEASE = "信件已拟好，看过后放行：outbox --release all --campaign {id}；不需要发的用 outbox --cancel"


def follow_versions(office: Office) -> int:
    """Let the letters of every campaign follow its file; gives how many campaigns had changed."""
    return sum(_follow(office, campaign) for campaign in office.config.campaigns.values())


def _follow(office: Office, campaign: Campaign) -> bool:
    versions, name = office.ledger.versions, f"{campaign.id}.yaml"
    now_in_force, followed = versions.in_force("campaigns", name), versions.get(f"followed:{name}")
    if now_in_force is None or followed == now_in_force:
        return False
    old, roster = _before(office, name, followed), office.config.rosters[campaign.id]
    if old is not None and campaign.status == "open" and campaign.mode != "silent" and old.status == "open":
        _answers(office, campaign)
        _deadlines(office, old, campaign, roster, now_in_force)
    versions.set(f"followed:{name}", now_in_force)
    return old is not None


def _before(office: Office, name: str, digest: str | None) -> Campaign | None:
    """The version that letters followed until now; None at the first time."""
    if digest is None:
        return None
    try:
        text = office.ledger.versions.text("campaigns", name, digest).decode("utf-8-sig", "replace")
    except KeyError:
        return None
    return parse_campaign(text, name, office.config.calendar)[0]


# --- rules --------------------------------------------------------------------------------------------------------


def _answers(office: Office, campaign: Campaign) -> None:
    """Unsent answers anew; mails whose letter left are looked at once more where what it told does not hold."""
    now, windows = office.now(), office.ledger.windows
    windows.write_anew(campaign.id, ANEW, now)
    corrected = 0
    for numbers in windows.answered(campaign.id).values():
        for number in numbers:
            submission, decision = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
            how = answering_after(office, submission, decision) if submission and decision else None
            if submission and decision and how and is_followed_up(office, submission, decision, how):
                windows.answer_anew(number, how, now)
                corrected += 1
    if corrected:
        text = f"“{campaign.short}”的要求有更改，{corrected}件来件此前的回信须更正"
        _ask(office, campaign, text)


def _ask(office: Office, campaign: Campaign, text: str) -> None:
    question = Question(0, "amended", None, None, text, (), RELEASE.format(id=campaign.id), office.now())
    office.ledger.decisions.ask(question, campaign.id, None)


# --- deadlines ----------------------------------------------------------------------------------------------------


def _deadlines(office: Office, old: Campaign, campaign: Campaign, roster: Roster, version: str) -> None:
    """One letter to each unit that still owes something for a deadline that was moved; who has no address is named."""
    now = office.now()
    held = holdings_of_all(office, campaign, roster)
    known, never = addresses(office, campaign, roster), frozenset(office.config.settings.answers.never)
    mailbox = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    written = 0
    silent: list[str] = []
    moves: tuple[Move, ...] = ()
    for unit in roster.units:
        context = standing_context(office, campaign, unit, held[unit.code])
        mine = tuple(_moves(old, campaign, unit, context))
        moves = moves or mine
        to = known.get(unit.code)
        if not mine or mailbox is None or (to is not None and is_never(to, never)):
            continue
        if to is None:
            silent.append(unit.name)
            continue
        words = moved(context, mine, _reason(old, campaign))
        key = f"change:{campaign.id}:{unit.code}:{version[:12]}"
        letter = write(office, mailbox, campaign, key, "change", unit.code, to, words, (), "draft")
        ends = max((move.by for move in mine if move.by is not None), default=None)
        written += office.ledger.letters.put(NewLetter(replace(letter, expires=ends), mailbox, PRIORITY["change"]), now)
    if written or silent:
        _ask(office, campaign, _told(campaign, moves, written, silent, now))


def _moves(old: Campaign, campaign: Campaign, unit: Unit, context: Context) -> Iterator[Move]:
    """Deadlines of what the unit still owes that are not what they were, and still ahead."""
    now = context.now
    lines = open_lines(campaign, unit, context.checklist, context.registered, now) if context.checklist else ()
    lacking = {line.id: line.name for line in lines if line.lacking}
    known = {item.id: item for item in old.items}
    found: dict[tuple[datetime | None, datetime | None], list[str]] = {}
    for item in campaign.items:
        if item.id in lacking and item.id in known:
            was = old.deadline_for(known[item.id], unit.code, unit.kind, None, now)
            by = campaign.deadline_for(item, unit.code, unit.kind, None, now)
            if was != by and (by is None or by > now):
                found.setdefault((was, by), []).append(lacking[item.id])
    for (was, by), names in found.items():
        yield Move(tuple(names), was, by)


def _reason(old: Campaign, campaign: Campaign) -> str:
    """The sentence of a new amendment, else of a new extension."""
    amended = [one.says for one in campaign.amendments if one not in old.amendments]
    extended = [one.quote or "" for one in campaign.extensions if one not in old.extensions and not one.units]
    return next((text for text in (*amended, *extended) if text), "")


def _told(campaign: Campaign, moves: tuple[Move, ...], written: int, silent: list[str], now: datetime) -> str:
    days = "；".join(
        f"{'、'.join(move.names)}改为{deadline_text(move.by, campaign.zone, now) + '前' if move.by else '不限'}"
        for move in moves
    )
    text = f"“{campaign.short}”报送时间有更改（{days}），已为{written}个单位拟好通知"
    return text + (f"；没有可用邮件地址，请电话通知：{clean('、'.join(silent), 400)}" if silent else "")
