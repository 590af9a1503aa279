"""The five notices as campaign values, and short ways to say what a unit sent. Quotes are left to the files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from archive.checklist import checklist
from archive.records import (
    Announced,
    Checklist,
    Decision,
    Evidence,
    Facts,
    Held,
    Holdings,
    Mail,
    Piece,
    PieceDecision,
    Registered,
    Source,
    Submission,
)
from config.campaign import Campaign
from config.roster import Unit

UNIT = Unit("u1", "环翠区团委", aliases=("环翠团区委",), kind="区市")
PIXELS = {"check": "pixels", "min_width": 1600, "min_height": 1200, "quote": "像素不低于1600×1200"}
JPEG = {"check": "format", "any_of": ["jpeg"], "quote": "图片采用JPEG格式"}
TABLE = ["作品类别", "作品名称", "展示形式（图片、动漫、视频、H5、征文等）", "创作集体", "集体联系人及联系方式"]


def campaign(id: str, due: date | None, items: list[dict[str, Any]], **more: Any) -> Campaign:
    """A campaign with one deadline that binds the items naming it."""
    deadlines = [{"id": "main", "by": due}] if due else []
    contact = {"name": "办公室", "phone": "000-0000"}
    base = {"id": id, "title": id, "short": id, "issuer": "办公室", "roster": f"{id}.csv", "contact": contact}
    return Campaign.model_validate({**base, "deadlines": deadlines, "items": items, **more})


def _classes(optional: bool, channel: str = "mail") -> list[dict[str, Any]]:
    base = {"kind": "work", "optional": optional, "channel": channel, "deadlines": ["main"]}
    photo = [
        {"check": "group", "min": 4, "max": 9, "quote": "图片作品4—9张为一组"},
        {"check": "companion"},
        {"check": "characters", "max": 200, "of": "companion", "quote": "不超过200字的说明"},
        JPEG,
        PIXELS,
    ]
    essay = [
        {"check": "characters", "max": 2000, "subkind": "practice", "quote": "不超过2000字"},
        {"check": "characters", "max": 5000, "subkind": "theory", "quote": "不超过5000字"},
    ]
    kinds = [{"id": "practice", "name": "实践案例"}, {"id": "theory", "name": "理论阐述"}]
    return [
        {"id": "photo", "name": "改革开放青观察", **base, "rules": photo},
        {
            "id": "promo",
            "name": "新时代青年说",
            **base,
            "categories": [{"id": "video", "name": "短视频"}, {"id": "h5", "name": "H5"}],
            "rules": [{"check": "duration", "max": 30, "categories": ["video"], "quote": "播放时长不超过30秒"}],
        },
        {"id": "essay", "name": "品牌建设青之见", **base, "subkinds": kinds, "rules": essay},
    ]


WORKS_TABLE = {
    "id": "works_table",
    "name": "推荐成果汇总表",
    "kind": "table",
    "deadlines": ["main"],
    "rules": [
        {"check": "columns", "names": TABLE},
        {"check": "header", "fields": ["报送单位", "报送日期"]},
        {"check": "seal", "quote": "报送单位（加盖公章）"},
        {"check": "reconcile", "with_items": ["photo", "promo", "essay"]},
    ],
}
NEWS = {"id": "news", "name": "好做法和典型事迹", "kind": "materials", "rolling": True}

WEIHAI = campaign(
    "weihai-2018",
    date(2018, 8, 20),
    [
        {"id": "materials", "name": "图文资料", "kind": "materials", "deadlines": ["main"]},
        *_classes(optional=True),
        {**WORKS_TABLE, "optional": True},
        NEWS,
    ],
)
BINGTUAN = campaign(
    "bingtuan-2018",
    date(2018, 7, 20),
    [
        {
            "id": "applicants_table",
            "name": "申报集体汇总表",
            "kind": "table",
            "deadlines": ["main"],
            "rules": [{"check": "columns", "names": ["集体名称", "所获师级青年文明号时间", "是否网上报备"]}],
        },
        *_classes(optional=False, channel="disc"),
        {**WORKS_TABLE, "channel": "paper"},
        NEWS,
        {"id": "filing", "name": "网络报备", "kind": "filing", "channel": "external"},
    ],
    totals=[{"id": "works", "items": ["photo", "promo", "essay"], "min": 3, "each_min": 1, "quote": "一共不少于3件"}],
)
HAINAN = campaign(
    "hainan-2017",
    date(2017, 7, 25),
    [
        {
            "id": "summary",
            "name": "活动整体工作总结",
            "deadlines": ["main"],
            "rules": [{"check": "count", "min": 1, "max": 1, "quote": "1篇活动整体工作总结"}],
        },
        {
            "id": "experience",
            "name": "基层典型经验",
            "deadlines": ["main"],
            "rules": [{"check": "count", "min": 1, "max": 1}],
        },
        {
            "id": "works",
            "name": "微作品",
            "kind": "work",
            "channel": "disc",
            "deadlines": ["main"],
            "categories": [{"id": "video", "name": "微视频"}, {"id": "story", "name": "微故事"}],
            "rules": [
                {"check": "count", "min": 1},
                {"check": "duration", "max": 180, "categories": ["video"]},
                {"check": "format", "any_of": ["wmv"], "categories": ["video"]},
                {"check": "pixels", "min_width": 720, "min_height": 576, "categories": ["video"]},
                {"check": "video_bit_rate", "min": 20_000_000, "categories": ["video"]},
                {"check": "group", "min": 6, "max": 9, "severity": "advice", "categories": ["story"]},
                {**JPEG, "categories": ["story"]},
                {**PIXELS, "categories": ["story"]},
                {"check": "companion", "categories": ["story"]},
            ],
        },
        {"id": "works_table", "name": "微作品选送汇总表", "kind": "table", "optional": True, "deadlines": ["main"]},
    ],
)
ANQING = campaign(
    "anqing-2013", None, [{"id": "info", "name": "活动信息", "kind": "materials", "rolling": True, "optional": True}]
)
GUANGDONG = campaign(
    "guangdong-2017",
    date(2017, 9, 7),
    [
        {"id": "filing", "name": "网络报备", "kind": "filing", "channel": "external", "deadlines": ["main"]},
        {"id": "evidence_meeting", "name": "专题会议", "kind": "evidence", "owed_by": "office"},
    ],
)
FIVE = (HAINAN, WEIHAI, BINGTUAN, ANQING, GUANGDONG)


# --- what a unit sent ---------------------------------------------------------------------------------------------


def piece(name: str, type: str = "", size: int = 1000, problem: str | None = None, **facts: Any) -> Piece:
    """A file whose bytes are told by its name and facts: the same name with other facts is another file."""
    kind = type or name.rpartition(".")[2].replace("jpg", "jpeg")
    mark = f"{name}{sorted(facts.items())}{size}"
    return Piece(name, name.rpartition("/")[2], f"files/{name}", mark, size, Facts(kind, **facts), problem=problem)


def photo(name: str, width: int = 1600, height: int = 1200) -> Piece:
    """A JPEG that meets every notice unless told otherwise."""
    return piece(name, "jpeg", width=width, height=height)


def essay(name: str, characters: int | None = 1500, type: str = "") -> Piece:
    """A text of so many characters."""
    return piece(name, type, characters=characters)


def video(name: str, duration: float | None = 25.0, **facts: Any) -> Piece:
    """A video of so many seconds."""
    given = {"width": 1280, "height": 720, "video_bit_rate": 25_000_000, **facts}
    return piece(name, duration=duration, **given)


def at(month: int, day: int, hour: int = 10, year: int = 2018) -> datetime:
    """That hour of that day in Asia/Shanghai, as UTC."""
    return datetime(year, month, day, hour, tzinfo=WEIHAI.zone).astimezone(UTC)


def said(piece: Piece, item: str | None, work: str | None = None, **more: Any) -> tuple[Piece, PieceDecision]:
    """A file and what it was decided to be."""
    return piece, PieceDecision(piece.path, item, work=work, **more)


def mail(
    asked: Campaign,
    number: str,
    received: datetime,
    *pairs: tuple[Piece, PieceDecision],
    channel: Any = "mail",
    understood: bool = True,
    text: str = "",
    subject: str = "报送材料",
    announced: tuple[Announced, ...] = (),
    **decided: Any,
) -> Held:
    """One 件 of the unit with its decision."""
    pieces = tuple(one for one, _ in pairs if one.stored)
    submission = Submission(
        number, Source("box"), channel, received, number, 1, Mail(text=text, subject=subject), pieces, understood
    )
    base: dict[str, Any] = {"role": "submission", "campaign": asked.id, "unit": UNIT.code, "confidence": 1.0}
    decision = Decision(
        number,
        1,
        received,
        "auto",
        **{**base, **decided},
        answerable=True,
        answer_rule="person",
        pieces=tuple(choice for _, choice in pairs),
        announced=announced,
    )
    return Held(submission, decision)


def registered(by: str, item: str, when: datetime, count: int = 1, unit: str = UNIT.code) -> Registered:
    """What staff registered."""
    return Registered(unit, item, by, when, "经办人", count=count)


def seen(asked: Campaign, *held: Held, notes: tuple[Registered, ...] = (), unit: Unit = UNIT) -> Checklist:
    """The checklist of the unit for what is held."""
    return checklist(asked, unit, Holdings(asked.id, unit.code, held, notes), at(8, 1))


def codes(listed: Checklist, item: str, severity: str | None = None) -> list[str]:
    """The codes told of an item, by severity when given."""
    return [one.code for one in listed.item(item).findings if severity in (None, one.severity)]


def ruled(*rules: dict[str, Any], **item: Any) -> Campaign:
    """WEIHAI's day with a single item of those rules."""
    base = {"id": "thing", "name": "材料", "deadlines": ["main"], "rules": list(rules)}
    return campaign("one", date(2018, 8, 20), [{**base, **item}])


def photos(count: int = 5, key: str = "青观察之一", **size: int) -> list[tuple[Piece, PieceDecision]]:
    """A set of pictures with its caption, all as demanded."""
    pictures = [said(photo(f"{key}/{turn}.jpg", **size), "photo", key) for turn in range(1, count + 1)]
    return [*pictures, said(essay(f"{key}/说明.docx", 150), "photo", key)]


def good_table(name: str = "汇总表.xlsx", titles: tuple[str, ...] = ("青观察之一",)) -> Piece:
    """A filled-in 汇总表 as weihai and bingtuan print it."""
    rows = tuple(("图片", title, "图片", "收费站", "张三") for title in titles)
    header = {"报送单位（加盖公章）": "环翠区团委", "报送日期": "2018-08-10"}
    return piece(name, columns=tuple(TABLE), header=header, cells=rows, rows=len(rows))


def superseding(choice: PieceDecision) -> PieceDecision:
    """The same decision with the evidence that it replaces what came before."""
    return replace(choice, evidence=(Evidence("supersede", "更正版"),))
