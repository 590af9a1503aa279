"""A campaign file with mistakes yields every problem at once, each with its line and the next step."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.campaign import Campaign
from config.loading import load_campaign, parse_campaign
from config.workdays import Calendar

GOOD = """\
id: demo
title: 关于报送材料的通知
short: 示例活动
issuer: 示例办公室
issued: 2018-07-19
roster: demo.csv
contact: {name: 联系人, phone: "000"}
deadlines:
  - {id: main, by: 2018-08-20, quote: 8月20日前报送}
items:
  - id: works
    name: 图片作品
    kind: work
    deadlines: [main]
    rules:
      - check: pixels
        min_width: 1600
        quote: 像素不低于1600
"""


def codes(text: str) -> list[tuple[str, int | None]]:
    return [(p.code, p.line) for p in parse_campaign(text, "demo.yaml")[1]]


def test_a_good_file_has_no_problem_and_becomes_a_campaign() -> None:
    campaign, problems = parse_campaign(GOOD, "demo.yaml")
    assert problems == []
    assert campaign is not None
    due = campaign.deadline_for(campaign.item("works"), "X", "")
    assert due == datetime(2018, 8, 20, 16, 0, tzinfo=UTC), "the day is included to 24:00 Beijing time"


def test_a_misspelt_key_is_named_with_line_and_the_likely_word_in_both_languages() -> None:
    _, problems = parse_campaign(GOOD.replace("min_width", "min_with"), "weihai.yaml")
    (problem,) = problems
    assert problem.text("zh") == "weihai.yaml 第 17 行：不认识的键 ‘min_with’，是否想写 ‘min_width’？"
    assert problem.text("en") == "weihai.yaml, line 17: unknown key ‘min_with’; did you mean ‘min_width’?"


def test_a_misspelt_check_is_named_with_the_likely_word() -> None:
    _, problems = parse_campaign(GOOD.replace("check: pixels", "check: pixel"), "weihai.yaml")
    assert [p.text() for p in problems] == ["weihai.yaml 第 16 行：不认识的检查 ‘pixel’，是否想写 ‘pixels’？"]


def test_all_problems_come_at_once() -> None:
    text = (
        GOOD.replace("title:", "titel:")
        .replace("kind: work", "kind: movie")
        .replace("1600\n        q", "many\n        q")
    )
    assert codes(text) == [("missing-key", 1), ("unknown-key-like", 2), ("not-one-of", 13), ("not-number", 17)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('phone: "000"', "phone: 5225125", ("number-not-text", 7)),
        ("by: 2018-08-20", "by: 2018-02-30", ("not-date", 9)),
        ("by: 2018-08-20", "by: 20180820", ("odd-year", 9)),
        ("kind: work", "kind: work\n    optional: maybe", ("not-yes-no", 14)),
        ("deadlines: [main]", "deadlines: main", ("not-list", 14)),
        ('{name: 联系人, phone: "000"}', "某人", ("not-mapping", 7)),
        ("id: demo", "id: Demo 1", ("bad-form", 1)),
        ("short: 示例活动", "short:", ("missing-key", 1)),
        ("check: pixels", "cheque: pixels", ("missing-key", 16)),
    ],
)
def test_a_wrong_value_is_named_at_its_line(old: str, new: str, expected: tuple[str, int]) -> None:
    assert old in GOOD
    assert codes(GOOD.replace(old, new)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("deadlines: [main]", "deadlines: [main, late]", ("unknown-id", 14)),
        ("min_width: 1600", "min_width: 1600\n        categories: [video]", ("unknown-id", 18)),
        ("min_width: 1600", "min_width: 1600\n        subkind: video", ("unknown-id", 18)),
        ("min_width: 1600", "min_width: 1600\n        max_width: 20", ("bounds", 17)),
        ("        min_width: 1600\n", "", ("no-bound", 16)),
        ("        quote: 像素不低于1600\n", "", ("missing-quote", 16)),
        (", quote: 8月20日前报送", "", ("missing-quote", 9)),
        ("by: 2018-08-20, ", "", ("deadline-empty-draft", 9)),
        ("items:\n", "timezone: Asia/Nowhere\nitems:\n", ("timezone", 10)),
        ("roster: demo.csv", "roster: ../demo.csv", ("plain-file-name", 6)),
        ("items:\n", "totals: [{id: t, items: [essay], min: 1, quote: x}]\nitems:\n", ("unknown-id", 10)),
        ("items:\n", "extensions: [{deadline: m, by: 2018-09-20, quote: x}]\nitems:\n", ("unknown-id", 10)),
        ("items:\n", "items:\n  - {id: works, name: 又一项}\n", ("duplicate-id", 12)),
        ("items:\n", "extensions: [{by: 2018-08-10, quote: x}]\nitems:\n", ("amended-past", 10)),
        ("items:\n", "items:\n  - {id: n, name: 信息, rolling: true, deadlines: [main]}\n", ("rolling-deadline", 11)),
        ("deadlines: [main]", "deadlines: []", ("deadline-unused", 9)),
        ("by: 2018-08-20", "by: 2018-08-19", ("day-off", 9)),
    ],
)
def test_what_contradicts_itself_is_named_at_its_line(old: str, new: str, expected: tuple[str, int]) -> None:
    assert old in GOOD
    assert codes(GOOD.replace(old, new)) == [expected]


def test_a_confirm_mark_stands_in_for_a_quote() -> None:
    assert codes(GOOD.replace("quote: 像素不低于1600", "confirm: 请确认")) == []


def test_advice_needs_no_quote() -> None:
    assert codes(GOOD.replace("quote: 像素不低于1600", "severity: advice")) == []


def test_a_confirm_mark_warns_once_the_campaign_is_open_and_does_not_keep_it_out() -> None:
    text = GOOD.replace("quote: 像素", "confirm: 请确认\n        quote: 像素") + "mailboxes: [demo]\nstatus: "
    assert codes(text + "draft") == []
    campaign, problems = parse_campaign(text + "open", "demo.yaml")
    assert [(p.code, p.line, p.severity) for p in problems] == [("confirm-open", 18, "warning")]
    assert campaign is not None


@pytest.mark.parametrize(
    ("by", "first_late"),
    [
        ("2018-08-20", "2018-08-21T00:00"),
        ("'2018-08-20'", "2018-08-21T00:00"),
        ("2018-8-20", "2018-08-21T00:00"),
        ("2018-08-20 17:00", "2018-08-20T17:00"),
        ("'2018-08-20 00:00'", "2018-08-20T00:00"),
        ("2018-08-20T17:00:00+08:00", "2018-08-20T17:00"),
    ],
)
def test_a_day_includes_the_whole_day_however_it_is_written_and_a_moment_is_a_moment(by: str, first_late: str) -> None:
    campaign, problems = parse_campaign(GOOD.replace("by: 2018-08-20", f"by: {by}"), "demo.yaml")
    assert campaign is not None, problems
    expected = datetime.fromisoformat(first_late).replace(tzinfo=campaign.zone)
    assert campaign.deadline_for(campaign.item("works"), "X", "") == expected


def test_a_campaign_survives_the_way_through_plain_data() -> None:
    campaign, _ = parse_campaign(GOOD, "demo.yaml")
    assert campaign is not None
    assert Campaign.model_validate(campaign.model_dump(mode="json")) == campaign


def test_a_fault_keeps_the_campaign_out() -> None:
    assert parse_campaign(GOOD.replace("deadlines: [main]", "deadlines: [late]"), "demo.yaml")[0] is None


def test_the_offices_own_calendar_decides_what_a_day_off_is() -> None:
    calendar = Calendar(off=frozenset({date(2018, 8, 20)}))
    assert [p.code for p in parse_campaign(GOOD, "demo.yaml", calendar)[1]] == ["day-off"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: demo\nitems: [1", ("yaml-broken", 2)),
        ("id: demo\nitems:\n\t- a", ("yaml-tab", 3)),
        ("id: demo\ntitle：通知\nshort: 短", ("yaml-colon", 2)),
        ("title：通知\n", ("yaml-colon", 1)),
        ("id: a\nid: b\n", ("duplicate-key", 2)),
        ("id: &a x\nitems: &b [1]\ntotals: *b\n", ("yaml-alias", 2)),
        ("id: a\n? [b]\n: c\n", ("yaml-key", 2)),
        ("[" * 60 + "]" * 60, ("yaml-deep", 1)),
        ("[" * 5000, ("yaml-deep", None)),
        ("id: demo\nitems: \x01", ("yaml-broken", 2)),
        ("- a\n- b\n", ("not-mapping", 1)),
        ("", ("file-empty", None)),
        ("# 只有注释\n", ("file-empty", None)),
    ],
)
def test_broken_yaml_is_one_problem_with_its_line(text: str, expected: tuple[str, int | None]) -> None:
    assert codes(text) == [expected]


def test_files_saved_by_notepad_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        path = tmp_path / f"{encoding}.yaml"
        path.write_text(GOOD, encoding=encoding)
        campaign, problems = load_campaign(path)
        assert (problems, campaign is not None) == ([], True), encoding


def test_absent_unreadable_and_undecodable_files_are_problems(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "junk.yaml").write_bytes(b"\xff\x80\xff")
    (tmp_path / "huge.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    names = {
        "none.yaml": "file-missing",
        "huge.yaml": "file-too-large",
        "folder.yaml": "file-unreadable",
        "junk.yaml": "file-encoding",
        "a\0": "file-unreadable",
    }
    for name, code in names.items():
        campaign, problems = load_campaign(tmp_path / name)
        assert (campaign, [p.code for p in problems]) == (None, [code])
