"""Whose material a mail brings and whether it is this campaign's business at all, in words of many clerks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from archive.records import Decision, Mail, Piece
from intake.decide import Ours, decide
from intake.known import Known
from tests.season.score import known
from tests.unit.intake.judged import attach, mail

AT = datetime(2018, 8, 1, tzinfo=UTC)
OURS = Ours(frozenset(), lambda _: False, ())
HUANCUI, RONGCHENG, GAOQU = (f"{name}@weihai.example.test" for name in ("huancui", "rongcheng", "gaoqu"))
STRANGER = "someone@mail.example.test"


@cache
def everybody() -> Known:
    return Known(tuple(known().values()))


def judged(box: str, letter: Mail, pieces: tuple[Piece, ...] = ()) -> Decision:
    return decide("", letter, pieces, box, everybody(), OURS, AT)


@pytest.mark.parametrize(
    ("box", "subject", "text", "unit"),
    [
        ("weihai", "威海市衛生健康委員會團委報送青年文明號徵文", "", "WH10"),
        ("weihai", "青年文明号征文", "市卫生局团委报征文一篇", "WH10"),
        ("weihai", "青年文明号征文", "威海市国税局团委推荐征文一篇，请查收", "WH12"),
        ("weihai", "威海电业局团委青年文明号征文", "", "WH13"),
        ("weihai", "青年文明号征文", "火炬高新区团委报送", "WH05"),
        ("weihai", "青年文明号照片", "经区团委让我直接发给市里，青观察一组", "WH06"),
        ("weihai", "青年文明号征文", "老师，荣成团市委的征文一篇，麻烦收一下", "WH03"),
        ("weihai", "青年文明号征文", "不清楚该报给荣成团市委还是市公司，先发您", None),
        ("weihai", "青年文明号工作简报", "市中心医院邮箱坏了，委里代他们发一下：市中心医院团委报送简报", "WH11"),
        ("anqing", "青年文明号微视频", "我们拍了小片子，让我直接代局里报给您。\n安庆市公安局交警支队车管所", "AQ11"),
        ("anqing", "青年文明号信息", "（大观团区委讯）近日举办青年文明号比武，请查收材料。", "AQ10"),
        ("weihai", "青年文明号征文", "见附件。\n\n市交通局团委\n8月9日", "WH14"),
        ("weihai", "青年文明号征文", "临港经开区团工委推荐征文一篇", "WH07"),
        ("weihai", "青年文明号征文", "文登区界石镇团委报征文一篇，请统计到文登区", "WH02"),
        ("weihai", "青年文明号征文", "文登市文登营供电所的征文一篇", None),
        ("weihai", "青年文明号征文", "乳山市人民医院报征文一篇", None),
        ("weihai", "乳珊团市委青年文明号征文", "乳珊的征文一篇", "WH04"),
        ("weihai", "即墨团市委青年文明号征文", "即墨的征文一篇", None),
        ("bingtuan", "六师五家渠 青年文明号征文", "", "BT06"),
        ("bingtuan", "青年文明号征文", "农七师团委报征文一篇", "BT07"),
        ("bingtuan", "青年文明号征文", "一师十团团委报征文一篇，归口一师", "BT01"),
        ("bingtuan", "青年文明号征文", "第十一师团委报征文一篇", None),
        ("anqing", "中国梦活动信息", "安庆供电公司团委报中国梦活动信息一篇", "AQ12"),
        ("anqing", "中国梦活动信息", "潜山縣團委報送信息一篇", "AQ04"),
        ("hainan", "开放周总结", "儋州团市委报送开放周总结", "HN03"),
        ("hainan", "卫健系统开放周总结", "", "HN10"),
        ("hainan", "开放周总结", "省旅发委报开放周总结", "HN12"),
        ("guangdong", "青年文明号", "南航报备表一份", "GD11"),
        ("hainan", "开放周总结", "临高团县委报送开放周总结", None),
    ],
)
def test_a_unit_is_known_by_any_name_in_use_and_by_no_other(
    box: str, subject: str, text: str, unit: str | None
) -> None:
    seen = judged(box, mail(subject, text, STRANGER), attach("附件.docx"))
    assert (seen.role, seen.unit) == ("submission", unit), seen


@pytest.mark.parametrize(
    ("subject", "text", "unit"),
    [
        ("代文登发", "文登区团委的征文，他们邮箱坏了。", "WH02"),
        ("青年文明号征文", "受临港团委委托，现转发其征文一篇。", "WH07"),
        ("转发", "替高区团委发一下青年文明号征文，与我们无关。", "WH05"),
        ("青年文明号征文", "帮石岛街道团工委转一篇征文。", None),
        ("青年文明号征文", "代表我区全体青年报送征文一篇。", "WH01"),
        ("青年文明号征文", "我替小李发一下我们区的征文。", "WH01"),
        ("青年文明号征文", "请帮忙转发给领导。", "WH01"),
        ("青年文明号征文", "征文写的是窗口帮助乳山市老人交水费的事。", "WH01"),
        ("青年文明号征文", "上次发的替换成文登区评过的这篇。", "WH01"),
    ],
)
def test_material_sent_for_another_is_the_others(subject: str, text: str, unit: str | None) -> None:
    seen = judged("weihai", mail(subject, text, HUANCUI), attach("征文.docx"))
    assert (seen.role, seen.unit) == ("submission", unit), seen


@pytest.mark.parametrize(
    "letter",
    [
        mail("下半年团费", "已汇，请查收凭证", HUANCUI),
        mail("团干部轮训班报名表", "我区3人", HUANCUI),
        mail("关于召开团建工作座谈会的通知", "请参会", HUANCUI),
        mail("青年五四奖章推荐材料", "报送推荐材料，请查收", HUANCUI),
        mail("西部计划志愿者名单", "见附件", HUANCUI),
        mail("发票信息", "税号如下", HUANCUI),
        mail("团内统计年报", "年报表已填好", HUANCUI),
        mail("少先队辅导员名单", "请审核", HUANCUI),
        mail("青年安全生产示范岗申报", "请查收", HUANCUI),
        mail("团委班子成员通讯录", "请更新", HUANCUI),
        mail("青年大学习参学情况", "本月情况", HUANCUI),
    ],
    ids=lambda letter: letter.subject,
)
@pytest.mark.parametrize("files", [(), attach("附件1.xls", "1.jpg")], ids=["bare", "with files"])
def test_other_business_from_a_units_own_address_is_no_submission(letter: Mail, files: tuple[Piece, ...]) -> None:
    assert judged("weihai", letter, files).role == "unrelated"


@pytest.mark.parametrize(
    ("letter", "files"),
    [
        (mail("材料", "", HUANCUI), ("培训室里的青春.docx",)),
        (mail("材料", "请查收", HUANCUI), ("征文：五四精神照亮窗口.docx",)),
        (mail("青年文明号培训中心征文", "", HUANCUI), ("1.docx",)),
        (mail("图文资料", "志愿者活动照片和总结", HUANCUI), ("志愿者活动总结.docx", "1.jpg")),
        (mail("短视频", "我们拍的是税务发票窗口", HUANCUI), ("窗口.mp4",)),
        (mail("Re: 青年文明号创建成果征集", "会议上说的征文补上", HUANCUI), ("征文.docx",)),
    ],
    ids=lambda value: getattr(value, "subject", ""),
)
def test_a_word_of_other_business_loses_no_submission(letter: Mail, files: tuple[str, ...]) -> None:
    assert judged("weihai", letter, attach(*files)).role == "submission"


def test_where_other_business_stands_in_one_place_only_a_person_is_asked() -> None:
    seen = judged("weihai", mail("材料", "请查收", HUANCUI), attach("优秀团干部登记表.docx"))
    assert (seen.role, seen.unit) == ("query", "WH01")
    assert any(each.kind == "other-business" for each in seen.evidence)


@pytest.mark.parametrize(
    ("subject", "text"), [("", ""), ("(无主题)", "如题"), ("材料", "请查收，谢谢"), ("照片", "发自我的iPhone")]
)
def test_files_without_a_word_of_whose_they_are_are_kept_and_asked(subject: str, text: str) -> None:
    seen = judged("weihai", mail(subject, text, STRANGER), attach("IMG_0234.jpg", "IMG_0235.jpg"))
    assert (seen.role, seen.campaign, seen.unit) == ("submission", None, None)


def test_a_stranger_with_a_place_and_materials_is_kept_and_asked() -> None:
    seen = judged(
        "weihai", mail("报送材料", "领导您好，环翠的材料发过去了", STRANGER), attach("总结.docx", "照片1.jpg")
    )
    assert (seen.role, seen.unit) == ("submission", None)
    assert [guess.unit for guess in seen.guesses] == ["WH01"]


def test_a_question_about_the_campaign_is_one_whoever_asks() -> None:
    assert judged("weihai", mail("咨询", "请问短视频格式有要求吗", STRANGER)).role == "query"


@pytest.mark.parametrize("subject", ["特惠设备租赁", "最新产品目录", "年会策划方案"])
def test_advertisements_with_a_file_are_still_unrelated(subject: str) -> None:
    assert judged("weihai", mail(subject, "欢迎来电", STRANGER), attach("目录.pdf")).role == "unrelated"


def test_each_units_files_are_counted_to_it_where_one_mail_brings_two_units_materials() -> None:
    files = attach("文登.zip>征文.docx", "荣成市团委.zip>征文.docx", "荣成市团委.zip>图片/1.jpg")
    seen = judged("weihai", mail("两个市区的青年文明号材料", "一起报了", STRANGER), files)
    assert (seen.unit, {choice.unit for choice in seen.pieces if not choice.none}) == (None, {"WH02", "WH03"})


def test_a_units_own_mail_with_another_units_name_in_a_file_stays_its_own() -> None:
    files = attach("作品.zip>环翠区窗口故事征文.docx", "作品.zip>走近荣成市征文.docx", "作品.zip>文登区青年征文.docx")
    seen = judged("weihai", mail("青年文明号征文", "见附件", HUANCUI), files)
    assert seen.unit == "WH01" and {choice.unit for choice in seen.pieces} == {None}


def test_a_body_and_the_one_above_it_are_not_two_units() -> None:
    files = attach("市中心医院征文.docx", "卫计委团委征文.docx")
    seen = judged("weihai", mail("青年文明号征文", "", "weiji@weihai.example.test"), files)
    assert seen.unit == "WH10" and {choice.unit for choice in seen.pieces} == {None}


def test_a_mail_passed_on_speaks_through_the_first_sender() -> None:
    inside = "---- 转发邮件信息 ----\n发件人：文登团区委 <wd@m.example.test>\n主题：青年文明号征文\n\n征文一篇。"
    seen = judged("weihai", replace(mail("Fw: 征文", "", STRANGER), quoted=inside), attach("征文.docx"))
    assert seen.unit == "WH02"


def test_a_reply_quoting_our_letter_is_not_passed_on() -> None:
    inside = (
        "---------- 原始邮件 ----------\n发件人：荣成团市委 <rc@mail.example.test>\n主题：青年文明号征文\n\n征文一篇。"
    )
    seen = judged("weihai", replace(mail("回复：青年文明号征文", "", STRANGER), quoted=inside), attach("征文.docx"))
    assert seen.unit is None
