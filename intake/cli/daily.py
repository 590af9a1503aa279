"""Commands for the office's own day: the digest and the health."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from archive import shapes
from archive.desk import Trouble
from intake.cli.common import ZONE, AsJson, At, DryRun, Told, office, print_json
from intake.daily.paper import words
from intake.digest import Digest
from intake.rounds.digest import compose, digest_one, write
from intake.rounds.health import health

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE.html", help="另存一份此刻的摘要，用浏览器打开、打印")]


def digest_command(
    context: typer.Context, at: At = None, dry_run: DryRun = False, out: Out = None, as_json: AsJson = False
) -> None:
    """每日摘要：到时写进 digests 文件夹并发给工作人员；--dry-run 只显示，--out 另存，都不算今天的。"""
    with office(context, at) as opened:
        if as_json or dry_run or out is not None:
            digest = compose(opened)
            if out is not None:
                try:
                    typer.echo(f"已写 {write(out, words(digest).html)}", err=as_json)
                except OSError as trouble:
                    raise Told(f"不能写入 {out}：{trouble.strerror}") from None
            if as_json:
                print_json(digest_shape(digest))
            elif dry_run:
                typer.echo(words(digest).text)
            return
        today = opened.now().astimezone(ZONE).date()
        if digest_one(opened):
            typer.echo(f"已写 {opened.home / 'digests' / f'{today}.html'}")
        elif not opened.config.calendar.is_workday(today):
            typer.echo("今天不是工作日，不写摘要；想看请加 --dry-run 或 --out")
        elif (opened.home / "digests" / f"{today}.html").exists():
            typer.echo(f"今天的已经写好：{opened.home / 'digests' / f'{today}.html'}")
        else:
            typer.echo(f"还没到 {opened.config.settings.digest.at:%H:%M}；想看请加 --dry-run 或 --out")


def health_command(context: typer.Context, at: At = None, as_json: AsJson = False) -> None:
    """是否一切正常：收信、发信、待核对、磁盘、日历、摘要；有问题逐条说明，退出码为 1。"""
    with office(context, at) as opened:
        found = health(opened)
        if as_json:
            now = shapes.moment(opened.now(), ZONE)
            print_json({"well": not found, "now": now, "troubles": [trouble_shape(one) for one in found]})
        else:
            for one in found:
                typer.echo(f"✗ {one.text}")
            if not found:
                typer.echo("✓ 一切正常")
    if found:
        raise typer.Exit(1)


def trouble_shape(trouble: Trouble) -> dict[str, Any]:
    """{code, text, since|null}."""
    return {"code": trouble.code, "text": trouble.text, "since": shapes.moment(trouble.since, ZONE)}


def digest_shape(digest: Digest) -> dict[str, Any]:
    """{day, now, headline, sections: [{id, title, lines, tables: [{caption, heads, rows}]}]}."""
    return {
        "day": digest.day.isoformat(),
        "now": shapes.moment(digest.now, ZONE),
        "headline": digest.headline,
        "sections": [
            {
                "id": one.id,
                "title": one.title,
                "lines": list(one.lines),
                "tables": [
                    {"caption": table.caption, "heads": list(table.heads), "rows": [list(row) for row in table.rows]}
                    for table in one.tables
                    if table.rows
                ],
            }
            for one in digest.sections
        ],
    }


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("digest")(digest_command)
    app.command("health")(health_command)
