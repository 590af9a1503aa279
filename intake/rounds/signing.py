"""Signing: words become the final bytes of a letter from one of our mailboxes, the same for units and for staff."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from archive.records import LetterKind
from config.settings import MailboxSettings
from intake.letters import Words
from intake.render import render


def sign(
    box: MailboxSettings,
    words: Words,
    kind: LetterKind,
    to: str,
    name: str,
    date: datetime,
    in_reply_to: str = "",
    references: Sequence[str] = (),
) -> tuple[str, bytes]:
    """(Message-ID, bytes). It leaves from the login, since providers allow no other; answers go to the mailbox.

    name: the sender's, where the mailbox has none of its own. date: aware, in the zone the reader shall see.
    """
    token = secrets.token_hex(12)
    message_id = f"<{token}.baosong@{box.address.rpartition('@')[2]}>"
    body = render(
        words,
        sender=box.sender,
        sender_name=box.display_name or name,
        to=to,
        message_id=message_id,
        date=date,
        in_reply_to=in_reply_to,
        references=tuple(each for each in references if each),
        kind=kind,
        token=token,
        reply_to=box.address if box.sender != box.address else None,
    )
    return message_id, body
