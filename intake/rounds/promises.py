"""Promised files: the queue follows the links units sent, and staff are warned before a link runs out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

import structlog

from archive.judging.promises import Promise, promises
from archive.ledger.promises import KIND, Waiting
from archive.records import Holdings, Question
from config.campaign import Campaign
from intake.mime.cards import provider_of
from intake.rounds.office import Office
from intake.saying.promised import NO_DATE, alarm, consequence, question

log = structlog.get_logger()


def tend(office: Office, only: str | None = None, units: Collection[str] | None = None) -> None:
    """Make the queue's promised-file lines follow what is held now; each step of running out is told once.

    only: one campaign; units: those whose mails were just filed. None = all. Steps: T-7, T-2, expired.
    """
    now = office.now()
    for campaign, unit, held in _holdings(office, only, units):
        waiting = [_waiting(office, campaign, held, one, now) for one in promises(campaign, held)]
        for one in office.ledger.promises.tend(campaign.id, unit, waiting, now):
            log.warning("a promised file runs out", campaign=campaign.id, unit=unit, number=one.number, step=one.alarm)


def queue(office: Office) -> tuple[Question, ...]:
    """The queue as it reads now: promised files first, the earliest to run out on top, with the days left."""
    lines = office.ledger.decisions.questions()
    mine = {(one.number, one.piece): one for one in lines if one.kind == KIND}
    if not mine:
        return lines
    fresh: list[tuple[datetime, Question]] = []
    for campaign, _, held in _holdings(office, None, None):
        for promise in promises(campaign, held):
            line = mine.pop((promise.number, promise.key), None)
            if line is not None:
                told = _waiting(office, campaign, held, promise, office.now())
                line = replace(line, question=told.question, consequence=told.consequence)
                fresh.append((promise.word.expires or NO_DATE, line))
    fresh.sort(key=lambda one: (one[0], one[1].id))
    return (*(line for _, line in fresh), *mine.values(), *(one for one in lines if one.kind != KIND))


def _holdings(
    office: Office, only: str | None, units: Collection[str] | None
) -> Iterator[tuple[Campaign, str, Holdings]]:
    for id, campaign in office.config.campaigns.items():
        if only is None or id == only:
            for unit, held in office.ledger.promises.holdings(id, units).items():
                yield campaign, unit, held


def _waiting(office: Office, campaign: Campaign, held: Holdings, promise: Promise, now: datetime) -> Waiting:
    unit = office.config.rosters[campaign.id].find(held.unit)
    words = question(promise, _provider(held, promise), unit.name if unit else held.unit, now, campaign.zone)
    step = alarm(promise, now, campaign.zone)
    return Waiting(promise.number, promise.key, words, consequence(promise, now), promise.since, step)


def _provider(held: Holdings, promise: Promise) -> str:
    """As the card says, which knows what it stood in; else by the address."""
    cards = [card for one in held.held if one.submission.number == promise.number for card in one.submission.mail.cards]
    known = next((card.provider for card in cards if card.url == promise.word.url), None)
    return known or provider_of(promise.word.url or "") or "other"
