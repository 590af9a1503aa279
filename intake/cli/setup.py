"""Commands to set a home up: init, check, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from config.home import init_home
from config.loading import Config, load_home
from config.problems import Problem, faults
from config.quotes import missing_quotes
from intake.cli.common import AsJson, Options, Told, options, print_json
from intake.doctor import examine
from intake.ocr import installed
from intake.rounds.wording import read_wording


def init_command(context: typer.Context) -> None:
    """建立工作目录：设置、示例活动和名册；已有的文件不动，发信默认关闭。"""
    home = options(context).home
    try:
        written = init_home(home)
    except OSError as trouble:
        raise Told(f"不能写入 {home}：{trouble.strerror}") from None
    for path in written:
        typer.echo(f"已写 {path}")
    typer.echo(
        f"下一步：在 {home / 'settings.yaml'} 填写邮箱，在 {home / 'campaigns'} 修改活动，运行 baosong check。"
        if written
        else "工作目录已经齐全，没有改动"
    )


Notice = Annotated[Path | None, typer.Option(exists=True, help="通知原文（UTF-8 文本），或存放“活动名.txt”的文件夹")]


def _templates(config: Config, home: Path) -> list[Problem]:
    """Own templates of letters that are broken, each once."""
    broken = [one for id in config.campaigns for one in read_wording(home, id).broken]
    return [Problem(one.file, one.line, "template-broken", {"why": one.why}) for one in dict.fromkeys(broken)]


def check_command(
    context: typer.Context,
    campaigns: Annotated[list[str] | None, typer.Argument(help="活动，默认全部")] = None,
    notice: Notice = None,
    lang: Annotated[str | None, typer.Option(help="zh 或 en")] = None,
    as_json: AsJson = False,
) -> None:
    """检查设置、活动、名册：一次列出所有问题及其文件和行号；--notice 核对每条规则引用的原句。"""
    given = options(context)
    if not (given.home / "settings.yaml").exists():
        raise Told(f"{given.home} 还不是报送的工作目录，请先运行：baosong --home {given.home} init")
    config = load_home(given.home)
    problems = [*config.problems]
    if config.settings.ocr and not installed():
        problems.append(Problem("settings.yaml", None, "ocr-missing"))
    problems += _templates(config, given.home)
    if notice is not None:
        problems += _quotes(config, given, notice, campaigns)
    speak = "en" if (lang or given.lang or config.settings.language) == "en" else "zh"
    if as_json:
        print_json([{"file": p.file, "line": p.line, "code": p.code, "text": p.text(speak)} for p in problems])
    else:
        for problem in problems:
            typer.echo(problem.text(speak))
    wrong = faults(problems)
    if wrong:
        raise typer.Exit(1)
    if not as_json:
        names = "、".join(config.campaigns)
        typer.echo(f"检查通过：{names}" if speak == "zh" else f"all good: {names}")


def _quotes(config: Config, given: Options, notice: Path, campaigns: list[str] | None) -> list[Problem]:
    """Quotes that do not stand in the notice, for each campaign that has a notice here."""
    found: list[Problem] = []
    ids = campaigns or list(config.campaigns)
    if notice.is_file() and len(ids) != 1:
        raise Told("一份通知对应一个活动，请写明：baosong check 活动 --notice 文件")
    for id in ids:
        if id not in config.campaigns:
            raise Told(f"没有可用的活动“{id}”，现有：{'、'.join(config.campaigns)}")
        path = notice if notice.is_file() else notice / f"{id}.txt"
        if not path.exists():
            raise Told(f"找不到通知原文 {path}")
        source = (given.home / "campaigns" / f"{id}.yaml").read_text("utf-8")
        found += missing_quotes(config.campaigns[id], path.read_text("utf-8-sig"), source)
    return found


def doctor_command(context: typer.Context, as_json: AsJson = False) -> None:
    """体检：逐项试一遍，用平常话说明哪里不对、怎么办。"""
    results = examine(options(context).home)
    if as_json:
        print_json([{"what": one.what, "ok": one.ok, "text": one.text} for one in results])
    else:
        for one in results:
            typer.echo(f"{'✓' if one.ok else '✗'} {one.what}：{one.text}")
    if not all(one.ok for one in results):
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("init")(init_command)
    app.command("check")(check_command)
    app.command("doctor")(doctor_command)
