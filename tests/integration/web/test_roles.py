"""Who may see one campaign sees nothing of another, on no page, in no list and by no address; who may only read
changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html
import pytest
from fastapi.testclient import TestClient

from archive.records import Guess
from tests.integration.web.addresses import FORM, filled
from tests.servers.pages import OURS, THEIRS, House, routes

THEIR_WORDS = ("一师", "第二师", "兵团", "bingtuan", "BT2018", "BT01", "机密之师")
"""What only the other campaign speaks of."""
ADMINS = ("/people", "/mails/{number}/discard")
EVERYBODY = ("/me", "/logout", "/language", "/login", "/invitation", "/health", "/static", "/u/")


@pytest.fixture(scope="module")
def reader(house: House) -> Iterator[TestClient]:
    yield house.visitor("reader")


def theirs(path: str) -> str:
    """A route as an address of the other campaign."""
    ids = {"id": THEIRS, "code": "BT01", "number": "BT2018-0001", "key": "answer:BT2018-0001"}
    return filled(path, **ids)


def test_a_reader_sees_nothing_of_another_campaign_on_any_page(house: House, reader: TestClient) -> None:
    seen = 0
    for path in routes(house.app, "GET"):
        for address in {filled(path), theirs(path)}:
            answer = reader.get(address)
            text = answer.text.replace(f'value="{address}"', "")  # the address itself, for the language's form
            assert [word for word in THEIR_WORDS if word in text] == [], address
            seen += answer.status_code == 200
    assert seen > 12


def test_the_other_campaigns_pages_exist_and_say_those_words(house: House) -> None:
    stranger = house.visitor("stranger")
    told = "".join(stranger.get(theirs(path)).text for path in routes(house.app, "GET"))
    assert [word for word in THEIR_WORDS if word not in told] == []
    assert "环翠区" not in told


@pytest.mark.parametrize("query", [f"campaign={THEIRS}", f"campaign={THEIRS}&role=submission", "state=sent",
                                   f"state=queued&campaign={THEIRS}", "kind=unknown-unit", "unit=BT01"])  # fmt: skip
def test_no_filter_lets_a_reader_see_more(house: House, reader: TestClient, query: str) -> None:
    for path in ("/mails", "/outbox", "/queue", "/log", "/api/queue", "/api/outbox", "/"):
        text = reader.get(f"{path}?{query}").text.replace(f"campaign={THEIRS}", "")
        assert not [word for word in THEIR_WORDS if word in text], path


@pytest.mark.parametrize("name", ["reader", "stranger"])
def test_who_may_not_change_a_campaign_changes_nothing_by_any_form(house: House, name: str) -> None:
    client = house.visitor(name)
    before = house.office.ledger.pages.revision()
    for path in routes(house.app, "POST"):
        if path.startswith(EVERYBODY):
            continue
        lines = house.office.ledger.decisions.questions()
        line = next(str(one.id) for one in lines if one.campaign == OURS)
        form = {**FORM, "csrf": house.csrf(client), "key": "answer:WH2018-0001"}
        answer = client.post(filled(path, **{"id": line if path.startswith("/queue") else OURS}), data=form)
        assert answer.status_code in (403, 404), (path, answer.status_code, answer.text)
    assert house.office.ledger.pages.revision() == before


def test_who_reviews_one_campaign_cannot_take_a_mail_into_another(house: House) -> None:
    client = house.visitor("reviewer")
    form = {"csrf": house.csrf(client), "campaign": THEIRS, "unit": "BT01"}
    assert client.post("/mails/WH2018-0001/assign", data=form).status_code == 403
    assert client.post("/mails/BT2018-0001/assign", data={**form, "campaign": OURS}).status_code == 403


def test_a_line_that_may_be_the_other_campaigns_is_not_settled_into_it(house: House) -> None:
    number = house.arrive(
        "both@other.example.test", "环翠区、文登区的材料", "现报送环翠区和文登区材料", [("两边.jpg", b"x")]
    )
    (line,) = [one for one in house.office.ledger.decisions.questions() if one.number == number and one.piece is None]
    guess = Guess(THEIRS, "BT01", 0.5)
    house.office.ledger.decisions.settle(line.id, house.office.now(), "test")
    asked = type(line)(0, "unknown-campaign", number, None, "哪个活动？", (guess, *line.guesses), "", line.since)
    house.office.ledger.decisions.ask(asked, OURS, None)
    (line,) = [one for one in house.office.ledger.decisions.questions() if one.number == number and one.piece is None]
    client = house.visitor("reviewer")
    shown = client.get("/queue").text
    assert "第一师" not in shown
    assert "哪个活动" in shown
    form = {"csrf": house.csrf(client), "way": "unit:0"}
    assert client.post(f"/queue/{line.id}", data=form).status_code == 403
    assert house.office.ledger.decisions.current(number).campaign != THEIRS  # type: ignore[union-attr]


def test_only_admins_make_accounts_and_destroy(house: House) -> None:
    client = house.visitor("everywhere")
    for path in ADMINS:
        answer = client.post(filled(path), data={**FORM, "csrf": house.csrf(client)})
        assert answer.status_code == 403, path
    assert client.get("/people").status_code == 403


def test_an_admin_cannot_lock_themselves_out(house: House) -> None:
    client = house.visitor("admin")
    status, text = house.post(client, "/people", name="admin", role="off")
    assert (status, "不能改自己的权限" in text) == (409, True)


def test_a_reviewer_cannot_point_their_campaign_at_the_others_roster(house: House) -> None:
    client = house.visitor("reviewer")
    file = house.office.home / "campaigns" / f"{OURS}.yaml"
    before = file.read_bytes()
    page = client.get(f"/campaigns/{OURS}/edit").text
    fields = form_of(page)
    assert fields["roster"] == f"{OURS}.csv"
    answer = client.post(f"/campaigns/{OURS}/edit", data={**fields, "roster": f"{THEIRS}.csv", "do": "save"})
    assert answer.status_code == 403
    assert file.read_bytes() == before


def form_of(page: str) -> dict[str, str]:
    """The fields of the campaign form as a browser would send them."""
    form = lxml.html.fromstring(page).xpath('//form[@class="campaign-form"]')[0]
    return dict(form.form_values())
