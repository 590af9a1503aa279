"""Accounts of the pages: who may do what, and the secrets that let them in, kept only as their SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func
from sqlmodel import col, select

from archive.ledger import events
from archive.ledger.engine import Store
from archive.records import Event
from archive.tables import AccountRow, LinkRow, LoginRow, RoleRow

Role = Literal["review", "read"]
INVITATION = timedelta(days=3)
"""How long a one-time link lets its person in."""


@dataclass(frozen=True)
class Account:
    """One person. roles: campaign id ("" = every campaign) → what the person may do there; an admin may do all."""

    name: str
    admin: bool = False
    off: bool = False
    roles: dict[str, Role] = field(default_factory=dict)

    def may_read(self, campaign: str | None) -> bool:
        """Whether what belongs to this campaign may be seen; None: what belongs to no campaign yet."""
        return self.admin or "" in self.roles or (campaign in self.roles)

    def may_review(self, campaign: str | None) -> bool:
        """Whether it may be changed; what belongs to no campaign yet only by who reviews them all."""
        return self.admin or "review" in (self.roles.get(""), self.roles.get(campaign or ""))


@dataclass(frozen=True)
class Visit:
    """Who is at the page, and what proves that a change was asked for by this person (CSRF)."""

    account: Account
    csrf: str


class Accounts:
    """Who may use the pages. Every change is an event."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def any(self) -> bool:
        """Whether there is anybody yet."""
        with self._store.read() as session:
            return bool(session.exec(select(func.count()).select_from(AccountRow)).one())

    def all(self) -> tuple[Account, ...]:
        """Everybody, by name."""
        with self._store.read() as session:
            rows = session.exec(select(AccountRow).order_by(col(AccountRow.name))).all()
            roles = session.exec(select(RoleRow)).all()
        return tuple(_account(row, roles) for row in rows)

    def find(self, name: str) -> tuple[Account, str] | None:
        """The account of that name with the hash of its password."""
        with self._store.read() as session:
            row = session.get(AccountRow, name)
            if row is None:
                return None
            return _account(row, session.exec(select(RoleRow).where(RoleRow.account == name)).all()), row.password

    def put(self, account: Account, at: datetime, who: str) -> None:
        """Make an account, or change what it may do; its password stays."""
        with self._store.write() as session:
            row = session.get(AccountRow, account.name) or AccountRow(name=account.name, password="", created=at)
            row.admin, row.off = account.admin, account.off
            session.add(row)
            session.execute(delete(RoleRow).where(col(RoleRow.account) == account.name))
            session.add_all(RoleRow(account=account.name, campaign=c, role=r) for c, r in account.roles.items())
            if account.off:
                session.execute(delete(LoginRow).where(col(LoginRow.account) == account.name))
            what = {"account": account.name, "admin": account.admin, "off": account.off, "roles": dict(account.roles)}
            events.add(session, [Event(at, "account-changed", None, None, None, who, what)])

    def set_password(self, name: str, hashed: str, at: datetime, who: str) -> None:
        """A new password; every session of the account ends. KeyError for an unknown name."""
        with self._store.write() as session:
            row = session.get(AccountRow, name)
            if row is None:
                raise KeyError(name)
            row.password = hashed
            session.add(row)
            ended = (col(LoginRow.account) == name) & col(LoginRow.kind).in_(("session", "invitation"))
            session.execute(delete(LoginRow).where(ended))
            events.add(session, [Event(at, "password-changed", None, None, None, who, {"account": name})])

    def rehashed(self, name: str, hashed: str) -> None:
        """The same password under newer parameters."""
        with self._store.write() as session:
            row = session.get(AccountRow, name)
            if row is not None:
                row.password = hashed
                session.add(row)

    # --- ways in

    def let_in(self, kind: Literal["session", "token", "invitation"], account: str, at: datetime, lasts: timedelta,
               label: str = "") -> str:  # fmt: skip
        """A new secret for this account; it is given once and never stored."""
        secret = secrets.token_urlsafe(32)
        with self._store.write() as session:
            session.execute(delete(LoginRow).where(col(LoginRow.expires) < at))
            session.add(
                LoginRow(
                    digest=_digest(secret), kind=kind, account=account, label=label, csrf=secrets.token_urlsafe(16),
                    created=at, expires=at + lasts,
                )
            )  # fmt: skip
            if kind != "session":
                what = {"account": account, "label": label}
                events.add(session, [Event(at, f"{kind}-made", None, None, None, account, what)])
        return secret

    def visit(self, kind: str, secret: str, now: datetime, lasts: timedelta | None = None) -> Visit | None:
        """Who this secret lets in; None when it is unknown, over, or its account is off. lasts: it is good for so long
        again, noted at most once a minute."""
        with self._store.read() as session:
            row = session.get(LoginRow, _digest(secret))
            if row is None or row.kind != kind or row.expires <= now:
                return None
        found = self.find(row.account)
        if found is None or found[0].off:
            return None
        if row.used is None or now - row.used > timedelta(minutes=1):
            self._used(row.digest, now, lasts)
        return Visit(found[0], row.csrf)

    def _used(self, digest: str, now: datetime, lasts: timedelta | None) -> None:
        with self._store.write() as session:
            row = session.get(LoginRow, digest)
            if row is not None:
                row.used, row.expires = now, now + lasts if lasts else row.expires
                session.add(row)

    def ways_in(self, account: str) -> tuple[LoginRow, ...]:
        """Sessions, tokens and invitations of an account, the newest first."""
        with self._store.read() as session:
            mine = select(LoginRow).where(LoginRow.account == account)
            return tuple(session.exec(mine.order_by(col(LoginRow.created).desc())))

    def shut(self, account: str, digest: str, at: datetime, who: str) -> None:
        """End one way in of an account."""
        with self._store.write() as session:
            one = (col(LoginRow.account) == account) & (col(LoginRow.digest) == digest)
            session.execute(delete(LoginRow).where(one))
            events.add(session, [Event(at, "way-in-shut", None, None, None, who, {"account": account})])

    def link_serial(self, campaign: str, unit: str) -> int:
        """The lowest serial of this unit's links that is good."""
        with self._store.read() as session:
            row = session.get(LinkRow, (campaign, unit))
            return row.serial if row is not None else 0

    def take_back_links(self, campaign: str, unit: str, at: datetime, who: str) -> None:
        """End every link of a unit made so far."""
        with self._store.write() as session:
            row = session.get(LinkRow, (campaign, unit)) or LinkRow(campaign=campaign, unit=unit, serial=0)
            row.serial += 1
            session.add(row)
            events.add(session, [Event(at, "links-taken-back", None, campaign, unit, who, {"serial": row.serial})])

    def leave(self, secret: str) -> None:
        """Log out."""
        with self._store.write() as session:
            session.execute(delete(LoginRow).where(col(LoginRow.digest) == _digest(secret)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _account(row: AccountRow, roles: Sequence[RoleRow]) -> Account:
    mine: dict[str, Role] = {one.campaign: one.role for one in roles if one.account == row.name}  # type: ignore[misc]
    return Account(row.name, row.admin, row.off, mine)
