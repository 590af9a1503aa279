"""The caption of a work that came in no file of its own: it stands in the mail's words or in the summary table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from archive.judging.parts import Group, Part
from archive.judging.reconcile import paired, rows_of
from archive.judging.spelling import fold
from archive.judging.titles import NEARLY, agreement
from archive.judging.works import needs_companion, words_as_piece
from archive.records import PieceDecision
from config.campaign import Campaign

LEAST = 10
"""Characters below which words are no caption."""
_PROSE = 30
"""Characters from which on a paragraph without a label can be one."""
_LABEL = re.compile(
    r"^\s*(?:[（(]?[\d一二三四五六七八九十]{1,2}[)）.、]\s*)?(?P<title>《[^《》\n]{2,40}》|[^：:，,。\n]{0,20}?)"
    r"\s*(?:(?:作品|图片|文字|创作|创意|组图|组照|摄影|照片|视频|微视频|微故事|故事|动漫|漫画)*(?P<word>说明|简介|介绍|解说词?|配文|文案|阐述))?(?:文字)?(?:如下)?\s*[：:]\s*(?P<rest>.*)$"
)
_CLAUSE = re.compile(
    r"(?<=[，。；,;])\s*(?=[^，。；,;：:\n]{0,16}(?:说明|简介|介绍|解说词?|配文|文案)(?:如下)?\s*[：:]|《[^《》\n]{2,40}》\s*[：:])"
)
"""Where a caption begins in the middle of a line."""
_COVER = re.compile(
    r"现将|现报|兹将|报送|上报|呈报|报上|附件|查收|收悉|您好|你好|老师|领导|同志|联系人|联系电话|电话|手机|邮箱|如有|麻烦|谢谢|感谢|此致|敬礼"
    r"|[（(]?共\d|\d张|[一二三四五六七八九]张|发给|发您|发来|望|请"
)


def caption_in(text: str, title: str, alone: bool) -> str:
    """The caption of the work `title` in a mail's own words; "" when there is none.

    Looked for: “《title》：…”, “作品说明：…”; where the mail brings this one work `alone`, also the one paragraph of
    prose that is no covering letter.
    """
    blocks = _blocks(text)
    for label, words in blocks:
        if label.startswith("《") and agreement(label, title) >= NEARLY and len(fold(words)) >= LEAST:
            return words
    named = [words for label, words in blocks if label and not label.startswith("《") and len(fold(words)) >= LEAST]
    if alone and len(named) == 1:
        return named[0]
    prose = [words for label, words in blocks if not label and len(fold(words)) >= _PROSE and not _COVER.search(words)]
    return prose[0] if alone and not named and len(prose) == 1 and re.search("[，。；]", prose[0]) else ""


def _blocks(text: str) -> list[tuple[str, str]]:
    """Paragraphs as (label, words): 《title》 or 说明 where one stands before the words, else ""."""
    found: list[tuple[str, list[str]]] = []
    fresh = True
    for line in _CLAUSE.sub("\n", text).splitlines():
        if not line.strip():
            fresh = True
            continue
        label = _LABEL.match(line)
        if label and (label["word"] or label["title"].startswith("《")):
            named = label["title"] if label["title"].startswith("《") else label["word"]
            found.append((named, [label["rest"]]))
        elif found and found[-1][0] and not fresh and not _COVER.search(line):
            found[-1][1].append(line.strip())  # the words under their label go on
        elif found and found[-1][0] and not "".join(found[-1][1]).strip() and not _COVER.search(line):
            found[-1][1].append(line.strip())
        else:
            found.append(("", [line.strip()]))
        fresh = False
    return [(label, "\n".join(lines).strip()) for label, lines in found]


def captioned(campaign: Campaign, groups: Mapping[str, tuple[Group, ...]]) -> dict[str, tuple[Group, ...]]:
    """The works with the captions that the unit's tables give them (作品说明, 作品简介), where none came as a file."""
    tables = [group for item in campaign.items if item.kind == "table" for group in groups.get(item.id, ())]
    rows = [row for table in tables for row in rows_of(table) or () if len(fold(row.caption)) >= LEAST]
    result = dict(groups)
    if not rows:
        return result
    bare = [
        group
        for item in campaign.items
        for group in groups.get(item.id, ())
        if item.kind == "work" and not group.companions and not group.loose and needs_companion(item, group.category)
    ]
    for place, work in paired(rows, bare).items():
        row = rows[place]
        told = replace(work, companions=(_from_row(row.part, row.place, row.caption),))
        result[work.item] = tuple(told if group is work else group for group in result[work.item])
    return result


def _from_row(table: Part, place: str, words: str) -> Part:
    piece = words_as_piece(f"{table.piece.path}#{place}", f"{table.name} 第{place}行", words, table.piece.sha256)
    return replace(table, piece=piece, choice=PieceDecision(piece.path, table.choice.item))
