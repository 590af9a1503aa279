"""The Sent folder of a real Dovecot: copies of our letters go in once, answers of staff come out as notes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from archive.ledger.letters import Letters
from intake.mailbox import FolderRefused, Mailbox
from intake.rounds.answer import answer_one
from intake.rounds.collect import collect
from intake.rounds.copies import copy_sent
from intake.rounds.deliver import deliver
from intake.rounds.office import Office
from intake.rounds.sent import WHY
from intake.service import drain, open_office
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.homes import CAMPAIGN, QUICK, box, make_home
from tests.servers.mails import UNITS, unit_mail
from tests.servers.scripted_smtp import scripted_smtp

pytestmark = pytest.mark.servers
MINUTE = timedelta(minutes=1)
USERS = [f"box{n}@office.example.test" for n in range(40)]
SENT = "已发送"
UNIT = UNITS["WH01"][1]


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot(USERS) as server:
        yield server


@pytest.fixture
def user(imap: Dovecot) -> str:
    """A mailbox nobody used yet, with a folder of a Chinese name."""
    user = USERS.pop()
    with imap.client(user) as client:
        assert client.create("&XfJT0ZAB-")[0] == "OK"  # 已发送
    return user


def lying(imap: Dovecot, user: str) -> list[bytes]:
    return imap.mails(user, "&XfJT0ZAB-")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2018, 8, 20, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def office(tmp_path: Path, imap: Dovecot, user: str, clock: Clock, **more: object) -> Iterator[Office]:
    answers = {**QUICK, **{key: more.pop(key) for key in ("window_minutes", "window_max_minutes") if key in more}}
    with scripted_smtp() as smtp:
        settings = box("WH", user, imap.settings(user), smtp.settings(timeout=10), **{"sent_folder": SENT, **more})
        with open_office(make_home(tmp_path / "home", {"weihai": settings}, answers=answers), clock) as opened:
            assert collect(opened, "weihai")
            yield opened


def arrive(imap: Dovecot, user: str, clock: Clock, which: int = 1) -> None:
    imap.append(user, [unit_mail(which, "WH01", user)], at=clock.now)


def one_letter(opened: Office) -> None:
    assert collect(opened, "weihai")
    drain(lambda: answer_one(opened))
    assert deliver(opened) == 1


def reply(user: str, to: str, subject: str, **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = user, to, subject
    mail["Date"], mail["Message-ID"] = "Mon, 20 Aug 2018 10:05:00 +0800", "<webmail-1@office.example.test>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("请放心，材料已经收到。\n")
    return mail.as_bytes()


# --- copies


def test_a_letter_that_left_lies_once_in_the_sent_folder_byte_for_byte_read_and_dated(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        clock.now += MINUTE
        assert (copy_sent(opened, "weihai"), copy_sent(opened, "weihai")) == (1, 0)
        (letter,) = opened.ledger.letters.outbox()
        assert lying(imap, user) == [letter.body]
    with imap.client(user) as client:
        client.select("&XfJT0ZAB-", readonly=True)
        _, told = client.fetch("1", "(FLAGS INTERNALDATE)")
        assert rb"\Seen" in told[0] and b"20-Aug-2018 02:00:00 +0000" in told[0]  # type: ignore[operator]


def test_nothing_is_copied_without_the_setting_or_before_the_letter_left(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, sent_folder="") as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        assert copy_sent(opened, "weihai") == 0
    assert lying(imap, user) == []


@pytest.mark.parametrize("appended", [True, False])
def test_after_a_crash_between_append_and_mark_the_copy_is_looked_for_and_not_doubled(
    imap: Dovecot, user: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, appended: bool
) -> None:
    clock = Clock()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        with monkeypatch.context() as patched:
            patched.setattr(Letters, "copied", crash) if appended else patched.setattr(Mailbox, "lay", crash)
            with pytest.raises(KeyboardInterrupt):
                copy_sent(opened, "weihai")
        assert len(lying(imap, user)) == appended
        assert (copy_sent(opened, "weihai"), copy_sent(opened, "weihai")) == (1, 0)
    assert len(lying(imap, user)) == 1


def test_a_folder_that_does_not_exist_leaves_the_letter_sent_is_tried_later_and_told_after_three_tries(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, sent_folder="发件箱") as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        for tries in range(1, 4):
            assert copy_sent(opened, "weihai") == copy_sent(opened, "weihai") == 0
            asked = [one.question for one in opened.ledger.decisions.questions() if one.kind == "sent-copy"]
            assert len(asked) == (tries == 3)
            clock.now += 16 * MINUTE
        assert "sent_folder" in asked[0] and SENT in asked[0]
        assert [one.state for one in opened.ledger.letters.outbox()] == ["sent"]
        with imap.client(user) as client:
            assert client.create("&U9FO9nux-")[0] == "OK"
        assert copy_sent(opened, "weihai") == 1
        assert [one for one in opened.ledger.decisions.questions() if one.kind == "sent-copy"] == []


def test_a_letter_of_long_ago_gets_no_copy(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        clock.now += timedelta(days=8)
        assert copy_sent(opened, "weihai") == 0


@pytest.mark.parametrize("folders", [("INBOX",), ("INBOX", SENT)])
def test_our_own_letters_in_the_sent_folder_never_get_a_number_even_where_that_folder_is_read(
    imap: Dovecot, user: str, tmp_path: Path, folders: tuple[str, ...]
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, folders=folders) as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        assert copy_sent(opened, "weihai") == 1
        for _ in range(2):
            assert collect(opened, "weihai")
        assert len(opened.ledger.arrivals.numbers()) == 1
        assert opened.ledger.notes.all(CAMPAIGN) == ()
        assert opened.ledger.decisions.questions() == ()


# --- answers


def test_staff_who_answer_in_the_webmail_spare_the_unit_our_receipt(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai")
        drain(lambda: answer_one(opened))
        (number,) = opened.ledger.arrivals.numbers()
        answer = reply(user, UNIT, "回复：材料", In_Reply_To="<1.wh01@weihai.example.test>")
        imap.append(user, [answer], "&XfJT0ZAB-")
        assert collect(opened, "weihai") and collect(opened, "weihai")
        (note,) = opened.ledger.notes.all(CAMPAIGN)
        assert (note.unit, note.kind, note.number, note.who) == ("WH01", "answered", number, "weihai")
        assert note.at == datetime(2018, 8, 20, 2, 5, tzinfo=UTC)
        (letter,) = opened.ledger.letters.outbox()
        assert (letter.state, letter.trouble) == ("cancelled", WHY)
        assert deliver(opened) == 0


def test_the_other_mails_of_a_cancelled_letter_are_answered_by_one_of_their_own(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, window_minutes=10, window_max_minutes=60) as opened:
        arrive(imap, user, clock, 1)
        arrive(imap, user, clock, 2)
        assert collect(opened, "weihai")
        clock.now += 11 * MINUTE
        drain(lambda: answer_one(opened))
        imap.append(user, [reply(user, UNIT, "回复：WH2018-0002 材料")], "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        drain(lambda: answer_one(opened))
        letters = {one.numbers: one.state for one in opened.ledger.letters.outbox()}
        assert letters == {("WH2018-0001", "WH2018-0002"): "cancelled", ("WH2018-0001",): "queued"}


def test_an_answer_before_our_letter_is_written_means_none_is_written(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, window_minutes=10, window_max_minutes=60) as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai")
        imap.append(user, [reply(user, UNIT, "回复：编号 WH2018-0001")], "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        clock.now += 61 * MINUTE
        assert drain(lambda: answer_one(opened)) == 0 and opened.ledger.letters.outbox() == ()


def test_a_letter_that_left_stays_sent_and_the_answer_is_noted(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        one_letter(opened)
        (letter,) = opened.ledger.letters.outbox()
        imap.append(user, [reply(user, UNIT, "补充说明", References=str(letter.message_id))], "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        assert [note.unit for note in opened.ledger.notes.all(CAMPAIGN)] == ["WH01"]
        assert [one.state for one in opened.ledger.letters.outbox()] == ["sent"]


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("upper@province.example.test", "转发：WH2018-0001 材料"),
        (UNIT, "关于缴纳会费的通知"),
        ("stranger@elsewhere.example.test", "回复：你好"),
    ],
    ids=["forwarded to somebody else", "other business", "another correspondent"],
)
def test_what_staff_send_on_other_business_is_no_answer(
    imap: Dovecot, user: str, tmp_path: Path, to: str, subject: str
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai")
        drain(lambda: answer_one(opened))
        imap.append(user, [reply(user, to, subject)], "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        assert opened.ledger.notes.all(CAMPAIGN) == ()
        assert [one.state for one in opened.ledger.letters.outbox()] == ["queued"]


def test_what_lay_in_the_sent_folder_before_we_first_looked_is_not_read(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    imap.append(user, [reply(user, UNIT, "回复：编号 WH2018-0001")], "&XfJT0ZAB-")
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai") and collect(opened, "weihai")
        assert opened.ledger.notes.all(CAMPAIGN) == ()


def test_a_renumbered_sent_folder_gives_no_second_note(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai")
        imap.append(user, [reply(user, UNIT, "回复：编号 WH2018-0001")], "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        kept = lying(imap, user)
        with imap.client(user) as client:
            assert client.delete("&XfJT0ZAB-")[0] == "OK"
            assert client.create("&XfJT0ZAB-")[0] == "OK"
        imap.append(user, kept, "&XfJT0ZAB-")
        assert collect(opened, "weihai")
        assert len(opened.ledger.notes.all(CAMPAIGN)) == 1


def test_a_sent_folder_that_cannot_be_opened_is_told_and_mails_come_in_all_the_same(
    imap: Dovecot, user: str, tmp_path: Path
) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock, sent_folder="没有") as opened:
        arrive(imap, user, clock)
        assert collect(opened, "weihai")
        assert len(opened.ledger.arrivals.numbers()) == 1
        assert [one.kind for one in opened.ledger.decisions.questions()] == ["folder-refused"]


def test_a_refused_copy_is_said_with_the_folders_there_are(imap: Dovecot, user: str, tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, imap, user, clock) as opened:
        settings = opened.config.settings.mailboxes["weihai"]
        with Mailbox("weihai", settings, "secret", opened.spool, opened.config.settings.limits) as mailbox:
            with pytest.raises(FolderRefused, match="INBOX"):
                mailbox.lay("没有", b"Subject: x\r\n\r\n", clock.now)
            mailbox.lay(SENT, b"Subject: x\r\nMessage-ID: <x@y.test>\r\n\r\n", clock.now)
            mailbox.open(SENT)
            assert mailbox.has("<x@y.test>") and not mailbox.has("<z@y.test>")
