"""Mails as a story writes them become bytes: headers, words, and attachments made by short recipes."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email import policy
from email.generator import BytesGenerator
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from intake.demo import make
from tests.unit.intake import outlook_files

Recipe = str | Mapping[str, Any]
SAMPLES = Path(__file__).parents[1] / "samples"
KNOWN = frozenset(
    {
        "from", "to", "cc", "box", "folder", "flags", "received", "subject", "text", "html", "headers", "files", "eml",
        "name", "again", "answers", "bounces", "complains", "reads", "id", "date",
    }
)  # fmt: skip
TYPES = {
    "jpg": "image/jpeg", "zip": "application/zip", "docx": "application/msword", "xlsx": "application/vnd.ms-excel",
    "txt": "text/plain", "mp4": "video/mp4", "wmv": "video/x-ms-wmv",
}  # fmt: skip


def build(spec: Mapping[str, Any], at: datetime, to: str, number: int, folder: Path, letters: list[Any]) -> bytes:
    """The bytes of one mail. number makes its Message-ID; letters: what was received from us so far, oldest first."""
    if unknown := spec.keys() - KNOWN:
        raise ValueError(f"a mail cannot say {sorted(unknown)}")
    if "eml" in spec:
        return (folder / spec["eml"]).read_bytes().replace(b"@BOX@", to.encode())
    if "bounces" in spec:
        return bounce(letters[spec["bounces"] - 1], at, to)
    if "complains" in spec:
        return complaint(letters[spec["complains"] - 1], at, to)
    if "reads" in spec:
        return read_receipt(letters[spec["reads"] - 1], at, to)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{spec['name']} <{spec['from']}>" if "name" in spec else spec["from"]
    mail["To"] = spec.get("to", to)
    if "cc" in spec:
        mail["Cc"] = spec["cc"]
    mail["Date"] = format_datetime(spec.get("date", at))
    mail["Message-ID"] = spec.get("id", f"<mail-{number}@unit.example.test>")
    subject = spec.get("subject", "")
    if "answers" in spec:
        letter = letters[spec["answers"] - 1]
        mail["In-Reply-To"] = mail["References"] = letter["Message-ID"]
        subject = subject or f"回复：{letter['Subject']}"
    mail["Subject"] = subject
    for name, value in spec.get("headers", {}).items():
        mail[name] = value
    mail.set_content(spec.get("text", "") + "\n", cte="base64")
    if "html" in spec:
        mail.add_alternative(spec["html"], subtype="html", cte="base64")
    for name, recipe in _each(spec.get("files", {})):
        attach(mail, name, recipe, folder, at)
    return as_bytes(mail)


def as_bytes(mail: EmailMessage) -> bytes:
    """With CRLF, nothing re-wrapped."""
    out = BytesIO()
    BytesGenerator(out, policy=policy.SMTP).flatten(mail)
    return out.getvalue()


def attach(mail: EmailMessage, name: str, recipe: Recipe, folder: Path, at: datetime) -> None:
    """One attachment; a recipe `mail: {...}` becomes a message/rfc822 part (转发为附件)."""
    if isinstance(recipe, Mapping) and recipe.keys() == {"mail"}:
        mail.add_attachment(inner_mail(recipe["mail"], folder, at), filename=name)
        return
    data = content(recipe, folder)
    main, sub = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream").split("/")
    mail.add_attachment(data, maintype=main, subtype=sub, filename=name)


def inner_mail(spec: Mapping[str, Any], folder: Path, at: datetime = datetime(2018, 8, 1, tzinfo=UTC)) -> EmailMessage:
    """A mail that lies in another one, or in a ZIP."""
    inner = EmailMessage(policy=policy.SMTP)
    inner["From"], inner["To"], inner["Subject"] = spec["from"], spec["to"], spec["subject"]
    inner["Date"] = format_datetime(at)
    inner.set_content(spec.get("text", "") + "\n", cte="base64")
    for each, what in _each(spec.get("files", {})):
        attach(inner, each, what, folder, at)
    return inner


def content(recipe: Recipe, folder: Path) -> bytes:
    """The bytes of one file by its recipe; a mapping of names is a ZIP (names in GBK, as WinRAR writes them)."""
    if isinstance(recipe, str):
        kind, _, words = recipe.partition(" ")
        if kind == "file":
            return (folder / words).read_bytes()
        if kind == "kept":
            return (SAMPLES / words).read_bytes()
        return MAKERS[kind](words)
    if recipe.keys() == {"table"}:
        told = recipe["table"]
        label = told.get("label", "")
        return make.table_xlsx(told["title"], told["unit"], told["date"], told["columns"], told["rows"], label=label)
    if recipe.keys() == {"damaged"}:
        whole = content(recipe["damaged"], folder)
        return whole[: len(whole) // 2]
    if recipe.keys() == {"winmail"}:
        return outlook_files.tnef([(name, content(what, folder)) for name, what in _each(recipe["winmail"])])
    if recipe.keys() == {"msg"}:
        told = recipe["msg"]
        inside: dict[str, bytes | outlook_files.Tree] = {
            name: content(what, folder) for name, what in _each(told["files"])
        }
        return outlook_files.compound(outlook_files.message(told["subject"], "", told["from"], "", inside))
    if recipe.keys() == {"letter"}:
        return as_bytes(inner_mail(recipe["letter"], folder))
    encoding: Literal["gbk", "utf-8"] = "gbk"
    return make.zip_of({name: content(what, folder) for name, what in _each(recipe)}, encoding)


def _each(files: Mapping[str, Recipe]) -> list[tuple[str, Recipe]]:
    """`{n}.jpg: jpeg 1600x1200 x5` stands for five files, each with a picture of its own."""
    found: list[tuple[str, Recipe]] = []
    for name, recipe in files.items():
        many = re.fullmatch(r"(.*) x(\d+)", recipe) if isinstance(recipe, str) else None
        if many is None:
            found.append((name, recipe))
            continue
        found += [(name.replace("{n}", str(n)), f"{many[1]} #{n}") for n in range(1, int(many[2]) + 1)]
    return found


@cache
def _jpeg(words: str) -> bytes:
    """`1600x1200 #3 label`"""
    size, _, label = words.partition(" ")
    width, height = size.split("x")
    return make.jpeg(int(width), int(height), seed=sum(map(ord, label)), label=label)


@cache
def _docx(words: str) -> bytes:
    """`1500字 标题`: the body has exactly so many 字, the title's included; `标题 +5图` adds five pictures."""
    count, _, title = words.partition("字 ")
    title, _, shown = title.partition(" +")
    pictures = [_jpeg(f"1600x1200 #{n} {title}") for n in range(1, int(shown.rstrip("图") or 0) + 1)]
    return make.docx(title, characters=int(count), pictures=pictures)


def _volume(name: str) -> bytes:
    with tarfile.open(SAMPLES / "archives/volumes.tar.xz") as kept:
        found = kept.extractfile(name)
        assert found is not None
        return found.read()


def _bomb(megabytes: str) -> bytes:
    """A ZIP of a few kilobytes that unpacks to so many megabytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.bin", bytes(int(megabytes) << 20))
    return out.getvalue()


MAKERS: Mapping[str, Callable[[str], bytes]] = {
    "jpeg": _jpeg,
    "docx": _docx,
    "sample": make.sample,
    "txt": lambda words: words.encode(),
    "volume": _volume,
    "bomb": _bomb,
    "scan": lambda words: make.seal_scan(seed=len(words)),
}


def bounce(letter: Any, at: datetime, to: str) -> bytes:
    """The delivery report (RFC 3464) a mail server sends when the address of our letter does not exist."""
    fields = f"""Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; {letter["To"].strip("<>")}
Action: failed
Status: 5.1.1"""
    parts = (("message/delivery-status", fields), ("text/rfc822-headers", _returned(letter, to)))
    sender = "Mail Delivery System <mailer-daemon@mx.example.test>"
    return report("delivery-status", "Undelivered Mail Returned to Sender", sender, letter, at, to, parts)


def complaint(letter: Any, at: datetime, to: str) -> bytes:
    """The feedback report (RFC 5965) a provider sends when somebody there called our letter spam."""
    fields = "Feedback-Type: abuse\nUser-Agent: mx/1\nVersion: 1\nArrival-Date: Mon, 6 Aug 2018 10:30:00 +0800"
    parts = (("message/feedback-report", fields), ("message/rfc822", f"{_returned(letter, to)}\n\n(body removed)"))
    return report("feedback-report", "complaint about message", "fbl@mx.example.test", letter, at, to, parts)


def read_receipt(letter: Any, at: datetime, to: str) -> bytes:
    """The notification (RFC 8098) a mail program sends when our letter was opened."""
    reader = letter["To"].strip("<>")
    fields = f"""Final-Recipient: rfc822; {reader}
Original-Message-ID: {letter["Message-ID"]}
Disposition: manual-action/MDN-sent-manually; displayed"""
    parts = (("message/disposition-notification", fields),)
    return report("disposition-notification", f"已读：{letter['Subject']}", reader, letter, at, to, parts)


def _returned(letter: Any, to: str) -> str:
    return f"Message-ID: {letter['Message-ID']}\nFrom: <{to}>"


def report(
    kind: str, subject: str, sender: str, letter: Any, at: datetime, to: str, parts: Sequence[tuple[str, str]]
) -> bytes:
    """A multipart/report (RFC 6522): a sentence for people, then the parts as they are."""
    own = letter["Message-ID"].strip("<>").partition("@")[0]
    lines = [
        "Return-Path: <>",
        f"From: {sender}",
        f"To: <{to}>",
        f"Date: {format_datetime(at)}",
        "Subject: " + Header(subject, "utf-8").encode(linesep="\r\n"),
        f"Message-ID: <{kind}-{own}@mx.example.test>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"',
        "",
    ]
    for type_, text in (("text/plain", "This is an automatic report."), *parts):
        lines += ["--b", f"Content-Type: {type_}", "", *text.split("\n")]
    return "\r\n".join([*lines, "--b--", ""]).encode()
