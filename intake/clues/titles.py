"""Titles of works: what the summary table lists, and the key by which the same work is known again in a later mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archive.judging.spelling import fold
from archive.judging.titles import title_key as key
from archive.records import Piece
from intake.clues.furniture import kind_of, stem_of

_TITLE_COLUMN = re.compile(r"作品名称|作品题目|作品标题|题目|标题|微作品名称")
_CLASS_COLUMN = re.compile(r"类别|形式|类型|种类")
_PASSES = 3
_PARTICLES = tuple("的之与和及是在对为从以")
_COUNTER = re.compile(r"[-_ ]*[(（]?\d{1,3}[)）]?$")
_GENERIC = re.compile(
    r"^(新建(文件夹|microsoft.*)?(\(\d+\))?|材料|资料|附件|图片|照片|作品|图片作品|原图|大图|文件|文档\d*|无标题|未命名|img|dsc|dscn?|"
    r"微信图片|qq图片|mmexport|image|photo|pic|图|视频|video|vid|[\d_\-.()]*|(微信图片|qq图片|img|dsc|image|mmexport|wechatimg)?[_\-\d()]+)$"
)


@dataclass(frozen=True)
class Row:
    """One row of a summary table: the work's title as written, folded, and what its class and form columns say."""

    title: str
    folded: str
    classes: str


def rows(pieces: Iterable[Piece]) -> list[Row]:
    """The works listed in the tables of the mail; an empty class cell repeats the one above (merged cells)."""
    found: list[Row] = []
    for piece in pieces:
        if piece.facts.unruled:
            continue  # cells told by where they stand may be joined; they name no work
        columns = [fold(column).replace("\n", "") for column in piece.facts.columns]
        title = next((place for place, column in enumerate(columns) if _TITLE_COLUMN.search(column)), None)
        classes = [place for place, column in enumerate(columns) if _CLASS_COLUMN.search(column)]
        if title is None:
            continue
        above = dict.fromkeys(classes, "")
        for cells in piece.facts.cells:
            for place in classes:
                if place < len(cells) and fold(cells[place]):
                    above[place] = fold(cells[place])
            name = cells[title].strip() if title < len(cells) else ""
            if len(fold(name)) >= 2:
                found.append(Row(name, key(name), "\n".join(above.values())))
    return found


def row_of(names: Iterable[str], table: Iterable[Row]) -> Row | None:
    """The row whose title stands in one of these folded names (the longest such title); None when there is none."""
    named = [name for name in names if name]
    for row in sorted(table, key=lambda row: -len(row.folded)):
        for name in named:
            if row.folded in name or (len(name) >= 4 and name in row.folded):
                return row
    return None


def series(name: str) -> str:
    """The part of a picture's name before its number: 渔港新貌（3） → 渔港新貌; "" for 3 or IMG_2031."""
    text = _COUNTER.sub("", key(stem_of(name)))
    return "" if is_generic(text) else text


def is_generic(name: str) -> bool:
    """A name that says nothing of the work: 材料, 新建文件夹, 1, IMG_2031, 微信图片_2018…."""
    return bool(_GENERIC.match(fold(name)))


def without(text: str, names: Iterable[str]) -> str:
    """A folded title without these names (a class, the unit) before or behind it, the longest first.

    Behind it only where what is left is a title: 品牌建设的理论阐述 keeps its last words.
    """
    ordered = sorted((each for each in names if len(each) >= 2), key=len, reverse=True)
    for _ in range(_PASSES):
        before = text
        for name in ordered:
            for pattern in (
                rf"^[\[【(]?{re.escape(name)}类?[\]】)]?[-_:、.·—]*",
                rf"[-_:、.·—]*[\[【(]?{re.escape(name)}[\]】)]?$",
            ):
                shorter = re.sub(pattern, "", text)
                whole = shorter.count("(") == shorter.count(")")
                if len(shorter) >= 2 and whole and not shorter.endswith(_PARTICLES):
                    text = shorter
        if text == before:
            break
    return text


def own_name(piece: Piece) -> str:
    """The folded stem of a file's name."""
    return fold(stem_of(piece.name))


def is_picture(piece: Piece) -> bool:
    """Whether it is a picture."""
    return kind_of(piece) == "picture"
