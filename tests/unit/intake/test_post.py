"""What became of a letter is said exactly: sent, later, never, or unknown. Against a scripted server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from config.settings import SmtpSettings
from intake.post import Outcome, Permanent, Post, Postman, Sent, SmtpDown, Transient, Unknown, send
from tests.servers.processes import free_ports
from tests.servers.scripted_smtp import SmtpTalk, scripted_smtp

LETTER = b"From: office@example.test\r\nSubject: receipt\r\n\r\n.dot\r\n..two\r\n.\r\nend\r\n"
LARGE = LETTER + (b"y" * 70 + b"\r\n") * 400_000
SENDER, TO = "office@example.test", "unit@example.test"


def post(settings: SmtpSettings, message: bytes = LETTER, to: str = TO, after_the_dot: float = 5.0) -> Outcome:
    async def one() -> Outcome:
        async with Postman(settings, "secret", after_the_dot=after_the_dot) as postman:
            return await postman.send(SENDER, to, message)

    return asyncio.run(one())


def cut(talk: SmtpTalk) -> None:
    talk.cut()


def hang(talk: SmtpTalk) -> None:
    talk.hang()


def test_a_letter_arrives_with_its_own_bytes_and_its_dots() -> None:
    with scripted_smtp(dot="250 queued as 42") as server:
        assert asyncio.run(send(server.settings(), "", SENDER, TO, LETTER)) == Sent("queued as 42")
    assert server.letters == [LETTER]


def test_a_large_letter_arrives_with_its_own_bytes() -> None:
    with scripted_smtp() as server:
        assert isinstance(post(server.settings(), LARGE), Sent)
    assert server.letters == [LARGE]


def test_a_letter_without_a_last_line_end_gets_one() -> None:
    with scripted_smtp() as server:
        post(server.settings(), b"Subject: x\r\n\r\n.end")
    assert server.letters == [b"Subject: x\r\n\r\n.end\r\n"]


@pytest.mark.parametrize("message", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n\n", b"\n", b"a\r\r\n", b"a\r"])
def test_a_bare_cr_or_lf_never_leaves(message: bytes) -> None:
    with scripted_smtp() as server, pytest.raises(ValueError, match="bare"):
        post(server.settings(), message)
    assert server.calls == 0


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("twist", [cut, hang])
def test_a_connection_lost_or_silent_before_the_data_is_transient(step: str, twist: object) -> None:
    with scripted_smtp(**{step: twist}) as server:  # type: ignore[arg-type]  # both are twists
        outcome = post(server.settings(), LARGE, after_the_dot=0.5)
    assert isinstance(outcome, Transient)
    assert outcome.code == 0
    assert server.letters == []


def test_nobody_listening_is_transient() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=free_ports(1)[0], tls="none", timeout=0.5)
    assert isinstance(post(settings), Transient)


def test_a_connection_that_falls_in_the_body_is_transient() -> None:
    def falls(talk: SmtpTalk) -> None:
        talk.say("354 go on")
        talk.connection.recv(1000)
        talk.cut()

    with scripted_smtp(DATA=falls) as server:
        assert isinstance(post(server.settings(), LARGE), Transient)


def test_a_server_that_stops_reading_in_the_body_is_transient() -> None:
    def deaf(talk: SmtpTalk) -> None:
        talk.say("354 go on")
        time.sleep(1.5)
        talk.cut()

    with scripted_smtp(DATA=deaf) as server:
        assert isinstance(post(server.settings(), LARGE), Transient)


def test_a_connection_that_falls_after_the_dot_is_unknown() -> None:
    with scripted_smtp(dot=cut) as server:
        assert isinstance(post(server.settings()), Unknown)
    assert server.letters == [LETTER]


def test_silence_after_the_dot_is_unknown() -> None:
    with scripted_smtp(dot=hang) as server:
        assert isinstance(post(server.settings(), after_the_dot=0.3), Unknown)


def test_nonsense_after_the_dot_is_unknown() -> None:
    for nonsense in ("what?", "999 what", "354 again"):
        with scripted_smtp(dot=nonsense) as server:
            assert isinstance(post(server.settings()), Unknown)


def test_a_slow_answer_to_the_dot_is_waited_for_beyond_the_time_of_one_command() -> None:
    def slow(talk: SmtpTalk) -> None:
        time.sleep(0.8)
        talk.say("250 at last")

    with scripted_smtp(dot=slow) as server:
        assert post(server.settings(timeout=0.5)) == Sent("at last")


def test_an_answer_in_the_middle_of_the_body_counts_and_no_dot_follows() -> None:
    def early(talk: SmtpTalk) -> None:
        talk.say("354 go on")
        talk.connection.recv(1000)
        talk.say("552 too much")
        while octets := talk.connection.recv(65536):
            last.append(last[-1][-4:] + octets)
        gone.set()
        raise ConnectionError

    last, gone = [b""], threading.Event()
    with scripted_smtp(DATA=early) as server:
        assert post(server.settings(), LARGE) == Permanent(552, "too much")
        assert gone.wait(5)
    assert not any(b"\r\n.\r\n" in octets for octets in last)


@pytest.mark.parametrize("step", ["greeting", "MAIL", "RCPT", "DATA", "dot"])
@pytest.mark.parametrize("answer", ["421 busy", "451 later", "452 full", "554 DT:SPM 163 smtp1,abc"])
def test_4xx_and_the_spam_verdict_are_transient_at_every_step(step: str, answer: str) -> None:
    with scripted_smtp(**{step: answer}) as server:
        code, _, text = answer.partition(" ")
        assert post(server.settings()) == Transient(int(code), text)


@pytest.mark.parametrize(("step", "answer"), [("RCPT", "550 no such user"), ("DATA", "554 no"), ("dot", "554 content")])
def test_5xx_about_the_letter_is_permanent(step: str, answer: str) -> None:
    with scripted_smtp(**{step: answer}) as server:
        code, _, text = answer.partition(" ")
        assert post(server.settings()) == Permanent(int(code), text)


@pytest.mark.parametrize(
    ("step", "answer", "word"),
    [
        ("AUTH", "535 Error: authentication failed secret", "授权码"),
        ("MAIL", "530 authentication required", "授权码"),
        ("MAIL", "553 Mail from must equal authorized user", "一致"),
        ("dot", "554 DT:SUM 163 smtp2,envelope from and header from are not the same", "一致"),
        ("RCPT", "554 5.7.1 Relay access denied", "转信"),
        ("greeting", "554 no service here", "不提供服务"),
    ],
)
def test_what_is_not_the_letters_fault_is_said_to_staff(step: str, answer: str, word: str) -> None:
    user = SENDER if step == "AUTH" else ""
    with scripted_smtp(**{step: answer}) as server, pytest.raises(SmtpDown, match=word) as caught:
        post(server.settings(user=user))
    assert "secret" not in caught.value.sentence


def test_a_login_that_fails_for_now_is_transient() -> None:
    with scripted_smtp(AUTH="454 temporary authentication failure") as server:
        assert isinstance(post(server.settings(user=SENDER)), Transient)


def test_a_plain_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(SmtpDown, match=r"smtp\.tls 为 none"):
        post(SmtpSettings(host="smtp.example.test", port=25, tls="none"))


def test_a_server_without_starttls_gets_neither_password_nor_letter() -> None:
    with scripted_smtp() as server, pytest.raises(SmtpDown, match="STARTTLS"):
        post(server.settings(tls="starttls", user=SENDER))
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.heard)


@pytest.mark.parametrize("to", ["", "unit", "unit@", "a b@example.test", "a@example.test\r\nDATA", "<a@example.test>"])
def test_an_impossible_address_is_permanent_and_nobody_is_called(to: str) -> None:
    with scripted_smtp() as server:
        assert isinstance(post(server.settings(), to=to), Permanent)
    assert server.calls == 0


def test_one_connection_serves_several_letters_also_after_a_refusal() -> None:
    async def several() -> list[Outcome]:
        async with Postman(server.settings(), "") as postman:
            first = await postman.send(SENDER, TO, LETTER)
            server.twists["RCPT"] = "550 no such user"
            second = await postman.send(SENDER, "nobody@example.test", LETTER)
            del server.twists["RCPT"]
            return [first, second, await postman.send(SENDER, TO, LETTER)]

    with scripted_smtp() as server:
        outcomes = asyncio.run(several())
    assert [type(outcome) for outcome in outcomes] == [Sent, Permanent, Sent]
    assert server.letters == [LETTER, LETTER]
    assert server.calls == 1


def test_a_connection_that_fell_between_two_letters_is_made_again() -> None:
    async def two() -> list[Outcome]:
        async with Postman(server.settings(), "") as postman:
            first = await postman.send(SENDER, TO, LETTER)
            server.twists["RSET"] = cut
            return [first, await postman.send(SENDER, TO, LETTER)]

    with scripted_smtp() as server:
        assert [type(outcome) for outcome in asyncio.run(two())] == [Sent, Sent]
    assert server.calls == 2


@pytest.mark.parametrize("goodbye", ["421 too many letters on this connection", "451 MI:DMC 163 smtp1", cut])
def test_a_server_that_takes_only_so_many_letters_on_one_connection_gets_the_next_on_another(goodbye: object) -> None:
    def limited(talk: SmtpTalk) -> None:
        if server.heard.count("DATA") == 1 and not refused:
            refused.append(True)
            talk.say(goodbye) if isinstance(goodbye, str) else goodbye(talk)  # type: ignore[operator]  # cut
        else:
            talk.say("250 ok")

    refused: list[bool] = []
    with scripted_smtp(RCPT=limited) as server, Post() as post_:
        outcomes = [post_.send(server.settings(), "", SENDER, TO, LETTER) for _ in range(2)]
    assert [type(outcome) for outcome in outcomes] == [Sent, Sent]
    assert (server.letters, server.calls) == ([LETTER, LETTER], 2)


def test_a_letter_lost_after_the_dot_is_not_sent_again_on_another_connection_by_itself() -> None:
    with scripted_smtp() as server, Post() as post_:
        assert isinstance(post_.send(server.settings(), "", SENDER, TO, LETTER), Sent)
        server.twists["dot"] = cut
        assert isinstance(post_.send(server.settings(), "", SENDER, TO, LETTER), Unknown)
    assert (len(server.letters), server.calls) == (2, 1)


# --- TLS


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server with these names shows, and what trusts it."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=mx -addext"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    alt = f"subjectAltName={','.join(names)}"
    subprocess.run([*command.split(), alt, *files], check=True, capture_output=True)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return shown, ssl.create_default_context(cafile=str(folder / "cert.pem"))


def over_tls(settings: SmtpSettings, trust: ssl.SSLContext | None) -> Outcome:
    async def one() -> Outcome:
        async with Postman(settings, "secret", trust) as postman:
            return await postman.send(SENDER, TO, LETTER)

    return asyncio.run(one())


def secrets_heard(heard: list[str]) -> list[str]:
    return [line for line in heard if line.startswith(("AUTH", "MAIL", "RCPT", "DATA"))]


def test_with_starttls_password_and_letter_go_encrypted(tmp_path: Path) -> None:
    shown, trust = certificate(tmp_path, "IP:127.0.0.1")
    with scripted_smtp(shown) as server:
        assert isinstance(over_tls(server.settings(tls="starttls", user=SENDER, timeout=5), trust), Sent)
    assert server.heard.index("STARTTLS") < server.heard.index(secrets_heard(server.heard)[0])
    assert server.letters == [LETTER]


@pytest.mark.parametrize("names", [("DNS:other.example.test",), ("IP:127.0.0.1",)], ids=["another name", "unknown"])
def test_a_certificate_of_another_name_or_of_nobody_we_know_gets_nothing(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    shown, trust = certificate(tmp_path, *names)
    believed = trust if names[0].startswith("DNS") else None
    with scripted_smtp(shown) as server, pytest.raises(SmtpDown, match="证书不可信"):
        over_tls(server.settings(tls="starttls", user=SENDER, timeout=5), believed)
    assert secrets_heard(server.heard) == []


@pytest.mark.parametrize("answer", ["454 TLS not available", "502 what?", "220 go on\r\n250 injected"])
def test_starttls_that_somebody_in_between_strips_is_never_done_without(tmp_path: Path, answer: str) -> None:
    shown, trust = certificate(tmp_path, "IP:127.0.0.1")
    with scripted_smtp(shown, STARTTLS=answer) as server:
        settings = server.settings(tls="starttls", user=SENDER, timeout=1)
        with contextlib.suppress(SmtpDown):
            assert isinstance(over_tls(settings, trust), Transient)
    assert secrets_heard(server.heard) == [] and server.letters == []


def test_a_server_that_speaks_plainly_where_tls_was_demanded_gets_nothing() -> None:
    with scripted_smtp() as server:
        outcome = over_tls(server.settings(tls="tls", user=SENDER, timeout=1), None)
    assert isinstance(outcome, Transient)
    assert secrets_heard(server.heard) == [] and server.letters == []
