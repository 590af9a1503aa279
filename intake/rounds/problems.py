"""Problem letters: a unit hears that something of its mail could not be taken over, once, in office hours.

A link is the office's task; its unit hears of it only when the link gave no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.judging.promises import DEAD_LINK, Promise, promises
from archive.ledger.letters import NewLetter
from archive.ledger.promises import KIND
from archive.records import Held, Registered
from intake.letters import Context, problem
from intake.rounds.answer import PRIORITY, first_state, write
from intake.rounds.filing import answering
from intake.rounds.office import Office
from intake.rounds.promises import tend
from intake.saying.promised import failed


def tell_expired(office: Office, only: str | None = None) -> list[str]:
    """A letter for each link that ran out before anybody loaded its file; gives the keys written."""
    now = office.now()
    written = []
    for id, campaign in office.config.campaigns.items():
        if only is None or id == only:
            for held in office.ledger.promises.holdings(id).values():
                ended = [promise for promise in promises(campaign, held) if promise.expired(now)]
                words = {(one.number, one.key): failed(one, now, campaign.zone) for one in ended}
                keys = [tell_problem(office, number, name, [text]) for (number, name), text in words.items()]
                written += [key for key in keys if key is not None]
    return written


def tell_failed(office: Office, id: int, who: str) -> str | None:
    """Staff say that the link of this line of the queue gives no file; None when there is no such line or no answer.

    The unit is told to send it anew, so its item is open again and no longer waits for staff.
    """
    now = office.now()
    line = next((one for one in office.ledger.decisions.questions() if one.id == id and one.kind == KIND), None)
    for name, campaign in office.config.campaigns.items() if line is not None else ():
        for held in office.ledger.promises.holdings(name).values():
            for one in promises(campaign, held):
                if line is not None and (one.number, one.key) == (line.number, line.piece):
                    text = failed(one, now, campaign.zone)
                    key = tell_problem(office, one.number, one.key, [text], by_staff=True)
                    if key is not None:
                        _lost(office, name, held.unit, one, who)
                    return key
    return None


def _lost(office: Office, campaign: str, unit: str, promise: Promise, who: str) -> None:
    note = Registered(unit, "", DEAD_LINK, office.now(), who, promise.id, 0)
    office.ledger.decisions.register(campaign, note)
    tend(office, campaign, {unit})


def tell_problem(office: Office, number: str, name: str, problems: Sequence[str], by_staff: bool = False) -> str | None:
    """Write the letter about one 件; `name` tells problems of one 件 apart. Gives its key.

    None when the 件 may not be answered, or this was told already. by_staff: who wrote the words need not release it.
    """
    submission, decision = office.ledger.arrivals.submission(number), office.ledger.decisions.current(number)
    how = answering(office, submission, decision) if submission and decision else None
    if submission is None or decision is None or how is None:
        return None
    campaign, roster = office.config.campaigns[how.campaign], office.config.rosters[how.campaign]
    now, answers = office.now(), office.config.settings.answers
    context = Context(
        campaign=campaign, unit=roster.find(how.unit), checklist=None, before=None, numbers=(number,),
        held=(Held(submission, decision),), now=now, wording=office.wording(campaign.id),
    )  # fmt: skip
    mail, key = submission.mail, f"problem:{number}:{name}"
    letter = write(
        office, how.mailbox, campaign, key, "problem", how.unit, how.reply_to, problem(context, problems), (number,),
        "queued" if by_staff else first_state(campaign, "problem"),
        in_reply_to=mail.message_id, references=(*mail.references, mail.message_id),
    )  # fmt: skip
    due = office.config.calendar.office_moment(now, campaign.zone, answers.office_begin, answers.office_end)
    new = NewLetter(replace(letter, due=now if by_staff else due), how.mailbox, PRIORITY["problem"])
    return key if office.ledger.letters.put(new, now) else None
