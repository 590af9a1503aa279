"""Signed links: one address for one unit of one campaign, that runs out and can be taken back. Pure.

A link is `/u/CAMPAIGN/UNIT/EXPIRES-SERIAL-SIGNATURE`: expires in seconds since 1970 (UTC), serial as the ledger has it
(a higher one ends all links before), signature the first 27 characters of the URL-safe base64 of an HMAC-SHA256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote

LENGTH = 27


def token(key: bytes, campaign: str, unit: str, expires: datetime, serial: int) -> str:
    """The last part of the link."""
    until = int(expires.timestamp())
    return f"{until}-{serial}-{_signature(key, campaign, unit, until, serial)}"


def path(campaign: str, unit: str, token: str) -> str:
    """The link below the public address."""
    return f"/u/{quote(campaign, safe='')}/{quote(unit, safe='')}/{token}"


def good(key: bytes, campaign: str, unit: str, token: str, serial: int, now: datetime) -> bool:
    """Whether the link was made with this key for this unit, has not run out and was not taken back."""
    until, _, rest = token.partition("-")
    given, _, signature = rest.partition("-")
    if not (until.isascii() and until.isdigit() and given.isascii() and given.isdigit()) or len(until) > 12:
        return False
    wanted = _signature(key, campaign, unit, int(until), int(given))
    fits = hmac.compare_digest(signature.encode(), wanted.encode())
    return fits and int(given) >= serial and datetime.fromtimestamp(int(until), UTC) > now


def _signature(key: bytes, campaign: str, unit: str, until: int, serial: int) -> str:
    said = "\n".join((campaign, unit, str(until), str(serial))).encode()
    return base64.urlsafe_b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()[:LENGTH]
