"""Every rule of the campaign language against files that pass it, fail it, and cannot be judged."""

from __future__ import annotations

import typing
from dataclasses import replace

import pytest

from archive.judging.findings import CODES, STAFF_CODES, called, finding
from archive.judging.item_rules import SHOWN_ONLY
from archive.judging.items import ITEM_CHECKS
from archive.judging.rules import WORK_RULES, kbps
from config.campaign import Rule
from tests.unit.archive.asked import (
    BINGTUAN,
    HAINAN,
    TABLE,
    WEIHAI,
    at,
    codes,
    essay,
    good_table,
    mail,
    photo,
    photos,
    piece,
    registered,
    ruled,
    said,
    seen,
    video,
)


def told(rule: dict, *files, **item) -> list[tuple[str, str]]:
    """(code, severity) of everything said about these files under that one rule, all one work."""
    asked = ruled(rule, **{"kind": "work", **item})
    listed = seen(asked, mail(asked, "W-1", at(8, 1), *[said(one, "thing", "作品") for one in files]))
    return [(one.code, one.severity) for one in listed.item("thing").findings]


def test_every_check_of_the_language_has_a_function_or_is_shown_to_staff_only():
    kinds = typing.get_args(typing.get_args(Rule)[0])
    checks = {typing.get_args(kind.model_fields["check"].annotation)[0] for kind in kinds}
    assert checks == set(WORK_RULES) | set(ITEM_CHECKS) | SHOWN_ONLY


@pytest.mark.parametrize(
    ("rule", "file", "expected"),
    [
        ({"check": "format", "any_of": ["jpg"]}, photo("1.jpg"), []),
        ({"check": "format", "any_of": ["jpeg"]}, piece("1.png"), [("wrong-format", "demand")]),
        ({"check": "format", "any_of": ["jpeg"]}, piece("1.jpg", "png"), [("wrong-format", "demand")]),
        ({"check": "format", "any_of": ["jpeg"], "open_list": True}, piece("1.png"), [("wrong-format", "advice")]),
        ({"check": "format", "any_of": ["jpeg"]}, piece("1.x", "unknown"), [("not-evaluated", "advice")]),
        ({"check": "pixels", "min_width": 1600, "min_height": 1200}, photo("1.jpg", 1200, 1600), []),
        (
            {"check": "pixels", "min_width": 1600, "min_height": 1200},
            photo("1.jpg", 4000, 1199),
            [("pixels-too-small", "demand")],
        ),
        ({"check": "pixels", "max_width": 1600}, photo("1.jpg", 1700, 20), [("pixels-too-large", "demand")]),
        ({"check": "pixels", "min_width": 1600}, piece("1.jpg"), [("not-evaluated", "advice")]),
        (
            {"check": "pixels", "min_width": 720, "min_height": 576},
            video("1.wmv", width=640, height=480),
            [("resolution-too-small", "demand")],
        ),
        ({"check": "pixels", "max_height": 576}, video("1.wmv"), [("resolution-too-large", "demand")]),
        ({"check": "duration", "max": 30}, video("1.mp4", 30.0), []),
        ({"check": "duration", "max": 30}, video("1.mp4", 30.04), []),
        ({"check": "duration", "max": 30}, video("1.mp4", 31), [("too-long", "demand")]),
        ({"check": "duration", "min": 30}, video("1.mp4", 20), [("too-short", "demand")]),
        ({"check": "duration", "max": 30}, video("1.mp4", None), [("not-evaluated", "advice")]),
        ({"check": "duration", "max": 30}, piece("h5.zip"), [("not-evaluated", "advice")]),
        ({"check": "duration", "max": 30, "severity": "advice"}, piece("h5.zip"), []),
        ({"check": "video_bit_rate", "min": 20_000_000}, video("1.wmv"), []),
        (
            {"check": "video_bit_rate", "min": 20_000_000},
            video("1.wmv", video_bit_rate=19_999_999),
            [("bit-rate-too-low", "demand")],
        ),
        ({"check": "video_bit_rate", "max": 1}, video("1.wmv"), [("bit-rate-too-high", "demand")]),
        (
            {"check": "video_bit_rate", "min": 20_000_000},
            video("1.wmv", video_bit_rate=None),
            [("not-evaluated", "advice")],
        ),
        ({"check": "size", "max": 1000}, piece("1.zip", size=1000), []),
        ({"check": "size", "max": 1000}, piece("1.zip", size=1001), [("size-too-large", "demand")]),
        ({"check": "size", "min": 1000}, piece("1.zip", size=999), [("size-too-small", "demand")]),
        ({"check": "characters", "max": 2000}, essay("1.docx", 2000), []),
        ({"check": "characters", "max": 2000}, essay("1.docx", 2100), [("too-many-characters", "advice")]),
        ({"check": "characters", "max": 2000}, essay("1.docx", 2101), [("too-many-characters", "demand")]),
        ({"check": "characters", "min": 2000}, essay("1.docx", 1899), [("too-few-characters", "demand")]),
        ({"check": "characters", "min": 2000}, essay("1.docx", 1900), [("too-few-characters", "advice")]),
        ({"check": "characters", "max": 2000}, essay("1.doc", None), [("not-evaluated", "advice")]),
        ({"check": "characters", "max": 2000}, photo("手稿.jpg"), [("not-evaluated", "advice")]),
        ({"check": "characters", "max": 2000}, essay("1.docx", 0), [("scan-without-text", "advice")]),
        ({"check": "characters", "max": 2000}, piece("1.docx.lnk", "lnk"), [("cannot-open", "demand")]),
        ({"check": "pages", "max": 3}, piece("1.pdf", pages=3), []),
        ({"check": "pages", "max": 3}, piece("1.pdf", pages=4), [("too-many-pages", "demand")]),
        ({"check": "pages", "min": 3}, piece("1.pdf", pages=2), [("too-few-pages", "demand")]),
        ({"check": "pages", "max": 3}, piece("1.docx"), [("not-evaluated", "advice")]),
        ({"check": "group", "min": 4, "max": 9}, photo("1.jpg"), [("group-too-small", "demand")]),
        ({"check": "group", "max": 9}, piece("组图.docx"), [("not-evaluated", "advice")]),
        ({"check": "companion"}, photo("1.jpg"), [("no-companion", "demand")]),
        ({"check": "companion", "what": "form"}, video("1.mp4"), [("no-companion", "demand")]),
        ({"check": "pair"}, piece("1.docx"), [("no-scan", "demand")]),
        ({"check": "pair"}, piece("1.pdf"), [("no-editable", "demand")]),
        ({"check": "human", "question": "是否原创"}, photo("1.jpg"), []),
        ({"check": "size", "max": 9999}, piece("1.jpg", "png"), [("extension-differs", "advice")]),
        ({"check": "size", "max": 9999}, essay("1.docx", 1, type="jpeg"), [("extension-differs", "advice")]),
    ],
)
def test_a_rule_says(rule, file, expected):
    assert told(rule, file) == expected


def test_what_the_notice_only_calls_fitting_is_told_as_that():
    asked = ruled({"check": "group", "min": 6, "severity": "advice"}, kind="work")
    listed = seen(asked, mail(asked, "W-1", at(8, 1), said(photo("1.jpg"), "thing", "作品")))
    assert listed.item("thing").findings[0].text == "《作品》共1张图片，以不少于6张为宜，供参考"


def test_two_versions_of_a_document_make_a_pair_whatever_their_names():
    files = [said(piece("总结.docx"), "thing"), said(piece("盖章.pdf"), "thing")]
    asked = ruled({"check": "pair"})
    listed = seen(asked, mail(asked, "W-1", at(8, 1), *files))
    assert (listed.item("thing").state, listed.item("thing").have) == ("complete", 1)


def test_the_sentence_names_the_file_the_measure_and_the_way_out():
    set_ = [*photos(4), said(photo("青观察之一/小图.jpg", 1280, 720), "photo", "青观察之一")]
    (one,) = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *set_)).item("photo").findings
    assert one.text == "图片 小图.jpg 为 1280×720，要求不低于 1600×1200，请发送原图"
    assert (one.seen, one.wanted, one.quote) == ("1280×720", "不低于 1600×1200", "像素不低于1600×1200")
    assert (one.number, one.piece, one.work) == ("W-1", "青观察之一/小图.jpg", "青观察之一")


def test_an_undeclared_kind_of_essay_is_judged_by_the_loosest_limit():
    def essays(count: int, subkind: str | None = None) -> list[str]:
        pair = said(essay("征文.docx", count), "essay", "征文", subkind=subkind)
        line = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), pair)).item("essay")
        return [f"{one.code} {one.severity}" for one in line.findings]

    assert essays(2000) == []
    assert essays(2001) == ["subkind-undeclared advice"]
    assert essays(5000) == ["subkind-undeclared advice"]
    assert essays(5250) == ["too-many-characters advice", "subkind-undeclared advice"]
    assert essays(5251) == ["too-many-characters demand"]
    assert essays(3000, "practice") == ["too-many-characters demand"]
    assert essays(3000, "theory") == []


def test_unreadable_files_are_told_once_with_the_way_out():
    for given, code, way in [
        ({"problem": "encrypted"}, "encrypted", "去掉密码"),
        ({"encrypted": True}, "encrypted", "去掉密码"),
        ({"truncated": True}, "truncated", "重发完整文件"),
        ({"problem": "damaged"}, "damaged", "重发"),
        ({"problem": "bomb"}, "cannot-open", "分开重发"),
        ({"error": "内容无法识别"}, "cannot-open", "内容无法识别"),
        (
            {"problem": "volume-missing", "error": "缺少第2卷"},
            "volume-missing",
            "缺少第2卷，请把全部分卷",
        ),
        ({"problem": "volume-missing", "truncated": True}, "volume-missing", "不分卷压缩"),
        ({"problem": "empty"}, "empty", "核对后重发"),
        ({"problem": "too-deep"}, "cannot-open", "解开后重发"),
        ({"problem": "too-many"}, "cannot-open", "分成几个压缩包"),
        ({"problem": "unsupported"}, "cannot-open", "zip 格式"),
        ({"problem": "link"}, "cannot-open", "放入文件"),
        ({"problem": "unsafe-name"}, "cannot-open", "改名"),
    ]:
        asked = ruled({"check": "characters", "max": 10})
        listed = seen(asked, mail(asked, "W-1", at(8, 1), said(piece("总结.docx", **given), "thing")))
        (one,) = listed.item("thing").findings
        assert (one.code, one.severity, listed.item("thing").state) == (code, "demand", "faulty")
        assert way in one.text and "总结.docx" in one.text


def test_what_our_own_program_could_not_get_through_is_no_fault_of_the_unit():
    for given in ({"problem": "crashed"}, {"error": "测量时程序意外终止"}, {"error": "测量超过 10 秒，已停止"}):
        asked = ruled({"check": "characters", "max": 10})
        line = seen(asked, mail(asked, "W-1", at(8, 1), said(piece("总结.docx", **given), "thing"))).item("thing")
        assert [one.code for one in line.findings] == ["crashed"]
        assert line.findings[0].severity == "advice" and "请人工打开查看" in line.findings[0].text
        assert line.state == "review"


def test_columns_and_header_are_found_whatever_the_spaces_and_brackets():
    names = ("集体名称", "所获师级 青年文明号时间", "是否网 上报备（是/否）")
    table = piece("汇总表.xls", columns=names, rows=3)
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), said(table, "applicants_table")))
    assert codes(listed, "applicants_table") == []
    bare = piece("汇总表.xls", columns=names[:2], rows=0)
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), said(bare, "applicants_table")))
    assert codes(listed, "applicants_table") == ["columns-missing", "table-empty"]
    assert "是否网上报备" in listed.item("applicants_table").findings[0].text


def test_a_table_that_came_only_as_a_scan_waits_for_a_person():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(piece("汇总表.jpg"), "works_table")))
    assert set(codes(listed, "works_table")) == {"not-evaluated", "seal-unconfirmed"}
    assert listed.item("works_table").state == "review"


def test_a_header_left_blank_is_named():
    table = piece("汇总表.xlsx", columns=tuple(TABLE), header={"报送单位（加盖公章）": "环翠", "报送日期": " "}, rows=1)
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(table, "works_table")))
    assert codes(listed, "works_table", "demand") == ["header-missing"]
    assert "报送日期" in listed.item("works_table").findings[0].text


def test_rows_and_works_are_compared_both_ways_as_advice():
    pairs = [said(good_table(titles=("《青观察 之一》", "老照片")), "works_table"), *photos(4)]
    pairs.append(said(essay("窗口故事.docx"), "essay", "窗口故事"))
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pairs), notes=(registered("seal", "works_table", at(8, 2)),))
    found = {one.code: one for one in listed.item("works_table").findings}
    assert set(found) == {"row-without-file", "file-not-in-table"}
    assert "老照片" in found["row-without-file"].text and "窗口故事" in found["file-not-in-table"].text
    assert {one.severity for one in found.values()} == {"advice"}
    assert listed.item("works_table").state == "complete"


def test_rows_are_not_missed_when_the_works_came_on_a_disc():
    pairs = [said(good_table(titles=("老照片",)), "works_table")]
    notes = (registered("disc", "photo", at(7, 2)), registered("seal", "works_table", at(7, 2)))
    listed = seen(BINGTUAN, mail(BINGTUAN, "B-1", at(7, 1), *pairs), notes=notes)
    assert "row-without-file" not in codes(listed, "works_table")


def test_names_are_held_against_the_pattern_with_any_dash_and_alias():
    rule = {"check": "name", "pattern": "{unit}-{title}", "severity": "advice"}
    assert told(rule, piece("环翠团区委 — 总结.docx")) == []
    assert told(rule, piece("总结.docx")) == [("name-differs", "advice")]
    assert told({"check": "name", "of": "subject", "pattern": "{unit}报送"}, piece("a.docx")) == [
        ("name-differs", "demand")
    ]


def test_the_seal_waits_for_a_person_and_again_after_a_newer_scan():
    scan = mail(WEIHAI, "W-1", at(8, 3), said(good_table(), "works_table"), said(piece("盖章.pdf"), "works_table"))
    before, after = registered("seal", "works_table", at(8, 2)), registered("seal", "works_table", at(8, 4))
    assert seen(WEIHAI, scan).item("works_table").state == "review"
    assert "seal-unconfirmed" in codes(seen(WEIHAI, scan, notes=(before,)), "works_table")
    assert "seal-unconfirmed" not in codes(seen(WEIHAI, scan, notes=(after,)), "works_table")


def test_where_the_red_stands_is_told_to_the_person_who_confirms():
    def asked_of(**facts):
        scan = mail(WEIHAI, "W-1", at(8, 3), said(piece("盖章.jpg", "jpeg", **facts), "works_table"))
        return next(
            one.text for one in seen(WEIHAI, scan).item("works_table").findings if one.code == "seal-unconfirmed"
        )

    told = asked_of(seal=0.021, seal_at="右下")
    assert told == "图片 盖章.jpg 右下有红色印迹（像公章，占2.1%），是否加盖公章待人工确认"
    assert asked_of(seal=0.0) == "图片 盖章.jpg 未认出像公章的红印，是否加盖公章待人工确认"


def test_captions_are_counted_and_a_missing_one_is_asked_for():
    pictures = photos(4)[:4]
    long = said(essay("说明.docx", 260), "photo", "青观察之一")
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures)), "photo") == ["no-companion"]
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, long)), "photo") == ["too-many-characters"]
    unread = said(essay("说明.doc", None), "photo", "青观察之一")
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, unread)), "photo") == ["not-evaluated"]


def test_one_caption_for_two_sets_waits_for_a_person_instead_of_blaming():
    pairs = [*photos(4, "甲")[:4], *photos(4, "乙")[:4], said(essay("说明.docx", 100), "photo", "说明")]
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pairs))
    assert codes(listed, "photo") == ["undecided-piece"]
    assert (listed.item("photo").state, listed.item("photo").have) == ("review", 2)


def test_soft_words_are_advice_and_leave_the_item_complete():
    story = [said(photo(f"故事/{n}.jpg"), "works", "故事", category="story") for n in range(1, 6)]
    story.append(said(essay("故事/文字.txt", 80), "works", "故事", category="story"))
    listed = seen(HAINAN, mail(HAINAN, "H-1", at(7, 1, year=2017), *story, channel="disc"))
    assert codes(listed, "works") == ["group-too-small"]
    assert listed.item("works").state == "complete"


def test_a_work_without_a_category_waits_for_a_person():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(video("片.mp4", 90), "promo", "片")))
    assert codes(listed, "promo") == ["category-unknown"]
    assert listed.item("promo").state == "review"


def test_h5_is_not_held_to_a_limit_meant_for_videos():
    h5 = said(piece("h5.html"), "promo", "微场景", category="h5")
    assert seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), h5)).item("promo").state == "complete"


def test_a_name_with_quotation_marks_gets_no_second_pair():
    assert [called("微作品"), called("“青之见”征文")] == ["“微作品”", "“青之见”征文"]


def test_what_waits_for_staff_is_never_a_demand_on_the_unit():
    for code in STAFF_CODES:
        assert finding(code, "…").severity == "advice"
    with pytest.raises(ValueError, match="unknown"):
        finding("no-such-code", "…")
    assert set(CODES) > STAFF_CODES


def test_a_bit_rate_is_told_in_kbps_and_never_rounded_up():
    assert [kbps(20_000_000), kbps(229_116), kbps(19_999_960)] == ["20000kbps", "229.1kbps", "19999.9kbps"]


def test_pictures_of_a_set_that_look_the_same_are_told_as_advice():
    one, other = "0f1e2d3c4b5a6978", "0f1e2d3c4b5a6979"
    alike = [photo("1.jpg"), photo("2.jpg"), photo("3.jpg"), photo("4.jpg")]
    prints = [one, "f0e1d2c3b4a59687", other, None]
    pictures = [
        replace(each, facts=replace(each.facts, fingerprint=mark)) for each, mark in zip(alike, prints, strict=True)
    ]
    pairs = [said(each, "photo", "组图") for each in pictures] + [said(essay("说明.docx", 100), "photo", "组图")]
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pairs))
    assert [(one.code, one.text) for one in listed.item("photo").findings] == [
        ("near-duplicate", "图片 1.jpg 与 3.jpg 几乎相同，请核对是否重复")
    ]
    assert listed.item("photo").state == "complete"


def test_the_same_file_twice_in_a_set_counts_once_and_is_said():
    pictures = [photo(f"{n}.jpg") for n in range(1, 5)]
    pictures[3] = replace(pictures[3], sha256=pictures[0].sha256)
    pairs = [said(each, "photo", "组图") for each in pictures] + [said(essay("说明.docx", 100), "photo", "组图")]
    found = {one.code: one.text for one in seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pairs)).item("photo").findings}
    assert set(found) == {"same-file", "group-too-small"}
    assert found["same-file"] == "图片 4.jpg 与 1.jpg 是同一个文件，只计一张，请核对"


def test_a_scan_without_text_waits_for_a_person_and_says_why():
    scan = piece("征文.pdf", scanned=True, characters=0, pages=3)
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(scan, "essay", "征文")))
    assert set(codes(listed, "essay")) == {"scan-without-text"}
    assert listed.item("essay").state == "review"
    assert "是扫描件，没有文字" in listed.item("essay").findings[0].text
    both = [said(scan, "essay", "征文"), said(essay("征文.docx", 1500), "essay", "征文")]
    assert codes(seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *both)), "essay") == []


def test_marks_of_secrecy_and_identity_cards_are_flagged_for_the_office_alone():
    secret = piece("征文.docx", characters=1500, marks=("机密", "身份证号"))
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(secret, "essay", "征文", subkind="practice")))
    assert codes(listed, "essay") == ["secrecy-mark", "identity-card"]
    assert {one.severity for one in listed.item("essay").findings} == {"advice"}


def test_a_form_is_told_from_words():
    rule = {"check": "companion", "what": "form"}
    film, words, form = video("片.mp4"), essay("创意.docx", 300), essay("作品登记表.docx", 300)
    assert told(rule, film, words) == [("no-companion", "demand")]
    assert told(rule, film, words, form) == []
    assert told({**rule, "what": "text"}, film, words) == []


def test_a_film_of_unknown_form_that_keeps_every_forms_rule_is_not_asked_about():
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(video("片.mp4", 25), "promo", "片")))
    assert codes(listed, "promo") == []


def test_a_csv_is_a_table_and_no_false_suffix():
    sheet = replace(good_table("汇总表.csv"), facts=replace(good_table().facts, type="txt"))
    listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(sheet, "works_table")))
    assert "extension-differs" not in codes(listed, "works_table")


def test_a_picture_in_a_document_is_named_with_it_and_asked_for_as_a_file():
    words = essay("港口的灯.docx", 100)
    shown = [
        replace(photo(f"港口的灯.docx/图{n}.jpeg", 1250, 938), within=words.path, embedded=True) for n in range(1, 5)
    ]
    pairs = [said(words, "photo", "港口的灯"), *(said(one, "photo", "港口的灯") for one in shown)]
    found = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pairs)).item("photo").findings
    assert found[0].text == (
        "港口的灯.docx 中的图片 图1.jpeg 为 1250×938，要求不低于 1600×1200，请把原图作为附件单独发送，不放在文档里"
    )
    assert "请发送原图" not in found[0].text
