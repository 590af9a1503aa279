"""The codes of everything the checklist can say, and the one way a finding is written."""

from __future__ import annotations

from collections.abc import Mapping

from archive.records import Finding, Severity
from config.campaign import RuleBase

CODES: Mapping[str, str] = {
    "applicant-repeated": "同一集体在本单位的汇总表中重复",
    "applicant-twice": "同一集体由不同单位申报或报备",
    "bit-rate-too-high": "视频码率高于要求",
    "bit-rate-too-low": "视频码率低于要求",
    "cannot-open": "文件打不开或无法识别",
    "category-unknown": "未能确定作品类别，按类别提出的要求无法核对",
    "class-differs": "汇总表所填类别与收到的文件不一致",
    "columns-missing": "表格缺少通知规定的栏目",
    "crashed": "程序未能读完该文件",
    "damaged": "文件已损坏",
    "disc-unreadable": "光盘或其中的文件无法读取",
    "disc-unsorted": "已登记光盘或纸质件，但未注明是哪项材料",
    "eligibility-fails": "集体填报的数字不符合申报条件",
    "eligibility-soft": "集体填报的数字不符合建议性的申报条件",
    "empty": "压缩包是空的",
    "encrypted": "文件设有密码",
    "extension-differs": "文件名后缀与实际格式不一致",
    "file-not-in-table": "收到的作品未列入汇总表",
    "filing-pending": "网上报备尚待管理单位审核",
    "filing-returned": "网上报备被管理单位退回",
    "group-too-large": "一组作品的图片多于要求",
    "group-too-small": "一组作品的图片少于要求",
    "header-missing": "表头未填写完整",
    "identity-card": "含身份证号或身份证照片",
    "late": "截止时间之后收到",
    "left-out": "压缩包里有未取出的链接或不合规范的路径",
    "name-differs": "邮件主题或文件名未按通知要求命名",
    "near-duplicate": "一组图片中有几乎相同的",
    "nil-return": "报送单位声明没有这项材料（零报告）",
    "no-companion": "作品缺少应附的文字说明或表格",
    "no-editable": "缺少可编辑的电子版",
    "no-scan": "缺少扫描件",
    "not-evaluated": "无法自动核对，需人工查看",
    "not-filed": "未见网上报备",
    "not-understood": "来件已保存，但未能读取其内容",
    "pixels-too-large": "图片像素高于要求",
    "pixels-too-small": "图片像素低于要求",
    "promised-file": "文件以链接发来，尚未下载",
    "resolution-too-large": "视频分辨率高于要求",
    "resolution-too-small": "视频分辨率低于要求",
    "row-without-file": "汇总表所列作品未收到",
    "same-file": "同一封信里有同一个文件",
    "scan-without-text": "扫描件没有文字，字数需人工核对",
    "seal-unconfirmed": "公章尚未经人工确认",
    "secrecy-mark": "标有密级",
    "size-too-large": "文件大于要求",
    "size-too-small": "文件小于要求",
    "subkind-undeclared": "未注明作品种类，仅符合较宽的要求",
    "table-empty": "表格没有填写内容",
    "title-differs": "汇总表所填名称与收到的文件略有不同",
    "too-few": "件数少于要求",
    "too-few-characters": "字数少于要求",
    "too-few-pages": "页数少于要求",
    "too-long": "播放时长超过要求",
    "too-many": "件数多于要求",
    "too-many-characters": "字数超过要求",
    "too-many-pages": "页数多于要求",
    "too-short": "播放时长少于要求",
    "truncated": "文件不完整，未传输完",
    "undecided-piece": "附件尚未确定属于哪项材料",
    "volume-missing": "分卷压缩缺少分卷",
    "wrong-channel": "报送方式与通知要求不同",
    "wrong-format": "文件格式不符合要求",
}
"""Every code with its meaning; docs/findings.md tells more of each."""

STAFF_CODES = frozenset(
    {
        "applicant-twice",
        "category-unknown",
        "crashed",
        "disc-unsorted",
        "eligibility-fails",
        "not-evaluated",
        "not-understood",
        "promised-file",
        "scan-without-text",
        "seal-unconfirmed",
        "undecided-piece",
    }
)
"""What waits for a person of the office: the item is `review`, and the unit is never told of it as a fault."""

FILING_CODES = frozenset({"filing-pending", "filing-returned", "not-filed"})
"""What is asked of a unit in another system: it makes no file faulty, and letters speak of it by a fresh list only."""

OFFICE_CODES = STAFF_CODES | {"secrecy-mark", "identity-card"}
"""What the office is to do something about, not the unit."""


def finding(
    code: str,
    text: str,
    *,
    rule: RuleBase | None = None,
    severity: Severity | None = None,
    number: str | None = None,
    piece: str | None = None,
    work: str | None = None,
    seen: str = "",
    wanted: str = "",
) -> Finding:
    """A finding with the rule's own severity and sentence; what waits for staff is always advice to the unit."""
    if code not in CODES:
        raise ValueError(f"unknown finding code {code}")
    weight: Severity = severity or (rule.severity if rule else "demand")
    if code in STAFF_CODES:
        weight = "advice"
    return Finding(code, weight, number, piece, work, seen, wanted, rule.quote if rule else None, text)


def called(name: str) -> str:
    """A name in quotation marks, unless it has its own (“改革开放青观察”图片作品)."""
    return name if "“" in name else f"“{name}”"
