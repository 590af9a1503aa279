"""What each kind of letter is called: in its subject, and for staff. Whoever names a letter asks here."""

from __future__ import annotations

from collections.abc import Mapping

from archive.records import LetterKind

SUBJECTS: Mapping[LetterKind, str] = {
    "receipt": "回执",
    "complete": "回执",
    "thanks": "回执",
    "neutral": "回执",
    "shortfall": "补报通知",
    "problem": "来件问题",
    "change": "更正",
    "reminder": "报送提醒",
    "overdue": "逾期提示",
    "digest": "每日摘要",
}
"""What stands between 【 and 】 of the subject."""
LATER, EARLIER = "延期通知", "期限更正"
"""What stands there when a `change` tells of a deadline that was moved."""
FOR_STAFF: Mapping[LetterKind, str] = {
    **SUBJECTS, "complete": "回执（件数已齐）", "neutral": "回执（单位待定）", "change": "更正、延期通知",
}  # fmt: skip
"""How staff tell the kinds apart."""
TO_UNITS = tuple(dict.fromkeys((*(name for kind, name in SUBJECTS.items() if kind != "digest"), LATER, EARLIER)))
"""Every word that may stand between 【 and 】 of a letter to a unit."""
