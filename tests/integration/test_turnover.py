"""The sheet for the next clerk: everything they must know, nothing they must not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from archive.records import Note, Question
from config.home import init_home
from intake.printing import handover_sheet
from intake.rounds.turnover import LINES, turnover
from intake.service import open_office
from tests.journeys.runner import ZONE

NOW = datetime(2018, 8, 6, 2, tzinfo=UTC)


def test_the_sheet_tells_what_runs_what_is_open_and_where_the_password_lies_but_not_the_password(
    tmp_path: Path,
) -> None:
    init_home(tmp_path)
    path = tmp_path / "campaigns/weihai-2018.yaml"
    path.write_text(path.read_text("utf-8").replace("status: example", "status: open"), "utf-8")
    (tmp_path / "settings.yaml").write_text(
        "mailboxes:\n  weihai:\n    code: WH\n    address: a@weihai.example.test\n"
        "    imap: {host: 127.0.0.1, user: a, password: 'file:secret.txt'}\n", "utf-8",
    )  # fmt: skip
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2-planted")
    secret.chmod(0o600)
    with open_office(tmp_path, lambda: NOW) as office:
        for n in range(LINES + 3):
            office.ledger.decisions.ask(
                Question(0, "applicant-twice", None, None, f"第{n}件事<b>", (), "", NOW), "weihai-2018", None
            )
        office.ledger.notes.add(Note("weihai-2018", "WH01", "phone", "月底寄出", NOW, "王"))
        office.ledger.taught.teach("address", "x@private.example.test", "weihai-2018", "WH01", NOW, "王")
        page = handover_sheet(turnover(office), NOW, ZONE)
    for words in ("weihai-2018", "8月20日", "file:secret.txt", f"待核对 {LINES + 3} 条", "第0件事&lt;b&gt;", "移交人"):
        assert words in page, words
    assert "hunter2" not in page and f"第{LINES}件事" not in page
    row = page[page.index("养成的习惯") :]
    assert "<td>weihai-2018</td><td>1</td><td>—</td><td>1</td>" in row
