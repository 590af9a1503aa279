"""四性检测: is a 件 authentic, complete, usable and safe, check by check, as far as a program can tell. Pure.

The four names are those of DA/T 70; the checks are our own, and no conformance to that standard is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from archive.damages import Damage
from archive.records import Decision, Piece, Submission

Result = Literal["pass", "fail", "not-applicable"]
WORDS: Mapping[Result, str] = {"pass": "合格", "fail": "不合格", "not-applicable": "不适用"}
NATURES = ("真实性", "完整性", "可用性", "安全性")
NOTE = "参照 DA/T 70 的四性划分；检测项目由本系统自定，不代表符合该标准。"
RUNNABLE = frozenset({"exe", "lnk", "url", "swf", "bat", "js", "vbs", "jar"})
"""Types of files that run something when opened."""


@dataclass(frozen=True)
class Check:
    """One check. id: stable. detail: one Chinese sentence or fragment, "" when there is nothing to add."""

    nature: str
    id: str
    name: str
    result: Result
    detail: str = ""


@dataclass(frozen=True)
class Seen:
    """What is known of one 件 at `at` (UTC). damages: of its object, found now. files: that its newest version holds.

    read_before: when it was last read before now. copied: when it was copied; withheld: why it is not; second: whether
    there is a second copy at all. sender: pass, fail or unknown, and the server's words. open_links: files it points
    to that are still to come. chain: whether the chain of events is whole, None where nothing tells.
    """

    number: str
    at: datetime
    submission: Submission | None
    decision: Decision | None
    damages: Sequence[Damage] = ()
    files: int = 0
    read_before: datetime | None = None
    days: int = 90
    second: bool = False
    copied: datetime | None = None
    withheld: str | None = None
    sender: tuple[str, str] = ("unknown", "")
    open_links: int = 0
    chain: bool | None = None


@dataclass(frozen=True)
class Inspection:
    """One 件 with its checks."""

    number: str
    subject: str
    unit: str
    checks: tuple[Check, ...]

    def of(self, nature: str) -> Result:
        """A nature fails when one of its checks does; it is not applicable when none applies."""
        results = {check.result for check in self.checks if check.nature == nature}
        return "fail" if "fail" in results else "pass" if "pass" in results else "not-applicable"

    @property
    def result(self) -> Result:
        """Of all four."""
        results = {self.of(nature) for nature in NATURES}
        return "fail" if "fail" in results else "pass"


def inspect(seen: Seen, unit: str) -> Inspection:
    """All checks of one 件; unit: how the unit is called, "" when undecided."""
    subject = seen.submission.mail.subject if seen.submission is not None else ""
    discarded = seen.decision is not None and seen.decision.discarded
    checks = _of_tombstone(seen) if discarded else _of_living(seen)
    return Inspection(seen.number, subject, unit, tuple(checks))


def _of_tombstone(seen: Seen) -> Iterator[Check]:
    codes = "、".join(sorted({one.code for one in seen.damages}))
    yield _check("真实性", "tombstone", "撤销记录", not seen.damages, codes or "内容已依权限移除，留有记录")
    for nature in NATURES[1:]:
        yield Check(nature, "discarded", "已撤销", "not-applicable")


def _of_living(seen: Seen) -> Iterator[Check]:
    yield from _authentic(seen)
    yield from _complete(seen)
    yield from _usable(seen)
    yield from _safe(seen)


def _check(nature: str, id: str, name: str, good: bool, detail: str = "") -> Check:
    return Check(nature, id, name, "pass" if good else "fail", detail)


def _absent(nature: str, id: str, name: str, why: str) -> Check:
    return Check(nature, id, name, "not-applicable", why)


def _named(damages: Sequence[Damage]) -> str:
    return "；".join(f"{one.code} {one.path}" for one in damages[:3]) + (f"等 {len(damages)} 处" if damages[3:] else "")


def _authentic(seen: Seen) -> Iterator[Check]:
    came = seen.submission
    traced = came is not None and bool(came.source.uid or came.source.path or came.channel != "mail")
    where = f"{came.source.mailbox}/{came.source.folder}，UID {came.source.uid}" if came and came.source.uid else ""
    yield _check("真实性", "source", "来源有登记", traced, where or (came.source.path if came else "没有登记"))
    bytes_ = [one for one in seen.damages if one.path.endswith(("message.eml", "manifest.txt"))]
    digest = came.sha256 if came is not None else ""
    yield _check("真实性", "digest", "原件与收到时一致", not bytes_ and came is not None, _named(bytes_) or digest)
    told = [one for one in seen.damages if one.code in ("ledger-differs", "tombstone")]
    yield _check("真实性", "ledger", "登记与台账一致", not told, "；".join(one.text for one in told))
    result, words = seen.sender
    if result == "unknown":
        yield _absent("真实性", "sender", "发件人验证", "收信服务器没有可信的验证结果")
    else:
        yield _check("真实性", "sender", "发件人验证", result == "pass", words)
    if seen.chain is None:
        yield _absent("真实性", "chain", "过程记录相连", "没有可核对的链条")
    else:
        yield _check("真实性", "chain", "过程记录相连", seen.chain)


def _complete(seen: Seen) -> Iterator[Check]:
    lost = [one for one in seen.damages if one.code not in ("ledger-differs", "tombstone")]
    yield _check("完整性", "files", "文件齐全无损", not lost, _named(lost) or f"{seen.files} 个文件与清单一致")
    came = seen.submission
    if came is None:
        yield _check("完整性", "metadata", "登记项齐全", False, "没有登记")
        return
    blank = [name for name, value in (("发件人", came.mail.sender), ("校验值", came.sha256)) if not value]
    if came.channel != "mail":
        blank = [name for name in blank if name != "发件人"]
    decision = seen.decision
    if decision is None or (decision.role == "submission" and not (decision.campaign and decision.unit)):
        blank.append("活动或单位")
    yield _check("完整性", "metadata", "登记项齐全", not blank, f"缺{'、'.join(blank)}" if blank else "")
    if decision is None or not any(one.kind == "link" for one in decision.announced):
        yield _absent("完整性", "links", "以链接寄来的文件", "没有")
    else:
        yield _check("完整性", "links", "以链接寄来的文件", not seen.open_links, f"{seen.open_links} 个还没有取回")


def _usable(seen: Seen) -> Iterator[Check]:
    came = seen.submission
    yield _check(
        "可用性", "read", "邮件可读", came is not None and came.understood, (came.trouble or "") if came else ""
    )
    pieces = came.pieces if came is not None else ()
    if not pieces:
        yield _absent("可用性", "open", "附件打得开", "没有附件")
        yield _absent("可用性", "format", "附件格式可识别", "没有附件")
        return
    shut = [one for one in pieces if one.problem or one.facts.encrypted or one.facts.truncated or one.facts.error]
    yield _check("可用性", "open", "附件打得开", not shut, _names(shut) or f"{len(pieces)} 个")
    odd = [one for one in pieces if one.facts.type in ("unknown", "empty", "")]
    types = "、".join(sorted({one.facts.type for one in pieces}))
    yield _check("可用性", "format", "附件格式可识别", not odd, _names(odd) or types)


def _names(pieces: Sequence[Piece]) -> str:
    return "、".join(one.name or one.path for one in pieces[:5]) + (f"等 {len(pieces)} 个" if pieces[5:] else "")


def _safe(seen: Seen) -> Iterator[Check]:
    pieces = seen.submission.pieces if seen.submission is not None else ()
    yield _absent("安全性", "virus", "病毒检测", "本系统不查毒，请用本单位的杀毒软件")
    run = [one for one in pieces if one.facts.type in RUNNABLE]
    yield _check("安全性", "runnable", "没有可执行文件", not run, _names(run))
    marks = sorted({mark for one in pieces for mark in one.facts.marks})
    yield _check("安全性", "marks", "没有密级标志和身份证件", not marks, "、".join(marks))
    if seen.withheld or not seen.second:
        yield _absent("安全性", "copy", "有第二份存档", seen.withheld or "没有设第二份存档")
    else:
        yield _check("安全性", "copy", "有第二份存档", seen.copied is not None, "" if seen.copied else "还没有复制")
    late = seen.read_before is not None and seen.at - seen.read_before > timedelta(days=seen.days)
    before = f"上次 {seen.read_before:%Y-%m-%d}" if seen.read_before is not None else "这是第一次"
    yield _check("安全性", "fixity", f"{seen.days} 天内校验过", not late, before)
