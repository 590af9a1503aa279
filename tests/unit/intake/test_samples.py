"""Archives made by programs that are not ours: opened, and honest where they cannot be."""

import hashlib
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from config.settings import LimitSettings
from intake.mail import Leaf, read_mail
from intake.unpack import Unpacker

SAMPLES = Path(__file__).parents[2] / "samples" / "archives"
LIMITS = LimitSettings()
FILES = {f"材料/图片{n}.txt": str(n).encode() * 3000 for n in (1, 2, 3)} | {"材料/汇总表.txt": "汇总\n".encode()}
TWO = {"stest1.txt": 2048, "stest2.txt": 2048}


def came(folder: Path, *names: str, data: dict[str, bytes] | None = None) -> tuple[Leaf, ...]:
    """Files attached to one mail, in that order, and what they were opened to."""
    out = folder / "files"
    out.mkdir()
    leaves = []
    for number, name in enumerate(names, 2):
        octets = data[name] if data else (SAMPLES / name).read_bytes()
        (out / name).write_bytes(octets)
        leaves.append(Leaf(str(number), name, f"files/{name}", hashlib.sha256(octets).hexdigest(), len(octets)))
    opened = tuple(Unpacker(out, LIMITS).opened(leaves))
    written = {path.relative_to(folder).as_posix() for path in out.rglob("*") if path.is_file()}
    assert written == {leaf.stored for leaf in opened}
    assert all(hashlib.sha256((folder / leaf.stored).read_bytes()).hexdigest() == leaf.sha256 for leaf in opened)
    return opened


def inside(leaves: tuple[Leaf, ...], path: str = "2") -> dict[str, int]:
    return {leaf.path.removeprefix(f"{path}/"): leaf.size for leaf in leaves if leaf.within == path}


@pytest.mark.parametrize(
    "name",
    ["made-by-7z.7z", "made-by-zip.zip", "made-by-tar.tar.gz", "made-by-tar.tar.bz2", "made-by-tar.tar.xz"],
)
def test_archives_of_the_usual_programs_give_their_files(tmp_path: Path, name: str) -> None:
    packed, *inner = came(tmp_path, name)
    assert packed.problem is None
    assert {leaf.path.removeprefix("2/"): (tmp_path / leaf.stored).read_bytes() for leaf in inner} == FILES


def test_a_solid_rar_5_is_opened(tmp_path: Path) -> None:
    leaves = came(tmp_path, "rar5-solid.rar")
    assert (leaves[0].problem, inside(leaves)) == (None, TWO)


def test_a_solid_rar_4_is_opened(tmp_path: Path) -> None:
    leaves = came(tmp_path, "rar3-solid.rar")
    assert (leaves[0].problem, inside(leaves)) == (None, TWO)


def test_without_unar_a_solid_rar_4_asks_for_another_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (packed,) = came(tmp_path, "rar3-solid.rar")
    assert packed.problem == "unsupported"


@pytest.mark.parametrize("name", ["rar3-subdirs.rar", "rar5-subdirs.rar"])
def test_folders_and_foreign_names_of_a_rar_are_kept(tmp_path: Path, name: str) -> None:
    leaves = came(tmp_path, name)
    assert leaves[0].problem is None
    assert {"sub/dir1/file1.txt", "sub/with space/long fn.txt", "sub/üȵĩöḋè/file.txt"} <= set(inside(leaves))


@pytest.mark.parametrize(
    "name",
    [
        "rar5-hpsw.rar",
        "rar5-psw.rar",
        "rar3-comment-hpsw.rar",
        "made-by-7z-password.7z",
        "made-by-7z-password-names.7z",
        "made-by-7z-password-aes.zip",
        "made-by-zip-password.zip",
    ],
)
def test_a_password_is_told_whatever_the_program(tmp_path: Path, name: str) -> None:
    (packed,) = came(tmp_path, name)
    assert packed.problem == "encrypted"


def test_a_link_in_a_rar_leads_nowhere(tmp_path: Path) -> None:
    leaves = came(tmp_path, "rar5-evil-symlink-traversal.rar")
    assert (leaves[0].problem, inside(leaves)) == ("link", {"up/pwned.txt": 23})


# --- volumes ------------------------------------------------------------------------------------------------------

SETS = {
    "rar 5": (["rar5-vols.part1.rar", "rar5-vols.part2.rar", "rar5-vols.part3.rar"], ["vols/bigfile.txt"]),
    "rar 4": (["rar3-vols.part1.rar", "rar3-vols.part2.rar", "rar3-vols.part3.rar"], ["vols/bigfile.txt"]),
    "old rar": (["rar3-old.rar", "rar3-old.r00", "rar3-old.r01"], ["vols/bigfile.txt"]),
    "7z": (["材料.7z.001", "材料.7z.002", "材料.7z.003"], ["照片.txt", "说明.txt"]),
    "cut zip": (["整理.zip.001", "整理.zip.002", "整理.zip.003"], ["照片.txt", "说明.txt"]),
    "split zip": (["分卷.z01", "分卷.z02", "分卷.zip"], ["照片.txt", "说明.txt"]),
}
SIZES = {"vols/bigfile.txt": 205_000, "vols/smallfile.txt": 2050, "照片.txt": 132_000, "说明.txt": 7}


@pytest.fixture(scope="session")
def volumes() -> dict[str, bytes]:
    """The volumes by name."""
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress((SAMPLES / "volumes.tar.xz").read_bytes()))) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", SETS)
def test_volumes_in_one_mail_are_opened_as_one_whatever_their_order(
    tmp_path: Path, volumes: dict[str, bytes], kind: str
) -> None:
    names, _ = SETS[kind]
    leaves = came(tmp_path, *reversed(names), data=volumes)
    first = next(leaf.path for leaf in leaves if leaf.name == names[0])
    found = inside(leaves, first)
    assert len(found) == 2
    assert found == {name: SIZES[name] for name in found}
    assert {leaf.problem for leaf in leaves} == {None}
    assert {leaf.name for leaf in leaves if leaf.within is None} == set(names)


@pytest.mark.parametrize(
    ("kind", "lacking", "note"),
    [
        *((kind, 0, "缺少第1卷") for kind in SETS),
        *((kind, 1, "缺少第2卷") for kind in SETS),
        *((kind, 2, "缺少第3卷") for kind in SETS if kind != "split zip"),
        ("split zip", 2, "缺少最后一卷（.zip）"),
    ],
)
def test_where_a_volume_is_missing_the_first_that_came_says_which(
    tmp_path: Path, volumes: dict[str, bytes], kind: str, lacking: int, note: str
) -> None:
    names = [name for place, name in enumerate(SETS[kind][0]) if place != lacking]
    leaves = came(tmp_path, *names, data=volumes)
    told = [(leaf.name, leaf.problem, leaf.note) for leaf in leaves if leaf.problem]
    assert told == [(names[0], "volume-missing", note)]


@pytest.mark.parametrize("name", ["材料.rar", "rar5-vols.part1.rar"])
def test_a_lone_volume_is_known_by_its_content_too(tmp_path: Path, volumes: dict[str, bytes], name: str) -> None:
    (packed,) = came(tmp_path, name, data={name: volumes["rar5-vols.part1.rar"]})
    assert packed.problem == "volume-missing"
    assert packed.note == ("缺少第2卷" if "part1" in name else "缺少其余分卷")


def test_the_last_part_of_a_split_zip_alone_lacks_the_others(tmp_path: Path, volumes: dict[str, bytes]) -> None:
    packed, *_ = came(tmp_path, "分卷.zip", data=volumes)
    assert (packed.problem, packed.note) == ("volume-missing", "缺少第1卷")


def test_files_of_one_name_in_different_folders_are_no_volumes_of_each_other(
    tmp_path: Path, volumes: dict[str, bytes]
) -> None:
    out = tmp_path / "files"
    out.mkdir()
    leaves = []
    for folder, name in (("甲", "材料.7z.001"), ("乙", "材料.7z.002"), ("甲", "材料.7z.003")):
        (out / folder).mkdir(exist_ok=True)
        (out / folder / name).write_bytes(volumes[name])
        leaves.append(Leaf(f"1/{folder}/{name}", name, f"files/{folder}/{name}", "", len(volumes[name])))
    told = [(leaf.path, leaf.problem, leaf.note) for leaf in Unpacker(out, LIMITS).opened(leaves)]
    assert told == [
        ("1/甲/材料.7z.001", "volume-missing", "缺少第2卷"),
        ("1/乙/材料.7z.002", "volume-missing", "缺少第1卷"),
        ("1/甲/材料.7z.003", None, None),
    ]


def test_volumes_packed_into_a_zip_are_opened_too(tmp_path: Path, volumes: dict[str, bytes]) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in SETS["7z"][0]:
            info = tarfile.TarInfo(f"分卷/{name}")
            info.size = len(volumes[name])
            archive.addfile(info, io.BytesIO(volumes[name]))
    leaves = came(tmp_path, "全部.tar", data={"全部.tar": file.getvalue()})
    assert inside(leaves, "2/分卷/材料.7z.001") == {"照片.txt": 132_000, "说明.txt": 7}


# --- uuencode -----------------------------------------------------------------------------------------------------


def test_files_that_sharutils_wrote_into_the_text_come_out(tmp_path: Path) -> None:
    text = (SAMPLES / "uuencoded-by-sharutils.txt").read_bytes()
    (tmp_path / "message.eml").write_bytes(b"From: a@unit.example.test\nSubject: x\n\n" + text)
    mail, leaves = read_mail(tmp_path / "message.eml", tmp_path / "files", LIMITS)
    assert [(leaf.path, leaf.name) for leaf in leaves] == [("1/1", "标志.png"), ("1/2", "图片1.txt")]
    assert (tmp_path / leaves[0].stored).read_bytes() == b"\x89PNG\r\n\x1a\n0123456789"
    assert (tmp_path / leaves[1].stored).read_bytes() == b"1" * 3000
    assert mail.text == "您好，附件如下。\n\n此致"
