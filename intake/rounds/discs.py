"""Discs that could not be read: registered as such; a draft asks the unit to send again."""

from __future__ import annotations

from dataclasses import replace

from archive.ledger.letters import NewLetter
from archive.records import Handed, Held, Question, Registered
from config.campaign import Campaign
from config.roster import Unit
from intake.letters import Context, problem
from intake.reminders import is_never
from intake.rounds.answer import PRIORITY, write
from intake.rounds.office import Office
from intake.rounds.planning import addresses
from intake.saying.wording import clean

SHOWN = 5
"""So many files are named in the letter, the others counted."""


def spoilt_disc(
    office: Office, campaign: Campaign, handed: Handed, number: str | None, unit: str | None, who: str
) -> str:
    """Register that a disc of a unit could not be read, whole (number None) or in part; gives a sentence for staff.

    The letter is a draft; where none can be written staff are asked to call.
    """
    decision = office.ledger.decisions.current(number) if number else None
    code = unit or (decision.unit if decision else None)
    sender = office.config.rosters[campaign.id].find(code)
    now, words = office.now(), _words(office, campaign, handed, number)
    if sender is not None:
        office.ledger.decisions.register(
            campaign.id, Registered(sender.code, "", "unreadable", now, who, f"{words}无法读取")
        )
    key = _letter(office, campaign, sender, f"{words}无法读取，请重新刻录后寄送，或作为附件发送。", number)
    if key is None:
        name = sender.name if sender else "单位待定"
        text = f"{name}：{words}无法读取"
        asked = Question(
            0, "disc-unreadable", number, None, text, (), "没有可用的邮件地址，请电话联系，请其重新报送", now
        )
        office.ledger.decisions.ask(asked, campaign.id, sender.code if sender else None)
        return f"{words}无法读取，没有可用的邮件地址，请电话联系该单位重新报送"
    return f"{words}无法读取，已拟信请单位重新报送，核对后放行：outbox --release {key}"


def _words(office: Office, campaign: Campaign, handed: Handed, number: str | None) -> str:
    """8月15日收到的光盘（标签：微作品）, or which files of it."""
    today = office.now().astimezone(campaign.zone)
    label = f"（标签：{clean(handed.label, 40)}）" if handed.label else ""
    disc = f"{today.month}月{today.day}日收到的光盘{label}"
    if number is None:
        return disc
    names = "、".join(clean(name, 60) for name in handed.unreadable[:SHOWN])
    more = f"等{len(handed.unreadable)}个文件" if len(handed.unreadable) > SHOWN else ""
    return f"{disc}中的 {names}{more}"


def _letter(office: Office, campaign: Campaign, unit: Unit | None, text: str, number: str | None) -> str | None:
    """A draft to the unit's address, whatever the campaign's mode: staff look at the disc once more before it goes."""
    if unit is None or campaign.status != "open" or campaign.mode == "silent":
        return None
    to = addresses(office, campaign, office.config.rosters[campaign.id]).get(unit.code, "")
    mailbox = next((name for name in campaign.mailboxes if office.mailbox(name)), None)
    if not to or mailbox is None or is_never(to, frozenset(office.config.settings.answers.never)):
        return None
    submission = office.ledger.arrivals.submission(number) if number else None
    decision = office.ledger.decisions.current(number) if number else None
    held = (Held(submission, decision),) if submission and decision else ()
    now, numbers = office.now(), (number,) if number else ()
    context = Context(
        campaign=campaign, unit=unit, checklist=None, before=None, numbers=numbers, held=held, now=now,
        wording=office.wording(campaign.id),
    )  # fmt: skip
    key = f"problem:disc:{unit.code}:{now:%Y%m%d%H%M%S}"
    letter = write(office, mailbox, campaign, key, "problem", unit.code, to, problem(context, [text]), numbers, "draft")
    new = NewLetter(replace(letter, due=now), mailbox, PRIORITY["problem"])
    return key if office.ledger.letters.put(new, now) else None
