"""What `status` and `queue` say of things beside the checklist: lists, conditions, quotas, the office's own slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from archive.everyone import elsewhere
from archive.judging.beside import eligibility
from archive.judging.eligible import Standing, office_standings
from archive.judging.own_items import own_items
from archive.judging.quotas import quota_lines
from config.campaign import Campaign
from config.quota_files import load_places
from config.roster import Roster
from intake.rounds.beside import holdings_of_all
from intake.rounds.office import Office


def beside_lines(office: Office, campaign: Campaign, roster: Roster, now: datetime) -> Iterator[str]:
    """Everything, in the order staff need it."""
    yield from list_lines(office, campaign)
    yield from condition_lines(office, campaign, roster, now)
    yield from slot_lines(office, campaign)
    yield from quota_sentences(office, campaign, roster)


def list_lines(office: Office, campaign: Campaign) -> Iterator[str]:
    """Which filing lists there are; the last one counts."""
    lists = [one for one in office.ledger.listings.all(campaign.id) if one.kind == "filing"]
    for place, one in enumerate(lists):
        passed = sum(entry.state == "passed" for entry in one.entries)
        which = f"（仅 {one.unit}）" if one.unit else ""
        older = any(later.unit in ("", one.unit) for later in lists[place + 1 :])
        word = "报备名单（已被更新的代替）" if older else "报备名单"
        yield f"{word}{which}：{one.name}，截至 {one.day.isoformat()}，{len(one.entries)} 个集体，通过 {passed} 个"


def condition_lines(office: Office, campaign: Campaign, roster: Roster, now: datetime) -> Iterator[str]:
    """One line for each unit whose 集体 still have open conditions, and one for the office's own."""
    if not campaign.eligibility:
        return
    held = holdings_of_all(office, campaign, roster)
    found = elsewhere(campaign, roster, held)
    for unit in roster.units:
        standings = eligibility(campaign, unit, held[unit.code], now, found.get(unit.code))
        if standings and (line := condition_line(standings)):
            yield f"申报条件 {unit.code} {unit.name}：{line}"
    notes = office.ledger.listings.registered_for_all(campaign.id)
    for one in office_standings(campaign.eligibility, notes):
        word = "✓ 已核" if one.state == "met" else "待核"
        yield f"申报条件（本办公室）{one.condition.id}：{one.condition.question} {word}"


def condition_line(standings: Sequence[Standing]) -> str:
    """3 个集体，已核 9 项，不符 1 项，待核 5 项（title×3、leader×2）; empty when nothing waits."""
    waiting = [one for one in standings if one.state == "open"]
    failed = [one for one in standings if one.state == "failed"]
    if not waiting and not failed:
        return ""
    names = dict.fromkeys(one.condition.id for one in waiting)
    counts = "、".join(f"{id}×{sum(one.condition.id == id for one in waiting)}" for id in names)
    subjects = len({one.applicant.name for one in standings})
    said = f"{subjects} 个集体，已核 {len(standings) - len(waiting) - len(failed)} 项"
    said += f"，不符 {len(failed)} 项" if failed else ""
    return said + (f"，待核 {len(waiting)} 项（{counts}）" if waiting else "")


def slot_lines(office: Office, campaign: Campaign) -> Iterator[str]:
    """The office's own evidence: have/need and the numbers of the 件 it lies in."""
    if all(item.owed_by == "unit" for item in campaign.items):
        return
    held = office.ledger.listings.deciding_office_items(
        campaign.id, frozenset(item.id for item in campaign.items if item.owed_by == "office")
    )
    for slot in own_items(campaign, held, office.ledger.listings.registered_for_all(campaign.id)):
        mark = "✓" if slot.complete else "—"
        where = f"（{'、'.join(slot.numbers)}）" if slot.numbers else ""
        yield f"本办公室留存 {mark} {slot.item} {slot.name} {slot.have}/{slot.need}{where}"


def quota_sentences(office: Office, campaign: Campaign, roster: Roster) -> Iterator[str]:
    """Passed and filed 集体 of each row of a quota table, against factor × places."""
    codes = [unit.code for unit in roster.units]
    for quota in campaign.quotas:
        places, _ = load_places(office.home / "quotas" / quota.file, quota.file, codes)
        if not places:
            yield f"数量：名额表 quotas/{quota.file} 没有可用的名额，{quota.question}无法核对"
        for line in quota_lines(quota, places, office.ledger.listings.in_force(campaign.id)):
            mark = "✓" if line.reached else "—"
            example = "（示例数字）" if line.example else ""
            yield f"数量 {mark} {line.name}：通过 {line.passed}（已报 {line.filed}），需 {line.need}{example}"
