"""What in a mail is a material and what is only furniture: logos, containers, visiting cards, requests for time."""

from __future__ import annotations

import re
from functools import lru_cache

from archive.judging.kinds import HARMLESS
from archive.records import Piece
from intake.volumes import follows, is_volume_name

PICTURES = frozenset("jpeg jpg png gif bmp tiff tif heic heif webp psd".split())  # noqa: SIM905 - one line reads better
VIDEOS = frozenset("wmv mp4 mov avi flv mpg mpeg mkv rmvb rm 3gp m4v swf webm asf".split())  # noqa: SIM905
DOCUMENTS = frozenset("docx doc wps pdf txt rtf odt pptx ppt dps odp html htm mht mhtml word-xml ofd md".split())  # noqa: SIM905
TABLES = frozenset("xlsx xls et ods csv xlsm excel-xml".split())  # noqa: SIM905
ARCHIVES = frozenset("zip rar 7z tar gz tgz bz2 xz".split())  # noqa: SIM905
_TRAPPINGS = frozenset("ics vcf p7s p7m asc sig tnef".split())  # noqa: SIM905
_LOGO = re.compile(r"^(image\d{3}|logo|签名|signature|sign|spacer|qrcode|emoji|face|icon)", re.IGNORECASE)
_CARD = re.compile(r"^(?:个人|电子|微信|我的)?(?:名片|头像)[\d()（）_-]*$")
_REQUEST = re.compile(r"延期|请假|宽限|延长报送|延迟报送|推迟报送|请示函?$")
SMALL_SIDE, SMALL_BYTES = 200, 15_000
SQUARE = 450
"""A square picture called 二维码 or logo is one up to so many pixels."""


@lru_cache(maxsize=4096)
def stem_of(name: str) -> str:
    """A file's name without its folders and its ending."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[0] or base if re.search(r"\.[A-Za-z0-9]{1,5}$", base) else base


_KINDS = {
    short: kind
    for kinds, kind in (
        (PICTURES, "picture"),
        (VIDEOS, "video"),
        (DOCUMENTS, "document"),
        (TABLES, "table"),
        (ARCHIVES, "archive"),
        (frozenset({"eml", "msg"}), "mail"),
        (_TRAPPINGS, "trapping"),
    )
    for short in kinds
}


def kind_of(piece: Piece) -> str:
    """picture, video, document, table, archive, mail, trapping or other: by content, else by the name's ending."""
    return _KINDS.get(piece.facts.type.lower()) or _KINDS.get(piece.name.rpartition(".")[2].lower(), "other")


def is_logo(piece: Piece) -> bool:
    """A visiting card, or a signature's picture: inline and under 200 pixels, or under 15 kB with a logo's name."""
    if kind_of(piece) != "picture":
        return False
    if _CARD.search(stem_of(piece.name)):
        return True
    named = bool(_LOGO.match(stem_of(piece.name)))
    sides = [side for side in (piece.facts.width, piece.facts.height) if side is not None]
    tiny = bool(sides) and min(sides) < (SQUARE if named and len(set(sides)) == 1 else SMALL_SIDE)
    if piece.inline and tiny:
        return True
    return named and (tiny or piece.size < SMALL_BYTES) and (piece.inline or piece.size < SMALL_BYTES)


def is_container(piece: Piece, pieces: tuple[Piece, ...]) -> bool:
    """An archive or a mail whose contents were taken out, or a further volume of one that is asked about itself.

    One that could not be opened is no container, and a document with pictures in it never is.
    """
    kind = kind_of(piece)
    if kind == "mail":
        return piece.problem is None or piece.problem in HARMLESS
    if is_further_volume(piece, pieces):
        return True
    if piece.problem is not None and piece.problem not in HARMLESS:
        return False
    return kind in ("archive", "trapping") and any(each.within == piece.path for each in pieces)


def is_further_volume(piece: Piece, pieces: tuple[Piece, ...]) -> bool:
    """x.part2.rar beside x.part1.rar: the first that came speaks for the whole."""
    if not is_volume_name(piece.name):
        return False
    folder = piece.path.rpartition("/")[0]
    beside = [each.name for each in pieces if each.within == piece.within and each.path.rpartition("/")[0] == folder]
    return follows(piece.name, beside)


def is_material(piece: Piece, pieces: tuple[Piece, ...]) -> bool:
    """Whether it can be something the notice asks for."""
    if (kind_of(piece) == "trapping" and piece.problem is None) or (piece.facts.type == "html" and piece.inline):
        return False
    return not is_logo(piece) and not is_container(piece, pieces)


def is_request(piece: Piece) -> bool:
    """A letter that asks for time (延期申请), which is no material."""
    return bool(_REQUEST.search(stem_of(piece.name)))
