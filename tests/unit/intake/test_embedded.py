"""Pictures inside documents: taken out where they can be a work, and the document stays what it is."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from archive.records import Piece
from config.settings import LimitSettings
from intake.clues.furniture import is_container, is_material
from intake.worker import understand_folder

SAMPLES = Path(__file__).parents[2] / "samples" / "illustrated"


def pieces_of(folder: Path, name: str, data: bytes, limits: LimitSettings | None = None) -> tuple[Piece, ...]:
    """The file handed over, then what was taken out of it."""
    (folder / "files").mkdir()
    (folder / "files" / name).write_bytes(data)
    (folder / "manifest.txt").write_text(f"{'0' * 64}  files/{name}\n")
    return understand_folder(folder, limits or LimitSettings()).pieces


def picture(kind: str, size: tuple[int, int], noise: bool = False) -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, (40, 90, 160))
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("图文.docx", [("word/media/image2.png", "图1.png"), ("word/media/image3.jpeg", "图2.jpeg")]),
        ("演示.pptx", [("ppt/media/image1.png", "图1.png"), ("ppt/media/image2.jpeg", "图2.jpeg")]),
        ("图文.pdf", [("第1页/2.png", "图1.png"), ("第1页/3.jpeg", "图2.jpeg")]),
    ],
)
def test_large_pictures_come_out_in_the_documents_order(
    tmp_path: Path, name: str, found: list[tuple[str, str]]
) -> None:
    document, *inner = pieces_of(tmp_path, name, (SAMPLES / name).read_bytes())
    assert [(piece.path, piece.name) for piece in inner] == [(f"1/{name}/{path}", title) for path, title in found]
    assert all(piece.embedded and piece.within == document.path for piece in inner)
    assert [(piece.facts.width, piece.facts.height) for piece in inner] == [(330, 310), (400, 320)]
    assert inner[0].stored == f"files/{name}.内容/图1.png"
    assert (document.problem, document.embedded) == (None, False)


def test_an_odt_gives_its_pictures_too(tmp_path: Path) -> None:
    _, *inner = pieces_of(tmp_path, "图文.odt", (SAMPLES / "图文.odt").read_bytes())
    assert [piece.name for piece in inner] == ["图1.png", "图2.jpg"]


def test_a_picture_keeps_its_true_bytes(tmp_path: Path) -> None:
    docx = (SAMPLES / "图文.docx").read_bytes()
    _, *inner = pieces_of(tmp_path, "图文.docx", docx)
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        assert (tmp_path / inner[1].stored).read_bytes() == archive.read("word/media/image3.jpeg")


def test_a_document_with_pictures_stays_a_material(tmp_path: Path) -> None:
    pieces = pieces_of(tmp_path, "图文.docx", (SAMPLES / "图文.docx").read_bytes())
    assert not is_container(pieces[0], pieces)
    assert is_material(pieces[0], pieces)


def pdf(image: bytes, size: tuple[int, int], placed: tuple[int, int], text: bool) -> bytes:
    """One page of 600×800 points with a JPEG on it, and a word."""
    show = b"q %d 0 0 %d 20 20 cm /I Do Q " % placed + (b"BT /F 12 Tf 30 780 Td (words) Tj ET" if text else b"")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>/Font<</F 6 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(show), show),
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/DCTDecode/Length %d>>stream\n%b\nendstream" % (*size, len(image), image),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 7\n0000000000 65535 f \n%btrailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


def test_a_jpeg_in_a_pdf_comes_out_unchanged(tmp_path: Path) -> None:
    jpeg = picture("JPEG", (500, 400))
    _, *inner = pieces_of(tmp_path, "a.pdf", pdf(jpeg, (500, 400), (250, 200), True))
    assert [(tmp_path / piece.stored).read_bytes() for piece in inner] == [jpeg]


def test_a_scan_is_not_taken_apart(tmp_path: Path) -> None:
    data = pdf(picture("JPEG", (500, 700)), (500, 700), (560, 760), False)
    assert len(pieces_of(tmp_path, "扫描.pdf", data)) == 1


def docx(pictures: list[bytes]) -> bytes:
    """A document that shows these PNG pictures."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    wrap = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        main = f'<Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/>'
        archive.writestr("_rels/.rels", wrap.format(main))
        shown = "".join(f'<a:blip r:embed="i{number}"/>' for number in range(len(pictures)))
        archive.writestr("word/document.xml", f'<w xmlns:a="a" xmlns:r="{office}">{shown}</w>')
        links = "".join(
            f'<Relationship Id="i{number}" Type="{office}/image" Target="media/{number}.png"/>'
            for number in range(len(pictures))
        )
        archive.writestr("word/_rels/document.xml.rels", wrap.format(links))
        for number, data in enumerate(pictures):
            archive.writestr(f"word/media/{number}.png", data)
    return out.getvalue()


def test_small_pictures_are_left_and_of_many_only_the_first_are_taken(tmp_path: Path) -> None:
    small, large, heavy = picture("PNG", (299, 900)), picture("PNG", (300, 300)), picture("PNG", (150, 150), True)
    assert len(heavy) > 20 * 1024 > len(small)
    limits = LimitSettings(document_pictures=3)
    _, *inner = pieces_of(tmp_path, "a.docx", docx([small, large, heavy, large, large]), limits)
    assert [piece.path.rpartition("/")[2] for piece in inner] == ["1.png", "2.png", "3.png"]


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("name", ["图文.docx", "图文.pdf", "图文.odt"])
def test_a_damaged_document_is_no_problem_of_opening(tmp_path: Path, name: str, cut: float) -> None:
    data = (SAMPLES / name).read_bytes()
    document, *_ = pieces_of(tmp_path, name, data[: int(len(data) * cut)])
    assert document.problem in (None, "damaged")
