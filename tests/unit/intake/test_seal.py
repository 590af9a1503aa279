"""A red seal on a page is seen and its place named; a heading, a flag, a lantern or a grey scan is no seal."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from archive.records import Facts
from intake.measure.seal import seal_of_picture
from tests.unit.intake.measured import facts_of

RED = (214, 38, 42, 215)
A4 = (1240, 1754)


def stamp(across: int, ink: tuple[int, int, int, int] = RED, high: float = 1.0) -> Image.Image:
    """A ring with a star and strokes like characters along its inside, transparent between."""
    size = (across, round(across * high))
    image = Image.new("RGBA", size, (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((1, 1, size[0] - 2, size[1] - 2), outline=ink, width=max(2, across // 32))
    points = [
        (size[0] / 2 + r * math.sin(i * math.pi / 5), size[1] / 2 - r * math.cos(i * math.pi / 5))
        for i, r in enumerate([across * 0.17, across * 0.07] * 5)
    ]
    draw.polygon(points, fill=ink)
    for step in range(-6, 7):
        turn, thick = math.radians(step * 20), max(2, across // 60)
        for shift in (-0.05, 0.0, 0.05):
            for near, far in ((0.30, 0.33), (0.36, 0.41)):
                ends = [
                    (
                        size[0] / 2 + r * across * math.sin(turn + shift),
                        size[1] / 2 - r * size[1] * math.cos(turn + shift),
                    )
                    for r in (near, far)
                ]
                draw.line(ends, fill=ink, width=thick)
    return image


def page(size: tuple[int, int] = A4, seed: int = 0) -> Image.Image:
    """A table: black lines, and strokes where its words stand."""
    dice = random.Random(seed)
    image = Image.new("RGB", size, (252, 252, 250))
    draw = ImageDraw.Draw(image)
    width, height = size
    for row in range(14):
        y = height * (15 + 5 * row) // 100
        draw.line((width // 12, y, width * 11 // 12, y), fill=(20, 20, 20), width=2)
        for word in range(dice.randrange(8, 26)):
            x = width // 10 + word * width // 34
            draw.rectangle((x, y + 12, x + width // 60, y + 14 + height // 90), outline=(20, 20, 20), width=3)
    return image


def stamped(under: Image.Image, seal: Image.Image, x: float, y: float) -> Image.Image:
    """The seal's middle at those shares of the page."""
    sheet = Image.new("RGBA", under.size, (0, 0, 0, 0))
    sheet.paste(seal, (round(x * under.width - seal.width / 2), round(y * under.height - seal.height / 2)))
    return Image.alpha_composite(under.convert("RGBA"), sheet).convert("RGB")


def jpeg_facts(folder: Path, image: Image.Image, quality: int = 75) -> Facts:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return facts_of(folder, out.getvalue(), "汇总表.jpg")


PLACES = {
    "左上": (0.2, 0.2), "中上": (0.5, 0.2), "右上": (0.8, 0.2),
    "左中": (0.2, 0.5), "中间": (0.5, 0.5), "右中": (0.8, 0.5),
    "左下": (0.2, 0.85), "中下": (0.5, 0.85), "右下": (0.8, 0.85),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_the_place_of_a_seal_over_a_table_is_named(tmp_path: Path, place: str) -> None:
    facts = jpeg_facts(tmp_path, stamped(page(), stamp(240), *PLACES[place]))
    assert facts.seal_at == place
    assert facts.seal is not None and 0.002 < facts.seal < 0.02


def test_the_place_is_the_one_seen_after_orientation(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = stamped(page(), stamp(240), 0.8, 0.85).transpose(Image.Transpose.ROTATE_90)
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif)
    assert facts_of(tmp_path, out.getvalue(), "1.jpg").seal_at == "右下"


@pytest.mark.parametrize(
    "seal",
    [stamp(215), stamp(270), stamp(265, high=0.67), stamp(240, (150, 20, 30, 220)), stamp(240, (235, 150, 155, 200))],
    ids=["38 mm", "48 mm", "oval", "dark ink", "pale ink"],
)
def test_seals_of_usual_sizes_shapes_and_inks_are_seen(tmp_path: Path, seal: Image.Image) -> None:
    assert jpeg_facts(tmp_path, stamped(page(), seal, 0.75, 0.8)).seal_at == "右下"


@pytest.mark.parametrize("degrees", [-4, 2.5, 5])
def test_a_scan_that_lay_askew_is_read_too(tmp_path: Path, degrees: float) -> None:
    scan = stamped(page(), stamp(240), 0.75, 0.8).rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    assert jpeg_facts(tmp_path, scan.filter(ImageFilter.GaussianBlur(1.5)), quality=40).seal_at == "右下"


@pytest.mark.parametrize("x", [0.97, 1.0])
def test_a_seal_that_the_edge_cuts_is_seen(tmp_path: Path, x: float) -> None:
    assert jpeg_facts(tmp_path, stamped(page(), stamp(240), x, 0.8)).seal_at == "右下"


def test_a_sheet_photographed_in_dim_light_is_read(tmp_path: Path) -> None:
    sheet = stamped(page(), stamp(240), 0.75, 0.8).resize((900, 1273))
    desk = Image.new("RGB", (1300, 1700), (110, 80, 60))
    desk.paste(sheet.rotate(3, Image.Resampling.BICUBIC, fillcolor=(110, 80, 60)), (200, 200))
    assert jpeg_facts(tmp_path, desk.point(lambda value: int(value * 0.75))).seal_at == "右下"


def heading() -> Image.Image:
    """红头: wide strokes of red across the top and a red line below."""
    image = page()
    draw = ImageDraw.Draw(image)
    for character in range(11):
        left = 130 + 90 * character
        for stroke in range(5):
            draw.line((left, 80 + 18 * stroke, left + 76, 84 + 18 * stroke), fill=(220, 20, 20), width=8)
        draw.line((left + 36, 70, left + 40, 165), fill=(220, 20, 20), width=9)
    draw.line((100, 230, 1140, 230), fill=(220, 20, 20), width=5)
    return image


def scene(draw_red) -> Image.Image:
    image = Image.new("RGB", (1600, 1200), (120, 160, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 800, 1600, 1200), fill=(90, 140, 70))
    draw_red(draw)
    return image


def framed() -> Image.Image:
    image = page()
    ImageDraw.Draw(image).rectangle((900, 1400, 1130, 1630), outline=(220, 20, 20), width=9)
    return image


NO_SEALS = {
    "a white page": page(),
    "a red heading": heading(),
    "a flag": scene(lambda draw: draw.rectangle((600, 200, 1000, 480), fill=(222, 30, 30))),
    "a lantern": scene(lambda draw: draw.ellipse((600, 200, 900, 480), fill=(222, 30, 30))),
    "a red ring on grass": scene(lambda draw: draw.ellipse((600, 850, 900, 1150), outline=(222, 30, 30), width=25)),
    "a square stamp": framed(),
    "a grey scan": stamped(page(), stamp(240), 0.75, 0.8).convert("L"),
    "a red picture": Image.new("RGB", (800, 600), (200, 20, 20)),
    "a disc on white": stamped(Image.new("RGB", (900, 600), "white"), Image.new("RGBA", (1, 1)), 0, 0),
}
ImageDraw.Draw(NO_SEALS["a disc on white"]).ellipse((350, 200, 550, 400), fill=(222, 30, 30))


@pytest.mark.parametrize("what", NO_SEALS)
def test_what_is_red_but_no_seal_has_no_place(tmp_path: Path, what: str) -> None:
    facts = jpeg_facts(tmp_path, NO_SEALS[what])
    assert (facts.seal_at, facts.error) == (None, None)
    assert facts.seal is not None


def test_a_seal_below_a_red_heading_is_seen(tmp_path: Path) -> None:
    facts = jpeg_facts(tmp_path, stamped(heading(), stamp(240), 0.75, 0.8))
    assert facts.seal_at == "右下"


def test_the_share_is_the_plain_share_of_red() -> None:
    image = Image.new("RGB", (200, 100), "white")
    image.paste((255, 0, 0), (0, 0, 50, 100))
    assert seal_of_picture(image).share == 0.25


# --- PDF


def pdf_facts(folder: Path, pages: list[Image.Image]) -> Facts:
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return facts_of(folder, out.getvalue(), "汇总表.pdf")


@pytest.mark.parametrize(("count", "number"), [(1, 1), (2, 2), (5, 3), (5, 5)])
def test_the_page_of_a_pdf_that_bears_the_seal_is_named(tmp_path: Path, count: int, number: int) -> None:
    pages = [page(seed=each) for each in range(count)]
    pages[number - 1] = stamped(pages[number - 1], stamp(240), 0.75, 0.85)
    facts = pdf_facts(tmp_path, pages)
    assert facts.seal_at == f"第{number}页右下"
    assert facts.seal is not None and facts.seal > 0.002


def test_a_seal_comes_before_a_page_with_more_red(tmp_path: Path) -> None:
    facts = pdf_facts(tmp_path, [heading(), stamped(page(), stamp(240), 0.25, 0.85)])
    assert facts.seal_at == "第2页左下"


def test_a_pdf_without_seal_has_a_share_and_no_place(tmp_path: Path) -> None:
    facts = pdf_facts(tmp_path, [page()])
    assert (facts.seal, facts.seal_at) == (0, None)


def test_a_pdf_that_cannot_be_drawn_keeps_what_was_learned_of_it(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, b"%PDF-1.7\n%%EOF", "坏.pdf")
    assert (facts.type, facts.seal, facts.seal_at) == ("pdf", None, None)
