"""What a mail's own words say about the mail: more to come, all sent, a question, thanks, a withdrawal."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.judging.spelling import fold
from archive.records import Announced, Card, Mail
from intake.mime.cards import cards

_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
READ = 20_000
"""Characters of a mail's text in which an announcement is looked for."""
_N = r"(\d{1,2}|[一二两三四五六七八九十])"
_PART = (
    re.compile(r"[(（\[【第]\s*(\d{1,2})\s*/\s*(\d{1,2})\s*(?:封|部分)?\s*[)）\]】]"),
    re.compile(
        r"(?:^|\s|[-—_]|邮件|材料|照片|图片|视频|作品|部分)(\d{1,2})\s*/\s*(\d{1,2})(?:封|部分|\s*$)", re.MULTILINE
    ),
    re.compile(rf"第{_N}(?:封|部分|批|个邮件)\s*[,，、(（]?\s*(?:共|总共|一共)\s*{_N}\s*(?:封|部分|批|个)"),
    re.compile(rf"(?:共|总共|一共){_N}(?:封|部分|批)[^。\n]{{0,6}}第{_N}(?:封|部分|批)"),
)
_SPLIT = re.compile(
    rf"(?:共|拆成|拆为|分成|分为|分){_N}封(?!信|感谢|表扬)|分(?:成|为)?{_N}(?:封|次|批|个邮件)(?:邮件)?(?:发送|发出|发|报送|上传|传)"
)
_DISC = re.compile(r"光盘(?!行动)|刻盘|刻录|u盘|优盘|移动硬盘")
_SENT_APART = re.compile(
    r"另寄|另行?邮寄|邮寄|寄出|寄送|寄去|寄到|快递|顺丰|ems|寄达|寄往|送达|送至|送到|送交|送去|另送|报送至|面交|当面"
    r"|稍后|随后|另外?报|另行|带给|捎|托人|机要"
)
_NOUN = r"其余|剩余|余下|剩下|视频|照片|图片|征文|总结|汇总表|作品|材料|盖章"
_SEND = (
    r"[^,。;!?\n]{0,6}(报送|上报|补报|报上|报来|报给|再报|发送|发给|发您|发来|补发|补上|补交|补齐|提交|上传|传给|寄|快递|"
    r"(?<!再)发(?![展挥放生现动起布出]))"
)
_MORE = re.compile(
    rf"({_NOUN}|其他|其它|另外|后续|扫描件|光盘)[^。;!?\n]{{0,12}}"
    r"(另发|另外?发送|另行(发送|报送|上报)|后发|再发|后补|补发|补报|补交|稍后|随后|下一封|下封|后续(?!可|报道|工作)|陆续|明天发|明日发)"
    r"|(稍后|随后|稍候|明天|明日|下午|晚点|过后|之后|后续|下周)[^。;!?\n]{0,10}"
    r"(补发|补报|补上|补交|再发|发送|发给|发您|发来|报送|上报|补齐)"
    r"|(还有|尚有|还差|尚缺|另有)[^。;!?\n]{0,16}(未发|没发|待发|再发|后发|过.天|[签盖]完)"
    rf"|({_NOUN})[^。;!?\n]{{0,14}}(再报|再寄|再传|晚.{{1,3}}天[再就]?[报发交传补]|将[于在]?[^。;!?\n]{{0,8}}[前后内](报|上报|发|提交|补)"
    r"|单独再?[发报寄]|正在(制作|剪辑|修改|整理|完善|盖章|审核|拍摄)[^。;!?\n]{0,14}[报发传补寄])"
    rf"|(待|等)[^,。;!?\n]{{1,10}}[后完好齐毕][^,。;!?\n]{{0,4}}{_SEND}|(还在|正在|尚在|仍在|尚未|还没)[^。;!?\n]{{0,20}}{_SEND}"
    rf"|({_NOUN}|表)[^。;!?\n]{{0,6}}(签|盖|审|剪|改|拍|收|整理)[^,。;!?\n]{{0,4}}[后完好齐毕](再|即|马上|立即|一并|扫描|尽快|统一){_SEND}"
    rf"|(明天|明日|稍晚|修复后马上|明后天|后天|近日|近期|尽快|本周内|本周末|下周.|过[几两]天|[几两]天后|晚些时候?|节后|周[一二三四五六日]前?|月底前){_SEND}"
    r"|附件(较大|太大|过大)[^。;!?\n]{0,10}分(开|批|次)|请?[见看在]下一?封|未完待续|待续"
)
_AT_ONCE = re.compile(
    r"(现(?![场代有])|这次|此次|本次|今日|今天|随本)[^。;!?\n]{0,10}(补发|补报|补交|补上|再发|重发|报送)"
    r"|再发一[次遍]|[(（【\[]再发[)）】\]]|再发$|(再|另行)发给?我"
)
"""What is sent with this very mail, or asked of the office."""
_DOUBT = re.compile(r"[?？]|请问|吗$|能否|可否|是否")
_NO_DISC = re.compile(r"(不|无需|没有)[^,，]{0,4}(光盘|邮寄|寄)")
_NEGATED = re.compile(
    r"(请[于在贵各您][^。;\n]{0,12}|经[^。;,\n]{0,10}|不再|不用|无需|不需|不必|未|没有|是否|要不要|需要|请)[^。,;\n]{0,4}$"
)
_URL = re.compile(r"https?://[^\s<>\"'，。；、）)】》]+", re.IGNORECASE)
_LINK_WORD = re.compile(r"网盘|云盘|微云|超大附件|大附件下载|云附件|下载链接")
_SENT_BY_LINK = re.compile(
    r"([见用从在以请至到]|通过|上传|已传|发送)[^。;\n]{0,8}(网盘|云盘|微云|超大附件|云附件|下载链接)"
    r"|邮箱发来的(超大|云)附件|(网盘|云盘|微云|超大附件|云附件|下载链接)[^。;\n]{0,6}(:|如下|发送|分享|下载)"
)
_NO_LINK = re.compile(
    r"(不便|无法|不能|不再|不用|不必|没有?|未|勿)[^。;\n]{0,8}(网盘|云盘|微云|附件|链接|下载|打开)"
    r"|改[用为](邮件)?附件|贵[办处单]|已下载"
)
_BY_LINK = re.compile(r"网盘|云盘|微云|超大附件|大附件|云附件|链接|中转站|下载|提取")

_ALL = re.compile(
    r"(材料|作品|资料|内容|所有|均|都|现)?[^。;!?\n]{0,6}(已经?|均已|都已|现已)(经)?(全部|全都|悉数|齐全?|一并)[^。;!?\n]{0,4}(报送|上报|发送|报齐|提交|发出|报完|报)"
    r"|(报送|上报|发送|提交)(完毕|完成|齐全)|全部(材料|作品|资料)[^。;!?\n]{0,8}(报送|上报|发送|见附件|如下|在附件|请查收)"
    r"|(材料|作品)(已经?|均已|都)(报齐|交齐|齐全|齐了|发齐)|已报齐|已全部(报送|上报|发送|提交)"
)
_NOT_ALL = re.compile(r"(未|没有?|尚未|还没|是否|请问|能否|请确认)[^。;!\n]{0,8}(全部|报齐|齐全|完毕|完成)|[?？吗]")

_QUESTION = re.compile(
    r"请问|(想|特|现|来信|来邮|需要|向您|要)咨询|咨询(一下|下|贵|您|老师|关于|[:：])|^[^。\n]{0,30}咨询$|想问|问一下|问下|请教|能否|可否|能不能|可不可以|是否(可以|需要|必须|要)|怎么(报|填|办|发|弄|算)|如何(报|填|办|发|操作|报备)"
    r"|延期|宽限|缓几天|晚(几|两|一|三)天|推迟(报送|几天)|什么时候|何时|吗\s*[?？。]?|[?？]|麻烦(告知|发一下|重发)|请(告知|明示|予以明确|提供)"
)
_THANKS = re.compile(
    r"^(您好|你好|老师|领导)*[,，。!！]*(好的|收到了?|已收到|谢谢|感谢|多谢|已阅|知道了|辛苦了|ok|明白|已知悉|知悉)"
)
_WITHDRAWAL = re.compile(
    r"作废|误发|错发|发错|报错了|发错了|传错|(请|申请|要求|予以|我们)(?:[^。;\n]{0,6})撤回|撤销(报送|上报)|不作数"
    r"|请(予以)?删除|请不要(采用|使用|用)|请勿(采用|使用)|请忽略(上|前|之前|此|该|这)|撤回(邮件|上一封|材料|报送|已|此前|之前|一下|下|一[件篇个组]|该|这)|关于撤回|先别[采用登]"
    r"|请撤下|撤(下来|掉|一[个件篇组]|[这那]个)|划掉|不(参加|参评|报)了[,，。]?(麻烦|请)|取消(报送|参评|推荐)|退出(评选|征集)"
)
_REPLACES = re.compile(
    r"以此(次|件|版|邮件|封)?为准|以本(次|邮件|封|件)(报送)?(的)?(材料)?为准|以(附件|这个|这封|这次|新的?|最新)[^。;\n]{0,8}为准|更正|重新?报送|重报|重新(上报|发送|提交)"
    r"|修改[版稿后]|修订|最终[版稿]|定稿|终稿|替换|改后|更新版|更新后|(更换|换成)|补正"
)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def _part(text: str) -> Announced | None:
    for place, pattern in enumerate(_PART):
        for found in pattern.finditer(text):
            first, second = _number(found.group(1)), _number(found.group(2))
            part, of = (second, first) if place == 3 else (first, second)
            if 1 <= part <= of and 2 <= of <= 20:
                return Announced(found.group(0), "part", part, of)
    return None


def _anywhere(mail: Mail, *patterns: re.Pattern[str]) -> bool:
    """A quick look at the whole mail; only where it finds something each sentence is read for itself."""
    text = fold(f"{mail.subject}\n{mail.text[:READ]}")
    return any(pattern.search(text) for pattern in patterns)


def _sentences(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[。；;!！\n]+", text) if each.strip()]


@lru_cache(maxsize=4)
def announced(mail: Mail) -> tuple[Announced, ...]:
    """What the mail speaks of and does not hold: parts (1/3), later mails, discs, cloud links. In reading order."""
    found: list[Announced] = []
    part = _part(mail.subject) or _part(mail.text[:READ])
    if part:
        found.append(part)
    if _anywhere(mail, _DISC, _SPLIT, _MORE):
        for sentence in _sentences(mail.subject) + _sentences(mail.text[:READ]):
            spoken = _spoken(sentence)
            if spoken and spoken not in found and not (part and spoken.kind == "part" and spoken.of == part.of):
                found.append(spoken)
    links = mail.cards or cards("", mail.text, mail.date)  # a mail kept before cards were read has only its text
    found += [_promise(mail, card) for card in links]
    if not links and _speaks_of_link(mail):
        found.append(Announced("正文提到云链接或超大附件", "link"))
    return tuple(found)


def _speaks_of_link(mail: Mail) -> bool:
    """Whether a sentence sends the reader to a link, though no link can be read."""
    words = mail.text[:READ]
    if not _LINK_WORD.search(fold(words)) or _QUESTION.search(words):
        return False
    return any(_SENT_BY_LINK.search(text) and not _NO_LINK.search(text) for text in map(fold, _sentences(words)))


def _promise(mail: Mail, card: Card) -> Announced:
    """The file a card points to, with the words around it."""
    return Announced(
        _around(mail.text, card) or "云链接",
        "link",
        None,
        None,
        card.url,
        card.name,
        card.size,
        card.expires,
        card.code,
    )


def _around(text: str, card: Card) -> str:
    """Where the mail speaks of the link: the line before its address, else the sentences that speak of links."""
    at = text.find(card.url)
    if at >= 0:
        lines = [line for line in _URL.sub("", text[:at]).split("\n") if line.strip(" :：")]
        return " ".join(lines[-2:])[-200:]
    return " ".join(each for each in _sentences(text[:READ]) if _BY_LINK.search(each))[:200]


def _spoken(sentence: str) -> Announced | None:
    """The announcement in one sentence; None in a question or a denial."""
    if _DOUBT.search(sentence):
        return None
    text = fold(sentence)
    if _DISC.search(text) and _SENT_APART.search(text) and not _NO_DISC.search(text):
        return Announced(sentence[:80], "disc")
    split = _SPLIT.search(text)
    if split:
        return Announced(sentence[:80], "part", None, _number(split.group(1) or split.group(2)))
    text = _AT_ONCE.sub("", text)
    more = _MORE.search(text)
    if more and not _NEGATED.search(text[: more.start()]):
        return Announced(sentence[:80], "more")
    return None


def says_all_sent(mail: Mail) -> bool:
    """Whether the unit writes that everything has been sent (已全部报送); a question or a denial does not."""
    if not _anywhere(mail, _ALL):
        return False
    for sentence in _sentences(mail.subject) + _sentences(mail.text):
        text = fold(sentence)
        if _ALL.search(text) and not _NOT_ALL.search(text):
            return True
    return False


def asks(mail: Mail) -> str | None:
    """The words that ask something, in subject or own text."""
    found = _QUESTION.search(mail.subject) or _QUESTION.search(_URL.sub("", mail.text))
    return found.group(0) if found else None


def thanks(mail: Mail) -> bool:
    """Whether the mail is nothing but 谢谢 or 收到."""
    text = fold(mail.text).replace("\n", "")
    return len(text) <= 40 and bool(_THANKS.match(text))


def withdraws(mail: Mail) -> str | None:
    """The words that take something back (作废, 发错了, 请撤回); 以此为准 alone takes nothing back."""
    found = _WITHDRAWAL.search(mail.subject) or _WITHDRAWAL.search(mail.text)
    return found.group(0) if found else None


def replaces(text: str) -> str | None:
    """The words that say this stands in another's place (以此为准, 修改版, 更正)."""
    found = _REPLACES.search(fold(text))
    return found.group(0) if found else None
