"""Every text that a page offers in English has its English."""

from __future__ import annotations

import re
from pathlib import Path

from archive.web.paper import MENU
from archive.web.words import WORDS
from tests.servers.pages import House

TEMPLATES = Path(__file__).parents[3] / "archive" / "web" / "templates"


def test_every_text_that_is_asked_for_in_english_has_its_english() -> None:
    asked = {text for page in TEMPLATES.glob("*.html") for text in re.findall(r"\b_\('([^']+)'\)", page.read_text())}
    assert asked | {name for _, name in MENU} <= set(WORDS)


def test_the_language_is_kept_in_the_browser_and_changes_the_menu(house: House) -> None:
    client = house.visitor("admin")
    assert client.post("/language", data={"to": "/queue", "lang": "en"}).headers["location"] == "/queue"
    page = client.get("/queue").text
    assert '<html lang="en">' in page
    assert ">Overview<" in page
    client.post("/language", data={"lang": "zh"})
    assert ">总览<" in client.get("/").text
