"""Who may use the pages: accounts, what they may do, one-time links."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from archive.ledger.accounts import INVITATION, Account, Role
from intake.cli.common import Told, Who, campaign_of, office, who_acts
from intake.rounds.office import Office

ROLES: dict[str, Role] = {"review": "review", "read": "read"}


def account_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="登录名；不写则列出所有人", show_default=False)] = None,
    admin: Annotated[bool, typer.Option("--admin", help="管理员：什么都可以做")] = False,
    review: Annotated[list[str] | None, typer.Option("--review", help="可审核的活动，all 表示全部")] = None,
    read: Annotated[list[str] | None, typer.Option("--read", help="只可查看的活动，all 表示全部")] = None,
    off: Annotated[bool, typer.Option("--off", help="停用")] = False,
    who: Who = None,
) -> None:
    """网页的人员：新建、改权限、停用；新建或忘了密码时给出一次性链接，由本人设置密码。"""
    with office(context) as opened:
        accounts = opened.ledger.accounts
        if name is None:
            for one in accounts.all():
                typer.echo(_line(one))
            return
        found = accounts.find(name)
        if found is None and not (admin or review or read):
            raise Told(f"没有“{name}”；新建请加 --admin、--review 活动 或 --read 活动")
        account = found[0] if found else Account(name)
        roles = {**_roles(opened, read, "read"), **_roles(opened, review, "review")}
        if admin or roles or off or account.off:
            account = replace(
                account, admin=admin or (account.admin and not roles), off=off, roles=roles or account.roles
            )
            accounts.put(account, opened.now(), who_acts(who))
        if off:
            typer.echo(f"已停用 {name}")
            return
        typer.echo(_line(account))
        web = opened.config.settings.web
        secret = accounts.let_in("invitation", name, opened.now(), INVITATION)
        typer.echo(f"设置密码（{INVITATION.days} 天内、只能用一次）：http://{web.host}:{web.port}/invitation/{secret}")


def _roles(opened: Office, campaigns: list[str] | None, role: str) -> dict[str, Role]:
    for id in campaigns or []:
        if id != "all":
            campaign_of(opened, id)
    return {("" if id == "all" else id): ROLES[role] for id in campaigns or []}


def _line(account: Account) -> str:
    words = {"review": "审核", "read": "只读"}
    roles = "，".join(f"{words[role]} {id or '全部活动'}" for id, role in account.roles.items())
    return f"{account.name}  {'停用' if account.off else '管理员' if account.admin else roles or '没有权限'}"


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("account")(account_command)
