"""Staff at the desk: up to which day discs and paper are registered, and what a unit was told by phone."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from archive.records import Note, Registered
from intake.cli.common import At, Told, Who, campaign_of, office, who_acts
from intake.rounds.beside import DESK
from intake.rounds.planning import deadline_now
from intake.saying.lacking import LIST_DAYS

CHANNELS = {"disc": "光盘", "paper": "纸质件", "external": "系统外办理"}


def registered_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    channel: Annotated[str, typer.Argument(help="disc 光盘 | paper 纸质 | external 系统外")],
    up_to: Annotated[str, typer.Option("--up-to", metavar="DAY", help="收到的都已登记到这一天（含），如 2018-08-18")],
    unit: Annotated[str | None, typer.Option("--unit", help="只说这个单位（名册中的编号），默认全部单位")] = None,
    who: Who = None,
    at: At = None,
) -> None:
    """登记截至某日：光盘、纸质等到这一天收到的都已登记，信件才可以提还缺什么。"""
    if channel not in DESK:
        raise typer.BadParameter("渠道：disc | paper | external")
    day = day_of(up_to)
    with office(context, at) as opened:
        asked, roster = campaign_of(opened, campaign)
        if unit is not None and roster.find(unit) is None:
            raise Told(f"名册中没有编号为“{unit}”的单位")
        if channel == "external" and any(item.kind == "filing" for item in asked.items):
            raise Told(f"网络报备以导出的名单为准：baosong filing {campaign} 名单 --date {day.isoformat()}")
        if not any(item.channel == channel and item.owed_by == "unit" for item in asked.items):
            raise Told(f"活动“{campaign}”没有要求以{CHANNELS[channel]}报送的材料")
        today = opened.now().astimezone(asked.zone).date()
        if day > today:
            raise Told(f"{day.isoformat()} 还没有到，登记只能截至今天或以前")
        value = Registered(unit or "", channel, "upto", opened.now(), who_acts(who), day.isoformat())
        opened.ledger.decisions.register(campaign, value)
        typer.echo(f"{CHANNELS[channel]}登记截至{day.month}月{day.day}日")
        left = LIST_DAYS - (today - day).days
        typer.echo(f"{left} 天后失效，届时请再登记" if left >= 0 else f"已超过 {LIST_DAYS} 天，信件不会据此提起")


def note_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    unit: Annotated[str, typer.Argument(help="报送单位编号")],
    text: Annotated[str, typer.Argument(help="说明，如：电话告知8月25日前补齐")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="到这一天（含）不提醒，默认到本期限")
    ] = None,
    who: Who = None,
    at: At = None,
) -> None:
    """记一次电话：已告知的单位在这段时间里不再提醒。"""
    with office(context, at) as opened:
        asked, roster = campaign_of(opened, campaign)
        if roster.find(unit) is None:
            raise Told(f"名册中没有编号为“{unit}”的单位")
        now = opened.now()
        day = day_of(until) if until is not None else deadline_now(opened, campaign, unit)
        if day is not None and day < now.astimezone(asked.zone).date():
            raise Told(f"{day.isoformat()} 已经过去")
        opened.ledger.notes.add(Note(campaign, unit, "phone", text, now, who_acts(who), day))
        typer.echo(f"已记录，{f'{day.month}月{day.day}日及以前' if day else '此后'}不提醒{roster.unit(unit).name}")


def day_of(text: str) -> date:
    """A day typed by the user."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"看不懂日期 {text!r}，请写成 2018-08-18") from None


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("registered")(registered_command)
    app.command("note")(note_command)
