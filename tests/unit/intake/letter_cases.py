"""A small campaign like those of the notices, and short ways to say what came, for letters and reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from archive.records import (
    Announced,
    Checklist,
    Decision,
    Facts,
    Finding,
    Held,
    ItemResult,
    Mail,
    Piece,
    PieceDecision,
    Source,
    Submission,
    TotalResult,
)
from config.campaign import Campaign
from config.roster import Unit
from intake.letters import Context

QUOTE_PHOTO = "图片要求为JPEG格式，像素不低于1600×1200"
QUOTE_ESSAY = "实践案例不超过2000字"
NOW = datetime(2018, 8, 6, 2, 20, tzinfo=UTC)
"""2018年8月6日10时20分 in Weihai, a Monday."""
DUE = datetime(2018, 8, 20, 16, 0, tzinfo=UTC)
"""The first late instant of “8月20日前”."""
UNIT = Unit("hc", "共青团威海市环翠区委员会", emails=("hc@example.test",))


def campaign(**changes: Any) -> Campaign:
    """Pictures, essay, table by mail on 8-20; a disc; a filing; rolling news."""
    data: dict[str, Any] = {
        "id": "weihai-2018",
        "title": "关于深入开展青年文明号活动的通知",
        "short": "青年文明号优秀成果",
        "issuer": "威海市青年文明号活动领导小组办公室",
        "issued": date(2018, 7, 19),
        "status": "open",
        "mode": "normal",
        "roster": "weihai",
        "contact": {"name": "办公室", "phone": "0000-0000000"},
        "deadlines": [{"id": "main", "by": date(2018, 8, 20)}],
        "items": [
            {"id": "photo", "name": "“改革开放青观察”图片作品", "kind": "work", "deadlines": ["main"]},
            {"id": "essay", "name": "“品牌建设青之见”征文", "deadlines": ["main"], "quote": "每单位报送1篇征文"},
            {"id": "table", "name": "作品汇总表", "kind": "table", "deadlines": ["main"]},
            {"id": "disc", "name": "作品光盘", "channel": "disc", "deadlines": ["main"]},
            {"id": "filing", "name": "网络报备", "kind": "filing", "channel": "external", "deadlines": ["main"]},
            {"id": "news", "name": "好做法和典型事迹", "rolling": True},
        ],
    }
    return Campaign.model_validate(data | changes)


def rolling() -> Campaign:
    """A campaign in which nothing can ever be missing."""
    return campaign(deadlines=[], items=[{"id": "news", "name": "活动信息", "rolling": True}])


def piece(path: str, name: str, **changes: Any) -> Piece:
    """One file."""
    return replace(
        Piece(path, name, f"files/{name}", f"{int(path.split('/')[0]):064x}", 1000, Facts("jpeg")), **changes
    )


def held(
    number: str = "WH2018-0042",
    files: tuple[tuple[Piece, PieceDecision], ...] = (),
    received: datetime = datetime(2018, 8, 6, 2, 12, tzinfo=UTC),
    announced: tuple[Announced, ...] = (),
    **changes: Any,
) -> Held:
    """One mail with its files and what each was taken for."""
    pieces = tuple(one for one, _ in files)
    submission = Submission(number, Source("weihai"), "mail", received, "0" * 64, 5000, Mail(), pieces)
    decision = Decision(
        number=number,
        version=1,
        at=received,
        by="auto",
        role="submission",
        campaign="weihai-2018",
        unit="hc",
        confidence=1.0,
        answerable=True,
        answer_rule="person",
        pieces=tuple(one for _, one in files),
        announced=announced,
    )
    return Held(replace(submission, **changes), decision)


def photos(number: str = "WH2018-0042") -> Held:
    """Two pictures with a text, and an essay."""
    return held(
        number,
        (
            (piece("2", "海边1.jpg"), PieceDecision("2", "photo", work="绿水青山")),
            (piece("3", "海边2.jpg"), PieceDecision("3", "photo", work="绿水青山")),
            (piece("4", "说明.docx"), PieceDecision("4", "photo", work="绿水青山")),
            (piece("5", "我们的品牌.docx"), PieceDecision("5", "essay", work="我们的品牌")),
        ),
    )


def small_photo(number: str | None = "WH2018-0042", at: str | None = "2", **changes: Any) -> Finding:
    """A picture with too few pixels."""
    base = Finding(
        "pixels-too-small",
        "demand",
        number,
        at,
        "photo/绿水青山",
        "1080×810",
        "不低于1600×1200",
        QUOTE_PHOTO,
        "图片像素低于要求",
    )
    return replace(base, **changes)


def line(
    of: Campaign, item: str, have: int = 0, need: int | None = 1, findings: tuple[Finding, ...] = (), **changes: Any
) -> ItemResult:
    """One line of a checklist, its state following from the numbers."""
    asked = of.item(item)
    demands = [finding for finding in findings if finding.severity == "demand"]
    state: Any = "faulty" if demands else "complete" if have >= (need or 0) else "short" if have else "none"
    if asked.rolling:
        state = "rolling"
    deadline = of.deadline_for(asked, "hc", "", asked.channel, NOW)
    return replace(ItemResult(item, asked.name, asked.channel, deadline, state, have, need, False, findings), **changes)


def checklist(*items: ItemResult, totals: tuple[TotalResult, ...] = (), unit: str = "hc") -> Checklist:
    """A checklist of these lines."""
    return Checklist("weihai-2018", unit, NOW, "short", items, totals)


def context(of: Campaign | None = None, **changes: Any) -> Context:
    """One mail with pictures and essay from a known address; everything due by mail has come."""
    asked = of or campaign()
    base = Context(
        campaign=asked,
        unit=UNIT,
        checklist=checklist(
            line(asked, "photo", 1),
            line(asked, "essay", 1),
            line(asked, "table", 1),
            line(asked, "disc"),
            line(asked, "filing"),
            line(asked, "news", 0, None),
        )
        if of is None
        else None,
        before=None,
        numbers=("WH2018-0042",),
        held=(photos(),),
        now=NOW,
        known_address=True,
    )
    return replace(base, **changes)
