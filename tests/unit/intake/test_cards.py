"""Attachment cards and links to cloud stores: each sample and its twin, plain text, and what is no card."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.records import Card, dump, load
from intake.mime.cards import MOST, cards

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "cards").glob("*.html"))
NETEASE_TEXT = (
    "从网易163邮箱发来的云附件\n照片.rar (60.57M, 2018年9月7日 19:39 到期)\n"
    "下载：http://fs.163.com/fs/display/?p=X-NETEASE-HUGE-ATTACHMENT&file=Xt9C6OiQlThx"
)
AT = datetime(2018, 7, 31, 2, 0, tzinfo=UTC)


def one(text: str) -> Card:
    (found,) = cards("", text, AT)
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_saved_card_is_read_as_its_twin_says(sample: Path) -> None:
    markup = sample.read_text("utf-8")
    composer = re.match(r"<!-- composer: (.*) -->", markup)
    twin = [load(Card, each) for each in json.loads(sample.with_suffix(".json").read_text("utf-8"))]
    assert cards(markup, "", AT, composer=composer.group(1) if composer else "") == tuple(twin)


def test_there_are_samples_of_every_provider() -> None:
    told = [each for sample in SAMPLES for each in json.loads(sample.with_suffix(".json").read_text("utf-8"))]
    assert {each["provider"] for each in told} == {
        "qq", "netease", "foxmail", "139", "baidu", "weiyun", "aliyun", "other",
    }  # fmt: skip


def test_the_old_card_of_a_forwarded_mail_is_what_is_sent() -> None:
    markup = next(s for s in SAMPLES if s.stem == "reply-outlook-quotes-qq").read_text("utf-8")
    assert [card.name for card in cards(markup, "", AT, forwarded=True)] == ["通知附件.zip"]


def test_the_same_card_in_plain_text_and_html_is_one() -> None:
    markup = next(s for s in SAMPLES if s.stem == "qq-webmail").read_text("utf-8")
    text = (
        "从QQ邮箱发来的超大附件\n\n宣传片.mp4 (1.2G, 2018年8月20日 10:00 到期)进入下载页面："
        "http://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k=0a1b2c3d4e5f60718293a4b5c6d7e8f9&code=7684decd"
    )
    assert cards(markup, text, AT) == cards(markup, "", AT)
    assert one(text).name == "宣传片.mp4" and one(text).size == 1288490189


@pytest.mark.parametrize(
    ("text", "name", "size", "code"),
    [
        ("链接：https://pan.baidu.com/s/1abcDEF 提取码：x1y2", "", None, "x1y2"),
        ("照片：https://pan.baidu.com/s/1abcDEF （密码 a1b2）", "", None, "a1b2"),
        ("提取码：9k2m\nhttps://pan.baidu.com/s/1abcDEF", "", None, "9k2m"),
        ("《四十年》视频.mp4 已传网盘 https://pan.baidu.com/s/1abcDEF?pwd=zz11", "《四十年》视频.mp4", None, "zz11"),
        ("文件名称：总结.docx\n下载地址：http://disk.unit.example.test/f/12", "总结.docx", None, None),
        ("微视频.wmv (80.0M)\n下载链接 http://disk.unit.example.test/f/13", "微视频.wmv", 83886080, None),
        ("链接：https://pan.baidu.com/s/1abcDEF?pwd=9k2m 密码9k2m，请查收", "", None, "9k2m"),
        (NETEASE_TEXT, "照片.rar", 63512248, None),
    ],
)  # fmt: skip
def test_links_in_plain_text(text: str, name: str, size: int | None, code: str | None) -> None:
    found = one(text)
    assert (found.name, found.size, found.code) == (name, size, code)


@pytest.mark.parametrize(
    ("words", "expires"),
    [
        ("2018年8月20日 10:00 到期", "2018-08-20T02:00:00+00:00"),
        ("2018年08月30日 10:55到期", "2018-08-30T02:55:00+00:00"),
        ("2018-08-30 到期", "2018-08-30T15:59:00+00:00"),
        ("有效期至2018/8/30 9:00", "2018-08-30T01:00:00+00:00"),
        ("30天后到期", "2018-08-30T02:00:00+00:00"),
        ("7天内有效", "2018-08-07T02:00:00+00:00"),
        ("有效期：15天", "2018-08-15T02:00:00+00:00"),
        ("无限期", None),
        ("永久有效", None),
        ("2018年13月40日 10:00 到期", None),
    ],
)
def test_when_a_link_expires(words: str, expires: str | None) -> None:
    found = one(f"视频.mp4 (1.2G, {words}) https://pan.baidu.com/s/1abcDEF")
    assert dump(found)["expires"] == (expires and expires.replace("+00:00", "Z"))


@pytest.mark.parametrize(
    "text",
    [
        "材料见附件，请查收。",
        "我单位网站 http://www.unit.example.test/ 已刊发信息",
        "报备系统：http://baobei.example.test/",
        "通知下载地址：http://www.tuan.example.test/1.doc",
        "发自我的 https://mail.163.com/dashi/",
        "新闻报道 http://news.example.test/2018/8/1.html",
        "平台注册链接 http://reg.example.test/a",
        "活动公众号文章 https://mp.weixin.qq.com/s/abcdef",
        "https://pan.baidu.com/",
    ],
)
def test_what_is_no_card(text: str) -> None:
    assert cards("", text, AT) == ()


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='http://[' expiretime='99999999999999999' filesize='-1' filename='x'>视频文件下载</a>",
        "<div>" * 3000 + "<a href='https://pan.baidu.com/s/1abc'>x</a>",
        "<a href='https://pan.baidu.com/s/1abc'>" + "（" * 100_000 + "</a>",
        "".join(f"<a href='https://pan.baidu.com/s/1abc{n}'>x</a>" for n in range(5000)),
        "<a href='https://pan.baidu.com/s/1abc'>1.1M" + "9" * 200_000 + "</a>",
        "<a href='https://fs.163.com/fs/display/?file=" + "&a=1" * 5000 + "'>x</a>",
        "http <![CDATA[ <a href=https://pan.baidu.com/s/1 <b></a>\x00",
        "<a href='https://pan.baidu.com/s/1?%ff%fe=%00&pwd=%ff'>\ud800</a>",
    ],
    ids=range(8),
)
def test_hostile_markup_is_bounded_and_never_raises(markup: str) -> None:
    begun = time.perf_counter()
    assert len(cards(markup, markup[:100_000], AT)) <= MOST
    assert time.perf_counter() - begun < 2


def test_the_app_a_share_text_asks_to_open_is_no_file() -> None:
    text = (
        "我用阿里云盘分享了「青年说-光明使者.mp4」，你可以不限速下载。复制这段内容打开「阿里云盘」App 即可获取\n"
        "链接：https://www.alipan.com/s/abcdEFGH123"
    )
    assert one(text).name == "青年说-光明使者.mp4"
