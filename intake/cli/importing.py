"""Importing at the command line, and the 登记单 of what was handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from archive.records import Channel, Handed
from intake.cli.common import (
    ZONE,
    AsJson,
    At,
    Told,
    Who,
    campaign_of,
    office,
    parse_time,
    progress,
    who_acts,
)
from intake.cli.desk import day_of
from intake.cli.rounds import teller
from intake.printing import slip
from intake.rounds.importing import ImportBusy, Order, import_paths, is_loose
from intake.rounds.office import Office


def import_command(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(exists=True, help=".eml、mbox、Maildir、文件夹或光盘")],
    campaign: Annotated[str, typer.Option(help="活动")],
    unit: Annotated[str | None, typer.Option(help="报送单位编号")] = None,
    received: Annotated[str | None, typer.Option(metavar="TIME", help="收到时间，默认为现在")] = None,
    channel: Annotated[str, typer.Option(help="mail | disc | upload | hand")] = "mail",
    answer: Annotated[bool, typer.Option("--answer", help="按正常来件答复（默认不答复）")] = False,
    via: Annotated[str, typer.Option(help="怎样交来的：微信、QQ、OA、U盘…")] = "",
    label: Annotated[str, typer.Option(help="光盘上写的标签")] = "",
    giver: Annotated[str, typer.Option(help="送交人或寄件人")] = "",
    receiver: Annotated[str, typer.Option(help="接收人，默认为经办人")] = "",
    posted: Annotated[str | None, typer.Option(metavar="DAY", help="寄出日期，如 2018-08-13")] = None,
    at: At = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """导入邮件文件、邮箱文件夹、光盘或当面递交的材料。"""
    if channel not in ("mail", "disc", "upload", "hand"):
        raise typer.BadParameter("--channel: mail | disc | upload | hand")
    loose = [path.name for path in paths if channel == "mail" and is_loose(path)]
    if loose:
        raise Told(f"{'、'.join(loose)} 不是邮件；散装材料请加 --channel hand 或 disc")
    with office(context, at) as opened:
        _, roster = campaign_of(opened, campaign)
        if unit is not None and roster.find(unit) is None:
            raise Told(f"名册中没有编号为“{unit}”的单位")
        moment = parse_time(received) if received else None
        handed = Handed(via, label, giver, receiver, day_of(posted) if posted else None)
        order = Order(campaign, unit, moment, cast("Channel", channel), answer, who_acts(who), handed)
        spoilt: list[str] = []
        with progress("导入") as advance:
            try:
                filed = import_paths(opened, paths, order, teller(opened, advance, as_json), spoilt.append)
            except ImportBusy as busy:
                raise Told(str(busy)) from None
        for one in filed if channel != "mail" and not as_json else ():
            if one.state == "archived" and one.number is not None:
                typer.echo(f"登记单：{write_slip(opened, one.number)}")
        for sentence in spoilt:
            typer.echo(sentence, err=True)
        if spoilt:
            raise typer.Exit(1)
        if not filed:
            raise Told("没有找到可导入的邮件（.eml、mbox 或 Maildir）；散装材料请加 --channel hand 或 disc")


def slip_command(context: typer.Context, number: Annotated[str, typer.Argument(help="编号")]) -> None:
    """登记单：光盘或当面交来的一件，写成可打印的网页，附每个文件的校验值。"""
    with office(context) as opened:
        typer.echo(f"登记单：{write_slip(opened, number.upper())}")


def write_slip(opened: Office, number: str) -> Path:
    """The 登记单 of a 件, written anew into the home; Told when it is a mail or unknown."""
    submission, decision = opened.ledger.arrivals.submission(number), opened.ledger.decisions.current(number)
    if submission is None or decision is None or decision.discarded:
        raise Told(f"没有编号 {number}，或已销毁")
    if submission.channel == "mail":
        raise Told(f"{number} 是邮件，不需要登记单")
    found = opened.campaign(decision.campaign)
    unit = found[1].find(decision.unit) if found else None
    folder = opened.home / "slips"
    folder.mkdir(exist_ok=True)
    path = folder / f"{number}.html"
    zone = found[0].zone if found else ZONE
    page = slip(submission, found[0].title if found else "", unit.name if unit else "", zone)
    path.write_text(page, encoding="utf-8")
    return path


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("import")(import_command)
    app.command("slip")(slip_command)
