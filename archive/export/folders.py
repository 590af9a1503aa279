"""For people: 单位/材料/作品名 as folders or ZIPs, with a 目录 to read in a spreadsheet and one to open and print."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from archive.export.order import Order
from archive.export.parcel import Copy, amount, checksums, kept, made
from archive.export.zipped import Zipped
from archive.forms.table import Column, Table, filled
from archive.forms.workbook import workbook
from archive.layout import Entry, Withheld, lay_out
from archive.names import segment
from config.campaign import Campaign

COLUMNS = (
    Column("单位", 24), Column("材料", 20), Column("作品", 20), Column("文件", 34), Column("大小", 11, True),
    Column("编号", 14, True), Column("收到", 12, True), Column("备注", 22),
)  # fmt: skip
_BY_UNIT = "-分单位"
_OPEN = "待归类：尚未确定是哪项材料"


@dataclass(frozen=True)
class Shelf:
    """What one package shows. entries: with paths below the package; received: number → when it came."""

    title: str
    campaign: Campaign
    units: Mapping[str, str]
    entries: Sequence[Entry]
    withheld: Sequence[Withheld]
    received: Mapping[str, datetime]


def export_folders(order: Order) -> None:
    """`--as folders`: one folder; `--by unit`: each unit's folder with a 目录 of its own."""
    copies = [copy for _, some in _packages(order) for copy in some]
    order.deliver(copies, f"{order.campaign.id}-材料{_BY_UNIT if order.by_unit else ''}")


def export_zip(order: Order) -> None:
    """`--as zip`: one ZIP, or one a unit."""
    packed = [
        Zipped(f"{name}.zip", tuple(some if order.by_unit else _in_folder(name, some)))
        for name, some in _packages(order)
    ]
    order.deliver(packed, f"{order.campaign.id}-zip{_BY_UNIT if order.by_unit else ''}")


def _packages(order: Order) -> Iterator[tuple[str, list[Copy]]]:
    """(name, files) of each package; a unit's package lies in a folder of its name."""
    shelf = _shelf(order)
    if not order.by_unit:
        yield segment(order.campaign.short), _package(shelf, order)
        return
    for code, name in shelf.units.items():
        mine = [replace(one, path=one.path.partition("/")[2]) for one in shelf.entries if one.unit == code]
        left = [one for one in shelf.withheld if one.unit == code]
        folder = next((one.path.partition("/")[0] for one in shelf.entries if one.unit == code), segment(name))
        if mine or left:
            own = replace(shelf, title=f"{shelf.title} · {name}", entries=mine, withheld=left)
            yield folder, _in_folder(folder, _package(own, order))


def _in_folder(folder: str, copies: Sequence[Copy]) -> list[Copy]:
    return [replace(copy, path=f"{folder}/{copy.path}") for copy in copies]


def _shelf(order: Order) -> Shelf:
    """What counts now and what is not yet sorted; what was replaced stays in the archive."""
    campaign = order.campaign
    held = order.ledger.decisions.holdings(campaign.id)
    laid = lay_out(campaign, order.roster, held)
    names = {unit.code: unit.name for unit in order.roster.units} | {
        code: f"{code}（不在名册）" for code in held if order.roster.find(code) is None
    }
    received = {one.submission.number: one.submission.received for each in held.values() for one in each.held}
    for left in laid.withheld:
        order.said.append(f"未收入 {left.number}：{left.name or left.piece} {left.why}，请负责人另行处理")
    units, items = list(names), [item.id for item in campaign.items]
    entries = sorted(
        (one for one in laid.entries if one.place != "old"),
        key=lambda one: (units.index(one.unit), items.index(one.item) if one.item in items else len(items), one.path),
    )
    return Shelf(campaign.short, campaign, names, entries, laid.withheld, received)


def _package(shelf: Shelf, order: Order) -> list[Copy]:
    files = [kept(one.path, *order.lies(one.number, one.stored), one.number) for one in shelf.entries]
    listed = [made("目录.xlsx", contents(shelf)), made("index.html", page(shelf))]
    return [*listed, *files, made("校验值.txt", checksums([*listed, *files]))]


# --- the two lists ----------------------------------------------------------------------------------------------------


def contents(shelf: Shelf) -> bytes:
    """目录.xlsx: every file, and below it what was left out and why."""
    rows = [_row(shelf, one) for one in shelf.entries]
    for left in shelf.withheld:
        told = [left.name or left.piece, "", left.number, _day(shelf, left.number), f"未收入：{left.why}"]
        rows.append([shelf.units[left.unit], "", "", *told])
    size = sum(one.size for one in shelf.entries)
    note = f"{len(shelf.entries)} 个文件，{amount(size)}；未收入 {len(shelf.withheld)} 个。"
    return workbook([Table("目录", f"{shelf.title} 目录", COLUMNS, filled(rows, len(COLUMNS)), below=(note,))])


def _row(shelf: Shelf, one: Entry) -> list[str]:
    return [
        shelf.units[one.unit], _item(shelf, one), one.work, one.path.rpartition("/")[2], amount(one.size), one.number,
        _day(shelf, one.number), _OPEN if one.place == "open" else "",
    ]  # fmt: skip


def _item(shelf: Shelf, one: Entry) -> str:
    return next((item.name for item in shelf.campaign.items if item.id == one.item), "")


def _day(shelf: Shelf, number: str) -> str:
    return f"{shelf.received[number].astimezone(shelf.campaign.zone):%Y-%m-%d}"


STYLE = """
@page { size: A4; margin: 18mm 15mm }
body { font: 11pt/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #222;
  max-width: 60em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 17pt; text-align: center; margin: 0 0 .3em }
.count { text-align: center; color: #555; margin: 0 0 1.5em }
h2 { font-size: 13pt; border-bottom: 2px solid #345; margin: 1.6em 0 .4em; break-after: avoid }
table { border-collapse: collapse; width: 100%; margin: .3em 0 1em; font-size: 9.5pt;
  table-layout: fixed }
caption { text-align: left; font-weight: bold; padding: .4em 0 .2em; break-after: avoid }
th, td { border: 1px solid #99a; padding: .2em .5em; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #e7eef7; white-space: nowrap } tr { break-inside: avoid } thead { display: table-header-group }
.size, .number { white-space: nowrap } .size { text-align: right } .left { color: #a22 }
a { color: #124e96; text-decoration: none } @media print { a { color: inherit } body { margin: 0; max-width: none } }
"""


def page(shelf: Shelf) -> bytes:
    """index.html: the same to open in a browser, with links to the files beside it, and to print on A4; no script."""
    body = [f"<h1>{_text(shelf.title)}</h1>", f'<p class="count">{_count(shelf)}</p>']
    for code, name in shelf.units.items():
        mine = [one for one in shelf.entries if one.unit == code]
        left = [one for one in shelf.withheld if one.unit == code]
        if mine or left:
            body.append(f"<h2>{_text(name)}</h2>")
            body += _tables(shelf, mine)
            body += _left(left)
    head = f'<meta charset="utf-8"><title>{_text(shelf.title)}</title><style>{STYLE}</style>'
    whole = [f'<!doctype html>\n<html lang="zh-CN"><head>{head}</head><body>', *body, "</body></html>\n"]
    return "\n".join(whole).encode()


def _count(shelf: Shelf) -> str:
    units = len({one.unit for one in shelf.entries})
    left = f"；未收入 {len(shelf.withheld)} 个，见各单位" if shelf.withheld else ""
    return f"{units} 个单位，{len(shelf.entries)} 个文件，{amount(sum(one.size for one in shelf.entries))}{left}"


def _tables(shelf: Shelf, entries: Sequence[Entry]) -> Iterator[str]:
    for item in dict.fromkeys(_item(shelf, one) or "待归类" for one in entries):
        rows = [
            f"<tr><td>{_text(one.work)}</td>"
            f'<td><a href="{quote(one.path)}">{_text(one.path.rpartition("/")[2])}</a></td>'
            f'<td class="size">{amount(one.size)}</td><td class="number">{one.number}</td></tr>'
            for one in entries
            if (_item(shelf, one) or "待归类") == item
        ]
        head = (
            '<thead><tr><th style="width: 26%">作品</th><th>文件</th><th style="width: 11%">大小</th>'
            '<th style="width: 16%">编号</th></tr></thead>'
        )
        yield f"<table><caption>{_text(item)}</caption>{head}<tbody>{''.join(rows)}</tbody></table>"


def _left(left: Sequence[Withheld]) -> Iterator[str]:
    for one in left:
        yield f'<p class="left">未收入：{_text(one.name or one.piece)}（{one.number}）{_text(one.why)}</p>'


def _text(text: str) -> str:
    return html.escape(text)
