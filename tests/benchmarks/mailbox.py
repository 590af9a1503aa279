"""A mailbox of the test server with a whole set in it."""

from __future__ import annotations

import imaplib
import os
import shutil

from tests.benchmarks.mails import Expected, MailSet, fill
from tests.servers.dovecot import PASSWORD, USER, Dovecot
from tests.servers.processes import group_of


def filled(server: Dovecot, user: str, box: MailSet, scale: float) -> list[Expected]:
    """Put the set into that user's mailbox and let the server see it once, so that its index is made; the manifest."""
    home = server.base / "mail" / user
    home.parent.mkdir(exist_ok=True)
    sent = fill(home / "Maildir", box, scale)
    if os.geteuid() == 0:
        group = group_of(USER)
        for path in (home.parent, home, *home.rglob("*")):
            shutil.chown(path, USER, group)
    client = imaplib.IMAP4("127.0.0.1", server.imap, timeout=300)
    client.login(user, PASSWORD)
    client.select(readonly=True)
    client.uid("FETCH", "1:*", "(UID RFC822.SIZE INTERNALDATE)")
    client.logout()
    return sent
