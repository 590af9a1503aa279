"""A unit's mail through Postfix and Dovecot into the spool, and the office's letter back into the unit's mailbox."""

from __future__ import annotations

import asyncio
import hashlib
import time
from email import message_from_bytes, policy
from pathlib import Path

import aiosmtplib
import pytest

from config.settings import LimitSettings, MailboxSettings
from intake.mailbox import FolderState, Mailbox, Spooled
from intake.post import Sent, send
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix

pytestmark = pytest.mark.servers
UNIT, OFFICE = "unit@unit.example.test", "office@office.example.test"


def wait_for(server: Dovecot, user: str, subject: bytes) -> bytes:
    """The mail with that subject once it has been delivered."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        for mail in server.mails(user):
            if b"Subject: " + subject in mail:
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail {subject!r} for {user}")


def test_a_units_mail_is_spooled_as_delivered_and_our_reply_reaches_the_unit(
    imap_server: Dovecot, smtp_server: Postfix, tmp_path: Path
) -> None:
    body = "我单位报送材料如下。\r\n.\r\n".encode()
    mail = b"From: unit@unit.example.test\r\nSubject: roundtrip-in\r\nMessage-ID: <1@unit.example.test>\r\n\r\n" + body
    asyncio.run(aiosmtplib.send(mail, sender=UNIT, recipients=[OFFICE], hostname="127.0.0.1", port=smtp_server.port))
    delivered = wait_for(imap_server, OFFICE, b"roundtrip-in")
    settings = MailboxSettings(code="WH", address=OFFICE, imap=imap_server.settings(OFFICE))
    with Mailbox("office", settings, PASSWORD, tmp_path, LimitSettings()) as mailbox:
        status = mailbox.open("INBOX")
        spooled = [one for one in mailbox.new(FolderState(), status) if isinstance(one, Spooled)]
    (kept,) = [one for one in spooled if b"roundtrip-in" in (one.folder / "message.eml").read_bytes()]
    assert (kept.folder / "message.eml").read_bytes() == delivered
    assert kept.sha256 == hashlib.sha256(delivered).hexdigest()
    assert delivered.endswith(body)

    reply = (
        b"From: office@office.example.test\r\nTo: unit@unit.example.test\r\nSubject: roundtrip-out\r\n"
        b"Message-ID: <WH2018-0001@office.example.test>\r\nIn-Reply-To: <1@unit.example.test>\r\n"
        b"Auto-Submitted: auto-replied\r\nContent-Transfer-Encoding: 8bit\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "已收悉。\r\n.以点开头\r\n".encode()
    )
    outcome = asyncio.run(send(smtp_server.settings(), "", OFFICE, UNIT, reply))
    assert isinstance(outcome, Sent)
    received = wait_for(imap_server, UNIT, b"roundtrip-out")
    assert received.endswith(reply.partition(b"\r\n\r\n")[2])
    message = message_from_bytes(received, policy=policy.default)
    assert message["Message-ID"] == "<WH2018-0001@office.example.test>"
    assert message["Auto-Submitted"] == "auto-replied"
