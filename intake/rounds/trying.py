"""Trying: what a changed campaign file would do to everything that came, before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from archive.desk import Effect, Refused
from archive.everyone import checklists_of
from archive.records import ItemResult
from intake.rounds.beside import holdings_of_all
from intake.rounds.editing import tried
from intake.rounds.office import Office


def effects(office: Office, name: str, data: bytes) -> list[Effect]:
    """Each item of each unit whose state or findings would differ, in the roster's order. Refused for a faulty file."""
    config, faults = tried(office.home, name, data)
    id = PurePosixPath(name).stem
    if faults or id not in config.campaigns:
        raise Refused("；".join(problem.text() for problem in faults[:5]) or f"没有活动“{id}”")
    now, new, roster = office.now(), config.campaigns[id], config.rosters[id]
    held = holdings_of_all(office, new, roster)
    then = checklists_of(new, roster, held, now)
    old = office.campaign(id)
    before = checklists_of(old[0], old[1], holdings_of_all(office, *old), now) if old else {}
    found: list[Effect] = []
    for unit in roster.units:
        was = {item.item: item for item in before[unit.code].items} if unit.code in before else {}
        for item in then[unit.code].items:
            found += _effect(unit.name, was.get(item.item), item)
    return found


def _effect(unit: str, was: ItemResult | None, item: ItemResult) -> Iterator[Effect]:
    told = {one.text for one in was.findings} if was else set()
    said = [one.text for one in item.findings if one.text not in told]
    gone = [text for text in sorted(told) if text not in {one.text for one in item.findings}]
    state = was.state if was else "none"
    if state != item.state or said or gone:
        text = "；".join([*said, *(f"不再指出：{each}" for each in gone)])
        yield Effect(unit, item.name, state, item.state, text)
