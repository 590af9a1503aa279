"""The least that keeping a mailbox costs: copy, hash, decode, write once, one sync a batch; no IMAP, no understanding.

Usage: python -m tests.benchmarks.floor MAILDIR FOLDER
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pybase64

from archive import durable

BATCH = 200
BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"


def keep(path: Path, place: Path) -> None:
    """One mail and what is encoded in it, but for its text, as files."""
    place.mkdir()
    mail = path.read_bytes()
    hashlib.sha256(mail).hexdigest()
    (place / "message.eml").write_bytes(mail)
    at, number = mail.find(BASE64), 0
    while at >= 0:
        end = mail.find(b"\r\n--", at)
        data = pybase64.b64decode(mail[at + len(BASE64) : end].replace(b"\r\n", b""))
        if number:
            hashlib.sha256(data).hexdigest()
            (place / str(number)).write_bytes(data)
        at, number = mail.find(BASE64, end) if end >= 0 else -1, number + 1


def main(maildir: Path, folder: Path) -> None:
    """Everything that lies in the Maildir."""
    for number, path in enumerate(sorted((maildir / "cur").iterdir()), 1):
        keep(path, folder / str(number))
        if number % BATCH == 0:
            durable.sync_trees([str(folder)])
    durable.sync_trees([str(folder)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
