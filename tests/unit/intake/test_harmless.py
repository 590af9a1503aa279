"""A stranger's HTML keeps its words and loses everything that loads, runs, covers or leads away."""

from __future__ import annotations

import time
from email.message import EmailMessage
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import LimitSettings
from intake.harmless import ATTRIBUTES, LARGEST, STYLES, TAGS, harmless, harmless_html

KEPT = {"p1@x.test": "2.2"}
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)><circle/></svg>",
    "<iframe src=//evil.test></iframe>", "<a href='javascript:alert(1)'>a</a>", "<a href='data:text/html,x'>b</a>",
    "<form action=//evil.test><input name=q><button>go</button></form>", "<link rel=stylesheet href=//evil.test/x.css>",
    "<style>@import '//evil.test/x.css'</style>", "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<base href=//evil.test>", "<object data=//evil.test></object>", "<embed src=//evil.test>",
    "<div style='background:url(//evil.test/a.png)'>c</div>", "<div style='position:fixed;top:0;left:0'>d</div>",
    "<td background=//evil.test/b.png>e</td>", "<body background=//evil.test onload=alert(1)>f",
    "<video src=//evil.test poster=//evil.test></video>", "<img srcset='//evil.test/c.png 2x'>",
    "<img src='//evil.test/d.png'>", "<img src='file:///etc/passwd'>", "<img src='cid:p1@x.test' onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<noscript><p title='</noscript><img src=x>'>",
    "<p style='color:expression(alert(1))'>g</p>", "<p style='color:red;behavior:url(//evil.test)'>h</p>",
    "<a href='https://evil.test/%22onmouseover=alert(1)'>i</a>", "<template><script>alert(1)</script></template>",
    "<p id=main class=card data-key=accept hx-get=//evil.test>j</p>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<img src='cid:no-such'>", "<xmp><script>alert(1)</script></xmp>", "<b/style='x'onclick=alert(1)>k</b>",
)  # fmt: skip


def faults(markup: str) -> list[str]:
    """What in this HTML is more than words, tables and pieces of the mail."""
    if not markup.strip():
        return []
    found = []
    for one in lxml.html.fragment_fromstring(markup, create_parent="p").iterdescendants():
        if one.tag not in TAGS | {"img"}:
            found.append(f"<{one.tag}>")
        for name, value in one.attrib.items():
            allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(str(one.tag), set()) | {"src", "alt"}
            if name not in allowed or (name == "src" and value != "cid:2.2"):
                found.append(f"{one.tag} {name}={value}")
            if name == "style":
                properties = {part.partition(":")[0].strip() for part in value.split(";") if part.strip()}
                if not properties <= STYLES or "url(" in value:
                    found.append(f"style {value}")
    return found


@pytest.mark.parametrize("markup", HOSTILE)
def test_nothing_hostile_is_left(markup: str) -> None:
    assert faults(harmless(f"<p>前</p>{markup}<p>后</p>", KEPT)) == []


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(alphabet="<>/='\" abcdsvgimt!-&;:#x\n", max_size=30))))
def test_no_mixture_of_hostile_parts_is_left(parts: list[str]) -> None:
    assert faults(harmless("".join(parts), KEPT)) == []


def test_words_tables_and_colours_stay() -> None:
    shown = harmless("<table border=1><tr><td colspan=2 style='color:red'>单位<br>名称</td></tr></table>", {})
    assert shown.startswith("<div><table")
    assert '<td colspan="2" style="color:red">单位<br>名称</td>' in shown


def test_a_link_becomes_its_words_and_its_address() -> None:
    assert harmless('<a href="https://pan.example.test/s/1?a=1&amp;b=2">网盘</a>', {}) == (
        "<div><span>网盘<small>〔https://pan.example.test/s/1?a=1&amp;b=2〕</small></span></div>"
    )
    assert harmless('<a href="mailto:a@b.test">a@b.test</a>', {}) == "<div><span>a@b.test</span></div>"


def test_only_pictures_that_came_with_the_mail_are_named() -> None:
    shown = harmless("<img src='cid:p1@x.test' alt='甲'><img src='https://evil.test/track.gif' alt='乙'>", KEPT)
    assert 'src="cid:2.2"' in shown
    assert "evil.test" not in shown
    assert "没有载入：乙" in shown


def message(folder: Path, html: str | bytes, charset: str = "utf-8") -> Path:
    mail = EmailMessage()
    mail["From"] = "a@b.test"
    mail.set_content("纯文字")
    mail.add_alternative(html if isinstance(html, str) else html.decode(charset), subtype="html", charset=charset)
    path = folder / "message.eml"
    path.write_bytes(mail.as_bytes())
    return path


def test_the_body_is_read_in_its_own_charset(tmp_path: Path) -> None:
    assert "荣成市文明办" in harmless_html(message(tmp_path, "<p>荣成市文明办</p>", "gb18030"), LimitSettings())


def test_a_mail_without_html_has_none(tmp_path: Path) -> None:
    path = tmp_path / "message.eml"
    path.write_bytes(b"From: a@b.test\r\nContent-Type: text/plain\r\n\r\n<p>no html</p>\r\n")
    assert harmless_html(path, LimitSettings()) == ""


def test_an_html_file_that_was_attached_is_no_body(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail.set_content("见附件")
    mail.add_attachment(b"<p>x</p>", maintype="text", subtype="html", filename="登录.html")
    path = tmp_path / "message.eml"
    path.write_bytes(mail.as_bytes())
    assert harmless_html(path, LimitSettings()) == ""


@pytest.mark.parametrize("part", ["<b>", "<a href=http://a.test><p>", "<p style='color:red;'>x",
                                  "&lt;", "<td><table>", "x" * 1000])  # fmt: skip
def test_the_longest_body_is_cut_and_takes_seconds_at_most(tmp_path: Path, part: str) -> None:
    begun = time.process_time()
    shown = harmless_html(message(tmp_path, part * (LARGEST // len(part) + 1)), LimitSettings())
    assert time.process_time() - begun < 8
    assert faults(shown[:100_000].rpartition("<")[0]) == []
