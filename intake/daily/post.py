"""The digest's parts about the queue and the letters: what waits for staff, what is held, what came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archive.records import Letter
from intake.daily.parts import Facts, Section, Table, ago_words, some
from intake.health import CAME_BACK, NOT_OUT, office_lines
from intake.saying.names import FOR_STAFF
from intake.saying.wording import clean

QUEUE_LINES = 60
"""Lines of the queue that are printed; the others are counted."""
_STATES = (("held", "暂缓"), ("deferred", "稍后重发"), ("queued", "到上限，稍后发"))


def queue(facts: Facts) -> Section:
    """What waits for a person and since when; what other parts speak of is not told twice."""
    lines = sorted(office_lines(facts.vitals.asked), key=lambda one: one.since)
    rows = tuple(
        (ago_words(one.since, facts.now), clean(one.question, 200), one.number or "") for one in lines[:QUEUE_LINES]
    )
    left = len(lines) - len(rows)
    more = (f"另有 {left} 条没有列出，见 baosong queue",) if left > 0 else ()
    return Section("queue", f"待核对（{len(lines)} 条）", more, (Table(("自", "事项", "来件"), rows, (20, 62, 18)),))


def drafts(facts: Facts) -> Section:
    """Letters that wait for staff to release them."""
    waiting = [one for one in facts.letters if one.state == "draft"]
    rows = tuple((*_heads(facts, group), _units(facts, group)) for group in _grouped(waiting, lambda one: "").values())
    title = f"待放行的信（{len(waiting)} 封，放行：baosong outbox --release KEY 或 all）"
    return Section("drafts", title, (), (Table(("活动", "种类", "封数", "单位"), rows, (24, 18, 8, 50)),))


def letters(facts: Facts) -> Section:
    """Letters that are held, wait for another try or for the caps, and what failed."""
    rows: list[tuple[str, ...]] = []
    for state, words in _STATES:
        mine = [one for one in facts.letters if one.state == state and one.kind != "digest" and _stuck(one)]
        for group in _grouped(mine, lambda one: one.trouble or "").values():
            rows.append((words, *_heads(facts, group), _units(facts, group), clean(group[0].trouble or "", 80)))
    heads = ("情况", "活动", "种类", "封数", "单位", "原因")
    failed = tuple(clean(one.question, 200) for one in facts.vitals.asked if one.kind in NOT_OUT)
    return Section("letters", "没有发出的信", failed, (Table(heads, tuple(rows), (12, 18, 14, 8, 24, 24)),))


def _stuck(letter: Letter) -> bool:
    """A queued letter is stuck only while the caps hold it."""
    return letter.state != "queued" or "上限" in (letter.trouble or "")


def _grouped(letters: Sequence[Letter], reason: Callable[[Letter], str]) -> dict[tuple[str, str, str], list[Letter]]:
    """Letters of one campaign, kind and reason together, in the order of the first."""
    found: dict[tuple[str, str, str], list[Letter]] = {}
    for one in letters:
        found.setdefault((one.campaign or "", FOR_STAFF[one.kind], reason(one)), []).append(one)
    return found


def _heads(facts: Facts, group: Sequence[Letter]) -> tuple[str, str, str]:
    campaign = facts.campaigns.get(group[0].campaign or "")
    return clean(campaign.short) if campaign else "—", FOR_STAFF[group[0].kind], str(len(group))


def _units(facts: Facts, group: Sequence[Letter]) -> str:
    return some([facts.called(one.campaign, one.unit, clean(one.to, 80)) for one in group])


def returned(facts: Facts) -> Section:
    """Addresses to which nothing more is sent, with the unit they belong to."""
    told = [clean(one.question, 200) for one in facts.vitals.asked if one.kind in CAME_BACK]
    rows = tuple(
        (clean(address, 80), _owner(facts, address), clean(why, 80)) for address, why in sorted(facts.bad.items())
    )
    table = Table(("地址", "单位", "原因"), rows, (32, 34, 34))
    return Section("returned", "退信和不能用的地址", tuple(told), (table,))


def _owner(facts: Facts, address: str) -> str:
    owners = [
        clean(unit.name)
        for roster in facts.rosters.values()
        for unit in roster.units
        if address.casefold() in (email.casefold() for email in unit.emails)
    ]
    return some(owners, 3) or "不在名册中"
