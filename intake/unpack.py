"""What is packed among the files of a mail: opened beside itself, within limits, never outside its folder."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from archive.names import MAX_BYTES, safe_name
from archive.records import Card, Mail, Nested
from config.settings import LimitSettings
from intake import embedded, entries, outlook
from intake.entries import Entry, Unreadable
from intake.mail import Leaf, looks_like_mail, read_forwarded
from intake.mime.headers import clean
from intake.mime.text import own_and_quoted, tidy
from intake.steps import Steps
from intake.volumes import volume, volume_sets
from intake.zips import begins_document

CONTENT = ".内容"
"""Ending of the folder beside an archive that holds what was in it."""
_JUNK_FOLDERS = frozenset({"__MACOSX"})
_JUNK = re.compile(r"^(\._.*|~\$.*|thumbs\.db|\.ds_store|desktop\.ini)$", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_RANK = (
    "bomb",
    "crashed",
    "volume-missing",
    "damaged",
    "encrypted",
    "unsupported",
    "too-many",
    "unsafe-name",
    "link",
    "empty",
)
_BROKEN_OFF = frozenset({"damaged", "unsupported"})
_FOLDERS = 20
_SMALL_BOMB = 10 * 1024 * 1024
_HEAD = 4096

_Volumes = tuple[tuple[Leaf, ...], str | None]
"""The volumes of one archive that are there, and which is missing."""


class Unpacker:
    """All that is packed in the files of one mail; the limits hold for all of it together.

    out: the folder `files` of the mail. After `opened` is through, `told` adds what opened mails say to the mail.
    """

    def __init__(self, out: Path, limits: LimitSettings, steps: Steps | None = None) -> None:
        self._out = out
        self._limits = limits
        self._steps = steps or Steps()
        self._entries = limits.archive_entries
        self._bytes = limits.archive_bytes
        self._parts = limits.parts
        self._nested: list[Nested] = []
        self._cards: list[Card] = []
        self._words: list[str] = []
        self._body = ""

    def opened(self, leaves: Sequence[Leaf]) -> Iterator[Leaf]:
        """Each leaf, followed by what is in it: archives, mails, winmail.dat, and pictures of documents.

        Files go to `<archive>.内容/…` beside the archive; their paths are `2/材料/1.jpg`. Problem codes: encrypted,
        damaged, volume-missing, unsupported, bomb, too-many, too-deep, unsafe-name, link, empty, crashed. What could
        be read before is kept; of a bomb nothing is. OSError when a file cannot be written.
        """
        return self._each(leaves, 1)

    def told(self, mail: Mail) -> Mail:
        """The mail with the mails that were opened in it; their words stand with the quoted ones.

        The words of a winmail.dat are the mail's own where it has none else.
        """
        text, quoted = (mail.text, "") if mail.text else own_and_quoted(self._body)
        quoted = tidy("\n\n".join(filter(None, (mail.quoted, quoted, *self._words))))
        cards = tuple({card.url: card for card in (*mail.cards, *self._cards)}.values())
        return replace(mail, text=text, quoted=quoted, nested=(*mail.nested, *self._nested), cards=cards)

    def _each(self, leaves: Sequence[Leaf], depth: int) -> Iterator[Leaf]:
        first, further = _sets(leaves)
        for leaf in leaves:
            if leaf.opened or leaf.problem or leaf.embedded or leaf.path in further:
                yield leaf
                continue
            volumes = first.get(leaf.path, ((leaf,), None))
            inner, problem, note = self._open(leaf, volumes, depth)
            yield replace(leaf, problem=problem, note=note)
            yield from self._each(inner, depth + 1)

    def _file(self, stored: str) -> Path:
        return self._out / stored.removeprefix("files/")

    def _open(self, leaf: Leaf, volumes: _Volumes, depth: int) -> tuple[list[Leaf], str | None, str | None]:
        """What is directly in one file, its problem, and what the code does not say of it."""
        path = self._file(leaf.stored)
        head = _head(path)
        kind = _kind(head, path, leaf.name)
        if len(volumes[0]) > 1 or volumes[1]:
            kind = "volumes"
        if kind is None:
            return [], None, None
        if kind == "volumes" and volumes[1]:
            return [], "volume-missing", f"缺少{volumes[1]}"
        if self._steps.begin("opening", leaf.path) is not None:
            document = kind == "pdf" or (kind == "zip" and begins_document(head))
            return [], None if document else "crashed", None
        document, pictured = entries.is_document(path) if kind == "zip" else (kind == "pdf", kind == "pdf")
        if document:
            return self._pictures(leaf, path) if pictured else [], None, None
        if kind == "ole" and not outlook.is_msg(path):
            return [], None, None
        if depth > self._limits.archive_depth:
            return [], "too-deep", None
        if kind == "mail":
            return *self._mail(leaf, depth), None
        return self._archive(leaf, [self._file(each.stored) for each in volumes[0]], kind)

    # --- one kind after the other

    def _archive(self, leaf: Leaf, paths: list[Path], kind: str) -> tuple[list[Leaf], str | None, str | None]:
        folder = _Folder(self._out, leaf)
        found: list[Leaf] = []
        problems: set[str] = set()
        allowed = max(sum(path.stat().st_size for path in paths) * self._limits.archive_ratio, _SMALL_BOMB)
        try:
            listed = self._listed(leaf, paths, kind, min(allowed, self._bytes))
            self._read(leaf, listed, folder, found, problems, allowed)
        except Unreadable as error:
            problems.add(error.problem)
        if problems & _BROKEN_OFF and kind in ("archive", "zip", "volumes") and entries.lacks_volumes(paths):
            problems.add("volume-missing")
        if "bomb" in problems:
            shutil.rmtree(self._file(folder.root), ignore_errors=True)
            found = []
        if not found and kind not in ("ole", "tnef"):
            problems.add("empty")
        problem = next((code for code in _RANK if code in problems), None)
        return found, problem, _next_volume(leaf, len(paths)) if problem == "volume-missing" else None

    def _listed(self, leaf: Leaf, paths: list[Path], kind: str, limit: int) -> Iterator[Entry]:
        if kind not in ("tnef", "ole"):
            return entries.entries(paths, kind, limit)
        message = outlook.open_tnef(paths[0]) if kind == "tnef" else outlook.open_msg(paths[0], leaf.path)
        self._nested += message.mails
        if kind == "tnef" and leaf.within is None:
            self._body = self._body or message.words
        else:
            self._words.append(message.words)
        return iter(message.entries)

    def _mail(self, leaf: Leaf, depth: int) -> tuple[list[Leaf], str | None]:
        left = {"archive_bytes": self._bytes, "parts": min(self._parts, self._entries)}
        root = _Folder(self._out, leaf).root
        mail = read_forwarded(leaf, root, self._out, self._limits.model_copy(update=left), depth)
        self._bytes -= sum(each.size for each in mail.leaves)
        self._parts -= mail.parts
        self._entries -= len(mail.leaves)
        self._nested += mail.nested
        self._cards += mail.cards
        self._words.append(mail.words)
        return list(mail.leaves), mail.problem

    def _pictures(self, leaf: Leaf, path: Path) -> list[Leaf]:
        """Pictures in a document; whatever goes wrong with them, the document itself is whole."""
        found: list[Leaf] = []
        folder = _Folder(self._out, leaf)
        with suppress(Unreadable):
            listed = _guarded(embedded.pictures(path, self._limits))
            self._read(leaf, listed, folder, found, set(), self._bytes)
        return [replace(each, embedded=True) for each in found]

    # --- entries into files

    def _read(
        self,
        leaf: Leaf,
        listed: Iterator[Entry],
        folder: _Folder,
        found: list[Leaf],
        problems: set[str],
        allowed: int,
    ) -> None:
        """Each entry into a file; Unreadable when the archive breaks off, holds too many or is a bomb."""
        for entry in listed:
            self._steps.begin("opening", leaf.path)
            self._entries -= 1
            if self._entries < 0:
                raise Unreadable("too-many")
            segments, unsafe = _segments(entry.name)
            if unsafe:
                problems.add("unsafe-name")
            if entry.kind == "link":
                problems.add("link")
            if entry.kind != "file" or not segments or _is_junk(segments):
                continue
            stored, path = folder.place(segments, entry.title)
            try:
                digest, size = self._write(leaf, entry, self._file(stored), allowed)
            except Unreadable as error:
                if error.problem == "bomb":
                    raise
                problems.add(error.problem)
                continue
            allowed -= size
            found.append(Leaf(path, entry.title or segments[-1], stored, digest, size, within=leaf.path))

    def _write(self, leaf: Leaf, entry: Entry, target: Path, allowed: int) -> tuple[str, int]:
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        try:
            with target.open("xb", buffering=0) as file:
                for chunk in entry.chunks():
                    self._steps.begin("opening", leaf.path)
                    size += len(chunk)
                    self._bytes -= len(chunk)
                    if size > allowed or self._bytes < 0:
                        raise Unreadable("bomb")
                    digest.update(chunk)
                    file.write(chunk)
        except Unreadable:
            target.unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _kind(head: bytes, path: Path, name: str) -> str | None:
    """`zip`, `archive`, `compressed`, `tnef`, `ole`, `pdf` or `mail` as the first bytes say, else None."""
    if head.startswith(outlook.TNEF_MAGIC):
        return "tnef"
    if head.startswith(outlook.OLE_MAGIC):
        return "ole"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if kind := entries.kind_of(head):
        return kind
    if name.lower().endswith(".zip") and entries.lacks_volumes([path]):
        return "zip"  # the last of several volumes begins anyhow
    return "mail" if looks_like_mail(head, name) else None


def _guarded(listed: Iterator[Entry]) -> Iterator[Entry]:
    try:
        yield from listed
    except (MemoryError, Unreadable):
        raise
    except Exception:  # foreign parsers raise anything on damaged files
        raise Unreadable("damaged") from None


def _sets(leaves: Sequence[Leaf]) -> tuple[Mapping[str, _Volumes], frozenset[str]]:
    """Volumes of one folder that belong together, by the path of the first; paths of the further ones."""
    folders: dict[tuple[str | None, str], list[Leaf]] = {}
    for leaf in leaves:
        folders.setdefault((leaf.within, leaf.path.rpartition("/")[0]), []).append(leaf)
    first: dict[str, _Volumes] = {}
    further: set[str] = set()
    for beside in folders.values():
        for one in volume_sets([leaf.name for leaf in beside]):
            volumes = tuple(beside[place] for place in one.places)
            first[volumes[0].path] = (volumes, one.missing)
            further.update(leaf.path for leaf in volumes[1:])
    return first, frozenset(further)


def _next_volume(leaf: Leaf, there: int) -> str:
    """What is missing behind the volumes that are there, as far as the name of the first one tells."""
    if leaf.name.lower().endswith((".z01", ".zip")):
        return f"缺少第{there}卷"  # x.zip itself is the last
    return f"缺少第{there + 1}卷" if there > 1 or volume(leaf.name) else "缺少其余分卷"


def _segments(name: str) -> tuple[list[str], bool]:
    """Folders and file name of an entry, and whether the name tried to leave the folder."""
    parts = name.replace("\\", "/").split("/")
    unsafe = name.startswith(("/", "\\")) or ".." in parts or bool(_DRIVE.match(name)) or "\x00" in name
    segments = [part for part in map(clean, parts) if part not in ("", ".", "..")]
    if len(segments) > _FOLDERS:
        segments = [*segments[: _FOLDERS - 1], segments[-1]]
    return segments, unsafe


def _is_junk(segments: list[str]) -> bool:
    return bool(_JUNK_FOLDERS.intersection(segments)) or bool(_JUNK.match(segments[-1]))


class _Folder:
    """Where the entries of one archive go: true folder names to stored ones, no two files in one place."""

    def __init__(self, out: Path, leaf: Leaf) -> None:
        self._leaf = leaf
        parent, _, segment = leaf.stored.rpartition("/")
        while len((segment + CONTENT).encode()) > MAX_BYTES - 6:
            segment = segment[:-1]
        name, number = segment + CONTENT, 2
        while (out / f"{parent}/{name}".removeprefix("files/")).exists():
            name, number = f"{segment} ({number}){CONTENT}", number + 1
        self.root = f"{parent}/{name}"
        self._folders: dict[tuple[str, str], str] = {}
        self._taken: dict[str, set[str]] = {}
        self._paths: set[str] = set()

    def place(self, segments: list[str], title: str = "") -> tuple[str, str]:
        """Stored path and path inside the mail for an entry; with a title it is stored by that, without folders."""
        stored = self.root
        for segment in segments[:-1] if not title else ():
            key = (stored, segment)
            if key not in self._folders:
                self._folders[key] = safe_name(segment, self._taken.setdefault(stored, set()))
            stored = f"{stored}/{self._folders[key]}"
        stored = f"{stored}/{safe_name(title or segments[-1], self._taken.setdefault(stored, set()))}"
        path = wanted = f"{self._leaf.path}/{'/'.join(segments)}"
        number = 2
        while path in self._paths:
            path, number = f"{wanted} ({number})", number + 1
        self._paths.add(path)
        return stored, path
