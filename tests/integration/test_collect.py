"""Collecting from a real Dovecot: every mail gets a row, none is taken twice, and trouble is told, not passed over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from intake.mailbox import Mailbox
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect, due
from intake.rounds.filing import file_batch
from intake.rounds.office import Office
from intake.rounds.repair import repair
from intake.service import clock, drain, open_office
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.homes import box, make_home
from tests.servers.mails import stray_mail, unit_mail
from tests.servers.scripted_imap import ScriptedImap, Talk, scripted_imap

pytestmark = pytest.mark.servers
PROJECT = Path(__file__).parents[2]
JUNK = "&V4NXPpCuTvY-"
USERS = ("folders", "validity", "expunged", "large", "seen", "keyword", "move", "disk", "up", "down", "busy", "one",
         "other", "below", "judged", "refused", "mended")  # fmt: skip


def address(user: str) -> str:
    return f"{user}@office.example.test"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A Dovecot with a mailbox for each test."""
    with dovecot([address(user) for user in USERS]) as running:
        yield running


@dataclass
class Clock:
    """A clock that tests move."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return clock() + self.ahead


@contextmanager
def office(
    tmp_path: Path, server: Dovecot, user: str, now: Clock | None = None, limits: dict[str, object] | None = None,
    **more: object,
) -> Iterator[Office]:  # fmt: skip
    mailbox = box("WH", address(user), server.settings(address(user)), **more)
    home = make_home(tmp_path / "home", {"weihai": mailbox}, limits=limits)
    with open_office(home, now or Clock()) as opened:
        yield opened


def states(opened: Office, folder: str = "INBOX", mailbox: str = "weihai") -> dict[int, str]:
    memory = opened.ledger.arrivals.folder(mailbox, folder)
    return dict(opened.ledger.arrivals.uids(mailbox, folder, memory.uidvalidity or 0, 1, 10_000))


def asked(opened: Office, kind: str) -> list[str]:
    return [one.question for one in opened.ledger.decisions.questions() if one.kind == kind]


def kinds(opened: Office) -> list[str]:
    segment = opened.ledger.events.next_segment()
    return [event.kind for event in segment.events] if segment else []


def test_every_folder_named_is_read_the_junk_folder_too(server: Dovecot, tmp_path: Path) -> None:
    user = address("folders")
    server.append(user, [unit_mail(1, "WH01", user)])
    server.append(user, [unit_mail(2, "WH02", user), stray_mail(1, user)], JUNK)
    with office(tmp_path, server, "folders", folders=["INBOX", "垃圾邮件"]) as opened:
        assert collect(opened, "weihai")
        assert states(opened) == {1: "archived"}
        assert states(opened, "垃圾邮件") == {1: "archived", 2: "aside"}
        assert len(opened.ledger.arrivals.numbers()) == 2


def test_a_folder_that_is_refused_keeps_no_other_from_being_read(server: Dovecot, tmp_path: Path) -> None:
    user = address("refused")
    server.append(user, [unit_mail(1, "WH01", user)])
    with office(tmp_path, server, "refused", folders=["没有这个文件夹", "INBOX"]) as opened:
        assert collect(opened, "weihai")
        assert states(opened) == {1: "archived"}
        assert "没有这个文件夹" in asked(opened, "folder-refused")[0]


def test_a_mailbox_made_anew_with_the_same_mails_gives_no_second_number_and_no_second_receipt(
    server: Dovecot, tmp_path: Path
) -> None:
    user = address("validity")
    mails = [unit_mail(which, "WH01", user) for which in range(3)]
    folder = "Campaign"
    with server.client(user) as client:
        client.create(folder)
    with office(tmp_path, server, "validity", folders=[folder]) as opened:
        assert collect(opened, "weihai")
        server.append(user, mails, folder)
        assert collect(opened, "weihai")
        before = opened.ledger.arrivals.folder("weihai", folder).uidvalidity
        assert drain(lambda: answer_one(opened)) == 1
        with server.client(user) as client:
            client.delete(folder)
            client.create(folder)
        server.append(user, [*mails, unit_mail(9, "WH01", user)], folder)
        assert collect(opened, "weihai")
        assert opened.ledger.arrivals.folder("weihai", folder).uidvalidity != before
        assert states(opened, folder) == {1: "duplicate", 2: "duplicate", 3: "duplicate", 4: "archived"}
        assert opened.ledger.arrivals.numbers() == [f"WH{clock().year}-000{n}" for n in (1, 2, 3, 4)]
        drain(lambda: answer_one(opened))
        assert [one.numbers for one in opened.ledger.letters.outbox()][1:] == [(f"WH{clock().year}-0004",)]
        assert "uidvalidity-changed" in kinds(opened)


def test_a_mail_that_never_came_and_is_gone_has_vanished(tmp_path: Path) -> None:
    def broken(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            if uid != 2:
                talk.body(uid)
        talk.say(f"{tag} OK done\r\n")

    mails = {uid: unit_mail(uid, "WH01", address("x")) for uid in (1, 2, 3)}
    with scripted(tmp_path, mails, bodies=broken) as (imap, opened):
        assert collect(opened, "weihai")
        assert states(opened) == {1: "archived", 2: "failed", 3: "archived"}
        for _ in range(3):
            assert collect(opened, "weihai")
        del imap.mails[2]
        assert collect(opened, "weihai")
        assert states(opened)[2] == "vanished"


def test_mails_expunged_before_they_were_seen_leave_no_row_and_hold_nothing_up(server: Dovecot, tmp_path: Path) -> None:
    user = address("expunged")
    server.append(user, [unit_mail(which, "WH01", user) for which in range(4)])
    with server.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "2:3", "+FLAGS", "(\\Deleted)")
        client.expunge()
    with office(tmp_path, server, "expunged") as opened:
        assert collect(opened, "weihai")
        assert states(opened) == {1: "archived", 4: "archived"}
        assert opened.ledger.arrivals.folder("weihai", "INBOX").cursor == 4


def test_a_mail_that_is_too_large_stays_on_the_server_and_staff_are_asked(server: Dovecot, tmp_path: Path) -> None:
    user = address("large")
    big = unit_mail(1, "WH01", user) + b"x" * 80_000
    server.append(user, [big, unit_mail(2, "WH01", user)])
    with office(tmp_path, server, "large", limits={"mail_bytes": 50_000}) as opened:
        assert collect(opened, "weihai") and collect(opened, "weihai")
        assert states(opened) == {1: "left", 2: "archived"}
        (question,) = asked(opened, "mail-left")
        assert "过大" in question
        assert opened.ledger.arrivals.folder("weihai", "INBOX").cursor == 2


def test_what_staff_have_read_and_not_read_stays_so(server: Dovecot, tmp_path: Path) -> None:
    user = address("seen")
    server.append(user, [unit_mail(which, "WH01", user) for which in range(3)])
    with server.client(user) as client:
        client.select("INBOX")
        client.uid("STORE", "2", "+FLAGS", "(\\Seen)")
    with office(tmp_path, server, "seen", settle="keyword") as opened:
        assert collect(opened, "weihai")
        assert states(opened) == dict.fromkeys((1, 2, 3), "archived")
    with server.client(user) as client:
        client.select("INBOX", readonly=True)
        assert client.uid("SEARCH", "SEEN")[1] == [b"2"]


@pytest.mark.parametrize("settle", ["keyword", "move"])
def test_a_mail_is_marked_or_moved_only_after_it_was_accepted(
    server: Dovecot, tmp_path: Path, settle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = address(settle)
    server.append(user, [unit_mail(which, "WH01", user) for which in range(3)])
    wanted = Mailbox.settle
    order: list[object] = []
    with office(tmp_path, server, settle, settle=settle, settle_to="Filed") as opened:

        def settling(mailbox: Mailbox, uids: list[int]) -> None:
            order.append([states(opened).get(uid) for uid in uids])
            wanted(mailbox, uids)

        def failing(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Mailbox, "settle", settling)
        with monkeypatch.context() as broken:
            broken.setattr(opened.vault, "put", failing)
            assert not collect(opened, "weihai")
        assert order == [] and opened.ledger.arrivals.numbers() == []
        row = opened.ledger.arrivals.mailbox("weihai")
        assert row is not None and "No space left" in str(row.last_trouble)
        assert collect(opened, "weihai")
        assert order[0] == ["archived"] * 3
        assert opened.ledger.arrivals.numbers()[-1] == f"WH{clock().year}-0003"
    with server.client(user) as client:
        if settle == "keyword":
            client.select("INBOX", readonly=True)
            assert client.uid("SEARCH", "KEYWORD", "Filed")[1] == [b"1 2 3"]
        else:
            assert client.select("INBOX", readonly=True)[1] == [b"0"]
            assert client.select("Filed", readonly=True)[1] == [b"3"]


def test_a_mail_archived_but_not_yet_moved_when_the_program_was_killed_is_moved_later(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = address("move")
    with server.client(user) as client:
        client.create("Later")
    server.append(user, [unit_mail(which, "WH02", user) for which in range(3)])
    with office(tmp_path, server, "move", settle="move", settle_to="Later") as opened:
        with monkeypatch.context() as killed:
            killed.setattr(Mailbox, "settle", lambda *_: None)
            assert collect(opened, "weihai")
        server.append(user, [unit_mail(7, "WH02", user)])
        assert collect(opened, "weihai") and collect(opened, "weihai")
    with server.client(user) as client:
        assert client.select("INBOX", readonly=True)[1] == [b"0"]
        assert client.select("Later", readonly=True)[1] == [b"4"]


def test_a_full_disk_is_a_sentence_and_nothing_is_fetched(server: Dovecot, tmp_path: Path) -> None:
    user = address("disk")
    server.append(user, [unit_mail(1, "WH01", user)])
    with office(tmp_path, server, "disk", limits={"disk_free": 1 << 60}) as opened:
        assert not collect(opened, "weihai")
        row = opened.ledger.arrivals.mailbox("weihai")
        assert row is not None and "磁盘只剩" in str(row.last_trouble)
        assert "磁盘只剩" in asked(opened, "mailbox-down")[0]
        assert states(opened) == {} and not (opened.spool / "weihai").exists()


def test_a_mailbox_that_is_down_waits_longer_each_time_and_the_others_go_on(server: Dovecot, tmp_path: Path) -> None:
    server.append(address("up"), [unit_mail(1, "WH01", address("up"))])
    now = Clock()
    boxes = {
        "wrong": box("WA", address("down"), server.settings(address("nobody"))),
        "gone": box("WB", address("down"), server.settings(address("down"), port=1)),
        "weihai": box("WH", address("up"), server.settings(address("up"))),
    }
    with open_office(make_home(tmp_path / "home", boxes), now) as opened:
        assert [collect(opened, name) for name in boxes] == [False, False, True]
        assert len(opened.ledger.arrivals.numbers()) == 1
        waits = []
        for failures in (1, 2, 3):
            wrong, gone = (opened.ledger.arrivals.mailbox(name) for name in ("wrong", "gone"))
            assert wrong is not None and gone is not None
            assert (wrong.failures, gone.failures) == (failures, failures)
            assert "登录" in str(wrong.last_trouble) and wrong.last_trouble != gone.last_trouble
            assert wrong.next_try is not None and not due(opened, "wrong")
            waits.append(wrong.next_try - now())
            now.ahead += waits[-1]
            assert due(opened, "wrong")
            assert not collect(opened, "wrong") and not collect(opened, "gone")
        assert waits[0] < waits[1] < waits[2]
        assert len(asked(opened, "mailbox-down")) == 2
        assert kinds(opened).count("mailbox-down") == 2


def test_of_two_programs_one_reads_the_mailbox(server: Dovecot, tmp_path: Path) -> None:
    user = address("busy")
    server.append(user, [unit_mail(1, "WH01", user)])
    with office(tmp_path, server, "busy") as opened, opened.lock("mailbox-weihai") as mine:
        assert mine
        command = [sys.executable, "-m", "intake.cli", "--home", str(opened.home), "collect"]
        run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert (run.returncode, states(opened)) == (1, {})
        assert "另一个程序正在收取" in run.stderr


def test_the_same_mail_in_two_mailboxes_is_one_submission_seen_twice(server: Dovecot, tmp_path: Path) -> None:
    mail = unit_mail(1, "WH01", address("one"))
    boxes = {}
    for name, user in (("weihai", "one"), ("copy", "other")):
        boxes[name] = box("WH" if name == "weihai" else "CP", address(user), server.settings(address(user)))
    with open_office(make_home(tmp_path / "home", boxes)) as opened:
        assert collect(opened, "weihai") and collect(opened, "copy")
        server.append(address("one"), [mail])
        server.append(address("other"), [mail])
        assert collect(opened, "weihai") and collect(opened, "copy")
        (number,) = opened.ledger.arrivals.numbers()
        assert states(opened, mailbox="copy") == {1: "duplicate"}
        assert [seen["mailbox"] for seen in opened.ledger.arrivals.sightings(number)] == ["copy"]
        assert drain(lambda: answer_one(opened)) == 1


def test_a_mail_below_the_cursor_without_a_row_is_found(server: Dovecot, tmp_path: Path) -> None:
    user = address("below")
    server.append(user, [unit_mail(which, "WH01", user) for which in range(4)])
    now = Clock()
    with office(tmp_path, server, "below", now) as opened:
        with server.client(user) as client:
            client.select("INBOX", readonly=True)
            validity = int(client.untagged_responses["UIDVALIDITY"][0])
        arrivals = opened.ledger.arrivals
        arrivals.open_folder("weihai", "INBOX", validity, now())
        arrivals.advance("weihai", "INBOX", validity, 2, 3, 2)
        assert collect(opened, "weihai")
        assert states(opened) == {3: "archived", 4: "archived"}
        assert collect(opened, "weihai")
        assert states(opened) == dict.fromkeys((1, 2, 3, 4), "archived")
        assert len(arrivals.numbers()) == 4


@contextmanager
def scripted(
    tmp_path: Path, mails: dict[int, bytes], limits: dict[str, object] | None = None, **twists: object
) -> Iterator[tuple[ScriptedImap, Office]]:
    with scripted_imap(mails, twists=twists) as imap:
        home = make_home(tmp_path / "home", {"weihai": box("WH", address("x"), imap.settings())}, limits=limits)
        with open_office(home, Clock()) as opened:
            yield imap, opened


def test_a_mail_the_server_breaks_on_is_failed_three_times_and_the_others_pass(tmp_path: Path) -> None:
    def breaks(talk: Talk, tag: str, rest: str) -> None:
        uids = talk.server.within(rest.split(" ")[0])
        for uid in uids:
            if uid == 2:
                talk.connection.close()
                raise ConnectionError
            talk.body(uid)
        talk.say(f"{tag} OK done\r\n")

    mails = {uid: unit_mail(uid, "WH01", address("x")) for uid in (1, 2, 3, 4)}
    with scripted(tmp_path, mails, bodies=breaks) as (_, opened):
        cursors = []
        for _ in range(3):
            assert not collect(opened, "weihai")
            cursors.append(opened.ledger.arrivals.folder("weihai", "INBOX").cursor)
        assert states(opened) == {1: "archived", 2: "failed"}
        assert collect(opened, "weihai")
        assert states(opened) == {1: "archived", 2: "failed", 3: "archived", 4: "archived"}
        assert max(cursors) < 2
        assert opened.ledger.arrivals.folder("weihai", "INBOX").cursor == 4
        (question,) = asked(opened, "mail-failed")
        assert "UID 2" in question


def test_the_cursor_never_passes_a_mail_that_did_not_come_until_the_tries_are_used_up(tmp_path: Path) -> None:
    def silent(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            if uid not in (3, 6) or len(refused) > 100:
                talk.body(uid)
            else:
                refused.append(uid)
        talk.say(f"{tag} OK done\r\n")

    refused: list[int] = []
    mails = {uid: unit_mail(uid, "WH01", address("x")) for uid in range(1, 8)}
    with scripted(tmp_path, mails, {"tries": 5, "batch_mails": 2}, bodies=silent) as (_, opened):
        for _ in range(4):
            assert collect(opened, "weihai")
            assert opened.ledger.arrivals.folder("weihai", "INBOX", 5).cursor == 2
        assert states(opened)[7] == "archived"
        assert asked(opened, "mail-failed") == []
        assert collect(opened, "weihai")
        assert opened.ledger.arrivals.folder("weihai", "INBOX", 5).cursor == 7
        assert len(asked(opened, "mail-failed")) == 2


def test_a_mail_that_breaks_the_judging_is_kept_for_a_person_and_holds_up_no_other(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = address("judged")
    server.append(user, [unit_mail(which, "WH01", user) for which in range(3)])
    real = sys.modules[file_batch.__module__].decide  # type: ignore[attr-defined]

    def odd(number: str, mail: object, *rest: object) -> object:
        if "（1）" in mail.subject:  # type: ignore[attr-defined]
            raise RuntimeError("a bug of ours")
        return real(number, mail, *rest)

    monkeypatch.setattr(file_batch.__module__ + ".decide", odd)
    with office(tmp_path, server, "judged") as opened:
        assert collect(opened, "weihai")
        assert states(opened) == dict.fromkeys((1, 2, 3), "archived")
        decision = opened.ledger.decisions.current(opened.ledger.arrivals.numbers()[1])
        assert decision is not None and (decision.answer_rule, decision.answerable) == ("not-judged", False)
        assert len(asked(opened, "unknown-campaign")) == 1


def test_a_damaged_mail_is_mended_from_the_mailbox_while_the_same_bytes_lie_there(
    server: Dovecot, tmp_path: Path
) -> None:
    user = address("mended")
    server.append(user, [stray_mail(1, user), unit_mail(2, "WH02", user)])
    with office(tmp_path, server, "mended") as opened:
        collect(opened, "weihai")
        (number,) = opened.ledger.arrivals.numbers()
        place = opened.ledger.arrivals.place(number)
        assert place is not None
        message = opened.vault.content_path("weihai", place.year, number, "message.eml")
        kept = message.read_bytes()
        for turn in (1, 2):
            message.chmod(0o644)
            message.write_bytes(b"x" + kept)
            proposed = repair(opened, None, "王", really=False)
            if turn == 2:
                break
            assert [one.how for _, one in proposed.remedies] == ["从邮箱取回同一封邮件"]
            done = repair(opened, None, "王", really=True)
            assert done.left == ()
            assert message.read_bytes() == kept
            assert done.aside is not None
            assert next(done.aside.rglob("message.eml")).read_bytes() == b"x" + kept
            with server.client(user) as client:
                client.select("INBOX")
                client.store("1:*", "+FLAGS", r"\Deleted")
                client.expunge()
        assert [one.possible for _, one in proposed.remedies] == [False]
