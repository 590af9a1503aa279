"""Mails as the programs of units write them: QQ, NetEase, Foxmail, Outlook, a phone, an old office system.

Built by hand, since a mail library would write them all alike and far too correctly. Same input, same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import quopri
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

Client = Literal["qq", "netease", "foxmail", "outlook", "phone", "old"]
ZONE = ZoneInfo("Asia/Shanghai")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MIMES = {
    "jpg": "image/jpeg", "png": "image/png", "mp4": "video/mp4", "wmv": "video/x-ms-wmv", "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@dataclass(frozen=True)
class File:
    """An attachment; inline: shown in the text, as pictures pasted into a mail are."""

    name: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True)
class Answered:
    """A letter of ours that is answered, and quoted beneath."""

    message_id: str
    subject: str
    sender: str
    text: str


@dataclass(frozen=True)
class Head:
    """Who writes to whom, when (aware) and about what."""

    sender: str
    sender_name: str
    to: str
    at: datetime
    subject: str


def mail(
    client: Client, head: Head, text: str, files: Sequence[File] = (), answers: Answered | None = None,
    more: Sequence[str] = (), page: str | None = None,
) -> bytes:  # fmt: skip
    """One mail as that program writes it. more: further header lines; page: the HTML part instead of the text's own."""
    way = _WAYS[client]
    if answers is not None:
        text = f"{text}\n\n{way.quote(answers)}"
    lines = [
        *_received(head, client),
        f"From: {_mailbox(way, head.sender_name, head.sender)}",
        f"To: {_mailbox(way, '', head.to)}",
        f"Subject: {way.words(head.subject)}",
        f"Date: {moment(head.at)}",
        f"Message-ID: {message_id(head, client)}",
        "MIME-Version: 1.0",
        *way.marks,
        *more,
    ]
    if answers is not None:
        lines += [f"In-Reply-To: {answers.message_id}", f"References: {answers.message_id}"]
    body = _text_part(way, text, page, [file for file in files if file.inline], head)
    attached = [file for file in files if not file.inline]
    if attached:
        body = _multipart("mixed", [body, *(_attachment(way, file) for file in attached)], head)
    return "\r\n".join(lines).encode(way.charset) + b"\r\n" + body


def message_id(head: Head, client: str = "") -> str:
    """The Message-ID of that mail, in the shape of its program."""
    mark = _mark(head, client)
    shapes = {
        "qq": f"<tencent_{mark.upper()}@qq.com>",
        "netease": f"<{mark[:8]}.{mark[8:12]}.{mark[12:23]}.Coremail.{head.sender.replace('@', '$')}>",
        "foxmail": f"<{head.at:%Y%m%d%H%M%S}{mark[:12]}@{head.sender.rpartition('@')[2]}>",
        "phone": f"<{mark[:8]}-{mark[8:12]}-{mark[12:16]}-{mark[16:20]}-{mark[20:32]}@icloud.example.test>".upper(),
    }
    return shapes.get(client, f"<{mark[:24]}@{head.sender.rpartition('@')[2]}>")


def moment(at: datetime) -> str:
    """RFC 5322 date in Chinese time."""
    local = at.astimezone(ZONE)
    return f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local:%Y %H:%M:%S} +0800"


# --- what machines send -------------------------------------------------------------------------------------------


def bounce(head: Head, letter: bytes, recipient: str) -> bytes:
    """A delivery report (RFC 3464) that our letter could not be delivered: no such user."""
    said = f"您的邮件未能送达 {recipient}：收件人不存在。\n550 5.1.1 user unknown\n"
    top = letter.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
    parts = [
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + _base64(said.encode()),
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.test\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 user unknown\r\n".encode(),
        b"Content-Type: text/rfc822-headers\r\n\r\n" + top,
    ]  # fmt: skip
    way = _WAYS["netease"]
    lines = [
        "Return-Path: <>",
        f"From: {_mailbox(way, '系统管理员', head.sender)}",
        f"To: {head.to}",
        f"Subject: {way.words(head.subject)}",
        f"Date: {moment(head.at)}",
        f"Message-ID: {message_id(head)}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
    ]
    body = _multipart("report; report-type=delivery-status", parts, head)
    return "\r\n".join(lines).encode() + b"\r\n" + body


def away(head: Head, answers: Answered, text: str, marked: bool = True) -> bytes:
    """A 自动回复 to our letter; marked: with the header of RFC 3834, else only by its subject, as QQ does."""
    more = ["Auto-Submitted: auto-replied", "Precedence: bulk"] if marked else []
    bare = Answered(answers.message_id, answers.subject, answers.sender, "")
    page = f"<div>{html.escape(text)}</div>"
    return mail("netease" if marked else "qq", head, text, answers=bare, more=more, page=page)


def forwarded(client: Client, head: Head, text: str, inner: bytes, name: str) -> bytes:
    """转发为附件: a mail with another whole mail in it."""
    way = _WAYS[client]
    lines = [
        *_received(head, client),
        f"From: {_mailbox(way, head.sender_name, head.sender)}",
        f"To: {head.to}",
        f"Subject: {way.words(head.subject)}",
        f"Date: {moment(head.at)}",
        f"Message-ID: {message_id(head, client)}",
        "MIME-Version: 1.0",
        *way.marks,
    ]
    top = f"Content-Type: message/rfc822\r\nContent-Disposition: attachment; {way.name('filename', name)}\r\n\r\n"
    parts = [_text_part(way, text, None, [], head), top.encode(way.charset) + inner]
    return "\r\n".join(lines).encode(way.charset) + b"\r\n" + _multipart("mixed", parts, head)


# --- how each program writes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Way:
    """A program's habits: charset, encoded words, parameters for names, body encoding, how it quotes."""

    charset: str
    words: Callable[[str], str]
    name: Callable[[str, str], str]
    coding: Literal["base64", "quoted-printable", "8bit"]
    marks: tuple[str, ...]
    quote: Callable[[Answered], str]
    page: bool = True
    """Whether it sends the text as HTML too."""


def _qq_words(text: str) -> str:
    """One encoded word however long, as QQ writes it (longer than RFC 2047 allows)."""
    return text if text.isascii() else f"=?gb18030?B?{base64.b64encode(text.encode('gb18030')).decode()}?="


def _netease_words(text: str) -> str:
    """GBK in Q, a word for every few characters."""
    if text.isascii():
        return text
    found = []
    for start in range(0, len(text), 8):
        octets = text[start : start + 8].encode("gbk", "replace")
        found.append("=?GBK?Q?" + "".join(_q(octet) for octet in octets) + "?=")
    return "\r\n ".join(found)


def _q(octet: int) -> str:
    return chr(octet) if chr(octet).isalnum() and octet < 128 else f"={octet:02X}"


def _foxmail_words(text: str) -> str:
    """UTF-8 in Base64, cut every 45 octets, also in the middle of a character."""
    if text.isascii():
        return text
    octets = text.encode()
    cuts = [octets[start : start + 45] for start in range(0, len(octets), 45)]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(cut).decode()}?=" for cut in cuts)


def _word_name(words: Callable[[str], str]) -> Callable[[str, str], str]:
    """A name as an encoded word inside quotes, which no standard allows and everybody sends."""
    return lambda key, name: f'{key}="{words(name).replace(chr(13) + chr(10) + " ", " ")}"'


def _split_name(key: str, name: str) -> str:
    """RFC 2231: percent-encoded, in numbered pieces that end inside a character."""
    octets = "".join(chr(o) if chr(o).isalnum() and o < 128 else f"%{o:02X}" for o in name.encode())
    pieces, rest = [], "utf-8''" + octets
    while rest:
        cut = 48 if "%" not in rest[46:48] else 48 - rest[46:48][::-1].index("%") - 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
    if len(pieces) == 1:
        return f"{key}*={pieces[0]}"
    return ";\r\n ".join(f"{key}*{place}*={piece}" for place, piece in enumerate(pieces))


def _quote_qq(letter: Answered) -> str:
    top = "------------------ 原始邮件 ------------------"
    return f"{top}\n发件人: <{letter.sender}>;\n主题: {letter.subject}\n\n{letter.text}"


def _quote_lines(letter: Answered) -> str:
    return f"在 {letter.sender} 写道：\n" + "\n".join(f"> {line}" for line in letter.text.splitlines())


_WAYS: dict[Client, _Way] = {
    "qq": _Way(
        "gb18030", _qq_words, _word_name(_qq_words), "base64",
        ("X-Priority: 3", "X-QQ-mid: webmail320t1", "X-Mailer: QQMail 2.x"), _quote_qq,
    ),
    "netease": _Way(
        "gbk", _netease_words, _word_name(_netease_words), "base64",
        ("X-Priority: 3", "X-Mailer: Coremail Webmail Server Version SP_ntes V3.5"), _quote_lines,
    ),
    "foxmail": _Way(
        "utf-8", _foxmail_words, _word_name(_foxmail_words), "quoted-printable",
        ("X-Mailer: Foxmail 7.2.9.79[cn]",), _quote_lines,
    ),
    "outlook": _Way(
        "utf-8", _foxmail_words, _split_name, "base64",
        ("X-Mailer: Microsoft Outlook 16.0", "Thread-Index: AdQ3xQ==", "Content-Language: zh-cn"), _quote_lines,
    ),
    "phone": _Way(
        "utf-8", _foxmail_words, _word_name(_foxmail_words), "quoted-printable",
        ("X-Mailer: iPhone Mail (15F79)",), _quote_lines, page=False,
    ),
    "old": _Way("gbk", lambda text: text, lambda key, name: f'{key}="{name}"', "8bit", ("X-Mailer: OA 3.1",),
                _quote_lines, page=False),
}  # fmt: skip


# --- building -----------------------------------------------------------------------------------------------------


def _mark(head: Head, salt: str = "") -> str:
    return hashlib.sha256(f"{head.sender}|{head.at.isoformat()}|{head.subject}|{salt}".encode()).hexdigest()


def _received(head: Head, client: str) -> list[str]:
    host = head.sender.rpartition("@")[2]
    return [
        f"Received: from mail.{host} (unknown [192.0.2.{1 + int(_mark(head)[:2], 16) % 250}])",
        f"\tby mx.example.test ({client}) with SMTP id {_mark(head)[:16]}",
        f"\tfor <{head.to}>; {moment(head.at)}",
    ]


def _mailbox(way: _Way, name: str, address: str) -> str:
    return f'"{way.words(name)}" <{address}>' if name else address


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def _coded(way: _Way, text: str, charset: str) -> bytes:
    octets = text.replace("\n", "\r\n").encode(charset, "replace")
    if way.coding == "base64":
        return _base64(octets)
    if way.coding == "8bit":
        return octets + b"\r\n"
    return quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n") + b"\r\n"


def _text_part(way: _Way, text: str, page: str | None, pictures: Sequence[File], head: Head) -> bytes:
    """Plain text, beside it the same as HTML, and around both the pictures that are shown in it."""
    label = {"gb18030": "gb18030", "gbk": "gb2312" if way.coding == "8bit" else "GBK"}.get(way.charset, way.charset)

    def part(kind: str, words: str) -> bytes:
        top = f'Content-Type: text/{kind}; charset="{label}"\r\nContent-Transfer-Encoding: {way.coding}\r\n\r\n'
        return top.encode() + _coded(way, words, way.charset)

    ids = [f"{_mark(head, file.name)[:16]}@pasted" for file in pictures]
    if not way.page:
        return _multipart("mixed", [part("plain", text), *(_attachment(way, f) for f in pictures)], head, "inline") \
            if pictures else part("plain", text)  # fmt: skip
    shown = "".join(f'<div><img src="cid:{id}"></div>' for id in ids)
    written = page or "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.split("\n"))
    both = _multipart("alternative", [part("plain", text), part("html", f"{written}{shown}")], head, "text")
    if not pictures:
        return both
    return _multipart(
        "related", [both, *(_attachment(way, f, id) for f, id in zip(pictures, ids, strict=True))], head, "shown"
    )


def _attachment(way: _Way, file: File, id: str = "") -> bytes:
    mime = _MIMES.get(file.name.rpartition(".")[2].lower(), "application/octet-stream")
    lines = [
        f"Content-Type: {mime};\r\n {way.name('name', file.name)}",
        f"Content-Disposition: {'inline' if file.inline else 'attachment'};\r\n {way.name('filename', file.name)}",
        "Content-Transfer-Encoding: base64",
    ]
    if id:
        lines.append(f"Content-ID: <{id}>")
    return "\r\n".join(lines).encode(way.charset) + b"\r\n\r\n" + _base64(file.data)


def _multipart(kind: str, parts: Iterable[bytes], head: Head, salt: str = "") -> bytes:
    line = f"----=_Part_{_mark(head, kind + salt)[:20]}"
    kind, _, more = kind.partition("; ")
    top = f'Content-Type: multipart/{kind};\r\n boundary="{line}"' + (f"; {more}" if more else "") + "\r\n\r\n"
    said = b"This is a multi-part message in MIME format.\r\n" if kind == "mixed" else b""
    body = b"".join(b"--" + line.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return top.encode() + said + body + b"--" + line.encode() + b"--\r\n"
