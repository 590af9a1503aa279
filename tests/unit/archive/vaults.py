"""A small archive for the tests of the vault, and ocfl-py's opinion of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ocfl as ocfl_py

from archive.vault import Deposit, Vault

AT = datetime(2018, 8, 20, 1, 2, 3, tzinfo=UTC)

PIECES: Mapping[str, bytes] = {
    "message.eml": "From: tuanwei@example.test\r\nSubject: 威海 报送\r\n\r\n见附件\r\n".encode(),
    "files/材料.zip": b"PK\x03\x04 not really",
    "files/材料.zip.内容/2.报送汇总表.xls": b"\xd0\xcf\x11\xe0" * 40,
    "files/材料.zip.内容/同一文件.xls": b"\xd0\xcf\x11\xe0" * 40,
}


def new_vault(home: Path) -> Vault:
    """An empty storage root with a clock that stands still."""
    home.mkdir(parents=True, exist_ok=True)
    vault = Vault(home / "archive", clock=lambda: AT)
    vault.create()
    return vault


def deposit(
    home: Path, number: str = "WH2018-0001", pieces: Mapping[str, bytes] = PIECES, record: Any = None, token: str = ""
) -> Deposit:
    """Files in a spool folder, as intake hands them over."""
    folder = home / "spool" / (token or number)
    for path, data in pieces.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    files = {path: (hashlib.sha256(data).hexdigest(), len(data)) for path, data in pieces.items()}
    sizes = [{"stored": path, "sha256": digest, "size": size} for path, (digest, size) in files.items()]
    return Deposit(number, "weihai", 2018, folder, files, record or {"number": number, "pieces": sizes, "note": "首次"})


def complaints(vault: Vault) -> list[str]:
    """Codes of every error and warning ocfl-py has about the whole root, W004 (sha256 instead of sha512) apart."""
    root = ocfl_py.StorageRoot(root=str(vault.root))
    valid = root.validate(log_warnings=True, max_errors=10_000)
    said = "\n".join([root.log.status_str(), *(message for _, message in root.errors)])
    codes = [code for code in re.findall(r"\[([EW]\d+[a-z]?)\]", said) if code != "W004"]
    return codes if codes or (valid and root.num_objects == root.good_objects) else ["invalid"]


def contents(vault: Vault) -> dict[str, bytes]:
    """Every file below the root."""
    return {
        path.relative_to(vault.root).as_posix(): path.read_bytes() for path in vault.root.rglob("*") if path.is_file()
    }
