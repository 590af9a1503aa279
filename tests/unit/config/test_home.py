"""A home folder: made without overwriting, loaded with all problems of all files, faulty files left out."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.home import init_home, shipped
from config.loading import load_home, load_settings
from config.settings import Settings

EXAMPLES = ["anqing-2013", "bingtuan-2018", "guangdong-2017", "hainan-2017", "weihai-2018"]
SETTINGS = Path(__file__).parents[3] / "config" / "settings.example.yaml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    init_home(tmp_path / "home")
    return tmp_path / "home"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_new_home_has_no_problem_five_examples_and_sending_off(home: Path) -> None:
    config = load_home(home)
    assert [p.text() for p in config.problems] == []
    assert sorted(config.campaigns) == sorted(config.rosters) == EXAMPLES
    assert {c.status for c in config.campaigns.values()} == {"example"}
    assert config.settings == Settings()
    assert config.settings.answers.sending is False


def test_making_a_home_again_writes_only_what_is_missing_and_overwrites_nothing(home: Path) -> None:
    (home / "settings.yaml").write_text("language: en\n", encoding="utf-8")
    (home / "calendar.yaml").unlink()
    assert init_home(home) == [home / "calendar.yaml"]
    assert (home / "settings.yaml").read_text(encoding="utf-8") == "language: en\n"


def test_every_example_file_of_the_package_is_shipped_into_a_home() -> None:
    folder = SETTINGS.parent
    files = {
        str(p.relative_to(folder)) for kind in ("campaigns", "rosters", "quotas") for p in (folder / kind).iterdir()
    }
    assert files | {"settings.yaml", "calendar.yaml"} == set(shipped())


def test_a_faulty_campaign_is_left_out_and_all_others_load(home: Path) -> None:
    edit(home / "campaigns" / "weihai-2018.yaml", "optional: true", "optionl: true")
    config = load_home(home)
    assert sorted(config.campaigns) == [e for e in EXAMPLES if e != "weihai-2018"]
    (problem,) = config.problems
    assert problem.text().startswith("campaigns/weihai-2018.yaml 第 ")


def test_problems_of_all_files_come_together(home: Path) -> None:
    (home / "settings.yaml").write_text("langage: zh\n", encoding="utf-8")
    (home / "calendar.yaml").write_text("off: [2018-02-30]\n", encoding="utf-8")
    (home / "campaigns" / "hainan-2017.yaml").write_text("id: [\n", encoding="utf-8")
    edit(home / "rosters" / "weihai-2018.csv", "WH02", "WH01")
    (home / "rosters" / "anqing-2013.csv").unlink()
    config = load_home(home)
    assert {(p.file, p.code) for p in config.problems} == {
        ("settings.yaml", "unknown-key-like"),
        ("calendar.yaml", "not-date"),
        ("campaigns/hainan-2017.yaml", "yaml-broken"),
        ("rosters/weihai-2018.csv", "roster-double-code"),
        ("campaigns/weihai-2018.yaml", "no-roster"),
        ("rosters/anqing-2013.csv", "file-missing"),
        ("campaigns/anqing-2013.yaml", "no-roster"),
    }
    assert sorted(config.campaigns) == ["bingtuan-2018", "guangdong-2017"]
    assert config.settings == Settings(), "with broken settings the safe defaults hold: nothing is sent"
    assert len(config.faults) == len(config.problems)


def test_an_empty_or_absent_home_is_told_not_raised(tmp_path: Path) -> None:
    config = load_home(tmp_path / "nowhere")
    assert [(p.file, p.code) for p in config.problems] == [("settings.yaml", "file-missing")]
    assert dict(config.campaigns) == {}


def test_campaign_and_roster_are_held_against_each_other(home: Path) -> None:
    edit(home / "rosters" / "weihai-2018.csv", "你单位,\n", "你单位,photo|poto\n")
    path = home / "campaigns" / "bingtuan-2018.yaml"
    edit(path, "\nitems:", "\nextensions: [{deadline: works, by: 2018-07-27, units: [BT99], quote: 延期}]\nitems:")
    path = home / "campaigns" / "hainan-2017.yaml"
    edit(path, "quote: 选送至少1个优秀微作品}", "units: [市县, 乡镇], quote: 选送至少1个优秀微作品}")
    config = load_home(home)
    assert {(p.file, p.code) for p in config.problems} == {
        ("rosters/weihai-2018.csv", "roster-unknown-item"),
        ("campaigns/bingtuan-2018.yaml", "unit-not-on-roster"),
        ("campaigns/hainan-2017.yaml", "kind-not-on-roster"),
    }
    assert {p.line for p in config.problems if p.file.endswith(".csv")} == {2}
    assert sorted(config.campaigns) == ["anqing-2013", "guangdong-2017", "hainan-2017"], "a warning keeps nothing out"


def test_a_campaign_id_used_twice_is_a_fault_of_the_second_file(home: Path) -> None:
    shutil.copy(home / "campaigns" / "weihai-2018.yaml", home / "campaigns" / "zz.yaml")
    (problem,) = load_home(home).problems
    assert (problem.file, problem.code) == ("campaigns/zz.yaml", "campaign-twice")
    assert "campaigns/weihai-2018.yaml" in problem.text()


def test_settings_choose_the_campaigns_to_run(home: Path) -> None:
    edit(home / "settings.yaml", "campaigns: []", "campaigns: [weihai-2018, weihai-2019]")
    config = load_home(home)
    assert list(config.campaigns) == ["weihai-2018"]
    assert [(p.code, p.file) for p in config.problems] == [("campaign-not-found", "settings.yaml")]


def test_an_open_campaign_needs_its_mailbox_in_the_settings(home: Path) -> None:
    edit(home / "campaigns" / "anqing-2013.yaml", "status: example", "status: open")
    found = {p.code: p.severity for p in load_home(home).problems}
    assert found == {"confirm-open": "warning", "contact-placeholder": "warning", "mailbox-unknown": "fault"}
    edit(home / "campaigns" / "anqing-2013.yaml", "status: open", "status: draft")
    assert {p.code: p.severity for p in load_home(home).problems} == {"mailbox-unknown-draft": "warning"}


def test_a_missing_quota_table_and_an_unknown_year_are_warnings(home: Path) -> None:
    (home / "quotas" / "guangdong-2017.csv").unlink()
    edit(home / "campaigns" / "hainan-2017.yaml", "by: 2017-07-25\n    quote", "by: 2031-07-25\n    quote")
    config = load_home(home)
    assert [(p.code, p.severity) for p in config.problems] == [("quota-file", "warning"), ("year-unknown", "warning")]
    assert "2031" in config.problems[1].text()
    assert sorted(config.campaigns) == EXAMPLES


def test_a_quota_table_with_example_numbers_or_faulty_rows_is_told_of_when_it_is_real(
    home: Path,
) -> None:
    campaign, table = home / "campaigns" / "guangdong-2017.yaml", home / "quotas" / "guangdong-2017.csv"
    edit(campaign, "status: example", "status: draft")
    found = {p.code: p.text() for p in load_home(home).problems if p.file.startswith("quotas/")}
    assert list(found) == ["quota-example"] and "3 个名额" in found["quota-example"]
    table.write_bytes("单位编号,评选分配名额,备注\nGD01,三,\nGD99,1,\n\nGD02,2,\n".encode("gb18030"))
    assert [(p.code, p.line, p.severity) for p in load_home(home).problems if p.file.startswith("quotas/")] == [
        ("quota-number", 2, "warning"),
        ("quota-unit", 3, "warning"),
    ]
    table.write_text("单位,名额\n广州,3\n", encoding="utf-8")
    assert "quota-broken" in {p.code for p in load_home(home).problems}
    table.write_bytes(b"PK\x03\x04 no workbook")
    assert "quota-broken" in {p.code for p in load_home(home).problems}


def test_the_calendar_file_stands_over_the_published_days(home: Path) -> None:
    (home / "calendar.yaml").write_text("off:\n  - 2018-08-20\non: [2018-08-19]\n", encoding="utf-8")
    config = load_home(home)
    assert {(p.code, p.file) for p in config.problems} == {("day-off", "campaigns/weihai-2018.yaml")}
    (home / "calendar.yaml").write_text("off: [2018-08-20]\non: [2018-08-20]\n", encoding="utf-8")
    assert [(p.code, p.line) for p in load_home(home).problems] == [("calendar-both", 2)]


# --- settings.example.yaml


def uncommented(text: str) -> str:
    """The example with its commented mailbox block switched on, as its comment tells the clerk to do."""
    before, rest = text.split("# 示例开始\n")
    block, after = rest.split("# 示例结束\n")
    assert before.endswith("mailboxes: {}\n")
    return before.removesuffix(" {}\n") + "\n" + re.sub(r"^# ", "", block, flags=re.M) + after


def fields(value: BaseModel, indent: str = "") -> list[tuple[str, str, object]]:
    """(indent, key, value) of every field, mailboxes entered."""
    found: list[tuple[str, str, object]] = []
    for name in type(value).model_fields:
        inner = getattr(value, name)
        if isinstance(inner, BaseModel):
            found += [(indent, name, None), *fields(inner, indent + "  ")]
        elif isinstance(inner, dict):
            for mailbox in inner.values():
                found += fields(mailbox, indent + "    ")
        else:
            found.append((indent, name, inner))
    return found


def test_the_example_settings_show_every_field_with_comment_and_default(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    text = uncommented(SETTINGS.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    made, problems = load_settings(path)
    assert made is not None, [p.text() for p in problems]
    assert problems == []
    shown = fields(made)
    assert len(shown) > 55
    for indent, name, _ in shown:
        assert re.search(rf"^{indent}{name}:[^#\n]* # .+$", text, flags=re.M), f"{name} has no line with a comment"
    box = made.mailboxes["weihai"]
    required = {"code": box.code, "address": box.address}
    servers = {"imap": {"host": box.imap.host, "user": box.imap.user}, "smtp": {"host": "smtp.163.com"}}
    bare = Settings.model_validate({"mailboxes": {"weihai": {**required, **servers}}})
    assert made == bare, "every value shown is the default of config/settings.py"


def test_mailboxes_may_not_share_letters_nor_go_unencrypted_to_another_machine(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    box = "{code: WH, address: a@x.example.test, imap: {host: imap.example.test, user: a, tls: none}}"
    path.write_text(
        f"mailboxes:\n  one: {box}\n  two: {box.replace('imap.example.test', 'localhost')}\n", encoding="utf-8"
    )
    made, problems = load_settings(path)
    assert made is None
    assert [(p.code, p.line) for p in problems] == [("tls-none", 2), ("mailbox-code-twice", 3)]


def test_a_home_can_be_made_from_a_zipped_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = SETTINGS.parent
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in package.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                packed.write(file, Path("config") / file.relative_to(package))
    root = zipfile.Path(archive, "config/")
    monkeypatch.setattr("config.home.files", lambda _: root)
    assert len(init_home(tmp_path / "home")) == 13
    assert sorted(load_home(tmp_path / "home").campaigns) == EXAMPLES


def test_a_misspelt_key_deep_in_the_settings_is_named_with_the_likely_word(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    text = uncommented(SETTINGS.read_text(encoding="utf-8"))
    path.write_text(
        text.replace("host: imap", "hots: imap").replace("timeout: 60 # 每条", "time: 60 # 每条"), encoding="utf-8"
    )
    _, problems = load_settings(path)
    assert {(p.code, p.params["key"], p.params.get("like")) for p in problems} == {
        ("unknown-key-like", "hots", "host"),
        ("missing-key", "mailboxes.weihai.imap.host", None),
        ("unknown-key-like", "time", "timeout"),
    }
