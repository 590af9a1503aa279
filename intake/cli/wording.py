"""Commands about the wording of letters: preview one with real data, approve the office's own templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from config.campaign import Campaign
from intake.cli.common import At, Told, Who, campaign_of, office, who_acts
from intake.rounds.office import Office
from intake.rounds.preview import PREVIEWED, NothingToSay, preview
from intake.rounds.wording import approve, unapproved


def preview_command(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="｜".join(PREVIEWED))],
    unit: Annotated[str, typer.Option(help="报送单位编号")],
    campaign: Annotated[str | None, typer.Option(help="活动；只有一个开放的活动时可不写")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="另存为网页，用浏览器查看")] = None,
    at: At = None,
) -> None:
    """预览：用该单位的真实数据写出一封信看看，不保存、不发出。"""
    if kind not in PREVIEWED:
        raise typer.BadParameter(f"没有 {kind} 这种信，可用：{'、'.join(PREVIEWED)}")
    with office(context, at) as opened:
        asked, roster = campaign_of(opened, campaign or _only(opened))
        found = roster.find(unit)
        if found is None:
            raise Told(f"名册中没有编号为“{unit}”的单位")
        try:
            shown = preview(opened, asked, found, kind)
        except NothingToSay as why:
            raise Told(str(why)) from None
        if shown.kind != kind:
            typer.echo(f"（按该单位现在的情况，会写的是 {shown.kind}，如下）")
        typer.echo(f"主题：{shown.words.subject}\n模板：{_source(opened, asked, shown.words.template)}\n")
        typer.echo(shown.words.text)
        if html is not None:
            html.write_text(shown.words.html, "utf-8")
            typer.echo(f"网页：{html}")
        if shown.words.broken is not None:
            raise Told(f"信件模板有误，以上用的是原有模板：{shown.words.broken}")


def approve_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    kinds: Annotated[list[str] | None, typer.Argument(help="哪些模板，默认全部未审定的")] = None,
    who: Who = None,
    at: At = None,
) -> None:
    """审定：本单位改过的信件模板看过无误，以后按它发信；模板再改须重新审定。"""
    with office(context, at) as opened:
        asked, _ = campaign_of(opened, campaign)
        waiting = unapproved(opened, asked.id)
        chosen = tuple(kinds or waiting)
        wrong = [name for name in chosen if name not in waiting]
        if wrong or not waiting:
            named = f"：{'、'.join(wrong)}" if wrong else ""
            raise Told(f"没有待审定的模板{named}；待审定：{'、'.join(waiting) or '（无）'}")
        approve(opened, asked.id, chosen, who_acts(who))
        typer.echo(f"已审定：{'、'.join(chosen)}；此前拟好的草稿用 outbox --release 放行")


def _only(opened: Office) -> str:
    running = [id for id, one in opened.config.campaigns.items() if one.status == "open"]
    if len(running) != 1:
        raise Told(f"请用 --campaign 指定活动，现有：{'、'.join(opened.config.campaigns) or '（无）'}")
    return running[0]


def _source(opened: Office, campaign: Campaign, template: str) -> str:
    wording = opened.wording(campaign.id)
    return "、".join(wording.files[name] for name in wording.used_for(template)) or "原有模板"


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("preview")(preview_command)
    app.command("approve")(approve_command)
