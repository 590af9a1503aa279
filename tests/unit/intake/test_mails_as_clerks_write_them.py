"""Mails as clerks write them: for each, the role, the unit and the item of every file a careful clerk would note down.

`-` is a file that is no material, `?` one about which a clerk would ask. A wrong decision is never allowed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from archive.records import Mail, Nested, Piece
from intake.classify import classify
from intake.identify import identify, unit_of
from tests.unit.intake.judged import KNOWN, attach, mail, table


@dataclass(frozen=True)
class Row:
    id: str
    mailbox: str
    mail: Mail
    role: str
    unit: str | None
    items: str = ""
    """Items of the pieces in their order, `*n` repeats."""
    files: tuple[Piece, ...] = ()
    campaign: str | None = field(default="")


def pictures(folder: str, count: int, pattern: str = "{}.jpg") -> list[str]:
    return [folder + pattern.format(n) for n in range(1, count + 1)]


def w(id: str, m: Mail, role: str, unit: str | None, items: str = "", *files: Any, box: str = "weihai") -> Row:
    return Row(id, box, m, role, unit, items, attach(*files))


def h(*args: Any) -> Row:
    return w(*args, box="hainan")


def b(*args: Any) -> Row:
    return w(*args, box="bingtuan")


def a(*args: Any) -> Row:
    return w(*args, box="anqing")


LONG = (
    "9月20日，我县组织全县青年文明号集体开展为民服务统一行动，来自卫生、税务、供电等行业的六十余名青年走上街头，"
    "为群众义诊、咨询、维修家电，受到好评。"
)
SET = pictures("环翠区团委材料.zip>改革开放青观察/渔港新貌/", 5)

ROWS = [
    # --- weihai: submissions
    w(
        "known address, everything in one archive",
        mail("报送材料", "现将材料报上，请查收。", "hctw@hc.test"),
        "submission",
        "HC",
        "- photo*5 photo promo essay works_table",
        *SET,
        "环翠区团委材料.zip>改革开放青观察/渔港新貌/说明.docx",
        "环翠区团委材料.zip>新时代青年说/我们的承诺.mp4",
        "环翠区团委材料.zip>青之见征文（实践案例）.docx",
        ("环翠区团委材料.zip>推荐成果汇总表.xls", table("环翠区团委")),
    ),
    w(
        "private address, unit in the table's header",
        mail("青年文明号汇总表"),
        "submission",
        "WD",
        "works_table",
        ("汇总表.xlsx", table("共青团文登区委员会", ("“品牌建设青之见”征文", "匠心", "征文", "窗口", ""))),
    ),
    w(
        "private address, unit in the subject as 团X市委",
        mail("团荣成市委报送青年文明号征文"),
        "submission",
        "RC",
        "essay",
        "品牌建设青之见征文.doc",
    ),
    w(
        "unit in the subject as X团市委",
        mail("荣成团市委青年文明号图片作品"),
        "submission",
        "RC",
        "photo*6",
        *pictures("", 6, "海边的变迁{}.jpg"),
    ),
    w(
        "unit only in the archive's name",
        mail("青年文明号"),
        "submission",
        "NH",
        "- essay",
        "南海新区团委.zip>征文：我的岗位.docx",
    ),
    w(
        "stray spaces and full width",
        mail("　环 翠 区 团委 － 青 年 文 明 号 作品"),
        "submission",
        "HC",
        "promo",
        "新时代青年说.mp4",
    ),
    w(
        "a longer unit covers the shorter one",
        mail("环翠区教育系统青年文明号汇总表"),
        "submission",
        "HCJY",
        "works_table",
        "汇总表.xls",
    ),
    w(
        "a body below the unit is only proposed",
        mail("环翠区税务局青年文明号材料"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "a hospital of the district is only proposed",
        mail("文登区人民医院急诊科青年文明号图片"),
        "submission",
        None,
        "photo*4",
        *pictures("", 4, "青观察{}.jpg"),
    ),
    w(
        "city bureau with the city left out",
        mail("市教育局团委青年文明号征文报送"),
        "submission",
        "JY",
        "essay",
        "征文-师德.docx",
    ),
    w(
        "the bureau of a county town is not the city's",
        mail("荣成市教育局青年文明号征文"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "alias of two characters at a word's edge",
        mail("高区：青年文明号征文"),
        "submission",
        "GQ",
        "essay",
        "征文.docx",
    ),
    w(
        "the customs house",
        mail("威海海关团委青年文明号推荐成果"),
        "submission",
        "HG",
        "works_table",
        "推荐成果汇总表.et",
    ),
    w(
        "office in the salutation is no unit",
        mail(
            "青年文明号材料",
            "威海市创建青年文明号活动领导小组办公室：\n现将征文报上。\n共青团乳山市委员会\n2018年8月17日",
        ),
        "submission",
        "RS",
        "essay",
        "征文.docx",
    ),
    w(
        "signature alone",
        mail("青年文明号作品", "老师您好，作品见附件。\n\n文登区团委"),
        "submission",
        "WD",
        "promo",
        "青年说.mp4",
    ),
    w(
        "claim in the body",
        mail("青年文明号作品", "您好，我是南海新区团委的，作品见附件，谢谢！"),
        "submission",
        "NH",
        "promo",
        "青年说.mp4",
    ),
    w(
        "display name and body",
        mail("青年文明号作品", "南海新区团委作品，见附件", sender_name="南海新区团委"),
        "submission",
        "NH",
        "promo",
        "青年说.wmv",
    ),
    w(
        "number quoted in the subject",
        mail("Re: 【补报通知】青年文明号创建[编号 WH2018-0042]", "原图已重新发送"),
        "submission",
        "RS",
        "photo*4",
        *pictures("", 4, "渔港{}.jpg"),
    ),
    w(
        "answer to a letter of ours",
        mail("回复：材料", "补上", in_reply_to=("<answer-7@office.test>",)),
        "submission",
        "NH",
        "essay",
        "征文.docx",
    ),
    w("learned address", mail("青年文明号征文", "请查收", "learned@qq.test"), "submission", "WD", "essay", "征文.docx"),
    w(
        "table's header beats a learned address",
        mail("材料", "请查收", "learned@qq.test"),
        "submission",
        "RS",
        "works_table",
        ("汇总表.xls", table("乳山市团委")),
    ),
    w(
        "table's header against a roster address is asked",
        mail("材料", "请查收", "hctw@hc.test"),
        "submission",
        None,
        "works_table",
        ("汇总表.xls", table("乳山市团委")),
    ),
    w(
        "number against a roster address is asked",
        mail("Re: [编号 WH2018-0042]", "见附件", "hctw@hc.test"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "one address of two units, the subject tells",
        mail("乳山市团委青年文明号材料", "", "shared@wh.test"),
        "submission",
        "RS",
        "essay",
        "征文.docx",
    ),
    w(
        "one address of two units, nothing tells",
        mail("青年文明号材料", "", "shared@wh.test"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "learned for three units, the file tells",
        mail("材料", "", "five@qq.test"),
        "submission",
        "NH",
        "essay",
        "南海新区团委征文.docx",
    ),
    w(
        "subject and files disagree",
        mail("环翠区团委青年文明号材料"),
        "submission",
        None,
        "essay",
        "荣成市团委征文.docx",
    ),
    w(
        "another unit as a place in the file name",
        mail("材料", "", "hctw@hc.test"),
        "submission",
        "HC",
        "photo*4",
        *pictures("", 4, "青观察-走进荣成市{}.jpg"),
    ),
    w(
        "forwarded as attachment from a known address",
        mail("转发：材料", "", nested=(Nested("2", "wdtw@wd.test", "", "青年文明号征文", None),)),
        "submission",
        "WD",
        "essay",
        "征文.docx",
    ),
    w("misspelt unit is asked", mail("环萃区团委青年文明号征文"), "submission", None, "essay", "征文.docx"),
    w("unit of no roster is asked", mail("经开区团委青年文明号征文"), "submission", None, "essay", "征文.docx"),
    w("roster unit without any campaign word", mail("材料", "", "hctw@hc.test"), "submission", "HC", "?", "王某.docx"),
    w("loose picture of anything", mail("材料", "", "hctw@hc.test"), "submission", "HC", "?", "IMG_2031.jpg"),
    w(
        "pictures of a camera are one set",
        mail("改革开放青观察", "", "hctw@hc.test"),
        "submission",
        "HC",
        "photo*4",
        *pictures("", 4, "IMG_203{}.jpg"),
    ),
    w("one lone video", mail("材料", "", "hctw@hc.test"), "submission", "HC", "promo", "最美.mp4"),
    w(
        "materials with words and photographs",
        mail("图文资料", "", "hctw@hc.test"),
        "submission",
        "HC",
        "- materials*3",
        "图文资料.zip>活动照片/a.jpg",
        "图文资料.zip>活动照片/b.jpg",
        "图文资料.zip>青年文明号活动开展情况.docx",
    ),
    w(
        "the summary",
        mail("2018年青年文明号工作总结", "", "rctw@rc.test"),
        "submission",
        "RC",
        "materials",
        "青年文明号工作总结.docx",
    ),
    w(
        "sealed table as a scan",
        mail("盖章汇总表", "", "hctw@hc.test"),
        "submission",
        "HC",
        "works_table",
        "汇总表（盖章）.jpg",
    ),
    w(
        "table in a docx named badly",
        mail("表", "", "hctw@hc.test"),
        "submission",
        "HC",
        "works_table",
        ("附件2.docx", table("环翠区团委")),
    ),
    w(
        "works table tells the class of each title",
        mail("材料", "", "hctw@hc.test"),
        "submission",
        "HC",
        "works_table essay promo",
        (
            "汇总表.xls",
            table(
                "环翠区团委",
                ("“品牌建设青之见”征文", "一枚印章的旅程", "征文", "大厅", ""),
                ("“新时代青年说”宣传作品", "三十秒", "视频", "站", ""),
            ),
        ),
        "一枚印章的旅程.docx",
        "三十秒.mp4",
    ),
    w(
        "blank form beside the filled one",
        mail("材料", "", "hctw@hc.test"),
        "submission",
        "HC",
        "- works_table",
        ("附件2：汇总表（空表）.xls", {"columns": tuple(table("")["columns"]), "rows": 0}),
        ("汇总表.xls", table("环翠区团委", ("征文", "匠心", "征文", "", ""))),
    ),
    w(
        "the notice comes back with the works",
        mail("征文", "", "hctw@hc.test"),
        "submission",
        "HC",
        "- essay",
        "关于做好“2017—2018年度省级青年文明号”“2018年度威海市青年文明号”创建工作的通知.doc",
        "征文.docx",
    ),
    w(
        "logo of a signature",
        mail("征文", "", "hctw@hc.test"),
        "submission",
        "HC",
        "- essay",
        ("image001.png", {"size": 4000, "width": 120, "height": 60}),
        "征文.docx",
    ),
    w(
        "withdrawn and sent anew",
        mail("更正", "上一封发错了，请以此为准", "hctw@hc.test"),
        "submission",
        "HC",
        "essay",
        "征文（修改版）.docx",
    ),
    w(
        "cloud link only",
        mail("青年文明号视频", "链接: https://pan.baidu.com/s/1abc 提取码: x1y2", "hctw@hc.test"),
        "submission",
        "HC",
    ),
    w(
        "encrypted archive is asked",
        mail("材料", "", "hctw@hc.test"),
        "submission",
        "HC",
        "?",
        ("材料.rar", {"problem": "encrypted"}),
    ),
    # --- weihai: queries, withdrawals, other business
    w("a question", mail("请问征文字数有要求吗？", "", "hctw@hc.test"), "query", "HC"),
    w(
        "more time",
        mail("关于青年文明号材料延期的请示", "我单位能否延期到8月25日报送？", "hctw@hc.test"),
        "query",
        "HC",
    ),
    w("more time by a letter", mail("申请延期", "", "hctw@hc.test"), "query", "HC", "-", "关于延期报送的请示.pdf"),
    w("thanks", mail("回复：【回执】", "收到，谢谢！", "hctw@hc.test"), "query", "HC"),
    w("more is announced, nothing here", mail("青年文明号", "视频太大，另寄光盘。", "hctw@hc.test"), "query", "HC"),
    w("withdrawal", mail("上一封请作废", "发错了，请撤回，谢谢", "hctw@hc.test"), "withdrawal", "HC"),
    w("this one counts is no withdrawal", mail("以此为准", "以此为准，谢谢", "hctw@hc.test"), "query", "HC"),
    w("advertisement", mail("代开发票 优惠", "全市代开发票"), "unrelated", None, "", ("发票.jpg", {})),
    w("other business from a stranger", mail("会议室预定", "请预定周三会议室"), "unrelated", None),
    w("newspaper with one mention", mail("早报", "今日要闻。" * 100 + "青年文明号" + "其他。" * 50), "unrelated", None),
    w("a stranger's question about the campaign", mail("请问青年文明号怎么报？"), "query", None),
    w("a notice from above", mail("关于报送青年文明号材料的通知"), "query", None, "?", "通知.docx"),
    w(
        "a conference of the unit's own business",
        mail("关于召开安全生产工作会议的通知", "请准时参加", "hctw@hc.test"),
        "unrelated",
        None,
        "",
        "会议通知.docx",
    ),
    # --- weihai: harder ones
    w(
        "other business in a unit's name from a stranger",
        mail("环翠区团委五四表彰名单"),
        "unrelated",
        None,
        "",
        "名单.xls",
    ),
    w("advertisement that names a unit", mail("Fw: 中标公告 威海市教育局"), "query", "JY", "?", "公告.pdf"),
    w("invoice that names a place", mail("发票", "发票已开具，环翠区"), "unrelated", None, "", "发票.pdf"),
    w("an invitation", mail("邀请函", "请参加青年文明号培训班，报名请回复"), "query", None, "?", "邀请函.pdf"),
    w(
        "the county's tax office is not the city's",
        mail("国家税务总局荣成市税务局青年文明号征文"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "the city's tax office by its new name",
        mail("国家税务总局威海市税务局青年文明号征文"),
        "submission",
        "SW",
        "essay",
        "征文.docx",
    ),
    w(
        "two bodies of two districts",
        mail("环翠区税务局、文登区税务局", "青年文明号"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w("the league of the city itself", mail("共青团威海市委青年文明号征文"), "submission", None, "essay", "征文.docx"),
    w(
        "a school of the new district",
        mail("南海新区实验小学青年文明号征文"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w("a name alone with 报送", mail("环翠区团委报送"), "submission", "HC", "?", "附件.xls"),
    w(
        "a collective recommended by its unit is asked",
        mail("青年文明号材料（荣成市人民医院）", "荣成市团委推荐"),
        "submission",
        None,
        "essay",
        "征文.docx",
    ),
    w(
        "pictures of anything beside the summary",
        mail("环翠区青年文明号创建活动图文资料"),
        "submission",
        "HC",
        "materials ?*3",
        "环翠区总结.doc",
        *pictures("", 3, "照片{}.jpg"),
    ),
    # --- hainan
    h(
        "summary and experience",
        mail("海口市组委会报送青年文明号开放周材料", "", "hk@hk.test"),
        "submission",
        "HK",
        "summary experience",
        "海口市开放周活动整体工作总结.docx",
        "基层典型经验-海口供电局.docx",
    ),
    h("ambiguous name is asked", mail("三亚市开放周材料"), "submission", "SY", "?", "典型经验总结.docx"),
    h("micro video", mail("万宁市微视频"), "submission", "WN", "works", "平凡的坚守.wmv"),
    h(
        "micro story with its text",
        mail("三亚市团委青年文明号开放周微作品"),
        "submission",
        "SY",
        "- works*6 works",
        *pictures("微故事.zip>椰风/", 6),
        "微故事.zip>椰风/椰风.txt",
    ),
    h("industry by alias", mail("海南电网公司团委开放周总结"), "submission", "DL", "summary", "总结.docx"),
    h("department by 省", mail("省交通运输厅团委：开放周汇总表"), "submission", "JT", "works_table", "选送汇总表.xls"),
    h(
        "disc is announced",
        mail("开放周材料", "总结见附件，微视频已刻录光盘另行邮寄。", "hk@hk.test"),
        "submission",
        "HK",
        "summary",
        "总结.docx",
    ),
    # --- bingtuan
    b(
        "farm division, short name",
        mail("农八师青年文明号申报汇总表"),
        "submission",
        "S8",
        "applicants_table",
        "申报集体汇总表.xls",
    ),
    b("division by digits", mail("第8师团委 青年文明号征文"), "submission", "S8", "essay", "征文.docx"),
    b("by its city", mail("石河子市团委青年文明号征文"), "submission", "S8", "essay", "征文.docx"),
    b("university is not the city", mail("石河子大学青年文明号征文"), "submission", "SHZU", "essay", "征文.docx"),
    b("fourteenth is not the fourth", mail("十四师青年文明号征文"), "submission", "S14", "essay", "征文.docx"),
    b("a division of no roster is asked", mail("第六师团委青年文明号征文"), "submission", None, "essay", "征文.docx"),
    b("a regiment is only proposed", mail("第八师143团青年文明号征文"), "submission", None, "essay", "征文.docx"),
    b(
        "both tables told apart by their columns",
        mail("兵团青年文明号", "", "s8@bt.test"),
        "submission",
        "S8",
        "applicants_table works_table",
        ("表1.xls", {"columns": ("集体名称", "所获师级 青年文明号时间", "是否网 上报备"), "rows": 2}),
        ("表2.xls", table("第八师")),
    ),
    b(
        "the other spelling of the class",
        mail("七师胡杨河市青年文明号"),
        "submission",
        "S7",
        "- photo*4",
        *pictures("七师.zip>改革开放青春观察/戈壁绿洲/", 4),
    ),
    # --- anqing
    a("news in the text", mail("怀宁县团委活动信息", LONG), "submission", "HN", "info"),
    a(
        "news with pictures",
        mail("“我的中国梦”信息", LONG, "tc@aq.test"),
        "submission",
        "TC",
        "info*4",
        "1.jpg",
        "2.jpg",
        "信息.doc",
    ),
    a(
        "health bureau by the city's full name",
        mail("安庆市卫生局青年文明号主题教育实践活动信息"),
        "submission",
        "WJ",
        "info",
        "信息.docx",
    ),
    a(
        "league committee of a county town",
        mail("桐城团市委我的中国梦活动简报"),
        "submission",
        "TC",
        "info",
        "简报第3期.pdf",
    ),
    a(
        "office named as 团市委 is no unit",
        mail("我的中国梦活动信息", "团市委城市青年工作部：\n信息见附件"),
        "submission",
        None,
        "info",
        "信息.docx",
    ),
    a("a power company of the town", mail("桐城市供电公司青年文明号信息"), "submission", None, "info", "信息.doc"),
    a(
        "the county's bureau is not the city's",
        mail("怀宁县工商局我的中国梦信息"),
        "submission",
        None,
        "info",
        "信息.doc",
    ),
    a("the city's power company", mail("国网安庆供电公司团委青年文明号信息"), "submission", "GD", "info", "信息.doc"),
    a("the same by its alias", mail("供电公司：青年文明号活动信息"), "submission", "GD", "info", "信息.doc"),
    a(
        "a town's power company",
        mail("桐城供电公司青年文明号活动信息"),
        "submission",
        None,
        "info",
        "信息.doc",
    ),
    a("one of another town", mail("枞阳县供电公司青年文明号活动信息"), "submission", None, "info", "信息.doc"),
    a("the city's bureau", mail("市工商局我的中国梦信息"), "submission", "GS", "info", "信息.doc"),
    a("a question about the address", mail("请问活动信息发到哪里？", "", "ws@aq.test"), "query", "WJ"),
]


def expected(row: Row) -> list[str]:
    found: list[str] = []
    for word in row.items.split():
        name, _, times = word.partition("*")
        found += [name] * int(times or 1)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_mail_is_noted_down_as_a_careful_clerk_would(row: Row) -> None:
    identity = identify(row.mail, row.files, row.mailbox, KNOWN)
    assert (identity.role, identity.unit) == (row.role, row.unit), identity
    if identity.role == "unrelated":
        return
    assert identity.campaign is not None and identity.campaign.startswith(row.mailbox)
    campaign = next(one.campaign for one in KNOWN.campaigns if one.campaign.id == identity.campaign)
    decisions = classify(row.mail, row.files, campaign, unit_of(KNOWN, identity))
    seen = ["-" if each.none else each.item or "?" for each in decisions]
    assert seen == expected(row), decisions


def test_there_are_enough_mails_and_each_is_its_own() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS) >= 60
