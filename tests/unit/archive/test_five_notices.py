"""No demand of the five notices is left without code that judges it or a clear line for a person."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from archive.checklist import checklist
from archive.judging.beside import eligibility
from archive.records import Checklist, Entry, Held, Holdings, Listing
from config.campaign import Campaign
from tests.unit.archive.asked import UNIT, at, essay, mail, photo, photos, piece, registered, said, video
from tests.unit.archive.judges import FIVE, page, rows, shipped

FINDINGS = (Path(__file__).parents[3] / "docs" / "findings.md").read_text("utf-8")
YEARS = {"hainan-2017": 2017, "guangdong-2017": 2017, "anqing-2013": 2013}
COLUMNS = ("作品类别", "作品名称", "展示形式（图片、动漫、视频、H5、征文等）", "创作集体", "集体联系人及联系方式")
APPLICANTS = ("集体名称", "人数", "35周岁以下人数", "号长年龄", "所获师级青年文明号时间", "是否网上报备")


def day(name: str) -> datetime:
    return at(7, 10, year=YEARS.get(name, 2018))


def table(name: str, columns: tuple[str, ...], *cells: tuple[str, ...], header: str = "报送单位"):
    told = {header: "环翠区团委", "报送日期": "7月10日"}
    return piece(name, columns=columns, cells=cells, rows=len(cells), header=told)


def classes(number: str) -> list:
    """One work of every class and kind of the weihai and bingtuan notices, with the table that lists them."""
    works = [
        *photos(),
        said(video("片.mp4", 25.0), "promo", "宣传片", category="video"),
        said(video("动.mp4", 29.0), "promo", "动漫", category="animation"),
        said(piece("作品.html"), "promo", "网页", category="h5"),
        said(essay("案例.docx", 1900), "essay", "案例", subkind="case"),
        said(essay("理论.docx", 4900), "essay", "理论", subkind="theory"),
    ]
    titles = ("青观察之一", "宣传片", "动漫", "网页", "案例", "理论")
    kinds = ("改革开放青观察", *["新时代青年说"] * 3, *["品牌建设青之见"] * 2)
    listed = tuple((kind, title, "", "收费站", "张三") for kind, title in zip(kinds, titles, strict=True))
    return [*works, said(table(f"{number}汇总表.xlsx", COLUMNS, *listed), "works_table")]


def model(asked: Campaign) -> tuple[Held, ...]:
    """Everything the notice speaks of, readable and right, in one mail."""
    rows_ = [("1", "微视频", "窗口", "收费站"), ("2", "微故事", "椰风", "收费站")]
    story = [said(photo(f"椰风/{n}.jpg"), "works", "椰风", category="story") for n in range(1, 7)]
    everything = {
        "hainan-2017": [
            said(essay("总结.docx"), "summary"),
            said(essay("经验.docx"), "experience"),
            said(video("窗口.wmv", 170.0), "works", "窗口", category="video", subkind="deeds"),
            *story,
            said(essay("椰风/说明.docx", 100), "works", "椰风", category="story"),
            said(table("选送汇总表.xlsx", ("序号", "类别", "作品名称", "推报集体名称"), *rows_), "works_table"),
        ],
        "weihai-2018": [said(essay("图文资料.docx"), "materials"), *classes("W"), said(essay("信息.docx"), "news")],
        "bingtuan-2018": [
            said(
                table("申报.xlsx", APPLICANTS, ("办税服务厅", "20", "12", "38", "2016年", "是"), header="单位名称"),
                "applicants_table",
            ),
            *classes("B"),
            said(essay("信息.docx"), "news"),
        ],
        "anqing-2013": [said(essay("信息.docx"), "info")],
        "guangdong-2017": [],
    }[asked.id]
    return (mail(asked, "N-1", day(asked.id), *everything),) if everything else ()


def lists(asked: Campaign) -> tuple[Listing, ...]:
    """What the office imported: the one 集体 has passed, and was named before."""
    on, when = date(day(asked.id).year, 7, 9), day(asked.id)
    passed = (Entry("办税服务厅", "passed", UNIT.code),)
    kinds = ["filing", *(f"named:{one.id}" for one in asked.eligibility if one.shown_by == "named")]
    return tuple(Listing(asked.id, kind, "名单.csv", on, "0" * 64, when, "王", passed) for kind in kinds)


def held(asked: Campaign) -> Holdings:
    notes = [registered("seal", item.id, day(asked.id)) for item in asked.items]
    notes += [registered("accept", item.id, day(asked.id)) for item in asked.items]
    return Holdings(asked.id, UNIT.code, model(asked), tuple(notes), lists(asked))


def judged(asked: Campaign) -> Checklist:
    return checklist(asked, UNIT, held(asked), day(asked.id))


@pytest.mark.parametrize("name", FIVE)
def test_what_a_model_unit_sends_is_all_judged_and_nothing_is_amiss(name: str) -> None:
    listed = judged(shipped(name))
    assert [(item.item, one.code, one.text) for item in listed.items for one in item.findings] == []
    assert all(total.state == "complete" for total in listed.totals)
    assert {item.state for item in listed.items} <= {"complete", "rolling"}
    assert listed.state == "complete"


@pytest.mark.parametrize("name", FIVE)
def test_every_item_asked_of_units_came_so_that_each_rule_was_heard(name: str) -> None:
    listed = judged(shipped(name))
    assert {item.item for item in listed.items} == {item.id for item in shipped(name).items if item.owed_by == "unit"}
    assert all(item.have for item in listed.items)


def test_every_condition_of_a_model_unit_is_met_by_figures_and_lists_or_waits_for_one_tick() -> None:
    left = {}
    for name in FIVE:
        found = eligibility(shipped(name), UNIT, held(shipped(name)), day(name))
        left[name] = [one.condition.id for one in found if one.state != "met"]
    assert left == {name: ["route"] if name == "weihai-2018" else [] for name in FIVE}


def test_no_demand_of_the_five_is_judged_by_nobody() -> None:
    found = list(rows())
    assert len(found) > 80
    assert [row for row in found if row[3] == "NOBODY"] == []


def test_the_page_tells_who_judges_every_demand() -> None:
    assert page() in FINDINGS, "docs/findings.md: replace its last table by what tests/unit/archive/judges.py prints"
