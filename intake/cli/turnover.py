"""What comes round: a campaign written anew for the next time, and the sheet for the next clerk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from config.loading import load_roster
from config.renewing import RosterChange, changes, renewed
from intake.cli.common import ZONE, At, Told, campaign_of, office
from intake.printing import handover_sheet
from intake.rounds.office import Office
from intake.rounds.turnover import turnover

WORDS = {"new": "新增", "gone": "不再有", "changed": "有变化"}


def new_command(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="NEW", help="新活动的编号，如 weihai-2019")],
    old: Annotated[str, typer.Option("--from", metavar="OLD", help="照抄哪个活动")],
    roster: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="新的名册，默认照抄原来的")] = None,
) -> None:
    """照以前的活动起草一个新的：日期留空等填，状态为起草；列出名册的变化和上次记住的地址。"""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", id):
        raise typer.BadParameter("编号用小写字母、数字和连字符，如 weihai-2019")
    with office(context) as opened:
        campaign, before = campaign_of(opened, old)
        source = roster or opened.home / "rosters" / campaign.roster
        after, problems = load_roster(source)
        if after is None:
            raise Told("\n".join(["名册有误，没有建立新活动", *(one.text("zh") for one in problems)]))
        file, list_ = opened.home / "campaigns" / f"{id}.yaml", opened.home / "rosters" / f"{id}{source.suffix.lower()}"
        for path in (file, list_):
            if path.exists():
                raise Told(f"{path} 已经存在，请换一个编号")
        text = (opened.home / "campaigns" / f"{old}.yaml").read_text("utf-8-sig")
        list_.write_bytes(source.read_bytes())
        file.write_text(renewed(text, id, list_.name), encoding="utf-8")
        typer.echo(f"已写 {file}\n已写 {list_}")
        _tell_changes(changes(before, after))
        _tell_learned(opened, old)
        typer.echo(f"下一步：按新通知填写 {file} 里的期限、文号和原句，再运行 baosong check")


def _tell_changes(found: list[RosterChange]) -> None:
    typer.echo(f"名册与上次相比：{f'{len(found)} 处变化' if found else '没有变化'}")
    for one in found:
        typer.echo(f"  {WORDS[one.what]} {one.unit.code} {one.unit.name}{f'：{one.how}' if one.how else ''}")


def _tell_learned(opened: Office, old: str) -> None:
    """What the last time taught and holds for that campaign alone: the clerk decides what goes into the roster."""
    bad = opened.ledger.letters.bad_addresses(opened.now())
    roster = opened.config.rosters[old]
    said = [
        f"  {one.unit} 用过{'地址' if one.kind == 'address' else '名称'} {one.text}"
        for one in opened.ledger.taught.all(old)
    ]
    said += [
        f"  {unit.code} {unit.name}：{address} {bad[address.lower()]}"
        for unit in roster.units
        for address in unit.emails
        if address.lower() in bad
    ]
    if said:
        typer.echo("上次记住、只对上次有效的，要继续用请写进名册：")
        for line in said:
            typer.echo(line)


def handover_command(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="写到哪里，默认工作目录的 handover.html")] = None,
    at: At = None,
) -> None:
    """交接单：给下一位经办人的一页纸，写明活动、邮箱、没办完的事、东西在哪里、养成的习惯；可打印。"""
    with office(context, at) as opened:
        path = out or opened.home / "handover.html"
        path.write_text(handover_sheet(turnover(opened), opened.now(), ZONE), encoding="utf-8")
        typer.echo(f"交接单：{path}")


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("new")(new_command)
    app.command("handover-sheet")(handover_command)
