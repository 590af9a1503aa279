"""Inventories as plain data: what is written can be read again, and what breaks a rule is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ocfl import inventory as ocfl

AT = datetime(2018, 8, 20, tzinfo=UTC)
A, B, C = ("a" * 64, "b" * 64, "c" * 64)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def two_versions() -> ocfl.Inventory:
    first = ocfl.first("urn:baosong:X", {"message.eml": A, "record.json": B}, at=AT, who="Baosong", message="收存")
    return ocfl.following(first, {"record.json": C}, at=AT, who="王", message="改")[0]


@given(st.dictionaries(st.text(), VALUES))
def test_any_json_is_the_same_after_writing_and_reading(data: dict[str, Any]) -> None:
    assert json.loads(ocfl.encode(data)) == data


def test_an_inventory_as_written_is_read_as_it_was() -> None:
    assert ocfl.parse(ocfl.encode(two_versions())) == two_versions()


def test_inventories_are_written_one_entry_a_line() -> None:
    text = ocfl.encode(two_versions()).decode()
    assert f'  "{A}": ["v1/content/message.eml"],\n' in text


def test_versions_are_stamped_in_utc_with_zone_and_naive_times_are_refused() -> None:
    assert ocfl.stamp(datetime(2018, 8, 20, 8, tzinfo=timezone(timedelta(hours=8)))) == "2018-08-20T00:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        ocfl.stamp(datetime(2018, 8, 20))  # noqa: DTZ001 - the naive time is the test


def test_a_sidecar_is_one_line_of_sha256sum() -> None:
    assert ocfl.read_sidecar(ocfl.sidecar(b"x")) == ocfl.sha256(b"x")
    for bad in (b"", b"x", b"a" * 64, b"a" * 64 + b"  other.json\n", ocfl.sidecar(b"x") * 2):
        with pytest.raises(ocfl.InventoryError):
            ocfl.read_sidecar(bad)


@pytest.mark.parametrize(
    "harm",
    [
        lambda i: i.pop("id"),
        lambda i: i.update(type="https://ocfl.io/1.0/spec/#inventory"),
        lambda i: i.update(digestAlgorithm="md5"),
        lambda i: i.update(contentDirectory="data"),
        lambda i: i.update(head="v1"),
        lambda i: i["versions"].pop("v1"),
        lambda i: i["versions"].update(v03=i["versions"]["v2"]),
        lambda i: i["manifest"].pop(A),
        lambda i: i["manifest"].update({"d" * 64: ["v1/content/unused"]}),
        lambda i: i["manifest"].update({A: ["v1/content/../../x"]}),
        lambda i: i["manifest"].update({A: ["v9/content/x"]}),
        lambda i: i["manifest"].update({A: ["/etc/passwd"]}),
        lambda i: i["manifest"].update({A: "v1/content/x"}),
        lambda i: i["manifest"].update({A: i["manifest"][B]}),
        lambda i: i["versions"]["v1"].pop("created"),
        lambda i: i["versions"]["v1"].update(state=None),
        lambda i: i["versions"]["v1"]["state"].update({A: ["../x"]}),
    ],
)
def test_an_inventory_that_breaks_a_rule_is_refused(harm: Callable[[Any], object]) -> None:
    inventory = json.loads(json.dumps(two_versions()))
    harm(inventory)
    with pytest.raises(ocfl.InventoryError):
        ocfl.parse(ocfl.encode(inventory))
