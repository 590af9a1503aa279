"""One small function a rule: a work held against one sentence of the notice gives findings a clerk can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from archive.judging.alike import nearly_equal
from archive.judging.findings import finding
from archive.judging.kinds import (
    EDITABLE,
    MEDIA,
    PICTURES,
    SHORTCUTS,
    SOUNDS,
    TABLES,
    TEXTS,
    VIDEOS,
    promised,
    same,
    stem,
)
from archive.judging.parts import Group, Part
from archive.records import Finding, Severity
from config.campaign import (
    BitRateRule,
    CharactersRule,
    CompanionRule,
    DurationRule,
    FormatRule,
    GroupRule,
    PagesRule,
    PairRule,
    PixelsRule,
    RuleBase,
    SizeRule,
)

_NOUNS = ((PICTURES, "图片"), (VIDEOS, "视频"), (SOUNDS, "音频"), (TABLES, "表格"), (TEXTS, "文档"))


def noun(part: Part) -> str:
    """图片 3.jpg, 视频 宣传片.wmv: what the unit calls this file; of a picture in a document, which."""
    kind = "csv" if promised(part.name) == "csv" else part.type
    word = next((word for kinds, word in _NOUNS if kind in kinds), "文件")
    return f"{part.inside} 中的{word} {part.name}" if part.inside else f"{word} {part.name}"


def about(
    rule: RuleBase | None,
    code: str,
    group: Group,
    part: Part | None,
    text: str,
    seen: str = "",
    wanted: str = "",
    severity: Severity | None = None,
) -> Finding:
    """A finding on one file of a work, or on the work."""
    return finding(
        code,
        text,
        rule=rule,
        severity=severity,
        number=part.number if part else group.number,
        piece=part.piece.path if part else None,
        work=group.key,
        seen=seen,
        wanted=wanted,
    )


def unknown(rule: RuleBase, group: Group, part: Part | None, what: str, wanted: str = "") -> list[Finding]:
    """What could not be measured: a demand waits for a person, never passes; advice is left alone."""
    if rule.severity == "advice":
        return []
    name = noun(part) if part else f"《{group.title}》"
    ask = f"，要求{wanted}" if wanted else ""
    return [
        about(rule, "not-evaluated", group, part, f"{name} 的{what}未能自动测出{ask}，请人工核对", "未测出", wanted)
    ]


# --- whether a file can be read at all ----------------------------------------------------------------------------


def unreadable(part: Part) -> tuple[str, str] | None:
    """(code, sentence) when the file cannot be used as it came, with the way out; None when it can.

    What our own program could not get through is no fault of the unit's: `crashed` waits for a person.
    """
    facts, problem = part.piece.facts, part.piece.problem
    name = noun(part)
    if facts.type in SHORTCUTS:
        return "cannot-open", f"{name} 是快捷方式（网址），不是文件本身，请发送文件本身"
    if problem == "volume-missing":
        lack = facts.error or "缺少部分分卷"
        return problem, f"{name} {lack}，请把全部分卷放在同一封邮件里重发，或不分卷压缩"
    if facts.encrypted or problem == "encrypted":
        return "encrypted", f"{name} 设有密码，无法打开，请去掉密码后重发"
    if facts.truncated or problem == "truncated":
        return "truncated", f"{name} 不完整，可能未传输完，请重发完整文件"
    if problem in _WAYS_OUT:
        code, way = _WAYS_OUT[problem]
        return code, f"{name} {way}"
    if problem == "crashed" or (facts.error or "").startswith(_OURS):
        return "crashed", f"{name} 未能自动读完（{facts.error or '打开时程序意外终止'}），请人工打开查看"
    if facts.error or problem:
        why = f"（{facts.error}）" if facts.error else ""
        return "cannot-open", f"{name} 未能打开{why}，请检查后重发"
    return None


_WAYS_OUT: Mapping[str | None, tuple[str, str]] = {
    "damaged": ("damaged", "已损坏，无法打开，请检查后重发"),
    "empty": ("empty", "是空的，请核对后重发"),
    "bomb": ("cannot-open", "解开后过大，未予打开，请分开重发"),
    "too-deep": ("cannot-open", "压缩层数过多，未能打开，请解开后重发"),
    "too-many": ("cannot-open", "内的文件过多，未能全部打开，请分成几个压缩包重发"),
    "unsupported": ("cannot-open", "的压缩方式无法识别，请改用 zip 格式压缩后重发"),
    "link": ("cannot-open", "里只有快捷方式或链接，没有文件本身，请放入文件后重发"),
    "unsafe-name": ("cannot-open", "里的文件名不合规范，未能取出，请改名后重发"),
}
"""Problems of opening: the finding and what the unit can do."""
_OURS = ("测量", "未能测量")
"""How the worker's own troubles with a file begin."""


def readable(group: Group) -> tuple[list[Finding], list[Part], list[Part]]:
    """(findings, parts, companions): what cannot be opened is told once and not judged further."""
    found: list[Finding] = []
    fine: list[list[Part]] = []
    for parts in (group.parts, group.companions):
        good = []
        for part in parts:
            trouble = unreadable(part)
            if trouble is None:
                good.append(part)
            else:
                found.append(about(None, trouble[0], group, part, trouble[1], "无法读取", "能正常打开"))
        fine.append(good)
    return found, fine[0], fine[1]


# --- rules on one work: (rule, group, its readable parts, its readable companions) -> findings ---------------------


def check_format(rule: FormatRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """Format by content; where the notice's list ends in 等 another format is advice at most."""
    asked = {same(kind) for kind in rule.any_of}
    wanted = "、".join(kind.upper() for kind in rule.any_of)
    severity: Severity = "advice" if rule.open_list else rule.severity
    found = []
    for part in parts:
        if part.type in ("", "unknown", "bin", "data"):
            found += unknown(rule, group, part, "格式", f"为 {wanted}")
        elif part.type not in asked:
            fact = "实为" if promised(part.name) in asked else "为"
            text = f"{noun(part)} {fact} {part.type.upper()} 格式，要求为 {wanted}，请按要求的格式重发"
            found.append(about(rule, "wrong-format", group, part, text, part.type.upper(), wanted, severity))
    return found


def check_pixels(rule: PixelsRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """Long side with long side, short with short: a portrait picture passes as its landscape twin does."""
    least, most = _sides(rule.min_width, rule.min_height), _sides(rule.max_width, rule.max_height)
    found: list[Finding] = []
    visual = _of(parts, PICTURES | VIDEOS)
    if not visual:
        return unknown(rule, group, None, "像素", _size_text(least) or _size_text(most))
    for part in visual:
        width, height = part.piece.facts.width, part.piece.facts.height
        if not width or not height:
            found += unknown(rule, group, part, "像素", f"不低于 {_size_text(least)}")
            continue
        sides = (max(width, height), min(width, height))
        word = "pixels" if part.type in PICTURES else "resolution"
        seen = f"{width}×{height}"
        if any(bound is not None and side < bound for side, bound in zip(sides, least, strict=True)):
            wanted = f"不低于 {_size_text(least)}"
            way = "请发送原图" if word == "pixels" else "请按要求重新导出后重发"
            way = "请把原图作为附件单独发送，不放在文档里" if part.inside else way
            text = f"{noun(part)} 为 {seen}，要求{wanted}，{way}"
            found.append(about(rule, f"{word}-too-small", group, part, text, seen, wanted))
        if any(bound is not None and side > bound for side, bound in zip(sides, most, strict=True)):
            wanted = f"不超过 {_size_text(most)}"
            text = f"{noun(part)} 为 {seen}，要求{wanted}，请缩小后重发"
            found.append(about(rule, f"{word}-too-large", group, part, text, seen, wanted))
    return found


def _sides(width: int | None, height: int | None) -> tuple[int | None, int | None]:
    if width is not None and height is not None:
        return max(width, height), min(width, height)
    return width, height


def _size_text(sides: tuple[int | None, int | None]) -> str:
    if sides[0] is not None and sides[1] is not None:
        return f"{sides[0]}×{sides[1]}"
    return f"长边 {sides[0]}" if sides[0] is not None else f"短边 {sides[1]}" if sides[1] is not None else ""


def check_duration(rule: DurationRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """Playing time in whole seconds, as players show it (30.04 s is 30 s); H5, which has none, waits for a person."""
    return _bounded(
        rule,
        group,
        [part for part in parts if part.type in VIDEOS | SOUNDS or part.piece.facts.duration is not None],
        lambda part: _whole(part.piece.facts.duration),
        rule.min,
        rule.max,
        ("时长", seconds, "too-short", "too-long", "请补足后重发", "请剪辑后重发"),
    )


def _whole(duration: float | None) -> float | None:
    return None if duration is None else float(int(duration + 0.5))


def check_bit_rate(rule: BitRateRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """Video bit rate in bit/s."""
    tell = (
        "视频码率",
        kbps,
        "bit-rate-too-low",
        "bit-rate-too-high",
        "请按要求重新导出后重发",
        "请按要求重新导出后重发",
    )
    videos = _of(parts, VIDEOS)
    return _bounded(rule, group, videos, lambda part: part.piece.facts.video_bit_rate, rule.min, rule.max, tell)


def check_size(rule: SizeRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """File size in bytes."""
    tell = ("大小", megabytes, "size-too-small", "size-too-large", "请发送原文件", "请压缩后重发")
    return _bounded(rule, group, parts, lambda part: part.piece.size, rule.min, rule.max, tell)


def check_pages(rule: PagesRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """Pages of a document; the one version that tells is enough."""
    tell = (
        "页数",
        lambda pages: f"{pages:.0f}页",
        "too-few-pages",
        "too-many-pages",
        "请补充后重发",
        "请压缩篇幅后重发",
    )
    known = [part for part in parts if part.piece.facts.pages is not None]
    return _bounded(rule, group, known or _texts(parts), lambda part: part.piece.facts.pages, rule.min, rule.max, tell)


def check_characters(
    rule: CharactersRule, group: Group, parts: Sequence[Part], companions: Sequence[Part]
) -> list[Finding]:
    """字数 as Word counts it; a little over (the rule's tolerance) is advice. No companion: another rule's matter."""
    texts = _texts(companions if rule.of == "companion" else parts)
    if not texts:
        if rule.of == "companion":
            return []
        return unknown(rule, group, None, "字数", _bounds(rule.min, rule.max, characters))
    known = [part for part in texts if part.piece.facts.characters and not part.piece.facts.scanned]
    editable = [part for part in known if part.type in EDITABLE]
    found: list[Finding] = []
    if rule.of == "companion":
        for part in texts:
            found += _characters(rule, group, part)
        return found
    if not known:
        return _characters(rule, group, texts[0])
    return _characters(rule, group, max(editable or known, key=lambda part: part.piece.facts.characters or 0))


def _characters(rule: CharactersRule, group: Group, part: Part) -> list[Finding]:
    count = part.piece.facts.characters
    if (part.piece.facts.scanned or count == 0) and rule.severity == "demand":
        return [_scanned(rule, group, part)]
    if count is None:
        return unknown(rule, group, part, "字数", _bounds(rule.min, rule.max, characters))
    if rule.max is not None and count > rule.max:
        little = count <= rule.max * (1 + rule.tolerance)
        severity: Severity = "advice" if little else rule.severity
        way = "略多于要求，供参考" if little else "请精简后重新发送"
        text = f"{noun(part)} 为{count}字，要求不超过{rule.max}字，{way}"
        return [about(rule, "too-many-characters", group, part, text, f"{count}字", f"不超过{rule.max}字", severity)]
    if rule.min is not None and count < rule.min:
        little = count >= rule.min * (1 - rule.tolerance)
        severity = "advice" if little else rule.severity
        way = "略少于要求，供参考" if little else "请补充后重发"
        text = f"{noun(part)} 为{count}字，要求不少于{rule.min}字，{way}"
        return [about(rule, "too-few-characters", group, part, text, f"{count}字", f"不少于{rule.min}字", severity)]
    return []


def _scanned(rule: CharactersRule, group: Group, part: Part) -> Finding:
    wanted = _bounds(rule.min, rule.max, characters)
    what = "是扫描件，没有文字" if part.piece.facts.scanned else "没有文字（图片、扫描件或空白文件）"
    text = f"{noun(part)} {what}，字数需人工核对，要求{wanted}；可请单位另发可编辑的电子版"
    return about(rule, "scan-without-text", group, part, text, "没有文字", wanted)


def check_group(rule: GroupRule, group: Group, _: Sequence[Part], __: Sequence[Part]) -> list[Finding]:
    """How many pictures are one work; a picture that cannot be opened came all the same."""
    count = len(_of(group.parts, PICTURES))
    if count == 0:
        return unknown(rule, group, None, "图片张数", _bounds(rule.min, rule.max, lambda n: f"{n:.0f}张"))
    if rule.min is not None and count < rule.min:
        text = f"《{group.title}》共{count}张图片，要求每组不少于{rule.min}张，请补报{rule.min - count}张"
        if rule.severity == "advice":
            text = f"《{group.title}》共{count}张图片，以不少于{rule.min}张为宜，供参考"
        return [about(rule, "group-too-small", group, None, text, f"{count}张", f"不少于{rule.min}张")]
    if rule.max is not None and count > rule.max:
        text = f"《{group.title}》共{count}张图片，要求每组不超过{rule.max}张，请说明取哪{rule.max}张"
        if rule.severity == "advice":
            text = f"《{group.title}》共{count}张图片，以不超过{rule.max}张为宜，供参考"
        return [about(rule, "group-too-large", group, None, text, f"{count}张", f"不超过{rule.max}张")]
    return []


def check_companion(rule: CompanionRule, group: Group, _: Sequence[Part], __: Sequence[Part]) -> list[Finding]:
    """Something must come with the work: a filled-in form (a table, or a document that is one), or words."""
    if any(rule.what == "text" or _is_form(part) for part in _of(group.companions, TEXTS | TABLES)):
        return []
    what = "文字说明" if rule.what == "text" else "表格"
    if not _of(group.parts, MEDIA) and len(group.parts) > 1:
        return unknown(rule, group, None, f"所附{what}")
    text = f"《{group.title}》未附{what}，请补报{what}"
    return [about(rule, "no-companion", group, None, text, f"无{what}", f"附{what}")]


def _is_form(part: Part) -> bool:
    """A table, or a document with the name or the fields of a form (登记表, 推荐表)."""
    return (
        part.type in TABLES
        or stem(part.name).rstrip("0123456789()（）").endswith("表")
        or len(part.piece.facts.header) >= 2
    )


def check_pair(rule: PairRule, group: Group, parts: Sequence[Part], _: Sequence[Part]) -> list[Finding]:
    """The same document twice: once editable, once as a scan."""
    found = []
    kinds = {part.type for part in parts}
    if not kinds & {same(kind) for kind in rule.editable}:
        text = f"《{group.title}》缺少可编辑的电子版（{'、'.join(rule.editable)}），请补报"
        found.append(about(rule, "no-editable", group, None, text, "无电子版", "、".join(rule.editable)))
    if not kinds & {same(kind) for kind in rule.scan}:
        text = f"《{group.title}》缺少扫描件（{'、'.join(rule.scan)}），请补报"
        found.append(about(rule, "no-scan", group, None, text, "无扫描件", "、".join(rule.scan)))
    return found


_ALIKE = ({"wmv", "asf"}, {"csv", "txt"})
"""Formats of which one is written as the other."""


def suffixes(group: Group, parts: Iterable[Part], told: Iterable[Finding]) -> list[Finding]:
    """A suffix that promises another format than the content: advice, unless the format was already told."""
    known = {(one.number, one.piece) for one in told}
    found = []
    for part in parts:
        says = promised(part.name)
        if says and part.type in MEDIA | TEXTS | TABLES and says != part.type:
            if (part.number, part.piece.path) in known or {says, part.type} in _ALIKE:
                continue
            text = f"{part.name} 的后缀与内容不一致，实为 {part.type.upper()} 格式，供核对"
            seen, wanted = part.type.upper(), says.upper()
            found.append(about(None, "extension-differs", group, part, text, seen, wanted, "advice"))
    return found


def twins(group: Group, parts: Sequence[Part]) -> list[Finding]:
    """The same file twice in one mail, or pictures of one set that are one picture: advice, to look again."""
    found = []
    for one, other in group.repeated:
        told = "只计一张，请核对" if one.type in PICTURES else "只计一件，请核对是否发错"
        text = f"{noun(other)} 与 {one.name} 是同一个文件，{told}"
        found.append(about(None, "same-file", group, one, text, "同一文件", "各不相同", "advice"))
    pictures = _of(parts, PICTURES)
    for place, one in enumerate(pictures):
        like = [each.name for each in pictures[place + 1 :] if nearly_equal(_print(one), _print(each))]
        if like:
            text = f"{noun(one)} 与 {'、'.join(like)} 几乎相同，请核对是否重复"
            found.append(about(None, "near-duplicate", group, one, text, "几乎相同", "各不相同", "advice"))
    return found


def _print(part: Part) -> str | None:
    return part.piece.facts.fingerprint


def flags(group: Group) -> list[Finding]:
    """What must not travel further: marks of secrecy and identity cards, for the office alone."""
    found = []
    for part in (*group.parts, *group.companions):
        for mark in part.piece.facts.marks:
            if mark.startswith("身份证"):
                text = f"{noun(part)} 含{mark}，请注意保护，不要转发或导出"
                found.append(about(None, "identity-card", group, part, text, mark, "", "advice"))
            else:
                text = f"{noun(part)} 标有“{mark}”，请停止预览和转发，报负责人处理"
                found.append(about(None, "secrecy-mark", group, part, text, mark, "", "advice"))
    return found


# --- shared -------------------------------------------------------------------------------------------------------

Tell = tuple[str, Callable[[float], str], str, str, str, str]
"""What is measured, how a value is written, the codes for too little and too much, the way out of each."""


def _bounded(
    rule: RuleBase,
    group: Group,
    parts: Sequence[Part],
    value: Callable[[Part], float | None],
    least: float | None,
    most: float | None,
    tell: Tell,
) -> list[Finding]:
    what, write, low, high, low_way, high_way = tell
    if not parts:
        return unknown(rule, group, None, what, _bounds(least, most, write))
    found: list[Finding] = []
    for part in parts:
        seen = value(part)
        if seen is None:
            found += unknown(rule, group, part, what, _bounds(least, most, write))
        elif least is not None and seen < least:
            text = f"{noun(part)} {what}为 {write(seen)}，要求不低于{write(least)}，{low_way}"
            found.append(about(rule, low, group, part, text, write(seen), f"不低于{write(least)}"))
        elif most is not None and seen > most:
            text = f"{noun(part)} {what}为 {write(seen)}，要求不超过{write(most)}，{high_way}"
            found.append(about(rule, high, group, part, text, write(seen), f"不超过{write(most)}"))
    return found


def _bounds(least: float | None, most: float | None, write: Callable[[float], str]) -> str:
    ends = [f"不少于{write(least)}" if least is not None else "", f"不超过{write(most)}" if most is not None else ""]
    return "、".join(end for end in ends if end)


def _of(parts: Iterable[Part], kinds: Iterable[str]) -> list[Part]:
    allowed = frozenset(kinds)
    return [part for part in parts if part.type in allowed]


def _texts(parts: Iterable[Part]) -> list[Part]:
    return [part for part in parts if part.type in TEXTS | TABLES or part.piece.facts.characters is not None]


def characters(count: float) -> str:
    """2000 → 2000字."""
    return f"{count:.0f}字"


def seconds(value: float) -> str:
    """92 → 1分32秒; 30 → 30秒."""
    minutes, rest = divmod(value, 60)
    tail = f"{rest:g}秒" if rest or not minutes else ""
    return f"{minutes:.0f}分{tail}" if minutes else tail


def kbps(value: float) -> str:
    """20000000 bit/s → 20000kbps; 229116 → 229.1kbps, cut, so that what is too little never looks enough."""
    return f"{int(value / 100) / 10:.9g}kbps"


def megabytes(value: float) -> str:
    """Bytes as a clerk reads them."""
    return f"{value / 1024 / 1024:.1f}MB" if value >= 1024 * 1024 else f"{value / 1024:.1f}KB"


Check = Callable[[Any, Group, Sequence[Part], Sequence[Part]], list[Finding]]

WORK_RULES: dict[str, Check] = {
    "format": check_format,
    "pixels": check_pixels,
    "duration": check_duration,
    "video_bit_rate": check_bit_rate,
    "size": check_size,
    "characters": check_characters,
    "pages": check_pages,
    "group": check_group,
    "companion": check_companion,
    "pair": check_pair,
}
"""The rules that speak about one work, by the name of their check."""
