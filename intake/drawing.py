"""Drawing: a small picture of a picture, or of the first page of a PDF; runs in a process of its own, behind the wall.

It imports little, so that the process starts at once.
"""

from __future__ import annotations

import io
import json
import sys

import pypdfium2
from PIL import Image, ImageOps

SIDE = 1200
"""Pixels of the longer side."""
QUALITY = 82


def main() -> None:
    """Standard input: `{"path": …, "type": …}`. Standard output: the picture as JPEG; nothing when it fails."""
    asked = json.load(sys.stdin)
    sys.stdout.buffer.write(drawn(asked["path"], asked["type"]))


def drawn(path: str, type: str) -> bytes:
    """The picture as JPEG, without anything else the file carried (place, author, thumbnail)."""
    picture = _page(path) if type == "pdf" else _picture(path, type)
    picture.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    _flat(picture).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _picture(path: str, type: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # the memory of this process is limited
    image = Image.open(path, formats=(type.upper(),))
    image.draft("RGB", (SIDE, SIDE))
    image.load()
    turned: Image.Image = ImageOps.exif_transpose(image)
    return turned


def _page(path: str) -> Image.Image:
    page = pypdfium2.PdfDocument(path)[0]
    width, height = page.get_size()
    scale = SIDE / max(width, height, 1)
    drawn: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    return drawn


def _flat(image: Image.Image) -> Image.Image:
    """On white paper, in three colours."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        above = image.convert("RGBA")
        paper = Image.new("RGBA", above.size, "white")
        return Image.alpha_composite(paper, above).convert("RGB")
    return image.convert("RGB")
