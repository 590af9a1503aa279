"""Doctor: try every part of a home for real and say in plain words what is wrong and what to do. Sends nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import libarchive
import magic

from config.loading import Config, load_home
from config.problems import faults
from config.secrets import SecretMissing, secret
from intake import ocr
from intake.mailbox import Mailbox, MailboxDown
from intake.post import SmtpDown, greet


@dataclass(frozen=True)
class Result:
    """One part tried: what, whether it is well, and a sentence."""

    what: str
    ok: bool
    text: str


def examine(home: Path) -> list[Result]:
    """All parts of a home, tried one after another; never raises, never prints a secret."""
    if not (home / "settings.yaml").exists():
        return [Result("工作目录", False, f"{home} 还没有建立，请运行 baosong --home {home} init")]
    config = load_home(home)
    parts = [*_files(home, config), *_libraries(), *_ocr(config), *_calendar(config)]
    return [*parts, *_mailboxes(home, config), _sending(config)]


def _files(home: Path, config: Config) -> Iterator[Result]:
    wrong = faults(config.problems)
    text = "没有问题" if not wrong else f"{len(wrong)} 处错误，运行 baosong check 查看"
    yield Result("设置与活动", not wrong, text)
    free = shutil.disk_usage(home).free
    enough = free >= config.settings.limits.disk_free
    yield Result("磁盘", enough, f"剩余 {free // 2**20} MB" + ("" if enough else "，请清理后再运行"))
    folders = [folder for folder in (home / "archive", home / "spool") if folder.exists()]
    same = len({folder.stat().st_dev for folder in folders}) <= 1
    yield Result("同一磁盘", same, "收信区与档案库在同一磁盘" if same else "spool 与 archive 必须放在同一磁盘分区")
    writable = os.access(home, os.W_OK)
    yield Result("可写", writable, "可以写入" if writable else f"不能写入 {home}，请检查权限")


def _libraries() -> Iterator[Result]:
    try:
        kind = magic.from_buffer(b"%PDF-1.4\n", mime=True)
        yield Result("libmagic", kind == "application/pdf", "可以使用")
    except Exception as trouble:
        yield Result("libmagic", False, f"不能使用：{trouble}；Debian 上请安装 libmagic1")
    try:
        yield Result("libarchive", True, f"版本 {libarchive.ffi.version_number()}")
    except Exception as trouble:
        yield Result("libarchive", False, f"不能使用：{trouble}；Debian 上请安装 libarchive13")


def _ocr(config: Config) -> Iterator[Result]:
    if config.settings.ocr:
        yield Result("文字识别", ocr.installed(), "已安装" if ocr.installed() else ocr.MISSING)


def _calendar(config: Config) -> Iterator[Result]:
    year = datetime.now(UTC).year
    known = config.calendar.known(year)
    yield Result("工作日历", True, f"{year} 年已录入" if known else f"{year} 安排未录入，按周末和法定假日推算")


def _mailboxes(home: Path, config: Config) -> Iterator[Result]:
    if not config.settings.mailboxes:
        yield Result("邮箱", True, "还没有设置邮箱，只能用 import 导入")
    for name, box in config.settings.mailboxes.items():
        try:
            password = secret(box.imap.password, home, os.environ)
            (home / "spool").mkdir(exist_ok=True)
            with Mailbox(name, box, password, home / "spool", config.settings.limits) as mailbox:
                counts = [f"{folder} {mailbox.open(folder).exists} 封" for folder in box.folders]
            yield Result(f"收信 {name}", True, "，".join(counts))
        except (MailboxDown, SecretMissing) as trouble:
            yield Result(f"收信 {name}", False, getattr(trouble, "sentence", str(trouble)))
        if box.smtp is None:
            yield Result(f"发信 {name}", True, "没有设置发信服务器，只收不发")
            continue
        try:
            password = secret(box.smtp.password, home, os.environ) if box.smtp.user else ""
            asyncio.run(greet(box.smtp, password))
            yield Result(f"发信 {name}", True, "登录成功")
        except (SmtpDown, SecretMissing) as trouble:
            yield Result(f"发信 {name}", False, getattr(trouble, "sentence", str(trouble)))


def _sending(config: Config) -> Result:
    on = config.settings.answers.sending
    return Result("发送开关", True, "已打开" if on else "未打开（answers.sending），只写信不发出")
