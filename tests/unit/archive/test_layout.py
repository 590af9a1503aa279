"""Where files lie for people: names that say what they are, safe everywhere, and that stay."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.layout import Layout, campaign_folders, lay_out, lay_out_unit, unit_folders
from archive.records import Evidence, Facts, Held, Holdings, PieceDecision
from config.campaign import Campaign
from config.roster import Roster, Unit
from tests.unit.archive.asked import (
    ANQING,
    HAINAN,
    UNIT,
    WEIHAI,
    at,
    essay,
    mail,
    photo,
    photos,
    piece,
    said,
    video,
)


def laid(asked: Campaign, *held: Held) -> Layout:
    return lay_out_unit(asked, "环翠区团委", Holdings(asked.id, UNIT.code, held))


def paths(layout: Layout) -> list[str]:
    return [one.path.removeprefix("环翠区团委/") for one in layout.entries]


def now(layout: Layout) -> dict[tuple[str, str], str]:
    return {(one.number, one.piece): one.path for one in layout.entries if one.place == "current"}


def test_a_set_lies_in_a_folder_of_its_title_in_its_order_with_its_caption():
    pictures = [said(photo(f"组图/{name}.JPG"), "photo", "渔港新貌") for name in ("开工", "合龙", "竣工", "通航")]
    caption = said(essay("组图/说明.doc", 150, "docx"), "photo", "渔港新貌")
    assert paths(laid(WEIHAI, mail(WEIHAI, "WH-1", at(8, 1), *pictures, caption))) == [
        "改革开放青观察/渔港新貌/01 开工.jpg",
        "改革开放青观察/渔港新貌/02 合龙.jpg",
        "改革开放青观察/渔港新貌/03 竣工.jpg",
        "改革开放青观察/渔港新貌/04 通航.jpg",
        "改革开放青观察/渔港新貌/说明.docx",
    ]


def test_the_name_of_a_work_and_the_true_suffix_make_its_file_name():
    sent = (
        said(essay("附件3（定）.doc", 1500, "docx"), "essay", "窗口故事"),
        said(video("VID_001.dat"), "promo", "青年说"),
        said(piece("照片", "jpeg"), "materials"),
    )
    sent = (sent[0], (replace(sent[1][0], facts=replace(sent[1][0].facts, type="mp4")), sent[1][1]), sent[2])
    assert paths(laid(WEIHAI, mail(WEIHAI, "WH-1", at(8, 1), *sent))) == [
        "品牌建设青之见/窗口故事.docx",
        "图文资料/2018-08-01 WH-1 报送材料/照片.jpg",
        "新时代青年说/青年说.mp4",
    ]


def test_a_suffix_that_says_the_same_stays():
    sent = (said(piece("a.jpeg", "jpeg"), "materials"), said(piece("b.TIF", "tiff"), "materials"))
    assert [one.rpartition("/")[2] for one in paths(laid(WEIHAI, mail(WEIHAI, "W", at(8, 1), *sent)))] == [
        "a.jpeg",
        "b.tif",
    ]


def test_what_was_replaced_lies_in_the_old_folder_and_the_new_one_takes_its_name():
    first = mail(WEIHAI, "WH-1", at(8, 1), said(essay("窗口故事.docx", 6000), "essay", "窗口故事"))
    later = mail(WEIHAI, "WH-2", at(8, 2), said(essay("窗口故事.docx", 1500), "essay", "窗口故事"))
    assert paths(laid(WEIHAI, first, later)) == [
        "品牌建设青之见/旧版/WH-1/窗口故事.docx",
        "品牌建设青之见/窗口故事.docx",
    ]
    assert [(one.number, one.place) for one in laid(WEIHAI, first, later).entries] == [
        ("WH-1", "old"),
        ("WH-2", "current"),
    ]


def test_a_picture_sent_anew_takes_the_place_of_the_one_it_replaces():
    first = mail(WEIHAI, "WH-1", at(8, 1), *photos(5))
    better = said(photo("3.jpg", 3000, 2000), "photo", "青观察之一")
    more = said(photo("补充.jpg"), "photo", "青观察之一")
    found = now(laid(WEIHAI, first, mail(WEIHAI, "WH-2", at(8, 2), better, more)))
    assert found["WH-2", "3.jpg"].endswith("青观察之一/03.jpg")
    assert found["WH-2", "补充.jpg"].endswith("青观察之一/06 补充.jpg")


def test_what_is_gone_leaves_its_name_to_nobody_who_has_one():
    """A and B are called alike, so B bears a 2; when C replaces A, B keeps it."""
    one = mail(WEIHAI, "WH-1", at(8, 1), said(video("a/片.mp4"), "promo", "片", category="video"))
    two = mail(WEIHAI, "WH-2", at(8, 2), said(video("b/片.mp4"), "promo", "片", category="h5"))
    other = said(video("c/另一片.mp4"), "promo", "另一片", category="video", supersedes=("WH-1",))
    before, after = now(laid(WEIHAI, one, two)), now(laid(WEIHAI, one, two, mail(WEIHAI, "WH-3", at(8, 3), other)))
    assert ("WH-1", "a/片.mp4") not in after
    assert before["WH-2", "b/片.mp4"].endswith("新时代青年说/片 (2).mp4")
    assert after["WH-2", "b/片.mp4"] == before["WH-2", "b/片.mp4"]


def test_a_mail_found_late_in_another_folder_renames_nothing():
    def seen(held: Held, hour: int) -> Held:
        source = replace(held.submission.source, seen_at=at(8, 5, hour))
        return replace(held, submission=replace(held.submission, source=source))

    there = seen(mail(WEIHAI, "WH-1", at(8, 2), said(essay("x/情况.docx", 500), "essay", "情况")), 9)
    earlier = seen(mail(WEIHAI, "WH-2", at(8, 1), said(photo("情况.png"), "photo", "情况")), 10)
    assert now(laid(WEIHAI, there)).items() <= now(laid(WEIHAI, earlier, there)).items()


def test_the_same_bytes_again_lie_there_once():
    first = mail(WEIHAI, "WH-1", at(8, 1), said(video("片.mp4"), "promo", "片"))
    again = mail(WEIHAI, "WH-2", at(8, 2), said(video("片.mp4"), "promo", "片"))
    assert paths(laid(WEIHAI, first, again)) == ["新时代青年说/片.mp4"]


def test_what_nobody_decided_waits_under_its_number_and_what_is_no_material_is_left_out():
    logo, asked = piece("logo.png", "png"), piece("文件.docx")
    one = mail(WEIHAI, "WH-1", at(8, 1), said(asked, None), (logo, PieceDecision(logo.path, none=True)))
    assert paths(laid(WEIHAI, one)) == ["待归类/WH-1/文件.docx"]


def test_news_of_one_mail_lie_together_by_day():
    sent = (said(piece("1.jpg", "jpeg"), "info"), said(piece("活动.docx"), "info"))
    assert paths(laid(ANQING, mail(ANQING, "AQ-1", at(9, 3, 23), *sent, subject="报送：活动信息"))) == [
        "活动信息/2018-09-03 AQ-1 报送：活动信息/1.jpg",
        "活动信息/2018-09-03 AQ-1 报送：活动信息/活动.docx",
    ]


def test_words_of_a_mail_that_are_a_material_are_the_mail_itself():
    choice = PieceDecision("text", "info", evidence=(Evidence("text", "正文"),))
    nothing = replace(piece("x"), path="text", stored="")
    (one,) = laid(ANQING, mail(ANQING, "AQ-1", at(9, 3), (nothing, choice), text="我区开展了活动。")).entries
    assert (one.path.rpartition("/")[2], one.stored, one.sha256, one.size) == ("邮件正文.eml", "message.eml", "AQ-1", 1)


@pytest.mark.parametrize("mark", ["秘密", "身份证"])
def test_what_is_marked_lies_nowhere_and_neither_does_what_holds_it(mark: str):
    secret = replace(piece("材料/方案.docx", marks=(mark,)), within="材料.zip")
    inner = replace(piece("图.jpg", "jpeg"), within=secret.path, embedded=True)
    packed = replace(piece("材料.zip"), problem="damaged")
    plain = piece("总结.docx")
    choices = [(one, PieceDecision(one.path, "materials")) for one in (secret, inner, packed, plain)]
    found = laid(WEIHAI, mail(WEIHAI, "WH-1", at(8, 1), *choices))
    assert [one.rpartition("/")[2] for one in paths(found)] == ["总结.docx"]
    assert {one.piece for one in found.withheld} == {secret.path, inner.path, packed.path}
    assert all(mark in one.why for one in found.withheld)


def test_programs_are_not_laid_where_they_could_be_clicked():
    sent = (said(piece("照片.jpg.exe", "exe"), "materials"), said(piece("看.vbs", "txt"), "materials"))
    found = laid(WEIHAI, mail(WEIHAI, "WH-1", at(8, 1), *sent))
    assert (found.entries, len(found.withheld)) == ((), 2)


def test_folders_of_units_called_alike_are_told_apart_and_a_lost_unit_has_one():
    roster = Roster((Unit("a", "市直机关"), Unit("b", "市直机关"), Unit("c", "CON")))
    assert unit_folders(roster, ["x"]) == {
        "a": "市直机关（a）", "b": "市直机关（b）", "c": "_CON", "x": "x（不在名册）",
    }  # fmt: skip
    twins = {id: WEIHAI.model_copy(update={"id": id, "short": "成果"}) for id in ("y-2018", "y-2019")}
    assert campaign_folders(twins) == {"y-2018": "成果（y-2018）", "y-2019": "成果（y-2019）"}


NAMES = st.text(st.sampled_from('一二a.B/:*?"<>|\\ 　\u202e\n照（）总CON12'), max_size=60)
TYPES = st.sampled_from(["jpeg", "docx", "pdf", "mp4", "unknown", "ole", "xlsx", ""])
ITEMS = st.sampled_from(["materials", "photo", "promo", "essay", "works_table", "news", None])
FILES = st.lists(st.tuples(NAMES, TYPES, ITEMS, st.sampled_from([None, "甲", "乙", "a/b", "旧版"])), max_size=5)


def sent(turn: int, files: list[tuple[str, str, str | None, str | None]]) -> Held:
    pairs = []
    for place, (name, type, item, work) in enumerate(files):
        path = f"{place + 2}"
        one = replace(piece(name), path=path, name=name, facts=Facts(type), sha256=f"{turn}-{path}", size=turn)
        pairs.append((one, PieceDecision(path, item, work=work)))
    return mail(WEIHAI, f"WH-{turn}", at(8, 1 + turn), *pairs)


@settings(deadline=None, max_examples=80)
@given(st.lists(FILES, min_size=1, max_size=5))
def test_whatever_comes_names_are_safe_and_unique_and_what_counts_keeps_its_name(mails):
    held = [sent(turn, files) for turn, files in enumerate(mails)]
    before: dict[tuple[str, str], str] = {}
    for count in range(1, len(held) + 1):
        layout = laid(WEIHAI, *held[:count])
        found = [one.path for one in layout.entries]
        assert len({path.casefold() for path in found}) == len(found)
        folders = {path.casefold().rpartition("/")[0] for path in found}
        assert not folders & {path.casefold() for path in found}
        for path in found:
            assert len(path) < 190
            for step in path.split("/"):
                assert (
                    step and not re.search(r'[\\:*?"<>|\x00-\x1f\u202e]', step) and step == step.strip(" ").rstrip(".")
                )
        current = now(layout)
        assert {key: path for key, path in before.items() if key in current}.items() <= current.items()
        before = current


def test_all_units_together_lie_each_in_its_own_folder():
    held = {
        UNIT.code: Holdings(
            HAINAN.id, UNIT.code, (mail(HAINAN, "HN-1", at(7, 1), said(essay("总结.docx"), "summary")),)
        )
    }
    (one,) = lay_out(HAINAN, Roster((UNIT,)), held).entries
    assert one.path == "环翠区团委/活动整体工作总结/总结.docx"
