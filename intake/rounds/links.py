"""Links for units: signed with a key that lies in the home, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta

from archive.links import good, path, token
from intake.rounds.office import Office

KEY = "link-key"


def link(office: Office, campaign: str, unit: str) -> str:
    """A link with its whole address, good from now for the days of the settings; "" where units have no pages."""
    web = office.config.settings.web
    if not web.public_url or web.port == 0:
        return ""
    day = office.now().replace(hour=0, minute=0, second=0, microsecond=0)  # one link a day: a letter stays the same
    serial = office.ledger.accounts.link_serial(campaign, unit)
    made = token(_key(office), campaign, unit, day + timedelta(days=web.link_days + 1), serial)
    return f"{web.public_url}{path(campaign, unit, made)}"


def knows(office: Office, campaign: str, unit: str, given: str) -> bool:
    """Whether this token lets the unit see its page now."""
    if not office.config.settings.web.public_url:
        return False
    serial = office.ledger.accounts.link_serial(campaign, unit)
    return good(_key(office), campaign, unit, given, serial, office.now())


def _key(office: Office) -> bytes:
    """Made at the first need."""
    place = office.home / KEY
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(place.read_text())
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return bytes.fromhex(place.read_text())
