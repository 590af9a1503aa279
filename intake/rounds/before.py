"""What came before a mail that answers us: how soon after our letter it came, and whether it came in the same words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from archive.records import Mail, Piece, Submission
from intake.guard import AT_ONCE, NOTHING_BEFORE, Before
from intake.rounds.office import Office
from intake.saying.names import TO_UNITS

WITHIN = timedelta(days=1)


def came_before(office: Office, received: datetime, mail: Mail, pieces: Sequence[Piece]) -> Before:
    """How it stands to our letters and to what its sender sent within the last day."""
    letters, ids = office.ledger.letters, (*mail.in_reply_to, *mail.references)
    sent = letters.last_sent(ids) if ids else None
    to_sender = letters.last_sent_to(mail.sender)
    prompted = to_sender is not None and abs(received - to_sender) <= timedelta(seconds=AT_ONCE)
    if sent is None and not prompted and not any(f"【{name}】" in mail.subject for name in TO_UNITS):
        return NOTHING_BEFORE
    earlier = office.ledger.arrivals.lately_from(mail.sender, received - WITHIN)
    said = _said(mail, pieces)
    return Before(
        (received - sent).total_seconds() if sent is not None else None,
        any(_said(one.mail, one.pieces) == said for one in earlier if _is_another(one, mail)),
    )


def _is_another(one: Submission, mail: Mail) -> bool:
    """A mail fetched again, or laid into another folder, is no repetition."""
    return not mail.message_id or one.mail.message_id != mail.message_id


def _said(mail: Mail, pieces: Sequence[Piece]) -> tuple[str, frozenset[str]]:
    return "".join(mail.text.split()), frozenset(piece.sha256 for piece in pieces)
