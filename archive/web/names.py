"""What staff call things: kinds of lines in the queue, of letters and of events, roles and channels."""

from __future__ import annotations

QUEUE = {
    "unknown-unit": "单位未定", "unknown-campaign": "活动未定", "failed-sender-check": "发信人存疑",
    "undecided-piece": "材料未定", "seal": "公章", "sub-kind": "种类未定", "supersede-or-add": "更换或另增",
    "promised-file": "链接待下载", "query": "咨询", "withdrawal": "要求撤回", "kept-not-understood": "未能解析",
    "marked": "涉密或证件", "applicant-twice": "重复申报", "rule-fails-for-many": "要求待确认", "amended": "通知有变",
    "broken-template": "信件模板", "wording-approval": "用语待审定", "bounced": "退信", "mailbox-full": "对方邮箱满",
    "complaint": "投诉", "letter-failed": "信未发出", "letter-expired": "信已过期", "mailbox-down": "邮箱故障",
    "smtp-down": "发信故障", "taken-for-spam": "被当垃圾邮件", "folder-refused": "文件夹打不开",
    "settle-refused": "标记失败", "sent-copy": "副本未存", "mail-failed": "取不回", "mail-left": "过大未取",
    "digest-to-unit": "摘要收件人", "damage": "档案损坏",
}  # fmt: skip
LETTERS = {
    "receipt": "回执", "complete": "回执（件数已齐）", "thanks": "回执（随报）", "neutral": "回执（单位待定）",
    "shortfall": "补报通知", "problem": "来件问题", "change": "更正、延期", "reminder": "报送提醒",
    "overdue": "逾期提示", "digest": "每日摘要",
}  # fmt: skip
STATES = {
    "planned": "计划", "draft": "待放行", "held": "暂缓", "queued": "待发", "sending": "发送中", "sent": "已发",
    "deferred": "稍后重发", "failed": "失败", "bounced": "退信", "cancelled": "取消",
}  # fmt: skip
ROLES = {
    "submission": "报送", "query": "咨询", "withdrawal": "要求撤回", "machine": "机器来信", "report": "退信、回条",
    "own": "我方来信", "unrelated": "无关", "discarded": "已销毁",
}  # fmt: skip
CHANNELS = {
    "mail": "邮件", "disc": "光盘", "upload": "上传", "hand": "当面或其他渠道", "paper": "纸质",
    "external": "系统外",
}  # fmt: skip
WAYS = {
    "paper": "纸质", "disc": "光盘", "external": "系统外办结", "seal": "公章已核", "accept": "认可渠道",
    "link": "链接已处理", "eligible": "符合条件", "upto": "登记截至",
}  # fmt: skip
EVENTS = {
    "accepted": "收存", "seen-again": "再次见到", "decided": "改判", "undone": "撤销", "discarded": "销毁",
    "letter-written": "拟信", "letter-sent": "发信", "letter-queued": "放行", "letter-held": "暂缓",
    "letter-cancelled": "取消", "letter-failed": "发信失败", "letter-deferred": "稍后重发", "letter-bounced": "退信",
    "registered": "登记", "noted": "记电话", "question-settled": "处理待核对", "account-changed": "人员变动",
    "password-changed": "改密码", "invitation-made": "发一次性链接", "token-made": "建接口口令",
    "way-in-shut": "收回登录",
}  # fmt: skip


def kind_name(kind: str) -> str:
    """A kind of line in the queue."""
    return QUEUE.get(kind, kind)
