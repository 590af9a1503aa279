"""The vault keeps, reads, versions and removes 件; ocfl-py agrees that it is OCFL."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import durable
from archive.vault import Discarded, Vault, VaultConflict

sys.path.insert(0, str(Path(__file__).parent))
