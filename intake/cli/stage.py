"""What a person sees of the demo: a live table while it plays, then letters, lists, and where everything lies."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from archive.records import LetterKind, UnitState
from intake.cli.common import console
from intake.cli.views import queue_table, status_table
from intake.demo.check import Result, check
from intake.demo.house import PASSWORD, furnish
from intake.demo.play import Clock, DemoFailed, Play, Told
from intake.demo.season import CODES, SEASONS, Season
from intake.demo.servers import HOST, Letters, Mailboxes
from intake.rounds.office import Office
from intake.rounds.planning import checklists
from intake.rounds.waiting import waiting
from intake.service import open_office

KINDS: dict[LetterKind, str] = {
    "receipt": "回执", "complete": "齐全回执", "thanks": "随报回执", "neutral": "单位待定回执", "shortfall": "补报通知",
    "reminder": "报送提醒", "overdue": "逾期提示",
}  # fmt: skip
HEADS = ("回执", "齐全", "随报", "待定", "补报", "提醒", "逾期")
"""Short names of KINDS, in their order, for the table."""
STATES: dict[UnitState, str] = {
    "complete": "齐", "review": "核对", "faulty": "有误", "short": "不足", "silent": "未报",
}  # fmt: skip
PACE = timedelta(minutes=5)
"""After the play the clock runs on by so much every `PAUSE` seconds, so that a mail put in by hand is answered."""
PAUSE = 5.0


def show(home: Path, keep_on: bool) -> bool:
    """Play everything in a new home and tell it; False when something did not happen as it must.

    keep_on: afterwards the servers and rounds go on until Ctrl-C.
    """
    began = time.monotonic()
    print(f"演示文件夹：{home}")
    clock = Clock(SEASONS[0].moment(SEASONS[0].begins))
    with Mailboxes(tuple(CODES), PASSWORD) as boxes, Letters(home / "letters-out") as letters:
        furnish(home, boxes.port, letters.port)
        with open_office(home, clock) as office:
            play = Play(office, clock, boxes)
            try:
                _play(play)
            except DemoFailed as failed:
                print(f"演示没有完成：{failed}")
                return False
            result = check(office, play.came, letters.taken)
            _tell(office, play, letters, result, time.monotonic() - began)
            if keep_on:
                _go_on(play, boxes.port)
    return not result.wrong


# --- while it plays -----------------------------------------------------------------------------------------------


@dataclass
class Board:
    """The table of campaigns as it fills, and the last things that happened."""

    office: Office
    play: Play
    now: Season | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=8))
    _rows: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(self, season: Season, told: Told) -> None:
        """Something happened."""
        self.lines.append(_line(told))
        self._rows[season.campaign] = self._row(season)

    def _row(self, season: Season) -> tuple[str, ...]:
        campaign, roster = self.office.config.campaigns[season.campaign], self.office.config.rosters[season.campaign]
        listed = checklists(self.office, campaign, roster, self.office.now())
        states = Counter(one.state for one in listed.values())
        sent = Counter(one.kind for one in self.office.ledger.letters.said(campaign.id) if one.sent)
        mails = sum(1 + came.row.twice for came in self.play.came if came.season is season)
        code = CODES[campaign.mailboxes[0]]
        numbers = sum(number.startswith(code) for number in self.office.ledger.arrivals.numbers())
        cells = (mails, numbers, *(states[state] for state in STATES), *(sent[kind] for kind in KINDS))
        return (campaign.id, f"{self.play.clock.at:%m-%d}", *(str(cell or "") for cell in cells))

    def table(self) -> Table:
        """The table."""
        table = Table(title="演示：四个活动", padding=(0, 0), pad_edge=False)
        for name in ("活动", "日期", "来信", "件", *STATES.values(), *HEADS):
            table.add_column(name, justify="left" if name in ("活动", "日期") else "right")
        for row in self._rows.values():
            table.add_row(*row)
        return table

    def __rich__(self) -> Group:
        return Group(self.table(), Text("\n".join(self.lines), no_wrap=True, overflow="ellipsis"))


def _play(play: Play) -> None:
    board = Board(play.office, play)
    terminal = sys.stdout.isatty()
    with _live(board) if terminal else _plain() as screen:
        for season in SEASONS:
            for told in play.season(season):
                if terminal:
                    board.note(season, told)
                    screen.update(board)
                else:
                    print(_line(told), flush=True)
            board.note(season, Told(play.clock.at, season.campaign, "完"))
    if not terminal:
        console().print(board.table())


def _line(told: Told) -> str:
    return f"{told.at:%Y-%m-%d %H:%M}  {told.text}"


def _live(board: Board) -> Live:
    return Live(board, console=Console(highlight=False), refresh_per_second=8)


@contextmanager
def _plain() -> Iterator[Live]:
    yield Live(auto_refresh=False)


# --- afterwards ---------------------------------------------------------------------------------------------------


def _tell(office: Office, play: Play, letters: Letters, result: Result, seconds: float) -> None:
    screen = console()
    _one_of_each(office)
    for season in SEASONS:
        campaign, roster = office.config.campaigns[season.campaign], office.config.rosters[season.campaign]
        screen.print(status_table(campaign, roster, checklists(office, campaign, roster, office.now())))
    screen.print(queue_table(waiting(office)))
    units = {(one.season.campaign, one.row.unit) for one in play.came if one.row.unit}
    mails = sum(1 + one.row.twice for one in play.came)
    print(f"\n{mails} 封来信，{len(units)} 个单位，{len(letters.taken)} 封去信，用时 {seconds:.0f} 秒。")
    print("档案校验：" + ("完好" if not result.damages else f"{len(result.damages)} 处问题"))
    print("自查：" + ("来信都有归宿，每件恰好写在一封信里，机器来信没有答复" if not result.wrong else "不符"))
    for sentence in result.wrong:
        print(f"  {sentence}")
    _where(office)


def _one_of_each(office: Office) -> None:
    sent = [one for one in office.ledger.letters.outbox() if one.sent]
    for kind, name in KINDS.items():
        letter = next((one for one in reversed(sent) if one.kind == kind), None)
        if letter is not None:
            print(f"\n──── {name}  发往 {letter.to} ────\n主题：{letter.subject}\n\n{letter.text}")


def _where(office: Office) -> None:
    home, baosong = office.home, f"{_program()} --home {office.home}"
    number = next(one for one in office.ledger.arrivals.numbers() if one.startswith("WH"))
    place = office.ledger.arrivals.place(number)
    assert place is not None
    example = home / "archive" / place.mailbox / str(place.year) / number
    print(f"""
档案：{home / "archive"}（每件一个文件夹，OCFL 1.1）
去信：{home / "letters-out"}（每封一个 .eml）
怎样核对，不必相信本程序：
  cd {example} && sha256sum -c inventory.json.sha256 && sha256sum v1/content/message.eml && cat inventory.json
  ocfl-root.py validate --validate-objects --check-digests --root {home / "archive"}  （pip install ocfl-py）
  {baosong} verify
再看看：
  {baosong} status weihai-2018 --at 2018-08-21T17:00
  {baosong} show {number}
  {baosong} outbox；{baosong} queue""")


def _program() -> str:
    program = Path(sys.argv[0])
    return "python -m intake.cli" if program.name == "__main__.py" else str(program)


def _go_on(play: Play, port: int) -> None:
    print(f"\n邮箱还开着：IMAP {HOST}:{port}（不加密），用户 {'、'.join(CODES)}，密码 {PASSWORD}。")
    print("放进一封信，几秒钟后就会归档和答复。按 Ctrl-C 结束。")
    try:
        while True:
            time.sleep(PAUSE)
            for told in _walked(play, SEASONS):
                print(_line(told), flush=True)
    except KeyboardInterrupt:
        print("\n结束；演示文件夹保留。")


def _walked(play: Play, seasons: Sequence[Season]) -> Iterator[Told]:
    for place, season in enumerate(seasons):
        yield from play.walk(season, PACE if place == 0 else timedelta())
