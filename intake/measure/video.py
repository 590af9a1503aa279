"""Video and sound: container, playing time, pixels, bit rates and whether the file ends before its header says."""

from __future__ import annotations

import json
import multiprocessing
import os
import struct
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pymediainfo import MediaInfo

from archive.records import Facts

ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
FLV_SIZE = b"\x00\x08filesize\x00"
MATROSKA_SEGMENT = b"\x18\x53\x80\x67"
SECONDS = 8
"""Longest that one file is looked at; a whole one takes milliseconds, a damaged MP4 can keep MediaInfo for ever."""
CUT = "视频文件不完整，结尾部分缺失"
TELLING = ("MPEG-4", "QuickTime", "AVI", "Matroska", "WebM")
"""Containers whose header says how long the file is, which MediaInfo compares; MPEG streams may end anywhere."""
_LARGEST_ANSWER = 8 * 1024 * 1024
_CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)


def measure_video(path: Path, known: Facts) -> Facts:
    """Facts of a video: duration in seconds, bit rates in bit/s, width and height in pixels after rotation.

    video_bit_rate: what the stream says, else the whole file's rate less the sound's, which is at most a few
    per cent too high (the container's own bytes).
    """
    tracks = _tracks(path)
    if tracks is None:
        return replace(known, error=f"视频文件已损坏，分析超过 {SECONDS} 秒或失败")
    general = next((track for track in tracks if track["track_type"] == "General"), {})
    pictures = [track for track in tracks if track["track_type"] == "Video"]
    sounds = [track for track in tracks if track["track_type"] == "Audio"]
    cut = _cut(path, general)
    if not pictures and not sounds:
        return replace(known, truncated=cut, error=CUT if cut else "视频文件已损坏或不完整，无法读出内容")
    duration = _number(general.get("duration")) or _number((pictures or sounds)[0].get("duration"))
    learned = replace(
        known,
        container=general.get("format"),
        duration=round(duration / 1000, 3) if duration else None,
        bit_rate=_whole(general.get("overall_bit_rate")),
        truncated=cut,
        error=CUT if cut else None,
    )
    if not pictures:
        return learned
    width, height = _whole(pictures[0].get("width")), _whole(pictures[0].get("height"))
    if round(_number(pictures[0].get("rotation")) or 0) % 180 == 90:
        width, height = height, width
    rate = None if cut else _video_rate(path, duration, pictures, sounds)
    return replace(learned, width=width, height=height, video_bit_rate=rate)


def _tracks(path: Path) -> list[dict[str, Any]] | None:
    """What MediaInfo says of each track, in its own words; None when it did not come to an end.

    MediaInfo cannot be interrupted, so it looks at the file in a process of its own. A fork of this one is ready at
    once; a new interpreter would take longer than most films.
    """
    hear, say = _CONTEXT.Pipe(duplex=False)
    looking = _CONTEXT.Process(target=_look, args=(str(path.resolve()), say), daemon=True)
    looking.start()
    say.close()
    try:
        tracks: list[dict[str, Any]] | None = (
            json.loads(hear.recv_bytes(_LARGEST_ANSWER)) if hear.poll(SECONDS) else None
        )
    except (EOFError, OSError, ValueError):
        return None
    finally:
        looking.kill()
        looking.join()
        hear.close()
    return tracks


def _look(path: str, say: Connection) -> None:
    """In the process of its own, which ends itself when time is up, should nobody be left to end it."""
    watch = threading.Timer(SECONDS + 1, os._exit, (3,))
    watch.daemon = True
    watch.start()
    say.send_bytes(json.dumps([track.to_data() for track in MediaInfo.parse(path).tracks]).encode())
    os._exit(0)


def _video_rate(
    path: Path, duration: float | None, pictures: list[dict[str, Any]], sounds: list[dict[str, Any]]
) -> int | None:
    stated = _whole(pictures[0].get("bit_rate")) or _whole(pictures[0].get("nominal_bit_rate"))
    if stated or not duration or len(pictures) > 1:
        return stated
    sound_rates = [_whole(sound.get("bit_rate")) for sound in sounds]
    if None in sound_rates:
        return None
    rate = round(path.stat().st_size * 8000 / duration) - sum(rate or 0 for rate in sound_rates)
    return rate if rate > 0 else None


def _cut(path: Path, general: dict[str, Any]) -> bool | None:
    """Whether the file is shorter than its own header says; None when the header does not tell."""
    with path.open("rb") as file:
        head = file.read(16 * 1024)
    announced = _announced(head)
    if announced:
        return path.stat().st_size < announced
    if general.get("format") not in TELLING or _endless(head):
        return None
    return general.get("istruncated") == "Yes"


def _announced(head: bytes) -> int | None:
    """Bytes of the whole file as an ASF header (3.2) or the metadata of an FLV (annex E.5: `filesize`) say."""
    at = head.find(ASF_FILE_PROPERTIES)
    if at >= 0:
        return int.from_bytes(head[at + 40 : at + 48], "little")
    at = head.find(FLV_SIZE)
    if head.startswith(b"FLV") and at >= 0:
        size = float(struct.unpack_from(">d", head.ljust(at + 32, b"\0"), at + len(FLV_SIZE))[0])
        return round(size) if 0 < size < 2**53 else None
    return None


def _endless(head: bytes) -> bool:
    """Whether a Matroska file was written as it was recorded, its segment without a length (RFC 8794, 6.2)."""
    at = head.find(MATROSKA_SEGMENT)
    return at >= 0 and head[at + 4 : at + 12].startswith((b"\xff", b"\x01" + b"\xff" * 7))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return round(number) if number is not None else None
