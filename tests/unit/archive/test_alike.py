"""Two pictures look the same when their fingerprints differ in few bits and have something to say."""

from __future__ import annotations

import pytest

from archive.judging.alike import NEAR, nearly_equal

PICTURE = 0x751E12232E2C1C2E


def fingerprint(bits: int) -> str:
    return f"{bits:016x}"


def with_bits_turned(count: int) -> str:
    return fingerprint(PICTURE ^ ((1 << 5 * count) - 1) // 31)  # bits 0, 5, 10 … are turned


@pytest.mark.parametrize("count", range(NEAR + 1))
def test_fingerprints_that_differ_in_few_bits_are_of_one_picture(count: int) -> None:
    assert nearly_equal(fingerprint(PICTURE), with_bits_turned(count))
    assert nearly_equal(with_bits_turned(count), fingerprint(PICTURE))


@pytest.mark.parametrize("count", [NEAR + 1, 8])
def test_fingerprints_that_differ_in_more_bits_are_not(count: int) -> None:
    assert not nearly_equal(fingerprint(PICTURE), with_bits_turned(count))


@pytest.mark.parametrize("bits", [0, 0xFF >> 1, (1 << 64) - 1, (1 << 64) - 2])
def test_plain_pictures_never_count_as_one(bits: int) -> None:
    assert not nearly_equal(fingerprint(bits), fingerprint(bits))


@pytest.mark.parametrize("other", [None, "", "751e", "no hex digits at", fingerprint(PICTURE) + "0"])
def test_what_is_no_fingerprint_is_like_nothing(other: str | None) -> None:
    assert not nearly_equal(fingerprint(PICTURE), other)
    assert not nearly_equal(other, fingerprint(PICTURE))
    assert not nearly_equal(other, other)
