"""A campaign file written anew for the next time: all is kept but its dates, which wait to be filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from config.roster import Roster, Unit

_OF_THAT_TIME = ("issued", "opens", "doc_number", "amendments", "extensions")
"""Keys of a campaign that say something of the one time only."""


@dataclass(frozen=True)
class RosterChange:
    """One unit that differs between two rosters. what: new | gone | changed; how: in words, "" when new or gone."""

    what: str
    unit: Unit
    how: str = ""


def renewed(text: str, id: str, roster: str) -> str:
    """The campaign of `text` under a new id, a draft with that roster; comments stay, dates are empty.

    Each emptied date leaves a `confirm` with the old day, so that `check` asks for it until it is filled in.
    """
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    campaign = yaml.load(text)
    campaign["id"], campaign["roster"], campaign["status"] = id, roster, "draft"
    for key in _OF_THAT_TIME:
        campaign.pop(key, None)
    for deadline in campaign.get("deadlines") or ():
        _clear(deadline, ("by",), "期限")
    for window in campaign.get("windows") or ():
        _clear(window, ("begin", "end"), "起止日期")
    if isinstance(campaign.get("parent"), MutableMapping):
        campaign["parent"].pop("deadline", None)
    out = StringIO()
    yaml.dump(campaign, out)
    return out.getvalue()


def _clear(value: Any, keys: Sequence[str], what: str) -> None:
    was = [str(value.pop(key)) for key in keys if value.get(key) is not None]
    if was:
        old = f"请按新通知填写{what} {'、'.join(keys)}（上次为 {'—'.join(was)}），并核对原句"
        value["confirm"] = f"{value['confirm']}；{old}" if value.get("confirm") else old


def changes(old: Roster, new: Roster) -> list[RosterChange]:
    """What differs from the old roster to the new one, by code; a unit whose code changed is found by its name."""
    by_code: Mapping[str, Unit] = {unit.code: unit for unit in old.units}
    by_name = {unit.name: unit for unit in old.units}
    found, met = [], set()
    for unit in new.units:
        before = by_code.get(unit.code) or by_name.get(unit.name)
        if before is None:
            found.append(RosterChange("new", unit))
            continue
        met.add(before.code)
        how = "；".join(_differences(before, unit))
        if how:
            found.append(RosterChange("changed", unit, how))
    return found + [RosterChange("gone", unit) for unit in old.units if unit.code not in met]


def _differences(old: Unit, new: Unit) -> list[str]:
    owes = ["、".join(unit.owes) if unit.owes is not None else "全部" for unit in (old, new)]
    pairs = [
        ("编号", old.code, new.code),
        ("名称", old.name, new.name),
        ("邮箱", "、".join(old.emails), "、".join(new.emails)),
        ("联系人", old.contact or "", new.contact or ""),
        ("电话", old.phone or "", new.phone or ""),
        ("应报", owes[0] or "无", owes[1] or "无"),
    ]
    return [f"{name} {was or '（空）'} → {is_ or '（空）'}" for name, was, is_ in pairs if was != is_]
