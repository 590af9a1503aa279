"""Which files are one work, and what a later mail does to an earlier one."""

from __future__ import annotations

from dataclasses import replace

from archive.judging.works import undecided, works
from archive.records import Holdings, PieceDecision, Work
from tests.unit.archive.asked import (
    HAINAN,
    UNIT,
    WEIHAI,
    at,
    essay,
    good_table,
    mail,
    photo,
    photos,
    piece,
    said,
    seen,
    superseding,
    video,
)


def held(asked, *mails) -> tuple[Work, ...]:
    return works(asked, Holdings(asked.id, UNIT.code, mails))


def names(work: Work) -> list[str]:
    return [one.name for one in work.pieces]


def test_a_set_of_pictures_and_its_caption_are_one_work():
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *photos(4)))
    assert (work.key, work.item, names(work)) == ("青观察之一", "photo", ["1.jpg", "2.jpg", "3.jpg", "4.jpg"])
    assert [one.name for one in work.companions] == ["说明.docx"]


def test_a_later_mail_with_some_pictures_replaces_by_name_and_adds_new_names():
    later = [said(photo("1.jpg", 3000, 2000), "photo", "青观察之一"), said(photo("6.jpg"), "photo", "青观察之一")]
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *photos(5)), mail(WEIHAI, "W-2", at(8, 2), *later))
    assert names(work) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"]
    assert work.pieces[0].facts.width == 3000
    assert [one.name for one in work.companions] == ["说明.docx"]


def test_the_whole_set_sent_again_with_one_new_name_leaves_the_old_picture_out():
    again = [*photos(4), said(photo("5新.jpg"), "photo", "青观察之一")]
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *photos(5)), mail(WEIHAI, "W-2", at(8, 2), *again))
    assert names(work) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5新.jpg"]


def test_a_set_announced_in_parts_is_added_up():
    first = [said(photo(f"{n}.jpg"), "photo", "青观察之一") for n in range(1, 5)]
    rest = [said(photo(f"{n}.jpg"), "photo", "青观察之一") for n in range(5, 10)]
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *first), mail(WEIHAI, "W-2", at(8, 2), *rest))
    assert len(work.pieces) == 9


def test_the_same_bytes_again_are_the_same_file_even_under_another_work_name():
    first = mail(WEIHAI, "W-1", at(8, 1), said(video("片.mp4"), "promo", "片"))
    again = mail(WEIHAI, "W-2", at(8, 2), said(video("片.mp4"), "promo", "青年说"))
    (work,) = held(WEIHAI, first, again)
    assert (work.number, work.key) == ("W-1", "片")


def test_a_later_file_of_the_same_work_takes_the_place_of_the_earlier():
    first = mail(WEIHAI, "W-1", at(8, 1), said(essay("征文.docx", 6000), "essay", "征文"))
    later = mail(WEIHAI, "W-2", at(8, 2), said(essay("征文改.docx", 1800), "essay", "征文"))
    (work,) = held(WEIHAI, later, first)
    assert (work.number, names(work)) == ("W-2", ["征文改.docx"])


def test_a_correction_replaces_the_one_document_there_can_be_under_any_name():
    one, choice = said(essay("总结（更正）.docx"), "summary")
    first = mail(HAINAN, "H-1", at(7, 1, year=2017), said(essay("工作总结.docx"), "summary"))
    assert len(held(HAINAN, first, mail(HAINAN, "H-2", at(7, 2, year=2017), (one, choice)))) == 2
    (work,) = held(HAINAN, first, mail(HAINAN, "H-2", at(7, 2, year=2017), (one, superseding(choice))))
    assert work.number == "H-2"


def test_a_correction_under_another_name_replaces_the_only_work_but_never_one_of_several():
    one, choice = said(video("片改.mp4"), "promo", "片改")
    first = mail(WEIHAI, "W-1", at(8, 1), said(video("片.mp4", 60), "promo", "片"))
    later = mail(WEIHAI, "W-3", at(8, 3), (one, superseding(choice)))
    assert [work.key for work in held(WEIHAI, first, later)] == ["片改"]
    second = mail(WEIHAI, "W-2", at(8, 2), said(video("另片.mp4"), "promo", "另片"))
    assert [work.key for work in held(WEIHAI, first, second, later)] == ["片", "另片", "片改"]


def test_a_corrected_sheet_leaves_the_sealed_scan_standing():
    first = [said(good_table(), "works_table"), said(piece("盖章页.jpg"), "works_table")]
    sheet, choice = said(good_table("汇总表（更正）.xlsx", ("片",)), "works_table")
    later = mail(WEIHAI, "W-2", at(8, 2), (sheet, superseding(choice)))
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *first), later)
    assert sorted(names(work)) == ["汇总表（更正）.xlsx", "盖章页.jpg"]


def test_what_a_decision_names_as_superseded_is_gone():
    first = mail(WEIHAI, "W-1", at(8, 1), said(essay("甲.docx"), "essay", "甲"), said(essay("乙.docx"), "essay", "乙"))
    later = mail(WEIHAI, "W-2", at(8, 2), said(essay("丙.docx"), "essay", "丙", supersedes=("W-1/甲.docx",)))
    assert [work.key for work in held(WEIHAI, first, later)] == ["乙", "丙"]


def test_a_scan_and_its_editable_table_are_one():
    pair = [said(good_table(), "works_table"), said(piece("盖章页.jpg"), "works_table")]
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pair))
    assert names(work) == ["汇总表.xlsx", "盖章页.jpg"]


def test_discarded_mails_queries_and_other_units_files_do_not_count():
    pair = said(essay("征文.docx"), "essay", "征文")
    relayed = said(essay("别家.docx"), "essay", "别家", unit="u2")
    assert held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), pair, discarded=True)) == ()
    assert held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), pair, role="query")) == ()
    assert held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), relayed)) == ()


def test_a_file_relayed_by_another_unit_counts_for_its_own():
    relayed = said(essay("征文.docx"), "essay", "征文", unit=UNIT.code)
    other = said(essay("别家.docx"), "essay", "别家")
    assert [work.key for work in held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), relayed, other, unit="u2"))] == ["征文"]


def test_an_archive_whose_contents_are_listed_is_no_work_of_its_own():
    box = piece("材料.zip")
    inner = piece("材料.zip/征文.docx", characters=1000)
    inner = type(inner)(**{**inner.__dict__, "within": "材料.zip"})
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), said(box, "essay"), said(inner, "essay", "征文")))
    assert names(work) == ["征文.docx"]


def test_an_opened_archive_with_a_link_or_an_odd_name_in_it_is_no_file_that_cannot_be_opened():
    for problem in ("link", "unsafe-name"):
        inner, choice = said(replace(essay("征文.docx"), path="材料.zip/征文.docx", within="材料.zip"), "essay", "征文")
        packed = said(piece("材料.zip", problem=problem), None)
        listed = seen(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), packed, (inner, replace(choice, path=inner.path))))
        assert all(one.code != "cannot-open" for item in listed.items for one in item.findings)
        assert listed.item("essay").have == 1


def test_pictures_in_a_document_leave_it_a_work_and_ask_nothing():
    essay_, choice = said(essay("征文.docx"), "essay", "征文")
    shown = replace(photo("图1.jpeg"), path="征文.docx/word/media/1.jpeg", within="征文.docx", embedded=True)
    copy = replace(photo("1.jpg"), sha256=shown.sha256)
    illustration = PieceDecision(shown.path, none=True)
    asked = mail(WEIHAI, "W-1", at(8, 1), (essay_, choice), (shown, illustration), said(copy, None))
    assert [names(work) for work in held(WEIHAI, asked)] == [["征文.docx"]]
    open_ = undecided(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (asked,)))
    assert [part.name for part in open_] == ["1.jpg"]


def test_a_caption_under_a_name_of_its_own_goes_to_the_only_set():
    pictures = photos(4)[:4]
    caption = said(essay("文字说明.docx", 120), "photo", "文字说明")
    (work,) = held(WEIHAI, mail(WEIHAI, "W-1", at(8, 1), *pictures, caption))
    assert [one.name for one in work.companions] == ["文字说明.docx"]


def test_the_mails_own_words_serve_where_the_decision_says_so():
    words = piece("text")
    pictures = photos(4)[:4]
    unsaved = type(words)(**{**words.__dict__, "stored": ""})
    caption = said(unsaved, "photo", "青观察之一")
    sent = mail(WEIHAI, "W-1", at(8, 1), *pictures, caption, text="四十年来的收费站 Route 66")
    (work,) = held(WEIHAI, sent)
    assert [one.facts.characters for one in work.companions] == [10]
