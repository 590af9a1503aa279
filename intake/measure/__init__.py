"""From one file to its facts: what it is by content, and what can be measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pypdfium2

from archive.records import Facts
from intake.measure.apart import Measure, apart
from intake.measure.body import TEXT_LIMIT
from intake.measure.damage import STRANGE
from intake.measure.document import measure_docx, measure_word_xml
from intake.measure.excel_xml import measure_excel_xml
from intake.measure.heic import measure_heic
from intake.measure.kinds import Kind, kind_of
from intake.measure.marks import marks_of
from intake.measure.msdoc import measure_doc
from intake.measure.ofd import measure_ofd
from intake.measure.opendocument import measure_odf
from intake.measure.pdf import measure_pdf
from intake.measure.picture import DECODERS, measure_picture
from intake.measure.plain import measure_txt
from intake.measure.rtf import measure_rtf
from intake.measure.seal import seal_of_pdf
from intake.measure.slides import measure_slides
from intake.measure.table import measure_spreadsheet
from intake.measure.video import measure_video
from intake.measure.web import measure_html, measure_mht


def _measure_pdf_with_seal(path: Path, known: Facts) -> Facts:
    """A PDF's pages are drawn once more to look for a seal."""
    facts = measure_pdf(path, known)
    if facts.encrypted or facts.error:
        return facts
    try:
        seal = seal_of_pdf(path)
    except (pypdfium2.PdfiumError, MemoryError):  # its text was read: a page that cannot be drawn is no fault of it
        return facts
    return replace(facts, seal=seal.share, seal_at=seal.at) if seal else facts


BY_TYPE: Mapping[str, Measure] = {
    **dict.fromkeys(DECODERS, measure_picture),
    "heic": measure_heic,
    **dict.fromkeys(
        ("wmv", "mp4", "mov", "avi", "mpg", "mkv", "webm", "flv", "3gp", "ts", "mp3", "wav", "m4a"), measure_video
    ),
    **dict.fromkeys(("xlsx", "ods"), measure_spreadsheet),
    **dict.fromkeys(("xls", "et"), partial(apart, measure_spreadsheet)),
    "docx": measure_docx,
    "txt": measure_txt,
    **dict.fromkeys(("doc", "wps"), measure_doc),
    **dict.fromkeys(("odt", "odp"), measure_odf),
    "pdf": partial(apart, _measure_pdf_with_seal),
    "ofd": measure_ofd,
    "pptx": measure_slides,
    "rtf": measure_rtf,
    "html": measure_html,
    "mht": measure_mht,
    "word-xml": measure_word_xml,
    "excel-xml": measure_excel_xml,
}


def measure(path: Path, name: str) -> Facts:
    """The facts of the file at `path`; `name` is its true name: it tells .wps from .doc, and may say “身份证”.

    Never raises for what a file contains: a failure is a Chinese sentence in `error` beside what was learned.
    """
    return measure_whole(path, name)[0]


def measure_whole(path: Path, name: str) -> tuple[Facts, str]:
    """As `measure`, and the whole text (at most 200,000 characters), of which the facts keep the beginning."""
    facts = _measured(path, name)
    whole = facts.text
    facts = replace(facts, text=whole[:TEXT_LIMIT])
    return replace(facts, marks=marks_of(facts, name)), whole


def _measured(path: Path, name: str) -> Facts:
    facts = Facts(type="unknown")
    try:
        kind = kind_of(path, name)
        facts = _before(kind)
        measurer = BY_TYPE.get(kind.type)
        if measurer is not None and facts.error is None:
            facts = measurer(path, facts)
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        return replace(facts, error="文件无法读取")
    except Exception:  # foreign parsers raise anything on hostile files; the mail must go on
        facts = replace(facts, error=STRANGE)
    except BaseException as trouble:
        if type(trouble).__name__ != "PanicException":  # a reader written in Rust gave up on the file
            raise
        facts = replace(facts, error=STRANGE)
    return facts


def _before(kind: Kind) -> Facts:
    """What the kind alone tells; an error when there is nothing to measure."""
    facts = Facts(type=kind.type, mime=kind.mime, encrypted=kind.encrypted)
    if kind.type == "empty":
        return replace(facts, error="文件是空的（0字节）")
    if kind.broken:
        return replace(facts, truncated=True, error="文件已损坏或不完整，无法打开")
    if kind.encrypted:
        return replace(facts, error="文件设有密码，无法读出内容")
    return facts
