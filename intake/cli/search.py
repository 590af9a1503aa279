"""Searching the archive's words, newest first."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer
from rich.text import Text

from archive import shapes
from archive.grams import Snippet, fold, snippets
from archive.ledger.search import FIELDS, MAIL, Asked, Hit
from intake.cli.common import ZONE, AsJson, Told, console, office, print_json, progress
from intake.rounds.indexing import reindex
from intake.rounds.office import Office

PAGE = 20
PLACES = {"number": "编号", "unit": "单位", "subject": "主题", "sender": "发件人", "name": "文件名", "text": "内容"}
ORDER = tuple(FIELDS.index(name) for name in ("name", "text", "subject", "sender", "unit", "number"))
"""Where a hit is shown first: what tells most."""


def search_command(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="要找的字词，几个词要同时出现")] = None,
    campaign: Annotated[str | None, typer.Option(help="活动")] = None,
    unit: Annotated[str | None, typer.Option(help="报送单位编号")] = None,
    item: Annotated[str | None, typer.Option(help="材料")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help="从这一天（含）收到的")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DAY", help="到这一天（含）收到的")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="文件种类，如 docx、xlsx、jpeg；mail 为邮件正文")] = None,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="接着上一页（上一页末尾给出）")] = None,
    again: Annotated[bool, typer.Option("--reindex", help="先从档案重新建立索引")] = False,
    as_json: AsJson = False,
) -> None:
    """搜索：单位、主题、发件人、文件名、文件内容、表格、编号，新的在前；不分简繁、全半角、大小写。"""
    wanted = tuple(filter(None, (fold(part) for word in words or [] for part in word.split())))
    asked = Asked(wanted, campaign, unit, item, type_, _begins(since), _begins(until, 1))
    if asked == Asked() and not again:
        raise Told("请写要找的字词，或用 --unit、--item、--type 等限定范围")
    with office(context) as opened:
        if again or not opened.ledger.search.is_whole():
            count = _reindex(opened)
            typer.echo(f"已建立索引：{count} 件", err=True)
        if asked == Asked():
            return
        found = opened.ledger.search.find(asked, PAGE + 1, _key(after))
        page, more = found[:PAGE], len(found) > PAGE
        if as_json:
            print_json({"hits": [_shape(one, wanted) for one in page], "after": str(page[-1].id) if more else None})
            return
        _print(page, wanted)
        if more:
            typer.echo(f"还有更多，接着看：--after {page[-1].id}")
        elif not page:
            typer.echo("没有找到" if after is None else "没有更多了")


def _reindex(opened: Office) -> int:
    with progress("建立索引", len(opened.ledger.arrivals.numbers())) as advance:
        return reindex(opened, advance)


def _begins(text: str | None, days: int = 0) -> datetime | None:
    """The first moment of a day typed by the user, or of the day after."""
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), ZONE)
    except ValueError:
        raise typer.BadParameter(f"看不懂日期 {text!r}，请写成 2018-08-18") from None


def _key(after: str | None) -> int | None:
    if after is not None and not after.isdecimal():
        raise typer.BadParameter("--after 写上一页末尾给出的数字")
    return None if after is None else int(after)


def _shape(hit: Hit, words: tuple[str, ...]) -> dict[str, Any]:
    number, name, subject, sender, file, _ = hit.fields
    return {
        "number": number, "path": hit.path, "received": shapes.moment(hit.received, ZONE), "campaign": hit.campaign,
        "unit": hit.unit, "unit_name": name, "item": hit.item, "type": hit.type, "subject": subject, "sender": sender,
        "name": file, "found": [_found(one) for one in snippets(hit.fields, words, ORDER)], "key": str(hit.id),
    }  # fmt: skip


def _found(one: Snippet) -> dict[str, Any]:
    return {"field": FIELDS[one.field], "text": one.text, "marks": [list(mark) for mark in one.marks]}


def _print(hits: list[Hit], words: tuple[str, ...]) -> None:
    """Each 件 once, its pieces below it."""
    last = ""
    for hit in hits:
        number, unit, subject, sender, file, _ = hit.fields
        if number != last:
            day = hit.received.astimezone(ZONE)
            typer.echo(f"{number}  {day:%Y-%m-%d %H:%M}  {unit or '单位未定'}  {subject or sender}")
            last = number
        if hit.type != MAIL:
            typer.echo(f"  附件 {hit.path}  {file}  → {hit.item or '—'}")
        for one in snippets(hit.fields, words, ORDER):
            console().print(_marked(one), soft_wrap=True)


def _marked(one: Snippet) -> Text:
    """The snippet with its hits bold on a terminal, in 【】 elsewhere."""
    terminal = sys.stdout.isatty()
    shown, at = Text(f"    {PLACES[FIELDS[one.field]]}："), 0
    for begin, end in one.marks:
        hit = one.text[begin:end]
        shown.append(one.text[at:begin])
        shown.append(hit if terminal else f"【{hit}】", "bold red" if terminal else "")
        at = end
    return shown.append(one.text[at:])


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("search")(search_command)
