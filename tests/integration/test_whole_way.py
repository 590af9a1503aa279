"""The whole way on Debian's own servers: a unit's mail in through Postfix, our letter out through it and back again."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from intake.rounds.answer import answer_one
from intake.rounds.collect import collect
from intake.rounds.deliver import deliver
from intake.rounds.office import Office
from intake.service import drain, open_office
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.homes import CAMPAIGN, box, make_home
from tests.servers.mails import PICTURE, unit_mail
from tests.servers.postfix import Postfix, postfix

pytestmark = pytest.mark.servers
OFFICE, OTHER = "office@office.example.test", "other@office.example.test"
UNIT = "huancui@weihai.example.test"
REFUSED = "left@weihai.example.test"
ELSEWHERE = "clerk@elsewhere.example.test"
NOBODY = "gone@weihai.example.test"
BOT = "rongcheng@weihai.example.test"
BOTS = {
    kind: f"bot{place}@office.example.test"
    for place, kind in enumerate(("marked", "named", "threaded", "plain", "threaded with a file", "plain with a file"))
}
"""A mailbox of ours for each kind of bot."""


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    more = [f"{user}@office.example.test" for user in ("bounced", "refused", "relay")]
    with dovecot([OFFICE, OTHER, UNIT, BOT, *BOTS.values(), *more]) as server:
        yield server


@pytest.fixture(scope="module")
def smtp(imap: Dovecot) -> Iterator[Postfix]:
    """Knows the offices and the units; one address is refused at once (550), every other domain too (554)."""
    with postfix(imap.lmtp, ("office.example.test", "weihai.example.test"), [REFUSED]) as server:
        yield server


@contextmanager
def office(folder: Path, imap: Dovecot, smtp: Postfix, address: str = OFFICE, code: str = "WH") -> Iterator[Office]:
    home = make_home(folder, {"weihai": box(code, address, imap.settings(address), smtp.settings())})
    with open_office(home) as opened:
        assert collect(opened, "weihai")
        yield opened


def mail_in(smtp: Postfix, mail: bytes, sender: str, to: str) -> None:
    asyncio.run(aiosmtplib.send(mail, sender=sender, recipients=[to], hostname="127.0.0.1", port=smtp.port))


def until(what: Callable[[], bool]) -> None:
    """Wait for what the servers do on their own."""
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def collected(opened: Office, numbers: int) -> None:
    def arrived() -> bool:
        assert collect(opened, "weihai")
        return len(opened.ledger.arrivals.numbers()) >= numbers

    until(arrived)


def answered(opened: Office) -> int:
    drain(lambda: answer_one(opened))
    return deliver(opened)


def test_a_units_mail_is_archived_as_delivered_and_the_unit_reads_our_receipt(
    imap: Dovecot, smtp: Postfix, tmp_path: Path
) -> None:
    mail = unit_mail(1, "WH01", OFFICE)
    with office(tmp_path / "home", imap, smtp) as opened:
        mail_in(smtp, mail, UNIT, OFFICE)
        collected(opened, 1)
        (number,) = opened.ledger.arrivals.numbers()
        place = opened.ledger.arrivals.place(number)
        assert place is not None
        kept = opened.vault.content_path(place.mailbox, place.year, number, "message.eml").read_bytes()
        assert [kept] == imap.mails(OFFICE) and kept.endswith(mail)
        submission = opened.ledger.arrivals.submission(number)
        assert submission is not None and submission.sha256 == hashlib.sha256(kept).hexdigest()
        assert answered(opened) == 1
        until(lambda: len(imap.mails(UNIT)) == 1)
        letter = message_from_bytes(imap.mails(UNIT)[0], policy=policy.default)
        assert (letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
        assert letter["In-Reply-To"] == "<1.wh01@weihai.example.test>"
        assert number in letter["Subject"]
        assert (letter["Return-Path"], letter["To"]) == (f"<{OFFICE}>", UNIT)
        (said,) = opened.ledger.letters.outbox()
        assert (said.state, said.message_id) == ("sent", letter["Message-ID"])
        assert imap.mails(UNIT)[0].endswith(said.body)
        assert answered(opened) == 0


def test_a_refused_recipient_is_a_failed_letter_and_a_question(imap: Dovecot, smtp: Postfix, tmp_path: Path) -> None:
    address = "refused@office.example.test"
    with office(tmp_path / "home", imap, smtp, address) as opened:
        mail_in(smtp, unit_mail(2, "WH01", address, REFUSED), REFUSED, address)
        collected(opened, 1)
        answered(opened)
        (said,) = opened.ledger.letters.outbox()
        assert (said.to, said.state) == (REFUSED, "failed")
        assert str(said.trouble).startswith("5")
        asked = [one.question for one in opened.ledger.decisions.questions() if one.kind == "letter-failed"]
        assert len(asked) == 1 and REFUSED in asked[0]
        assert answered(opened) == 0


def test_a_server_that_relays_nothing_for_us_is_a_fault_of_the_settings_not_of_the_letter(
    imap: Dovecot, smtp: Postfix, tmp_path: Path
) -> None:
    address = "relay@office.example.test"
    with office(tmp_path / "home", imap, smtp, address) as opened:
        mail_in(smtp, unit_mail(6, "WH01", address, ELSEWHERE), ELSEWHERE, address)
        collected(opened, 1)
        answered(opened)
        assert [one.state for one in opened.ledger.letters.outbox()] == ["deferred"]
        assert [one.kind for one in opened.ledger.decisions.questions()] == ["smtp-down"]


def test_a_letter_that_comes_back_is_known_as_ours_and_never_answered(
    imap: Dovecot, smtp: Postfix, tmp_path: Path
) -> None:
    address = "bounced@office.example.test"
    with office(tmp_path / "home", imap, smtp, address) as opened:
        mail_in(smtp, unit_mail(3, "WH01", address, NOBODY), NOBODY, address)
        collected(opened, 1)
        answered(opened)
        assert [one.state for one in opened.ledger.letters.outbox()] == ["sent"]
        collected(opened, 2)
        (said,) = opened.ledger.letters.outbox()
        assert said.state == "bounced"
        report = opened.ledger.decisions.current(opened.ledger.arrivals.numbers()[1])
        assert report is not None and (report.role, report.answerable) == ("report", False)
        asked = [one.question for one in opened.ledger.decisions.questions() if one.kind == "bounced"]
        assert len(asked) == 1 and NOBODY in asked[0]
        assert opened.ledger.letters.bounced_addresses(opened.now()) == {NOBODY}
        assert answered(opened) == 0
        held = opened.ledger.decisions.holdings(CAMPAIGN, "WH01")["WH01"]
        assert len(held.held) == 1


def bot(kind: str, letter: EmailMessage, turn: int) -> bytes:
    """What a vacation bot of that kind sends back for a letter of ours."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = BOT, letter["From"], f"<bot-{kind}-{turn}@weihai.example.test>"
    mail["Subject"] = f"自动回复: {letter['Subject']}" if kind in ("marked", "named") else "您的来信已收到"
    if kind == "marked":
        mail["Auto-Submitted"] = "auto-replied"
    if kind in ("marked", "threaded", "threaded with a file"):
        mail["In-Reply-To"] = mail["References"] = letter["Message-ID"]
    mail.set_content("您好，您的来信已收到，我们会尽快处理青年文明号开放周活动的事宜。\n")
    if kind.endswith("with a file"):
        mail.add_attachment(PICTURE, maintype="image", subtype="jpeg", filename="青年文明号开放周图文资料.jpg")
    return mail.as_bytes(policy=policy.SMTP)


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("marked", 3),
        ("named", 3),
        ("threaded", 3),
        ("plain", 3),
        ("threaded with a file", 3),
        ("plain with a file", 5),  # its first file may be a person's whose mail crossed ours; the next is the same
    ],
)
def test_a_vacation_bot_that_answers_everything_dies_out(
    imap: Dovecot, smtp: Postfix, tmp_path: Path, kind: str, most: int
) -> None:
    with office(tmp_path / "home", imap, smtp, BOTS[kind]) as opened:
        before = len(imap.mails(BOT))
        mail_in(smtp, unit_mail(7, "WH03", BOTS[kind], BOT), BOT, BOTS[kind])
        collected(opened, 1)
        turns = 0
        while letters := answered(opened):
            turns += letters
            assert turns < 10, "it does not end"
            until(lambda turns=turns: len(imap.mails(BOT)) == before + turns)  # type: ignore[misc]  # of this turn
            letter = message_from_bytes(imap.mails(BOT)[-1], policy=policy.default)
            assert isinstance(letter, EmailMessage)
            mail_in(smtp, bot(kind, letter, turns), BOT, BOTS[kind])
            until(lambda turns=turns: len(imap.mails(BOTS[kind])) == 1 + turns)  # type: ignore[misc]  # of this turn
            assert collect(opened, "weihai")
        assert len(imap.mails(BOTS[kind])) + turns <= most


@pytest.mark.parametrize("stripped", [False, True])
def test_two_instances_facing_each_other_end_within_four_mails(
    imap: Dovecot, smtp: Postfix, tmp_path: Path, stripped: bool
) -> None:
    """stripped: a relay takes away every header that names a machine, so that only the caps and our ids are left."""
    with ExitStack() as stack:
        one = stack.enter_context(office(tmp_path / "one", imap, smtp, OFFICE, "WA"))
        two = stack.enter_context(office(tmp_path / "two", imap, smtp, OTHER, "WB"))
        before = len(imap.mails(OFFICE)), len(imap.mails(OTHER))
        mail_in(smtp, unit_mail(4 + stripped, "WH02", OFFICE, OTHER), OTHER, OFFICE)
        collected(one, len(one.ledger.arrivals.numbers()) + 1)
        quiet = 0
        while quiet < 4:
            sent = 0
            for opened, back in ((one, OTHER), (two, OFFICE)):
                waiting = len(imap.mails(back))
                assert collect(opened, "weihai")
                letters = answered(opened)
                sent += letters
                if letters:
                    until(lambda back=back, waiting=waiting: len(imap.mails(back)) > waiting)  # type: ignore[misc]
                if letters and stripped:
                    disguise(imap, back)
            quiet = 0 if sent else quiet + 1
        arrived = len(imap.mails(OFFICE)) - before[0] + len(imap.mails(OTHER)) - before[1]
        assert arrived <= 4


def disguise(imap: Dovecot, user: str) -> None:
    """The newest letter in that box, as a careless relay would hand it on: without the headers of a machine."""
    newest = message_from_bytes(imap.mails(user)[-1], policy=policy.default)
    assert isinstance(newest, EmailMessage)
    for name in list(newest.keys()):
        if name.lower().startswith(("auto-", "x-", "precedence", "return-path", "list-")):
            del newest[name]
    with imap.client(user) as client:
        client.select("INBOX")
        _, found = client.uid("SEARCH", "ALL")
        client.uid("STORE", found[0].split()[-1].decode(), "+FLAGS", "(\\Deleted)")
        client.expunge()
    imap.append(user, [newest.as_bytes(policy=policy.SMTP)])
