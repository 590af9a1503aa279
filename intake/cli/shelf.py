"""The command `shelf`: the living folder, by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.kept_folder import Done
from intake.cli.common import At, Told, campaign_of, office
from intake.rounds.shelving import clear, shelve

BUSY = "材料夹正由另一个程序更新，请稍后再试"


def shelf_command(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Argument(help="活动；不写就是全部")] = None,
    anew: Annotated[bool, typer.Option("--anew", help="先移除本程序放入且未被改动的文件，再全部重新放入")] = False,
    at: At = None,
) -> None:
    """材料夹：按活动、单位、材料放好的副本和汇总表，供日常查看；自己放入或改过的文件不会动。"""
    with office(context, at) as opened:
        if campaign is not None:
            campaign_of(opened, campaign)
        only = None if campaign is None else [campaign]
        for id in (only or list(opened.config.campaigns)) if anew else ():
            cleared = clear(opened, id)
            if cleared is None:
                raise Told(BUSY)
            for sentence in cleared.said:
                typer.echo(f"  {sentence}")
        done = shelve(opened, only, whole=True)
        if done is None:
            raise Told(BUSY)
        for id, one in done.items():
            typer.echo(f"{id}  {_counts(one)}")
            for sentence in one.said:
                typer.echo(f"  {sentence}")
        typer.echo(f"位置：{opened.home / 'shelf'}")
    if any(one.open for one in done.values()):
        raise typer.Exit(1)


def _counts(done: Done) -> str:
    if not done.written and not done.removed:
        return "没有变化"
    parts = [f"放入 {done.written} 个文件"] if done.written else []
    return "，".join([*parts, *([f"移除 {done.removed} 个"] if done.removed else [])])


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("shelf")(shelf_command)
