"""A thousand mixed files for the measuring benchmark, as mails of four files each; the same bytes at every run."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from PIL import Image

from intake.demo import make
from tests.benchmarks.mails import COLUMNS, TITLES

SAMPLES = Path(__file__).parents[1] / "samples"
MIX: Mapping[str, int] = {
    "jpg": 400, "png": 60, "docx": 140, "doc": 50, "xlsx": 90, "xls": 40, "pdf": 90, "txt": 40, "zip": 30,
    "wmv": 30, "mp4": 30,
}  # fmt: skip
"""How many of each in a thousand; a kind without a sample falls to docx."""
A_MAIL = 4
PHOTOS: Sequence[tuple[int, int, int, float, bool]] = (
    (1280, 960, 80, 0.0, False), (1600, 1200, 75, 0.05, False), (1600, 1200, 92, 0.1, False),
    (2048, 1536, 85, 0.1, False), (2560, 1920, 85, 0.1, True), (3264, 2448, 85, 0.1, False),
    (4000, 3000, 80, 0.08, True), (4032, 3024, 90, 0.1, False), (4032, 3024, 92, 0.14, False),
)  # fmt: skip
"""Width, height, quality, share of noise, progressive: 0.2 to 6 MB, the larger the rarer."""


@dataclass(frozen=True)
class Sample:
    """One file to attach. inside: how many files an archive holds."""

    ending: str
    data: bytes
    inside: int = 0


@cache
def photo(number: int) -> bytes:
    """A JPEG of the list above, decoded at full cost: its bytes are picture, not padding."""
    width, height, quality, share, progressive = PHOTOS[number]
    picture = Image.open(io.BytesIO(make.jpeg(1600, 1200, seed=number))).resize((width, height))
    noise = Image.frombytes("L", (width // 2, height // 2), random.Random(number).randbytes(width * height // 4))
    out = io.BytesIO()
    grain = noise.resize((width, height)).convert("RGB")
    Image.blend(picture, grain, share).save(out, "JPEG", quality=quality, progressive=progressive)
    return out.getvalue()


@cache
def samples() -> dict[str, tuple[Sample, ...]]:
    """Every kind with its different files: committed ones by other programs where there are some, else made."""
    found = {
        "jpg": tuple(photo(number) for number in range(len(PHOTOS))),
        "png": tuple(_png(number) for number in range(3)),
        "docx": tuple(make.docx(title, [make.text(800 + 400 * at, title, at)]) for at, title in enumerate(TITLES)),
        "xlsx": tuple(_table(rows) for rows in (6, 40, 300)),
        "txt": tuple(make.text(1500, title, 7).encode(code) for title in TITLES[:2] for code in ("utf-8", "gb18030")),
        "wmv": (make.sample("good.wmv"), make.sample("weak.wmv"), (SAMPLES / "media/clip.wmv").read_bytes()),
        "mp4": (make.sample("short.mp4"), make.sample("long.mp4"), (SAMPLES / "media/faststart.mp4").read_bytes()),
        "pdf": (_scanned_pdf(),),
    }
    for ending in ("doc", "xls", "pdf"):
        whole = [path for path in sorted((SAMPLES / "documents").glob(f"*.{ending}")) if "密码" not in path.name]
        found[ending] = (*(path.read_bytes() for path in whole), *found.get(ending, ()))
    made = {ending: tuple(Sample(ending, data) for data in each) for ending, each in found.items() if each}
    return {**made, "zip": tuple(_packed(number) for number in range(2))}


def files(count: int) -> list[Sample]:
    """So many files of the mix, shuffled."""
    dice = random.Random("measure")
    have = samples()
    chosen = []
    for ending, share in MIX.items():
        kind = have.get(ending, have["docx"])
        weights = [1 / (1 + at) if ending == "jpg" else 1 for at in range(len(kind))]
        chosen += dice.choices(kind, weights, k=max(1, round(share * count / sum(MIX.values()))))
    dice.shuffle(chosen)
    return chosen[:count]


def mails(chosen: Sequence[Sample]) -> Iterator[bytes]:
    """The files as attachments, four a mail."""
    for begin in range(0, len(chosen), A_MAIL):
        mail = EmailMessage()
        mail["From"], mail["To"] = "huancui@weihai.example.test", "baosong@weihai.example.test"
        mail["Subject"] = f"报送材料 {begin // A_MAIL}"
        mail.set_content("您好，附件是我单位报送的材料，请查收。")
        for at, file in enumerate(chosen[begin : begin + A_MAIL]):
            name = f"材料{begin + at}.{file.ending}"
            mail.add_attachment(file.data, maintype="application", subtype="octet-stream", filename=name)
        yield mail.as_bytes()


def _png(number: int) -> bytes:
    picture = Image.open(io.BytesIO(photo(number)))
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG") if number == 2 else picture.save(out, "PNG")
    return out.getvalue()


def _table(rows: int) -> bytes:
    cells = [["图片", f"{TITLES[at % 6]}{at}", "图片", "青年班组", "王示例 0631-0000101"] for at in range(rows)]
    return make.table_xlsx("推荐成果汇总表", "环翠区团委", "2018-08-10", COLUMNS, cells)


def _scanned_pdf() -> bytes:
    page = Image.open(io.BytesIO(make.seal_scan(1654, 2339)))
    out = io.BytesIO()
    page.save(out, "PDF", save_all=True, append_images=[page], resolution=200)
    return out.getvalue()


def _packed(number: int) -> Sample:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for at in range(4):
            archive.writestr(zipfile.ZipInfo(f"照片{at}.jpg"), photo((number + at) % 4))
    return Sample("zip", out.getvalue(), inside=4)
