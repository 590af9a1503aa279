"""Inside the process that reads scans: pages are drawn, put straight and read by rapidocr. JSON lines in and out.

A question: {path, type, sure, seal}; an answer: {pages: [{boxes: [[left, top, right, bottom, words]], rows, columns}]}
in pixels of the straight page, or {error: a Chinese sentence}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageOps
from rapidocr import RapidOCR

from intake.ocr.paper import is_paper, rules, straight

PAGES = 3
"""Pages of a PDF that are read."""
SIDE = 2000
"""Pixels of a page's longer side: A4 at 170 dots an inch."""
PIXEL_LIMIT = 100_000_000
SURE = 0.5
"""How sure of its words the reader must be, 0…1."""

Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT


def serve() -> None:
    """Answer questions until standard input ends. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)  # mail comes first
    engine = RapidOCR(params={"Global.log_level": "critical"})
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(engine, json.loads(line))), file=answers, flush=True)


def _answer(engine: RapidOCR, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        pages = [_read(engine, page, asked["seal"]) for page in _pages(asked)]
    except MemoryError:
        return {"error": "内存不足，扫描件没有识别"}
    except Exception as trouble:  # foreign readers raise anything; the next file must be read
        return {"error": f"扫描件无法识别（{type(trouble).__name__}）"}
    return {"pages": pages}


def _pages(asked: dict[str, Any]) -> Iterator[Image.Image]:
    """The pages to read, in RGB; none for a picture that turns out to be no sheet of paper."""
    path = Path(asked["path"])
    if asked["type"] == "pdf":
        with pypdfium2.PdfDocument(path) as document:
            for number in range(min(PAGES, len(document))):
                page = document[number]
                yield page.render(scale=SIDE / max(page.get_size())).to_pil().convert("RGB")
        return
    with Image.open(path) as image:
        image.draft("RGB", (SIDE, SIDE))
        sheet = ImageOps.exif_transpose(image).convert("RGB")
    sheet.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    if asked["sure"] or is_paper(sheet):
        yield sheet


def _read(engine: RapidOCR, page: Image.Image, seal: bool) -> dict[str, Any]:
    """One page read. A seal lies over print: in the red channel its ink is as bright as paper."""
    grey = straight(page.getchannel("R") if seal else page.convert("L"))
    rows, columns = rules(grey)
    read = engine(grey.convert("RGB"))
    boxes = []
    if read.boxes is not None and read.txts is not None and read.scores is not None:
        for corners, words, score in zip(read.boxes.tolist(), read.txts, read.scores, strict=True):
            if score >= SURE:
                across, down = [x for x, _ in corners], [y for _, y in corners]
                boxes.append([min(across), min(down), max(across), max(down), words])
    return {"boxes": boxes, "rows": rows, "columns": columns}
