"""Commands about the archive itself: verify, repair, inspect."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from archive.damages import ARCHIVE, Checked
from intake.cli.common import AsJson, Told, Who, office, print_json, progress, who_acts
from intake.inspection import NOTE, WORDS
from intake.rounds.inspecting import as_html, report
from intake.rounds.inspecting import as_json as inspected
from intake.rounds.office import Office
from intake.rounds.repair import Repaired, repair
from intake.rounds.verify import verify_now


def verify_command(
    context: typer.Context,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[编号]...", help="只校验这些来件")] = None,
    sample: Annotated[str | None, typer.Option(metavar="5%", help="只抽查这么多")] = None,
    as_json: AsJson = False,
) -> None:
    """校验：重新计算档案库中每个文件的 SHA-256，并与清单、台账核对。"""
    share = _share(sample) if sample is not None else None
    if numbers and share is not None:
        raise typer.BadParameter("编号和 --sample 只能用一个")
    files = size = 0
    begun = time.monotonic()
    with office(context) as opened:
        chosen = _places(opened, numbers) if numbers else _sampled(opened, share) if share is not None else None
        with progress("校验") as advance:

            def told(one: Checked, total: int) -> None:
                nonlocal files, size
                files, size = files + one.files, size + one.bytes
                advance(1, total=total, words=f"校验 {rate(size, time.monotonic() - begun)}")

            found = verify_now(opened, chosen, told, os.cpu_count() or 1)
    if as_json:
        print_json(
            [{"root": root, "code": d.code, "object": d.object, "path": d.path, "text": d.text} for root, d in found]
        )
    else:
        for root, one in found:
            where = one.object if root == ARCHIVE else f"（第二份）{one.object}"
            typer.echo(f"{one.code}  {where}  {one.path}  {one.text}")
        typer.echo(f"校验了 {files} 个文件，{rate(size, time.monotonic() - begun)}")
        whole = "档案完好" if chosen is None else "所查的完好"
        typer.echo(whole if not found else f"发现 {len(found)} 处损坏")
    if found:
        raise typer.Exit(1)


def repair_command(
    context: typer.Context,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[编号]...", help="只修这些来件")] = None,
    really: Annotated[bool, typer.Option("--apply", help="真的修复；不写只说明打算怎么修")] = False,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """修复损坏的档案：从第二份存档、本来件中相同的文件或邮箱里的原邮件取回；损坏的文件移到旁边，不删除。"""
    with office(context) as opened:
        done = repair(opened, _places(opened, numbers) if numbers else None, who_acts(who), really)
    if as_json:
        print_json(
            {
                "applied": really,
                "aside": str(done.aside) if done.aside else None,
                "remedies": [
                    {"root": root, "object": one.object, "path": one.path, "how": one.how, "possible": one.possible}
                    for root, one in done.remedies
                ],
                "left": len(done.left),
            }
        )
    else:
        for root, one in done.remedies:
            where = one.object if root == ARCHIVE else f"（第二份）{one.object}"
            typer.echo(f"{where}  {one.path}  {one.how}")
        typer.echo(_outcome(done, really))
    if done.left or (done.remedies and not really):
        raise typer.Exit(1)


def inspect_command(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="编号|活动", help="一件来件的编号，或一个活动")],
    html: Annotated[Path | None, typer.Option("--html", metavar="文件", help="写成可打印的网页（A4）")] = None,
    as_json: AsJson = False,
) -> None:
    """四性检测：逐项检查真实性、完整性、可用性、安全性，现场重读每个文件；有不合格的退出码 1。"""
    with office(context) as opened:
        found = opened.campaign(what)
        title = found[0].title if found is not None else what.upper()
        numbers = list(opened.ledger.decisions.in_force(what)) if found is not None else [what.upper()]
        if not numbers:
            raise Told(f"活动 {what} 还没有来件")
        with progress("检测") as advance:
            try:
                made = report(opened, title, numbers, lambda _, total: advance(1, total=total), os.cpu_count() or 1)
            except KeyError:
                raise Told(f"没有编号或活动 {what}") from None
    if html is not None:
        html.write_text(as_html(made), encoding="utf-8")
    if as_json:
        print_json(inspected(made))
    else:
        for one in made.inspections:
            typer.echo(f"{one.number}  {WORDS[one.result]}  {one.unit or '单位未定'}  {one.subject}")
            for check in one.checks:
                if check.result == "fail" or len(made.inspections) == 1:
                    typer.echo(f"  {check.nature}  {check.name}  {WORDS[check.result]}  {check.detail}".rstrip())
        typer.echo(f"共 {len(numbers)} 件，不合格 {made.count('fail')} 件。{NOTE}")
    if made.count("fail"):
        raise typer.Exit(1)


def _outcome(done: Repaired, really: bool) -> str:
    if not done.remedies:
        return "档案完好，没有要修的"
    if not really:
        return "以上只是打算；加 --apply 才动手"
    moved = f"；损坏的文件移到了 {done.aside}" if done.aside else ""
    return (f"还有 {len(done.left)} 处损坏没有修好" if done.left else "已全部修好") + moved


def rate(size: int, seconds: float) -> str:
    """812 MB，203 MB/s."""
    return f"{size / 1e6:.0f} MB，{size / 1e6 / max(seconds, 1e-3):.0f} MB/s"


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = 0
    if not 0 < share <= 1:
        raise typer.BadParameter("--sample 请写百分数，如 5%")
    return share


def _places(opened: Office, numbers: Sequence[str]) -> list[str]:
    found = []
    for number in numbers:
        place = opened.ledger.arrivals.place(number.upper())
        if place is None:
            raise Told(f"没有编号 {number}")
        found.append(f"{place.mailbox}/{place.year:04d}/{place.number}")
    return found


def _sampled(opened: Office, share: float) -> list[str]:
    """So many of all numbers, by chance; at least one."""
    everything = opened.ledger.fixity.expected()
    return sorted(random.sample(everything, math.ceil(len(everything) * share)))


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("verify")(verify_command)
    app.command("repair")(repair_command)
    app.command("inspect")(inspect_command)
