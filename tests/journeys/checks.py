"""What a story expects, compared with what the office says and with the bytes that were received and kept."""

from __future__ import annotations

import hashlib
import html
import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import ocfl

from archive.rebuild import rebuild
from archive.shelf import CHECKLIST
from archive.vault import Vault
from config.sheets import sheets
from intake.rounds.record import record_one
from intake.rounds.shelving import shelve_quietly
from intake.service import drain
from tests.journeys.runner import Came, Journey, look
from tests.servers.same_ledger import differences

AUTO = dict.fromkeys(("receipt", "complete", "shortfall", "neutral", "thanks", "problem"), "auto-replied")
SUBJECTS = {
    **dict.fromkeys(("receipt", "complete", "neutral", "thanks"), "【回执】"),
    "shortfall": "【补报通知】", "reminder": "【报送提醒】", "overdue": "【逾期提示】",
    "problem": "【来件问题】", "change": "【", "digest": "【每日摘要】",
}  # fmt: skip
KEYS = frozenset({"letters", "status", "queue", "show", "outbox", "plan", "aside", "versions", "log", "alarms",
                  "files_kept", "digests", "shelf", "tables", "copies"})  # fmt: skip


def check(told: Journey, step: Mapping[str, Any], letters: Sequence[Came]) -> None:
    """Everything under `expect` of a step; letters that no step names are an error."""
    expected = step.get("expect", {})
    assert not expected.keys() - KEYS, f"unknown: {sorted(expected.keys() - KEYS)}"
    check_letters(told, expected.get("letters", []), letters)
    for campaign, units in expected.get("status", {}).items():
        check_status(json.loads(told.cli(f"status {campaign} --json")), units)
    if "queue" in expected:
        asked = [f"{one['kind']} {one['number'] or ''}".strip() for one in json.loads(told.cli("queue --json"))]
        assert sorted(asked) == sorted(expected["queue"])
    for number, wanted in expected.get("show", {}).items():
        check_show(told, number, wanted)
    if "outbox" in expected:
        states = {one["key"]: one["state"] for one in json.loads(told.cli("outbox --json"))}
        for key, state in expected["outbox"].items():
            assert states.get(key, "none") == state, f"{key} is {states.get(key, 'none')}: {states}"
    for campaign, rows in expected.get("plan", {}).items():
        check_plan(json.loads(told.cli(f"remind {campaign} --dry-run --json")), rows)
    for box, count in expected.get("copies", {}).items():
        check_copies(told, box, count)
    if "aside" in expected:
        assert len(list((told.home / "aside").glob("*.eml"))) == expected["aside"]
    for number, steps in expected.get("alarms", {}).items():
        raised = [one.data["step"] for one in told.opened().ledger.events.of(number) if one.kind == "promise-alarm"]
        assert raised == steps, f"alarms of {number}"
    for number, count in expected.get("versions", {}).items():
        assert len(list(told.home.glob(f"archive/*/*/{number}/v*"))) == count, f"versions of {number}"
    for name, count in expected.get("log", {}).items():
        kept = {path.read_bytes() for path in told.home.glob(f"archive/_log/{name}/*/v1/content/*")}
        assert len(kept) == count, f"{len(kept)} versions of {name}"
        assert (told.home / name).read_bytes() in kept
    for day, wanted in expected.get("digests", {}).items():
        check_digest(told, str(day), wanted)
    if "shelf" in expected or "tables" in expected:
        check_shelf(told, expected)
    for name, count in expected.get("files_kept", {}).items():
        kept = {path.read_bytes() for path in told.home.glob(f"archive/_log/{name}/*/v1/content/*")}
        assert kept == {(told.folder / name.rpartition("/")[2]).read_bytes()}
        assert len(list(told.home.glob(f"archive/_log/{name}/*/inventory.json"))) == count


def check_copies(told: Journey, box: str, count: int) -> None:
    """So many mails lie in the Sent folder of that mailbox, among them every letter that arrived, byte for byte."""
    folder = told.opened().config.settings.mailboxes[box].sent_folder
    with told.server.client(told.boxes[box]) as client:
        lying = [raw for _, _, raw in look(client, folder)]
    assert len(lying) == count
    assert [letter.mail["Subject"] for letter in told.letters if letter.raw not in lying] == []


def check_digest(told: Journey, day: str, wanted: Mapping[str, Sequence[str]] | None) -> None:
    """The files of that day: their words, alike on paper and in plain text; None: there is no digest of that day."""
    files = [told.home / "digests" / f"{day}.{ending}" for ending in ("txt", "html")]
    assert [path.exists() for path in files] == [wanted is not None] * 2, f"digest of {day}"
    for path in files if wanted else ():
        said = html.unescape(re.sub(r"<br>|</td><td>", "", path.read_text("utf-8")))
        for words in (wanted or {}).get("has", ()):
            assert words in said, f"{words!r} is not in {path.name}\n{said}"
        for words in (wanted or {}).get("hasnt", ()):
            assert words not in said, f"{words!r} is in {path.name}\n{said}"


def check_shelf(told: Journey, expected: Mapping[str, Any]) -> None:
    """The round keeps the shelf; then exactly these files lie on it (应报清单 aside), and these words in its tables."""
    shelve_quietly(told.opened())
    shelf = told.home / "shelf"
    if "shelf" in expected:
        there = [path for path in shelf.rglob("*") if path.is_file() and ".baosong" not in path.parts]
        names = [path.relative_to(shelf).as_posix() for path in there if path.name != CHECKLIST]
        assert sorted(names) == sorted(expected["shelf"])
    for name, told_words in expected.get("tables", {}).items():
        cells = "\n".join(text for sheet in sheets((shelf / name).read_bytes()) for _, row in sheet for text in row)
        for words in told_words.get("has", ()):
            assert words in cells, f"{words!r} is not in {name}\n{cells}"
        for words in told_words.get("hasnt", ()):
            assert words not in cells, f"{words!r} is in {name}\n{cells}"


def check_letters(told: Journey, expected: Sequence[Mapping[str, Any]], letters: Sequence[Came]) -> None:
    """Exactly these letters, in any order of arrival: each is named by kind and recipient."""
    rows = {one["message_id"]: one for one in json.loads(told.cli("outbox --json"))} if letters else {}
    came = [(rows[one.mail["Message-ID"]]["kind"], one.to[0], one) for one in letters]
    wanted = [(one["kind"], one["to"]) for one in expected]
    assert sorted((kind, to) for kind, to, _ in came) == sorted(wanted), [one.text for one in letters]
    for one in expected:
        place = next(i for i, (kind, to, _) in enumerate(came) if (kind, to) == (one["kind"], one["to"]))
        kind, _, letter = came.pop(place)
        decent(told, kind, letter)
        sender = letter.mail["From"].addresses[0].addr_spec
        assert one.get("from", sender) == sender
        assert one.get("subject", "") in letter.mail["Subject"], letter.mail["Subject"]
        for words in one.get("has", ()):
            assert words in letter.text, f"{words!r} is not in\n{letter.text}"
        for words in one.get("hasnt", ()):
            assert words not in letter.text, f"{words!r} is in\n{letter.text}"


def decent(told: Journey, kind: str, letter: Came) -> None:
    """What holds for every letter: one recipient, marked as automatic, no exclamation mark, a person to ask."""
    mail, raw = letter.mail, letter.raw
    assert len(letter.to) == 1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert mail["From"].addresses[0].addr_spec in told.boxes.values()
    assert mail["Auto-Submitted"] == AUTO.get(kind, "auto-generated")
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Subject"].startswith(SUBJECTS[kind])
    assert [part.get_content_type() for part in mail.walk() if not part.is_multipart()] == ["text/plain", "text/html"]
    assert "!" not in letter.text and "！" not in letter.text
    if kind == "digest":
        to_staff(told, letter)
        return
    assert "本邮件由系统自动发出，直接回复并附材料即可" in letter.text and "联系人：" in letter.text
    if kind in AUTO and not (
        kind == "problem" and mail["In-Reply-To"] is None
    ):  # a letter about a disc answers no mail
        assert "不代表审核通过" in letter.text and "编号" in mail["Subject"]
        answered = [sent.raw for sent in told.mails] + [path.read_bytes() for path in told.folder.glob("*.eml")]
        assert any(mail["In-Reply-To"].encode() in raw.partition(b"\r\n\r\n")[0] for raw in answered)


def to_staff(told: Journey, letter: Came) -> None:
    """A digest goes to who is named in the settings and to nobody on a roster."""
    config = told.opened().config
    units = [address for roster in config.rosters.values() for unit in roster.units for address in unit.emails]
    assert letter.to[0] in config.settings.digest.to and letter.to[0] not in units


def check_status(shown: Mapping[str, Any], units: Mapping[str, Any]) -> None:
    """unit → its state, or {state, items: {item: state or {state, have, need, late, findings: [codes]}}, totals}."""
    rows = {one["unit"]: one for one in shown["units"]}
    for code, wanted in units.items():
        wanted = {"state": wanted} if isinstance(wanted, str) else wanted
        row = rows[code]
        said = f"{code}: {json.dumps(row, ensure_ascii=False)}"
        assert row["state"] == wanted.get("state", row["state"]), said
        items = {one["item"]: one for one in row["items"]}
        for item, expected in wanted.get("items", {}).items():
            expected = {"state": expected} if isinstance(expected, str) else expected
            for key, value in expected.items():
                seen = items[item][key]
                seen = sorted({one["code"] for one in seen}) if key == "findings" else seen
                value = sorted(value) if key == "findings" else value
                assert seen == value, f"{item}.{key} is {seen}; {said}"
        totals = {one["rule"]: one for one in shown["totals"] if one["unit"] == code}
        for rule, state in wanted.get("totals", {}).items():
            assert totals[rule]["state"] == state, totals


def check_show(told: Journey, number: str, wanted: Mapping[str, Any] | None) -> None:
    """Keys of `show` as given; pieces by path. None: there is no such number."""
    if wanted is None:
        told.cli(f"show {number} --json", code=1)
        return
    shown = json.loads(told.cli(f"show {number} --json"))
    pieces = {one["path"]: one for one in shown["pieces"]}
    for key, value in wanted.items():
        if key == "pieces":
            for path, expected in value.items():
                fits(pieces[path], expected, f"{number} {path}")
        elif key == "unit_guess":
            assert value in [guess["unit"] for guess in shown["guesses"]], shown["guesses"]
        else:
            fits({key: shown[key]}, {key: value}, number)


def fits(seen: Any, wanted: Any, where: str) -> None:
    """A mapping must have the keys wanted; everything else must be equal; a list of codes fits findings."""
    if isinstance(wanted, Mapping):
        for key, value in wanted.items():
            fits(seen[key], value, f"{where}.{key}")
    elif isinstance(seen, list) and seen and isinstance(seen[0], dict) and "code" in seen[0]:
        assert sorted(one["code"] for one in seen) == sorted(wanted), where
    else:
        assert seen == wanted, f"{where}: {json.dumps(seen, ensure_ascii=False)}"


def check_plan(rows: Sequence[Mapping[str, Any]], wanted: Mapping[str, str]) -> None:
    """unit → `letter`, `phone`, `nothing`, or words of the reason why no letter goes."""
    for unit, why in wanted.items():
        mine = [one for one in rows if one["unit"] == unit]
        letters = [one for one in mine if one["kind"] != "phone"]
        if why == "letter":
            assert any(one["letter"] for one in letters), mine
        elif why == "phone":
            assert any(one["kind"] == "phone" for one in mine), mine
        elif why == "nothing":
            assert not letters, mine
        else:
            assert any(not one["letter"] and why in one["reason"] for one in letters), mine


# --- at the end of every journey --------------------------------------------------------------------------------------


def check_vault(told: Journey) -> None:
    """Valid for another OCFL tool, whole by our own verify, and every mail byte for byte as the server has it."""
    damages = json.loads(told.cli("verify --json"))
    assert damages == []
    logging.getLogger().setLevel(logging.ERROR)
    root = told.home / "archive"
    store = ocfl.StorageRoot(root=str(root))
    assert store.validate(validate_objects=True, check_digests=True), "ocfl-py finds the archive invalid"
    kept = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*root.glob("*/*/*/v1/content/message.eml"), *(told.home / "aside").glob("*.eml")]
    }
    gone = told.story.get("not_kept", 0)
    lost = {hashlib.sha256(sent.raw).hexdigest() for sent in told.mails} - kept
    assert len(lost) == gone, f"{len(lost)} of {len(told.mails)} mails are neither archived nor aside"


def check_rebuild(told: Journey) -> None:
    """The ledger made again from the archive alone tells the same, row by row."""
    drain(lambda: record_one(told.opened()))
    told.close()
    new = told.home / "again.db"
    done = rebuild(Vault(told.home / "archive"), new)
    assert done.troubles == ()
    assert differences(told.home / "ledger.db", new) == []


def check_server(told: Journey) -> None:
    """The mailbox is the staff's: nothing was removed from it, no flag was set or taken."""
    for box, address in told.boxes.items():
        for folder in {sent.folder for sent in told.mails if sent.box == box}:
            with told.server.client(address) as client:
                there = {hashlib.sha256(raw).hexdigest(): flags for flags, _, raw in look(client, folder)}
            for sent in told.mails:
                if (sent.box, sent.folder) == (box, folder):
                    flags = there.get(hashlib.sha256(sent.raw).hexdigest())
                    assert flags in told.story.get("flags_after", ["()"]), (folder, flags)
