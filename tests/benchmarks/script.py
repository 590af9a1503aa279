"""What people write to get attachments out of a mailbox: imap-tools, files, one SQLite row a mail, no fsync.

Usage: python -m tests.benchmarks.script HOST PORT USER PASSWORD FOLDER
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from pathlib import Path

from imap_tools import MailBoxUnencrypted

from tests.benchmarks.memory import forget_peak, resident


def main(host: str, port: int, user: str, password: str, folder: Path) -> None:
    """Fetch everything into the folder."""
    database = sqlite3.connect(folder / "mails.db")
    database.execute("PRAGMA synchronous=OFF")
    database.execute("CREATE TABLE mail (uid, sender, subject, date, sha256)")
    database.execute("CREATE TABLE attachment (uid, name, sha256, path)")
    with MailBoxUnencrypted(host, port).login(user, password) as mailbox:
        for mail in mailbox.fetch(mark_seen=False):
            place = folder / str(mail.uid)
            place.mkdir()
            raw = mail.obj.as_bytes()
            (place / "mail.eml").write_bytes(raw)
            row = (mail.uid, mail.from_, mail.subject, str(mail.date), hashlib.sha256(raw).hexdigest())
            database.execute("INSERT INTO mail VALUES (?,?,?,?,?)", row)
            for number, attachment in enumerate(mail.attachments):
                path = place / f"{number}{Path(attachment.filename).suffix[:10]}"
                path.write_bytes(attachment.payload)
                digest = hashlib.sha256(attachment.payload).hexdigest()
                one = (mail.uid, attachment.filename, digest, str(path))
                database.execute("INSERT INTO attachment VALUES (?,?,?,?)", one)
            database.commit()
    database.close()


if __name__ == "__main__":
    idle = forget_peak()
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5]))
    print(json.dumps({"idle": idle, "peak": resident(most=True)}))
