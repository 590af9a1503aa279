"""The generator of materials: the same input gives the same bytes, and they are what they claim to be."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

import pytest
from PIL import Image

from intake.demo import make
from intake.measure.body import count_characters

COLUMNS = ["作品类别", "作品名称"]
ROWS = [["图片", "一"], ["图片", "二"]]


@pytest.mark.parametrize(
    "build",
    [
        lambda: make.jpeg(320, 240, 7, "x"),
        lambda: make.seal_scan(200, 300),
        lambda: make.docx("题目", characters=300, header="页眉", pictures=[make.jpeg(64, 48)]),
        lambda: make.table_docx("汇总表", "某局", "8月1日", COLUMNS, ROWS),
        lambda: make.table_xlsx("汇总表", "某局", "8月1日", COLUMNS, ROWS),
        lambda: make.zip_of({"材料/一.txt": b"1"}),
        lambda: make.text(500, "志愿服务", 3).encode(),
    ],
    ids=["jpeg", "seal", "docx", "table_docx", "table_xlsx", "zip", "text"],
)
def test_the_same_input_gives_the_same_bytes(build) -> None:
    assert build() == build()


def test_pictures_of_different_seed_or_label_differ() -> None:
    made = {make.jpeg(320, 240, seed, label) for seed in (1, 2) for label in ("a", "b")}
    assert len(made) == 4


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_of_full_size_is_a_small_file(seed: int) -> None:
    content = make.jpeg(1600, 1200, seed)
    assert len(content) <= 60_000
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (1600, 1200) and len(picture.convert("RGB").resize((80, 60)).getcolors(4800) or []) > 50


@pytest.mark.parametrize("characters", [0, 1, 2, 17, 200, 2000])
def test_text_has_exactly_so_many_characters(characters: int) -> None:
    prose = make.text(characters, "2018年H5作品")
    assert count_characters(prose) == len(prose) == characters


def test_text_speaks_of_its_topic_and_ends_with_a_full_stop() -> None:
    prose = make.text(300, "志愿服务")
    assert "志愿服务" in prose and prose.endswith("。")


def test_names_in_a_gbk_zip_are_raw_gbk_without_the_utf8_flag() -> None:
    content = make.zip_of({"材料/照片一.jpg": b"abc", "a.txt": b"x" * 1000})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert first.flag_bits & 0x800 == 0
        assert first.filename.encode("cp437").decode("gbk") == "材料/照片一.jpg"
        assert archive.read("a.txt") == b"x" * 1000


def test_names_in_a_utf8_zip_carry_the_flag() -> None:
    with zipfile.ZipFile(io.BytesIO(make.zip_of({"材料/照片一.jpg": b"abc"}, "utf-8"))) as archive:
        assert archive.namelist() == ["材料/照片一.jpg"] and archive.infolist()[0].flag_bits & 0x800


def test_the_committed_samples_are_those_the_readme_names() -> None:
    readme = (make.SAMPLES / "README.md").read_text(encoding="utf-8")
    listed = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", readme, re.MULTILINE)}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in make.SAMPLES.glob("*.*[v4]")}
    assert listed == found and len(found) == 4
    assert sum(path.stat().st_size for path in make.SAMPLES.iterdir()) <= 1_000_000
