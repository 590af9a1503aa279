"""A sheet of paper as a picture: is it one, how much it lies askew, and where a table's lines run."""

from __future__ import annotations

from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter

ASKEW = 5.0
"""Degrees up to which a sheet is put straight."""
LOOK = 700
"""Pixels of the longer side on which a sheet is looked at."""
PALE, GREY = 120, 70
"""Paper is at least so bright in its darkest colour (0…255) and its colours differ at most by so much."""
PAPER_SHARE = 0.7
INK_SHARE = (0.004, 0.25)
"""Shares of paper and of ink on a page with print or a table on it."""
INK = 30
"""By how much print is darker than the paper around it."""
RULE_ACROSS, RULE_DOWN = 0.35, 0.5
"""Share of the page's width, and of the table's height, that a ruled line covers."""
STRETCH, SOLID = 40, 217
"""Pixels of a stretch of line, longer than a character's strokes; mean ink, 0…255, from which it is unbroken."""
NEAR = 12
"""Pixels within which two lines are one (a double or thick one)."""


def is_paper(image: Image.Image) -> bool:
    """Whether a picture (RGB) shows a sheet with print on it and little else."""
    small = _fitted(image)
    red, green, blue = small.split()
    low = ImageChops.darker(red, ImageChops.darker(green, blue))
    high = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    pale = low.point([255 * (value >= PALE) for value in range(256)])
    grey = ImageChops.subtract(high, low).point([255 * (value <= GREY) for value in range(256)])
    paper = ImageChops.multiply(pale, grey).histogram()[255] / (small.width * small.height)
    ink = ink_of(small.convert("L")).histogram()[255] / (small.width * small.height)
    return paper >= PAPER_SHARE and INK_SHARE[0] <= ink <= INK_SHARE[1]


def ink_of(grey: Image.Image) -> Image.Image:
    """255 where the picture (mode L) is clearly darker than around, else 0: shadows on the paper do not count."""
    around = grey.filter(ImageFilter.BoxBlur(max(4, max(grey.size) // 60)))
    return ImageChops.subtract(around, grey).point([255 * (value >= INK) for value in range(256)])


def straight(grey: Image.Image) -> Image.Image:
    """The sheet (mode L) turned so that its lines run level; where lines are level, rows of pixels differ most."""
    ink = ink_of(_fitted(grey))
    coarse = max((step / 2 for step in range(round(-2 * ASKEW), round(2 * ASKEW) + 1)), key=lambda a: _level(ink, a))
    angle = max((coarse + step / 10 for step in range(-4, 5)), key=lambda a: _level(ink, a))
    return grey.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255) if abs(angle) >= 0.1 else grey


def rules(grey: Image.Image) -> tuple[list[int], list[int]]:
    """Heights of the long lines across a straight sheet, and where lines run down between the first and last."""
    ink = ink_of(grey).filter(ImageFilter.MaxFilter(3))
    across = _peaks(_profile(_unbroken(ink, (STRETCH, 1)), rows=True), RULE_ACROSS)
    if len(across) < 3:
        return across, []
    table = ink.crop((0, across[0], ink.width, across[-1]))
    return across, _peaks(_profile(_unbroken(table, (1, STRETCH)), rows=False), RULE_DOWN)


def _unbroken(ink: Image.Image, stretch: tuple[int, int]) -> Image.Image:
    """Stretches of that many pixels which are ink nearly from end to end, as no character's are."""
    size = (max(1, ink.width // stretch[0]), max(1, ink.height // stretch[1]))
    return ink.resize(size, Image.Resampling.BOX).point([255 * (value >= SOLID) for value in range(256)])


def _fitted(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((LOOK, LOOK), Image.Resampling.BOX)
    return small


def _profile(ink: Image.Image, rows: bool) -> bytes:
    """Mean ink, 0…255, of each row (or column)."""
    return ink.resize((1, ink.height) if rows else (ink.width, 1), Image.Resampling.BOX).tobytes()


def _level(ink: Image.Image, angle: float) -> int:
    profile = _profile(ink.rotate(angle, Image.Resampling.NEAREST, fillcolor=0), rows=True)
    return sum((one - other) ** 2 for one, other in pairwise(profile))


def _peaks(profile: bytes, share: float) -> list[int]:
    """Where the profile reaches that share; neighbours are one line, at their middle."""
    found: list[list[int]] = []
    for at, value in enumerate(profile):
        if value >= 255 * share:
            if found and at - found[-1][-1] <= NEAR:
                found[-1].append(at)
            else:
                found.append([at])
    return [(line[0] + line[-1]) // 2 for line in found]
