"""How well a season of mails is decided: roles, units and items against the truth beside each mail.

`python -m tests.season.score tune|tune2|tune3|tune4|held [-v]`. Nothing is learned between mails; each one is judged by
itself, with the shipped campaigns and rosters.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from archive.records import Decision, Piece
from config.loading import load_campaign, load_roster
from config.settings import LimitSettings
from intake.decide import Ours, decide
from intake.known import CampaignRoster, Known
from intake.worker import MESSAGE, understand_folder
from tests.journeys.mails import build

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
AT = datetime(2018, 8, 10, 10, 0, tzinfo=timezone(timedelta(hours=8)))
BOXES = {
    "weihai": "weihai-2018", "hainan": "hainan-2017", "bingtuan": "bingtuan-2018", "anqing": "anqing-2013",
    "guangdong": "guangdong-2017",
}  # fmt: skip
ASK, NONE = "ask", "none"


@dataclass
class Score:
    """Counts over a season. wrong: every decision that a careful clerk would not have made, in words."""

    mails: int = 0
    roles: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    pieces: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def submissions(self) -> int:
        return sum(count for (truth, _), count in self.roles.items() if truth == "submission")

    @property
    def right_pieces(self) -> float:
        """Share of pieces decided as the truth says; a piece a clerk would ask about is right when it is asked."""
        return sum(n for (truth, seen), n in self.pieces.items() if truth == seen) / max(1, sum(self.pieces.values()))

    @property
    def macro_f1(self) -> float:
        """Mean over the items (and `none`) of the harmonic mean of precision and recall."""
        names = {truth for truth, _ in self.pieces if truth != ASK}
        return sum(self._f1(name) for name in names) / max(1, len(names))

    def _f1(self, name: str) -> float:
        hit = self.pieces[name, name]
        said = sum(n for (_, seen), n in self.pieces.items() if seen == name)
        true = sum(n for (truth, _), n in self.pieces.items() if truth == name)
        return 2 * hit / (said + true) if said + true else 0.0


def known() -> dict[str, CampaignRoster]:
    """The shipped campaigns, open, each with its mailbox and roster."""
    found = {}
    for box, id in BOXES.items():
        campaign, problems = load_campaign(CONFIG / "campaigns" / f"{id}.yaml")
        roster, more = load_roster(CONFIG / "rosters" / f"{id}.csv")
        assert campaign is not None and roster is not None, (problems, more)
        found[box] = CampaignRoster(campaign.model_copy(update={"status": "open", "mailboxes": (box,)}), roster)
    return found


def season(half: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(mailbox, entry) of every mail of a half."""
    for path in sorted((HERE / half).glob("*.yaml")):
        for entry in YAML(typ="safe").load(path):
            yield path.stem, entry


def score(half: str) -> Score:
    """Judge every mail of a half by itself."""
    result = Score()
    campaigns = known()
    everything = Known(tuple(campaigns.values()))
    for number, (box, entry) in enumerate(season(half), 1):
        raw = build(entry["mail"], AT, f"{box}@office.example.test", number, HERE, [])
        decision, pieces = judged(raw, box, everything)
        tally(result, box, entry, decision, pieces)
    return result


def judged(raw: bytes, box: str, everything: Known) -> tuple[Decision, tuple[Piece, ...]]:
    """One mail through the same steps as in the service, without the process around them."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MESSAGE).write_bytes(raw)
        said = understand_folder(Path(folder), LimitSettings())
    ours = Ours(frozenset({f"{box}@office.example.test"}), lambda _: False, ())
    return decide("", said.mail, said.pieces, box, everything, ours, AT), said.pieces


def tally(result: Score, box: str, entry: Mapping[str, Any], decision: Decision, pieces: tuple[Piece, ...]) -> None:
    truth, id = entry["truth"], f"{entry['id']} {entry['mail'].get('subject', '')!r}"
    result.mails += 1
    result.roles[truth["role"], decision.role] += 1
    if truth["role"] != decision.role:
        result.wrong.append(f"{id}: {decision.role}, in truth {truth['role']} — {entry['why']}")
    if truth["role"] != "submission" or decision.role != "submission":
        return
    seen, unit = decision.unit, truth["unit"]
    kind = "right" if seen == unit else "asked" if seen is None else "guessed" if unit is None else "wrong"
    result.units["asked rightly" if kind == "right" and unit is None else kind] += 1
    if kind in ("guessed", "wrong"):
        result.wrong.append(f"{id}: unit {seen}, in truth {unit} — {entry['why']}")
    elif kind == "asked":
        result.open.append(f"{id}: unit {unit} asked — {entry['why']}")
    if decision.campaign is None:
        return
    wanted = dict(spread(truth["pieces"]))
    for name, choice in _chosen(pieces, decision):
        if name not in wanted:
            continue
        result.pieces[wanted[name], choice] += 1
        if choice != wanted[name]:
            (result.open if choice == ASK else result.wrong).append(f"{id}: {name} {choice}, in truth {wanted[name]}")


def spread(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """`{n}.jpg x5: photo` stands for five files."""
    for name, item in told.items():
        many = re.fullmatch(r"(.*) x(\d+)", name)
        for n in range(1, int(many[2]) + 1) if many else (0,):
            yield (many[1].replace("{n}", str(n)) if many else name), item


def named(pieces: tuple[Piece, ...]) -> Iterator[tuple[str, str]]:
    """(way by names, path) of every piece; the mail's own words are `text`."""
    names: dict[str, str] = {}
    for piece in pieces:
        if piece.within is None:
            names[piece.path] = piece.name
        elif piece.path.removeprefix(f"{piece.within}/").replace("/", "").isdigit():
            names[piece.path] = f"{names[piece.within]}/{piece.name}"  # in a mail inside the mail
        else:
            names[piece.path] = names[piece.within] + piece.path.removeprefix(piece.within)
        yield names[piece.path], piece.path


def _chosen(pieces: tuple[Piece, ...], decision: Decision) -> Iterator[tuple[str, str]]:
    """(way by names, item decided) of every piece."""
    names = {path: name for name, path in named(pieces)}
    for choice in decision.pieces:
        yield names.get(choice.path, "text"), NONE if choice.none else choice.item or ASK


def main(half: str, verbose: bool) -> None:
    found = score(half)
    print(f"{found.mails} mails, {found.submissions} submissions")
    print("roles (truth → decided):", {f"{a} → {b}": n for (a, b), n in sorted(found.roles.items())})
    print("units:", dict(found.units))
    print(f"pieces right {found.right_pieces:.1%} of {sum(found.pieces.values())}, macro-F1 {found.macro_f1:.3f}")
    print("confusion:", {f"{a} → {b}": n for (a, b), n in sorted(found.pieces.items()) if a != b})
    if verbose:
        print("\nWRONG\n" + "\n".join(found.wrong) + "\n\nASKED\n" + "\n".join(found.open))


if __name__ == "__main__":
    main(sys.argv[1], "-v" in sys.argv)
