"""Versions of campaigns and rosters as loaded, and the few things remembered for the whole home."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlmodel import col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event
from archive.tables import MetaRow, VersionRow


class Versions:
    """Every loaded version is a row named by its hash and goes into the vault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def loaded(self, kind: str, name: str, text: bytes, at: datetime) -> bool:
        """Note a campaign file or roster as loaded; True when this version is new."""
        digest = sha256(text).hexdigest()
        with self._store.write() as session:
            session.merge(MetaRow(key=f"loaded:{kind}/{name}", value=digest))
            last = session.exec(
                select(VersionRow)
                .where(VersionRow.kind == kind, VersionRow.name == name)
                .order_by(col(VersionRow.loaded).desc(), col(VersionRow.id).desc())
            ).first()
            if last is not None and last.sha256 == digest:
                return False
            if session.exec(
                select(VersionRow).where(VersionRow.kind == kind, VersionRow.name == name, VersionRow.sha256 == digest)
            ).first():
                return False
            session.add(VersionRow(kind=kind, name=name, sha256=digest, loaded=at, text=text))
            what = {"kind": kind, "name": name, "sha256": digest}
            events.add(session, [Event(at, "version-loaded", None, None, None, "auto", what)])
            return True

    def in_force(self, kind: str, name: str) -> str | None:
        """SHA-256 of the version loaded last; None when none was."""
        found: str | None = self.get(f"loaded:{kind}/{name}")
        return found

    def text(self, kind: str, name: str, digest: str) -> bytes:
        """The bytes of a version that was loaded; KeyError when there is none."""
        with self._store.read() as session:
            row = session.exec(
                select(VersionRow).where(VersionRow.kind == kind, VersionRow.name == name, VersionRow.sha256 == digest)
            ).first()
            if row is None:
                raise KeyError(digest)
            return row.text

    def all(self, kind: str, name: str | None = None) -> tuple[tuple[str, str, bytes], ...]:
        """(name, SHA-256, bytes) of every version of a kind that was ever loaded, oldest first."""
        query = select(VersionRow).where(VersionRow.kind == kind)
        if name is not None:
            query = query.where(VersionRow.name == name)
        with self._store.read() as session:
            rows = session.exec(query.order_by(col(VersionRow.loaded), col(VersionRow.id)))
            return tuple((row.name, row.sha256, row.text) for row in rows)

    def unkept(self) -> list[VersionRow]:
        """Versions that are not yet in the vault."""
        with self._store.read() as session:
            return list(session.exec(select(VersionRow).where(col(VersionRow.kept).is_(False))))

    def mark_kept(self, id: int) -> None:
        """This version lies in the vault."""
        with self._store.write() as session:
            row = session.get(VersionRow, id)
            if row is not None:
                row.kept = True
                session.add(row)

    def get(self, key: str) -> Any:
        """A remembered thing of the home; None when unknown."""
        with self._store.read() as session:
            row = session.get(MetaRow, key)
            return None if row is None else row.value

    def set(self, key: str, value: Any) -> None:
        """Remember a thing of the home."""
        with self._store.write() as session:
            session.merge(MetaRow(key=key, value=value))
