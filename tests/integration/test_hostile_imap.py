"""Servers that lie, stall and break off: the reader never hangs, says what happened, and passes no mail over."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import LimitSettings, MailboxSettings
from intake.mailbox import (
    FolderRefused,
    FolderState,
    Left,
    LoginRefused,
    Mailbox,
    MailboxDown,
    Spooled,
    SpoolFailed,
    Unfetched,
)
from tests.servers.scripted_imap import ScriptedImap, Talk, Twist, scripted_imap

MAILS = {uid: b"Subject: mail %d\r\n\r\n" % uid + b"x" * (100 * uid) + b"\r\n" for uid in (3, 4, 5, 9)}
HANG = 8.0
"""Seconds after which a test says that the reader hung."""


@contextmanager
def reading(
    spool: Path, twists: Mapping[str, Twist], limits: LimitSettings | None = None, **more: object
) -> Iterator[tuple[ScriptedImap, Mailbox]]:
    with scripted_imap(dict(MAILS), twists=twists, **more) as server:
        settings = MailboxSettings(code="WH", address="office@example.test", imap=server.settings())
        mailbox = Mailbox("office", settings, "secret", spool, limits or LimitSettings())
        began = time.monotonic()
        try:
            yield server, mailbox
        finally:
            mailbox.close()
        assert time.monotonic() - began < HANG


def collect(mailbox: Mailbox, state: FolderState | None = None) -> tuple[list[object], MailboxDown | None]:
    """All outcomes of one batch, and the error that ended it."""
    outcomes: list[object] = []
    try:
        mailbox.connect()
        status = mailbox.open("INBOX")
        for outcome in mailbox.new(state or FolderState(status.uidvalidity), status):
            outcomes.append(outcome)
    except MailboxDown as error:
        return outcomes, error
    return outcomes, None


def whole(outcomes: list[object]) -> dict[int, bytes]:
    """UID -> bytes of what was spooled; its hash and size must be true."""
    found = {}
    for outcome in outcomes:
        if isinstance(outcome, Spooled):
            data = (outcome.folder / "message.eml").read_bytes()
            assert outcome.sha256 == hashlib.sha256(data).hexdigest()
            assert outcome.size == len(data)
            found[outcome.source.uid] = data
    return found


def unfetched(outcomes: list[object]) -> list[int]:
    return [outcome.source.uid for outcome in outcomes if isinstance(outcome, Unfetched)]


def folders(spool: Path) -> int:
    return len(list(spool.iterdir()))


def test_the_honest_server_is_read_whole_and_the_client_says_who_it_is_before_it_opens(tmp_path: Path) -> None:
    with reading(tmp_path, {}) as (server, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == MAILS
    names = [words.split()[0].upper() for words in server.heard]
    assert names.index("LOGIN") < names.index("ID") < names.index("EXAMINE")
    assert '"name" "Baosong"' in server.heard[names.index("ID")]
    assert "UNSEEN" not in " ".join(server.heard)


@pytest.mark.parametrize("step", ["greeting", "LOGIN", "EXAMINE", "last", "listing", "bodies"])
def test_silence_at_any_step_ends_in_a_time_out_sentence(tmp_path: Path, step: str) -> None:
    with reading(tmp_path, {step: lambda talk, tag, rest: talk.hang()}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is not None
    assert "没有及时应答" in down.sentence or "连不上" in down.sentence
    assert not whole(outcomes)
    assert folders(tmp_path) == 0


def test_a_server_that_drips_one_byte_at_a_time_is_given_up(tmp_path: Path) -> None:
    def drip(talk: Talk, tag: str, rest: str) -> None:
        while True:
            talk.say(b"*")
            time.sleep(0.1)

    with reading(tmp_path, {"listing": drip}) as (_, mailbox):
        _, down = collect(mailbox)
    assert down is not None
    assert "没有及时应答" in down.sentence


@pytest.mark.parametrize("step", ["LOGIN", "EXAMINE", "listing", "bodies"])
def test_bye_at_any_step_is_a_mailbox_that_is_down(tmp_path: Path, step: str) -> None:
    def bye(talk: Talk, tag: str, rest: str) -> None:
        talk.say("* BYE shutting down\r\n")
        raise ConnectionError

    with reading(tmp_path, {step: bye}) as (_, mailbox):
        _, down = collect(mailbox)
    assert type(down) is MailboxDown
    assert folders(tmp_path) == 0


def test_a_connection_that_breaks_in_the_second_mail_keeps_the_first_and_names_the_second(tmp_path: Path) -> None:
    def broken(talk: Talk, tag: str, rest: str) -> None:
        talk.body(3)
        talk.body(4, octets=MAILS[4][:50], announced=len(MAILS[4]))
        raise ConnectionError

    def cut(talk: Talk, tag: str, rest: str) -> None:
        talk.body(3)
        talk.say(b"* 2 FETCH (UID 4 BODY[] {%d}\r\nSubject" % len(MAILS[4]))
        raise ConnectionError

    for twist in (broken, cut):
        with reading(tmp_path, {"bodies": twist}) as (_, mailbox):
            outcomes, down = collect(mailbox)
        assert down is not None
        assert whole(outcomes) == {3: MAILS[3]}
        assert unfetched(outcomes) == [4]
        for outcome in outcomes:
            if isinstance(outcome, Spooled):
                (outcome.folder / "message.eml").unlink()
                outcome.folder.rmdir()
        assert folders(tmp_path) == 0


def test_a_short_literal_is_asked_for_again_and_then_left_unfetched(tmp_path: Path) -> None:
    def short(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            talk.body(uid, octets=MAILS[uid][:40] if uid == 4 else None)
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": short}) as (server, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == {uid: mail for uid, mail in MAILS.items() if uid != 4}
    assert unfetched(outcomes) == [4]
    assert sum("BODY.PEEK" in words for words in server.heard) == 2
    assert folders(tmp_path) == 3


def test_a_mail_that_comes_only_when_asked_alone_is_fetched(tmp_path: Path) -> None:
    def shy(talk: Talk, tag: str, rest: str) -> None:
        uids = talk.server.within(rest.split(" ")[0])
        for uid in uids:
            if uid != 5 or len(uids) == 1:
                talk.body(uid)
        talk.say(f"{tag} {'OK done' if len(uids) == 1 else 'NO some messages could not be fetched'}\r\n")

    with reading(tmp_path, {"bodies": shy}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == MAILS


def test_a_literal_without_end_and_a_huge_announcement_are_refused_before_they_fill_the_disk(tmp_path: Path) -> None:
    def huge(talk: Talk, tag: str, rest: str) -> None:
        talk.say(b"* 1 FETCH (UID 3 BODY[] {99999999999}\r\n")
        while True:
            talk.say(b"x" * 65536)

    with reading(tmp_path, {"bodies": huge}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is not None
    assert unfetched(outcomes) == [3]
    assert folders(tmp_path) == 0


def test_more_octets_than_announced_never_become_part_of_a_mail(tmp_path: Path) -> None:
    def long(talk: Talk, tag: str, rest: str) -> None:
        talk.body(3, octets=MAILS[3] + b"injected\r\n" * 1000, announced=len(MAILS[3]))
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": long}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is not None
    assert whole(outcomes) in ({}, {3: MAILS[3]})


@pytest.mark.parametrize("step", ["EXAMINE", "listing", "bodies"])
def test_a_line_without_end_is_given_up(tmp_path: Path, step: str) -> None:
    def endless(talk: Talk, tag: str, rest: str) -> None:
        while True:
            talk.say(b"* " + b"x" * 65536)

    with reading(tmp_path, {step: endless}) as (_, mailbox):
        _, down = collect(mailbox)
    assert down is not None


def test_lines_without_end_are_given_up(tmp_path: Path) -> None:
    def chatter(talk: Talk, tag: str, rest: str) -> None:
        while True:
            talk.say(b"* OK still here\r\n" * 1000)

    with reading(tmp_path, {"listing": chatter}) as (_, mailbox):
        _, down = collect(mailbox)
    assert down is not None


def test_a_huge_literal_in_the_listing_is_refused(tmp_path: Path) -> None:
    def huge(talk: Talk, tag: str, rest: str) -> None:
        talk.say(b"* 1 FETCH (UID {999999999}\r\n")
        talk.hang()

    with reading(tmp_path, {"listing": huge}) as (_, mailbox):
        _, down = collect(mailbox)
    assert down is not None


def test_a_reply_for_another_uid_is_not_taken_for_the_one_asked(tmp_path: Path) -> None:
    def other(talk: Talk, tag: str, rest: str) -> None:
        talk.body(8, octets=MAILS[3])
        for uid in talk.server.within(rest.split(" ")[0]):
            if uid != 3:
                talk.body(uid)
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": other}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert unfetched(outcomes) == [3]
    assert whole(outcomes) == {uid: mail for uid, mail in MAILS.items() if uid != 3}
    assert folders(tmp_path) == 3


def test_two_different_replies_for_one_uid_are_both_refused(tmp_path: Path) -> None:
    def twice(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            talk.body(uid)
            if uid == 4:
                talk.body(uid, octets=MAILS[4].replace(b"x", b"y"))
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": twice}) as (_, mailbox):
        outcomes, _ = collect(mailbox)
    assert unfetched(outcomes) == [4]


def test_a_body_that_is_nil_is_unfetched(tmp_path: Path) -> None:
    def nil(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            if uid == 5:
                talk.say(f"* 3 FETCH (UID {uid} BODY[] NIL)\r\n")
            else:
                talk.body(uid)
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": nil}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert unfetched(outcomes) == [5]


def test_the_uid_may_follow_the_body_and_flags_may_stand_between(tmp_path: Path) -> None:
    def turned(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            talk.say("* 2 FETCH (FLAGS (\\Seen))\r\n")
            mail = MAILS[uid]
            talk.say(b"* 1 FETCH (BODY[] {%d}\r\n%b FLAGS (\\Seen UID 77) UID %d)\r\n" % (len(mail), mail, uid))
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"bodies": turned}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == MAILS


@pytest.mark.parametrize("step", ["EXAMINE", "listing", "bodies"])
def test_a_junk_line_of_8_bit_octets_ends_the_session_and_loses_nothing(tmp_path: Path, step: str) -> None:
    def junk(talk: Talk, tag: str, rest: str) -> None:
        talk.say(b"\xb2\xe2\xca\xd4\xff\x00\r\n")
        getattr(talk.server, step.lower())(talk, tag, rest)

    with reading(tmp_path, {step: junk}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is not None
    assert whole(outcomes) == {}


def test_8_bit_octets_inside_an_answer_do_no_harm(tmp_path: Path) -> None:
    def odd(talk: Talk, tag: str, rest: str) -> None:
        talk.say(b"* OK \xb2\xe2\xca\xd4\r\n")
        talk.say(b"* 1 FETCH (FLAGS (\xb2\xe2))\r\n")
        talk.server.listing(talk, tag, rest)

    with reading(tmp_path, {"listing": odd}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == MAILS


def test_a_uidnext_that_goes_back_hides_no_mail(tmp_path: Path) -> None:
    with reading(tmp_path, {}, uidnext=2) as (_, mailbox):
        outcomes, down = collect(mailbox, FolderState(7, cursor=4, uidnext=10))
    assert down is None
    assert whole(outcomes) == {5: MAILS[5], 9: MAILS[9]}


def test_a_missing_uidnext_hides_no_mail(tmp_path: Path) -> None:
    def bare(talk: Talk, tag: str, rest: str) -> None:
        talk.say(f"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n")

    with reading(tmp_path, {"EXAMINE": bare}) as (_, mailbox):
        outcomes, _ = collect(mailbox)
    assert whole(outcomes) == MAILS


def test_a_folder_without_uidvalidity_is_not_read(tmp_path: Path) -> None:
    def bare(talk: Talk, tag: str, rest: str) -> None:
        talk.say(f"* 4 EXISTS\r\n{tag} OK done\r\n")

    with reading(tmp_path, {"EXAMINE": bare}) as (_, mailbox):
        _, down = collect(mailbox)
    assert down is not None


@pytest.mark.parametrize("step", ["listing", "bodies"])
def test_a_uidvalidity_that_flips_in_mid_session_yields_nothing_under_the_old_number(tmp_path: Path, step: str) -> None:
    def flip(talk: Talk, tag: str, rest: str) -> None:
        talk.say("* OK [UIDVALIDITY 8] renumbered\r\n")
        getattr(talk.server, step)(talk, tag, rest)

    with reading(tmp_path, {step: flip}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is not None
    assert whole(outcomes) == {}
    assert folders(tmp_path) == 0


def test_a_state_of_another_uidvalidity_is_refused(tmp_path: Path) -> None:
    with reading(tmp_path, {}) as (_, mailbox):
        mailbox.connect()
        status = mailbox.open("INBOX")
        with pytest.raises(ValueError, match="UIDVALIDITY"):
            list(mailbox.new(FolderState(6, cursor=9), status))


def test_a_listing_outside_the_window_and_out_of_order_is_put_right(tmp_path: Path) -> None:
    def wild(talk: Talk, tag: str, rest: str) -> None:
        for uid in sorted(talk.server.mails, reverse=True):
            talk.server.list_one(talk, uid)
            talk.server.list_one(talk, uid)
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"listing": wild}) as (_, mailbox):
        outcomes, down = collect(mailbox, FolderState(7, cursor=3, rows=frozenset({5})))
    assert down is None
    assert list(whole(outcomes)) == [4, 9]


def test_where_fetch_is_refused_search_is_asked_and_its_lies_are_filtered(tmp_path: Path) -> None:
    def refuses(talk: Talk, tag: str, rest: str) -> None:
        if ":" in rest.split(" ")[0] and "1:" in rest:
            talk.say(f"{tag} NO not like this\r\n")
        else:
            talk.server.listing(talk, tag, rest)

    def search(talk: Talk, tag: str, rest: str) -> None:
        talk.say(f"* SEARCH 77 9 5 3 4 4 9\r\n{tag} OK done\r\n")

    with reading(tmp_path, {"listing": refuses, "SEARCH": search}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert whole(outcomes) == MAILS


def test_a_mail_without_a_size_is_unfetched_and_the_rest_goes_on(tmp_path: Path) -> None:
    def listing(talk: Talk, tag: str, rest: str) -> None:
        for uid in talk.server.within(rest.split(" ")[0]):
            if uid == 4:
                talk.say(f"* 2 FETCH (UID {uid})\r\n")
            else:
                talk.server.list_one(talk, uid)
        talk.say(f"{tag} OK done\r\n")

    with reading(tmp_path, {"listing": listing}) as (_, mailbox):
        outcomes, down = collect(mailbox)
    assert down is None
    assert unfetched(outcomes) == [4]
    assert set(whole(outcomes)) == {3, 5, 9}


def test_a_folder_opens_only_after_id_where_the_server_wants_that(tmp_path: Path) -> None:
    def unsafe(talk: Talk, tag: str, rest: str) -> None:
        if talk.identified:
            talk.server.examine(talk, tag, rest)
        else:
            talk.say(f"{tag} NO EXAMINE Unsafe Login. Please contact kefu@example.test for help\r\n")

    with reading(tmp_path, {"EXAMINE": unsafe}) as (_, mailbox):
        outcomes, down = collect(mailbox)
        again, down_again = collect(mailbox)
    assert (down, down_again) == (None, None)
    assert whole(outcomes) == whole(again) == MAILS
    with reading(tmp_path, {"EXAMINE": unsafe}, capabilities="IMAP4rev1") as (_, mailbox):
        _, down = collect(mailbox)
    assert isinstance(down, FolderRefused)
    assert "Unsafe Login" in down.sentence


def test_a_refused_login_is_told_from_a_server_that_is_down_and_the_password_is_not_repeated(tmp_path: Path) -> None:
    with reading(tmp_path, {"LOGIN": lambda talk, tag, rest: talk.say(f"{tag} NO wrong: {rest}\r\n")}) as (_, mailbox):
        _, down = collect(mailbox)
    assert isinstance(down, LoginRefused)
    assert "授权码" in down.sentence
    assert "secret" not in down.sentence
    busy = "NO [UNAVAILABLE] try later"
    with reading(tmp_path, {"LOGIN": lambda talk, tag, rest: talk.say(f"{tag} {busy}\r\n")}) as (_, mailbox):
        _, down = collect(mailbox)
    assert type(down) is MailboxDown


def test_an_unknown_folder_is_said_with_the_folders_there_are_and_the_session_goes_on(tmp_path: Path) -> None:
    def examine(talk: Talk, tag: str, rest: str) -> None:
        if "INBOX" in rest:
            talk.server.examine(talk, tag, rest)
        else:
            talk.say(f"{tag} NO no such folder\r\n")

    with reading(tmp_path, {"EXAMINE": examine}) as (server, mailbox):
        mailbox.connect()
        with pytest.raises(FolderRefused, match=r"垃圾邮件.*INBOX"):
            mailbox.open("垃圾邮件")
        assert mailbox.open("INBOX").exists == 4
    assert any("&V4NXPpCuTvY-" in words for words in server.heard)


def test_a_mail_that_is_too_large_is_left_and_the_batch_keeps_its_bounds(tmp_path: Path) -> None:
    limits = LimitSettings(mail_bytes=600, batch_mails=2)
    with reading(tmp_path, {}, limits) as (_, mailbox):
        outcomes, _ = collect(mailbox)
        assert list(whole(outcomes)) == [3, 4]
        assert mailbox.looked.present >= {3, 4}
        rest, _ = collect(mailbox, FolderState(7, cursor=mailbox.looked.high))
    assert [outcome.source.uid for outcome in rest if isinstance(outcome, Spooled)] == [5]
    assert [(outcome.source.uid, outcome.size) for outcome in rest if isinstance(outcome, Left)] == [(9, len(MAILS[9]))]


def test_one_mail_that_fails_for_weeks_does_not_make_each_poll_list_all_behind_it(tmp_path: Path) -> None:
    with reading(tmp_path, {}) as (server, mailbox):
        server.mails[90_000] = MAILS[3]
        outcomes, _ = collect(mailbox, FolderState(7, cursor=2, rows=frozenset(range(4, 89_990))))
    assert list(whole(outcomes)) == [3, 90_000]
    assert sum("RFC822.SIZE" in words for words in server.heard) == 2


def test_a_full_disk_is_not_the_mailboxs_fault(tmp_path: Path) -> None:
    with reading(tmp_path / "missing", {}) as (_, mailbox), pytest.raises(SpoolFailed, match="磁盘空间"):
        collect(mailbox)


def test_a_plain_connection_to_another_machine_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with scripted_imap({}) as server:
        imap = server.settings(host="imap.example.test")
        settings = MailboxSettings(code="WH", address="office@example.test", imap=imap)
        with pytest.raises(MailboxDown, match=r"imap\.tls 为 none"):
            Mailbox("office", settings, "secret", tmp_path, LimitSettings()).connect()
        assert server.heard == []
