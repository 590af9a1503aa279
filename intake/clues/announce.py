"""What a mail's own words say about the mail: more to come, all sent, a question, thanks, a withdrawal."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.judging.spelling import fold
from archive.records import Announced, Mail

_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_N = r"(\d{1,2}|[一二两三四五六七八九十])"
_PART = (
    re.compile(r"[(（\[【第]\s*(\d{1,2})\s*/\s*(\d{1,2})\s*(?:封|部分)?\s*[)）\]】]"),
    re.compile(r"(?:^|\s|[-—_])(\d{1,2})\s*/\s*(\d{1,2})(?:封|部分|\s*$)", re.MULTILINE),
    re.compile(rf"第{_N}(?:封|部分|批|个邮件)\s*[,，、(（]?\s*(?:共|总共|一共)\s*{_N}\s*(?:封|部分|批|个)"),
    re.compile(rf"(?:共|总共|一共){_N}(?:封|部分|批)[^。\n]{{0,6}}第{_N}(?:封|部分|批)"),
)
_SPLIT = re.compile(rf"分(?:成|为)?{_N}(?:封|次|批|个邮件)(?:邮件)?(?:发送|发出|发|报送|上传|传)")
_DISC = re.compile(r"光盘|刻盘|刻录|u盘|优盘|移动硬盘")
_SENT_APART = re.compile(
    r"另寄|另行?邮寄|邮寄|寄出|寄送|寄去|快递|寄达|寄往|送达|送至|另送|报送至|面交|当面|稍后|随后|另外?报|另行"
)
_MORE = re.compile(
    r"(其余|剩余|余下|其他|其它|剩下|另外|视频|照片|图片|征文|总结|汇总表|作品|材料|后续|盖章[版件]?|扫描件|光盘)[^。;!?\n]{0,12}"
    r"(另发|另外?发送|另行(发送|报送|上报)|后发|再发|后补|补发|补报|补交|稍后|随后|下一封|下封|后续|陆续|明天发|明日发)"
    r"|(稍后|随后|稍候|明天|明日|下午|晚点|过后|之后|后续|下周)[^。;!?\n]{0,10}(补发|补报|补上|补交|再发|发送|发给|发您|发来|报送|上报|补齐)"
    r"|(还有|尚有)[^。;!?\n]{0,12}(未发|没发|待发|再发|后发)|附件(较大|太大|过大)[^。;!?\n]{0,10}分(开|批|次)|见下一?封|未完待续|待续"
)
_DOUBT = re.compile(r"[?？]|请问|吗$|能否|可否|是否")
_NO_DISC = re.compile(r"(不|无需|没有)[^,，]{0,4}(光盘|邮寄|寄)")
_NEGATED = re.compile(r"(不再|不用|无需|不需|不必|未|没有|是否|要不要|需要|请)[^。,;\n]{0,4}$")
_URL = re.compile(r"https?://[^\s<>\"'，。；、）)】》]+", re.IGNORECASE)
_CLOUD = re.compile(
    r"pan\.baidu\.com|yun\.baidu\.com|mail\.qq\.com/(cgi-bin/)?ftn|ftn_handler|wx\.mail\.qq\.com/ftn|mail\.163\.com/large|"
    r"netease|cowtransfer|weiyun\.com|share\.weiyun|wetransfer|aliyundrive|alipan\.com|115\.com|lanzou|kdocs\.cn|"
    r"docs\.qq\.com|ctfile|quark\.cn|123pan|123684|cloud\.189|caiyun\.139|jianguoyun|drive\.google|1drv\.ms|dropbox|"
    r"bigfile|hugeattach|download|/ftn/|share",
    re.IGNORECASE,
)
_CODE = re.compile(r"(提取码|访问码|提取密码|密码)\s*[:：]?\s*([A-Za-z0-9]{4,8})")
_LINK_WORD = re.compile(r"百度网盘|网盘链接|微云|超大附件|大附件下载|云附件|阿里云盘|下载链接|qq邮箱发来的超大附件")

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
    r"|请(予以)?删除|请不要(采用|使用|用)|请勿(采用|使用)|请忽略(上|前|之前|此|该|这)|撤回(邮件|上一封|材料|报送)"
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
    text = fold(f"{mail.subject}\n{mail.text}")
    return any(pattern.search(text) for pattern in patterns)


def _sentences(text: str) -> list[str]:
    return [each.strip() for each in re.split(r"[。；;!！\n]+", text) if each.strip()]


@lru_cache(maxsize=4)
def announced(mail: Mail) -> tuple[Announced, ...]:
    """What the mail speaks of and does not hold: parts (1/3), later mails, discs, cloud links. In reading order."""
    found: list[Announced] = []
    part = _part(mail.subject) or _part(mail.text)
    if part:
        found.append(part)
    if _anywhere(mail, _DISC, _SPLIT, _MORE):
        for sentence in _sentences(mail.subject) + _sentences(mail.text):
            spoken = _spoken(sentence)
            if spoken and spoken not in found:
                found.append(spoken)
    code = _CODE.search(mail.text)
    seen: set[str] = set()
    for url in _URL.findall(mail.text):
        if _CLOUD.search(url) and url not in seen:
            seen.add(url)
            found.append(Announced(f"云链接{'（提取码 ' + code.group(2) + '）' if code else ''}", "link", url=url))
    if not seen and _LINK_WORD.search(fold(mail.text)) and not _QUESTION.search(mail.text):
        found.append(Announced("正文提到云链接或超大附件", "link"))
    return tuple(found)


def _spoken(sentence: str) -> Announced | None:
    """The announcement in one sentence; None in a question or a denial."""
    if _DOUBT.search(sentence):
        return None
    text = fold(sentence)
    if _DISC.search(text) and _SENT_APART.search(text) and not _NO_DISC.search(text):
        return Announced(sentence[:80], "disc")
    split = _SPLIT.search(text)
    if split:
        return Announced(sentence[:80], "part", None, _number(split.group(1)))
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
