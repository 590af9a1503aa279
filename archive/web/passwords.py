"""Passwords: argon2id with the library's parameters, and a pause for whoever guesses."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
"""Characters of a password."""
TRIES = 8
"""Failed logins for one name, or from one address, within …"""
WITHIN = timedelta(minutes=15)
"""… this time, after which every further try is refused."""

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
"""Checked for an unknown name, so that the time taken does not tell which names there are."""


def hashed(password: str) -> str:
    """The hash to keep."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept; takes as long for a name that does not exist."""
    try:
        return _hasher.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def weak(password: str, name: str) -> str | None:
    """Why a password is not taken, in Chinese; None when it is."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符"
    if len(set(password)) < 5 or name.casefold() in password.casefold():
        return "密码太容易猜到：不要含登录名，不要只用几个字符"
    return None


class Guesses:
    """Failed logins by name and by address; kept in memory, forgotten at a restart."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def too_many(self, keys: tuple[str, ...], now: datetime) -> bool:
        """Whether one of these keys failed too often lately."""
        with self._lock:
            return any(len(self._of(key, now)) >= TRIES for key in keys)

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Note a failed login."""
        with self._lock:
            for key in keys:
                self._of(key, now).append(now)
            if len(self._failed) > 10_000:  # somebody tries every name: forget the oldest
                for key in list(self._failed)[:5_000]:
                    del self._failed[key]

    def forget(self, keys: tuple[str, ...]) -> None:
        """The person got in."""
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)

    def _of(self, key: str, now: datetime) -> deque[datetime]:
        times = self._failed.setdefault(key, deque())
        while times and now - times[0] > WITHIN:
            times.popleft()
        return times
