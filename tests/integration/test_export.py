"""Hand over: each kind written from a real archive, and read by programs that are not ours."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote

import bagit
import libarchive
import lxml.html
import pytest
import python_calamine
from docx import Document
from lxml import etree
from typer.testing import CliRunner

from archive.records import Selection
from intake.cli import app
from intake.rounds.office import Office
from tests.servers.held import CAMPAIGN, NOW, held_home

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with held_home(tmp_path_factory.mktemp("held")) as office:
        yield office


def run(held: Office, *words: object, code: int = 0) -> str:
    """One command as staff type it; what it says."""
    command = ["--home", held.home, *words, "--at", NOW.isoformat()]
    result = CliRunner().invoke(app, [str(word) for word in command])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.output + (str(result.exception) if result.exception else "")


def export(held: Office, kind: str, to: Path, *more: object, code: int = 0) -> str:
    return run(held, "export", CAMPAIGN, "--as", kind, "--to", to, *more, code=code)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def in_archive(held: Office, number: str) -> dict[str, str]:
    """Path → SHA-256 of everything the highest version holds."""
    place = held.ledger.arrivals.place(number)
    assert place is not None
    return {path: sha for path, (_, sha) in held.vault.files(place.mailbox, place.year, number).items()}


# --- bag


@pytest.fixture(scope="module")
def bag(held: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("bag")
    notice = to / "通知.docx"
    notice.write_bytes(b"the notice")
    said = export(held, "bag", to, "--notice", notice)
    assert "逐个读回核对无误" in said and "未收入 WH2018-0002" in said
    return to / f"{CAMPAIGN}-bag"


def test_a_bag_is_valid_for_an_independent_program(bag: Path) -> None:
    read = bagit.Bag(str(bag))
    read.validate()
    assert read.info["Source-Organization"] == "威海市创建青年文明号活动领导小组"
    size = sum(path.stat().st_size for path in (bag / "data").rglob("*") if path.is_file())
    assert read.info["Payload-Oxum"] == f"{size}.{len(read.payload_entries())}"


def test_a_bag_holds_every_file_of_the_archive_by_number(held: Office, bag: Path) -> None:
    for number in ("WH2018-0001", "WH2018-0004"):
        folder = bag / "data/来件" / number
        lying = {path: digest(folder / path.replace("%", "％")) for path in in_archive(held, number)}
        assert lying == in_archive(held, number)
    assert [path.name for path in (bag / "data/来件/WH2018-0003").iterdir()] == ["tombstone.json"]


def test_a_bag_holds_letters_versions_and_the_notice(held: Office, bag: Path) -> None:
    letters = {path.read_bytes() for path in (bag / "data").rglob("*.eml") if path.name != "message.eml"}
    assert letters == {letter.body for letter in held.ledger.letters.outbox()}
    assert [path.name for path in (bag / "data/活动文件").rglob("*.yaml")] == [f"{CAMPAIGN}.yaml"]
    assert [path.name for path in (bag / "data/名册").rglob("*.csv")] == ["weihai-2018.csv"]
    assert (bag / "data/通知/通知.docx").read_bytes() == b"the notice"


def test_nothing_is_written_into_the_archive(held: Office) -> None:
    assert "不能写进档案库里面" in export(held, "bag", held.home / "archive/x", code=1)


def test_what_is_marked_secret_is_in_no_bag_and_named(held: Office, bag: Path) -> None:
    secret = in_archive(held, "WH2018-0002")
    for path in bag.rglob("*"):
        if path.is_file():
            assert digest(path) not in (secret["message.eml"], secret["files/青之见征文-值守（实践案例）.docx"])
    assert "WH2018-0002" in (bag / "data/未收入.txt").read_text("utf-8")
    assert "WH2018-0002" in (bag / "bag-info.txt").read_text("utf-8")


def test_a_bag_written_twice_is_the_same_byte_for_byte(held: Office, bag: Path, tmp_path: Path) -> None:
    export(held, "bag", tmp_path, "--notice", bag.parent / "通知.docx")
    for path in bag.rglob("*"):
        if path.is_file():
            assert (tmp_path / bag.name / path.relative_to(bag)).read_bytes() == path.read_bytes()


def test_a_bag_that_is_there_is_read_again_and_one_that_differs_is_not_overwritten(held: Office, bag: Path) -> None:
    notice = bag.parent / "通知.docx"
    assert "已有一份，逐个核对无误" in export(held, "bag", bag.parent, "--notice", notice)
    (bag / "data/来件/WH2018-0001/message.eml").chmod(0o644)
    before = (bag / "data/来件/WH2018-0001/message.eml").read_bytes()
    (bag / "data/来件/WH2018-0001/message.eml").write_bytes(b"changed")
    assert "已有一份，与现在的存档不同" in export(held, "bag", bag.parent, "--notice", notice, code=1)
    (bag / "data/来件/WH2018-0001/message.eml").write_bytes(before)


# --- hand-over to a records office


def sheet_rows(sheet: Path) -> list[list[object]]:
    """The cells of a workbook as another program reads them."""
    return python_calamine.load_workbook(sheet).get_sheet_by_index(0).to_python()


def filled(sheet: Path, changes: Mapping[str, Mapping[str, str]], to: Path) -> Path:
    """The worksheet as staff fill it in (number → column → text) and save it from a spreadsheet as CSV."""
    rows = sheet_rows(sheet)
    head = rows[1]
    for row in rows[2:]:
        for column, text in changes.get(str(row[1]), {}).items():
            row[head.index(column)] = text
    with to.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    return to


FIRST = {"通知": {"全宗号": "Z109", "机构（问题）": "办公室", "保管期限": "永久"}, "WH2018-0001": {"保管期限": "30年"}}


@pytest.fixture(scope="module")
def handed(held: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("handover")
    (to / "通知.docx").write_bytes(b"the notice")
    said = export(held, "handover", to, "--notice", to / "通知.docx")
    assert "请填写全宗号" in said
    sheet = filled(to / "归档清单.xlsx", FIRST, to / "填好.csv")
    said = export(held, "handover", to, "--notice", to / "通知.docx", "--list", sheet)
    assert "逐个读回核对无误" in said
    return to / f"{CAMPAIGN}-移交"


def test_a_hand_over_lies_by_year_class_and_file_number(held: Office, handed: Path) -> None:
    assert sorted(path.name for path in handed.iterdir()) == ["其他", "文件目录.XML", "电子档案", "说明文件.TXT"]
    folders = sorted(path.name for path in (handed / "电子档案/2018/文书").iterdir())
    assert folders == ["Z109-WS·2018-D30-办公室-0001", "Z109-WS·2018-D30-办公室-0002", "Z109-WS·2018-Y-办公室-0001"]
    first = handed / "电子档案/2018/文书/Z109-WS·2018-D30-办公室-0001"
    assert {path: digest(first / path) for path in in_archive(held, "WH2018-0001")} == in_archive(held, "WH2018-0001")
    assert len(list((first / "letters").iterdir())) == 1


def test_the_catalogue_names_every_file_with_its_checksum(handed: Path) -> None:
    root = etree.parse(handed / "文件目录.XML").getroot()
    told = {each.get("路径"): each.get("SHA-256") for each in root.iter("电子文件")}
    lying = {
        path.relative_to(handed).as_posix(): digest(path) for path in (handed / "电子档案").rglob("*") if path.is_file()
    }
    assert told == lying
    second = root.findall("文件")[1]
    assert [second.findtext(name) for name in ("顺序号", "件号", "保管期限", "责任者", "题名", "日期", "来件编号")] == [
        "2", "0001", "30年", "共青团威海市环翠区委员会", "环翠区报送青年文明号创建成果", "20180815", "WH2018-0001",
    ]  # fmt: skip


def test_a_hand_over_is_checked_by_sha256sum_and_explained_in_plain_text(handed: Path) -> None:
    subprocess.run(["sha256sum", "-c", "--quiet", "其他/校验值.txt"], cwd=handed, check=True)
    listed = len((handed / "其他/校验值.txt").read_text("utf-8").splitlines())
    assert listed == sum(path.is_file() for path in handed.rglob("*")) - 1
    words = (handed / "说明文件.TXT").read_bytes()
    assert words.startswith(b"\xef\xbb\xbf") and words.count(b"\n") == words.count(b"\r\n")
    text = words.decode("utf-8-sig")
    for part in ("全宗号：Z109", "3 件", "永久 1 件，30年 2 件", "未收入：WH2018-0002", "不声称符合任何标准"):
        assert part in text


def test_the_worksheet_is_text_and_proposes_what_units_submitted(handed: Path) -> None:
    rows = {str(row[1]): row for row in sheet_rows(handed.parent / "归档清单.xlsx")[2:-1]}
    assert {number: row[0] for number, row in rows.items()} == {
        "通知": "是", "WH2018-0001": "是", "WH2018-0004": "是", "WH2018-0002": "否",
    }  # fmt: skip
    assert "不能导出" in str(rows["WH2018-0002"][-1])
    assert all(isinstance(value, str) for row in rows.values() for value in row)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"通知": {"保管期限": "永久"}}, "第 3 行缺全宗号"),
        ({**FIRST, "WH2018-0004": {"保管期限": "很久"}}, "第 5 行的保管期限请写永久、30年或10年"),
        ({**FIRST, "WH2018-0002": {"归档": "是", "年度": "2018"}}, "WH2018-0002 含有不能导出的内容"),
        ({**FIRST, "WH2018-0004": {"密级": "秘密"}}, "第 5 行的密级是秘密，不能导出"),
        ({**FIRST, "WH2018-0004": {"机构（问题）": "a/b"}}, "不能作文件夹名的字符"),
        ({**FIRST, "WH2018-0001": {"件号": "1", "保管期限": "永久"}, "通知": {**FIRST["通知"], "件号": "1"}}, "重复"),
    ],
)
def test_a_worksheet_that_cannot_be_is_told_by_its_row(
    held: Office, handed: Path, tmp_path: Path, changes: Mapping[str, Mapping[str, str]], told: str
) -> None:
    sheet = filled(handed.parent / "归档清单.xlsx", changes, tmp_path / "清单.csv")
    said = export(held, "handover", tmp_path, "--list", sheet, "--notice", handed.parent / "通知.docx", code=1)
    assert told in said
    assert not (tmp_path / handed.name).exists()


def test_a_worksheet_staff_may_have_filled_in_is_not_overwritten(held: Office, handed: Path) -> None:
    before = (handed.parent / "归档清单.xlsx").read_bytes()
    assert "已经有了" in export(held, "handover", handed.parent, code=1)
    assert (handed.parent / "归档清单.xlsx").read_bytes() == before


# --- discs


def extracted(image: Path) -> dict[str, bytes]:
    """Every file of an image as libarchive reads it."""
    with libarchive.file_reader(str(image), format_name="iso9660") as entries:
        return {str(entry): b"".join(entry.get_blocks()) for entry in entries if entry.isfile}


def test_discs_of_a_bag_are_bags_of_their_own_that_know_how_many_they_are(held: Office, tmp_path: Path) -> None:
    said = export(held, "iso", tmp_path, "--size", "3MB")
    folder = tmp_path / f"{CAMPAIGN}-光盘"
    images = sorted(folder.glob("*.iso"))
    assert len(images) > 1 and f"共 {len(images)} 张光盘" in said
    subprocess.run(["sha256sum", "-c", "--quiet", "校验值.txt"], cwd=folder, check=True)
    numbers: list[str] = []
    for place, image in enumerate(images, start=1):
        assert image.stat().st_size <= 3_000_000
        listed = subprocess.run(["isoinfo", "-R", "-f", "-i", image], capture_output=True, check=True).stdout.decode()
        files = extracted(image)
        assert {f"/{path}" for path in files} <= set(listed.splitlines())
        for path, data in files.items():
            (tmp_path / str(place) / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / str(place) / path).write_bytes(data)
        disc = bagit.Bag(str(tmp_path / str(place)))
        disc.validate()
        assert disc.info["Bag-Count"] == f"{place} of {len(images)}"
        numbers += sorted({path.split("/")[2] for path in files if path.startswith("data/来件/")})
    assert numbers == ["WH2018-0001", "WH2018-0003", "WH2018-0004"]  # each on one disc only
    rows = [(row[0], row[2]) for row in sheet_rows(folder / "光盘清单.xlsx")[2:-1]]
    assert [number for _, number in rows if str(number).startswith("WH")] == numbers


def test_each_disc_of_a_hand_over_has_the_whole_catalogue(held: Office, handed: Path, tmp_path: Path) -> None:
    more = ("--notice", handed.parent / "通知.docx", "--list", handed.parent / "填好.csv", "--of", "handover")
    export(held, "iso", tmp_path, "--size", "3MB", *more)
    images = sorted((tmp_path / f"{CAMPAIGN}-光盘").glob("*.iso"))
    assert len(images) > 1
    files = [extracted(image) for image in images]
    assert all(one["文件目录.XML"] == (handed / "文件目录.XML").read_bytes() for one in files)
    assert f"第 1 张，共 {len(images)} 张" in files[0]["说明文件.TXT"].decode("utf-8-sig")
    archived = [path for one in files for path in one if path.startswith("电子档案/")]
    assert sorted(archived) == sorted(
        path.relative_to(handed).as_posix() for path in (handed / "电子档案").rglob("*") if path.is_file()
    )


def test_a_件_larger_than_a_disc_is_named_and_nothing_is_written(held: Office, tmp_path: Path) -> None:
    said = export(held, "iso", tmp_path, "--size", "2100KB", code=1)
    assert "WH2018-0001" in said and "请用更大的 --size" in said
    assert list(tmp_path.iterdir()) == []


# --- folders and ZIPs for people


@pytest.fixture(scope="module")
def shelf(held: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("folders")
    said = export(held, "folders", to)
    assert "未收入 WH2018-0002：青之见征文-值守（实践案例）.docx 含有机密" in said
    return to / f"{CAMPAIGN}-材料"


def test_folders_hold_what_counts_by_unit_material_and_work(held: Office, shelf: Path) -> None:
    unit = shelf / "共青团威海市环翠区委员会"
    pictures = sorted((unit / "“改革开放青观察”图片作品/海边的变迁").glob("*.jpg"))
    assert [path.name[:2] for path in pictures] == ["01", "02", "03", "04"]
    whole = in_archive(held, "WH2018-0001")
    assert digest(pictures[0]) == whole["files/青观察-海边的变迁.zip.内容/海边的变迁/1.jpg"]
    lying = {digest(path) for path in shelf.rglob("*") if path.is_file()}
    assert in_archive(held, "WH2018-0002")["files/青之见征文-值守（实践案例）.docx"] not in lying
    subprocess.run(["sha256sum", "-c", "--quiet", "校验值.txt"], cwd=shelf, check=True)


def test_the_list_names_every_file_and_what_was_left_out_as_text(shelf: Path) -> None:
    rows = sheet_rows(shelf / "目录.xlsx")[2:-1]
    files = [path for path in shelf.rglob("*") if path.is_file() and path.parent != shelf]
    assert sorted(str(row[3]) for row in rows if not row[7]) == sorted(path.name for path in files)
    assert [(row[3], row[5]) for row in rows if row[7]] == [("青之见征文-值守（实践案例）.docx", "WH2018-0002")]
    assert "=1+1的道理" in {row[2] for row in rows}  # a cell that would be a formula stays text


def test_the_page_links_every_file_beside_it_and_runs_no_script(shelf: Path) -> None:
    root = lxml.html.parse(str(shelf / "index.html")).getroot()
    links = [unquote(link) for link in root.xpath("//a/@href")]
    assert sorted(links) == sorted(
        path.relative_to(shelf).as_posix() for path in shelf.rglob("*") if path.is_file() and path.parent != shelf
    )
    assert not root.xpath("//script | //@onclick | //link | //img")
    assert "未收入：青之见征文-值守（实践案例）.docx（WH2018-0002）含有机密、身份证号" in root.text_content()


def test_a_zip_for_each_unit_opens_elsewhere_with_its_own_list(held: Office, shelf: Path, tmp_path: Path) -> None:
    export(held, "zip", tmp_path, "--by", "unit")
    packed = sorted((tmp_path / f"{CAMPAIGN}-zip-分单位").iterdir())
    assert [path.name for path in packed] == ["共青团威海市文登区委员会.zip", "共青团威海市环翠区委员会.zip"]
    found: dict[str, str] = {}
    for path in packed:
        with zipfile.ZipFile(path) as one:
            assert all(info.flag_bits & 0x800 for info in one.infolist() if not info.filename.isascii())
        with libarchive.file_reader(str(path), format_name="zip") as entries:
            found |= {str(e): hashlib.sha256(b"".join(e.get_blocks())).hexdigest() for e in entries}
    own = {name for name in found if name.rpartition("/")[2] in ("目录.xlsx", "index.html", "校验值.txt")}
    assert len(own) == 6
    assert {name: sha for name, sha in found.items() if name not in own} == {
        path.relative_to(shelf).as_posix(): digest(path)
        for path in shelf.rglob("*")
        if path.is_file() and path.parent != shelf
    }


def test_one_zip_of_a_campaign_is_the_same_bytes_each_time(held: Office, tmp_path: Path) -> None:
    for to in ("a", "b"):
        export(held, "zip", tmp_path / to)
    first, second = (next((tmp_path / to).rglob("*.zip")) for to in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.name == "青年文明号创建成果征集.zip"


# --- a selection for the upper office


@pytest.fixture(scope="module")
def chosen(held: Office) -> Office:
    run(held, "select", "WH2018-0004", "守望", "--for", "团省委", "--rank", "2", "--note", "=现场感强")
    said = run(held, "select", "WH2018-0001", "2/海边的变迁/3.jpg", "--for", "团省委", "--rank", "1")
    assert "已选送团省委：《海边的变迁》（共青团威海市环翠区委员会），共 2 件" in said
    return held


def test_a_selection_is_the_offices_form_a_note_and_the_works(chosen: Office, tmp_path: Path) -> None:
    said = export(chosen, "selection", tmp_path, "--for", "团省委")
    assert "团省委的期限是 2018年8月31日，还有 15 天" in said and "没有发出" in said
    first = tmp_path / f"{CAMPAIGN}-选送-团省委/第1封"
    rows = sheet_rows(first / "汇总表.xlsx")
    assert rows[0][0] == "全省成果推荐表"
    assert rows[2:] == [
        ["序号", "作品名称", "展示形式", "创作集体", "推荐单位", "备注"],
        ["1", "海边的变迁", "图片", "示例港务站", "共青团威海市环翠区委员会", ""],  # 创作集体 from the unit's own table
        ["2", "守望", "短视频", "", "共青团威海市文登区委员会", "=现场感强"],
    ]
    note = "\n".join(paragraph.text for paragraph in Document(str(first / "选送函.docx")).paragraphs)
    for words in ("关于报送青年文明号创建成果征集作品的函", "团省委：", "2 件作品，来自 2 个单位", "2018年8月16日"):
        assert words in note
    assert digest(first / "02 守望.mp4") == in_archive(chosen, "WH2018-0004")["files/新时代青年说-短视频：守望.mp4"]
    with zipfile.ZipFile(first / "01 海边的变迁.zip") as packed:
        inside = {hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist()}
    assert inside <= set(in_archive(chosen, "WH2018-0001").values()) and len(inside) == 5
    words = (first / "正文.txt").read_bytes().decode("utf-8-sig")
    assert "1. 汇总表.xlsx" in words and "4. 02 守望.mp4" in words and "！" not in words


def test_it_is_mailed_in_parts_under_the_limit_and_what_fits_no_mail_lies_apart(chosen: Office, tmp_path: Path) -> None:
    export(chosen, "selection", tmp_path / "a", "--for", "团省委", "--part", "310KB")
    folder = tmp_path / "a" / f"{CAMPAIGN}-选送-团省委"
    assert sorted(path.name for path in folder.iterdir()) == ["第1封", "第2封"]
    assert "第 2 封，共 2 封" in (folder / "第2封/正文.txt").read_text("utf-8-sig")
    for part in folder.iterdir():
        mail = EmailMessage()
        mail.set_content((part / "正文.txt").read_text("utf-8-sig"))
        for path in part.iterdir():
            if path.name != "正文.txt":
                mail.add_attachment(path.read_bytes(), maintype="application", subtype="zip", filename=path.name)
        assert len(mail.as_bytes(policy=SMTP)) <= 310_000
    said = export(chosen, "selection", tmp_path / "b", "--for", "团省委", "--part", "100KB")
    assert "01 海边的变迁.zip" in said and "另交" in said
    folder = tmp_path / "b" / f"{CAMPAIGN}-选送-团省委"
    assert [path.name for path in (folder / "另交").iterdir()] == ["01 海边的变迁.zip"]
    assert "另行报送的：01 海边的变迁.zip" in (folder / "第1封/正文.txt").read_text("utf-8-sig")


def test_the_offices_limit_holds(chosen: Office, tmp_path: Path) -> None:
    said = run(chosen, "select", "WH2018-0001", "=1+1的道理", "--for", "团省委")
    assert "团省委只收 2 件，已选 3 件" in said
    assert "团省委只收 2 件" in export(chosen, "selection", tmp_path, "--for", "团省委", code=1)
    run(chosen, "select", "WH2018-0001", "=1+1的道理", "--for", "团省委", "--drop")
    assert len(chosen.ledger.selections.all(CAMPAIGN, "团省委")) == 2


def test_what_is_marked_secret_cannot_be_chosen(chosen: Office) -> None:
    said = run(chosen, "select", "WH2018-0002", "值守", "--for", "团省委", code=1)
    assert "含有机密" in said and "不能选送" in said


def test_a_work_that_is_not_there_is_told_with_those_that_are(chosen: Office) -> None:
    assert "现有：守望" in run(chosen, "select", "WH2018-0004", "别的", "--for", "团省委", code=1)
    assert "没有选送市文明办" in run(chosen, "result", "WH2018-0004", "守望", "采用", "--for", "市文明办", code=1)


def test_the_result_is_recorded_and_every_event_tells_what_a_rebuild_needs(chosen: Office) -> None:
    run(chosen, "result", "WH2018-0001", "海边的变迁", "采用", "--for", "团省委", "--note", "一等奖")
    run(chosen, "result", "WH2018-0004", "2", "unused", "--for", "团省委")
    run(chosen, "select", "WH2018-0004", "守望", "--for", "团省委", "--rank", "3")
    shown = json.loads(run_json(chosen, "selected", CAMPAIGN, "--json"))
    assert [(one["title"], one["rank"], one["result"], one["result_note"], one["stands"]) for one in shown] == [
        ("海边的变迁", 1, "used", "一等奖", True), ("守望", 3, "unused", "", True),
    ]  # fmt: skip
    again: dict[tuple[str, str, str], Selection] = {}
    for number in ("WH2018-0001", "WH2018-0004"):
        for event in chosen.ledger.events.of(number):
            key = (number, event.data.get("piece", ""), event.data.get("whom", ""))
            if event.kind == "selected":
                told = {name: event.data[name] for name in ("piece", "item", "title", "whom", "rank", "note")}
                assert event.campaign and event.unit
                new = Selection(event.campaign, event.unit, number, at=event.at, who=event.who, **told)
                had = again.get(key, new)
                result = {"result": had.result, "result_note": had.result_note, "result_at": had.result_at}
                again[key] = replace(new, **result)
            elif event.kind == "unselected":
                del again[key]
            elif event.kind == "selection-result":
                result = {"result": event.data["result"], "result_note": event.data["note"], "result_at": event.at}
                again[key] = replace(again[key], **result)
    assert set(again.values()) == set(chosen.ledger.selections.all(CAMPAIGN))


def run_json(held: Office, *words: str) -> str:
    """A reading command, which takes no time."""
    return CliRunner().invoke(app, ["--home", str(held.home), *words]).output
