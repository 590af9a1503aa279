"""Pictures as other programs write them: pixels as a viewer shows them, whole or cut, and a fingerprint of each."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from archive.judging.alike import nearly_equal
from archive.records import Facts
from intake.demo import make
from tests.unit.intake.measured import facts_of, sample

PICTURES = {
    "baseline.jpg": ("jpeg", 320, 240, 1),
    "progressive.jpg": ("jpeg", 320, 240, 1),
    "cmyk.jpg": ("jpeg", 320, 240, 1),
    "turned.jpg": ("jpeg", 240, 320, 1),
    "sixteen-bit.png": ("png", 96, 72, 1),
    "palette.png": ("png", 160, 120, 1),
    "truecolor.bmp": ("bmp", 96, 72, 1),
    "lzw.tif": ("tiff", 120, 90, 1),
    "two-pages.tif": ("tiff", 80, 60, 2),
    "lossy.webp": ("webp", 160, 120, 1),
    "lossless.webp": ("webp", 80, 60, 1),
    "animated.gif": ("gif", 64, 48, 3),
    "landscape.heic": ("heic", 320, 240, 1),
    "upright.heic": ("heic", 240, 320, 1),
    "turned.heic": ("heic", 240, 320, 1),
    "odd.heic": ("heic", 121, 91, 1),
    "imagemagick.heic": ("heic", 320, 240, 1),
}
SCENE = [name for name in PICTURES if not name.endswith(".heic") and name != "turned.jpg"]
"""Pictures of one scene, upright."""


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", PICTURES)
def test_a_whole_picture_has_its_pixels_frames_and_no_fault(tmp_path: Path, name: str) -> None:
    facts = facts_of(tmp_path, sample(name), name)
    assert (facts.type, facts.width, facts.height, facts.frames) == PICTURES[name]
    assert (facts.truncated, facts.error) == (False, None)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.97])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_ends_early_is_truncated(tmp_path: Path, name: str, share: float) -> None:
    whole = sample(name)
    facts = facts_of(tmp_path, whole[: int(len(whole) * share)], name)
    assert facts.truncated is True
    assert (facts.error or "").startswith("图片数据不完整")


def test_the_second_picture_of_a_telephones_jpeg_is_no_second_frame(tmp_path: Path) -> None:
    pictures = [Image.open(io.BytesIO(make.jpeg(640, 480, seed=seed))) for seed in (1, 2)]
    content = saved(pictures[0], "MPO", save_all=True, append_images=pictures[1:])
    facts = facts_of(tmp_path, content, "IMG_0001.JPG")
    assert (facts.type, facts.width, facts.height, facts.frames, facts.truncated) == ("jpeg", 640, 480, 1, False)


def test_an_avif_is_measured_and_a_cut_one_is_told(tmp_path: Path) -> None:
    content = saved(Image.open(io.BytesIO(sample("baseline.jpg"))), "AVIF")
    facts = facts_of(tmp_path, content, "1.avif")
    assert (facts.type, facts.width, facts.height, facts.truncated) == ("avif", 320, 240, False)
    assert facts_of(tmp_path, content[: len(content) * 2 // 3], "1.avif").truncated is True


def test_a_gif_without_trailer_is_whole(tmp_path: Path) -> None:
    assert facts_of(tmp_path, sample("animated.gif").rstrip(b";"), "1.gif").truncated is False


# --- HEIC by its boxes


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def telephone_heic(turn: int) -> bytes:
    """As telephones write it: tiles of 512 pixels (items 1, 2), a grid of 4032 × 3024 over them as primary item 40."""
    ispe = [box(b"ispe", bytes(4), struct.pack(">II", *size)) for size in ((512, 512), (4032, 3024))]
    ipma = struct.pack(">IIHBBHBBHBBB", 0, 3, 1, 1, 0x81, 2, 1, 0x81, 40, 2, 0x82, 0x83)
    iprp = box(b"iprp", box(b"ipco", *ispe, box(b"irot", bytes([turn]))), box(b"ipma", ipma))
    iloc = bytes([1, 0, 0, 0, 0x44, 0x00]) + struct.pack(">H", 3)
    iloc += struct.pack(">HHHHII", 1, 0, 0, 1, 1000, 50) + struct.pack(">HHHHII", 2, 0, 0, 1, 1050, 50)
    iloc += struct.pack(">HHHHII", 40, 1, 0, 1, 0, 8)
    meta = box(b"meta", bytes(4), box(b"pitm", bytes(4), b"\0\x28"), iprp, box(b"iloc", iloc))
    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic") + meta
    return head + box(b"mdat", bytes(1100 - len(head) - 8))


@pytest.mark.parametrize(("turn", "size"), [(0, (4032, 3024)), (1, (3024, 4032)), (2, (4032, 3024)), (3, (3024, 4032))])
def test_a_telephones_heic_has_the_pixels_of_its_grid_turned_as_it_says(tmp_path: Path, turn, size) -> None:
    facts = facts_of(tmp_path, telephone_heic(turn), "IMG_0001.HEIC")
    assert (facts.type, (facts.width, facts.height), facts.truncated, facts.error) == ("heic", size, False, None)


def test_a_heic_whose_data_lies_beyond_its_end_is_truncated_though_every_box_is_whole(tmp_path: Path) -> None:
    content = telephone_heic(0)
    at = content.index(b"mdat") - 4
    facts = facts_of(tmp_path, content[:at] + box(b"mdat", bytes(10)), "IMG_0001.HEIC")
    assert (facts.width, facts.truncated) == (4032, True)


def test_a_heic_without_a_primary_picture_is_an_error(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, telephone_heic(0).replace(b"pitm", b"free"), "IMG_0001.HEIC")
    assert (facts.width, facts.error) == (None, "HEIC 图片已损坏，没有找到尺寸")


def test_no_damage_makes_measuring_a_heic_raise(tmp_path: Path) -> None:
    content = telephone_heic(1)[:600]
    for at in range(len(content)):
        broken = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        assert "内容异常" not in (facts_of(tmp_path, broken, "1.heic").error or "")


# --- fingerprints


def photo(seed: int, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    return Image.open(io.BytesIO(make.jpeg(*size, seed=seed)))


def print_of(folder: Path, image: Image.Image, kind: str = "JPEG", **options: object) -> str | None:
    facts: Facts = facts_of(folder, saved(image, kind, **options), "1")
    assert facts.fingerprint is not None and len(facts.fingerprint) == 16
    return facts.fingerprint


@pytest.mark.parametrize("name", SCENE)
def test_one_scene_looks_the_same_in_every_format(tmp_path: Path, name: str) -> None:
    first = facts_of(tmp_path, sample("baseline.jpg"), "1.jpg").fingerprint
    assert nearly_equal(first, facts_of(tmp_path, sample(name), name).fingerprint)


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_saved_again_smaller_brighter_or_sent_by_wechat_looks_the_same(tmp_path: Path, seed: int) -> None:
    image = photo(seed)
    first = print_of(tmp_path, image, quality=95)
    assert nearly_equal(first, print_of(tmp_path, image, quality=30))
    assert nearly_equal(first, print_of(tmp_path, image, "PNG"))
    assert nearly_equal(first, print_of(tmp_path, image.resize((640, 480)), quality=40))
    assert nearly_equal(first, print_of(tmp_path, ImageEnhance.Brightness(image).enhance(1.15)))
    assert nearly_equal(first, print_of(tmp_path, ImageEnhance.Brightness(image).enhance(0.85)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_noted_as_turned_looks_like_the_one_that_is_turned(tmp_path: Path, orientation: int) -> None:
    image = photo(3)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = Image.open(io.BytesIO(saved(image, exif=exif.tobytes())))
    upright = turned.transpose(
        {
            1: Image.Transpose.ROTATE_180,  # and again below: as it was
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_270,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_90,
        }[orientation]
    )
    if orientation == 1:
        upright = upright.transpose(Image.Transpose.ROTATE_180)
    noted = print_of(tmp_path, image, exif=exif.tobytes())
    assert nearly_equal(noted, print_of(tmp_path, upright, exif=b""))


def test_different_pictures_do_not_look_the_same(tmp_path: Path) -> None:
    prints = [print_of(tmp_path, photo(seed)) for seed in range(8)]
    assert not any(nearly_equal(one, other) for at, one in enumerate(prints) for other in prints[:at])


def test_plain_colours_do_not_look_the_same(tmp_path: Path) -> None:
    white, red = (print_of(tmp_path, Image.new("RGB", (800, 600), colour)) for colour in ("white", "red"))
    assert not nearly_equal(white, red)


def test_pages_of_text_do_not_look_the_same(tmp_path: Path) -> None:
    def page(seed: int) -> Image.Image:
        image = Image.new("L", (827, 1169), 255)
        draw = ImageDraw.Draw(image)
        for line in range(30):
            for word in range(26):
                if (line * 31 + word * 17 + seed * 7) * 2654435761 % 97 > 20:
                    left, top = 100 + 24 * word, 100 + 32 * line
                    draw.rectangle((left, top, left + 12 + (line * word * seed) % 9, top + 18), fill=60)
        return image

    prints = [print_of(tmp_path, page(seed)) for seed in range(1, 7)]
    assert not any(nearly_equal(one, other) for at, one in enumerate(prints) for other in prints[:at])


def test_sixteen_bits_of_grey_are_scaled_not_cut_off(tmp_path: Path) -> None:
    grey = photo(2).convert("L").resize((320, 240))
    deep = Image.frombytes("I;16", grey.size, b"".join(struct.pack("<H", value * 256) for value in grey.tobytes()))
    assert nearly_equal(print_of(tmp_path, grey, "PNG"), print_of(tmp_path, deep, "PNG"))
