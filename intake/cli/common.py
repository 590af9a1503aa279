"""What every command needs: the home, the language, the clock, printing."""

from __future__ import annotations

import getpass
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast
from zoneinfo import ZoneInfo

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.desk import Refused
from config.campaign import Campaign
from config.loading import Config, load_home
from config.roster import Roster
from config.secrets import SecretMissing
from intake.rounds.office import Office
from intake.service import NoHome, clock, open_office

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of times typed on the command line without one, and of tables that belong to no campaign."""


class Told(Exception):
    """A sentence for the user that ends the command with exit code 1."""


@dataclass
class Options:
    """What stands before the command."""

    home: Path
    lang: Literal["zh", "en"] | None


AsJson = Annotated[bool, typer.Option("--json", help="按 JSON 输出")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="按此时刻运行，如 2018-08-15T09:30")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只说明会做什么，不改动任何东西")]
Why = Annotated[str, typer.Option("--why", help="原因，写入记录")]
Who = Annotated[str | None, typer.Option("--who", help="经办人，默认为系统登录名")]


def global_options(
    context: typer.Context,
    home: Annotated[Path, typer.Option(envvar="BAOSONG_HOME", help="工作目录")] = Path("baosong-home"),
    lang: Annotated[str | None, typer.Option(help="提示语言 zh 或 en")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="显示运行日志")] = False,
) -> None:
    """报送：按通知收取、归档、核对、回复各单位报送的材料。"""
    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("--lang: zh | en")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if verbose else logging.ERROR),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,  # never with local variables: they may hold a password
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    context.obj = Options(home, cast("Literal['zh', 'en'] | None", lang))


def options(context: typer.Context) -> Options:
    """What stood before the command."""
    found = context.find_object(Options)
    assert found is not None
    return found


@contextmanager
def office(context: typer.Context, at: str | None = None) -> Iterator[Office]:
    """The office of the home, with its clock stopped at `at` where that is given."""
    now = stopped(at) if at else clock
    try:
        with open_office(options(context).home, now) as opened:
            yield opened
    except (NoHome, SecretMissing, TimeoutError) as trouble:
        raise Told(str(trouble)) from None


@contextmanager
def told() -> Iterator[None]:
    """What is refused is told to the user as it stands."""
    try:
        yield
    except Refused as sentence:
        raise Told(str(sentence)) from None


def stopped(at: str) -> Callable[[], datetime]:
    """A clock that stands at a time typed by the user (Asia/Shanghai unless it names a zone)."""
    moment = parse_time(at)
    return lambda: moment


def parse_time(text: str) -> datetime:
    """ISO 8601; without a zone it is Asia/Shanghai. Gives UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"看不懂时间 {text!r}，请写成 2018-08-15T09:30") from None
    return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)


def config(context: typer.Context) -> Config:
    """The configuration of the home, without opening anything."""
    home = options(context).home
    if not (home / "settings.yaml").exists():
        raise Told(f"{home} 还不是报送的工作目录，请先运行：baosong --home {home} init")
    return load_home(home)


def campaign_of(opened: Office, id: str) -> tuple[Campaign, Roster]:
    """A campaign by id, or a sentence that names those there are."""
    found = opened.campaign(id)
    if found is None:
        known = "、".join(opened.config.campaigns) or "（无）"
        raise Told(f"没有活动“{id}”，现有：{known}。活动文件有误时会被略过，请运行 baosong check 查看")
    return found


def who_acts(who: str | None) -> str:
    """The name under which an act is recorded."""
    return who or getpass.getuser()


def print_json(value: Any, one_line: bool = False) -> None:
    """Plain JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=None if one_line else 2))


def console() -> Console:
    """For tables on standard output."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal, nothing elsewhere; call the result with how many more are done, and where they
    change with `total` and `words`.
    """
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(words, total=total)
        yield lambda count, total=None, words=None: bar.update(task, advance=count, total=total, description=words)
