"""One item of one unit held against its rules: the findings on every work, in the order of the notice's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archive.judging.findings import STAFF_CODES, called, finding
from archive.judging.item_rules import ITEM_RULES, SHOWN_ONLY, ItemCheck, View
from archive.judging.kinds import MEDIA, PICTURES
from archive.judging.parts import Group, Part
from archive.judging.reconcile import check_reconcile
from archive.judging.rules import WORK_RULES, about, flags, readable, suffixes, twins
from archive.records import Finding
from config.campaign import CountRule, Item, RuleBase
from config.roster import Unit

ITEM_CHECKS: dict[str, ItemCheck] = {**ITEM_RULES, "reconcile": check_reconcile}
"""The rules that speak about an item, by the name of their check."""


def speaks(rule: RuleBase, unit: Unit) -> bool:
    """Whether a rule limited to kinds of unit speaks to this one."""
    return not rule.units or unit.kind in rule.units


def kind_missing(item: Item, unit: Unit) -> RuleBase | None:
    """A rule that differs by kind of unit, when the roster gives this unit none."""
    if unit.kind:
        return None
    return next((rule for rule in item.rules if rule.units and rule.severity == "demand"), None)


def judge(view: View) -> tuple[Finding, ...]:
    """Every finding on what came for the item; nothing is said of what did not come at all."""
    found: list[Finding] = []
    if not view.groups and not view.loose and kind_missing(view.item, view.unit) is None and not view.by_hand:
        return ()
    for group in view.groups:
        found += judge_work(view, group)
    if view.loose:
        found = [one for one in found if one.code != "no-companion"]
        found += [_stray(text) for text in view.loose]
    for rule in view.item.rules:
        if not speaks(rule, view.unit) or rule.check in WORK_RULES or rule.check in SHOWN_ONLY:
            continue
        check = ITEM_CHECKS.get(rule.check)
        found += check(rule, view) if check else _unheard(rule, view)
    limited = kind_missing(view.item, view.unit)
    if limited is not None:
        text = f"{view.unit.name}的单位类别未登记，{called(view.item.name)}按类别提出的要求无法核对，请在名册中补填"
        found.append(finding("not-evaluated", text, rule=limited, seen="类别未登记", wanted="登记单位类别"))
    return tuple(dict.fromkeys(found))


def _stray(text: Group) -> Finding:
    part = text.parts[0]
    return about(None, "undecided-piece", text, part, f"{part.name} 未能确定是哪件作品的说明，请指定", "未确定")


def _unheard(rule: Any, view: View) -> list[Finding]:
    """A demand this program has no function for waits for a person."""
    if rule.severity == "advice" or not view.groups:
        return []
    text = f"{called(view.item.name)}的要求（{rule.check}）不能自动核对，请人工查看"
    return [finding("not-evaluated", text, rule=rule, seen="未核对")]


# --- one work -----------------------------------------------------------------------------------------------------


def judge_work(view: View, group: Group) -> list[Finding]:
    """The findings on one work: readable, format, then everything that is measured."""
    rules = [rule for rule in view.item.rules if rule.check in WORK_RULES and speaks(rule, view.unit)]
    found, parts, companions = readable(group)
    for rule in _plain(rules, group, only_format=True):
        found += WORK_RULES["format"](rule, group, parts, companions)
    found += suffixes(group, parts, found)
    found += [*twins(group, parts), *flags(group)]
    bad = {(one.number, one.piece) for one in found if one.severity == "demand"}
    clean = [part for part in parts if (part.number, part.piece.path) not in bad]
    for rule in _plain(rules, group):
        found += _measured(rule, group, clean, companions)
    found += _by_subkind(rules, group, clean, companions)
    if view.item.categories and group.category is None and _depends(rules, group, clean, companions):
        text = f"《{group.title}》未能确定类别，按类别提出的要求无法核对，请人工归类"
        found.append(about(None, "category-unknown", group, group.parts[0], text, "未确定"))
    return found


def _depends(rules: Sequence[Any], group: Group, clean: Sequence[Part], companions: Sequence[Part]) -> bool:
    """Whether some category's rule would find something, so that it matters which category the work is of."""
    limited = [rule for rule in rules if rule.categories]
    return any(WORK_RULES[rule.check](rule, group, clean or group.parts, companions) for rule in limited)


def _plain(rules: Sequence[Any], group: Group, only_format: bool = False) -> list[Any]:
    """The rules on this work's category that do not depend on an undeclared sub-kind."""
    return [
        rule
        for rule in rules
        if (rule.check == "format") == only_format
        and (not rule.categories or group.category in rule.categories)
        and (rule.subkind is None or rule.subkind == group.subkind)
    ]


def _measured(rule: Any, group: Group, clean: Sequence[Part], companions: Sequence[Part]) -> list[Finding]:
    """One rule on what could be opened and has the right format; what was refused already is not told twice."""
    dropped = len(clean) < len(group.parts)
    if not clean:
        kinds = {part.type for part in group.parts}
        if not (rule.check == "group" and kinds & PICTURES) and not (rule.check == "companion" and kinds & MEDIA):
            return []
    found = WORK_RULES[rule.check](rule, group, clean, companions)
    return [one for one in found if not (dropped and one.code == "not-evaluated" and one.piece is None)]


def _by_subkind(rules: Sequence[Any], group: Group, clean: Sequence[Part], companions: Sequence[Part]) -> list[Finding]:
    """An undeclared sub-kind is judged by the loosest rule; what only the loosest allows is told as advice."""
    if group.subkind is not None:
        return []
    asked = [
        rule
        for rule in rules
        if rule.subkind is not None
        and rule.check != "format"
        and (not rule.categories or group.category in rule.categories)
    ]
    found: list[Finding] = []
    for check, of in dict.fromkeys((rule.check, getattr(rule, "of", "")) for rule in asked):
        alike = [rule for rule in asked if (rule.check, getattr(rule, "of", "")) == (check, of)]
        alike = sorted(alike, key=lambda rule: -(getattr(rule, "max", None) or 0))  # of equals the wider bound
        results = [_measured(rule, group, clean, companions) for rule in alike]
        loosest = min(results, key=_weight)
        strict = next((result for result in results if _weight(result) > _weight(loosest)), None)
        hint = "（未注明作品种类，按较宽的一类核对），请注明种类，并"
        found += [replace(one, text=_with_hint(one.text, hint)) if one.severity == "demand" else one for one in loosest]
        if strict is not None and _weight(loosest) < 2:
            first = strict[0]
            text = f"《{group.title}》未注明作品种类；{_until_way(first.text)}，仅符合较宽的一类要求，请注明种类"
            found.append(replace(first, code="subkind-undeclared", severity="advice", text=text))
    return found


def _with_hint(text: str, hint: str) -> str:
    """The hint before the way out: 要求不超过5000字（…），请注明种类，并精简后重新发送."""
    head, comma, way = text.rpartition("，")
    return f"{head}{hint}{way.removeprefix('请')}" if comma else f"{text}{hint}"


def _weight(found: Sequence[Finding]) -> int:
    """0 nothing · 1 advice · 2 a person must look · 3 a demand failed."""
    ranks = [3 if one.severity == "demand" else 2 if one.code in STAFF_CODES else 1 for one in found]
    return max(ranks, default=0)


def _until_way(text: str) -> str:
    """A finding's sentence without its last clause, the way out."""
    return text.rpartition("，")[0] or text


# --- how many -----------------------------------------------------------------------------------------------------


def least(view: View) -> int | None:
    """How many works the unit owes of the item: None = no minimum (rolling), 0 = nothing need come."""
    item, unit = view.item, view.unit
    counts = [rule for rule in item.rules if isinstance(rule, CountRule) and rule.severity == "demand"]
    mine = [rule for rule in counts if speaks(rule, unit) and rule.min is not None]
    overall = [rule.min or 0 for rule in mine if not rule.categories and rule.subkind is None]
    parts = sum(rule.min or 0 for rule in mine if rule.categories or rule.subkind)
    need: int | None = max([*overall, parts]) if mine else None
    if not unit.owes_item(item.id):
        return 0
    if need is None and item.rolling:
        return None
    if item.optional:
        return (need or 0) if view.groups or view.by_hand else 0
    if need is not None:
        return need
    if any(rule.units for rule in counts) and not any(speaks(rule, unit) for rule in counts):
        return 0
    totals = [total for total in view.campaign.totals if item.id in total.items and len(total.items) > 1]
    return max(total.each_min for total in totals) if totals else 1
