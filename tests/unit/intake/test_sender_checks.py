"""What the provider's own server found of a sender, and what others only claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Mail
from intake.clues.checks import sender_check

US = ("mx.office.example.test",)


def check(*headers: str, trusted: tuple[str, ...] = US) -> str:
    told = tuple(("authentication-results", header) for header in headers)
    return sender_check(Mail(sender="a@town.example.test", guard_headers=told), trusted)[0]


@pytest.mark.parametrize(
    ("found", "header"),
    [
        ("pass", "mx.office.example.test; dmarc=pass header.from=town.example.test; spf=fail smtp.mailfrom=b.example"),
        (
            "fail",
            "mx.office.example.test; spf=pass smtp.mailfrom=x@evil.example; dmarc=fail header.from=town.example.test",
        ),
        ("pass", "MX.office.example.test; dkim=pass header.d=town.example.test"),
        ("pass", "mx.office.example.test; spf=pass smtp.mailfrom=a@mail.town.example.test"),
        ("unknown", "mx.office.example.test; spf=pass smtp.mailfrom=a@list.example"),
        ("fail", "mx.office.example.test 1; spf=fail (not permitted) smtp.mailfrom=a@town.example.test"),
        ("unknown", "mx.office.example.test; spf=softfail smtp.mailfrom=a@town.example.test"),
        ("unknown", "mx.office.example.test; dkim=fail header.d=town.example.test"),
        ("unknown", "mx.office.example.test; none"),
        ("unknown", "mx.evil.example; dmarc=pass header.from=town.example.test"),
        ("unknown", "乱写"),
    ],
)
def test_only_our_own_server_is_believed_and_nothing_passes_by_default(found: str, header: str) -> None:
    assert check(header) == found


def test_only_the_topmost_header_counts_for_the_sender_may_have_written_those_below() -> None:
    passing = "mx.office.example.test; dmarc=pass header.from=town.example.test"
    assert check("mx.evil.example; dmarc=pass", passing) == "unknown"
    assert check("mx.office.example.test; dmarc=fail", passing) == "fail"


def test_without_a_trusted_server_nothing_is_known() -> None:
    assert check("mx.office.example.test; dmarc=fail", trusted=()) == "unknown"
    assert sender_check(Mail(sender="a@town.example.test"), US) == ("unknown", "")


@given(st.text())
def test_whatever_stands_in_the_header_nothing_breaks(header: str) -> None:
    assert check(f"mx.office.example.test; {header}") in ("pass", "fail", "unknown")
