"""Commands for what is kept beside the mail: lists of filings and of those named before."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.records import Listing
from intake.cli.common import AsJson, At, Told, Who, campaign_of, office, print_json, who_acts
from intake.rounds.lists import ListRefused, Taken, take_list
from intake.rounds.office import Office

Day = Annotated[
    str | None, typer.Option("--date", metavar="DAY", help="名单导出的日期，默认用名单里写的，没有写就是今天")
]
OneUnit = Annotated[str | None, typer.Option("--unit", help="名单只属于这个单位（名册中的编号）")]
File = Annotated[Path | None, typer.Argument(metavar="LIST", exists=True, dir_okay=False, help="名单：xlsx、xls、csv")]
STATES = {"passed": "通过", "pending": "待审", "returned": "退回", "none": "未报"}
DATED = {"told": "按 --date", "file": "名单里写的", "before": "同一份名单上次导入时的", "today": "名单里没有写，按今天"}


def filing_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    list_file: File = None,
    day: Day = None,
    unit: OneUnit = None,
    who: Who = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """导入网络报备名单（未报、待审、通过、退回），新的代替旧的；不写名单则列出已导入的。"""
    with office(context, at) as opened:
        asked, _ = campaign_of(opened, campaign)
        if not any(item.kind == "filing" for item in asked.items):
            raise Told(f"活动“{campaign}”没有网络报备一项")
        _take(opened, campaign, "filing", list_file, day, unit, who, as_json)


def named_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    list_file: File = None,
    condition: Annotated[str, typer.Option(help="这份名单证明哪条申报条件（活动文件 eligibility 里的 id）")] = "title",
    day: Annotated[str | None, typer.Option("--date", metavar="DAY", help="命名文件的日期，默认用名单里写的")] = None,
    unit: OneUnit = None,
    who: Who = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """导入命名名单（曾获青年文明号的集体），在名单上的集体视为符合该条件；不写名单则列出已导入的。"""
    with office(context, at) as opened:
        asked, _ = campaign_of(opened, campaign)
        ids = [one.id for one in asked.eligibility if one.shown_by == "named"]
        if condition not in ids:
            known = "、".join(ids) or "（无）"
            raise Told(f"活动“{campaign}”没有可用命名名单证明的条件“{condition}”，可用：{known}")
        _take(opened, campaign, f"named:{condition}", list_file, day, unit, who, as_json)


def _take(
    opened: Office, campaign: str, kind: str, path: Path | None, day: str | None, unit: str | None, who: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    if path is None:
        _list_all(opened, campaign, kind, as_json)
        return
    _, roster = campaign_of(opened, campaign)
    if unit is not None and roster.find(unit) is None:
        raise Told(f"名册中没有编号为“{unit}”的单位")
    try:
        taken = take_list(opened, campaign, kind, path, who_acts(who), _day(day), unit or "")
    except ListRefused as why:
        raise Told(str(why)) from None
    if as_json:
        print_json(_shape(taken))
        return
    for sentence in _sentences(taken):
        typer.echo(sentence)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"看不懂日期 {text!r}，请写成 2018-07-15") from None


def _sentences(taken: Taken) -> list[str]:
    listing = taken.listing
    counts = "，".join(f"{STATES[state]} {count}" for state, count in taken.states.items() if count)
    rows = f"{len(listing.entries)} 个集体" + (f"（{counts}）" if listing.kind == "filing" else "")
    done = "已导入" if taken.new else "这份名单已经导入过，没有变化"
    said = [f"{done}：{listing.name}，{listing.day.isoformat()}（{DATED[taken.dated]}），{rows}"]
    if taken.unknown_units:
        said.append(f"名册中找不到这些管理单位，将按集体名称对应：{_some(taken.unknown_units)}")
    if taken.unknown_states:
        said.append(f"不认识这些状态，按待审处理：{_some(taken.unknown_states)}")
    return said


def _some(words: tuple[str, ...]) -> str:
    return "、".join(words[:8]) + (f" 等 {len(words)} 个" if len(words) > 8 else "")


def _shape(taken: Taken) -> dict[str, Any]:
    return {
        **_listing(taken.listing),
        "new": taken.new,
        "dated": taken.dated,
        "states": taken.states,
        "unknown_units": list(taken.unknown_units),
        "unknown_states": list(taken.unknown_states),
    }


def _listing(one: Listing) -> dict[str, Any]:
    return {
        "campaign": one.campaign,
        "kind": one.kind,
        "name": one.name,
        "unit": one.unit or None,
        "day": one.day.isoformat(),
        "sha256": one.sha256,
        "rows": len(one.entries),
        "who": one.who,
    }


def _list_all(opened: Office, campaign: str, kind: str, as_json: bool) -> None:
    found = [one for one in opened.ledger.listings.all(campaign) if one.kind == kind]
    if as_json:
        print_json([_listing(one) for one in found])
        return
    for one in found:
        typer.echo(f"{one.day.isoformat()}  {one.name}  {len(one.entries)} 个集体  {one.unit or '全部单位'}  {one.who}")
    if not found:
        typer.echo("还没有导入过名单")


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("filing")(filing_command)
    app.command("named")(named_command)
