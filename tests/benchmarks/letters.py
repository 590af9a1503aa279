"""`make bench-letters`: 1,000 receipts composed and delivered, against a script people would write; whether caps hold.

Both write to the same disk and send to the same SMTP server (Postfix's smtp-sink, a process of its own that throws
letters away), and every round begins with the same mails. Ends with 1 when a letter is missing or a cap is broken.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import shutil
import sqlite3
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from statistics import median

from config.roster import Unit
from config.settings import AnswerSettings, ImapSettings, SmtpSettings
from intake.demo import make
from intake.rounds.answer import answer_one
from intake.rounds.deliver import deliver
from intake.rounds.importing import Order, import_paths
from intake.rounds.office import Office
from intake.service import drain, open_office
from tests.benchmarks import letters_script
from tests.benchmarks.identify import units
from tests.servers.homes import CAMPAIGN, box, make_home
from tests.servers.processes import free_ports, program, running, scratch
from tests.servers.rooms import MORNING, OFFICE, Clock

PROJECT = Path(__file__).parents[2]
ROUNDS = 5
STEP = timedelta(minutes=7)
"""How often a round of delivering runs while the caps are watched."""
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def main() -> int:
    """The command."""
    arguments = _arguments()
    with scratch("baosong-bench-") as work, discarding(work) as port:
        home = prepared(work, port, arguments.letters)
        rounds = [one_round(work / f"round-{turn}", home, port, turn) for turn in range(arguments.rounds)]
        print(table(rounds, arguments.letters))
        if arguments.profile:
            profiled(work / "profiled", home)
        most, left = watched(work / "caps", home, AnswerSettings())
    caps = {"hour": AnswerSettings().per_hour, "day": AnswerSettings().per_day}
    print(f"\nCaps, a clock stepped by {STEP.seconds // 60} minutes: {left} letters left; "
          + ", ".join(f"at most {most[span]} in any {span} (cap {cap})" for span, cap in caps.items()))  # fmt: skip
    whole = left == arguments.letters and all(one["letters"] == arguments.letters for one in rounds)
    return 0 if whole and all(most[span] <= cap for span, cap in caps.items()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.letters", description=__doc__)
    parser.add_argument("--letters", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--profile", action="store_true", help="one more round, and where its time goes")
    return parser.parse_args()


@contextmanager
def discarding(folder: Path) -> Iterator[int]:
    """The port of an SMTP server that takes every letter and keeps none."""
    (port,) = free_ports(1)
    command = [program("smtp-sink", "postfix"), f"127.0.0.1:{port}", "100"]
    with running(command, folder / "sink.log", "nobody", port, b"220"):
        yield port


def prepared(folder: Path, port: int, count: int) -> Path:
    """A home that filed a mail of each of so many units; every answer is due."""
    smtp = SmtpSettings(host="127.0.0.1", port=port, tls="none")
    imap = ImapSettings(host="127.0.0.1", port=1, tls="none", user=OFFICE)
    home = make_home(folder / "home", {"weihai": box("WH", OFFICE, imap, smtp)})
    known = [replace(unit, emails=(f"unit{n}@unit.example.test",)) for n, unit in enumerate(units(count))]
    rows = [f"{unit.code},{unit.name},{'|'.join(unit.aliases)},,,{unit.emails[0]},,,你单位," for unit in known]
    heads = "code,name,aliases,kind,parent,emails,contact,phone,address_as,owes"
    (home / "rosters" / f"{CAMPAIGN}.csv").write_text("\n".join([heads, *rows, ""]), "utf-8")
    mails = folder / "mails"
    mails.mkdir()
    for n, unit in enumerate(known):
        (mails / f"{n:05}.eml").write_bytes(_mail(n, unit))
    with open_office(home, Clock()) as office:
        filed = import_paths(office, [mails], Order(CAMPAIGN, answer=True))
    if len({one.number for one in filed}) != count:
        raise RuntimeError("not every mail was filed")
    return home


def _mail(n: int, unit: Unit) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = unit.emails[0], OFFICE, f"<{n}@unit.example.test>"
    mail["Subject"] = f"{unit.name}报送青年文明号开放周活动图文资料"
    mail["Date"] = "Mon, 06 Aug 2018 09:00:00 +0800"
    mail.set_content(f"现报送{unit.name}青年文明号开放周活动图文资料，请查收。\n")
    text = make.docx(f"{unit.name}活动总结", characters=300)
    mail.add_attachment(text, maintype="application", subtype="msword", filename=f"{unit.aliases[0]}活动总结.docx")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def _office(folder: Path, home: Path) -> Path:
    """A copy of the home, as it was before the first answer."""
    shutil.copytree(home, folder, ignore=shutil.ignore_patterns("archive", "locks"))
    return folder


def one_round(folder: Path, home: Path, port: int, turn: int) -> dict[str, float]:
    """Seconds each of them took; who begins changes from round to round."""
    runs = [ours, theirs] if turn % 2 == 0 else [theirs, ours]
    found: dict[str, float] = {}
    for run in runs:
        found |= run(folder, home, port)
    shutil.rmtree(folder)
    return found


def ours(folder: Path, home: Path, port: int) -> dict[str, float]:
    """Every due window a letter with its final bytes; then every letter out, over one connection."""
    with open_office(_office(folder / "home", home), Clock()) as office:
        found: dict[str, float] = {}
        with timed(found, "compose"):
            written = drain(lambda: answer_one(office))
        with timed(found, "deliver"):
            deliver(office)
        sent = sum(one.state == "sent" for one in office.ledger.letters.outbox())
    return found | {"letters": min(written, sent)}


@contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of clock time and of this process's CPU that the block took."""
    begun, used = time.perf_counter(), time.process_time()
    yield
    into |= {name: time.perf_counter() - begun, f"{name} CPU": time.process_time() - used}


def theirs(folder: Path, home: Path, port: int) -> dict[str, float]:
    """`letters_script.py` over the same mails, what came of each already known to it."""
    folder.mkdir(exist_ok=True)
    with open_office(_office(folder / "read", home), Clock()) as office:
        asked, day = _as_tables(office, folder / "mails.db")
    command = [sys.executable, "-m", "tests.benchmarks.letters_script", str(folder / "mails.db"), str(port)]
    told = subprocess.run([*command, json.dumps(asked), day], check=True, capture_output=True, text=True, cwd=PROJECT)
    return {f"script {name}": seconds for name, seconds in json.loads(told.stdout).items()}


def _as_tables(office: Office, path: Path) -> tuple[list[str], str]:
    campaign, roster = office.config.campaigns[CAMPAIGN], office.config.rosters[CAMPAIGN]
    names = {item.id: item.name for item in campaign.items}
    with sqlite3.connect(path) as rows:
        rows.executescript(letters_script.TABLES)
        for unit, held in office.ledger.decisions.holdings(CAMPAIGN).items():
            for one in held.held:
                mail, number = one.submission.mail, one.submission.number
                who = (number, unit, one.decision.reply_to, roster.unit(unit).name, mail.message_id)
                rows.execute("INSERT INTO mail VALUES (?, ?, ?, ?, ?, NULL)", who)
                files = [(number, unit, piece.name, names[choice.item]) for piece in one.submission.pieces
                         if (choice := one.decision.piece(piece.path)) and choice.item]  # fmt: skip
                rows.executemany("INSERT INTO file VALUES (?, ?, ?, ?)", files)
    rows.close()
    return [item.name for item in campaign.items if not item.optional and not item.rolling], "8月20日"


def watched(folder: Path, home: Path, caps: AnswerSettings, step: timedelta = STEP) -> tuple[dict[str, int], int]:
    """The most letters that left within any hour and any day under these caps, and how many left at all."""
    clock = Clock()
    with open_office(_office(folder, home), clock) as office:
        drain(lambda: answer_one(office))
        count = len(office.ledger.letters.outbox())
        answers = office.config.settings.answers.model_copy(update={"per_hour": caps.per_hour, "per_day": caps.per_day})
        settings = office.config.settings.model_copy(update={"answers": answers})
        paced = replace(office, config=replace(office.config, settings=settings))
        end = MORNING + timedelta(days=2 + count / caps.per_day)
        while clock() < end:
            deliver(paced)
            clock.on(step)
        times = sorted(one.sent for one in office.ledger.letters.outbox() if one.sent is not None)
    return {name: _most(times, span) for name, span in SPANS.items()}, len(times)


def _most(times: Sequence[datetime], span: timedelta) -> int:
    """The most of these moments within a span that does not hold both its ends."""
    return max((n + 1 - bisect_right(times, one - span) for n, one in enumerate(times)), default=0)


def profiled(folder: Path, home: Path) -> None:
    """Where the time of composing and of delivering goes: the functions that take most."""
    with open_office(_office(folder, home), Clock()) as office:
        for name, work in (
            ("compose", lambda: drain(lambda: answer_one(office))),
            ("deliver", lambda: deliver(office)),
        ):
            profile = cProfile.Profile()
            profile.runcall(work)
            print(f"\n{name}")
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


def table(rounds: Sequence[dict[str, float]], count: int) -> str:
    """Letters a second and CPU for a letter of both, and our time by the script's: medians, least and most behind."""
    heads = ("step", "Baosong, letters/s", "script, letters/s", "time ÷ script's",
             "Baosong, ms CPU", "script, ms CPU", "CPU ÷ script's")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---|" + "--:|" * (len(heads) - 1)]
    for step in ("compose", "deliver", "all"):
        cells = []
        for what, told in (("", lambda seconds: count / seconds), (" CPU", lambda seconds: 1000 * seconds / count)):
            ours = [_seconds(one, step, what) for one in rounds]
            theirs = [_seconds(one, step, what, "script ") for one in rounds]
            cells += [_middle([told(seconds) for seconds in side]) for side in (ours, theirs)]
            cells.append(_middle([mine / other for mine, other in zip(ours, theirs, strict=True)]))
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _seconds(one: dict[str, float], step: str, what: str, whose: str = "") -> float:
    return sum(one[f"{whose}{each}{what}"] for each in (("compose", "deliver") if step == "all" else (step,)))


def _middle(values: Sequence[float]) -> str:
    return f"**{median(values):.3g}** ({min(values):.3g}–{max(values):.3g})"


if __name__ == "__main__":
    sys.exit(main())
