"""Four campaigns with rosters made by hand after the published notices, and a short way to write a mail down."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from archive.records import Facts, Mail, Piece
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.known import CampaignRoster, Known

CONTACT = {"name": "经办人", "phone": "000-0000000"}
COLUMNS = ["作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式"]

CLASSES: list[dict[str, Any]] = [
    {
        "id": "photo",
        "name": "“改革开放青观察”图片作品",
        "aliases": ["青观察", "改革开放青春观察", "青春观察"],
        "words": ["图片作品", "摄影作品", "漫画"],
        "kind": "work",
        "rules": [
            {"check": "group", "min": 4, "max": 9},
            {"check": "format", "any_of": ["jpeg"]},
            {"check": "pixels", "min_width": 1600, "min_height": 1200},
            {"check": "companion", "what": "text"},
        ],
    },
    {
        "id": "promo",
        "name": "“新时代青年说”宣传作品",
        "aliases": ["青年说", "宣传作品"],
        "words": ["短视频", "动漫", "H5"],
        "kind": "work",
        "rules": [{"check": "duration", "max": 30}],
    },
    {
        "id": "essay",
        "name": "“品牌建设青之见”征文",
        "aliases": ["青之见", "征文"],
        "words": ["论文", "案例"],
        "kind": "work",
        "subkinds": [
            {"id": "case", "name": "实践案例", "aliases": ["案例"]},
            {"id": "theory", "name": "理论阐述", "aliases": ["理论成果", "理论"]},
        ],
        "rules": [{"check": "characters", "max": 5000}],
    },
    {
        "id": "works_table",
        "name": "“青年文明号”创建推荐成果汇总表",
        "aliases": ["推荐成果汇总表", "成果汇总表", "活动成果汇总表", "汇总表"],
        "kind": "table",
        "rules": [{"check": "columns", "names": COLUMNS}, {"check": "seal"}],
    },
]
NEWS = {
    "id": "news",
    "name": "好做法和典型事迹",
    "aliases": ["好做法", "典型事迹", "活动信息", "简报"],
    "kind": "message",
    "rolling": True,
}


def campaign(**values: Any) -> Campaign:
    return Campaign.model_validate({"contact": CONTACT, "status": "open", "roster": "by-hand", **values})


WEIHAI = campaign(
    id="weihai-2018",
    title="关于做好“2017—2018年度省级青年文明号”“2018年度威海市青年文明号”创建工作的通知",
    short="青年文明号创建",
    aliases=["青年文明号", "青年文明号创建成果"],
    issuer="威海市创建青年文明号活动领导小组",
    doc_number="威创青文字〔2018〕3号",
    mailboxes=["weihai"],
    items=[
        {
            "id": "materials",
            "name": "活动图文资料",
            "aliases": ["图文资料", "活动开展情况", "工作总结"],
            "words": ["总结", "开展情况", "活动照片"],
            "kind": "materials",
        },
        *CLASSES,
        NEWS,
    ],
)
HAINAN = campaign(
    id="hainan-2017",
    title="关于开展全省“青年文明号开放周”活动的通知",
    short="青年文明号开放周",
    aliases=["开放周"],
    issuer="海南省创建青年文明号活动组委会",
    mailboxes=["hainan"],
    items=[
        {"id": "summary", "name": "活动整体工作总结", "aliases": ["工作总结", "整体总结", "活动总结", "总结"]},
        {"id": "experience", "name": "基层典型经验", "aliases": ["典型经验", "经验材料", "先进经验"]},
        {
            "id": "works",
            "name": "优秀微作品",
            "aliases": ["微作品"],
            "kind": "work",
            "channel": "disc",
            "categories": [{"id": "video", "name": "微视频"}, {"id": "story", "name": "微故事"}],
            "rules": [
                {"check": "duration", "max": 180, "categories": ["video"]},
                {"check": "group", "min": 6, "max": 9, "categories": ["story"]},
            ],
        },
        {
            "id": "works_table",
            "name": "微作品选送汇总表",
            "aliases": ["选送汇总表", "汇总表"],
            "kind": "table",
            "rules": [{"check": "columns", "names": ["序号", "类别", "作品名称", "推报集体名称"]}],
        },
    ],
)
BINGTUAN = campaign(
    id="bingtuan-2018",
    title="关于开展“2017-2018年度兵团青年文明号”创建工作的通知",
    short="兵团青年文明号",
    aliases=["青年文明号", "青年文明号开放周"],
    issuer="兵团创建青年文明号活动组委会",
    doc_number="兵青联发〔2018〕12号",
    mailboxes=["bingtuan"],
    items=[
        {
            "id": "applicants_table",
            "name": "2018年度兵团青年文明号申报集体汇总表",
            "aliases": ["申报集体汇总表", "申报集体名单", "申报汇总表"],
            "kind": "table",
            "rules": [{"check": "columns", "names": ["集体名称", "所获师级青年文明号时间", "是否网上报备"]}],
        },
        *CLASSES,
        NEWS,
        {"id": "filing", "name": "网络报备", "kind": "filing", "channel": "external"},
    ],
)
ANQING = campaign(
    id="anqing-2013",
    title="关于开展“我的中国梦”青年文明号主题教育实践活动的通知",
    short="我的中国梦",
    aliases=["我的中国梦", "青年文明号主题教育实践"],
    issuer="安庆市创建青年文明号活动组委会",
    mailboxes=["anqing"],
    items=[
        {
            "id": "info",
            "name": "活动信息和基层素材",
            "aliases": ["活动信息", "基层素材", "信息"],
            "kind": "message",
            "rolling": True,
        }
    ],
)

WEIHAI_ROSTER = Roster(
    (
        Unit("HC", "环翠区团委", kind="区市", emails=("hctw@hc.test",)),
        Unit("HCJY", "环翠区教育系统", kind="行业"),
        Unit("WD", "文登区团委", kind="区市", emails=("wdtw@wd.test",)),
        Unit("RC", "荣成市团委", kind="区市", emails=("rctw@rc.test", "shared@wh.test")),
        Unit("RS", "乳山市团委", aliases=("乳山团市委",), kind="区市", emails=("shared@wh.test",)),
        Unit("GQ", "火炬高技术产业开发区团工委", aliases=("高区团工委", "高区"), kind="区市"),
        Unit("NH", "南海新区团委", kind="区市"),
        Unit("JY", "威海市教育局团委", aliases=("市教育局",), kind="行业"),
        Unit("SW", "威海市税务局", aliases=("市税务局团委",), kind="行业", emails=("tw@tax.test",)),
        Unit("HG", "威海海关团委", kind="行业"),
    )
)
HAINAN_ROSTER = Roster(
    (
        Unit("HK", "海口市组委会", aliases=("海口市团委",), emails=("hk@hk.test",)),
        Unit("SY", "三亚市组委会", aliases=("三亚市团委",)),
        Unit("WN", "万宁市组委会", aliases=("万宁市团委",)),
        Unit("DL", "海南省电力行业", aliases=("海南电网公司团委",)),
        Unit("JT", "省交通运输厅", aliases=("省交通运输厅团委",)),
    )
)
BINGTUAN_ROSTER = Roster(
    (
        Unit("S8", "第八师石河子市团委", emails=("s8@bt.test",)),
        Unit("S7", "第七师胡杨河市团委"),
        Unit("S14", "第十四师昆玉市团委"),
        Unit("SHZU", "石河子大学团委", emails=("tw@shzu.test",)),
        Unit("JG", "兵团机关团工委"),
    )
)
ANQING_ROSTER = Roster(
    (
        Unit("TC", "桐城市团委", emails=("tc@aq.test",)),
        Unit("HN", "怀宁县团委"),
        Unit("YX", "迎江区团委"),
        Unit("WJ", "市卫生局团委", emails=("ws@aq.test",)),
        Unit("GS", "安庆市工商局团委"),
        Unit("GD", "国网安庆供电公司团委", aliases=("供电公司", "市供电公司")),
    )
)

KNOWN = Known(
    campaigns=(
        CampaignRoster(WEIHAI, WEIHAI_ROSTER),
        CampaignRoster(HAINAN, HAINAN_ROSTER),
        CampaignRoster(BINGTUAN, BINGTUAN_ROSTER),
        CampaignRoster(ANQING, ANQING_ROSTER),
    ),
    addresses={
        "learned@qq.test": (("weihai-2018", "WD"),),
        "five@qq.test": (("weihai-2018", "HC"), ("weihai-2018", "WD"), ("weihai-2018", "NH")),
    },
    numbers={"WH2018-0042": ("weihai-2018", "RS"), "WH2018-0043": ("weihai-2018", None)},
    letters={"<answer-7@office.test>": ("weihai-2018", "NH")},
)

_TYPES = {"jpg": "jpeg", "htm": "html"}
_SIZES = {"jpeg": 900_000, "png": 400_000, "wmv": 20_000_000, "mp4": 9_000_000}


def piece(path: str, name: str, within: str | None = None, inline: bool = False, **facts: Any) -> Piece:
    ending = name.rpartition(".")[2].lower()
    kind = facts.pop("type", _TYPES.get(ending, ending))
    size = facts.pop("size", _SIZES.get(kind, 30_000))
    problem = facts.pop("problem", None)
    if kind in ("jpeg", "png"):
        facts = {"width": 2000, "height": 1500, **facts}
    sha = hashlib.sha256(path.encode()).hexdigest()
    return Piece(path, name, f"files/{path}", sha, size, Facts(kind, **facts), within, inline, problem)


def attach(*files: str | tuple[str, dict[str, Any]]) -> tuple[Piece, ...]:
    """Files as a clerk attaches them; `包.zip>文件夹/1.jpg` lies in an archive, which is added by itself."""
    found: dict[str, Piece] = {}
    for each in files:
        spec, facts = (each, {}) if isinstance(each, str) else each
        archive, _, inner = spec.rpartition(">")
        if not archive:
            part = str(len([path for path in found if "/" not in path]) + 2)
            found[part] = piece(part, spec, **facts)
            continue
        holder = next((p for p in found.values() if p.name == archive), None)
        if holder is None:
            part = str(len([path for path in found if "/" not in path]) + 2)
            holder = found[part] = piece(part, archive)
        path = f"{holder.path}/{inner}"
        found[path] = piece(path, inner.rpartition("/")[2], within=holder.path, **facts)
    return tuple(found.values())


def table(unit: str, *works: Sequence[str]) -> dict[str, Any]:
    """The facts of a filled summary table."""
    cells = tuple(tuple(row) for row in works)
    return {"columns": tuple(COLUMNS), "header": {"报送单位（加盖公章）": unit}, "cells": cells, "rows": len(cells)}


def mail(subject: str, text: str = "", sender: str = "someone@qq.test", **more: Any) -> Mail:
    return Mail(sender=sender, subject=subject, text=text, to=("box@office.test",), **more)
