"""What clerks write when more is to come, and what they write when nothing is; and what an announcement speaks of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.records import Announced, Mail
from config.campaign import Campaign
from intake.clues.announce import announced
from intake.clues.promised import placed
from tests.unit.intake.judged import WEIHAI
from tests.unit.intake.letter_cases import campaign


def kinds(text: str, subject: str = "材料报送") -> list[str]:
    return [each.kind for each in announced(Mail(subject=subject, text=text))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("视频因文件过大，将以光盘形式另行寄送。", "disc"),
        ("微视频已刻成光盘，今日EMS寄出，请注意查收。", "disc"),
        ("视频刻盘后由专人送至贵处。", "disc"),
        ("纪录片存U盘，开会时当面交给您。", "disc"),
        ("光盘随后寄到。", "disc"),
        ("视频作品拷在移动硬盘里，下周一送到办公室。", "disc"),
        ("作品光盘已通过顺丰发出，单号见附件。", "disc"),
        ("视频太大发不出去，我们刻盘邮寄。", "disc"),
        ("光盘已于上周寄达贵处，今日补电子版。", "disc"),
        ("因附件容量限制，分3次发送。", "part"),
        ("材料共三封邮件，这是第一封。", "part"),
        ("由于材料较多，分两批报送，此为第一批。", "part"),
        ("本邮件为第2封（共4封）。", "part"),
        ("材料较多，分成五个邮件发送。", "part"),
        ("照片分2封邮件发，请注意查收。", "part"),
        ("其余材料待盖章后再报。", "more"),
        ("汇总表盖章扫描件明天补上。", "more"),
        ("还有两篇征文正在修改，过两天报上。", "more"),
        ("剩下的照片我再发一封邮件给您。", "more"),
        ("视频正在剪辑，做好后第一时间报送。", "more"),
        ("余下作品将于周五前报送。", "more"),
        ("先报送图片作品，征文稍后奉上。", "more"),
        ("盖章件容后补报。", "more"),
        ("纸质版盖章后另行报送。", "more"),
        ("照片原图过大，请见下一封邮件。", "more"),
        ("附件放不下，视频单独发一封邮件。", "more"),
        ("未完，请看下封。", "more"),
        ("总结还差领导签字，签完马上传给您。", "more"),
        ("另有一组照片待后续补充。", "more"),
        ("推荐表随后以邮件报送。", "more"),
        ("因领导出差，盖章的汇总表要晚两天报。", "more"),
        ("光盘已挂号寄出。", "disc"),
        ("视频文件超过50M，拷贝至U盘报送至办公室。", "disc"),
        ("第1封，共2封", "part"),
        ("照片较多，先发一半，另一半下一封。", "more"),
        ("盖章的纸质件及汇总表明天快递。", "more"),
        ("征文电子版先报，盖章版明天扫描补上。", "more"),
        ("材料（二）随后发。", "more"),
        ("另有视频一部，稍晚发送。", "more"),
        ("微视频上传中，稍后发链接。", "more"),
        ("因系统故障照片未能附上，修复后马上发。", "more"),
        ("其它材料陆续报送。", "more"),
        ("图片原图请等下一封邮件。", "more"),
        ("视频作品我们制成光盘，另行快递至组委会办公室。", "disc"),
        ("另附光盘一张，由机要交换寄出。", "disc"),
        ("U盘托人带给您，内有全部视频。", "disc"),
        ("参赛视频容量大，刻录DVD光盘后面交。", "disc"),
        ("共两封邮件，此为其一。", "part"),
        ("附件太多，拆成两封发。", "part"),
        ("（一）共三封", "part"),
        ("邮件1/2", "part"),
        ("汇总表待领导审签后报送。", "more"),
        ("征文作品明后天报给您。", "more"),
        ("图片作品还在收集，收齐后报送。", "more"),
        ("视频类作品正在征集，本周内报送。", "more"),
        ("另外两组图片下午补充发送。", "more"),
        ("照片我让同事单独发您。", "more"),
        ("先发总结，其他的随后。", "more"),
        ("推荐表盖章后扫描发您。", "more"),
        ("部分单位的材料尚未收齐，收齐后一并补报。", "more"),
    ],
)
def test_more_is_to_come(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "材料已全部报送，无其他材料。",
        "请查收附件，如有问题请再发邮件告知。",
        "上一封邮件附件有误，现重新发送，以此为准。",
        "收到请回复，谢谢。",
        "因上次照片像素不够，现补发原图，见附件。",
        "现补报汇总表，请查收。",
        "活动结束后，我们将另行报送信息到其他媒体吗？",
        "请问光盘是否需要另寄？",
        "按要求不再另寄光盘。",
        "贵处寄来的通知已收到。",
        "活动照片共3/5张符合要求，其余删除。",
        "附件：1.总结 2.汇总表 3.照片",
        "我们单位共分三批开展志愿服务。",
        "第一批志愿者于8月1日出发。",
        "该集体通过光盘行动倡导节约。",
        "开展“光盘行动”，把快递送达最后一公里。",
        "服务窗口为群众邮寄证件300余件。",
        "青年突击队随后赶赴现场，陆续发放物资。",
        "请收到后将通知另行发给我们。",
        "如需补充材料，请与我联系。",
        "同时报送至市文明办。",
        "材料一式两份，已盖章，见附件。",
        "此前漏报的汇总表现一并补上，请查收。",
        "照片之前已经发过，这次补发总结。",
        "视频已压缩，随本邮件一并报送。",
        "麻烦您收到后再发我一份模板。",
        "本次报送无视频作品。",
        "活动后续报道见我单位网站。",
        "稍后我们电话与您联系。",
        "请贵办稍后查收。",
        "感谢贵办的支持，祝工作顺利。",
        "请审核，不足之处请批评指正。",
        "现补充报送照片5张，请查收。",
        "因工作疏忽未附汇总表，现补上，抱歉。",
        "我单位报送征文2篇、视频1部。",
        "如有遗漏请电话告知，我们马上补充。",
        "相关照片可在我局官网下载。",
        "本集体2018年3月成立，随后开展志愿服务。",
        "下一步，我们将继续加强品牌建设。",
        "附件为盖章扫描件，原件备查。",
        "视频请用暴风影音打开。",
        "照片均为今年下半年拍摄，后续可提供原图。",
        "请于8月20日前将材料报送至本邮箱。",
        "我市将陆续开展系列活动。",
        "视频作品已按要求刻录。",
        "附件1/附件2见压缩包。",
        "后续我们将继续做好青年文明号工作。",
        "材料若有不妥，请指出，我们再修改。",
        "其余事项见通知。",
        "如需光盘请告知。",
        "照片拍摄于2018年8月1日下午。",
        "活动照片每张不小于2M，再次报送。",
        "现将修改后的总结重新报送。",
        "我单位正在开展创建活动，总结如下。",
        "该视频正在电视台播出，发挥了良好效果。",
        "今后我们将每月报送信息。",
        "本单位无其他材料。",
        "材料不全请及时联系我。",
        "视频由我单位青年制作，展现了风采。",
    ],
)
def test_nothing_more_is_to_come(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "subject",
    ["青年文明号活动照片（再发一次）", "荣成市团委征文（再发）", "补报汇总表", "重发：照片", "2018年第3批信息"],
)
def test_a_subject_that_announces_nothing(subject: str) -> None:
    assert kinds("见附件。", subject) == []


@pytest.mark.parametrize(
    "text",
    [
        "材料在百度网盘，链接被邮箱吞了请联系我。",
        "视频见QQ邮箱超大附件。",
        "照片原图请从下载链接获取。",
        "照片已上传微云。",
    ],
)
def test_a_link_that_cannot_be_read_is_still_a_promise(text: str) -> None:
    assert kinds(text) == ["link"]


@pytest.mark.parametrize(
    "text",
    [
        "云附件恐不便下载，活动总结改用附件报送。",
        "网盘链接无法打开，改为附件。",
        "不用超大附件，照片已压缩。",
        "贵办发来的超大附件已下载。",
    ],
)
def test_speaking_of_links_alone_promises_nothing(text: str) -> None:
    assert kinds(text) == []


ASKED = campaign(
    items=[
        {"id": "summary", "name": "活动总结", "aliases": ["总结"], "kind": "document", "deadlines": ["main"]},
        {"id": "photos", "name": "活动照片", "aliases": ["照片"], "kind": "materials", "deadlines": ["main"]},
        {
            "id": "promo",
            "name": "“新时代青风采”宣传片",
            "aliases": ["宣传片"],
            "kind": "work",
            "deadlines": ["main"],
            "rules": [{"check": "format", "any_of": ["wmv", "mp4"], "quote": "宣传片为WMV或MP4格式"}],
        },
        {"id": "table", "name": "推荐成果汇总表", "aliases": ["汇总表"], "kind": "table", "deadlines": ["main"]},
    ]
)


def items(text: str, asked: Campaign = ASKED, **link: str) -> tuple[str, ...]:
    words = [Announced(text, "link", **link)] if link else announced(Mail(text=text))  # type: ignore[arg-type]
    return placed(words, asked)[0].items


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("东河区活动总结.docx", "", ("summary",)),
        ("汇总表（盖章）.pdf", "照片请下载", ("table",)),
        ("东河.mp4", "", ("promo",)),
        ("DSC_0001.jpg", "", ("photos",)),
        ("报送材料.rar", "活动总结见附件，活动照片较大，请从网盘下载", ("photos",)),
        ("报送材料.rar", "宣传片和照片见超大附件", ("photos", "promo")),
        ("材料.zip", "请查收", ()),
        ("", "", ()),
        ("", "照片太大，视频见网盘", ("promo",)),
    ],
)
def test_what_a_promised_file_is_for(name: str, text: str, expected: tuple[str, ...]) -> None:
    assert tuple(sorted(items(text, name=name, url="https://pan.baidu.com/s/1abc"))) == tuple(sorted(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("现报送活动总结，视频另寄光盘。", ("promo",)),
        ("现报送活动总结，活动照片另发。", ("photos",)),
        ("现报送活动总结，其余材料另发。", ()),
        ("现报送活动总结和照片，其余另发。", ()),
        ("汇总表稍后补报。", ("table",)),
        ("附件较大，分三封发送。", ()),
    ],
)
def test_what_an_announcement_speaks_of(text: str, expected: tuple[str, ...]) -> None:
    assert items(text) == expected


def test_a_card_stands_with_the_words_around_it() -> None:
    found = announced(
        Mail(
            text="活动总结见附件。\n活动照片较大，请从网盘下载：\nhttps://pan.baidu.com/s/1abcdEFGH 提取码: x7k2",
            date=datetime(2018, 8, 14, tzinfo=UTC),
        )
    )
    assert [(each.kind, each.code, each.text) for each in found] == [
        ("link", "x7k2", "活动总结见附件。 活动照片较大，请从网盘下载：")
    ]


def test_every_clause_that_says_later_is_heard() -> None:
    (word,) = placed([Announced("征文另寄，视频另寄光盘", "disc")], WEIHAI)
    assert set(word.items) == {"essay", "promo"}


def test_a_link_without_a_telling_name_is_for_what_the_subject_names() -> None:
    (word,) = placed([Announced("链接", "link", url="https://pan.example.test/s/1")], WEIHAI, "供电公司青年说短视频")
    assert word.items == ("promo",)
