"""Search: what is found is what a naive look through every row would find, newest first, page after page."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from archive.grams import FIELD, fold, grams, grams_of_word, snippets
from archive.ledger import Ledger
from archive.ledger.arrivals import Accepted, Wanted
from archive.ledger.engine import MIGRATIONS
from archive.ledger.search import FIELDS, Asked, Hit, index_new, nothing_more
from archive.records import Decision, Facts, Mail, Piece, PieceDecision, Source, Submission
from archive.tables import SearchRow

NOW = datetime(2018, 8, 6, 2, 20, tzinfo=UTC)
UNITS = {("c", "u1"): "荣成市人民检察院", ("c", "u2"): "文登区教育局"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's file with nothing in it but the names of units."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    opened = Ledger(path)
    opened.search.called(UNITS)
    opened.close()
    return path


@pytest.fixture
def ledger(empty: Path, tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(Path(shutil.copy(empty, tmp_path)))
    yield opened
    opened.close()


def piece(path: str, name: str, words: str = "", type: str = "docx", **facts: object) -> Piece:
    return Piece(path, name, f"files/{path}", "b" * 64, 5, Facts(type, text=words, **facts))  # type: ignore[arg-type]


def file(
    ledger: Ledger, *pieces: Piece, subject: str = "材料", words: str = "", unit: str | None = "u1",
    received: datetime = NOW, items: Sequence[str] = (), texts: dict[str, str] | None = None,
) -> str:  # fmt: skip
    """One 件, accepted; gives its number."""
    count = len(ledger.arrivals.numbers()) + 1
    digest = str(count).rjust(64, "0")
    source = Source("weihai", "INBOX", 7, count)
    place = ledger.arrivals.reserve(
        [Wanted(source, "weihai", "WH", 2018, "mail", received, digest, 1, "a@u.example.test")], received
    )[0]
    mail = Mail(sender="wang.xm@u.example.test", sender_name="王小明", subject=subject, text=words)
    submission = Submission(place.number, source, "mail", received, digest, 1, mail, pieces)
    decided = tuple(
        PieceDecision(one.path, item) for one, item in zip(pieces, [*items, *[None] * len(pieces)], strict=False)
    )
    decision = Decision(place.number, 1, received, "auto", "submission", "c", unit, 1.0, True, "", pieces=decided)
    ledger.arrivals.accept([Accepted(submission, decision, whole=(texts or {}).get)], (), received)
    return place.number


def found(ledger: Ledger, *words: str, **more: object) -> list[tuple[str, str]]:
    asked = Asked(tuple(map(fold, words)), **more)  # type: ignore[arg-type]
    return [(hit.number, hit.path) for hit in ledger.search.find(asked, 1000)]


def test_every_kind_of_word_is_found(ledger: Ledger) -> None:
    table = piece("3", "汇总表.xlsx", type="xlsx", header={"报送单位": "某局"}, columns=("作品名",),
                  cells=(("青春之歌", "12"),))  # fmt: skip
    one = file(ledger, piece("2", "活动总结.docx", "七月开展青年文明号开放周"), table, words="现将材料报上")
    assert found(ledger, "总结", "活动") == [(one, "2")]
    assert found(ledger, "文明号开放") == [(one, "2")]
    assert found(ledger, "青春之歌") == found(ledger, "作品名") == found(ledger, "报送单位") == [(one, "3")]
    assert found(ledger, "材料报上") == [(one, "")]
    everything = [(one, ""), (one, "2"), (one, "3")]
    assert found(ledger, "荣成市") == found(ledger, "检察") == everything
    assert found(ledger, "王小明") == found(ledger, "wang.xm@") == found(ledger, one) == everything
    assert found(ledger, "荣成", "汇总表") == [(one, "3")]
    assert found(ledger, "青春之死") == found(ledger, "文登") == []


def test_a_word_of_one_character_or_of_signs_alone_is_found(ledger: Ledger) -> None:
    one = file(ledger, piece("2", "《海》.jpg", type="jpeg"))
    assert found(ledger, "海") == found(ledger, "《海》") == found(ledger, "》.") == [(one, "2")]
    assert found(ledger, "山") == []


def test_latin_words_and_digits_are_found_from_the_middle_too(ledger: Ledger) -> None:
    one = file(ledger, piece("2", "IMG_20180715_Final2.JPG", type="jpeg"))
    for word in ("img", "0715", "final", "nal2.jp", "2018", "g_2", "2"):
        assert (one, "2") in found(ledger, word), word
    assert found(ledger, "final3") == []


@pytest.mark.parametrize(
    "written, asked",
    [("青年文明號", "青年文明号"), ("青年文明号", "青年文明號"), ("ＡＢＣ１２３", "abc123"), ("Report", "ＲＥＰＯＲＴ"),
     ("王　伟 通 知", "王伟通知"), ("青年\n文明号", "青年文明号"), ("青\u200b年", "青年"), ("（一）", "(一)")],
)  # fmt: skip
def test_what_is_written_another_way_is_the_same_word(ledger: Ledger, written: str, asked: str) -> None:
    one = file(ledger, piece("2", "甲.docx", f"前{written}后"))
    assert found(ledger, asked) == [(one, "2")]


def test_no_word_reaches_from_one_field_or_cell_into_the_next(ledger: Ledger) -> None:
    file(ledger, piece("2", "甲.xlsx", cells=(("青年", "文明号"),)), subject="材料")
    assert found(ledger, "年文") == found(ledger, "料王") == []


def test_filters_narrow_and_may_stand_alone(ledger: Ledger) -> None:
    first = file(ledger, piece("2", "照片.jpg", type="jpeg"), piece("3", "总结.docx"), items=("photo", "summary"))
    second = file(ledger, piece("2", "照片.jpg", type="jpeg"), unit="u2", received=NOW + timedelta(days=3))
    assert found(ledger, "照片") == [(second, "2"), (first, "2")]
    assert found(ledger, "照片", unit="u1") == [(first, "2")]
    assert found(ledger, item="photo") == [(first, "2")]
    assert found(ledger, type="jpeg", campaign="c") == [(second, "2"), (first, "2")]
    assert found(ledger, type="mail") == [(second, ""), (first, "")]
    assert found(ledger, "照片", since=NOW + timedelta(days=1)) == [(second, "2")]
    assert found(ledger, "照片", until=NOW + timedelta(days=1)) == [(first, "2")]
    assert found(ledger, campaign="other") == found(ledger, "照片", item="summary") == []


def test_a_changed_decision_moves_its_rows_and_a_discarded_one_is_found_no_more(ledger: Ledger) -> None:
    one = file(ledger, piece("2", "总结.docx", "短"), items=("summary",), texts={"2": "全文到末尾的话"})
    moved = lambda d: replace(d, unit="u2", pieces=(PieceDecision("2", "essay"),))  # noqa: E731
    ledger.decisions.decide(one, moved, NOW, "王", "改判")
    assert found(ledger, "总结", unit="u2", item="essay") == found(ledger, "文登", "总结") == [(one, "2")]
    assert found(ledger, "总结", unit="u1") == found(ledger, "荣成") == []
    assert found(ledger, "末尾的话") == [(one, "2")]  # the whole text is kept, whatever is decided
    ledger.decisions.decide(one, lambda d: replace(d, discarded=True), NOW, "王", "涉密")
    assert found(ledger, "总结") == found(ledger, one) == []


def test_a_unit_that_is_renamed_is_found_by_its_new_name(ledger: Ledger) -> None:
    one = file(ledger, piece("2", "总结.docx"))
    assert ledger.search.called(UNITS) == 0
    assert ledger.search.called({("c", "u1"): "荣成市人民法院"}) == 1
    assert found(ledger, "法院", "总结") == [(one, "2")]
    assert found(ledger, "检察院") == []


def test_made_anew_the_index_is_the_same(ledger: Ledger) -> None:
    numbers = [file(ledger, piece("2", f"总结{n}.docx"), received=NOW + timedelta(hours=n)) for n in range(3)]
    before = found(ledger, "总结")
    assert ledger.search.is_whole()
    ledger.search.clear()
    assert found(ledger, "总结") == [] and not ledger.search.is_whole()
    ledger.search.index(dict.fromkeys(numbers, nothing_more))
    ledger.search.finished()
    assert found(ledger, "总结") == before and len(before) == 3 and ledger.search.is_whole()


def test_pages_follow_one_another_newest_first_without_gap_or_repeat(ledger: Ledger) -> None:
    for n in (5, 1, 4, 2, 3):
        file(ledger, piece("2", f"照片{n}.jpg"), piece("3", f"照片{n}b.jpg"), received=NOW + timedelta(minutes=n // 2))
    whole = ledger.search.find(Asked(("照片",)), 1000)
    pages: list[Hit] = []
    while page := ledger.search.find(Asked(("照片",)), 3, pages[-1].id if pages else None):
        pages += page
    assert pages == whole and len(whole) == 10
    assert [hit.received for hit in whole] == sorted((hit.received for hit in whole), reverse=True)


@pytest.mark.parametrize("accepted", [True, False])
def test_a_ledger_from_before_search_is_indexed_when_it_is_first_asked(tmp_path: Path, accepted: bool) -> None:
    path = tmp_path / "ledger.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "0004")
    if accepted:
        with sqlite3.connect(path) as old:
            row = ("WH2018-0001", "weihai", 2018, "accepted", "mail", "2018-08-06 02:20:00", "1", 1, "a@u", "", "")
            names = "number, mailbox, year, state, channel, received, sha256, size, sender, subject, message_id"
            old.execute(f"INSERT INTO submission({names}) VALUES ({', '.join('?' * len(row))})", row)
        old.close()
    ledger = Ledger(path)
    assert ledger.search.is_whole() is not accepted
    ledger.close()


def test_tidying_changes_nothing_that_is_found_and_comes_to_an_end(ledger: Ledger) -> None:
    for n in range(12):  # each a part of the index of its own
        file(ledger, piece("2", f"总结{n}.docx", "开展青年文明号活动"), received=NOW + timedelta(hours=n))
    before = found(ledger, "文明号")
    assert ledger.search.tidy() >= 1
    with ledger.search._store.read() as session:
        parts = session.execute(text("SELECT count(DISTINCT id >> 37) FROM search_gram_data WHERE id > 10")).scalar()
    assert parts == 1
    assert ledger.search.tidy() == 1  # nothing is left to do
    assert found(ledger, "文明号") == before and len(before) == 12
    file(ledger, piece("2", "总结新.docx", "开展青年文明号活动"), received=NOW + timedelta(hours=20))
    assert found(ledger, "文明号")[1:] == before


SOME = st.text(st.sampled_from("青年文明号號字 　\n,-.（Ａaab1２12《"), max_size=12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(SOME, min_size=1, max_size=3), min_size=1, max_size=6), st.lists(SOME, max_size=3))
def test_search_finds_exactly_what_a_naive_look_finds(ledger: Ledger, texts: list[list[str]], words: list[str]) -> None:
    asked = tuple(filter(None, map(fold, words)))
    ledger.search.clear()
    with ledger.search._store.write() as session:
        index_new(session, [(*one_mail(f"WH2018-{n}", each), nothing_more) for n, each in enumerate(texts)])
    with ledger.search._store.read() as session:
        rows = session.execute(text("SELECT number, path, folded FROM search ORDER BY id DESC")).all()
    naive = [(number, path) for number, path, folded in rows if all(word in folded for word in asked)]
    assert found(ledger, *asked) == naive


def one_mail(number: str, names: list[str]) -> tuple[Submission, Decision]:
    """A 件 whose files have these names, and whose subject is the first of them."""
    pieces = tuple(piece(str(n), name, f"{name}二") for n, name in enumerate(names))
    mail = Mail(sender="a@u.example.test", subject=names[0])
    submission = Submission(number, Source("weihai"), "mail", NOW, "0" * 64, 1, mail, pieces)
    return submission, Decision(number, 1, NOW, "auto", "submission", "c", "u1", 1.0, True, "")


@given(SOME, SOME, SOME)
def test_every_text_has_the_grams_of_each_word_in_it(before: str, word: str, after: str) -> None:
    assert set(grams_of_word(fold(word))) <= grams(fold(before + word + after))


@given(SOME, st.text(st.sampled_from("青年文a1２"), min_size=1, max_size=4), SOME)
def test_a_snippet_marks_what_was_asked_for_as_it_was_written(before: str, word: str, after: str) -> None:
    fields = ["", "", "", "", "", before + word + after]
    (shown,) = snippets(fields, [fold(word)], [FIELDS.index("text")])
    assert shown.marks
    assert all(fold(word) in fold(shown.text[begin:end]) for begin, end in shown.marks)
    assert shown.text.strip("…").replace("\n", " ") in fields[5].replace("\n", " ")


def test_a_snippet_in_a_long_text_is_cut_on_both_sides() -> None:
    long = "甲 " * 3000 + "青年　文明号" + "乙" * 3000
    (shown,) = snippets(["", "", "", "", "", long], ["青年文明号"], [5])
    begin, end = shown.marks[0]
    assert shown.text[begin:end] == "青年　文明号"
    assert shown.text.startswith("…") and shown.text.endswith("…") and len(shown.text) < 100


def test_a_row_keeps_what_was_written_beside_what_is_searched(ledger: Ledger) -> None:
    file(ledger, piece("2", "ＡＢ　号.docx"))
    with ledger.search._store.read() as session:
        row = session.get(SearchRow, ledger.search.find(Asked((fold("AB号"),)))[0].id)
    assert row is not None
    assert row.fields.split(FIELD)[4] == "ＡＢ　号.docx" and "ab号.docx" in row.folded
