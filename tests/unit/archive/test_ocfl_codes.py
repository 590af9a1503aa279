"""The validator gives the specification's code for each bad object, and none for good ones; ocfl-py is asked too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ocfl import StorageRoot
from ocfl.validator import Validator

from archive.ocfl.codes import CODES, NEVER
from archive.ocfl.roots import validate_root
from archive.ocfl.validating import validate_object
from tests.unit.archive.ocfl_objects import Made, digest, good, save
from tests.unit.archive.test_verify import filled

Told = dict[str, Any]
OTHER = "0" * 128


def newest(change: Callable[[Told], object]) -> Callable[[Made, Path], None]:
    """Change the root inventory and its twin, before it is written."""

    def before(made: Made, folder: Path) -> None:
        for told in made.newest():
            change(told)
        made.write(folder)

    return before


def first(change: Callable[[Told], object]) -> Callable[[Made, Path], None]:
    """Change the inventory of v1 alone."""

    def before(made: Made, folder: Path) -> None:
        change(made.told["v1"])
        made.write(folder)

    return before


def everywhere(change: Callable[[Told], object]) -> Callable[[Made, Path], None]:
    """Change every inventory."""

    def before(made: Made, folder: Path) -> None:
        for told in made.told.values():
            change(told)
        made.write(folder)

    return before


def after(change: Callable[[Path], object]) -> Callable[[Made, Path], None]:
    """Change what lies on the disk."""

    def later(made: Made, folder: Path) -> None:
        change(made.write(folder))

    return later


def put(*way: str, value: Any) -> Callable[[Told], None]:
    """Set a value deep in an inventory."""

    def change(told: Told) -> None:
        for key in way[:-1]:
            told = told[key]
        told[way[-1]] = value

    return change


def drop(*way: str) -> Callable[[Told], None]:
    """Remove a value deep in an inventory."""

    def change(told: Told) -> None:
        for key in way[:-1]:
            told = told[key]
        del told[way[-1]]

    return change


def repath(old: str, new: str) -> Callable[[Told], None]:
    """Another content path in the manifest."""

    def change(told: Told) -> None:
        for paths in told["manifest"].values():
            paths[:] = [new if path == old else path for path in paths]
        told.pop("fixity", None)

    return change


def relogical(new: str) -> Callable[[Told], None]:
    """Another logical path for d/b.txt in v2."""

    def change(told: Told) -> None:
        state = told["versions"]["v2"]["state"]
        for paths in state.values():
            paths[:] = [new if path == "d/b.txt" else path for path in paths]

    return change


def write(path: str, text: str = "") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)

    return change


def move(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: (folder / old).rename(folder / new) and None


def upper_twin(told: Told) -> None:
    told["manifest"][next(iter(told["manifest"])).upper()] = ["v1/content/twin"]


def fixity_twin(told: Told) -> None:
    block = told["fixity"]["md5"]
    block[next(iter(block)).upper()] = ["v1/content/a.txt"]


def bare(told: Told) -> Told:
    """Without fixity, which would tell of the same files again."""
    told.pop("fixity", None)
    return told


def mixed(told: Told) -> None:
    told["versions"]["v04"] = told["versions"]["v3"]


def spoil_state(told: Told) -> None:
    told["versions"]["v1"]["state"].popitem()
    told["manifest"].popitem()
    bare(told)


def unhex(algorithm: str) -> Callable[[Told], None]:
    return put("fixity", algorithm, value={"zz": ["v1/content/a.txt"]})


def shorter(told: Told) -> None:
    """sha512 is said, sha256 is used."""
    text = json.dumps(bare(told))
    for path_digest in list(told["manifest"]):
        text = text.replace(path_digest, path_digest[:64])
    told.clear()
    told.update(json.loads(text))


def padded(made: Made, folder: Path) -> None:
    """Versions v01 … v10: the last does not begin with v0."""
    made = good(name=lambda number: f"v{number:02d}")
    for told in made.newest():
        told["versions"] |= {f"v{number:02d}": told["versions"]["v03"] for number in range(4, 11)}
        told["head"] = "v10"
    made.write(folder)


def older(made: Made, folder: Path) -> None:
    made.told["v1"]["type"] = "https://ocfl.io/1.1/spec/#inventory"
    made.told["v2"]["type"] = "https://ocfl.io/1.0/spec/#inventory"
    made.write(folder)


def other_folder(made: Made, folder: Path) -> None:
    made.told["v1"]["contentDirectory"] = "content"
    made.told["v2"]["contentDirectory"] = "data"
    made.write(folder)


def late_folder(made: Made, folder: Path) -> None:
    newest(put("contentDirectory", value="content"))(made, folder)


def unused(made: Made, folder: Path) -> None:
    made.content["v1/content/unused"] = b"unused"
    newest(put("manifest", digest(b"unused", "sha512"), value=["v1/content/unused"]))(made, folder)


BAD: list[tuple[str, Callable[[Made, Path], None]]] = [
    ("E001", after(write("extra.txt"))),
    ("E001", after(lambda o: (o / "strange").mkdir())),
    ("E003", after(lambda o: (o / "0=ocfl_object_1.1").unlink())),
    ("E003", after(write("0=ocfl_object_1.0", "ocfl_object_1.0\n"))),
    ("E005", after(move("0=ocfl_object_1.1", "1=ocfl_object_1.1"))),
    ("E006", after(move("0=ocfl_object_1.1", "0=ocfl_object_one"))),
    ("E007", after(write("0=ocfl_object_1.1", "ocfl_object_1.1"))),
    ("E007", after(write("0=ocfl_object_1.1", "ocfl_object_1.0\n"))),
    ("E008", newest(put("versions", value={}))),
    ("E009", newest(drop("versions", "v1"))),
    ("E010", newest(drop("versions", "v2"))),
    ("E011", padded),
    ("E012", newest(mixed)),
    ("E014", newest(repath("v1/content/a.txt", "v01/content/a.txt"))),
    ("E015", after(write("v1/notes.txt"))),
    ("E016", after(move("v2/content", "v2/contents"))),
    ("E017", everywhere(put("contentDirectory", value="a/b"))),
    ("E018", everywhere(put("contentDirectory", value=".."))),
    ("E019", late_folder),
    ("E020", other_folder),
    ("E021", newest(repath("v1/content/a.txt", "v1/data/a.txt"))),
    ("E023", after(write("v1/content/more.txt"))),
    ("E024", after(lambda o: (o / "v1/content/empty").mkdir())),
    ("E025", everywhere(put("digestAlgorithm", value="md5"))),
    ("E029", newest(unhex("sha1"))),
    ("E030", newest(unhex("sha256"))),
    ("E031", newest(unhex("sha512"))),
    ("E032", newest(unhex("blake2b-512"))),
    ("E033", after(lambda o: [write("inventory.json", "{")(o), write("v3/inventory.json", "{")(o)])),
    ("E033", after(lambda o: [save(o, []), save(o / "v3", [])])),
    ("E034", after(move("inventory.json", "Inventory.json"))),
    ("E035", newest(repath("v1/content/a.txt", "v1\\content\\a.txt"))),
    ("E036", newest(drop("id"))),
    ("E036", newest(drop("type"))),
    ("E036", newest(drop("digestAlgorithm"))),
    ("E036", newest(drop("head"))),
    ("E037", everywhere(put("id", value=""))),
    ("E038", newest(put("type", value="https://example.test/"))),
    ("E038", newest(put("type", value="https://ocfl.io/1.0/spec/#inventory"))),
    ("E039", newest(shorter)),
    ("E040", newest(put("head", value="v2"))),
    ("E041", newest(drop("manifest"))),
    ("E042", newest(repath("v1/content/a.txt", "content/a.txt"))),
    ("E042", newest(repath("v1/content/a.txt", "v9/content/a.txt"))),
    ("E043", newest(drop("versions"))),
    ("E044", newest(put("versions", value=[]))),
    ("E046", after(lambda o: (o / "v9").mkdir())),
    ("E046", after(lambda o: [path.unlink() for path in (o / "v3").iterdir()] and (o / "v3").rmdir())),
    ("E047", newest(put("versions", "v2", value=[]))),
    ("E048", newest(drop("versions", "v2", "created"))),
    ("E048", newest(drop("versions", "v2", "state"))),
    ("E049", newest(put("versions", "v2", "created", value="2018-08-22"))),
    ("E049", newest(put("versions", "v2", "created", value="2018-08-22T09:00Z"))),
    ("E049", newest(put("versions", "v2", "created", value="2018-08-22T09:00:00"))),
    ("E049", newest(put("versions", "v2", "created", value="2018-13-22T09:00:00Z"))),
    ("E050", newest(put("versions", "v2", "state", value=[]))),
    ("E050", newest(put("versions", "v2", "state", OTHER, value=["c.txt"]))),
    ("E052", newest(relogical("d/../b.txt"))),
    ("E053", newest(relogical("/d/b.txt"))),
    ("E054", newest(drop("versions", "v2", "user", "name"))),
    ("E054", newest(put("versions", "v2", "user", value="Wang"))),
    ("E056", newest(put("fixity", "crc99", value={}))),
    ("E057", newest(put("fixity", "md5", value=[]))),
    ("E057", newest(put("fixity", "md5", "0" * 32, value=["v1/content/none"]))),
    ("E058", after(lambda o: (o / "inventory.json.sha512").unlink())),
    ("E058", after(lambda o: (o / "v1/inventory.json.sha512").unlink())),
    ("E059", after(move("inventory.json.sha512", "inventory.json.sha256"))),
    ("E060", after(write("inventory.json.sha512", f"{OTHER} inventory.json\n"))),
    ("E060", after(write("v1/inventory.json.sha512", f"{OTHER} inventory.json\n"))),
    ("E061", after(write("inventory.json.sha512", OTHER))),
    ("E063", after(lambda o: (o / "inventory.json").unlink())),
    ("E064", after(lambda o: save(o / "v3", json.loads((o / "v2/inventory.json").read_text())))),
    ("E066", first(spoil_state)),
    ("E067", after(write("extensions/notes.txt"))),
    ("E082", after(lambda o: good().write(o / "inner"))),
    ("E090", after(lambda o: (o / "v1/content/link").symlink_to("a.txt"))),
    ("E092", after(lambda o: (o / "v1/content/a.txt").unlink())),
    ("E092", after(write("v1/content/a.txt", "other"))),
    ("E092", newest(put("manifest", digest(b"one\n", "sha512"), value="v1/content/a.txt"))),
    ("E093", newest(put("fixity", "md5", value={"0" * 32: ["v1/content/a.txt"]}))),
    ("E094", newest(put("versions", "v2", "message", value=2))),
    ("E095", newest(relogical("a.txt"))),
    ("E095", newest(relogical("a.txt/b"))),
    ("E096", newest(upper_twin)),
    ("E097", newest(fixity_twin)),
    ("E099", newest(repath("v1/content/a.txt", "v1/content/./a.txt"))),
    ("E100", newest(repath("v1/content/a.txt", "/v1/content/a.txt"))),
    ("E101", newest(repath("v2/content/a.txt", "v1/content/a.txt"))),
    ("E101", newest(repath("v1/content/d/b.txt", "v1/content/a.txt/b"))),
    ("E102", newest(put("note", value="mine"))),
    ("E102", newest(put("versions", "v2", "note", value="mine"))),
    ("E103", older),
    ("E104", newest(put("versions", "3", value={}))),
    ("E105", newest(put("versions", "v0", value={}))),
    ("E105", newest(put("versions", "v1.5", value={}))),
    ("E106", newest(put("manifest", value=[]))),
    ("E107", unused),
    ("E108", everywhere(put("contentDirectory", value=""))),
    ("E110", first(put("id", value="urn:example:two"))),
    ("E111", newest(put("fixity", value=[]))),
    ("W001", lambda made, folder: good(name=lambda number: f"v{number:03d}").write(folder) and None),
    ("W002", after(lambda o: (o / "v1/notes").mkdir())),
    ("W003", after(lambda o: (o / "v3/content").mkdir())),
    ("W004", lambda made, folder: good("sha256").write(folder) and None),
    ("W005", everywhere(put("id", value="one"))),
    ("W007", everywhere(lambda told: told["versions"]["v1"].pop("message"))),
    ("W007", everywhere(lambda told: told["versions"]["v1"].pop("user"))),
    ("W008", everywhere(lambda told: told["versions"]["v1"]["user"].pop("address"))),
    ("W009", everywhere(put("versions", "v1", "user", "address", value="here"))),
    ("W010", after(lambda o: [(o / "v1" / name).unlink() for name in ("inventory.json", "inventory.json.sha512")])),
    ("W011", first(put("versions", "v1", "message", value="otherwise"))),
    ("W013", after(lambda o: (o / "extensions/mine").mkdir(parents=True))),
]
"""Code -> an object that breaks just that rule (and what follows from it)."""

OTHERWISE = {
    "E005": "E003", "E012": "E010", "E014": "E042", "E016": "E092", "E021": "E042", "E029": "E057", "E030": "E057",
    "E031": "E057", "E032": "E057", "E034": "E063", "E035": "E042", "E039": "E025", "E043": "E041", "E059": "E058",
    "E082": "E001", "E104": "E010", "E105": "E010", "E106": "E041", "E108": "E042", "E110": "E037",
    "E007": "", "E038": "", "E102": "", "E090": "E023", "E011": "W001",
    "E033": "E036", "E041": "crash", "E047": "crash", "E048": "crash", "E050": "crash", "E092": "E050",
    "E076": "E069", "E078": "E069", "E079": "E069", "E080": "E069", "E081": "", "E083": "", "E084": "E072",
    "E085": "E073", "E112": "E086", "W015": "", "W016": "W901",
}  # fmt: skip
"""Code -> what ocfl-py says instead: an older or wider code, nothing, or a crash."""


def second_opinion(folder: Path) -> set[str]:
    """The codes ocfl-py gives an object; {"crash"} when it falls over it."""
    validator = Validator(log_warnings=True)
    try:
        validator.validate_object(str(folder))
    except Exception:
        return {"crash"}
    return set(re.findall(r"\[([EW]\d{3})", validator.status_str()))


def agrees(code: str, said: set[str]) -> bool:
    """Does ocfl-py give the code, or what it is known to say instead?"""
    if code in said:
        return True
    instead = OTHERWISE[code]
    return instead in said if instead else not {one for one in said if one.startswith("E")} - {"E103"}


@pytest.mark.parametrize(("code", "build"), BAD, ids=[f"{code}-{turn}" for turn, (code, _) in enumerate(BAD)])
def test_each_bad_object_bears_its_code(tmp_path: Path, code: str, build: Callable[[Made, Path], None]) -> None:
    build(good(), tmp_path / "object")
    mine = {fault.code for fault in validate_object(tmp_path / "object")}
    assert code in mine
    assert agrees(code, second_opinion(tmp_path / "object"))


@pytest.mark.parametrize("algorithm", ["sha512", "sha256"])
@pytest.mark.parametrize("content", ["content", "内容"])
def test_good_objects_of_any_kind_bear_no_code(tmp_path: Path, algorithm: str, content: str) -> None:
    folder = good(algorithm, content).write(tmp_path / "object")
    (folder / "logs").mkdir()
    assert second_opinion(folder) == ({"W004"} if algorithm == "sha256" else set())
    (folder / "extensions/0001-digest-algorithms").mkdir(parents=True)
    assert {fault.code for fault in validate_object(folder)} == ({"W004"} if algorithm == "sha256" else set())


def test_a_later_version_may_change_to_sha512(tmp_path: Path) -> None:
    made, old = good(), good("sha256")
    made.told["v1"] = old.told["v1"]
    folder = made.write(tmp_path / "object")
    assert {fault.code for fault in validate_object(folder)} == {"W004"}
    assert second_opinion(folder) == {"W004"}


def test_our_own_archive_bears_no_code_but_the_warning_about_sha256(tmp_path: Path) -> None:
    vault = filled(tmp_path)
    assert {fault.code for fault in validate_root(vault.root)} == {"W004"}


# ---- storage roots


def root_of(folder: Path) -> Path:
    """A root with two objects and an extension."""
    folder.mkdir()
    (folder / "0=ocfl_1.1").write_text("ocfl_1.1\n")
    (folder / "ocfl_1.1.md").write_text("the specification")
    layout = {"extension": "0003-hash-and-id-n-tuple-storage-layout", "description": "x"}
    (folder / "ocfl_layout.json").write_text(json.dumps(layout))
    (folder / "extensions/0003-hash-and-id-n-tuple-storage-layout").mkdir(parents=True)
    good().write(folder / "a/b/one")
    two = good()
    for told in two.told.values():
        told["id"] = "urn:example:two"
    two.write(folder / "a/c/two")
    return folder


def at_the_top(root: Path) -> None:
    three = good()
    for told in three.told.values():
        told["id"] = "urn:example:three"
    three.write(root / "three")


def old_root(root: Path) -> None:
    (root / "0=ocfl_1.1").unlink()
    write("0=ocfl_1.0", "ocfl_1.0\n")(root)


BAD_ROOTS: list[tuple[str, Callable[[Path], object]]] = [
    ("E069", lambda root: (root / "0=ocfl_1.1").unlink()),
    ("E070", write("ocfl_layout.json", "{")),
    ("E070", write("ocfl_layout.json", "[]")),
    ("E070", write("ocfl_layout.json", "{}")),
    ("E071", write("ocfl_layout.json", '{"extension": "mine", "description": "x"}')),
    ("E072", write("a/b/notes.txt")),
    ("E073", lambda root: (root / "a/d").mkdir()),
    ("E076", write("0=ocfl_1.0", "ocfl_1.0\n")),
    ("E078", move("0=ocfl_1.1", "1=ocfl_1.1")),
    ("E079", move("0=ocfl_1.1", "0=ocfl_9.9")),
    ("E080", write("0=ocfl_1.1", "ocfl_9.9\n")),
    ("E081", old_root),
    ("E083", lambda root: good().write(root / "a/d/one")),
    ("E084", write("a/notes.txt")),
    ("E085", lambda root: (root / "a/d/e").mkdir(parents=True)),
    ("E090", lambda root: (root / "a/d").symlink_to("b")),
    ("E092", write("a/b/one/v1/content/a.txt", "other")),
    ("E112", write("extensions/notes.txt")),
    ("W015", at_the_top),
    ("W016", lambda root: (root / "extensions/mine").mkdir()),
]
"""Code -> what is done to a good root."""


@pytest.mark.parametrize(("code", "harm"), BAD_ROOTS, ids=[f"{c}-{turn}" for turn, (c, _) in enumerate(BAD_ROOTS)])
def test_each_bad_root_bears_its_code(tmp_path: Path, code: str, harm: Callable[[Path], object]) -> None:
    root = root_of(tmp_path / "root")
    harm(root)
    assert code in {fault.code for fault in validate_root(root)}
    if code != "E090":  # ocfl-py follows links
        assert agrees(code, opinion_of_root(root))


def opinion_of_root(folder: Path) -> set[str]:
    root = StorageRoot(root=str(folder))
    root.validate(log_warnings=True, max_errors=1000)
    said = "\n".join([root.log.status_str(), *(text for _, text in root.errors)])
    return set(re.findall(r"\[([EW]\d{3})", said))


def test_a_good_root_bears_no_code(tmp_path: Path) -> None:
    assert validate_root(root_of(tmp_path / "root")) == []
    assert opinion_of_root(tmp_path / "root") == set()


def test_every_code_is_shown_by_an_example_or_cannot_be_and_says_why() -> None:
    shown = {code for code, _ in BAD} | {code for code, _ in BAD_ROOTS}
    assert shown == set(CODES)
    gone = {"E065", "E068", "E086", "E091", "E109", "W006"}
    every = {f"E{number:03d}" for number in range(1, 114)} | {f"W{number:03d}" for number in range(1, 17)}
    assert set(CODES) | set(NEVER) == every - gone
    assert not set(CODES) & set(NEVER)


# ---- whatever an inventory holds

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "v1", "sha256", "a/../b", "v1/content/a.txt"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["v1", "md5", "x"]), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=ANY)
def test_no_inventory_however_odd_makes_the_validator_raise(tmp_path: Path, data: st.DataObject, value: Any) -> None:
    made = good()
    told: Any = made.told[""]
    while isinstance(told, (dict, list)) and told:
        key = data.draw(st.sampled_from(sorted(told) if isinstance(told, dict) else range(len(told))))
        if data.draw(st.booleans()) or not isinstance(told[key], (dict, list)) or not told[key]:
            told[key] = value
            break
        told = told[key]
    made.told["v3"] = made.told[""]
    made.told["v2"] = made.told[""]
    made.write(tmp_path / "object")
    validate_object(tmp_path / "object")
