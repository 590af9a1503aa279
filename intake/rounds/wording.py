"""The office's own templates: read when it opens, named when broken, and approved once before letters speak them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from archive.records import Event, Question
from intake.rounds.office import Office
from intake.saying.wordings import SHIPPED, VALUES, Wording, wording

BROKEN = "broken-template"
UNAPPROVED = "wording-approval"


def read_wording(home: Path, campaign: str) -> Wording:
    """The office's own templates for a campaign: templates/CAMPAIGN/ over templates/; both may be absent."""
    found: dict[str, tuple[str, str]] = {}
    for folder in (home / "templates", home / "templates" / campaign):
        for path in sorted(folder.glob("*.j2")) if folder.is_dir() else ():
            text = path.read_bytes().decode("utf-8-sig", "replace")
            found[path.name] = (path.relative_to(home).as_posix(), text)
    return wording(found) if found else SHIPPED


def may_speak(office: Office, campaign: str, template: str) -> bool:
    """Whether letters of this template may leave unread: ours always, the office's own once it was approved so."""
    digest = office.wording(campaign).digest(template)
    return digest is None or _approved(office, campaign).get(template) == digest


def unapproved(office: Office, campaign: str) -> tuple[str, ...]:
    """Templates of a campaign that the office wrote or changed and nobody approved yet."""
    return tuple(name for name in VALUES if name != "base" and not may_speak(office, campaign, name))


def approve(office: Office, campaign: str, templates: tuple[str, ...], who: str) -> None:
    """Somebody has read these templates: letters may speak them until they are changed."""
    digests = {name: office.wording(campaign).digest(name) for name in templates}
    office.ledger.versions.set(_key(campaign), {**_approved(office, campaign), **digests})
    what = {"templates": digests}
    office.ledger.events.tell(Event(office.now(), "wording-approved", None, campaign, None, who, what))
    office.ledger.decisions.settle_kind(UNAPPROVED, f"“{office.config.campaigns[campaign].short}”", office.now())
    ask_about_wording(office)


def ask_about_wording(office: Office) -> None:
    """One line of the queue for each own template that is broken, and for each campaign whose wording nobody read."""
    for id, question in _lines(office):
        office.ledger.decisions.ask(question, id, None)


def _lines(office: Office) -> Iterator[tuple[str, Question]]:
    now = office.now()
    for id, campaign in office.config.campaigns.items():
        if campaign.status != "open":
            continue
        for broken in (*office.wording(id).broken, *office.broken_templates.values()):
            text = f"信件模板有误，暂用原有模板：{broken}"
            yield id, Question(0, BROKEN, None, None, text, (), "改好后重新启动；check 可查看全部问题", now)
        names = unapproved(office, id)
        if names:
            text = f"“{campaign.short}”的信件模板有改动，尚未审定：{'、'.join(names)}"
            way = f"先看：preview {names[0]} --campaign {id}；审定：approve {id}；在此之前这些信只作草稿"
            yield id, Question(0, UNAPPROVED, None, None, text, (), way, now)


def _approved(office: Office, campaign: str) -> dict[str, str]:
    return office.ledger.versions.get(_key(campaign)) or {}


def _key(campaign: str) -> str:
    return f"wording:{campaign}"
