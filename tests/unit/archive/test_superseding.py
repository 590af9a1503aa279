"""What a later file does to an earlier one: replaces it, mends a part of it, stands beside it, or is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archive.judging.works import unclear_works, works
from archive.records import Evidence, Held, Holdings, Piece, PieceDecision
from tests.unit.archive.asked import BINGTUAN, HAINAN, UNIT, WEIHAI, at, essay, mail, photo, photos, piece, said, video

STORY = "窗口里的四十年，我们把一枚印章从柜台这头递到那头，也把群众的笑脸递了过来。" * 4
OTHER = "港口的清晨从汽笛开始，调度室的灯整夜未熄，青年突击队在风浪里守着每一条归船的航线。" * 4


def text(name: str, words: str, title: str = "") -> Piece:
    one = essay(name, len(words))
    return replace(one, facts=replace(one.facts, text=words, title=title or None), sha256=name + words)


def mending(pair: tuple[Piece, PieceDecision]) -> tuple[Piece, PieceDecision]:
    one, choice = pair
    return one, replace(choice, evidence=(Evidence("mends", "随补报通知的答复报来"),))


def adding(pair: tuple[Piece, PieceDecision]) -> tuple[Piece, PieceDecision]:
    one, choice = pair
    return one, replace(choice, evidence=(Evidence("adds", "由经办人认定为另增"),))


def kept(asked: Any, *held: Held) -> list[str]:
    return [piece.name for work in works(asked, Holdings(asked.id, UNIT.code, held)) for piece in work.pieces]


def asks(asked: Any, *held: Held) -> list[tuple[str, str]]:
    found = unclear_works(asked, Holdings(asked.id, UNIT.code, held))
    return [(one.earlier.parts[0].name, one.later.parts[0].name) for one in found]


def july(number: str, day: int, *pairs: Any, **more: Any) -> Held:
    return mail(HAINAN, number, at(7, day, year=2017), *pairs, **more)


def august(number: str, day: int, *pairs: Any, **more: Any) -> Held:
    return mail(WEIHAI, number, at(8, day), *pairs, **more)


def test_a_new_edition_of_the_same_words_replaces_the_old_one_under_any_name():
    first = july("H-1", 1, said(text("工作总结.docx", STORY), "summary"))
    later = july("H-2", 2, said(text("材料2.docx", STORY.replace("笑脸", "信任")), "summary"))
    assert kept(HAINAN, first, later) == ["材料2.docx"]
    assert asks(HAINAN, first, later) == []


def test_the_same_title_over_half_new_words_is_a_new_edition():
    half = len(STORY) // 2
    first = august("W-1", 1, said(text("a.docx", STORY, "一枚印章的旅程"), "essay", "a"))
    later = august("W-2", 2, said(text("b.docx", STORY[:half] + OTHER[:half], "《一枚印章的旅程》"), "essay", "b"))
    assert kept(WEIHAI, first, later) == ["b.docx"]


def test_two_essays_of_their_own_words_are_two_works():
    first = august("W-1", 1, said(text("a.docx", STORY), "essay", "a"))
    assert kept(WEIHAI, first, august("W-2", 2, said(text("b.docx", OTHER), "essay", "b"))) == ["a.docx", "b.docx"]


def test_two_of_one_mail_never_replace_each_other():
    pairs = [said(text("a.docx", STORY), "essay", "a"), said(text("b.docx", STORY + "。"), "essay", "b")]
    assert kept(WEIHAI, august("W-1", 1, *pairs)) == ["a.docx", "b.docx"]


def test_two_where_one_is_asked_for_is_a_question_until_staff_have_said():
    first = july("H-1", 1, said(text("总结.docx", STORY), "summary"))
    later = said(text("另一份总结.docx", OTHER), "summary")
    assert asks(HAINAN, first, july("H-2", 2, later)) == [("总结.docx", "另一份总结.docx")]
    assert asks(HAINAN, first, july("H-2", 2, adding(later))) == []
    replacing = (later[0], replace(later[1], supersedes=("H-1/总结.docx",)))
    assert asks(HAINAN, first, july("H-2", 2, replacing)) == []
    assert kept(HAINAN, first, july("H-2", 2, replacing)) == ["另一份总结.docx"]


def test_an_answer_to_our_letter_replaces_the_only_film():
    first = august("W-1", 1, said(video("片.mp4", 60), "promo", "片", category="video"))
    later = august("W-2", 2, mending(said(video("剪辑.mp4", 29), "promo", "剪辑", category="video")))
    assert kept(WEIHAI, first, later) == ["剪辑.mp4"]


def test_an_answer_that_could_mend_either_of_two_films_is_a_question():
    films = [said(video(f"{name}.mp4", 60), "promo", name, category="video") for name in ("甲", "乙")]
    later = august("W-2", 2, mending(said(video("剪辑.mp4", 29), "promo", "剪辑", category="video")))
    assert kept(WEIHAI, august("W-1", 1, *films), later) == ["甲.mp4", "乙.mp4", "剪辑.mp4"]
    assert asks(WEIHAI, august("W-1", 1, *films), later) == [("乙.mp4", "剪辑.mp4")]


def test_one_picture_sent_anew_goes_into_its_set_by_its_name():
    first = august("W-1", 1, *photos(5, width=1280, height=720))
    later = august("W-2", 2, said(photo("3.jpg", 3000, 2000), "photo", "3"))
    (work,) = works(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first, later)))
    assert [(one.name, one.facts.width) for one in work.pieces][2:4] == [("3.jpg", 3000), ("4.jpg", 1280)]
    assert len(work.pieces) == 5 and work.companions


def test_pictures_sent_in_answer_to_us_fill_the_only_set_whatever_they_are_called():
    first = august("W-1", 1, *photos(3))
    later = august("W-2", 2, *(mending(said(photo(f"IMG_{n}.jpg"), "photo", "补")) for n in (7, 8)))
    (work,) = works(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first, later)))
    assert len(work.pieces) == 5


def test_a_picture_that_could_belong_to_two_sets_stays_by_itself():
    first = august("W-1", 1, *photos(4, "甲"), *photos(4, "乙"))
    later = august("W-2", 2, said(photo("3.jpg", 3000, 2000), "photo", "3"))
    assert len(works(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first, later)))) == 3


def test_a_whole_new_set_never_flows_into_an_old_one():
    first, later = august("W-1", 1, *photos(4, "甲")), august("W-2", 2, *photos(4, "乙"))
    assert len(works(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first, later)))) == 2


def test_what_was_fetched_from_a_link_stands_beside_what_came_by_mail_and_is_asked_about():
    first = august("W-1", 1, said(video("片.mp4", 14), "promo", "片", category="video"))
    fetched = said(replace(video("片.mp4", 30), sha256="other"), "promo", "片", category="video")
    later = august("W-2", 2, fetched, channel="upload")
    assert kept(WEIHAI, first, later) == ["片.mp4", "片.mp4"]
    assert asks(WEIHAI, first, later) == [("片.mp4", "片.mp4")]
    replacing = august("W-2", 2, (fetched[0], replace(fetched[1], supersedes=("W-1/片.mp4",))), channel="upload")
    assert [work.number for work in works(WEIHAI, Holdings(WEIHAI.id, UNIT.code, (first, replacing)))] == ["W-2"]


def test_an_applicants_table_sent_anew_replaces_the_one_that_lists_the_same():
    columns = ("集体名称", "所获师级青年文明号时间", "是否网上报备")

    def listed(name: str, *teams: str) -> tuple[Piece, PieceDecision]:
        rows = tuple((team, "2016", "是") for team in teams)
        return said(
            piece(name, columns=columns, cells=rows, rows=len(rows), header={"单位名称": "八师"}), "applicants_table"
        )

    first = mail(BINGTUAN, "B-1", at(7, 1), listed("申报表.xlsx", "办税厅", "急诊科"))
    anew = mail(BINGTUAN, "B-2", at(7, 2), listed("申报表最新.xlsx", "办税厅", "急诊科", "收费站"))
    more = mail(BINGTUAN, "B-3", at(7, 3), listed("补充.xlsx", "客服班"))
    assert kept(BINGTUAN, first, anew) == ["申报表最新.xlsx"]
    assert kept(BINGTUAN, first, anew, more) == ["申报表最新.xlsx", "补充.xlsx"]


def test_a_broken_archive_is_forgotten_once_it_came_whole_by_the_same_name_or_by_word():
    broken = said(piece("图文资料.zip", problem="damaged"), "materials")
    whole = [piece("图文资料.zip"), replace(essay("图文资料.zip/总结.docx"), within="图文资料.zip")]
    again = [(whole[0], PieceDecision(whole[0].path, none=True)), said(whole[1], "materials")]
    assert kept(WEIHAI, august("W-1", 1, broken), august("W-2", 2, *again)) == ["总结.docx"]
    renamed = said(essay("图文资料新.docx"), "materials")
    saying = (renamed[0], replace(renamed[1], evidence=(Evidence("supersede", "以此为准"),)))
    assert kept(WEIHAI, august("W-1", 1, broken), august("W-2", 2, saying)) == ["图文资料新.docx"]
    assert kept(WEIHAI, august("W-1", 1, broken), august("W-2", 2, renamed)) == ["图文资料.zip", "图文资料新.docx"]
