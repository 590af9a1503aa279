"""The words that go with a selection: a covering note as a Word document, and the text of each mail."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from archive.forms.document import MADE, settled
from config.campaign import CONTACT_PLACEHOLDER, Campaign


def asked_of(campaign: Campaign) -> str:
    """联系人：王示例  0631-0000101; empty while nobody filled it in."""
    contact = campaign.contact
    if CONTACT_PLACEHOLDER in contact.name + contact.phone:
        return ""
    return f"联系人：{contact.name}  {contact.phone}"


def day_in_words(day: date) -> str:
    """2018年8月16日."""
    return f"{day.year}年{day.month}月{day.day}日"


def note_docx(campaign: Campaign, whom: str, day: date, works: int, units: int, mails: int, too_large: int) -> bytes:
    """选送函.docx: A4, as offices write a 函; equal words give equal bytes."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Cm(3.7), Cm(3.5), Cm(2.8), Cm(2.6)
    _line(document, f"关于报送{campaign.short}作品的函", "方正小标宋简体", 22, WD_ALIGN_PARAGRAPH.CENTER, after=24)
    _line(document, f"{whom}：")
    number = f"（{campaign.doc_number}）" if campaign.doc_number else ""
    _line(document, f"按照《{campaign.title}》{number}，我们从各单位报送的材料中择优选出 {works} 件作品，"
                    f"来自 {units} 个单位。现随函报送，请审阅。", indent=True)  # fmt: skip
    _line(document, "附件：1.选送作品汇总表", indent=True)
    ways = [f"分 {mails} 封邮件报送"] if mails > 1 else []
    ways += [f"其中 {too_large} 件文件较大，另行报送"] if too_large else []
    _line(
        document, f"　　　2.选送作品 {works} 件{'（' + '，'.join(ways) + '）' if ways else ''}", indent=True, after=18
    )
    _line(document, campaign.issuer, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, day_in_words(day), align=WD_ALIGN_PARAGRAPH.RIGHT, after=18)
    if told := asked_of(campaign):
        _line(document, f"（{told}）", indent=True)
    return _saved(document)


def _line(
    document: Any,
    text: str,
    font: str = "仿宋",
    size: int = 16,
    align: Any = None,
    indent: bool = False,
    after: int = 0,
) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    form = paragraph.paragraph_format
    form.alignment, form.line_spacing, form.space_after = align, Pt(size * 1.8), Pt(after)
    form.first_line_indent = Pt(2 * size) if indent else None


def _saved(document: Any) -> bytes:
    document.core_properties.created = document.core_properties.modified = MADE
    document.core_properties.author = ""
    out = io.BytesIO()
    document.save(out)
    return settled(out.getvalue())


def mail_text(
    campaign: Campaign, whom: str, day: date, works: int, place: int, mails: int, attached: Sequence[str],
    too_large: Sequence[str],
) -> bytes:  # fmt: skip
    """正文.txt of one mail, to be pasted: subject, then the words (UTF-8 with its mark, CRLF)."""
    which = f"，第 {place} 封，共 {mails} 封" if mails > 1 else ""
    lines = [
        f"收件人：{whom}",
        f"主题：{campaign.issuer}报送{campaign.short}选送作品（共 {works} 件{which}）",
        "",
        f"{whom}：",
        "",
        f"现报送《{campaign.title}》选送作品，共 {works} 件{which}。本封附件：",
        *(f"{count}. {name}" for count, name in enumerate(attached, start=1)),
        *([f"文件较大、另行报送的：{'、'.join(too_large)}"] if too_large and place == 1 else []),
        "",
        *filter(None, [asked_of(campaign)]),
        campaign.issuer,
        day_in_words(day),
        "",
    ]
    return ("\ufeff" + "\r\n".join(lines)).encode()
