"""The chain of the log: each line carries the SHA-256 of the line before it, so that a later rewrite shows.

Pure, and nothing but the standard library. `docs/archive-format.md` (Log) says the same for other programs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

EVENTS = "events.jsonl"
SEAL = "segment"
"""Kind of the last line of a segment: its number, and the digests of the segment's other files."""


@dataclass(frozen=True)
class Head:
    """Where the chain stands: the number of the last segment and the digest of its last line; (0, "") before any."""

    segment: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Segment:
    """One segment as it lies in the archive. lines: the bytes of its events.jsonl; digests: path → SHA-256 of its files
    (its inventory tells them; extra ones do not matter)."""

    number: int
    lines: bytes
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold. line: from 1; 0 = the segment as a whole. text: one sentence (Chinese)."""

    segment: int
    line: int
    text: str


@dataclass(frozen=True)
class Chain:
    """The chain as it was found: number of each segment → digest of its last line, and where it breaks."""

    heads: Mapping[int, str]
    breaks: tuple[Break, ...]

    @property
    def head(self) -> Head:
        """The last link."""
        last = max(self.heads, default=0)
        return Head(last, self.heads.get(last, ""))


def seal(
    events: Iterable[Mapping[str, Any]], files: Mapping[str, bytes], at: datetime, before: Head
) -> tuple[bytes, Head]:
    """The bytes of a segment's events.jsonl, each line chained to the one before, and the new head.

    events: the lines as plain data; files: the segment's other files; at: UTC; before: the head so far.
    """
    number = before.segment + 1
    told = {"segment": number, "files": {path: sha256(data).hexdigest() for path, data in sorted(files.items())}}
    closing = {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "kind": SEAL, "who": "auto", "data": told}
    digest, lines = before.digest, []
    for event in (*events, closing):
        line = json_line({**event, "after": digest})
        digest = sha256(line).hexdigest()
        lines.append(line + b"\n")
    return b"".join(lines), Head(number, digest)


def json_line(line: Mapping[str, Any]) -> bytes:
    """One line; single surrogates (from broken headers), which no UTF-8 can hold, make it ASCII with escapes."""
    try:
        return json.dumps(line, ensure_ascii=False, sort_keys=True).encode()
    except UnicodeEncodeError:
        return json.dumps(line, sort_keys=True).encode()


def check_chain(segments: Iterable[Segment]) -> Chain:
    """Follow the chain through all segments of a log, in the order of their numbers.

    A segment that is missing or damaged is named once; the chain is followed on from the next whole line.
    Lines before the first that carries `after` were written before there was a chain, and are taken as they are; the
    first that carries it then carries "".
    """
    heads: dict[int, str] = {}
    breaks: list[Break] = []
    digest: str | None = ""
    expected, chained = 1, False
    for segment in segments:
        if segment.number != expected:
            breaks.append(Break(expected, 0, f"记录第 {expected} 段到第 {segment.number - 1} 段不在存档中。"))
            digest = None
        expected = segment.number + 1
        found = list(_lines(segment.lines))
        for place, (line, data) in enumerate(found, 1):
            after = data.get("after") if data is not None else None
            broken = None
            if data is None:
                broken = "读不出来"
            elif after is None and chained:
                broken = "没有接在前一行之后"
            elif after is not None and digest is not None and after != digest and (chained or after):
                broken = "之前被改动过"
            if broken:
                breaks.append(Break(segment.number, place, f"记录第 {segment.number} 段第 {place} 行{broken}。"))
            chained = chained or after is not None
            digest = sha256(line).hexdigest() if data is not None else None
        if chained:
            breaks += _unsealed(segment, found[-1][1] if found else None)
        if not found:
            digest = None
        heads[segment.number] = digest or ""
    return Chain(heads, tuple(breaks))


def _unsealed(segment: Segment, last: Mapping[str, Any] | None) -> Iterator[Break]:
    if last is None or last.get("kind") != SEAL:
        yield Break(segment.number, 0, f"记录第 {segment.number} 段不完整，后面的行不见了。")
        return
    told: Mapping[str, Any] = last.get("data") or {}
    if told.get("segment") != segment.number:
        yield Break(segment.number, 0, f"记录第 {segment.number} 段的位置上是第 {told.get('segment')} 段。")
    for path, digest in (told.get("files") or {}).items():
        if segment.digests.get(path) != digest:
            yield Break(segment.number, 0, f"记录第 {segment.number} 段的 {path} 不见了或被改动过。")


def _lines(data: bytes) -> Iterator[tuple[bytes, Mapping[str, Any] | None]]:
    """Each line with what it says; None for one that is no JSON object."""
    for line in data.split(b"\n")[: None if data and not data.endswith(b"\n") else -1]:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        yield line, found if isinstance(found, dict) else None
