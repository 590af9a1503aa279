"""Every rule, condition and quota of the five notices, and the function that judges it or the person it goes to.

Run as a program it prints the table that docs/findings.md holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archive.checklist import is_late
from archive.judging.eligible import office_standings, standings
from archive.judging.filings import filed
from archive.judging.items import ITEM_CHECKS
from archive.judging.own_items import own_items
from archive.judging.quotas import quota_lines
from archive.judging.rules import WORK_RULES
from config.campaign import Campaign, Eligibility, HumanRule, Item
from config.loading import load_campaign

FOLDER = Path(__file__).parents[3] / "config" / "campaigns"
FIVE = ("hainan-2017", "weihai-2018", "bingtuan-2018", "anqing-2013", "guangdong-2017")
Row = tuple[str, str, str, str]
"""Campaign, what (item, total, condition …), demand, who judges it."""


def shipped(name: str) -> Campaign:
    """One of the five."""
    campaign, problems = load_campaign(FOLDER / f"{name}.yaml")
    assert campaign is not None, problems
    return campaign


def rows() -> Iterator[Row]:
    """The whole table, in the campaigns' order."""
    for name in FIVE:
        campaign = shipped(name)
        for deadline in campaign.deadlines:
            yield name, "deadline", deadline.id, named(is_late)
        for item in campaign.items:
            for rule in item.rules:
                yield name, item.id, demand(rule), judge(item, rule)
        for total in campaign.totals:
            yield name, "total", total.id, "`archive.checklist.checklist`"
        for condition in campaign.eligibility:
            yield name, "condition", condition.id, of_condition(condition)
        for quota in campaign.quotas:
            yield name, "quota", quota.file, named(quota_lines)


def demand(rule: Any) -> str:
    """`group`, `duration (video, animation)`, `characters [case]`; a person's question in full."""
    if isinstance(rule, HumanRule):
        return f"human：{rule.question}"
    limits = f" ({', '.join(rule.categories)})" if rule.categories else ""
    return f"{rule.check}{limits}" + (f" [{rule.subkind}]" if rule.subkind else "")


def judge(item: Item, rule: Any) -> str:
    """The function, or the person."""
    if item.owed_by == "office":
        return named(own_items)
    if item.kind == "filing":
        return named(filed)
    if isinstance(rule, HumanRule):
        return "a person, shown beside the work"
    function = WORK_RULES.get(rule.check) or ITEM_CHECKS.get(rule.check)
    return named(function) if function else "NOBODY"


def of_condition(one: Eligibility) -> str:
    """By a figure, by a list, else by a tick of staff."""
    if one.of == "office":
        return f"{named(office_standings)}: a tick"
    how = f"the figure {one.field}" if one.field else f"by {one.shown_by}, else a tick" if one.shown_by else "a tick"
    return f"{named(standings)}: {how}"


def named(function: Callable[..., Any]) -> str:
    """`module.function`."""
    return f"`{function.__module__}.{function.__name__}`"


def page() -> str:
    """The table as Markdown."""
    lines = ["| campaign | of | demand | judged by |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows())]) + "\n"


if __name__ == "__main__":
    print(page(), end="")
