"""What the reading commands print with --json has exactly the shapes that others build on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML
from typer.testing import CliRunner

from config.home import init_home
from intake.cli import app
from intake.demo import make

Schema = dict[str, Any]
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def one_of(*words: str) -> Schema:
    return {"enum": list(words)}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def exactly(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


FINDING = exactly(
    code=TEXT, severity=one_of("demand", "advice"), number=or_null(TEXT), piece=or_null(TEXT), work=or_null(TEXT),
    seen=TEXT, wanted=TEXT, quote=or_null(TEXT), text=TEXT,
)  # fmt: skip
STATUS = exactly(
    campaign=TEXT,
    now=MOMENT,
    units=many(
        exactly(
            unit=TEXT,
            name=TEXT,
            state=one_of("complete", "faulty", "short", "silent", "review"),
            items=many(
                exactly(
                    item=TEXT,
                    name=TEXT,
                    channel=one_of("mail", "disc", "upload", "hand", "paper", "external"),
                    deadline=or_null(MOMENT),
                    state=one_of("complete", "faulty", "short", "none", "review", "rolling", "external"),
                    have=COUNT,
                    need=or_null(COUNT),
                    late=FLAG,
                    findings=many(FINDING),
                )
            ),
        )
    ),
    totals=many(exactly(rule=TEXT, unit=TEXT, have=COUNT, need=COUNT, state=one_of("complete", "short"))),
)
EVIDENCE = exactly(kind=TEXT, text=TEXT, points=NUMBER)
GUESS = exactly(campaign=or_null(TEXT), unit=or_null(TEXT), confidence=NUMBER)
FACTS = exactly(
    width=or_null(COUNT), height=or_null(COUNT), frames=or_null(COUNT), duration=or_null(NUMBER),
    bit_rate=or_null(COUNT), video_bit_rate=or_null(COUNT), container=or_null(TEXT), characters=or_null(COUNT),
    pages=or_null(COUNT), rows=or_null(COUNT), title=or_null(TEXT), encrypted=or_null(FLAG), truncated=or_null(FLAG),
    seal=or_null(NUMBER),
)  # fmt: skip
PIECE = exactly(
    path=TEXT, name=TEXT, sha256=DIGEST, size=COUNT, type=TEXT, campaign=or_null(TEXT), unit=or_null(TEXT),
    item=or_null(TEXT), category=or_null(TEXT), work=or_null(TEXT), confidence=NUMBER, evidence=many(EVIDENCE),
    facts=FACTS, findings=many(FINDING),
)  # fmt: skip
HANDED = exactly(
    via=TEXT, label=TEXT, giver=TEXT, receiver=TEXT, posted=or_null({"type": "string", "format": "date"}),
    unreadable=many(TEXT),
)  # fmt: skip
SHOW = exactly(
    number={"type": "string", "pattern": r"^[A-Z]{1,4}\d{4}-\d{4,}$"},
    source=exactly(mailbox=TEXT, folder=TEXT, uidvalidity=COUNT, uid=COUNT, path=TEXT),
    channel=one_of("mail", "disc", "upload", "hand", "paper", "external"),
    role=one_of("submission", "query", "withdrawal", "machine", "report", "own", "unrelated"),
    received=MOMENT, sha256=DIGEST, sender=TEXT, subject=TEXT, answerable=FLAG, answer_rule=TEXT,
    handed=or_null(HANDED),
    campaign=or_null(TEXT), unit=or_null(TEXT), confidence=NUMBER, evidence=many(EVIDENCE), guesses=many(GUESS),
    pieces=many(PIECE), letters=many(TEXT), versions={"type": "integer", "minimum": 1},
)  # fmt: skip
OUTBOX = many(
    exactly(
        key=TEXT,
        kind=one_of(
            "receipt",
            "complete",
            "shortfall",
            "neutral",
            "reminder",
            "overdue",
            "problem",
            "change",
            "thanks",
            "digest",
        ),
        campaign=or_null(TEXT),
        unit=or_null(TEXT),
        to=TEXT,
        subject=TEXT,
        numbers=many(TEXT),
        state=one_of(
            "planned", "draft", "held", "queued", "sending", "sent", "deferred", "failed", "bounced", "cancelled"
        ),
        due=or_null(MOMENT),
        sent=or_null(MOMENT),
        message_id=or_null(TEXT),
    )
)
QUEUE = many(
    exactly(
        id=COUNT,
        kind=TEXT,
        number=or_null(TEXT),
        piece=or_null(TEXT),
        question=TEXT,
        guesses=many(GUESS),
        consequence=TEXT,
        since=MOMENT,
    )
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a complete, a faulty, a late and an unknown submission, a film, a table, letters and questions."""
    base = tmp_path_factory.mktemp("shapes")
    home = base / "home"
    init_home(home)
    yaml = YAML(typ="safe")
    for id in ("weihai-2018", "bingtuan-2018"):
        path = home / "campaigns" / f"{id}.yaml"
        told = yaml.load(path.read_text("utf-8")) | {"status": "open", "mode": "normal", "mailboxes": ["weihai"]}
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(told, file)
    server = {"host": "127.0.0.1", "tls": "none", "user": "office@office.example.test"}
    box = {"code": "WH", "address": "office@office.example.test", "imap": server}
    with (home / "settings.yaml").open("w", encoding="utf-8") as file:
        yaml.dump({"mailboxes": {"weihai": box}}, file)
    columns = ["作品类别", "作品名称", "展示形式（图片、动漫、视频、H5、征文等）", "创作集体", "集体联系人及联系方式"]
    rows = [["改革开放青观察", "环翠之变", "图片", "政务大厅窗口", "王示例 0631-0000101"]]
    pictures = {f"环翠之变/{n}.jpg": make.jpeg(1280, 960, seed=n) for n in range(3)}
    files = {
        "改革开放青观察-环翠之变.zip": make.zip_of(pictures),
        "新时代青年说-短视频.mp4": make.sample("long.mp4"),
        "推荐成果汇总表.xlsx": make.table_xlsx("推荐成果汇总表", "环翠区", "2018年8月6日", columns, rows),
        "品牌建设青之见-窗口（实践案例）.docx": make.docx("窗口", characters=2600),
        "x.bin": b"\x00\x01",
    }
    disc = base / "disc"
    disc.mkdir()
    for name, data in files.items():
        (disc / name).write_bytes(data)
    mail = (
        "From: somebody@mail.example.test\r\nTo: office@office.example.test\r\nMessage-ID: <1@mail.example.test>\r\n"
        "Subject: =?utf-8?B?6Z2S5bm05paH5piO5Y+35Yib5bu65oiQ5p6c?=\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\n'
        'Content-Type: image/jpeg; name="1.jpg"\r\nContent-Disposition: attachment; filename="1.jpg"\r\n\r\nx\r\n'
        "--b--\r\n"
    )
    (base / "mail.eml").write_text(mail, newline="")
    (base / "known.eml").write_text(mail.replace("somebody@mail", "huancui@weihai").replace("<1@", "<2@"), newline="")
    run(home, "import", "--campaign", "weihai-2018", "--answer", "--at", "2018-08-06T10:00", str(base / "mail.eml"))
    run(home, "import", "--campaign", "weihai-2018", "--answer", "--at", "2018-08-06T10:00", str(base / "known.eml"))
    late = ("--unit", "WH01", "--channel", "disc", "--at", "2018-08-21T10:00", str(disc))
    run(home, "import", "--campaign", "weihai-2018", *late)
    run(home, "register", "bingtuan-2018", "BT01", "photo", "--by", "disc")
    run(home, "answer", "--at", "2018-08-06T11:00")
    return home


def run(home: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["--home", str(home), *words])
    assert result.exit_code == 0, f"{words}: {result.output} {result.exception}"
    return result.stdout


def fits(schema: Schema, printed: str) -> Any:
    """The printed JSON, once it is found to have the shape."""
    value = json.loads(printed)
    problems = [
        f"{one.json_path}: {one.message}"
        for one in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)
    ]
    assert problems == []
    return value


def test_status_has_its_shape(home: Path) -> None:
    told = fits(STATUS, run(home, "status", "weihai-2018", "--at", "2018-08-22T10:00", "--json"))
    assert any(item["findings"] for unit in told["units"] for item in unit["items"])
    assert any(item["late"] for unit in told["units"] for item in unit["items"])
    assert fits(STATUS, run(home, "status", "bingtuan-2018", "--json"))["totals"]


def test_show_has_its_shape_with_facts_and_findings(home: Path) -> None:
    told = fits(SHOW, run(home, "show", "QT2018-0001", "--json"))
    facts = [piece["facts"] for piece in told["pieces"]]
    for name in ("width", "duration", "video_bit_rate", "characters", "rows", "seal"):
        assert any(each[name] is not None for each in facts), name
    assert any(piece["findings"] for piece in told["pieces"])
    unknown = fits(SHOW, run(home, "show", "WH2018-0001", "--json"))
    assert unknown["unit"] is None and unknown["letters"]


def test_import_prints_one_show_object_a_line(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text("From: a@b.example.test\n\nx\n")
    (tmp_path / "b.eml").write_text("From: b@b.example.test\n\ny\n")
    lines = run(home, "import", "--campaign", "weihai-2018", "--unit", "WH02", "--json", str(tmp_path)).splitlines()
    assert [fits(SHOW, line)["unit"] for line in lines] == ["WH02", "WH02"]


def test_outbox_has_its_shape(home: Path) -> None:
    told = fits(OUTBOX, run(home, "outbox", "--json", "--at", "2018-08-10T10:00"))
    assert {"queued", "planned"} <= {one["state"] for one in told}


def test_queue_has_its_shape(home: Path) -> None:
    told = fits(QUEUE, run(home, "queue", "--json"))
    assert any(one["number"] and one["kind"] == "unknown-unit" for one in told)
