"""Works for the upper office: choose them, list them, and record what became of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from archive.barred import barred
from archive.judging.parts import Group
from archive.judging.selecting import anchor, choosable, files_of, meant, standing
from archive.records import Selection
from intake.cli.common import (
    ZONE,
    AsJson,
    At,
    Told,
    Who,
    campaign_of,
    console,
    office,
    print_json,
    who_acts,
)
from intake.rounds.office import Office

Number = Annotated[str, typer.Argument(help="编号")]
Work = Annotated[str, typer.Argument(metavar="PIECE|WORK", help="作品名，或作品里的一个附件，如 2/1.jpg")]
Whom = Annotated[str, typer.Option("--for", metavar="NAME", help="报给谁，如 团省委")]
RESULTS = {"used": "采用", "unused": "未采用", "": ""}


def select_command(
    context: typer.Context,
    number: Number,
    work: Work,
    whom: Whom,
    rank: Annotated[int | None, typer.Option(min=1, help="排第几，1 在最前")] = None,
    note: Annotated[str, typer.Option(help="说明，写入汇总表的备注")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="不再选送")] = False,
    who: Who = None,
    at: At = None,
) -> None:
    """选送：选一件作品报给上级；再选一次是改排序和说明，--drop 取消。"""
    with office(context, at) as opened:
        unit, group = _work(opened, number, work)
        campaign = opened.ledger.decisions.current(number)
        assert campaign is not None and campaign.campaign is not None
        old = _chosen_before(opened, campaign.campaign, whom, group)
        if drop:
            if old is None or not opened.ledger.selections.drop(_key(old), opened.now(), who_acts(who)):
                raise Told(f"《{group.title}》没有选送{whom}")
            typer.echo(f"《{group.title}》不再选送{whom}")
            return
        _check_may_travel(opened, group)
        key = (number, anchor(group, number), whom) if old is None else _key(old)
        opened.ledger.selections.choose(
            Selection(
                campaign.campaign, unit, key[0], key[1], group.item, group.title, whom, rank, note, opened.now(),
                who_acts(who),
            )
        )  # fmt: skip
        count = len(opened.ledger.selections.all(campaign.campaign, whom))
        typer.echo(f"已选送{whom}：《{group.title}》（{_unit_name(opened, campaign.campaign, unit)}），共 {count} 件")
        most = next((one.most for one in opened.config.campaigns[campaign.campaign].after if one.to == whom), None)
        if most is not None and count > most:
            typer.echo(f"{whom}只收 {most} 件，已选 {count} 件，请用 --drop 减去")


def result_command(
    context: typer.Context,
    number: Number,
    work: Work,
    outcome: Annotated[str, typer.Argument(help="used 采用 | unused 未采用")],
    whom: Whom,
    note: Annotated[str, typer.Option(help="说明，如奖项、刊期")] = "",
    who: Who = None,
    at: At = None,
) -> None:
    """登记选送的结果：上级采用还是没有采用。"""
    found: Literal["used", "unused"]
    if outcome in ("used", "采用"):
        found = "used"
    elif outcome in ("unused", "未采用"):
        found = "unused"
    else:
        raise typer.BadParameter("结果：used（采用） | unused（未采用）")
    with office(context, at) as opened:
        chosen = _chosen(opened, number, work, whom)
        opened.ledger.selections.result(_key(chosen), found, note, opened.now(), who_acts(who))
        typer.echo(f"已登记：《{chosen.title}》{whom}{RESULTS[found]}")


def selected_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    whom: Annotated[str | None, typer.Option("--for", metavar="NAME", help="只看报给谁的")] = None,
    as_json: AsJson = False,
) -> None:
    """选送了哪些作品、报给谁、结果如何。"""
    with office(context) as opened:
        asked, _ = campaign_of(opened, campaign)
        chosen = opened.ledger.selections.all(asked.id, whom)
        held = opened.ledger.decisions.holdings(asked.id)
        lost = {
            _key(one)
            for one in chosen
            if one.unit not in held or standing(one, choosable(asked, held[one.unit])) is None
        }
        if as_json:
            print_json([_shape(one, _key(one) not in lost) for one in chosen])
            return
        if not chosen:
            typer.echo("还没有选送作品（select 编号 作品 --for 上级）")
            return
        table = Table("报给", "排序", "作品", "单位", "编号", "结果", "说明")
        for one in chosen:
            gone = "；该文件已被代替或改判，请重新选" if _key(one) in lost else ""
            table.add_row(
                one.whom, str(one.rank or ""), one.title, _unit_name(opened, asked.id, one.unit), one.number,
                " ".join(filter(None, (RESULTS[one.result], one.result_note))), one.note + gone,
            )  # fmt: skip
        console().print(table)


def _shape(one: Selection, stands: bool) -> dict[str, Any]:
    """{campaign, unit, number, piece, item, title, for, rank|null, note, at, who, stands, result|null, …}."""
    told = one.result_at
    return {
        "campaign": one.campaign, "unit": one.unit, "number": one.number, "piece": one.piece, "item": one.item,
        "title": one.title, "for": one.whom, "rank": one.rank, "note": one.note,
        "at": one.at.astimezone(ZONE).isoformat(), "who": one.who, "stands": stands, "result": one.result or None,
        "result_note": one.result_note, "result_at": told.astimezone(ZONE).isoformat() if told else None,
    }  # fmt: skip


def _work(opened: Office, number: str, told: str) -> tuple[str, Group]:
    """The unit and the one work that is meant."""
    decision = opened.ledger.decisions.current(number)
    if decision is None:
        raise Told(f"没有编号 {number}")
    found = opened.campaign(decision.campaign)
    units = {decision.unit, *(piece.unit for piece in decision.pieces)} - {None}
    if found is None or not units:
        raise Told(f"{number} 还没有确定活动和单位，请先 assign")
    campaign, _ = found
    works: list[tuple[str, Group]] = []
    for unit in sorted(map(str, units)):
        holdings = opened.ledger.decisions.holdings(campaign.id, unit).get(unit)
        works += [(unit, group) for group in choosable(campaign, holdings)] if holdings else []
    named = [(unit, group) for unit, group in works if group in meant([each for _, each in works], number, told)]
    if len(named) == 1:
        return named[0]
    mine = [group.title for _, group in works if any(part.number == number for part in files_of(group))]
    known = "、".join(dict.fromkeys(mine)) or "（无）"
    raise Told(f"{number} 里“{told}”{'不止一件' if named else '没有找到'}，现有：{known}；也可以写附件，如 2/1.jpg")


def _chosen_before(opened: Office, campaign: str, whom: str, group: Group) -> Selection | None:
    chosen = opened.ledger.selections.all(campaign, whom)
    return next((one for one in chosen if standing(one, [group]) is not None), None)


def _chosen(opened: Office, number: str, told: str, whom: str) -> Selection:
    """A selection by its work, else, when the work was replaced since, by the file or title it was chosen with."""
    decision = opened.ledger.decisions.current(number)
    if decision is None or decision.campaign is None:
        raise Told(f"没有编号 {number}，或还没有确定活动")
    chosen = opened.ledger.selections.all(decision.campaign, whom)
    direct = [one for one in chosen if one.number == number and told in (one.piece, one.title)]
    if len(direct) == 1:
        return direct[0]
    _, group = _work(opened, number, told)
    found = _chosen_before(opened, decision.campaign, whom, group)
    if found is None:
        raise Told(f"《{group.title}》没有选送{whom}")
    return found


def _check_may_travel(opened: Office, group: Group) -> None:
    for number in {part.number for part in files_of(group)}:
        submission = opened.ledger.arrivals.submission(number)
        reasons = barred(submission.pieces) if submission else {}
        for part in files_of(group):
            if part.number == number and part.piece.path in reasons:
                raise Told(f"《{group.title}》的 {part.name} {reasons[part.piece.path]}，不能选送，请负责人另行处理")


def _unit_name(opened: Office, campaign: str, code: str) -> str:
    unit = opened.config.rosters[campaign].find(code)
    return unit.name if unit else code


def _key(one: Selection) -> tuple[str, str, str]:
    return one.number, one.piece, one.whom


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("select")(select_command)
    app.command("selected")(selected_command)
    app.command("result")(result_command)
