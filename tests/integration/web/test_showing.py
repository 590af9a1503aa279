"""Staff see what came without opening it: the mail as it was laid out, small pictures of ours, the first lines of
documents, videos; nothing of what is marked, and nothing that costs the service more than its limits."""

from __future__ import annotations

import io
import time
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
import xlsxwriter
from PIL import Image

from archive.desk import Desk
from intake.demo import make
from intake.drawing import SIDE, drawn
from intake.rounds.showing import FOLDER
from intake.worker import confined
from tests.servers.pages import House

SAMPLES = Path(__file__).parents[2] / "samples"
SENDER = "wendeng@weihai.example.test"


def desk(house: House) -> Desk:
    found: Desk = house.app.state.rooms.desk
    return found


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    image.load()
    return image


def picture(format: str, size: tuple[int, int] = (2000, 500), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 0).save(out, format, **more)
    return out.getvalue()


def pdf() -> bytes:
    return picture("PDF", (600, 800))


# --- pictures


def test_pieces_are_shown_as_small_pictures_that_carry_nothing_else(house: House) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera with a place"  # turned by a quarter
    files = [("横.jpg", picture("JPEG", exif=exif)), ("图.png", picture("PNG", mode="RGBA")), ("件.pdf", pdf()),
             ("色.jpg", picture("JPEG", mode="CMYK")), ("灰.tif", picture("TIFF", mode="I;16")),
             ("动.gif", picture("GIF", mode="P"))]  # fmt: skip
    number = house.arrive(SENDER, "文登区各种图片", "见附件", files)
    client = house.visitor("reader")
    page = client.get(f"/mails/{number}").text
    sizes = []
    for path in range(2, 2 + len(files)):
        assert f'src="/mails/{number}/preview?path={path}"' in page
        answer = client.get(f"/mails/{number}/preview", params={"path": str(path)})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), files[path - 2][0]
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert b"a camera" not in answer.content
        sizes.append(opened(answer.content).size)
    assert sizes == [(300, SIDE), (SIDE, 300), (900, SIDE), (SIDE, 300), (SIDE, 300), (SIDE, 300)]


def test_a_picture_is_drawn_once_and_again_when_the_folder_was_deleted(house: House) -> None:
    number = house.arrive(SENDER, "文登区图片", "见附件", [("一次.png", picture("PNG", (701, 300)))])
    first = desk(house).preview_picture(number, "2")
    assert first is not None
    piece = house.office.ledger.arrivals.submission(number).pieces[0]  # type: ignore[union-attr]
    kept = house.office.home / FOLDER / piece.sha256[:2] / f"{piece.sha256}.jpg"
    kept.write_bytes(b"kept")
    assert desk(house).preview_picture(number, "2") == b"kept"
    kept.unlink()
    assert desk(house).preview_picture(number, "2") == first


def test_nothing_of_what_is_marked_is_shown_and_nothing_that_came_out_of_it(house: House) -> None:
    secret = picture("PNG", (640, 480))
    packed = make.zip_of({"a.png": picture("PNG", (641, 480))})
    number = house.arrive(
        SENDER,
        "文登区",
        "见附件",
        [("张三身份证.png", secret), ("【秘密】材料.zip", packed), ("公开.png", secret + b"1")],
    )
    client = house.visitor("admin")
    page = client.get(f"/mails/{number}").text
    pieces = house.office.ledger.arrivals.submission(number).pieces  # type: ignore[union-attr]
    shown = {one.name: client.get(f"/mails/{number}/preview", params={"path": one.path}).status_code for one in pieces}
    assert shown == {"张三身份证.png": 404, "【秘密】材料.zip": 404, "a.png": 404, "公开.png": 200}
    assert page.count("/preview?") == 2  # the link and the picture of the one that is open
    assert "不提供预览" in page


def test_what_cannot_be_drawn_costs_its_limit_once(house: House) -> None:
    bomb = picture("PNG", (4, 4))
    head = bomb[12:16] + (60_000).to_bytes(4, "big") * 2 + bomb[24:29]
    bomb = bomb[:12] + head + zlib.crc32(head).to_bytes(4, "big") + bomb[33:]  # says that it has 3.6 billion pixels
    files = [("断.jpg", picture("JPEG")[:400]), ("炸弹.png", bomb), ("坏.pdf", b"%PDF-1.7\n1 0 obj<<" * 9)]
    number = house.arrive(SENDER, "文登区打不开的图片", "见附件", files)
    client = house.visitor("reader")
    for path in ("2", "3", "4"):
        assert client.get(f"/mails/{number}/preview?path={path}").status_code == 404, path
    begun = time.monotonic()
    assert desk(house).preview_picture(number, "3") is None
    assert time.monotonic() - begun < 0.5


def test_a_picture_is_only_opened_as_what_it_was_measured_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n")
    with pytest.raises(OSError):
        drawn(str(tmp_path / "a.jpg"), "jpeg")
    with pytest.raises(OSError):
        drawn(str(tmp_path / "a.jpg"), "png")


def test_the_process_that_draws_knows_no_secret_and_has_its_limits(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAOSONG_SECRET", "sesame")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "told.py").write_text("import os\ndef main(): print(os.environ)")
    (tmp_path / "large.py").write_text("def main():\n    while True: print('x' * 10_000)")
    (tmp_path / "greedy.py").write_text("def main(): print(len(bytearray(2**30)))")
    (tmp_path / "slow.py").write_text("def main():\n    while True: pass")
    limits = house.office.config.settings.limits.model_copy(update={"step_seconds": 1})
    out = tmp_path / "out"
    assert confined("told", {}, out, limits)
    assert "sesame" not in out.read_text()
    for module in ("large", "greedy", "slow", "no_such_module"):
        assert not confined(module, {}, out, limits), module
        assert not out.exists()


def test_small_pictures_go_with_what_is_discarded(house: House) -> None:
    number = house.arrive(SENDER, "文登区误发", "见附件", [("误发.png", picture("PNG", (702, 300)))],
                          html="<p>误发</p>")  # fmt: skip
    client = house.visitor("admin")
    assert client.get(f"/mails/{number}/preview?path=2").status_code == 200
    assert client.get(f"/mails/{number}/html").status_code == 200
    mail = house.office.ledger.arrivals.submission(number)
    assert mail is not None
    assert list((house.office.home / FOLDER).rglob(f"{mail.sha256}*"))
    piece = house.office.ledger.arrivals.submission(number).pieces[0]  # type: ignore[union-attr]
    assert house.post(client, f"/mails/{number}/discard", why="误发")[0] == 200
    assert not list((house.office.home / FOLDER).rglob(f"{piece.sha256}*"))
    assert not list((house.office.home / FOLDER).rglob(f"{mail.sha256}*"))
    for address in ("preview?path=2", "html", "video?path=2"):
        assert client.get(f"/mails/{number}/{address}").status_code == 404
    assert desk(house).preview_picture(number, "2") is None
    assert desk(house).html(number) is None


# --- documents and videos


def test_a_table_and_the_first_lines_of_a_text_are_shown_as_words(house: House) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((("单位", "作品名称"), ("<script>alert(1)</script>", "甲"), ("乙单位", "乙"))):
            sheet.write_row(row, 0, cells)
    table = out.getvalue()
    number = house.arrive(
        SENDER, "文登区汇总表", "见附件", [("汇总表.xlsx", table), ("说明.txt", "第一行<b>".encode())]
    )
    page = house.visitor("reader").get(f"/mails/{number}").text
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page
    assert "第一行&lt;b&gt;" in page


def test_a_video_is_played_in_ranges_and_only_when_its_content_is_one(house: House) -> None:
    film = next(SAMPLES.rglob("*.mp4")).read_bytes()
    number = house.arrive(
        SENDER, "文登区视频", "见附件", [("片.mp4", film), ("假.mp4", b"<script>alert(1)</script>" * 9)]
    )
    client = house.visitor("reader")
    assert client.get(f"/mails/{number}").text.count("<video") == 1
    answer = client.get(f"/mails/{number}/video?path=2", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (206, film[10:20], "video/mp4")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert client.get(f"/mails/{number}/video?path=3").status_code == 404
    saved = client.get(f"/mails/{number}/file?path=2", headers={"Range": "bytes=10-19"})
    assert (saved.status_code, saved.content) == (206, film[10:20])
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"


# --- the mail as it was laid out


def laid_out(house: House, html: str, image: bytes = b"") -> str:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, "office@office.example.test", "文登区来信"
    house.served += 1
    mail["Message-ID"] = f"<laid.{house.served}@u.example.test>"
    mail.set_content("纯文字")
    mail.add_alternative(html, subtype="html")
    if image:
        body = mail.get_payload()[1]  # type: ignore[index]
        body.add_related(image, "image", "png", cid="<p1@x.test>")  # type: ignore[union-attr]
    return house.arrive_as(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))


def test_the_mail_as_it_was_laid_out_carries_its_own_pictures_drawn_anew(house: House) -> None:
    image = picture("PNG", (703, 300))
    number = laid_out(house, "<p>看图：<img src='cid:p1@x.test'><img src='http://evil.test/t.gif'></p>", image)
    client = house.visitor("reader")
    assert f'<iframe class="letter" sandbox loading="lazy" title="原信的样子" src="/mails/{number}/html">' in (
        client.get(f"/mails/{number}").text
    )
    answer = client.get(f"/mails/{number}/html")
    assert answer.status_code == 200
    assert answer.text.count("data:image/jpeg;base64,") == 1
    assert "cid:" not in answer.text
    assert "evil.test" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert policy.endswith("; sandbox")


def test_a_mail_of_plain_text_says_so(house: House) -> None:
    answer = house.visitor("reader").get("/mails/WH2018-0001/html")
    assert (answer.status_code, "只有纯文字" in answer.text) == (404, True)


def test_html_that_would_take_minutes_is_given_up_after_its_limit(house: House, tmp_path: Path) -> None:
    message = tmp_path / "message.eml"
    message.write_bytes(b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000)
    limits = house.office.config.settings.limits.model_copy(update={"step_seconds": 2})
    begun = time.monotonic()
    asked = {"path": str(message), "limits": limits.model_dump()}
    assert not confined("intake.harmless", asked, tmp_path / "out", limits)
    assert time.monotonic() - begun < 6
