"""Films as ffmpeg writes them: container, playing time, pixels, rate, and whether the end is missing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.unit.intake.measured import facts_of, sample

FILMS = {
    "clip.wmv": ("wmv", "Windows Media", (160, 120)),
    "clip.mp4": ("mp4", "MPEG-4", (160, 120)),
    "faststart.mp4": ("mp4", "MPEG-4", (160, 120)),
    "turned.mp4": ("mp4", "MPEG-4", (120, 160)),
    "clip.mov": ("mov", "MPEG-4", (160, 120)),
    "clip.avi": ("avi", "AVI", (160, 120)),
    "clip.mpg": ("mpg", "MPEG-PS", (160, 120)),
    "clip.mkv": ("mkv", "Matroska", (160, 120)),
    "clip.flv": ("flv", "Flash Video", (160, 120)),
    "clip.webm": ("webm", "WebM", (160, 120)),
    "clip.3gp": ("3gp", "MPEG-4", (176, 144)),
    "clip.ts": ("ts", "MPEG-TS", (160, 120)),
}
UNTOLD = ("clip.mpg", "clip.ts")
"""Streams whose headers do not say how long they are."""


@pytest.mark.parametrize("name", FILMS)
def test_a_film_has_its_container_time_pixels_and_rate(tmp_path: Path, name: str) -> None:
    kind, container, size = FILMS[name]
    started = time.monotonic()
    facts = facts_of(tmp_path, sample(name), name)
    assert time.monotonic() - started < 10
    assert (facts.type, facts.container, (facts.width, facts.height)) == (kind, container, size)
    assert facts.duration is not None and 0.95 <= facts.duration <= 1.25
    assert facts.video_bit_rate is not None and 30_000 < facts.video_bit_rate < 400_000
    assert (facts.truncated, facts.error) == (None if name in UNTOLD else False, None)


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize("name", FILMS)
def test_a_film_cut_short_is_told_by_its_header_where_there_is_one_that_tells(
    tmp_path: Path, name: str, share: float
) -> None:
    whole = sample(name)
    facts = facts_of(tmp_path, whole[: int(len(whole) * share)], name)
    if name in UNTOLD:
        assert facts.truncated is None
    else:
        assert (facts.truncated, facts.error) == (True, "视频文件不完整，结尾部分缺失")


def test_a_matroska_file_written_while_recording_does_not_tell_its_length(tmp_path: Path) -> None:
    content = bytearray(sample("clip.mkv"))
    at = content.index(b"\x18\x53\x80\x67") + 4
    content[at : at + 8] = b"\x01" + b"\xff" * 7
    assert facts_of(tmp_path, bytes(content), "录屏.mkv").truncated is None


@pytest.mark.parametrize("name", ["微视频.mp4", "微视频.avi", "微视频"])
def test_a_wmv_under_another_name_is_a_wmv(tmp_path: Path, name: str) -> None:
    assert facts_of(tmp_path, sample("clip.wmv"), name).type == "wmv"


def test_an_mp4_named_wmv_is_an_mp4(tmp_path: Path) -> None:
    assert facts_of(tmp_path, sample("clip.mp4"), "微视频.wmv").type == "mp4"
