"""Pictures: pixels as a viewer shows them, whether the file is whole, and a hint of a red seal."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageChops

from archive.records import Facts

# Pillow opens with the one decoder that belongs to the kind, never by trying all of them.
DECODERS: Mapping[str, str] = {
    "jpeg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "webp": "WEBP",
    "avif": "AVIF",
}
PIXEL_LIMIT = 100_000_000
"""Pixels above which a picture is not decoded (300 MB as RGB); an ordinary JPEG is decoded at an eighth of its size."""
JPEG_PIXEL_LIMIT = 400_000_000
ORIENTATION = 0x0112
TURNED = (5, 6, 7, 8)
"""EXIF orientations in which width and height change places (Exif 2.32, 4.6.4)."""
SEAL_SIDE = 160
RED_OVER_OTHERS = 60

Image.MAX_IMAGE_PIXELS = None  # the limits above are checked here, so that the size is still learned


def measure_picture(path: Path, known: Facts) -> Facts:
    """Facts of a picture: width and height in pixels after EXIF orientation, frames, truncated, seal."""
    if known.type == "heic":
        return _heic(path, known)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd EXIF; what it says is not for staff
        try:
            image = Image.open(path, formats=(DECODERS[known.type],))
        except (OSError, SyntaxError, ValueError, struct.error):
            return replace(known, error="图片文件已损坏，无法打开")
        with image:
            return _look(image, known)


def _look(image: Image.Image, known: Facts) -> Facts:
    width, height = image.size
    if _orientation(image) in TURNED:
        width, height = height, width
    known = replace(known, width=width, height=height)
    pixels = width * height
    by_parts = known.type == "jpeg" and not image.info.get("progressive")
    if pixels > (JPEG_PIXEL_LIMIT if by_parts else PIXEL_LIMIT):
        return replace(known, error=f"图片过大（{width}×{height}像素），未解码检查")
    try:
        known = replace(known, frames=getattr(image, "n_frames", 1))
        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError):
        return replace(known, truncated=True, error="图片数据不完整，只能打开一部分")
    except MemoryError:
        return replace(known, error=f"图片过大（{width}×{height}像素），内存不足，未解码检查")
    return replace(known, truncated=False, seal=_red_share(image))


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, struct.error, KeyError, TypeError):
        return 1
    return value if isinstance(value, int) else 1


def _red_share(image: Image.Image) -> float:
    """Share of pixels clearly redder than green and blue, on a small copy."""
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    small = image.resize((min(SEAL_SIDE, image.width), min(SEAL_SIDE, image.height))).convert("RGB")
    red, green, blue = small.split()
    excess = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    strong = sum(excess.histogram()[RED_OVER_OTHERS:])
    return round(strong / (small.width * small.height), 4)


def _heic(path: Path, known: Facts) -> Facts:
    """The largest image the file's `ispe` boxes speak of (ISO/IEC 23008-12, 6.5.3); its tiles are smaller."""
    with path.open("rb") as file:
        head = file.read(256 * 1024)
    sizes: list[tuple[int, int]] = []
    at = head.find(b"ispe")
    while 0 <= at <= len(head) - 16:
        width, height = struct.unpack_from(">II", head, at + 8)
        sizes.append((width, height))
        at = head.find(b"ispe", at + 4)
    if not sizes:
        return replace(known, error="HEIC 图片中没有找到尺寸")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return replace(known, width=width, height=height)
