"""Who sent it: names, addresses, numbers, conflicts, several campaigns on one mailbox, and how fast."""

from __future__ import annotations

import time

import pytest

from archive.judging.spelling import fold
from config.roster import Roster, Unit
from intake.clues.namings import FULL, INSIDE, NameIndex, core_of, office
from intake.identify import Identity, identify, unit_of
from intake.known import CampaignRoster, Known
from tests.unit.intake.judged import (
    ANQING,
    BINGTUAN_ROSTER,
    KNOWN,
    WEIHAI,
    WEIHAI_ROSTER,
    attach,
    campaign,
    mail,
    table,
)

INDEX = NameIndex(WEIHAI_ROSTER, office(WEIHAI.issuer))
DIVISIONS = NameIndex(BINGTUAN_ROSTER, office("兵团创建青年文明号活动组委会"))


def who(subject: str, text: str = "", files: tuple[str, ...] = ("征文.docx",), **more: str) -> Identity:
    return identify(mail(subject, text, **more), attach(*files), "weihai", KNOWN)


@pytest.mark.parametrize(
    "name",
    [
        "共青团环翠区委员会",
        "团环翠区委",
        "环翠团区委",
        "环翠区团委",
        "共青团环翠区委",
        "环翠区",
        "环　翠 区　团委",
        "“环翠区”团委",
    ],
)
def test_every_spelling_of_a_district_is_found(name: str) -> None:
    assert [hit.unit for hit in INDEX.hits(fold(f"关于{name}报送材料"))] == ["HC"]


@pytest.mark.parametrize(
    "name",
    [
        "第八师",
        "八师",
        "农八师",
        "8师",
        "第8师",
        "兵团第八师",
        "新疆生产建设兵团第八师",
        "第八师石河子市团委",
        "石河子市",
        "共青团第八师委员会",
    ],
)
def test_every_spelling_of_a_division_is_found(name: str) -> None:
    assert {hit.unit for hit in DIVISIONS.hits(fold(name + "报送"))} == {"S8"}


@pytest.mark.parametrize("name", ["第十八师", "十八师", "28师", "第四师", "四师", "第八中学", "八师傅"])
def test_other_numbers_are_other_divisions(name: str) -> None:
    assert not [hit for hit in DIVISIONS.hits(fold(name)) if hit.strength > INSIDE]


def test_the_longer_name_covers_the_shorter_one() -> None:
    assert [hit.unit for hit in INDEX.hits("环翠区教育系统与环翠区团委")] == ["HCJY", "HC"]


def test_the_office_itself_is_never_a_unit() -> None:
    assert not INDEX.hits(fold("威海市创建青年文明号活动领导小组办公室、威海市团委、团市委"))


@pytest.mark.parametrize(
    "text", ["环翠区教育局", "环翠区人民法院", "环翠区孙家疃街道", "荣成市第一中学团委", "文登供电公司"]
)
def test_a_body_below_a_unit_only_points_at_it(text: str) -> None:
    assert {hit.strength for hit in INDEX.hits(fold(text))} == {INSIDE}


@pytest.mark.parametrize("text", ["荣成市教育局", "乳山市教育局团委"])
def test_a_county_towns_bureau_is_never_the_citys(text: str) -> None:
    assert "JY" not in {hit.unit for hit in INDEX.hits(fold(text))}


@pytest.mark.parametrize(
    "text", ["威海市教育局", "市教育局团委", "教育局团委", "共青团威海市教育局委员会", "威海教育局"]
)
def test_the_citys_bureau_by_its_short_names(text: str) -> None:
    assert [hit.unit for hit in INDEX.hits(fold(text))] == ["JY"]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("共青团环翠区委员会", "环翠区"),
        ("团环翠区委", "环翠区"),
        ("桐城团市委", "桐城市"),
        ("海口市组委会", "海口市"),
        ("荣成市", "荣成市"),
    ],
)
def test_the_core_of_a_name(name: str, core: str) -> None:
    assert core_of(name) == core


def test_a_near_miss_is_found_but_never_with_another_number() -> None:
    assert INDEX.near("环萃区团委") == ("HC", "环翠区团委")
    assert DIVISIONS.near("第六师胡杨河市团委") is None


def test_a_near_miss_alone_decides_nothing_and_is_guessed() -> None:
    identity = who("环萃区团委青年文明号征文")
    assert identity.unit is None
    assert identity.guesses[0].unit == "HC"


def test_the_address_on_the_roster_is_known_in_any_case() -> None:
    identity = who("征文", sender="HCTW@hc.test")
    assert (identity.unit, identity.known_address) == ("HC", True)


def test_a_unit_named_from_a_strange_address_is_not_a_known_address() -> None:
    identity = who("环翠区团委青年文明号征文")
    assert (identity.unit, identity.known_address) == ("HC", False)


def test_a_number_quoted_from_a_strange_address_names_the_unit_but_not_the_address() -> None:
    identity = who("Re: [编号 WH2018-0042]")
    assert (identity.unit, identity.known_address) == ("RS", False)


def test_a_number_that_is_not_ours_says_nothing() -> None:
    assert who("Re: [编号 WH2018-0999]").unit is None


def test_a_number_of_an_undecided_submission_still_names_the_campaign() -> None:
    identity = who("[编号 WH2018-0043]", files=("a.docx",))
    assert (identity.role, identity.campaign, identity.unit) == ("submission", "weihai-2018", None)


def test_conflict_is_undecided_with_both_units_guessed_and_said() -> None:
    identity = identify(
        mail("材料", sender="hctw@hc.test"), attach(("汇总表.xls", table("乳山市团委"))), "weihai", KNOWN
    )
    assert identity.unit is None
    assert {guess.unit for guess in identity.guesses} == {"HC", "RS"}
    assert "互相矛盾" in identity.evidence[-1].text or any("互相矛盾" in each.text for each in identity.evidence)


def test_evidence_is_chinese_with_points() -> None:
    identity = who("环翠区团委青年文明号征文")
    assert any(each.kind == "subject" and "环翠区团委" in each.text and each.points == 40 for each in identity.evidence)


def test_unrelated_mail_names_no_campaign_and_no_unit() -> None:
    identity = who("特价机票", files=())
    assert (identity.role, identity.campaign, identity.unit) == ("unrelated", None, None)


def test_a_short_mail_that_names_unit_and_form_is_not_unrelated() -> None:
    pictures = attach(*(f"IMG_12{n}.JPG" for n in range(6)))
    identity = identify(mail("", "三亚市团委 微故事《渔港》 图片6张"), pictures, "hainan", KNOWN)
    assert (identity.role, identity.campaign) == ("submission", "hainan-2017")
    assert identity.unit == "SY"


def test_a_mailbox_without_a_campaign_knows_nobody() -> None:
    assert identify(mail("环翠区团委值班安排"), (), "elsewhere", KNOWN).role == "unrelated"


def test_a_mail_that_plainly_speaks_of_another_mailbox_s_campaign_is_of_that_one() -> None:
    identity = identify(mail("环翠区团委青年文明号征文"), attach("征文.docx"), "bingtuan", KNOWN)
    assert (identity.campaign, identity.unit) == ("weihai-2018", "HC")
    assert any(each.kind == "other-mailbox" for each in identity.evidence)


def test_what_came_by_another_channel_is_weighed_against_every_campaign() -> None:
    identity = identify(mail("第八师团委兵团青年文明号", sender=""), attach("申报集体汇总表.xls"), "", KNOWN)
    assert (identity.campaign, identity.unit) == ("bingtuan-2018", "S8")


NEXT = campaign(
    id="weihai-2019",
    title="关于开展“青春志愿行”活动的通知",
    short="青春志愿行",
    issuer=WEIHAI.issuer,
    mailboxes=["weihai"],
    items=[{"id": "report", "name": "志愿服务情况报告"}],
)
BOTH = Known(campaigns=(CampaignRoster(WEIHAI, WEIHAI_ROSTER), CampaignRoster(NEXT, WEIHAI_ROSTER)))


@pytest.mark.parametrize(
    ("subject", "file", "expected"),
    [
        ("青春志愿行材料", "志愿服务情况报告.docx", "weihai-2019"),
        ("青年文明号征文", "征文.docx", "weihai-2018"),
        ("材料", "附件.docx", None),
        ("材料", "志愿服务情况报告.docx", "weihai-2019"),
    ],
)
def test_two_campaigns_on_one_mailbox_are_told_apart_or_asked(subject: str, file: str, expected: str | None) -> None:
    identity = identify(mail(subject, sender="hctw@hc.test"), attach(file), "weihai", BOTH)
    assert identity.campaign == expected
    assert identity.unit == ("HC" if expected else None)
    assert identity.role == "submission"


def test_an_undecided_campaign_keeps_guesses_for_both() -> None:
    identity = identify(mail("材料", sender="hctw@hc.test"), attach("附件.docx"), "weihai", BOTH)
    assert {(guess.campaign, guess.unit) for guess in identity.guesses} == {
        ("weihai-2018", "HC"),
        ("weihai-2019", "HC"),
    }


def test_the_unit_of_an_identity() -> None:
    found = unit_of(KNOWN, who("环翠区团委青年文明号征文"))
    assert found is not None and found.code == "HC"


def test_a_mail_is_identified_within_ten_milliseconds_among_three_hundred_units() -> None:
    units = tuple(Unit(f"U{n}", f"第{n}县团委" if n % 2 else f"安庆市第{n}号单位团委") for n in range(300))
    known = Known(campaigns=(CampaignRoster(ANQING, Roster(units)),))
    letter = mail("我的中国梦活动信息", "今天我们开展了青年文明号活动，" * 150)
    files = attach(*(f"第17县团委.zip>照片/{n}.jpg" for n in range(30)))
    identify(letter, files, "anqing", known)
    taken = []
    for _ in range(10):
        begin = time.process_time()
        identify(letter, files, "anqing", known)
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.010


def test_full_names_say_more_than_places() -> None:
    assert INDEX.hits("环翠区团委")[0].strength == FULL > INDEX.hits("环翠区")[0].strength
