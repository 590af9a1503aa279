"""What staff are told of a file behind a link: what it is, when it runs out, what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from archive.judging.promises import Promise, shown_size

PROVIDERS: Mapping[str, str] = {
    "qq": "QQ邮箱超大附件",
    "netease": "网易邮箱云附件",
    "foxmail": "Foxmail超大附件",
    "139": "139邮箱超大附件",
    "baidu": "百度网盘链接",
    "weiyun": "微云链接",
    "aliyun": "阿里云盘链接",
    "other": "网盘或下载链接",
}
STEPS = (7, 2)
"""Days before a link runs out on which staff are warned."""
SHORT_URL = 80
NO_DATE = datetime.max.replace(tzinfo=UTC)
"""Stands for when a link without a date runs out; such links come last."""


def days_left(promise: Promise, now: datetime, zone: ZoneInfo) -> int | None:
    """Calendar days until the link runs out, 0 on its last day; None without a date."""
    expires = promise.word.expires
    return None if expires is None else (expires.astimezone(zone).date() - now.astimezone(zone).date()).days


def alarm(promise: Promise, now: datetime, zone: ZoneInfo) -> str | None:
    """The step reached: expired, T-2 or T-7; a step that was passed unseen is not told afterwards."""
    if promise.dead:
        return None  # staff know
    if promise.expired(now):
        return "expired"
    left = days_left(promise, now, zone)
    reached = [step for step in STEPS if left is not None and left <= step]
    return f"T-{min(reached)}" if reached else None


def question(promise: Promise, provider: str, unit: str, now: datetime, zone: ZoneInfo) -> str:
    """One line of the queue: “某区团委的《宣传片.mp4》（1.2GB）以QQ邮箱超大附件发来，8月20日10:00失效（还有5天）…”."""
    word = promise.word
    size = f"（{shown_size(word.size)}）" if word.size else ""
    link = f"：{word.url}" if word.url and len(word.url) <= SHORT_URL else ""
    code = f"，提取码 {word.code}" if word.code else ""
    head = f"{unit}的{promise.called}{size}以{PROVIDERS.get(provider, PROVIDERS['other'])}发来{link}{code}"
    if promise.dead:
        return f"{head}，链接打不开，已请单位重新发送"
    if promise.expired(now):
        return f"{head}，已于{moment_text(promise, now, zone)}失效，尚未下载：链接已失效，请联系单位重发"
    if word.url is None:
        return f"{head}，但未能读出链接，请打开来件下载后用 import --channel upload 存入"
    left = days_left(promise, now, zone)
    until = (
        "" if left is None else f"，{moment_text(promise, now, zone)}失效（{f'还有{left}天' if left else '今天到期'}）"
    )
    return f"{head}{until}，请下载后用 import --channel upload 存入"


def failed(promise: Promise, now: datetime, zone: ZoneInfo) -> str:
    """What the unit is told of a link that gave no file: “以链接发来的《照片.rar》未能下载，链接已于…失效…”."""
    size = f"（{shown_size(promise.word.size)}）" if promise.word.size else ""
    when = f"，链接已于{moment_text(promise, now, zone)}失效" if promise.expired(now) else ""
    return f"以链接发来的{promise.called}{size}未能下载{when}，请直接作为附件发送，或重新生成链接后发送。"


def consequence(promise: Promise, now: datetime) -> str:
    """What holds until it is dealt with."""
    if promise.lost(now):
        return "该材料按未收到处理，到时照常提醒；单位重发或文件存入后自动划去"
    return "下载存入后自动划去；在此之前该材料不算收到，也不向单位催报"


def moment_text(promise: Promise, now: datetime, zone: ZoneInfo) -> str:
    """8月20日10:00, with the year when it is not this one."""
    if promise.word.expires is None:
        return ""
    local = promise.word.expires.astimezone(zone)
    year = f"{local.year}年" if local.year != now.astimezone(zone).year else ""
    return f"{year}{local.month}月{local.day}日{local:%H:%M}"
