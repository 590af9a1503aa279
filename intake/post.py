"""Sends one letter by SMTP and says exactly what became of it: sent, try later, never, or unknown (lost after the dot).

The data phase is ours, not aiosmtplib's: the body is written and drained first, the final dot alone afterwards. So a
connection that falls before the dot was handed to the kernel certainly sent nothing, and only one that falls after it
leaves us in doubt. RFC 5321: 4.5.2 (dots), 4.2.1 (4xx transient, 5xx permanent), 4.5.3.2.6 (ten minutes after the dot).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import Self

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol

from config.settings import SmtpSettings
from intake.loopback import is_loopback

AFTER_THE_DOT = 600.0
"""Seconds to wait for the answer to the final dot; giving up earlier makes letters go twice."""
CHUNK = 64 * 1024

_ADDRESS = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\-\[\]:]+")
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_TOO_MANY = ("MI:SFQ", "MI:CEL", "MI:DMC", "HL:")
"""NetEase: too many letters in a quarter of an hour, errors or letters on one connection, connections of one place."""


@dataclass(frozen=True)
class Sent:
    """The server took the letter over (250)."""

    text: str


@dataclass(frozen=True)
class Transient:
    """Certainly not sent; try later. code 0: no answer, the connection failed before the final dot."""

    code: int
    text: str


@dataclass(frozen=True)
class Permanent:
    """Certainly not sent, and never will be in this form: this address or this letter is refused."""

    code: int
    text: str


@dataclass(frozen=True)
class Unknown:
    """The connection was lost after the final dot: sent or not, nobody knows. The only way a letter may go twice."""

    text: str


Outcome = Sent | Transient | Permanent | Unknown


class SmtpDown(Exception):
    """Not the letter's fault: login, certificate or settings are wrong. `sentence` says in Chinese what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Answered(Exception):
    """The server's answer ended the attempt at that step."""

    def __init__(self, step: str, code: int, text: str) -> None:
        super().__init__(step, code, text)
        self.step, self.code, self.text = step, code, text


async def send(smtp: SmtpSettings, password: str, sender: str, to: str, message: bytes) -> Outcome:
    """One letter over a connection of its own; see `Postman.send`."""
    async with Postman(smtp, password) as postman:
        return await postman.send(sender, to, message)


async def greet(smtp: SmtpSettings, password: str) -> None:
    """Connect and log in, send nothing. SmtpDown with a sentence when that fails."""
    async with Postman(smtp, password) as postman:
        await postman.greet()


class Post:
    """One connection a mailbox, kept for a run of letters, for callers that are not async. A context manager.

    For one thread; what a server ends in between is made anew.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._postmen: dict[tuple[str, int, str, str], Postman] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for postman in self._postmen.values():
            self._runner.run(postman.close())
        self._runner.close()

    def send(self, smtp: SmtpSettings, password: str, sender: str, to: str, message: bytes) -> Outcome:
        """One letter; see `Postman.send`."""
        key = (smtp.host, smtp.port, smtp.user, password)
        postman = self._postmen.setdefault(key, Postman(smtp, password))
        return self._runner.run(postman.send(sender, to, message))


class Postman:
    """Keeps one connection for several letters, one after another. An async context manager."""

    def __init__(
        self,
        smtp: SmtpSettings,
        password: str,
        trust: ssl.SSLContext | None = None,
        after_the_dot: float = AFTER_THE_DOT,
    ) -> None:
        self._smtp = smtp
        self._password = password
        self._trust = trust
        self._after_the_dot = after_the_dot
        self._client: SMTP | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Say goodbye if somebody listens. Never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=5)
        except (SMTPException, OSError):
            pass
        finally:
            client.close()

    async def send(self, sender: str, to: str, message: bytes) -> Outcome:
        """Send the letter's final bytes (CRLF only) to one address; sender is the envelope's.

        ValueError: a bare CR or LF in the message. SmtpDown: login refused, sender not allowed, certificate not
        trusted, plain connection to another machine, no mail service.
        """
        if not message.count(b"\r\n") == message.count(b"\r") == message.count(b"\n"):
            raise ValueError("the letter has a bare CR or LF")
        if not _ADDRESS.fullmatch(to):
            return Permanent(553, f"收件地址写法不对：{to!r}")
        if self._smtp.tls == "none" and not is_loopback(self._smtp.host):
            raise SmtpDown(f"设置里 smtp.tls 为 none，但 {self._smtp.host} 不是本机：请改为 tls 或 starttls。")
        kept = self._client is not None
        outcome = await self._sent(sender, to, message)
        if kept and _ended(outcome):  # a server may end a connection after so many letters
            self._drop()
            outcome = await self._sent(sender, to, message)
        return outcome

    async def _sent(self, sender: str, to: str, message: bytes) -> Outcome:
        try:
            client = await self._ready()
            await self._envelope(client, sender, to, message)
            return await self._data(client, message)
        except _Answered as answer:
            if answer.step in ("connect", "login") or answer.code in (-1, 421):
                self._drop()  # what comes next on this connection is uncertain
            return self._outcome(answer)
        except (SMTPException, OSError) as error:
            self._drop()
            return Transient(0, _words(error))
        except BaseException:
            self._drop()
            raise

    async def greet(self) -> None:
        """Connect and log in only; SmtpDown for whatever goes wrong."""
        try:
            await self._ready()
        except _Answered as answer:
            outcome = self._outcome(answer)
            raise SmtpDown(f"发信服务器 {self._smtp.host} 拒绝：{getattr(outcome, 'text', answer.text)}") from answer
        except (SMTPException, OSError) as error:
            where = f"{self._smtp.host}:{self._smtp.port}"
            raise SmtpDown(f"连不上发信服务器 {where}（{_words(error)}），请核对地址、端口和网络") from error

    # --- before the data --------------------------------------------------------------------------------------

    async def _ready(self) -> SMTP:
        """The connection kept from the last letter if it still lives, else a new one."""
        if self._client is not None:
            try:
                if (await self._client.rset()).code == 250:
                    return self._client
            except (SMTPException, OSError):
                pass
            self._drop()
        client = self._client = SMTP(
            hostname=self._smtp.host,
            port=self._smtp.port,
            timeout=self._smtp.timeout,
            use_tls=self._smtp.tls == "tls",
            start_tls=self._smtp.tls == "starttls",
            local_hostname="[127.0.0.1]",
            tls_context=self._trust,
        )
        try:
            await client.connect()
        except (SMTPException, OSError) as error:
            raise self._no_connection(error) from error
        if self._smtp.user:
            await self._log_in(client)
        return client

    def _no_connection(self, error: Exception) -> Exception:
        """The error as it counts for the letter: a fault of ours, or the error itself (try later)."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                host = f"{self._smtp.host}:{self._smtp.port}"
                return SmtpDown(
                    f"发信服务器 {host} 的证书不可信（{cause.verify_message}），没有登录。请核对 smtp.host。"
                )
            cause = cause.__cause__
        if self._smtp.tls == "starttls" and "STARTTLS extension not supported" in str(error):
            return SmtpDown(f"发信服务器 {self._smtp.host} 不支持 STARTTLS，信没有发出。请把 smtp.tls 改为 tls。")
        if isinstance(error, SMTPResponseException):
            return _Answered("connect", error.code, error.message)
        return error

    async def _log_in(self, client: SMTP) -> None:
        try:
            await client.login(self._smtp.user, self._password)
        except SMTPResponseException as error:
            raise _Answered("login", error.code, error.message) from error
        except OSError:
            raise
        except (SMTPException, UnicodeEncodeError) as error:
            raise SmtpDown(f"发信服务器 {self._smtp.host} 没有可用的登录方式（{_words(error)}）。") from error

    async def _envelope(self, client: SMTP, sender: str, to: str, message: bytes) -> None:
        options = [f"SIZE={len(message)}"] if client.supports_extension("size") else []
        if not message.isascii() and client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        try:
            await client.mail(sender, options=options)
        except SMTPResponseException as error:
            raise _Answered("sender", error.code, error.message) from error
        try:
            await client.rcpt(to)
        except SMTPResponseException as error:
            raise _Answered("recipient", error.code, error.message) from error

    # --- the data -----------------------------------------------------------------------------------------------

    async def _data(self, client: SMTP, message: bytes) -> Outcome:
        answer = await client.execute_command(b"DATA")
        if answer.code != 354:
            raise _Answered("data", answer.code, answer.message)
        protocol = client.protocol
        if protocol is None:
            raise ConnectionError("connection lost")
        reply = asyncio.ensure_future(protocol.read_response())
        try:
            await self._body(protocol, message)
            if reply.done():
                early = reply.result()
                self._drop()
                raise _Answered("data", early.code, early.message)
            if not _hand_over(protocol, b".\r\n"):
                raise ConnectionError("connection lost before the final dot")
            return await self._after(reply)
        finally:
            if not reply.cancel() and not reply.cancelled():
                reply.exception()  # seen: the connection's end is told by what the body raised

    async def _body(self, protocol: SMTPProtocol, message: bytes) -> None:
        """Everything but the final dot, drained: afterwards it is out of our hands."""
        text = b"\r\n" + message if message.endswith(b"\r\n") else b"\r\n" + message + b"\r\n"
        text = text.replace(b"\r\n.", b"\r\n..")[2:]
        protocol.transport.set_write_buffer_limits(high=0)  # type: ignore[union-attr]  # a transport that writes
        for start in range(0, len(text), CHUNK):
            if not _hand_over(protocol, text[start : start + CHUNK]):
                raise ConnectionError("connection lost before the final dot")
            await asyncio.wait_for(protocol._drain_helper(), self._smtp.timeout)
        await asyncio.sleep(0)

    async def _after(self, reply: asyncio.Future[SMTPResponse]) -> Outcome:
        """What the server says to the dot. Silence, a lost connection or nonsense: unknown."""
        try:
            code, text = await asyncio.wait_for(asyncio.shield(reply), self._after_the_dot)
        except (SMTPException, OSError) as error:
            self._drop()
            return Unknown(_words(error))
        except asyncio.CancelledError:
            self._drop()
            raise
        if 200 <= code < 300:
            return Sent(text)
        if not 400 <= code < 600:
            self._drop()
            return Unknown(f"{code} {text}")
        raise _Answered("data", code, text)

    # --- outcomes -----------------------------------------------------------------------------------------------

    def _outcome(self, answer: _Answered) -> Outcome:
        """RFC 5321, 4.2.1, with what Chinese servers mean by their 5xx."""
        code, text, step = answer.code, answer.text, answer.step
        if not 500 <= code < 600:
            return Transient(code, text)
        if is_suspicion(Transient(code, text)):
            return Transient(code, text)
        if step == "login" or code in _LOGIN_CODES:
            said = text.replace(self._password, "***") if self._password else text
            raise SmtpDown(
                f"发信服务器 {self._smtp.host} 拒绝用户 {self._smtp.user} 登录（{code} {said}）。"
                "请核对用户名和授权码（不是网页登录密码），并确认邮箱已开启 SMTP。"
            )
        if step == "connect":
            raise SmtpDown(f"发信服务器 {self._smtp.host} 不提供服务（{code} {text}）。请核对设置里的 smtp。")
        if (step == "sender" and code != 552) or "DT:SUM" in text:
            raise SmtpDown(f"发信服务器不许以这个地址发信（{code} {text}）：发件地址须与登录用户一致。")
        if step == "recipient" and "relay" in text.lower():
            raise SmtpDown(f"发信服务器不肯向外转信（{code} {text}）：请核对设置里的 smtp.user，是否需要登录。")
        return Permanent(code, text)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _ended(outcome: Outcome) -> bool:
    """Whether the server ended this connection (RFC 5321, 3.8; NetEase's MI:DMC: enough letters on it)."""
    return isinstance(outcome, Transient) and (outcome.code in (0, 421) or "MI:DMC" in outcome.text)


def is_of_the_server(outcome: Transient) -> bool:
    """Whether the server refuses all our letters for now, not this one: unreachable, busy, or we send too many."""
    return outcome.code in (0, 421) or is_suspicion(outcome) or any(word in outcome.text for word in _TOO_MANY)


def is_suspicion(outcome: Transient) -> bool:
    """Whether the provider takes our letters for spam (NetEase's 554 DT:SPM)."""
    return outcome.code == 554 and "DT:SPM" in outcome.text


def _hand_over(protocol: SMTPProtocol, octets: bytes) -> bool:
    """Write; False when the connection is known to have fallen, so that these octets did not leave."""
    transport = protocol.transport
    if transport is None or transport.is_closing():
        return False
    protocol.write(octets)
    return not transport.is_closing()


def _words(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
