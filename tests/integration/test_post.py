"""Letters through a real Postfix."""

from __future__ import annotations

import asyncio

import pytest

from intake.post import Outcome, Permanent, Postman, Sent, SmtpDown, send
from tests.servers.postfix import Postfix

pytestmark = pytest.mark.servers
LETTER = b"From: office@office.example.test\r\nTo: unit@unit.example.test\r\nSubject: x\r\n\r\ntext\r\n"


def test_postfix_takes_letters_one_after_another(smtp_server: Postfix) -> None:
    async def three() -> list[Outcome]:
        async with Postman(smtp_server.settings(), "") as postman:
            return [
                await postman.send("office@office.example.test", "unit@unit.example.test", LETTER) for _ in range(3)
            ]

    outcomes = asyncio.run(three())
    assert all(isinstance(outcome, Sent) and "queued as" in outcome.text for outcome in outcomes)


def test_a_letter_that_postfix_finds_too_large_is_permanent(smtp_server: Postfix) -> None:
    letter = LETTER + (b"z" * 70 + b"\r\n") * 900_000
    outcome = asyncio.run(
        send(smtp_server.settings(), "", "office@office.example.test", "unit@unit.example.test", letter)
    )
    assert isinstance(outcome, Permanent)
    assert outcome.code == 552


def test_a_foreign_domain_is_a_relay_refusal_that_staff_must_hear_of(smtp_server: Postfix) -> None:
    with pytest.raises(SmtpDown, match="转信"):
        asyncio.run(send(smtp_server.settings(), "", "office@office.example.test", "a@elsewhere.example.org", LETTER))
