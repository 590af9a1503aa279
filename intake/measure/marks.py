"""Marks of what must not travel further: secrecy marks a document bears, identity numbers, identity cards. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archive.records import Facts

NEAR_TOP = 12
"""Lines from the beginning in which a document bears its mark (GB/T 9704 7.2.2: top left of the first page)."""
_LEVEL = "绝密|机密|秘密"
_TERM = r"(?:长期|\d{1,2}\s*(?:年|个月|月|天|日)|[一二三四五六七八九十]{1,3}\s*(?:年|个月)|解密时间.{0,16})"
_BORNE = re.compile(
    rf"(?:(?:密级|保密等级|秘密等级)\s*[:：]?\s*)?[【\[（(〔]?\s*({_LEVEL})\s*[】\]）)〕]?\s*(?:[★☆*＊]\s*{_TERM}?|{_TERM})?"
)
"""A line, or a part of one between spaces, that is nothing but the mark: 秘密, 机密★1年, 密级：绝密."""
_APART = re.compile(r"([绝机秘])\s+(密)(?![\u4e00-\u9fff])")
_STAR = re.compile(rf"(?<![\u4e00-\u9fff])({_LEVEL})\s*[★☆]")
"""The star stands in no prose, so it counts beside other words (份号, a title) too."""
_DIGITS = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})[\s-]?(\d{8})[\s-]?(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_CARD = re.compile(r"身份证(?!号)(?:件|明)?")
_ABOUT = re.compile(
    "号码|填写|说明|模[板版]|样[式本例表张]|须知|办法|要求|通知|规[定范]|指南|流程|登记|统计|汇总|名单|清单|信息|作品|征文|故事|服务"
)
"""Words of files that speak of identity cards and are none."""


def marks_of(facts: Facts, name: str) -> tuple[str, ...]:
    """What a file is marked with: 绝密, 机密, 秘密, 身份证号, 身份证; at most one secrecy level, the highest.

    From the first 4,000 characters of its text, its table's cells and fields, and its name; pictures by name only.
    """
    found = [secrecy(facts.text, name)]
    if any(has_identity_number(text) for text in (facts.text, *_cells(facts.cells), *facts.header.values())):
        found.append("身份证号")
    if names_identity_card(name):
        found.append("身份证")
    return tuple(mark for mark in found if mark)


def secrecy(text: str, name: str) -> str | None:
    """The level a document bears: a short line near its top that is nothing but the mark, or one with the star.

    Never the word inside prose (保守秘密) or a name (商业秘密管理办法); in a file name only with the star or brackets.
    """
    lines = [line for line in text.splitlines() if line.strip()][:NEAR_TOP]
    borne = {hit[1] for line in lines for hit in _borne(line)}
    borne |= {hit[1] for hit in re.finditer(rf"[【\[（(]\s*({_LEVEL})\s*[】\]）)★]", name)}
    borne |= {hit[1] for hit in _STAR.finditer(name)}
    return next((level for level in ("绝密", "机密", "秘密") if level in borne), None)


def _borne(line: str) -> Iterable[re.Match[str]]:
    yield from _STAR.finditer(line)
    closed = _APART.sub(r"\1\2", line)
    for part in (closed, *re.split(r"\s{2,}|\t", closed)):
        if hit := _BORNE.fullmatch(part.strip()):
            yield hit


def _cells(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    return (cell for row in rows for cell in row)


def has_identity_number(text: str) -> bool:
    """Whether an 18-digit citizen number stands in the text: right check digit and a possible birthday (GB 11643)."""
    return any(_is_identity("".join(hit.groups()).upper()) for hit in _DIGITS.finditer(text))


def _is_identity(number: str) -> bool:
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if not (1900 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= 31 and 11 <= int(number[:2]) <= 91):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHECK[total % 11] == number[17]


def names_identity_card(name: str) -> bool:
    """Whether a file name says the file is an identity card: 身份证正面.jpg, 张三身份证.jpg; not forms about it."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name).strip()
    return _CARD.search(stem) is not None and _ABOUT.search(stem) is None
