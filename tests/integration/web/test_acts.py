"""What staff do on the pages is there at once, everywhere, and can be taken back."""

from __future__ import annotations

import re

import lxml.html
from fastapi.testclient import TestClient

from tests.servers.pages import OURS, House

AMBIGUOUS = "现报送环翠区和文登区开放周活动图文资料。"


def unsettled(house: House) -> tuple[str, int]:
    """A mail that may be 环翠区's or 文登区's: its number and its line."""
    sender = f"who{house.served}@other.example.test"  # nobody the office learned of
    number = house.arrive(sender, "环翠区、文登区的材料", AMBIGUOUS, [("开放周活动.jpg", b"x")])
    (line,) = [one for one in house.office.ledger.decisions.questions() if one.number == number]
    return number, line.id


def lines(client: TestClient) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get("/api/queue").json()
    return found


def cell(client: TestClient, code: str) -> str:
    """The unit's row of the matrix."""
    page = lxml.html.fromstring(client.get(f"/campaigns/{OURS}").text)
    (row,) = page.xpath(f'//tr[th/a[@href="/campaigns/{OURS}/units/{code}"]]')
    return " ".join(row.text_content().split())


def letters_of(client: TestClient, number: str) -> list[tuple[object, object]]:
    told = client.get("/api/outbox").json()
    return [(one["unit"], one["state"]) for one in told if number in one["numbers"] and one["state"] != "cancelled"]


def test_one_key_settles_a_line_and_queue_matrix_and_outbox_follow(house: House) -> None:
    client = house.visitor("reviewer")
    number, line = unsettled(house)
    waiting, before = len(lines(client)), cell(client, "WH01")
    assert f"待核对（{waiting}）" in client.get("/queue").text
    assert letters_of(client, number) == [(None, "queued")]

    status, shown = house.post(client, f"/queue/{line}", way="unit:0")
    assert status == 200
    assert f"{number} 已归入" in shown
    assert line not in {one["id"] for one in lines(client)}
    assert len(lines(client)) < waiting
    assert cell(client, "WH01") != before
    house.answer()
    assert letters_of(client, number) == [("WH01", "queued")]

    form = lxml.html.fromstring(shown).xpath('//div[@role="status"]//form')[0]
    status, shown = house.post(client, form.get("action"))
    assert (status, "已撤销" in shown) == (200, True)
    assert cell(client, "WH01") == before
    assert len(lines(client)) == waiting
    assert client.get(f"/api/mails/{number}").json()["unit"] is None


def test_the_second_of_two_people_on_one_line_is_told(house: House) -> None:
    first, second = house.visitor("reviewer"), house.visitor("everywhere")
    number, line = unsettled(house)
    assert house.post(first, f"/queue/{line}", way="unit:0")[0] == 200
    status, shown = house.post(second, f"/queue/{line}", way="unit:1")
    assert (status, "这一行已由别人处理" in shown) == (200, True)
    assert first.get(f"/api/mails/{number}").json()["unit"] == "WH01"


def test_a_way_that_is_not_open_is_refused(house: House) -> None:
    client = house.visitor("reviewer")
    _, line = unsettled(house)
    for way in ("unit:7", "unit:x", "seal", "item:photo", "", "unit:-1"):
        assert house.post(client, f"/queue/{line}", way=way)[0] in (409, 422), way


def test_a_letter_is_held_released_and_never_sent_after_it_was_cancelled(house: House) -> None:
    client = house.visitor("reviewer")
    number = house.arrive("rongcheng@weihai.example.test", "荣成市开放周活动图文资料", "见附件", [("活动.jpg", b"r")])
    key = f"answer:{number}"
    for act, state in (("hold", "held"), ("release", "queued"), ("cancel", "cancelled")):
        assert house.post(client, "/outbox", key=key, act=act)[0] == 200
        states = {one["key"]: one["state"] for one in client.get("/api/outbox").json()}
        assert states[key] == state
    shown = client.get(f"/outbox/{key}").text
    assert 'value="release"' not in shown


def test_a_telephone_call_stands_in_the_story_of_the_unit(house: House) -> None:
    client = house.visitor("reviewer")
    status, shown = house.post(client, f"/campaigns/{OURS}/units/WH05/note", text="周五寄出<b>", until="2018-08-24")
    assert (status, "周五寄出&lt;b&gt;" in shown, "<b>" in shown) == (200, True, False)
    assert house.post(client, f"/campaigns/{OURS}/units/WH05/note", text="x", until="明天")[0] == 409


def test_what_was_discarded_is_no_longer_shown_or_given(house: House) -> None:
    client = house.visitor("admin")
    number = house.arrive(
        "rushan@weihai.example.test", "乳山市开放周活动图文资料", "只此一句不该再看到", [("活动.jpg", b"gone")]
    )
    addresses = [f"/mails/{number}/original", f"/mails/{number}/file?path=2"]
    assert [client.get(one).status_code for one in addresses] == [200, 200]
    status, _ = house.post(client, f"/mails/{number}/discard", why="误发")
    assert status == 200
    assert [client.get(one).status_code for one in addresses] == [404, 404]
    shown = client.get(f"/mails/{number}").text
    assert "只此一句不该再看到" not in shown
    assert re.search(r"已销毁", shown)
