"""docs/campaign.md is complete and every example in it loads."""

import io
import re
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from config.campaign import Campaign
from config.loading import parse_campaign
from config.roster_files import COLUMNS

PAGE = (Path(__file__).parents[3] / "docs" / "campaign.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
HEADINGS = re.findall(r"^## (.+)$", PAGE, flags=re.M)
CONCEPTS = {
    "item: exact, min, max": "件数",
    "item: min-total, min-each": "合计件数",
    "alternatives": "几样任选其一",
    "group of files = one work": "几张图片算一件作品",
    "must-have companion": "必须附带的说明或表格",
    "editable + scan pair": "可编辑版和扫描件各一份",
    "limits by declared sub-kind": "按申报的小类限制不同",
    "per-kind-of-unit quota": "按单位类别定数量",
    "optional item": "可选材料",
    "min and max size, duration, pixels, bit rate, characters": "大小、时长、像素、码率、字数、页数",
    "open lists": "带“等”字的清单",
    "soft words": "为宜、原则上、一般、左右",
    "deadlines by item": "期限：按材料",
    "deadlines by batch": "期限：分批",
    "deadlines by channel": "期限：按渠道",
    "deadlines with an hour": "期限：写明几点",
    "deadlines recurring, month-end": "期限：每月、每季、月末",
    "rolling": "随时报送",
    "activity window": "活动时间不是期限",
    "amendment, extension": "延期和更正",
    "per-unit extension": "给个别单位延期",
    "forwarded notice": "转发上级通知",
    "several mailboxes, several campaigns": "几个邮箱、几个活动",
    "naming rules": "主题和文件怎么命名",
    "tables: columns, header, seal": "表格：栏目、表头、盖章",
    "tables: reconcile": "表格和作品互相核对",
    "other channels": "其他渠道",
    "evidence slots, quota": "办公室自己的留存材料",
    "eligibility": "申报条件",
    "human checks": "由人判断的要求",
    "late policy": "迟到怎么办",
    "after-steps": "报送以后",
    "the notice's sentence": "出处：原句和待确认",
    "contradictions": "通知自相矛盾的地方",
    "reminders": "提醒",
    "formats": "格式",
    "categories": "作品类别",
}
BASE = {
    "id": "base",
    "title": "通知",
    "short": "通知",
    "issuer": "办公室",
    "roster": "base.csv",
    "contact": {"name": "联系人", "phone": "电话"},
}


def whole(example: str) -> str:
    """A fragment put into a small campaign: rules into an item, keys over the base."""
    data = YAML(typ="safe", pure=True).load(example)
    if isinstance(data, list):
        kinds = [{"id": "video", "name": "微视频"}, {"id": "story", "name": "微故事"}]
        data = {"items": [{"id": "works", "name": "作品", "kind": "work", "categories": kinds, "rules": data}]}
    merged = {**BASE, **data}
    if "items" not in merged:
        deadlines = [deadline["id"] for deadline in merged.get("deadlines", [])]
        merged["items"] = [{"id": "summary", "name": "总结", "deadlines": deadlines}]
    made = io.StringIO()
    YAML(typ="safe", pure=True).dump(merged, made)
    return made.getvalue()


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads_without_a_problem(example: str) -> None:
    campaign, problems = parse_campaign(whole(example), "example.yaml")
    assert [p.text() for p in problems] == []
    assert campaign is not None


def test_the_first_example_is_a_whole_campaign_as_it_stands() -> None:
    campaign, problems = parse_campaign(EXAMPLES[0], "demo-2026.yaml")
    assert problems == []
    assert campaign is not None


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_concept_has_a_heading_with_an_example(concept: str) -> None:
    assert CONCEPTS[concept] in HEADINGS
    section = PAGE.split(f"## {CONCEPTS[concept]}\n")[1].split("\n## ")[0]
    assert "```yaml" in section


def models(annotation: Any) -> set[type[BaseModel]]:
    """Every model reachable from an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = {m for field in annotation.model_fields.values() for m in models(field.annotation)}
        return {annotation} | inner
    return {m for part in get_args(annotation) if not isinstance(part, str | int) for m in models(part)}


def test_every_key_and_every_check_of_the_language_is_on_the_page() -> None:
    found = models(Campaign)
    assert len(found) > 30
    names = {name for model in found for name in model.model_fields}
    checks = {get_args(m.model_fields["check"].annotation)[0] for m in found if "check" in m.model_fields}
    assert len(checks) == 17
    code = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`\n]+)`", PAGE) + EXAMPLES)))
    assert names - code == set()
    assert checks - code == set()
    assert isinstance(Campaign.model_fields["issued"].annotation, UnionType)


def test_every_column_of_a_roster_is_on_the_page() -> None:
    for column, (chinese, *_) in COLUMNS.items():
        assert f"{chinese} `{column}`" in PAGE
