"""Staff acts: corrections and what is registered by hand, each recorded with who and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from archive.judging.eligible import TICK
from archive.records import Decision, Evidence, PieceDecision, Registered, Submission
from intake.cli.common import At, Told, Who, Why, campaign_of, office, who_acts
from intake.decide import classify_again
from intake.rounds.asking import follow_up
from intake.rounds.corrections import correct, undo, undoable
from intake.rounds.filing import what_is_known
from intake.rounds.learning import clashing_name
from intake.rounds.office import Office
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
    with office(context, at) as opened:
        submission, old = _of(opened, number)
        id = campaign or old.campaign
        if id is None:
            raise Told("请用 --campaign 指定活动")
        found, roster = campaign_of(opened, id)
        code = unit if unit is not None else (old.unit if old.campaign == id else None)
        if code is None or roster.find(code) is None:
            raise Told(f"请用 --unit 指定名册中的单位编号（{found.roster}）")
        if alias is not None:
            _check_name(opened, id, code, alias)
        assign(opened, number, id, code, who_acts(who), why or "指定单位")
        told = (id, code, opened.now(), who_acts(who), number)
        if remember and submission.mail.sender:
            opened.ledger.taught.teach("address", submission.mail.sender, *told)
        if alias is not None:
            opened.ledger.taught.teach("alias", alias, *told)
        typer.echo(f"{number} → {found.short} · {roster.unit(code).name}")


def _check_name(opened: Office, campaign: str, unit: str, alias: str) -> None:
    """A name that is too short, or another unit's, would send that unit's mail astray."""
    if len(alias.strip()) < 2:
        raise Told("名称至少两个字")
    other = clashing_name(opened, campaign, unit, alias)
    if other is not None:
        raise Told(f"“{alias}”已是{other}的名称，不能再指别的单位")


def assign(opened: Office, number: str, campaign: str, unit: str, who: str, why: str = "指定单位") -> None:
    """Decide that a 件 is this unit's for this campaign: its pieces are read anew, its questions settled."""
    submission, _ = _of(opened, number)
    known = what_is_known(opened)

    def change(decision: Decision) -> Decision:
        told = Evidence("staff", f"由{who}指定", 100.0)
        assigned = replace(
            decision, role="submission", campaign=campaign, unit=unit, confidence=1.0, guesses=(),
            evidence=(told, *decision.evidence),
        )  # fmt: skip
        return classify_again(assigned, submission.mail, submission.pieces, known)

    correct(opened, submission, change, who, why)


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
    with office(context, at) as opened:
        submission, old = _of(opened, number)
        if old.campaign is None:
            raise Told(f"{number} 还没有活动，请先 assign")
        campaign, _ = campaign_of(opened, old.campaign)
        items = {one.id: one for one in campaign.items}
        if item != "none" and item not in items:
            raise Told(f"没有材料“{item}”，可用：{'、'.join(items)}、none")
        if piece not in {one.path for one in submission.pieces}:
            raise Told(f"{number} 没有附件“{piece}”，可用：{'、'.join(one.path for one in submission.pieces)}")
        if category is not None and category not in {one.id for one in items[item].categories}:
            raise Told(f"材料“{item}”没有类别“{category}”")
        if subkind is not None and subkind not in {one.id for one in items[item].subkinds}:
            raise Told(f"材料“{item}”没有种类“{subkind}”")

        if replaces is not None and opened.ledger.arrivals.submission(replaces.partition("/")[0]) is None:
            raise Told(f"没有编号 {replaces.partition('/')[0]}，--replaces 写此前来件的编号，或“编号/附件”")

        def change(decision: Decision) -> Decision:
            told = [Evidence("staff", f"由{who_acts(who)}指定", 100.0)]
            if adds:
                told.append(Evidence("adds", f"由{who_acts(who)}认定为另增", 100.0))
            was = decision.piece(piece)
            new = PieceDecision(
                piece, None if item == "none" else item, category, subkind or (was.subkind if was else None),
                work or (was.work if was else None), was.unit if was else None, item == "none", 1.0, tuple(told),
                supersedes=(replaces,) if replaces else (),
            )  # fmt: skip
            others = [one for one in decision.pieces if one.path != piece]
            return replace(decision, pieces=(*others, new))

        correct(opened, submission, change, who_acts(who), why or "指定材料")
        typer.echo(f"{number} {piece} → {items[item].name if item in items else '不是报送材料'}")


def discard_command(
    context: typer.Context,
    number: Number,
    why: Annotated[str, typer.Option("--why", help="原因，写入记录")],
    who: Who = None,
    at: At = None,
) -> None:
    """销毁一件来件的内容，只留编号、摘要和原因；不可恢复，编号不再使用。"""
    with office(context, at) as opened:
        submission, _ = _of(opened, number)
        correct(opened, submission, lambda d: replace(d, discarded=True, answerable=False), who_acts(who), why)
        typer.echo(f"{number} 已标记销毁，下次 record 时从档案库移除")


def problem_command(
    context: typer.Context,
    number: Number,
    text: Annotated[list[str], typer.Argument(help="未能取得或打不开的是什么，一句一条")],
    who: Who = None,
    at: At = None,
) -> None:
    """写信告诉单位：来件中有什么没能取得，请其重新发送（话由经办人写，随即待发）。"""
    with office(context, at) as opened:
        _of(opened, number)
        key = tell_problem(opened, number, f"{who_acts(who)}-{opened.now():%Y%m%d%H%M%S}", text, by_staff=True)
        if key is None:
            raise Told(f"{number} 不能答复：活动未开放、不是报送件，或发信人不应自动答复（见 show {number}）")
        typer.echo(f"已拟好，待发：{key}")


def undo_command(context: typer.Context, number: Number, why: Why = "", who: Who = None, at: At = None) -> None:
    """撤销对一件来件的上一次改判：恢复此前的判定，作为新的一版；未发的答复重新拟写。"""
    with office(context, at) as opened:
        submission, _ = _of(opened, number)
        found = undoable(opened, number)
        if found is None:
            raise Told(f"{number} 没有可撤销的改判")
        last, before = found
        new = undo(opened, submission, last, before, who_acts(who), why)
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
    with office(context, at) as opened:
        found, roster = campaign_of(opened, campaign)
        if unit != "all" and roster.find(unit) is None:
            raise Told(f"名册中没有编号为“{unit}”的单位")
        named, what = (found.eligibility, "申报条件") if by == TICK else (found.items, "材料")
        unsorted = item == "-" and by in ("disc", "paper", "nil")
        if not unsorted and item not in {one.id for one in named}:
            raise Told(f"没有{what}“{item}”，可用：{'、'.join(one.id for one in named) or '（无）'}")
        code = "" if unit == "all" else unit
        value = Registered(code, "" if unsorted else item, by, opened.now(), who_acts(who), note, count)
        opened.ledger.decisions.register(campaign, value)
        follow_up(opened, campaign, {code} if code else {unit.code for unit in roster.units})
        typer.echo("已登记")


def _of(opened: Office, number: str) -> tuple[Submission, Decision]:
    submission = opened.ledger.arrivals.submission(number)
    decision = opened.ledger.decisions.current(number)
    if submission is None or decision is None:
        raise Told(f"没有编号 {number}")
    if decision.discarded:
        raise Told(f"{number} 已销毁")
    return submission, decision


def add_to(app: typer.Typer) -> None:
    """Register."""
    app.command("assign")(assign_command)
    app.command("classify")(classify_command)
    app.command("discard")(discard_command)
    app.command("undo")(undo_command)
    app.command("problem")(problem_command)
    app.command("register")(register_command)
