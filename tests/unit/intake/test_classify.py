"""What each piece is: categories, sub-kinds, works and their texts, what replaces what, and what is announced."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from archive.judging.titles import title_key as key
from archive.records import Piece, PieceDecision
from config.campaign import Campaign
from intake.classify import announced, classify, says_all_sent
from tests.unit.intake.judged import ANQING, HAINAN, WEIHAI, WEIHAI_ROSTER, attach, mail, piece, table

UNIT = WEIHAI_ROSTER.unit("HC")


def judged(campaign: Campaign, subject: str, *files: Any, text: str = "") -> list[PieceDecision]:
    return list(classify(mail(subject, text), attach(*files), campaign, UNIT))


def kinds(decision: PieceDecision) -> set[str]:
    return {each.kind for each in decision.evidence}


def test_the_category_follows_from_the_kind_of_file() -> None:
    found = judged(HAINAN, "微作品", "平凡.wmv", *(f"渔家{n}.jpg" for n in range(1, 7)))
    assert [each.category for each in found] == ["video", *["story"] * 6]


def test_pictures_of_a_folder_are_one_work_with_their_text() -> None:
    found = judged(
        WEIHAI, "材料", *(f"青观察.zip>渔港新貌/{n}.jpg" for n in range(1, 5)), "青观察.zip>渔港新貌/文字说明.docx"
    )
    assert [(each.item, each.work) for each in found[1:]] == [("photo", "渔港新貌")] * 5
    assert "companion" in kinds(found[5])


def test_two_folders_are_two_works() -> None:
    files = [f"青观察.zip>{name}/{n}.jpg" for name in ("渔港新貌", "老街") for n in range(1, 5)]
    assert {each.work for each in judged(WEIHAI, "材料", *files)[1:]} == {"渔港新貌", "老街"}


def test_two_numbered_series_in_one_mail_are_two_works_each_with_its_text() -> None:
    files = [f"{name}{n}.jpg" for name in ("渔港新貌", "老街") for n in range(1, 5)]
    found = judged(WEIHAI, "改革开放青观察", *files, "老街说明.txt", "渔港新貌.docx")
    assert [each.work for each in found] == ["渔港新貌"] * 4 + ["老街"] * 4 + ["老街", "渔港新貌"]
    assert {each.item for each in found} == {"photo"}


def test_camera_numbers_in_a_folder_named_nothing_take_the_folder_above() -> None:
    found = judged(WEIHAI, "青观察", *(f"渔港新貌.zip>图片/IMG_{n}.jpg" for n in range(2031, 2036)))
    assert {each.work for each in found[1:]} == {"渔港新貌"}


def test_a_set_without_any_title_is_named_after_its_folder() -> None:
    found = judged(WEIHAI, "青年文明号材料", *(f"材料.zip>1.图片作品/{n}.jpg" for n in range(1, 5)))
    assert {each.work for each in found[1:]} == {"图片作品"}


def test_the_campaigns_own_name_in_a_title_names_no_item() -> None:
    found = judged(WEIHAI, "成果", "“品牌建设青之见”征文——浅谈青年文明号创建.docx")[0]
    assert (found.item, found.work) == ("essay", "浅谈青年文明号创建")


def test_the_same_title_is_the_same_work_in_a_later_mail() -> None:
    first = judged(WEIHAI, "征文", "品牌建设青之见征文：一枚印章的旅程.docx")[0]
    later = judged(WEIHAI, "征文重报", "《一枚印章的旅程》（修改版）.docx")[0]
    assert first.work == later.work == "一枚印章的旅程"
    assert "supersede" in kinds(later) and "supersede" not in kinds(first)


def test_the_tables_title_is_the_works_key() -> None:
    rows = table("环翠区团委", ("“改革开放青观察”图片作品", "港湾里的四十年", "图片", "", ""))
    found = judged(WEIHAI, "材料", ("汇总表.xls", rows), *(f"港湾里的四十年（{n}）.jpg" for n in range(1, 5)))
    assert {(each.item, each.work) for each in found[1:]} == {("photo", "港湾里的四十年")}


def test_an_empty_class_cell_repeats_the_one_above() -> None:
    rows = table("环翠区团委", ("“品牌建设青之见”征文", "甲乙丙", "", "", ""), ("", "窗口里的青春", "", "", ""))
    assert judged(WEIHAI, "材料", ("汇总表.xls", rows), "窗口里的青春.docx")[1].item == "essay"


@pytest.mark.parametrize(
    ("subject", "name", "expected"),
    [
        ("征文", "征文（案例类）：窗口.docx", "case"),
        ("征文（理论阐述类）", "窗口.docx", "theory"),
        ("征文", "实践案例-窗口.docx", "case"),
        ("征文", "以理论武装头脑征文.docx", None),
        ("征文", "窗口里的实践与思考征文.docx", None),
        ("征文（理论类）", "征文（案例类）窗口.docx", "case"),
    ],
)
def test_the_sub_kind_is_what_the_unit_declares(subject: str, name: str, expected: str | None) -> None:
    found = judged(WEIHAI, subject, name)[0]
    assert (found.item, found.subkind) == ("essay", expected)


def test_a_sub_kind_from_the_tables_form_column() -> None:
    rows = table("环翠区团委", ("“品牌建设青之见”征文", "窗口里的青春", "征文（理论类）", "", ""))
    assert judged(WEIHAI, "材料", ("汇总表.xls", rows), "窗口里的青春.docx")[1].subkind == "theory"


def test_an_undecided_piece_has_ranked_guesses_with_reasons() -> None:
    found = judged(HAINAN, "材料", "典型经验总结.docx")[0]
    assert found.item is None and not found.none
    assert {item for item, _ in found.guesses[:2]} == {"summary", "experience"}
    assert found.evidence


def test_a_document_with_a_name_of_its_own_in_the_picture_folder_is_no_companion() -> None:
    found = judged(HAINAN, "材料", *(f"微故事.zip>{n}.jpg" for n in range(1, 7)), "微故事.zip>典型经验.docx")
    assert found[-1].item == "experience"


def test_an_archive_is_a_container_without_a_question() -> None:
    found = judged(WEIHAI, "材料", "青之见.zip>征文.docx")[0]
    assert found.none and "逐个核对" in found.evidence[0].text


def test_the_further_volumes_of_an_archive_are_not_asked_about() -> None:
    lacking = {"type": "rar", "problem": "volume-missing"}
    found = judged(WEIHAI, "材料", ("材料.part1.rar", lacking), ("材料.part3.rar", {"type": "rar"}))
    assert [decision.none for decision in found] == [False, True]


def test_an_opened_archive_with_a_link_in_it_is_a_container_all_the_same() -> None:
    pieces = attach(("青之见.zip", {"problem": "link"}), "青之见.zip>征文.docx")
    assert classify(mail("材料"), pieces, WEIHAI, None)[0].none


def test_a_mail_that_could_not_be_opened_is_asked_about() -> None:
    found = judged(WEIHAI, "材料", ("转发.eml", {"problem": "damaged"}), ("原稿.eml", {}))
    assert [decision.none for decision in found] == [False, True]


def test_a_picture_in_a_document_asks_nothing() -> None:
    (document,) = attach("品牌征文.docx")
    shown = replace(piece("2/word/media/1.jpeg", "图1.jpeg", within="2"), embedded=True)
    essay, picture = classify(mail("材料"), (document, shown), WEIHAI, None)[:2]
    assert (essay.item, picture.none, picture.evidence[0].kind) == ("essay", True, "illustration")


def test_a_program_named_like_an_item_is_left_to_a_person() -> None:
    (decision,) = judged(HAINAN, "开放周总结", ("工作总结.exe", {"type": "exe"}))
    assert (decision.item, decision.none, kinds(decision)) == (None, False, {"program"})


def test_the_only_blank_form_is_left_to_the_checklist() -> None:
    blank = {"columns": tuple(table("")["columns"]), "rows": 0}
    assert [(e.item, e.none) for e in judged(WEIHAI, "材料", ("汇总表.xls", blank))] == [("works_table", False)]


def test_a_picture_in_the_text_that_is_large_is_a_work() -> None:
    files = [(f"青观察{n}.jpg", {"width": 2000, "height": 1500}) for n in range(1, 5)]
    assert {each.item for each in judged(WEIHAI, "图片作品", *files)} == {"photo"}


def test_everything_goes_to_the_only_item_and_the_text_counts() -> None:
    text = (
        "9月20日，我县组织青年文明号集体走进社区，六十余名青年为群众义诊、维修家电、讲解税务政策，" + "受到好评。" * 4
    )
    found = judged(ANQING, "活动信息", "1.jpg", "视频.mp4", text=text)
    assert [(each.path, each.item) for each in found] == [("2", "info"), ("3", "info"), ("text", "info")]


def test_a_covering_letter_is_no_information() -> None:
    assert [each.path for each in judged(ANQING, "活动信息", "1.jpg", text="信息见附件，请查收。")] == ["2"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1.《渔港新貌》说明（修改版）", "渔港新貌"),
        ("附件2：渔港新貌", "渔港新貌"),
        ("渔港新貌-最终版", "渔港新貌"),
        ("（一）渔港新貌 文字说明", "渔港新貌"),
        ("40年的变迁", "40年的变迁"),
    ],
)
def test_keys_stay_the_same_over_editions(name: str, expected: str) -> None:
    assert key(name) == expected


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("材料（1/3）", "", ("part", 1, 3)),
        ("材料第二封，共三封", "", ("part", 2, 3)),
        ("材料", "附件较大，分三封发送。", ("part", None, 3)),
        ("材料", "其余作品另发。", ("more", None, None)),
        ("材料", "盖章版稍后补发，请查收。", ("more", None, None)),
        ("材料", "视频另寄光盘", ("disc", None, None)),
        ("材料", "微视频已刻录光盘，通过快递邮寄。", ("disc", None, None)),
        ("材料", "链接：https://pan.baidu.com/s/1abc 提取码：x1y2", ("link", None, None)),
    ],
)
def test_what_is_announced(subject: str, text: str, expected: tuple[str, int | None, int | None]) -> None:
    found = announced(mail(subject, text))
    assert [(each.kind, each.part, each.of) for each in found] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "材料见附件，请查收。",
        "请问光盘要邮寄到哪里？",
        "活动于2018/7/1开展",
        "服务时间为24/7",
        "我们无需邮寄光盘",
        "电话3/4楼",
        "见 http://www.town.test/",
    ],
)
def test_what_announces_nothing(text: str) -> None:
    assert announced(mail("材料", text)) == ()


def test_a_link_carries_its_address_and_code() -> None:
    link = announced(mail("视频", "https://pan.baidu.com/s/1abc 提取码: x1y2"))[0]
    assert link.url == "https://pan.baidu.com/s/1abc" and link.code == "x1y2"


@pytest.mark.parametrize(
    "text", ["材料已全部报送，请查收。", "全部材料见附件", "作品已报齐", "我单位材料均已全部上报", "报送完毕"]
)
def test_all_sent(text: str) -> None:
    assert says_all_sent(mail("材料", text))


@pytest.mark.parametrize(
    "text", ["材料尚未全部报送", "请问是否已全部报送？", "材料已报送", "全部青年都参加了活动", "材料全部报齐了吗"]
)
def test_not_all_sent(text: str) -> None:
    assert not says_all_sent(mail("材料", text))


def test_a_piece_is_classified_within_a_millisecond() -> None:
    files = attach(
        *(f"材料.zip>青观察/作品{n // 5}/{n}.jpg" for n in range(100)), *(f"征文{n}.docx" for n in range(20))
    )
    letter = mail("青年文明号材料")
    classify(letter, files, WEIHAI, UNIT)
    taken = []
    for _ in range(5):
        begin = time.process_time()
        classify(letter, files, WEIHAI, UNIT)
        taken.append(time.process_time() - begin)
    assert min(taken) / len(files) < 0.001


# --- why files are one work, and where its words stand


def test_the_evidence_says_why_pictures_are_one_work() -> None:
    def why(*files: Any) -> set[str]:
        found = judged(WEIHAI, "改革开放青观察", *files)
        return {each.text for one in found for each in one.evidence if each.kind == "set"}

    assert why(*(f"青观察.zip>渔港新貌/{n}.jpg" for n in range(1, 6))) == {"同在“渔港新貌”里的5张图片，是一件作品"}
    assert why(*(f"渔港新貌{n}.jpg" for n in range(1, 5))) == {"文件名同为“渔港新貌”加编号的4张图片，是一件作品"}
    assert why(*(f"IMG_20{n}.jpg" for n in range(10, 14))) == {"同一封邮件里的4张图片，是一件作品"}


def inside(document: str, count: int, **facts: Any) -> tuple[Piece, ...]:
    """A document as the only attachment, with so many pictures in it."""
    whole = piece("2", document, **facts)
    pictures = [replace(piece(f"2/图{n}.jpeg", f"图{n}.jpeg", within="2"), embedded=True) for n in range(1, count + 1)]
    return (whole, *pictures)


def test_pictures_inside_a_document_are_the_work_and_its_words_their_caption() -> None:
    pieces = inside("渔港新貌.docx", 5, characters=180)
    found = classify(mail("报送“改革开放青观察”图片作品"), pieces, WEIHAI, UNIT)
    assert {(one.item, one.work) for one in found} == {("photo", "渔港新貌")}
    assert {each.kind for each in found[1].evidence} >= {"inside"}
    stories = classify(mail("微作品"), inside("微故事-守灯人.docx", 6, characters=400), HAINAN, None)
    assert {(one.item, one.category, one.work) for one in stories} == {("works", "story", "守灯人")}


def test_pictures_inside_an_essay_or_a_report_are_illustrations() -> None:
    essay = classify(mail("征文"), inside("品牌建设青之见征文.docx", 3, characters=1900), WEIHAI, UNIT)
    assert [(one.item, one.none) for one in essay] == [("essay", False), *[(None, True)] * 3]
    report = classify(mail("总结"), inside("活动整体工作总结.docx", 4, characters=500), HAINAN, None)
    assert [(one.item, one.none) for one in report] == [("summary", False), *[(None, True)] * 4]


def test_a_caption_in_the_mail_goes_to_the_set_it_speaks_of() -> None:
    words = "四十年前这里是一片滩涂，如今渔港灯火通明，三代人的脚步都留在同一条堤上。"
    found = judged(
        WEIHAI, "“改革开放青观察”图片作品", *(f"渔港新貌{n}.jpg" for n in range(1, 5)), text=f"作品说明：{words}"
    )
    assert (found[-1].path, found[-1].item, found[-1].work) == ("text:渔港新貌", "photo", "渔港新貌")
    assert words in found[-1].evidence[0].text
    beside = judged(
        WEIHAI, "青观察", *(f"渔港新貌{n}.jpg" for n in range(1, 5)), "渔港新貌说明.docx", text=f"作品说明：{words}"
    )
    assert not [one for one in beside if one.path.startswith("text")]


def test_a_title_keeps_the_words_that_belong_to_it() -> None:
    theory = judged(WEIHAI, "征文", "理论类-青年文明号品牌建设的理论阐述.docx")[0]
    assert theory.work == "青年文明号品牌建设的理论阐述"
    lamp = judged(WEIHAI, "青观察", *(f"青观察图片作品-港口的灯{n}.jpg" for n in range(1, 5)))[0]
    assert lamp.work == "港口的灯"


def test_pictures_called_nothing_take_the_one_title_the_mail_speaks_of() -> None:
    files = [f"IMG_20{n}.jpg" for n in range(10, 15)]
    found = judged(WEIHAI, "改革开放青观察", *files, text="现报送图片作品《海岸》一组。")
    assert {one.work for one in found} == {"海岸"}
    several = judged(WEIHAI, "改革开放青观察", *files, text="现报送《海岸》《老街》。")
    assert {one.work for one in several} & {"海岸", "老街"} == set()
