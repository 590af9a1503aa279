"""The reader against a real Dovecot: every byte, every UID, no flag touched, no memory for large mails."""

from __future__ import annotations

import hashlib
import os
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from config.settings import LimitSettings, MailboxSettings
from intake.mailbox import (
    Backoff,
    FolderRefused,
    FolderState,
    FolderStatus,
    LoginRefused,
    Mailbox,
    MailboxDown,
    Spooled,
)
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.servers
OFFICE = "reading@office.example.test"


def mailbox_for(
    server: Dovecot,
    spool: Path,
    user: str = OFFICE,
    tls: str = "none",
    trust: ssl.SSLContext | None = None,
    password: str = PASSWORD,
    limits: LimitSettings | None = None,
    **more: object,
) -> Mailbox:
    values = {"code": "WH", "address": user, "imap": server.settings(user, tls), **more}
    settings = MailboxSettings.model_validate(values)
    return Mailbox("office", settings, password, spool, limits or LimitSettings(), trust)


def take_all(mailbox: Mailbox, status: FolderStatus, cursor: int = 0) -> list[Spooled]:
    """Every mail, batch after batch, as the rounds would take them."""
    taken: list[Spooled] = []
    while True:
        batch = list(mailbox.new(FolderState(status.uidvalidity, cursor), status))
        spooled = [one for one in batch if isinstance(one, Spooled)]
        assert spooled == batch
        if mailbox.looked.high == cursor:
            return taken
        taken += spooled
        cursor = mailbox.looked.high


def contents(taken: list[Spooled]) -> list[bytes]:
    return [(one.folder / "message.eml").read_bytes() for one in taken]


def test_bytes_dates_and_flags_are_as_the_server_has_them(imap_server: Dovecot, tmp_path: Path) -> None:
    at = datetime(2018, 8, 20, 23, 59, 59, tzinfo=timezone(timedelta(hours=8)))
    mails = [
        b"Subject: \xb2\xe2\xca\xd4 raw GBK\r\n\r\n\xff body {12}\r\n",
        b"Subject: dots\r\n\r\n.\r\n..\r\n)\r\nA1 OK done\r\n",
        b"\r\n",
        b"Subject: no end of line\r\n\r\nend",
    ]
    imap_server.append(OFFICE, mails, at=at)
    with mailbox_for(imap_server, tmp_path) as mailbox:
        status = mailbox.open("INBOX")
        taken = take_all(mailbox, status)
    assert contents(taken) == mails
    for one, mail in zip(taken, mails, strict=True):
        assert (one.size, one.sha256) == (len(mail), hashlib.sha256(mail).hexdigest())
        assert one.received == datetime(2018, 8, 20, 15, 59, 59, tzinfo=UTC)
        assert one.source.uidvalidity == status.uidvalidity
    with imap_server.client(OFFICE) as client:
        client.select("INBOX", readonly=True)
        _, unseen = client.uid("SEARCH", "UNSEEN")
    assert len(unseen[0].split()) == len(mails)


def test_only_what_lies_above_the_cursor_and_has_no_row_comes_again(imap_server: Dovecot, tmp_path: Path) -> None:
    with mailbox_for(imap_server, tmp_path) as mailbox:
        status = mailbox.open("INBOX")
        state = FolderState(status.uidvalidity, cursor=1, rows=frozenset({3}))
        outcomes = list(mailbox.new(state, status))
        assert [outcome.source.uid for outcome in outcomes] == [2, 4]
        assert [outcome.source.uid for outcome in mailbox.new(state, status, skip=frozenset({2}))] == [4]


def test_thousands_of_mails_come_in_batches_whole_and_once(imap_server: Dovecot, tmp_path: Path) -> None:
    user = "many@office.example.test"
    mails = [b"Subject: %d\r\n\r\n" % n + os.urandom(n % 700 + 1).hex().encode() + b"\r\n" for n in range(1500)]
    imap_server.fill(user, mails)
    with mailbox_for(imap_server, tmp_path, user) as mailbox:
        status = mailbox.open("INBOX")
        assert status.exists == 1500
        first = list(mailbox.new(FolderState(status.uidvalidity), status))
        assert len(first) == 200
        taken = take_all(mailbox, status)
    assert sorted(contents(taken)) == sorted(mails)
    assert [one.source.uid for one in taken] == sorted(one.source.uid for one in taken)


def test_a_batch_keeps_to_its_bytes_and_one_larger_mail_is_a_batch_alone(imap_server: Dovecot, tmp_path: Path) -> None:
    limits = LimitSettings(batch_bytes=100)
    sizes = []
    with mailbox_for(imap_server, tmp_path, "many@office.example.test", limits=limits) as mailbox:
        status = mailbox.open("INBOX")
        cursor = 0
        for _ in range(60):
            batch = list(mailbox.new(FolderState(status.uidvalidity, cursor), status))
            sizes.append([one.size for one in batch if isinstance(one, Spooled)])
            cursor = mailbox.looked.high
    assert all(sum(batch) <= 100 or len(batch) == 1 for batch in sizes)
    assert any(len(batch) > 1 for batch in sizes) and any(sum(batch) > 100 for batch in sizes)


def test_gaps_are_crossed_and_what_exists_is_told(imap_server: Dovecot, tmp_path: Path) -> None:
    user = "gaps@office.example.test"
    imap_server.append(user, [b"Subject: %d\r\n\r\n" % n for n in range(700)])
    with imap_server.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "2:699", "+FLAGS.SILENT", "(\\Deleted)")
        client.expunge()
    with mailbox_for(imap_server, tmp_path, user) as mailbox:
        status = mailbox.open("INBOX")
        assert [one.source.uid for one in mailbox.new(FolderState(status.uidvalidity), status)] == [1, 700]
        assert (mailbox.looked.high, mailbox.looked.present) == (700, {1, 700})
        assert mailbox.present(1, 699) == {1}
        assert mailbox.present(2, 699) == frozenset()


def test_a_mail_of_80_mb_needs_no_memory(imap_server: Dovecot, tmp_path: Path) -> None:
    user = "large@office.example.test"
    mail = b"Subject: large\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * (80 * 1024 * 1024 // 72)
    imap_server.fill(user, [mail])
    program = """
import resource, sys
from pathlib import Path
from config.settings import ImapSettings, LimitSettings, MailboxSettings
from intake.mailbox import FolderState, Mailbox
imap = ImapSettings(host="127.0.0.1", port=int(sys.argv[1]), tls="none", user=sys.argv[2])
settings = MailboxSettings(code="WH", address=sys.argv[2], imap=imap)
with Mailbox("office", settings, sys.argv[3], Path(sys.argv[4]), LimitSettings()) as mailbox:
    status = mailbox.open("INBOX")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (one,) = mailbox.new(FolderState(), status)
    print(one.sha256, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    arguments = [sys.executable, "-c", program, str(imap_server.imap), user, PASSWORD, str(tmp_path)]
    said = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()
    assert said[0] == hashlib.sha256(mail).hexdigest()
    assert int(said[1]) < 8 * 1024


def test_a_chinese_folder_opens_by_its_name_and_an_unknown_one_is_named(imap_server: Dovecot, tmp_path: Path) -> None:
    imap_server.append(OFFICE, [b"Subject: rescued\r\n\r\n"], folder="&V4NXPpCuTvY-")
    with mailbox_for(imap_server, tmp_path) as mailbox:
        status = mailbox.open("垃圾邮件")
        (one,) = take_all(mailbox, status)
        assert one.source.folder == "垃圾邮件"
        with pytest.raises(FolderRefused, match=r"没有的.*垃圾邮件"):
            mailbox.open("没有的")
        assert mailbox.open("INBOX").exists == 4


def test_tls_is_verified_and_starttls_works(imap_server: Dovecot, tmp_path: Path) -> None:
    for tls in ("tls", "starttls"):
        with pytest.raises(MailboxDown, match="证书不可信"):
            mailbox_for(imap_server, tmp_path, tls=tls).connect()
        with mailbox_for(imap_server, tmp_path, tls=tls, trust=imap_server.trust()) as mailbox:
            assert len(take_all(mailbox, mailbox.open("INBOX"))) == 4


def test_a_wrong_password_is_a_refused_login(imap_server: Dovecot, tmp_path: Path) -> None:
    with pytest.raises(LoginRefused, match="授权码"):
        mailbox_for(imap_server, tmp_path, password="wrong").connect()


def test_a_renumbered_folder_shows_another_uidvalidity_and_the_old_state_is_refused(
    imap_server: Dovecot, tmp_path: Path
) -> None:
    with mailbox_for(imap_server, tmp_path) as mailbox, imap_server.client(OFFICE) as client:
        client.create("again")
        client.append("again", "", None, b"Subject: same\r\n\r\n")  # type: ignore[arg-type]  # None is allowed
        status = mailbox.open("again")
        mailbox.open("INBOX")
        client.delete("again")
        client.create("again")
        assert mailbox.open("again").uidvalidity != status.uidvalidity
        with pytest.raises(ValueError, match="UIDVALIDITY"):
            list(mailbox.new(FolderState(status.uidvalidity, 1), mailbox.open("again")))


def test_nothing_is_settled_unless_the_settings_say_so(imap_server: Dovecot, tmp_path: Path) -> None:
    user = "settle@office.example.test"
    imap_server.append(user, [b"Subject: %d\r\n\r\n" % n for n in range(3)])
    with mailbox_for(imap_server, tmp_path, user) as mailbox:
        mailbox.open("INBOX")
        mailbox.settle([1, 2])
    assert len(imap_server.mails(user)) == 3
    with mailbox_for(imap_server, tmp_path, user, settle="keyword", settle_to="Baosong") as mailbox:
        mailbox.open("INBOX")
        mailbox.settle([1, 2])
    with imap_server.client(user) as client:
        client.select("INBOX", readonly=True)
        assert client.uid("SEARCH", "KEYWORD", "Baosong")[1] == [b"1 2"]


def test_a_move_takes_only_the_archived_mails_and_makes_its_folder(imap_server: Dovecot, tmp_path: Path) -> None:
    user = "settle@office.example.test"
    with imap_server.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "3", "+FLAGS.SILENT", "(\\Deleted)")
    with mailbox_for(imap_server, tmp_path, user, settle="move", settle_to="已归档") as mailbox:
        mailbox.open("INBOX")
        mailbox.settle([2])
        assert mailbox.present(1, 9) == {1, 3}
        assert mailbox.open("已归档").exists == 1


def test_without_move_mails_are_copied_and_only_they_are_expunged(
    imap_server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = "copy@office.example.test"
    imap_server.append(user, [b"Subject: %d\r\n\r\n" % n for n in range(3)])
    with imap_server.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "3", "+FLAGS.SILENT", "(\\Deleted)")
    with mailbox_for(imap_server, tmp_path, user, settle="move", settle_to="Done") as mailbox:
        mailbox.open("INBOX")
        client_class = type(mailbox._session.client())
        honest = client_class.has_capability
        monkeypatch.setattr(client_class, "has_capability", lambda self, name: name != "MOVE" and honest(self, name))
        mailbox.settle([2])
        assert mailbox.present(1, 9) == {1, 3}
        assert mailbox.open("Done").exists == 1


def test_the_backoff_doubles_up_to_its_bound_and_spreads() -> None:
    backoff = Backoff()
    assert [backoff.delay(n, 0.0) for n in range(1, 9)] == [30, 60, 120, 240, 480, 960, 1800, 1800]
    assert backoff.delay(2, 0.99) > backoff.delay(2, 0.0)
    assert backoff.delay(10_000, 0.99) == 1800
