"""四性检测 of one 件 or of a whole campaign: its facts gathered, its files read now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from archive.damages import ARCHIVE, Damage
from archive.ocfl.inventory import InventoryError
from archive.vault import Discarded
from config.workdays import ZONE
from intake.clues.checks import sender_check
from intake.inspection import NATURES, NOTE, WORDS, Inspection, Seen, inspect
from intake.rounds.office import Office
from intake.rounds.second import second_root
from intake.rounds.verify import verify_now
from intake.saying.wording import chinese_time

TOOL = "Baosong"


@dataclass(frozen=True)
class Report:
    """title: what was inspected. at: UTC. tool: name and version."""

    title: str
    at: datetime
    tool: str
    inspections: tuple[Inspection, ...]

    def count(self, result: str) -> int:
        """How many 件 have that result."""
        return sum(one.result == result for one in self.inspections)


def report(office: Office, title: str, numbers: Sequence[str], told: Callable[..., None], processes: int) -> Report:
    """Read every file of these 件 now and say of each what holds. KeyError for an unknown number."""
    places = {number: _place(office, number) for number in numbers}
    before = {number: office.ledger.fixity.of(ARCHIVE, place)[0] for number, place in places.items()}
    found = verify_now(office, sorted(places.values()), told, processes)
    damages: dict[str, list[Damage]] = {}
    for _, one in found:
        damages.setdefault(one.object, []).append(one)
    inspections = tuple(
        _inspected(office, number, place, damages.get(place, []), before[number]) for number, place in places.items()
    )
    return Report(title, office.now(), f"{TOOL} {version('baosong')}", inspections)


def _place(office: Office, number: str) -> str:
    place = office.ledger.arrivals.place(number)
    if place is None or not place.accepted:
        raise KeyError(number)
    return f"{place.mailbox}/{place.year:04d}/{place.number}"


def _inspected(
    office: Office, number: str, place: str, damages: Sequence[Damage], before: datetime | None
) -> Inspection:
    submission = office.ledger.arrivals.submission(number)
    decision = office.ledger.decisions.current(number)
    settings, mailbox = office.config.settings, place.split("/")[0]
    box = office.mailbox(submission.source.mailbox) if submission is not None else None
    trusted = {one.lower() for one in box.trusted_checks} if box is not None else set()
    try:
        files = len(office.vault.head_digests(mailbox, int(place.split("/")[1]), number))
    except (OSError, InventoryError, Discarded):
        files = 0
    links = [one for one in office.ledger.decisions.questions() if one.number == number and one.kind == "promised-file"]
    seen = Seen(
        number,
        office.now(),
        submission,
        decision,
        damages,
        files,
        before,
        settings.fixity.days,
        second_root(office) is not None,
        office.ledger.copies.copied(place),
        office.ledger.copies.withheld().get(number),
        sender_check(submission.mail, trusted) if submission is not None else ("unknown", ""),
        len(links),
    )
    found = office.campaign(decision.campaign) if decision is not None else None
    unit = found[1].find(decision.unit) if found is not None and decision is not None else None
    return inspect(seen, unit.name if unit is not None else (decision.unit or "" if decision is not None else ""))


def as_json(made: Report) -> dict[str, Any]:
    """The report as plain data; times ISO 8601 in Asia/Shanghai."""
    return {
        "title": made.title,
        "at": made.at.astimezone(ZONE).isoformat(),
        "tool": made.tool,
        "note": NOTE,
        "items": [
            {
                "number": one.number,
                "subject": one.subject,
                "unit": one.unit,
                "result": one.result,
                "natures": {nature: one.of(nature) for nature in NATURES},
                "checks": [
                    {"nature": c.nature, "id": c.id, "name": c.name, "result": c.result, "detail": c.detail}
                    for c in one.checks
                ],
            }
            for one in made.inspections
        ],
    }


_templates = Environment(
    loader=PackageLoader("intake", "templates"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def as_html(made: Report) -> str:
    """The report for A4 paper."""
    values = {"report": made, "natures": NATURES, "words": WORDS, "note": NOTE, "at": chinese_time(made.at, ZONE)}
    return _templates.get_template("inspection.html.j2").render(values)
