"""A red seal: how much of a page is red, and where a patch stands that looks like a round or oval stamp.

Shown to a person, never decides. A stamp is a ring of red on paper: about as wide as high, red all round its edge,
little red in the corners of its frame, paper showing through. A banner, a flag, a red heading, a lantern are not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops

SIDE = 320
"""Pixels of the longer side on which a seal is looked for; a seal of 40 mm on A4 is some 43 pixels wide there."""
RED_OVER_OTHERS = 60
"""By how much red exceeds green and blue (0…255) where a stamp's ink is."""
FAINT = 30
"""The same for a stamp that was scanned pale; only asked where there is hardly any strong ink."""
LEAST, MOST = 0.001, 0.12
"""Shares of red between which a stamp is looked for; more is a picture in red."""
PALE = 0.003
"""Share of strong ink below which a stamp may be a pale one."""
CELL = 4
"""Pixels of the side of a cell; red within one cell of each other is one patch."""
CELL_RED = 1
SMALLEST, LARGEST = 0.09, 0.6
"""Width and height of a stamp as shares of the page's shorter side: 38–58 mm on A4, nearer in a photograph."""
SLENDER = 0.6
"""Shorter by longer side of a stamp's frame: an oval one has 30 mm by 45 mm."""
SECTORS = 32
RING = 0.8
"""Share of the way from the middle to the edge beyond which the ring stands."""
ROUND = 25
"""Sectors of a whole ring that must show red; fewer in proportion when the page's edge cuts it."""
CORNERS = 0.1
"""Largest share of the red that stands outside the oval within the frame (a filled square has 0.21)."""
FULLEST, EMPTIEST = 0.75, 0.06
"""Share of the oval that is red: a ring with text and star 0.15–0.6, a lantern or a ball 1."""
PAPER = 0.6
"""Share of what is not red within the frame that must be as pale and grey as paper."""
PAGES = 3
PAGE_SIDE = 1000
ROWS, COLUMNS = ("上", "中", "下"), ("左", "中", "右")


Frame = tuple[int, int, int, int]
"""Left, top, right, bottom; right and bottom beyond the last pixel."""


@dataclass(frozen=True)
class Seal:
    """share: red pixels of all, 0…1. at: where a stamp stands (右下, 第1页右下); None when nothing looks like one."""

    share: float
    at: str | None = None


@dataclass(frozen=True)
class _Patch:
    """The red pixels (x, y) of a connected patch and its frame."""

    pixels: list[tuple[int, int]]
    frame: Frame


def seal_of_picture(image: Image.Image) -> Seal:
    """The share of red and the place of a stamp on a picture that is turned the right way up (mode RGB)."""
    small = _fitted(image)
    excess = _excess(small)
    counts = excess.histogram()
    strong, faint = (sum(counts[least:]) / (small.width * small.height) for least in (RED_OVER_OTHERS, FAINT))
    share = round(strong, 4)
    frame = _stamp(excess, RED_OVER_OTHERS, small) if LEAST <= strong <= MOST else None
    if frame is None and strong < PALE and LEAST <= faint <= MOST:
        frame = _stamp(excess, FAINT, small)
    return Seal(share, _place(frame, small.size) if frame else None)


def seal_of_pdf(path: Path) -> Seal | None:
    """The seal of the page that shows one most plainly, of the first three and the last; None when none can be drawn.

    A page with a stamp comes before pages with more red.
    """
    best: tuple[int, Seal] | None = None
    for number, image in _pages(path):
        seal = seal_of_picture(image)
        if best is None or (seal.at is not None, seal.share) > (best[1].at is not None, best[1].share):
            best = number, seal
    if best is None:
        return None
    number, seal = best
    return Seal(seal.share, f"第{number}页{seal.at}" if seal.at else None)


def _pages(path: Path) -> Iterator[tuple[int, Image.Image]]:
    with pypdfium2.PdfDocument(path) as document:
        last = len(document)
        for number in sorted({*range(1, min(PAGES, last) + 1), *([last] if last else [])}):
            page = document[number - 1]
            longest = max(page.get_size())
            if longest > 0:
                yield number, page.render(scale=PAGE_SIDE / longest).to_pil().convert("RGB")


def _fitted(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= SIDE:
        return image
    size = [max(1, round(side * SIDE / longest)) for side in image.size]
    return image.resize((size[0], size[1]), Image.Resampling.BOX)


def _excess(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    return ImageChops.subtract(red, ImageChops.lighter(green, blue))


def _stamp(excess: Image.Image, least: int, page: Image.Image) -> Frame | None:
    """The frame of the patch with most red that looks like a stamp."""
    mask = excess.point([255 * (value >= least) for value in range(256)])
    found = [patch for patch in _patches(mask) if _is_stamp(patch, page)]
    return max(found, key=lambda patch: len(patch.pixels)).frame if found else None


def _patches(mask: Image.Image) -> Iterator[_Patch]:
    """Connected patches of red cells, those that touch by a corner too, of the size of a stamp."""
    cells = mask.reduce(CELL)
    columns, data = cells.width, cells.tobytes()
    left = {at for at, value in enumerate(data) if value * CELL * CELL > 255 * CELL_RED}
    least = SMALLEST * min(mask.size) / CELL - 1
    while left:
        patch = _grown(left, columns)
        xs, ys = [at % columns for at in patch], [at // columns for at in patch]
        if max(max(xs) - min(xs), max(ys) - min(ys)) + 1 >= least:
            yield _patch(mask, patch, columns)


def _grown(left: set[int], columns: int) -> set[int]:
    """A patch of neighbouring cells, taken out of `left`."""
    edge = [left.pop()]
    patch = set(edge)
    while edge:
        y, x = divmod(edge.pop(), columns)
        for nx in range(max(0, x - 1), min(columns, x + 2)):
            for ny in (y - 1, y, y + 1):
                near = ny * columns + nx
                if near in left:
                    left.remove(near)
                    patch.add(near)
                    edge.append(near)
    return patch


def _patch(mask: Image.Image, cells: set[int], columns: int) -> _Patch:
    data, width, height = mask.tobytes(), mask.width, mask.height
    pixels = []
    for cell in cells:
        cy, cx = divmod(cell, columns)
        for y in range(cy * CELL, min((cy + 1) * CELL, height)):
            for x in range(cx * CELL, min((cx + 1) * CELL, width)):
                if data[y * width + x]:
                    pixels.append((x, y))
    xs, ys = [x for x, _ in pixels], [y for _, y in pixels]
    return _Patch(pixels, (min(xs), min(ys), max(xs) + 1, max(ys) + 1))


def _is_stamp(patch: _Patch, page: Image.Image) -> bool:
    frame = _whole(patch.frame, page.size)
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    shorter, longer = sorted((width, height))
    if not SMALLEST * min(page.size) <= longer <= LARGEST * min(page.size) or shorter < SLENDER * longer:
        return False
    outside, sectors = _spread(patch.pixels, frame)
    seen = _seen(frame, page.size)
    fill = len(patch.pixels) / (math.pi / 4 * width * height * seen)
    return (
        outside <= CORNERS * len(patch.pixels)
        and sectors >= ROUND * seen
        and EMPTIEST <= fill <= FULLEST
        and _on_paper(patch, page)
    )


def _whole(frame: Frame, size: tuple[int, int]) -> Frame:
    """The frame of the whole stamp where the page's edge cuts it: as long across as along."""
    left, top, right, bottom = frame
    width, height = right - left, bottom - top
    if width < height:
        if right >= size[0] - 1:
            right = left + height
        elif left <= 1:
            left = right - height
    elif height < width:
        if bottom >= size[1] - 1:
            bottom = top + width
        elif top <= 1:
            top = bottom - width
    return left, top, right, bottom


def _seen(frame: Frame, size: tuple[int, int]) -> float:
    """Share of the frame that is on the page."""
    left, top, right, bottom = frame
    shown = (min(right, size[0]) - max(left, 0)) * (min(bottom, size[1]) - max(top, 0))
    return shown / ((right - left) * (bottom - top))


def _spread(pixels: list[tuple[int, int]], frame: Frame) -> tuple[int, int]:
    """How many pixels stand outside the oval, and how many sectors of its ring have some."""
    left, top, right, bottom = frame
    middle_x, middle_y = (left + right - 1) / 2, (top + bottom - 1) / 2
    half_x, half_y = max((right - left) / 2, 1), max((bottom - top) / 2, 1)
    outside, sectors = 0, set()
    for x, y in pixels:
        across, down = (x - middle_x) / half_x, (y - middle_y) / half_y
        far = math.hypot(across, down)
        if far > 1.06:
            outside += 1
        elif far >= RING:
            sectors.add(int((math.atan2(down, across) / math.tau + 0.5) * SECTORS) % SECTORS)
    return outside, len(sectors)


def _on_paper(patch: _Patch, page: Image.Image) -> bool:
    """Whether what shows between the red is paper (or print on it), not a sky or a wall."""
    red = set(patch.pixels)
    left, top, right, bottom = patch.frame
    data = page.tobytes()
    pale = others = 0
    for y in range(top, bottom):
        for x in range(left, right):
            if (x, y) not in red:
                at = 3 * (y * page.width + x)
                low, high = min(data[at : at + 3]), max(data[at : at + 3])
                others += 1
                pale += low >= 90 and high - low <= 90
    return pale >= PAPER * others


def _place(frame: Frame, size: tuple[int, int]) -> str:
    """左上 中上 右上 左中 中间 右中 左下 中下 右下, by the thirds of the page its middle stands in."""
    column = min(2, 3 * (frame[0] + frame[2]) // (2 * size[0]))
    row = min(2, 3 * (frame[1] + frame[3]) // (2 * size[1]))
    return "中间" if (column, row) == (1, 1) else COLUMNS[column] + ROWS[row]
