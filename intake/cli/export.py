"""The command `export`: what a campaign holds, handed over in one of several forms."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from archive.export.bag import export_bag
from archive.export.folders import export_folders, export_zip
from archive.export.handover import export_handover
from archive.export.iso import export_iso
from archive.export.order import Order
from archive.export.parcel import Advance, CannotHandOver
from archive.export.selection import export_selection
from archive.export.tables import export_tables
from intake.cli.common import At, Told, campaign_of, office
from intake.rounds.office import Office
from intake.rounds.record import record_one
from intake.service import drain

KINDS: Mapping[str, Callable[[Order], None]] = {
    "bag": export_bag,
    "handover": export_handover,
    "iso": export_iso,
    "folders": export_folders,
    "zip": export_zip,
    "selection": export_selection,
    "tables": export_tables,
}
"""`--as` → what writes it. A kind tells its sentences to `Order.said`."""

Kind = Annotated[str, typer.Option("--as", metavar="KIND", help=" | ".join(KINDS))]
To = Annotated[Path, typer.Option("--to", metavar="DIR", file_okay=False, help="写到哪个文件夹下")]


def export_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    kind: Kind,
    to: To,
    notice: Annotated[
        list[Path] | None, typer.Option("--notice", exists=True, dir_okay=False, help="通知原文，可写多次")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--list", exists=True, dir_okay=False, help="填好的归档清单（handover；不写就先生成一份待填）"),
    ] = None,
    size: Annotated[str, typer.Option(help="一张光盘多大（iso），如 4700MB、25GB")] = "4700MB",
    of: Annotated[str, typer.Option(help="光盘里放什么（iso）：bag | handover")] = "bag",
    by: Annotated[str, typer.Option(help="folders、zip：campaign 一份 | unit 每个单位一份")] = "campaign",
    whom: Annotated[str | None, typer.Option("--for", metavar="NAME", help="选送给谁（selection）")] = None,
    part: Annotated[str, typer.Option(help="一封邮件多大（selection）")] = "20MB",
    at: At = None,
) -> None:
    """移交：把一个活动的全部材料写成 BagIt 包等，写完逐个读回核对；中断了再运行一次会接着写完。"""
    if kind not in KINDS:
        raise typer.BadParameter(f"--as: {' | '.join(KINDS)}")
    if by not in ("campaign", "unit"):
        raise typer.BadParameter("--by: campaign | unit")
    if of not in ("bag", "handover"):
        raise typer.BadParameter("--of: bag | handover")
    with office(context, at) as opened:
        if to.resolve().is_relative_to(opened.vault.root.resolve()):
            raise Told("不能写进档案库里面，请换一个 --to")
        asked, roster = campaign_of(opened, campaign)
        order = Order(
            opened.ledger, opened.vault, asked, roster, to, opened.now(), byte_progress,
            tuple(notice or notices_of(opened, campaign)), sheet, bytes_of(size), of, by == "unit", whom,
            bytes_of(part), {id: (one, opened.config.rosters[id]) for id, one in opened.config.campaigns.items()},
        )  # fmt: skip
        with opened.lock("export") as mine:
            if not mine:
                raise Told("另一个导出正在进行，请等它结束再试")
            drain(lambda: record_one(opened))
            try:
                KINDS[kind](order)
            except CannotHandOver as why:
                raise Told(str(why)) from None
            finally:
                for sentence in order.said:
                    typer.echo(sentence)


def notices_of(opened: Office, campaign: str) -> list[Path]:
    """Files of the home's folder `notices` that are named after the campaign."""
    folder = opened.home / "notices"
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and path.name.partition(".")[0] == campaign)


def bytes_of(text: str) -> int:
    """4700MB, 25GB or 20M in bytes (powers of ten, as discs are sold)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG])B?", text.strip().upper())
    if match is None:
        raise typer.BadParameter(f"看不懂大小 {text!r}，请写成 4700MB 或 25GB")
    return int(float(match[1]) * {"K": 10**3, "M": 10**6, "G": 10**9}[match[2]])


@contextmanager
def byte_progress(words: str, total: int) -> Iterator[Advance]:
    """A bar that counts bytes, on a terminal; nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(words, total=total)
        yield lambda size: bar.advance(task, size)


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("export")(export_command)
