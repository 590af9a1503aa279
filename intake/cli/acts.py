"""Staff acts: corrections and what is registered by hand, each recorded with who and why."""

from __future__ import annotations

from typing import Annotated

import typer

from archive.desk import Choice
from archive.judging.eligible import TICK
from intake.cli.common import At, Told, Who, Why, office, told, who_acts
from intake.rounds import deciding
from intake.rounds.problems import tell_problem

Number = Annotated[str, typer.Argument(help="编号")]


def assign_command(
    context: typer.Context,
    number: Number,
    campaign: Annotated[str | None, typer.Option(help="活动")] = None,
    unit: Annotated[str | None, typer.Option(help="报送单位编号")] = None,
    remember: Annotated[bool, typer.Option("--remember", help="记住此发件人（本活动内有效）")] = False,
    alias: Annotated[str | None, typer.Option(metavar="名称", help="记住这个名称也指该单位（本活动内有效）")] = None,
    why: Why = "",
    who: Who = None,
    at: At = None,
) -> None:
    """指定一件来件属于哪个活动、哪个单位。"""
    with office(context, at) as opened, told():
        _, old = deciding.one(opened, number)
        id = campaign or old.campaign
        if id is None:
            raise Told("请用 --campaign 指定活动")
        code = unit if unit is not None else (old.unit if old.campaign == id else None)
        if code is None:
            raise Told("请用 --unit 指定名册中的单位编号")
        deciding.assign(opened, number, id, code, who_acts(who), why, remember=remember, alias=alias)
        found, roster = deciding.asked(opened, id)
        typer.echo(f"{number} → {found.short} · {roster.unit(code).name}")


def classify_command(
    context: typer.Context,
    number: Number,
    piece: Annotated[str, typer.Argument(help="附件，如 2 或 2/材料/1.jpg")],
    item: Annotated[str, typer.Argument(help="材料，或 none 表示不是报送材料")],
    category: Annotated[str | None, typer.Option(help="作品类别")] = None,
    subkind: Annotated[str | None, typer.Option(help="作品种类，如实践案例、理论阐述的编号")] = None,
    work: Annotated[str | None, typer.Option(help="作品名")] = None,
    replaces: Annotated[str | None, typer.Option(metavar="编号[/附件]", help="代替此前所报的哪一件")] = None,
    adds: Annotated[bool, typer.Option("--adds", help="是另外增加的，不代替此前所报")] = False,
    why: Why = "",
    who: Who = None,
    at: At = None,
) -> None:
    """指定一个附件是哪项材料，是更换还是另增。"""
    choice = Choice(None if item == "none" else item, category, subkind, work, replaces, adds)
    with office(context, at) as opened, told():
        decision = deciding.classify(opened, number, piece, choice, who_acts(who), why)
        names = {one.id: one.name for one in deciding.asked(opened, decision.campaign)[0].items}
        typer.echo(f"{number} {piece} → {names.get(item, '不是报送材料')}")


def discard_command(
    context: typer.Context,
    number: Number,
    why: Annotated[str, typer.Option("--why", help="原因，写入记录")],
    who: Who = None,
    at: At = None,
) -> None:
    """销毁一件来件的内容，只留编号、摘要和原因；不可恢复，编号不再使用。"""
    with office(context, at) as opened, told():
        deciding.discard(opened, number, who_acts(who), why)
        typer.echo(f"{number} 已标记销毁，下次 record 时从档案库移除")


def problem_command(
    context: typer.Context,
    number: Number,
    text: Annotated[list[str], typer.Argument(help="未能取得或打不开的是什么，一句一条")],
    who: Who = None,
    at: At = None,
) -> None:
    """写信告诉单位：来件中有什么没能取得，请其重新发送（话由经办人写，随即待发）。"""
    with office(context, at) as opened, told():
        deciding.one(opened, number)
        key = tell_problem(opened, number, f"{who_acts(who)}-{opened.now():%Y%m%d%H%M%S}", text, by_staff=True)
        if key is None:
            raise Told(f"{number} 不能答复：活动未开放、不是报送件，或发信人不应自动答复（见 show {number}）")
        typer.echo(f"已拟好，待发：{key}")


def undo_command(context: typer.Context, number: Number, why: Why = "", who: Who = None, at: At = None) -> None:
    """撤销对一件来件的上一次改判：恢复此前的判定，作为新的一版；未发的答复重新拟写。"""
    with office(context, at) as opened, told():
        last, before, new = deciding.undo_last(opened, number, who_acts(who), why)
        typer.echo(f"{number} 已撤销第 {last.version} 版（{last.by}：{last.why}），恢复第 {before.version} 版，"
                   f"记为第 {new.version} 版")  # fmt: skip
        for one in opened.ledger.taught.all(last.campaign or ""):
            if one.number == number:
                forget = f"learned {one.campaign} --forget {one.id}"
                typer.echo(f"由它记住的“{one.text}”→ {one.unit} 仍有效；不要了请用 {forget}")


def register_command(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="活动")],
    unit: Annotated[str, typer.Argument(help="报送单位编号，all 表示全部单位")],
    item: Annotated[str, typer.Argument(help="材料；--by eligible 时是申报条件；光盘、纸质未查看或全部零报告写 -")],
    by: Annotated[
        str,
        typer.Option(
            help="disc 光盘 | paper 纸质 | external 系统外办结 | seal 公章已核 | accept 认可渠道 | nil 零报告 | "
            "eligible 符合条件"
        ),
    ],
    count: Annotated[int, typer.Option(min=1, help="件数")] = 1,
    note: Annotated[str, typer.Option(help="说明；--by eligible 时是集体名称，不写表示该单位全部集体")] = "",
    who: Who = None,
    at: At = None,
) -> None:
    """登记邮件以外收到或核实的事：光盘、纸质、系统外报备、公章、申报条件、零报告。"""
    if by not in ("disc", "paper", "external", "seal", "accept", "nil", TICK):
        raise typer.BadParameter("--by: disc | paper | external | seal | accept | nil | eligible")
    with office(context, at) as opened, told():
        code, what = "" if unit == "all" else unit, "" if item == "-" else item
        deciding.register(opened, campaign, code, what, by, who_acts(who), note, count)
        typer.echo("已登记")


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("assign")(assign_command)
    app.command("classify")(classify_command)
    app.command("discard")(discard_command)
    app.command("undo")(undo_command)
    app.command("problem")(problem_command)
    app.command("register")(register_command)
