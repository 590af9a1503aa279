"""A hand-over to a records office, laid out after the 2012 移交与接收办法 as far as it is known here; no conformance is
claimed. 说明文件.TXT, 文件目录.XML, 电子档案/年度/类别/档号/…, 其他/…

The text is UTF-8 with a byte order mark and CRLF: every Windows since 2000 opens that right whatever its language,
while GB18030 without a mark is read right only on a Chinese one; and it is the XML's encoding too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from lxml import etree

from archive.export.bag import beside
from archive.export.chosen import NOTICE, Chosen, proposal, read
from archive.export.gathering import Gathered, letter_name
from archive.export.order import Order
from archive.export.parcel import CannotHandOver, Copy, amount, checksums, kept, made

SHEET = "归档清单.xlsx"
SUMS = "其他/校验值.txt"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export_handover(order: Order) -> None:
    """`--as handover`: without a worksheet it writes one to be filled in; with it, the hand-over."""
    found = order.gathered()
    if order.sheet is None:
        propose(order, found)
        return
    order.deliver(handover(found, chosen_in(order, found), sheet_of(order)), f"{found.campaign.id}-移交")


def propose(order: Order, found: Gathered) -> None:
    """Write 归档清单.xlsx; one that is there already may hold what staff typed and stays."""
    target = order.to / SHEET
    if target.exists():
        raise CannotHandOver(f"{target} 已经有了，没有改动；填好后请加 --list {target}，要重新生成请先移走")
    try:
        order.to.mkdir(parents=True, exist_ok=True)
        target.write_bytes(proposal(found))
    except OSError as trouble:
        raise CannotHandOver(f"不能写入 {target}：{trouble.strerror}") from None
    order.said.append(f"已写 {target}：请填写全宗号、保管期限，核对题名，然后加 --list {target} 再运行一次")


def chosen_in(order: Order, found: Gathered) -> list[Chosen]:
    """What the worksheet chooses; says which 件 it does not know. CannotHandOver."""
    assert order.sheet is not None
    data = order.sheet.read_bytes()
    chosen = read(data, found)
    if not chosen:
        raise CannotHandOver(f"{order.sheet} 里没有一行“归档”写了“是”")
    archived = {one.number for one in chosen}
    left = [one.number for one in found.kept if one.number not in archived]
    if left:
        order.said.append(f"清单里没有归档的来件 {len(left)} 件：{'、'.join(left[:20])}{'…' if len(left) > 20 else ''}")
    return chosen


def sheet_of(order: Order) -> Copy:
    """The worksheet as staff filled it in, for 其他."""
    assert order.sheet is not None
    return made(f"其他/归档清单{order.sheet.suffix.lower()}", order.sheet.read_bytes())


def handover(found: Gathered, chosen: Sequence[Chosen], sheet: Copy) -> list[Copy]:
    """All files of it."""
    archived = [copy for one in chosen for copy in files_of(found, one)]
    return [*archived, *frame(found, chosen, archived, sheet)]


def frame(
    found: Gathered, chosen: Sequence[Chosen], archived: Sequence[Copy], sheet: Copy, disc: str = ""
) -> list[Copy]:
    """What stands around the 电子档案: the catalogue, the explanation, 其他/. disc: which of several (第1张，共3张)."""
    numbers = {one.number for one in chosen}
    unasked = [letter for one in found.kept if one.number not in numbers for letter in one.letters]
    notices = () if NOTICE in numbers else found.notices
    extra = replace(found, letters=(*found.letters, *unasked), notices=notices)
    rest = [replace(one, path=f"其他/{one.path}") for one in beside(extra)]
    rest.append(sheet)
    catalogue = made("文件目录.XML", catalogue_xml(found, chosen))
    explained = made("说明文件.TXT", explanation(found, chosen, archived, disc))
    whole = [*archived, *rest, catalogue, explained]
    return [*rest, catalogue, explained, made(SUMS, checksums(whole))]


def files_of(found: Gathered, one: Chosen) -> Iterator[Copy]:
    """The files of one archived 件, below its 档号; `group` is the number."""
    if one.number == NOTICE:
        for notice in found.notices:
            yield made(f"{one.folder}/{notice.name}", notice.read_bytes(), NOTICE)
        return
    held = found.by_number[one.number]
    for path, (lies_at, digest) in held.files.items():
        yield kept(f"{one.folder}/{path}", lies_at, digest, one.number)
    for letter in held.letters:
        yield made(f"{one.folder}/letters/{letter_name(letter)}", letter.body, one.number)


# --- what is read first


def catalogue_xml(found: Gathered, chosen: Sequence[Chosen]) -> bytes:
    """文件目录.XML: one 文件 for each 件, with its files, their bytes and SHA-256."""
    root = etree.Element("文件目录", 活动=_xml(found.campaign.title), 件数=str(len(chosen)))
    for place, one in enumerate(chosen, start=1):
        entry = etree.SubElement(root, "文件")
        for name, value in (
            ("顺序号", str(place)), ("档号", one.file_number), ("全宗号", one.fonds), ("年度", one.year),
            ("机构或问题", one.office), ("保管期限", one.term), ("件号", f"{one.item:04d}"), ("责任者", one.author),
            ("文号", one.reference), ("题名", one.title), ("日期", one.day), ("密级", one.secrecy), ("页数", one.pages),
            ("电子档案名称", one.folder), ("来件编号", "" if one.number == NOTICE else one.number), ("备注", one.note),
        ):  # fmt: skip
            etree.SubElement(entry, name).text = _xml(value)
        for copy in files_of(found, one):
            told = {"路径": copy.path, "字节数": str(copy.size), "SHA-256": copy.sha256}
            etree.SubElement(entry, "电子文件", {name: _xml(value) for name, value in told.items()})
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _xml(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def explanation(found: Gathered, chosen: Sequence[Chosen], archived: Sequence[Copy], disc: str = "") -> bytes:
    """说明文件.TXT: what this is, how much, in which formats, how to read and check it, and blank lines to sign."""
    campaign = found.campaign
    terms = Counter(one.term for one in chosen)
    formats = Counter(PurePosixPath(copy.path).suffix.lower() or "（无扩展名）" for copy in archived)
    lines = [
        f"电子档案移交说明{disc}",
        "",
        f"活动：{campaign.title}",
        f"形成单位：{campaign.issuer}",
        f"文号：{campaign.doc_number or ''}",
        f"全宗号：{'、'.join(dict.fromkeys(one.fonds for one in chosen))}",
        f"年度：{'、'.join(sorted({one.year for one in chosen}))}",
        f"数量：{len(chosen)} 件，电子文件 {len(archived)} 个，{amount(sum(copy.size for copy in archived))}",
        f"保管期限：{'，'.join(f'{term} {count} 件' for term, count in terms.items())}",
        f"格式：{'，'.join(f'{name} {count} 个' for name, count in sorted(formats.items()))}",
        "",
        "结构：",
        "  说明文件.TXT          本文件（UTF-8）",
        "  文件目录.XML          逐件目录，及每个电子文件的字节数和 SHA-256（UTF-8）",
        "  电子档案/年度/类别/档号/   message.eml 收到的邮件原件；files 附件；record.json 登记；letters 答复的信",
        "  其他/                 发出的其他信件、活动文件和名册的历次版本、归档清单、校验值",
        "",
        "读取：.eml 用任何邮件程序打开；其余按扩展名。不需要专用软件。",
        f"核对：在本文件夹运行 sha256sum -c {SUMS}；Windows 上逐个用 certutil -hashfile 文件 SHA256。",
        "",
        *(f"未收入：{one.number} {one.why}" for one in found.left_out),
        "本移交参照 2012 年电子档案移交与接收的做法编排，未经检测，不声称符合任何标准。",
        "",
        "移交单位：                    移交人：            日期：",
        "接收单位：                    接收人：            日期：",
        "",
    ]
    return ("\ufeff" + "\r\n".join(lines)).encode()
