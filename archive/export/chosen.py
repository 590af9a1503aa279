"""归档清单: the worksheet in which staff say what goes into the records office and under what number.

The program proposes, staff fill in and correct, the program reads it back. An empty 全宗号, 机构（问题） or 保管期限
means the same as in the row above; an empty 件号 means the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from archive.export.gathering import Gathered, Kept
from archive.export.parcel import CannotHandOver
from archive.forms.table import Column, Table, filled
from archive.forms.workbook import workbook
from config.sheets import Row, Unreadable, sheets

NOTICE = "通知"
"""In place of a number: the notice itself."""
TERMS: Mapping[str, str] = {"永久": "Y", "30年": "D30", "10年": "D10"}
"""保管期限 → its letters in a 档号."""
SECRET = ("秘密", "机密", "绝密")
COLUMNS = (
    Column("归档", 7, True, ("是", "否")),
    Column("编号", 14, True),
    Column("全宗号", 9, True),
    Column("年度", 8, True),
    Column("机构（问题）", 14, True),
    Column("保管期限", 10, True, tuple(TERMS)),
    Column("件号", 8, True),
    Column("类别", 8, True),
    Column("题名", 32),
    Column("责任者", 20),
    Column("文号", 14),
    Column("日期", 11, True),
    Column("密级", 8, True),
    Column("页数", 8, True),
    Column("备注", 20),
)
NAMES = tuple(column.head for column in COLUMNS)
HELP = (
    "填好后运行：baosong export 活动 --as handover --to 文件夹 --list 本表。“归档”写是或否；全宗号、机构（问题）、"
    "保管期限空着的与上一行相同；件号空着的依次编；保管期限写永久、30年或10年；不要改“编号”一列。"
)
_UNSAFE = re.compile(r'[\\/:*?"<>|\s.]')
_AGAIN = re.compile(r"^(?:\s*(?:re|fw|fwd|回复|答复|转发)\s*[:：])+\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Chosen:
    """One 件 for the records office, as the worksheet says; file_number is its 档号. row: of the worksheet, from 1."""

    number: str
    fonds: str
    year: str
    office: str
    term: str
    item: int
    kind: str
    title: str
    author: str
    reference: str
    day: str
    secrecy: str
    pages: str
    note: str
    row: int

    @property
    def file_number(self) -> str:
        """档号 in the customary form 全宗号-WS·年度-保管期限-机构（问题）-件号; an empty part is left out."""
        parts = (self.fonds, f"WS·{self.year}", TERMS[self.term], self.office, f"{self.item:04d}")
        return "-".join(part for part in parts if part)

    @property
    def folder(self) -> str:
        """Where it lies below the hand-over."""
        return f"电子档案/{self.year}/{self.kind}/{self.file_number}"


# --- what the program proposes


def proposal(found: Gathered) -> bytes:
    """The worksheet, every 件 a row: what a unit submitted is proposed, other mail and what must not travel is not."""
    campaign = found.campaign
    rows = []
    if found.notices or campaign.issued:
        year = f"{campaign.issued:%Y}" if campaign.issued else ""
        day = f"{campaign.issued:%Y%m%d}" if campaign.issued else ""
        told = {"年度": year, "题名": campaign.title, "责任者": campaign.issuer, "文号": campaign.doc_number or ""}
        rows.append({"归档": "是" if found.notices else "否", "编号": NOTICE, "类别": "文书", "日期": day, **told})
    rows += [_proposed(found, one) for one in found.kept]
    for number in dict.fromkeys(one.number for one in found.left_out):
        why = "；".join(one.why for one in found.left_out if one.number == number)
        rows.append({"归档": "否", "编号": number, "备注": f"不能导出：{why}"})
    cells = filled([[row.get(name, "") for name in NAMES] for row in rows], len(NAMES))
    return workbook([Table("归档清单", f"{campaign.short}归档清单", COLUMNS, cells, below=(HELP,))])


def _proposed(found: Gathered, one: Kept) -> dict[str, str]:
    unit = found.roster.find(one.decision.unit)
    came = one.submission.received.astimezone(found.campaign.zone)
    author = unit.name if unit else one.submission.mail.sender_name or one.submission.mail.sender
    title = _AGAIN.sub("", one.submission.mail.subject).strip() or f"{author}报送的材料"
    pages = sum(piece.facts.pages or 0 for piece in one.submission.pieces)
    wanted = one.decision.role == "submission" and unit is not None
    return {
        "归档": "是" if wanted else "否",
        "编号": one.number,
        "年度": f"{came:%Y}",
        "类别": "文书",
        "题名": title,
        "责任者": author,
        "日期": f"{came:%Y%m%d}",
        "页数": str(pages or ""),
    }


# --- what staff made of it


def read(data: bytes, found: Gathered) -> list[Chosen]:
    """The rows that say 是, in order, with 件号. CannotHandOver names every row that cannot be, with its number."""
    try:
        tables = sheets(data)
    except Unreadable as why:
        raise CannotHandOver(f"归档清单打不开：{why}") from None
    head, rows = _table(tables)
    given = [(number, {name: cells[at] for name, at in head.items() if at < len(cells)}) for number, cells in rows]
    filled = list(_filled_down(given))
    troubles = [f"第 {number} 行{why}" for number, row in filled for why in _troubles(row, found)]
    if troubles:
        raise CannotHandOver("归档清单要改：" + "；".join(troubles))
    return _numbered([_chosen(number, row) for number, row in filled if row["归档"] == "是"])


def _table(tables: Sequence[Sequence[Row]]) -> tuple[dict[str, int], list[Row]]:
    for rows in tables:
        for place, (_, cells) in enumerate(rows):
            if {"归档", "编号", "题名"} <= set(cells):
                head = {name: cells.index(name) for name in NAMES if name in cells}
                if lacking := [name for name in NAMES if name not in head]:
                    raise CannotHandOver(f"归档清单缺少这些列：{'、'.join(lacking)}")
                # remarks below the table have neither number nor title
                return head, [row for row in rows[place + 1 :] if _cell(row, head["编号"]) or _cell(row, head["题名"])]
    raise CannotHandOver("归档清单里没有“归档、编号、题名”这一行；请用程序写出的那份来填")


def _cell(row: Row, place: int) -> str:
    return "".join(row[1][place : place + 1])


def _filled_down(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterable[tuple[int, dict[str, str]]]:
    above: dict[str, str] = {}
    for number, row in rows:
        full = dict.fromkeys(NAMES, "") | row
        if full["归档"] == "是":
            for name in ("全宗号", "机构（问题）", "保管期限"):
                full[name] = above[name] = full[name] or above.get(name, "")
        yield number, full


def _troubles(row: Mapping[str, str], found: Gathered) -> Iterable[str]:
    if row["归档"] not in ("是", "否", ""):
        yield f"“归档”写的是“{row['归档']}”，请写是或否"
    if row["归档"] != "是":
        return
    number = row["编号"]
    if number == NOTICE and not found.notices:
        yield "要归档通知，请加 --notice 文件"
    elif any(one.number == number for one in found.left_out):
        yield f"{number} 含有不能导出的内容"
    elif number != NOTICE and number not in found.by_number:
        yield f"没有编号“{number}”"
    if row["密级"] in SECRET:
        yield f"的密级是{row['密级']}，不能导出，请另行移交"
    if not row["全宗号"]:
        yield "缺全宗号"
    if row["保管期限"].removeprefix("定期") not in TERMS:
        yield "的保管期限请写永久、30年或10年"
    if not re.fullmatch(r"(19|20)\d\d", row["年度"]):
        yield "的年度请写四位数字"
    for name in ("件号", "页数"):
        if row[name] and not re.fullmatch("[0-9]+", row[name]):
            yield f"的{name}请写数字"
    for name in ("全宗号", "机构（问题）", "类别"):
        if _UNSAFE.search(row[name]):
            yield f"的{name}里有不能作文件夹名的字符"


def _chosen(number: int, row: Mapping[str, str]) -> Chosen:
    return Chosen(
        row["编号"], row["全宗号"], row["年度"], row["机构（问题）"], row["保管期限"].removeprefix("定期"),
        int(row["件号"] or 0), row["类别"] or "文书", row["题名"], row["责任者"], row["文号"], row["日期"], row["密级"],
        row["页数"], row["备注"], number,
    )  # fmt: skip


def _numbered(rows: Sequence[Chosen]) -> list[Chosen]:
    """Rows with 件号: those typed stay, the others take the free ones in order, each group by itself."""
    taken: dict[str, set[int]] = {}
    for one in rows:
        if one.item:
            group = taken.setdefault(replace(one, item=0).file_number, set())
            if one.item in group:
                raise CannotHandOver(f"归档清单要改：第 {one.row} 行的档号 {one.file_number} 与前面的重复")
            group.add(one.item)
    done = []
    for one in rows:
        group = taken.setdefault(replace(one, item=0).file_number, set())
        if not one.item:
            free = next(n for n in range(1, len(rows) + 2) if n not in group)
            group.add(free)
            one = replace(one, item=free)
        done.append(one)
    return done
