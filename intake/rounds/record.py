"""Recording: what the ledger decided and told is written into the vault, so that the vault alone tells the story."""

from __future__ import annotations

from datetime import timedelta

from archive.chain import EVENTS, seal
from archive.ledger.events import as_lines, as_rows
from archive.segments import ROWS, segment_name
from intake.rounds.filing import record_of
from intake.rounds.office import Office


def record_one(office: Office) -> bool:
    """Write one changed decision, one segment of events or one campaign version; False when all is written.

    One writer at a time: two would mark as written what only one of them had read. False too while another writes.
    """
    with office.lock("record") as mine:
        return mine and (_decision(office) or _version(office) or _segment(office))


def _decision(office: Office) -> bool:
    waiting = office.ledger.decisions.unrecorded(most=1)
    for submission, decisions in waiting:
        place = office.ledger.arrivals.place(submission.number)
        if place is None:
            continue
        last = decisions[-1]
        with office.writing_vault():
            if last.discarded:
                office.vault.tombstone(place.mailbox, place.year, place.number, last.by, last.why, last.at)
            else:
                record = record_of(submission, decisions)
                office.vault.add_version(
                    place.mailbox, place.year, place.number, record, last.by, last.why or "判定更改"
                )
        office.ledger.decisions.mark_recorded(submission.number, last.version)
    return bool(waiting)


def _version(office: Office) -> bool:
    waiting = office.ledger.versions.unkept()
    if not waiting:
        return False
    row = waiting[0]
    with office.writing_vault():
        office.vault.put_log(f"{row.kind}/{row.name}/{row.sha256[:16]}", {row.name: row.text})
    office.ledger.versions.mark_kept(row.id or 0)
    return True


def _segment(office: Office) -> bool:
    """Events and changed rows not yet in the vault, with the letters they tell of, as one object of the log."""
    segment = office.ledger.events.next_segment()
    if segment is None:
        return False
    letters = {f"letters/{key.replace(':', '_')}.eml": body for key, body in segment.letters.items()}
    files = letters | ({ROWS: as_rows(segment)} if segment.images else {})
    lines, head = seal(as_lines(segment), files, office.now(), segment.before)
    with office.writing_vault():
        office.vault.put_log(segment_name(head.segment), {EVENTS: lines, **files})
    office.ledger.events.mark_kept(segment, head)
    return True


def drop_asides(office: Office) -> int:
    """Remove the bytes of unrelated mail whose days are over; gives how many."""
    before = office.now() - timedelta(days=office.config.settings.aside_days)
    files = office.ledger.arrivals.drop_asides(before)
    for name in files:
        (office.aside / name).unlink(missing_ok=True)
    return len(files)
