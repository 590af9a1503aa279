"""The log's chain: whatever is rewritten, cut, taken out or swapped afterwards shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.chain import EVENTS, Head, Segment, check_chain, seal
from archive.segments import segment_name, segments
from archive.verify import verify
from tests.unit.archive.vaults import new_vault

AT = datetime(2018, 8, 20, 1, 2, 3, tzinfo=UTC)
LETTER = {"letters/answer_1.eml": b"Subject: x\r\n\r\n"}


def log_of(*told: list[str], files: Mapping[str, bytes] = LETTER) -> list[Segment]:
    head, made = Head(), []
    for kinds in told:
        lines, head = seal([{"kind": kind, "data": {}} for kind in kinds], files, AT, head)
        digests = {path: sha256(data).hexdigest() for path, data in {EVENTS: lines, **files}.items()}
        made.append(Segment(head.segment, lines, digests))
    return made


def where(found: list[Segment]) -> list[tuple[int, int]]:
    return [(one.segment, one.line) for one in check_chain(found).breaks]


def test_an_untouched_log_has_no_break_and_its_head_is_the_digest_of_its_last_line() -> None:
    log = log_of(["a", "b"], ["c"])
    chain = check_chain(log)
    assert chain.breaks == ()
    assert chain.head == Head(2, sha256(log[1].lines.splitlines()[-1]).hexdigest())
    assert check_chain([]).head == Head(0, "")


def test_every_line_names_the_digest_of_the_line_before_over_segments() -> None:
    before = ""
    for line in b"".join(one.lines for one in log_of(["a", "b"], ["c"])).splitlines():
        assert json.loads(line)["after"] == before
        before = sha256(line).hexdigest()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2), st.data())
def test_any_changed_byte_of_any_line_breaks_the_chain_or_changes_its_head(number: int, data: st.DataObject) -> None:
    log = log_of(["a"], ["b", "c"], ["d"])
    place = data.draw(st.integers(0, len(log[number].lines) - 1))
    raw = bytearray(log[number].lines)
    raw[place] ^= data.draw(st.integers(1, 255))
    harmed = [*log]
    harmed[number] = replace(log[number], lines=bytes(raw))
    found = check_chain(harmed)
    assert found.breaks or found.head != check_chain(log).head


@pytest.mark.parametrize("taken", [0, 1])
def test_a_segment_taken_out_is_named_once(taken: int) -> None:
    log = log_of(["a"], ["b"], ["c"])
    assert where([one for one in log if one.number != taken + 1]) == [(taken + 1, 0)]


def test_a_segment_without_its_last_lines_is_named_once() -> None:
    log = log_of(["a"], ["b", "c"], ["d"])
    short = b"".join(log[1].lines.splitlines(keepends=True)[:-1])
    assert (2, 0) in where([log[0], replace(log[1], lines=short), log[2]])
    assert where([log[0], replace(log[1], lines=b""), log[2]]) == [(2, 0)]


def test_swapped_segments_and_a_letter_that_was_changed_or_taken_out_are_named() -> None:
    log = log_of(["a"], ["b"], ["c"])
    swapped = [log[0], replace(log[2], number=2), replace(log[1], number=3)]
    assert {segment for segment, _ in where(swapped)} >= {2, 3}
    for digests in ({"letters/answer_1.eml": "0" * 64}, {}):
        assert where([log[0], replace(log[1], digests=digests), log[2]]) == [(2, 0)]


def test_a_log_that_began_before_there_was_a_chain_is_followed_from_where_it_begins() -> None:
    old = Segment(1, b'{"kind": "a"}\n{"kind": "b"}\n', {})
    lines, _ = seal([{"kind": "c"}], {}, AT, Head(1, ""))
    assert where([old, Segment(2, lines, {})]) == []
    third, _ = seal([{"kind": "d"}], {}, AT, Head(2, sha256(lines.splitlines()[-1]).hexdigest()))
    bare = json.dumps({k: v for k, v in json.loads(third.splitlines()[0]).items() if k != "after"}).encode()
    assert (3, 1) in where([old, Segment(2, lines, {}), Segment(3, bare + b"\n" + third.splitlines()[1] + b"\n", {})])


def test_a_text_that_no_utf8_can_hold_is_chained_too() -> None:
    lines, _ = seal([{"kind": "a", "data": {"name": "\udce4\udcb8"}}], {}, AT, Head())
    assert json.loads(lines.splitlines()[0])["data"]["name"] == "\udce4\udcb8"
    assert where([Segment(1, lines, {})]) == []


def test_verify_names_a_rewritten_segment_whose_inventory_was_made_to_fit(tmp_path: Path) -> None:
    vault = new_vault(tmp_path)
    for one in log_of(["a"], ["b"], files={}):
        vault.put_log(segment_name(one.number), {EVENTS: one.lines})
    assert list(verify(vault)) == []
    assert check_chain(segments(vault)).head.segment == 2
    told, _ = seal([{"kind": "something else"}], {}, AT, Head())
    vault.put_log(segment_name(1), {EVENTS: told})
    assert [(one.code, one.object) for one in verify(vault)] == [("chain-broken", "_log/events/00000002")]
