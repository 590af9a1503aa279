"""Where the samples lie that programs which are not ours made, and measuring bytes as a worker does."""

from __future__ import annotations

from pathlib import Path

from archive.records import Facts, dump, load
from intake.measure import measure

MEDIA = Path(__file__).parents[2] / "samples" / "media"


def sample(name: str) -> bytes:
    """A file of tests/samples/media (made by make-media.sh)."""
    return (MEDIA / name).read_bytes()


def facts_of(folder: Path, content: bytes, name: str) -> Facts:
    """The facts of these bytes under that name; record.json gives the same facts back."""
    path = folder / "leaf"
    path.write_bytes(content)
    facts = measure(path, name)
    assert load(Facts, dump(facts)) == facts
    return facts
