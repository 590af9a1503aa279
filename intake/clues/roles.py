"""What a person's mail is for: materials, a question, a withdrawal. Decided by evidence, never by default."""

from __future__ import annotations

import re

from archive.judging.spelling import fold
from archive.records import Evidence, Mail, Piece, Role
from config.campaign import Campaign
from intake.clues.announce import announced, asks, thanks, withdraws
from intake.clues.furniture import is_material, is_request, kind_of, stem_of
from intake.clues.profiles import asked_for
from intake.clues.speech import clean_subject, own_lines, phrases_of_title

MESSAGE_LENGTH, LONG_MESSAGE = 60, 200
"""Characters from which a mail's own words can be what is asked for; from which they may hold a question beside it."""
_NOTICE = re.compile(r"通知$|邀请函$|公告$|通报$|函$|简章$")
_HELP = re.compile(
    r"登[录陆]?不[上了进]|进不去|打不开|无法(?:登[录陆]|提交|上传)|账号被|忘[记了]+密码|重置密码|系统(?:提示|报错)"
)
_SCREENSHOT = re.compile(r"截图|截屏|screenshot", re.IGNORECASE)
_ANSWER = re.compile(r"^\s*(re|回复|答复)\s*[:：]", re.IGNORECASE)
_NEWS = re.compile(r"信息|简报|动态|好做法|典型|事迹|素材")
_SENDING = re.compile(r"报送|上报|推荐|推报|选送|作品|材料|汇总|申报|补报|征集|附件")


def role_of(
    mail: Mail,
    pieces: tuple[Piece, ...],
    campaigns: tuple[Campaign, ...],
    is_known: bool,
    is_unit: bool,
    speaks_of_it: bool,
) -> tuple[Role, list[Evidence]]:
    """The role of a mail that has to do with one of `campaigns`, and why.

    is_known: a known address or a quoted number. is_unit: the unit is known or named. speaks_of_it: words of the
    campaign stand in the mail. A stranger's mail that only names a unit, or is itself a notice, is no submission:
    a person looks, and no letter goes out.
    """
    materials = [each for each in pieces if is_material(each, pieces) and not is_request(each)]
    links = [each for each in announced(mail) if each.kind == "link"]
    taken_back, question = withdraws(mail), asks(mail)
    if taken_back or question:
        materials = [each for each in materials if not _SCREENSHOT.search(stem_of(each.name))]
    why = [Evidence("question", f"来信提出询问（“{question}”）")] if question else []
    if taken_back:
        why.append(Evidence("withdrawal", f"来信写有“{taken_back}”"))
    if materials or links:
        subject = fold(clean_subject(mail.subject))
        ours = any(phrase in subject for campaign in campaigns for phrase in phrases_of_title(campaign.title))
        if _NOTICE.search(subject) and not (is_unit and ours) and not _ANSWER.match(mail.subject):
            return "query", [*why, Evidence("notice", "像是一份通知或函件，不是报送材料")]
        if _HELP.search(f"{subject}\n{fold(mail.text)}") and all(kind_of(each) == "picture" for each in materials):
            return "query", [*why, Evidence("question", "来信求助，所附图片像是截图")]
        if question and campaigns and not any(map(asked_for, campaigns)):
            return "query", why
        if not (is_known or speaks_of_it or _sends(subject, materials)):
            return "query", [*why, Evidence("no-words", "写有单位名称，但看不出与本活动有关")]
        return "submission", [*why, Evidence("materials", f"附有材料 {len(materials)} 个、云链接 {len(links)} 个")]
    if taken_back:
        return "withdrawal", why
    if not thanks(mail) and any(is_message(mail, campaign) for campaign in campaigns):
        return "submission", [*why, Evidence("message", "正文就是所报信息")]
    return "query", [*why, Evidence("no-materials", "没有附材料")]


def _sends(subject: str, materials: list[Piece]) -> bool:
    names = [fold(stem_of(piece.name)) for piece in materials]
    return any(_SENDING.search(text) and text != "附件" for text in (subject, *names))


def is_message(mail: Mail, campaign: Campaign, has_materials: bool = False) -> bool:
    """Whether the mail's own words are what an item of kind `message` asks for (活动信息).

    Covering letters, questions and thanks are not. Where the campaign asks for other things too, the subject must
    say so and no file may come with it.
    """
    asked = asked_for(campaign)
    messages = [item for item in asked if item.kind == "message"]
    if len(messages) != 1:
        return False
    length = sum(len(fold(line)) for line in own_lines(mail))
    if length < MESSAGE_LENGTH or (asks(mail) and length < LONG_MESSAGE):
        return False
    if len(asked) == 1:
        return True
    subject = fold(clean_subject(mail.subject))
    named = any(fold(name) in subject for name in (messages[0].name, *messages[0].aliases))
    return not has_materials and (named or bool(_NEWS.search(subject)))
