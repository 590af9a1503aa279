"""Short type names grouped by what a file is for: picture, video, text, table, scan; and what a suffix promises."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePosixPath

PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "heic", "webp"})
VIDEOS = frozenset(
    {"wmv", "asf", "mp4", "mov", "avi", "mkv", "flv", "mpeg", "webm", "3gp", "swf", "rm", "rmvb", "vob", "ts"}
)
SOUNDS = frozenset({"mp3", "wav", "wma", "m4a", "aac"})
MEDIA = PICTURES | VIDEOS | SOUNDS
TABLES = frozenset({"xlsx", "xls", "et", "ods", "csv", "excel-xml"})
TEXTS = frozenset({"docx", "doc", "wps", "pdf", "txt", "rtf", "odt", "html", "mht", "word-xml", "ofd", "pptx", "odp"})
PACKED = frozenset({"zip", "rar", "7z", "tar", "gz"})
SHORTCUTS = frozenset({"lnk", "url"})
"""What only points at a file."""
HARMLESS = frozenset({None, "link", "unsafe-name"})
"""Problems of opening an archive that leave what is in it usable."""
EDITABLE = frozenset({"docx", "doc", "wps", "rtf", "odt", "txt", "html", "mht", "word-xml"}) | TABLES
SCANS = PICTURES | {"pdf", "ofd"}

_SAME = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "tif": "tiff", "htm": "html", "mpg": "mpeg", "m4v": "mp4"}
_SUFFIXES = PICTURES | VIDEOS | SOUNDS | TABLES | TEXTS | {"zip", "rar", "7z", "pptx", "ppt", "dps"}


def same(kind: str) -> str:
    """One name for each format: jpg is jpeg, tif is tiff."""
    low = kind.strip().lower().lstrip(".")
    return _SAME.get(low, low)


@lru_cache(maxsize=16384)
def promised(name: str) -> str | None:
    """The format the suffix of a file name promises, None when it promises none that we know."""
    suffix = same(PurePosixPath(name).suffix)
    return suffix if suffix in _SUFFIXES else None


def stem(name: str) -> str:
    """A file name without a suffix that names a format (“关于2.0版的总结” keeps its dot)."""
    return name[: -len(PurePosixPath(name).suffix)] if promised(name) else name
