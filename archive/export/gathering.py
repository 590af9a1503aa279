"""What a campaign hands over: its 件 as they lie in the archive, letters as sent, versions of campaign and roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from archive.ledger import Ledger
from archive.records import Decision, Letter, Submission
from archive.vault import Vault
from config.campaign import Campaign
from config.roster import Roster

LEFT = ("sent", "bounced")
"""States of a letter that has left the house."""


@dataclass(frozen=True)
class Kept:
    """One 件. files: path of its highest version → where it lies, SHA-256. letters: sent in answer, oldest first."""

    submission: Submission
    decision: Decision
    files: dict[str, tuple[Path, str]]
    letters: tuple[Letter, ...] = ()

    @property
    def number(self) -> str:
        """Its number."""
        return self.submission.number


@dataclass(frozen=True)
class LeftOut:
    """What must not travel: number, the piece that is the reason ("" for all of it), and why (Chinese)."""

    number: str
    piece: str
    why: str


@dataclass(frozen=True)
class Version:
    """One version of a campaign file, roster or imported list; kind: campaigns | rosters | lists."""

    kind: str
    name: str
    sha256: str
    data: bytes


@dataclass(frozen=True)
class Gathered:
    """All of it, by number. letters: those that answer no 件 named here. removed: numbers with only a tombstone."""

    campaign: Campaign
    roster: Roster
    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]
    removed: tuple[tuple[str, dict[str, tuple[Path, str]]], ...]
    letters: tuple[Letter, ...]
    versions: tuple[Version, ...]
    notices: tuple[Path, ...]

    @cached_property
    def by_number(self) -> dict[str, Kept]:
        """The same 件 by number."""
        return {one.number: one for one in self.kept}


def gather(ledger: Ledger, vault: Vault, campaign: Campaign, roster: Roster, notices: Sequence[Path]) -> Gathered:
    """Everything of a campaign, whatever its role; a 件 with a piece that must not travel is left out whole.

    The mail itself holds the piece, so the piece alone cannot be taken out of it.
    """
    sent = tuple(one for one in ledger.letters.said(campaign.id) if one.state in LEFT and one.sent is not None)
    pairs = [
        (submission, decision)
        for number in sorted(ledger.decisions.in_force(campaign.id))
        if (submission := ledger.arrivals.submission(number)) and (decision := ledger.decisions.current(number))
    ]
    left_out = tuple(secret for submission, _ in pairs for secret in left_out_of(submission))
    secrets = {one.number for one in left_out}
    answers = _answers(sent, [submission.number for submission, _ in pairs if submission.number not in secrets])
    found = tuple(
        Kept(submission, decision, _files(ledger, vault, number), tuple(answers[number]))
        for submission, decision in pairs
        if (number := submission.number) in answers
    )
    told = {letter.key for one in found for letter in one.letters}
    removed = tuple((number, _files(ledger, vault, number)) for number in ledger.decisions.discarded(campaign.id))
    others = tuple(letter for letter in sent if letter.key not in told)
    versions = _versions(ledger, campaign)
    return Gathered(campaign, roster, found, left_out, removed, others, versions, tuple(notices))


def _answers(sent: Sequence[Letter], numbers: Sequence[str]) -> dict[str, list[Letter]]:
    """Number → the letters that lie with it: each with the first 件 it answers that is handed over."""
    found: dict[str, list[Letter]] = {number: [] for number in numbers}
    for letter in sent:
        first = next((number for number in letter.numbers if number in found), None)
        if first is not None:
            found[first].append(letter)
    return found


def left_out_of(submission: Submission) -> list[LeftOut]:
    """The pieces of a 件 that bear a mark of secrecy or show an identity card."""
    return [
        LeftOut(submission.number, piece.path, f"{piece.name or piece.path} 含有{'、'.join(piece.facts.marks)}")
        for piece in submission.pieces
        if piece.facts.marks
    ]


def letter_name(letter: Letter) -> str:
    """The file name of a letter as sent, as in the archive's log."""
    return f"{letter.key.replace(':', '_')}.eml"


def _files(ledger: Ledger, vault: Vault, number: str) -> dict[str, tuple[Path, str]]:
    place = ledger.arrivals.place(number)
    return {} if place is None else vault.files(place.mailbox, place.year, number)


def _versions(ledger: Ledger, campaign: Campaign) -> tuple[Version, ...]:
    kinds = (("campaigns", f"{campaign.id}.yaml"), ("rosters", campaign.roster), (f"lists/{campaign.id}", None))
    return tuple(
        Version(kind.partition("/")[0], name, digest, data)
        for kind, only in kinds
        for name, digest, data in ledger.versions.all(kind, only)
    )
