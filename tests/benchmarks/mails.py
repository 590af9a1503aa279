"""Invented mailboxes for the benchmarks: the same set and scale, the same bytes, with a manifest of what must come out.

Mails come from units of the shipped example campaign, with real kinds of files. What makes them large is random and
stands where a reader of the kind passes over it, so that making them is cheap and measuring them costs what it costs.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pybase64

from intake.demo import make

OFFICE = "baosong@weihai.example.test"
FIRST = 1_533_081_600
"""When the first mail arrives (2018-08-01 00:00 UTC); each later one comes a second after."""
UNITS = (
    ("WH01", "huancui@weihai.example.test", "环翠区团委"),
    ("WH02", "wendeng@weihai.example.test", "文登区团委"),
    ("WH03", "rongcheng@weihai.example.test", "荣成市团委"),
    ("WH04", "rushan@weihai.example.test", "乳山市团委"),
    ("WH05", "gaoqu@weihai.example.test", "高区团委"),
    ("WH09", "gongan@weihai.example.test", "市公安局团委"),
    ("WH12", "shuiwu@weihai.example.test", "市税务局团委"),
    ("WH13", "gongdian@weihai.example.test", "威海供电公司团委"),
)
COLUMNS = ("作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式")
TITLES = ("渔港新貌", "海边的供电所", "窗口十二时辰", "老街四十年", "我们的班组", "灯塔下的青春")


@dataclass(frozen=True)
class File:
    """One attachment: its true name and bytes; inside: name -> bytes of what an archive holds."""

    name: str
    data: bytes
    inside: Mapping[str, bytes]


@dataclass(frozen=True)
class Expected:
    """One line of the manifest. files: (true name, SHA-256) of every attachment, unpacked ones too."""

    sha256: str
    size: int
    unit: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MailSet:
    """mails: how many at scale 1; files: the attachments of the mail of that number; prose: characters of its text."""

    name: str
    mails: int
    files: Callable[[int, random.Random], list[File]]
    prose: tuple[int, int]


# --- files


@cache
def _pool() -> bytes:
    return random.Random("pool").randbytes(64 << 20)


def _noise(dice: random.Random, size: int) -> bytes:
    """Random bytes that occur nowhere else."""
    at = dice.randrange(len(_pool()) - size - 16)
    return dice.randbytes(16) + _pool()[at : at + max(0, size - 16)]


@cache
def _photo(number: int, width: int, height: int) -> bytes:
    return make.jpeg(width, height, seed=number, quality=30)


def photo(dice: random.Random, size: int, width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG padded with comment segments to about `size` bytes."""
    plain = _photo(dice.randrange(6), width, height)
    padding = []
    rest = max(32, size - len(plain))
    while rest > 0:
        noise = _noise(dice, max(16, min(rest, 65_000)))
        padding.append(b"\xff\xfe" + struct.pack(">H", len(noise) + 2) + noise)
        rest -= len(noise)
    return plain[:2] + b"".join(padding) + plain[2:]


@cache
def _document(number: int) -> dict[str, bytes]:
    whole = make.docx(TITLES[number], [make.text(600, TITLES[number], number)])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return {name: archive.read(name) for name in ("[Content_Types].xml", "_rels/.rels", "word/document.xml")}


def document(dice: random.Random, size: int = 0) -> bytes:
    """A Word document of 600 字 with a picture of random bytes that brings it to about `size`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in _document(dice.randrange(len(TITLES))).items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("word/media/image1.bin"), _noise(dice, max(16, size - 3000)))
    return out.getvalue()


@cache
def _table(number: int) -> bytes:
    rows = [["图片", title, "图片", "青年班组", "王示例 0631-0000101"] for title in TITLES]
    return make.table_xlsx("“青年文明号”创建推荐成果汇总表", UNITS[number][2], "2018-08-10", COLUMNS, rows)


def table(dice: random.Random) -> bytes:
    """A 汇总表 of six works; its archive comment makes it a file of its own."""
    comment = dice.randbytes(16).hex().encode()
    return _table(dice.randrange(len(UNITS)))[:-2] + struct.pack("<H", len(comment)) + comment


def film(dice: random.Random, size: int) -> bytes:
    """An MP4 with a free box, or a WMV with a tail, of `size` bytes."""
    if dice.random() < 0.5:
        plain = make.sample("short.mp4")
        rest = _long_noise(dice, size - len(plain) - 8)
        return plain + struct.pack(">I", len(rest) + 8) + b"free" + rest
    plain = make.sample("weak.wmv")
    return plain + _long_noise(dice, size - len(plain))


def _long_noise(dice: random.Random, size: int) -> bytes:
    return _noise(dice, max(16, size))


def prose(dice: random.Random, characters: int) -> str:
    """Invented text of so many characters in lines of 60."""
    whole = _prose()
    at = dice.randrange(len(whole) - characters)
    return "\r\n".join(whole[place : place + 60] for place in range(at, at + characters, 60))


@cache
def _prose() -> str:
    return make.text(60_000, "岗位建功", 7)


# --- the three sets


def _small(number: int, dice: random.Random) -> list[File]:
    title = f"{dice.choice(TITLES)}{number:05d}"
    match number % 10:
        case 4 | 5:
            return [File(f"{title}（说明）.txt", prose(dice, dice.randrange(200, 2500)).encode("gb18030"), {})]
        case 6 | 7:
            return [File(f"品牌建设青之见征文-{title}.docx", document(dice, dice.randrange(3_100, 11_000)), {})]
        case 8:
            return [File(f"推荐成果汇总表-{title}.xlsx", table(dice), {})]
        case 9:
            data = photo(dice, dice.randrange(6_100, 12_000), 400, 300)
            return [File(f"改革开放青观察图片作品-{title}.jpg", data, {})]
        case _:
            return []


def _medium(number: int, dice: random.Random) -> list[File]:
    title = f"{dice.choice(TITLES)}{number:05d}"
    size = dice.randrange(200_000, 3_000_000)
    match number % 20:
        case 0 | 1 | 2:
            return [File(f"品牌建设青之见征文-{title}.docx", document(dice, size), {})]
        case 3 | 4:
            return [
                File(f"推荐成果汇总表-{title}.xlsx", table(dice), {}),
                File(f"改革开放青观察图片作品-{title}.jpg", photo(dice, size), {}),
            ]
        case 5:
            inside = {f"{title}（{n}）.jpg": photo(dice, size // 4) for n in range(1, 5)}
            return [File(f"改革开放青观察-{title}.zip", make.zip_of(inside), inside)]
        case 6 | 7:
            return [File(f"新时代青年说短视频-{title}.mp4", film(dice, size), {})]
        case _:
            count = dice.randrange(1, 4)
            return [
                File(f"改革开放青观察图片作品-{title}（{n}）.jpg", photo(dice, size // count), {})
                for n in range(1, count + 1)
            ]


def _large(number: int, dice: random.Random) -> list[File]:
    title = f"{dice.choice(TITLES)}{number:05d}"
    video = film(dice, dice.randrange(20_000_000, 50_000_000))
    return [
        File(f"新时代青年说短视频-{title}.mp4", video, {}),
        File(f"品牌建设青之见征文-{title}.docx", document(dice, 30_000), {}),
    ]


SETS = {
    "small": MailSet("small", 10_000, _small, (300, 3_000)),
    "medium": MailSet("medium", 2_000, _medium, (100, 400)),
    "large": MailSet("large", 20, _large, (100, 400)),
}


# --- mails


def encoded_word(name: str, charset: str) -> str:
    """RFC 2047: words of at most ten characters, folded."""
    parts = [name[at : at + 10] for at in range(0, len(name), 10)]
    return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(part.encode(charset)).decode()}?=" for part in parts)


def _continued(name: str) -> str:
    """RFC 2231: continuations of twenty octets, cut in the middle of characters."""
    octets = name.encode("utf-8")
    parts = [quote(octets[at : at + 20], safe="") for at in range(0, len(octets), 20)]
    words = [f" filename*{n}*={'' if n else 'utf-8' + 2 * chr(39)}{part}" for n, part in enumerate(parts)]
    return ";\r\n".join(words)


def name_headers(name: str, way: int) -> bytes:
    """Content-Type's and Content-Disposition's parameters in one of five ways programs write a Chinese name."""
    octets = b"Content-Type: application/octet-stream"
    attachment = b"Content-Disposition: attachment"
    match way % 5:
        case 0:
            word = encoded_word(name, "GBK").encode()
            return octets + b'; name="' + word + b'"\r\n' + attachment + b'; filename="' + word + b'"\r\n'
        case 1:
            word = encoded_word(name, "UTF-8").encode()
            return octets + b"\r\n" + attachment + b';\r\n filename="' + word + b'"\r\n'
        case 2:
            return octets + b"\r\n" + attachment + b";\r\n" + _continued(name).encode() + b"\r\n"
        case 3:
            return octets + b"\r\n" + attachment + b'; filename="' + name.encode("gbk") + b'"\r\n'
        case _:
            return octets + b';\r\n name="' + encoded_word(name, "GB18030").encode() + b'"\r\n' + attachment + b"\r\n"


def _lines(data: bytes) -> bytes:
    return pybase64.encodebytes(data).replace(b"\n", b"\r\n")


def mail(box: MailSet, number: int) -> tuple[bytes, Expected]:
    """The bytes of the mail of that number (from 0) and what must come out of it."""
    dice = random.Random(f"{box.name}:{number}")
    code, address, unit = UNITS[number % len(UNITS)]
    files = box.files(number, dice)
    words = prose(dice, dice.randrange(*box.prose))
    text = f"现将我单位“青年文明号”创建推荐成果报送如下，请查收。\r\n{words}\r\n{unit}\r\n"
    boundary = f"----=_Part_{number}_{dice.randrange(10**9)}".encode()
    charset = ("utf-8", "gb18030")[number % 2]
    subject = encoded_word(f"{unit}报送青年文明号创建成果{number:05d}", charset)
    head = (
        f"Received: from mail.weihai.example.test by mx.weihai.example.test; Wed, 01 Aug 2018 08:00:00 +0800\r\n"
        f"From: {encoded_word(unit, charset)} <{address}>\r\nTo: {OFFICE}\r\nSubject: {subject}\r\n"
        f"Date: Wed, 01 Aug 2018 08:00:00 +0800\r\nMessage-ID: <{box.name}-{number}@weihai.example.test>\r\n"
        f"X-Mailer: Foxmail 7.2\r\nMIME-Version: 1.0\r\n"
    ).encode()
    body = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    body += _lines(text.encode(charset))
    if not files:
        whole = head + body
    else:
        parts = [head, b'Content-Type: multipart/mixed; boundary="', boundary, b'"\r\n\r\n']
        parts += [b"--", boundary, b"\r\n", body]
        for place, file in enumerate(files):
            parts += [b"\r\n--", boundary, b"\r\n", name_headers(file.name, number // 10 + place)]
            parts += [b"Content-Transfer-Encoding: base64\r\n\r\n", _lines(file.data)]
        whole = b"".join([*parts, b"\r\n--", boundary, b"--\r\n"])
    found = [(file.name, file.data) for file in files]
    found += [inner for file in files for inner in file.inside.items()]
    listed = tuple((name, hashlib.sha256(data).hexdigest()) for name, data in found)
    return whole, Expected(hashlib.sha256(whole).hexdigest(), len(whole), code, listed)


def fill(maildir: Path, box: MailSet, scale: float) -> list[Expected]:
    """Write the set straight into a Maildir; the manifest in order of arrival.

    Times are in the file names and file times (INTERNALDATE), sizes in the names, as a server that delivered it writes.
    """
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True, exist_ok=True)
    return list(_filled(maildir / "cur", box, max(1, round(box.mails * scale))))


def _filled(folder: Path, box: MailSet, mails: int) -> Iterator[Expected]:
    for number in range(mails):
        data, expected = mail(box, number)
        path = folder / f"{FIRST + number}.M{number:07d}P1.bench,S={len(data)},W={len(data)}:2,"
        path.write_bytes(data)
        os.utime(path, (FIRST + number, FIRST + number))
        yield expected
