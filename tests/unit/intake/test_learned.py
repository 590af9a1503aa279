"""What staff confirmed speaks below every name, says whom a file resembles, and is silent while there is little."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from archive.records import Decision, Evidence, Mail, Piece, PieceDecision, Source, Submission
from intake.classify import classify
from intake.learned import Example, Model, Seen, examples, names_of, seen
from tests.unit.intake.judged import HAINAN, HAINAN_ROSTER, attach, mail, piece

AT = datetime(2017, 7, 10, tzinfo=UTC)
STAFF = (Evidence("staff", "由王指定", 100.0),)


def told(name: str, item: str, count: int, first: int = 0) -> list[Example]:
    """So many mails, each with one confirmed file of that name."""
    return [Example(f"HN2017-{first + n:04}", item, Seen(name, type="document")) for n in range(count)]


def model(*parts: list[Example]) -> Model:
    return Model(HAINAN, [one for part in parts for one in part], names_of(HAINAN_ROSTER))


TAUGHT = model(told("窗口见闻录", "experience", 8), told("年中回望", "summary", 8, 100))


def decided(name: str, learned: Model | None, **facts: object) -> PieceDecision:
    return classify(mail("材料"), attach((name, dict(facts))), HAINAN, HAINAN_ROSTER.find("HK"), learned)[0]


def test_a_file_that_resembles_confirmed_ones_is_decided_and_says_so() -> None:
    assert decided("三亚窗口见闻录2.docx", None).item is None
    choice = decided("三亚窗口见闻录2.docx", TAUGHT)
    assert choice.item == "experience"
    assert "与已确认的 8 份相似（文件名含“窗口见闻录”）" in [each.text for each in choice.evidence]


def test_it_is_silent_below_five_confirmed_files_or_with_nothing_to_compare_them_with() -> None:
    beside = told("年中回望", "summary", 8, 100)
    assert model(told("窗口见闻录", "experience", 4), beside).likeness(Seen("窗口见闻录")) is None
    assert model(told("窗口见闻录", "experience", 5), beside).likeness(Seen("窗口见闻录")) is not None
    assert model(told("窗口见闻录", "experience", 9)).likeness(Seen("窗口见闻录")) is None
    assert model().likeness(Seen("窗口见闻录")) is None


def test_many_files_of_one_mail_are_one_witness() -> None:
    one_mail = [Example("HN2017-0001", "experience", Seen(f"窗口见闻录{word}")) for word in "甲乙丙丁戊己庚"]
    assert model(one_mail, told("年中回望", "summary", 8, 100)).likeness(Seen("窗口见闻录")) is None


def test_it_never_decides_against_a_name() -> None:
    """A file called 活动总结 is no 典型经验, whatever else its name resembles: at most a question."""
    for name in ("窗口见闻录活动总结.docx", "窗口见闻录 工作总结.docx"):
        assert decided(name, None).item == "summary"
        assert decided(name, TAUGHT).item in ("summary", None)
    files = attach(("窗口见闻录.docx", {"title": "活动整体工作总结"}))
    assert classify(mail("材料"), files, HAINAN, None, TAUGHT)[0].item != "experience"
    assert classify(mail("活动整体工作总结"), attach("窗口见闻录.docx"), HAINAN, None, TAUGHT)[0].item != "experience"


def test_units_and_the_campaign_itself_tell_nothing_of_an_item() -> None:
    taught = model(told("海口市开放周", "experience", 8), told("年中回望", "summary", 8, 100))
    assert taught.likeness(Seen("海口市开放周")) is None


def test_words_that_stand_in_files_of_several_items_tell_nothing() -> None:
    taught = model(told("窗口见闻录", "experience", 6), told("窗口见闻录", "summary", 6, 100))
    assert taught.likeness(Seen("窗口见闻录")) is None


def test_what_only_the_text_resembles_says_less_than_a_name() -> None:
    same = [replace(one, seen=Seen("", text="办事群众送来锦旗", type="document")) for one in told("", "experience", 8)]
    like = model(same, told("年中回望", "summary", 8, 100)).likeness(Seen("附件", text="办事群众送来锦旗"))
    assert like is not None
    assert like.where == "正文"
    assert like.points <= 8


def test_it_says_the_same_each_time_and_in_any_order() -> None:
    parts = [*told("窗口见闻录", "experience", 7), *told("年中回望", "summary", 7, 100)]
    file = Seen("窗口见闻录与年中回望")
    assert Model(HAINAN, parts).likeness(file) == Model(HAINAN, parts[::-1]).likeness(file)


def test_two_thousand_confirmed_files_are_learned_in_less_than_a_second() -> None:
    words = [f"第{n}号窗口青年服务先锋队工作手记" for n in range(1000)]
    parts = [
        Example(f"HN2017-{n:05}", item, Seen(word + item, "材料", word, word * 6, "document"))
        for item in ("experience", "summary")
        for n, word in enumerate(words)
    ]
    begun = time.process_time()
    taught = Model(HAINAN, parts)
    assert time.process_time() - begun < 1.0
    begun = time.process_time()
    for word in words[:100]:
        taught.likeness(Seen(word, type="document"))
    assert (time.process_time() - begun) / 100 < 0.005


def test_digits_and_folders_are_seen_as_staff_write_them() -> None:
    found = seen(piece("2/材料/3.见闻12.docx", "3.见闻12.docx", title="窗口 见闻"), ("材料", "2017年"))
    assert (found.name, found.folder, found.title, found.type) == ("#.见闻#", "材料/#年", "窗口见闻", "document")


# --- what counts as confirmed


def submission(*files: str) -> Submission:
    return Submission("HN2017-0001", Source("hainan"), "mail", AT, "0" * 64, 1, Mail(), attach(*files))


def decision(submission: Submission, by: str, evidence: tuple[Evidence, ...], *pieces: PieceDecision) -> Decision:
    return Decision(
        submission.number, 2, AT, by, "submission", "hainan-2017", "HK", 1.0, True, "person",
        evidence=evidence, pieces=pieces,
    )  # fmt: skip


def items(submission: Submission, decision: Decision) -> list[tuple[str, str]]:
    return [(one.seen.name, one.item) for one in examples(submission, decision)]


def paths(one: Submission) -> list[Piece]:
    return list(one.pieces)


def test_only_what_persons_said_is_learned() -> None:
    mine = submission("见闻.docx", "回望.docx", "logo.png")
    first, second, third = (each.path for each in paths(mine))
    corrected = PieceDecision(first, "experience", evidence=STAFF)
    by_program = PieceDecision(second, "summary", evidence=(Evidence("name", "文件名有“总结”", 50.0),))
    logo = PieceDecision(third, none=True, evidence=(Evidence("logo", ""),))
    every = (corrected, by_program, logo)
    assert items(mine, decision(mine, "auto", (), by_program, logo)) == []
    assert items(mine, decision(mine, "王", (), *every)) == [("见闻", "experience")]
    assert items(mine, decision(mine, "王", STAFF, *every)) == [("见闻", "experience"), ("回望", "summary")]


def test_what_the_program_judged_anew_is_not_its_own_witness() -> None:
    mine = submission("见闻.docx")
    anew = PieceDecision("2", "experience", evidence=(Evidence("reclassified", ""),))
    assert items(mine, decision(mine, "王", STAFF, anew)) == []


def test_alike_files_of_one_mail_are_learned_once() -> None:
    mine = submission("见闻1.docx", "见闻2.docx")
    both = (PieceDecision(each.path, "experience", evidence=STAFF) for each in mine.pieces)
    assert items(mine, decision(mine, "王", (), *both)) == [("见闻#", "experience")]
