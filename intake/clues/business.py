"""Other business of a youth league office, by its words: dues, training, meetings, awards. Such mail is no submission.

A unit's address alone says nothing of what it writes about. Words of other business and nothing of the campaign make a
mail unrelated; where the words stand in one place only, or the campaign may be meant too, a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archive.judging.spelling import fold
from config.campaign import Campaign
from intake.clues.profiles import asked_for
from intake.clues.speech import Place, name_forms, phrases_of_title

_OF_TRAINING = "班|会|费|名单|通知|报名|人员|计划|学员|回执"
_MEETING = "联席会|筹备会|协调会|座谈会|推进会|调度会|例会|部署会|动员会|会议"
_PLAIN_WORDS = (
    ("团费党费", r"(?:团|党)费"),
    ("票据汇款", r"发票|收据|报账|报销|汇款|转账|对账|开票|回单|付款|缴费"),
    ("培训报名", rf"(?:(?:青年文明号)?号长)?[^,。;号\n]{{0,8}}?(?:培训|研修|轮训)(?:{_OF_TRAINING})"),
    ("培训报名", r"参训|报名(?:表|回执|名单|人员)?"),
    ("会议", rf"(?:{_MEETING})(?:议)?(?:的?通知|回执|名单|材料)?|参会|与会"),
    ("邀请", r"邀请(?:函|参加|出席)|诚邀"),
    ("别的表彰", r"五四|红旗团[委支]|优秀(?:共青)?团(?:员|干部?|支部)"),
    ("别的表彰", r"先进(?:团组织|个人|工作者)|岗位能手|青年五?四?奖章"),
    ("别的表彰", r"向上向善|好青年(?!文明号)|最美青[年春]|十[佳大](?:青年|杰出)|三八红旗|劳动模范|评优"),
    ("别的表彰", r"示范岗|突击队"),
    ("人员名册", r"通讯录|花名册|联系表|简历|应聘|招聘|请假|放假|入党|发展对象|党支部"),
    ("调研", r"问卷|调研提纲|征求意见"),
    ("创业就业", r"贷款|贴息|就业见习|创业(?:项目|计划|大赛)"),
    ("权益", r"违法犯罪|禁毒|12355|未成年人"),
    ("学习统计", r"大学习(?:统计|情况|排名|通报|参学)|学习强国"),
    ("西部计划", r"西部计划|三支一扶|选调生"),
    ("希望工程", r"希望工程|希望小学|圆梦(?:大学|行动)|助学(?:金|名单)?|资助"),
    ("团务", r"团(?:员|组织|情|内)(?:统计|年报|信息采集|关系)|智慧团建"),
    ("团务", r"团籍|发展团员|团员编号|团代会|换届|代表(?:候选)?人选"),
    ("少先队", r"少先队|辅导员|红领巾"),
    ("人事后勤", r"工资|社保|年终考核|述职|考勤|值班(?:表|安排)|体检"),
    ("人事后勤", r"职称|干部(?:考察|任免)|采购|报价|招标|预算|决算|合同"),
    ("党务纪检", r"主题党日|党员(?:学习|名单|大会)|党风廉政|纪检|信访|舆情|网评|保密(?:检查|自查)"),
)  # fmt: skip
_SOFT_WORDS = (
    ("团日", r"团日"),
    ("社会实践", r"三下乡|社会实践|返家乡"),
    ("比赛联谊", r"辩论赛|运动会|篮球赛|足球赛|歌咏|演讲比赛|技能大赛|创业大赛|挑战杯|联谊|相亲|交友"),
    ("志愿服务", r"志愿者|志愿服务|希望小屋|春运|献血|植树|慰问|募捐|捐款|关爱留守"),
)
"""What a campaign's own materials often tell of too: it counts only where two places of the mail speak of it."""
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_TRADE = re.compile(r"报价|优惠|促销|发票|代办|代写|量大从优|厂家|定制")
_ANOTHER_YEAR = "，不是本活动的年份"
_PLAIN = tuple((reason, re.compile(words)) for reason, words in _PLAIN_WORDS)
_SOFT = tuple((reason, re.compile(words)) for reason, words in _SOFT_WORDS)
_ANYBODY = re.compile(
    r"^(活动|工作|基层|整体|资料|总结|照片|图片|信息|简报|素材|材料|汇总表|汇总|做法|动态|视频|现场|作品|名单|集体"
    r"|情况|典型|事迹|经验|表|单位|名称|日期|报送|审核|账号|序号|类别|联系人|故事|案例|理论|推荐|申报|开展|的|和)+$"
)
"""Names of items that fit any business (活动总结, 照片): no evidence of a campaign where other business speaks."""


@dataclass(frozen=True)
class OtherBusiness:
    """What a mail is about instead, in words for staff; in_doubt: a person should look."""

    words: str
    in_doubt: bool


def other_business(
    places: Iterable[Place],
    campaigns: Iterable[Campaign],
    asks: bool = False,
    has_our_table: bool = False,
    stranger: bool = False,
) -> OtherBusiness | None:
    """What other business a mail is about; None where it is about none, or where it speaks of a campaign too.

    asks: the mail asks something; then only its subject makes it other business. has_our_table: a file has the columns
    of a table the campaign asks for. stranger: nobody of the roster is named or writes; then what the subject says of
    trade (报价, 发票) goes over the campaign's name in it.
    """
    told, known = tuple(places), tuple(campaigns)
    found = _found(told, asks) or _of_another_year(told, known)
    if found is None or has_our_table:
        return None
    if stranger and _TRADE.search(next((place.text for place in told if place.kind == "subject"), "")):
        return OtherBusiness(found.words, False)
    rest = "\n".join(_without(place.text) for place in told)
    if found.in_doubt and found.words.endswith(_ANOTHER_YEAR):
        return found
    if any(name in rest for campaign in known for name in names_of(campaign)):
        return None
    if any(word in rest for each in known for word in _hints(each)) or any(_proves(each, told) for each in known):
        return OtherBusiness(found.words, True)
    return found


def _of_another_year(places: tuple[Place, ...], campaigns: tuple[Campaign, ...]) -> OtherBusiness | None:
    """A subject that speaks of years before the campaigns' own, where no file is called as what they ask for."""
    subject = next((place.text for place in places if place.kind == "subject"), "")
    years = {int(year) for year in _YEAR.findall(subject)}
    ours = {int(year) for each in campaigns for year in _YEAR.findall(fold(f"{each.title}{each.issued or ''}"))}
    if not years or not ours or max(years) >= min(ours):
        return None
    files = "\n".join(place.text for place in places if place.kind in ("subject", "files", "titles"))
    items = [item for each in campaigns for item in each.items if item.owed_by == "unit"]
    if any(fold(name) in files for item in items for name in (item.name, *item.aliases) if len(fold(name)) >= 2):
        return None
    return OtherBusiness(f"主题写的是{max(years)}年{_ANOTHER_YEAR}", True)


def _proves(campaign: Campaign, places: tuple[Place, ...]) -> bool:
    """Whether a campaign that asks units for nothing by mail may be meant: the mail names a proof it keeps."""
    if asked_for(campaign):
        return False
    names = [fold(name) for item in campaign.items for name in (item.name, *item.aliases)]
    names = [name for name in names if len(name) >= 3]
    return any(name in place.text for name in names for place in places if place.kind in ("subject", "files"))


def names_of(campaign: Campaign) -> tuple[str, ...]:
    """The folded names that tell this campaign and what it asks of units from any other business."""
    known = _names.get(id(campaign))
    if known and known[0] is campaign:
        return known[1]
    found = [*phrases_of_title(campaign.title)]
    for name in (campaign.title, campaign.short, *campaign.aliases, campaign.doc_number or ""):
        found += [fold(name)]
    for item in campaign.items:
        if item.owed_by != "unit":
            continue
        names = [item.name, *item.aliases]
        for category in item.categories:
            names += [category.name, *category.aliases]
        for subkind in item.subkinds:
            names += [subkind.name, *subkind.aliases]
        found += [form for name in names for form in name_forms(name)]
    if len(_names) > 64:
        _names.clear()
    result = tuple(dict.fromkeys(name for name in found if len(name) >= 2 and not _ANYBODY.match(name)))
    _names[id(campaign)] = (campaign, result)
    return result


_names: dict[int, tuple[Campaign, tuple[str, ...]]] = {}


def _hints(campaign: Campaign) -> list[str]:
    """Folded words that leave a doubt: those of the items, and longer names of items though they fit any business."""
    items = [item for item in campaign.items if item.owed_by == "unit"]
    found = [fold(word) for item in items for word in item.words]
    named = [fold(name) for item in items for name in (item.name, *item.aliases)]
    return [word for word in found if not _ANYBODY.match(word)] + [name for name in named if len(name) >= 4]


def _found(places: tuple[Place, ...], asks: bool) -> OtherBusiness | None:
    """Plain words in the subject, or words in two kinds of places, soft ones in three; fewer leave a doubt."""
    plain = _hits(places, _PLAIN)
    subject = next((words for place, words in plain if place.kind == "subject"), None)
    if subject or asks:
        return OtherBusiness(subject, False) if subject else None
    every = plain + _hits(places, _SOFT)
    kinds = {place.kind for place, _ in every}
    enough = 2 if plain else 3
    if plain or len(kinds) >= enough - 1 >= 2:
        return OtherBusiness(every[0][1], len(kinds) < enough)
    return None


def _hits(places: tuple[Place, ...], table: tuple[tuple[str, re.Pattern[str]], ...]) -> list[tuple[Place, str]]:
    found = []
    for place in places:
        for reason, pattern in table:
            word = pattern.search(place.text)
            if word:
                found.append((place, f"{place.label}写有“{word.group()}”（{reason}）"))
    return found


def _without(text: str) -> str:
    for _, pattern in _PLAIN:
        text = pattern.sub(" ", text)
    return text
