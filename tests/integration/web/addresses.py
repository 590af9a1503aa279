"""What a walk over every route fills in."""

from __future__ import annotations

from tests.servers.pages import OURS

PASSWORD = "sesame-open-12"
FILLED = {"id": OURS, "code": "WH01", "number": "WH2018-0001", "kind": "shortfall", "key": "answer:WH2018-0001",
          "sha256": "0" * 64, "digest": "0" * 64, "secret": "no-such-secret", "campaign": OURS,
          "unit": "WH01", "token": "1-1-x", "name": "baosong.css"}  # fmt: skip
FORM = {"campaign": OURS, "unit": "WH02", "piece": "2", "item": "photo", "why": "x", "key": "all", "act": "release",
        "way": "done", "name": "reader", "role": "admin", "text": "x", "by": "paper", "label": "x", "code": "WH01",
        "old": PASSWORD, "password": "another-word-12", "again": "another-word-12", "do": "save"}  # fmt: skip
"""A form with a field of every name."""


def filled(path: str, **others: str) -> str:
    """A route as an address; others go before FILLED."""
    values = {**FILLED, **others}
    path = path.replace("{key:path}", values["key"])
    path = path.replace("/queue/{id}", f"/queue/{others.get('id', '1')}") if "/queue/" in path else path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path
