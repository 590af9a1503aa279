"""The command `demo`. What it needs beside the rest (pymap, aiosmtpd) is loaded only when it runs."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from intake.cli.common import Told, options

EXTRA = ("pymap", "aiosmtpd")


def demo_command(
    context: typer.Context, once: Annotated[bool, typer.Option("--once", help="演示完就结束")] = False
) -> None:
    """演示：本机上的邮箱、来信、归档、核对、回信，一季活动从头到尾；不需要任何设置。"""
    home = _home(context)
    try:
        stage = importlib.import_module("intake.cli.stage")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in EXTRA:
            raise Told(f"演示需要 {missing.name}，请先运行：pip install baosong[demo]") from None
        raise
    if not stage.show(home, keep_on=not once and sys.stdout.isatty()):
        raise typer.Exit(1)


def _home(context: typer.Context) -> Path:
    """The folder named before the command, which must be empty; else a new one."""
    above = context.parent
    said = above.get_parameter_source("home") if above is not None else None
    if said is None or said.name == "DEFAULT":
        return Path(tempfile.mkdtemp(prefix="baosong-demo-"))
    home = options(context).home
    if home.exists() and any(home.iterdir()):
        raise Told(f"{home} 不是空文件夹；演示会改写设置，请换一个新文件夹")
    return home


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("demo")(demo_command)
