"""The five example campaigns say what their notices say."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.campaign import Campaign, CountRule, Item, Rule
from config.loading import load_campaign, load_roster

FOLDER = Path(__file__).parents[3] / "config"
SLOTS = ["meeting", "training", "inspection", "activity", "platform"]
ITEMS = {
    "hainan-2017": ["summary", "experience", "works", "works_table"],
    "weihai-2018": ["materials", "photo", "promo", "essay", "works_table", "news"],
    "bingtuan-2018": ["applicants_table", "photo", "promo", "essay", "works_table", "news", "filing"],
    "anqing-2013": ["info"],
    "guangdong-2017": ["filing", *(f"evidence_{slot}" for slot in SLOTS)],
}


def campaign(name: str) -> Campaign:
    made, problems = load_campaign(FOLDER / "campaigns" / f"{name}.yaml")
    assert made is not None, [p.text() for p in problems]
    assert problems == []
    return made


def rules(item: Item, check: str) -> list[Rule]:
    return [rule for rule in item.rules if rule.check == check]


def shape(rule: Rule) -> dict[str, object]:
    """The rule's own numbers, without sentence and defaults."""
    return rule.model_dump(exclude={"quote", "confirm", "check"}, exclude_defaults=True)


@pytest.mark.parametrize("name", ITEMS)
def test_the_example_loads_answers_nobody_and_has_the_agreed_items(name: str) -> None:
    made = campaign(name)
    assert [item.id for item in made.items] == ITEMS[name]
    assert (made.id, made.status, made.mode) == (name, "example", "cautious")
    assert made.mailboxes == (name.split("-")[0],)
    assert made.roster == f"{name}.csv"
    assert "请填写" in made.contact.name and "请填写" in made.contact.phone
    assert all(item.aliases and item.words for item in made.items)


@pytest.mark.parametrize("name", ITEMS)
def test_every_example_roster_loads_and_uses_only_reserved_addresses(name: str) -> None:
    roster, problems = load_roster(FOLDER / "rosters" / f"{name}.csv")
    assert problems == []
    assert roster is not None
    assert 8 <= len(roster.units) <= 20
    assert all(address.endswith(".example.test") for unit in roster.units for address in unit.emails)
    assert any(not unit.emails for unit in roster.units), "a unit for the phone list"
    assert all((unit.contact or "").endswith("示例") for unit in roster.units)


def test_hainan_wants_one_summary_and_one_experience_by_mail_and_works_on_disc() -> None:
    made = campaign("hainan-2017")
    for name in ("summary", "experience"):
        assert [shape(r) for r in made.item(name).rules] == [{"min": 1, "max": 1}]
        assert made.item(name).channel == "mail"
    works = made.item("works")
    assert works.channel == "disc"
    assert [c.id for c in works.categories] == ["video", "story"]
    assert [shape(r) for r in rules(works, "count")] == [{"min": 1}]
    assert [shape(r) for r in rules(works, "duration")] == [{"categories": ("video",), "max": 180.0}]
    assert [shape(r) for r in rules(works, "format")] == [
        {"categories": ("video",), "any_of": ("wmv",)},
        {"categories": ("story",), "any_of": ("jpeg",)},
    ]
    assert [shape(r) for r in rules(works, "pixels")] == [
        {"categories": ("video",), "min_width": 720, "min_height": 576},
        {"categories": ("story",), "min_width": 1600, "min_height": 1200},
    ]
    assert [shape(r) for r in rules(works, "video_bit_rate")] == [{"categories": ("video",), "min": 20_000_000}]
    group = {"severity": "advice", "categories": ("story",), "min": 6, "max": 9}
    assert [shape(r) for r in rules(works, "group")] == [group], "为宜 is advice"
    assert [r.severity for r in rules(works, "companion")] == ["demand"]
    due = made.deadline_for(works, "HN01", "市县")
    assert due == made.deadline_for(made.item("summary"), "HN01", "市县") == datetime(2017, 7, 25, 16, tzinfo=UTC)


def test_what_comes_by_another_channel_is_due_on_the_same_day() -> None:
    for name, item in (("hainan-2017", "works"), ("bingtuan-2018", "photo"), ("guangdong-2017", "filing")):
        made = campaign(name)
        due = made.deadline_for(made.item(item), "", "")
        assert due is not None
        assert made.deadline_for(made.item(item), "", "", "mail") == due


def test_weihai_wants_materials_and_leaves_the_works_optional() -> None:
    made = campaign("weihai-2018")
    assert made.issued == date(2018, 7, 19)
    optional = {item.id: (item.optional, item.rolling) for item in made.items}
    assert optional["materials"] == (False, False)
    assert {name for name, (free, _) in optional.items() if free} == {"photo", "promo", "essay", "works_table"}
    assert optional["news"] == (False, True)
    assert not any(
        isinstance(r, CountRule) and r.min for name in ("photo", "promo", "essay") for r in made.item(name).rules
    )
    assert {d.id: bool(d.confirm) for d in made.deadlines} == {"materials": False, "works": True}
    assert not made.totals


@pytest.mark.parametrize("name", ["weihai-2018", "bingtuan-2018"])
def test_the_three_classes_of_works_carry_the_limits_of_the_annex(name: str) -> None:
    made = campaign(name)
    photo, promo, essay = (made.item(i) for i in ("photo", "promo", "essay"))
    assert [shape(r) for r in rules(photo, "group")] == [{"min": 4, "max": 9}]
    assert [shape(r) for r in rules(photo, "characters")] == [{"of": "companion", "max": 200}]
    assert [shape(r) for r in rules(photo, "pixels")] == [{"min_width": 1600, "min_height": 1200}]
    assert [shape(r) for r in rules(photo, "format")] == [{"any_of": ("jpeg",)}]
    assert {"改革开放青观察", "改革开放青春观察"} <= set(photo.aliases)
    assert [shape(r) for r in rules(promo, "duration")] == [{"categories": ("video", "animation"), "max": 30.0}]
    assert [c.id for c in promo.categories] == ["video", "animation", "h5"]
    assert [shape(r) for r in rules(essay, "characters")] == [
        {"subkind": "case", "max": 2000},
        {"subkind": "theory", "max": 5000},
    ]
    table = made.item("works_table")
    assert [shape(r) for r in rules(table, "columns")] == [
        {"names": ("作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式")}
    ]
    assert [shape(r) for r in rules(table, "header")] == [{"fields": ("报送单位", "报送日期")}]
    assert len(rules(table, "seal")) == 1


def test_bingtuan_wants_three_works_in_all_and_one_of_each_class_on_disc() -> None:
    made = campaign("bingtuan-2018")
    (total,) = made.totals
    assert (total.items, total.min, total.each_min, total.channel) == (("photo", "promo", "essay"), 3, 1, "disc")
    assert {made.item(i).channel for i in ("photo", "promo", "essay", "works_table")} == {"disc"}
    assert {d.by for d in made.deadlines} == {date(2018, 7, 20)}
    filing = made.item("filing")
    assert (filing.kind, filing.channel, filing.deadlines, len(filing.systems)) == ("filing", "external", (), 2)
    assert len(made.contradictions) >= 2
    assert made.not_for_submissions == ("qnwmh_xitong@126.com",)
    assert made.item("news").rolling
    soft = {e.id: e.severity for e in made.eligibility}
    assert soft["people"] == "advice" and soft["youth"] == "demand", "一般 is advice"


def test_anqing_is_rolling_and_nothing_can_ever_be_missing() -> None:
    made = campaign("anqing-2013")
    assert made.deadlines == () and made.totals == ()
    assert all(item.rolling for item in made.items)
    assert made.issued is None and made.opens == date(2013, 9, 1)
    assert any(window.confirm and "opens" in window.confirm for window in made.windows)
    assert not any(isinstance(rule, CountRule) for rule in made.item("info").rules)


def test_guangdong_asks_units_only_for_the_filing_by_its_own_earlier_day() -> None:
    made = campaign("guangdong-2017")
    assert [item.id for item in made.items if item.owed_by == "unit"] == ["filing"]
    assert [i.kind for i in made.items if i.owed_by == "office"] == ["evidence"] * 5
    due = made.deadline_for(made.item("filing"), "GD01", "地市")
    assert due == datetime(2017, 9, 7, 16, tzinfo=UTC)
    assert made.parent is not None and made.parent.deadline == date(2017, 9, 30)
    assert [(q.factor, q.file) for q in made.quotas] == [(10, "guangdong-2017.csv")]
