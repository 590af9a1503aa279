"""Images for discs: a bag or a hand-over, spread over as many as it takes; whole 件 stay together."""

from __future__ import annotations

from collections.abc import Sequence

from archive.export.bag import about, bag, payload
from archive.export.chosen import Chosen
from archive.export.discs import Group, grouped, needed, spread
from archive.export.gathering import Gathered
from archive.export.handover import chosen_in, files_of, frame, propose, sheet_of
from archive.export.image import Image, Sums
from archive.export.order import Order
from archive.export.parcel import Copy, amount, made
from archive.forms.table import Column, Table, filled
from archive.forms.workbook import workbook

LIST = "光盘清单.xlsx"
_BESIDE = "信件、活动文件、名册"


def export_iso(order: Order) -> None:
    """`--as iso`: images of `--of bag` or `--of handover`, with a list of what lies on which."""
    found = order.gathered()
    if order.of == "handover" and order.sheet is None:
        propose(order, found)
        return
    name, titles = f"{found.campaign.id}-光盘", _titles(found)
    if order.of == "bag":
        discs = _bags(order, found)
    else:
        chosen = chosen_in(order, found)
        titles |= {one.number: f"{one.file_number} {one.title}" for one in chosen}
        discs = _handovers(order, found, chosen)
    images = [
        Image(f"光盘{place:02d}.iso", label(found.campaign.id, place), tuple(copies))
        for place, (_, copies) in enumerate(discs, start=1)
    ]
    listed = made(LIST, disc_list(found.campaign.short, images, [groups for groups, _ in discs], titles))
    sums = Sums("校验值.txt", tuple(image.path for image in images))
    order.deliver([*images, listed, sums], name)
    order.said.append(f"共 {len(images)} 张光盘，每张不超过 {amount(order.size)}；哪件在哪张见 {LIST}")


def label(campaign: str, place: int) -> str:
    """The disc's own name: 16 characters at most."""
    end = f"_{place}"
    return campaign.upper().replace("-", "_")[: 16 - len(end)] + end


def _bags(order: Order, found: Gathered) -> list[tuple[list[Group], list[Copy]]]:
    """Each disc a bag of its own, which says which of how many it is (RFC 8493: Bag-Group-Identifier, Bag-Count)."""
    copies = payload(found)
    lines = sum(len(one.path.encode()) + 80 for one in copies)
    discs = spread(grouped(copies, _BESIDE), order.size, lines + 40_000)
    told = [*about(found), ("Bag-Group-Identifier", found.campaign.id)]
    return [
        (groups, bag(_all(groups), [*told, ("Bag-Count", f"{place} of {len(discs)}")], order.day))
        for place, groups in enumerate(discs, start=1)
    ]


def _handovers(order: Order, found: Gathered, chosen: Sequence[Chosen]) -> list[tuple[list[Group], list[Copy]]]:
    """Each disc with the whole catalogue and 其他, and its part of the 电子档案."""
    sheet = sheet_of(order)
    groups = [Group(one.number, tuple(files_of(found, one))) for one in chosen]
    around = frame(found, chosen, _all(groups), sheet)
    discs = spread(groups, order.size, needed(around))
    marks = [f"（第 {place} 张，共 {len(discs)} 张）" if len(discs) > 1 else "" for place in range(1, len(discs) + 1)]
    return [
        (some, [*_all(some), *frame(found, chosen, _all(some), sheet, mark)])
        for some, mark in zip(discs, marks, strict=True)
    ]


def _all(groups: Sequence[Group]) -> list[Copy]:
    return [copy for group in groups for copy in group.copies]


def _titles(found: Gathered) -> dict[str, str]:
    return {one.number: one.submission.mail.subject for one in found.kept}


def disc_list(
    short: str, images: Sequence[Image], discs: Sequence[Sequence[Group]], titles: dict[str, str]
) -> bytes:  # fmt: skip
    """光盘清单.xlsx: a row for each 件, and what stands on the label of each disc."""
    columns = (
        Column("光盘", 13, True), Column("卷标", 18, True), Column("编号", 16, True), Column("题名", 52),
        Column("文件数", 9, True), Column("大小", 12, True),
    )  # fmt: skip
    rows = [
        [image.path, image.label, group.name, titles.get(group.name, ""), str(len(group.copies)),
         amount(sum(copy.size for copy in group.copies))]
        for image, groups in zip(images, discs, strict=True)
        for group in groups
    ]  # fmt: skip
    note = "刻录后把盘面写上卷标；整张映像的校验值见 校验值.txt，盘里每个文件的校验值在盘上的清单里。"
    title = f"{short}光盘清单（共 {len(images)} 张）"
    return workbook([Table("光盘清单", title, columns, filled(rows, len(columns)), below=(note,))])
