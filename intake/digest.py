"""The daily digest: from how everything stands to sections in words, for staff alone. Pure: facts in, value out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from intake.daily import house, post, units
from intake.daily.parts import Facts, Section
from intake.health import office_lines

PARTS = (
    units.standing,
    units.lacking,
    post.queue,
    post.drafts,
    post.letters,
    post.returned,
    house.running,
    units.links,
    units.announced,
    house.calendar,
    house.files,
    house.archive,
)
"""In the order they are printed; a part that has nothing to say is left out."""
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Digest:
    """One day's digest. now: UTC. headline: one line that sums up; short: the same for a subject."""

    day: date
    now: datetime
    headline: str
    short: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """每日摘要　2018年8月15日（星期三）."""
        return f"每日摘要　{self.day.year}年{self.day.month}月{self.day.day}日（星期{WEEKDAYS[self.day.weekday()]}）"

    @property
    def subject(self) -> str:
        """【每日摘要】8月15日 尚缺材料的单位 12 个；待核对 3 条."""
        return f"【每日摘要】{self.day.month}月{self.day.day}日 {self.short}"


def build(facts: Facts) -> Digest:
    """The digest of the facts: the same facts give the same digest."""
    sections = tuple(section for section in (part(facts) for part in PARTS) if not section.empty)
    counts = _counts(facts)
    short = "；".join(counts) or "没有待办事项"
    running = len(facts.asked)
    head = f"在办活动 {running} 个" if running else "没有在办活动"
    return Digest(facts.day, facts.now, f"{head}；{short}。", short, sections)


def _counts(facts: Facts) -> list[str]:
    """What there is to do, each with its number; nothing of which there is none."""
    rows = [(asked.campaign.roster, row) for asked in facts.asked for row in units.rows_of(asked, facts)]
    drafts = sum(one.state == "draft" for one in facts.letters)
    told = (
        ("尚缺材料的单位 {} 个", len({(roster, row.unit.code) for roster, row in rows})),
        ("今天需电话联系 {} 个", len({(roster, row.unit.code) for roster, row in rows if row.call})),
        ("待核对 {} 条", len(office_lines(facts.vitals.asked))),
        ("待放行 {} 封", drafts),
        ("待下载 {} 个文件", sum(len(table.rows) for table in units.links(facts).tables)),
        ("运行异常 {} 处", len(house.troubles_here(facts))),
    )
    return [words.format(count) for words, count in told if count]
