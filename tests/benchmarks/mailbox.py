"""A mailbox of the test server with a whole set in it."""

from __future__ import annotations

import imaplib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.mails import Expected, MailSet, fill
from tests.servers.dovecot import PASSWORD, USER, Dovecot
from tests.servers.processes import group_of


@contextmanager
def filled(server: Dovecot, user: str, box: MailSet, scale: float) -> Iterator[list[Expected]]:
    """That user's mailbox with the set in it, seen once by the server so that its index is made; emptied at the end."""
    home = server.base / "mail" / user
    home.parent.mkdir(exist_ok=True)
    sent = fill(home / "Maildir", box, scale)
    if os.geteuid() == 0:
        for path in (home.parent, home, *home.rglob("*")):
            shutil.chown(path, USER, group_of(USER))
    client = imaplib.IMAP4("127.0.0.1", server.imap, timeout=300)
    client.login(user, PASSWORD)
    client.select(readonly=True)
    client.uid("FETCH", "1:*", "(UID RFC822.SIZE INTERNALDATE)")
    client.logout()
    try:
        yield sent
    finally:
        shutil.rmtree(home)
