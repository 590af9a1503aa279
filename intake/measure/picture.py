"""Pictures: pixels as a viewer shows them, whether the file is whole, a fingerprint, and a hint of a red seal."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from archive.records import Facts
from intake.measure.heic import boxes_cut
from intake.measure.seal import seal_of_picture

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
"""Pixels above which a picture is not decoded (300 MB as RGB); an ordinary JPEG is decoded at a part of its size."""
JPEG_PIXEL_LIMIT = 400_000_000
FRAME_LIMIT = 10_000
ORIENTATION = 0x0112
TURNED = (5, 6, 7, 8)
"""EXIF orientations in which width and height change places (Exif 2.32, 4.6.4)."""
UPRIGHT: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SMALL = 320
"""Pixels of the longer side of the small picture that seal and fingerprint are read from."""
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow's readers raise on damaged files."""
CUT = "图片数据不完整，只能打开一部分"

Image.MAX_IMAGE_PIXELS = None  # the limits above are checked here, so that the size is still learned


def measure_picture(path: Path, known: Facts) -> Facts:
    """Facts of a picture: width and height in pixels after EXIF orientation, frames, truncated, seal, fingerprint."""
    if known.type in SHORTER and SHORTER[known.type](path):
        known = replace(known, truncated=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd EXIF; what it says is not for staff
        try:
            image = Image.open(path, formats=(DECODERS[known.type],))
        except BROKEN:
            return replace(known, error=CUT if known.truncated else "图片文件已损坏，无法打开")
        with image:
            return _look(image, known)


def _look(image: Image.Image, known: Facts) -> Facts:
    width, height = image.size
    orientation = _orientation(image)
    if orientation in TURNED:
        width, height = height, width
    known = replace(known, width=width, height=height)
    pixels = width * height
    by_parts = known.type == "jpeg" and not image.info.get("progressive")
    if pixels > (JPEG_PIXEL_LIMIT if by_parts else PIXEL_LIMIT):
        return replace(known, error=f"图片过大（{width}×{height}像素），未解码检查")
    try:
        known = replace(known, frames=_frames(image))
        image.draft("RGB", _fitting(image.size))
        image.load()
        small = _small(image, orientation)
    except BROKEN:
        return replace(known, truncated=True, error=CUT)
    except MemoryError:
        return replace(known, error=f"图片过大（{width}×{height}像素），内存不足，未解码检查")
    seal = seal_of_picture(small)
    known = replace(known, seal=seal.share, seal_at=seal.at, fingerprint=fingerprint(small))
    return replace(known, error=CUT) if known.truncated else replace(known, truncated=False)


def _frames(image: Image.Image) -> int:
    """Frames of an animation or pages of a TIFF; the second picture of an MPO is a preview or another exposure."""
    return 1 if image.format == "MPO" else getattr(image, "n_frames", 1)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, struct.error, KeyError, TypeError):
        return 1
    return value if isinstance(value, int) else 1


def _fitting(size: tuple[int, int], side: int = SMALL) -> tuple[int, int]:
    longest = max(*size, side)
    return max(1, size[0] * side // longest), max(1, size[1] * side // longest)


def _small(image: Image.Image, orientation: int) -> Image.Image:
    """A copy in RGB whose longer side is at most SMALL pixels, upright, on white where it is transparent."""
    if image.mode == "P":  # colours of a palette cannot be averaged: thinned out first
        image = image.resize(_fitting(image.size, 4 * SMALL), Image.Resampling.NEAREST)
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off instead of scaling
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode == "1":
        image = image.convert("L")
    if max(image.size) > SMALL:
        image = image.resize(_fitting(image.size), Image.Resampling.BOX)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    turn = UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)


def fingerprint(small: Image.Image) -> str:
    """64-bit difference hash as 16 hex digits: in 8 rows of 9 greys, whether the left of two neighbours is lighter.

    Compared by `archive.judging.alike.nearly_equal`.
    """
    greys = small.convert("L").convert("F").resize((9, 8), Image.Resampling.BOX)
    values = struct.unpack("72f", greys.tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            at = 9 * row + column
            bits = bits << 1 | (values[at] > values[at + 1])
    return f"{bits:016x}"


# --- files that end early in a way decoders pass over -------------------------------------------------------------


def _webp_cut(path: Path) -> bool:
    """Whether the file is shorter than its RIFF header says (RFC 9649, 2.4)."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") + 8 > path.stat().st_size


def _gif_cut(path: Path) -> bool:
    """Whether the file ends inside a block (GIF89a, 15–27); a missing trailer alone harms nobody."""
    with path.open("rb") as file:
        head = file.read(13)
        file.seek(_palette(head[10]) if len(head) == 13 else 0, 1)
        for _ in range(FRAME_LIMIT):
            mark = file.read(1)
            if mark == b"!":
                file.seek(1, 1)
            elif mark == b",":
                frame = file.read(9)
                if len(frame) < 9:
                    return True
                file.seek(_palette(frame[8]) + 1, 1)
            else:
                return False
            length = file.read(1)
            while length and length[0]:
                if len(file.read(length[0])) < length[0]:
                    return True
                length = file.read(1)
            if not length:
                return True
    return False


def _palette(flags: int) -> int:
    """Bytes of the colour table that a screen or image descriptor announces."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _tiff_cut(path: Path) -> bool:
    """Whether a directory of a page lies beyond the file's end (TIFF 6.0, section 2; BigTIFF)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16).ljust(16, b"\0")
        order = "<" if head[:2] == b"II" else ">"
        big = struct.unpack_from(f"{order}H", head, 2)[0] == 43
        count, entry, link = ("Q", 20, "Q") if big else ("H", 12, "I")
        at = struct.unpack_from(f"{order}{link}", head, 8 if big else 4)[0]
        seen: set[int] = set()
        while at and at not in seen and len(seen) < FRAME_LIMIT:
            seen.add(at)
            file.seek(min(at, size))
            entries = file.read(struct.calcsize(count))
            if len(entries) < struct.calcsize(count):
                return True
            file.seek(entry * struct.unpack(f"{order}{count}", entries)[0], 1)
            following = file.read(struct.calcsize(link))
            if len(following) < struct.calcsize(link):
                return True
            at = struct.unpack(f"{order}{link}", following)[0]
    return False


SHORTER = {"webp": _webp_cut, "gif": _gif_cut, "tiff": _tiff_cut, "avif": boxes_cut}
"""How a file is seen to end early where Pillow cannot tell or opens nothing."""
