"""Whose material a mail says it is: sent for another unit (代乳山发), counted to one (统计到环翠区), or passed on.

What a mail says outright goes over whose mailbox it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.judging.spelling import fold
from archive.records import Mail

_FOR = re.compile(
    r"(?:^|[^取朝世年现当时后替代])(?:代替|代为|代(?![表码开办])|帮忙?(?![助扶教困])|替(?!换))(?P<who>[^,。;:!?\n]{2,20}?)"
    r"(?:转发|转交|转|代发|代报|代传|发送|发|报送|上报|报|传|提交|交|寄)"
)
_ASKED_BY = re.compile(r"受(?P<who>[^,。;:!?\n]{2,20}?)的?(?:委托|之托)")
_TOLD_TO = re.compile(
    r"(?:^|[,。;:!\n])(?P<who>[^,。;:!?\n]{2,20}?)(?:让|叫|要求?|请)(?:我们?|咱们?|俺们)(?:单位)?[^,。;:!?\n]{0,24}?(?:发|报|交|送|寄)(?:给|到|至|过|上)"
)
_FOR_THEM = re.compile(
    r"[代替帮](?:他们|其|它|它们|该单位|对方)(?:转|代)?(?:发|报|交|传)[^:,。\n]{0,4}[:,](?P<who>[^,。;:!?\n]{2,20}?)(?:报送|上报|报|的)"
)
_PASSED = re.compile(
    r"(?:^|[,。;:!\n])(?P<who>[^,。;:!?\n的]{2,20})的[^,。;:!?\n]{1,10},?(?:现|一并|代为)?转(?:给|发给|报|交|呈)"
    r"|(?:^|[,。;:!\n])(?P<sent>[^,。;:!?\n]{2,20}?)(?:的?(?:同志|老师|人))?(?:把|将)[^,。;:!?\n]{1,14}[发报交寄]?(?:发|报|交|寄|送)?[到给](?:我们|我处|我委|我)"
    r"|^转(?:发|报|交|来)?(?P<of>[^,。;:!?\n]{2,16}?)的?(?:材料|征文|总结|作品|图片|照片|视频|信息|稿件)$"
)
_BORROWED = re.compile(r"借用?[^。;\n]{0,14}(?:邮箱|信箱|电脑)")
_FOR_OWN = re.compile(
    r"[代替](?:表)?(?:我|我们|本|咱)?(?:局|院|校|学校|大学|公司|集团|厂|行|总行|支队|总队|委|厅|区|县|市|镇|单位|系统)"
    r"(?:里|方|团委|团工委)?(?:直接)?(?:上?报|报送|发|交|送)"
)
_LINES, _LINE = 6, 120
"""Covering words: so many first lines, none longer."""
_COUNTED = re.compile(
    r"(?:统计[到在进]|计入|记[到在入]|归口(?:到|为|是|于|管理单位[是为:])?|隶属于?|归属于?|算作?|算[在到])(?P<who>[^,。;:!?\n]{2,20})"
)
_BODY = re.compile(
    r"团委|团[市区县师]委|团工委|[市区县师州旗]$|局|委|公司|医院|学院|大学|集团|单位|系统|街道|镇|乡|学校|银行"
)
_NOBODY = re.compile(
    r"^(我们?|你们?|您|他们?|她|它|忙|一下|同事|领导|老师|大家|本人|办公室|表)|^.{0,2}(团费|发票|邮件)"
)
_INNER_FROM = re.compile(
    r"^[ \t>]*(?:发件人|寄件者|寄件人|from)[ \t]*[:：][ \t]*(?P<who>[^\n]{1,200})", re.IGNORECASE | re.M
)
_INNER_SUBJECT = re.compile(
    r"^[ \t>]*(?:主题|标题|subject)[ \t]*[:：][ \t]*(?P<what>[^\n]{1,200})", re.IGNORECASE | re.M
)
_INNER_HEAD = re.compile(
    r"^[ \t>]*(?:-{2,}.*|(?:发件人|寄件者|寄件人|发送日期|发送时间|发送至|日期|时间|收件人|抄送|主题|标题"
    r"|from|sent|date|to|cc|subject)"
    r"[ \t]*[:：].*)$",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"^\s*(fw|fwd|转发?)\s*([:：]|$)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\w")


@dataclass(frozen=True)
class Passed:
    """A mail passed on within the text: who had sent it (name, address or ""), its subject and its lines."""

    sender: str
    address: str
    subject: str
    lines: tuple[str, ...]


def sent_for(mail: Mail) -> tuple[str, ...]:
    """The folded words for whom the mail is sent, where it says so: 代乳山发, 帮文昌转, 受高区团委委托."""
    found: list[str] = []
    lines = [line for line in mail.text[:1500].splitlines() if line.strip()][:_LINES]
    if mail.nested and len(mail.text) <= 40:  # a mail passed on as a file: its own words say for whom
        lines += [line for line in mail.quoted[:1500].splitlines() if line.strip()][:_LINES]
    for text in (mail.subject, *(line for line in lines if len(line) <= _LINE)):
        told = [each for pattern in (_FOR, _ASKED_BY, _TOLD_TO, _FOR_THEM) for each in pattern.finditer(fold(text))]
        passed = [each["who"] or each["sent"] or each["of"] for each in _PASSED.finditer(fold(text))]
        found += [who for who in passed if not _NOBODY.search(who) and names_a_body(who)]
        found += [each["who"] for each in told if not _NOBODY.search(each["who"])]
    return tuple(dict.fromkeys(found))


def sent_for_own(mail: Mail) -> bool:
    """Whether the mail says that it is sent for the sender's own upper body (代局里报): its name then is in its own."""
    return any(_FOR_OWN.search(fold(line)) for line in mail.text[:1500].splitlines())


def is_borrowed(mail: Mail) -> bool:
    """Whether the mail says that its address is not the sender's own (借用潜山的邮箱)."""
    return bool(_BORROWED.search(fold(f"{mail.subject}\n{mail.text[:1500]}")))


def names_a_body(words: str) -> bool:
    """Whether these folded words call some body, on the roster or not."""
    return bool(_BODY.search(words))


def counted_to(mail: Mail) -> tuple[str, ...]:
    """The folded words after 统计到, 归口, 算: whom the material belongs to."""
    return tuple(dict.fromkeys(each["who"] for each in _COUNTED.finditer(fold(mail.text[:1500]))))


def passed_on(mail: Mail) -> Passed | None:
    """The mail inside a mail that was forwarded with few words of its own; None for replies and all others."""
    if not mail.quoted or mail.nested or len(fold(mail.text)) > 40:
        return None
    if not (_FORWARD.match(mail.subject) or "转发邮件信息" in mail.quoted or "Forwarded message" in mail.quoted):
        return None
    head = mail.quoted[:2000]
    sender, subject = _INNER_FROM.search(head), _INNER_SUBJECT.search(head)
    who = sender["who"].strip() if sender else ""
    address = _ADDRESS.search(who)
    lines = [line.strip(" \t>") for line in mail.quoted[:4000].splitlines() if not _INNER_HEAD.match(line)]
    return Passed(
        _ADDRESS.sub("", who).strip(" <>\"'“”[]()（）"),
        address.group().lower() if address else "",
        subject["what"].strip() if subject else "",
        tuple(line for line in lines if line),
    )
