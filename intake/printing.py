"""Pages to print that are no letters: the 登记单 of what was handed over, the sheet for the next clerk. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.records import Handed, Submission
from intake.saying.wording import chinese_time

CHANNELS = {"disc": "光盘", "hand": "当面或其他方式交来", "upload": "网上上传", "mail": "邮件"}

_templates = Environment(
    loader=PackageLoader("intake", "printed"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One part of a sheet: lines, then a table. heads of empty texts: a table without a head row."""

    title: str
    lines: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def handover_sheet(sections: Sequence[Section], now: datetime, zone: ZoneInfo) -> str:
    """The sheet for the next clerk as HTML, made to fit one A4 page; now: UTC, shown in `zone`."""
    return _page("handover", "工作交接单", {"sections": sections, "as_of": chinese_time(now, zone)})


def slip(submission: Submission, campaign: str, unit: str, zone: ZoneInfo) -> str:
    """The 登记单 of a 件 that was handed over, as HTML. campaign, unit: their names; zone: of its times."""
    handed = submission.handed or Handed()
    files = [piece for piece in submission.pieces if piece.within is None]
    posted = handed.posted
    rows = [
        ("编号", submission.number),
        ("活动", campaign or "未定"),
        ("报送单位", unit or "未定"),
        ("方式", handed.via or CHANNELS.get(submission.channel, submission.channel)),
        ("标签", handed.label),
        ("送交人", handed.giver),
        ("寄出日期", f"{posted.year}年{posted.month}月{posted.day}日" if posted else ""),
        ("收到时间", chinese_time(submission.received, zone)),
        ("接收人", handed.receiver),
        ("清单校验值", submission.sha256),
    ]
    values = {"rows": rows, "files": files, "total": sum(piece.size for piece in files)}
    return _page("slip", "来件登记单", values | {"unreadable": handed.unreadable})


def _page(name: str, title: str, values: Mapping[str, Any]) -> str:
    return _templates.get_template(f"{name}.html.j2").render({"title": title, **values})
