"""One IMAP connection: connect, log in, open a folder; every foreign error becomes ours in one place."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from config.settings import ImapSettings
from intake.imap.answers import Answer, SpoolFailed, read_answers
from intake.imap.stream import StreamingClient
from intake.loopback import is_loopback

WHAT_IMAP_RAISES = (
    OSError,  # sockets, time-outs, TLS
    imaplib.IMAP4.error,  # BAD, protocol errors; abort is a subclass: a lost connection, BYE, a bound of imap_stream
    ValueError, LookupError, TypeError, AttributeError, MemoryError,  # imaplib and imapclient over odd answers
)  # fmt: skip


class MailboxDown(Exception):
    """The mailbox cannot be read now; try again later. `sentence` says in Chinese what happened and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class LoginRefused(MailboxDown):
    """The server refuses user or password: somebody must mend the settings."""


class FolderRefused(MailboxDown):
    """The server answers NO about a folder (it does not exist, for instance); the connection stays usable."""


@dataclass(frozen=True)
class FolderStatus:
    """What the server says of an opened folder. uidnext: above every UID it shows, whatever it announces."""

    uidvalidity: int
    uidnext: int
    exists: int


class Session:
    """A connection that is dropped on everything but a plain NO. Not for several threads."""

    def __init__(
        self, imap: ImapSettings, password: str, id_name: str, read_only: bool, trust: ssl.SSLContext | None
    ) -> None:
        self._imap = imap
        self._password = password
        self._id_name = id_name
        self._read_only = read_only
        self._trust = trust
        self._client: StreamingClient | None = None
        self.folder = ""
        self._status: FolderStatus | None = None

    # --- connection ---------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect, log in, say who we are (RFC 2971: NetEase opens no folder without). LoginRefused, MailboxDown."""
        if self._imap.tls == "none" and not is_loopback(self._imap.host):
            raise MailboxDown(f"设置里 imap.tls 为 none，但 {self._imap.host} 不是本机：请改为 tls 或 starttls。")
        self.close()
        with self.mapped("连接"):
            tls = self._certificates() if self._imap.tls == "tls" else None
            self._client = StreamingClient(
                self._imap.host, self._imap.port, tls, self._imap.connect_timeout, self._imap.read_timeout
            )
            if self._imap.tls == "starttls":
                self._client.starttls(self._certificates())
        self._log_in()
        with self.mapped("登录之后"):
            client = self.client()
            if client.has_capability("ID"):
                client.id_({"name": self._id_name, "version": "1.0", "vendor": self._id_name})

    def _certificates(self) -> ssl.SSLContext:
        """What is trusted; the system's certificates are read only where they are needed, for that takes a while."""
        self._trust = self._trust or ssl.create_default_context()
        return self._trust

    def _log_in(self) -> None:
        with self.mapped("登录"):
            try:
                self.client().login(self._imap.user, self._password)
            except imaplib.IMAP4.error as error:
                said = words(error.__context__ or error)
                if isinstance(error.__context__, imaplib.IMAP4.abort) or "UNAVAILABLE" in said.upper():
                    raise error.__context__ or error from error
                self.drop()
                said = said.replace(self._password, "***") if self._password else said
                raise LoginRefused(
                    f"收信服务器 {self._imap.host} 拒绝用户 {self._imap.user} 登录（{said}）。"
                    "请核对用户名和授权码（不是网页登录密码），并确认邮箱已开启 IMAP。"
                ) from error

    def close(self) -> None:
        """Log out if the server still listens. Never raises."""
        client, self._client, self._status = self._client, None, None
        if client is None:
            return
        try:
            client.socket().settimeout(2)
            client.logout()
        except WHAT_IMAP_RAISES:
            _shut(client)

    def drop(self) -> None:
        """Cut the connection without a word."""
        client, self._client, self._status = self._client, None, None
        if client is not None:
            _shut(client)

    def client(self) -> StreamingClient:
        """The live connection; MailboxDown when there is none."""
        if self._client is None:
            raise MailboxDown(f"与收信服务器 {self._imap.host} 没有连接。")
        return self._client

    @property
    def alive(self) -> bool:
        """Whether there is a connection, as far as known."""
        return self._client is not None

    @contextmanager
    def mapped(self, doing: str) -> Iterator[None]:
        """The one place where foreign errors become ours; the connection is gone afterwards."""
        try:
            yield
        except MailboxDown:
            raise
        except SpoolFailed:
            self.drop()
            raise
        except WHAT_IMAP_RAISES as error:
            self.drop()
            raise MailboxDown(self._sentence(doing, error)) from error

    def _sentence(self, doing: str, error: BaseException) -> str:
        host = f"{self._imap.host}:{self._imap.port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"收信服务器 {host} 的证书不可信（{error.verify_message}），没有登录。请核对 imap.host。"
        if isinstance(error, TimeoutError):
            return f"收信服务器 {host} 在{doing}时没有及时应答，稍后再试。"
        if doing == "连接":
            return f"连不上收信服务器 {host}（{words(error)}）。请检查网络和设置里的 imap.host、imap.port、imap.tls。"
        return f"与收信服务器 {host} 的会话在{doing}时中断（{words(error)}），稍后再试。"

    # --- folders ------------------------------------------------------------------------------------------------

    def open(self, folder: str) -> FolderStatus:
        """Open a folder by its plain name: EXAMINE while nothing is settled, so that no flag changes, else SELECT.

        FolderRefused when the server says NO, MailboxDown for the rest.
        """
        with self.mapped(f"打开文件夹“{folder}”"):
            client = self.client()
            self._status = None
            try:
                said = client.select_folder(folder, readonly=self._read_only)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                if client._imap.state != "AUTH" or is_bad(error):
                    raise
                raise FolderRefused(self._refusal(client, folder, words(error))) from error
            uidvalidity = client.current_uidvalidity() or 0
            if uidvalidity < 1:
                raise imaplib.IMAP4.error("no UIDVALIDITY")
            exists = int(said.get(b"EXISTS", 0))
            self.folder = folder
            self._status = FolderStatus(uidvalidity, int(said.get(b"UIDNEXT", 1)), exists)
            last = max((answer.uid or 0 for answer in self._last(client, exists)), default=0)
            self._status = FolderStatus(uidvalidity, max(self._status.uidnext, last + 1), exists)
            return self._status

    def _last(self, client: StreamingClient, exists: int) -> list[Answer]:
        """The last mail's UID: a server may announce a stale UIDNEXT, or none."""
        if exists == 0:
            return []
        client.fetch_by_place(str(exists), "(UID)")
        return read_answers(client.take_fetched())

    def _refusal(self, client: StreamingClient, folder: str, said: str) -> str:
        if "unsafe login" in said.lower():
            return f"服务器不许打开文件夹“{folder}”（{said}）：请在网页邮箱里确认 IMAP 已开启，并检查设置里的 id_name。"
        names = "、".join(str(name) for _, _, name in client.list_folders())
        return f"服务器不许打开文件夹“{folder}”（{said}）。现有的文件夹：{names}。请核对设置里的 folders。"

    def watch(self) -> FolderStatus:
        """The opened folder; raises when the server has renumbered it meanwhile."""
        client = self.client()
        if self._status is None:
            raise MailboxDown("还没有打开文件夹。")
        now = client.current_uidvalidity()
        if now is not None and now != self._status.uidvalidity:
            raise imaplib.IMAP4.abort(f"UIDVALIDITY changed from {self._status.uidvalidity} to {now}")
        return self._status


def is_bad(error: BaseException) -> bool:
    """Whether the server answered BAD (it did not understand us), not NO."""
    return "command error: BAD" in str(error)


def words(error: BaseException) -> str:
    """What the server or the system said, at most 200 characters."""
    said = error.args[0] if len(error.args) == 1 else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return (text or type(error).__name__)[:200]


def _shut(client: StreamingClient) -> None:
    try:
        client.shutdown()
    except WHAT_IMAP_RAISES:
        return
