"""An office's own templates: what they may use, what is told of broken ones, that ours speak in their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, PackageLoader

from intake.saying.wordings import PIECES, TABLES, VALUES, Wording, problems_of, wording

ROOT = Path(__file__).parents[3]
OURS = Environment(loader=PackageLoader("intake", "templates"))


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in OURS.list_templates()
        if name.endswith(".j2") and not name.startswith(("digest.", "inspection."))
    ],
)
def test_our_own_templates_use_only_what_every_office_may_use(name: str) -> None:
    source = (ROOT / "intake" / "templates" / name).read_text("utf-8")
    assert problems_of(name, name, source) == []


def test_the_page_on_letters_lists_every_value_and_table() -> None:
    page = (ROOT / "docs" / "letters.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ((?:`\w+` ?)+) \|", page, re.MULTILINE))
    assert {name: set(re.findall(r"`(\w+)`", values)) for name, values in rows.items()} == VALUES
    for name, tables in TABLES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` | `") and "@" in line)
        assert set(re.findall(r"@(\w+)@", row)) == tables


@pytest.mark.parametrize(
    ("name", "source", "line", "says"),
    [
        ("receipt.txt.j2", "好\n{{ unitname }}", 2, "没有“unitname”这个值"),
        ("receipt.txt.j2", "好\n\n@moved@", 3, "没有“@moved@”这个表"),
        ("receipt.txt.j2", "{% if open %}\n好", 2, "模板语法有误"),
        ("receipt.txt.j2", '好\n{% include "footer.txt.j2" %}', 2, "不存在"),
        ("recipt.txt.j2", "好", None, "没有这种信"),
        ("receipt.html.j2", "好", None, "没有这种信"),
    ],
)
def test_a_broken_template_is_named_with_its_line(name: str, source: str, line: int | None, says: str) -> None:
    (found,) = problems_of(name, f"templates/{name}", source)
    assert found.line == line
    assert says in found.why
    assert wording({name: (f"templates/{name}", source)}).own == {}


@pytest.mark.parametrize(
    "source",
    [
        "{{ you.nothing.there }}",
        "{{ 1 // 0 }}",
        "{{ you + 1 }}",
        "{% if open %}好{% endif %}",
        "{{ ''.__class__.__mro__ }}",
        "{% for i in range(10000000) %}好{% endfor %}",
        "{{ 'x' * 'y' }}",
    ],
)
def test_one_that_fails_while_a_letter_is_written_gives_way_to_ours(source: str) -> None:
    values = dict.fromkeys(VALUES["receipt"], "") | {"salutation": "甲单位：", "late": (), "undeclared": ()}
    text, wrong = wording({"receipt.txt.j2": ("templates/receipt.txt.j2", source)}).render("receipt.txt.j2", values)
    assert "甲单位：" in text and "已收悉" in text
    assert wrong is not None and wrong.file == "templates/receipt.txt.j2"


def test_only_what_a_letter_uses_counts_for_its_approval() -> None:
    own = wording({
        "receipt.txt.j2": ("templates/receipt.txt.j2", "好"), "notes.txt.j2": ("templates/notes.txt.j2", "另"),
    })  # fmt: skip
    assert own.used_for("shortfall") == ("notes.txt.j2",)
    assert len({own.digest("receipt"), own.digest("shortfall"), None}) == 3
    assert Wording().digest("receipt") is None
    assert set(PIECES) == {"notes", "open", "changes"}
