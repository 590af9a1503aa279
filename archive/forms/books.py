"""What units did over the years and months, as tables: 台账, 报送数 and 采用数. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from archive.forms.table import Column, Table, filled
from archive.forms.words import UNIT, moment_words, year_of
from archive.judging.spelling import fold
from archive.judging.works import submissions, works
from archive.records import Checklist, Holdings, Selection
from config.campaign import Campaign
from config.roster import Roster, Unit

Month = tuple[int, int]


@dataclass(frozen=True)
class Season:
    """One campaign with all that is held for its units, and their checklists."""

    campaign: Campaign
    roster: Roster
    held: Mapping[str, Holdings]
    listed: Mapping[str, Checklist]
    selections: Sequence[Selection] = ()


def ledger(roster: Roster, seasons: Sequence[Season]) -> Table:
    """台账: each unit of the roster, campaign by campaign, oldest first. A unit is known again by its name."""
    ordered = sorted(seasons, key=lambda one: (year_of(one.campaign) or 0, one.campaign.id))
    rows: list[tuple[str, ...]] = []
    for unit in roster.units:
        for season in ordered:
            mine = _same(season, unit)
            if mine is not None and (mine.owes != () or season.held[mine.code].held):
                rows.append(_line(unit, mine, season))
    heads = (
        Column("单位"), Column("年度", 8, True), Column("活动"), Column("来件", 8, True),
        Column("作品", 8, True), Column("情况", 12, True), Column("迟报", 8, True), Column("采用", 8, True),
        Column("首次来件", 19, True),
        Column("来件编号"),
    )  # fmt: skip
    below = ("来件按件计：一封邮件、一张光盘为一件。",)
    return Table("台账", "报送台账", heads, filled(rows, len(heads)), (), (0,), below)


def _same(season: Season, unit: Unit) -> Unit | None:
    names = {fold(name) for name in (unit.name, *unit.aliases)}
    found = [one for one in season.roster.units if fold(one.name) in names or fold(unit.name) in map(fold, one.aliases)]
    by_name = [one for one in found if fold(one.name) == fold(unit.name)]
    return next(iter(by_name or found), None)


def _line(unit: Unit, mine: Unit, season: Season) -> tuple[str, ...]:
    campaign, holdings, listed = season.campaign, season.held[mine.code], season.listed[mine.code]
    mails = submissions(campaign, holdings)
    kinds = {item.id for item in campaign.items if item.kind == "work"}
    made = sum(work.item in kinds for work in works(campaign, holdings))
    numbers = [one.submission.number for one in mails]
    shown = "、".join(numbers[:6]) + (f" 等{len(numbers)}件" if len(numbers) > 6 else "")
    return (
        unit.name,
        str(year_of(campaign) or ""),
        campaign.short,
        str(len(mails)),
        str(made) if kinds else "—",
        UNIT[listed.state] if any(one.state != "rolling" for one in listed.items) else "随时报送",
        "有" if any(one.late for one in listed.items) else "",
        str(sum(used(season).get(mine.code, Counter()).values()) or ""),
        moment_words(mails[0].submission.received, campaign.zone) if mails else "",
        shown,
    )


# --- by month ---------------------------------------------------------------------------------------------------------


def reported(campaign: Campaign, held: Mapping[str, Holdings]) -> dict[str, Counter[Month]]:
    """Unit code → month (campaign's zone) → how many 件 came with something for an item that is always open."""
    rolling = {item.id for item in campaign.items if item.rolling}
    found: dict[str, Counter[Month]] = {}
    for code, holdings in held.items():
        for one in submissions(campaign, holdings):
            mine = (choice for choice in one.decision.pieces if (choice.unit or one.decision.unit) == code)
            if any(choice.item in rolling and not choice.none for choice in mine):
                day = one.submission.received.astimezone(campaign.zone).date()
                found.setdefault(code, Counter())[day.year, day.month] += 1
    return found


def used(season: Season) -> dict[str, Counter[Month]]:
    """Unit code → month in which it came → how many works an upper office has used, as staff registered."""
    zone = season.campaign.zone
    came = {
        one.submission.number: one.submission.received.astimezone(zone).date()
        for holdings in season.held.values()
        for one in holdings.held
    }
    found: dict[str, Counter[Month]] = {}
    for one in season.selections:
        if one.result == "used" and one.unit and one.number in came:
            day = came[one.number]
            found.setdefault(one.unit, Counter())[day.year, day.month] += 1
    return found


def monthly(
    campaign: Campaign, roster: Roster, counts: Mapping[str, Mapping[Month, int]], months: Sequence[Month], what: str
) -> Table:
    """One row a unit, one column a month. what: 报送数 or 采用数; a month without any is an empty cell."""
    heads = [Column("序号", 6, True), Column("单位")]
    heads += [Column(f"{year}年\n{month}月", 9, True) for year, month in months] + [Column("合计", 9, True)]
    rows = []
    for place, unit in enumerate(roster.units, 1):
        mine = counts.get(unit.code, {})
        cells = [str(mine.get(month) or "") for month in months]
        rows.append((str(place), unit.name, *cells, str(sum(mine.values()) or "")))
    sums = [sum(one.get(month, 0) for one in counts.values()) for month in months]
    rows.append(("", "合计", *(str(number or "") for number in sums), str(sum(sums) or "")))
    told = {
        "报送数": "报送数按来件计，一封邮件为一件。",
        "采用数": "采用数按作品计，由经办人登记，记在来件收到的月份。",
    }
    return Table(what, f"{campaign.short}信息{what}", tuple(heads), filled(rows, len(heads)), (), (), (told[what],))


def months_of(counts: Mapping[str, Mapping[Month, int]]) -> list[Month]:
    """Every month from the first to the last in which anything came."""
    seen = [month for one in counts.values() for month in one]
    if not seen:
        return []
    (year, month), last = min(seen), max(seen)
    found = []
    while (year, month) <= last:
        found.append((year, month))
        following = date(year + month // 12, month % 12 + 1, 1)
        year, month = following.year, following.month
    return found
