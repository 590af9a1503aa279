"""The benchmark of search at 20,000 pieces, untimed: every page is what a look through every row gives."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.benchmarks.search import MIX, fill, page, queries, wrong


def test_every_page_of_every_kind_of_question_is_exact_over_20000_pieces(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path, 20_000, longest=40)
    base = sqlite3.connect(path)
    asked = queries(base, each=4)
    assert set(asked) == set(MIX)
    assert wrong(base, [one for kind in MIX for one in asked[kind]]) == []
    answered = [kind for kind in MIX if any(page(base, one, None)[0] for one in asked[kind])]
    assert set(answered) >= set(MIX) - {"nothing"}
    base.close()
