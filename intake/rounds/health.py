"""The health of the office, gathered from the ledger at the moment of asking."""

from __future__ import annotations

import shutil

from archive.damages import ARCHIVE
from archive.desk import Trouble
from intake.fixity import damage_words, is_late
from intake.health import Box, Vitals, troubles
from intake.rounds.deliver import sending
from intake.rounds.office import Office
from intake.rounds.second import trouble_words

WRITTEN = "digest"
"""Under this name the ledger remembers the ISO day of the newest digest."""


def health(office: Office) -> tuple[Trouble, ...]:
    """What is not well now; () = well. Nothing is kept between two calls: what is known is told."""
    return troubles(vitals(office))


def vitals(office: Office) -> Vitals:
    """Everything the health depends on."""
    settings, ledger = office.config.settings, office.ledger
    letters = ledger.standing.not_out()
    ailing, oldest = ledger.fixity.damaged(), ledger.fixity.oldest(ARCHIVE)
    return Vitals(
        now=office.now(),
        boxes=_boxes(office),
        not_sending=sending(office),
        waiting=sum(one.state in ("queued", "deferred") and one.kind != "digest" for one in letters),
        speaks=any(campaign.status == "open" for campaign in office.config.campaigns.values()),
        asked=ledger.decisions.questions(),
        disk_free=shutil.disk_usage(office.home).free,
        disk_needed=settings.limits.disk_free,
        calendar=office.config.calendar,
        faults=len(office.config.faults),
        digest=settings.digest,
        digest_day=ledger.versions.get(WRITTEN),
        damage=damage_words(ailing) if ailing else None,
        unread_since=oldest if is_late(office.now(), settings.fixity, oldest) else None,
        second=trouble_words(office),
    )


def _boxes(office: Office) -> tuple[Box, ...]:
    retried = office.ledger.standing.retried(office.config.settings.limits.tries)
    found = []
    for name, box in office.config.settings.mailboxes.items():
        row = office.ledger.arrivals.mailbox(name)
        past = (row.last_success, row.last_trouble, row.failures) if row is not None else (None, None, 0)
        found.append(Box(name, box.address, box.poll, *past, retried.get(name, 0)))
    return tuple(found)
