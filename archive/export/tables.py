"""The office's tables of a campaign: the notice's own 汇总表, 进度表, 未报送名单, 台账 and the counts by month."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from archive.everyone import checklists_of, holdings_of_all
from archive.export.order import Order
from archive.export.parcel import made
from archive.forms import books, progress, summary
from archive.forms.document import document
from archive.forms.table import Table
from archive.forms.workbook import workbook
from archive.layout import unit_folders
from archive.ledger import Ledger
from archive.names import segment
from config.campaign import Campaign
from config.roster import Roster

FORMS: Mapping[str, Callable[[Sequence[Table]], bytes]] = {".xlsx": workbook, ".docx": document}
ONE_BY_ONE = "各单位"
BLANK = "空白表"


def export_tables(order: Order) -> None:
    """`--as tables`: a folder of its own each time, since they tell how things stand now."""
    campaigns = {**order.campaigns, order.campaign.id: (order.campaign, order.roster)}
    found = tables(order.ledger, order.campaign, campaigns, order.now)
    at = order.now.astimezone(order.campaign.zone)
    order.deliver([made(path, data) for path, data in found.items()], f"{order.campaign.id}-表格-{at:%Y%m%d-%H%M}")


def tables(
    ledger: Ledger, campaign: Campaign, campaigns: Mapping[str, tuple[Campaign, Roster]], now: datetime
) -> dict[str, bytes]:
    """Path (with `/`) → bytes of every table of the campaign, as a workbook and as a Word document.

    campaigns: all of the office by id, for the 台账 over the years; now: aware.
    """
    seasons = {id: _season(ledger, asked, roster, now) for id, (asked, roster) in campaigns.items()}
    found = _of_all(seasons[campaign.id], list(seasons.values()), now)
    return {f"{path}{suffix}": write(sheets) for path, sheets in found for suffix, write in FORMS.items()}


def _season(ledger: Ledger, campaign: Campaign, roster: Roster, now: datetime) -> books.Season:
    held = holdings_of_all(ledger, campaign, roster)
    listed = checklists_of(campaign, roster, held, now)
    return books.Season(campaign, roster, held, listed, ledger.selections.all(campaign.id))


def _of_all(this: books.Season, seasons: Sequence[books.Season], now: datetime) -> Iterator[tuple[str, list[Table]]]:
    campaign, roster = this.campaign, this.roster
    yield "进度表", [progress.progress(campaign, roster, this.listed, now)]
    yield "未报送名单", [progress.not_yet(campaign, roster, this.listed, now)]
    yield "台账", [books.ledger(roster, seasons)]
    if any(item.rolling for item in campaign.items):
        counts = books.reported(campaign, this.held)
        months = books.months_of(counts)
        yield "信息报送统计", [books.monthly(campaign, roster, counts, months, "报送数"),
                               books.monthly(campaign, roster, books.used(this), months, "采用数")]  # fmt: skip
    folders = unit_folders(roster)
    for item in summary.summary_items(campaign):
        name = segment(item.name)
        told = {unit.code: summary.filled_in(campaign, item, this.held[unit.code]) for unit in roster.units}
        yield f"{name}（总表）", [summary.of_all(campaign, item, roster, told)]
        yield f"{BLANK}/{name}", [summary.blank(item)]
        for unit in roster.units:
            if told[unit.code].rows:
                yield f"{ONE_BY_ONE}/{folders[unit.code]}/{name}", [summary.of_unit(item, unit, told[unit.code])]
