"""Titles of works as they are compared: by what they say, not by their marks, numbering, edition or file ending."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from archive.judging.kinds import stem
from archive.judging.spelling import fold

NEARLY = 84.0
"""Share (0…100) of two titles that agrees, from which on they are one title written twice."""

_QUOTED = re.compile(r"《([^《》]{2,40})》")
_NUMBERING = re.compile(
    r"^(附件[\d一二三四五六七八九十]*[:、.\-_]?|[\d一二三四五六七八九十]{1,2}[、.\-_)]+|\([\d一二三四五六七八九十]+\))+"
)
_EDITION = re.compile(
    r"[-_(]*(修改[版稿后]?|修订[版稿]?|最终[版稿]?|终稿|定稿|更正|更新[版后]?|重报|补报|正式[版稿]|副本|原图|压缩版|盖章[版件]?|扫描件)\)?[\d]*$"
)
_TAIL = re.compile(r"[-_(]*((文字)?(说明|简介|解说词?|介绍|文案|创意说明|配文)|图片|照片|组图|文字)\)?$")
_FILLING = re.compile(r"[\s:、,。.·•*_\-—–()\[\]【】]+")
_NUMERAL = re.compile(r"[\d一二三四五六七八九十百上中下]")


@lru_cache(maxsize=16384)
def title_key(name: str) -> str:
    """A readable key of a title that stays the same over editions: 1.《渔港新貌》说明（修改版） → 渔港新貌."""
    quoted = _QUOTED.search(name)
    text = fold(quoted.group(1) if quoted else name)
    text = _NUMBERING.sub("", text) or text
    for _ in range(3):
        text = _EDITION.sub("", text) or text
        text = _TAIL.sub("", text) or text
    return _balanced(text.strip("-_.、:")) or text


def _balanced(text: str) -> str:
    """Without brackets at the ends that have no other half: 小结(定 → 小结定."""
    whole = text.strip("()") if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text
    return whole if whole.count("(") == whole.count(")") else whole.replace("(", "").replace(")", "")


def agreement(one: str, other: str) -> float:
    """How much two titles or file names agree, 0…100: 100 the same title; 90 one inside the other; else by letters.

    Numbers must agree: 作品1 is never a misspelt 作品2. Below `NEARLY` they are two titles.
    """
    left, right = _plain(one), _plain(other)
    if not left or not right:
        return 0.0
    if left == right:
        return 100.0
    shorter, longer = sorted((left, right), key=len)
    if len(shorter) >= 2 and shorter in longer:
        return 90.0
    if _NUMERAL.findall(left) != _NUMERAL.findall(right) or len(shorter) < 4:
        return 0.0
    return float(min(fuzz.ratio(left, right), 89.0))


def _plain(name: str) -> str:
    return _FILLING.sub("", title_key(stem(name)))
