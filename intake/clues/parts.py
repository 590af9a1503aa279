"""Which unit each file of a mail is of, where one mail brings several units' materials (高区.zip beside 临港.zip)."""

from __future__ import annotations

from collections.abc import Iterator

from archive.judging.spelling import fold
from archive.records import Evidence, Piece
from config.roster import Roster
from intake.clues.furniture import is_container, is_material, kind_of, stem_of
from intake.clues.namings import PLAIN, Hit, NameIndex
from intake.clues.speech import HEADER_FIELD, way_to

Parts = dict[str, tuple[str, Evidence]]
"""Path of a piece → its unit and why."""


def units_of_pieces(pieces: tuple[Piece, ...], index: NameIndex, roster: Roster) -> Parts:
    """The unit each piece names itself, when they name more than one; else nothing.

    Its table's 报送单位 says most, then its own name, then its folders and archive from the inside out. A body and
    the one above it on the roster are no two units: the one above reports for both.
    """
    archives = {piece.path: stem_of(piece.name) for piece in pieces if kind_of(piece) == "archive"}
    found: Parts = {}
    seen: dict[str, Hit | None] = {}
    for piece in pieces:
        if piece.embedded or is_container(piece, pieces) or not is_material(piece, pieces):
            continue
        for where, text in _places(piece, archives):
            if text not in seen:
                seen[text] = _only_one(text, index)
            named = seen[text]
            if named:
                found[piece.path] = named.unit, Evidence("part", f"{where}写有“{named.name}”，按该单位计", 0.0)
                break
    units = {unit for unit, _ in found.values()}
    apart = {unit for unit in units if not _is_below(unit, units, roster)}
    return found if len(apart) >= 2 else {}


def _is_below(unit: str, units: set[str], roster: Roster) -> bool:
    known = roster.find(unit)
    return known is not None and known.parent in units


def _places(piece: Piece, archives: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field, value in piece.facts.header.items():
        if HEADER_FIELD.search(fold(field)):
            yield "表内报送单位", fold(value)
    if "/" in piece.path or kind_of(piece) in ("document", "table"):
        yield "文件名", fold(stem_of(piece.name))
    for folder in reversed(way_to(piece, archives)):
        yield f"文件夹“{folder[:30]}”", fold(folder)


def _only_one(text: str, index: NameIndex) -> Hit | None:
    """The one unit a text names by more than its bare stem; a stem that is the whole text counts."""
    hits = [hit for hit in index.hits(text) if hit.strength >= PLAIN or len(hit.name) == len(text)]
    return hits[0] if len({hit.unit for hit in hits}) == 1 else None
