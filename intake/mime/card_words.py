"""What an attachment card or the words around a link say of a file: its name, size, expiry and code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

URL = re.compile(r"https?://[^\s<>\"'，。；、）)】》\]|]{4,2000}", re.IGNORECASE)
ENDING = re.compile(
    r"\.(?:wmv|mp4|mov|avi|flv|mpe?g|mkv|rmvb|rm|3gp|m4v|mts|vob|zip|rar|7z|tar|gz|iso|jpe?g|png|gif|bmp|tiff?|heic|psd|cdr|ai"
    r"|docx?|wps|pdf|txt|rtf|ofd|pptx?|dps|xlsx?|et|csv|mp3|wav|wma)$",
    re.IGNORECASE,
)  # fmt: skip
ZONE = ZoneInfo("Asia/Shanghai")
NEAR, WITHIN = 160, 600
"""Characters before and behind a link, and between the links of one card, in which it may be described."""

_SIZE = r"(?<![\w.])(\d{1,6}(?:\.\d{1,3})?)\s*([TGMK])(?:i?B|字节)?(?![A-Za-z])"
_SIZED = re.compile(rf"(?:[（(\[]\s*|大小\s*[:：]?\s*){_SIZE}|(?<![\d.]){_SIZE}\s*(?=[,，|)）\]])", re.IGNORECASE)
_SIZED_BYTES = re.compile(r"(?:大小\s*[:：]\s*|[（(])(\d{3,13})\s*(?:B|字节|bytes)\b", re.IGNORECASE)
_DATE = r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*日?\s*(?:(\d{1,2})\s*[:：时]\s*(\d{2})?)?"
_EXPIRES = (
    re.compile(_DATE + r"[^\d\n]{0,8}(?:到期|过期|失效|前有效|之前有效)"),
    re.compile(r"(?:到期|过期|失效|有效)[^\d\n]{0,8}" + _DATE),
)
_DAYS = re.compile(
    r"(\d{1,3})\s*(?:天|日)(?:后|内|之后|之内)?\s*(?:到期|过期|失效|有效)|有效(?:期|时间)(?:为|是)?\s*[:：]?\s*(\d{1,3})\s*(?:天|日)"
)
_CODE = re.compile(
    r"(?:提取码|访问码|提取密码|分享码|取件码|密码|口令)\s*(?:是|为)?\s*[:：]?\s*([A-Za-z0-9]{4,8})(?![A-Za-z0-9])"
)
_SHARED = re.compile(
    r"(?:通过(?:百度)?网盘分享的文件|分享了文件|分享了?文件|文件名(?:称)?|文件名字)\s*[:：]\s*([^\n:：]{1,150}?)\s*(?:\n|链接|提取码|大小|$)"
    r"|分享了?[「《“]([^」》”\n]{1,150})[」》”]|[「]([^」\n]{1,150})[」]"
)
_BEFORE_SIZE = re.compile(rf"([^\n()（）|：:]{{1,150}}?)\s*[（(]\s*{_SIZE}", re.IGNORECASE)
_IN_QUOTES = re.compile(
    r"[《“\"]([^》”\"\n]{1,120}\.[A-Za-z0-9]{2,5})[》”\"]|([^\s，。；:：、“”\"（）()]{1,120}\.[A-Za-z0-9]{2,5})(?![A-Za-z0-9/])"
)
_PLAIN_LABEL = re.compile(
    r"^\W*(?:进入下载页面|点击下载|立即下载|下载附件|下载|打开|预览|查看|转存|保存|链接|点击此处|download|preview)\W*$",
    re.I,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Around:
    """The text before, within and behind the links of one file. labels: the words of its links."""

    before: str
    within: str
    behind: str
    labels: tuple[str, ...]

    @staticmethod
    def of(text: str, spans: Sequence[tuple[int, int]], floor: int, ceiling: int) -> Around:
        """spans: where the links stand, in order; floor, ceiling: where the cards before and behind end and begin."""
        start, end = spans[0][0], max(last for _, last in spans)
        before = text[max(floor, start - NEAR) : start]
        if floor and "\n" in before:  # the rest of its line belongs to the card before
            before = before.partition("\n")[2]
        behind = text[end : max(end, min(ceiling, end + NEAR))]
        if ceiling < len(text):  # what stands on further lines belongs to the next card
            behind = behind.partition("\n")[0]
        labels = tuple(text[first:last].strip() for first, last in spans)
        return Around(before, text[start : min(end, start + WITHIN)], behind, labels)

    def in_order(self) -> tuple[str, ...]:
        """Where to look first: a link called by the file's name has its size behind it, a 下载 link before it."""
        named = any(label and not _PLAIN_LABEL.match(label) and not URL.match(label) for label in self.labels)
        return (self.within, self.behind, self.before) if named else (self.within, self.before, self.behind)


def size_of(told: Mapping[str, str], around: Around) -> int | None:
    """Bytes: as an attribute tells them, else “1.2G”, “(350.5M,”, “大小：12.00MB” near the link."""
    told_size = _size_told(told)
    return told_size if told_size is not None else _first(around.in_order(), _size)


def expiry_of(told: Mapping[str, str], around: Around, url: str, at: datetime | None) -> datetime | None:
    """UTC; None for “无限期” and where nothing is said. at: the mail's date, for “30天后到期”."""
    return _expiry_told(told, url, at) or _first(around.in_order(), lambda words: _expiry(words, at))


def _first(places: tuple[str, ...], read: Callable[[str], T | None]) -> T | None:
    return next((found for place in places if (found := read(place)) is not None), None)


def name_of(told: Mapping[str, str], around: Around, url: str) -> str:
    """The file's name by attributes, the link's own words, the words around it, the address; "" when none says."""
    title = told.get("title", "").strip()
    written = told.get("name") or re.split(r"[\r\n]|文件大小", title)[0]
    if written.strip():
        return _clean(written)
    for label in around.labels:
        first = re.split(r"[（(]\s*\d[\d.]*\s*[TGMK]|\n", label)[0]
        if ENDING.search(first.strip()) and not URL.match(label):
            return _clean(first)
    for place in around.in_order():
        sized = list(_BEFORE_SIZE.finditer(place))
        if sized:
            return _clean(sized[-1 if place is around.before else 0].group(1))
    return (
        _shared(around.before)
        or _shared(around.within)
        or _named_near(around.before.split("\n")[:-4:-1])
        or _shared(around.behind)
        or _named_near(around.behind.split("\n")[:2])
        or _named_in(url)
    )


_APP = re.compile(
    r"(?:阿里云盘|百度网盘|腾讯微云|微云|夸克网盘|天翼云盘|迅雷云盘|和彩云|115)(?:\s*APP)?", re.IGNORECASE
)
"""What a share text asks to open, which is no file."""


def _shared(words: str) -> str:
    """What the share text of a cloud store calls the file: “通过网盘分享的文件：名称”, “分享了「名称」”."""
    found = [next(group for group in match.groups() if group) for match in _SHARED.finditer(words)]
    found = [name for name in found if not _APP.fullmatch(name.strip())]
    ended = [name for name in found if ENDING.search(name.strip())]
    return _clean((ended or found)[-1]) if found else ""


def _named_near(lines: list[str]) -> str:
    """The first file name in these lines."""
    for line in lines:
        for match in _IN_QUOTES.finditer(URL.sub(" ", line)):
            name = match.group(1) or match.group(2)
            if ENDING.search(name):
                return _clean(name)
    return ""


def _named_in(url: str) -> str:
    """The name the address itself gives, only where it has a file's ending."""
    path, query = parts_of(url)
    given = [values[0] for key in ("filename", "fname", "name", "title") for values in [query.get(key, [""])]]
    for name in (*given, unquote(path.rpartition("/")[2])):
        if ENDING.search(name.strip()):
            return _clean(name)
    return ""


def parts_of(url: str) -> tuple[str, dict[str, list[str]]]:
    """Host and path, and the query; never raises."""
    try:
        parts = urlsplit(url.replace("&amp;", "&"))
        return parts.netloc.lower() + parts.path, parse_qs(parts.query, max_num_fields=40)
    except ValueError:
        return "", {}


def _clean(name: str) -> str:
    name = re.sub(r"\s+", " ", name.replace("\\", "/").rpartition("/")[2]).strip(" \t·•-—:：,，\"'“”")
    return (name[1:-1] if name.startswith("《") and name.endswith("》") else name)[:200]


_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _size_told(told: Mapping[str, str]) -> int | None:
    for value in (told.get("size", ""), told.get("alt", "").strip("() ")):
        if value.strip().isdigit() and len(value) < 15:
            return int(value)
    written = " ".join((told.get("title", ""), told.get("size", "") and f"({told['size']})"))
    return _size(written)


def _size(words: str) -> int | None:
    found = _SIZED.search(words)
    if found:
        number, unit = (found.group(1), found.group(2)) if found.group(1) else (found.group(3), found.group(4))
        return round(float(number) * _UNITS[unit.upper()])
    exact = _SIZED_BYTES.search(words)
    return int(exact.group(1)) if exact else None


def _expiry_told(told: Mapping[str, str], url: str, at: datetime | None) -> datetime | None:
    """From attributes: seconds or milliseconds since 1970, or a date; -1 and 0 are no expiry."""
    given = told.get("expires", "").strip() or "".join(re.findall(r"[?&]expired=(\d{10,13})(?:&|$)", url)[:1])
    if re.fullmatch(r"\d{10}|\d{13}", given):
        seconds = int(given) / (1000 if len(given) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    written = f"{told.get('title', '')} {f'到期 {given}' if given else ''}"
    return _expiry(written, at)


def _expiry(words: str, at: datetime | None) -> datetime | None:
    """“2018年8月20日 10:00 到期”, “(2018年08月30日 10:55到期)”, “30天后到期” (from `at`); a day alone ends at 23:59."""
    for pattern in _EXPIRES:
        found = pattern.search(words)
        if found:
            return _moment(*found.groups())
    found = _DAYS.search(words)
    if found and at is not None:
        return at.astimezone(UTC) + timedelta(days=int(found.group(1) or found.group(2)))
    return None


def _moment(year: str, month: str, day: str, hour: str | None, minute: str | None) -> datetime | None:
    hours, minutes = (int(hour), int(minute or 0)) if hour else (23, 59)
    try:
        return datetime(int(year), int(month), int(day), hours, minutes, tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def code_of(url: str, around: Around) -> str | None:
    """提取码: in the address (`?pwd=`), behind the link, else shortly before it."""
    given = re.search(r"[?&#](?:pwd|password|passcode)=([A-Za-z0-9]{4,8})(?:&|#|$)", url)
    if given:
        return given.group(1)
    behind = _CODE.search(f"{around.within}\n{around.behind}")
    before = list(_CODE.finditer(around.before[-60:]))
    found = behind or (before[-1] if before else None)
    return found.group(1) if found else None
