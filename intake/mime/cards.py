"""Files a mail only points to: attachment cards of mail providers, and links to cloud stores. Nothing is downloaded.

What the cards look like was read off public code and saved mails:
- QQ and exmail: `<span class="qqmailbgattach" expiretime="…" downloadlink="…">` within `QQMailBigAttach` (scripts of
  the webmail, the parser of its Android client: “(350.5M, 2018年8月20日 10:00 到期)”, “无限期”); newer ones
  `<div class="bigatt_bt" title="名称 文件大小：12.5M 到期时间：2024年08月22日 17:33">`; in plain text
  “从QQ邮箱发来的超大附件 名称 (128.03M, 2020年11月27日 21:59 到期)进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_…”.
- NetEase 163, 126, yeah: `<a filename= filesize= expiretime=(milliseconds) href=…X-NETEASE-HUGE-ATTACHMENT…>` within
  `divNeteaseBigAttach`, whose id also stands in the CSS of ordinary mails; an icon, a name and a 下载 link with one
  address. qiye: `divNeteaseSiriusCloudAttach` with `file-name= file-size= expired=` and
  “20.49K | 过期时间：2024年8月4日 23:48”.
- Foxmail: `foxmail_hugeattachment_item` with `foxmail_hugeattachment_filename`, or `FoxmailClientBigAttachEntry`.
- Sina: “(有效时间到：2024-08-04 13:56:45)”; 189: `expired=` in the address and the bytes in `alt`.
- Cloud stores: “通过网盘分享的文件：名称 链接: https://pan.baidu.com/s/1…?pwd=d6ea 提取码: d6ea”.
- Of 139 and Foxmail no saved mail was found: 139 is read by its addresses and the words around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import lxml.etree
import lxml.html

from archive.records import Card
from intake.mime.card_words import ENDING, URL, Around, code_of, expiry_of, name_of, parts_of, size_of
from intake.mime.text import BLOCKS, quote_begins

MOST, LINKS = 50, 2000
"""Cards read of one mail; links looked at."""

_PROVIDERS = (
    ("qq", re.compile(
            r"^(?:[a-z0-9.-]{1,40}\.)?(?:mail|exmail)\.qq\.com/(?:cgi-bin/)?ftn|^[a-z0-9.-]{1,60}\.ftn\.qq\.com/"
            r"|^mail\.foxmail\.com/cgi-bin/ftn"
        )),
    ("netease", re.compile(
        r"^fs\.(?:qiye\.)?(?:163|126|yeah)\.(?:com|net)/fs/|/large-attachment-download/|x-netease-huge-attachment"
        r"|^dashi\.163\.com/html/cloud-attachment|^edisk\.(?:qiye\.163|163|126)\.com/api/biz/attachment/download"
    )),
    ("139", re.compile(
        r"^(?:caiyun|yun)\.(?:139|feixin\.10086)\.c(?:om|n)/.{2}|mail\.(?:10086|139)\.c(?:n|om)/.{0,80}?(?:disk|file|attach|download|share|largeatt)"
    )),
    ("baidu", re.compile(r"^(?:pan|yun|eyun)\.baidu\.com/(?:s/|share/|wap/|disk/.*share)|^snsyun\.baidu\.com/sl/")),
    ("weiyun", re.compile(r"^share\.weiyun\.com/.{2}|^(?:www\.)?weiyun\.com/disk/.*share")),
    ("aliyun", re.compile(r"^(?:www\.)?(?:aliyundrive|alipan)\.com/(?:s|t)/")),
    ("other", re.compile(
        r"^pan\.quark\.cn/s/|^(?:pan\.|c\.)?cloud\.189\.cn/(?:t/|web/share|share)|^download\.cloud\.189\.cn/|^(?:www\.|pan\.|[a-z0-9-]+\.)?lanzou[a-z]?\.com/.{3}"
        r"|^(?:www\.)?(?:123pan|123684|123865|123912)\.com/s/|^(?:www\.)?115\.com/s/|^(?:[a-z0-9-]+\.)?cowtransfer\.com/s/"
        r"|^(?:www\.)?(?:jianguoyun)\.com/p/|^(?:[a-z0-9-]+\.)?ctfile\.com/f|^(?:www\.)?wenshushu\.cn/f/|^f\.ws\d+\.cn/f/"
        r"|^drive\.google\.com/(?:file|open|drive)|^1drv\.ms/.{2}|^(?:www\.)?dropbox\.com/s|^we\.tl/|^wetransfer\.com/downloads/"
        r"|^(?:www\.)?kdocs\.cn/(?:l|view)/|^docs\.qq\.com/(?:doc|sheet|file|pdf|slide|form)|^pan\.xunlei\.com/s/|^drive\.uc\.cn/s/"
        r"|^mail\.sina\.com\.cn/filecenter/download|^(?:[a-z0-9-]+\.)?feijipan\.com/s/|^(?:fangcloud|v2\.fangcloud)\.com/s"
    )),
)  # fmt: skip
_GENERIC = re.compile(
    r"(?:文件|附件|视频|材料|照片|图片|作品|压缩包|素材|资料|征文|汇总表)[^。\n]{0,12}(?:下载|链接|地址)|(?:下载|链接)[^。\n]{0,8}(?:文件|附件|视频|材料|照片|图片|作品|压缩包|素材|资料)"
    r"|下载(?:地址|链接|网址)"
)
_NOT_OURS = re.compile(
    r"通知|退订|订阅|网站|官网|网址为|首页|系统|平台|注册|报备|填报|软件|客户端|app\b|播放器|unsubscribe|公众号", re.I
)
_NO_HOST = re.compile(r"\.gov\.cn(?:$|:)|(?:^|\.)(?:weixin\.qq\.com|mp\.weixin\.qq\.com|w3\.org)$")
_HINTS = (
    *("bgattach", "bigattach", "bigatt_bt", "cloudattach", "hugeattach", "ftn", "large-attachment", "huge-attachment"),
    *(
        "fs.163",
        "fs.qiye",
        "edisk",
        "10086",
        "139.c",
        "baidu.com",
        "weiyun",
        "alipan",
        "aliyundrive",
        "quark",
        "189.cn",
    ),
    *(
        "lanzou",
        "123pan",
        "123684",
        "123865",
        "123912",
        "115.com/s",
        "cowtransfer",
        "jianguoyun",
        "ctfile",
        "wenshushu",
    ),
    *("drive.google", "1drv", "dropbox", "we.tl", "wetransfer", "kdocs", "docs.qq", "xunlei", "drive.uc", "filecenter"),
    *("feijipan", "fangcloud", "下载", "链接", "地址"),
)
"""Without any of these a mail's markup holds no card; looking is quicker than reading a tree."""
_CONTAINERS = {
    "qqmailbigattach": "qq",
    "divneteasebigattach": "netease",
    "divneteasesiriuscloudattach": "netease",
    "foxmail_hugeattachment": "foxmail",
    "foxmailclientbigattach": "foxmail",
}
_WRITERS = {"qq": ("qqmail", "foxmail"), "foxmail": ("foxmail",), "netease": ("coremail", "netease", "163", "网易")}
_SAME_FILE = ("k", "key", "file", "identity", "surl", "dt", "linkid", "id")
_SKIPPED = frozenset({"script", "style", "head", "title", "template"})


@dataclass(frozen=True)
class _Link:
    """One link where it stands in the text. told: its attributes; writer: the provider whose card it is within."""

    url: str
    start: int
    end: int
    told: Mapping[str, str] = field(default_factory=dict)
    writer: str | None = None
    quoted: bool = False


def cards(markup: str, text: str, at: datetime | None, forwarded: bool = False, composer: str = "") -> tuple[Card, ...]:
    """The cards of one mail in reading order, each file once. Never raises; at most MOST.

    markup: the HTML body ("" = none). text: the sender's own plain words. at: the mail's date, for “30天后到期”.
    forwarded: the quoted original is what is sent. composer: X-Mailer; a webmail takes old cards out of what it quotes
    and puts new ones below, so its own card below a quoted original is new.
    """
    found: dict[str, Card] = {}
    shown, links = _read_html(markup)
    begins = None if forwarded else quote_begins(shown)
    fresh = [link for link in links if forwarded or _is_new(link, begins, composer.lower())]
    for each in (*_cards_of(shown, fresh, at), *_cards_of(text, list(_links_of(text)), at)):
        key = _key(each.url)
        found[key] = _merged(found[key], each) if key in found else each
        if len(found) >= MOST:
            break
    return tuple(found.values())


def _is_new(link: _Link, begins: int | None, composer: str) -> bool:
    if link.quoted:
        return False
    if begins is None or link.start < begins:
        return True
    return link.writer is not None and any(name in composer for name in _WRITERS[link.writer])


# --- links and the text around them -----------------------------------------------------------------------------------


def _read_html(markup: str) -> tuple[str, list[_Link]]:
    """The words a reader sees, with the links in them; ("", []) where there is nothing that could be a card."""
    low = markup.lower()
    if not any(hint in low for hint in _HINTS):
        return "", []
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
        return _Walk().read(root)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        words = re.sub(r"<[^<>]{0,1000}>", " ", markup)
        return words, list(_links_of(words))


class _Walk:
    """Reads a tree in document order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._links: list[_Link] = []
        self._within: list[str | None] = []
        self._hidden = self._quotes = 0

    def read(self, root: lxml.html.HtmlElement) -> tuple[str, list[_Link]]:
        open_: list[tuple[str, dict[str, str], int]] = []
        for happens, element in lxml.etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if happens == "start":
                self._begin(tag, element)
                open_.append((tag, _told(element), self._length))
                self._say(element.text)
            else:
                _, told, start = open_.pop()
                self._note(told, start)
                self._finish(tag, element)
                self._say(element.tail)
        return "".join(self._parts).replace("\u00a0", " "), self._links

    def _begin(self, tag: str, element: lxml.html.HtmlElement) -> None:
        self._hidden += tag in _SKIPPED
        self._quotes += tag == "blockquote"
        names = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
        inner = next((_CONTAINERS[name] for name in names if name in _CONTAINERS), None)
        self._within.append(inner or (self._within[-1] if self._within else None))
        if tag in BLOCKS:
            self._say("\n")

    def _finish(self, tag: str, element: lxml.html.HtmlElement) -> None:
        self._hidden -= tag in _SKIPPED
        self._quotes -= tag == "blockquote"
        self._within.pop()
        if tag in BLOCKS and tag != "br":
            self._say("\n")

    def _say(self, words: str | None) -> None:
        if words and not self._hidden:
            self._parts.append(words)
            self._length += len(words)

    def _note(self, told: dict[str, str], start: int) -> None:
        url = told.pop("url", "")
        if url and not self._hidden and len(self._links) < LINKS:
            self._links.append(_Link(url, start, self._length, told, self._within[-1], self._quotes > 0))


def _told(element: lxml.html.HtmlElement) -> dict[str, str]:
    """What an element says of a file in its attributes; url only where it is a link."""
    get = element.get
    url = (get("downloadlink") or get("href") or "").strip()[:2100]
    if not url.lower().startswith(("http://", "https://")):
        return {}
    found = {
        "url": url,
        "name": get("filename") or get("file-name") or "",
        "size": get("filesize") or get("file-size") or "",
        "expires": get("expiretime") or get("expired") or "",
        "alt": get("alt") or "",
    }
    parent = element.getparent()
    for near in (element, parent, parent.getparent() if parent is not None else None):
        if near is not None and "文件大小" in (near.get("title") or ""):
            found["title"] = str(near.get("title"))[:400]
            break
    return {key: value[:2100] for key, value in found.items() if value}


def _links_of(text: str) -> Iterator[_Link]:
    for turn, match in enumerate(URL.finditer(text)):
        if turn >= LINKS:
            return
        url = match.group(0).rstrip(".,;:!?")
        yield _Link(url, match.start(), match.start() + len(url))


# --- one card ---------------------------------------------------------------------------------------------------------


def provider_of(url: str) -> str | None:
    """The provider whose addresses look so (`Card.provider`); None for any other address."""
    rest = re.sub(r"^https?://", "", url.strip().lower())
    return next((name for name, pattern in _PROVIDERS if pattern.search(rest)), None)


def _cards_of(text: str, links: list[_Link], at: datetime | None) -> Iterator[Card]:
    """Links to one file that stand next to each other (icon, name, 下载) are one card."""
    runs: list[tuple[str, list[_Link]]] = []
    for link in sorted(links, key=lambda one: (one.start, one.end)):
        provider = link.writer if link.writer == "foxmail" else provider_of(link.url) or _by_words(text, link)
        if provider is None:
            continue
        if runs and _key(runs[-1][1][-1].url) == _key(link.url):
            runs[-1][1].append(link)
        else:
            runs.append((provider, [link]))
        if len(runs) > 4 * MOST:
            return
    for place, (provider, run) in enumerate(runs):
        floor = max(link.end for link in runs[place - 1][1]) if place else 0
        ceiling = runs[place + 1][1][0].start if place + 1 < len(runs) else len(text)
        yield _card(provider, run, Around.of(text, [(link.start, link.end) for link in run], floor, ceiling), at)


def _by_words(text: str, link: _Link) -> str | None:
    """`other` for an address that only the words beside it call a file; a site, a system, a notice is none."""
    address, _ = parts_of(link.url)
    if not address or _NO_HOST.search(address.partition("/")[0]):
        return None
    start = text.rfind("\n", max(0, link.start - 80), link.start) + 1 or max(0, link.start - 80)
    line = text[start : link.end].replace(link.url, "") + text[link.end : link.end + 30].partition("\n")[0]
    if _NOT_OURS.search(line):
        return None
    return "other" if _GENERIC.search(line) or (ENDING.search(address) and "下载" in line) else None


def _card(provider: str, run: list[_Link], around: Around, at: datetime | None) -> Card:
    told: dict[str, str] = {}
    for link in run:
        told |= {key: value for key, value in link.told.items() if key not in told}
    url = run[-1].url
    return Card(
        provider=provider,
        url=url,
        name=name_of(told, around, url),
        size=size_of(told, around),
        expires=expiry_of(told, around, url, at),
        code=code_of(url, around) if provider in ("baidu", "weiyun", "aliyun", "139", "other") else None,
    )


def _merged(one: Card, other: Card) -> Card:
    return replace(
        one,
        name=one.name or other.name,
        size=one.size if one.size is not None else other.size,
        expires=one.expires or other.expires,
        code=one.code or other.code,
    )


def _key(url: str) -> str:
    """One file, however the link to it is written: by what names the file in its query, else host and path."""
    address, query = parts_of(url)
    named = next((query[name][0] for name in _SAME_FILE if name in query), "")
    address = address.removeprefix("www.").rstrip("/")
    return f"{address.partition('/')[0]}?{named}" if len(named) >= 8 else f"{address or url}?{named}"
