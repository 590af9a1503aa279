"""Shelving: every campaign's folder on the shelf is brought up to date; what staff did there stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import structlog

from archive.kept_folder import Done
from archive.layout import campaign_folders
from archive.shelf import Shelf
from intake.rounds.office import Office

log = structlog.get_logger()


def shelve(office: Office, only: Sequence[str] | None = None, whole: bool = False) -> dict[str, Done] | None:
    """Campaign id → what was done; None while another keeps the shelf. whole: every file is looked at.

    A campaign that is no more than an example, or not yet open, has a folder once something came for it.
    """
    with office.lock("shelf") as mine:
        if not mine:
            return None
        shelf = Shelf(office.home / "shelf", office.ledger, office.vault)
        folders = campaign_folders(office.config.campaigns)
        done: dict[str, Done] = {}
        for id in _shown(office) if only is None else only:
            campaign, roster = office.config.campaigns[id], office.config.rosters[id]
            room = max(0, shutil.disk_usage(office.home).free - office.config.settings.limits.disk_free)
            try:
                done[id] = shelf.keep(campaign, roster, folders[id], office.now(), room, whole)
            except OSError as trouble:
                done[id] = Done(said=[f"材料夹写不进去：{trouble.strerror or trouble}"], open={id})
        return done


def shelve_quietly(office: Office) -> None:
    """The round of the service: what could not be done is logged once, and tried again each time."""
    for id, done in (shelve(office) or {}).items():
        said = tuple(done.said)
        if said and office.memory.shelf_said.get(id) != said:
            log.warning("shelf", campaign=id, what="；".join(said))
        office.memory.shelf_said[id] = said


def clear(office: Office, campaign: str) -> Done | None:
    """Take away all that is ours and unchanged, before it is written anew; None while another keeps the shelf."""
    with office.lock("shelf") as mine:
        if not mine:
            return None
        return Shelf(office.home / "shelf", office.ledger, office.vault).anew(office.config.campaigns[campaign])


def _shown(office: Office) -> Iterator[str]:
    for id, campaign in office.config.campaigns.items():
        if campaign.status in ("open", "closed") or len(office.ledger.changes.marks(id)) > 1:
            yield id
