"""`make bench-identify`: how long a mail takes to identify and a piece to classify among 10,000 units on the roster."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from archive.records import Mail, Piece
from config.campaign import Campaign
from config.loading import load_campaign
from config.roster import Roster, Unit
from intake.classify import classify
from intake.identify import identify
from intake.known import CampaignRoster, Known
from tests.unit.intake.judged import attach, mail

CONFIG = Path(__file__).parents[2] / "config"
UNITS, ROUNDS = 10_000, 20
PER_MAIL, PER_PIECE = 10.0, 1.0
"""Milliseconds at most."""
_FIRST = "安宁永和平顺长太新东西南北中大兴文武昌隆福泰康德仁义礼智信海江河山川云龙凤金玉"
_SECOND = "丰阳城州源水林泉岭坪口桥塘湾岗台乡原陵关溪"
_KINDS = ("县", "市", "区")
_BODIES = ("公安局", "教育局", "税务局", "人民医院", "供电公司", "第一中学", "交通运输局", "卫生健康委员会")


def units(count: int) -> tuple[Unit, ...]:
    """Units as rosters have them: leagues of places first, then bodies of those places; half have an address."""
    places = [a + b + kind for a in _FIRST for b in _SECOND for kind in _KINDS]
    names = [f"共青团{place}委员会" for place in places]
    names += [f"{place}{body}团委" for body in _BODIES for place in places]
    return tuple(
        Unit(f"U{n}", name, (name.removeprefix("共青团").removesuffix("委员会"),) if n < len(places) else (),
             emails=(f"u{n}@office{n}.example.test",) if n % 2 else ())
        for n, name in enumerate(names[:count])
    )  # fmt: skip


LETTERS: dict[str, tuple[Mail, tuple[Piece, ...]]] = {
    "known address": (mail("材料", "请查收", "u1@office1.example.test"), attach("征文.docx", "1.jpg", "2.jpg")),
    "named in words": (
        mail(
            "安丰县团委青年文明号征文", "现将征文一篇、图片一组报上，请查收。\n安丰县团委", "someone@mail.example.test"
        ),
        attach("征文.docx", *(f"图片.zip>组图/{n}.jpg" for n in range(1, 8))),
    ),
    "nobody named": (mail("青年文明号材料", "请查收附件", "x@mail.example.test"), attach("材料.docx", "照片.jpg")),
    "misspelt": (mail("安峰县团委 青年文明号征文", "见附件", "y@mail.example.test"), attach("征文.docx")),
    "near nothing": (mail("宁坝区团委委员会 青年文明号征文", "见附件", "z@mail.example.test"), attach("征文.docx")),
    "long, many files": (
        mail("青年文明号活动总结", "今天我们在安阳县开展了青年文明号活动，" * 150, "w@mail.example.test"),
        attach(*(f"平阳市.zip>照片/{n}.jpg" for n in range(60))),
    ),
}


def main() -> int:
    """Prints a table; 1 when a bound is missed."""
    campaign, problems = load_campaign(CONFIG / "campaigns" / "weihai-2018.yaml")
    if campaign is None:
        print(problems)
        return 2
    campaign = campaign.model_copy(update={"status": "open", "mailboxes": ("box",)})
    known = Known((CampaignRoster(campaign, Roster(units(UNITS))),))
    begin = time.perf_counter()
    identify(*LETTERS["known address"], "box", known)
    print(f"{UNITS} units; names indexed once in {time.perf_counter() - begin:.1f} s\n")
    print("| mail | identify, ms a mail | classify, ms a piece |\n|---|--:|--:|")
    worst = [_row(name, *letter, known, campaign) for name, letter in LETTERS.items()]
    return int(max(one for one, _ in worst) > PER_MAIL or max(one for _, one in worst) > PER_PIECE)


def _row(name: str, letter: Mail, pieces: tuple[Piece, ...], known: Known, campaign: Campaign) -> tuple[float, float]:
    who = _milliseconds(lambda: identify(letter, pieces, "box", known))
    what = _milliseconds(lambda: classify(letter, pieces, campaign, None)) / max(1, len(pieces))
    print(f"| {name} | {who:.2f} | {what:.3f} |")
    return who, what


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
