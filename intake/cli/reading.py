"""Commands that only read: status, show, outbox, queue."""

from __future__ import annotations

from typing import Annotated

import typer

from archive import shapes
from archive.judging.findings import OFFICE_CODES
from intake.cli.beside import beside_lines, condition_lines
from intake.cli.common import ZONE, AsJson, At, Told, campaign_of, console, office, print_json, who_acts
from intake.cli.views import (
    announced_line,
    handed_line,
    outbox_table,
    period_lines,
    queue_table,
    reported_lines,
    show_of,
    status_table,
)
from intake.rounds.acting import NotNow, cancel, hold, note, release, send_now
from intake.rounds.office import Office
from intake.rounds.planning import checklists, planned_letters
from intake.rounds.problems import tell_failed
from intake.rounds.promises import tend
from intake.rounds.waiting import waiting
from intake.worker import MANIFEST, MESSAGE


def status_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """应报清单：各单位各项材料的收齐情况。"""
    with office(context, at) as opened:
        asked, roster = campaign_of(opened, campaign)
        now = opened.now()
        listed = checklists(opened, asked, roster, now)
        if as_json:
            print_json(shapes.status(asked, roster, listed, now))
            return
        console().print(status_table(asked, roster, listed))
        for line in period_lines(asked, now):
            typer.echo(line)
        for unit in roster.units:
            for item in listed[unit.code].items:
                for one in item.findings:
                    mark = "待办" if one.code in OFFICE_CODES else "要求" if one.severity == "demand" else "建议"
                    typer.echo(f"  {unit.name}·{item.name} [{mark}] {one.number or ''} {one.text}")
            for total in listed[unit.code].totals:
                if total.state == "short" and listed[unit.code].state != "silent":
                    typer.echo(f"  {unit.name} [要求] {total.text}")
        for line in beside_lines(opened, asked, roster, now):
            typer.echo(line)


def show_command(
    context: typer.Context, number: Annotated[str, typer.Argument(help="编号")], as_json: AsJson = False
) -> None:
    """一件来件：收到了什么、实测如何、判为什么、依据是什么。"""
    number = number.upper()
    with office(context) as opened:
        shown = show_of(opened, number)
        if as_json:
            print_json(shown)
            return
        place = opened.ledger.arrivals.place(number)
        typer.echo(f"{number}  {shown['received']}  {shown['sender']}\n主题：{shown['subject']}")
        typer.echo(f"活动：{shown['campaign'] or '未定'}  单位：{shown['unit'] or '未定'}  ({shown['confidence']:.0%})")
        if shown["handed"] is not None:
            typer.echo(handed_line(shown["handed"]))
        for one in shown["evidence"]:
            typer.echo(f"  依据：{one['text']}（{one['points']:g}）")
        decision = opened.ledger.decisions.current(number)
        for word in decision.announced if decision else ():
            typer.echo(f"所称：{announced_line(word)}")
        for piece in shown["pieces"]:
            facts = "，".join(f"{k}={v}" for k, v in piece["facts"].items() if v is not None)
            typer.echo(
                f"附件 {piece['path']}  {piece['type']}  {piece['size']} 字节  → {piece['item'] or '—'}  {facts}"
            )
            for one in piece["evidence"]:
                typer.echo(f"    依据：{one['text']}")
            for one in piece["findings"]:
                typer.echo(f"    核对：{one['text']}")
        answer = "、".join(shown["letters"]) or f"无（{shown['answer_rule']}）"
        for line in reported_lines(opened.ledger.events.of(number)):
            typer.echo(line)
        typer.echo(f"答复：{answer}\nSHA-256：{shown['sha256']}")
        if place is not None:
            original = MESSAGE if shown["channel"] == "mail" else MANIFEST
            typer.echo(f"原件：{opened.vault.content_path(place.mailbox, place.year, number, original)}")


def outbox_command(
    context: typer.Context,
    release_key: Annotated[str | None, typer.Option("--release", metavar="KEY|all", help="放行待审或暂缓的信")] = None,
    hold_key: Annotated[str | None, typer.Option("--hold", metavar="KEY|all", help="暂缓计划中或待发的信")] = None,
    cancel_key: Annotated[str | None, typer.Option("--cancel", metavar="KEY", help="取消一封未发的信")] = None,
    now_key: Annotated[
        str | None, typer.Option("--now", metavar="KEY", help="这封信现在就发，不等时间（期限后和不可用的地址除外）")
    ] = None,
    note_on: Annotated[
        tuple[str, str] | None, typer.Option("--note", metavar="KEY 文字", help="在一封信上记一句备注")
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="KEY", help="显示一封信的全文")] = None,
    campaign: Annotated[str | None, typer.Option(help="与 --release all、--hold all 同用：只管这个活动")] = None,
    who: Annotated[str | None, typer.Option("--who", help="经办人")] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """待发：计划、待审、待发、已发的信；可放行、暂缓、取消、马上发、加备注，计划中的信也可以。"""
    with office(context, at) as opened:
        staff = who_acts(who)
        if campaign is not None:
            campaign_of(opened, campaign)
        acts = [act(opened, key, staff, campaign) for act, key in ((release, release_key), (hold, hold_key)) if key]
        acts += [act(opened, key, staff) for act, key in ((cancel, cancel_key), (_send_now, now_key)) if key]
        acts += [note(opened, *note_on, staff)] if note_on is not None else []
        for count in acts:
            typer.echo(f"{count} 封")
        if acts:
            raise typer.Exit(0 if all(acts) else 1)
        all_ = [*opened.ledger.letters.outbox(), *planned_letters(opened, opened.now())]
        if text is not None:
            found = next((one for one in all_ if one.key == text), None)
            typer.echo(found.text if found else f"没有信件 {text}")
            raise typer.Exit(0 if found else 1)
        if as_json:
            print_json([shapes.letter(one, ZONE) for one in all_])
        else:
            notes = {key: act.note for key, act in opened.ledger.acts.all().items() if act.note}
            console().print(outbox_table(all_, notes))


def _send_now(opened: Office, key: str, who: str) -> int:
    try:
        return send_now(opened, key, who)
    except NotNow as why:
        raise Told(f"不能发：{why}") from None


def queue_command(
    context: typer.Context,
    done: Annotated[int | None, typer.Option(metavar="序号", help="这件事已经处理")] = None,
    failed: Annotated[int | None, typer.Option(metavar="序号", help="链接打不开：写信请单位重新发送")] = None,
    who: Annotated[str | None, typer.Option("--who", help="经办人")] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """待核对：等人判断的事；处理完的用 --done 划去（assign、classify 会自动划去）。"""
    with office(context, at) as opened:
        if failed is not None:
            key = tell_failed(opened, failed, who_acts(who))
            if key is None:
                raise Told(f"序号 {failed} 不是待下载的链接，或此来件不能答复、已写过信（见 queue、outbox）")
            typer.echo(f"已写信请单位重新发送：{key}")
            return
        if done is not None:
            if not opened.ledger.decisions.settle(done, opened.now(), who_acts(who)):
                raise Told(f"待核对中没有序号 {done}")
            tend(opened)
            return
        lines = waiting(opened)
        if as_json:
            print_json([shapes.question(one.question, ZONE) for one in lines])
        else:
            console().print(queue_table(lines))
            for id, asked in opened.config.campaigns.items():
                if asked.status in ("open", "closed"):
                    for line in condition_lines(opened, asked, opened.config.rosters[id], opened.now()):
                        typer.echo(f"{id} {line}")


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("status")(status_command)
    app.command("show")(show_command)
    app.command("outbox")(outbox_command)
    app.command("queue")(queue_command)
