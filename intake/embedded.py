"""Pictures inside docx, pptx, odt and pdf files: those that can be a work, in order, their true bytes."""

from __future__ import annotations

import io
import mmap
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree
from PIL import Image

from config.settings import LimitSettings
from intake.entries import Entry

_XML_LIMIT = 64 * 2**20
_PICTURE_BYTES = 128 * 2**20
_PIXELS = 50_000_000
_PAGES = 200
_FULL = 0.8
"""Share of a page above which pictures as wide as the page are the page itself: a scan."""
_IMAGE = re.compile(rb"/Subtype\s*/Image")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAIN = "/officeDocument"
_LINK = "{http://www.w3.org/1999/xlink}href"
_FORMATS = frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "MPO"})


@dataclass(frozen=True)
class _Picture:
    name: str
    data: bytes


def pictures(path: Path, limits: LimitSettings) -> Iterator[Entry]:
    """Pictures of the document at `path`, at most `limits.document_pictures`: 图1.jpeg, 图2.png … in its order.

    Small ones (buttons, letter heads) are left out, and so are pages of a scan: pictures as wide as the page that
    cover it, without text to be seen. Foreign parsers raise anything on damaged files.
    """
    with path.open("rb") as file:
        found = _of_pdf(path, limits) if file.read(5) == b"%PDF-" else _of_zip(path)
    number = 0
    for picture in found:
        if number < limits.document_pictures and _can_be_a_work(picture.data, limits):
            number += 1
            title = f"图{number}{posixpath.splitext(picture.name)[1].lower()}"
            yield Entry(picture.name, "file", lambda data=picture.data: iter((data,)), title)  # type: ignore[misc]


def _can_be_a_work(data: bytes, limits: LimitSettings) -> bool:
    try:
        with Image.open(io.BytesIO(data)) as image:
            large = min(image.size) >= limits.picture_side or len(data) >= limits.picture_bytes
            return large and image.format in _FORMATS
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


# --- docx, pptx, odt ----------------------------------------------------------------------------------------------


def _of_zip(path: Path) -> Iterator[_Picture]:
    with zipfile.ZipFile(path) as archive:
        known = set(archive.namelist())
        named = _in_open_document(archive) if "content.xml" in known else _in_office_document(archive)
        for name in dict.fromkeys(name for name in named if name in known):
            if archive.getinfo(name).file_size <= _PICTURE_BYTES:
                yield _Picture(name, archive.read(name))


def _in_open_document(archive: zipfile.ZipFile) -> Iterator[str]:
    for element in _elements(archive, "content.xml"):
        if element.tag.endswith("}image"):
            yield posixpath.normpath(element.get(_LINK, ""))


def _in_office_document(archive: zipfile.ZipFile) -> Iterator[str]:
    """Through the relationships (ECMA-376 part 2, 9.3): the main part, of a presentation its slides in order."""
    for main in _targets(archive, "", _MAIN).values():
        parts = [main]
        if main.startswith("ppt/"):
            slides = _targets(archive, main, "/slide")
            ids = (element.get(f"{_RELATION}id", "") for element in _elements(archive, main, "sldId"))
            parts = [slides[each] for each in ids if each in slides]
        for part in parts:
            yield from _in_part(archive, part)


def _in_part(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    images = _targets(archive, part, "/image")
    if not images:
        return
    for element in _elements(archive, part):
        # a:blip of DrawingML, v:imagedata of VML, which old documents and WPS write
        key = element.get(f"{_RELATION}embed") or element.get(f"{_RELATION}id", "")
        if key in images:
            yield images[key]


def _targets(archive: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Relationship id → name of the part it leads to, of one kind, inside the file."""
    folder, name = posixpath.split(part)
    found = {}
    for element in _elements(archive, posixpath.join(folder, "_rels", f"{name}.rels"), "Relationship"):
        if element.get("Type", "").endswith(kind) and element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
            found[element.get("Id", "")] = target.lstrip("/")
    return found


def _elements(archive: zipfile.ZipFile, part: str, tag: str = "*") -> Iterator[Any]:
    """Elements of an XML part as they begin, memory kept flat; none when there is no such part."""
    try:
        if archive.getinfo(part).file_size > _XML_LIMIT:
            return
    except KeyError:
        return
    with archive.open(part) as file:
        for _, element in etree.iterparse(
            file, ("start", "end"), tag=f"{{*}}{tag}", resolve_entities=False, no_network=True, huge_tree=False
        ):
            if _ == "start":
                yield element
            else:
                element.clear()


# --- pdf ----------------------------------------------------------------------------------------------------------


def _of_pdf(path: Path, limits: LimitSettings) -> Iterator[_Picture]:
    if not _names_an_image(path):
        return
    seen: set[bytes] = set()
    document = pypdfium2.PdfDocument(path)
    try:
        for number in range(min(len(document), _PAGES)):
            page = document[number]
            for place, image in enumerate(_images(page), 1):
                if (picture := _taken(image, f"第{number + 1}页/{place}", limits)) and picture.data not in seen:
                    seen.add(picture.data)
                    yield picture
            page.close()
    finally:
        document.close()


def _names_an_image(path: Path) -> bool:
    """A quick look: the dictionary of a picture is never compressed (ISO 32000-1, 7.5.7)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        return _IMAGE.search(octets) is not None


def _images(page: Any) -> list[Any]:
    """The pictures of a page that is no scan."""
    objects = list(page.get_objects(max_depth=3))
    images = [each for each in objects if each.type == pdfium.FPDF_PAGEOBJ_IMAGE]
    says = any(
        pdfium.FPDFTextObj_GetTextRenderMode(each) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
        for each in objects
        if each.type == pdfium.FPDF_PAGEOBJ_TEXT
    )
    return [] if not says and _covered(page, images) >= _FULL else images


def _covered(page: Any, images: list[Any]) -> float:
    """Share of the page under pictures as wide as it: one, or the strips some scanners write."""
    width, height = page.get_size()
    area = 0.0
    for image in images:
        left, bottom, right, top = image.get_bounds()
        if right - left >= _FULL * width:
            area += (right - left) * (top - bottom)
    return area / (width * height) if width and height else 0.0


def _taken(image: Any, name: str, limits: LimitSettings) -> _Picture | None:
    """A JPEG as it lies there; any other picture as a PNG of its pixels."""
    width, height = image.get_px_size()
    if min(width, height) < limits.picture_side and width * height * 3 < limits.picture_bytes:
        return None
    if image.get_filters(skip_simple=True) == ["DCTDecode"]:
        return _Picture(f"{name}.jpeg", bytes(image.get_data(decode_simple=True)))
    if width * height > _PIXELS:
        return None
    out = io.BytesIO()
    image.get_bitmap().to_pil().save(out, "PNG")
    return _Picture(f"{name}.png", out.getvalue())
