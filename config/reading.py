"""Bytes of an office's file to text: UTF-8 with or without BOM, UTF-16 with BOM, else GB18030; never raises."""

from __future__ import annotations

from pathlib import Path

from config.problems import Problem

LIMIT = 20 * 1024 * 1024
"""Bytes of a roster; none is ever that large."""
TEXT_LIMIT = 1024 * 1024
"""Bytes of a campaign or settings file; YAML of that size takes seconds to read."""


def read_bytes(path: Path, shown: str, limit: int = LIMIT) -> tuple[bytes, list[Problem]]:
    """The file's bytes, or the one problem why not. `shown` is the name problems carry."""
    try:
        if path.is_dir():
            return b"", [Problem(shown, None, "file-unreadable", {"reason": "这是文件夹"})]
        size = path.stat().st_size
        if size > limit:
            return b"", [Problem(shown, None, "file-too-large", {"size": size, "limit": limit})]
        return path.read_bytes(), []
    except FileNotFoundError:
        return b"", [Problem(shown, None, "file-missing")]
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or type(error).__name__
        return b"", [Problem(shown, None, "file-unreadable", {"reason": reason})]


def decode(data: bytes) -> str | None:
    """The text in the first encoding that fits: BOM, UTF-8, GB18030 (what Notepad and Excel write in China)."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read_text(path: Path, shown: str) -> tuple[str | None, list[Problem]]:
    """The file's text, or None with the one problem why not."""
    data, problems = read_bytes(path, shown, TEXT_LIMIT)
    if problems:
        return None, problems
    text = decode(data)
    return (text, []) if text is not None else (None, [Problem(shown, None, "file-encoding")])
