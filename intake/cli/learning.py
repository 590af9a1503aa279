"""Commands about what was learned from staff: list and forget it, judge anew, and say how well the program decides."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from archive.ledger.taught import Lesson
from config.campaign import Campaign
from intake.cli.common import (
    ZONE,
    AsJson,
    At,
    DryRun,
    Told,
    Who,
    campaign_of,
    console,
    office,
    print_json,
    progress,
    who_acts,
)
from intake.evaluation import Outcome, Tally, confusion, rules_tally, tally
from intake.learned import FEWEST, NONE
from intake.rounds.evaluating import outcomes
from intake.rounds.learning import model_of
from intake.rounds.office import Office
from intake.rounds.reclassifying import Proposal, apply, numbers_to_look_at, proposals

KINDS = {"address": "发件人", "alias": "名称"}
TOO_FEW = "由经办人确认过的还太少，暂不能评估：请先用 assign、classify 核对几件来件"


def learned_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    forget: Annotated[int | None, typer.Option(metavar="序号", help="不再记住这一条；已作的判定不变")] = None,
    who: Who = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """学到的：记住的发件人和单位名称，以及各项材料已确认多少份；可用 --forget 忘掉一条。"""
    with office(context, at) as opened:
        asked, _ = campaign_of(opened, campaign)
        if forget is not None:
            lesson = opened.ledger.taught.forget(forget, campaign, opened.now(), who_acts(who))
            if lesson is None:
                raise Told(f"没有序号 {forget}；learned {campaign} 可以看到现有的")
            typer.echo(f"不再记住{KINDS[lesson.kind]}“{lesson.text}”→ {lesson.unit}；已作的判定不变")
            return
        lessons = opened.ledger.taught.all(campaign)
        if as_json:
            print_json([_lesson(one) for one in lessons])
            return
        _list(opened, asked, lessons)


def _lesson(one: Lesson) -> dict[str, Any]:
    at = one.at.astimezone(ZONE).isoformat()
    return {"id": one.id, "kind": one.kind, "text": one.text, "campaign": one.campaign, "unit": one.unit,
            "number": one.number, "at": at, "who": one.who}  # fmt: skip


def _list(opened: Office, campaign: Campaign, lessons: tuple[Lesson, ...]) -> None:
    roster = opened.config.rosters[campaign.id]
    for one in lessons:
        unit = roster.find(one.unit)
        name = unit.name if unit else f"{one.unit}（名册中已没有，不起作用）"
        source = f"，来件 {one.number}" if one.number else ""
        typer.echo(f"{one.id:>4}  {KINDS[one.kind]}  {one.text} → {name}  {one.who}{source}")
    if not lessons:
        typer.echo("还没有记住发件人或单位名称（assign 编号 --remember 或 --alias 名称）")
    model = model_of(opened, campaign.id)
    told = {} if model is None else model.confirmed
    for item in campaign.items:
        if count := told.get(item.id, 0):
            typer.echo(f"{item.name}：已确认 {count} 份" + ("" if count >= FEWEST else f"，满 {FEWEST} 份后参与判断"))


def reclassify_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    dry_run: DryRun = False,
    applied: Annotated[bool, typer.Option("--apply", help="照此改判，记为新的一版")] = False,
    who: Who = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """重新判定：哪些来件按现在的规则和已确认的情况会判得不同；只列出，加 --apply 才改。人工判定的不动。"""
    if dry_run and applied:
        raise typer.BadParameter("--dry-run 与 --apply 只能写一个")
    with office(context, at) as opened:
        campaign_of(opened, campaign)
        with progress("重新判定", len(numbers_to_look_at(opened, campaign))) as advance:
            found = proposals(opened, campaign, advance)
        done = sum(apply(opened, one, who_acts(who)) for one in found) if applied else 0
        if as_json:
            print_json([line for one in found for line in _changes(one)])
            return
        for one in found:
            for line in _changes(one):
                place = f" {line['piece']}" if line["piece"] else ""
                typer.echo(f"{line['number']}{place}  {line['from']} → {line['to']}  因为：{line['why'] or '—'}")
        ending = f"已改判 {done} 件" if applied else "未改动；要照此改判请加 --apply"
        typer.echo(f"{len(found)} 件会判得不同，{ending}" if found else "没有会判得不同的来件")


def _changes(one: Proposal) -> list[dict[str, Any]]:
    number = one.submission.number
    return [
        {"number": number, "piece": each.piece, "from": each.was, "to": each.now, "why": each.why}
        for each in one.changes
    ]


def evaluate_command(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Argument(help="活动，默认全部")] = None,
    as_json: AsJson = False,
) -> None:
    """评估：拿经办人确认过的考一考程序，判定了多少、判对多少、错在哪里（交叉验证，不拿答案考自己）。"""
    with office(context) as opened:
        ids = list(opened.config.campaigns) if campaign is None else [campaign_of(opened, campaign)[0].id]
        results = {id: outcomes(opened, opened.config.campaigns[id]) for id in ids}
        if as_json:
            print_json([_evaluated(id, found) for id, found in results.items()])
            return
        told = {id: found for id, found in results.items() if found or campaign is not None}
        if not told:
            typer.echo(TOO_FEW)
        for id, found in told.items():
            _say(opened.config.campaigns[id], found)


def _evaluated(id: str, found: list[Outcome]) -> dict[str, Any]:
    pieces = [one for one in found if one.piece is not None]
    table = sorted(confusion(found).items(), key=lambda entry: (entry[0][0], entry[0][1] or ""))
    return {
        "campaign": id,
        "units": _counts(tally(one for one in found if one.piece is None)),
        "pieces": _counts(tally(pieces)),
        "pieces_by_rules": _counts(rules_tally(pieces)),
        "confusion": [{"truth": truth, "decided": seen, "count": count} for (truth, seen), count in table],
        "wrong": [
            {"number": one.number, "piece": one.piece, "truth": one.truth, "decided": one.decided}
            for one in _wrong(found)
        ],
    }


def _counts(one: Tally) -> dict[str, Any]:
    return {"confirmed": one.confirmed, "decided": one.decided, "right": one.right, "wrong": one.wrong,
            "share": round(one.share, 4), "accuracy": round(one.accuracy, 4)}  # fmt: skip


def _wrong(found: list[Outcome]) -> list[Outcome]:
    return [one for one in found if one.decided is not None and one.decided != one.truth]


def _say(campaign: Campaign, found: list[Outcome]) -> None:
    typer.echo(f"{campaign.title}")
    if not found:
        typer.echo(TOO_FEW)
        return
    pieces = [one for one in found if one.piece is not None]
    typer.echo(f"  单位　　　　{_sentence(tally(one for one in found if one.piece is None))}")
    typer.echo(f"  材料　　　　{_sentence(tally(pieces))}")
    typer.echo(f"  （只凭规则）{_sentence(rules_tally(pieces))}")
    for one in _wrong(found):
        what = f"附件 {one.piece}" if one.piece else "单位"
        typer.echo(f"  判错：{one.number} {what}，程序判为 {_name(campaign, one.decided)}，"
                   f"确认为 {_name(campaign, one.truth)}")  # fmt: skip
    if pieces:
        console().print(_confusion_table(campaign, found))


def _sentence(one: Tally) -> str:
    if not one.confirmed:
        return "没有确认过的"
    return (f"确认过 {one.confirmed} 个，程序能判定 {one.decided} 个（{one.share:.0%}），"
            f"判对 {one.right} 个（{one.accuracy:.1%}），判错 {one.wrong} 个")  # fmt: skip


def _confusion_table(campaign: Campaign, found: list[Outcome]) -> Table:
    counts = confusion(found)
    truths = sorted({truth for truth, _ in counts})
    columns: list[str | None] = [*sorted({seen for _, seen in counts if seen is not None}), None]
    table = Table(title="行：经办人确认的；列：程序会判的")
    table.add_column("")
    for seen in columns:
        table.add_column(_name(campaign, seen), justify="right")
    for truth in truths:
        table.add_row(_name(campaign, truth), *(str(counts[truth, seen] or "") for seen in columns))
    return table


def _name(campaign: Campaign, item: str | None) -> str:
    if item is None:
        return "待核对"
    if item == NONE:
        return "不是报送材料"
    return next((one.name for one in campaign.items if one.id == item), item)


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("learned")(learned_command)
    app.command("reclassify")(reclassify_command)
    app.command("evaluate")(evaluate_command)
