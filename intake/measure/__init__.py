"""From one file to its facts: what it is by content, and what can be measured of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pypdfium2

from archive.records import Facts
from intake.measure.document import measure_docx, measure_pdf, measure_txt
from intake.measure.heic import measure_heic
from intake.measure.kinds import kind_of
from intake.measure.picture import DECODERS, measure_picture
from intake.measure.seal import seal_of_pdf
from intake.measure.table import measure_spreadsheet
from intake.measure.video import measure_video

Measure = Callable[[Path, Facts], Facts]

BY_TYPE: Mapping[str, Measure] = {
    **dict.fromkeys(DECODERS, measure_picture),
    "heic": measure_heic,
    **dict.fromkeys(
        ("wmv", "mp4", "mov", "avi", "mpg", "mkv", "webm", "flv", "3gp", "ts", "mp3", "wav", "m4a"), measure_video
    ),
    **dict.fromkeys(("xlsx", "xls", "et", "ods"), measure_spreadsheet),
    "docx": measure_docx,
    "txt": measure_txt,
    "pdf": measure_pdf,
}


def measure(path: Path, name: str) -> Facts:
    """The facts of the file at `path`; `name` is its true name, which only helps to tell .wps from .doc.

    Never raises for what a file contains: a failure is a Chinese sentence in `error` beside what was learned.
    """
    try:
        kind = kind_of(path, name)
    except OSError:
        return Facts(type="unknown", error="文件无法读取")
    facts = Facts(type=kind.type, mime=kind.mime, encrypted=kind.encrypted)
    if kind.type == "empty":
        return replace(facts, error="文件是空的（0字节）")
    if kind.broken:
        return replace(facts, truncated=True, error="文件已损坏或不完整，无法打开")
    if kind.encrypted:
        return replace(facts, error="文件设有密码，无法读出内容")
    measurer = BY_TYPE.get(kind.type)
    if measurer is None:
        return facts
    try:
        return _with_seal(path, measurer(path, facts))
    except Exception:  # foreign parsers raise anything on hostile files; the mail must go on
        return replace(facts, error="文件内容异常，无法读出")
    except BaseException as trouble:
        if type(trouble).__name__ != "PanicException":  # a reader written in Rust gave up on the file
            raise
        return replace(facts, error="文件内容异常，无法读出")


def _with_seal(path: Path, facts: Facts) -> Facts:
    """A PDF's pages are drawn once more to look for a seal."""
    if facts.type != "pdf" or facts.encrypted or facts.error:
        return facts
    try:
        seal = seal_of_pdf(path)
    except (pypdfium2.PdfiumError, MemoryError):  # its text was read: a page that cannot be drawn is no fault of it
        return facts
    return replace(facts, seal=seal.share, seal_at=seal.at) if seal else facts
