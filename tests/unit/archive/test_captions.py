"""Captions that came in no file of their own: in the mail's words, in a row of the table, in the document itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.judging.captions import caption_in
from archive.records import Evidence
from tests.unit.archive.asked import WEIHAI, at, codes, good_table, mail, photo, photos, said, seen

WORDS = "四十年前这里是一片滩涂，如今渔港灯火通明，三代人的脚步都留在同一条堤上。"
COVER = "现将我单位“改革开放青观察”图片作品报上，共5张，请查收。\n联系人：张某 电话：000-0000000"


@pytest.mark.parametrize(
    "text",
    [
        f"{COVER}\n作品说明：{WORDS}",
        f"您好！\n{COVER}\n\n《渔港新貌》：{WORDS}\n\n谢谢！",
        f"《渔港新貌》文字说明：\n{WORDS}\n{COVER}",
        f"{COVER}\n\n{WORDS}\n\n环翠区团委",
        f"现报送我区图片作品《渔港新貌》一组，作品说明：{WORDS}",
        f"报送图片作品，共五张；《渔港新貌》：{WORDS}",
        f"微故事说明：{WORDS}",
        f"附件是五张照片，麻烦老师查收。\n创意简介: {WORDS}",
    ],
)
def test_the_caption_is_found_in_the_mails_own_words(text: str):
    assert caption_in(text, "渔港新貌", alone=True) == WORDS


@pytest.mark.parametrize(
    "text",
    [
        COVER,
        "老师您好，这是我们区的图片作品，麻烦您了，有什么问题请及时联系我们，谢谢您的辛勤工作，祝工作顺利！",
        "说明：见附件",
        "联系人：张某某某某某某某某\n电话：000-0000000000",
        "",
    ],
)
def test_a_covering_letter_is_no_caption(text: str):
    assert caption_in(text, "渔港新貌", alone=True) == ""


def test_of_two_works_each_takes_only_the_words_under_its_own_title():
    text = f"《渔港新貌》：{WORDS}\n《老街》：{WORDS[::-1]}"
    assert caption_in(text, "渔港新貌", alone=False) == WORDS
    assert caption_in(text, "老街", alone=False) == WORDS[::-1]
    assert caption_in(f"作品说明：{WORDS}", "老街", alone=False) == ""


def test_a_caption_in_the_mail_is_counted_without_the_covering_words():
    pictures = photos(4)[:4]
    long = "字" * 230
    choice = said(photo("x"), "photo", "青观察之一", evidence=(Evidence("caption", f"正文写有说明：{long}"),))[1]
    words = replace(choice, path="text:青观察之一")
    sent = mail(WEIHAI, "W-1", at(8, 1), *pictures, text=f"{COVER}\n作品说明：{long}")
    sent = replace(sent, decision=replace(sent.decision, pieces=(*sent.decision.pieces, words)))
    listed = seen(WEIHAI, sent)
    assert codes(listed, "photo") == ["too-many-characters"]
    assert "230字" in listed.item("photo").findings[0].text


def test_a_caption_in_the_tables_row_is_enough_and_is_measured():
    table = good_table()
    columns = (*table.facts.columns, "作品简介")

    def with_words(words: str):
        cells = (("图片", "青观察之一", "图片", "收费站", "张三", words),)
        return said(replace(table, facts=replace(table.facts, columns=columns, cells=cells)), "works_table")

    pictures = photos(4)[:4]
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, with_words(WORDS))), "photo") == []
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, with_words("略"))), "photo") == ["no-companion"]
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, with_words("字" * 220))), "photo") == [
        "too-many-characters"
    ]
