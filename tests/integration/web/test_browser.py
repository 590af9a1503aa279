"""The pages in a real browser: hostile mail stays words; everyone can use them, with keys alone and on paper."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from archive.ledger.accounts import Account
from archive.web.gate import COOKIE
from archive.web.passwords import hashed
from archive.web.serving import Pages
from intake.demo import make
from tests.servers.pages import NOW, OURS, House

AXE = Path(__file__).parent / "axe" / "axe.min.js"
SCRIPT = "<script>alert(1);fetch('//evil.test/s')</script>"
IMAGE = "\"'><img src=//evil.test/i.png onerror=alert(1)>"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>'
    b'<image href="http://evil.test/a.png"/></svg>'
)
MAIN = ("/", "/queue", "/mails", "/outbox", f"/campaigns/{OURS}", f"/campaigns/{OURS}/units/WH01", "/run", "/log",
        "/people", "/me", "/search?q=%E6%9D%90%E6%96%99", f"/campaigns/{OURS}/roster")  # fmt: skip

DARK = ("/", "/queue", "/outbox", f"/campaigns/{OURS}")
"""With the mail, the pages that use every colour."""


@dataclass
class Watched:
    """One tab and what it did: requests to elsewhere, dialogs a script opened, errors the browser told."""

    page: Page
    base: str
    elsewhere: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.page.wait_for_timeout(30)

    def all(self) -> list[str]:
        """What happened so far, and forget it."""
        found = [*self.elsewhere, *self.scripts, *self.errors]
        for each in (self.elsewhere, self.scripts, self.errors):
            each.clear()
        return found

    def nothing_happened(self) -> None:
        assert self.all() == []


@pytest.fixture(scope="module")
def served(house: House) -> Iterator[str]:
    pages = Pages(house.app, "127.0.0.1", 0)
    pages.start()
    yield pages.address
    pages.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def tab(
    house: House, chromium: Browser, base: str, name: str | None = "admin", dark: bool = False
) -> Iterator[Watched]:
    """A tab in which that person is logged in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN", color_scheme="light")
    if name is not None:
        context.add_cookies([{"name": COOKIE, "value": house.visitor(name).cookies[COOKIE], "url": base}])
    watched = Watched(context.new_page(), base)

    def elsewhere(route: Route) -> None:
        watched.elsewhere.append(route.request.url)
        route.abort()

    context.route(re.compile(rf"^(?!{re.escape(base)}/|data:|about:|blob:)"), elsewhere)
    watched.page.on("dialog", lambda one: (watched.scripts.append(one.message), one.dismiss()))
    watched.page.on("pageerror", lambda one: watched.errors.append(str(one)))
    watched.page.on("console", lambda one: watched.errors.append(one.text) if one.type == "error" else None)
    yield watched
    context.close()


# --- hostile mail


@pytest.fixture(scope="module")
def hostile(house: House) -> str:
    """A mail that tries everything in every place; its number."""
    mail = EmailMessage()
    mail["From"] = f'"{SCRIPT.replace(chr(34), "")}" <hostile@weihai.example.test>'
    mail["To"] = f'"{IMAGE[2:]}" <office@office.example.test>'
    mail["Subject"] = f"坏公司图文资料 {SCRIPT} {IMAGE} {{{{ 7*7 }}}}"
    mail["Message-ID"] = "<hostile@u.example.test>"
    mail.set_content(f"开放周活动图文资料 {SCRIPT}\n{IMAGE}\njavascript:alert(1)\n")
    markup = (
        f"<h1>看得见的字</h1>{SCRIPT}<p>{IMAGE}</p><style>@import 'http://evil.test/x.css';</style>"
        "<meta http-equiv=refresh content='0;url=http://evil.test/'><iframe src=http://evil.test></iframe>"
        "<a id=lead href='http://evil.test/lead'>点我</a><form action=http://evil.test><button>提交</button></form>"
        "<div style='position:fixed;inset:0;background:url(http://evil.test/b.png)'>盖住</div>"
        f"<svg onload=alert(1)></svg><object data=http://evil.test></object>{SVG.decode()}"
    )
    mail.add_alternative(markup, subtype="html")
    for name, data in (
        ("图<svg onload=alert(1)>.svg", SVG),
        ("页.html", f"<html>{SCRIPT}</html>".encode()),
        (f"照{IMAGE}.jpg", make.jpeg(640, 480)),
        ("文.docx", make.docx([f"标题{SCRIPT}", f"正文{IMAGE}"])),
        (f"字{SCRIPT[:30]}.txt", f"文字{SCRIPT}".encode()),
    ):
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return house.arrive_as(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")), OURS, "WH99")


@dataclass
class Walk:
    """What was found on the way over all pages, by page."""

    light: dict[str, list[str]] = field(default_factory=dict)
    dark: dict[str, list[str]] = field(default_factory=dict)
    happened: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def walk(house: House, chromium: Browser, served: str, hostile: str) -> Walk:
    """Every page once, with the hostile mail among what it shows, looked at by axe in light and dark."""
    odd = (f"/search?q={quote(SCRIPT)}", f"/campaigns/{OURS}?find={quote(IMAGE)}",
           f"/queue?said={quote(SCRIPT)}&undo={quote(IMAGE)}", f"/campaigns/{OURS}/units/WH99",
           f"/campaigns/{OURS}/units/WH99/preview/receipt")  # fmt: skip
    walk = Walk()
    with tab(house, chromium, served) as seen:
        for path in (*MAIN, f"/mails/{hostile}", f"/campaigns/{OURS}/edit", f"/outbox/answer:{hostile}", *odd):
            seen.go(path)
            seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            walk.words[path] = seen.page.content()
            if path not in odd:
                seen.page.evaluate(AXE.read_text("utf-8"))
                walk.light[path] = faults(seen.page)
            if path in DARK or path.startswith("/mails/"):
                seen.page.emulate_media(color_scheme="dark")
                walk.dark[path] = faults(seen.page, "color-contrast")
                seen.page.emulate_media(color_scheme="light")
            walk.happened[path] = seen.all()
    return walk


def test_no_script_of_a_mail_runs_and_nothing_is_asked_elsewhere(walk: Walk, hostile: str) -> None:
    assert {path: told for path, told in walk.happened.items() if told} == {}
    assert "&lt;script&gt;alert(1)" in walk.words[f"/mails/{hostile}"]
    assert "坏&lt;/script&gt;&lt;script&gt;" in walk.words[f"/campaigns/{OURS}"]
    assert walk.words[f"/mails/{hostile}"].count("/preview?path=") == 2  # of one picture


def test_no_page_has_a_serious_fault_for_those_who_cannot_see_well(walk: Walk) -> None:
    assert len(walk.light) > len(MAIN)
    assert {path: told for path, told in walk.light.items() if told} == {}


def test_every_word_can_be_read_in_the_dark(walk: Walk) -> None:
    assert {path: told for path, told in walk.dark.items() if told} == {}


def test_a_mail_as_it_was_laid_out_is_words_that_lead_nowhere(
    house: House, chromium: Browser, served: str, hostile: str
) -> None:
    with tab(house, chromium, served) as seen:
        seen.go(f"/mails/{hostile}")
        seen.page.get_by_text("看原信的样子").click()
        frame = seen.page.frame_locator("iframe[title=原信的样子]")
        frame.get_by_text("看得见的字").wait_for()
        frame.get_by_text("点我").click()
        frame.get_by_text("盖住").click()
        assert frame.locator("a, form, button, script, iframe, svg, object, img").count() == 0
        seen.page.wait_for_timeout(300)
        assert seen.page.url == f"{served}/mails/{hostile}"
        seen.go(f"/mails/{hostile}/html")  # opened by itself it is as harmless
        assert "看得见的字" in seen.page.content()
        seen.nothing_happened()


def test_the_browser_saves_what_a_unit_sent_and_never_shows_it(
    house: House, chromium: Browser, served: str, hostile: str
) -> None:
    with tab(house, chromium, served) as seen:
        seen.go(f"/mails/{hostile}")
        buttons = seen.page.get_by_role("link", name="下载", exact=True)
        assert buttons.count() == 5
        for button in buttons.all()[:3]:
            with seen.page.expect_download() as saved:
                button.click()
            assert saved.value.url.startswith(f"{served}/mails/{hostile}/file")
        assert seen.page.url == f"{served}/mails/{hostile}"
        seen.nothing_happened()


def test_a_units_own_page_is_as_harmless(house: House, chromium: Browser, served: str, hostile: str) -> None:
    link = house.app.state.rooms.desk.link(OURS, "WH99").removeprefix("https://baosong.example.test")
    with tab(house, chromium, served, None) as seen:
        seen.go(link)
        for summary in seen.page.locator("summary").all():
            summary.click()
        assert hostile in seen.page.content()
        seen.page.evaluate(AXE.read_text("utf-8"))
        assert faults(seen.page) == []
        seen.nothing_happened()


# --- for everyone


def faults(page: Page, *rules: str) -> list[str]:
    """What axe, which is in the page, finds serious or critical, with the first place; rules: only those."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_the_entrance_has_no_serious_fault_either(house: House, chromium: Browser, served: str) -> None:
    with tab(house, chromium, served, None) as seen:
        seen.go("/login")
        seen.page.evaluate(AXE.read_text("utf-8"))
        assert faults(seen.page) == []


def test_a_line_is_settled_and_taken_back_with_keys_alone(house: House, chromium: Browser, served: str) -> None:
    accounts = house.office.ledger.accounts
    accounts.put(Account("keys", roles={OURS: "review"}), NOW, "test")
    accounts.set_password("keys", hashed("only-the-keyboard"), NOW, "test")
    for turn in range(2):
        house.arrive(f"keys{turn}@other.example.test", "环翠区、文登区的材料", "现报送环翠区和文登区图文资料。",
                     [("开放周活动.jpg", b"x")])  # fmt: skip
    with tab(house, chromium, served, None) as seen:
        page, keys = seen.page, seen.page.keyboard
        seen.go("/queue?kind=unknown-unit")
        keys.type("keys")  # the name has the focus
        keys.press("Tab")
        keys.type("only-the-keyboard")
        keys.press("Enter")
        page.wait_for_url("**/queue?kind=unknown-unit")
        before = page.locator("[data-row]").count()
        keys.press("j")
        keys.press("j")
        keys.press("k")
        assert page.locator("[data-row].here").count() == 1
        assert page.locator("[data-row]").nth(0).get_attribute("class") == "card line here"
        keys.press("a")
        told = page.get_by_role("status")
        told.wait_for()
        assert "已归入" in told.inner_text()
        assert page.locator("[data-row]").count() == before - 1
        for _ in range(30):
            keys.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "撤销":
                break
        keys.press("Enter")
        page.get_by_text("已撤销").wait_for()
        assert page.locator("[data-row]").count() == before
        seen.nothing_happened()


def test_the_matrix_prints_on_a4_across_with_its_head_on_every_page(
    house: House, chromium: Browser, served: str
) -> None:
    with tab(house, chromium, served) as seen:
        seen.go(f"/campaigns/{OURS}")
        printed = seen.page.pdf(prefer_css_page_size=True)
        seen.page.evaluate("""for (let turn = 0; turn < 2; turn++)
            document.querySelectorAll(".matrix tbody tr").forEach((row) => row.after(row.cloneNode(true)))""")
        many = seen.page.pdf(prefer_css_page_size=True)  # of four times the units
    (size, words), *more = read(printed)
    assert (size, more) == ((842, 595), [])
    assert "环翠区" in words
    assert not any(word in words for word in ("打印", "退出", "筛选"))
    pages = read(many)
    with_units = [words for _, words in pages if "团委" in words]
    assert len(with_units) > 1
    assert all("报送单位" in words for words in with_units)
    assert {size for size, _ in pages} == {(842, 595)}


def read(pdf: bytes) -> list[tuple[tuple[int, int], str]]:
    """Each page's size in points and its words."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return [
            (tuple(map(round, page.get_size())), page.get_textpage().get_text_bounded())  # type: ignore[misc]
            for page in document
        ]
