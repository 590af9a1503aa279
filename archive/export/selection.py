"""A selection for an upper office: its form filled in, a covering note, the works, laid out mail by mail.

Nothing is sent: staff paste each 正文 and attach what lies beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.barred import MAIL, barred
from archive.export.covering import day_in_words, mail_text, note_docx
from archive.export.mailing import Spread, spread
from archive.export.order import Order
from archive.export.parcel import CannotHandOver, Copy, Enclosed, amount, kept, made
from archive.export.zipped import Zipped
from archive.forms.table import Column, Table, filled
from archive.forms.workbook import workbook
from archive.judging.parts import Group, Part
from archive.judging.reconcile import Row
from archive.judging.selecting import cell, choosable, files_of, standing, table_rows
from archive.names import file_name, segment, suffix
from archive.records import Selection
from config.campaign import Deadline, Step

FORM = ("序号", "作品名称", "作品类别", "展示形式", "报送单位", "创作集体", "联系人及联系方式", "备注")
"""The columns where the campaign file names none for this office."""
_WIDE = {"序号": 7, "作品名称": 30, "备注": 18}


@dataclass(frozen=True)
class Picked:
    """A selection with the work as it stands now, and its row in the unit's own table."""

    selection: Selection
    group: Group
    row: Row | None


def export_selection(order: Order) -> None:
    """`--as selection --for NAME`."""
    campaign, whom = order.campaign, order.whom
    if whom is None:
        names = "、".join(dict.fromkeys(one.whom for one in order.ledger.selections.all(campaign.id))) or "还没有选送"
        raise CannotHandOver(f"请用 --for 写明报给谁（{names}）")
    step = next((one for one in campaign.after if one.to == whom), Step(step="forward", to=whom))
    chosen = _chosen(order, whom)
    if step.most is not None and len(chosen) > step.most:
        raise CannotHandOver(f"{whom}只收 {step.most} 件，已选 {len(chosen)} 件；请先用 select 编号 作品 --drop 减去")
    _tell_deadline(order, step)
    works = [_attachment(order, place, one) for place, one in enumerate(chosen, start=1)]
    form = made("汇总表.xlsx", form_of(order, step, chosen))
    # the note says how many mails there are: it is written twice, the first time only for its size
    draft = spread([form, _note(order, whom, chosen, Spread(((),), ()))], works, order.part)
    laid = spread([form, _note(order, whom, chosen, draft)], works, order.part)
    order.deliver(_mails(order, whom, len(chosen), laid), f"{campaign.id}-选送-{segment(whom)}")
    order.said.append(f"{len(chosen)} 件作品，分 {len(laid.mails)} 封；没有发出，请逐封粘贴正文、添加附件")
    for one in laid.too_large:
        order.said.append(
            f"{one.path}（{amount(one.size)}）比一封邮件（{amount(order.part)}）大，放在“另交”，请用光盘等报送"
        )


def _chosen(order: Order, whom: str) -> list[Picked]:
    """In order; what no longer stands or must not travel is told and left out."""
    held = order.ledger.decisions.holdings(order.campaign.id)
    groups = {code: choosable(order.campaign, one) for code, one in held.items()}
    rows = {code: table_rows(order.campaign, one) for code, one in held.items()}
    found: list[Picked] = []
    for one in order.ledger.selections.all(order.campaign.id, whom):
        group = standing(one, groups.get(one.unit, ()))
        if group is None:
            order.said.append(f"未收入 {one.number}《{one.title}》：该文件已被代替或改判，请重新选送")
        elif why := _why_not(order, group):
            order.said.append(f"未收入 {one.number}《{one.title}》：{why}，请负责人另行处理")
        else:
            found.append(Picked(one, group, rows[one.unit].get((group.item, group.key))))
    if not found:
        raise CannotHandOver(f"还没有可以报给{whom}的作品；请先运行：baosong select 编号 作品 --for {whom}")
    return found


def _why_not(order: Order, group: Group) -> str:
    for part in files_of(group):
        submission = order.ledger.arrivals.submission(part.number)
        reasons = barred(submission.pieces) if submission else {}
        if why := reasons.get(MAIL if part.piece.stored == MAIL else part.piece.path):
            return f"{part.name} {why}"
    return ""


def _tell_deadline(order: Order, step: Step) -> None:
    if step.by is None:
        return
    moment = Deadline(by=step.by).moment(order.campaign.zone)
    assert moment is not None
    day = step.by if not hasattr(step.by, "date") else step.by.date()
    late = "，已经过了" if order.now >= moment else f"，还有 {(day - order.day).days} 天"
    order.said.append(f"{step.to}的期限是 {day_in_words(day)}{late}")


# --- what goes along --------------------------------------------------------------------------------------------------


def form_of(order: Order, step: Step, chosen: Sequence[Picked]) -> bytes:
    """汇总表.xlsx by the upper office's own columns."""
    campaign = order.campaign
    names = step.columns or FORM
    rows = [
        [cell(name, place, one.selection, one.group, campaign, order.roster.find(one.selection.unit), one.row)
         for name in names]
        for place, one in enumerate(chosen, start=1)
    ]  # fmt: skip
    columns = tuple(Column(name, _WIDE.get(name, 0), name == "序号") for name in names)
    above = (f"报送单位：{campaign.issuer}", f"报送日期：{day_in_words(order.day)}")
    title = step.title or f"{campaign.short}选送作品汇总表"
    return workbook([Table("汇总表", title, columns, filled(rows, len(columns)), above)])


def _note(order: Order, whom: str, chosen: Sequence[Picked], laid: Spread) -> Copy:
    units = len({one.selection.unit for one in chosen})
    data = note_docx(
        order.campaign, whom, order.day, len(chosen), units, len(laid.mails), len(laid.too_large)
    )  # fmt: skip
    return made("选送函.docx", data)


def _attachment(order: Order, place: int, one: Picked) -> Enclosed:
    """A work as one file: itself, or a ZIP where it is several."""
    files = files_of(one.group)
    name = f"{place:02d} {segment(one.selection.title)}"
    if len(files) == 1:
        part = files[0]
        ending = ".eml" if part.piece.stored == MAIL else suffix(part.piece.name, part.type)
        return kept(f"{name}{ending}", *order.lies(part.number, part.piece.stored))
    inside = [
        kept(f"{segment(one.selection.title)}/{count:02d} {_called(part)}", *order.lies(part.number, part.piece.stored))
        for count, part in enumerate(files, start=1)
    ]
    return Zipped(f"{name}.zip", tuple(inside))


def _called(part: Part) -> str:
    return "邮件正文.eml" if part.piece.stored == MAIL else file_name(part.piece.name or "附件", part.type)


def _mails(order: Order, whom: str, works: int, laid: Spread) -> list[Enclosed]:
    parts: list[Enclosed] = []
    large = [one.path for one in laid.too_large]
    for place, attached in enumerate(laid.mails, start=1):
        told = (works, place, len(laid.mails), [one.path for one in attached], large)
        text = mail_text(order.campaign, whom, order.day, *told)
        parts.append(made(f"第{place}封/正文.txt", text))
        parts += [_moved(one, f"第{place}封") for one in attached]
    return [*parts, *(_moved(one, "另交") for one in laid.too_large)]


def _moved(one: Enclosed, folder: str) -> Enclosed:
    assert isinstance(one, Copy | Zipped)
    return replace(one, path=f"{folder}/{one.path}")
