"""The command `rebuild`: the ledger made again from the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout

from archive.ledger.rebuilding import HELD
from archive.rebuild import Rebuilt, rebuild
from archive.vault import Vault
from intake.cli.common import AsJson, Told, office, options, print_json, progress
from intake.service import clock

LEDGER = "ledger.db"
NEW = "ledger.db.rebuilt"


def rebuild_command(
    context: typer.Context,
    resume: Annotated[bool, typer.Option("--resume", help="重建后核对过待发的信，恢复发信")] = False,
    as_json: AsJson = False,
) -> None:
    """重建：台账丢了或坏了，从档案重新做出来；来件不会重收、重编号、重答复，发信先暂停，核对后用 --resume 恢复。"""
    home = options(context).home
    if resume:
        with office(context) as opened:
            opened.ledger.versions.set(HELD, None)
        typer.echo("已恢复发信")
        return
    if not (home / "archive" / "0=ocfl_1.1").is_file():
        raise Told(f"{home} 中没有档案（archive），没有什么可以重建")
    (home / "locks").mkdir(exist_ok=True)
    lock = FileLock(home / "locks" / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Told("服务正在运行，请先结束它再重建") from None
    try:
        vault = Vault(home / "archive")
        with progress("重建", sum(1 for _ in vault.objects())) as advance:
            done = rebuild(vault, home / NEW, advance)
        aside = _put_aside(home)
        (home / NEW).rename(home / LEDGER)
    finally:
        lock.release()
    _tell(done, aside, as_json)
    if done.troubles:
        raise typer.Exit(1)


def _put_aside(home: Path) -> str:
    """The old ledger stays beside, whatever it is worth; gives its name."""
    name = f"{LEDGER}.before-rebuild-{clock():%Y%m%d%H%M%S}"
    for ending in ("", "-wal", "-shm"):
        old = home / f"{LEDGER}{ending}"
        if old.exists():
            old.rename(home / f"{name}{ending}")
    return name if (home / name).exists() else ""


def _tell(done: Rebuilt, aside: str, as_json: bool) -> None:
    if as_json:
        shown = {"submissions": done.submissions, "events": done.events, "troubles": list(done.troubles)}
        print_json({**shown, "before": aside or None})
        return
    for trouble in done.troubles:
        typer.echo(f"! {trouble}")
    typer.echo(f"已重建：{done.submissions} 件，{done.events} 条记录" + (f"；原来的台账留在 {aside}" if aside else ""))
    typer.echo("发信已暂停：看过 outbox 后运行 baosong rebuild --resume 恢复；账号要重新建立")


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("rebuild")(rebuild_command)
