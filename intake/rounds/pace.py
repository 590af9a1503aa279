"""Pace: a mailbox whose mail server refuses us as a whole rests for a while; staff are told until it sends again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from archive.records import Question
from intake.rounds.office import Office

RESTS = (1, 5, 15, 30)
"""Minutes of rest after the first, second, … refusal in a row; the letter that met it waits longer than any of them,
so that the others come first."""
KINDS = ("smtp-down", "taken-for-spam")


def resting(office: Office) -> frozenset[str]:
    """The mailboxes from which nothing is tried now."""
    now = office.now()
    return frozenset(name for name, rest in _rests(office).items() if datetime.fromisoformat(rest["until"]) > now)


def rest(office: Office, mailbox: str, kind: str, sentence: str) -> None:
    """Leave the server of this mailbox alone for a while, longer each time, and tell staff."""
    rests, now = dict(_rests(office)), office.now()
    times = rests.get(mailbox, {}).get("times", 0) + 1
    until = now + timedelta(minutes=RESTS[min(times, len(RESTS)) - 1])
    rests[mailbox] = {"times": times, "until": until.isoformat()}
    office.ledger.versions.set(_KEY, rests)
    told = Question(0, kind, None, None, f"{_of(mailbox)}{sentence}", (), "信件稍后自动重发", now)
    office.ledger.decisions.ask(told, None, None)


def sends_again(office: Office, mailbox: str) -> None:
    """A letter left: the rest is over, and so is what staff were told of it."""
    rests = dict(_rests(office))
    if rests.pop(mailbox, None) is not None:
        office.ledger.versions.set(_KEY, rests)
        for kind in KINDS:
            office.ledger.decisions.settle_kind(kind, _of(mailbox), office.now())


_KEY = "post-rests"


def _of(mailbox: str) -> str:
    return f"邮箱 {mailbox} 发信："


def _rests(office: Office) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = office.ledger.versions.get(_KEY)
    return found or {}
