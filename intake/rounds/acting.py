"""Acting on letters: hold, cancel, release or send one now, and note something on it, whether it is written yet or
only planned. One of the plan is named by its key alike."""

from __future__ import annotations

from typing import Literal

from archive.records import Letter
from intake.reminders import Due
from intake.rounds.office import Office
from intake.rounds.planning import plans
from intake.rounds.remind import remind

HELD_BACK = ("draft", "held")
WAITING = ("queued", "deferred")


class NotNow(Exception):
    """A letter cannot go now; the text says why, in Chinese."""


def hold(office: Office, key: str, who: str, campaign: str | None = None) -> int:
    """Keep a letter back until it is released; gives how many there were.

    key `all`: all that wait to be sent, or those of one campaign.
    """
    if key == "all":
        return office.ledger.letters.set_state(_of(office, campaign), WAITING, "held", office.now(), who)
    return office.ledger.letters.set_state([key], WAITING, "held", office.now(), who) or _planned(
        office, key, "hold", who
    )


def cancel(office: Office, key: str, who: str) -> int:
    """Never send a letter that has not left, nor what it stands for; gives how many there were."""
    letter, due = _written(office, key), _due(office, key)
    done = office.ledger.letters.set_state([key], (*HELD_BACK, *WAITING), "cancelled", office.now(), who)
    also = due.also if due is not None else tuple(letter.said.get("also", ())) if letter is not None else ()
    if done and also:
        office.ledger.acts.act(also, "cancel", letter.campaign if letter else None, office.now(), who)
    return done or _planned(office, key, "cancel", who)


def release(office: Office, key: str, who: str, campaign: str | None = None) -> int:
    """Let what was held or waits for approval go its way; gives how many there were.

    key `all`: all that is written, or what is of one campaign.
    """
    now = office.now()
    keys = _of(office, campaign) if key == "all" else [key]
    done = office.ledger.letters.set_state(keys, HELD_BACK, "queued", now, who)
    if key != "all":
        done = office.ledger.acts.release(key, _campaign(key) or None, now, who) or done
    return done


def send_now(office: Office, key: str, who: str) -> int:
    """Let a letter leave at once, whatever the hour; gives how many there were.

    NotNow when nothing may go to that address, or the deadline has passed; the sending switch holds it too.
    """
    now, letter = office.now(), _written(office, key)
    due = _due(office, key)
    if due is None:
        return office.ledger.letters.set_state([key], HELD_BACK, "queued", now, who)
    campaign = _campaign(key)
    office.ledger.acts.act([key], "now", campaign, now, who)
    due = _due(office, key)
    if due is None or not due.letter:
        office.ledger.acts.release(key, campaign, now, who)
        raise NotNow(due.reason if due is not None else "期限已过")
    if letter is not None:
        office.ledger.letters.set_state([key], HELD_BACK, "queued", now, who)
    remind(office, campaign)
    return 1


def note(office: Office, key: str, text: str, who: str) -> int:
    """A note on a letter, planned or written; gives how many there were."""
    letter, due = _written(office, key), _due(office, key)
    if letter is None and due is None:
        return 0
    office.ledger.acts.note(key, text, letter.campaign if letter else _campaign(key), office.now(), who)
    return 1


def _of(office: Office, campaign: str | None) -> list[str] | None:
    """Keys of all letters of a campaign; None = of every one."""
    return None if campaign is None else [one.key for one in office.ledger.letters.said(campaign)]


def _planned(office: Office, key: str, act: Literal["hold", "cancel"], who: str) -> int:
    due = _due(office, key)
    if due is None:
        return 0
    office.ledger.acts.act((key, *due.also), act, _campaign(key), office.now(), who)
    return 1


def _written(office: Office, key: str) -> Letter | None:
    return next((one for one in office.ledger.letters.outbox() if one.key == key), None)


def _due(office: Office, key: str) -> Due | None:
    """The line of the plan with that key, as it stands now; a letter of it, not a row of the phone list."""
    campaign = _campaign(key)
    if campaign not in office.config.campaigns:
        return None
    found = plans(office, office.now(), campaign)[campaign]
    return next((due for due in found if due.key == key and due.kind != "phone"), None)


def _campaign(key: str) -> str:
    """The campaign a key of the plan names; "" for the key of an answer."""
    parts = key.split(":")
    return parts[1] if len(parts) >= 5 else ""
