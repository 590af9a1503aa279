"""From the office's files to values: a campaign, a roster, the settings, or a whole home, with all problems at once.

Nothing here raises on a bad file. A file with a fault is left out; the others are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.calendar_file import load_calendar
from config.campaign import Campaign, Quota
from config.capacity import capacity_problems, shared_problems
from config.crosschecks import all_dates, check_campaign, check_with_roster, step_days
from config.model_problems import build
from config.problems import Problem, faults
from config.quota_files import load_places
from config.reading import read_bytes, read_text
from config.roster import Roster
from config.roster_files import parse_roster_lines
from config.settings import Settings
from config.workdays import Calendar
from config.yaml_lines import Document, read_yaml, short

_ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[A-Za-z0-9.\-]+\.[A-Za-z0-9\-]+")
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Config:
    """All that a home folder asks. campaigns and rosters hold only those without fault, by campaign id.

    When settings.yaml has a fault, `settings` are the defaults, with sending off and no mailbox.
    """

    settings: Settings
    campaigns: Mapping[str, Campaign]
    rosters: Mapping[str, Roster]
    calendar: Calendar
    problems: tuple[Problem, ...]

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The problems that keep a file from being used."""
        return tuple(faults(self.problems))


def load_campaign(path: Path, calendar: Calendar | None = None) -> tuple[Campaign | None, list[Problem]]:
    """One campaign file; None when it has a fault. `calendar` judges whether a deadline is a working day."""
    campaign, _, problems = _campaign(path, path.name, calendar or Calendar())
    return campaign, problems


def parse_campaign(text: str, file: str, calendar: Calendar | None = None) -> tuple[Campaign | None, list[Problem]]:
    """One campaign from its YAML text; `file` is the name problems carry."""
    campaign, _, problems = _parse(text, file, calendar or Calendar())
    return campaign, problems


def load_roster(path: Path) -> tuple[Roster | None, list[Problem]]:
    """One roster (CSV or workbook); None when it has a fault."""
    roster, _, problems = _roster(path, path.name)
    return roster, problems


def load_settings(path: Path) -> tuple[Settings | None, list[Problem]]:
    """settings.yaml; None when it has a fault."""
    settings, _, problems = _settings(path, path.name)
    return settings, problems


def load_home(home: Path) -> Config:
    """Everything of a home folder: settings.yaml, calendar.yaml, campaigns/*.yaml and the rosters they name."""
    settings, document, problems = _settings(home / "settings.yaml", "settings.yaml")
    calendar, found = load_calendar(home / "calendar.yaml")
    problems += found
    answers = (settings or Settings()).answers
    campaigns: dict[str, Campaign] = {}
    rosters: dict[str, Roster] = {}
    files: dict[str, str] = {}
    for path in _campaign_files(home):
        shown = f"campaigns/{path.name}"
        campaign, source, found = _campaign(path, shown, calendar)
        problems += found
        if campaign is None or source is None:
            continue
        if settings is not None and settings.campaigns and campaign.id not in settings.campaigns:
            continue
        if campaign.id in files:
            params = {"value": campaign.id, "other": files[campaign.id]}
            problems.append(Problem(shown, source.line(("id",)), "campaign-twice", params))
            continue
        files[campaign.id] = shown
        roster, found = _together(campaign, source, home, settings)
        problems += found
        if roster is not None:
            campaigns[campaign.id], rosters[campaign.id] = campaign, roster
            problems += capacity_problems(campaign, roster, source, calendar, answers)
    for index, wanted in enumerate(settings.campaigns if settings is not None else ()):
        if wanted not in files:
            line = document.line(("campaigns", index)) if document is not None else None
            params = {"value": wanted, "known": ", ".join(files) or "（无）"}
            problems.append(Problem("settings.yaml", line, "campaign-not-found", params))
    if settings is not None and document is not None:
        problems += _readers_on_rosters(settings, document, campaigns, rosters)
    problems += shared_problems(campaigns, rosters, calendar, answers)
    problems += _years(campaigns, calendar)
    # two campaigns may share a roster: what is wrong with it is said once
    once = {(p.file, p.line, p.text()): p for p in problems}
    return Config(settings or Settings(), campaigns, rosters, calendar, tuple(once.values()))


def _campaign_files(home: Path) -> list[Path]:
    folder = home / "campaigns"
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix in (".yaml", ".yml") and not p.name.startswith((".", "~")))


def _campaign(path: Path, shown: str, calendar: Calendar) -> tuple[Campaign | None, Document | None, list[Problem]]:
    text, problems = read_text(path, shown)
    return (None, None, problems) if text is None else _parse(text, shown, calendar)


def _parse(text: str, file: str, calendar: Calendar) -> tuple[Campaign | None, Document | None, list[Problem]]:
    document, problems = read_yaml(text, file)
    if document is None:
        return None, None, problems
    if document.data is None:
        return None, document, [Problem(file, None, "file-empty")]
    campaign, problems = build(Campaign, document)
    if campaign is not None:
        problems = check_campaign(campaign, document, calendar)
    return (None if faults(problems) else campaign), document, problems


def _roster(path: Path, shown: str) -> tuple[Roster | None, Mapping[str, int], list[Problem]]:
    data, problems = read_bytes(path, shown)
    return (None, {}, problems) if problems else parse_roster_lines(data, shown)


def _settings(path: Path, shown: str) -> tuple[Settings | None, Document | None, list[Problem]]:
    text, problems = read_text(path, shown)
    document, found = read_yaml(text, shown) if text is not None else (None, [])
    problems += found
    if document is None:
        return None, None, problems
    settings, problems = build(Settings, document)
    if settings is not None:
        problems = _check_settings(settings, document)
    return (None if faults(problems) else settings), document, problems


def _check_settings(settings: Settings, document: Document) -> list[Problem]:
    problems: list[Problem] = []
    codes: dict[str, str] = {settings.other_channels_code: "other_channels_code"}
    for name, mailbox in settings.mailboxes.items():
        if mailbox.code in codes:
            params = {"first": codes[mailbox.code], "second": name, "value": mailbox.code}
            problems.append(
                Problem(document.file, document.line(("mailboxes", name, "code")), "mailbox-code-twice", params)
            )
        codes.setdefault(mailbox.code, name)
        if mailbox.sender != mailbox.address:
            line = document.line(("mailboxes", name, "smtp", "user"))
            params = {"login": mailbox.sender, "address": mailbox.address}
            problems.append(Problem(document.file, line, "sender-is-login", params))
        for side, server in (("imap", mailbox.imap), ("smtp", mailbox.smtp)):
            if server is not None and server.tls == "none" and server.host not in _LOCAL:
                problems.append(Problem(document.file, document.line(("mailboxes", name, side, "tls")), "tls-none"))
    return problems + _readers(settings, document)


def _readers(settings: Settings, document: Document) -> list[Problem]:
    """Digest addresses that are none, or that are the campaign mailbox itself."""
    ours = {address.casefold() for box in settings.mailboxes.values() for address in (box.address, *box.aliases)}
    found = []
    for index, address in enumerate(settings.digest.to):
        line = document.line(("digest", "to", index))
        if not _ADDRESS.fullmatch(address):
            found.append(Problem(document.file, line, "digest-address", {"value": short(address)}))
        elif address.casefold() in ours:
            found.append(Problem(document.file, line, "digest-own-mailbox", {"value": address}))
    return found


def _readers_on_rosters(
    settings: Settings, document: Document, campaigns: Mapping[str, Campaign], rosters: Mapping[str, Roster]
) -> list[Problem]:
    """A fault for each digest address that belongs to a unit: the list of who has not sent is the office's alone."""
    found = []
    for index, address in enumerate(settings.digest.to):
        for id, roster in rosters.items():
            for unit in roster.units:
                if address.casefold() in (email.casefold() for email in unit.emails):
                    params = {"value": address, "unit": unit.name, "roster": campaigns[id].roster}
                    line = document.line(("digest", "to", index))
                    found.append(Problem(document.file, line, "digest-to-unit", params))
    return found


def _together(
    campaign: Campaign, source: Document, home: Path, settings: Settings | None
) -> tuple[Roster | None, list[Problem]]:
    """The campaign's roster when both are free of faults, and what the files say of each other."""
    shown = f"rosters/{campaign.roster}"
    roster, rows, problems = _roster(home / "rosters" / campaign.roster, shown)
    if roster is None:
        line = source.line(("roster",))
        return None, [*problems, Problem(source.file, line, "no-roster", {"value": shown})]
    problems += check_with_roster(campaign, source, roster, rows, shown)
    for index, quota in enumerate(campaign.quotas):
        if not (home / "quotas" / quota.file).is_file():
            problems.append(Problem(source.file, source.line(("quotas", index)), "quota-file", {"value": quota.file}))
        problems += _places(campaign, quota, home, roster)
    if settings is not None and campaign.status in ("open", "draft"):
        code = "mailbox-unknown" if campaign.status == "open" else "mailbox-unknown-draft"
        for name in campaign.mailboxes:
            if name not in settings.mailboxes:
                problems.append(Problem(source.file, source.line(("mailboxes",)), code, {"value": name}))
    return (None if faults(problems) else roster), problems


def _places(campaign: Campaign, quota: Quota, home: Path, roster: Roster) -> list[Problem]:
    """What is wrong with a quota table; that its numbers are the shipped ones is no news of an example."""
    shown = f"quotas/{quota.file}"
    places, problems = load_places(home / "quotas" / quota.file, shown, [unit.code for unit in roster.units])
    examples = sum(place.example for place in places)
    if examples and campaign.status != "example":
        problems.append(Problem(shown, None, "quota-example", {"count": examples}))
    return problems


def _years(campaigns: Mapping[str, Campaign], calendar: Calendar) -> list[Problem]:
    """A warning for each year in which something is due, or a reminder of it, but whose days off are not known."""
    years = {day.year for campaign in campaigns.values() for _, day, binding in all_dates(campaign) if binding}
    years |= {day.year for campaign in campaigns.values() for _, _, day in step_days(campaign, calendar)}
    return [
        Problem("calendar.yaml", None, "year-unknown", {"year": year})
        for year in sorted(years)
        if not calendar.known(year)
    ]
