"""Attachments spread over mails: each in one place, in order, no mail larger than a mailbox takes."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import given
from hypothesis import strategies as st

from archive.export.mailing import TEXT, encoded, spread
from archive.export.parcel import Copy

LIMIT = 5_000_000


def of_size(name: str, size: int) -> Copy:
    return Copy(name, b"", "", size)


@given(st.lists(st.integers(0, 5_000_000), max_size=30))
def test_each_lies_in_one_mail_in_order_or_fits_none(sizes: list[int]) -> None:
    first = [of_size("form", 20_000)]
    others = [of_size(str(place), size) for place, size in enumerate(sizes)]
    found = spread(first, others, LIMIT)
    laid = [one for mail in found.mails for one in mail]
    assert laid == first + [one for one in others if one not in found.too_large]
    assert all(sum(encoded(one.size) for one in mail) + TEXT <= LIMIT for mail in found.mails)
    assert all(encoded(one.size) + TEXT > LIMIT for one in found.too_large)


@given(st.binary(max_size=20_000), st.text("长x", min_size=1, max_size=60))
def test_an_attachment_takes_no_more_than_was_reckoned(data: bytes, name: str) -> None:
    mail = EmailMessage()
    mail.set_content("x")
    before = len(mail.as_bytes(policy=SMTP))
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"{name}.docx")
    assert len(mail.as_bytes(policy=SMTP)) - before <= encoded(len(data))
