"""Nobody gets in who is not let in, and nothing changes that the person at the page did not ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from starlette.responses import Response

from archive.ledger.accounts import INVITATION, Account
from archive.web.app import HEADERS
from archive.web.gate import COOKIE
from archive.web.passwords import TRIES, WITHIN, Guesses, hashed
from tests.integration.web.addresses import FORM, PASSWORD, filled
from tests.servers.pages import NOW, OURS, THEIRS, House, routes

OPEN = {"/health", "/live", "/login", "/invitation/{secret}", "/language", "/static/{name}"}
"""Routes for everybody; a new one is added here on purpose or the walk below fails."""
UNITS = "/u/{campaign}/{unit}/{token}"
"""Below it a signed link stands for the account."""


@pytest.fixture
def person(house: House) -> Iterator[str]:
    """A person of this test alone, with PASSWORD."""
    name = f"person{len(house.office.ledger.accounts.all())}"
    accounts = house.office.ledger.accounts
    accounts.put(Account(name, roles={OURS: "review"}), NOW, "test")
    accounts.set_password(name, hashed(PASSWORD), NOW, "test")
    house.app.state.guesses = Guesses()
    yield name
    house.now[0] = NOW


def login(client: TestClient, name: str, password: str = PASSWORD, to: str = "/") -> Response:
    """What the form sends."""
    return client.post("/login", data={"name": name, "password": password, "to": to})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_page_but_the_entrance_leads_nobody_to_the_login(house: House, method: str) -> None:
    client = house.visitor()
    before = house.office.ledger.pages.revision()
    for path in routes(house.app, method):
        if path in OPEN or path.startswith(UNITS):
            continue
        answer = client.request(method, filled(path), data=FORM if method == "POST" else None)
        if path.startswith("/api/"):
            assert (answer.status_code, answer.json()) == (401, {"error": "not logged in"})
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login"), path
    assert house.office.ledger.pages.revision() == before


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "PUT"])
def test_a_units_pages_need_its_link_whatever_is_asked_and_whoever_asks(house: House, method: str) -> None:
    for client in (house.visitor(), house.visitor("admin")):
        for path in routes(house.app, method):
            if path.startswith(UNITS):
                assert client.request(method, filled(path)).status_code == 403, path
            else:
                assert method in ("GET", "POST"), f"a route that the other walks do not try: {method} {path}"


@pytest.mark.parametrize("word", ["", "guessed"])
def test_every_change_needs_the_word_of_this_session(house: House, word: str) -> None:
    client = house.visitor("admin")
    client.cookies.set("other", "x")
    before = house.office.ledger.pages.revision()
    for path in routes(house.app, "POST"):
        if path not in OPEN and not path.startswith(UNITS):
            answer = client.post(filled(path), data={**FORM, "csrf": word})
            assert (answer.status_code, "页面已过期" in answer.text) == (403, True), path
    assert house.office.ledger.pages.revision() == before


def test_the_word_of_another_session_does_not_do(house: House) -> None:
    mine, other = house.visitor("admin"), house.visitor("admin")
    answer = mine.post("/logout", data={"csrf": house.csrf(other)})
    assert answer.status_code == 403
    assert mine.post("/logout", headers={"X-CSRF": house.csrf(mine)}).status_code == 303


def test_forms_of_other_sites_are_refused_even_at_the_entrance(house: House, person: str) -> None:
    client = house.visitor()
    for path in ("/login", "/language", "/invitation/x"):
        form = {"name": person, "password": PASSWORD}
        answer = client.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path


def test_every_answer_tells_the_browser_to_be_careful(house: House) -> None:
    for client in (house.visitor(), house.visitor("reader")):
        for path in [*routes(house.app, "GET"), "/no/such/page", "/queue/1"]:
            answer = client.get(filled(path))
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy or "default-src 'none'; " in policy, path
            assert "unsafe-inline" not in policy or "sandbox" in policy, path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert {name.decode() for name, _ in HEADERS} <= set(answer.headers), path


def test_an_error_of_ours_is_a_sentence_with_the_same_headers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = house.visitor("admin", raising=False)
    monkeypatch.setattr(house.app.state.rooms.desk, "waiting", lambda: 1 / 0)
    answer = client.get("/queue")
    assert (answer.status_code, "程序出错" in answer.text) == (500, True)
    assert "ZeroDivisionError" not in answer.text
    assert {name.decode() for name, _ in HEADERS} <= set(answer.headers)


def test_no_input_in_the_address_breaks_a_page(house: House) -> None:
    client = house.visitor("admin")
    for path in routes(house.app, "GET"):
        for odd in ("9" * 30, "2018-01-01T00:00:00,\x00😀'\"<b>../../etc/passwd"):
            keys = ("before", "after", "campaign", "unit", "role", "state", "only", "sort", "find", "kind", "said",
                    "undo", "path", "to")  # fmt: skip
            answer = client.get(filled(path), params=dict.fromkeys(keys, odd))
            assert answer.status_code < 500 or path == "/health", (path, odd)
            assert "<b>" not in answer.text, (path, odd)


def test_no_page_is_larger_than_150_kb(house: House) -> None:
    client = house.visitor("admin")
    for path in routes(house.app, "GET"):
        assert len(client.get(filled(path)).content) <= 150_000, path


def test_a_program_with_a_token_reads_every_page_its_person_may_read(house: House) -> None:
    token = house.office.ledger.accounts.let_in("token", "admin", NOW, timedelta(days=1), "test")
    client = house.visitor()
    client.headers["Authorization"] = f"Bearer {token}"
    for path in routes(house.app, "GET"):
        assert client.get(filled(path)).status_code in (200, 303, 404, 409, 410, 422) or path.startswith(
            (UNITS, "/health")
        ), path
    client.headers["Authorization"] = f"Bearer {token}x"
    assert client.get("/api/queue").status_code == 401


# --- logging in


def test_the_cookie_is_for_this_site_alone_and_for_no_script(house: House, person: str) -> None:
    told = login(house.visitor(), person).headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    assert "Secure" not in told
    safe = TestClient(house.app, base_url="https://testserver", follow_redirects=False)
    assert "Secure" in login(safe, person).headers["set-cookie"]


def test_wrong_passwords_are_slowed_down_until_the_time_is_over(house: House, person: str) -> None:
    client = house.visitor()
    for _ in range(TRIES):
        assert login(client, person, "wrong").status_code == 403
    assert login(client, person).status_code == 429
    house.now[0] = NOW + WITHIN + timedelta(seconds=1)
    assert login(client, person).status_code == 303


def test_an_unknown_name_is_told_the_same_as_a_wrong_password(house: House, person: str) -> None:
    client = house.visitor()
    known, unknown = login(client, person, "wrong"), login(client, "no-such-person", "wrong")
    assert known.status_code == unknown.status_code == 403
    assert known.text.replace(person, "") == unknown.text.replace("no-such-person", "")


@pytest.mark.parametrize("to", ["//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
                                "javascript:alert(1)", "", "/\n/evil.test"])  # fmt: skip
def test_login_leads_to_no_other_site(house: House, person: str, to: str) -> None:
    client = house.visitor()
    assert login(client, person, to=to).headers["location"] == "/"
    assert client.get("/login", params={"to": to}).headers["location"] == "/"
    assert client.post("/language", data={"to": to}).headers["location"] == "/"


def test_a_form_leads_back_to_no_other_site(house: House) -> None:
    client = house.visitor("admin")
    for came in ("http://testserver//evil.test/", "http://evil.test/queue", "http://testserver.evil.test/queue"):
        answer = client.post(
            "/outbox", data={"csrf": house.csrf(client), "key": "none", "act": "hold"}, headers={"referer": came}
        )
        assert answer.headers["location"].startswith("/outbox?said="), came


def test_login_leads_to_the_page_that_was_asked_for(house: House, person: str) -> None:
    client = house.visitor()
    asked = client.get("/mails?campaign=weihai-2018&role=query").headers["location"]
    form = client.get(asked).text
    to = re.search(r'name="to" value="([^"]+campaign[^"]+)"', form)
    assert to is not None
    answer = login(client, person, to=to[1].replace("&amp;", "&"))
    assert answer.headers["location"] == "/mails?campaign=weihai-2018&role=query"


# --- being let in and out


def test_a_one_time_link_works_once(house: House) -> None:
    accounts = house.office.ledger.accounts
    accounts.put(Account("newcomer", roles={OURS: "read"}), NOW, "test")
    path = f"/invitation/{accounts.let_in('invitation', 'newcomer', NOW, INVITATION)}"
    client = house.visitor()
    form = {"password": PASSWORD, "again": PASSWORD}
    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "short", "again": "short"}).status_code == 400
    assert client.post(path, data=form).status_code == 303
    assert client.get("/mails").status_code == 200
    assert client.get(path).status_code == 410
    assert house.visitor().post(path, data=form).status_code == 410


def test_a_one_time_link_ends_after_its_days(house: House, person: str) -> None:
    secret = house.office.ledger.accounts.let_in("invitation", person, NOW, INVITATION)
    house.now[0] = NOW + INVITATION
    assert house.visitor().get(f"/invitation/{secret}").status_code == 410


def test_a_session_ends_at_logout(house: House, person: str) -> None:
    client = house.visitor(person)
    secret = client.cookies[COOKIE]
    assert client.post("/logout", data={"csrf": house.csrf(client)}).status_code == 303
    client.cookies.set(COOKIE, secret)
    assert client.get("/mails").status_code == 303


def test_every_session_ends_with_a_new_password(house: House, person: str) -> None:
    here, elsewhere = house.visitor(person), house.visitor(person)
    form = {"password": "another-word-12", "again": "another-word-12", "csrf": house.csrf(here)}
    assert here.post("/me/password", data={**form, "old": "wrong"}).status_code == 409
    assert elsewhere.get("/mails").status_code == 200
    assert here.post("/me/password", data={**form, "old": PASSWORD}).status_code == 303
    assert here.get("/mails").status_code == elsewhere.get("/mails").status_code == 303
    assert login(house.visitor(), person).status_code == 403
    assert login(house.visitor(), person, "another-word-12").status_code == 303


def test_a_session_ends_when_nothing_is_done_for_its_hours(house: House, person: str) -> None:
    client = house.visitor(person)
    house.now[0] = NOW + timedelta(hours=11)
    assert client.get("/mails").status_code == 200
    house.now[0] = NOW + timedelta(hours=22)
    assert client.get("/mails").status_code == 200
    house.now[0] = NOW + timedelta(hours=34)
    assert client.get("/mails").status_code == 303


def test_who_is_turned_off_is_out_at_once(house: House, person: str) -> None:
    client, admin = house.visitor(person), house.visitor("admin")
    token = house.office.ledger.accounts.let_in("token", person, NOW, timedelta(days=1), "test")
    program = {"Authorization": f"Bearer {token}"}
    assert client.get("/mails").status_code == 200
    assert house.visitor().get("/api/queue", headers=program).status_code == 200
    assert house.post(admin, "/people", name=person, role="off")[0] == 200
    assert client.get("/mails").status_code == 303
    assert house.visitor().get("/api/queue", headers=program).status_code == 401
    assert login(house.visitor(), person).status_code == 403


def test_a_new_password_is_no_easy_one(house: House, person: str) -> None:
    client = house.visitor(person)
    for weak in ("short", "aaaaaaaaaaaa", f"{person}{person}"):
        form = {"old": PASSWORD, "password": weak, "again": weak, "csrf": house.csrf(client)}
        assert client.post("/me/password", data=form).status_code == 409, weak


def test_monitors_are_told_codes_and_no_names(house: House) -> None:
    told = house.visitor().get("/health").json()
    assert set(told) == {"ok", "troubles"}
    assert all(re.fullmatch(r"[a-z-]+", code) for code in told["troubles"])
    assert THEIRS not in str(told)
