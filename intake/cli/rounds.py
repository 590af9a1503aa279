"""Commands that run one round, the service, and the demo."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from intake import running
from intake.cli.common import (
    AsJson,
    At,
    DryRun,
    Told,
    campaign_of,
    console,
    office,
    options,
    print_json,
    progress,
)
from intake.cli.views import plan_tables, show_of
from intake.mailbox import Mailbox, MailboxDown
from intake.overview import overview
from intake.reminders import Due
from intake.rounds.amended import follow_versions
from intake.rounds.answer import answer_one, compose
from intake.rounds.collect import collect
from intake.rounds.copies import copy_sent
from intake.rounds.deliver import deliver, sending
from intake.rounds.filing import Filed, answering
from intake.rounds.office import Office
from intake.rounds.planning import checklists, plans
from intake.rounds.record import record_one
from intake.rounds.remind import remind
from intake.rounds.second import copy_batch
from intake.service import NoHome, drain

Mailboxes = Annotated[list[str] | None, typer.Argument(help="邮箱名，默认全部", show_default=False)]


def collect_command(context: typer.Context, mailboxes: Mailboxes = None, at: At = None, dry_run: DryRun = False,
                    as_json: AsJson = False) -> None:  # fmt: skip
    """收信：把各邮箱中的新邮件取回、归档、登记。"""
    with office(context, at) as opened:
        down = []
        for name in mailboxes or list(opened.config.settings.mailboxes):
            if opened.mailbox(name) is None:
                raise Told(f"settings.yaml 中没有邮箱“{name}”")
            if dry_run:
                _would_collect(opened, name)
                continue
            with progress(f"收信 {name}") as advance:
                if not collect(opened, name, teller(opened, advance, as_json)):
                    down.append(name)
        for name in down:
            row = opened.ledger.arrivals.mailbox(name)
            typer.echo(f"邮箱 {name}：{row.last_trouble if row else '另一个程序正在收取'}", err=True)
        if down:
            raise typer.Exit(1)


def _would_collect(opened: Office, name: str) -> None:
    settings = opened.config.settings.mailboxes[name]
    try:
        password = opened.secret(settings.imap.password)
        with Mailbox(name, settings, password, opened.spool, opened.config.settings.limits) as mailbox:
            for folder in settings.folders:
                status = mailbox.open(folder)
                memory = opened.ledger.arrivals.folder(name, folder)
                cursor = memory.cursor if memory.uidvalidity == status.uidvalidity else 0
                new = mailbox.present(cursor + 1, max(cursor + 1, status.uidnext - 1)) - memory.rows
                typer.echo(f"{name}/{folder}：将取回 {len(new)} 封新邮件")
    except MailboxDown as trouble:
        raise Told(f"邮箱 {name}：{trouble.sentence}") from None


def teller(opened: Office, advance: Callable[[int], None], as_json: bool) -> Callable[[list[Filed]], None]:
    def tell(filed: list[Filed]) -> None:
        advance(len(filed))
        _told(opened, filed, as_json)

    return tell


def _told(opened: Office, filed: list[Filed], as_json: bool) -> None:
    for one in filed:
        if as_json:
            if one.number is not None:
                print_json(show_of(opened, one.number), one_line=True)
        elif one.number is None:
            typer.echo(f"无关来信  {one.source.path or f'{one.source.folder} UID {one.source.uid}'}")
        else:
            shown = show_of(opened, one.number)
            again = "（重复，已有编号）" if one.state == "duplicate" else ""
            unit = shown["unit"] or "单位待定"
            typer.echo(f"{one.number}{again}  {unit}  {len(shown['pieces'])} 个附件  {shown['subject']}")


def answer_command(
    context: typer.Context,
    numbers: Annotated[list[str] | None, typer.Argument(help="放行这些来件的答复")] = None,
    at: At = None,
    dry_run: DryRun = False,
) -> None:
    """答复：到时的来件各写一封信；给出编号则放行首日邮件或导入件的答复。"""
    with office(context, at) as opened:
        for number in numbers or []:
            release_answer(opened, number)
        if dry_run:
            previews = opened.ledger.windows.preview(opened.now(), lambda due: compose(opened, due))
            for new in previews:
                typer.echo(f"—— 将写给 {new.letter.to}（{new.letter.kind}，{new.letter.state}）\n{new.letter.text}\n")
            typer.echo(f"共 {len(previews)} 封，未写入")
            return
        follow_versions(opened)
        typer.echo(f"已写 {drain(lambda: answer_one(opened))} 封")


def release_answer(opened: Office, number: str) -> None:
    """Let a 件 that was filed without an answer be answered now."""
    submission, decision = opened.ledger.arrivals.submission(number), opened.ledger.decisions.current(number)
    if submission is None or decision is None:
        raise Told(f"没有编号 {number}")
    how = answering(opened, submission, decision)
    if how is None:
        raise Told(f"{number} 不能答复：活动未开放、不是报送件，或发信人不应自动答复（见 show {number}）")
    opened.ledger.windows.answer(number, how, opened.now())


def remind_command(
    context: typer.Context,
    campaign: Annotated[str | None, typer.Argument(help="活动，默认全部")] = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """提醒：写出到时的报送提醒；--dry-run 列出谁会收到、谁不会、为什么。"""
    with office(context, at) as opened:
        if campaign is not None:
            campaign_of(opened, campaign)
        if dry_run:
            planned = plans(opened, opened.now(), campaign)
            if as_json:
                print_json([_due(id, due) for id, all_ in planned.items() for due in all_])
                return
            for id, dues in planned.items():
                _tell_plan(opened, id, dues)
            return
        written = remind(opened, campaign)
        typer.echo(f"已写 {len(written)} 封提醒")


SILENT = {"example": "是示例", "draft": "还在起草", "closed": "已经结束"}


def _tell_plan(opened: Office, id: str, dues: tuple[Due, ...]) -> None:
    """The plan of one campaign: who gets what, who not and why, whom to call."""
    campaign, roster = campaign_of(opened, id)
    if campaign.status != "open" or campaign.mode == "silent":
        typer.echo(f"{id} {SILENT.get(campaign.status, '设为不发信')}，不提醒任何单位")
        return
    now = opened.now()
    listed = checklists(opened, campaign, roster, now)
    lines = overview(campaign, roster, listed, dues, opened.ledger.letters.said(id), now)
    calls = [due for due in dues if due.kind == "phone"]
    for table in plan_tables(campaign, lines, calls, roster):
        if table.row_count:
            console().print(table)
    if campaign.mode == "cautious":
        typer.echo("本活动为谨慎模式：到时的信先作草稿，用 outbox --release 放行后才发")


def deliver_command(context: typer.Context, at: At = None, dry_run: DryRun = False) -> None:
    """发信：把待发的信逐封发出。"""
    with office(context, at) as opened:
        why = sending(opened)
        if why is not None:
            raise Told(why)
        if dry_run:
            waiting = [one for one in opened.ledger.letters.outbox() if one.state in ("queued", "deferred")]
            for one in waiting:
                typer.echo(f"将发往 {one.to}：{one.subject}")
            return
        with progress("发信") as advance:
            count = deliver(opened, progress=advance)
            for name in opened.config.settings.mailboxes:
                copy_sent(opened, name)
        typer.echo(f"已处理 {count} 封")


def record_command(context: typer.Context, at: At = None) -> None:
    """记录：把更改过的判定和发生的事写入档案库，再复制到第二份存档（设了的话）。"""
    with office(context, at) as opened:
        typer.echo(f"已写入 {drain(lambda: record_one(opened))} 项")
        copied = sum(iter(lambda: copy_batch(opened), 0))
        if copied:
            typer.echo(f"已复制 {copied} 个对象到第二份存档")


def run_command(context: typer.Context) -> None:
    """运行服务：按时收信、答复、提醒、发信、记录，直到按 Ctrl-C。"""
    stop = threading.Event()
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda *_: stop.set())
    try:
        well = running.run(options(context).home, stop, typer.echo, lambda text: typer.echo(text, err=True))
    except (NoHome, running.Busy) as trouble:
        raise Told(str(trouble)) from None
    if not well:
        typer.echo("有一步还没做完，下次启动时接着做", err=True)
        os._exit(0)  # its thread would hold the program up


def _due(campaign: str, due: Due) -> dict[str, object]:
    shown = {key: getattr(due, key) for key in ("key", "kind", "unit", "to", "due", "letter", "reason", "items")}
    return {"campaign": campaign, **shown, "due": str(due.due)}


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("collect")(collect_command)
    app.command("answer")(answer_command)
    app.command("remind")(remind_command)
    app.command("deliver")(deliver_command)
    app.command("record")(record_command)
    app.command("run")(run_command)
